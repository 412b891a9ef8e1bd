//! A sharded store: the controller's configuration, the groups, the shards on their way.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::stage::{clients, server};
use crate::controller::{self, Config, Controller, Plan, Refusal, Transfer};
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::machine::Machine;
use crate::protocol::Payload;
use crate::raft::Role;
use crate::server::Wire;
use crate::shardkv::{Command, Holding, ShardKv, number_of, shard_of};
use crate::sim::packet::{End, Label};
use crate::sim::service::{self, Service};
use crate::sim::{Node, Timeline, World};
use crate::view::{
    Assignment, Cluster, Group, Held, Leg, LegStage, Parcel, Passage, Team, Whereabouts,
};

/// The picture of a sharded store under the cursor, without the messages; none: the run has one
/// group only.
pub fn cluster(timeline: &Timeline) -> Option<Cluster> {
    let world = timeline.world();
    let scenario = world.scenario();
    scenario.sharding?;
    let assignment = assignment(world);
    let gids = scenario.groups().filter(|gid| gid.0 > 0);
    let group = |gid| group(world, gid, assignment.members.contains(&gid));
    Some(Cluster {
        controller: team(world, Gid(0)),
        groups: gids.clone().map(group).collect(),
        parcels: gids.flat_map(|gid| parcels(world, gid)).collect(),
        clients: clients(world),
        cut: world.cuts().next().is_some(),
        assignment,
    })
}

/// What a change of the configuration would do now, or why it would be refused; none: no server of
/// a controller runs.
pub fn plan(timeline: &Timeline, command: &controller::Command) -> Option<Result<Plan, Refusal>> {
    controller(timeline.world()).map(|controller| controller.plan(command))
}

/// Where a key belongs; none: the run has one group only, which has every key.
pub fn whereabouts(timeline: &Timeline, key: &str) -> Option<Whereabouts> {
    let world = timeline.world();
    let sharding = world.scenario().sharding?;
    let shard = shard_of(key, sharding.shards, sharding.routing);
    let owner = controller(world).and_then(|controller| controller.latest().owner(shard));
    let serves = |gid: &Gid| {
        world.has_majority(*gid) && shards(world, *gid).is_some_and(|shards| shards.serves(shard))
    };
    Some(Whereabouts {
        number: number_of(key, sharding.routing),
        shard,
        owner: owner.unwrap_or_default(),
        served_by: world.scenario().groups().find(serves),
    })
}

/// The state of the running server of a group that has applied most.
fn state(world: &World, gid: Gid) -> Option<&Service> {
    let running = world.members(gid).filter_map(Node::server);
    running.max_by_key(|server| server.applied()).map(|server| server.machine())
}

fn shards(world: &World, gid: Gid) -> Option<&ShardKv> {
    state(world, gid)?.shards()
}

fn controller(world: &World) -> Option<&Controller> {
    Some(state(world, Gid(0))?.controller()?.machine())
}

fn assignment(world: &World) -> Assignment {
    let Some(controller) = controller(world) else { return Assignment::default() };
    let latest = controller.latest();
    let before = latest.number.0.checked_sub(1).map(|number| Some(ConfigNumber(number)));
    Assignment {
        number: latest.number,
        owners: latest.shards.to_vec(),
        members: latest.gids().collect(),
        changes: before.map_or_else(Vec::new, |number| changes(controller.config(number), latest)),
    }
}

/// The shards that have another owner in the later of two configurations.
fn changes(before: &Config, after: &Config) -> Vec<Transfer> {
    let owners = before.shards.iter().zip(after.shards.iter()).zip(after.holders.iter());
    let transfer = |(shard, ((from, to), holder)): (ShardId, ((&Gid, &Gid), &Gid))| Transfer {
        shard,
        from: *from,
        to: *to,
        holder: *holder,
    };
    let all = (0..).map(ShardId).zip(owners).map(transfer);
    all.filter(|transfer| transfer.from != transfer.to).collect()
}

fn team(world: &World, gid: Gid) -> Team {
    let replicas = || {
        let running = world.members(gid).filter_map(|node| Some((node.id(), node.server()?)));
        running.map(|(id, server)| (id, server.replica()))
    };
    let leads = replicas().filter(|(_, replica)| matches!(replica.role(), Role::Leader(_)));
    let term = |node: &Node| {
        let durable = node.durable().map(|durable| durable.hard.term);
        node.server().map(|server| server.replica().hard_state().term).or(durable)
    };
    Team {
        gid,
        leader: leads.max_by_key(|(_, replica)| replica.hard_state().term).map(|(id, _)| id),
        term: world.members(gid).filter_map(term).max().unwrap_or_default(),
        servers: world.members(gid).map(|node| Arc::new(server(world, node))).collect(),
    }
}

/// Whether some configuration has the group.
fn was_in(world: &World, gid: Gid) -> bool {
    controller(world)
        .is_some_and(|all| all.configs().any(|config| config.groups.contains_key(&gid)))
}

/// Whether no client reaches a server of the group and hears from it.
fn is_cut_off(world: &World, gid: Gid) -> bool {
    let clients = || world.nodes().iter().filter(|node| node.client().is_some()).map(Node::id);
    let reaches = |server, client| !world.is_cut(client, server) && !world.is_cut(server, client);
    let reached = |node: &Node| clients().any(|client| reaches(node.id(), client));
    world.cuts().next().is_some() && !world.members(gid).any(reached)
}

fn group(world: &World, gid: Gid, joined: bool) -> Group {
    let state = shards(world, gid);
    Group {
        team: team(world, gid),
        joined,
        left: !joined && was_in(world, gid),
        cut: is_cut_off(world, gid),
        number: state.map(|state| state.config().number),
        shards: state.map_or_else(Vec::new, |state| held(state, world.has_majority(gid))),
        bytes: state.map_or(0, Machine::bytes),
    }
}

fn held(state: &ShardKv, majority: bool) -> Vec<Held> {
    let held = |(shard, holding): (ShardId, &Holding)| {
        let data = holding.data()?;
        Some(Held {
            shard,
            status: holding.status(),
            served: majority && state.serves(shard),
            other: match holding {
                Holding::Frozen { to, .. } => Some(*to),
                Holding::Awaiting { from, .. } => Some(*from),
                _ => None,
            },
            keys: data.machine().len() as u32,
            bytes: data.bytes(),
        })
    };
    state.holdings().filter_map(held).collect()
}

/// What a group has to hand over.
fn parcels(world: &World, from: Gid) -> Vec<Parcel> {
    let Some(state) = shards(world, from) else { return Vec::new() };
    let parcel = |(shard, holding): (ShardId, &Holding)| {
        let Holding::Frozen { to, config, data } = holding else { return None };
        let keys = data.machine().len() as u32;
        let receiver = shards(world, *to);
        let number = receiver.map_or(ConfigNumber(0), |shards| shards.config().number);
        let there = receiver.and_then(|shards| shards.holding(shard));
        let (passage, arrived) = match there {
            _ if number < *config => (Passage::Unexpected, 0),
            Some(Holding::Awaiting { data, .. }) if number == *config => {
                (Passage::Expected, data.machine().len() as u32)
            }
            // It has all of it, or had and has gone on.
            _ => (Passage::Delivered, keys),
        };
        let leg = leg(world, (*to, *config, shard));
        Some(Parcel { shard, from, to: *to, number: *config, keys, arrived, passage, leg })
    };
    state.holdings().filter_map(parcel).collect()
}

/// The piece of a shard that is furthest on its way to a group: in a log, or in the air.
fn leg(world: &World, (to, config, shard): (Gid, ConfigNumber, ShardId)) -> Option<Leg> {
    let piece = |command: &service::Command, stage| match command {
        service::Command::Shards(Command::Install(install))
            if install.shard == shard && install.config == config =>
        {
            Some(Leg { index: install.index, of: install.of, stage })
        }
        _ => None,
    };
    let servers = world.members(to).filter_map(Node::server);
    let waiting = servers.flat_map(|server| {
        let entries = server.replica().log().from(server.applied().next());
        entries.filter_map(|(_, entry)| match &entry.payload {
            Payload::Command(command) => piece(command, LegStage::Logged),
            Payload::Noop => None,
        })
    });
    let flying = world.packets().filter_map(|packet| match &packet.wire {
        Wire::Request(request) => {
            let Label { sent, arrives, end, .. } = packet.label;
            let stage = match end {
                End::Arrives => LegStage::Flies { sent, arrives },
                End::Held => LegStage::Held,
                // It is sent again.
                End::Lost | End::Cut => return None,
            };
            piece(&request.command, stage)
        }
        _ => None,
    });
    waiting.chain(flying).max_by_key(|leg| (leg.index, leg.stage.rank()))
}

#[cfg(test)]
mod tests;
