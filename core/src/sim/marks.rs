//! Moments worth seeing on a scrubber.

use super::report::{ActionKind, Happened, Report};
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
    Action(ActionKind),
    /// A server said why something did not go as it might have: a matter for words, not for signs.
    Said(Note),
}

/// Marks an event, if it was an action.
pub(super) fn begin(marks: &mut Marks, report: &Report) {
    let Happened::Acted(action) = report.happened else { return };
    let kind = match action {
        ActionKind::Crash => MarkKind::Crash,
        ActionKind::Restart => MarkKind::Restart,
        ActionKind::Wipe => MarkKind::Wipe,
        ActionKind::Pause => MarkKind::Pause,
        ActionKind::Resume => MarkKind::Resume,
        ActionKind::Cut => MarkKind::Cut,
        ActionKind::Mend | ActionKind::Heal => MarkKind::Heal,
        ActionKind::Campaign
        | ActionKind::Transfer
        | ActionKind::Packet
        | ActionKind::Invoke
        | ActionKind::Propose
        | ActionKind::Control
        | ActionKind::Setting => MarkKind::Action(action),
    };
    push(marks, report, kind);
}

/// Marks what a server said, if it is worth seeing.
pub(super) fn record(marks: &mut Marks, report: &Report, note: &Note) {
    let kind = match note {
        Note::ElectionStarted(term) => MarkKind::Election(*term),
        Note::BecameLeader(term) => MarkKind::Leader(*term),
        Note::Installed(_) => MarkKind::Snapshot,
        Note::VoteRefused { .. } | Note::SteppedDown(_) | Note::Truncated { .. } => {
            MarkKind::Said(*note)
        }
        _ => return,
    };
    push(marks, report, kind);
}

/// Marks an event that broke an invariant.
pub(super) fn violated(marks: &mut Marks, report: &Report) {
    push(marks, report, MarkKind::Violation);
}

fn push(marks: &mut Marks, report: &Report, kind: MarkKind) {
    let Report { at, step, node, .. } = *report;
    marks.push(Mark { at, step, kind, node });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LogId, Slot};
    use crate::raft::note::{Down, NoVote};

    fn marked(mark: impl FnOnce(&mut Marks)) -> Option<MarkKind> {
        let mut marks = Marks::default();
        mark(&mut marks);
        marks.last().map(|mark| mark.kind)
    }

    #[test]
    fn every_action_is_marked_as_what_it_does() {
        let of = |action| {
            let happened = Happened::Acted(action);
            let report = Report { happened, ..Report::default() };
            marked(|marks| begin(marks, &report))
        };
        for (action, kind) in [
            (ActionKind::Crash, MarkKind::Crash),
            (ActionKind::Restart, MarkKind::Restart),
            (ActionKind::Wipe, MarkKind::Wipe),
            (ActionKind::Pause, MarkKind::Pause),
            (ActionKind::Resume, MarkKind::Resume),
            (ActionKind::Cut, MarkKind::Cut),
            (ActionKind::Mend, MarkKind::Heal),
            (ActionKind::Heal, MarkKind::Heal),
            (ActionKind::Invoke, MarkKind::Action(ActionKind::Invoke)),
            (ActionKind::Setting, MarkKind::Action(ActionKind::Setting)),
        ] {
            assert_eq!(of(action), Some(kind));
        }
    }

    #[test]
    fn only_what_is_worth_seeing_is_marked() {
        let of = |note| marked(|marks| record(marks, &Report::default(), &note));
        let (term, candidate) = (Term(3), NodeId(1));
        assert_eq!(of(Note::ElectionStarted(term)), Some(MarkKind::Election(term)));
        assert_eq!(of(Note::BecameLeader(term)), Some(MarkKind::Leader(term)));
        assert_eq!(of(Note::Installed(LogId::ORIGIN)), Some(MarkKind::Snapshot));
        let refused = Note::VoteRefused { candidate, why: NoVote::OldTerm };
        let truncated = Note::Truncated { from: Slot(2) };
        for note in [refused, truncated, Note::SteppedDown(Down::NoQuorum)] {
            assert_eq!(of(note), Some(MarkKind::Said(note)));
        }
        for note in [Note::PreVoteStarted(term), Note::Committed(Slot(2)), Note::KeepsOffice] {
            assert_eq!(of(note), None);
        }
        let broken = marked(|marks| violated(marks, &Report::default()));
        assert_eq!(broken, Some(MarkKind::Violation));
    }
}
