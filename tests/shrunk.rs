//! Failing runs of the swarm, made smaller: what is left fails for the same reason, and only with
//! the mutant.

use std::time::Instant;

use shardscope_core::id::MutantId;
use shardscope_core::mutant;
use shardscope_core::sim::script::{Player, Recorded, Script};
use shardscope_core::sim::swarm::{self, Kept, Reason};

use crate::tier;

/// Found within a few seeds, and soon made smaller: so are these in the ordinary tier.
const EASY: [MutantId; 8] = [
    MutantId::R6,
    MutantId::R8,
    MutantId::R13,
    MutantId::R17,
    MutantId::R22,
    MutantId::R34,
    MutantId::R43,
    MutantId::R48,
];
/// A script that was made smaller has no more lines.
const LINES: usize = 40;

/// The first of some drawn runs that fails with a mutant.
fn failing(mutant: MutantId, seeds: u64) -> Option<Kept> {
    let mut runs =
        (0..seeds).map(|seed| swarm::run_recorded(seed, |scenario| scenario.mutant = mutant));
    runs.find(|kept| kept.outcome.reason.is_some_and(|reason| reason != Reason::Endless))
}

/// How many lines the whole run has as a script.
fn lines(kept: &Kept) -> usize {
    let end = (kept.world.steps(), kept.end);
    let run = Recorded { scenario: kept.world.scenario(), acts: &kept.acts, end };
    Script::record("A run", run, []).map_or(usize::MAX, |script| script.lines().len())
}

/// What becomes of a script with the decisions of the paper.
fn without_mutant(script: &Script) -> Player {
    let text = script.to_string();
    let kept = text.lines().filter(|line| !line.trim_start().starts_with("mutant "));
    let kept: Vec<&str> = kept.collect();
    assert_eq!(kept.len() + 1, text.lines().count(), "one line names the mutant:\n{text}");
    Player::play(Script::parse(&kept.join("\n")).expect("the rest is a script"))
}

#[test]
fn a_failing_run_becomes_a_short_script_that_fails_for_the_same_reason() {
    let deep = tier::count(0, 1) == 1;
    let seeds = tier::count(8, 60);
    let all: Vec<_> = mutant::ALL.iter().filter(|known| deep || EASY.contains(&known.id)).collect();
    println!("mutant | reason | lines | events | runs | seconds");
    let told = tier::parallel(0..all.len() as u64, |index| {
        let known = all[index as usize];
        let Some(kept) = failing(known.id, seeds) else {
            assert!(!EASY.contains(&known.id), "{:?} is found blind", known.id);
            return None;
        };
        let begun = Instant::now();
        let shrunk = swarm::shrink(&kept, swarm::BUDGET);
        let seconds = begun.elapsed().as_secs_f32();
        let shrunk = shrunk.unwrap_or_else(|why| panic!("{:?}: {why}", known.id));
        let (script, reason) = (&shrunk.script, kept.outcome.reason.expect("it failed"));
        let read = Script::parse(&script.to_string());
        assert_eq!(read.as_ref(), Ok(script), "{:?}", known.id);
        let player = Player::play(script.clone());
        // The script expects what fails: so it goes as it says.
        assert_eq!(player.failure().map(ToString::to_string), None, "{script}");
        let broken = player.timeline().chronicle().observers.violations().first();
        let law = broken.map(|broken| Reason::Law(broken.law));
        assert_eq!(law.unwrap_or(reason), reason, "{script}");
        assert_eq!(law.is_some(), matches!(reason, Reason::Law(_)), "{script}");
        let failure = without_mutant(script).failure().map(ToString::to_string);
        let failure = failure.unwrap_or_else(|| panic!("it does not take the mutant:\n{script}"));
        let last = script.lines().len();
        // One line is gone, and the last one fails.
        assert!(failure.starts_with(&format!("line {}: ", last - 1)), "{failure}\n{script}");
        assert!(last <= LINES, "{:?} has {last} lines:\n{script}", known.id);
        let (before, whole) = (lines(&kept), kept.outcome.steps);
        Some(format!(
            "{:?} | {} | {before} -> {last} | {whole} -> {} | {} | {seconds:.2}\n{script}",
            known.id,
            reason.words(),
            shrunk.steps,
            shrunk.spent.runs
        ))
    });
    let found: Vec<String> = told.into_iter().flatten().collect();
    println!("{}", found.join("\n"));
    assert!(found.len() * 2 > all.len(), "only {} of {} were found", found.len(), all.len());
}

#[test]
fn the_same_failure_shrinks_to_the_same_script_within_its_budget() {
    let kept = failing(MutantId::R17, 8).expect("it is found blind");
    let one = swarm::shrink(&kept, swarm::BUDGET);
    assert_eq!(one, swarm::shrink(&kept, swarm::BUDGET));
    let (mut little, all) = (swarm::BUDGET, one.expect("it is made smaller"));
    little.runs = 5;
    let some = swarm::shrink(&kept, little).expect("it is made a little smaller");
    assert!(some.spent.runs <= 5 && some.script.lines().len() > all.script.lines().len());
    let sound = swarm::run_recorded(0, |_| {});
    let why = swarm::shrink(&sound, swarm::BUDGET).expect_err("nothing failed");
    assert_eq!(why, "The run did not fail.");
}
