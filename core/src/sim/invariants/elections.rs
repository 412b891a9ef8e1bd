//! RI-1 and RI-2: who was elected and who voted for whom, across restarts.

use alloc::sync::Arc;

use super::{Findings, Law};
use crate::id::{NodeId, Term};
use crate::raft::message::HardState;
use crate::sim::packet::{Label, Shape};
use crate::sorted::Sorted;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elections {
    leaders: Arc<Sorted<Term, NodeId>>,
    votes: Arc<Sorted<(Term, NodeId), NodeId>>,
}

impl Elections {
    pub(super) fn on_leader(&mut self, node: NodeId, term: Term, findings: &mut Findings<'_>) {
        let known = self.leaders.get(&term).copied();
        if known.is_none() {
            Arc::make_mut(&mut self.leaders).insert(term, node);
        }
        let other = known.unwrap_or(node);
        findings.judge(Law::ElectionSafety, node, other == node, [term.0, u64::from(other.0) + 1]);
    }

    /// A granted vote counts when the answer leaves, a candidate's own when it asks for others'.
    pub(super) fn on_sent(&mut self, label: &Label, findings: &mut Findings<'_>) {
        let node = label.from;
        match (label.shape, label.agrees) {
            (Shape::VoteReply, Some(true)) => self.vote(node, label.term, label.to, findings),
            (Shape::Vote, _) => self.vote(node, label.term, node, findings),
            _ => {}
        }
    }

    pub(super) fn on_hard_state(
        &mut self,
        node: NodeId,
        hard: HardState,
        findings: &mut Findings<'_>,
    ) {
        if let Some(vote) = hard.vote {
            self.vote(node, hard.term, vote, findings);
        }
    }

    fn vote(&mut self, node: NodeId, term: Term, whom: NodeId, findings: &mut Findings<'_>) {
        let known = self.votes.get(&(term, node)).copied();
        if known.is_none() {
            Arc::make_mut(&mut self.votes).insert((term, node), whom);
        }
        let first = known.unwrap_or(whom);
        findings.judge(Law::OneVote, node, first == whom, [term.0, u64::from(first.0) + 1]);
    }
}
