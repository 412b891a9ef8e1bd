//! Swarm testing: the mix of faults itself is drawn, faults rage, then a quorum is healed and
//! progress is demanded.
//!
//! Two phases. In the first, whatever was drawn happens at random, and only safety counts. In the
//! second, a quorum of servers is healed, every other fault is made permanent, and the group must
//! serve again within thirty election time-outs. A run is a function of its seed.

pub mod coverage;
mod draw;
mod judge;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

use self::coverage::Coverage;
use self::draw::{FAULTS, Mixture};
use super::action::Action;
use super::chronicle::Chronicle;
use super::report::{Report, Shown};
use super::scenario::Scenario;
use super::world::World;
use crate::id::{NodeId, NodeSet};
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
    /// How often each kind of fault happened, by its name.
    pub faults: Vec<(&'static str, u32)>,
    /// Which interesting states it met.
    #[serde(skip)]
    pub coverage: Coverage,
    /// The digest of the whole run.
    pub digest: u64,
    /// What went wrong, in one sentence; none: nothing did.
    pub failure: Option<String>,
}

/// The run that is under way.
struct Run {
    world: World,
    chronicle: Chronicle,
    report: Report,
    lane: Rng,
    mixture: Mixture,
    counts: Vec<(&'static str, u32)>,
    acknowledged: u64,
    coverage: Coverage,
}

/// Faults rage for at least so many events.
const RAGE: u64 = 16_000;
/// A run has at least so many events and returned operations.
const STEPS: u64 = 20_000;
const ACKNOWLEDGED: u64 = 200;
/// A run is given up after so many events: it should have ended long before.
const GIVE_UP: u64 = 2_000_000;

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
    let mut lane = Rng::keyed(&[seed, LANE]);
    let mut scenario = draw::scenario(seed, &mut lane);
    adapt(&mut scenario);
    let mixture = Mixture::draw(&mut lane);
    let mut run = Run {
        world: World::new(Arc::new(scenario)),
        chronicle: Chronicle::default(),
        report: Report::default(),
        lane,
        mixture,
        counts: FAULTS.iter().map(|fault| (fault.name, 0)).collect(),
        acknowledged: 0,
        coverage: Coverage::default(),
    };
    let failure = run.rage().and_then(|()| run.recover()).err();
    let outcome = Outcome {
        seed,
        servers: run.world.scenario().servers,
        steps: run.world.steps(),
        acknowledged: run.acknowledged(),
        committed: run.chronicle.observers.committed(),
        coverage: run.coverage,
        digest: run.world.digest(),
        failure: failure.or_else(|| run.violation()),
        faults: run.counts,
    };
    (outcome, run.world, run.chronicle)
}

impl Run {
    fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    fn count(&mut self) {
        let replied = |shown: &&Shown| matches!(shown, Shown::Returned { reply: Some(_), .. });
        self.acknowledged += self.report.shown.iter().filter(replied).count() as u64;
    }

    fn violation(&self) -> Option<String> {
        let violation = self.chronicle.observers.violations().first()?;
        let (id, step, at) = (violation.law.id(), violation.step, violation.at);
        Some(alloc::format!("{id} at step {step}, {at} s: {}", violation.words))
    }

    fn act(&mut self, at: Instant, action: &Action) -> bool {
        let done = self.world.act(at, action, &mut self.report).is_ok();
        if done {
            self.chronicle.record(&self.world, &self.report);
            self.coverage.look(&self.world, &self.report);
        }
        done
    }

    /// Runs on to a moment.
    fn run_until(&mut self, until: Instant) -> Result<(), String> {
        while self.world.step_until(until, &mut self.report) {
            self.chronicle.record(&self.world, &self.report);
            self.coverage.look(&self.world, &self.report);
            self.count();
            if self.world.steps() > GIVE_UP {
                return Err("The run never ended: too many events.".into());
            }
        }
        match self.violation() {
            Some(words) => Err(words),
            None => Ok(()),
        }
    }

    /// The first phase: faults at random.
    fn rage(&mut self) -> Result<(), String> {
        let mut now = Instant::ZERO;
        while self.world.steps() < RAGE {
            let (min, max) = self.mixture.pause;
            now += self.lane.between(min, max);
            self.run_until(now)?;
            self.strike(now);
        }
        Ok(())
    }

    fn strike(&mut self, now: Instant) {
        let Some(index) = self.mixture.pick(&mut self.lane) else { return };
        if let Some(action) = (FAULTS[index].draw)(&mut self.lane, &self.world)
            && self.act(now, &action)
        {
            self.counts[index].1 += 1;
        }
    }

    /// The second phase: a quorum is healed, and must serve.
    fn recover(&mut self) -> Result<(), String> {
        let core = self.heal_core();
        let healed = self.world.now();
        let scenario = self.world.scenario().clone();
        let limit = healed + scenario.raft.election_max.times(30);
        self.run_until(limit)?;
        judge::progress(&self.chronicle.history, healed, limit)?;
        let mut more = limit;
        while self.world.steps() < STEPS || self.acknowledged() < ACKNOWLEDGED {
            more += Duration::from_millis(500);
            self.run_until(more)?;
        }
        self.quiet(&scenario, core)
    }

    /// Clients fall silent; then the healed servers must agree in everything.
    fn quiet(&mut self, scenario: &Scenario, core: NodeSet) -> Result<(), String> {
        let mut silent = scenario.workload;
        silent.limit = Some(0);
        let now = self.world.now();
        self.act(now, &Action::SetWorkload(silent));
        let mut more = now;
        for _ in 0..QUIET {
            more += scenario.raft.election_max.times(10);
            self.run_until(more)?;
            if self.idle() {
                break;
            }
        }
        more += scenario.raft.election_max.times(10);
        self.run_until(more)?;
        judge::convergence(&self.world, core)?;
        judge::at_most_once(&self.world, core, &self.chronicle.history)
    }

    /// Whether every client has its answer.
    fn idle(&self) -> bool {
        let clients = self.world.nodes().iter().filter_map(|node| node.client());
        clients.into_iter().all(|client| !client.clerk().is_busy() && client.queued() == 0)
    }

    /// Heals a quorum of the servers whose disks were not lost. Other faults stay, and outsiders
    /// hear nothing from the healed ones, so that none of them leads. What they say is heard as
    /// before where pre-vote, check-quorum and stickiness protect from it; elsewhere an outsider
    /// that stands for election without end would rule out progress.
    fn heal_core(&mut self) -> NodeSet {
        let scenario = self.world.scenario().clone();
        let now = self.world.now();
        let sound = |id: &NodeId| {
            self.world.node(*id).and_then(|node| node.durable()).is_some_and(|disk| !disk.lost)
        };
        let mut candidates: Vec<NodeId> = scenario.server_ids().filter(sound).collect();
        let mut core = NodeSet::EMPTY;
        while core.len() < scenario.quorum() && !candidates.is_empty() {
            let index = self.lane.below(candidates.len() as u64) as usize;
            core.insert(candidates.swap_remove(index));
        }
        self.act(now, &Action::ClearRules);
        self.act(now, &Action::SetNetwork(draw::calm(&scenario)));
        self.act(now, &Action::SetWorkload(draw::fresh(&scenario)));
        for id in core.iter() {
            self.act(now, &Action::Resume(id));
            self.act(now, &Action::Restart(id));
            self.act(now, &Action::SlowDisk { server: id, times: 1 });
        }
        let shielded = scenario.raft.pre_vote && scenario.raft.check_quorum && scenario.raft.sticky;
        let everyone = scenario.server_ids().chain(scenario.client_ids());
        for from in everyone.clone() {
            for to in everyone.clone() {
                let inside = |id: NodeId| core.contains(id) || id.0 >= scenario.servers;
                if inside(from) && inside(to) {
                    self.act(now, &Action::Mend { from, to });
                } else if from != to && (inside(from) || (inside(to) && !shielded)) {
                    self.act(now, &Action::Cut { from, to });
                }
            }
        }
        self.release_held(now);
        core
    }

    /// What is held is lost for good: that too is a fault made permanent.
    fn release_held(&mut self, now: Instant) {
        use super::packet::End;
        let held = self.world.packets().filter(|packet| packet.label.end == End::Held);
        let ids: Vec<u64> = held.map(|packet| packet.label.id).collect();
        for id in ids {
            self.act(now, &Action::Packet { id, fault: super::PacketFault::Drop });
        }
    }
}
