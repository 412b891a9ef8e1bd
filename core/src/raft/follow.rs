//! A follower's side of log replication (§5.3): what it takes from its leader.

use alloc::vec::Vec;

use crate::id::{LogId, NodeId, Slot, Term};
use crate::machine::Machine;
use crate::protocol::Out;
use crate::time::Instant;

use super::log::{Batch, Splice};
use super::message::{Message, Outcome, Record};
use super::note::Note;
use super::rules::Sign;
use super::{Raft, Role, rules};

/// What an append carries besides the term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Append<C> {
    pub(super) prev: LogId,
    pub(super) entries: Batch<C>,
    pub(super) commit: Slot,
    pub(super) round: u64,
}

/// Appends that came before what they follow. Messages may overtake each other: such an append is
/// refused, so that the leader knows, and looked at again when what it lacks has come. That is as
/// if the network had delivered it twice, the second time late, which Raft bears anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Early<C> {
    /// The leader's.
    term: Term,
    kept: Vec<Append<C>>,
}

impl<C> Early<C> {
    pub(super) const fn of(term: Term) -> Self {
        Self { term, kept: Vec::new() }
    }

    /// Keeps an append that begins beyond the log's end, if it belongs to the next `window` entries
    /// of a leader.
    fn keep(&mut self, term: Term, end: Slot, append: Append<C>, window: u64) {
        if term != self.term {
            *self = Self::of(term);
        }
        let begin = append.prev.slot;
        let within = begin > end && append.last().0 - end.0 <= window;
        // One for each slot: no more than a window of them.
        let known = self.kept.iter().any(|kept| kept.prev.slot == begin);
        if within && !known && !append.entries.is_empty() {
            self.kept.push(append);
        }
    }

    /// One that follows what is stored up to here, as the leader has it; the ones that bring
    /// nothing beyond are forgotten.
    fn due(&mut self, term: Term, matched: Slot) -> Option<Append<C>> {
        while term == self.term {
            let due = self.kept.iter().position(|append| append.prev.slot <= matched)?;
            let append = self.kept.swap_remove(due);
            if append.last() > matched {
                return Some(append);
            }
        }
        None
    }
}

impl<C> Append<C> {
    /// The slot of its last entry, or the one before if it has none.
    fn last(&self) -> Slot {
        Slot(self.prev.slot.0.saturating_add(self.entries.len()))
    }
}

impl<M: Machine> Raft<M> {
    /// Whether the sender leads the present term; if so, it is followed. A sender whose term is
    /// over must learn so: the caller answers it.
    pub(super) fn heed(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        out: &mut Out<Self>,
    ) -> bool {
        if !(self.rules().leader_is_current)(self.hard.term, term) {
            self.notice(now, Sign::OldLeader);
            return false;
        }
        if term > self.hard.term {
            self.adopt(now, term, out);
        }
        if matches!(self.role, Role::Leader(_)) {
            return false; // A second leader of the own term: impossible, so nothing it says counts.
        }
        if matches!(self.role, Role::Candidate { .. }) {
            self.hard.vote = (self.rules().vote_kept)(self.hard.vote);
        }
        self.follow(now, Some(from), out);
        true
    }

    pub(super) fn on_append(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        append: Append<M::Command>,
        out: &mut Out<Self>,
    ) {
        let sane = rules::well_formed(term, append.prev, append.entries.entries());
        let (round, counts) = (append.round, !self.lost);
        let outcome = if sane && self.heed(now, from, term, out) {
            self.take_in(append, out)
        } else {
            Outcome::Refused
        };
        let term = self.hard.term;
        out.send(from, Message::AppendReply { term, round, counts, outcome });
    }

    /// Takes an append, and what had come too early for want of it.
    fn take_in(&mut self, append: Append<M::Command>, out: &mut Out<Self>) -> Outcome {
        let mut outcome = self.take(append, out);
        while let Outcome::Matched(matched) = outcome {
            let Some(append) = self.early.due(self.hard.term, matched) else { break };
            match self.take(append, out) {
                taken @ Outcome::Matched(through) => {
                    out.note(Note::Fitted { through });
                    outcome = taken;
                }
                // It was kept again. Only a mutant matches what is not there, and it would match
                // and keep this one for ever.
                Outcome::Conflict { .. } => break,
                Outcome::Refused => {}
            }
        }
        outcome
    }

    fn take(&mut self, append: Append<M::Command>, out: &mut Out<Self>) -> Outcome {
        let Append { mut prev, mut entries, commit, round } = append;
        if prev.slot < self.commit {
            // What is committed here is in every later leader's log (§5.4.3): skip it.
            let known = self.commit.0 - prev.slot.0;
            if entries.len() <= known {
                return Outcome::Matched(self.commit);
            }
            let Some(term) = self.log.term_at(self.commit) else { return Outcome::Refused };
            prev = LogId { term, slot: self.commit };
            entries = entries.skip(known);
        } else if !(self.rules().fits)(self.log.term_at(prev.slot), prev, entries.is_empty()) {
            let hint = self.log.floor(prev);
            out.note(Note::Conflict { prev, hint });
            let (term, end, window) = (self.hard.term, self.log.end(), self.config.window);
            self.early.keep(term, end, Append { prev, entries, commit, round }, window);
            return Outcome::Conflict { rejected: prev.slot, hint };
        }
        let matched = Slot(prev.slot.0 + entries.len());
        self.splice_new(prev.slot, entries, out);
        self.commit_through((self.rules().follower_commit)(commit, matched), out);
        Outcome::Matched(matched)
    }

    /// Adds the entries that are not there yet; cuts the log only where an entry contradicts.
    fn splice_new(&mut self, after: Slot, entries: Batch<M::Command>, out: &mut Out<Self>) {
        let own = self.log.from(after.next()).map(|(_, entry)| entry.term);
        let sent = entries.entries().iter().map(|entry| entry.term);
        let rules = self.rules();
        let agree = |(own, sent): &(Term, Term)| !(rules.contradicts)(*own, *sent);
        let same = own.zip(sent).take_while(agree).count();
        let (entries, after) = (entries.skip(same as u64), Slot(after.0 + same as u64));
        if entries.is_empty() && ((rules.keeps_rest)() || after >= self.log.end()) {
            return;
        }
        if after < self.log.end() {
            out.note(Note::Truncated { from: after.next() });
        }
        self.write(Splice { after, entries }, out);
    }

    /// Changes the log, in memory and on disk.
    pub(super) fn write(&mut self, splice: Splice<M::Command>, out: &mut Out<Self>) {
        self.log.splice(&splice);
        Self::push_record(out, Record::Splice(splice));
    }
}
