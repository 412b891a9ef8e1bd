//! Work on every core, with its results in order, that stops when it is asked to.

use std::collections::BTreeMap;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::end::Refusal;

/// Whether somebody asked to stop.
static STOP: AtomicBool = AtomicBool::new(false);

/// Interrupting once stops after the runs that are under way; twice, at once.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let heard = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        if let Err(error) = heard {
            eprintln!("shardscope: an interrupt will end this at once ({error})");
        }
    });
}

/// Does `work` for each seed and hands the results on in the order of the seeds. True: it was
/// stopped before the last.
pub(crate) fn in_order<T: Send>(
    seeds: &[u64],
    jobs: Option<u16>,
    work: impl Fn(u64) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), Refusal>,
) -> Result<bool, Refusal> {
    listen();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0).into()).build();
    let pool = pool.map_err(|error| Refusal(format!("No threads: {error}: try --jobs 1.")))?;
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let mut taken = 0;
    pool.in_place_scope(|scope| {
        for _ in 0..pool.current_num_threads() {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move |_| {
                while !STOP.load(Ordering::SeqCst) {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(seed) = seeds.get(index) else { return };
                    if sender.send((index, work(*seed))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        // Results that are ready before their turn wait here.
        let mut waiting = BTreeMap::new();
        for (index, result) in results {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&taken) {
                if let Err(refusal) = take(result) {
                    STOP.store(true, Ordering::SeqCst);
                    return Err(refusal);
                }
                taken += 1;
            }
        }
        Ok(taken < seeds.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_their_seeds() {
        let seeds: Vec<u64> = (0..200).map(|n| n * 7).collect();
        for jobs in [Some(1), Some(3), Some(8), None] {
            let mut taken = Vec::new();
            let work = |seed: u64| {
                std::thread::sleep(std::time::Duration::from_micros(seed * 7919 % 300));
                seed
            };
            let stopped = in_order(&seeds, jobs, work, |seed| {
                taken.push(seed);
                Ok(())
            });
            assert_eq!((stopped, &taken), (Ok(false), &seeds));
        }
    }
}
