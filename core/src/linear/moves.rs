//! What operations do to states.

use core::hash::Hasher;

use hashbrown::HashTable;

use super::OperationOf;
use super::interned::Interned;
use crate::digest::Digest;
use crate::machine::Machine;

/// No state: the reply does not fit.
const MISFIT: u32 = u32::MAX;

/// States by number, and what operations do to them.
#[derive(Clone, Debug)]
pub(super) struct Moves<M> {
    states: Interned<M>,
    known: HashTable<Move>,
}

/// What an operation does to a state.
#[derive(Clone, Copy, Debug)]
struct Move {
    state: u32,
    index: u32,
    /// Whether the reply was known.
    returned: bool,
    after: u32,
}

impl<M: Machine> Moves<M> {
    /// With one state, number 0, and room for so many.
    pub(super) fn starting_with(state: M, room: usize) -> Self {
        let mut states = Interned::with_capacity(room);
        states.number(state);
        Self { states, known: HashTable::new() }
    }

    pub(super) fn state(&self, number: u32) -> &M {
        self.states.get(number)
    }

    /// The reply that an operation gets.
    pub(super) fn reply(&self, state: u32, command: &M::Command) -> M::Reply {
        let state = self.state(state);
        state.read(command).unwrap_or_else(|| state.after(command).1)
    }

    /// Whether an operation that changes nothing gets the reply that was seen.
    pub(super) fn fits(&self, state: u32, operation: &OperationOf<M>) -> bool {
        let seen = operation.returned.as_ref().map(|(_, seen)| seen);
        seen.is_some_and(|seen| self.state(state).gives(&operation.command, seen))
    }

    /// The state after an operation, if its reply is the one that was seen.
    pub(super) fn carry_out(&mut self, state: u32, operation: &OperationOf<M>) -> Option<u32> {
        let (after, reply) = self.states.get(state).after(&operation.command);
        let seen = operation.returned.as_ref().map(|(_, seen)| seen);
        seen.is_none_or(|seen| *seen == reply).then(|| self.states.number(after))
    }

    /// The same, and remembers it: where a search comes back to a state often, that is faster.
    pub(super) fn carry_out_once(
        &mut self,
        state: u32,
        index: u32,
        operation: &OperationOf<M>,
    ) -> Option<u32> {
        let returned = operation.returned.is_some();
        let hash = hash(state, index);
        let same =
            |known: &Move| (known.state, known.index, known.returned) == (state, index, returned);
        let after = match self.known.find(hash, same) {
            Some(known) => known.after,
            None => {
                let after = self.carry_out(state, operation).unwrap_or(MISFIT);
                let hash_of = |known: &Move| self::hash(known.state, known.index);
                self.known.insert_unique(hash, Move { state, index, returned, after }, hash_of);
                after
            }
        };
        (after != MISFIT).then_some(after)
    }
}

fn hash(state: u32, index: u32) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(u64::from(state) << 32 | u64::from(index));
    digest.value()
}
