//! What clients saw: calls and returns in the order of the run. The input of every checker.
//!
//! A [`History`] is one of our own runs. A [`Record`] is what a file says, of ours or of somebody
//! else's system, in one of the forms of [`format`](mod@format).

pub mod format;
mod record;

pub use record::{Call, Callers, Outcome, Record, Spot};

use crate::chunks::Chunks;
use crate::id::{NodeId, Serial};
use crate::kv::{Command, Reply};
use crate::time::Instant;

/// A history: events in the order of the run.
pub type History = Chunks<Event, 256>;

/// Something that a client saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The step in which it happened: the order that counts.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// The client.
    pub client: NodeId,
    /// The operation's number with this client.
    pub serial: Serial,
    /// What.
    pub what: What,
}

/// What a client saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It called.
    Call(Command),
    /// It asked a server; the first time belongs to the call, later ones are retries.
    Ask(NodeId),
    /// The call returned.
    Return {
        /// Who answered.
        by: NodeId,
        /// The reply; none if nobody can say what became of the call.
        reply: Option<Reply>,
    },
}
