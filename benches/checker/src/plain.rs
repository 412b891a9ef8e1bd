//! Wing and Gong's search with Lowe's memory, and nothing else: what the core's search is compared
//! with.
//!
//! Calls and returns stand in one linked list. What is placed is lifted out of it; a configuration
//! is the set of all that was placed, with the state.

use std::collections::HashSet;

use shardscope_core::linear::{OperationOf, Verdict};
use shardscope_core::machine::Machine;

/// A call or a return in the list. Number 0 is the head.
#[derive(Clone, Copy, Default)]
struct Entry {
    index: usize,
    /// The return that belongs to a call; 0 for a return.
    partner: usize,
    before: usize,
    after: usize,
}

struct List(Vec<Entry>);

impl List {
    fn new<M: Machine>(operations: &[OperationOf<M>]) -> Self {
        let mut events: Vec<(u64, bool, usize)> = Vec::new();
        for (index, operation) in operations.iter().enumerate() {
            events.push((operation.called, false, index));
            let end = operation.returned.as_ref().map_or(u64::MAX, |(at, _)| *at);
            events.push((end, true, index));
        }
        events.sort_unstable();
        let mut entries = vec![Entry::default()];
        let mut calls = vec![0; operations.len()];
        for (_, is_return, index) in events {
            let at = entries.len();
            entries.push(Entry { index, partner: 0, before: at - 1, after: 0 });
            entries[at - 1].after = at;
            match is_return {
                true => entries[calls[index]].partner = at,
                false => calls[index] = at,
            }
        }
        Self(entries)
    }

    fn first(&self) -> usize {
        self.0[0].after
    }

    fn unlink(&mut self, at: usize) {
        let Entry { before, after, .. } = self.0[at];
        self.0[before].after = after;
        if after != 0 {
            self.0[after].before = before;
        }
    }

    fn link(&mut self, at: usize) {
        let Entry { before, after, .. } = self.0[at];
        self.0[before].after = at;
        if after != 0 {
            self.0[after].before = at;
        }
    }

    fn lift(&mut self, call: usize) {
        self.unlink(call);
        self.unlink(self.0[call].partner);
    }

    fn unlift(&mut self, call: usize) {
        self.link(self.0[call].partner);
        self.link(call);
    }
}

/// Looks for an order that explains operations, within so many steps.
pub fn search<M: Machine>(initial: &M, operations: &[OperationOf<M>], budget: u64) -> Verdict {
    let mut list = List::new::<M>(operations);
    let mut waiting = operations.iter().filter(|operation| operation.returned.is_some()).count();
    let mut state = initial.clone();
    let mut placed = vec![0_u64; operations.len().div_ceil(64)];
    let mut seen: HashSet<(Vec<u64>, M)> = HashSet::new();
    let mut calls: Vec<(usize, M)> = Vec::new();
    let (mut at, mut steps) = (list.first(), 0);
    while waiting > 0 {
        let entry = list.0[at];
        let operation = &operations[entry.index];
        if entry.partner != 0 {
            steps += 1;
            if steps > budget {
                return Verdict::Undecided;
            }
            let mut next = state.clone();
            let reply = next.apply(&operation.command);
            if operation.returned.as_ref().is_none_or(|(_, seen)| *seen == reply) {
                let mut more = placed.clone();
                more[entry.index / 64] |= 1 << (entry.index % 64);
                if seen.insert((more.clone(), next.clone())) {
                    calls.push((at, std::mem::replace(&mut state, next)));
                    placed = more;
                    waiting -= usize::from(operation.returned.is_some());
                    list.lift(at);
                    at = list.first();
                    continue;
                }
            }
            at = list.0[at].after;
            continue;
        }
        // A return that nothing gets past.
        let Some((call, before)) = calls.pop() else { return Verdict::Illegal };
        let index = list.0[call].index;
        state = before;
        placed[index / 64] &= !(1 << (index % 64));
        waiting += usize::from(operations[index].returned.is_some());
        list.unlift(call);
        at = list.0[call].after;
    }
    Verdict::Linearizable
}
