//! From moments to pixels and back.

use shardscope_core::time::Instant;

use super::Window;
use crate::geometry::within;

/// Room for the tracks' names.
const LABELS: f64 = 84.0;

/// A stretch of time on a drawing of some width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ruler {
    /// The stretch of time.
    pub(crate) window: Window,
    /// The width of the drawing, the tracks' names included.
    pub(crate) width: f64,
}

impl Ruler {
    /// Where the axis begins.
    pub(super) const fn left(self) -> f64 {
        LABELS
    }

    /// Where it ends.
    pub(super) fn right(self) -> f64 {
        LABELS + self.axis()
    }

    fn axis(self) -> f64 {
        (self.width - LABELS - 30.0).max(40.0)
    }

    /// Where a moment is; one off the axis is near its end.
    pub(super) fn x(self, at: Instant) -> f64 {
        LABELS + within(self.window.place(at), -0.2, 1.2) * self.axis()
    }

    /// The moment at `x`.
    pub(super) fn moment(self, x: f64) -> Instant {
        self.window.moment((x - LABELS) / self.axis())
    }

    /// Where the part of a stretch of time that is on the axis begins, and how wide it is.
    pub(super) fn extent(self, from: Instant, until: Instant) -> Option<(f64, f64)> {
        if until.as_micros() < self.window.from || from > self.window.end() {
            return None;
        }
        let (a, b) = (self.x(from).max(self.left()), self.x(until).min(self.right()));
        Some((a, (b - a).max(3.0)))
    }
}
