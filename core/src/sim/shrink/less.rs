//! Takes away what a plan can do without, one attempt after the other.

use core::cmp::Reverse;

use alloc::vec::Vec;

use super::draw::CHAINS;
use super::{Attempt, Limit, MS, Order, Plan, Shrinker, fewer, simpler};
use crate::sim::report::ActionKind;
use crate::sim::workload::Pace;
use crate::time::{Duration, Instant};

/// So often everything is tried again.
const ROUNDS: u64 = 10;
/// Another seed may fail where the first one does not: so many are tried, in runs of no more than
/// [`LONG`] events.
const SEEDS: u64 = 3;
const LONG: u64 = 4_000;

impl<F: FnMut(&Plan, Limit) -> Attempt> Shrinker<F> {
    /// Takes away what can be, round after round, until nothing can or the budget is spent.
    pub(super) fn reduce(&mut self, order: Order) {
        for round in 0..ROUNDS {
            let before = self.best.plan.clone();
            if round > 0 {
                self.draw_from(CHAINS + round);
            }
            self.fewer_kinds();
            if order == Order::LessFirst {
                self.leave_out();
            }
            self.fewer_processes();
            self.usual_settings();
            if order == Order::UsualFirst {
                self.leave_out();
            }
            self.sooner();
            // What only reads better can wait as long as there is less from round to round.
            if self.best.plan.acts.len() < before.acts.len() {
                continue;
            }
            self.simpler_acts();
            self.round_moments();
            if self.best.plan == before {
                break;
            }
        }
    }

    /// Leaves out all that is done of one kind, the most frequent first. Of a long run that takes
    /// away much in few attempts, and what is left may fail with another seed.
    fn fewer_kinds(&mut self) {
        let mut kinds: Vec<(usize, ActionKind)> = Vec::new();
        for (_, action) in &self.best.plan.acts {
            match kinds.iter_mut().find(|(_, kind)| *kind == action.kind()) {
                Some((count, _)) => *count += 1,
                None => kinds.push((1, action.kind())),
            }
        }
        kinds.sort_by_key(|(count, _)| Reverse(*count));
        for (_, kind) in kinds {
            let mut plan = self.best.plan.clone();
            plan.acts.retain(|(_, action)| action.kind() != kind);
            // Another kind may have gone with one that was left out: mending with cutting.
            if plan != self.best.plan {
                self.attempt_with_seeds(&plan);
            }
        }
    }

    /// Leaves out what is done: all of it, halves, quarters, …, each thing alone.
    fn leave_out(&mut self) {
        let mut size = self.best.plan.acts.len();
        while size > 0 {
            let mut end = self.best.plan.acts.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                self.attempt_with(|plan| _ = plan.acts.drain(start..end));
                end = start.min(self.best.plan.acts.len());
            }
            size /= 2;
        }
    }

    /// Leaves out clients, groups and servers, the last ones first.
    fn fewer_processes(&mut self) {
        for part in fewer::parts(&self.best.plan.scenario) {
            if let Some(plan) = fewer::without(&self.best.plan, part) {
                self.attempt_with_seeds(&plan);
            }
        }
    }

    /// Tries a plan that takes another course than the best one: with other seeds too.
    fn attempt_with_seeds(&mut self, plan: &Plan) -> bool {
        let more = if self.best.steps > LONG { 0 } else { SEEDS };
        let seeds = [plan.scenario.seed].into_iter().chain(1..=more);
        seeds.into_iter().any(|seed| {
            let mut plan = plan.clone();
            plan.scenario.seed = seed;
            self.attempt(&plan)
        })
    }

    /// Takes the usual settings: many at once, then each.
    fn usual_settings(&mut self) {
        for change in simpler::SETTINGS {
            let mut plan = self.best.plan.clone();
            change(&mut plan.scenario);
            plan.acts.retain(|(_, action)| simpler::is_there(action, &plan.scenario));
            if plan != self.best.plan {
                self.attempt_with_seeds(&plan);
            }
        }
        let limits: &[u64] = match self.best.plan.scenario.workload.pace {
            Pace::Silent => &[],
            _ => &[1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
        };
        for &limit in limits {
            let known = self.best.plan.scenario.workload.limit;
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
        while let Some((_, action)) = self.best.plan.acts.get(index) {
            for simpler in simpler::actions(action, &self.best.plan.scenario) {
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
        while index <= self.best.plan.acts.len() {
            let before = index.checked_sub(1).and_then(|last| self.best.plan.acts.get(last));
            let before = before.map_or(Instant::ZERO, |(at, _)| *at);
            let next = self.best.plan.acts.get(index).map_or(self.best.plan.until, |(at, _)| *at);
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
            for index in 0..=self.best.plan.acts.len() {
                let before = index.checked_sub(1).and_then(|last| self.best.plan.acts.get(last));
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
