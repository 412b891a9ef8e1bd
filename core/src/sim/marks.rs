//! Moments worth seeing on a scrubber.

use super::report::{ActionKind, Happened, Report, Shown};
use crate::chunks::Chunks;
use crate::id::{NodeId, Term};
use crate::raft::note::Note;
use crate::time::Instant;

/// The marks of a run, in its order.
pub type Marks = Chunks<Mark, 256>;

/// A moment worth seeing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When, in global time.
    pub at: Instant,
    /// The step that it belongs to.
    pub step: u64,
    /// What.
    pub kind: MarkKind,
    /// Whom it concerns.
    pub node: NodeId,
}

/// What happened at a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A server stood for election.
    Election(Term),
    /// A server won one.
    Leader(Term),
    /// A server crashed.
    Crash,
    /// A server was started again.
    Restart,
    /// A server was paused.
    Pause,
    /// A server went on.
    Resume,
    /// A server's disk was wiped.
    Wipe,
    /// Links were cut.
    Cut,
    /// Links were mended.
    Heal,
    /// A follower installed a snapshot.
    Snapshot,
    /// An invariant was violated.
    Violation,
    /// Something else was done from outside.
    Action,
}

/// Adds a step's marks. `violated`: the step broke an invariant.
pub(super) fn record(marks: &mut Marks, report: &Report, violated: bool) {
    let Report { at, step, node, .. } = *report;
    let mut mark = |kind| marks.push(Mark { at, step, kind, node });
    if let Happened::Acted(action) = report.happened {
        mark(match action {
            ActionKind::Crash => MarkKind::Crash,
            ActionKind::Restart => MarkKind::Restart,
            ActionKind::Wipe => MarkKind::Wipe,
            ActionKind::Pause => MarkKind::Pause,
            ActionKind::Resume => MarkKind::Resume,
            ActionKind::Cut => MarkKind::Cut,
            ActionKind::Mend | ActionKind::Heal => MarkKind::Heal,
            ActionKind::Campaign
            | ActionKind::Packet
            | ActionKind::Invoke
            | ActionKind::Setting => MarkKind::Action,
        });
    }
    for shown in &report.shown {
        match shown {
            Shown::Note(Note::ElectionStarted(term)) => mark(MarkKind::Election(*term)),
            Shown::Note(Note::BecameLeader(term)) => mark(MarkKind::Leader(*term)),
            Shown::Note(Note::Installed(_)) => mark(MarkKind::Snapshot),
            _ => {}
        }
    }
    if violated {
        mark(MarkKind::Violation);
    }
}
