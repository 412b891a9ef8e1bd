//! The trace: one line per event, and one for each thing that came of it.
//!
//! ```text
//!      48 0.247278 S3       has written
//!                           note  stands for election in term 1
//!                           send  S1 vote, term 1, arrives 0.251981
//! ```
//!
//! Columns: the step's number (8 wide), the time in seconds (10 wide), the process (9 wide), the
//! event. What came of an event follows it, indented to the same column: `note` what a server says
//! happened and why, `send` a message with what becomes of it, `call` and `done` a client's
//! operation.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use super::packet::{End, Label, Shape};
use super::report::{Happened, Report, Shown};
use super::scenario::Scenario;
use crate::chunks::Chunks;
use crate::id::{LogId, NodeId, Serial};
use crate::protocol::Refused;
use crate::raft::note::Note;
use crate::time::{Instant, Why};

/// A trace: lines in the order of the run.
pub type Trace = Chunks<Line, 512>;

/// One line of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The step that it belongs to.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// Which process.
    pub node: NodeId,
    /// What.
    pub what: What,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The event.
    Event(Happened),
    /// A message was sent.
    Sent(Label),
    /// A server said what happened and why.
    Note(Note),
    /// A server's memory is gone.
    Crashed,
    /// A server started.
    Booted,
    /// A server's disk is gone.
    Wiped,
    /// A client began the operation of this number; the history has it.
    Called(Serial),
    /// The operation of this number returned; the history has it.
    Returned(Serial),
    /// A client began the operation of this number on the configuration.
    Ordered(Serial),
    /// The operation of this number on the configuration returned.
    Concluded(Serial),
    /// A command from outside was put before a server: where it will stand, or why nowhere.
    Proposed(Result<LogId, Refused>),
}

/// Adds a step's first line to a trace: the event.
pub(super) fn begin(trace: &mut Trace, report: &Report) {
    let Report { step, at, node, happened, .. } = *report;
    trace.push(Line { step, at, node, what: What::Event(happened) });
}

/// Adds the line of something that came of the event, if it has one.
pub(super) fn record(trace: &mut Trace, report: &Report, shown: &Shown) {
    let what = match shown {
        Shown::Sent(label) => What::Sent(*label),
        Shown::Note(note) => What::Note(*note),
        Shown::Crashed => What::Crashed,
        Shown::Booted => What::Booted,
        Shown::Wiped => What::Wiped,
        Shown::Called { serial, .. } => What::Called(*serial),
        Shown::Returned { serial, .. } => What::Returned(*serial),
        Shown::Ordered { serial, .. } => What::Ordered(*serial),
        Shown::Concluded { serial, .. } => What::Concluded(*serial),
        Shown::Proposed { place, .. } => What::Proposed(*place),
        Shown::Persisted(_)
        | Shown::Applied { .. }
        | Shown::Leading(_)
        | Shown::Restored(_)
        | Shown::Answered { .. }
        | Shown::Asked { .. }
        | Shown::Spinning => return,
    };
    let Report { step, at, node, .. } = *report;
    trace.push(Line { step, at, node, what });
}

impl Line {
    /// The line as text, in fixed columns.
    pub fn text(&self, scenario: &Scenario) -> String {
        let Self { step, at, node, what } = self;
        let mut text = match what {
            What::Event(_) => {
                format!("{step:>8} {:>10} {:<9}", format!("{at}"), scenario.name(*node))
            }
            _ => format!("{:29}", ""),
        };
        let written = match what {
            What::Event(happened) => write!(text, "{}", event(*happened, scenario)),
            What::Sent(label) => write!(text, "send  {}", sent(label, scenario)),
            What::Note(note) => {
                write!(text, "note  {}", note.words(&|server| scenario.name(server)))
            }
            What::Crashed => write!(text, "note  its memory is gone"),
            What::Booted => write!(text, "note  starts from its disk"),
            What::Wiped => write!(text, "note  its disk is gone"),
            What::Called(serial) | What::Ordered(serial) => write!(text, "call  number {serial}"),
            What::Returned(serial) | What::Concluded(serial) => {
                write!(text, "done  number {serial}")
            }
            What::Proposed(place) => write!(text, "note  {}", proposed(*place, scenario)),
        };
        debug_assert!(written.is_ok());
        text
    }
}

/// What became of a command from outside, in words.
fn proposed(place: Result<LogId, Refused>, scenario: &Scenario) -> String {
    match place {
        Ok(place) => format!("takes the command as {place}"),
        Err(Refused::Busy) => "refuses the command: too much is uncommitted".into(),
        Err(Refused::NotLeader { hint: None }) => {
            "refuses the command: it does not lead, nor knows who does".into()
        }
        Err(Refused::NotLeader { hint: Some(leader) }) => {
            format!("refuses the command: it does not lead, {} does", scenario.name(leader))
        }
    }
}

fn event(happened: Happened, scenario: &Scenario) -> String {
    let from = |label: Label| format!("{} from {}", words(&label), scenario.name(label.from));
    match happened {
        Happened::Received(label) => format!("receives {}", from(label)),
        Happened::Queued(label) => format!("is busy: {} waits", from(label)),
        Happened::Missed(label) => format!("misses {}", from(label)),
        Happened::Woke(Why::Election) => "has waited long enough for a leader".into(),
        Happened::Woke(Why::Heartbeat) => "says that it is still there".into(),
        Happened::Woke(Why::Retry) => "tries again".into(),
        Happened::Woke(Why::Think) => "begins an operation".into(),
        Happened::Woke(Why::Poll) => "asks for the next configuration".into(),
        Happened::Finished => "has written".into(),
        Happened::Obeyed => "does what it was told".into(),
        Happened::Acted(kind) => format!("action: {}", kind.words()),
    }
}

fn sent(label: &Label, scenario: &Scenario) -> String {
    let to = scenario.name(label.to);
    let copy = if label.twin { "a copy of " } else { "" };
    let end = match label.end {
        End::Arrives => format!("arrives {}", label.arrives),
        End::Lost => "is lost".into(),
        End::Cut => "is cut off".into(),
        End::Held => "is held".into(),
    };
    format!("{to} {copy}{}, {end}", words(label))
}

/// What a message is: `append`, `refused vote`.
pub(super) const fn name(label: &Label) -> &'static str {
    match (label.shape, label.agrees) {
        (Shape::PreVote, _) => "pre-vote request",
        (Shape::Vote, _) => "vote request",
        (Shape::PreVoteReply, Some(true)) => "pre-vote",
        (Shape::PreVoteReply, _) => "refused pre-vote",
        (Shape::VoteReply, Some(true)) => "vote",
        (Shape::VoteReply, _) => "refused vote",
        (Shape::Append, _) => "append",
        (Shape::Heartbeat, _) => "heartbeat",
        (Shape::AppendReply, Some(true)) if label.beat => "heartbeat acknowledgement",
        (Shape::AppendReply, Some(true)) => "acknowledgement",
        (Shape::AppendReply, _) => "rejection",
        (Shape::Snapshot, _) => "snapshot",
        (Shape::SnapshotReply, _) => "snapshot acknowledgement",
        (Shape::TimeoutNow, _) => "call to take over",
        (Shape::Request, _) => "request",
        (Shape::Response, Some(true)) => "answer",
        (Shape::Response, _) => "refusal",
    }
}

/// A message in words: `append of 2 entries, term 3`.
pub fn words(label: &Label) -> String {
    let mut text = String::from(name(label));
    let entries = label.entries;
    let plural = if entries == 1 { "entry" } else { "entries" };
    let _ = match label.shape {
        Shape::Append => write!(text, " of {entries} {plural}"),
        _ => Ok(()),
    };
    if label.term.0 > 0 {
        let _ = write!(text, ", term {}", label.term);
    }
    text
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::id::Term;
    use crate::sim::Timeline;

    /// Columns, words and order are read by people and compared by tests: a change here is a change
    /// of what others have written down.
    #[test]
    fn a_run_reads_as_it_always_did() {
        let mut timeline = Timeline::new(Scenario::new(1, 3, 1));
        timeline.advance(Instant::from_micros(400_000), u32::MAX);
        let trace = &timeline.chronicle().trace;
        let elected = |line: &&Line| line.what == What::Note(Note::BecameLeader(Term(1)));
        let step = trace.iter().find(elected).expect("somebody leads").step;
        let first = trace.partition_point(|line| line.step < step);
        let lines: Vec<String> = trace
            .range(first.saturating_sub(6)..first + 12)
            .map(|line| line.text(timeline.scenario()))
            .collect();
        assert_eq!(lines.join("\n"), GOLDEN.trim_matches('\n'));
    }

    const GOLDEN: &str = "
                             send  Client 1 refusal, arrives 0.258262
      36   0.253541 S2       receives vote request, term 1 from S3
      37   0.254041 S2       has written
                             note  votes for S3 in term 1
                             send  S3 vote, term 1, arrives 0.256544
      38   0.256544 S3       receives vote, term 1 from S2
      39   0.257044 S3       has written
                             note  is elected leader of term 1
                             send  S1 append of 1 entry, term 1, arrives 0.263202
                             send  S2 append of 1 entry, term 1, arrives 0.260193
      40   0.258102 S3       receives vote, term 1 from S1
      41   0.258262 Client 1 receives refusal from S1
      42   0.260193 S2       receives append of 1 entry, term 1 from S3
      43   0.260693 S2       has written
                             note  follows S3 in term 1
                             send  S3 acknowledgement, term 1, arrives 0.262317
      44   0.262317 S3       receives acknowledgement, term 1 from S2
                             note  knows everything up to slot 1 as committed
";
}
