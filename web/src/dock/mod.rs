//! The dock: one time axis for faults, operations and the scrubber; and the invariants.

mod bars;
mod invariants;
mod ruler;
mod tracks;
mod transport;

pub(crate) use invariants::Invariants;
pub(crate) use ruler::Ruler;
pub(crate) use tracks::{Axis, tracks};
pub(crate) use transport::{Transport, clock};

use shardscope_core::time::Instant;

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

/// Round moments for the axis, about eight of them.
fn ticks(window: Window) -> impl Iterator<Item = u64> {
    let step = nice(window.span as f64 / 9.0).max(1);
    let first = window.from.div_ceil(step);
    (first..=(window.from + window.span) / step).map(move |i| i * step)
}

#[cfg(test)]
mod tests {
    use super::*;

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
