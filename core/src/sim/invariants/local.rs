//! RI-8, RI-11, RI-12 and RI-14: what a server says of itself, at moments when nothing is held
//! back, so that it is what was released.

use super::memory::Watched;
use super::{Findings, Law};
use crate::id::{NodeId, Slot, Term};
use crate::raft::{Peer, Role};
use crate::sim::packet::Shape;
use crate::sim::report::{Happened, Report};
use crate::sim::store::{Durable, Log, Replica, Server};
use crate::sim::world::World;

/// Judges a server that runs; `stored`: its disk was written to.
pub(super) fn judge(
    world: &World,
    report: &Report,
    server: &Server,
    (watched, stored): (&mut Watched, bool),
    findings: &mut Findings<'_>,
) {
    let (node, replica) = (report.node, server.replica());
    let (commit, applied) = (replica.commit(), server.applied());
    if stored || commit != watched.commit || applied != commit {
        judge_indices(node, server, watched, findings);
    }
    if let Role::Leader(leader) = replica.role() {
        // An answer changes what is known of its sender. Other steps only raise what is sent next.
        match report.happened {
            Happened::Received(label) => {
                // The peers stand in order, without the leader itself.
                let rank = world.scenario().rank(label.from);
                let index = rank.wrapping_sub(usize::from(label.from > node));
                if let Shape::AppendReply | Shape::SnapshotReply = label.shape
                    && let Some(peer) = leader.peers.get(index)
                {
                    judge_peer((node, world), replica, peer, watched, findings);
                }
            }
            Happened::Finished | Happened::Obeyed => {
                for peer in &leader.peers {
                    judge_peer((node, world), replica, peer, watched, findings);
                }
            }
            _ => {}
        }
    }
}

#[inline(never)]
fn judge_indices(
    node: NodeId,
    server: &Server,
    watched: &mut Watched,
    findings: &mut Findings<'_>,
) {
    let (replica, applied) = (server.replica(), server.applied());
    let (log, commit) = (replica.log(), replica.commit());
    let base = log.base().slot;
    let snapshot = replica.snapshot().map_or(Slot(0), |snapshot| snapshot.last.slot);
    let ordered =
        base <= snapshot && snapshot <= applied && applied <= commit && commit <= log.last().slot;
    findings.judge(Law::IndexOrder, node, ordered, [applied.0, commit.0]);
    if commit == watched.commit {
        return;
    }
    let rises = commit > watched.commit;
    findings.judge(Law::CommittedStays, node, rises, [commit.0, watched.commit.0]);
    if let Some(term) = watched.leading {
        let own = !rises || log.term_at(commit) == Some(term);
        findings.judge(Law::OwnTerm, node, own, [commit.0, term.0]);
    }
    watched.commit = commit;
    watched.kept = watched.kept.max(commit);
}

#[inline(never)]
fn judge_peer(
    (node, world): (NodeId, &World),
    replica: &Replica,
    peer: &Peer,
    watched: &mut Watched,
    findings: &mut Findings<'_>,
) {
    let (matched, whom) = (peer.matched, world.scenario().rank(peer.id));
    let Some(known) = watched.matched.get_mut(whom) else { return };
    let mut holds = peer.next > matched;
    if matched != *known {
        // Who lost its disk begins anew.
        holds &= matched > *known || !peer.counts;
        let (log, term) = (replica.log(), replica.hard_state().term);
        let disk = world.node(peer.id).and_then(|node| node.durable());
        holds &= disk.is_some_and(|disk| stores(disk, log, term, matched));
        *known = matched;
    }
    findings.judge(Law::MatchIndex, node, holds, [matched.0, whom as u64 + 1]);
}

/// Whether a follower's disk has the leader's log up to a slot. What was there may be gone with
/// the disk, or have given way to a later leader's.
fn stores(disk: &Durable, log: &Log, term: Term, slot: Slot) -> bool {
    let agree = match (disk.log.term_at(slot), log.term_at(slot)) {
        (Some(own), Some(other)) => own == other,
        // What is compacted away is committed: the other laws look after it.
        _ => slot <= log.last().slot && slot <= disk.log.last().slot,
    };
    agree || disk.lost || disk.hard.term > term
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LogId;
    use crate::protocol::{Entry, Payload};
    use crate::raft::log::Splice;
    use crate::raft::message::HardState;

    fn log(terms: &[u64]) -> Log {
        let entry = |term: &u64| Entry { term: Term(*term), payload: Payload::Noop };
        let mut log = Log::default();
        log.splice(&Splice { after: Slot(0), entries: terms.iter().map(entry).collect() });
        log
    }

    #[test]
    fn a_follower_stores_what_its_disk_has_or_what_excuses_it() {
        let leaders = log(&[1, 1, 3, 3]);
        let disk = |terms: &[u64], term| Durable {
            hard: HardState { term: Term(term), vote: None },
            log: log(terms),
            ..Durable::default()
        };
        let holds = |disk: &Durable, slot| stores(disk, &leaders, Term(3), Slot(slot));
        let other = disk(&[1, 1, 2, 2], 3);
        assert!(holds(&other, 2) && !holds(&other, 3), "the entries in slot 3 differ");
        let short = disk(&[1, 1], 3);
        assert!(holds(&short, 2) && !holds(&short, 3), "slot 3 is not there");
        assert!(holds(&disk(&[1, 1], 4), 3), "a later leader may have cut it off");
        assert!(holds(&Durable { lost: true, ..short }, 3), "it went with the disk");
        let mut compacted = disk(&[1, 1, 3, 3], 3);
        compacted.log.compact(LogId { term: Term(3), slot: Slot(3) });
        assert!(holds(&compacted, 1) && holds(&compacted, 4));
        assert!(!holds(&compacted, 5), "the leader itself has no slot 5");
    }
}
