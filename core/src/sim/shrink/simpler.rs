//! What is simpler than something else: settings, and things that are done.

use alloc::vec::Vec;

use crate::controller::Command;
use crate::id::NodeSet;
use crate::rng::Ppm;
use crate::sim::action::Action;
use crate::sim::network::{Latency, Network, Rule, Verdict};
use crate::sim::scenario::{Scenario, Sharding};
use crate::sim::workload::{Mix, Pace, Workload};
use crate::time::{Duration, Instant};

const NOTHING: Mix = Mix { get: 0, put: 0, append: 0, delete: 0, cas: 0, put_at: 0, put_hash: 0 };

/// Whether the shard that an action is about, if it is about one, is there.
pub(super) fn is_there(action: &Action, scenario: &Scenario) -> bool {
    match action {
        Action::Control { command: Command::Move { shard, .. }, .. } => {
            scenario.sharding.is_some_and(|sharding| shard.0 < sharding.shards)
        }
        _ => true,
    }
}

fn usual() -> Scenario {
    Scenario::new(1, 3, 1)
}

/// Changes towards the usual settings, in the order in which they are tried: those that take away
/// most at once come first.
pub(super) const SETTINGS: &[fn(&mut Scenario)] = &[
    |scenario| {
        let Scenario { seed, servers, clients, mutant, workload, .. } = *scenario;
        let (network, pace) = (scenario.network, workload.pace);
        let sharding = scenario.sharding.map(usual_sharding);
        let usual = Scenario { mutant, network, sharding, ..Scenario::new(seed, servers, clients) };
        *scenario = Scenario { workload: Workload { pace, ..usual.workload }, ..usual };
    },
    |scenario| scenario.sharding = scenario.sharding.map(usual_sharding),
    |scenario| sharded(scenario, |sharding| sharding.shards = sharding.shards.min(1)),
    |scenario| sharded(scenario, |sharding| sharding.shards = sharding.shards.min(2)),
    |scenario| sharded(scenario, |sharding| sharding.shards = sharding.shards.min(4)),
    |scenario| sharded(scenario, |sharding| sharding.pause_all = false),
    |scenario| sharded(scenario, |sharding| sharding.routing = Sharding::default().routing),
    |scenario| sharded(scenario, |sharding| sharding.poll = Sharding::default().poll),
    |scenario| sharded(scenario, |sharding| sharding.poll = millis(sharding.poll)),
    |scenario| scenario.network = Network::default(),
    |scenario| {
        scenario.network = Network { latency: scenario.network.latency, ..Network::default() };
    },
    |scenario| scenario.network.loss = Ppm::NEVER,
    |scenario| scenario.network.duplicate = Ppm::NEVER,
    |scenario| {
        let Network { reorder, reorder_by, .. } = Network::default();
        (scenario.network.reorder, scenario.network.reorder_by) = (reorder, reorder_by);
    },
    |scenario| scenario.network.latency = Network::default().latency,
    |scenario| scenario.network.latency = whole(scenario.network.latency),
    |scenario| scenario.network.reorder_by = Network::default().reorder_by,
    |scenario| {
        let Network { loss, duplicate, reorder, .. } = &mut scenario.network;
        [loss, duplicate, reorder].into_iter().for_each(|chance| *chance = percents(*chance));
    },
    |scenario| scenario.disk = usual().disk,
    |scenario| {
        if scenario.disk != usual().disk {
            scenario.disk.write = whole(scenario.disk.write);
        }
    },
    |scenario| scenario.service = Duration::ZERO,
    |scenario| {
        let Workload { pace, limit, .. } = scenario.workload;
        scenario.workload = Workload { pace, limit, ..Workload::default() };
    },
    |scenario| scenario.workload = Workload { pace: Pace::Silent, ..Workload::default() },
    |scenario| {
        if scenario.workload.pace != Pace::Silent {
            scenario.workload.pace = Workload::default().pace;
        }
    },
    |scenario| scenario.workload.pace = whole_pace(scenario.workload.pace),
    |scenario| scenario.workload.mix = Workload::default().mix,
    |scenario| {
        if scenario.workload.mix != Workload::default().mix {
            scenario.workload.mix = Mix { get: 1, append: 1, ..NOTHING };
        }
    },
    |scenario| scenario.workload.keys = Workload::default().keys,
    |scenario| scenario.workload.hot = Ppm::NEVER,
    |scenario| scenario.raft = usual().raft,
    |scenario| scenario.raft.pre_vote = true,
    |scenario| scenario.raft.check_quorum = true,
    |scenario| scenario.raft.sticky = true,
    |scenario| {
        let usual = usual().raft;
        (scenario.raft.append_max, scenario.raft.window) = (usual.append_max, usual.window);
    },
    |scenario| scenario.raft.window = usual().raft.window,
    |scenario| scenario.raft.append_max = usual().raft.append_max,
    |scenario| scenario.read_index = true,
    |scenario| scenario.snapshot_above = None,
    |scenario| scenario.snapshot_above = scenario.snapshot_above.map(|bytes| bytes / 100 * 100),
    |scenario| scenario.sessions = usual().sessions,
    |scenario| scenario.patience = usual().patience,
    |scenario| scenario.seed = 1,
];

/// The usual settings, for as many processes and shards.
fn usual_sharding(sharding: Sharding) -> Sharding {
    let Sharding { controllers, groups, shards, controller_mutant, .. } = sharding;
    Sharding { controllers, groups, shards, controller_mutant, ..Sharding::default() }
}

fn sharded(scenario: &mut Scenario, change: impl FnMut(&mut Sharding)) {
    scenario.sharding.iter_mut().for_each(change);
}

/// Whole hundredths.
fn percents(Ppm(chance): Ppm) -> Ppm {
    Ppm(chance.div_ceil(10_000) * 10_000)
}

/// Whole milliseconds, at least one.
fn millis(time: Duration) -> Duration {
    Duration::from_millis((time.as_micros() / 1_000).max(1))
}

fn whole(latency: Latency) -> Latency {
    match latency {
        Latency::Fixed(time) => Latency::Fixed(millis(time)),
        Latency::Uniform { min, max } => Latency::Uniform { min: millis(min), max: millis(max) },
        Latency::LongTail { median } => Latency::LongTail { median: millis(median) },
    }
}

fn whole_pace(pace: Pace) -> Pace {
    match pace {
        Pace::Closed { think } => Pace::Closed { think: millis(think) },
        Pace::Open { every } => Pace::Open { every: millis(every) },
        Pace::Silent => Pace::Silent,
    }
}

/// What may be done instead of an action: each is simpler.
pub(super) fn actions(action: &Action, scenario: &Scenario) -> Vec<Action> {
    match action {
        Action::Wipe(id) => Vec::from([Action::Crash(*id)]),
        Action::Partition(sides) => {
            let servers: NodeSet = scenario.server_ids().collect();
            let only: Vec<NodeSet> = sides.iter().map(|side| side.and(servers)).collect();
            if only == *sides { Vec::new() } else { Vec::from([Action::Partition(only)]) }
        }
        Action::SetClock { node, jump, drift } => {
            let clock = |jump, drift| Action::SetClock { node: *node, jump, drift };
            let round = millis(*jump);
            [clock(*jump, 0), clock(Duration::ZERO, *drift), clock(round, drift / 1_000 * 1_000)]
                .into_iter()
                .filter(|simpler| simpler != action)
                .collect()
        }
        Action::SlowDisk { server, times } => {
            let slow = |times| Action::SlowDisk { server: *server, times };
            let fewer = [10, 100, 1_000].into_iter().filter(|fewer| fewer < times);
            fewer.map(slow).collect()
        }
        Action::AddRule(rule) => rules(rule).into_iter().map(Action::AddRule).collect(),
        Action::SetNetwork(network) => {
            let Network { latency, loss, duplicate, reorder, reorder_by } = scenario.network;
            let percents = Network {
                loss: percents(network.loss),
                duplicate: percents(network.duplicate),
                reorder: percents(network.reorder),
                ..*network
            };
            let others = [
                scenario.network,
                percents,
                Network { latency, ..*network },
                Network { loss, ..*network },
                Network { duplicate, ..*network },
                Network { reorder, reorder_by, ..*network },
                Network { reorder_by, ..*network },
                Network { latency: whole(network.latency), ..*network },
            ];
            let simpler = others.into_iter().filter(|other| other != network);
            simpler.map(Action::SetNetwork).collect()
        }
        _ => Vec::new(),
    }
}

/// Rules that are easier to say: for good, always, about anyone, and in whole milliseconds.
fn rules(rule: &Rule) -> Vec<Rule> {
    let mut all = Vec::from([
        Rule { until: None, chance: Ppm::ALWAYS, ..*rule },
        Rule { until: None, ..*rule },
        Rule { chance: Ppm::ALWAYS, ..*rule },
        Rule { verdict: Verdict::Drop, ..*rule },
    ]);
    if let Verdict::Delay(latency) = rule.verdict {
        all.push(Rule { verdict: Verdict::Delay(whole(latency)), ..*rule });
    }
    if let Some(until) = rule.until {
        let until = Some(Instant::from_micros(until.as_micros().div_ceil(1_000) * 1_000));
        all.push(Rule { until, ..*rule });
    }
    all.retain(|simpler| simpler != rule);
    all
}
