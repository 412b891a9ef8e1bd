//! Who is meant, at a moment of the run.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::tree::{Group, Pattern, Who};
use crate::id::NodeId;
use crate::raft::Role;
use crate::sim::network::Rule;
use crate::sim::packet::Packet;
use crate::sim::world::World;

/// The names that servers have, and which followers were picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    given: Vec<(String, NodeId)>,
    picked: Vec<NodeId>,
}

/// Whoever leads; of two, the one in the later term.
pub(super) fn leader(world: &World) -> Option<NodeId> {
    let leads = world.servers().filter_map(|node| {
        let replica = node.server()?.replica();
        matches!(replica.role(), Role::Leader(_)).then(|| (replica.hard_state().term, node.id()))
    });
    leads.max_by_key(|(term, _)| *term).map(|(_, id)| id)
}

fn followers(world: &World) -> impl Iterator<Item = NodeId> {
    let follows = |role: &Role| matches!(role, Role::Follower { .. });
    let up = world
        .servers()
        .filter(move |node| node.server().is_some_and(|server| follows(server.replica().role())));
    up.map(|node| node.id())
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
            Who::Follower => {
                self.picked.clear();
                followers(world).next()
            }
            Who::AnotherFollower => {
                followers(world).find(|follower| !self.picked.contains(follower))
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
        let found = match who {
            Who::Server(id) => Some(*id),
            Who::Client(number) => Some(NodeId(world.scenario().server_count() + number - 1)),
            Who::Leader => leader(world),
            Who::Follower | Who::AnotherFollower => followers(world).next(),
            Who::Named(name) => {
                self.given.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
            }
        };
        found.ok_or_else(|| match who {
            Who::Leader => "no server leads".into(),
            _ => format!("{who} is nobody yet"),
        })
    }

    /// All who are meant, in order.
    pub(super) fn all(&self, world: &World, group: &Group) -> Result<Vec<NodeId>, String> {
        match group {
            Group::Each(list) => list.iter().map(|who| self.find(world, who)).collect(),
            Group::Servers | Group::Rest => Ok(world.scenario().server_ids().collect()),
            Group::Nobody => Ok(Vec::new()),
            Group::Clients => Ok(world.scenario().client_ids().collect()),
            Group::Followers => Ok(followers(world).collect()),
        }
    }

    /// All who are meant, of whom some may be picked.
    pub(super) fn pick_all(&mut self, world: &World, group: &Group) -> Result<Vec<NodeId>, String> {
        match group {
            Group::Each(list) => list.iter().map(|who| self.pick(world, who)).collect(),
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
        let mut found: Vec<&Packet> = world.packets().filter(is).collect();
        found.sort_by_key(|packet| packet.label.id);
        Ok(found)
    }
}
