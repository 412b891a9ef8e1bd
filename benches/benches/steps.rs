//! World steps per second, checked (trace, history, marks, invariants) and bare.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "Criterion's macros make what they need")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use shardscope_bench::{LOADS, Run};

const STEPS: u64 = 10_000;

fn steps(criterion: &mut Criterion) {
    for (checked, kind) in [(true, "checked steps"), (false, "bare steps")] {
        let mut group = criterion.benchmark_group(kind);
        group.throughput(Throughput::Elements(STEPS));
        for load in LOADS {
            let started = Run::started(load);
            group.bench_function(load.name(), |bencher| {
                let go = |mut run: Run| {
                    run.go(STEPS, checked);
                    black_box(run.digest());
                    run
                };
                bencher.iter_batched(|| started.clone(), go, BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
