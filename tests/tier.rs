//! How much is run: the ordinary tier, or the deep one (`cargo xtask test --deep`).

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// So many in the ordinary tier, or in the deep one.
pub(crate) fn count(ordinary: u64, deep: u64) -> u64 {
    if env::var_os("SHARDSCOPE_DEEP").is_some() { deep } else { ordinary }
}

/// The results of `work` for every number of a range, in order, on all cores.
pub(crate) fn parallel<T: Send>(
    numbers: std::ops::Range<u64>,
    work: impl Fn(u64) -> T + Sync,
) -> Vec<T> {
    let next = AtomicU64::new(numbers.start);
    let results = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        break;
                    }
                    let result = catch_unwind(AssertUnwindSafe(|| work(number)));
                    let result = result.unwrap_or_else(|panic| {
                        eprintln!("seed {number} panicked");
                        resume_unwind(panic)
                    });
                    results
                        .lock()
                        .expect("no worker panics while it holds this")
                        .push((number, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("all workers have ended");
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
