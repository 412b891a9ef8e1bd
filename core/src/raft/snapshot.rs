//! Log compaction and snapshots (§7).

use alloc::sync::Arc;

use crate::id::{LogId, NodeId, Term};
use crate::machine::Machine;
use crate::protocol::{self, Effect, Out};
use crate::time::Instant;

use super::log::{Batch, Splice};
use super::message::{Message, Record, Snapshot};
use super::note::Note;
use super::{Mode, Raft, Role, rules};

impl<M: Machine> Raft<M> {
    pub(super) fn on_compact(&mut self, snapshot: protocol::Snapshot<M>, out: &mut Out<Self>) {
        let slot = snapshot.through;
        if slot > self.commit || slot <= self.log.base().slot {
            return;
        }
        let Some(term) = self.log.term_at(slot) else { return };
        let last = LogId { term, slot };
        out.note(Note::Compacted(last));
        self.keep(Arc::new(Snapshot { last, machine: snapshot.machine }), out);
    }

    /// Makes a snapshot the beginning of the log, in memory and on disk, in one record: log and
    /// snapshot never disagree. A log forgets by itself what does not follow the snapshot; what
    /// the rules keep of that is written once more.
    fn keep(&mut self, snapshot: Arc<Snapshot<M>>, out: &mut Out<Self>) {
        let last = snapshot.last;
        let stays =
            !self.log.has(last) && (self.rules().tail_stays)(self.log.term_at(last.slot), last);
        let tail =
            if stays { self.log.batch(last.slot.next(), u64::MAX) } else { Batch::default() };
        self.log.compact(last);
        self.snapshot = Some(snapshot.clone());
        Self::push_record(out, Record::Snapshot(snapshot));
        if !tail.is_empty() {
            self.write(Splice { after: last.slot, entries: tail }, out);
        }
    }

    /// Sends the snapshot to a follower that needs entries from before it.
    pub(super) fn send_snapshot(&mut self, now: Instant, index: usize, out: &mut Out<Self>) {
        let Some(snapshot) = self.snapshot.clone() else { return };
        let term = self.hard.term;
        let Role::Leader(leader) = &mut self.role else { return };
        let peer = &mut leader.peers[index];
        peer.mode = Mode::Snapshot { sent: now };
        peer.next = snapshot.last.slot.next();
        out.note(Note::SnapshotSent { to: peer.id, last: snapshot.last });
        out.send(peer.id, Message::Snapshot { term, snapshot });
    }

    pub(super) fn on_snapshot(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        snapshot: Arc<Snapshot<M>>,
        out: &mut Out<Self>,
    ) {
        let sane = snapshot.last.term <= term && rules::plausible(snapshot.last.slot.0);
        if sane && self.heed(now, from, term, out) {
            self.install(snapshot, out);
        }
        let (term, counts, matched) = (self.hard.term, !self.lost, self.commit);
        out.send(from, Message::SnapshotReply { term, counts, matched });
    }

    fn install(&mut self, snapshot: Arc<Snapshot<M>>, out: &mut Out<Self>) {
        if !(self.rules().snapshot_is_news)(snapshot.last, self.commit) {
            return;
        }
        out.note(Note::Installed(snapshot.last));
        self.commit = snapshot.last.slot;
        out.push(Effect::Restore(protocol::Snapshot {
            through: snapshot.last.slot,
            machine: snapshot.machine.clone(),
        }));
        self.keep(snapshot, out);
    }
}
