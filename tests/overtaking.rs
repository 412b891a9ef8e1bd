//! A follower catches up where messages overtake each other, at a bounded price. What comes too
//! early is refused, and a leader that sent a whole window again for each refusal would get ever
//! more of them, and serve nobody. What came too early is kept, so that little is sent twice.

use shardscope_core::sim::script::{Player, Script};

use crate::tier;

/// A message carries one entry, 64 may be on their way, and a server works on each for a while.
const STORY: &str = "\
shardscope script 1
cluster
  clients 2
  timers quiet
  check-quorum off
  latency about 700 us
  re-ordering 5 %
  re-ordering delay 150 ms
  service time 160 us
  entries per message 1
  window 64
  workload every 18 ms
story
  S1 starts an election
  until S1 leads
  isolate S3
  after 15 s
  expect last slot of S1 is at least 900 and last slot of S3 is at most 10
  heal
  crash S2
  set workload thinks 5 ms
  until a rejection is on its way
  until last slot of S3 is at least 900 within 5 s
  until operations of all clients is at least 900 within 5 s
";

/// How many events it takes.
fn steps(seed: u64) -> u64 {
    let text = STORY.replace("story\n", &format!("  seed {seed}\nstory\n"));
    let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let player = Player::play(script);
    if let Some(failure) = player.failure() {
        panic!("seed {seed}, {failure}");
    }
    player.timeline().world().steps()
}

#[test]
fn a_window_of_messages_that_overtake_each_other_does_not_become_a_storm() {
    let steps = tier::parallel(1..tier::count(4, 21), steps);
    println!("until clients are served, at most {} events", steps.iter().max().expect("some"));
    assert!(steps.iter().all(|steps| *steps < 60_000), "{steps:?}");
}
