//! What is to come in a story: its run is known already, and not to be seen before it is told.

use shardscope_core::time::Instant;
use shardscope_core::view::{Dock, Invariant};

/// Covers one branch from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Veil {
    /// The story's branch.
    pub(super) branch: u32,
    /// What comes later is not told yet.
    pub(super) told: Instant,
}

impl Veil {
    /// The dock without what is not told.
    pub(super) fn dock(self, mut dock: Dock) -> Dock {
        let untold = |at: &mut Instant| *at > self.told;
        dock.marks.retain(|mark| mark.at <= self.told);
        dock.faults.retain(|fault| fault.from <= self.told);
        for fault in &mut dock.faults {
            fault.until.take_if(untold);
        }
        dock.stretches.retain(|stretch| stretch.from <= self.told);
        for stretch in &mut dock.stretches {
            stretch.until.take_if(untold);
        }
        dock.operations.retain(|operation| operation.called <= self.told);
        for operation in &mut dock.operations {
            operation.attempts.retain(|(at, _)| *at <= self.told);
            if operation.returned.take_if(|(at, _)| *at > self.told).is_some() {
                (operation.answered_by, operation.odd) = (None, false);
            }
            operation.point.take_if(untold);
        }
        dock
    }

    /// The invariants, without what will break them.
    pub(super) fn invariants(self, mut all: Vec<Invariant>) -> Vec<Invariant> {
        for invariant in &mut all {
            invariant.broken.take_if(|broken| broken.ahead && broken.at > self.told);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Engine, Setup, tell};
    use shardscope_core::time::Instant;

    const LOST: &str = include_str!("../../../tests/scripts/lost-reply-and-retry.script");
    const TRAP: &str = include_str!("../../../tests/scripts/mutants/R1-vote-not-persisted.script");

    fn dock(engine: &Engine) -> shardscope_core::view::Dock {
        engine.dock(Instant::ZERO, Instant::from_micros(60_000_000))
    }

    #[test]
    fn a_story_shows_nothing_of_what_it_has_not_told() {
        let (mut engine, story) = tell(LOST, Setup::usual(1));
        let whole = story.stops.last().expect("it ends").moment.at;
        assert!(engine.visit(story.start));
        assert!(dock(&engine).operations.is_empty() && dock(&engine).faults.is_empty());
        let asked = story.stops[1].moment;
        assert!(engine.visit(asked));
        while engine.judge() {}
        let seen = dock(&engine);
        assert!(seen.operations.len() == 1 && seen.operations[0].returned.is_none());
        assert_eq!(seen.operations[0].point, None, "it gives the answer away");
        assert!(seen.marks.iter().all(|mark| mark.at <= asked.at));
        assert_eq!(engine.head(), asked.at);
        // What was told once stays on the page.
        assert!(engine.visit(story.start));
        assert_eq!(dock(&engine), seen);
        engine.live();
        assert_eq!(engine.now(), asked.at);
        engine.advance(whole, 1_000_000);
        assert_eq!(engine.head(), whole);
        assert!(dock(&engine).operations.iter().all(|operation| operation.returned.is_some()));
    }

    #[test]
    fn a_story_does_not_say_what_will_be_broken() {
        let (mut engine, story) = tell(TRAP, Setup::usual(1));
        let broken =
            |engine: &Engine| engine.invariants().iter().filter(|law| law.broken.is_some()).count();
        assert!(engine.visit(story.start));
        assert_eq!(broken(&engine), 0);
        assert!(engine.visit(story.stops.last().expect("it ends").moment));
        assert!(broken(&engine) > 0);
    }
}
