//! Which group served which shard, and when.

use alloc::sync::Arc;

use super::node::Node;
use super::report::{ActionKind, Happened, Report, Shown};
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
/// shards, or if a majority of the group's servers runs no longer, or again: without one nobody is
/// served. Who lags behind says nothing new.
pub(super) fn record(tenures: &mut Tenures, world: &World, report: &Report) {
    let Some(sharding) = world.scenario().sharding else { return };
    let is = |news: fn(&Shown) -> bool| report.shown.iter().any(news);
    let does = |kind| report.happened == Happened::Acted(kind);
    let comes = is(|shown| matches!(shown, Shown::Applied { .. } | Shown::Restored(_)));
    let turns = does(ActionKind::Pause)
        || does(ActionKind::Resume)
        || does(ActionKind::Restart)
        || is(|shown| matches!(shown, Shown::Crashed));
    if !comes && !turns {
        return;
    }
    let Some(gid) = world.scenario().group_of(report.node) else { return };
    let news = if !world.has_majority(gid) {
        // When they are back, its servers apply their log from the beginning, or go on with it.
        Some((Slot(0), ShardSet::default()))
    } else if turns {
        let running = world.members(gid).filter(|node| node.runs());
        let most = running.max_by_key(|node| node.server().map(|server| server.applied()));
        most.and_then(|node| serves(node, sharding.shards))
    } else {
        world.node(report.node).and_then(|node| serves(node, sharding.shards))
    };
    let Some((applied, served)) = news else { return };
    let index = usize::from(gid.0).wrapping_sub(1);
    let nothing = || (0..sharding.groups).map(|_| (Slot(0), ShardSet::default())).collect();
    let mut groups = tenures.last().map_or_else(nothing, |last| last.groups.clone());
    let Some(&(through, before)) = groups.get(index) else { return };
    // Who begins anew may come to other shards at a slot that was known.
    let anew = applied == Slot(0) && through > applied;
    if anew || (applied > through && served != before) {
        for group in Arc::make_mut(&mut groups).iter_mut().skip(index).take(1) {
            *group = (applied, served);
        }
        tenures.push(Tenure { at: report.at, step: report.step, groups });
    }
}

/// What a server's group serves, as far as this server has applied the log.
fn serves(node: &Node, count: u16) -> Option<(Slot, ShardSet)> {
    let server = node.server()?;
    let shards = server.machine().shards()?;
    let mut served = ShardSet::default();
    for shard in (0..count).map(ShardId) {
        served.set(shard, shards.serves(shard));
    }
    Some((server.applied(), served))
}
