//! Prints the core's checker beside a plain search: on recorded histories, whose folder
//! `SHARDSCOPE_HISTORIES` names, and on drawn ones.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use shardscope_bench_checker::synthetic::{Crowd, events};
use shardscope_bench_checker::{Recorded, figures, keys, ours, plain, worst};
use shardscope_core::kv::Kv;
use shardscope_core::linear::{Live, LiveVerdict, Verdict};
use shardscope_core::sim::workload::Pace;
use shardscope_core::sim::{Chronicle, Report, Scenario, World};
use shardscope_core::time::Duration;

/// Rounds of which the fastest counts.
const ROUNDS: u32 = 7;

/// Steps on a drawn history, key by key. The plain search of 100,000 operations copies sets of as
/// many bits, so it gets fewer.
const BUDGET: u64 = 3_000_000;

/// Seconds on the processor, where the system tells (Linux), else since the epoch: other work then
/// makes figures worse.
fn now() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = stat.and_then(|stat| stat.split(' ').next()?.parse::<f64>().ok());
    spent.map_or_else(
        || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |wall| wall.as_secs_f64()),
        |nanoseconds| nanoseconds / 1e9,
    )
}

/// Microseconds of the fastest round, in each of which work is repeated for a millisecond.
fn fastest(mut work: impl FnMut() -> Verdict) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (start, mut times) = (now(), 0.0);
        let spent = loop {
            // Telling the time takes about as long as a short history.
            let repeat = if times > 0.0 && (now() - start) / times < 0.000_1 { 16 } else { 1 };
            for _ in 0..repeat {
                black_box(work());
            }
            times += f64::from(repeat);
            let spent = now() - start;
            if spent > 0.001 {
                break spent;
            }
        };
        best = f64::min(best, spent * 1e6 / times);
        if best > 300_000.0 {
            break;
        }
    }
    best
}

fn recorded(folder: &Path) {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    println!(
        "{:<22}{:>12}{:>12}{:>12}{:>8}{:>8}",
        "history", "ours us", "plain us", "yard us", "", ""
    );
    let (mut product, mut count, mut worst, mut yard) = (0.0, 0.0, f64::INFINITY, 0.0);
    for line in read("expected.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let history = Recorded::read(fields[0], &read(fields[0]));
        let expected = if fields[2] == "true" { Verdict::Linearizable } else { Verdict::Illegal };
        assert_eq!(history.ours(), expected, "{}", fields[0]);
        assert_eq!(history.plain(), expected, "{}", fields[0]);
        let (ours, plain) = (fastest(|| history.ours()), fastest(|| history.plain()));
        let peer = fields[4].parse::<f64>().expect("nanoseconds") / 1_000.0;
        let (times, beside) = (plain / ours, peer / ours);
        println!("{:<22}{ours:>12.1}{plain:>12.1}{peer:>12.1}{times:>8.2}{beside:>8.2}", fields[0]);
        (product, count, yard) = (product + times.ln(), count + 1.0, yard + beside.ln());
        worst = worst.min(times);
    }
    println!(
        "geometric mean of {count}: {:.2} times as fast as the plain search, worst {worst:.2}; \
         {:.2} times the yardstick\n",
        f64::exp(product / count),
        f64::exp(yard / count)
    );
}

fn drawn() {
    println!("{:<44}{:>12}{:>12}{:>8}", "drawn history", "ours us", "plain us", "");
    for operations in [1_000, 10_000, 100_000] {
        for clients in [10, 50, 200] {
            for lost in [0, 5] {
                let crowd = Crowd { operations, clients, keys: 10, lost };
                let keys = keys(&events(crowd, 1));
                let budget = BUDGET / keys.len() as u64;
                let ours = || worst(keys.iter().map(|key| ours(&Kv::default(), key, budget)));
                // Sets of as many bits as operations, copied at each step: fewer steps suffice to
                // tell.
                let less = budget / (operations / 1_000);
                let plain =
                    || worst(keys.iter().map(|key| plain::search(&Kv::default(), key, less)));
                let (verdict, other) = (ours(), plain());
                let (ours, plain) = (fastest(ours), fastest(plain));
                let name =
                    format!("{operations} operations, {clients} clients, {lost} in 1,000 lost");
                // Only who comes to a verdict can be compared.
                let times = match (verdict, other) {
                    (Verdict::Linearizable, Verdict::Linearizable) => {
                        format!("{:.2}", plain / ours)
                    }
                    (Verdict::Undecided, _) => "undecided".into(),
                    _ => "plain undecided".into(),
                };
                println!("{name:<44}{ours:>12.1}{plain:>12.1}  {times}");
            }
        }
    }
    println!();
}

fn main() {
    match env::var_os("SHARDSCOPE_HISTORIES").map(PathBuf::from) {
        Some(folder) => recorded(&folder),
        None => println!("recorded histories: left out, SHARDSCOPE_HISTORIES names no folder\n"),
    }
    drawn();
    for (name, value) in figures(&|| now() * 1_000.0) {
        println!("{name}: {value:.1} ms");
    }
    [3, 5].into_iter().for_each(beside_a_run);
}

/// What following a run live costs beside the run itself: some servers, four clients that hardly
/// pause, checked. The checker is fed as on the page, some thousand steps at once; with fewer
/// servers, an operation takes fewer steps.
fn beside_a_run(servers: u16) {
    const STEPS: u32 = 500_000;
    let mut scenario = Scenario::new(1, servers, 4);
    scenario.workload.pace = Pace::Closed { think: Duration::from_millis(1) };
    let run = |follow: bool| {
        let mut world = World::new(Arc::new(scenario.clone()));
        let (mut chronicle, mut report) = (Chronicle::default(), Report::default());
        let mut live = Live::new(2_000);
        let start = now();
        for step in 1..=STEPS {
            world.step(&mut report);
            chronicle.record(&world, &report);
            if follow && step.is_multiple_of(1_000) {
                let events = chronicle.history.range(live.events()..u64::MAX);
                events.for_each(|event| live.feed(event).expect("a history"));
            }
        }
        (now() - start, live.verdict())
    };
    let (mut alone, mut followed, mut seen) = (f64::INFINITY, f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        alone = alone.min(run(false).0);
        let (seconds, verdict) = run(true);
        followed = followed.min(seconds);
        let LiveVerdict::SoFar { operations } = verdict else { panic!("{verdict:?}") };
        seen = operations;
    }
    let each = |seconds: f64| seconds * 1e9 / f64::from(STEPS);
    println!(
        "a step of {servers} servers: {:.0} ns, the live checker {:.0} ns of it more ({:.1} %), \
         {seen} operations in {STEPS} steps",
        each(alone),
        each(followed - alone),
        100.0 * (followed - alone) / alone
    );
}
