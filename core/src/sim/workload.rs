//! What clients do by themselves.

use alloc::format;
use alloc::string::String;
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::scenario::limited;
use crate::kv::{Command, Text};
use crate::rng::{Ppm, Rng};
use crate::sorted::Sorted;
use crate::time::Duration;

/// What clients do by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// When a client begins its next operation.
    pub pace: Pace,
    /// How many keys there are, 1 to 1,000.
    pub keys: u16,
    /// How many of all operations go to one key, `x`, whatever the others do: a hot key.
    pub hot: Ppm,
    /// How likely each kind of operation is.
    pub mix: Mix,
    /// How many operations each client does by itself; none: without end.
    pub limit: Option<u64>,
}

/// When a client begins its next operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pace {
    /// Closed loop: so long after the last one returned, half to one and a half times.
    Closed {
        /// The mean pause.
        think: Duration,
    },
    /// Open loop: whether or not the last one has returned; what cannot be sent yet queues up.
    Open {
        /// The mean time between two operations.
        every: Duration,
    },
    /// Never by itself.
    Silent,
}

/// A write at a version expects one below this: small ones are met again after each delete.
const VERSIONS: u64 = 4;

/// What a client last read, by key.
pub(super) type Known = Sorted<Text, Text>;

/// Weights of the kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mix {
    /// Reads.
    pub get: u8,
    /// Writes.
    pub put: u8,
    /// Appends.
    pub append: u8,
    /// Deletes.
    pub delete: u8,
    /// Compare and set.
    pub cas: u8,
    /// Writes at a version.
    pub put_at: u8,
    /// Hash chains.
    pub put_hash: u8,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            pace: Pace::Closed { think: Duration::from_millis(20) },
            keys: 3,
            hot: Ppm::NEVER,
            mix: Mix { get: 4, put: 3, append: 3, delete: 0, cas: 0, put_at: 0, put_hash: 0 },
            limit: None,
        }
    }
}

/// A hot key counts only if there is one, so that the digests of runs without are what they always
/// were.
impl Hash for Workload {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { pace, keys, hot, mix, limit } = self;
        (pace, keys, mix, limit).hash(state);
        if *hot != Ppm::NEVER {
            hot.hash(state);
        }
    }
}

impl Workload {
    /// The same, for somebody who does nothing by itself.
    pub(super) fn silent(self) -> Self {
        Self { pace: Pace::Silent, ..self }
    }

    pub(super) fn complain(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        let keys = self.keys;
        demand(
            (1..=1_000).contains(&keys),
            "keys",
            format!("Clients use 1 to 1000 keys, not {keys}: 3 are easy to follow."),
        );
        demand(
            self.hot <= Ppm::ALWAYS,
            "hot key",
            format!("Of a million operations, {} cannot go to one key.", self.hot.0),
        );
        demand(
            self.mix.total() > 0,
            "mix of operations",
            "Every kind of operation has weight 0: give at least one a weight.".into(),
        );
        match self.pace {
            Pace::Closed { think } => limited(demand, "pause between operations", think),
            Pace::Open { every } => {
                demand(
                    every > Duration::ZERO,
                    "time between operations",
                    "Operations that follow one another after 0 would never end: 20 ms is usual."
                        .into(),
                );
                limited(demand, "time between operations", every);
            }
            Pace::Silent => {}
        }
    }

    /// How long until the next operation.
    pub(super) fn pause(&self, lane: &mut Rng) -> Option<Duration> {
        let mean = match self.pace {
            Pace::Closed { think } => think,
            Pace::Open { every } => every,
            Pace::Silent => return None,
        };
        let half = Duration::from_micros(mean.as_micros() / 2);
        Some(lane.between(half, mean + half).max(Duration::from_micros(1)))
    }

    /// Draws an operation. `who` and `number` make the value it writes unique in the run; a
    /// compare-and-set expects what the client last read, a write at a version a small one.
    pub(super) fn draw(&self, lane: &mut Rng, who: u32, number: u64, known: &Known) -> Command {
        // Without a hot key nothing is drawn for it: most runs have none, and stay what they were.
        let hot = self.hot != Ppm::NEVER && lane.chance(self.hot);
        let key = key(if hot { 0 } else { lane.below(u64::from(self.keys)) });
        let value = || Text::from(format!("{who}{}", letters(number)));
        let Mix { get, put, append, delete, cas, put_at, .. } = self.mix;
        let mut drawn = lane.below(self.mix.total());
        let mut is = |weight: u8| {
            let hit = drawn < u64::from(weight);
            drawn = drawn.saturating_sub(u64::from(weight));
            hit
        };
        if is(get) {
            Command::Get { key }
        } else if is(put) {
            Command::Put { key, value: value() }
        } else if is(append) {
            Command::Append { key, value: value() }
        } else if is(delete) {
            Command::Delete { key }
        } else if is(cas) {
            let expect = known.get(&key).cloned().unwrap_or_else(|| "".into());
            Command::Cas { key, expect, value: value() }
        } else if is(put_at) {
            Command::PutAt { key, value: value(), version: lane.below(VERSIONS) }
        } else {
            Command::PutHash { key, value: value() }
        }
    }
}

impl Mix {
    fn total(&self) -> u64 {
        let Self { get, put, append, delete, cas, put_at, put_hash } = *self;
        [get, put, append, delete, cas, put_at, put_hash].into_iter().map(u64::from).sum()
    }
}

/// `x`, `y`, `z`, then `k3`, `k4`, ….
fn key(number: u64) -> Text {
    match number {
        0 => "x".into(),
        1 => "y".into(),
        2 => "z".into(),
        _ => format!("k{number}").into(),
    }
}

/// 1 is `a`, 26 is `z`, 27 is `aa`, …: short for a long time.
fn letters(number: u64) -> String {
    let mut rest = number.max(1);
    // The largest number takes all of them.
    let mut letters = ['a'; 14];
    let mut first = letters.len();
    while rest > 0 {
        rest -= 1;
        first -= 1;
        letters[first] = char::from(b'a' + (rest % 26) as u8);
        rest /= 26;
    }
    letters[first..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    #[test]
    fn values_are_unique_and_short() {
        let names: BTreeSet<String> = (1..=18_278).map(letters).collect();
        assert_eq!(names.len(), 18_278);
        assert!(names.iter().all(|name| name.len() <= 3));
        assert_eq!((letters(1), letters(26), letters(27)), ("a".into(), "z".into(), "aa".into()));
    }

    #[test]
    fn the_mix_is_what_was_asked_for() {
        let mix = Mix { get: 1, put: 0, append: 0, delete: 1, cas: 0, put_at: 2, put_hash: 2 };
        let workload = Workload { mix, ..Workload::default() };
        let mut lane = Rng::keyed(&[1]);
        let mut counts = [0_u32; 3];
        let mut versions = BTreeSet::new();
        for n in 0..6_000 {
            match workload.draw(&mut lane, 1, n, &Known::default()) {
                Command::Get { .. } => counts[0] += 1,
                Command::Delete { .. } => counts[1] += 1,
                Command::PutAt { version, .. } => _ = versions.insert(version),
                Command::PutHash { .. } => counts[2] += 1,
                other => panic!("{other} has weight 0"),
            }
        }
        assert!(counts[0].abs_diff(1_000) < 120 && counts[2].abs_diff(2_000) < 150, "{counts:?}");
        assert!(versions.into_iter().eq(0..VERSIONS));
    }

    #[test]
    fn a_hot_key_gets_its_share_and_none_changes_nothing() {
        let draws = |hot: u32| -> Vec<Command> {
            let workload = Workload { hot: Ppm(hot), keys: 10, ..Workload::default() };
            let mut lane = Rng::keyed(&[7]);
            (0..10_000).map(|n| workload.draw(&mut lane, 1, n, &Known::default())).collect()
        };
        let on_x = |hot| draws(hot).iter().filter(|command| &**command.key() == "x").count();
        // What does not go to it at once goes to it as often as to any other.
        for (hot, expected) in [(0, 1_000), (500_000, 5_500), (900_000, 9_100)] {
            let count = on_x(hot);
            assert!(count.abs_diff(expected) < 200, "{count} of 10000 at {hot}");
        }
        assert_eq!(on_x(1_000_000), 10_000);
        let all: BTreeSet<Text> =
            draws(500_000).iter().map(|command| command.key().clone()).collect();
        assert_eq!(all.len(), 10, "the others have their share too");
    }
}
