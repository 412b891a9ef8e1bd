//! What a swarm run of a sharded cluster is drawn from besides: the groups, and what changes who
//! owns which shard.

use alloc::vec;
use alloc::vec::Vec;

use super::{FaultKind, choose, one_in};
use crate::controller::{Command, Config};
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId};
use crate::rng::Rng;
use crate::shardkv::Routing;
use crate::sim::action::Action;
use crate::sim::{Scenario, Sharding, World};
use crate::time::Duration;

/// The settings: few groups, so that they get into each other's way.
pub(in crate::sim::swarm) fn scenario(seed: u64, lane: &mut Rng) -> Scenario {
    let mut scenario = super::scenario(seed, lane);
    scenario.servers = choose(lane, &[1, 3, 3, 3, 3, 3, 5]);
    scenario.clients += lane.below(3) as u16;
    // Whoever is forgotten does not know what became of a call. With many such calls, whether an
    // order explains the history cannot be found out.
    scenario.sessions = choose(lane, &[16, 64]);
    scenario.workload.keys = 4 + lane.below(20) as u16;
    scenario.sharding = Some(Sharding {
        controllers: choose(lane, &[1, 3, 3, 3, 3, 5]),
        groups: choose(lane, &[2, 2, 3, 3, 3, 4]),
        shards: choose(lane, &[1, 2, 5, 10, 10, 16]),
        routing: choose(lane, &[Routing::Fnv, Routing::Fnv, Routing::FirstByte]),
        poll: Duration::from_millis(20 + lane.below(200)),
        pause_all: one_in(lane, 12),
        ..Sharding::default()
    });
    scenario
}

/// What a run begins with: some of the groups join at once.
pub(in crate::sim::swarm) fn opening(lane: &mut Rng, world: &World) -> Option<Action> {
    let sharding = world.scenario().sharding?;
    let count = 1 + lane.below(u64::from(sharding.groups)) as u16;
    order(world, join(world, (1..=count).map(Gid)))
}

/// What only a cluster knows: its configuration changes, and whole groups fail.
pub(in crate::sim::swarm) static FAULTS: [FaultKind; 8] = [
    FaultKind { name: "join", draw: draw_join },
    FaultKind { name: "leave", draw: draw_leave },
    FaultKind { name: "move", draw: draw_move },
    FaultKind { name: "query", draw: draw_query },
    FaultKind {
        name: "crash a group",
        draw: |lane, world| {
            let group = some_group(lane, world);
            world.scenario().members(group).map(Action::Crash).collect()
        },
    },
    FaultKind {
        name: "restart a group",
        draw: |lane, world| restart(world, some_group(lane, world)),
    },
    FaultKind {
        name: "cut a group off",
        draw: |lane, world| {
            let inside = NodeSet::from_iter(world.scenario().members(some_group(lane, world)));
            let outside = world.nodes().iter().map(|node| node.id());
            let outside = outside.filter(|id| !inside.contains(*id)).collect();
            vec![Action::Partition(vec![inside, outside])]
        },
    },
    FaultKind { name: "cut two groups apart", draw: cut_apart },
];

pub(super) fn some_group(lane: &mut Rng, world: &World) -> Gid {
    Gid(lane.below(u64::from(world.scenario().group_count())) as u16)
}

/// A group that holds shards, or could.
fn holder(lane: &mut Rng, world: &World) -> Gid {
    let groups = world.scenario().sharding.map_or(1, |sharding| sharding.groups);
    Gid(1 + lane.below(u64::from(groups)) as u16)
}

fn restart(world: &World, group: Gid) -> Vec<Action> {
    let down = world.members(group).filter(|node| node.is_down());
    down.map(|node| Action::Restart(node.id())).collect()
}

fn cut_apart(lane: &mut Rng, world: &World) -> Vec<Action> {
    let (one, other) = (some_group(lane, world), some_group(lane, world));
    let mut cuts = Vec::new();
    for from in world.scenario().members(one) {
        for to in world.scenario().members(other).filter(|to| *to != from) {
            cuts.extend([Action::Cut { from, to }, Action::Cut { from: to, to: from }]);
        }
    }
    cuts
}

/// The latest configuration that any server of the controller knows.
pub(in crate::sim::swarm) fn latest(world: &World) -> Option<&Config> {
    let servers = world.members(Gid(0)).filter_map(|node| node.server());
    let machines = servers.filter_map(|server| server.machine().controller());
    machines.map(|sessions| sessions.machine().latest()).max_by_key(|config| config.number)
}

fn is_in(world: &World, gid: Gid) -> bool {
    latest(world).is_some_and(|config| config.servers(gid).is_some())
}

pub(in crate::sim::swarm) fn join(world: &World, gids: impl Iterator<Item = Gid>) -> Command {
    Command::Join(gids.map(|gid| (gid, world.scenario().members(gid).collect())).collect())
}

/// Gives the operator something to do.
pub(in crate::sim::swarm) fn order(world: &World, command: Command) -> Option<Action> {
    Some(Action::Control { client: world.scenario().operator()?, command })
}

/// Mostly the operator changes configurations; sometimes two do at once. Orders do not pile up
/// while nobody can carry them out.
fn ordered(lane: &mut Rng, world: &World, command: Command) -> Vec<Action> {
    let clients: Vec<NodeId> = world.scenario().client_ids().collect();
    let client = match world.scenario().operator() {
        Some(operator) if !one_in(lane, 4) => operator,
        _ => choose(lane, &clients),
    };
    let waiting = world.node(client).and_then(|node| node.client());
    if waiting.is_none_or(|client| client.queued() > 2) {
        return Vec::new();
    }
    vec![Action::Control { client, command }]
}

fn draw_join(lane: &mut Rng, world: &World) -> Vec<Action> {
    let (one, other) = (holder(lane, world), holder(lane, world));
    // To join twice is refused: that too is to be seen, but seldom.
    let refused = one_in(lane, 8);
    let mut gids = vec![one];
    if other != one {
        gids.push(other);
    }
    gids.retain(|gid| refused || !is_in(world, *gid));
    if gids.is_empty() {
        return Vec::new();
    }
    gids.sort();
    let command = join(world, gids.into_iter());
    ordered(lane, world, command)
}

fn draw_leave(lane: &mut Rng, world: &World) -> Vec<Action> {
    let gid = holder(lane, world);
    let last = latest(world).is_some_and(|config| config.gids().count() < 2);
    // While nobody has the shards, nobody is served.
    if last && !one_in(lane, 4) {
        return Vec::new();
    }
    ordered(lane, world, Command::Leave(vec![gid]))
}

fn draw_move(lane: &mut Rng, world: &World) -> Vec<Action> {
    let Some(sharding) = world.scenario().sharding else { return Vec::new() };
    let shard = ShardId(lane.below(u64::from(sharding.shards)) as u16);
    let to = holder(lane, world);
    ordered(lane, world, Command::Move { shard, to })
}

fn draw_query(lane: &mut Rng, world: &World) -> Vec<Action> {
    let number = (!one_in(lane, 3)).then(|| ConfigNumber(lane.below(20)));
    ordered(lane, world, Command::Query(number))
}
