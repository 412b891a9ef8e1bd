//! How deeds become actions.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::resolve::Names;
use super::tree::{Assignment, Deed, Group, Order, RuleEnd, Verb, Which};
use crate::controller;
use crate::id::{Gid, NodeId, NodeSet};
use crate::sim::action::Action;
use crate::sim::network::{Network, Rule};
use crate::sim::scenario::Scenario;
use crate::sim::script::settings::Part;
use crate::sim::workload::Workload;
use crate::sim::world::World;
use crate::time::Instant;

/// The actions that a deed consists of; more of them than one are done in order.
///
/// # Errors
/// One sentence that says why it cannot be done.
pub(super) fn actions(
    deed: &Deed,
    world: &World,
    now: Instant,
    names: &mut Names,
) -> Result<Vec<Action>, String> {
    Ok(match deed {
        Deed::Each(verb, group) => {
            let ids = names.pick_all(world, group)?;
            ids.into_iter().map(|id| done_to(*verb, id)).collect()
        }
        Deed::Elect(who) => Vec::from([Action::Campaign(names.pick(world, who)?)]),
        Deed::Transfer { from, to } => {
            let (from, to) = (names.pick(world, from)?, names.pick(world, to)?);
            Vec::from([Action::Transfer { from, to }])
        }
        Deed::Propose { server, command } => {
            let (server, command) = (names.pick(world, server)?, command.clone());
            Vec::from([Action::Propose { server, command }])
        }
        Deed::Invoke { client, command } => {
            let (client, command) = (names.find(world, client)?, command.clone());
            Vec::from([Action::Invoke { client, command }])
        }
        Deed::Control { client, order } => {
            let (client, command) = (names.find(world, client)?, asked(world, order));
            Vec::from([Action::Control { client, command }])
        }
        Deed::Links { cut, both, from, to } => {
            links(world, *cut, *both, &names.all(world, from)?, &names.all(world, to)?)
        }
        Deed::Partition(sides) => Vec::from([Action::Partition(partition(world, sides, names)?)]),
        Deed::Heal => Vec::from([Action::Heal]),
        Deed::ClearRules => Vec::from([Action::ClearRules]),
        Deed::Meddle { fault, which } => {
            let fault = *fault;
            let ids = meant(world, which, names)?;
            ids.into_iter().map(|id| Action::Packet { id, fault }).collect()
        }
        Deed::Rule { verdict, pattern, chance, end } => {
            let until = match end {
                RuleEnd::Never => None,
                RuleEnd::After(time) => Some(now + *time),
                RuleEnd::At(at) => Some(*at),
            };
            let (verdict, chance) = (*verdict, *chance);
            let rule = Rule { from: None, to: None, shape: None, verdict, chance, until };
            Vec::from([Action::AddRule(names.ends(world, pattern, rule)?)])
        }
        Deed::Set(list) => set(world, list),
        Deed::SlowDisk { group, times } => {
            let slow = |server| Action::SlowDisk { server, times: *times };
            names.all(world, group)?.into_iter().map(slow).collect()
        }
        Deed::Clock { group, jump, drift } => {
            let jump = jump.unwrap_or_default();
            let before = |id| world.node(id).map_or(0, |node| node.clock().drift());
            let rate = |id| drift.unwrap_or_else(|| before(id));
            let set = |node| Action::SetClock { node, jump, drift: rate(node) };
            names.all(world, group)?.into_iter().map(set).collect()
        }
    })
}

/// What the controller is asked, in its own terms.
fn asked(world: &World, order: &Order) -> controller::Command {
    let with_servers = |gid: &Gid| (*gid, world.scenario().members(*gid).collect());
    match order {
        Order::Join(groups) => controller::Command::Join(groups.iter().map(with_servers).collect()),
        Order::Leave(groups) => controller::Command::Leave(groups.clone()),
        Order::Move { shard, to } => controller::Command::Move { shard: *shard, to: *to },
        Order::Query(number) => controller::Command::Query(*number),
    }
}

const fn done_to(verb: Verb, id: NodeId) -> Action {
    match verb {
        Verb::Crash => Action::Crash(id),
        Verb::Restart => Action::Restart(id),
        Verb::Wipe => Action::Wipe(id),
        Verb::Pause => Action::Pause(id),
        Verb::Resume => Action::Resume(id),
        Verb::Isolate => Action::Isolate(id),
    }
}

/// Every link that changes; if none does, the first one, so that the refusal says why.
fn links(world: &World, cut: bool, both: bool, from: &[NodeId], to: &[NodeId]) -> Vec<Action> {
    let link = |from, to| if cut { Action::Cut { from, to } } else { Action::Mend { from, to } };
    let mut all = Vec::new();
    for one in from {
        for other in to.iter().filter(|other| *other != one) {
            let back = both.then_some((*other, *one));
            for link in [Some((*one, *other)), back].into_iter().flatten() {
                if let Err(place) = all.binary_search(&link) {
                    all.insert(place, link);
                }
            }
        }
    }
    let first = all.first().map(|(from, to)| link(*from, *to));
    all.retain(|(from, to)| world.is_cut(*from, *to) != cut);
    let actions: Vec<Action> = all.into_iter().map(|(from, to)| link(from, to)).collect();
    if actions.is_empty() { first.into_iter().collect() } else { actions }
}

fn partition(world: &World, sides: &[Group], names: &Names) -> Result<Vec<NodeSet>, String> {
    let mut sets = Vec::new();
    let mut named = NodeSet::EMPTY;
    for side in sides {
        let mut set = NodeSet::EMPTY;
        if *side != Group::Rest {
            set = names.all(world, side)?.into_iter().collect();
        }
        if let Some(twice) = named.and(set).iter().next() {
            return Err(format!("{} is on two sides", world.scenario().name(twice)));
        }
        set.iter().for_each(|id| named.insert(id));
        sets.push(set);
    }
    let rest: NodeSet = world.scenario().server_ids().filter(|id| !named.contains(*id)).collect();
    for (side, set) in sides.iter().zip(&mut sets) {
        if *side == Group::Rest {
            *set = rest;
        }
    }
    Ok(sets)
}

/// The numbers of the messages that are meant.
fn meant(world: &World, which: &Which, names: &Names) -> Result<Vec<u64>, String> {
    let (pattern, most) = match which {
        Which::Number(number) => return Ok(Vec::from([*number])),
        Which::The(pattern) => (pattern, 1),
        Which::Every(pattern) => (pattern, u32::MAX),
    };
    let found = names.messages(world, pattern)?;
    if found.is_empty() {
        return Err(format!("no {pattern} is on its way"));
    }
    Ok(found.iter().take(most as usize).map(|packet| packet.label.id).collect())
}

/// The settings as they are now.
pub(super) fn settings(world: &World) -> Scenario {
    let mut scenario = world.scenario().as_ref().clone();
    scenario.network = world.links.network;
    let client = world.nodes().iter().find_map(|node| node.client());
    scenario.workload = client.map_or(scenario.workload, |client| *client.workload());
    scenario
}

/// At most two actions: the network as it will be, and the workload.
fn set(world: &World, list: &[Assignment]) -> Vec<Action> {
    let mut scenario = settings(world);
    for assignment in list {
        (assignment.setting.set)(&mut scenario, &assignment.value);
    }
    let has = |part| list.iter().any(|assignment| assignment.setting.part == part);
    let (network, workload): (Network, Workload) = (scenario.network, scenario.workload);
    let network = has(Part::Network).then_some(Action::SetNetwork(network));
    let workload = has(Part::Workload).then_some(Action::SetWorkload(workload));
    network.into_iter().chain(workload).collect()
}
