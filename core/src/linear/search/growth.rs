//! A search in a history that grows: the present order is kept while it explains what is seen.
//!
//! What has returned is known; of what is open nobody knows the reply yet, so it may be placed with
//! any. When it returns, the order is looked at again. Three facts make that sound. A configuration
//! that leads nowhere leads nowhere when more is known. An order that explains all returns so far
//! need not be changed until one comes that it cannot explain. And a configuration that was tried
//! when less was known is not given up: it is tried again.

use super::{Frame, Placed, Search};
use crate::linear::Verdict;
use crate::machine::Machine;

impl<M: Machine> Search<M> {
    /// A search in a history that has no events yet.
    pub(in crate::linear) fn in_growth(initial: M) -> Self {
        Self { verdict: Verdict::Linearizable, ..Self::without_operations(initial) }
    }

    /// An operation is called; gives its index.
    pub(in crate::linear) fn call(&mut self, command: &M::Command) -> u32 {
        let number = self.moves.command(command);
        let index = self.plan.add(number, self.plan.ops.len() as u64);
        self.plan.ops[index as usize].idle = self.moves.state(0).read(command).is_some();
        self.plan.call(index);
        self.widen();
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
        let number = self.moves.reply(reply);
        let op = &mut self.plan.ops[index as usize];
        let since = op.since;
        op.reply = number;
        op.idle |= M::is_idle(self.moves.the_command(op.command), reply);
        self.plan.give_back(index);
        if self.verdict == Verdict::Illegal {
            return;
        }
        let caught_up = self.verdict == Verdict::Linearizable;
        self.verdict = Verdict::Undecided;
        let differs = |placed: &Placed| placed.index == index && placed.reply != number;
        match self.doubt(since) {
            Some(begin) if self.path[self.frames[begin].length..].iter().any(differs) => {
                self.try_again(begin);
            }
            _ if caught_up => self.enter(),
            _ => {}
        }
    }

    /// More is known of an operation that was called when the return `since` came next: the first
    /// frame that was made in ignorance.
    fn doubt(&mut self, since: u32) -> Option<usize> {
        let before = |frame: &Frame| self.memory.head(frame.config).0 < since;
        let begin = self.frames.partition_point(before);
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
        self.path.clear();
        self.best.shared = 0;
        self.here.next = 0;
        self.here.state = 0;
        self.here.placed.fill(0);
        self.enter();
    }
}
