//! The smallest window of a history that is not linearizable by itself.
//!
//! A history is made smaller by demanding less. So whatever is left cannot be explained either, and
//! it follows that the whole cannot:
//!
//! - What returned before the window is left out, and any state that was met until then may be the
//!   first one.
//! - What was called before it and returned within it may have happened before, or in it, with any
//!   reply, or never.
//! - What is known to have changed nothing is left out; anything else may have happened or not,
//!   with any reply.

use alloc::vec::Vec;

use super::{Prefix, opened};
use crate::linear::{OperationOf, Search, Verdict};
use crate::machine::Machine;

/// With more states than these to begin with, a window is not looked at.
const MAX_STARTS: usize = 64;

/// A part of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Where it begins among the events of the history: with a call.
    pub from: u64,
    /// Where it ends: with the return of the operation that fits nowhere.
    pub to: u64,
    /// The operations that fit in no order, whatever became of all others, by index.
    pub operations: Vec<usize>,
    /// Whether the states that were met before it count as known, and not all of its past.
    pub is_late: bool,
}

/// Looks for the smallest window, for about `budget` steps.
pub(super) fn smallest<M: Machine>(
    search: &Search<'_, M>,
    prefix: &Prefix<M>,
    since: &[u32],
    budget: u64,
) -> Window {
    let mut returned = alloc::vec![u32::MAX; prefix.operations.len()];
    (0..).zip(search.returns()).for_each(|(at, index)| returned[*index as usize] = at);
    let mut hunt = Hunt { search, prefix, since, returned, left: budget };
    let last = search.returns().len() - 1;
    let stuck = search.returns()[last];
    let mut cut = search.op(stuck).since.min(last as u32);
    let mut part = hunt.after(cut);
    while cut > 0 && !hunt.is_illegal(cut, &part) {
        // When the budget is spent, all of it is left: that is known to be illegal.
        cut = if hunt.left == 0 { 0 } else { cut - 1 };
        part = hunt.after(cut);
    }
    let mut at = 0;
    while at < part.len() && hunt.left > 0 {
        let (index, operation) = &part[at];
        if *index == stuck || operation.returned.is_none() {
            at += 1;
            continue;
        }
        let mut less = part.clone();
        let is_idle = search.op(*index).idle;
        if is_idle {
            less.remove(at);
        } else {
            less[at].1 = opened(operation);
        }
        let illegal = hunt.is_illegal(cut, &less);
        if illegal {
            part = less;
        }
        at += usize::from(!(illegal && is_idle));
    }
    part.retain(|(_, operation)| operation.returned.is_some());
    let ends = |operation: &OperationOf<M>| operation.returned.as_ref().map_or(0, |(at, _)| *at);
    Window {
        from: part.iter().map(|(_, operation)| operation.called).min().unwrap_or(0),
        to: part.iter().map(|(_, operation)| ends(operation)).max().unwrap_or(0),
        operations: part.iter().map(|(index, _)| prefix.names[*index as usize]).collect(),
        is_late: cut > 0,
    }
}

/// Operations with their indices in the prefix.
type Part<M> = Vec<(u32, OperationOf<M>)>;

struct Hunt<'a, 'b, M: Machine> {
    search: &'a Search<'b, M>,
    prefix: &'a Prefix<M>,
    since: &'a [u32],
    /// Which return each operation's is.
    returned: Vec<u32>,
    left: u64,
}

impl<M: Machine> Hunt<'_, '_, M> {
    /// What is left when the history begins as the return `cut` comes next.
    fn after(&mut self, cut: u32) -> Part<M> {
        self.left = self.left.saturating_sub(self.prefix.operations.len() as u64);
        let all = (0..).zip(&self.prefix.operations);
        let before = |index: u32| self.returned[index as usize] < cut;
        let begun = |index: u32| cut > 0 && self.search.op(index).since < cut;
        let mut part = Vec::new();
        for (index, operation) in all.filter(|(index, _)| !before(*index)) {
            if !begun(index) {
                part.push((index, operation.clone()));
            } else if !self.search.op(index).idle {
                part.push((index, opened(operation)));
            }
        }
        part
    }

    /// Whether operations fit in no order, from any state that was met before the return `cut`.
    fn is_illegal(&mut self, cut: u32, part: &Part<M>) -> bool {
        // Before the first return, only the first state was met: number 0.
        let met = |(state, since): (u32, &u32)| {
            let before = if cut == 0 { state == 0 } else { *since < cut };
            before.then_some(state)
        };
        let starts: Vec<u32> = (0..).zip(self.since).filter_map(met).collect();
        if starts.len() > MAX_STARTS {
            return false;
        }
        let operations: Vec<OperationOf<M>> = part.iter().map(|(_, op)| op.clone()).collect();
        starts.into_iter().all(|state| {
            let mut search = Search::new(self.search.state(state).clone(), &operations);
            search.run(self.left);
            let steps = search.steps() + operations.len() as u64 + 1;
            self.left = self.left.saturating_sub(steps);
            search.verdict() == Verdict::Illegal
        })
    }
}
