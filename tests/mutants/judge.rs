//! What is looked at after every event of a run: the observers of the core, and what clients saw.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use shardscope_core::history::{History, What};
use shardscope_core::id::{NodeId, Serial};
use shardscope_core::kv::{Command, Kv, Reply};
use shardscope_core::machine::Machine as _;
use shardscope_core::mutant::Checker;
use shardscope_core::sim::Chronicle;
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::report::{Report, Shown};

/// What was found to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    /// An observer's invariant was broken.
    Law(Law),
    /// What the clients saw fits no order of their calls.
    History,
    /// What should have happened did not.
    Stuck,
}

impl Found {
    /// What this stands for in the catalogue.
    pub(super) fn checkers(self) -> Vec<Checker> {
        use Checker::{Invariant, Liveness};
        match self {
            Self::Law(law) => {
                let number = law.id().strip_prefix("RI-").and_then(|number| number.parse().ok());
                number.map(Invariant).into_iter().collect()
            }
            Self::History => vec![Checker::History],
            Self::Stuck => vec![Liveness],
        }
    }
}

/// Looks at a run, and remembers.
#[derive(Default)]
pub(super) struct Judge {
    /// What was found, in order, and at which event.
    pub(super) found: Vec<(Found, u64)>,
}

impl Judge {
    pub(super) fn add(&mut self, found: Found, step: u64) {
        if self.found.iter().all(|(known, _)| *known != found) {
            self.found.push((found, step));
        }
    }

    /// Looks at what an event did. The chronicle has it already.
    pub(super) fn observe(&mut self, report: &Report, chronicle: &Chronicle) {
        let step = report.step;
        for violation in chronicle.observers.violations() {
            self.add(Found::Law(violation.law), step);
        }
        let returned = report.shown.iter().any(|shown| matches!(shown, Shown::Returned { .. }));
        if returned && !is_linearizable(&chronicle.history) {
            self.add(Found::History, step);
        }
    }
}

/// A call, as its client saw it.
struct Op {
    command: Command,
    called: u64,
    /// When it returned, and with what; none: it did not, or nobody knows.
    returned: Option<(u64, Reply)>,
}

/// Whether the calls can be put into an order that the store explains: each takes effect at one
/// moment between its call and its return, and one that never returned at any moment or never.
pub(super) fn is_linearizable(history: &History) -> bool {
    let mut ops: BTreeMap<(NodeId, Serial), Op> = BTreeMap::new();
    for (at, event) in (0..).zip(history.iter()) {
        let key = (event.client, event.serial);
        match &event.what {
            What::Call(command) => {
                let op = Op { command: command.clone(), called: at, returned: None };
                ops.insert(key, op);
            }
            What::Return { reply: Some(reply), .. } => {
                if let Some(op) = ops.get_mut(&key) {
                    op.returned = Some((at, reply.clone()));
                }
            }
            What::Ask(_) | What::Return { .. } => {}
        }
    }
    let ops: Vec<Op> = ops.into_values().collect();
    assert!(ops.len() <= 20, "a search over {} calls would not end", ops.len());
    fits(&ops, 0, &Kv::default(), &mut HashSet::new())
}

/// Whether the calls that are not in `done` can follow in a state.
fn fits(ops: &[Op], done: u32, state: &Kv, seen: &mut HashSet<(u32, u64)>) -> bool {
    let open = || (0..).zip(ops).filter(|(index, _)| done & 1 << index == 0);
    let deadline = open().filter_map(|(_, op)| Some(op.returned.as_ref()?.0)).min();
    let Some(deadline) = deadline else { return true };
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    if !seen.insert((done, hasher.finish())) {
        return false;
    }
    open().filter(|(_, op)| op.called < deadline).any(|(index, op)| {
        let mut next = state.clone();
        let reply = next.apply(&op.command);
        let explained = op.returned.as_ref().is_none_or(|(_, seen)| *seen == reply);
        explained && fits(ops, done | 1 << index, &next, seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardscope_core::history::Event;
    use shardscope_core::time::Instant;

    /// Calls and returns: client, command and reply.
    fn history(events: &[(u16, &str, Option<Reply>)]) -> History {
        let mut history = History::starting_at(0);
        for (step, (client, command, reply)) in (1..).zip(events) {
            let client = NodeId(*client);
            let what = match reply {
                None => What::Call(command.parse().expect("a command")),
                Some(reply) => What::Return { by: NodeId(0), reply: Some(reply.clone()) },
            };
            let serial = Serial(1);
            history.push(Event { step, at: Instant::ZERO, client, serial, what });
        }
        history
    }

    #[test]
    fn a_stale_read_fits_no_order_and_a_concurrent_one_does() {
        let (put, get) = ("put x 1", "get x");
        let (written, old) = (Reply::Written { version: 1 }, Reply::Value("".into()));
        let stale = [(1, put, None), (1, put, Some(written)), (2, get, None), (2, get, Some(old))];
        assert!(!is_linearizable(&history(&stale)));
        let [a, b, c, d] = stale;
        assert!(is_linearizable(&history(&[a.clone(), c.clone(), b.clone(), d.clone()])));
        assert!(is_linearizable(&history(&[c.clone(), d.clone(), a, b])));
        let never = [(1, put, None), (2, get, None), (2, get, Some(Reply::Value("1".into())))];
        assert!(is_linearizable(&history(&never)), "what never returned may have happened");
    }
}
