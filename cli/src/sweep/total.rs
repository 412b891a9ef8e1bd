//! What many runs come to.

use std::fmt;
use std::hash::Hasher as _;

use serde_json::{Value, json};
use shardscope_core::digest::Digest;

use super::ledger::Line;
use super::reached::Reached;
use crate::end::End;

/// The sum of a sweep's results.
pub(super) struct Total {
    runs: u64,
    /// So many have no result yet.
    missing: u64,
    steps: u64,
    operations: u64,
    committed: u64,
    /// Seeds with what is violated.
    pub(super) violated: Vec<(u64, String)>,
    /// Seeds with what is not known.
    undecided: Vec<(u64, String)>,
    /// Over all runs' digests, in the order of the seeds.
    digest: u64,
    /// What the runs went through.
    pub(super) reached: Reached,
}

/// More than this are counted only.
const TOLD: usize = 10;

impl Total {
    /// Of results in the order of their seeds, of `wanted` ones.
    pub(super) fn of(lines: &[Line], wanted: u64, sharded: bool) -> Self {
        let sum = |of: fn(&Line) -> u64| lines.iter().map(of).sum();
        let told = |of: fn(&Line) -> &Option<String>| {
            let pair = |line: &Line| Some((line.seed, of(line).clone()?));
            lines.iter().filter_map(pair).collect()
        };
        let mut digest = Digest::default();
        for line in lines {
            digest.write_u64(line.seed);
            digest.write(line.digest.as_bytes());
        }
        Self {
            runs: lines.len() as u64,
            missing: wanted.saturating_sub(lines.len() as u64),
            steps: sum(|line| line.steps),
            operations: sum(|line| line.operations),
            committed: sum(|line| line.committed),
            violated: told(|line| &line.violated),
            undecided: told(|line| &line.undecided),
            digest: digest.value(),
            reached: Reached::of(lines, sharded),
        }
    }

    pub(super) fn end(&self) -> End {
        if !self.violated.is_empty() {
            End::Violated
        } else if self.missing > 0 || !self.undecided.is_empty() {
            End::Undecided
        } else {
            End::Holds
        }
    }

    pub(super) fn json(&self) -> Value {
        let list = |pairs: &[(u64, String)]| -> Vec<Value> {
            pairs.iter().map(|(seed, words)| json!({ "seed": seed, "words": words })).collect()
        };
        json!({
            "runs": self.runs, "missing": self.missing, "steps": self.steps,
            "operations": self.operations, "committed": self.committed,
            "violated": list(&self.violated), "undecided": list(&self.undecided),
            "digest": format!("{:016x}", self.digest),
            "faults": self.reached.faults(), "met": self.reached.states(),
        })
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, pairs) in [("violated", &self.violated), ("undecided", &self.undecided)] {
            for (seed, words) in pairs.iter().take(TOLD) {
                writeln!(f, "seed {seed}, {what}: {words}")?;
            }
            if let Some(more) = pairs.len().checked_sub(TOLD).filter(|more| *more > 0) {
                writeln!(f, "and {more} more seeds, {what}")?;
            }
        }
        let Self { runs, missing, steps, operations, committed, digest, .. } = self;
        let (violated, undecided) = (self.violated.len(), self.undecided.len());
        write!(
            f,
            "{runs} runs: {violated} violated, {undecided} undecided, {missing} missing; {steps} \
             steps, {operations} operations, {committed} entries committed. Digest {digest:016x}."
        )
    }
}
