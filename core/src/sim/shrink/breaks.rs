//! Plays plans until an invariant is broken, each from where it parts from the last one that was
//! kept.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Attempt, Limit, MS, Plan};
use crate::sim::action::Action;
use crate::sim::invariants::{Law, Observers};
use crate::sim::report::Report;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;
use crate::time::{Duration, Instant};

type Acts = Vec<(Instant, Action)>;

/// A run that is watched.
#[derive(Clone)]
struct Play {
    world: World,
    report: Report,
    observers: Observers,
}

/// The last run that failed, and how it stood in between.
#[derive(Default)]
struct Known {
    scenario: Option<Arc<Scenario>>,
    acts: Acts,
    /// So much of that had been done.
    stood: Vec<(usize, Play)>,
}

/// So often a run is kept, more or less.
const KEPT: usize = 16;
/// To play so many events is no more work than to keep a run.
const WORTH: u64 = 500;

/// Plays plans until an invariant is broken: they fail if it is this one, before any other.
pub fn breaks(law: Law) -> impl FnMut(&Plan, Limit) -> Attempt {
    let mut known = Known::default();
    let mut apart = WORTH;
    move |plan, limit| {
        let (from, mut play) = known.resume(plan);
        let begun = play.world.steps();
        let end = limit.steps.min(begun.saturating_add(limit.played));
        let mut acts: Acts = plan.acts.iter().take(from).cloned().collect();
        let mut stood: Vec<(usize, Play)> = Vec::new();
        let mut kept_at = begun;
        for (at, action) in plan.acts.iter().skip(from) {
            if play.world.steps() >= kept_at + apart {
                kept_at = play.world.steps();
                stood.push((acts.len(), play.clone()));
                if stood.len() > KEPT {
                    apart *= 2;
                    every_second(&mut stood);
                }
            }
            if play.run_until(*at, end) {
                break;
            }
            if play.world.act(*at, action, &mut play.report).is_ok() {
                acts.push((*at, action.clone()));
                play.observers.observe(&play.world, &play.report);
            }
        }
        // What comes a little later than before is the same failure.
        let later = Duration::from_micros(plan.until.as_micros() / 8 + 200 * MS);
        play.run_until(plan.until + later, end);
        let broken = play.observers.violations().first().filter(|broken| broken.law == law);
        let steps = play.world.steps();
        let failing = broken.map(|broken| {
            acts.retain(|(at, _)| *at <= broken.at);
            apart = (steps / KEPT as u64).max(WORTH);
            known.keep(plan, from, &acts, stood);
            Plan { scenario: plan.scenario.clone(), acts, until: broken.at, ..plan.clone() }
        });
        Attempt { steps, played: steps - begun, failing }
    }
}

fn every_second(stood: &mut Vec<(usize, Play)>) {
    let mut index = 0;
    stood.retain(|_| {
        index += 1;
        index % 2 == 0
    });
}

impl Known {
    /// How much of a plan is done already, and the run that has come so far.
    fn resume(&self, plan: &Plan) -> (usize, Play) {
        let is_same = self.scenario.as_deref() == Some(&plan.scenario);
        let common = self.acts.iter().zip(&plan.acts).take_while(|(one, other)| one == other);
        let common = if is_same { common.count() } else { 0 };
        // It may have gone on to something that was refused: that is in the plan no more.
        let is_before = |done: usize, play: &Play| {
            play.world.now() <= plan.acts.get(done).map_or(plan.until, |(at, _)| *at)
        };
        let mut stood = self.stood.iter().rev();
        let last = stood.find(|(done, play)| *done <= common && is_before(*done, play));
        last.filter(|_| is_same).cloned().unwrap_or_else(|| (0, Play::new(&plan.scenario)))
    }

    /// A plan has failed that was played on from after `from` acts: how it stood before that still
    /// holds.
    fn keep(&mut self, plan: &Plan, from: usize, acts: &Acts, stood: Vec<(usize, Play)>) {
        if from == 0 {
            self.scenario = Some(Arc::new(plan.scenario.clone()));
            self.stood.clear();
        }
        self.stood.retain(|(done, _)| *done <= from);
        self.stood.extend(stood);
        if self.stood.len() > 2 * KEPT {
            every_second(&mut self.stood);
        }
        self.acts.clone_from(acts);
    }
}

impl Play {
    fn new(scenario: &Scenario) -> Self {
        Self {
            world: World::new(Arc::new(scenario.clone())),
            report: Report::default(),
            observers: Observers::default(),
        }
    }

    /// Runs on to a moment. True: something was broken, or the limit was reached.
    fn run_until(&mut self, until: Instant, end: u64) -> bool {
        loop {
            if self.world.steps() >= end || !self.observers.violations().is_empty() {
                return true;
            }
            if !self.world.step_until(until, &mut self.report) {
                return false;
            }
            self.observers.observe(&self.world, &self.report);
        }
    }
}
