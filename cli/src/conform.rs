//! The field's tables.

use serde_json::{Value, json};
use shardscope_tests::conform::{self, Played, Row};

use crate::args::Conform;
use crate::end::{End, Outcome, Refusal};
use crate::out::say;
use crate::sweep::in_order;

/// Plays the rows that are asked for and prints them.
pub(crate) fn conform(Conform { filter, seeds, list }: &Conform, json: bool) -> Outcome {
    let is_asked = |row: &Row| filter.as_ref().is_none_or(|part| row.name().contains(part));
    let rows: Vec<Row> = conform::rows().into_iter().filter(is_asked).collect();
    if rows.is_empty() {
        let filter = filter.as_deref().unwrap_or_default();
        return Err(Refusal(format!(
            "No row has \"{filter}\" in its name: `conform --list` prints them all."
        )));
    }
    if *list {
        let names: Vec<String> = rows.iter().map(Row::name).collect();
        if json {
            say!("{}", Value::from(names));
        } else {
            names.iter().for_each(|name| say!("{name}"));
        }
        return Ok(End::Holds);
    }
    let numbers: Vec<u64> = (0..rows.len() as u64).collect();
    let mut all: Vec<(String, Played)> = Vec::new();
    let play = |number: u64| {
        let row = &rows[number as usize];
        (row.name(), row.play(*seeds))
    };
    let stopped = in_order(&numbers, None, play, |(name, played)| {
        if !json {
            say!("{}", played.line);
        }
        all.push((name, played));
        Ok(())
    })?;
    let failures: Vec<&String> = all.iter().flat_map(|(_, played)| &played.failures).collect();
    let steps: u64 = all.iter().map(|(_, played)| played.steps).sum();
    if json {
        let told = |(name, played): &(String, Played)| -> Value {
            json!({ "name": name, "steps": played.steps, "failures": played.failures })
        };
        let rows: Vec<Value> = all.iter().map(told).collect();
        say!("{}", json!({ "rows": rows, "seeds": seeds, "interrupted": stopped }));
    } else {
        failures.iter().for_each(|failure| say!("{failure}"));
        let (count, failed) = (all.len(), failures.len());
        say!("{count} rows, {seeds} seeds each: {steps} steps, {failed} runs failed");
    }
    let so_far = if stopped { End::Undecided } else { End::Holds };
    Ok(so_far.and(if failures.is_empty() { End::Holds } else { End::Violated }))
}
