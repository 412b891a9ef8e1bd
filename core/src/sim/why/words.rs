//! What all answers say alike.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::id::{Gid, NodeId, NodeSet, ShardId};
use crate::sim::scenario::Scenario;
use crate::time::{Duration, Instant};

/// A moment, to the millisecond: `4.2 s`.
pub(super) fn moment(at: Instant) -> String {
    format!("{}", Duration::from_millis(at.as_micros() / 1_000))
}

/// ` since 4.2 s`; nothing if that is not known.
pub(super) fn since(at: Option<Instant>) -> String {
    match at {
        None => String::new(),
        Some(Instant::ZERO) => " since the start".into(),
        Some(at) => format!(" since {}", moment(at)),
    }
}

/// `G2`, `CTL`; where there is only one, `the group`.
pub(super) fn group(scenario: &Scenario, gid: Gid) -> String {
    match (scenario.sharding, gid) {
        (None, Gid(0)) => "the group".into(),
        (Some(_), Gid(0)) => "CTL".into(),
        _ => format!("G{gid}"),
    }
}

/// ` of G2`; where there is only one group, nothing.
pub(super) fn of_group(scenario: &Scenario, gid: Gid) -> String {
    match scenario.sharding {
        None => String::new(),
        Some(_) => format!(" of {}", group(scenario, gid)),
    }
}

/// `S1, S2 and S3`.
pub(super) fn list(mut parts: Vec<String>) -> String {
    match parts.pop() {
        None => "nobody".into(),
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} and {last}", parts.join(", ")),
    }
}

/// Servers by name: `S1, S2 and S3`.
pub(super) fn names(scenario: &Scenario, nodes: NodeSet) -> String {
    list(nodes.iter().map(|id: NodeId| scenario.name(id)).collect())
}

/// `shard 2 from G1`, `shard 2 to G1`.
pub(super) fn shard_and_group(scenario: &Scenario, shard: ShardId, word: &str, gid: Gid) -> String {
    format!("shard {shard} {word} {}", group(scenario, gid))
}

/// ` does` of one, ` do` of several: the verb of a list.
pub(super) const fn verb<'a>(count: u32, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
