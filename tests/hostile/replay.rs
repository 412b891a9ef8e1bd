//! Messages that the group really sent, sent again: of any kind, from anybody, from before crashes
//! and restarts, out of order and as often as it comes. All invariants hold after every step, and
//! what the clients saw is linearizable.

mod run;
mod tally;

use shardscope_core::id::MutantId;
use shardscope_core::kv::Kv;
use shardscope_core::linear::{self, Verdict};
use shardscope_core::sim::packet::Shape;

use self::run::Run;
use self::tally::{Tally, Trait};
use crate::{mutants, tier};

/// Steps of the linearizability check, for all keys of a run.
const BUDGET: u64 = 64_000_000;

/// What the clients saw, and whether there is an order that explains it.
fn linearizable(run: &Run) -> Result<(), String> {
    let findings = linear::check(run.history(), BUDGET).map_err(|error| error.to_string())?;
    for key in &findings {
        let explained = linear::explains(&Kv::default(), &key.operations, &key.finding.order);
        if key.finding.verdict != Verdict::Linearizable || !explained {
            return Err(format!("key {} is {:?}", key.key, key.finding.verdict));
        }
    }
    Ok(())
}

/// The least that is sent again and received in each run, on average.
const LEAST: [(Trait, u64); 26] = [
    (Trait::Of(Shape::PreVote), 100),
    (Trait::Of(Shape::Vote), 100),
    (Trait::Of(Shape::PreVoteReply), 100),
    (Trait::Of(Shape::VoteReply), 100),
    (Trait::Of(Shape::Append), 100),
    (Trait::Of(Shape::Heartbeat), 100),
    (Trait::Of(Shape::AppendReply), 100),
    (Trait::Of(Shape::Snapshot), 20),
    (Trait::Of(Shape::SnapshotReply), 20),
    (Trait::Of(Shape::TimeoutNow), 20),
    (Trait::Of(Shape::Request), 100),
    (Trait::Of(Shape::Response), 100),
    (Trait::Overtaken, 1_000),
    (Trait::TenthTime, 100),
    (Trait::Tenth, 1_000),
    (Trait::Second, 500),
    (Trait::FiveSeconds, 100),
    (Trait::SenderCrashed, 500),
    (Trait::AddresseeCrashed, 500),
    (Trait::PresentTerm, 500),
    (Trait::TermBefore, 100),
    (Trait::OlderTerm, 500),
    (Trait::ToFollower, 500),
    (Trait::ToPreCandidate, 30),
    (Trait::ToCandidate, 30),
    (Trait::ToLeader, 500),
];

#[test]
fn what_was_really_sent_may_come_again_at_any_time() {
    let seeds = tier::count(40, 400);
    let outcomes = tier::parallel(0..seeds, |seed| {
        let mut run = Run::new(seed, MutantId::Paper, true);
        let played = run.rage().and_then(|()| run.calm()).and_then(|()| linearizable(&run));
        (played, run.committed(), run.operations(), run.tally().clone())
    });
    let (mut tally, mut committed, mut operations) = (Tally::default(), 0, 0);
    for (seed, (played, entries, calls, counted)) in outcomes.iter().enumerate() {
        assert_eq!(played, &Ok(()), "seed {seed}");
        assert!(*entries >= 20 && *calls >= 10, "seed {seed}: {entries} entries, {calls} calls");
        (committed, operations) = (committed + entries, operations + calls);
        tally.merge(counted);
    }
    println!("{seeds} seeds: {committed} entries committed, {operations} operations\n{tally}");
    for (what, least) in LEAST {
        assert!(tally.of(what) >= least * seeds, "only {} times {what:?}", tally.of(what));
    }
}

/// Decisions that take what is stale for new, and whether what is sent again makes the difference.
const BELIEVERS: [(&str, bool); 4] = [("R4", true), ("R18", false), ("R25", false), ("R41", true)];

#[test]
fn who_believes_what_is_stale_is_found() {
    let seeds = tier::count(40, 200);
    for (name, differs) in BELIEVERS {
        let mutant = mutants::named(name);
        let caught = |echoes| {
            let runs = tier::parallel(0..seeds, |seed| Run::new(seed, mutant, echoes).rage().err());
            runs.into_iter().flatten().collect::<Vec<String>>()
        };
        let (with, without) = (caught(true), caught(false));
        println!(
            "{name}: caught with {} of {seeds} seeds, without echoes with {}: {:?}",
            with.len(),
            without.len(),
            with.first()
        );
        assert!(!with.is_empty(), "{name} is not caught");
        assert!(!differs || with.len() > without.len(), "{name}: the echoes did not matter");
    }
}
