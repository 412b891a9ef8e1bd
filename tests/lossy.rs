//! How long a bare majority takes to elect a leader when messages are lost.

use std::sync::Arc;

use shardscope_core::id::NodeId;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::report::Shown;
use shardscope_core::sim::{Action, Pace, Report, Scenario, World};
use shardscope_core::time::{Duration, Instant};

use crate::tier;

/// How long three of five servers take from the start until one of them leads, in milliseconds.
fn wait(seed: u64, percent: u32, pre_vote: bool, retry: Duration) -> u64 {
    let mut scenario = Scenario::new(seed, 5, 0);
    scenario.network.loss = Ppm::percent(percent);
    scenario.workload.pace = Pace::Silent;
    scenario.raft.pre_vote = pre_vote;
    // Until somebody leads, the interval decides about candidates only.
    scenario.raft.heartbeat = retry;
    let (mut world, mut report) = (World::new(Arc::new(scenario)), Report::default());
    for down in [3, 4] {
        world.act(Instant::ZERO, &Action::Crash(NodeId(down)), &mut report).expect("it runs");
    }
    let limit = Instant::ZERO + Duration::from_secs(600);
    while world.step_until(limit, &mut report) {
        if report.shown.iter().any(|shown| matches!(shown, Shown::Leading(Some(_)))) {
            return world.now().as_micros() / 1_000;
        }
    }
    panic!("seed {seed}: nobody was elected in ten minutes");
}

/// The median and the longest of many waits.
fn waits(percent: u32, pre_vote: bool, retry: Duration) -> [u64; 2] {
    let seeds = tier::count(200, 2_000);
    let mut waits = tier::parallel(0..seeds, |seed| wait(seed, percent, pre_vote, retry));
    waits.sort_unstable();
    [waits[waits.len() / 2], waits[waits.len() - 1]]
}

#[test]
fn candidates_that_ask_again_are_elected_sooner_where_messages_are_lost() {
    let interval = Scenario::default().raft.heartbeat;
    // Longer than any election: whoever stands asks once.
    let never = Duration::from_secs(10);
    for pre_vote in [false, true] {
        for percent in [20, 30] {
            let once = waits(percent, pre_vote, never);
            let again = waits(percent, pre_vote, interval);
            println!(
                "{percent} % lost, pre-vote {pre_vote}: asking once, median {} ms and at most {} \
                 ms; asking again, {} and {} ms",
                once[0], once[1], again[0], again[1]
            );
            assert!(again[0] < once[0] && again[1] * 2 < once[1], "{percent} %, {pre_vote}");
        }
    }
}
