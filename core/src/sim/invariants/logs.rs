//! RI-3, RI-4, RI-8 and RI-13: how logs grow, and that they agree.

use alloc::vec::Vec;
use core::hash::Hasher;

use super::memory::Watched;
use super::{Findings, Law};
use crate::chunks::Chunks;
use crate::digest::Digest;
use crate::id::{LogId, NodeId, Slot, Term};
use crate::raft::log::Splice;
use crate::sim::store::{Log, StoreCommand};

/// What is committed is not overwritten, and terms never fall along the log.
pub(super) fn in_order(
    node: NodeId,
    watched: &Watched,
    log: &Log,
    splice: &Splice<StoreCommand>,
    findings: &mut Findings<'_>,
) {
    let (after, kept) = (splice.after, watched.kept);
    findings.judge(Law::CommittedStays, node, after >= kept, [after.0, kept.0]);
    let mut before = log.term_at(after).unwrap_or_default();
    for entry in splice.entries.entries() {
        let term = entry.term;
        findings.judge(Law::LogTerms, node, term >= before, [term.0, before.0]);
        before = term;
    }
}

/// Where a log ends that has just got entries; none if it got none. The disk does not say: it may
/// have what comes later in the same step already.
pub(super) fn end_of(splice: &Splice<StoreCommand>) -> Option<LogId> {
    let entries = splice.entries.entries();
    let slot = Slot(splice.after.0.saturating_add(entries.len() as u64));
    entries.last().map(|entry| LogId { term: entry.term, slot })
}

/// A leader's log only grows.
pub(super) fn append_only(
    node: NodeId,
    watched: &Watched,
    splice: &Splice<StoreCommand>,
    findings: &mut Findings<'_>,
) {
    let Some(term) = watched.leading else { return };
    let (after, last) = (splice.after, watched.last.slot);
    findings.judge(Law::AppendOnly, node, after >= last, [term.0, after.next().0]);
}

/// Every prefix of a log that was ever durable anywhere, by its last entry. By log matching, a
/// [`LogId`] stands for one prefix only; so one hash each, chained from the one before, says it
/// all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefixes {
    by_slot: Chunks<Known>,
}

/// The prefixes that end in a slot: mostly one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    first: Option<Prefix>,
    more: Vec<Prefix>,
}

/// A prefix of a log, by its last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    /// The entry's term.
    term: Term,
    /// The entry, as a hash.
    entry: u64,
    /// That hash, chained to the one of the prefix before it.
    hash: u64,
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &Prefix> {
        self.first.iter().chain(&self.more)
    }
}

/// The hash of a prefix that goes on from another by an entry.
#[inline(never)]
fn chain(before: u64, entry: u64) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(before);
    digest.write_u64(entry);
    digest.value()
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
            hash = chain(hash, entry.digest());
            let id = LogId { term: entry.term, slot };
            let known = self.get_or_insert(id, entry.digest(), hash);
            findings.judge(Law::LogMatching, node, known == hash, [id.term.0, slot.0]);
        }
    }

    fn get(&self, id: LogId) -> Option<u64> {
        if id == LogId::ORIGIN {
            return Some(0);
        }
        let known = self.by_slot.get(id.slot.0)?;
        known.all().find(|prefix| prefix.term == id.term).map(|prefix| prefix.hash)
    }

    /// The hash known for a prefix; this one, if none was.
    fn get_or_insert(&mut self, id: LogId, entry: u64, hash: u64) -> u64 {
        if let Some(known) = self.get(id) {
            return known;
        }
        self.reach(id.slot);
        if let Some(known) = self.by_slot.get_mut(id.slot.0) {
            let prefix = Prefix { term: id.term, entry, hash };
            match known.first {
                None => known.first = Some(prefix),
                Some(_) => known.more.push(prefix),
            }
        }
        hash
    }

    /// The terms and hashes of the entries that lead from one entry to a later one, last to first,
    /// if both ever stood in one log.
    pub(super) fn path(&self, last: LogId, from: LogId) -> Option<Vec<(Term, u64)>> {
        let (mut hash, begin) = (self.get(last)?, self.get(from)?);
        let mut path = Vec::new();
        for slot in (from.slot.0 + 1..=last.slot.0).rev() {
            let known = self.by_slot.get(slot)?.all().find(|prefix| prefix.hash == hash)?;
            path.push((known.term, known.entry));
            let joins = |before: &&Prefix| chain(before.hash, known.entry) == hash;
            hash = match slot {
                1 => 0,
                _ => self.by_slot.get(slot - 1)?.all().find(joins)?.hash,
            };
        }
        (hash == begin).then_some(path)
    }

    /// A log has no gaps, so this adds one slot at a time.
    fn reach(&mut self, slot: Slot) {
        while self.by_slot.end() <= slot.0 {
            self.by_slot.push(Known::default());
        }
    }
}
