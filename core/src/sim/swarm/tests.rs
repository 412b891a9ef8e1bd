//! A few of the runs that `tests/swarm.rs` has: a change of behaviour is seen by what is built with
//! the core alone.

use super::coverage::{Lookout, Sometimes};
use super::*;
use crate::id::NodeId;
use crate::sim::Pace;

/// The digests that are pinned, a line for each seed from 0 on.
const PINNED: &str = include_str!("../../../../tests/digests.txt");

/// What the first two seeds never meet.
const UNMET: [&[Sometimes]; 2] = {
    use Sometimes::*;
    [
        &[
            PreVote,
            ElectedOnSnapshot,
            TwoLeaders,
            DeposedByTerm,
            CalledToTakeOver,
            Truncated,
            Installed,
            BootedFromSnapshot,
            FullWindow,
        ],
        &[
            PreVote,
            ElectedOnSnapshot,
            RefusedHasLeader,
            DeposedByQuorum,
            Fitted,
            Compacted,
            SnapshotSent,
            Installed,
            BootedFromSnapshot,
            AwaitsSnapshot,
            AllDown,
            Unknown,
            EmptyRead,
            Differs,
            WrongVersion,
            DeletedNothing,
        ],
    ]
};

/// The run of a seed goes well, is the one that is pinned, and meets what it met before.
fn holds(seed: usize) {
    let outcome = run(seed as u64);
    assert_eq!(outcome.failure, None, "seed {seed}");
    assert!(
        outcome.steps >= Extent::GROUP.steps && outcome.acknowledged >= Extent::GROUP.acknowledged,
        "{outcome:?}"
    );
    let line = alloc::format!("{seed:>2} {:016x}", outcome.digest);
    assert_eq!(PINNED.lines().nth(seed), Some(&*line), "runs have changed");
    let states = Sometimes::ALL.iter().map(|(state, _)| *state);
    let states = states.filter(|state| !state.is_sharded());
    let unmet: Vec<Sometimes> = states.filter(|state| !outcome.coverage.has(*state)).collect();
    assert_eq!(unmet, UNMET[seed], "of seed {seed}");
}

#[test]
fn the_first_seeds_give_the_runs_that_are_pinned() {
    (0..UNMET.len()).for_each(holds);
}

/// What a run meets in which nothing goes wrong: a second without calls, then `calls`.
fn calm(servers: u16, calls: &[&str]) -> Vec<Sometimes> {
    let mut scenario = Scenario::new(3, servers, 1);
    scenario.workload.pace = Pace::Silent;
    let mut world = World::new(Arc::new(scenario));
    let (mut lookout, mut report) = (Lookout::default(), Report::default());
    let mut now = Instant::ZERO;
    for line in [None].into_iter().chain(calls.iter().map(Some)) {
        if let Some(line) = line {
            let (client, command) = (NodeId(servers), line.parse().unwrap());
            world.act(now, &Action::Invoke { client, command }, &mut report).unwrap();
        }
        now += Duration::from_secs(1);
        while world.step_until(now, &mut report) {
            lookout.look(&world, &report);
        }
    }
    let states = Sometimes::ALL.iter().map(|(state, _)| *state);
    states.filter(|state| lookout.met.has(*state)).collect()
}

#[test]
fn where_nothing_goes_wrong_little_is_met() {
    use Sometimes::*;
    let election = [PreVote, Election, Elected];
    assert_eq!(calm(1, &[]), election);
    assert_eq!(calm(1, &["put x 1", "append x 2"]), election);
    let reads = [PreVote, Election, Elected, FastRead, EmptyRead];
    assert_eq!(calm(1, &["put x 1", "get x"]), reads[..4]);
    assert_eq!(calm(1, &["get x"]), reads);
    assert_eq!(
        calm(1, &["cas x 1 2", "put-at x 5 1", "delete x"]),
        [PreVote, Election, Elected, Differs, WrongVersion, DeletedNothing,]
    );
    let voted = [PreVote, Election, Voted, Elected, FastRead];
    assert_eq!(calm(3, &["put x 1", "get x"]), voted);
}

#[test]
fn what_is_calm_is_as_slow_as_before_and_loses_nothing() {
    let mut lane = Rng::keyed(&[4]);
    for seed in 0..40 {
        let mut scenario = draw::scenario(seed, &mut lane);
        scenario.network.loss = crate::rng::Ppm(1_000);
        let calm = draw::calm(&scenario);
        let never = crate::rng::Ppm::NEVER;
        assert_eq!((calm.loss, calm.duplicate, calm.reorder), (never, never, never));
        assert_eq!(calm.latency, scenario.network.latency);
        let fresh = draw::fresh(&scenario);
        assert_eq!((fresh.mix.get, fresh.mix.append, fresh.mix.put), (1, 1, 0));
        assert_eq!(fresh.keys, scenario.workload.keys);
    }
}
