//! What many runs went through: which faults, and which interesting states.

use std::fmt;

use serde_json::{Map, Value};
use shardscope_core::sim::swarm::coverage::{Coverage, Sometimes};
use shardscope_core::sim::swarm::faults;

use super::ledger::Line;

/// How often each kind of fault happened, and how many runs met each state.
pub(super) struct Reached {
    faults: Vec<(&'static str, u64)>,
    states: Vec<(&'static str, u64)>,
}

impl Reached {
    /// Of results; those of a sharded store know more faults and states.
    pub(super) fn of(lines: &[Line], sharded: bool) -> Self {
        let often = |(at, name)| {
            let counts = lines.iter().filter_map(|line| line.faults.get::<usize>(at));
            (name, counts.map(|count| u64::from(*count)).sum())
        };
        let met: Vec<Coverage> = lines
            .iter()
            .map(|line| Coverage::of_bits(u128::from_str_radix(&line.met, 16).unwrap_or(0)))
            .collect();
        let states = Sometimes::ALL.iter().filter(|(state, _)| sharded || !state.is_sharded());
        let runs = |(state, words): &(Sometimes, &'static str)| {
            (*words, met.iter().filter(|met| met.has(*state)).count() as u64)
        };
        Self {
            faults: faults(sharded).enumerate().map(often).collect(),
            states: states.map(runs).collect(),
        }
    }

    /// The kinds of faults, with how often they happened.
    pub(super) fn faults(&self) -> Value {
        object(&self.faults)
    }

    /// The states, with how many runs met them.
    pub(super) fn states(&self) -> Value {
        object(&self.states)
    }
}

fn object(pairs: &[(&'static str, u64)]) -> Value {
    let pairs = pairs.iter().map(|(name, count)| ((*name).to_owned(), Value::from(*count)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// Two tables, with the number first.
impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "How often each kind of fault happened:")?;
        for (name, count) in &self.faults {
            writeln!(f, "{count:>12}  {name}")?;
        }
        write!(f, "How many runs met each state:")?;
        for (words, runs) in &self.states {
            write!(f, "\n{runs:>12}  {words}")?;
        }
        Ok(())
    }
}
