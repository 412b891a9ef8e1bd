//! The field's tables, row by row, for whoever wants to play them.

use crate::conformance::{PARTS, row as raft};
use crate::table::{self, judge};
use crate::{kvraft, sharded};

/// A row of one of the tables.
#[derive(Clone, Copy)]
pub struct Row(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Raft(&'static raft::Row),
    Store(&'static table::Row),
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Its line of the printed table.
    pub line: String,
    /// Steps of all runs.
    pub steps: u64,
    /// What failed, a sentence for each run.
    pub failures: Vec<String>,
}

/// All rows: of Raft, of the replicated store, of the shard controller, of the sharded store and of
/// what goes beyond.
pub fn rows() -> Vec<Row> {
    let raft = PARTS.iter().flat_map(|(_, rows, _)| rows.iter()).map(|row| Row(Kind::Raft(row)));
    let store = kvraft::ROWS.iter().chain(sharded::ROWS.iter().flat_map(|rows| rows.iter()));
    raft.chain(store.map(|row| Row(Kind::Store(row)))).collect()
}

impl Row {
    /// What its course calls it, with what is different from others of this name.
    pub fn name(&self) -> String {
        match self.0 {
            Kind::Raft(row) if row.variant.is_empty() => row.name.into(),
            Kind::Raft(row) => format!("{}, {}", row.name, row.variant),
            Kind::Store(row) => format!("{} ({})", row.name, row.lab),
        }
    }

    /// Plays it with the seeds from 1 to `seeds`.
    pub fn play(&self, seeds: u64) -> Played {
        match self.0 {
            Kind::Raft(row) => {
                let outcomes: Vec<_> = (1..=seeds).map(|seed| raft::run(row, seed)).collect();
                let tell = |outcome: &raft::Outcome| {
                    let why = outcome.result.as_ref().err()?;
                    Some(format!("{}, seed {}: {why}", self.name(), outcome.seed))
                };
                Played {
                    line: raft::line(row, &outcomes),
                    steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
                    failures: outcomes.iter().filter_map(tell).collect(),
                }
            }
            Kind::Store(row) => {
                let outcomes: Vec<_> = (1..=seeds).map(|seed| table::play(row, seed)).collect();
                Played {
                    line: judge::line(row, &outcomes),
                    steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
                    failures: outcomes.iter().filter_map(|outcome| outcome.tell(row)).collect(),
                }
            }
        }
    }
}
