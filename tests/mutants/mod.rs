//! Decisions taken wrongly: each is caught by its directed run, and the correct ones pass the same
//! run.

mod blind;
mod judge;
mod player;
mod runs;
mod script;

use std::collections::BTreeSet;

use shardscope_core::id::MutantId;
use shardscope_core::mutant;

/// The mutant of a name such as `R15`.
pub(crate) fn named(name: &str) -> MutantId {
    let ids = mutant::ALL.iter().map(|mutant| mutant.id);
    let mut same = ids.filter(|id| format!("{id:?}") == name);
    same.next().unwrap_or_else(|| panic!("no mutant is called {name}"))
}

#[test]
fn every_mutant_is_caught_by_its_directed_run() {
    for run in runs::all() {
        let id = run.mutant;
        let player = run.play(id);
        let found = &player.judge.found;
        let caught = found.iter().any(|(found, _)| *found == run.caught_by);
        assert!(caught, "{id:?} is not caught by {:?}: {found:?}", run.caught_by);
        let known = mutant::find(id).expect("a mutant of the catalogue");
        for (found, _) in found {
            let named = found.checkers().iter().any(|checker| known.caught_by.contains(checker));
            assert!(named, "{id:?}: the catalogue does not name {found:?}");
        }
        let (first, event) = found[0];
        let steps = player.caught_at.expect("the steps until it was caught");
        println!("{id:?} {}: {first:?}, {steps} steps, {event} events", known.title);
    }
}

#[test]
fn the_correct_decisions_pass_every_directed_run() {
    for run in runs::all() {
        let mut player = run.play(MutantId::Paper);
        let id = run.mutant;
        assert_eq!(player.judge.found, [], "the run of {id:?}");
        assert!(player.recover(), "the run of {id:?}: no service after everything was healed");
        assert_eq!(player.judge.found, [], "the run of {id:?}, after it was healed");
    }
}

#[test]
fn every_mutant_has_a_directed_run() {
    let have: BTreeSet<MutantId> = runs::all().map(|run| run.mutant).collect();
    let all: BTreeSet<MutantId> = mutant::ALL.iter().map(|mutant| mutant.id).collect();
    assert_eq!(have, all);
    assert_eq!(runs::all().count(), all.len());
}
