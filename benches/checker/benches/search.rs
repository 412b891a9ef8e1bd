//! The checker, at once and live, beside a plain search, on drawn histories.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "Criterion's macros make what they need")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shardscope_bench_checker::synthetic::{Crowd, events, history};
use shardscope_bench_checker::{PLENTY, keys, live, plain, worst};
use shardscope_core::kv::Kv;
use shardscope_core::linear;

const OPERATIONS: u64 = 1_000;

fn search(criterion: &mut Criterion) {
    for (clients, lost) in [(4, 0), (10, 0), (10, 5), (50, 0)] {
        let events = events(Crowd { operations: OPERATIONS, clients, keys: 10, lost }, 1);
        let (history, keys) = (history(&events), keys(&events));
        let mut group =
            criterion.benchmark_group(format!("{clients} clients, {lost} in 1,000 lost"));
        group.throughput(Throughput::Elements(OPERATIONS));
        group.bench_function("at once", |bencher| {
            bencher.iter(|| black_box(linear::check(&history, PLENTY)));
        });
        group.bench_function("live", |bencher| bencher.iter(|| black_box(live(&events))));
        group.bench_function("plain", |bencher| {
            let search =
                || worst(keys.iter().map(|key| plain::search(&Kv::default(), key, PLENTY)));
            bencher.iter(|| black_box(search()));
        });
        group.finish();
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
