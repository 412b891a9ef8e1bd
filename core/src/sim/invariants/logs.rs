//! RI-3 and RI-4: how logs grow, and that they agree.

use alloc::format;
use alloc::vec::Vec;
use core::hash::Hasher;

use super::{Findings, Law, Watched, name};
use crate::chunks::Chunks;
use crate::digest::Digest;
use crate::id::{LogId, NodeId, Slot, Term};
use crate::raft::log::Splice;
use crate::sim::store::{Log, StoreCommand};

/// A leader's log only grows.
pub(super) fn append_only(
    node: NodeId,
    watched: &Watched,
    splice: &Splice<StoreCommand>,
    findings: &mut Findings<'_>,
) {
    let Some(term) = watched.leading else { return };
    findings.judge(Law::AppendOnly, splice.after >= watched.last.slot, || {
        let (node, from) = (name(node), splice.after.next());
        format!("{node} leads term {term} and overwrote its own log from slot {from} on.")
    });
}

/// Every prefix of a log that was ever durable anywhere, by its last entry. By log matching, a
/// [`LogId`] stands for one prefix only; so one hash each, chained from the one before, says it
/// all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefixes {
    by_slot: Chunks<Known, 256>,
}

/// The prefixes that end in a slot: mostly one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    first: Option<(Term, u64)>,
    more: Vec<(Term, u64)>,
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { by_slot: Chunks::starting_at(1) }
    }
}

impl Prefixes {
    /// A log was changed; `log` is what it became.
    pub(super) fn on_splice(
        &mut self,
        node: NodeId,
        watched: &Watched,
        log: &Log,
        splice: &Splice<StoreCommand>,
        findings: &mut Findings<'_>,
    ) {
        // What stands before the new entries is what this log has there, whatever was believed; if
        // the same step compacted it away, what its last entry was.
        let last = Some(watched.last).filter(|last| last.slot == splice.after);
        let term = log.term_at(splice.after).or(last.map(|last| last.term));
        let Some(term) = term else { return };
        let Some(mut hash) = self.get(LogId { term, slot: splice.after }) else { return };
        let mut slot = splice.after;
        for entry in splice.entries.entries() {
            slot = slot.next();
            let mut digest = Digest::default();
            digest.write_u64(hash);
            digest.write_u64(entry.digest());
            hash = digest.value();
            let id = LogId { term: entry.term, slot };
            let known = self.get_or_insert(id, hash);
            findings.judge(Law::LogMatching, known == hash, || {
                let node = name(node);
                format!("{node}'s log and another have entry {id}, but differ at or before it.")
            });
        }
    }

    fn get(&self, id: LogId) -> Option<u64> {
        if id == LogId::ORIGIN {
            return Some(0);
        }
        let known = self.by_slot.get(id.slot.0)?;
        let mut all = known.first.iter().chain(&known.more);
        all.find(|(term, _)| *term == id.term).map(|(_, hash)| *hash)
    }

    /// The hash known for a prefix; this one, if none was.
    fn get_or_insert(&mut self, id: LogId, hash: u64) -> u64 {
        if let Some(known) = self.get(id) {
            return known;
        }
        self.reach(id.slot);
        if let Some(known) = self.by_slot.get_mut(id.slot.0) {
            match known.first {
                None => known.first = Some((id.term, hash)),
                Some(_) => known.more.push((id.term, hash)),
            }
        }
        hash
    }

    /// A log has no gaps, so this adds one slot at a time.
    fn reach(&mut self, slot: Slot) {
        while self.by_slot.end() <= slot.0 {
            self.by_slot.push(Known::default());
        }
    }
}
