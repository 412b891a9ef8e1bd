//! What messages are, and what becomes of them.

use shardscope_core::view::{Fate, Flight, Shape};

/// What a message is.
pub(crate) const fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::PreVote => "pre-vote request",
        Shape::Vote => "vote request",
        Shape::PreVoteReply => "pre-vote",
        Shape::VoteReply => "vote",
        Shape::Append => "append",
        Shape::Heartbeat => "heartbeat",
        Shape::AppendReply => "acknowledgement",
        Shape::Snapshot => "snapshot",
        Shape::SnapshotReply => "snapshot answer",
        Shape::TimeoutNow => "call to take over",
        Shape::Request => "client request",
        Shape::Response => "client answer",
    }
}

/// One sentence about a kind of message, with its section of the paper.
pub(crate) const fn shape_help(shape: Shape) -> &'static str {
    match shape {
        Shape::PreVote => {
            "Asks whether an election could be won, without changing any term (thesis §9.6)."
        }
        Shape::Vote => "A candidate asks for a vote (§5.2).",
        Shape::PreVoteReply => "Filled says that the election could be won (thesis §9.6).",
        Shape::VoteReply => "Filled says yes, hollow says no (§5.2).",
        Shape::Append => "The leader sends log entries; the number says how many (§5.3).",
        Shape::Heartbeat => "The leader is still there: resets election timers (§5.2).",
        Shape::AppendReply => "Filled: stored. Hollow: the logs do not match yet (§5.3).",
        Shape::Snapshot => "Stands for the whole beginning of the log (§7).",
        Shape::SnapshotReply => "The snapshot arrived (§7).",
        Shape::TimeoutNow => "The leader asks this server to lead next (thesis §3.10).",
        Shape::Request => "A client asks for an operation (§8).",
        Shape::Response => "A server answers a client (§8).",
    }
}

/// How a flight ends.
pub(crate) fn fate(flight: &Flight) -> &'static str {
    match flight.fate {
        Fate::Arrives if flight.delayed => "on its way, delayed",
        Fate::Arrives => "on its way",
        Fate::Lost => "will be lost by the network",
        Fate::Cut => "will be stopped by a cut",
        Fate::Held => "held back",
    }
}
