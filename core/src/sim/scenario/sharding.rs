//! Many groups instead of one: the shard controller's, and those that hold the shards. Which
//! process belongs where.

use alloc::format;
use alloc::string::String;
use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Scenario, limited};
use crate::id::{Gid, MutantId, NodeId, NodeSet};
use crate::shardkv::Routing;
use crate::time::Duration;

/// The settings of a sharded store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharding {
    /// Servers of the controller's group, 1 to [`Scenario::MAX_SERVERS`].
    pub controllers: u16,
    /// Replica groups, 1 to [`Sharding::MAX_GROUPS`], each of `Scenario::servers` servers: as many
    /// as there is room for among [`NodeSet::LIMIT`] processes. None has joined at first.
    pub groups: u16,
    /// Shards, 1 to [`Sharding::MAX_SHARDS`].
    pub shards: u16,
    /// How a key leads to a shard.
    pub routing: Routing,
    /// How often a group's leader asks for the next configuration.
    pub poll: Duration,
    /// A group serves nothing while one of its shards is on its way: for comparison.
    pub pause_all: bool,
    /// What the controller decides wrongly, besides what the whole run does: a sound one never lets
    /// two groups exchange shards.
    pub controller_mutant: MutantId,
}

impl Sharding {
    /// The most groups.
    pub const MAX_GROUPS: u16 = 31;
    /// The most shards.
    pub const MAX_SHARDS: u16 = 64;

    /// The same, with no more of anything than there can be beside so many `clients`.
    pub(super) fn bounded(self, servers: u16, clients: u16) -> Self {
        let controllers = self.controllers.clamp(1, Scenario::MAX_SERVERS);
        let room = NodeSet::LIMIT.saturating_sub(controllers + clients + 1) / servers.max(1);
        Self {
            controllers,
            groups: self.groups.min(room).clamp(1, Self::MAX_GROUPS),
            shards: self.shards.clamp(1, Self::MAX_SHARDS),
            ..self
        }
    }
}

impl Default for Sharding {
    fn default() -> Self {
        Self {
            controllers: 3,
            groups: 3,
            shards: 10,
            routing: Routing::Fnv,
            poll: Duration::from_millis(100),
            pause_all: false,
            controller_mutant: MutantId::Paper,
        }
    }
}

/// Where a server belongs: the only group there is or the controller's, which is number 0, or a
/// replica group of a sharded store under its own number.
impl Scenario {
    /// How many groups there are, the controller's among them.
    pub fn group_count(&self) -> u16 {
        self.sharding.map_or(1, |sharding| sharding.groups + 1)
    }

    /// What the servers of a group decide wrongly.
    pub(in crate::sim) fn mutant_of(&self, group: Gid) -> MutantId {
        let controller = self.sharding.filter(|_| group == Gid(0));
        let own = controller.map(|sharding| sharding.controller_mutant);
        own.filter(|mutant| *mutant != MutantId::Paper).unwrap_or(self.mutant)
    }

    /// The groups' numbers.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = Gid> + Clone + use<> {
        (0..self.group_count()).map(Gid)
    }

    /// The numbers of a group's servers.
    const fn span(&self, group: Gid) -> Range<u16> {
        let (first, size) = match (self.sharding, group.0) {
            (None, _) => (0, self.servers),
            (Some(sharding), 0) => (0, sharding.controllers),
            (Some(sharding), gid) => {
                (sharding.controllers + (gid - 1) * self.servers, self.servers)
            }
        };
        first..first + size
    }

    /// A group's servers.
    pub fn members(
        &self,
        group: Gid,
    ) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + Clone + use<> {
        self.span(group).map(NodeId)
    }

    /// The group of a server; none: it is a client.
    pub fn group_of(&self, node: NodeId) -> Option<Gid> {
        let sharding = match self.sharding {
            _ if node.0 >= self.server_count() => return None,
            None => return Some(Gid(0)),
            Some(sharding) => sharding,
        };
        let beyond = node.0.checked_sub(sharding.controllers);
        Some(Gid(beyond.map_or(0, |beyond| beyond / self.servers.max(1) + 1)))
    }

    /// A server's place in its group, from 0.
    pub fn rank(&self, node: NodeId) -> usize {
        let first = self.group_of(node).map_or(0, |group| self.span(group).start);
        usize::from(node.0.saturating_sub(first))
    }

    /// All servers.
    pub const fn server_count(&self) -> u16 {
        match self.sharding {
            None => self.servers,
            Some(sharding) => sharding.controllers + sharding.groups * self.servers,
        }
    }

    /// All servers and clients.
    fn process_count(&self) -> u64 {
        let groups = self.sharding.map_or(1, |sharding| u64::from(sharding.groups));
        let controllers = self.sharding.map_or(0, |sharding| u64::from(sharding.controllers));
        let operator = u64::from(self.sharding.is_some());
        controllers + groups * u64::from(self.servers) + u64::from(self.clients) + operator
    }

    /// The servers' numbers.
    pub fn server_ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + Clone + use<> {
        (0..self.server_count()).map(NodeId)
    }

    /// The clients' numbers. In a sharded store the last one is the operator, who does nothing
    /// unless told to.
    pub fn client_ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + Clone + use<> {
        let first = self.server_count();
        (first..first.saturating_add(self.client_count())).map(NodeId)
    }

    /// All clients, the operator among them.
    pub const fn client_count(&self) -> u16 {
        self.clients.saturating_add(self.sharding.is_some() as u16)
    }

    /// Who changes configurations; none: there is nothing to be changed.
    pub fn operator(&self) -> Option<NodeId> {
        self.sharding.map(|_| NodeId(self.server_count() + self.clients))
    }

    /// The number of servers that a majority of a group has.
    pub fn quorum_of(&self, group: Gid) -> u32 {
        self.members(group).len() as u32 / 2 + 1
    }

    /// A process's name: `S1`, `CTL.S1`, `G2.S1`, `Client 1` or `Operator`.
    pub fn name(&self, node: NodeId) -> String {
        let number = self.rank(node) + 1;
        match (self.group_of(node), self.sharding) {
            (Some(_), None) => format!("S{number}"),
            (Some(Gid(0)), Some(_)) => format!("CTL.S{number}"),
            (Some(gid), Some(_)) => format!("G{gid}.S{number}"),
            (None, _) if Some(node) == self.operator() => "Operator".into(),
            (None, _) => {
                format!("Client {}", u32::from(node.0) + 1 - u32::from(self.server_count()))
            }
        }
    }

    pub(super) fn sharding_complaints(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        let Some(sharding) = self.sharding else { return };
        let Sharding { controllers, groups, shards, poll, .. } = sharding;
        let most = Self::MAX_SERVERS;
        demand(
            (1..=most).contains(&controllers),
            "controllers",
            format!("The controller has 1 to {most} servers, not {controllers}: 3 are usual."),
        );
        let most = Sharding::MAX_GROUPS;
        demand(
            (1..=most).contains(&groups),
            "groups",
            format!("There can be 1 to {most} groups, not {groups}: 3 are usual."),
        );
        let (most, all) = (NodeSet::LIMIT, self.process_count());
        demand(
            all <= u64::from(most),
            "groups",
            format!("There can be {most} processes, not {all}: choose fewer or smaller groups."),
        );
        let most = Sharding::MAX_SHARDS;
        demand(
            (1..=most).contains(&shards),
            "shards",
            format!("There can be 1 to {most} shards, not {shards}: 10 are usual."),
        );
        demand(
            poll > Duration::ZERO,
            "poll interval",
            "A poll interval of 0 would ask without end: 100 ms is usual.".into(),
        );
        limited(demand, "poll interval", poll);
    }
}
