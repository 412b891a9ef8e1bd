//! Leadership transfer (thesis §3.10): a leader lets a follower catch up, takes no new commands
//! meanwhile, and then tells it to stand for election at once.

use crate::id::{NodeId, Slot, Term};
use crate::machine::Machine;
use crate::protocol::Out;
use crate::time::Instant;

use super::message::Message;
use super::note::Note;
use super::role::Heir;
use super::{Raft, Role, rules};

impl<M: Machine> Raft<M> {
    /// Begins to hand the office over. Whoever does not lead, and an heir that lost its disk or is
    /// no other voter, changes nothing.
    pub(super) fn on_transfer(&mut self, now: Instant, to: NodeId, out: &mut Out<Self>) {
        let until = now + self.config.election_min;
        let Some(leader) = self.leader_state() else { return };
        let Some(index) = leader.peers.iter().position(|peer| peer.id == to && peer.counts) else {
            return;
        };
        leader.heir = Some(Heir { id: to, until, called: false });
        out.note(Note::HandsOver { to });
        while self.send_to(now, index, None, false, out) {}
        self.call_heir(out);
    }

    /// Tells the heir to stand, once it has everything.
    pub(super) fn call_heir(&mut self, out: &mut Out<Self>) {
        let (term, last) = (self.hard.term, self.log.end());
        let Some(leader) = self.leader_state() else { return };
        let Some(heir) = leader.heir.as_mut().filter(|heir| !heir.called) else { return };
        let stored = leader.peers.iter().find(|peer| peer.id == heir.id);
        if rules::may_take_over(stored.map_or(Slot(0), |peer| peer.matched), last) {
            heir.called = true;
            out.send(heir.id, Message::TimeoutNow { term });
        }
    }

    /// Stays in office, if the heir has not taken over for as long as an election may take: its
    /// election may have failed, and clients must not wait for ever.
    pub(super) fn keep_office(&mut self, now: Instant, out: &mut Out<Self>) {
        let Some(leader) = self.leader_state() else { return };
        if leader.heir.take_if(|heir| heir.until <= now).is_some() {
            out.note(Note::KeepsOffice);
        }
    }

    /// The leader hands the office over: stands for election without asking first. Only the word
    /// of the leader that it follows counts, and only in that leader's term.
    pub(super) fn on_timeout_now(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        out: &mut Out<Self>,
    ) {
        let follows =
            matches!(self.role, Role::Follower { leader: Some(leader), .. } if leader == from);
        if term == self.hard.term && follows && !self.lost {
            self.stand(now, true, out);
        }
    }
}
