//! The field's table of a replicated key/value store on Raft: 23 rows, each with the name that its
//! lab gave it, on virtual time.
//!
//! A row sets up a cluster, lets clients work against faults, and demands four things: that the
//! faults really happened, that so many operations were done, that the figures are within their
//! bounds, and that what the clients saw is linearizable, by a complete search. All invariants are
//! judged after every step. `SHARDSCOPE_ROW=basic_3a` runs that row alone.

mod directed;
mod generic;
mod judge;
mod lab;
mod rows;
mod watch;

use std::env;

use shardscope_core::history::{Event, History, What};
use shardscope_core::id::MutantId;
use shardscope_core::kv::{Reply, Text};
use shardscope_core::linear::{self, Verdict};

use self::generic::{Generic, check_tokens};
use self::judge::Outcome;
use self::lab::Lab;
use self::rows::ROWS;
use crate::{mutants, tier};

/// What may go wrong, in one sentence.
type Fallible<T = ()> = Result<T, String>;

/// A line of the table.
struct Row {
    /// What the course calls it.
    lab: &'static str,
    /// What it is called here.
    name: &'static str,
    clients: u16,
    servers: u16,
    /// Messages take 1 to 27 ms, and one in ten is lost; otherwise 1 to 10 ms, and none is.
    unreliable: bool,
    /// A log beyond so many bytes is compacted.
    limit: Option<u64>,
    /// What is done.
    play: Play,
    /// At least so many operations return.
    least: u64,
    /// The broken decisions that this row is there to find, by their numbers in the catalogue.
    mutants: &'static [&'static str],
}

/// What a row does.
enum Play {
    /// Three rounds of five seconds.
    Generic(Generic),
    /// Something of its own.
    Directed(fn(&mut Lab) -> Fallible),
}

impl Row {
    /// The row of this name.
    fn named(name: &str) -> &'static Self {
        ROWS.iter()
            .find(|row| row.name == name)
            .unwrap_or_else(|| panic!("no row is called {name}"))
    }

    /// Plays it; what is demanded of every row is left to the judge.
    fn play(&'static self, lab: &mut Lab) -> Fallible {
        match &self.play {
            Play::Generic(generic) => generic.play(lab),
            Play::Directed(play) => play(lab),
        }
    }
}

/// Plays a row with a seed and judges it.
fn play(row: &'static Row, seed: u64) -> Outcome {
    play_with(row, seed, MutantId::Paper)
}

/// The same, with a decision taken wrongly.
fn play_with(row: &'static Row, seed: u64, mutant: MutantId) -> Outcome {
    let mut lab = Lab::new(row, seed, mutant);
    let played = row.play(&mut lab);
    judge::judge(lab, played)
}

/// Plays the whole table once, one row after the other: steps and operations.
pub(crate) fn table(seed: u64) -> (u64, u64) {
    ROWS.iter().fold((0, 0), |(steps, operations), row| {
        let outcome = play(row, seed);
        assert_eq!(outcome.tell(row), None, "seed {seed}");
        (steps + outcome.steps, operations + outcome.operations)
    })
}

#[test]
fn the_table_of_the_replicated_store() {
    let seeds = tier::count(3, 20);
    let only = env::var("SHARDSCOPE_ROW").ok();
    let chosen: Vec<&'static Row> =
        ROWS.iter().filter(|row| only.as_deref().is_none_or(|only| only == row.name)).collect();
    assert!(!chosen.is_empty(), "no row is called {only:?}");
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

#[test]
fn every_row_has_names_of_its_own_and_something_to_find() {
    assert_eq!(ROWS.len(), 23);
    for (index, row) in ROWS.iter().enumerate() {
        let same = |other: &Row| other.name == row.name || other.lab == row.lab;
        assert!(!ROWS[..index].iter().any(same), "{} stands twice", row.name);
        assert!(!row.mutants.is_empty() && row.least > 0, "{} demands nothing", row.name);
        let known = |id: &&str| id.strip_prefix('R').is_some_and(|n| n.parse::<u8>().is_ok());
        assert!(row.mutants.iter().all(known), "{}: {:?}", row.name, row.mutants);
    }
}

#[test]
fn the_named_mutants_fail_their_rows() {
    let pairs = ROWS.iter().flat_map(|row| {
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

#[test]
fn the_same_seed_gives_the_same_run() {
    let row = Row::named("persist_partition_unreliable_3a");
    let (one, two, other) = (play(row, 1), play(row, 1), play(row, 2));
    assert_eq!(one, two);
    assert_ne!(one.digest, other.digest);
}

#[test]
fn a_history_that_was_tampered_with_is_found() {
    let row = Row::named("persist_partition_unreliable_linearizable_3a");
    let mut lab = Lab::new(row, 0, MutantId::Paper);
    row.play(&mut lab).expect("the row passes");
    let events: Vec<Event> = lab.chronicle.history.iter().cloned().collect();
    let judge = |events: &[Event]| {
        let mut history = History::default();
        events.iter().for_each(|event| history.push(event.clone()));
        linear::verdict(&linear::check(&history, 2_000_000).expect("a history"))
    };
    assert_eq!(judge(&events), Verdict::Linearizable);
    let returns = |event: &Event| matches!(event.what, What::Return { .. });
    let places: Vec<usize> = (0..events.len()).filter(|at| returns(&events[*at])).collect();
    for at in places.iter().step_by(40) {
        let mut events = events.clone();
        let What::Return { reply: Some(reply), .. } = &mut events[*at].what else { continue };
        // A read misses its last write, or a write claims to have been one later.
        *reply = match &*reply {
            Reply::Value(value) if value.is_empty() => Reply::Value("x 0 0 y".into()),
            Reply::Value(value) => {
                let shorter =
                    value.trim_end_matches('y').rfind('y').map_or("", |end| &value[..=end]);
                Reply::Value(Text::from(format!("{shorter}x 0 0 y")))
            }
            Reply::Written { version } => Reply::Written { version: version + 1 },
            other => other.clone(),
        };
        let event = events[*at].clone();
        assert_eq!(judge(&events), Verdict::Illegal, "{event:?}");
    }
}

#[test]
fn a_write_that_stands_twice_or_out_of_order_is_found() {
    let check = |value: &str| check_tokens(value, 2).is_ok();
    assert!(check("") && check("x 0 1 y") && check("x 1 1 yx 0 1 yx 1 2 y"));
    assert!(!check("x 0 1 yx 0 1 y"), "twice");
    assert!(!check("x 0 2 yx 0 1 y"), "out of order");
    assert!(!check("x 2 1 y") && !check("x 0 1") && !check("x 0 y"), "no write of a client");
}
