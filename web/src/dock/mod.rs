//! The dock: one time axis for faults, operations and the scrubber; and the invariants.

mod bars;
mod invariants;
mod ruler;
mod shards;
mod tracks;
mod transport;

pub(crate) use invariants::Invariants;
pub(crate) use ruler::Ruler;
pub(crate) use tracks::{Axis, tracks};
pub(crate) use transport::{Transport, clock};

use shardscope_core::time::Instant;

use crate::decimal::decimal;
use crate::geometry::within;
use crate::host::power_of_ten;

/// The stretch of time that the axis shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its beginning.
    pub(crate) from: u64,
    /// Its length, never 0.
    pub(crate) span: u64,
}

/// At high speeds the axis shows no more than these seconds, unless it is asked to.
const LONGEST: f64 = 20.0;

impl Window {
    /// The window for a cursor at `now`: it stands still while the cursor crosses its second
    /// half, then turns like a page.
    pub(crate) fn around(now: Instant, speed: i32, zoom: i32) -> Self {
        let wall = (75.0 * power_of_ten(f64::from(speed) / 100.0)).min(LONGEST);
        let span = nice(wall * 2f64.powi(zoom) * 1e6).clamp(2_000, 4_000_000_000);
        let half = span / 2;
        let page = now.as_micros() / half;
        Self { from: page.saturating_sub(1) * half, span }
    }

    /// Where `at` is, from 0 to 1 inside the window.
    pub(crate) fn place(&self, at: Instant) -> f64 {
        (at.as_micros() as f64 - self.from as f64) / self.span as f64
    }

    /// The moment at `place`.
    pub(crate) fn moment(&self, place: f64) -> Instant {
        let offset = (within(place, 0.0, 1.0) * self.span as f64).round() as u64;
        Instant::from_micros(self.from.saturating_add(offset))
    }

    /// The beginning of the window.
    pub(crate) fn start(&self) -> Instant {
        Instant::from_micros(self.from)
    }

    /// The end of the window.
    pub(crate) fn end(&self) -> Instant {
        Instant::from_micros(self.from.saturating_add(self.span))
    }
}

/// The round number (1, 2 or 5 times a power of ten) nearest above `value`.
fn nice(value: f64) -> u64 {
    let unit = unit_below(value);
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * unit >= value).unwrap_or(10.0);
    (factor * unit).round() as u64
}

/// The power of ten (1 or more) nearest below `value`.
fn unit_below(value: f64) -> f64 {
    let mut unit = 1.0;
    while unit * 10.0 <= value {
        unit *= 10.0;
    }
    unit
}

/// How far the axis's moments are from one another.
fn step(window: Window) -> u64 {
    nice(window.span as f64 / 9.0).max(1)
}

/// A moment in the axis's one unit, exact to `step` or better: milliseconds within the first
/// second, then seconds.
fn reading(window: Window, micros: u64, step: u64) -> String {
    let (mut unit, name) =
        if window.end().as_micros() > 1_000_000 { (1_000_000, "s") } else { (1_000, "ms") };
    let value = micros as f64 / unit as f64;
    let mut places = 0;
    while unit > step {
        unit /= 10;
        places += 1;
    }
    format!("{} {name}", decimal(value, places))
}

/// Round moments for the axis, about eight of them.
fn ticks(window: Window) -> impl Iterator<Item = u64> {
    let step = step(window);
    let first = window.from.div_ceil(step);
    (first..=(window.from + window.span) / step).map(move |i| i * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_and_cursor_read_in_one_unit() {
        let early = Window { from: 0, span: 500_000 };
        assert_eq!(reading(early, 387_400, 1_000), "387 ms");
        assert_eq!(reading(early, 400_000, step(early)), "400 ms");
        let later = Window { from: 3_500_000, span: 500_000 };
        assert_eq!(reading(later, 3_874_100, 1_000), "3.874 s");
        assert_eq!(reading(later, 3_900_000, step(later)), "3.9 s");
        let close = Window { from: 3_500_000, span: 5_000 };
        assert_eq!(reading(close, 3_501_000, step(close)), "3.501 s");
        let long = Window { from: 0, span: 20_000_000 };
        assert_eq!(reading(long, 10_000_000, step(long)), "10 s");
    }

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for micros in [0, 1, 249_999, 250_000, 700_000, 10_000_000] {
            let now = Instant::from_micros(micros);
            let window = Window::around(now, -225, 0);
            assert!((0.0..=1.0).contains(&window.place(now)), "{micros}");
            assert_eq!(window.moment(window.place(now)), now);
        }
    }
}
