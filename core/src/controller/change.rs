//! What a command makes of the latest configuration, or why it makes nothing.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::balance::balance_by;
use super::{Command, Config, Controller, Refusal, rules};
use super::{MAX_CONFIGS, MAX_GROUPS, MAX_KNOWN, MAX_SERVERS};
use crate::id::{Gid, NodeId, ShardId};
use crate::sorted::Sorted;

/// Groups with their servers.
pub(super) type Groups = Sorted<Gid, Arc<[NodeId]>>;

impl Controller {
    /// The configuration to which a command leads: the latest one, for a query.
    ///
    /// # Errors
    ///
    /// Why the command changes nothing.
    pub(super) fn next(&self, command: &Command) -> Result<Config, Refusal> {
        if matches!(command, Command::Query(_)) {
            return Ok(self.latest().clone());
        }
        if self.latest().number.0 + 1 >= MAX_CONFIGS {
            return Err(Refusal::Full);
        }
        match command {
            Command::Join(groups) => self.joined(groups),
            Command::Leave(gids) => self.left(gids),
            Command::Move { shard, to } => self.moved(*shard, *to),
            Command::Query(_) => Ok(self.latest().clone()),
        }
    }

    fn joined(&self, joining: &[(Gid, Vec<NodeId>)]) -> Result<Config, Refusal> {
        named(joining.iter().map(|(gid, _)| *gid))?;
        let mut groups = Groups::clone(&self.latest().groups);
        let mut known = Groups::clone(&self.known);
        for (gid, servers) in joining {
            if groups.contains_key(gid) {
                return Err(Refusal::Present(*gid));
            }
            let servers = roster(*gid, servers)?;
            welcome(&mut known, *gid, &servers)?;
            groups.insert(*gid, servers);
        }
        if groups.len() > MAX_GROUPS {
            return Err(Refusal::TooManyGroups);
        }
        Ok(self.balanced(groups))
    }

    fn left(&self, leaving: &[Gid]) -> Result<Config, Refusal> {
        named(leaving.iter().copied())?;
        let mut groups = Groups::clone(&self.latest().groups);
        for gid in leaving {
            groups.remove(gid).ok_or(Refusal::Absent(*gid))?;
        }
        Ok(self.balanced(groups))
    }

    fn moved(&self, shard: ShardId, to: Gid) -> Result<Config, Refusal> {
        let latest = self.latest();
        let mut shards = latest.shards.to_vec();
        let count = shards.len() as u16;
        let Some(owner) = shards.get_mut(usize::from(shard.0)) else {
            return Err(Refusal::NoShard { shard, shards: count });
        };
        named([to].into_iter())?;
        if !latest.groups.contains_key(&to) {
            return Err(Refusal::Absent(to));
        }
        if *owner == to {
            return Err(Refusal::Owner { shard, gid: to });
        }
        *owner = to;
        Ok(latest.followed_by(latest.groups.clone(), shards.into()))
    }

    /// The next configuration, with these groups and a balanced assignment.
    fn balanced(&self, groups: Groups) -> Config {
        let (latest, rules) = (self.latest(), rules::of(self.seat.mutant));
        let gids: Vec<Gid> = groups.iter().map(|(gid, _)| *gid).collect();
        let owners = balance_by(rules, self.seat.server, &latest.shards, &latest.holders, &gids);
        latest.followed_by(Arc::new(groups), owners.into())
    }
}

/// Whether a list of groups names some, each once, and never gid 0.
fn named(gids: impl Iterator<Item = Gid> + Clone) -> Result<(), Refusal> {
    let mut seen = Sorted::default();
    for gid in gids {
        if gid.0 == 0 {
            return Err(Refusal::NoGroup);
        }
        if seen.insert(gid, ()).is_some() {
            return Err(Refusal::Twice(gid));
        }
    }
    if seen.is_empty() { Err(Refusal::Nobody) } else { Ok(()) }
}

/// The servers of a group in increasing order: in which one they were named says nothing.
fn roster(gid: Gid, servers: &[NodeId]) -> Result<Arc<[NodeId]>, Refusal> {
    if servers.is_empty() {
        return Err(Refusal::NoServer(gid));
    }
    if servers.len() > MAX_SERVERS {
        return Err(Refusal::TooManyServers(gid));
    }
    let mut seen = Sorted::default();
    for server in servers {
        if seen.insert(*server, ()).is_some() {
            return Err(Refusal::ServerTwice { gid, server: *server });
        }
    }
    Ok(seen.iter().map(|(server, ())| *server).collect())
}

/// Adds a group to those that were ever there. One that comes back has the servers that it had:
/// what it holds is on their disks. A server serves one group only: its disk holds one log.
fn welcome(known: &mut Groups, gid: Gid, servers: &Arc<[NodeId]>) -> Result<(), Refusal> {
    if let Some(earlier) = known.get(&gid) {
        return if earlier == servers { Ok(()) } else { Err(Refusal::OtherServers(gid)) };
    }
    for (by, theirs) in known.iter() {
        if let Some(server) = servers.iter().find(|server| theirs.contains(server)) {
            return Err(Refusal::ServerTaken { gid, server: *server, by: *by });
        }
    }
    if known.len() >= MAX_KNOWN {
        return Err(Refusal::TooManyKnown);
    }
    known.insert(gid, servers.clone());
    Ok(())
}
