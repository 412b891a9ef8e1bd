//! Linearizability: whether what clients saw can be explained by one order of their operations in
//! which each takes effect at one moment between its call and its return.
//!
//! The search is that of Wing and Gong with Lowe's memory of configurations. It is complete: given
//! enough steps it finds an order if there is one, and says that there is none only after all were
//! ruled out. Its budget is counted in steps; what is not decided within it is
//! [`Verdict::Undecided`], which is no approval.
//!
//! A [`Machine`] is its own sequential specification. It names the parts that can be judged apart,
//! such as the keys of a store, because operations on different parts cannot contradict each other:
//! linearizability is local to each object.

mod calls;
mod evidence;
mod gather;
mod interned;
mod live;
mod memory;
mod moves;
mod plan;
mod search;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use evidence::{Attempt, Evidence, Window, explain};
pub use live::{Live, LiveVerdict};
pub use search::Search;

use crate::history::{Event, History};
use crate::kv::{self, Cell, Text};
use crate::machine::Machine;

/// A call as a client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<C, R> {
    /// What was asked.
    pub command: C,
    /// Where the call stands among the events of the history.
    pub called: u64,
    /// Where the return stands, and what it gave. None: nobody can say what became of the call. It
    /// may have taken effect at any moment after the call, or never.
    pub returned: Option<(u64, R)>,
}

/// The operations of a machine, as clients saw them.
pub type OperationOf<M> = Operation<<M as Machine>::Command, <M as Machine>::Reply>;

/// What is known of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is an order that explains it.
    Linearizable,
    /// There is none.
    Illegal,
    /// The budget ended before either was known.
    Undecided,
}

/// What was found out about a history, or the part of it that is about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is known.
    pub verdict: Verdict,
    /// How many times a command was tried on a state.
    pub steps: u64,
    /// The order that explains the history, as indices of operations; if none was found, the
    /// longest attempt.
    pub order: Vec<usize>,
    /// The operation that returned next and could not be placed after that attempt.
    pub stuck: Option<usize>,
}

/// What was found out about a part of a machine. Operations are named by their place among all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFinding {
    /// Which; none: the machine is judged as a whole.
    pub part: Option<Text>,
    /// What was found out.
    pub finding: Finding,
}

/// What was found out about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFinding {
    /// Which.
    pub key: Text,
    /// Its operations, in the order of their calls.
    pub operations: Vec<Operation<kv::Command, kv::Reply>>,
    /// What was found out.
    pub finding: Finding,
}

/// A history that cannot come from clients: which event, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The event's place in the history.
    pub position: u64,
    /// What is wrong, in one sentence.
    pub words: String,
}

impl Malformed {
    fn new(position: u64, event: &Event, words: &str) -> Self {
        let words = format!("operation {} of process {} {words}.", event.serial, event.client);
        Self { position, words }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event {} of the history: {}", self.position, self.words)
    }
}

/// The steps that each key gets in the first round; twice as many in each later one.
const FIRST_ROUND: u64 = 1 << 10;

/// Looks for an order that explains `operations` on a machine that begins as `initial`.
pub fn search<M: Machine>(initial: &M, operations: &[OperationOf<M>], budget: u64) -> Finding {
    let mut search = Search::new(initial.clone(), operations);
    search.run(budget);
    search.finding()
}

/// Judges operations of any machine, part by part, within `budget` steps for all of them. Where the
/// machine names no parts, there is one.
///
/// The parts take turns, so that one hard part does not hide that another is plainly wrong. At the
/// first that cannot be explained the others are left as they are.
pub fn check_parts<M: Machine>(
    initial: &M,
    operations: &[OperationOf<M>],
    budget: u64,
) -> Vec<PartFinding> {
    let mut parts: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (index, operation) in operations.iter().enumerate() {
        parts.entry(M::part(&operation.command)).or_default().push(index);
    }
    if parts.len() > 1 && parts.contains_key(&None) {
        parts = BTreeMap::from([(None, (0..operations.len()).collect())]);
    }
    let those = |indices: &Vec<usize>| {
        indices.iter().map(|index| operations[*index].clone()).collect::<Vec<_>>()
    };
    let split: Vec<Vec<OperationOf<M>>> = parts.values().map(those).collect();
    let search = |operations| Search::new(initial.clone(), operations);
    let mut searches: Vec<Search<'_, M>> = split.iter().map(|part| search(part)).collect();
    take_turns(&mut searches, budget);
    let findings = searches.into_iter().map(Search::finding);
    let named = |((part, operations), mut finding): ((Option<&str>, Vec<usize>), Finding)| {
        finding.order.iter_mut().for_each(|index| *index = operations[*index]);
        finding.stuck = finding.stuck.map(|index| operations[index]);
        PartFinding { part: part.map(Text::from), finding }
    };
    parts.into_iter().zip(findings).map(named).collect()
}

/// Judges a history of the key/value store, key by key, as [`check_parts`] does.
///
/// # Errors
/// The history is no history: an event contradicts an earlier one.
pub fn check(history: &History, budget: u64) -> Result<Vec<KeyFinding>, Malformed> {
    let keys = gather::by_key(history)?;
    let mut searches: Vec<Search<'_, Cell>> =
        keys.iter().map(|(_, operations)| Search::new(Cell::default(), operations)).collect();
    take_turns(&mut searches, budget);
    let findings: Vec<Finding> = searches.into_iter().map(Search::finding).collect();
    let keys = keys.into_iter().zip(findings);
    Ok(keys.map(|((key, operations), finding)| KeyFinding { key, operations, finding }).collect())
}

/// Goes on with each search in turn, until all verdicts are known, one is illegal, or the budget is
/// spent.
fn take_turns<M: Machine>(searches: &mut [Search<'_, M>], budget: u64) {
    let (mut left, mut round) = (budget, FIRST_ROUND);
    let mut open = true;
    while open && left > 0 {
        open = false;
        for search in searches.iter_mut().filter(|search| search.verdict() == Verdict::Undecided) {
            let before = search.steps();
            search.run(round.min(left));
            left = left.saturating_sub(search.steps() - before);
            open |= search.verdict() == Verdict::Undecided;
            if search.verdict() == Verdict::Illegal {
                left = 0;
            }
        }
        round = round.saturating_mul(2);
    }
}

/// What the keys' verdicts come to: illegal if one is, else undecided if one is.
pub fn verdict(findings: &[KeyFinding]) -> Verdict {
    let has = |verdict| findings.iter().any(|key| key.finding.verdict == verdict);
    if has(Verdict::Illegal) {
        Verdict::Illegal
    } else if has(Verdict::Undecided) {
        Verdict::Undecided
    } else {
        Verdict::Linearizable
    }
}

/// Whether `order` explains `operations`: it has every operation that returned, each at most once,
/// with the reply that was seen, and none stands after one that was called when it had returned
/// already. This knows nothing of how an order is found.
pub fn explains<M: Machine>(initial: &M, operations: &[OperationOf<M>], order: &[usize]) -> bool {
    let mut machine = initial.clone();
    let mut placed = alloc::vec![false; operations.len()];
    let mut latest_call = 0;
    for index in order {
        let Some(operation) = operations.get(*index).filter(|_| !placed[*index]) else {
            return false;
        };
        placed[*index] = true;
        let reply = machine.apply(&operation.command);
        latest_call = latest_call.max(operation.called);
        if let Some((returned, seen)) = &operation.returned
            && (reply != *seen || *returned < latest_call)
        {
            return false;
        }
    }
    let all = operations.iter().zip(placed);
    all.into_iter().all(|(operation, placed)| placed || operation.returned.is_none())
}

#[cfg(test)]
mod tests;
