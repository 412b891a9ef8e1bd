//! A leader's side of log replication (§5.3), and the commit rule (§5.4.2).

use crate::id::{LogId, NodeId, Slot, Term};
use crate::machine::Machine;
use crate::protocol::{Entry, Out, Payload, Refused};
use crate::time::Instant;

use super::log::{Batch, Splice};
use super::message::{Message, Outcome};
use super::note::{Down, Note};
use super::rules::Rules;
use super::{Mode, Peer, Raft, Role};

/// What every answer of a follower tells.
#[derive(Clone, Copy)]
pub(super) struct Heard {
    pub(super) round: u64,
    pub(super) counts: bool,
}

/// Leader.
impl<M: Machine> Raft<M> {
    pub(super) fn on_propose(
        &mut self,
        now: Instant,
        commands: impl ExactSizeIterator<Item = M::Command>,
        out: &mut Out<Self>,
    ) -> Result<Slot, Refused> {
        let (first, count) = (self.log.end().next(), commands.len() as u64);
        let Role::Leader(leader) = &self.role else {
            return Err(Refused::NotLeader { hint: self.leader() });
        };
        let uncommitted = first.previous().0 - self.commit.0;
        if leader.heir.is_some() || count > self.config.uncommitted_max.saturating_sub(uncommitted)
        {
            return Err(Refused::Busy);
        }
        if count > 0 {
            let term = self.hard.term;
            let entry = |command| Entry { term, payload: Payload::Command(command) };
            self.append(now, commands.map(entry).collect(), out);
        }
        Ok(first)
    }

    /// Adds entries to the own log and sends them to whoever may get them now.
    pub(super) fn append(&mut self, now: Instant, entries: Batch<M::Command>, out: &mut Out<Self>) {
        self.write(Splice { after: self.log.end(), entries: entries.clone() }, out);
        // A single voter commits alone: its effects are held until its own write has ended. In a
        // larger group nobody else has these entries yet.
        if (self.rules().majority)(self.voters().len()) <= 1 {
            self.commit_by_counting(out);
        }
        self.send_to_all(now, Some(&entries), out);
    }

    /// Speaks to every follower, as at least once in a heartbeat interval; steps down if too few
    /// of them have answered (check-quorum, thesis §6.2).
    pub(super) fn beat(&mut self, now: Instant, out: &mut Out<Self>) {
        if self.config.check_quorum && !(self.rules().stays_leader)(self.hears_quorum(now)) {
            out.note(Note::SteppedDown(Down::NoQuorum));
            return self.follow(now, None, out);
        }
        self.keep_office(now, out);
        let interval = self.config.heartbeat;
        if let Some(leader) = self.leader_state() {
            leader.heartbeat = now + interval;
        }
        self.speak(now, out);
    }

    /// One message to every follower, with entries if there are any to send: a round.
    pub(super) fn speak(&mut self, now: Instant, out: &mut Out<Self>) {
        let patience = self.config.election_max;
        let Role::Leader(leader) = &mut self.role else { return };
        leader.reads.begin_round();
        for index in 0..leader.peers.len() {
            let Role::Leader(leader) = &mut self.role else { return };
            let peer = &mut leader.peers[index];
            match &mut peer.mode {
                Mode::Probe { waiting } => *waiting = false,
                Mode::Stream => {}
                Mode::Snapshot { sent } if now.since(*sent) >= patience => {
                    peer.mode = Mode::Probe { waiting: false };
                }
                Mode::Snapshot { .. } => {
                    // Only a sign of life: the snapshot is still on its way.
                    let (to, round) = (peer.id, leader.reads.round());
                    let (term, commit, prev) = (self.hard.term, self.commit, LogId::ORIGIN);
                    let entries = Batch::default();
                    out.send(to, Message::Append { term, prev, entries, commit, round });
                    continue;
                }
            }
            self.send_to(now, index, None, true, out);
        }
    }

    fn hears_quorum(&self, now: Instant) -> bool {
        let Role::Leader(leader) = &self.role else { return true };
        let recent = |peer: &&Peer| peer.counts && now.since(peer.heard) < self.config.election_max;
        let heard = leader.peers.iter().filter(recent).map(|peer| peer.id);
        self.rules().quorum(self.voters(), heard.chain([self.id]).collect())
    }

    fn send_to_all(
        &mut self,
        now: Instant,
        fresh: Option<&Batch<M::Command>>,
        out: &mut Out<Self>,
    ) {
        let Role::Leader(leader) = &self.role else { return };
        for index in 0..leader.peers.len() {
            while self.send_to(now, index, fresh, false, out) {}
        }
    }

    /// Sends what a follower lacks, as far as its mode and the window allow. With `always`, at
    /// least a heartbeat. `fresh` is the log's end as one shared batch: whoever lacks just that
    /// gets it without another copy. True: there is more to send, and perhaps room for it.
    pub(super) fn send_to(
        &mut self,
        now: Instant,
        index: usize,
        fresh: Option<&Batch<M::Command>>,
        always: bool,
        out: &mut Out<Self>,
    ) -> bool {
        let (last, rules) = (self.log.end(), self.rules());
        let Role::Leader(leader) = &mut self.role else { return false };
        let peer = &mut leader.peers[index];
        let room = match peer.mode {
            _ if peer.next > last => 0,
            Mode::Probe { waiting: true } | Mode::Snapshot { .. } => 0,
            Mode::Probe { waiting: false } => self.config.append_max,
            Mode::Stream => peer.room(self.config.window).min(self.config.append_max),
        };
        if room == 0 && !always {
            return false;
        }
        let prev = match self.log.term_at(peer.next.previous()) {
            Some(term) => LogId { term, slot: peer.next.previous() },
            // What stands before the entries is compacted away: only a snapshot can help, even
            // where the window is full of entries that were lost.
            None if (rules.sends_snapshot)() => {
                self.send_snapshot(now, index, out);
                return false;
            }
            None => self.log.base(),
        };
        let entries = match fresh {
            Some(fresh) if last.0 - prev.slot.0 == fresh.len() && fresh.len() <= room => {
                fresh.clone()
            }
            _ => self.log.batch(prev.slot.next(), room),
        };
        let sent = entries.len();
        match &mut peer.mode {
            Mode::Probe { waiting } => *waiting = true,
            Mode::Stream => peer.next = Slot(peer.next.0 + sent),
            Mode::Snapshot { .. } => {}
        }
        let more = peer.mode == Mode::Stream && sent > 0 && peer.next <= last;
        let (to, round) = (peer.id, leader.reads.round());
        let (term, commit) = (self.hard.term, self.commit);
        out.send(to, Message::Append { term, prev, entries, commit, round });
        more
    }

    pub(super) fn on_append_reply(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        heard: Heard,
        outcome: Outcome,
        out: &mut Out<Self>,
    ) {
        if term > self.hard.term {
            return self.adopt(now, term, out);
        }
        let rules = self.rules();
        if !(rules.answer_counts)(self.hard.term, term) {
            return;
        }
        let last = self.log.end();
        let Role::Leader(leader) = &mut self.role else { return };
        let newest = leader.reads.round();
        let Some(index) = leader.peers.iter().position(|peer| peer.id == from) else { return };
        let peer = &mut leader.peers[index];
        peer.heard = now;
        if heard.counts && !peer.counts {
            return; // Sent before the disk was lost that the peer has told of since.
        }
        if !heard.counts && (peer.counts || outcome.rejects(peer.matched)) {
            // It lost its disk: what it once stored is gone, and the logs must be compared anew.
            (peer.counts, peer.matched) = (false, Slot(0));
        }
        peer.round = peer.round.max(heard.round.min(newest));
        match outcome {
            Outcome::Matched(matched) if matched <= last => {
                let matched = (rules.proves)(matched, peer.next);
                // Only what was not stored before, beyond what is committed, can commit more.
                let news = matched > self.commit.max(peer.matched);
                peer.on_matched(matched);
                if news {
                    self.commit_by_counting(out);
                }
            }
            Outcome::Conflict { rejected, hint } if peer.believes(rules, rejected) => {
                let limit = LogId { term: hint.term, slot: hint.slot.min(rejected.previous()) };
                // Before the own log's beginning nothing can be compared: a snapshot will follow.
                let compacted = limit.slot < self.log.base().slot;
                let agreed = if compacted { limit.slot } else { self.log.floor(limit).slot };
                peer.on_refused((rules.next_after)(agreed, peer.matched));
            }
            _ => {}
        }
        self.confirm_reads(now, out);
        while self.send_to(now, index, None, false, out) {}
        self.call_heir(out);
    }

    /// Commits the highest entry of the own term that a quorum stores, and all before it.
    fn commit_by_counting(&mut self, out: &mut Out<Self>) {
        let Role::Leader(leader) = &self.role else { return };
        let own = (!self.lost).then_some(self.log.end());
        let counted = leader.peers.iter().filter(|peer| peer.counts).map(|peer| peer.matched);
        let rules = self.rules();
        let size = (rules.majority)(self.voters().len());
        let Some(stored) = quorum_slot(size, self.commit, counted.chain(own)) else { return };
        let counts = |term| (rules.commits_by_counting)(self.hard.term, term);
        if self.log.term_at(stored).is_some_and(counts) {
            self.commit_through(stored, out);
            self.admit_reads();
        }
    }
}

/// The highest slot above `commit` that `size` of the servers have reached.
fn quorum_slot(size: u32, commit: Slot, slots: impl Iterator<Item = Slot> + Clone) -> Option<Slot> {
    let reached = |slot: Slot| slots.clone().filter(|other| *other >= slot).count() as u32 >= size;
    let higher = |best, slot| if slot > best && reached(slot) { slot } else { best };
    let highest = slots.clone().fold(commit, higher);
    (highest > commit).then_some(highest)
}

impl Outcome {
    /// Whether it denies what was once acknowledged.
    fn rejects(self, matched: Slot) -> bool {
        matches!(self, Self::Conflict { rejected, .. } if rejected <= matched)
    }
}

impl Peer {
    /// How many entries may be sent to it now while it streams, in one message or in several.
    fn room(&self, window: u64) -> u64 {
        match self.next.previous().0.saturating_sub(self.matched.0) {
            0 => window,
            flying => window.min(self.room).saturating_sub(flying),
        }
    }

    /// Its log is not what it was taken for: one message at a time, from `next` on.
    fn on_refused(&mut self, next: Slot) {
        self.next = next;
        if self.mode == Mode::Stream {
            self.room = 0;
        }
        self.mode = Mode::Probe { waiting: false };
    }

    fn on_matched(&mut self, matched: Slot) {
        self.room = self.room.saturating_add(matched.0.saturating_sub(self.matched.0));
        self.matched = self.matched.max(matched);
        self.next = self.next.max(self.matched.next());
        match self.mode {
            // Only a position that the follower was asked about proves where its log agrees.
            Mode::Probe { .. } => {
                self.next = self.matched.next();
                self.mode = Mode::Stream;
            }
            Mode::Snapshot { .. } if matched >= self.next.previous() => self.mode = Mode::Stream,
            Mode::Snapshot { .. } | Mode::Stream => {}
        }
    }

    /// Whether a refusal is about a position that is still open: not one from before an
    /// acknowledgement, nor, when only one message is on its way, about another.
    fn believes(&self, rules: &Rules, rejected: Slot) -> bool {
        let asked = match self.mode {
            Mode::Probe { .. } => rejected == self.next.previous(),
            Mode::Stream => rejected < self.next,
            Mode::Snapshot { .. } => false,
        };
        asked && (rules.refusal_is_open)(rejected, self.matched)
    }
}

#[cfg(test)]
mod tests;
