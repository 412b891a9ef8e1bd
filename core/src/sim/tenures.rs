//! Which group served which shard, and when.

use alloc::sync::Arc;

use super::node::Node;
use super::report::{Report, Shown};
use super::world::World;
use crate::chunks::Chunks;
use crate::id::{Gid, ShardId, Slot};
use crate::shardkv::ShardSet;
use crate::time::Instant;

/// The tenures of a run, in its order.
pub type Tenures = Chunks<Tenure, 64>;

/// What the groups serve from a moment on, until the next tenure begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// From when, in global time.
    pub at: Instant,
    /// The step that it began with.
    pub step: u64,
    /// By group, from 1: up to which slot it is known what the group serves, and that.
    groups: Arc<[(Slot, ShardSet)]>,
}

impl Tenure {
    /// What each group serves, by number.
    pub fn served(&self) -> impl Iterator<Item = (Gid, ShardSet)> {
        (1..).map(Gid).zip(self.groups.iter().map(|(_, served)| *served))
    }
}

/// Remembers a step, if a server was the first of its group to apply what changed the group's
/// shards. Who lags behind says nothing new.
pub(super) fn record(tenures: &mut Tenures, world: &World, report: &Report) {
    let Some(sharding) = world.scenario().sharding else { return };
    let news = |shown: &Shown| matches!(shown, Shown::Applied { .. } | Shown::Restored(_));
    if !report.shown.iter().any(news) {
        return;
    }
    let Some(server) = world.node(report.node).and_then(Node::server) else { return };
    let Some(shards) = server.machine().shards() else { return };
    let index = usize::from(shards.gid().0).saturating_sub(1);
    let nothing = || (0..sharding.groups).map(|_| (Slot(0), ShardSet::default())).collect();
    let known = tenures.last().map_or_else(nothing, |last| last.groups.clone());
    let Some(&(through, before)) = known.get(index) else { return };
    let mut served = ShardSet::default();
    for shard in (0..sharding.shards).map(ShardId) {
        served.set(shard, shards.serves(shard));
    }
    if server.applied() > through && served != before {
        let mut groups = known;
        for group in Arc::make_mut(&mut groups).iter_mut().skip(index).take(1) {
            *group = (server.applied(), served);
        }
        tenures.push(Tenure { at: report.at, step: report.step, groups });
    }
}
