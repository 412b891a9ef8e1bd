//! Consistency models: which of them a recorded history satisfies, and which not.
//!
//! - *Linearizable*: there is an order of the operations that each reply follows from, and that
//!   keeps what returned before what was called later (Herlihy and Wing 1990). This is local: a
//!   history has it if each key's part has.
//! - *Sequential*: the order need keep that of each process only (Lamport 1979). Not local.
//!
//! The four session guarantees (Terry et al. 1994) ask less: see [`session`].
//!
//! What is linearizable is sequential too, and satisfies all four guarantees.

mod inquest;
mod sequential;
pub mod session;
mod store;

#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::history::Record;
use crate::kv::Text;
use crate::linear::{self, OperationOf, Search};

pub use inquest::{Contradiction, Inquest, Point};
pub use sequential::{Sequential, keeps_order};
pub use store::{Ask, Detail, Heard, Store};

/// A consistency model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// One order that keeps real time (Herlihy and Wing 1990).
    Linearizable,
    /// One order that keeps the order of each process (Lamport 1979).
    Sequential,
    /// A session's reads see the session's earlier writes.
    ReadYourWrites,
    /// A session's reads see what its earlier reads saw.
    MonotonicReads,
    /// A session's writes take effect in its order.
    MonotonicWrites,
    /// A session's writes come after the writes that it read before.
    WritesFollowReads,
}

/// What is known of a history under a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It satisfies the model.
    Holds,
    /// The history does not tell: it depends on which of several writes of one value a read saw.
    Untold,
    /// The budget ended before it was known.
    Undecided,
    /// It does not.
    Violated,
}

/// What was found out about a history under a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which model.
    pub model: Model,
    /// What is known.
    pub verdict: Verdict,
    /// The steps of the search.
    pub steps: u64,
    /// The verdict in one sentence.
    pub words: String,
}

impl Model {
    /// All of them, the strongest first.
    pub const ALL: [Self; 6] = [
        Self::Linearizable,
        Self::Sequential,
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::WritesFollowReads,
    ];

    /// The four session guarantees.
    pub const SESSION: [Self; 4] = [
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::WritesFollowReads,
    ];

    /// Its name: `sequential`, `read-your-writes`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Sequential => "sequential",
            Self::ReadYourWrites => "read-your-writes",
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::WritesFollowReads => "writes-follow-reads",
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<linear::Verdict> for Verdict {
    fn from(verdict: linear::Verdict) -> Self {
        match verdict {
            linear::Verdict::Linearizable => Self::Holds,
            linear::Verdict::Illegal => Self::Violated,
            linear::Verdict::Undecided => Self::Undecided,
        }
    }
}

/// Judges a history under one model, within `budget` steps for each search that it takes.
pub fn judge(record: &Record, model: Model, budget: u64) -> Finding {
    Judge::new(record, budget).finding(model)
}

/// Judges a history under several models: what one finding implies is not searched for again.
#[derive(Clone, Debug)]
pub struct Judge<'a> {
    record: &'a Record,
    budget: u64,
    linearizable: Option<Finding>,
    sequential: Option<Finding>,
}

impl<'a> Judge<'a> {
    /// Within `budget` steps for each search.
    pub const fn new(record: &'a Record, budget: u64) -> Self {
        Self { record, budget, linearizable: None, sequential: None }
    }

    /// What is found out under a model.
    pub fn finding(&mut self, model: Model) -> Finding {
        let (record, budget) = (self.record, self.budget);
        if model == Model::Linearizable {
            let finding = self.linearizable.take().unwrap_or_else(|| linearizable(record, budget));
            return self.linearizable.insert(finding).clone();
        }
        let stronger = match model {
            // What keeps real time keeps the order of each process.
            Model::Sequential => self.finding(Model::Linearizable),
            _ => self.finding(Model::Sequential),
        };
        if stronger.verdict == Verdict::Holds {
            return Finding { model, words: implied(model, record), ..stronger };
        }
        if model != Model::Sequential {
            let is_known = stronger.verdict == Verdict::Violated;
            return session::judge(record, model, is_known, budget);
        }
        let search = || sequentially_consistent(record, budget);
        let finding = self.sequential.take().unwrap_or_else(search);
        self.sequential.insert(finding).clone()
    }
}

/// Why a model holds if a stronger one does.
fn implied(model: Model, record: &Record) -> String {
    let who = record.callers.noun();
    match model {
        Model::Linearizable => "One order explains all, and keeps real time.".into(),
        Model::Sequential => format!("One order explains all, and keeps the order of each {who}."),
        Model::ReadYourWrites => format!("In one order of all, each {who} sees what it wrote."),
        Model::MonotonicReads => {
            format!("In one order of all, no {who} sees less than it saw before.")
        }
        Model::MonotonicWrites => {
            format!("In one order of all, each {who}'s writes keep their order.")
        }
        Model::WritesFollowReads => {
            format!("In one order of all, each write comes after what its {who} had read.")
        }
    }
}

/// Operations in the order of their calls, and of which call of the record each is.
type Part = (Vec<OperationOf<Store>>, Vec<usize>);

/// The operations of a record, key by key: those that never took effect are left out.
fn by_key(record: &Record) -> BTreeMap<&Text, Part> {
    let mut keys: BTreeMap<&Text, Part> = BTreeMap::new();
    for (index, call) in record.calls.iter().enumerate() {
        let Some(operation) = store::operation(call) else { continue };
        let (operations, indices) = keys.entry(call.command.key()).or_default();
        operations.push(operation);
        indices.push(index);
    }
    keys
}

/// The steps that each key gets before any gets more.
const FIRST_ROUND: u64 = 1 << 12;

fn linearizable(record: &Record, budget: u64) -> Finding {
    let model = Model::Linearizable;
    let store = Store::of(record);
    let keys = by_key(record);
    let mut searches: Vec<_> = keys
        .iter()
        .map(|(key, (operations, _))| (key, Search::new(store.clone(), operations)))
        .collect();
    // Two rounds, so that one hard key does not hide that another is plainly wrong.
    let (mut left, mut worst) = (budget, Verdict::Holds);
    for round in [FIRST_ROUND, u64::MAX] {
        worst = Verdict::Holds;
        for (_, search) in &mut searches {
            let before = search.steps();
            search.run(round.min(left));
            left = left.saturating_sub(search.steps() - before);
            worst = worst.max(search.verdict().into());
        }
        if worst != Verdict::Undecided {
            break;
        }
    }
    let steps = budget - left;
    let place = |verdict: Verdict| {
        let it = searches.into_iter().find(|(_, search)| verdict == search.verdict().into())?;
        let (key, search) = it;
        let stuck = keys[*key].1.get(search.finding().stuck?).copied()?;
        Some((*key, stuck))
    };
    let words = match worst {
        Verdict::Holds => implied(model, record),
        Verdict::Violated => match place(worst) {
            Some((key, stuck)) => {
                let told = told(record, stuck);
                format!("No order explains key \"{key}\": the longest attempt ends before {told}.")
            }
            None => "No order explains it.".into(),
        },
        Verdict::Undecided | Verdict::Untold => out_of_steps(budget),
    };
    Finding { model, verdict: worst, steps, words }
}

fn sequentially_consistent(record: &Record, budget: u64) -> Finding {
    let model = Model::Sequential;
    let store = Store::of(record);
    let mut steps = 0;
    // Each key alone must have an order: where one has none, that is found much sooner.
    for (key, (operations, indices)) in &by_key(record) {
        let processes: Vec<u64> =
            indices.iter().map(|index| record.calls[*index].process).collect();
        let mut search = Sequential::new(store.clone(), operations, &processes);
        search.run((budget / 4).min(budget.saturating_sub(steps)));
        steps += search.steps();
        if search.verdict() == Verdict::Violated {
            let who = record.callers.noun();
            let words =
                format!("No order that keeps the order of each {who} explains key \"{key}\".");
            return Finding { model, verdict: Verdict::Violated, steps, words };
        }
    }
    let all: Vec<_> = record
        .calls
        .iter()
        .filter_map(|call| Some((store::operation(call)?, call.process)))
        .collect();
    let (operations, processes): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let mut search = Sequential::new(store, &operations, &processes);
    search.run(budget.saturating_sub(steps));
    steps += search.steps();
    let verdict = search.verdict();
    let words = match verdict {
        Verdict::Holds => implied(model, record),
        Verdict::Violated => "Each key has an order of its own, and no order explains them \
                              together."
            .to_string(),
        Verdict::Undecided | Verdict::Untold => out_of_steps(budget),
    };
    Finding { model, verdict, steps, words }
}

fn out_of_steps(budget: u64) -> String {
    format!("Undecided after {budget} steps: give it more.")
}

/// A call in words, with its line if it has one.
fn told(record: &Record, index: usize) -> String {
    let Some(call) = record.calls.get(index) else { return String::new() };
    let (process, command) = (record.callers.name(call.process), &call.command);
    let end = match &call.returned {
        Some((spot, crate::history::Outcome::Replied(reply))) => {
            format!(" ({reply}){}", line(spot))
        }
        Some((spot, _)) => line(spot),
        None => line(&call.called),
    };
    format!("{command} of {process}{end}")
}

fn line(spot: &crate::history::Spot) -> String {
    if spot.line > 0 { format!(", line {}", spot.line) } else { String::new() }
}
