//! What is tried first where many operations never returned.
//!
//! Any of them may have taken effect at any time, so there are more orders than can be tried. Most
//! differ in nothing that anybody saw. So a search that comes back often follows a hunch first: of
//! operations that no reply shows, and that do the same but for that, it does not matter which took
//! effect, and few did between two returns. An order that is found this way is as good as any. That
//! there is none is known only once all were tried: then the search begins anew, without the hunch.

use alloc::vec::Vec;
use core::fmt;

use super::{Memory, Op, Plan, Search, lay_out};
use crate::linear::{Operation, OperationOf};
use crate::machine::Machine;
use crate::order;

/// So much more often than others does a search come back that follows a hunch, or looks what each
/// return needs: most are done before that.
const TIRED: u64 = 4;
/// A hunch is followed for so many steps for each operation, each time.
const STEPS: u64 = 400;
/// So many that never returned may be placed before a return at first, then twice as many.
const FEWEST: u32 = 2;
/// No more than these: who needs more goes without a hunch.
const MOST: u32 = 32;
/// No more pairs of an operation and a reply are looked at to see whether it shows it.
const LOOKS: u32 = 1 << 20;

/// How far a hunch was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hunch {
    /// It will be followed as soon as the search comes back often.
    Due,
    /// It is followed.
    Followed {
        /// Until so many steps were made.
        until: u64,
        /// So many that never returned may be placed before a return.
        most: u32,
    },
    /// It is not followed: there is none, or nothing came of it.
    Done,
}

/// What a search does that comes back often. Those in a history that grows have none: so whoever
/// has only these does not carry the rest with them.
pub(super) struct Tactics<'a, M: Machine> {
    /// Begins anew in another way. Says whether it did.
    pub(super) change: fn(&mut Search<'a, M>) -> bool,
    /// Whether nothing explains the next return.
    pub(super) is_stuck: fn(&Search<'a, M>) -> bool,
}

impl<M: Machine> Tactics<'_, M> {
    pub(super) fn new() -> Self {
        Self { change: Search::changes_its_mind, is_stuck: Search::is_stuck }
    }
}

impl<M: Machine> Clone for Tactics<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Machine> Copy for Tactics<'_, M> {}

impl<M: Machine> fmt::Debug for Tactics<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tactics")
    }
}

/// Whether no reply shows an operation that never returned; false after too many looks.
fn is_hidden<M: Machine>(
    operations: &[OperationOf<M>],
    lost: &OperationOf<M>,
    looks: &mut u32,
) -> bool {
    let Some(left) = looks.checked_sub(operations.len() as u32) else { return false };
    *looks = left;
    let later = |(at, _): &&(u64, M::Reply)| *at > lost.called;
    let mut replies = operations.iter().filter_map(|other| other.returned.as_ref());
    !replies.any(|returned| later(&returned) && M::shows(&lost.command, &returned.1))
}

/// Finds for each operation that never returned the last one before it that does the same, as far
/// as anybody saw.
fn find_elders<M: Machine>(operations: &[OperationOf<M>], plan: &mut Plan) {
    let is_lost = |index: &u32| {
        let op = plan.ops[*index as usize];
        op.lost && op.slot().is_some()
    };
    let all = (0..operations.len() as u32).filter(is_lost).collect();
    let all: Vec<u32> = order::ranked(all, |index| operations[*index as usize].called);
    let mut youngest: Vec<u32> = Vec::new();
    for index in all {
        let command = |index: u32| &operations[index as usize].command;
        let hidden = |index: u32| plan.ops[index as usize].is_hidden();
        let does_the_same = |other: &&mut u32| {
            let (one, two) = (command(index), command(**other));
            one == two || hidden(index) && hidden(**other) && M::is_like(one, two)
        };
        match youngest.iter_mut().find(does_the_same) {
            Some(other) => {
                plan.ops[index as usize].elder = Some(core::mem::replace(other, index));
            }
            None => youngest.push(index),
        }
    }
}

impl<M: Machine> Search<'_, M> {
    /// The same search, which looks ahead and follows its hunches from the first step on. That
    /// takes longer where there is nothing to gain; the verdict is the same.
    #[must_use]
    pub fn eager(mut self) -> Self {
        self.eager = true;
        self
    }

    /// Whoever was here more often than there are operations will come back; `times` says how much
    /// more often.
    pub(super) fn comes_back(&self, times: u64) -> bool {
        self.eager || self.steps > times * (2 * self.operations.len() as u64 + 256)
    }

    /// Begins anew with a hunch once the search comes back often, with a bolder one or without any
    /// once nothing came of it. Says whether it did.
    fn changes_its_mind(&mut self) -> bool {
        let most = match self.hunch {
            Hunch::Due if self.comes_back(TIRED) => Some(FEWEST),
            Hunch::Followed { until, most } if self.frames.is_empty() || self.steps >= until => {
                Some(2 * most).filter(|most| *most <= MOST)
            }
            _ => return false,
        };
        if self.hunch == Hunch::Due {
            self.look_back();
        }
        let until = self.steps.saturating_add(STEPS * self.operations.len() as u64);
        self.hunch = most.map_or(Hunch::Done, |most| Hunch::Followed { until, most });
        // What led nowhere with a hunch may lead somewhere without.
        self.memory = Memory::with_capacity(self.operations.len());
        self.memory.widen(self.plan.width);
        self.frames.clear();
        self.restart();
        true
    }

    /// Finds out what nobody saw, and lays the search out anew.
    fn look_back(&mut self) {
        let (operations, mut looks) = (&*self.operations, LOOKS);
        let hidden = |lost: &OperationOf<M>| is_hidden::<M>(operations, lost, &mut looks);
        self.plan = lay_out(self.moves.state(0), operations, hidden);
        find_elders::<M>(operations, &mut self.plan);
    }

    /// Whether the hunch says that it is of no use to place an operation, with which so many that
    /// never returned stand before the next return.
    pub(super) fn wastes(&self, config: u32, op: Op, waste: u32) -> bool {
        let Hunch::Followed { most, .. } = self.hunch else { return false };
        let elder = op.elder.and_then(|elder| self.op(elder).slot());
        op.lost && waste > most || elder.is_some_and(|slot| !self.memory.has(config, slot))
    }

    /// Whether the next return cannot be explained by anything that can be placed before it. Only
    /// who comes back often asks: it costs as much as many steps.
    fn is_stuck(&self) -> bool {
        if !self.comes_back(TIRED) {
            return false;
        }
        let next = self.here.next;
        let index = self.plan.returns[next as usize];
        let Operation { command, returned: Some((_, seen)), .. } = &self.operations[index as usize]
        else {
            return false;
        };
        let is_open = |index: &u32| self.op(*index).slot().is_some_and(|slot| !self.here.has(slot));
        let others = self.plan.busy_at(next).map(|place| self.plan.open(place));
        let others = others.filter(|other| *other != index && is_open(other));
        let others = others.map(|other| &self.operations[other as usize].command);
        let is_hunch = matches!(self.hunch, Hunch::Followed { .. });
        let state = self.moves.state(self.here.state);
        !state.can_reply((command, seen), others, is_hunch)
    }
}
