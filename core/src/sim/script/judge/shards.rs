//! Whether something is so of groups and shards.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Held, Scene, leads, replica};
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::shardkv::{Holding, ShardKv, Status};
use crate::sim::node::Node;
use crate::sim::script::resolve::group_name;
use crate::sim::script::tree::{Group, ShardClaim, Who};
use crate::sim::store::Server;

/// All servers of a group.
pub(super) fn all_of(group: Gid) -> Group {
    Group::Each([Who::All(group)].into())
}

/// The configuration that a server has come to; of the controller's servers, the latest.
pub(super) fn configuration(node: &Node) -> Option<ConfigNumber> {
    let machine = node.server()?.machine();
    let shards = machine.shards().map(|shards| shards.config().number);
    shards.or_else(|| machine.controller().map(|own| own.machine().latest().number))
}

/// Whether a server has come to a configuration, and has all that it gives its group.
fn applied(node: &Node, config: ConfigNumber) -> bool {
    let Some(reached) = configuration(node) else { return false };
    let shards = node.server().and_then(|server| server.machine().shards());
    reached > config || (reached == config && !shards.is_some_and(ShardKv::is_unfinished))
}

impl<'a> Scene<'a> {
    /// What a group has of a shard, as far as the group has come.
    fn holding(&self, group: Gid, shard: ShardId) -> Option<&'a Holding> {
        self.world.furthest(group)?.machine().shards()?.holding(shard)
    }

    /// The groups that hold shards.
    fn holders(&self) -> impl Iterator<Item = Gid> + use<> {
        self.world.scenario().groups().filter(|group| *group != Gid(0))
    }

    pub(super) fn judge_shards(&self, claim: &ShardClaim) -> Held {
        match claim {
            ShardClaim::Has { group, status, shard } => Ok(self.has(*group, *status, *shard)),
            ShardClaim::Moving { shard, from, to } => Ok(self.moves(*shard, [*from, *to])),
            ShardClaim::Applied { config, at } => self.applied(*config, at.as_ref()),
        }
    }

    /// What is so instead, in words.
    pub(super) fn shards_instead(&self, claim: &ShardClaim) -> String {
        match claim {
            ShardClaim::Has { group: Some(group), shard, .. } => self.of_shard(*group, *shard),
            ShardClaim::Has { shard, .. } | ShardClaim::Moving { shard, .. } => {
                self.whereabouts(*shard)
            }
            ShardClaim::Applied { at, .. } => self.progress(at.as_ref()),
        }
    }

    /// Whether a server of a group leads.
    pub(super) fn is_led(&self, group: Gid) -> bool {
        self.world.members(group).filter_map(replica).any(leads)
    }

    pub(super) fn every_group_is_led(&self) -> bool {
        self.world.scenario().groups().all(|group| self.is_led(group))
    }

    /// The number of the controller's latest configuration.
    pub(super) fn latest_configuration(&self) -> u64 {
        let controllers = self.world.members(Gid(0));
        controllers.filter_map(configuration).max().unwrap_or_default().0
    }

    /// How many shards a group serves.
    pub(super) fn served(&self, group: Gid) -> u64 {
        let shards = self.world.furthest(group).and_then(|server| server.machine().shards());
        let holdings = shards.into_iter().flat_map(ShardKv::holdings);
        holdings.filter(|(_, holding)| holding.status() == Status::Serving).count() as u64
    }

    /// Whether a group, or any, has this of a shard. It has nothing only if none of its servers has
    /// anything.
    fn has(&self, group: Option<Gid>, status: Status, shard: ShardId) -> bool {
        let is = |holding: Option<&Holding>| holding.map(Holding::status) == Some(status);
        match group {
            None => !self.holders().any(|group| is(self.holding(group, shard))),
            Some(group) if status == Status::Absent => {
                let running = || self.world.members(group).filter_map(Node::server);
                let held = |server: &Server| {
                    is(server.machine().shards().and_then(|shards| shards.holding(shard)))
                };
                running().next().is_some() && running().all(held)
            }
            Some(group) => is(self.holding(group, shard)),
        }
    }

    /// Whether a shard is frozen in one group for another, which awaits it.
    fn moves(&self, shard: ShardId, [source, target]: [Gid; 2]) -> bool {
        let frozen = match self.holding(source, shard) {
            Some(Holding::Frozen { to, .. }) => *to == target,
            _ => false,
        };
        let awaited = match self.holding(target, shard) {
            Some(Holding::Awaiting { from, .. }) => *from == source,
            _ => false,
        };
        frozen && awaited
    }

    fn applied(&self, config: ConfigNumber, at: Option<&Group>) -> Held {
        if let Some(group) = at {
            return self.each_server(group, |node| Ok(applied(node, config)));
        }
        let everybody = |group| self.world.members(group).all(|node| applied(node, config));
        Ok(self.holders().all(everybody))
    }

    /// What a group has of a shard, in words.
    fn of_shard(&self, group: Gid, shard: ShardId) -> String {
        let name = group_name(group);
        match self.holding(group, shard) {
            None => format!("no server of {name} runs"),
            Some(Holding::Absent) => format!("{name} holds nothing of it"),
            Some(Holding::Serving(_)) => format!("{name} serves it"),
            Some(Holding::Frozen { to, .. }) => {
                format!("{name} has frozen it for {}", group_name(*to))
            }
            Some(Holding::Awaiting { from, .. }) => {
                format!("{name} awaits it from {}", group_name(*from))
            }
            Some(Holding::Parked(_)) => format!("{name} has parked it"),
        }
    }

    /// What each group has of a shard, unless it is nothing.
    fn whereabouts(&self, shard: ShardId) -> String {
        let has = |group: &Gid| !self.has(Some(*group), Status::Absent, shard);
        let phrases = self.holders().filter(has).map(|group| self.of_shard(group, shard));
        let phrases: Vec<String> = phrases.collect();
        if phrases.is_empty() { "no group has anything of it".into() } else { phrases.join(", ") }
    }

    /// How far servers are, in words.
    fn progress(&self, at: Option<&Group>) -> String {
        let phrase = |node: &Node| match configuration(node) {
            None => "is down".to_string(),
            Some(number) => {
                let shards = node.server().and_then(|server| server.machine().shards());
                let busy = shards.is_some_and(ShardKv::is_unfinished);
                let rest = if busy { ", and has not finished with it" } else { "" };
                format!("has come to configuration {number}{rest}")
            }
        };
        let everybody = || Group::Each(self.holders().map(Who::All).collect());
        self.of_servers(&at.cloned().unwrap_or_else(everybody), phrase)
    }
}
