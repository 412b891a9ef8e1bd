//! What a swarm run is drawn from: settings, and a mixture of faults.

pub(super) mod cluster;

use alloc::vec::Vec;

use crate::id::{Gid, NodeId, NodeSet};
use crate::rng::{Ppm, Rng};
use crate::sim::action::{Action, PacketFault};
use crate::sim::packet::Shape;
use crate::sim::{Disk, Latency, Mix, Network, Pace, Rule, Scenario, Verdict, Workload, World};
use crate::time::{Duration, Instant};

fn one_in(lane: &mut Rng, n: u64) -> bool {
    lane.below(n) == 0
}

fn choose<T: Copy>(lane: &mut Rng, from: &[T]) -> T {
    from[lane.below(from.len() as u64) as usize]
}

/// The settings: small groups and short logs more often than not, for there the rare schedules
/// are frequent.
pub(super) fn scenario(seed: u64, lane: &mut Rng) -> Scenario {
    let servers = choose(lane, &[3, 3, 3, 3, 3, 3, 3, 5, 5, 7]);
    let clients = 2 + lane.below(3) as u16;
    let mut scenario = Scenario::new(seed, servers, clients);
    let raft = &mut scenario.raft;
    raft.append_max = choose(lane, &[1, 1, 2, 8, 64]);
    // A window of one would be too slow for what the second phase demands.
    raft.window = raft.append_max.max(choose(lane, &[8, 16, 64]));
    raft.pre_vote = !one_in(lane, 4);
    raft.check_quorum = !one_in(lane, 4);
    raft.sticky = raft.check_quorum && !one_in(lane, 4);
    scenario.network = network(lane);
    scenario.disk = Disk { write: latency(lane, 50, 3_000) };
    if one_in(lane, 5) {
        scenario.service = Duration::from_micros(lane.below(200));
    }
    scenario.workload = Workload { hot: hot(seed), ..workload(lane) };
    scenario.read_index = !one_in(lane, 4);
    scenario.snapshot_above = if one_in(lane, 3) { None } else { Some(100 + lane.below(3_000)) };
    scenario.sessions = choose(lane, &[2, 8, 64]);
    scenario
}

fn latency(lane: &mut Rng, low: u64, high: u64) -> Latency {
    let mut drawn = || Duration::from_micros(low + lane.below(high - low));
    let (a, b) = (drawn(), drawn());
    match lane.below(3) {
        0 => Latency::Fixed(a),
        1 => Latency::Uniform { min: a.min(b), max: a.max(b) },
        _ => Latency::LongTail { median: Duration::from_micros(a.as_micros() / 4) },
    }
}

fn network(lane: &mut Rng) -> Network {
    let mut chance = |most: u64| if one_in(lane, 2) { 0 } else { lane.below(most) as u32 };
    let (loss, duplicate, reorder) = (chance(200_000), chance(200_000), chance(200_000));
    let latency = latency(lane, 200, 20_000);
    Network {
        latency,
        loss: Ppm(loss),
        duplicate: Ppm(duplicate),
        reorder: Ppm(reorder),
        reorder_by: Duration::from_millis(lane.below(200)),
    }
}

/// The network after the faults: it may be slow, but it loses nothing.
pub(super) fn calm(scenario: &Scenario) -> Network {
    Network {
        loss: Ppm::NEVER,
        duplicate: Ppm::NEVER,
        reorder: Ppm::NEVER,
        ..Network { latency: scenario.network.latency, ..Network::default() }
    }
}

fn workload(lane: &mut Rng) -> Workload {
    let append_only = one_in(lane, 3);
    let mut weight = |least: u64| (least + lane.below(4)) as u8;
    let (get, append) = (weight(1), weight(1));
    let mix = if append_only {
        Mix { get, put: 0, append, delete: 0, cas: 0, put_at: 0, put_hash: 0 }
    } else {
        let (put, delete, cas, put_hash) = (weight(1), weight(0), weight(0), weight(0));
        Mix { get, put, append, delete, cas, put_at: weight(0), put_hash }
    };
    let pause = Duration::from_micros(500 + lane.below(30_000));
    let pace =
        if one_in(lane, 3) { Pace::Open { every: pause } } else { Pace::Closed { think: pause } };
    Workload { pace, keys: 1 + lane.below(5) as u16, hot: Ppm::NEVER, mix, limit: None }
}

/// What the hot key is drawn from: no other draw depends on it.
const HOT: u64 = 0x686b_6579;

/// In some runs, one key gets from a tenth to nine tenths of all operations.
fn hot(seed: u64) -> Ppm {
    let mut lane = Rng::keyed(&[seed, HOT]);
    if one_in(&mut lane, 6) { Ppm(100_000 * (1 + lane.below(9) as u32)) } else { Ppm::NEVER }
}

/// What clients do after the faults: reads and writes in equal shares.
pub(super) fn fresh(scenario: &Scenario) -> Workload {
    let mix = Mix { get: 1, put: 0, append: 1, delete: 0, cas: 0, put_at: 0, put_hash: 0 };
    let pace = Pace::Closed { think: Duration::from_millis(5) };
    Workload { pace, mix, ..scenario.workload }
}

/// Which faults happen in a run, how likely each, and how often any.
pub(super) struct Mixture {
    weights: Vec<u64>,
    pub(super) pause: (Duration, Duration),
}

impl Mixture {
    pub(super) fn draw(lane: &mut Rng, scenario: &Scenario) -> Self {
        // Some runs have one kind of fault only, some all, a few none.
        let rare = choose(lane, &[1, 2, 2, 4, 16]);
        let weight = |_| if one_in(lane, rare) { 1 + lane.below(8) } else { 0 };
        let mut weights: Vec<u64> = FAULTS.iter().map(weight).collect();
        // What only a cluster knows happens in each of its runs.
        weights.extend(kinds(scenario).skip(FAULTS.len()).map(|_| 1 + lane.below(8)));
        let longest = choose(lane, &[30, 100, 300, 1_000]);
        let (least, most) = (longest / 10, longest);
        Self { weights, pause: (Duration::from_millis(least), Duration::from_millis(most)) }
    }

    pub(super) fn pick(&self, lane: &mut Rng) -> Option<usize> {
        let mut drawn = lane.below(self.weights.iter().sum::<u64>().max(1));
        self.weights.iter().position(|weight| {
            let hit = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            hit
        })
    }
}

/// A kind of fault: its name, and how one is drawn, which may take several actions or none.
pub(super) struct FaultKind {
    pub(super) name: &'static str,
    pub(super) draw: fn(&mut Rng, &World) -> Vec<Action>,
}

macro_rules! faults {
    ($($name:literal => $draw:expr),+ $(,)?) => {
        [$(FaultKind {
            name: $name,
            draw: |lane, world| {
                let draw: fn(&mut Rng, &World) -> Option<Action> = $draw;
                draw(lane, world).into_iter().collect()
            },
        }),+]
    };
}

/// The kinds of faults that happen in a run.
pub(super) fn kinds(scenario: &Scenario) -> impl Iterator<Item = &'static FaultKind> + use<> {
    kinds_of(scenario.sharding.is_some())
}

fn kinds_of(sharded: bool) -> impl Iterator<Item = &'static FaultKind> {
    FAULTS.iter().chain(sharded.then_some(&cluster::FAULTS).into_iter().flatten())
}

/// The names of the kinds of faults, in the order in which a run counts them.
pub fn faults(sharded: bool) -> impl Iterator<Item = &'static str> {
    kinds_of(sharded).map(|kind| kind.name)
}

/// Every kind of fault that a group knows.
static FAULTS: [FaultKind; 23] = faults![
    "crash" => |lane, world| Some(Action::Crash(server(lane, world))),
    "crash the leader" => |lane, world| Some(Action::Crash(leader(lane, world)?)),
    "restart" => |lane, world| Some(Action::Restart(down(lane, world)?)),
    "restart (again)" => |lane, world| Some(Action::Restart(down(lane, world)?)),
    "wipe a disk" => |lane, world| {
        // Rare: it uses up what the group can bear.
        one_in(lane, 8).then(|| Action::Wipe(server(lane, world)))
    },
    "pause" => |lane, world| Some(Action::Pause(server(lane, world))),
    "resume" => |lane, world| Some(Action::Resume(paused(lane, world)?)),
    "cut off" => |lane, world| Some(Action::Isolate(server(lane, world))),
    "cut off the leader" => |lane, world| Some(Action::Isolate(leader(lane, world)?)),
    "partition" => |lane, world| Some(partition(lane, world)),
    "cut a link one way" => |lane, world| {
        Some(Action::Cut { from: anyone(lane, world), to: server(lane, world) })
    },
    "heal" => |_, _| Some(Action::Heal),
    "start an election" => |lane, world| Some(Action::Campaign(server(lane, world))),
    "hand leadership over" => |lane, world| {
        let from = leader(lane, world)?;
        Some(Action::Transfer { from, to: fellow(lane, world, from) })
    },
    "slow disk" => |lane, world| {
        let times = choose(lane, &[1, 3, 30, 200]);
        Some(Action::SlowDisk { server: server(lane, world), times })
    },
    "clock drift" => |lane, world| {
        let drift = lane.below(400_001) as i32 - 200_000;
        let jump = Duration::from_millis(lane.below(100));
        Some(Action::SetClock { node: anyone(lane, world), jump, drift })
    },
    "drop by rule" => |lane, world| Some(rule(lane, world, Verdict::Drop)),
    "delay by rule" => |lane, world| {
        let latency = latency(lane, 1_000, 400_000);
        Some(rule(lane, world, Verdict::Delay(latency)))
    },
    "copy by rule" => |lane, world| Some(rule(lane, world, Verdict::Duplicate)),
    "hold by rule" => |lane, world| Some(rule(lane, world, Verdict::Hold)),
    "change of network" => |lane, _| Some(Action::SetNetwork(network(lane))),
    "meddle with a message" => meddle,
    "deliver what is held" => |lane, world| {
        let id = packet(lane, world)?;
        Some(Action::Packet { id, fault: PacketFault::Deliver })
    },
];

fn server(lane: &mut Rng, world: &World) -> NodeId {
    NodeId(lane.below(u64::from(world.scenario().server_count())) as u16)
}

fn anyone(lane: &mut Rng, world: &World) -> NodeId {
    NodeId(lane.below(world.nodes().len() as u64) as u16)
}

/// The leader of any group.
fn leader(lane: &mut Rng, world: &World) -> Option<NodeId> {
    let group = match world.scenario().sharding {
        None => Gid(0),
        Some(_) => cluster::some_group(lane, world),
    };
    let mut members = world.members(group);
    let leads = members.find(|node| {
        node.server().is_some_and(|server| server.replica().leader() == Some(node.id()))
    });
    leads.map(|node| node.id())
}

/// A server of the same group, itself included.
fn fellow(lane: &mut Rng, world: &World, of: NodeId) -> NodeId {
    let scenario = world.scenario();
    let Some(group) = scenario.group_of(of) else { return server(lane, world) };
    let mut members = scenario.members(group);
    let index = lane.below(members.len() as u64) as usize;
    members.nth(index).unwrap_or(of)
}

fn pick(lane: &mut Rng, from: &[NodeId]) -> Option<NodeId> {
    (!from.is_empty()).then(|| choose(lane, from))
}

fn down(lane: &mut Rng, world: &World) -> Option<NodeId> {
    let down: Vec<NodeId> =
        world.servers().filter(|node| node.is_down()).map(crate::sim::Node::id).collect();
    pick(lane, &down)
}

fn paused(lane: &mut Rng, world: &World) -> Option<NodeId> {
    let paused: Vec<NodeId> =
        world.servers().filter(|node| node.is_paused()).map(crate::sim::Node::id).collect();
    pick(lane, &paused)
}

/// Two sides; clients fall on either or on none.
fn partition(lane: &mut Rng, world: &World) -> Action {
    let mut sides = [NodeSet::EMPTY; 2];
    for node in world.nodes() {
        let is_client = node.client().is_some();
        let side = lane.below(if is_client { 3 } else { 2 }) as usize;
        if let Some(side) = sides.get_mut(side) {
            side.insert(node.id());
        }
    }
    Action::Partition(sides.into())
}

fn rule(lane: &mut Rng, world: &World, verdict: Verdict) -> Action {
    let shapes = [
        Shape::PreVote,
        Shape::Vote,
        Shape::VoteReply,
        Shape::Append,
        Shape::Heartbeat,
        Shape::AppendReply,
        Shape::Snapshot,
        Shape::SnapshotReply,
        Shape::TimeoutNow,
        Shape::Request,
        Shape::Response,
    ];
    let some = |lane: &mut Rng| one_in(lane, 2).then(|| NodeSet::from_iter([server(lane, world)]));
    let (from, to) = (some(lane), some(lane));
    let shape = (!one_in(lane, 3)).then(|| choose(lane, &shapes));
    let lasts = Duration::from_millis(20 + lane.below(1_000));
    let until = Some(world.now() + lasts).filter(|until| *until > Instant::ZERO);
    let chance = Ppm(100_000 + lane.below(900_001) as u32);
    Action::AddRule(Rule { from, to, shape, verdict, chance, until })
}

fn packet(lane: &mut Rng, world: &World) -> Option<u64> {
    let count = world.packets().count() as u64;
    let index = lane.below(count.max(1)) as usize;
    world.packets().nth(index).map(|packet| packet.label.id)
}

fn meddle(lane: &mut Rng, world: &World) -> Option<Action> {
    let id = packet(lane, world)?;
    let fault = match lane.below(5) {
        0 => PacketFault::Drop,
        1 => PacketFault::Delay(Duration::from_millis(lane.below(2_000))),
        2 => PacketFault::Duplicate,
        3 => PacketFault::Hold,
        _ => PacketFault::Deliver,
    };
    Some(Action::Packet { id, fault })
}
