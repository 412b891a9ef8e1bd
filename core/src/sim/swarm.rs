//! Swarm testing: the mix of faults itself is drawn, faults rage, then a quorum is healed and
//! progress is demanded.
//!
//! Two phases. In the first, whatever was drawn happens at random, and only safety counts. In the
//! second, a quorum of servers is healed, every other fault is made permanent, and the group must
//! serve again within thirty election time-outs. A run is a function of its seed.
//!
//! A swarm of sharded clusters does the same with many groups: they join and leave while faults
//! rage, and shards move between them. In the second phase each group must come to the latest
//! configuration first.
//!
//! All that is done is recorded, in the second phase too, which goes by what it finds. So a run can
//! be told as a script, and one that failed be made smaller first: [`shrink()`].

pub mod coverage;
mod draw;
mod heal;
mod judge;
mod settle;
mod shrink;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

pub use self::draw::faults;
pub use self::judge::Reason;
pub use self::shrink::{BUDGET, Shrunk, shrink};

use self::coverage::{Coverage, Lookout};
use self::draw::Mixture;
use self::judge::Fault;
use super::action::Action;
use super::chronicle::Chronicle;
use super::invariants::Law;
use super::report::{Report, Shown};
use super::scenario::Scenario;
use super::timeline::Acted;
use super::world::World;
use crate::id::NodeSet;
use crate::rng::Rng;
use crate::time::{Duration, Instant};

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What it was drawn from.
    pub seed: u64,
    /// Servers of the group.
    pub servers: u16,
    /// Events.
    pub steps: u64,
    /// Operations that returned with a reply.
    pub acknowledged: u64,
    /// Entries committed.
    pub committed: u64,
    /// Configurations that the controller made.
    pub configurations: u64,
    /// Shards that were handed over, up to the deletion of the copy.
    pub handed_over: u64,
    /// How often each kind of fault happened, by its name.
    pub faults: Vec<(&'static str, u32)>,
    /// Which interesting states it met.
    #[serde(skip)]
    pub coverage: Coverage,
    /// The digest of the whole run.
    pub digest: u64,
    /// What went wrong, in one sentence; none: nothing did.
    pub failure: Option<String>,
    /// What kind of thing that was.
    #[serde(skip)]
    pub reason: Option<Reason>,
}

/// A run that took place: what became of it, what is left, and what was done.
pub struct Kept {
    /// What became of it.
    pub outcome: Outcome,
    /// The world in the end.
    pub world: World,
    /// All that is remembered.
    pub chronicle: Chronicle,
    /// What was done, in both phases: with the scenario, it is the run.
    pub acts: Vec<Acted>,
    /// The moment that the run reached.
    pub end: Instant,
    /// So many of that came before the healing.
    raged: usize,
    /// When the healing began.
    healed: Instant,
    /// Who was healed.
    core: NodeSet,
}

/// The run that is under way.
struct Run {
    world: World,
    chronicle: Chronicle,
    report: Report,
    counts: Vec<(&'static str, u32)>,
    acknowledged: u64,
    lookout: Lookout,
    acts: Vec<Acted>,
    raged: usize,
    core: NodeSet,
    /// The moment that was reached.
    now: Instant,
    /// When the healing began.
    healed: Instant,
    extent: Extent,
    /// It is given up after so many events.
    give_up: u64,
    /// Whoever heals leaves out what would change nothing.
    terse: bool,
}

/// How long a run is.
struct Extent {
    /// Faults rage for at least so many events.
    rage: u64,
    /// It has at least so many events
    steps: u64,
    /// and returned operations.
    acknowledged: u64,
    /// It is given up after so many events: it should have ended long before.
    give_up: u64,
}

impl Extent {
    const GROUP: Self = Self { rage: 16_000, steps: 20_000, acknowledged: 200, give_up: 2_000_000 };
    const CLUSTER: Self =
        Self { rage: 50_000, steps: 60_000, acknowledged: 200, give_up: 6_000_000 };

    const fn of(scenario: &Scenario) -> Self {
        if scenario.sharding.is_some() { Self::CLUSTER } else { Self::GROUP }
    }
}

/// So often ten election time-outs are given to clients to finish what they have begun.
const QUIET: u32 = 100;

/// The lane that the swarm draws from.
const LANE: u64 = 0x7377_6172;

/// Draws a run from a seed and carries it out.
pub fn run(seed: u64) -> Outcome {
    run_kept(seed).0
}

/// The same, and what was left in the end: to be looked at when something failed.
pub fn run_kept(seed: u64) -> (Outcome, World, Chronicle) {
    run_adapted(seed, |_| {})
}

/// The same, with settings that `adapt` makes of those that were drawn.
pub fn run_adapted(seed: u64, adapt: impl FnOnce(&mut Scenario)) -> (Outcome, World, Chronicle) {
    let Kept { outcome, world, chronicle, .. } = run_recorded(seed, adapt);
    (outcome, world, chronicle)
}

/// The same, with all that was done.
pub fn run_recorded(seed: u64, adapt: impl FnOnce(&mut Scenario)) -> Kept {
    carry_out(seed, draw::scenario, adapt)
}

/// Draws a run of a sharded cluster from a seed and carries it out.
pub fn run_sharded(seed: u64) -> Outcome {
    run_sharded_recorded(seed, |_| {}).outcome
}

/// The same, with settings that `adapt` makes of those that were drawn, and all that was done.
pub fn run_sharded_recorded(seed: u64, adapt: impl FnOnce(&mut Scenario)) -> Kept {
    carry_out(seed, draw::cluster::scenario, adapt)
}

fn carry_out(
    seed: u64,
    draw: fn(u64, &mut Rng) -> Scenario,
    adapt: impl FnOnce(&mut Scenario),
) -> Kept {
    let mut lane = Rng::keyed(&[seed, LANE]);
    let mut scenario = draw(seed, &mut lane);
    adapt(&mut scenario);
    let mixture = Mixture::draw(&mut lane, &scenario);
    let mut run = Run::new(scenario);
    let failure = run.rage(&mixture, &mut lane).and_then(|()| run.recover(&mut lane)).err();
    run.keep(seed, failure)
}

impl Run {
    fn new(scenario: Scenario) -> Self {
        let extent = Extent::of(&scenario);
        Self {
            counts: draw::kinds(&scenario).map(|fault| (fault.name, 0)).collect(),
            world: World::new(Arc::new(scenario)),
            chronicle: Chronicle::default(),
            report: Report::default(),
            acknowledged: 0,
            lookout: Lookout::default(),
            acts: Vec::new(),
            raged: 0,
            core: NodeSet::EMPTY,
            now: Instant::ZERO,
            healed: Instant::ZERO,
            give_up: extent.give_up,
            extent,
            terse: false,
        }
    }

    fn keep(self, seed: u64, failure: Option<Fault>) -> Kept {
        let (reason, failure) = failure.or_else(|| self.violation()).unzip();
        let outcome = Outcome {
            seed,
            servers: self.world.scenario().servers,
            steps: self.world.steps(),
            acknowledged: self.acknowledged,
            committed: self.chronicle.observers.committed(),
            configurations: draw::cluster::latest(&self.world).map_or(0, |last| last.number.0),
            handed_over: self.chronicle.observers.checks(Law::DeleteLast),
            coverage: self.lookout.met,
            digest: self.world.digest(),
            failure,
            reason,
            faults: self.counts,
        };
        let Self { world, chronicle, acts, now: end, raged, healed, core, .. } = self;
        Kept { outcome, world, chronicle, acts, end, raged, healed, core }
    }

    fn count(&mut self) {
        let replied = |shown: &&Shown| matches!(shown, Shown::Returned { reply: Some(_), .. });
        self.acknowledged += self.report.shown.iter().filter(replied).count() as u64;
    }

    fn violation(&self) -> Option<Fault> {
        let violation = self.chronicle.observers.violations().first()?;
        let (id, step, at) = (violation.law.id(), violation.step, violation.at);
        let sentence = alloc::format!("{id} at step {step}, {at} s: {}", violation.words);
        Some((Reason::Law(violation.law), sentence))
    }

    fn act(&mut self, at: Instant, action: &Action) -> bool {
        let done = self.world.act(at, action, &mut self.report).is_ok();
        if done {
            self.chronicle.record(&self.world, &self.report);
            self.lookout.look(&self.world, &self.report);
            let Report { step, at, .. } = self.report;
            self.acts.push(Acted { step, at, action: action.clone(), joined: false });
        }
        done
    }

    /// Runs on to a moment.
    fn run_until(&mut self, until: Instant) -> Result<(), Fault> {
        while self.world.step_until(until, &mut self.report) {
            self.chronicle.record(&self.world, &self.report);
            self.lookout.look(&self.world, &self.report);
            self.count();
            if self.world.steps() > self.give_up {
                return Err((Reason::Endless, "The run never ended: too many events.".into()));
            }
        }
        self.now = until;
        self.violation().map_or(Ok(()), Err)
    }

    /// The first phase: faults at random.
    fn rage(&mut self, mixture: &Mixture, lane: &mut Rng) -> Result<(), Fault> {
        let mut now = Instant::ZERO;
        if let Some(opening) = draw::cluster::opening(lane, &self.world) {
            self.act(now, &opening);
        }
        while self.world.steps() < self.extent.rage {
            let (min, max) = mixture.pause;
            now += lane.between(min, max);
            self.run_until(now)?;
            self.strike(now, mixture, lane);
        }
        Ok(())
    }

    fn strike(&mut self, now: Instant, mixture: &Mixture, lane: &mut Rng) {
        let Some(index) = mixture.pick(lane) else { return };
        let Some(kind) = draw::kinds(self.world.scenario()).nth(index) else { return };
        let mut done = false;
        for action in (kind.draw)(lane, &self.world) {
            done |= self.act(now, &action);
        }
        self.counts[index].1 += u32::from(done);
    }

    /// The second phase: a quorum is healed, and must serve.
    fn recover(&mut self, lane: &mut Rng) -> Result<(), Fault> {
        let core = self.draw_core(lane);
        self.serve(core)?;
        let mut more = self.now;
        while self.world.steps() < self.extent.steps || self.acknowledged < self.extent.acknowledged
        {
            more += Duration::from_millis(500);
            self.run_until(more)?;
        }
        self.quiet()
    }
}

#[cfg(test)]
mod tests;
