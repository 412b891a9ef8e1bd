//! Who is meant, at a moment of the run.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::tree::{Group, Pattern, Who};
use crate::id::{Gid, NodeId};
use crate::raft::Role;
use crate::sim::network::Rule;
use crate::sim::packet::Packet;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// The names that servers have, and which followers were picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    given: Vec<(String, NodeId)>,
    picked: Vec<NodeId>,
}

/// Whoever leads a group; of two, the one in the later term.
fn leader(world: &World, group: Gid) -> Option<NodeId> {
    let leads = world.members(group).filter_map(|node| {
        let replica = node.server()?.replica();
        matches!(replica.role(), Role::Leader(_)).then(|| (replica.hard_state().term, node.id()))
    });
    leads.max_by_key(|(term, _)| *term).map(|(_, id)| id)
}

/// The only group there is, if none is named.
fn of(group: Option<Gid>) -> Gid {
    group.unwrap_or_default()
}

fn followers(world: &World, group: Option<Gid>) -> impl Iterator<Item = NodeId> {
    let follows = |role: &Role| matches!(role, Role::Follower { .. });
    let up = world
        .members(of(group))
        .filter(move |node| node.server().is_some_and(|server| follows(server.replica().role())));
    up.map(|node| node.id())
}

/// How a script calls a group: `G2`, or `CTL`.
pub(super) fn group_name(group: Gid) -> String {
    if group == Gid(0) { "CTL".into() } else { format!("G{group}") }
}

/// Each of a list, and all servers of a group that is in it.
fn several(
    world: &World,
    list: &[Who],
    mut one: impl FnMut(&Who) -> Result<NodeId, String>,
) -> Result<Vec<NodeId>, String> {
    let mut ids = Vec::new();
    for who in list {
        match who {
            Who::All(group) => ids.extend(world.scenario().members(*group)),
            _ => ids.push(one(who)?),
        }
    }
    Ok(ids)
}

impl Who {
    /// A process by its number and by nothing else.
    pub fn of(scenario: &Scenario, id: NodeId) -> Self {
        let number = scenario.rank(id) as u16 + 1;
        match scenario.group_of(id) {
            Some(_) if scenario.sharding.is_none() => Self::Server(id),
            Some(group) => Self::Member(group, number),
            None if Some(id) == scenario.operator() => Self::Operator,
            None => Self::Client(id.0 - scenario.server_count() + 1),
        }
    }
}

impl Names {
    pub(super) fn give(&mut self, name: &str, id: NodeId) {
        self.given.retain(|(known, _)| known != name);
        self.given.push((name.into(), id));
    }

    /// Who is meant; a follower that is picked stays picked.
    ///
    /// # Errors
    /// One sentence that says why nobody is.
    pub(super) fn pick(&mut self, world: &World, who: &Who) -> Result<NodeId, String> {
        let picked = match who {
            Who::Follower(group) => {
                let scenario = world.scenario();
                self.picked.retain(|id| scenario.group_of(*id) != Some(of(*group)));
                followers(world, *group).next()
            }
            Who::AnotherFollower(group) => {
                followers(world, *group).find(|follower| !self.picked.contains(follower))
            }
            _ => return self.find(world, who),
        };
        let Some(id) = picked else { return Err(format!("{who} is meant, and there is none")) };
        self.picked.push(id);
        Ok(id)
    }

    /// Who is meant.
    ///
    /// # Errors
    /// One sentence that says why nobody is.
    pub(super) fn find(&self, world: &World, who: &Who) -> Result<NodeId, String> {
        let scenario = world.scenario();
        let found = match who {
            Who::Server(id) => Some(*id),
            Who::Member(group, number) => {
                scenario.members(*group).nth(usize::from(*number).saturating_sub(1))
            }
            Who::All(_) => None,
            Who::Client(number) => Some(NodeId(scenario.server_count() + number - 1)),
            Who::Operator => scenario.operator(),
            Who::Leader(group) => leader(world, of(*group)),
            Who::Follower(group) | Who::AnotherFollower(group) => followers(world, *group).next(),
            Who::Named(name) => {
                self.given.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
            }
        };
        found.ok_or_else(|| match who {
            Who::Leader(None) => "no server leads".into(),
            Who::Leader(Some(group)) => format!("no server of {} leads", group_name(*group)),
            _ => format!("{who} is nobody yet"),
        })
    }

    /// All who are meant, in order.
    pub(super) fn all(&self, world: &World, group: &Group) -> Result<Vec<NodeId>, String> {
        match group {
            Group::Each(list) => several(world, list, |who| self.find(world, who)),
            Group::Servers | Group::Rest => Ok(world.scenario().server_ids().collect()),
            Group::Nobody => Ok(Vec::new()),
            Group::Clients => {
                let (scenario, operator) = (world.scenario(), world.scenario().operator());
                Ok(scenario.client_ids().filter(|id| Some(*id) != operator).collect())
            }
            Group::Followers(group) => Ok(followers(world, *group).collect()),
        }
    }

    /// All who are meant, of whom some may be picked.
    pub(super) fn pick_all(&mut self, world: &World, group: &Group) -> Result<Vec<NodeId>, String> {
        match group {
            Group::Each(list) => several(world, list, |who| self.pick(world, who)),
            _ => self.all(world, group),
        }
    }

    /// A pattern as a rule has it; its verdict is the caller's.
    pub(super) fn ends(
        &self,
        world: &World,
        pattern: &Pattern,
        rule: Rule,
    ) -> Result<Rule, String> {
        let set = |group: &Option<Group>| {
            let ids = group.as_ref().map(|group| self.all(world, group)).transpose()?;
            Ok::<_, String>(ids.map(|ids| ids.into_iter().collect()))
        };
        let (from, to) = (set(&pattern.from)?, set(&pattern.to)?);
        Ok(Rule { from, to, shape: pattern.kind.shape, ..rule })
    }

    /// The messages on their way that a pattern means, the oldest first.
    pub(super) fn messages<'a>(
        &self,
        world: &'a World,
        pattern: &Pattern,
    ) -> Result<Vec<&'a Packet>, String> {
        let ids =
            |group: &Option<Group>| group.as_ref().map(|group| self.all(world, group)).transpose();
        let (from, to) = (ids(&pattern.from)?, ids(&pattern.to)?);
        let is = |packet: &&Packet| {
            let label = &packet.label;
            pattern.kind.is(label)
                && (!pattern.held || packet.place.is_none())
                && from.as_ref().is_none_or(|ids| ids.contains(&label.from))
                && to.as_ref().is_none_or(|ids| ids.contains(&label.to))
        };
        let mut found: Vec<&Packet> = Vec::new();
        for packet in world.packets().filter(is) {
            let older = |other: &&Packet| other.label.id < packet.label.id;
            found.insert(found.partition_point(older), packet);
        }
        Ok(found)
    }
}
