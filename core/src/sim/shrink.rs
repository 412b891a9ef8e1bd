//! Makes a run that fails smaller, as long as it fails in the same way.
//!
//! A long run is replaced by shorter ones like it that fail too, drawn with other seeds (`draw`):
//! what hangs on a coincidence is met again sooner than it is kept while something is taken away.
//! Then what is done is left out, first all of a kind, then by delta debugging (Zeller and
//! Hildebrandt 2002); processes go; settings become the usual ones; what is left is done sooner,
//! more simply, and at round moments (`less`). All of that is repeated until nothing helps any
//! more, in two orders, or until the budget is spent. It is counted in runs and events, and what is
//! drawn comes from the run's own seed, so that a slow machine finds the same.

mod breaks;
mod draw;
mod fewer;
mod less;
mod simpler;
mod window;

pub use breaks::breaks;

use core::hash::{Hash, Hasher};

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::action::Action;
use super::scenario::Scenario;
use crate::digest::Digest;
use crate::id::NodeSet;
use crate::time::Instant;

/// A run to be tried: its settings, and what is done when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is made from.
    pub scenario: Scenario,
    /// What is done, in order of time. What is refused changes nothing.
    pub acts: Vec<(Instant, Action)>,
    /// The moment up to which that matters: of the failure, or of what is judged.
    pub until: Instant,
    /// Servers that whoever plays it has chosen. They are renumbered with the others.
    pub chosen: NodeSet,
}

/// What may be spent, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Runs.
    pub runs: u32,
    /// Events of all runs.
    pub steps: u64,
}

/// What came of trying a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The run had come so many events far.
    pub steps: u64,
    /// So many of them were played: the others were known from an earlier attempt.
    pub played: u64,
    /// The plan as it took place, without what was refused or came too late, if it failed in the
    /// same way.
    pub failing: Option<Plan>,
}

/// A plan that was made smaller, and what that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smaller {
    /// The plan.
    pub plan: Plan,
    /// The events until it fails.
    pub steps: u64,
    /// What was spent.
    pub spent: Budget,
}

/// How far an attempt may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The run has no more events.
    pub steps: u64,
    /// No more of them are played.
    pub played: u64,
}

/// The smallest plan that was found to fail as the given one does. `play` tries a plan. None: not
/// even the given one fails.
pub fn shrink(
    plan: Plan,
    budget: Budget,
    mut play: impl FnMut(&Plan, Limit) -> Attempt,
) -> Option<Smaller> {
    let whole = play(&plan, Limit { steps: budget.steps, played: budget.steps });
    let begun = Found { plan: whole.failing?, steps: whole.steps };
    let left = budget.without(1, whole.played);
    let mut shrinker =
        Shrinker { least: begun.steps, best: begun, left, tried: BTreeSet::new(), play };
    shrinker.draw();
    let drawn = shrinker.best.clone();
    shrinker.reduce(Order::UsualFirst);
    if shrinker.best.plan.acts.len() > FEW && !shrinker.is_spent() {
        let first = shrinker.begin(drawn);
        shrinker.reduce(Order::LessFirst);
        if shrinker.best.plan.acts.len() >= first.plan.acts.len() {
            shrinker.best = first;
        }
    }
    let Found { plan, steps } = shrinker.best;
    let spent = budget.without(shrinker.left.runs, shrinker.left.steps);
    Some(Smaller { plan, steps, spent })
}

impl Budget {
    const fn without(self, runs: u32, steps: u64) -> Self {
        Self { runs: self.runs.saturating_sub(runs), steps: self.steps.saturating_sub(steps) }
    }
}

/// What is tried first, once whole kinds of what is done were left out. Where everything hangs on
/// the course of a run, what is left out first decides what can be left out later: there is no
/// order that is best for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Fewer processes and the usual settings: every later run is short then.
    UsualFirst,
    /// Doing less: the run stays as it is as long as it can.
    LessFirst,
}

/// With no more things that are done, a plan is small: nothing else is tried.
const FEW: usize = 8;

/// A plan that fails.
#[derive(Clone)]
struct Found {
    plan: Plan,
    /// The events until it fails.
    steps: u64,
}

struct Shrinker<F> {
    best: Found,
    /// The events of the shortest run that failed: none that takes much longer is smaller.
    least: u64,
    left: Budget,
    /// What was tried on the way to the best one: nothing is tried twice.
    tried: BTreeSet<u64>,
    play: F,
}

impl<F: FnMut(&Plan, Limit) -> Attempt> Shrinker<F> {
    const fn is_spent(&self) -> bool {
        self.left.runs == 0 || self.left.steps == 0
    }

    /// Begins with another plan that fails, and gives the one that was best.
    fn begin(&mut self, found: Found) -> Found {
        self.least = found.steps;
        self.tried.clear();
        core::mem::replace(&mut self.best, found)
    }

    /// Plays a plan, and says what was found if it fails too.
    fn played(&mut self, plan: &Plan, steps: u64) -> Option<Found> {
        let limit = Limit { steps, played: self.left.steps };
        let Attempt { steps, played, failing } = (self.play)(plan, limit);
        self.left = self.left.without(1, played);
        Some(Found { plan: failing?, steps })
    }

    fn keep(&mut self, found: Found) {
        self.least = self.least.min(found.steps);
        self.best = found;
    }

    /// Tries a plan, and keeps it if it fails too. A run that takes much longer is not smaller.
    fn attempt(&mut self, plan: &Plan) -> bool {
        let possible = plan.scenario.complaints().is_empty();
        let new = possible && *plan != self.best.plan && self.tried.insert(digest(plan));
        if !new || self.is_spent() {
            return false;
        }
        let found = self.played(plan, self.least + self.least / 2 + 500);
        let found = found.filter(|found| found.plan != self.best.plan);
        found.map(|found| self.keep(found)).is_some()
    }

    fn attempt_with(&mut self, change: impl FnOnce(&mut Plan)) -> bool {
        let mut plan = self.best.plan.clone();
        change(&mut plan);
        self.attempt(&plan)
    }
}

fn digest(plan: &Plan) -> u64 {
    let mut digest = Digest::default();
    digest.write(&postcard::to_allocvec(&plan.scenario).unwrap_or_default());
    (&plan.acts, plan.until).hash(&mut digest);
    digest.finish()
}

/// A millisecond.
const MS: u64 = 1_000;

#[cfg(test)]
mod tests;
