//! Failing runs of the swarm, made smaller: what is left fails for the same reason, and only with
//! the mutant.

use std::time::Instant;

use shardscope_core::id::MutantId;
use shardscope_core::mutant;
use shardscope_core::sim::Scenario;
use shardscope_core::sim::script::{Player, Recorded, Script};
use shardscope_core::sim::swarm::{self, Kept, Reason, Shrunk};

use crate::tier;

/// Found within a few seeds, and soon made smaller: so are these in the ordinary tier.
const EASY: [MutantId; 12] = [
    MutantId::R6,
    MutantId::R7,
    MutantId::R13,
    MutantId::R17,
    MutantId::R22,
    MutantId::R34,
    MutantId::R43,
    MutantId::R48,
    MutantId::C2,
    MutantId::K1,
    MutantId::K5,
    MutantId::K6,
];
/// A script that was made smaller has no more lines.
const LINES: usize = 40;

/// So many failing runs of a mutant are tried: one that wanders for long is hard to make short.
const TRIED: usize = 3;

/// Those of some drawn runs that fail with a mutant.
fn failing(mutant: MutantId, seeds: u64) -> impl Iterator<Item = Kept> {
    let adapt = move |scenario: &mut Scenario| scenario.mutant = mutant;
    let runs = (0..seeds).map(move |seed| match mutant >= MutantId::C1 {
        true => swarm::run_sharded_recorded(seed, adapt),
        false => swarm::run_recorded(seed, adapt),
    });
    runs.filter(|kept| kept.outcome.reason.is_some_and(|reason| reason != Reason::Endless))
}

/// How many lines the whole run has as a script.
fn lines(kept: &Kept) -> usize {
    let end = (kept.world.steps(), kept.end);
    let run = Recorded { scenario: kept.world.scenario(), acts: &kept.acts, end };
    Script::record("A run", run, []).map_or(usize::MAX, |script| script.lines().len())
}

/// What fails of a script with the decisions of the paper, and whether that is its last line. What
/// cannot be done then is left out: another course may have been taken by then.
fn without_mutant(script: &Script) -> (Option<String>, bool) {
    let text = script.to_string();
    let kept = text.lines().filter(|line| !line.trim_start().starts_with("mutant "));
    let mut kept: Vec<&str> = kept.collect();
    assert_eq!(kept.len() + 1, text.lines().count(), "one line names the mutant:\n{text}");
    loop {
        let player = Player::play(Script::parse(&kept.join("\n")).expect("the rest is a script"));
        let failure = player.failure().map(ToString::to_string);
        let place = failure.as_deref().and_then(|words| words.strip_prefix("line "));
        let place = place.and_then(|words| words.split(':').next()?.parse::<usize>().ok());
        match place {
            Some(line) if line < kept.len() => _ = kept.remove(line - 1),
            _ => return (failure, place == Some(kept.len())),
        }
    }
}

/// Whether a script fails for the reason of the run that it was made from, and as far as it was
/// told only with its mutant; what there is to say of it.
fn fails_as_told(mutant: MutantId, kept: &Kept, shrunk: &Shrunk, seconds: f32) -> String {
    let (script, reason) = (&shrunk.script, kept.outcome.reason.expect("it failed"));
    let read = Script::parse(&script.to_string());
    assert_eq!(read.as_ref(), Ok(script), "{mutant:?}");
    let last = script.lines().len();
    assert!(last <= LINES, "{mutant:?} has {last} lines:\n{script}");
    let player = Player::play(script.clone());
    // The script expects what fails: so it goes as it says.
    assert_eq!(player.failure().map(ToString::to_string), None, "{script}");
    let broken = player.timeline().chronicle().observers.violations().first();
    let law = broken.map(|broken| Reason::Law(broken.law));
    assert_eq!(law.unwrap_or(reason), reason, "{script}");
    assert_eq!(law.is_some(), matches!(reason, Reason::Law(_)), "{script}");
    let (failure, is_last) = without_mutant(script);
    let failure = failure.unwrap_or_else(|| panic!("it does not take the mutant:\n{script}"));
    assert!(is_last, "{failure}\n{script}");
    format!(
        "{mutant:?} | {} | {} -> {last} | {} -> {} | {} | {seconds:.2}\n{script}",
        reason.words(),
        lines(kept),
        kept.outcome.steps,
        shrunk.steps,
        shrunk.spent.runs
    )
}

#[test]
fn a_failing_run_becomes_a_short_script_that_fails_for_the_same_reason() {
    let deep = tier::count(0, 1) == 1;
    // A mutant that is seldom caught fails in few of them.
    let seeds = tier::count(8, 400);
    let all: Vec<_> = mutant::ALL.iter().filter(|known| deep || EASY.contains(&known.id)).collect();
    println!("mutant | reason | lines | events | runs | seconds");
    let told = tier::parallel(0..all.len() as u64, |index| {
        let known = all[index as usize];
        let mut best: Option<(Kept, Shrunk, f32)> = None;
        for kept in failing(known.id, seeds).take(TRIED) {
            let begun = Instant::now();
            let shrunk = swarm::shrink(&kept, swarm::BUDGET);
            let seconds = begun.elapsed().as_secs_f32();
            let shrunk = shrunk.unwrap_or_else(|why| panic!("{:?}: {why}", known.id));
            let lines = shrunk.script.lines().len();
            if best.as_ref().is_none_or(|(_, least, _)| lines < least.script.lines().len()) {
                best = Some((kept, shrunk, seconds));
            }
            if lines <= LINES {
                break;
            }
        }
        let found =
            best.map(|(kept, shrunk, seconds)| fails_as_told(known.id, &kept, &shrunk, seconds));
        assert!(found.is_some() || !EASY.contains(&known.id), "{:?} is found blind", known.id);
        found
    });
    let found: Vec<String> = told.into_iter().flatten().collect();
    println!("{}", found.join("\n"));
    assert!(found.len() * 2 > all.len(), "only {} of {} were found", found.len(), all.len());
}

#[test]
fn the_same_failure_shrinks_to_the_same_script_within_its_budget() {
    let kept = failing(MutantId::R17, 8).next().expect("it is found blind");
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
