//! The search itself, which can be interrupted and taken up again.
//!
//! A configuration is what matters of a partial order: which return comes next, which of the
//! operations that are open at that return have been placed already, and the state that they lead
//! to. Operations that returned before are placed, those that are called later are not: so equal
//! configurations have equal futures, and each is looked at once (Lowe's memory).

mod growth;
mod hunch;
mod layout;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use self::hunch::{Hunch, Tactics};
use self::layout::lay_out;
use super::memory::{Config, Memory};
use super::moves::Moves;
use super::plan::{Op, Plan};
use super::{Finding, Operation, OperationOf, Verdict};
use crate::machine::Machine;

/// A search for an order, depth first: what returns first is tried first.
///
/// An operation that changes nothing, whatever the state is, is placed at once when its reply fits
/// the state, and nothing else is tried instead: in any order that has it later, it can be moved
/// here without changing a state or a reply.
#[derive(Clone, Debug)]
pub struct Search<'a, M: Machine> {
    operations: Cow<'a, [OperationOf<M>]>,
    plan: Plan,
    moves: Moves<M>,
    memory: Memory,
    frames: Vec<Frame>,
    /// The operations placed on the way to the present configuration, in order.
    path: Vec<Placed>,
    /// The present configuration, if none is being tried: the one past the last return.
    here: Config,
    best: Best,
    /// How many returns some order explains.
    reached: u32,
    verdict: Verdict,
    steps: u64,
    /// What to do once it comes back often; none: nothing else.
    tactics: Option<Tactics<'a, M>>,
    /// It is taken to come back often, from the first step on.
    eager: bool,
    hunch: Hunch,
    /// The frames that were made when less was known of the operations.
    stale: Option<(usize, usize)>,
}

/// A configuration, and how far its alternatives were tried.
#[derive(Clone, Copy, Debug)]
struct Frame {
    config: u32,
    tried: u32,
    /// How long the path to it is.
    length: usize,
    /// How many that never returned were placed since the same return comes next.
    waste: u32,
}

/// An operation in an order, with the state before it.
#[derive(Clone, Copy, Debug)]
struct Placed {
    index: u32,
    state: u32,
}

/// The longest attempt.
#[derive(Clone, Debug, Default)]
struct Best {
    /// The return that it did not get past.
    next: u32,
    order: Vec<u32>,
    /// How much of its beginning is on the path. Only the rest is copied, so that keeping it costs
    /// no more than finding it.
    shared: usize,
}

/// Somebody who watches a search.
pub(super) trait Witness {
    /// An order leads to a state while the return `next` comes next.
    fn meets(&mut self, next: u32, state: u32);

    /// No order goes on from here past the return `next`.
    fn gives_up(&mut self, next: u32, state: u32, order: impl ExactSizeIterator<Item = usize>);
}

impl Witness for () {
    fn meets(&mut self, _: u32, _: u32) {}

    fn gives_up(&mut self, _: u32, _: u32, _: impl ExactSizeIterator<Item = usize>) {}
}

impl<'a, M: Machine> Search<'a, M> {
    /// A search that has not begun. The operations may stand in any order. `initial` is the state
    /// before the first of them.
    pub fn new(initial: M, operations: &'a [OperationOf<M>]) -> Self {
        let mut search = Self::of(initial, Cow::Borrowed(operations));
        search.tactics = Some(Tactics::new());
        search.plan = lay_out(search.moves.state(0), operations, |_| false);
        let may_happen = |op: &Op| op.lost && op.slot().is_some();
        if search.plan.ops.iter().any(may_happen) {
            search.hunch = Hunch::Due;
        }
        search.widen();
        search.enter();
        search
    }

    /// Tries even what cannot explain the next read, so that all that leads up to it is seen.
    pub(super) fn look_no_further(&mut self) {
        self.plan.look_no_further();
        self.tactics = None;
        self.try_again(0);
    }

    fn of(initial: M, operations: Cow<'a, [OperationOf<M>]>) -> Self {
        let room = operations.len();
        let mut search = Self {
            operations,
            plan: Plan::default(),
            moves: Moves::starting_with(initial, room),
            memory: Memory::with_capacity(room),
            frames: Vec::with_capacity(room),
            path: Vec::with_capacity(room),
            here: Config::default(),
            best: Best::default(),
            reached: 0,
            verdict: Verdict::Undecided,
            steps: 0,
            tactics: None,
            eager: false,
            hunch: Hunch::Done,
            stale: None,
        };
        search.widen();
        search
    }

    /// Makes room for as many open operations as there are.
    fn widen(&mut self) {
        self.memory.widen(self.plan.width);
        self.here.placed.resize(self.memory.words(), 0);
    }

    /// What is known so far.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How many times a command was tried on a state.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// How many configurations are remembered.
    pub fn configurations(&self) -> usize {
        self.memory.len()
    }

    /// Goes on for about `steps` more steps, or until the verdict is known.
    pub fn run(&mut self, steps: u64) {
        self.run_watched(steps, &mut ());
    }

    /// The same, and shows what is given up.
    pub(super) fn run_watched(&mut self, steps: u64, witness: &mut impl Witness) {
        let limit = self.steps.saturating_add(steps);
        while self.verdict == Verdict::Undecided && self.steps < limit {
            self.go_on(witness);
        }
    }

    /// What was found out.
    pub fn finding(self) -> Finding {
        let Self { verdict, steps, path, best, plan, reached, .. } = self;
        if verdict == Verdict::Linearizable {
            let order = path.iter().map(|placed| placed.index as usize).collect();
            return Finding { verdict, steps, order, stuck: None };
        }
        let order = best.order.iter().map(|index| *index as usize).collect();
        let stuck = plan.returns.get(reached as usize).map(|index| *index as usize);
        Finding { verdict, steps, order, stuck }
    }

    /// The order that explains all returns so far, from its end; if there is none, the longest
    /// attempt.
    pub(super) fn last_first(&self) -> impl Iterator<Item = u32> {
        let (path, attempt): (&[Placed], &[u32]) = match self.verdict {
            Verdict::Linearizable => (&self.path, &[]),
            Verdict::Illegal => (&[], &self.best.order),
            Verdict::Undecided => (&[], &[]),
        };
        path.iter().rev().map(|placed| placed.index).chain(attempt.iter().rev().copied())
    }

    /// How many returns some order explains, as far as is known.
    pub(super) const fn reached(&self) -> u32 {
        self.reached
    }

    /// The operations that returned, in the order of their returns.
    pub(super) fn returns(&self) -> &[u32] {
        &self.plan.returns
    }

    /// An operation.
    pub(super) fn op(&self, index: u32) -> Op {
        self.plan.ops[index as usize]
    }

    /// A state by its number.
    pub(super) fn state(&self, number: u32) -> &M {
        self.moves.state(number)
    }

    /// The reply that a command gets in a state.
    pub(super) fn reply(&self, state: u32, command: &M::Command) -> M::Reply {
        self.moves.reply(state, command)
    }

    /// Tries the next alternative of the last frame, or gives the frame up.
    fn go_on(&mut self, witness: &mut impl Witness) {
        if let Some(tactics) = self.tactics
            && (tactics.change)(self)
        {
            return;
        }
        let Some(frame) = self.frames.last_mut() else {
            self.verdict = Verdict::Illegal;
            return;
        };
        let Frame { config, length, waste, .. } = *frame;
        let (next, state) = self.memory.head(config);
        let mut places = self.plan.busy_at(next);
        let found = places.nth(frame.tried as usize);
        frame.tried += 1;
        self.path.truncate(length);
        self.best.shared = self.best.shared.min(length);
        let Some(place) = found else {
            let order = self.path.iter().map(|placed| placed.index as usize);
            witness.gives_up(next, state, order);
            self.give_up(next);
            return;
        };
        let index = self.plan.open(place);
        let op = self.op(index);
        let Some(slot) = op.slot().filter(|slot| !self.memory.has(config, *slot)) else { return };
        let waste = waste + u32::from(op.lost);
        if self.wastes(config, op, waste) {
            return;
        }
        self.steps += 1;
        let often = self.comes_back(1);
        let operation = &self.operations[index as usize];
        let after = match often {
            true => self.moves.carry_out_once(state, index, operation),
            false => self.moves.carry_out(state, operation),
        };
        let Some(after) = after else { return };
        // Who never returns need not be placed: without an effect, it is of no use.
        if op.lost && after == state {
            return;
        }
        self.memory.load(config, &mut self.here);
        self.here.insert(slot);
        self.here.state = after;
        self.path.push(Placed { index, state });
        witness.meets(next, after);
        let frames = self.frames.len();
        self.enter();
        let entered = self.frames.get_mut(frames);
        if let Some(frame) = entered.filter(|frame| self.memory.head(frame.config).0 == next) {
            frame.waste = waste;
        }
    }

    /// Gives up the last frame, all of whose alternatives were tried.
    fn give_up(&mut self, next: u32) {
        self.remember(next);
        let last = self.frames.len() - 1;
        match self.stale {
            // More is known now than when it was tried.
            Some((begin, end)) if (begin..end).contains(&last) => self.try_again(begin),
            _ => {
                self.frames.pop();
            }
        }
    }

    /// Keeps the path if it got further than any before.
    fn remember(&mut self, next: u32) {
        let Best { next: furthest, order, shared } = &mut self.best;
        if (next, self.path.len()) > (*furthest, order.len()) {
            order.truncate(*shared);
            order.extend(self.path[*shared..].iter().map(|placed| placed.index));
            (*furthest, *shared) = (next, self.path.len());
        }
    }

    /// Goes to the present configuration, unless its future is known already.
    fn enter(&mut self) {
        self.settle();
        self.reached = self.reached.max(self.here.next);
        if self.here.next == self.plan.end() {
            self.verdict = Verdict::Linearizable;
        } else if self.is_hopeless() {
            self.remember(self.here.next);
        } else if let Some(config) = self.memory.insert(&self.here) {
            self.frames.push(Frame { config, tried: 0, length: self.path.len(), waste: 0 });
        }
    }

    /// Whether the next read cannot be explained, because what can be placed before it only adds to
    /// a state that contradicts it.
    fn is_hopeless(&self) -> bool {
        if let Some(tactics) = self.tactics
            && (tactics.is_stuck)(self)
        {
            return true;
        }
        let read = self.plan.ahead(self.here.next, |slot| self.here.has(slot));
        let read = read.map(|index| &self.operations[index as usize]);
        read.is_some_and(|Operation { command, returned, .. }| {
            let state = self.moves.state(self.here.state);
            returned.as_ref().is_some_and(|(_, seen)| state.excludes(command, seen))
        })
    }

    /// Places what changes nothing and fits, and passes the returns of what has been placed.
    fn settle(&mut self) {
        loop {
            self.pass();
            if self.here.next == self.plan.end() {
                return;
            }
            for place in self.plan.idle_at(self.here.next) {
                let index = self.plan.open(place);
                let op = self.plan.ops[index as usize];
                let Some(slot) = op.slot().filter(|slot| !self.here.has(*slot)) else { continue };
                self.steps += 1;
                let state = self.here.state;
                if self.moves.fits(state, &self.operations[index as usize]) {
                    self.here.insert(slot);
                    self.path.push(Placed { index, state });
                }
            }
            if !self.is_past() {
                return;
            }
        }
    }

    /// Passes the returns of what has been placed.
    fn pass(&mut self) {
        while self.is_past() {
            let index = self.plan.returns[self.here.next as usize];
            if let Some(slot) = self.op(index).slot() {
                self.here.remove(slot);
            }
            self.here.next += 1;
        }
    }

    /// Whether the operation of the next return has been placed.
    fn is_past(&self) -> bool {
        let index = self.plan.returns.get(self.here.next as usize);
        let slot = index.and_then(|index| self.op(*index).slot());
        slot.is_some_and(|slot| self.here.has(slot))
    }
}
