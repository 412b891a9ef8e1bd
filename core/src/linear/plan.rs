//! What follows from the calls and returns alone: which operations are open at each return.

use alloc::vec::Vec;
use core::ops::Range;

use super::moves::ANY;

/// No place in the masks: the operation is never placed.
const NOWHERE: u32 = u32::MAX;

/// An operation, as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    /// The number of its command.
    pub(super) command: u32,
    /// The number of its reply, if it is known.
    pub(super) reply: u32,
    /// Its place in the masks.
    slot: u32,
    /// Which return came next when it was called.
    pub(super) since: u32,
    /// Whether it changes nothing, whatever the state is.
    pub(super) idle: bool,
    /// Whether it is known that it will never return.
    pub(super) lost: bool,
    /// What returns first is tried first.
    rank: u64,
}

impl Op {
    /// Its place in the masks, if it can be placed.
    pub(super) fn slot(&self) -> Option<u32> {
        (self.slot != NOWHERE).then_some(self.slot)
    }

    /// Where it returned, if it did.
    pub(super) const fn rank(&self) -> u64 {
        self.rank
    }
}

/// Operations, and which of them are open at each return.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) ops: Vec<Op>,
    /// The operations that returned, in the order of their returns.
    pub(super) returns: Vec<u32>,
    /// The operations that are open at each return, one return after the other.
    open: Vec<u32>,
    /// Where those of a return begin, and where those that change something do.
    begins: Vec<(u32, u32)>,
    /// Those that are open now.
    now: Vec<u32>,
    /// Places that are free.
    free: Vec<u32>,
    /// How many are open at once, at most.
    pub(super) width: u32,
}

impl Plan {
    /// Adds an operation that is never placed: it tells nothing, or fits nowhere.
    pub(super) fn add(&mut self, command: u32, rank: u64) -> u32 {
        let since = self.returns.len() as u32;
        let op = Op { command, reply: ANY, slot: NOWHERE, since, idle: false, lost: false, rank };
        self.ops.push(op);
        self.ops.len() as u32 - 1
    }

    /// An operation is called.
    pub(super) fn call(&mut self, index: u32) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.width += 1;
            self.width - 1
        });
        let since = self.returns.len() as u32;
        let op = &mut self.ops[index as usize];
        (op.slot, op.since) = (slot, since);
        let order = |index: u32| (self.ops[index as usize].rank, index);
        let place = self.now.partition_point(|other| order(*other) < order(index));
        self.now.insert(place, index);
    }

    /// An operation returns.
    pub(super) fn give_back(&mut self, index: u32) {
        let begin = self.open.len() as u32;
        let idle = |index: &u32| self.ops[*index as usize].idle;
        self.open.extend(self.now.iter().filter(|other| idle(other)));
        let middle = self.open.len() as u32;
        if !idle(&index) && self.ops[index as usize].slot != NOWHERE {
            self.open.push(index);
        }
        let others = self.now.iter().filter(|other| !idle(other) && **other != index);
        self.open.extend(others);
        self.begins.push((begin, middle));
        self.returns.push(index);
        self.close(index);
    }

    /// An operation is open no more.
    pub(super) fn close(&mut self, index: u32) {
        self.now.retain(|other| *other != index);
        self.free.extend(self.ops[index as usize].slot());
    }

    /// How many returns there are.
    pub(super) fn end(&self) -> u32 {
        self.returns.len() as u32
    }

    /// The operations that are open at a return and change nothing.
    pub(super) fn idle_at(&self, next: u32) -> Range<usize> {
        let (begin, middle) = self.begins[next as usize];
        begin as usize..middle as usize
    }

    /// The others that are open at a return: what returns then comes first.
    pub(super) fn busy_at(&self, next: u32) -> Range<usize> {
        let (_, middle) = self.begins[next as usize];
        let end =
            self.begins.get(next as usize + 1).map_or(self.open.len(), |next| next.0 as usize);
        middle as usize..end
    }

    /// An operation in one of these ranges.
    pub(super) fn open(&self, place: usize) -> u32 {
        self.open[place]
    }
}
