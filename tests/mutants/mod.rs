//! Decisions taken wrongly: each is caught by its directed script, and the correct ones pass the
//! same script.

mod blind;
mod directed;
mod recover;
mod sharded;
mod table;

use std::collections::BTreeSet;
use std::fs;

use shardscope_core::id::MutantId;
use shardscope_core::mutant;
use shardscope_core::sim::script::Player;

/// The mutant of a name such as `R15`.
pub(crate) fn named(name: &str) -> MutantId {
    let mut same = MutantId::ALL.into_iter().filter(|id| id.to_string() == name);
    same.next().unwrap_or_else(|| panic!("no mutant is called {name}"))
}

#[test]
fn every_mutant_is_caught_by_its_script() {
    for script in directed::all() {
        let (mutant, name) = (script.mutant, script.mutant.script);
        let player = script.play(mutant.id);
        let caught = script.catch(&player);
        let mut found = script.broken(player.timeline().chronicle());
        if !found.contains(&caught.checker) {
            found.push(caught.checker);
        }
        let known = mutant.caught_by;
        assert_eq!(found[0], known[0], "{name}: what the catalogue names first is not first");
        for checker in found {
            assert!(known.contains(&checker), "{name}: the catalogue does not name {checker:?}");
        }
    }
}

#[test]
fn the_correct_decisions_pass_every_script() {
    for script in directed::all() {
        let name = script.mutant.script;
        let player = script.play(MutantId::Paper);
        assert_eq!(player.failure().map(ToString::to_string), None, "{name}");
        let mut timeline = player.into_timeline();
        assert_eq!(script.broken(timeline.chronicle()), [], "{name}");
        assert!(recover::recovers(&mut timeline), "{name}: no service after all was healed");
        assert_eq!(script.broken(timeline.chronicle()), [], "{name}, after all was healed");
    }
}

/// A script asks what happens, and the run answers: so the fault can be seen.
#[test]
fn every_script_asks_what_the_mutant_answers_otherwise() {
    for script in directed::all() {
        let name = script.mutant.script;
        let answers = |player: &Player| -> Vec<usize> {
            let questions = player.questions().iter();
            questions.filter_map(|question| Some(question.answered.as_ref()?.right)).collect()
        };
        let mutant = answers(&script.play(script.mutant.id));
        let paper = answers(&script.play(MutantId::Paper));
        assert!(!paper.is_empty() && mutant.len() == paper.len(), "{name}: all are answered");
        assert_ne!(mutant, paper, "{name}: the answers are the same with the mutant");
    }
}

#[test]
fn every_script_is_named_by_the_catalogue_and_prints_as_it_is_written() {
    let named: BTreeSet<&str> = mutant::ALL.iter().map(|mutant| mutant.script).collect();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(directed::folder()).expect("there is a folder of scripts") {
        let name = entry.expect("its entries can be read").file_name();
        let name = name.to_string_lossy().into_owned();
        match name.strip_suffix(".script") {
            Some(stem) => assert!(there.insert(stem.to_owned())),
            None => assert_eq!(name, "README.md"),
        }
    }
    assert!(there.iter().map(String::as_str).eq(named.iter().copied()), "{there:?}");
    for script in directed::all() {
        let mutant = script.mutant;
        assert_eq!(script.script().to_string(), script.text, "{}", mutant.script);
        assert_eq!(script.script().title(), format!("{}: {}", mutant.id, mutant.title));
        assert_eq!(script.script().scenario().mutant, mutant.id);
    }
}
