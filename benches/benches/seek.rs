//! Seeking to pseudo-random moments of a long timeline: Criterion's mean, then the distribution,
//! which is what somebody who drags a scrubber feels.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "Criterion's macros make what they need")]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use shardscope_bench::{HEAVIEST, figures, moments, timeline};

fn seek(criterion: &mut Criterion) {
    let mut timeline = timeline(HEAVIEST);
    let mut moments = moments(&timeline, 1_000).into_iter().cycle();
    criterion.bench_function("seek over 100,000 steps", |bencher| {
        bencher.iter(|| timeline.seek(moments.next().expect("a cycle has no end")));
    });
    let start = Instant::now();
    for figure in figures::seeks(&|| start.elapsed().as_secs_f64() * 1_000.0) {
        println!("{:<24} {:>8.3} {}", figure.name, figure.value, figure.unit);
    }
}

criterion_group!(benches, seek);
criterion_main!(benches);
