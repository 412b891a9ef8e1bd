//! Random lanes as values.
//!
//! One named, portable algorithm (Xoshiro256++, seeded through SplitMix64). A lane is made from a
//! key, so that each process and each packet draws from its own: a fault that is added somewhere
//! changes no other draw. No floating point, no `usize`.

use core::fmt;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::time::Duration;

/// A chance in parts per million: [`Ppm::NEVER`] to [`Ppm::ALWAYS`].
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Ppm(pub u32);

impl Ppm {
    /// It does not happen.
    pub const NEVER: Self = Self(0);
    /// It always happens.
    pub const ALWAYS: Self = Self(1_000_000);

    /// A chance of `percent` in a hundred.
    pub const fn percent(percent: u32) -> Self {
        Self(percent.saturating_mul(10_000))
    }
}

/// A lane of random numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// The lane that belongs to `key`. Equal keys give equal lanes; any other key gives one that
    /// shares nothing visible with it.
    pub fn keyed(key: &[u64]) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(mix(key)))
    }

    /// A number from `0` to `bound - 1`; `0` if the bound is `0`.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// A duration from `min` to `max`, both included; `min` if they are the wrong way round.
    pub fn between(&mut self, min: Duration, max: Duration) -> Duration {
        let (min, max) = (min.as_micros(), max.as_micros());
        if max <= min {
            return Duration::from_micros(min);
        }
        Duration::from_micros(self.0.random_range(min..=max))
    }

    /// Whether something of this chance happens. Draws whatever the chance, so that a change of
    /// the chance shifts no later draw.
    pub fn chance(&mut self, chance: Ppm) -> bool {
        self.below(u64::from(Ppm::ALWAYS.0)) < u64::from(chance.0)
    }
}

impl fmt::Debug for Rng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rng")
    }
}

/// SplitMix64's finaliser folded over the words of a key.
fn mix(key: &[u64]) -> u64 {
    key.iter().fold(0x6a09_e667_f3bc_c909, |state, &word| {
        let mut z = (state ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_reproducible_and_apart() {
        let draw = |key: &[u64]| Rng::keyed(key).below(u64::MAX);
        assert_eq!(draw(&[1, 2, 3]), draw(&[1, 2, 3]));
        assert_ne!(draw(&[1, 2, 3]), draw(&[1, 3, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[1, 2, 0]));
    }

    #[test]
    fn the_stream_is_pinned() {
        // Share links and recorded digests stand on these numbers.
        let mut rng = Rng::keyed(&[42]);
        let drawn = [rng.below(1_000), rng.below(1_000), rng.below(1_000)];
        assert_eq!(drawn, [6, 316, 736]);
    }

    #[test]
    fn bounds_hold_at_their_edges() {
        let mut rng = Rng::keyed(&[7]);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
        let (low, high) = (Duration::from_micros(5), Duration::from_micros(6));
        let mut seen = [false; 2];
        for _ in 0..64 {
            seen[rng.between(low, high).as_micros() as usize - 5] = true;
        }
        assert_eq!(seen, [true; 2]);
        assert_eq!(rng.between(high, low), high);
        assert!(!rng.chance(Ppm::NEVER));
        assert!(rng.chance(Ppm::ALWAYS));
    }
}
