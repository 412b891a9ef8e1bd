//! The search itself, which can be interrupted and taken up again.
//!
//! A configuration is what matters of a partial order: which return comes next, which of the
//! operations that are open at that return have been placed already, and the state that they lead
//! to. Operations that returned before are placed, those that are called later are not: so equal
//! configurations have equal futures, and each is looked at once (Lowe's memory).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::mask::Mask;
use super::states::States;
use super::{Finding, Operation, OperationOf, Verdict};
use crate::machine::Machine;

/// A search for an order, depth first: what returns first is tried first.
///
/// A command that the machine answers by [`Machine::read`] changes nothing. When its reply fits
/// the state, it is placed at once and nothing else is tried instead: in any order that has it
/// later, it can be moved here without changing a state or a reply.
#[derive(Debug)]
pub struct Search<'a, M: Machine> {
    operations: &'a [OperationOf<M>],
    plan: Plan,
    states: States<M>,
    seen: BTreeSet<Config>,
    frames: Vec<Frame>,
    /// The operations placed on the way to the last frame, in order.
    path: Vec<usize>,
    /// The return that the longest attempt did not get past, and the attempt.
    best: (usize, Vec<usize>),
    verdict: Verdict,
    steps: u64,
}

/// What follows from the calls and returns alone.
#[derive(Debug)]
struct Plan {
    /// The operations that returned, in the order of their returns.
    returns: Vec<usize>,
    /// The places in the masks, by operation; none: it is never placed.
    slots: Vec<Option<u32>>,
    /// Which operations change nothing.
    reads: Vec<bool>,
    /// The operations that are open at each return, those that return first in front.
    open: Vec<Vec<usize>>,
    /// How many are open at once, at most.
    width: u32,
}

/// What matters of a partial order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    /// Which return comes next.
    next: usize,
    state: u32,
    placed: Mask,
}

/// A configuration, and how far its alternatives were tried.
#[derive(Debug)]
struct Frame {
    config: Config,
    tried: usize,
    /// How long the path was before this frame.
    before: usize,
}

impl Plan {
    fn new<C, R>(operations: &[Operation<C, R>], reads: Vec<bool>) -> Self {
        // At one place a call comes before a return: what touches overlaps.
        let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(2 * operations.len());
        for (index, operation) in operations.iter().enumerate() {
            events.push((operation.called, false, index));
            events.extend(operation.returned.as_ref().map(|(at, _)| (*at, true, index)));
        }
        events.sort_unstable();
        let order = |index: &usize| {
            operations[*index].returned.as_ref().map_or((u64::MAX, *index), |(at, _)| (*at, *index))
        };
        let mut plan = Self {
            returns: Vec::new(),
            slots: alloc::vec![None; operations.len()],
            reads,
            open: Vec::new(),
            width: 0,
        };
        let (mut open, mut free) = (Vec::new(), Vec::new());
        for (_, is_return, index) in events {
            if !is_return {
                let returned = operations[index].returned.as_ref();
                let backwards = returned.is_some_and(|(at, _)| *at < operations[index].called);
                let idle = returned.is_none() && plan.reads[index];
                // A read that never returned tells nothing. What returned before it was called
                // fits nowhere.
                if !backwards && !idle {
                    plan.slots[index] = free.pop().or_else(|| {
                        plan.width += 1;
                        Some(plan.width - 1)
                    });
                    let place = open.partition_point(|other| order(other) < order(&index));
                    open.insert(place, index);
                }
                continue;
            }
            plan.returns.push(index);
            plan.open.push(open.clone());
            open.retain(|other| *other != index);
            free.extend(plan.slots[index]);
        }
        plan
    }

    /// The operation of the next return, if it has been placed.
    fn is_past(&self, config: &Config) -> Option<u32> {
        let index = self.returns.get(config.next)?;
        self.slots[*index].filter(|slot| config.placed.has(*slot))
    }
}

impl<'a, M: Machine> Search<'a, M> {
    /// A search that has not begun. The operations may stand in any order. `initial` is the state
    /// before the first of them; whether a command is a read must not depend on the state.
    pub fn new(initial: M, operations: &'a [OperationOf<M>]) -> Self {
        let reads = operations.iter().map(|op| initial.read(&op.command).is_some()).collect();
        let plan = Plan::new(operations, reads);
        let mut search = Self {
            operations,
            states: States::starting_with(initial),
            seen: BTreeSet::new(),
            frames: Vec::new(),
            path: Vec::new(),
            best: (0, Vec::new()),
            verdict: Verdict::Undecided,
            steps: 0,
            plan,
        };
        let placed = Mask::below(search.plan.width);
        search.enter(Config { next: 0, state: 0, placed }, 0);
        search
    }

    /// What is known so far.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How many times a command was tried on a state.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes on for about `steps` more steps, or until the verdict is known.
    pub fn run(&mut self, steps: u64) {
        let limit = self.steps.saturating_add(steps);
        while self.verdict == Verdict::Undecided && self.steps < limit {
            self.go_on();
        }
    }

    /// What was found out.
    pub fn finding(self) -> Finding {
        let Self { verdict, steps, path, best, plan, .. } = self;
        if verdict == Verdict::Linearizable {
            return Finding { verdict, steps, order: path, stuck: None };
        }
        let (next, order) = best;
        Finding { verdict, steps, order, stuck: plan.returns.get(next).copied() }
    }

    /// Tries the next alternative of the last frame, or gives the frame up.
    fn go_on(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            self.verdict = Verdict::Illegal;
            return;
        };
        let Some(index) = self.plan.open[frame.config.next].get(frame.tried).copied() else {
            let (next, before) = (frame.config.next, frame.before);
            self.remember(next);
            self.path.truncate(before);
            self.frames.pop();
            return;
        };
        frame.tried += 1;
        let Some(slot) = self.plan.slots[index] else { return };
        if self.plan.reads[index] || frame.config.placed.has(slot) {
            return;
        }
        self.steps += 1;
        let operation = &self.operations[index];
        let mut machine = self.states.get(frame.config.state).clone();
        let reply = machine.apply(&operation.command);
        if operation.returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            return;
        }
        let mut config = frame.config.clone();
        let before = config.state;
        config.state = self.states.number(machine);
        // Whoever never returned need not be placed: without an effect, it is of no use.
        if operation.returned.is_none() && config.state == before {
            return;
        }
        config.placed.insert(slot);
        let length = self.path.len();
        self.path.push(index);
        self.enter(config, length);
    }

    /// Goes to a configuration, unless its future is known already.
    fn enter(&mut self, mut config: Config, before: usize) {
        self.settle(&mut config);
        if config.next == self.plan.returns.len() {
            self.verdict = Verdict::Linearizable;
        } else if self.seen.insert(config.clone()) {
            self.frames.push(Frame { config, tried: 0, before });
        } else {
            self.path.truncate(before);
        }
    }

    /// Places the reads that fit, and passes the returns of what has been placed.
    fn settle(&mut self, config: &mut Config) {
        loop {
            while let Some(slot) = self.plan.is_past(config) {
                config.placed.remove(slot);
                config.next += 1;
            }
            let Some(open) = self.plan.open.get(config.next) else { return };
            for index in open.iter().copied().filter(|index| self.plan.reads[*index]) {
                let Some(slot) = self.plan.slots[index] else { continue };
                if config.placed.has(slot) {
                    continue;
                }
                self.steps += 1;
                let operation = &self.operations[index];
                let reply = self.states.get(config.state).read(&operation.command);
                let seen = operation.returned.as_ref().map(|(_, seen)| seen);
                if reply.as_ref() == seen {
                    config.placed.insert(slot);
                    self.path.push(index);
                }
            }
            if self.plan.is_past(config).is_none() {
                return;
            }
        }
    }

    /// Keeps the path if it got further than any before.
    fn remember(&mut self, next: usize) {
        let (furthest, longest) = &self.best;
        if (next, self.path.len()) > (*furthest, longest.len()) {
            self.best = (next, self.path.clone());
        }
    }
}
