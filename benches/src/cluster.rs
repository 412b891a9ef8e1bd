//! A sharded store: a run of it, with shards on the move or without; a large shard that is handed
//! over; and how much more is served by more groups.

use shardscope_core::controller::Command as Control;
use shardscope_core::id::{Gid, NodeId, ShardId};
use shardscope_core::kv::Command;
use shardscope_core::machine::Machine;
use shardscope_core::rng::Ppm;
use shardscope_core::shardkv::Holding;
use shardscope_core::sim::scenario::Sharding;
use shardscope_core::sim::workload::{Mix, Pace};
use shardscope_core::sim::{Action, Disk, Latency, Node, Scenario, World};
use shardscope_core::time::{Duration, Instant};

use crate::Run;
use crate::figures::Figure;

/// Steps between two moves of a shard, where shards move.
const BETWEEN: u64 = 2_000;

/// A controller of three servers, three groups of three and four clients that hardly pause.
#[derive(Clone, Debug)]
pub struct Cluster {
    run: Run,
    moving: bool,
    moves: u64,
}

impl Cluster {
    /// A run in which all groups have joined and serve. `moving`: the operator moves a shard every
    /// so often.
    pub fn started(moving: bool) -> Self {
        let mut scenario = Scenario::new(1, 3, 4);
        scenario.sharding = Some(Sharding::default());
        scenario.workload.pace = Pace::Closed { think: Duration::from_millis(1) };
        Self { run: joined(scenario), moving, moves: 0 }
    }

    /// Runs for so many steps; `checked`: with trace, history, marks and observers.
    pub fn go(&mut self, steps: u64, checked: bool) {
        let mut left = steps;
        while left > 0 {
            let some = left.min(BETWEEN);
            self.run.go(some, checked);
            left -= some;
            if self.moving {
                self.moves += 1;
                // Three groups and ten shards: in turn, each shard comes to each group.
                let (shard, to) = (self.moves % 10, 1 + (self.moves / 10 + self.moves) % 3);
                let (shard, to) = (ShardId(shard as u16), Gid(to as u16));
                control(&mut self.run, Control::Move { shard, to }, checked);
            }
        }
    }

    /// What the run comes to: a number that keeps it from being left out.
    pub fn digest(&self) -> u64 {
        self.run.digest()
    }

    /// The number of the configuration that was made last: how often shards went elsewhere.
    pub fn number(&self) -> u64 {
        newest(self.run.world())
    }
}

/// A run of a scenario's cluster, all of whose groups have joined and serve.
fn joined(scenario: Scenario) -> Run {
    let mut run = Run::of(scenario);
    let scenario = run.world().scenario().clone();
    let groups: Vec<_> = scenario.groups().skip(1).collect();
    let members = |gid: Gid| (gid, scenario.members(gid).collect::<Vec<NodeId>>());
    control(&mut run, Control::Join(groups.iter().copied().map(members).collect()), true);
    let all = scenario.sharding.map_or(0, |sharding| usize::from(sharding.shards));
    settle(&mut run, |world| groups.iter().map(|gid| serving(world, *gid)).sum::<usize>() == all);
    run
}

/// Gives the operator something to do.
fn control(run: &mut Run, command: Control, checked: bool) {
    let client = run.world().scenario().operator().expect("a sharded store has an operator");
    run.act(&Action::Control { client, command }, checked);
}

/// Goes on until something is so.
fn settle(run: &mut Run, done: impl Fn(&World) -> bool) {
    for _ in 0..1_000 {
        if done(run.world()) {
            return;
        }
        run.go(500, true);
    }
    panic!("half a million steps were not enough");
}

/// How many shards a group's leader serves.
fn serving(world: &World, gid: Gid) -> usize {
    leader(world, gid).map_or(0, |node| {
        let store = node.server().and_then(|server| server.machine().shards());
        store.map_or(0, |store| store.holdings().filter(|(shard, _)| store.serves(*shard)).count())
    })
}

fn leader(world: &World, gid: Gid) -> Option<&Node> {
    let mut members = world.members(gid);
    members.find(|node| crate::leads(node))
}

fn newest(world: &World) -> u64 {
    let groups = world.scenario().groups().skip(1);
    let numbers = groups.filter_map(|gid| {
        let machine = leader(world, gid)?.server()?.machine();
        Some(machine.shards()?.config().number.0)
    });
    numbers.max().unwrap_or_default()
}

/// Keys of the large shard, and clients that write them.
const KEYS: u64 = 10_000;
const WRITERS: u16 = 8;

/// A shard of many keys, about to be handed over from the first group to the second.
#[derive(Clone, Debug)]
pub struct LargeShard {
    run: Run,
}

/// What a handing-over took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// From the command until the new owner serves, in virtual time.
    pub time: Duration,
    /// Events until then.
    pub steps: u64,
    /// The shard's bytes.
    pub bytes: u64,
}

impl LargeShard {
    /// Two groups of three and one shard, which is with the first group and has [`KEYS`] keys.
    pub fn filled() -> Self {
        let mut scenario = Scenario::new(1, 3, WRITERS);
        scenario.sharding = Some(Sharding { groups: 2, shards: 1, ..Sharding::default() });
        scenario.workload.pace = Pace::Silent;
        let mut run = joined(scenario);
        let clients: Vec<NodeId> = run.world().scenario().client_ids().collect();
        let (mut next, each) = (0, 50);
        while next < KEYS {
            for client in clients.iter().take(usize::from(WRITERS)) {
                for key in (next..KEYS).take(each) {
                    let command = Command::Put {
                        key: format!("key {key}").as_str().into(),
                        value: "a value".into(),
                    };
                    run.act(&Action::Invoke { client: *client, command }, false);
                }
                next += each as u64;
            }
            let due = next.min(KEYS);
            settle(&mut run, |world| answered(world) >= due);
        }
        Self { run }
    }

    /// Hands it over to the group that does not have it.
    pub fn hand_over(&mut self) -> HandedOver {
        let (shard, world) = (ShardId(0), self.run.world());
        let to = if serving(world, Gid(1)) == 1 { Gid(2) } else { Gid(1) };
        let (since, steps) = (world.now(), world.steps());
        control(&mut self.run, Control::Move { shard, to }, true);
        while serving(self.run.world(), to) == 0 {
            self.run.go(1, true);
        }
        let world = self.run.world();
        let store = leader(world, to).and_then(|node| node.server()?.machine().shards());
        let holding = store.and_then(|store| store.holding(shard));
        HandedOver {
            time: world.now().since(since),
            steps: world.steps() - steps,
            bytes: holding.and_then(Holding::data).map_or(0, Machine::bytes),
        }
    }
}

/// Operations that returned.
fn answered(world: &World) -> u64 {
    world.nodes().iter().filter_map(Node::client).map(|client| client.answered()).sum()
}

/// Numbers of groups that are compared.
pub const GROUPS: [u16; 4] = [1, 2, 4, 8];
/// How long throughput is measured, in seconds.
const SECONDS: u64 = 20;

/// Operations per second of virtual time that so many groups of three serve when 32 clients never
/// rest and each event costs a server 2 ms. `hot`: so many of all operations go to one key.
pub fn served(groups: u16, hot: Ppm) -> f64 {
    let mut scenario = Scenario::new(1, 3, Scenario::MAX_CLIENTS);
    scenario.sharding = Some(Sharding { groups, shards: 64, ..Sharding::default() });
    scenario.service = Duration::from_millis(2);
    scenario.network.latency = Latency::Fixed(Duration::from_micros(100));
    scenario.disk = Disk { write: Latency::Fixed(Duration::ZERO) };
    let workload = &mut scenario.workload;
    workload.pace = Pace::Closed { think: Duration::ZERO };
    (workload.keys, workload.hot) = (1_000, hot);
    workload.mix = Mix { get: 0, put: 1, append: 0, ..workload.mix };
    scenario.patience.attempt = Duration::from_secs(10);
    let mut run = joined(scenario);
    let mut until = |seconds: u64| {
        let limit = Instant::from_micros(run.world().now().as_micros() + seconds * 1_000_000);
        run.go_until(limit);
        answered(run.world())
    };
    let before = until(2);
    (until(SECONDS) - before) as f64 / SECONDS as f64
}

/// What is the same on every machine: how throughput grows with the groups, and the handing over.
pub fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    for (hot, name) in [(Ppm::NEVER, "even keys"), (Ppm::percent(50), "half to a hot key")] {
        let one = served(1, hot);
        for groups in GROUPS {
            let all = served(groups, hot);
            let name = format!("{name}, {groups} groups");
            figures.push(Figure { name: name.clone(), value: all, unit: "per second" });
            let share = all / one / f64::from(groups);
            figures.push(Figure { name: format!("{name}, of proportion"), value: share, unit: "" });
        }
    }
    let done = LargeShard::filled().hand_over();
    let ms = done.time.as_micros() as f64 / 1_000.0;
    figures.push(Figure { name: "10,000 keys handed over".into(), value: ms, unit: "ms" });
    figures.push(Figure { name: "their steps".into(), value: done.steps as f64, unit: "" });
    figures.push(Figure { name: "their bytes".into(), value: done.bytes as f64, unit: "bytes" });
    figures
}
