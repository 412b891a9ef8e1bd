//! All figures at once: fewer samples than Criterion takes, but the same everywhere.

use std::fmt;
use std::hint::black_box;

use crate::cluster::{Cluster, LargeShard};
use crate::{HEAVIEST, LOADS, Run, branch_out, held, moments, paused, timeline};

/// Tells milliseconds since some moment.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// Tells bytes in use, or ever used.
pub type Scales<'a> = &'a dyn Fn() -> u64;

/// Something that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
}

/// A line that a program can take apart again: name, value and unit between tabs.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{:.3}\t{}", self.name, self.value, self.unit)
    }
}

/// Rounds of which the fastest counts: whatever else runs only ever makes one slower.
const ROUNDS: u32 = 9;
/// Steps in a round.
const STEPS: u64 = 50_000;
/// Moments that are sought.
const SEEKS: usize = 500;

/// Steps per second under every load, checked and bare.
pub fn speeds(clock: Clock<'_>) -> Vec<Figure> {
    let both = LOADS.into_iter().flat_map(|load| [(load, true), (load, false)]);
    both.map(|(load, checked)| {
        let go = |mut run: Run| {
            run.go(STEPS, checked);
            run.digest()
        };
        speed(&load.name(), checked, fastest(clock, &Run::started(load), go))
    })
    .collect()
}

/// The same of a sharded store, with shards on the move and without, and how long a large shard's
/// handing over keeps the processor.
pub fn clusters(clock: Clock<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (moving, name) in [(false, "cluster"), (true, "cluster, moving")] {
        let started = Cluster::started(moving);
        let mut moved = started.clone();
        moved.go(STEPS, false);
        assert!(!moving || moved.number() > started.number() + 10, "shards move");
        for checked in [true, false] {
            let go = |mut cluster: Cluster| {
                cluster.go(STEPS, checked);
                cluster.digest()
            };
            figures.push(speed(name, checked, fastest(clock, &started, go)));
        }
    }
    let go = |mut shard: LargeShard| shard.hand_over().steps;
    let value = fastest(clock, &LargeShard::filled(), go);
    figures.push(Figure { name: "10,000 keys handed over".into(), value, unit: "ms" });
    figures
}

/// How long the linearizability checker takes, at once and live.
pub fn checkers(clock: Clock<'_>) -> Vec<Figure> {
    let figures = shardscope_bench_checker::figures(clock).into_iter();
    figures.map(|(name, value)| Figure { name: name.into(), value, unit: "ms" }).collect()
}

fn speed(name: &str, checked: bool, fastest: f64) -> Figure {
    let name = format!("{name}, {}", if checked { "checked" } else { "bare" });
    Figure { name, value: STEPS as f64 / fastest / 1_000.0, unit: "M steps/s" }
}

/// The milliseconds of the fastest round.
fn fastest<T: Clone>(clock: Clock<'_>, started: &T, go: impl Fn(T) -> u64) -> f64 {
    let round = |_| {
        let run = started.clone();
        let start = clock();
        black_box(go(run));
        clock() - start
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// How long seeking takes: median, 95th percentile and the longest.
pub fn seeks(clock: Clock<'_>) -> Vec<Figure> {
    let mut timeline = timeline(HEAVIEST);
    let moments = moments(&timeline, SEEKS);
    let seek = |at| {
        let start = clock();
        timeline.seek(at);
        black_box(timeline.world().digest());
        clock() - start
    };
    let mut times: Vec<f64> = moments.into_iter().map(seek).collect();
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let figure = |name: &str, percent| Figure { name: name.into(), value: at(percent), unit: "ms" };
    vec![figure("seek, median", 50), figure("seek, 95th percentile", 95), figure("seek, max", 100)]
}

/// What a timeline keeps: with one branch, with all that it can have, and where messages pile up.
pub fn sizes(scales: Scales<'_>) -> Vec<Figure> {
    let before = scales();
    let mut timeline = timeline(HEAVIEST);
    let one = scales() - before;
    branch_out(&mut timeline);
    let all = scales() - before;
    // All are kept to the end: what one gave back, another would take.
    let before = scales();
    let paused = paused(HEAVIEST);
    let with_paused = scales() - before;
    let before = scales();
    let held = held(HEAVIEST);
    let with_held = scales() - before;
    black_box((&timeline, &paused, &held));
    let figure = |name: &str, bytes: u64| Figure {
        name: name.into(),
        value: bytes as f64 / 1e6,
        unit: "MB",
    };
    vec![
        figure("timeline, 1 branch", one),
        figure("timeline, 8 branches", all),
        figure("timeline, server paused", with_paused),
        figure("timeline, link held", with_held),
    ]
}
