//! How a machine is built into a server: what its snapshots hold, and what is executed where.

use super::Machine;

/// How a machine is built into a server.
pub struct Composition<M: Machine> {
    /// What a snapshot of a state holds.
    pub capture: fn(&M) -> M,
    /// What a snapshot makes of a state.
    pub install: fn(&mut M, M),
    /// What is done with a command that is committed.
    pub execute: fn(&mut M, &M::Command) -> M::Reply,
    /// The reply to a command that need not go into the log, because the state has it already.
    pub known: fn(&M, &M::Command) -> Option<M::Reply>,
}

impl<M: Machine> Composition<M> {
    /// A snapshot holds everything and replaces everything; whatever is committed is executed, and
    /// nothing is answered before.
    pub const PLAIN: Self = Self {
        capture: M::clone,
        install: |state, snapshot| *state = snapshot,
        execute: M::apply,
        known: |_, _| None,
    };
}
