//! What happened in a Raft server and why: captions, trace lines and marks in one.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::id::{LogId, NodeId, Slot, Term};

/// What happened and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// No leader was heard from in time: it asks whether an election could be won.
    PreVoteStarted(Term),
    /// It stands for election.
    ElectionStarted(Term),
    /// It voted.
    Voted {
        /// For whom.
        candidate: NodeId,
        /// In which term.
        term: Term,
    },
    /// It refused its vote.
    VoteRefused {
        /// To whom.
        candidate: NodeId,
        /// Why.
        why: NoVote,
    },
    /// It won an election.
    BecameLeader(Term),
    /// It leads no longer.
    SteppedDown(Down),
    /// It takes somebody for its leader.
    Follows {
        /// Whom.
        leader: NodeId,
        /// In which term.
        term: Term,
    },
    /// An append did not fit its log.
    Conflict {
        /// What the leader said stands before the entries.
        prev: LogId,
        /// The highest own entry that may still agree.
        hint: LogId,
    },
    /// It threw entries away that the leader does not have.
    Truncated {
        /// The first slot thrown away.
        from: Slot,
    },
    /// It learnt that everything up to a slot is committed.
    Committed(Slot),
    /// It replaced the beginning of its log by a snapshot.
    Compacted(LogId),
    /// It sends a snapshot, because the entries needed are compacted away.
    SnapshotSent {
        /// To whom.
        to: NodeId,
        /// The last entry that it reflects.
        last: LogId,
    },
    /// It replaced its state by a leader's snapshot.
    Installed(LogId),
    /// It hands its office over.
    HandsOver {
        /// To whom.
        to: NodeId,
    },
    /// It hands its office over no longer: nobody took it in time.
    KeepsOffice,
    /// It lost its disk once, so that it must not vote or count.
    NoVoter,
    /// An append that had come too early fits its log now.
    Fitted {
        /// Its last slot.
        through: Slot,
    },
}

/// Why a vote was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoVote {
    /// The candidate's term is over.
    OldTerm,
    /// It voted for somebody else in this term (§5.2).
    VotedFor(NodeId),
    /// Its own log is more up-to-date (§5.4.1).
    BetterLog(LogId),
    /// It has just heard from a leader (thesis §4.2.3).
    HasLeader,
    /// It lost its disk.
    LostDisk,
}

/// Why a leader stepped down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Down {
    /// It saw a higher term (§5.1).
    HigherTerm(Term),
    /// It has not heard from a quorum for an election time-out (thesis §6.2).
    NoQuorum,
}

impl Note {
    /// The note in words, with the servers by their names.
    pub fn words(&self, name: &dyn Fn(NodeId) -> String) -> String {
        match self {
            Self::PreVoteStarted(term) => {
                format!("heard from no leader in time: asks whether it could win term {term}")
            }
            Self::ElectionStarted(term) => format!("stands for election in term {term}"),
            Self::Voted { candidate, term } => {
                format!("votes for {} in term {term}", name(*candidate))
            }
            Self::VoteRefused { candidate, why } => {
                format!("refuses its vote to {}: {}", name(*candidate), why.words(name))
            }
            Self::BecameLeader(term) => format!("is elected leader of term {term}"),
            Self::SteppedDown(Down::HigherTerm(term)) => {
                format!("steps down: it saw term {term}")
            }
            Self::SteppedDown(Down::NoQuorum) => {
                "steps down: it has not heard from a quorum for too long".into()
            }
            Self::Follows { leader, term } => {
                format!("follows {} in term {term}", name(*leader))
            }
            Self::Conflict { prev, hint } => {
                format!("has no entry {prev}: its log may agree up to {hint}")
            }
            Self::Fitted { through } => {
                format!("takes what came early, up to slot {through}")
            }
            Self::Truncated { from } => {
                format!("throws away its entries from slot {from} on: the leader has others")
            }
            Self::Committed(slot) => format!("knows everything up to slot {slot} as committed"),
            Self::Compacted(last) => format!("replaces its log up to {last} by a snapshot"),
            Self::SnapshotSent { to, last } => {
                format!("sends {} its snapshot up to {last}", name(*to))
            }
            Self::Installed(last) => format!("installs a snapshot up to {last}"),
            Self::HandsOver { to } => format!("hands its office over to {}", name(*to)),
            Self::KeepsOffice => "stays in office: nobody took over in time".into(),
            Self::NoVoter => "lost its disk once: it receives, but does not count".into(),
        }
    }
}

/// The words where there is one group: process 0 is `S1`.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(&|id| format!("S{}", u32::from(id.0) + 1)))
    }
}

impl NoVote {
    fn words(&self, name: &dyn Fn(NodeId) -> String) -> String {
        match self {
            Self::OldTerm => "that term is over".into(),
            Self::VotedFor(other) => format!("it voted for {}", name(*other)),
            Self::BetterLog(last) => format!("its own log goes up to {last}"),
            Self::HasLeader => "it has just heard from a leader".into(),
            Self::LostDisk => "it lost its disk".into(),
        }
    }
}
