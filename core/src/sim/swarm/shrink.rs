//! A run that failed, made smaller, as a script.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::draw::cluster::latest;
use super::judge::{Fault, Reason};
use super::{Kept, Run};
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet};
use crate::shardkv::ShardKv;
use crate::sim::scenario::Scenario;
use crate::sim::script::{
    Amount, Claim, Compare, Condition, Count, Got, Group, Recorded, Script, ShardClaim, Span,
    Statement, Who,
};
use crate::sim::shrink::{self, Attempt, Budget, Limit, Plan};
use crate::time::{Duration, Instant};

/// A run that failed, made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// Played, it fails for the same reason: its last line expects that.
    pub script: Script,
    /// The events until it fails.
    pub steps: u64,
    /// What was spent.
    pub spent: Budget,
}

/// More than this is not spent on one run.
pub const BUDGET: Budget = Budget { runs: 60_000, steps: 12_000_000 };

/// Makes a run that failed smaller, as long as it fails for the same reason, and tells it as a
/// script.
///
/// # Errors
/// One sentence that says why it cannot: it did not fail, or never ended.
pub fn shrink(kept: &Kept, budget: Budget) -> Result<Shrunk, String> {
    let scenario = kept.world.scenario().as_ref().clone();
    let reason = kept.outcome.reason.ok_or("The run did not fail.")?;
    let acts = |count: usize| -> Vec<_> {
        kept.acts.iter().take(count).map(|acted| (acted.at, acted.action.clone())).collect()
    };
    let smaller = match reason {
        Reason::Endless => return Err("A run that never ends is not made smaller.".into()),
        Reason::Law(law) => {
            let acts = acts(kept.acts.len());
            let broken = kept.chronicle.observers.violations().first();
            let until = broken.map_or(kept.end, |broken| broken.at);
            let plan = Plan { scenario, acts, until, chosen: NodeSet::EMPTY };
            shrink::shrink(plan, budget, shrink::breaks(law))
        }
        _ => {
            let (acts, chosen) = (acts(kept.raged), kept.core);
            let plan = Plan { scenario, acts, until: kept.healed, chosen };
            shrink::shrink(plan, budget, |plan, limit| again(plan, limit, reason))
        }
    };
    let smaller = smaller.ok_or("Without what it did besides, the run does not fail.")?;
    let script = told(&smaller.plan, reason, kept.outcome.seed)?;
    Ok(Shrunk { script, steps: smaller.steps, spent: smaller.spent })
}

/// Whether a run can be judged at all: without clients, nobody is served.
fn is_fair(scenario: &Scenario, reason: Reason) -> bool {
    reason != Reason::Starved || (scenario.clients > 0 && scenario.workload.limit.is_none())
}

/// Plays a plan, heals, and judges as the second phase does.
fn again(plan: &Plan, limit: Limit, reason: Reason) -> Attempt {
    let mut run = Run::new(plan.scenario.clone());
    (run.terse, run.give_up) = (true, limit.steps.min(limit.played));
    let fault = is_fair(&plan.scenario, reason).then(|| run.relive(plan, reason).err()).flatten();
    let same = fault.is_some_and(|(found, _)| found == reason);
    let failing = same.then(|| {
        let acts = run.acts.iter().take(run.raged);
        Plan {
            acts: acts.map(|acted| (acted.at, acted.action.clone())).collect(),
            chosen: run.core,
            ..plan.clone()
        }
    });
    let steps = run.world.steps();
    Attempt { steps, played: steps, failing }
}

impl Run {
    /// What a plan says, and what follows from it.
    fn relive(&mut self, plan: &Plan, reason: Reason) -> Result<(), Fault> {
        for (at, action) in &plan.acts {
            self.run_until(*at)?;
            self.act(*at, action);
        }
        self.run_until(plan.until)?;
        match reason {
            Reason::Law(_) | Reason::Endless => Ok(()),
            Reason::Starved => self.serve(self.quorum_of(plan.chosen)),
            _ => {
                self.serve(self.quorum_of(plan.chosen))?;
                self.quiet()
            }
        }
    }

    /// A quorum of each group of servers whose disks were not lost: those that are wanted come
    /// first.
    fn quorum_of(&self, wanted: NodeSet) -> NodeSet {
        let quorum = |group| {
            let mut sound = self.sound(group);
            sound.sort_by_key(|id| !wanted.contains(*id));
            sound.into_iter().take(self.world.scenario().quorum_of(group) as usize)
        };
        self.world.scenario().groups().flat_map(quorum).collect()
    }
}

/// The script of a plan that fails, with what it fails by as its last line.
fn told(plan: &Plan, reason: Reason, seed: u64) -> Result<Script, String> {
    let mut run = Run::new(plan.scenario.clone());
    run.terse = true;
    run.relive(plan, reason).err().ok_or("The run fails no more.")?;
    let title = match reason {
        Reason::Law(law) => format!("Seed {seed} breaks {}, {}", law.id(), law.name()),
        _ => format!("Seed {seed}: {}", reason.words()),
    };
    let last = run.acts.last().map_or((0, Instant::ZERO), |acted| (acted.step, acted.at));
    let whole = (run.world.steps(), run.now);
    let claim = |claim| Condition { any: false, claims: Vec::from([(false, claim)]) };
    let (end, condition, span) = match reason {
        Reason::Law(_) | Reason::Endless => (last, broken(&run), within(plan.until.since(last.1))),
        Reason::Starved => {
            let clients = run.world.nodes().iter().filter_map(|node| node.client());
            let number = clients.map(|client| client.answered()).max().unwrap_or_default();
            let count = Count::Of(Amount::Operations, Group::Clients);
            let claim = claim(Claim::Count { count, compare: Compare::AtMost, number });
            (last, claim, Span::For(run.now.since(last.1)))
        }
        Reason::Diverged => (whole, differ(&run), Span::Now),
        Reason::Unsettled => (whole, unsettled(&run), Span::Now),
        Reason::Unanswered => (whole, unanswered(&run), Span::Now),
        Reason::Misplaced => (whole, misplaced(&run), Span::Now),
        Reason::Illegal => (whole, claim(Claim::History { linearizable: false }), Span::Now),
        Reason::Undecided => return Err("What nobody knows is not told as a script.".into()),
        Reason::Repeated | Reason::Lost => (whole, stored(&run), Span::Now),
    };
    if condition.claims.is_empty() {
        return Err("What is wrong in the end, no script can say.".into());
    }
    let scenario = run.world.scenario();
    let recorded = Recorded { scenario, acts: &run.acts, end };
    Script::record(&title, recorded, [Statement::Expect { condition, span }])
}

fn servers(run: &Run, ids: impl Iterator<Item = NodeId>) -> Group {
    Group::Each(ids.map(|id| Who::of(run.world.scenario(), id)).collect())
}

/// In one of the groups, the healed servers do not hold the same.
fn differ(run: &Run) -> Condition {
    let scenario = run.world.scenario();
    let healed = |group| scenario.members(group).filter(|id| run.core.contains(*id));
    let claims = scenario.groups().filter(|group| healed(*group).count() > 1);
    let claims = claims.map(|group| (true, Claim::SameStores(servers(run, healed(group)))));
    let claims: Vec<_> = claims.collect();
    // One claim is written the same way, whether it is one of several or all there is.
    Condition { any: claims.len() > 1, claims }
}

/// Some healed server has not come to the latest configuration; or all have, and an order did not
/// return; or none is open, and the groups are still to join.
fn unsettled(run: &Run) -> Condition {
    let mut config = latest(&run.world).map_or(ConfigNumber(0), |config| config.number);
    let there = |shards: &ShardKv| shards.config().number >= config && !shards.is_unfinished();
    if run.groups().all(|(_, shards)| there(shards)) {
        let waiting = unanswered(run);
        if !waiting.claims.is_empty() {
            return waiting;
        }
        config = ConfigNumber(config.0 + 1);
    }
    let scenario = run.world.scenario();
    let holds = |id: &NodeId| scenario.group_of(*id).is_some_and(|group| group != Gid(0));
    let at = Some(servers(run, run.core.iter().filter(holds)));
    let claim = Claim::Shards(ShardClaim::Applied { config, at });
    Condition { any: false, claims: Vec::from([(true, claim)]) }
}

/// Clients wait.
fn unanswered(run: &Run) -> Condition {
    let scenario = run.world.scenario();
    let busy = |id: &NodeId| {
        run.world.node(*id).and_then(|node| node.client()).is_some_and(|it| it.clerk().is_busy())
    };
    let claims = scenario.client_ids().filter(busy).map(|id| {
        let client = Who::of(scenario, id);
        (false, Claim::Got { client, got: Got::Waits, operation: None })
    });
    Condition { any: false, claims: claims.collect() }
}

/// A group has of a shard what it should not.
fn misplaced(run: &Run) -> Condition {
    let claims = run.misplaced().map(|(shard, group, wanted)| {
        let claim = ShardClaim::Has { group: Some(group), status: wanted, shard };
        (true, Claim::Shards(claim))
    });
    Condition { any: false, claims: claims.into_iter().collect() }
}

/// All invariants that are broken.
fn broken(run: &Run) -> Condition {
    let mut claims = Vec::new();
    for violation in run.chronicle.observers.violations() {
        let claim = (false, Claim::Law { law: Some(violation.law), broken: true });
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    Condition { any: false, claims }
}

/// So long, in round figures.
fn within(time: Duration) -> Span {
    let micros = time.as_micros();
    let unit = if micros > 1_000_000 { 100_000 } else { 10_000 };
    match micros {
        0 => Span::Now,
        _ => Span::Within(Duration::from_micros(micros.div_ceil(unit) * unit)),
    }
}

/// What the first healed server of each group holds.
fn stored(run: &Run) -> Condition {
    let scenario = run.world.scenario();
    let first = |group| scenario.members(group).find(|id| run.core.contains(*id));
    let healed = scenario.groups().filter_map(first).filter_map(|id| run.world.node(id));
    let machines = healed.filter_map(|node| Some((node.id(), node.server()?.machine())));
    let claims = machines.flat_map(|(id, machine)| {
        machine.stores().flat_map(|store| store.machine().iter()).map(move |(key, cell)| {
            let (key, value) = (String::from(&**key), Some(String::from(&*cell.value)));
            (false, Claim::Stored { key, at: servers(run, [id].into_iter()), value })
        })
    });
    Condition { any: false, claims: claims.collect() }
}
