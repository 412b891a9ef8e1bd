//! What a server does, each role with its own state.

use alloc::vec::Vec;

use super::read::Reads;
use crate::id::{NodeId, NodeSet, Slot};
use crate::time::{Alarm, Instant, Why};

/// What a server does, with all that belongs to doing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes what the leader sends.
    Follower {
        /// Whom it takes for the leader of this term.
        leader: Option<NodeId>,
        /// When it will stop waiting for one.
        timer: Timer,
    },
    /// Asks whether it could win an election.
    PreCandidate {
        /// Who said yes, itself included.
        votes: NodeSet,
        /// Whom it asks again meanwhile.
        retry: Retry,
        /// When it will begin anew.
        timer: Timer,
    },
    /// Stands for election.
    Candidate {
        /// Who voted for it, itself included.
        votes: NodeSet,
        /// Whom it asks again meanwhile.
        retry: Retry,
        /// When it will try again, in another term.
        timer: Timer,
    },
    /// Leads.
    Leader(Leader),
}

/// Requests for votes that were not answered yet: they are sent again, because they or the answers
/// may be lost (§5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Who has not answered.
    pub silent: NodeSet,
    /// When they are asked again, on the server's own clock.
    pub at: Instant,
    /// The leader itself wants the election.
    pub(super) handed: bool,
}

/// An election timer, on the server's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When it was set: of a follower with a leader, when it last heard from it.
    pub set: Instant,
    /// When it goes off.
    pub fires: Instant,
}

impl Timer {
    /// What it wakes the server for.
    pub(super) const fn alarm(&self) -> Alarm {
        Alarm { at: self.fires, why: Why::Election }
    }
}

impl Retry {
    /// What it wakes the server for, if anybody is silent.
    pub(super) fn alarm(&self) -> Option<Alarm> {
        (!self.silent.is_empty()).then_some(Alarm { at: self.at, why: Why::Retry })
    }
}

/// What a leader keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// What it knows of the other servers, by increasing number.
    pub peers: Vec<Peer>,
    /// When it speaks next.
    pub heartbeat: Instant,
    /// Whom it hands its office over to, if it does: meanwhile it takes no commands.
    pub heir: Option<Heir>,
    /// Reads that wait.
    pub(super) reads: Reads,
}

impl Leader {
    /// The first round of messages for whose answers a read waits (thesis §6.4).
    pub fn awaited_round(&self) -> Option<u64> {
        self.reads.awaited()
    }
}

/// Who is to lead next (thesis §3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heir {
    /// The server.
    pub id: NodeId,
    /// When the leader goes on by itself, should nobody have taken over.
    pub until: Instant,
    /// It has everything and was told to stand for election.
    pub called: bool,
}

/// What a leader knows of one other server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The server.
    pub id: NodeId,
    /// The next slot to send (`nextIndex`).
    pub next: Slot,
    /// The highest slot known to be stored there (`matchIndex`).
    pub matched: Slot,
    /// How entries are sent to it.
    pub mode: Mode,
    /// When it was last heard from.
    pub heard: Instant,
    /// The last round that it answered.
    pub round: u64,
    /// Its acknowledgements count: false once it said that it lost its disk.
    pub counts: bool,
    /// So many entries may be on their way to it without an answer, in more than one message, as
    /// far as the window has room for them: none after a refusal, and one more with each entry that
    /// it acknowledges (the slow start of TCP). Where messages overtake each other, a leader that
    /// sent its whole window anew for each refusal would get ever more of them.
    pub room: u64,
}

/// How entries are sent to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Where its log agrees is not known: one message at a time, then wait.
    Probe {
        /// One is on its way.
        waiting: bool,
    },
    /// Its log agrees: messages follow one another without waiting.
    Stream,
    /// It needs a snapshot, sent at this time.
    Snapshot {
        /// When.
        sent: Instant,
    },
}
