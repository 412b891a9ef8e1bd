//! What follows from the calls and returns alone: which operations are open at each return.

use alloc::vec::Vec;
use core::ops::Range;

/// No place in the masks: the operation is never placed.
const NOWHERE: u32 = u32::MAX;

/// An operation, as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    /// Its place in the masks.
    slot: u32,
    /// Which return came next when it was called.
    pub(super) since: u32,
    /// Whether its command reads, and changes nothing.
    pub(super) reads: bool,
    /// Whether it changes nothing, whatever the state is.
    pub(super) idle: bool,
    /// Whether it only adds to what is there.
    pub(super) grows: bool,
    /// Whether it is known that it will never return.
    pub(super) lost: bool,
    /// What returns first is tried first.
    rank: u64,
    /// Of those that never returned, one that was called before and does the same, as far as
    /// anybody saw.
    pub(super) elder: Option<u32>,
}

impl Op {
    /// Its place in the masks, if it can be placed.
    pub(super) fn slot(&self) -> Option<u32> {
        (self.slot != NOWHERE).then_some(self.slot)
    }

    /// It turns out that no reply shows it.
    pub(super) const fn hide(&mut self) {
        self.rank -= 1;
    }

    /// Whether it never returned, and no reply shows it.
    pub(super) const fn is_hidden(&self) -> bool {
        self.lost && self.rank < u64::MAX
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
    /// For each return, the first read that returns then or later, if nothing that is called before
    /// it does more than grow.
    ahead: Vec<u32>,
}

impl Plan {
    /// Makes room for so many operations.
    pub(super) fn with_capacity(operations: usize) -> Self {
        Self {
            ops: Vec::with_capacity(operations),
            returns: Vec::with_capacity(operations),
            open: Vec::with_capacity(2 * operations),
            begins: Vec::with_capacity(operations),
            ..Self::default()
        }
    }

    /// Adds an operation that is never placed: it tells nothing, or fits nowhere.
    pub(super) fn add(&mut self, rank: u64) -> u32 {
        let since = self.returns.len() as u32;
        let (slot, no) = (NOWHERE, false);
        self.ops.push(Op {
            slot,
            since,
            reads: no,
            idle: no,
            grows: no,
            lost: no,
            rank,
            elder: None,
        });
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

    /// Looks ahead: from here on, all calls and returns are known.
    pub(super) fn look_ahead(&mut self) {
        let mut broken = alloc::vec![false; self.returns.len() + 1];
        let busy = |op: &&Op| op.slot != NOWHERE && !op.grows && !op.idle;
        self.ops.iter().filter(busy).for_each(|op| broken[op.since as usize] = true);
        self.ahead = alloc::vec![NOWHERE; self.returns.len()];
        let mut read = NOWHERE;
        for (next, index) in self.returns.iter().enumerate().rev() {
            if self.ops[*index as usize].reads {
                read = *index;
            }
            self.ahead[next] = read;
            // What is called while this return comes next can be placed only from here on.
            if broken[next] {
                read = NOWHERE;
            }
        }
    }

    /// Does not look ahead.
    pub(super) fn look_no_further(&mut self) {
        self.ahead.clear();
    }

    /// The first read that returns now or later, if what can be placed before it only grows.
    pub(super) fn ahead(&self, next: u32, placed: impl Fn(u32) -> bool) -> Option<u32> {
        let read = *self.ahead.get(next as usize).filter(|read| **read != NOWHERE)?;
        let is_open = |slot: u32| !placed(slot);
        let grows = |place: usize| {
            let op = &self.ops[self.open[place] as usize];
            op.grows || !op.slot().is_some_and(is_open)
        };
        let slot = self.ops[read as usize].slot();
        (slot.is_some_and(is_open) && self.busy_at(next).all(grows)).then_some(read)
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
