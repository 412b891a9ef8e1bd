//! What the field's best-known courses demand of Raft, as a table of obligations on virtual time.
//!
//! Every row has the name that it has there. Its bounds are numbers of the simulated world, so the
//! same seed gives the same verdict. Each row says what must really have happened (servers that
//! crashed, messages that were lost, snapshots that were installed) and how much must have been
//! committed: a row that did nothing fails. All invariants are judged after every step meanwhile.

mod agreement;
mod broken;
mod elections;
mod lab;
mod ledger;
mod persistence;
pub(crate) mod row;
mod snapshots;
mod task;
mod traffic;

use row::{Outcome, Row};
use shardscope_core::id::MutantId;

use crate::{mutants, tier};

/// What was expected, or one sentence that says what was found instead.
type Check<T = ()> = Result<T, String>;

/// The parts of the table, with how many names each has.
pub(crate) const PARTS: [(&str, &[Row], usize); 4] = [
    ("3A", &elections::ROWS, 3),
    ("3B", &agreement::ROWS, 10),
    ("3C", &persistence::ROWS, 8),
    ("3D", &snapshots::ROWS, 7),
];

/// The end of a failed row's trace.
const TRACE: u64 = 40;

/// A failure is told with its seed and the end of its trace.
fn tell(row: &Row, outcome: &Outcome) -> Option<String> {
    let why = outcome.result.as_ref().err()?;
    let (_, lab) = row::run_in(row, row::scenario(row, outcome.seed));
    Some(format!("{}, seed {}: {why}\n{}", row.name, outcome.seed, lab.trace(TRACE)))
}

/// Plays the whole table once, one row after the other: steps and operations.
pub(crate) fn table(seed: u64) -> (u64, u64) {
    let rows = PARTS.iter().flat_map(|(_, rows, _)| rows.iter());
    rows.map(|row| row::run(row, seed)).fold((0, 0), |(steps, operations), outcome| {
        assert!(outcome.result.is_ok(), "seed {seed}: {:?}", outcome.result);
        (steps + outcome.steps, operations + outcome.operations)
    })
}

#[test]
fn the_raft_table_holds() {
    let seeds = tier::count(3, 20);
    let rows: Vec<&Row> = PARTS.iter().flat_map(|(_, rows, _)| rows.iter()).collect();
    let count = rows.len() as u64 * seeds;
    let outcomes =
        tier::parallel(0..count, |n| row::run(rows[(n / seeds) as usize], 1 + n % seeds));
    let mut failures = Vec::new();
    for (row, outcomes) in rows.iter().zip(outcomes.chunks(seeds as usize)) {
        println!("{}", row::line(row, outcomes));
        failures.extend(outcomes.iter().filter_map(|outcome| tell(row, outcome)));
    }
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    println!(
        "{} rows, {seeds} seeds: {} steps, {} operations, {} s of virtual time",
        rows.len(),
        sum(|one| one.steps),
        sum(|one| one.operations),
        sum(|one| one.time.as_micros()) / 1_000_000
    );
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_named_mutants_fail_their_rows() {
    let rows = PARTS.iter().flat_map(|(_, rows, _)| rows.iter());
    let pairs = rows.flat_map(|row| {
        let some = tier::count(1, row.mutants.len() as u64) as usize;
        row.mutants.iter().take(some).map(move |name| (row, mutants::named(name)))
    });
    let pairs: Vec<(&Row, MutantId)> = pairs.collect();
    let found = tier::parallel(0..pairs.len() as u64, |n| {
        let (row, mutant) = pairs[n as usize];
        let fails = |seed: &u64| {
            let mut scenario = row::scenario(row, *seed);
            scenario.mutant = mutant;
            row::run_in(row, scenario).0.result.is_err()
        };
        (1..=20).find(fails)
    });
    let missed = pairs.iter().zip(&found).filter(|(_, seed)| seed.is_none());
    let missed: Vec<_> = missed.map(|((row, mutant), _)| (row.name, mutant)).collect();
    println!(
        "{} mutants of rows found, at the latest by seed {:?}",
        found.len(),
        found.iter().max()
    );
    assert!(missed.is_empty(), "not found in 20 seeds: {missed:?}");
}

#[test]
fn the_table_has_every_name_of_its_parts_once() {
    for (part, rows, names) in PARTS {
        let of_the_part: Vec<&Row> = rows.iter().filter(|row| row.variant.is_empty()).collect();
        assert_eq!(of_the_part.len(), names, "{part}");
        for row in rows {
            assert!(row.name.starts_with("Test") && row.name.ends_with(part), "{}", row.name);
            let same = of_the_part.iter().filter(|other| other.name == row.name);
            assert_eq!(same.count(), 1, "{}", row.name);
            assert!(!row.mutants.is_empty(), "{} names no mutant", row.name);
        }
    }
}
