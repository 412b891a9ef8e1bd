//! A search in a history that grows: the present order is kept while it explains what is seen.
//!
//! What has returned is known; of what is open nobody knows the reply yet, so it may be placed with
//! any. When it returns, the order is looked at again. Three facts make that sound. A configuration
//! that leads nowhere leads nowhere when more is known. An order that explains all returns so far
//! need not be changed until one comes that it cannot explain. And a configuration that was tried
//! when less was known is not given up: it is tried again.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::{Frame, Placed, Search};
use crate::linear::{Operation, Verdict};
use crate::machine::Machine;

impl<M: Machine> Search<'_, M> {
    /// A search in a history that has no events yet.
    pub(in crate::linear) fn in_growth(initial: M) -> Self {
        Self { verdict: Verdict::Linearizable, ..Self::of(initial, Cow::Owned(Vec::new())) }
    }

    /// An operation is called; gives its index.
    pub(in crate::linear) fn call(&mut self, command: &M::Command) -> u32 {
        let index = self.plan.add(self.plan.ops.len() as u64);
        let reads = self.moves.state(0).reads(command);
        let op = &mut self.plan.ops[index as usize];
        (op.reads, op.idle) = (reads, reads);
        let command = command.clone();
        self.operations.to_mut().push(Operation { command, called: 0, returned: None });
        let width = self.plan.width;
        self.plan.call(index);
        if self.plan.width > width {
            self.widen();
        }
        index
    }

    /// It turns out that nobody will ever know what became of an operation.
    pub(in crate::linear) fn lose(&mut self, index: u32) {
        let op = &mut self.plan.ops[index as usize];
        op.lost = true;
        // Nobody knows what it read: it was never placed.
        if op.idle {
            self.plan.close(index);
        }
    }

    /// An operation returns.
    pub(in crate::linear) fn give_back(&mut self, index: u32, reply: &M::Reply) {
        let op = &mut self.plan.ops[index as usize];
        let since = op.since;
        let operation = &mut self.operations.to_mut()[index as usize];
        operation.returned = Some((0, reply.clone()));
        op.idle |= M::is_idle(&operation.command, reply);
        self.plan.give_back(index);
        if self.verdict == Verdict::Illegal {
            return;
        }
        let caught_up = self.verdict == Verdict::Linearizable;
        self.verdict = Verdict::Undecided;
        let operation = &self.operations[index as usize];
        let differs = |placed: &Placed| !self.moves.fits(placed.state, operation);
        let asked = self.asked_since(since);
        // It was placed after its call, if at all.
        let begin = self.frames.get(asked).map_or(self.path.len(), |frame| frame.length);
        let placed = self.path[begin..].iter().rfind(|placed| placed.index == index);
        let is_wrong = placed.is_some_and(differs);
        match self.doubt(asked) {
            Some(begin) if is_wrong => self.try_again(begin),
            _ if caught_up => self.enter(),
            _ => {}
        }
    }

    /// The first frame that was made when the return `since` came next, or later.
    fn asked_since(&self, since: u32) -> usize {
        let before = |frame: &Frame| self.memory.head(frame.config).0 < since;
        // Few are younger than what is open: from the end they are found sooner.
        self.frames.iter().rposition(before).map_or(0, |last| last + 1)
    }

    /// More is known of an operation that was called before the frame `begin`: the first frame that
    /// was made in ignorance, of this one or of another.
    fn doubt(&mut self, begin: usize) -> Option<usize> {
        let end = self.frames.len();
        if begin < end {
            let begin = self.stale.map_or(begin, |(other, _)| other.min(begin));
            self.stale = Some((begin, end));
        }
        self.stale.map(|(begin, _)| begin)
    }

    /// Goes back to the frame before `begin` and tries again what led from there to the others.
    pub(super) fn try_again(&mut self, begin: usize) {
        for frame in self.frames.drain(begin..) {
            self.memory.remove(frame.config);
        }
        self.stale = None;
        if let Some(frame) = self.frames.last_mut() {
            frame.tried -= 1;
            return;
        }
        self.restart();
    }

    /// Begins at the beginning.
    pub(super) fn restart(&mut self) {
        self.path.clear();
        self.best.shared = 0;
        self.here.next = 0;
        self.here.state = 0;
        self.here.placed.fill(0);
        self.enter();
    }
}
