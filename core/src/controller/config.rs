//! Who owns which shard.

use alloc::sync::Arc;

use serde::Serialize;

use crate::id::{ConfigNumber, Gid, NodeId, ShardId};
use crate::sorted::Sorted;

/// Who owns which shard, under a number. It is never changed once it is made, so copies share its
/// parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Config {
    /// Its number, from 0.
    pub number: ConfigNumber,
    /// The groups with their servers, in increasing order.
    pub groups: Arc<Sorted<Gid, Arc<[NodeId]>>>,
    /// The owner of each shard; gid 0 if nobody owns it.
    pub shards: Arc<[Gid]>,
    /// Who held each shard last, just before this configuration, and so has its data: the owner in
    /// the configuration before or, if it had none there, the holder of that one. Gid 0: it was
    /// never owned, and starts empty.
    pub holders: Arc<[Gid]>,
}

impl Config {
    /// Configuration 0: no group, and `shards` shards that were never owned.
    pub(super) fn initial(shards: u16) -> Self {
        let nobody: Arc<[Gid]> = (0..shards).map(|_| Gid(0)).collect();
        let (number, groups) = (ConfigNumber(0), Arc::default());
        Self { number, groups, shards: nobody.clone(), holders: nobody }
    }

    /// The configuration after this one, with other groups or owners.
    pub(super) fn followed_by(
        &self,
        groups: Arc<Sorted<Gid, Arc<[NodeId]>>>,
        shards: Arc<[Gid]>,
    ) -> Self {
        let held = self.shards.iter().zip(self.holders.iter());
        let holders = held.map(|(owner, holder)| if owner.0 == 0 { *holder } else { *owner });
        Self { number: self.number.next(), groups, shards, holders: holders.collect() }
    }

    /// The owner of a shard, or gid 0 for nobody; none if there is no such shard.
    pub fn owner(&self, shard: ShardId) -> Option<Gid> {
        self.shards.get(usize::from(shard.0)).copied()
    }

    /// Who held a shard just before this configuration, or gid 0 for nobody ever; none if there is
    /// no such shard.
    pub fn holder(&self, shard: ShardId) -> Option<Gid> {
        self.holders.get(usize::from(shard.0)).copied()
    }

    /// The servers of a group; none if it is not in this configuration.
    pub fn servers(&self, gid: Gid) -> Option<&[NodeId]> {
        self.groups.get(&gid).map(|servers| &**servers)
    }

    /// The gids of the groups, in increasing order.
    pub fn gids(&self) -> impl Iterator<Item = Gid> {
        self.groups.iter().map(|(gid, _)| *gid)
    }
}
