//! Draws shorter runs like one that fails, until one of them fails too.
//!
//! Whether a failure is kept when something is taken away is chance in a run whose course hangs on
//! everything. But such a failure is met again in other runs that do much the same: so parts of
//! what is done are tried with other seeds, of which short ones are cheap.

use super::{Attempt, Found, Limit, Plan, Shrinker, fewer, simpler, window};
use crate::controller::Command;
use crate::rng::Rng;
use crate::sim::action::Action;
use crate::time::{Duration, Instant};

/// With no more things that are done, and no more events, nothing is drawn.
const SHORT: usize = 16;
const BRIEF: u64 = 4_000;
/// So often it is begun anew with the whole run, if that had helped.
pub(super) const CHAINS: u64 = 3;
/// Draws in a row, at most, before it is given up.
const DRAWS: u32 = 5_000;
/// This part of what is left is spent in a row, at most.
const PATIENCE: u64 = 8;
const SEEDS: u64 = 1 << 20;
const LANE: u64 = 0x7368_7274;

impl<F: FnMut(&Plan, Limit) -> Attempt> Shrinker<F> {
    /// Goes from the whole run to shorter and shorter ones, a few times, and begins with the one
    /// that does least.
    pub(super) fn draw(&mut self) {
        let whole = self.best.clone();
        let mut least = whole.clone();
        for chain in 0..CHAINS {
            self.begin(whole.clone());
            self.draw_from(chain);
            if does_less(&self.best, &least) {
                least = self.best.clone();
            }
            let acts = least.plan.acts.len();
            if acts <= SHORT || 2 * acts > whole.plan.acts.len() {
                break;
            }
        }
        self.begin(least);
    }

    /// Draws until nothing shorter is found for long.
    pub(super) fn draw_from(&mut self, key: u64) {
        let mut lane = Rng::keyed(&[self.best.plan.scenario.seed, LANE, key]);
        let (mut begun, mut draws) = (self.left.steps, 0);
        let is_long = |found: &Found| found.plan.acts.len() > SHORT || found.steps > BRIEF;
        while is_long(&self.best)
            && !self.is_spent()
            && draws < DRAWS
            && begun - self.left.steps <= begun / PATIENCE
        {
            draws += 1;
            if let Some(found) = self.drawn(&mut lane) {
                self.keep(found);
                (begun, draws) = (self.left.steps, 0);
            }
        }
    }

    /// Draws a run, and plays it. None: it does not fail, or is not much shorter.
    fn drawn(&mut self, lane: &mut Rng) -> Option<Found> {
        let plan = like(&self.best.plan, lane);
        let (acts, steps) = (self.best.plan.acts.len(), self.best.steps);
        if plan.acts.len() > acts || !plan.scenario.complaints().is_empty() {
            return None;
        }
        // What is done is about the same: it must come sooner.
        let most =
            if is_much_less(plan.acts.len() as u64, acts as u64) { steps } else { most_of(steps) };
        let found = self.played(&plan, most)?;
        let less = is_much_less(found.plan.acts.len() as u64, acts as u64);
        (less || is_much_less(found.steps, steps)).then_some(found)
    }
}

fn does_less(one: &Found, other: &Found) -> bool {
    one.plan.acts.len() < other.plan.acts.len() || one.steps < other.steps
}

const fn most_of(number: u64) -> u64 {
    number / 8 * 7
}

const fn is_much_less(number: u64, than: u64) -> bool {
    number * 8 <= than * 7
}

/// A plan like another one, with another seed: the whole, a half, or the whole without some of what
/// is done; sometimes in half the time, and often with some settings as usual and fewer processes.
fn like(plan: &Plan, lane: &mut Rng) -> Plan {
    let all = plan.acts.len();
    let kind = lane.below(8);
    let len = if (4..7).contains(&kind) { all / 2 } else { all };
    let start = match lane.below(4) {
        0 => 0,
        1 => lane.below((all - len) as u64) as usize,
        _ => all - len,
    };
    let lead = Duration::from_millis(lane.below(1_000));
    let mut plan = window::window(plan, start..start + len, lead, Duration::from_millis(1_000));
    if kind == 7 {
        let gone = lane.below(8) + 1;
        plan.acts.retain(|(_, action)| lane.below(8) >= gone || is_join(action));
    }
    if lane.below(4) == 0 {
        let sooner = |at: &mut Instant| *at = Instant::from_micros(at.as_micros() / 2);
        plan.acts.iter_mut().for_each(|(at, _)| sooner(at));
        sooner(&mut plan.until);
    }
    if lane.below(2) == 0 {
        plan = simpler_one(plan, lane);
    }
    plan.scenario.seed = lane.below(SEEDS);
    plan
}

/// Without it a sharded store has no groups.
const fn is_join(action: &Action) -> bool {
    matches!(action, Action::Control { command: Command::Join(_), .. })
}

/// One in six settings becomes the usual one, and one in six processes goes.
fn simpler_one(mut plan: Plan, lane: &mut Rng) -> Plan {
    // The first change takes all of them: that would be another store.
    for change in simpler::SETTINGS.iter().skip(1) {
        if lane.below(6) == 0 {
            change(&mut plan.scenario);
        }
    }
    plan.acts.retain(|(_, action)| simpler::is_there(action, &plan.scenario));
    for part in fewer::parts(&plan.scenario) {
        if lane.below(6) == 0 {
            plan = fewer::without(&plan, part).unwrap_or(plan);
        }
    }
    plan
}
