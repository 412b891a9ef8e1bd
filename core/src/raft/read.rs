//! Reads without the log: ReadIndex (thesis §6.4).
//!
//! A read waits until the leader has committed an entry of its own term (before that it may not
//! know what is committed), takes the commit index as the point that it must reflect, and waits
//! for a round of answers that began after it came: proof that no later leader had been elected
//! then. Reads that come while a round is under way share the next one.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::id::{NodeSet, Slot, Ticket};
use crate::machine::Machine;
use crate::protocol::{Effect, Out, Refused};
use crate::time::Instant;

use super::{Raft, Role, rules};

/// A leader's waiting reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// The latest round of messages.
    round: u64,
    /// Came before the leader knew what is committed.
    early: Vec<Ticket>,
    /// Wait for a round, in order.
    waiting: VecDeque<Read>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Read {
    ticket: Ticket,
    through: Slot,
    round: u64,
}

impl Reads {
    pub(super) const fn round(&self) -> u64 {
        self.round
    }

    pub(super) const fn begin_round(&mut self) {
        self.round += 1;
    }

    /// The round for which the first read waits.
    pub(super) fn awaited(&self) -> Option<u64> {
        Some(self.waiting.front()?.round)
    }

    /// Whether the front read waits for a round that has not begun.
    fn wants_round(&self) -> bool {
        self.waiting.front().is_some_and(|read| read.round > self.round)
    }
}

impl<M: Machine> Raft<M> {
    pub(super) fn on_read(
        &mut self,
        now: Instant,
        ticket: Ticket,
        out: &mut Out<Self>,
    ) -> Result<(), Refused> {
        let rules = self.rules();
        let known = (rules.knows_commit_index)(self.hard.term, self.log.term_at(self.commit));
        let (hint, commit) = (self.leader(), self.commit);
        let Some(leader) = self.leader_state() else { return Err(Refused::NotLeader { hint }) };
        if known {
            let round = (rules.read_round)(leader.reads.round);
            leader.reads.waiting.push_back(Read { ticket, through: commit, round });
            self.confirm_reads(now, out);
        } else {
            leader.reads.early.push(ticket);
        }
        Ok(())
    }

    /// The leader has just learnt what is committed: the reads that came before it may begin.
    pub(super) fn admit_reads(&mut self) {
        let (commit, rules) = (self.commit, self.rules());
        let Some(leader) = self.leader_state() else { return };
        let round = (rules.read_round)(leader.reads.round);
        for ticket in core::mem::take(&mut leader.reads.early) {
            leader.reads.waiting.push_back(Read { ticket, through: commit, round });
        }
    }

    /// Releases the reads whose round a quorum has answered, and begins the round that the others
    /// wait for.
    pub(super) fn confirm_reads(&mut self, now: Instant, out: &mut Out<Self>) {
        let (voters, id, mutant) = (self.voters(), self.id, self.mutant);
        let Role::Leader(leader) = &mut self.role else { return };
        while let Some(read) = leader.reads.waiting.front().copied() {
            let answered =
                leader.peers.iter().filter(|peer| peer.round >= read.round && peer.counts);
            let servers: NodeSet = answered.map(|peer| peer.id).chain([id]).collect();
            let rules = rules::of(mutant);
            let quorum = rules.quorum(voters, servers);
            let reached = if quorum { read.round } else { 0 };
            if read.round > leader.reads.round || !(rules.read_is_confirmed)(read.round, reached) {
                break;
            }
            leader.reads.waiting.pop_front();
            out.push(Effect::Readable { ticket: read.ticket, through: read.through });
        }
        if leader.reads.wants_round() {
            self.speak(now, out);
            if self.voters().len() == 1 {
                self.confirm_reads(now, out);
            }
        }
    }
}
