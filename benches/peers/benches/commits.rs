//! Commits per second of the core's Raft and of its peers.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "Criterion's macros make what they need")]

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use shardscope_peers::{Group, LOADS, Load, Member, Omni, RaftRs, Shardscope};

const COMMITS: u64 = 10_000;

fn commits(criterion: &mut Criterion) {
    for load in LOADS {
        let mut group = criterion.benchmark_group(load.name());
        group.throughput(Throughput::Elements(COMMITS));
        measure::<Shardscope>(&mut group, "shardscope", load);
        measure::<RaftRs>(&mut group, "raft", load);
        measure::<Omni>(&mut group, "omnipaxos", load);
        group.finish();
    }
}

fn measure<M: Member>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, load: Load) {
    if Group::<M>::elected(load.servers, load.notice).is_none() {
        return;
    }
    group.bench_function(name, |bencher| {
        let elected = || Group::<M>::elected(load.servers, load.notice).expect("it was above");
        let run = |mut group| {
            load.run(&mut group, COMMITS);
            group
        };
        bencher.iter_batched(elected, run, BatchSize::PerIteration);
    });
}

criterion_group!(benches, commits);
criterion_main!(benches);
