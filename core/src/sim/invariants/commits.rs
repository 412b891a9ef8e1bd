//! RI-5, RI-6 and RI-7: what is committed stays, everywhere. With it RI-20 and RI-21: what was
//! made of it is the same everywhere.

use core::hash::{Hash, Hasher};

use super::logs::Prefixes;
use super::memory::Watched;
use super::{Findings, Law};
use crate::chunks::Chunks;
use crate::digest::Digest;
use crate::id::{LogId, NodeId, Slot, Term};
use crate::machine::Answer;
use crate::shardkv;
use crate::sim::service;
use crate::sim::store::{Log, Machine, StoreEntry, StoreReply};

/// What was ever applied anywhere, by slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commits {
    by_slot: Chunks<Committed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Committed {
    /// The entry's term.
    term: Term,
    /// The entry, as a hash.
    entry: u64,
    /// The term of the server that first applied it: it was committed in this term or before.
    during: Term,
    /// Who first applied it.
    by: NodeId,
    /// The gist of what the machine replied; 0: not known yet.
    reply: u64,
    /// The machine's state after it, as a hash, if somebody made a snapshot there; 0: nobody did.
    state: u64,
}

/// The gist of a reply to somebody who asked the wrong group: nothing was done.
pub(super) const ASTRAY: u64 = 4;

/// A reply as a number that is never 0: the same whether the call was executed now or before.
pub(super) fn gist(reply: Option<&StoreReply>) -> u64 {
    let Some(reply) = reply else { return 1 };
    match (reply.answer(), reply) {
        (Some(Answer::Done(reply)), _) => told(reply),
        (Some(Answer::Stale), _) => 2,
        (Some(Answer::Expired { floor }), _) => floor.0 | 1 << 63,
        (None, service::Reply::Shards(shardkv::Reply::WrongGroup { .. })) => ASTRAY,
        (None, other) => told(other),
    }
}

/// What somebody was told, as a hash.
#[inline(never)]
pub(super) fn told(reply: &impl Hash) -> u64 {
    let mut digest = Digest::default();
    reply.hash(&mut digest);
    digest.finish() | 1
}

/// A machine's whole state as a hash: never 0.
#[inline(never)]
pub(super) fn state(machine: &Machine) -> u64 {
    let mut digest = Digest::default();
    machine.hash(&mut digest);
    digest.finish() | 1
}

impl Default for Commits {
    fn default() -> Self {
        Self { by_slot: Chunks::starting_at(1) }
    }
}

impl Commits {
    /// The last slot known to be committed.
    pub(super) const fn end(&self) -> Slot {
        Slot(self.by_slot.end() - 1)
    }

    /// A server applied a slot. True: nobody is known to have done so before.
    pub(super) fn on_applied(
        &mut self,
        node: NodeId,
        (slot, entry, reply): (Slot, &StoreEntry, u64),
        during: Term,
        findings: &mut Findings<'_>,
    ) -> bool {
        let hash = entry.digest();
        let known = self.by_slot.get(slot.0).copied();
        let gap = slot.0 > self.by_slot.end();
        let holds = !gap && known.is_none_or(|known| known.entry == hash);
        let end = self.end().0;
        findings.judge(Law::StateMachineSafety, node, holds, [slot.0, end]);
        if let Some(Committed { reply: first @ 1.., .. }) = known {
            findings.judge(Law::EqualReplicas, node, first == reply, [slot.0, end]);
            return false;
        }
        if let Some(known) = self.by_slot.get_mut(slot.0) {
            known.reply = reply;
            return true;
        }
        let new = slot.0 == self.by_slot.end();
        if new {
            let term = entry.term;
            self.by_slot.push(Committed { term, entry: hash, during, by: node, reply, state: 0 });
        }
        new
    }

    /// A snapshot became durable: it ends in what is committed there. True: more is known to be
    /// committed now. That is so when a server crashed while it wrote, and nobody saw it apply
    /// what it had in its snapshot; the entries were in a log, or it would have made them up.
    pub(super) fn on_snapshot(
        &mut self,
        node: NodeId,
        last: LogId,
        during: Term,
        prefixes: &Prefixes,
        findings: &mut Findings<'_>,
    ) -> bool {
        let end = self.end();
        let found = if last.slot > end { prefixes.path(last, self.id_at(end)) } else { None };
        let holds = found.is_some() || self.id_at(last.slot) == last;
        findings.judge(Law::TrueSnapshots, node, holds, [last.slot.0, last.term.0]);
        for (term, entry) in found.iter().flatten().rev().copied() {
            self.by_slot.push(Committed { term, entry, during, by: node, reply: 0, state: 0 });
        }
        found.is_some()
    }

    /// The entry committed in a slot, as far as it is known.
    fn id_at(&self, slot: Slot) -> LogId {
        let term = self.by_slot.get(slot.0).map(|committed| committed.term);
        term.map_or(LogId::ORIGIN, |term| LogId { term, slot })
    }

    /// A server has this state after a slot: whoever has a snapshot of that slot has the same.
    pub(super) fn on_state(
        &mut self,
        node: NodeId,
        slot: Slot,
        state: u64,
        findings: &mut Findings<'_>,
    ) {
        let end = self.end();
        let Some(known) = self.by_slot.get(slot.0) else { return };
        match known.state {
            0 => {
                if let Some(known) = self.by_slot.get_mut(slot.0) {
                    known.state = state;
                }
            }
            first => findings.judge(Law::EqualReplicas, node, first == state, [slot.0, end.0]),
        }
    }

    /// A server was elected: it must have all that was committed in earlier terms.
    pub(super) fn on_leader(
        &self,
        node: NodeId,
        term: Term,
        watched: &Watched,
        findings: &mut Findings<'_>,
    ) {
        let mut slot = self.end();
        while self.by_slot.get(slot.0).is_some_and(|committed| committed.during >= term) {
            slot = slot.previous();
        }
        let holds = watched.agreed >= slot;
        findings.judge(Law::LeaderCompleteness, node, holds, [term.0, slot.0]);
    }

    /// How far a durable log has all that is committed, from where it was known to. A snapshot
    /// counts if it ends in what is committed there.
    pub(super) fn extend(&self, watched: &mut Watched, log: &Log) {
        let base = log.base();
        if base.slot > watched.agreed && self.id_at(base.slot) == base {
            watched.agreed = base.slot;
        }
        while let Some(committed) = self.by_slot.get(watched.agreed.0 + 1) {
            if log.term_at(watched.agreed.next()) != Some(committed.term) {
                break;
            }
            watched.agreed = watched.agreed.next();
        }
    }

    /// How many disks have everything up to a slot. A disk that was lost is discounted for what it
    /// held: no protocol can keep that.
    pub(super) fn stored(&self, slot: Slot, nodes: &[Watched]) -> usize {
        let has = |watched: &&Watched| {
            watched.lost.is_some_and(|held| held >= slot)
                || (watched.lost.is_none() && watched.agreed >= slot)
        };
        nodes.iter().filter(has).count()
    }

    /// The last committed entry, and with it all, is on a majority of disks.
    pub(super) fn check_quorum(
        &self,
        node: NodeId,
        nodes: &[Watched],
        findings: &mut Findings<'_>,
    ) {
        let (end, safe) = (self.end(), self.stored(self.end(), nodes));
        let seen = [end.0, safe as u64];
        findings.judge(Law::DurableQuorum, node, safe > nodes.len() / 2, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ClientId;
    use crate::kv::Reply;

    #[test]
    fn every_reply_has_a_gist_of_its_own_that_is_not_nothing() {
        let expired = |floor| Answer::Expired { floor: ClientId(floor) };
        let done = |version| Answer::Done(Reply::Written { version });
        let told =
            [Answer::Stale, expired(0), expired(1), expired(2), expired(3), done(1), done(2)];
        let mut all: alloc::vec::Vec<u64> =
            told.into_iter().map(|told| gist(Some(&told.into()))).collect();
        all.push(gist(None));
        assert!(!all.contains(&0), "that would be: not known yet");
        all.sort_unstable();
        assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
    }
}
