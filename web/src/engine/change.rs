//! Changes of the configuration, and what they would do.

use shardscope_core::controller::Command;
use shardscope_core::id::{Gid, ShardId};
use shardscope_core::sim::scenario::Scenario;

/// A change of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A group joins.
    Join(Gid),
    /// A group leaves.
    Leave(Gid),
    /// One shard goes to a group.
    Move(ShardId, Gid),
}

impl Change {
    /// The same in the controller's words.
    pub(super) fn command(self, scenario: &Scenario) -> Command {
        match self {
            Self::Join(gid) => Command::Join(vec![(gid, scenario.members(gid).collect())]),
            Self::Leave(gid) => Command::Leave(vec![gid]),
            Self::Move(shard, to) => Command::Move { shard, to },
        }
    }
}
