//! RI-5, RI-6 and RI-7: what is committed stays, everywhere.

use alloc::format;

use super::{Findings, Law, Watched, name};
use crate::chunks::Chunks;
use crate::id::{NodeId, NodeSet, Slot, Term};
use crate::sim::store::{Log, StoreEntry};

/// What was ever applied anywhere, by slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commits {
    by_slot: Chunks<Committed, 256>,
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

    /// A server applied a slot. True: nobody had before.
    pub(super) fn on_applied(
        &mut self,
        node: NodeId,
        slot: Slot,
        entry: &StoreEntry,
        during: Term,
        findings: &mut Findings<'_>,
    ) -> bool {
        let hash = entry.digest();
        let known = self.by_slot.get(slot.0).copied();
        let gap = slot.0 > self.by_slot.end();
        let holds = !gap && known.is_none_or(|known| known.entry == hash);
        findings.judge(Law::StateMachineSafety, holds, || match known {
            Some(known) => {
                let (node, other) = (name(node), name(known.by));
                format!("{node} applied another entry in slot {slot} than {other} did.")
            }
            None => format!("{} applied slot {slot} before the slots before it.", name(node)),
        });
        if slot.0 != self.by_slot.end() {
            return false;
        }
        self.by_slot.push(Committed { term: entry.term, entry: hash, during, by: node });
        true
    }

    /// A server was elected: it must have all that was committed in earlier terms. By log
    /// matching it is enough to look at the last such entry.
    pub(super) fn on_leader(
        &self,
        node: NodeId,
        term: Term,
        log: &Log,
        findings: &mut Findings<'_>,
    ) {
        let slots = (1..self.by_slot.end()).rev().map(Slot);
        let mut earlier = slots.filter_map(|slot| Some((slot, self.by_slot.get(slot.0)?)));
        let last = earlier.find(|(_, committed)| committed.during < term);
        let has = |(slot, committed): (Slot, &Committed)| {
            slot < log.base().slot || log.term_at(slot) == Some(committed.term)
        };
        findings.judge(Law::LeaderCompleteness, last.is_none_or(has), || {
            let slot = last.map_or(Slot(0), |(slot, _)| slot);
            format!("{} leads term {term} without the committed entry in slot {slot}.", name(node))
        });
    }

    /// How far a durable log has all that is committed, from where it was known to.
    pub(super) fn extend(&self, watched: &mut Watched, log: &Log) {
        let base = log.base();
        match self.by_slot.get(base.slot.0) {
            Some(committed) if committed.term == base.term => {
                watched.agreed = watched.agreed.max(base.slot);
            }
            // A step may apply entries and compact them at once: they are seen applied next.
            None if base.slot > self.end() => watched.agreed = watched.agreed.max(self.end()),
            _ => {}
        }
        while let Some(committed) = self.by_slot.get(watched.agreed.0 + 1) {
            if log.term_at(watched.agreed.next()) != Some(committed.term) {
                break;
            }
            watched.agreed = watched.agreed.next();
        }
    }

    /// The last committed entry, and with it all, is on a majority of disks. A disk that was lost
    /// is discounted for what it held: no protocol can keep that.
    pub(super) fn check_quorum(
        &self,
        nodes: &[Watched],
        voters: NodeSet,
        findings: &mut Findings<'_>,
    ) {
        let end = self.end();
        let has = |watched: &&Watched| {
            watched.lost.is_some_and(|held| held >= end)
                || (watched.lost.is_none() && watched.agreed >= end)
        };
        let safe = nodes.iter().filter(has).count();
        let needed = voters.len() as usize / 2 + 1;
        findings.judge(Law::DurableQuorum, safe >= needed, || {
            let of = voters.len();
            format!(
                "Slot {end} is committed, but only {safe} of {of} disks have everything up to it."
            )
        });
    }
}
