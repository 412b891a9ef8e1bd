//! All that is remembered of a run outside the world: trace, history and the observers' memory.

use super::invariants::Observers;
use super::marks::{self, Marks};
use super::report::{Report, Shown};
use super::tenures::{self, Tenures};
use super::trace::{self, Trace};
use super::world::World;
use crate::history::{self, Event, History};

/// All that is remembered of a run outside the world. Append-only; copies share what they have in
/// common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    /// What happened, line by line.
    pub trace: Trace,
    /// What clients saw.
    pub history: History,
    /// Moments worth seeing.
    pub marks: Marks,
    /// Who served which shard.
    pub tenures: Tenures,
    /// What the invariants' observers remember.
    pub observers: Observers,
}

impl Chronicle {
    /// Remembers a step.
    // Not in line, as `World::step_until`.
    #[inline(never)]
    pub fn record(&mut self, world: &World, report: &Report) {
        let before = self.observers.violations().len();
        self.observers.observe(world, report);
        let violated = self.observers.violations().len() > before;
        trace::begin(&mut self.trace, report);
        marks::begin(&mut self.marks, report);
        tenures::record(&mut self.tenures, world, report);
        for shown in &report.shown {
            trace::record(&mut self.trace, report, shown);
            match shown {
                // Half of all: neither clients nor the scrubber have to do with it.
                Shown::Sent(_) => {}
                Shown::Note(note) => marks::record(&mut self.marks, report, note),
                _ => record_history(&mut self.history, report, shown),
            }
        }
        if violated {
            marks::violated(&mut self.marks, report);
        }
    }

    /// Forgets what came after a step, except the observers' memory, which the caller replaces.
    pub(super) fn cut(&mut self, step: u64) {
        let lines = self.trace.partition_point(|line| line.step <= step);
        self.trace.truncate(lines);
        let events = self.history.partition_point(|event| event.step <= step);
        self.history.truncate(events);
        let marks = self.marks.partition_point(|mark| mark.step <= step);
        self.marks.truncate(marks);
        let tenures = self.tenures.partition_point(|tenure| tenure.step <= step);
        self.tenures.truncate(tenures);
    }
}

fn record_history(history: &mut History, report: &Report, shown: &Shown) {
    let (serial, what) = match shown {
        Shown::Called { serial, command } => (serial, history::What::Call(command.clone())),
        Shown::Asked { serial, server } => (serial, history::What::Ask(*server)),
        Shown::Returned { serial, by, reply } => {
            (serial, history::What::Return { by: *by, reply: reply.clone() })
        }
        _ => return,
    };
    let (step, at, client) = (report.step, report.at, report.node);
    history.push(Event { step, at, client, serial: *serial, what });
}
