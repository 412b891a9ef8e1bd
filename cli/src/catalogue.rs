//! The catalogue of decisions taken wrongly.

use serde_json::{Value, json};
use shardscope_core::mutant::{self, Checker, Mutant};

use crate::args::Mutants;
use crate::end::{End, Outcome};
use crate::out::say;

fn name(checker: Checker) -> String {
    match checker {
        Checker::Invariant(number) => format!("RI-{number}"),
        Checker::OfConfigs(number) => format!("CI-{number}"),
        Checker::OfShards(number) => format!("KI-{number}"),
        Checker::History => "history".into(),
        Checker::Liveness => "no progress".into(),
    }
}

fn caught_by(mutant: &Mutant) -> Vec<String> {
    mutant.caught_by.iter().copied().map(name).collect()
}

/// Prints it, or one of its entries.
pub(crate) fn mutants(Mutants { id }: &Mutants, json: bool) -> Outcome {
    let is_asked = |mutant: &&Mutant| id.is_none_or(|id| id.0 == mutant.id);
    let chosen: Vec<&Mutant> = mutant::ALL.iter().filter(is_asked).collect();
    if json {
        let told = |mutant: &&Mutant| -> Value {
            json!({
                "id": mutant.id.to_string(), "title": mutant.title, "section": mutant.section,
                "story": mutant.story, "citation": mutant.citation, "script": mutant.script,
                "caught_by": caught_by(mutant),
            })
        };
        say!("{}", Value::from(chosen.iter().map(told).collect::<Vec<_>>()));
        return Ok(End::Holds);
    }
    if let (Some(_), [mutant]) = (id, chosen.as_slice()) {
        say!("{}: {}\n{}", mutant.id, mutant.title, mutant.story);
        say!("Section: {}\nFound: {}", mutant.section, mutant.citation);
        say!("Caught by: {}", caught_by(mutant).join(", "));
        say!("Script: tests/scripts/mutants/{}.script", mutant.script);
        return Ok(End::Holds);
    }
    for mutant in chosen {
        let caught = caught_by(mutant).join(", ");
        say!("{:<4} {:<24} {} ({caught})", mutant.id.to_string(), mutant.section, mutant.title);
    }
    Ok(End::Holds)
}
