//! Makes a run that fails smaller, as long as it fails in the same way.
//!
//! What is tried is fixed, and nothing is drawn: what is done is left out, first all of a kind,
//! then by delta debugging (Zeller and Hildebrandt 2002); processes go; settings become the usual
//! ones; what is left is done more simply, sooner, and at round moments. All of that is repeated
//! until nothing helps any more, in two orders, or until the budget is spent. It is counted in runs
//! and events, so that a slow machine finds the same.

mod breaks;
mod fewer;
mod simpler;

pub use breaks::breaks;

use core::cmp::Reverse;

use alloc::vec::Vec;

use super::action::Action;
use super::report::ActionKind;
use super::scenario::Scenario;
use super::workload::Pace;
use crate::id::NodeSet;
use crate::time::{Duration, Instant};

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
    let (found, steps) = (whole.failing?, whole.steps);
    let left = budget.without(Budget { runs: 1, steps: whole.played });
    let half = Budget { runs: left.runs / 2, steps: left.steps / 2 };
    let from = |spent| Smaller { plan: found.clone(), steps, spent };
    let spent = Budget { runs: 0, steps: 0 };
    let first = smaller(from(spent), half, Order::UsualFirst, &mut play);
    let left = left.without(first.spent);
    let best = if first.plan.acts.len() <= FEW {
        first
    } else {
        let second = smaller(from(spent), left, Order::LessFirst, &mut play);
        let spent = first.spent.with(second.spent);
        let is_less = second.plan.acts.len() < first.plan.acts.len();
        Smaller { spent, ..if is_less { second } else { first } }
    };
    let spent = best.spent.with(Budget { runs: 1, steps: whole.played });
    Some(Smaller { spent, ..best })
}

impl Budget {
    const fn with(self, more: Self) -> Self {
        Self { runs: self.runs + more.runs, steps: self.steps + more.steps }
    }

    const fn without(self, spent: Self) -> Self {
        Self {
            runs: self.runs.saturating_sub(spent.runs),
            steps: self.steps.saturating_sub(spent.steps),
        }
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

fn smaller(
    Smaller { plan: best, steps, .. }: Smaller,
    budget: Budget,
    order: Order,
    play: impl FnMut(&Plan, Limit) -> Attempt,
) -> Smaller {
    let mut shrinker = Shrinker { best, steps, left: budget, play };
    for _ in 0..ROUNDS {
        let before = shrinker.best.clone();
        shrinker.fewer_kinds();
        if order == Order::LessFirst {
            shrinker.leave_out();
        }
        shrinker.fewer_processes();
        shrinker.usual_settings();
        if order == Order::UsualFirst {
            shrinker.leave_out();
        }
        shrinker.simpler_acts();
        shrinker.sooner();
        shrinker.round_moments();
        if shrinker.best == before {
            break;
        }
    }
    let spent = budget.without(shrinker.left);
    Smaller { plan: shrinker.best, steps: shrinker.steps, spent }
}

/// With no more things that are done, a plan is small: nothing else is tried.
const FEW: usize = 8;
/// So often everything is tried again.
const ROUNDS: u32 = 6;
/// Another seed may fail where the first one does not: so many are tried.
const SEEDS: u64 = 3;

struct Shrinker<F> {
    best: Plan,
    /// The events of the best one.
    steps: u64,
    left: Budget,
    play: F,
}

impl<F: FnMut(&Plan, Limit) -> Attempt> Shrinker<F> {
    fn spend(&mut self, steps: u64) {
        self.left.runs = self.left.runs.saturating_sub(1);
        self.left.steps = self.left.steps.saturating_sub(steps);
    }

    /// Tries a plan, and keeps it if it fails too. A run that takes much longer is not smaller.
    fn attempt(&mut self, plan: Plan) -> bool {
        let possible = plan.scenario.complaints().is_empty();
        if plan == self.best || !possible || self.left.runs == 0 || self.left.steps == 0 {
            return false;
        }
        let longest = self.steps + self.steps / 2 + 500;
        let limit = Limit { steps: longest, played: self.left.steps };
        let attempt = (self.play)(&plan, limit);
        self.spend(attempt.played);
        let Some(found) = attempt.failing.filter(|found| *found != self.best) else {
            return false;
        };
        (self.best, self.steps) = (found, attempt.steps);
        true
    }

    fn attempt_with(&mut self, change: impl FnOnce(&mut Plan)) -> bool {
        let mut plan = self.best.clone();
        change(&mut plan);
        self.attempt(plan)
    }

    /// Leaves out all that is done of one kind, the most frequent first. Of a long run that takes
    /// away much in few attempts, and what is left may fail with another seed.
    fn fewer_kinds(&mut self) {
        let mut kinds: Vec<(usize, ActionKind)> = Vec::new();
        for (_, action) in &self.best.acts {
            match kinds.iter_mut().find(|(_, kind)| *kind == action.kind()) {
                Some((count, _)) => *count += 1,
                None => kinds.push((1, action.kind())),
            }
        }
        kinds.sort_by_key(|(count, _)| Reverse(*count));
        for (_, kind) in kinds {
            let mut plan = self.best.clone();
            plan.acts.retain(|(_, action)| action.kind() != kind);
            // Another kind may have gone with one that was left out: mending with cutting.
            if plan != self.best {
                self.attempt_with_seeds(&plan);
            }
        }
    }

    /// Leaves out what is done: all of it, halves, quarters, …, each thing alone.
    fn leave_out(&mut self) {
        let mut size = self.best.acts.len();
        while size > 0 {
            let mut end = self.best.acts.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                self.attempt_with(|plan| _ = plan.acts.drain(start..end));
                end = start.min(self.best.acts.len());
            }
            size /= 2;
        }
    }

    /// Leaves out clients, groups and servers, the last ones first.
    fn fewer_processes(&mut self) {
        for part in fewer::parts(&self.best.scenario) {
            if let Some(plan) = fewer::without(&self.best, part) {
                self.attempt_with_seeds(&plan);
            }
        }
    }

    /// Tries a plan that takes another course than the best one: with other seeds too.
    fn attempt_with_seeds(&mut self, plan: &Plan) -> bool {
        let seeds = [plan.scenario.seed].into_iter().chain(1..=SEEDS);
        seeds.into_iter().any(|seed| {
            let mut plan = plan.clone();
            plan.scenario.seed = seed;
            self.attempt(plan)
        })
    }

    /// Takes the usual settings: many at once, then each.
    fn usual_settings(&mut self) {
        for change in simpler::SETTINGS {
            let mut plan = self.best.clone();
            change(&mut plan.scenario);
            plan.acts.retain(|(_, action)| simpler::is_there(action, &plan.scenario));
            if plan != self.best {
                self.attempt_with_seeds(&plan);
            }
        }
        let limits: &[u64] = match self.best.scenario.workload.pace {
            Pace::Silent => &[],
            _ => &[1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
        };
        for &limit in limits {
            let known = self.best.scenario.workload.limit;
            if known.is_some_and(|known| known <= limit)
                || self.attempt_with(|plan| plan.scenario.workload.limit = Some(limit))
            {
                break;
            }
        }
    }

    /// Does something simpler instead of each thing.
    fn simpler_acts(&mut self) {
        let mut index = 0;
        while let Some((_, action)) = self.best.acts.get(index) {
            for simpler in simpler::actions(action, &self.best.scenario) {
                self.attempt_with(|plan| {
                    if let Some(act) = plan.acts.get_mut(index) {
                        act.1 = simpler;
                    }
                });
            }
            index += 1;
        }
    }

    /// Lets less time pass before each thing, and before the end: first none.
    fn sooner(&mut self) {
        let (mut index, mut none) = (0, true);
        while index <= self.best.acts.len() {
            let before = index.checked_sub(1).and_then(|last| self.best.acts.get(last));
            let before = before.map_or(Instant::ZERO, |(at, _)| *at);
            let next = self.best.acts.get(index).map_or(self.best.until, |(at, _)| *at);
            let gap = next.since(before).as_micros();
            let less = if none { gap } else { gap / 2 / MS * MS };
            let shorter = |plan: &mut Plan| {
                for (at, _) in plan.acts.iter_mut().skip(index) {
                    *at = *at - Duration::from_micros(less);
                }
                plan.until = plan.until - Duration::from_micros(less);
            };
            let is_less = less > 0 && self.attempt_with(shorter);
            // Without a pause there is nothing more to take away; with a half, another half.
            index += usize::from(is_less == none);
            none = is_less == none;
        }
    }

    /// Does things at round moments, and ends at one: first all of them, then each.
    fn round_moments(&mut self) {
        for unit in [100 * MS, 10 * MS, MS] {
            let round = |at: &mut Instant| {
                *at = Instant::from_micros(at.as_micros() / unit * unit);
            };
            let all = |plan: &mut Plan| {
                plan.acts.iter_mut().for_each(|(at, _)| round(at));
                round(&mut plan.until);
            };
            if self.attempt_with(all) {
                continue;
            }
            for index in 0..=self.best.acts.len() {
                let before = index.checked_sub(1).and_then(|last| self.best.acts.get(last));
                let before = before.map_or(Instant::ZERO, |(at, _)| *at);
                self.attempt_with(|plan| {
                    let at = plan.acts.get_mut(index).map(|(at, _)| at);
                    let at = at.unwrap_or(&mut plan.until);
                    round(at);
                    *at = before.max(*at);
                });
            }
        }
    }
}

/// A millisecond.
const MS: u64 = 1_000;

#[cfg(test)]
mod tests;
