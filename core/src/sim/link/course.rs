//! What was done in a run, and when.

use alloc::vec::Vec;
use core::mem;

use super::actions;
use super::bits::{self, Bits};
use crate::sim::action::Action;
use crate::time::Duration;

/// A place in a run: so long after a step, before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) step: u64,
    pub(super) after: Duration,
}

/// An action in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    /// After this it was done.
    pub(super) moment: Moment,
    /// It belongs to the one before: they were done at one moment, and are undone together.
    pub(super) joined: bool,
    pub(super) action: Action,
}

/// How many bits it mostly takes to say when something was done: whoever acts often, or on few
/// servers, has smaller numbers.
#[derive(Clone, Copy)]
struct Pace {
    /// The steps since the action before.
    gap: u32,
    /// The microseconds since the event before.
    after: u32,
}

/// All that was done, in order.
pub(super) fn deeds(bits: &mut Bits, deeds: &mut Vec<Deed>) {
    let mut pace = Pace::of(deeds);
    bits.order(&mut pace.gap);
    bits.order(&mut pace.after);
    let blank = || Deed { moment: Moment::default(), joined: false, action: Action::Heal };
    // Most runs have none: then no action says so.
    let mut any_joined = deeds.iter().any(|deed| deed.joined);
    bits.flag(&mut any_joined);
    let mut last = 0;
    bits.list(deeds, blank, |bits, deed| {
        deed.pass(bits, pace, any_joined, last);
        last = deed.moment.step.saturating_add(1);
    });
}

impl Pace {
    fn of(deeds: &[Deed]) -> Self {
        let gap = |last: &mut u64, deed: &Deed| {
            let step = deed.moment.step;
            let gap = step.saturating_sub(mem::replace(last, step.saturating_add(1)));
            Some((!deed.joined).then_some(gap))
        };
        let gaps = deeds.iter().scan(0, gap).flatten();
        let apart = deeds.iter().filter(|deed| !deed.joined);
        let after = apart.map(|deed| deed.moment.after.as_micros());
        Self { gap: order(gaps), after: order(after) }
    }
}

/// Of so many bits for each, some numbers take the fewest.
fn order(numbers: impl Iterator<Item = u64> + Clone) -> u32 {
    let all = |order: &u32| numbers.clone().map(|number| bits::cost(*order, number)).sum::<u32>();
    (0..32).min_by_key(all).unwrap_or(0)
}

impl Deed {
    /// `last` is the step of the action before; 0 if there is none.
    fn pass(&mut self, bits: &mut Bits, pace: Pace, any_joined: bool, last: u64) {
        let Moment { step, after } = &mut self.moment;
        let mut gap = step.saturating_sub(last);
        let mut joined = self.joined && last > 0 && gap == 0 && *after == Duration::ZERO;
        if any_joined {
            bits.flag(&mut joined);
        }
        self.joined = joined;
        if joined {
            self.moment = Moment { step: last, after: Duration::ZERO };
        } else {
            bits.number(pace.gap, &mut gap);
            *step = last.saturating_add(gap);
            let mut micros = after.as_micros();
            bits.number(pace.after, &mut micros);
            *after = Duration::from_micros(micros);
        }
        actions::action(bits, &mut self.action);
    }
}
