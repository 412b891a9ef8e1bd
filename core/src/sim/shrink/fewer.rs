//! Plans with fewer processes: without a client, or without servers of which each group keeps some.

use alloc::vec::Vec;

use super::Plan;
use crate::controller::Command;
use crate::id::{Gid, NodeId, NodeSet};
use crate::sim::action::Action;
use crate::sim::network::Rule;
use crate::sim::scenario::Scenario;

/// What a plan can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The client of this number, from 0.
    Client(u16),
    /// A whole group of a sharded store.
    Group(Gid),
    /// In each group, the server in this place, from 0.
    Rank(u16),
    /// The controller's server in this place, from 0.
    Controller(u16),
}

/// Who is gone.
#[derive(Clone, Copy)]
struct Gone {
    nodes: NodeSet,
    group: Option<Gid>,
}

/// What can be left out, in the order in which that is tried: the last ones first.
pub(super) fn parts(scenario: &Scenario) -> impl Iterator<Item = Part> + use<> {
    let (groups, controllers) =
        scenario.sharding.map_or((0, 0), |sharding| (sharding.groups, sharding.controllers));
    let clients = (0..scenario.clients).rev().map(Part::Client);
    let groups = (1..=groups).rev().map(|gid| Part::Group(Gid(gid)));
    let ranks = (0..scenario.servers).rev().map(Part::Rank);
    clients.chain(groups).chain(ranks).chain((0..controllers).rev().map(Part::Controller))
}

/// The plan without a part of it: the later ones move up. None: it is not there, or the last one.
pub(super) fn without(plan: &Plan, part: Part) -> Option<Plan> {
    let mut scenario = plan.scenario.clone();
    let gone = gone(&scenario, part)?;
    let less = |count: &mut u16| {
        *count = count.checked_sub(1).filter(|left| *left > 0)?;
        Some(())
    };
    match part {
        Part::Client(_) => scenario.clients = scenario.clients.checked_sub(1)?,
        Part::Rank(_) => less(&mut scenario.servers)?,
        Part::Group(_) => less(&mut scenario.sharding.as_mut()?.groups)?,
        Part::Controller(_) => less(&mut scenario.sharding.as_mut()?.controllers)?,
    }
    let acts = plan.acts.iter().filter_map(|(at, action)| Some((*at, moved(action, gone)?)));
    Some(Plan {
        acts: acts.collect(),
        scenario,
        until: plan.until,
        chosen: plan.chosen.iter().filter_map(|id| gone.id(id)).collect(),
    })
}

fn gone(scenario: &Scenario, part: Part) -> Option<Gone> {
    let at = |group, rank: u16| scenario.members(group).nth(usize::from(rank));
    let nodes: NodeSet = match part {
        Part::Client(client) if client < scenario.clients => {
            [NodeId(scenario.server_count() + client)].into_iter().collect()
        }
        Part::Group(gid) if gid.0 < scenario.group_count() => scenario.members(gid).collect(),
        Part::Rank(rank) => {
            let first = u16::from(scenario.sharding.is_some());
            (first..scenario.group_count()).filter_map(|gid| at(Gid(gid), rank)).collect()
        }
        Part::Controller(rank) => at(Gid(0), rank).into_iter().collect(),
        _ => NodeSet::EMPTY,
    };
    let group = if let Part::Group(gid) = part { Some(gid) } else { None };
    (nodes != NodeSet::EMPTY).then_some(Gone { nodes, group })
}

impl Gone {
    /// The number that a process has now, if it is still there.
    fn id(self, id: NodeId) -> Option<NodeId> {
        let before = self.nodes.iter().filter(|gone| *gone < id).count() as u16;
        (!self.nodes.contains(id)).then(|| NodeId(id.0 - before))
    }

    /// The number that a group has now, if it is still there.
    fn gid(self, gid: Gid) -> Option<Gid> {
        match self.group {
            Some(gone) if gid == gone => None,
            Some(gone) if gid > gone => Some(Gid(gid.0 - 1)),
            _ => Some(gid),
        }
    }
}

/// What is left of a change of the configuration.
fn order(command: Command, gone: Gone) -> Option<Command> {
    match command {
        Command::Join(groups) => {
            let left = groups.into_iter().filter_map(|(gid, servers)| {
                let servers: Vec<NodeId> =
                    servers.into_iter().filter_map(|id| gone.id(id)).collect();
                (!servers.is_empty()).then_some((gone.gid(gid)?, servers))
            });
            Some(Command::Join(left.collect())).filter(|left| *left != Command::Join(Vec::new()))
        }
        Command::Leave(gids) => {
            let left: Vec<Gid> = gids.into_iter().filter_map(|gid| gone.gid(gid)).collect();
            (!left.is_empty()).then_some(Command::Leave(left))
        }
        Command::Move { shard, to } => Some(Command::Move { shard, to: gone.gid(to)? }),
        Command::Query(_) => Some(command),
    }
}

/// What is left of an action when somebody is gone.
fn moved(action: &Action, gone: Gone) -> Option<Action> {
    let to = |id: NodeId| gone.id(id);
    let set_without = |set: NodeSet| set.iter().filter_map(to).collect::<NodeSet>();
    Some(match action.clone() {
        Action::Crash(id) => Action::Crash(to(id)?),
        Action::Restart(id) => Action::Restart(to(id)?),
        Action::Wipe(id) => Action::Wipe(to(id)?),
        Action::Pause(id) => Action::Pause(to(id)?),
        Action::Resume(id) => Action::Resume(to(id)?),
        Action::Campaign(id) => Action::Campaign(to(id)?),
        Action::Isolate(id) => Action::Isolate(to(id)?),
        Action::Transfer { from, to: heir } => Action::Transfer { from: to(from)?, to: to(heir)? },
        Action::Cut { from, to: end } => Action::Cut { from: to(from)?, to: to(end)? },
        Action::Mend { from, to: end } => Action::Mend { from: to(from)?, to: to(end)? },
        Action::Partition(sides) => Action::Partition(sides.into_iter().map(set_without).collect()),
        Action::Invoke { client, command } => Action::Invoke { client: to(client)?, command },
        Action::Propose { server, command } => Action::Propose { server: to(server)?, command },
        Action::Control { client, command } => {
            Action::Control { client: to(client)?, command: order(command, gone)? }
        }
        Action::SlowDisk { server, times } => Action::SlowDisk { server: to(server)?, times },
        Action::SetClock { node, jump, drift } => Action::SetClock { node: to(node)?, jump, drift },
        Action::AddRule(rule) => {
            let end = |set: Option<NodeSet>| match set.map(set_without) {
                Some(NodeSet::EMPTY) => None,
                set => Some(set),
            };
            Action::AddRule(Rule { from: end(rule.from)?, to: end(rule.to)?, ..rule })
        }
        Action::Heal
        | Action::Packet { .. }
        | Action::ClearRules
        | Action::SetNetwork(_)
        | Action::SetWorkload(_) => action.clone(),
    })
}
