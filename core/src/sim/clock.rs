//! A process's own clock: an offset and a rate against the world's time.

use crate::time::Instant;

/// A clock that started somewhere and runs a little fast or slow. Never runs backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    global: Instant,
    local: Instant,
    /// Ticks in a million microseconds.
    ticks: u32,
}

const MILLION: u64 = 1_000_000;

impl Clock {
    /// The fastest and slowest rates, in parts per million off true.
    pub const MAX_DRIFT: i32 = 500_000;

    /// A clock that shows the world's own time.
    pub const TRUE: Self =
        Self { global: Instant::ZERO, local: Instant::ZERO, ticks: MILLION as u32 };

    /// A clock that shows `local` now and runs `drift` parts per million fast (or slow, if
    /// negative), clamped to [`Clock::MAX_DRIFT`].
    pub fn set(global: Instant, local: Instant, drift: i32) -> Self {
        let drift = drift.clamp(-Self::MAX_DRIFT, Self::MAX_DRIFT);
        Self { global, local, ticks: (MILLION as i32 + drift) as u32 }
    }

    /// How fast it runs, in parts per million off true.
    pub const fn drift(&self) -> i32 {
        self.ticks as i32 - MILLION as i32
    }

    /// What it shows at a moment of the world.
    pub fn local(&self, now: Instant) -> Instant {
        let elapsed = now.since(self.global).as_micros();
        if u64::from(self.ticks) == MILLION {
            return Instant::from_micros(self.local.as_micros().saturating_add(elapsed));
        }
        let ticks = u128::from(elapsed) * u128::from(self.ticks) / u128::from(MILLION);
        Instant::from_micros(self.local.as_micros().saturating_add(ticks as u64))
    }

    /// The first moment of the world at which it shows `at` or more.
    pub fn global(&self, at: Instant) -> Instant {
        let ticks = at.since(self.local).as_micros();
        if u64::from(self.ticks) == MILLION {
            return Instant::from_micros(self.global.as_micros().saturating_add(ticks));
        }
        let elapsed = (u128::from(ticks) * u128::from(MILLION)).div_ceil(u128::from(self.ticks));
        Instant::from_micros(self.global.as_micros().saturating_add(elapsed as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_moment_that_reaches_an_alarm_is_found() {
        for drift in [-500_000, -100, -1, 0, 1, 37, 250_000, 500_000, i32::MAX, i32::MIN] {
            let clock = Clock::set(Instant::from_micros(77), Instant::from_micros(1_000), drift);
            for at in (1_001..1_400).map(Instant::from_micros) {
                let first = clock.global(at);
                assert!(clock.local(first) >= at, "drift {drift}, {at}");
                let before = Instant::from_micros(first.as_micros() - 1);
                assert!(clock.local(before) < at, "drift {drift}, {at}");
            }
        }
    }
}
