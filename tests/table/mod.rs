//! What the tables of the stores share: a row, how it is played, and how all of them are printed.
//!
//! A row sets up a cluster, lets clients work against faults, and demands four things: that the
//! faults really happened, that so many operations were done, that the figures are within their
//! bounds, and that what the clients saw is linearizable, by a complete search. All invariants are
//! judged after every step. `SHARDSCOPE_ROW=basic_3a` runs that row alone.

pub(crate) mod crowd;
pub(crate) mod judge;
pub(crate) mod lab;
pub(crate) mod watch;

use std::env;

use shardscope_core::id::MutantId;
use shardscope_core::sim::Sharding;

use self::judge::Outcome;
use self::lab::Lab;
use crate::{mutants, tier};

/// What may go wrong, in one sentence.
pub(crate) type Fallible<T = ()> = Result<T, String>;

/// What a row does.
pub(crate) type Play = fn(&mut Lab) -> Fallible;

/// A line of the table.
pub(crate) struct Row {
    /// What the course calls it.
    pub(crate) lab: &'static str,
    /// What it is called here.
    pub(crate) name: &'static str,
    pub(crate) clients: u16,
    /// Of the only group, or of each that holds shards.
    pub(crate) servers: u16,
    /// So many percent of all messages are lost, and they take 1 to 27 ms; without loss they take
    /// 1 to 10 ms.
    pub(crate) loss: u32,
    /// A log beyond so many bytes is compacted.
    pub(crate) limit: Option<u64>,
    /// Groups and shards; none: one group has everything.
    pub(crate) sharding: Option<Sharding>,
    /// What is done; what is demanded of every row is left to the judge.
    pub(crate) play: Play,
    /// At least so many operations return.
    pub(crate) least: u64,
    /// The broken decisions that this row is there to find, by their numbers in the catalogue.
    pub(crate) mutants: &'static [&'static str],
}

/// A table, in parts.
pub(crate) type Table = [&'static [Row]];

fn all(table: &Table) -> impl Iterator<Item = &'static Row> {
    table.iter().flat_map(|rows| rows.iter())
}

/// The row of this name.
pub(crate) fn named(table: &Table, name: &str) -> &'static Row {
    all(table).find(|row| row.name == name).unwrap_or_else(|| panic!("no row is called {name}"))
}

/// Plays a row with a seed and judges it.
pub(crate) fn play(row: &'static Row, seed: u64) -> Outcome {
    play_with(row, seed, MutantId::Paper)
}

/// The same, with a decision taken wrongly.
pub(crate) fn play_with(row: &'static Row, seed: u64, mutant: MutantId) -> Outcome {
    let mut lab = Lab::new(row, seed, mutant);
    let played = (row.play)(&mut lab);
    judge::judge(lab, played)
}

/// Plays a whole table once, one row after the other: steps and operations.
pub(crate) fn once(table: &Table, seed: u64) -> (u64, u64) {
    all(table).fold((0, 0), |(steps, operations), row| {
        let outcome = play(row, seed);
        assert_eq!(outcome.tell(row), None, "seed {seed}");
        (steps + outcome.steps, operations + outcome.operations)
    })
}

/// Plays a table with several seeds, prints it, and fails if a row did.
pub(crate) fn hold(table: &Table) {
    let seeds = tier::count(3, 20);
    let only = env::var("SHARDSCOPE_ROW").ok();
    let chosen: Vec<&'static Row> =
        all(table).filter(|row| only.as_deref().is_none_or(|only| only == row.name)).collect();
    let runs = chosen.len() as u64 * seeds;
    let outcomes = tier::parallel(0..runs, |run| play(chosen[(run / seeds) as usize], run % seeds));
    let mut failures = Vec::new();
    println!("{}", judge::head());
    for (row, outcomes) in chosen.iter().zip(outcomes.chunks(seeds as usize)) {
        println!("{}", judge::line(row, outcomes));
        failures.extend(outcomes.iter().filter_map(|outcome| outcome.tell(row)));
        failures.extend(judge::all_of(row, outcomes).err());
    }
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let (steps, operations) = (sum(|run| run.steps), sum(|run| run.operations));
    println!("{runs} runs: {steps} steps, {operations} operations");
    let count = failures.len();
    assert!(failures.is_empty(), "{count} failures in {runs} runs\n{}", failures.join("\n"));
}

/// Demands that no two rows have a name in common, and that each demands something.
pub(crate) fn check_names(table: &Table) {
    let rows: Vec<&Row> = all(table).collect();
    for (index, row) in rows.iter().enumerate() {
        let same = |other: &&Row| other.name == row.name || other.lab == row.lab;
        assert!(!rows[..index].iter().any(same), "{} stands twice", row.name);
        assert!(!row.mutants.is_empty() && row.least > 0, "{} demands nothing", row.name);
        assert!(row.mutants.iter().all(|name| mutants::named(name) != MutantId::Paper));
    }
}

/// Demands that the mutants of a row make it fail, in one of 20 seeds: the first mutant of each row
/// in the ordinary tier, all in the deep one.
pub(crate) fn find_mutants(table: &Table) {
    let pairs = all(table).flat_map(|row| {
        let some = tier::count(1, row.mutants.len() as u64) as usize;
        row.mutants.iter().take(some).map(move |name| (row, mutants::named(name)))
    });
    let pairs: Vec<(&'static Row, MutantId)> = pairs.collect();
    let found = tier::parallel(0..pairs.len() as u64, |n| {
        let (row, mutant) = pairs[n as usize];
        (0..20).find(|seed| play_with(row, *seed, mutant).tell(row).is_some())
    });
    let missed = pairs.iter().zip(&found).filter(|(_, seed)| seed.is_none());
    let missed: Vec<_> = missed.map(|((row, mutant), _)| (row.name, mutant)).collect();
    println!("{} mutants of rows found, within {:?} seeds", found.len(), found.iter().max());
    assert!(missed.is_empty(), "not found in 20 seeds: {missed:?}");
}
