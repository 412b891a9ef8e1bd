//! What a clerk of the sharded store is asked and told, and what it wants done.

use alloc::vec::{Drain, Vec};

use crate::controller;
use crate::id::{NodeId, Serial};
use crate::kv;
use crate::machine::{Answer, Call};
use crate::server::{Refusal, Request};
use crate::shardkv::Reply;

/// What a client may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Something about a key.
    Key(kv::Command),
    /// Something about the configuration.
    Control(controller::Command),
}

/// What an operation gives back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// About a key.
    Key(kv::Reply),
    /// About the configuration.
    Control(controller::Reply),
}

/// What a clerk is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// By a group.
    Group(Reply),
    /// By the controller.
    Controller(Answer<controller::Reply>),
    /// By a server that does not answer.
    Refused(Refusal),
}

/// What a clerk wants done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Errand {
    /// Send a request to the controller.
    Ask {
        /// To which of its servers.
        to: NodeId,
        /// What.
        request: Request<Call<controller::Command>>,
    },
    /// Send a request to a group.
    Send {
        /// To which of its servers.
        to: NodeId,
        /// What.
        request: Request<Call<kv::Command>>,
    },
    /// The call is over.
    Done {
        /// Its number.
        serial: Serial,
        /// Who answered.
        by: NodeId,
        /// The outcome; none if the session had expired, so that nobody can say whether the call
        /// was executed.
        reply: Option<Outcome>,
    },
}

/// Where a clerk puts what it wants done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errands(Vec<Errand>);

impl Errands {
    /// Takes everything out, in order.
    pub fn drain(&mut self) -> Drain<'_, Errand> {
        self.0.drain(..)
    }

    pub(super) fn push(&mut self, errand: Errand) {
        self.0.push(errand);
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
