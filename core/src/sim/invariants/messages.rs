//! RI-9 and RI-10: terms and votes never go back, and messages promise only what is durable.

use super::memory::Watched;
use super::{Findings, Law};
use crate::id::{NodeId, Slot, Term};
use crate::raft::message::HardState;
use crate::sim::packet::{Label, Shape};
use crate::sim::report::Report;
use crate::sim::store::Durable;

/// Term and vote became durable.
pub(super) fn on_hard_state(
    node: NodeId,
    watched: &mut Watched,
    hard: HardState,
    findings: &mut Findings<'_>,
) {
    let before = watched.hard;
    let keeps = before.vote.is_none() || before.vote == hard.vote;
    let rises = hard.term > before.term || (hard.term == before.term && keeps);
    findings.judge(Law::TermsRise, node, rises, [hard.term.0, before.term.0]);
    watched.hard = hard;
}

/// The terms that a step's messages to other servers speak of, but for those of elections that may
/// come.
pub(super) struct Spoken {
    lowest: Term,
    highest: Term,
}

impl Default for Spoken {
    fn default() -> Self {
        Self { lowest: Term(u64::MAX), highest: Term(0) }
    }
}

impl Spoken {
    /// A message left. What the network copied left before.
    #[inline]
    pub(super) fn on_sent(&mut self, label: &Label, disk: &Durable, findings: &mut Findings<'_>) {
        let says = match label.shape {
            _ if label.twin => return,
            Shape::PreVote | Shape::PreVoteReply | Shape::Request | Shape::Response => return,
            Shape::Append
            | Shape::Heartbeat
            | Shape::AppendReply
            | Shape::SnapshotReply
            | Shape::TimeoutNow => true,
            Shape::Vote => voted(label, label.from, disk),
            Shape::VoteReply => label.agrees != Some(true) || voted(label, label.to, disk),
            Shape::Snapshot => disk.snapshot.is_some(),
        };
        if !says {
            let seen = [label.term.0, disk.hard.term.0];
            return findings.judge(Law::DurableFirst, label.from, says, seen);
        }
        self.lowest = self.lowest.min(label.term);
        self.highest = self.highest.max(label.term);
    }

    /// Judges all that was said.
    pub(super) fn judge(
        &self,
        watched: &Watched,
        disk: &Durable,
        report: &Report,
        findings: &mut Findings<'_>,
    ) {
        let Self { lowest, highest } = *self;
        if lowest <= highest {
            let (node, before, term) = (report.node, watched.hard.term, disk.hard.term);
            findings.judge(Law::TermsRise, node, lowest >= before, [lowest.0, before.0]);
            findings.judge(Law::DurableFirst, node, highest <= term, [highest.0, term.0]);
        }
        if report.vouched > Slot(0) {
            let (vouched, last) = (report.vouched, watched.last.slot);
            let seen = [vouched.0, last.0];
            findings.judge(Law::DurableFirst, report.node, vouched <= last, seen);
        }
    }
}

/// Whether the vote that a message gives or counts on is on the disk.
fn voted(label: &Label, whom: NodeId, disk: &Durable) -> bool {
    let hard = disk.hard;
    hard.term > label.term || (hard.term == label.term && hard.vote == Some(whom))
}
