//! What a mover wants done, and what it is told.

use alloc::vec::{Drain, Vec};

use crate::controller::Config;
use crate::id::{ConfigNumber, NodeId};
use crate::server::Refusal;
use crate::shardkv::{Command, Install, Installed};

/// What a mover wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Ask the controller, as a read.
    Ask {
        /// Which of its servers.
        to: NodeId,
        /// What the answer must carry.
        tag: u64,
        /// Which configuration; none for the latest.
        query: Option<ConfigNumber>,
    },
    /// Send a piece to the new owner.
    Push {
        /// Which of its servers.
        to: NodeId,
        /// What the answer must carry.
        tag: u64,
        /// The piece.
        install: Install,
    },
    /// Put this into the group's own log.
    Propose(Command),
}

/// What a mover is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// By the controller.
    Config(Config),
    /// By the new owner of a shard.
    Install(Installed),
    /// By a server that does not answer.
    Refused(Refusal),
}

/// Where a mover puts what it wants done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(Vec<Move>);

impl Moves {
    /// Takes everything out, in order.
    pub fn drain(&mut self) -> Drain<'_, Move> {
        self.0.drain(..)
    }

    pub(super) fn push(&mut self, wanted: Move) {
        self.0.push(wanted);
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
