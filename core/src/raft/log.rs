//! The log: entries after a snapshot's place, and the batches that travel.

use alloc::sync::Arc;
use core::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use crate::chunks::Chunks;
use crate::id::{LogId, Slot, Term};
use crate::machine::varint_len;
use crate::protocol::Sealed;

/// Consecutive entries, shared between the message, the disk record and the other messages that
/// carry the same ones.
#[derive(Clone, Debug)]
pub struct Batch<C> {
    shared: Arc<[Sealed<C>]>,
    skip: u32,
}

impl<C> Default for Batch<C> {
    fn default() -> Self {
        Self { shared: Arc::default(), skip: 0 }
    }
}

impl<C> Batch<C> {
    /// The entries.
    pub fn entries(&self) -> &[Sealed<C>] {
        self.shared.get(self.skip as usize..).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.entries().len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// The batch without its first `count` entries.
    #[must_use]
    pub fn skip(mut self, count: u64) -> Self {
        self.skip = (u64::from(self.skip) + count).min(self.shared.len() as u64) as u32;
        self
    }
}

impl<C, E: Into<Sealed<C>>> FromIterator<E> for Batch<C> {
    fn from_iter<I: IntoIterator<Item = E>>(entries: I) -> Self {
        Self { shared: entries.into_iter().map(Into::into).collect(), skip: 0 }
    }
}

impl<C: PartialEq> PartialEq for Batch<C> {
    fn eq(&self, other: &Self) -> bool {
        self.entries() == other.entries()
    }
}

impl<C: Eq> Eq for Batch<C> {}

impl<C: Hash> Hash for Batch<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entries().hash(state);
    }
}

impl<C: Serialize> Serialize for Batch<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.entries().serialize(serializer)
    }
}

/// A change of the log: everything after slot `after` is replaced by `entries`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Splice<C> {
    /// The last slot that stays.
    pub after: Slot,
    /// What follows it.
    pub entries: Batch<C>,
}

/// A server's log: what follows the last entry that was compacted away.
///
/// Terms never decrease along the log. By log matching (§5.3), two logs that have an entry with
/// the same [`LogId`] agree in everything up to it; so a [`LogId`] is compared where the paper
/// compares prefixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<C: Clone> {
    base: LogId,
    entries: Chunks<Sealed<C>>,
    /// Bytes of the entries, without their number.
    bytes: u64,
}

impl<C: Clone> Default for Log<C> {
    fn default() -> Self {
        Self { base: LogId::ORIGIN, entries: Chunks::starting_at(1), bytes: 0 }
    }
}

impl<C: Clone> Log<C> {
    /// The last entry that a snapshot stands for.
    pub const fn base(&self) -> LogId {
        self.base
    }

    /// The last entry, or the snapshot's if there is none after it.
    pub fn last(&self) -> LogId {
        self.entries.last().map_or(self.base, |entry| LogId { term: entry.term, slot: self.end() })
    }

    /// The last slot that an entry stands in, or the snapshot's.
    pub const fn end(&self) -> Slot {
        Slot(self.entries.end() - 1)
    }

    /// The entry in a slot, if it is there and not compacted away.
    pub fn get(&self, slot: Slot) -> Option<&Sealed<C>> {
        self.entries.get(slot.0)
    }

    /// The term of the entry in a slot, as far as it is known: the snapshot's place counts.
    pub fn term_at(&self, slot: Slot) -> Option<Term> {
        if slot == self.base.slot {
            return Some(self.base.term);
        }
        self.get(slot).map(|entry| entry.term)
    }

    /// Whether this log is known to contain the entry.
    pub fn has(&self, id: LogId) -> bool {
        self.term_at(id.slot) == Some(id.term)
    }

    /// The entries with their slots, from `from` on.
    pub fn from(&self, from: Slot) -> impl DoubleEndedIterator<Item = (Slot, &Sealed<C>)> + Clone {
        self.range(from, self.end())
    }

    /// The entries with their slots, from `from` to `through`, both included.
    pub fn range(
        &self,
        from: Slot,
        through: Slot,
    ) -> impl DoubleEndedIterator<Item = (Slot, &Sealed<C>)> + Clone {
        let first = from.0.max(self.entries.first());
        let end = through.next().0.min(self.entries.end());
        (first..end).filter_map(|n| self.entries.get(n).map(|entry| (Slot(n), entry)))
    }

    /// At most `max` entries from `from` on, to be sent.
    pub fn batch(&self, from: Slot, max: u64) -> Batch<C> {
        let end = from.0.saturating_add(max).min(self.entries.end());
        if from.0 >= end {
            return Batch::default();
        }
        self.entries.range(from.0..end).cloned().collect()
    }

    /// The highest entry at or before `limit` in both slot and term: where two logs may still
    /// agree. This is the hint that finds the place of agreement in one exchange per term.
    pub fn floor(&self, limit: LogId) -> LogId {
        let through = limit.slot.0.min(self.end().0);
        let end = self.entries.partition_point(|entry| entry.term <= limit.term);
        let slot = Slot(through.min(end.saturating_sub(1)));
        self.term_at(slot).map_or(self.base, |term| LogId { term, slot })
    }

    /// Replaces everything after a slot. The slot must not lie before the snapshot.
    pub fn splice(&mut self, splice: &Splice<C>) {
        if splice.after < self.end() {
            self.cut(splice.after);
        }
        for entry in splice.entries.entries() {
            self.bytes += entry.bytes();
            self.entries.push(entry.clone());
        }
    }

    /// Forgets everything after a slot.
    fn cut(&mut self, after: Slot) {
        let lost: u64 = self.from(after.next()).map(|(_, entry)| entry.bytes()).sum();
        self.bytes -= lost;
        self.entries.truncate(after.next().0);
    }

    /// Forgets everything up to `last`, which a snapshot now stands for. Entries after it stay if
    /// they follow it; a log that does not have that very entry is forgotten whole (§7).
    pub fn compact(&mut self, last: LogId) {
        if last.slot <= self.base.slot {
            return;
        }
        if !self.has(last) {
            *self = Self { base: last, entries: Chunks::starting_at(last.slot.0 + 1), bytes: 0 };
            return;
        }
        for slot in self.entries.first()..=last.slot.0 {
            self.bytes -= self.entries.get(slot).map_or(0, Sealed::bytes);
        }
        self.entries.drop_before(last.slot.0 + 1);
        self.base = last;
    }

    /// The size of the entries in bytes of their postcard encoding.
    pub const fn bytes(&self) -> u64 {
        varint_len(self.entries.len()) + self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::encoded_len;
    use crate::protocol::{Entry, Payload};
    use crate::rng::Rng;
    use alloc::vec::Vec;

    fn entry(term: u64) -> Entry<u64> {
        Entry { term: Term(term), payload: Payload::Command(term * 1_000) }
    }

    fn log(terms: &[u64]) -> Log<u64> {
        let mut log = Log::default();
        let entries = terms.iter().map(|term| entry(*term)).collect();
        log.splice(&Splice { after: Slot(0), entries });
        log
    }

    fn id(term: u64, slot: u64) -> LogId {
        LogId { term: Term(term), slot: Slot(slot) }
    }

    #[test]
    fn floor_is_the_highest_entry_below_a_limit_in_slot_and_term() {
        let log = log(&[1, 1, 2, 4, 4]);
        for (limit, expected) in [
            (id(9, 9), id(4, 5)),
            (id(3, 9), id(2, 3)),
            (id(1, 9), id(1, 2)),
            (id(4, 4), id(4, 4)),
            (id(4, 1), id(1, 1)),
            (id(0, 9), id(0, 0)),
        ] {
            assert_eq!(log.floor(limit), expected, "{limit}");
        }
    }

    #[test]
    fn floor_stops_at_the_snapshot() {
        let mut log = log(&[1, 1, 2, 4, 4]);
        log.compact(id(2, 3));
        assert_eq!(log.floor(id(1, 9)), id(2, 3), "nothing is known below it");
        assert_eq!(log.floor(id(9, 9)), id(4, 5));
    }

    #[test]
    fn a_snapshot_of_another_history_replaces_the_whole_log() {
        let mut log = log(&[1, 1, 1, 1]);
        log.compact(id(2, 3));
        assert_eq!((log.base(), log.last()), (id(2, 3), id(2, 3)));
        let mut kept = self::log(&[1, 1, 2, 3]);
        kept.compact(id(2, 3));
        assert_eq!((kept.base(), kept.last()), (id(2, 3), id(3, 4)));
        kept.compact(id(1, 2));
        assert_eq!(kept.base(), id(2, 3), "an older snapshot changes nothing");
    }

    #[test]
    fn bytes_are_counted_as_they_are_encoded() {
        let mut rng = Rng::keyed(&[3]);
        let mut log = log(&[1]);
        for n in 0..2_000 {
            let last = log.last();
            match rng.below(8) {
                0 if last.slot > log.base().slot => {
                    let span = last.slot.0 - log.base().slot.0;
                    let slot = Slot(log.base().slot.0 + 1 + rng.below(span));
                    log.compact(LogId { slot, term: log.term_at(slot).unwrap() });
                }
                1 if last.slot > log.base().slot => {
                    let span = last.slot.0 - log.base().slot.0;
                    let after = Slot(log.base().slot.0 + rng.below(span));
                    log.splice(&Splice { after, entries: [entry(n)].into_iter().collect() });
                }
                _ => {
                    let entries = (0..rng.below(4)).map(|_| entry(n)).collect();
                    log.splice(&Splice { after: last.slot, entries });
                }
            }
            let entries: Vec<_> = log.from(Slot(0)).map(|(_, entry)| entry.clone()).collect();
            assert_eq!(log.bytes(), encoded_len(&entries), "after change {n}");
        }
    }
    #[test]
    fn batches_are_what_they_hold_and_not_what_they_share() {
        let batch = |terms: &[u64]| terms.iter().map(|term| entry(*term)).collect::<Batch<u64>>();
        let digest = |batch: &Batch<u64>| {
            let mut digest = crate::digest::Digest::default();
            batch.hash(&mut digest);
            digest.finish()
        };
        let (whole, tail) = (batch(&[1, 2, 3]), batch(&[2, 3]));
        assert!(whole != tail && batch(&[]) != tail && batch(&[2, 4]) != tail);
        let skipped = whole.clone().skip(1);
        assert_eq!(skipped, tail);
        assert_eq!(digest(&skipped), digest(&tail));
        assert_ne!(digest(&whole), digest(&tail));
        assert_eq!(encoded_len(&skipped), encoded_len(&tail.entries()));
        assert_eq!((whole.len(), skipped.len(), tail.is_empty()), (3, 2, false));
        assert_eq!(skipped.clone().skip(1), batch(&[3]), "from where it stands");
        assert!(skipped.clone().skip(2).is_empty() && skipped.skip(9).is_empty());
    }

    #[test]
    fn a_part_of_a_log_ends_where_it_is_said_or_where_the_log_ends() {
        let log = log(&[1, 1, 2, 4, 4]);
        let terms = |from, max| -> Vec<u64> {
            log.batch(Slot(from), max).entries().iter().map(|entry| entry.term.0).collect()
        };
        assert_eq!(terms(3, 2), [2, 4]);
        assert_eq!(terms(5, 9), [4]);
        assert_eq!(terms(3, u64::MAX), [2, 4, 4]);
        assert!(terms(6, 9).is_empty() && terms(3, 0).is_empty());
    }
}
