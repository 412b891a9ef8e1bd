//! What a disk was told.

use super::{News, Watched, Whole, judge_state};
use crate::sim::invariants::commits::state;
use crate::sim::invariants::{Findings, Law, logs, messages};
use crate::sim::node::Node;
use crate::sim::store::{Durable, Record};

impl Whole {
    #[inline(never)]
    pub(super) fn on_record(
        &mut self,
        record: &Record,
        (process, disk): (&Node, &Durable),
        more: impl FnOnce() -> bool,
        watched: &mut Watched,
        news: &mut News,
        findings: &mut Findings<'_>,
    ) {
        let (node, Self { elections, prefixes, commits, .. }) = (process.id(), self);
        match record {
            Record::Hard(hard) => {
                elections.on_hard_state(node, *hard, findings);
                messages::on_hard_state(node, watched, *hard, findings);
                return;
            }
            Record::Splice(splice) => {
                logs::append_only(node, watched, splice, findings);
                logs::in_order(node, watched, &disk.log, splice, findings);
                prefixes.on_splice(node, watched, &disk.log, splice, findings);
                watched.agreed = watched.agreed.min(splice.after);
                watched.last = logs::end_of(splice).unwrap_or_else(|| disk.log.last());
            }
            Record::Snapshot(snapshot) => {
                let (last, term) = (snapshot.last, disk.hard.term);
                news.committed |= commits.on_snapshot(node, last, term, prefixes, findings);
                let state = state(&snapshot.machine);
                commits.on_state(node, last.slot, state, findings);
                judge_state(process, last.slot, state, findings);
                watched.last = if last.slot >= watched.last.slot {
                    last
                } else if more() {
                    // The disk has what comes later in this step already.
                    watched.last
                } else {
                    disk.log.last()
                };
            }
        }
        news.stored = true;
        let (last, own) = (watched.last.term, disk.hard.term);
        findings.judge(Law::LogTerms, node, last <= own, [last.0, own.0]);
    }
}
