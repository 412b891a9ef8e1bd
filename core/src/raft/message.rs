//! What Raft servers send to one another and write to their disks.

use alloc::sync::Arc;

use serde::Serialize;

use crate::id::{LogId, NodeId, Slot, Term};
use crate::machine::Machine;
use crate::protocol::Durable as DurableState;

use super::log::{Batch, Log, Splice};

/// A message between two servers. Its encoding is what a message's bytes are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(bound = "")]
pub enum Message<M: Machine> {
    /// Asks for a vote (§5.2), or whether one would be given (thesis §9.6).
    Vote {
        /// The term stood for. Of a pre-vote: the term that would be stood for.
        term: Term,
        /// The candidate's last entry.
        last: LogId,
        /// It only asks.
        pre: bool,
        /// The leader itself wants it (thesis §3.10): whoever has just heard from that leader votes
        /// all the same.
        handed: bool,
    },
    /// Answers [`Message::Vote`].
    VoteReply {
        /// The voter's term; of a granted pre-vote, the term asked about.
        term: Term,
        /// It answers a pre-vote.
        pre: bool,
        /// Yes or no.
        granted: bool,
    },
    /// Carries entries; without any it is a heartbeat (§5.3).
    Append {
        /// The leader's term.
        term: Term,
        /// The entry just before those carried.
        prev: LogId,
        /// The entries.
        entries: Batch<M::Command>,
        /// The leader's commit index.
        commit: Slot,
        /// Grows with each round of messages that a read may wait for.
        round: u64,
    },
    /// Answers [`Message::Append`].
    AppendReply {
        /// The follower's term.
        term: Term,
        /// The round answered.
        round: u64,
        /// Whether the follower's acknowledgements count: not after it lost its disk.
        counts: bool,
        /// What became of it.
        outcome: Outcome,
    },
    /// Carries the state that the leader's log starts from (§7).
    Snapshot {
        /// The leader's term.
        term: Term,
        /// The state.
        snapshot: Arc<Snapshot<M>>,
    },
    /// Answers [`Message::Snapshot`].
    SnapshotReply {
        /// The follower's term.
        term: Term,
        /// As in [`Message::AppendReply`].
        counts: bool,
        /// The follower has the leader's log up to here.
        matched: Slot,
    },
    /// Tells a follower to stand for election at once (thesis §3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
    },
}

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Outcome {
    /// The follower has the leader's log up to here.
    Matched(Slot),
    /// The entry before those carried is not there.
    Conflict {
        /// The slot asked about.
        rejected: Slot,
        /// The follower's highest entry that may still agree.
        hint: LogId,
    },
    /// The sender's term is over, or the message made no sense.
    Refused,
}

/// The machine's state after a prefix of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Snapshot<M> {
    /// The last entry that it reflects.
    pub last: LogId,
    /// The state.
    pub machine: M,
}

impl<M: Machine> Message<M> {
    /// The term that the message speaks of.
    pub const fn term(&self) -> Term {
        match self {
            Self::Vote { term, .. }
            | Self::VoteReply { term, .. }
            | Self::Append { term, .. }
            | Self::AppendReply { term, .. }
            | Self::Snapshot { term, .. }
            | Self::SnapshotReply { term, .. }
            | Self::TimeoutNow { term } => *term,
        }
    }
}

/// The part of Figure 2's persistent state that is not the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HardState {
    /// The latest term seen.
    pub term: Term,
    /// Who got this server's vote in it.
    pub vote: Option<NodeId>,
}

/// What one step makes durable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record<M: Machine> {
    /// Term and vote.
    Hard(HardState),
    /// A change of the log.
    Splice(Splice<M::Command>),
    /// A snapshot, taken here or received; it replaces the log up to its last entry.
    Snapshot(Arc<Snapshot<M>>),
}

/// What a disk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable<M: Machine> {
    /// Term and vote.
    pub hard: HardState,
    /// The log.
    pub log: Log<M::Command>,
    /// What stands before the log.
    pub snapshot: Option<Arc<Snapshot<M>>>,
    /// The disk was lost once: whoever runs on it receives, but never counts.
    pub lost: bool,
}

impl<M: Machine> Default for Durable<M> {
    fn default() -> Self {
        Self { hard: HardState::default(), log: Log::default(), snapshot: None, lost: false }
    }
}

impl<M: Machine> Durable<M> {
    /// An empty disk in place of one that was lost.
    pub fn lost() -> Self {
        Self { lost: true, ..Self::default() }
    }
}

impl<M: Machine> DurableState<Record<M>> for Durable<M> {
    fn store(&mut self, record: &Record<M>) {
        match record {
            Record::Hard(hard) => self.hard = *hard,
            Record::Splice(splice) => self.log.splice(splice),
            Record::Snapshot(snapshot) => {
                self.log.compact(snapshot.last);
                self.snapshot = Some(snapshot.clone());
            }
        }
    }
}
