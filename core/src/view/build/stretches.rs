//! Who served which shard.

use alloc::vec::Vec;

use crate::id::{Gid, ShardId};
use crate::shardkv::ShardSet;
use crate::sim::Timeline;
use crate::time::Instant;
use crate::view::Stretch;

/// Who served which shard at some time of the window, by shard and beginning.
pub(super) fn stretches(timeline: &Timeline, from: Instant, to: Instant) -> Vec<Stretch> {
    let Some(sharding) = timeline.scenario().sharding else { return Vec::new() };
    let tenures = &timeline.chronicle().tenures;
    // The one that had begun when the window begins, and those of the window.
    let first = tenures.partition_point(|tenure| tenure.at <= from).saturating_sub(1);
    let end = tenures.partition_point(|tenure| tenure.at <= to);
    let mut all: Vec<Stretch> = Vec::new();
    for shard in (0..sharding.shards).map(ShardId) {
        for gid in (1..=sharding.groups).map(Gid) {
            let mut open: Option<Instant> = None;
            for tenure in tenures.range(first..end) {
                let serves =
                    |(group, served): (Gid, ShardSet)| group == gid && served.contains(shard);
                match (open, tenure.served().any(serves)) {
                    (None, true) => open = Some(tenure.at),
                    (Some(from), false) => {
                        all.push(Stretch { shard, gid, from, until: Some(tenure.at) });
                        open = None;
                    }
                    _ => {}
                }
            }
            all.extend(open.map(|from| Stretch { shard, gid, from, until: None }));
        }
    }
    all
}
