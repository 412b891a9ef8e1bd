//! What commands do to states: each is carried out once.

use core::hash::Hasher;

use hashbrown::HashTable;

use super::interned::Interned;
use crate::digest::Digest;
use crate::machine::Machine;

/// Any reply: nobody knows what the client saw, or will see.
pub(super) const ANY: u32 = u32::MAX;

/// A state that nobody asked for yet, because the reply did not fit.
const LATER: u32 = u32::MAX;

/// States, and what commands do to them. Commands, replies and states go by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Moves<M: Machine> {
    commands: Interned<M::Command>,
    replies: Interned<M::Reply>,
    states: Interned<M>,
    known: HashTable<Move>,
}

/// What a command does to a state.
#[derive(Clone, Copy, Debug)]
struct Move {
    state: u32,
    command: u32,
    reply: u32,
    after: u32,
}

impl<M: Machine> Moves<M> {
    /// With one state, number 0.
    pub(super) fn starting_with(state: M) -> Self {
        let mut states = Interned::new();
        states.number(state);
        let (commands, replies) = (Interned::new(), Interned::new());
        Self { commands, replies, states, known: HashTable::new() }
    }

    pub(super) fn command(&mut self, command: &M::Command) -> u32 {
        self.commands.number_of(command)
    }

    pub(super) fn the_command(&self, number: u32) -> &M::Command {
        self.commands.get(number)
    }

    pub(super) fn reply(&mut self, reply: &M::Reply) -> u32 {
        self.replies.number_of(reply)
    }

    pub(super) fn state(&self, number: u32) -> &M {
        self.states.get(number)
    }

    /// The reply and the state after it, if the reply is the one that is demanded.
    pub(super) fn carry_out(&mut self, state: u32, command: u32, seen: u32) -> Option<(u32, u32)> {
        let hash = hash(state, command);
        let same = |known: &Move| known.state == state && known.command == command;
        if let Some(known) = self.known.find(hash, same).copied() {
            if seen != ANY && seen != known.reply {
                return None;
            }
            if known.after != LATER {
                return Some((known.reply, known.after));
            }
        }
        let mut machine = self.states.get(state).clone();
        let reply = machine.apply(self.commands.get(command));
        let reply = self.replies.number(reply);
        let fits = seen == ANY || seen == reply;
        let after = if fits { self.states.number(machine) } else { LATER };
        let found = Move { state, command, reply, after };
        match self.known.find_mut(hash, same) {
            Some(known) => *known = found,
            None => {
                let hash_of = |known: &Move| self::hash(known.state, known.command);
                self.known.insert_unique(hash, found, hash_of);
            }
        }
        fits.then_some((reply, after))
    }
}

fn hash(state: u32, command: u32) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(u64::from(state) << 32 | u64::from(command));
    digest.value()
}
