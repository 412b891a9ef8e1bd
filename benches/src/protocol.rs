//! What the protocol's own mechanisms bring, in virtual time: equal on every machine.

use shardscope_core::id::NodeId;
use shardscope_core::sim::workload::{Mix, Pace};
use shardscope_core::sim::{Action, Disk, Latency, Scenario, Timeline};
use shardscope_core::time::{Duration, Instant};
use shardscope_core::view::{Situation, stage};

use crate::figures::Figure;

/// Limits of entries on their way to a follower; 1 waits for each answer.
const WINDOWS: [u64; 5] = [1, 4, 16, 64, 256];
/// How long each runs, in seconds.
const SECONDS: u64 = 5;
/// Runs whose median counts.
const SEEDS: u64 = 21;

/// All of them.
pub fn figures() -> Vec<Figure> {
    let pipelining = WINDOWS.into_iter().map(|window| Figure {
        name: format!("commits, window of {window}"),
        value: commits(window) as f64 / SECONDS as f64,
        unit: "per second",
    });
    let gap = |name: &str, act: fn(NodeId, NodeId) -> Action| Figure {
        name: name.into(),
        value: median_gap(act).as_micros() as f64 / 1_000.0,
        unit: "ms",
    };
    let gaps = [
        gap("no leader after a crash", |leader, _| Action::Crash(leader)),
        gap("no leader in a transfer", |from, to| Action::Transfer { from, to }),
    ];
    pipelining.chain(gaps).collect()
}

/// How many entries a group commits whose links take 20 ms, asked by 32 clients without a pause.
fn commits(window: u64) -> u64 {
    let mut scenario = Scenario::new(1, 3, Scenario::MAX_CLIENTS);
    scenario.raft.window = window;
    scenario.network.latency = Latency::Fixed(Duration::from_millis(20));
    scenario.disk = Disk { write: Latency::Fixed(Duration::ZERO) };
    scenario.workload.pace = Pace::Closed { think: Duration::ZERO };
    scenario.workload.mix = Mix { get: 0, put: 1, append: 0, ..scenario.workload.mix };
    scenario.patience.attempt = Duration::from_secs(10);
    let mut timeline = Timeline::new(scenario);
    let mut committed_at = |seconds: u64| {
        timeline.advance(Instant::from_micros(seconds * 1_000_000), u32::MAX);
        let servers = stage(&timeline).servers;
        servers.iter().map(|server| server.commit.0).max().unwrap_or_default()
    };
    let before = committed_at(SECONDS);
    committed_at(2 * SECONDS) - before
}

/// From an action on a leader until somebody leads a later term: the median of many runs.
fn median_gap(act: fn(NodeId, NodeId) -> Action) -> Duration {
    let mut gaps: Vec<Duration> = (0..SEEDS).filter_map(|seed| gap(seed, act)).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or_default()
}

fn gap(seed: u64, act: fn(NodeId, NodeId) -> Action) -> Option<Duration> {
    let mut timeline = Timeline::new(Scenario::new(seed, 5, 2));
    timeline.advance(Instant::from_micros(1_000_000), u32::MAX);
    let leader = |timeline: &Timeline| match stage(timeline).situation {
        Situation::Led { leader, term, .. } => Some((leader, term)),
        _ => None,
    };
    let (old, term) = leader(&timeline)?;
    timeline.act(act(old, NodeId((old.0 + 1) % 5))).ok()?;
    let since = timeline.now();
    while leader(&timeline).is_none_or(|(_, now)| now == term) {
        timeline.step_forward();
    }
    Some(timeline.now().since(since))
}
