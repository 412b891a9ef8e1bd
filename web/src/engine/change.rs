//! Changes of the configuration, and what they would do.

use shardscope_core::controller::Command;
use shardscope_core::id::{Gid, NodeId, NodeSet, ShardId};
use shardscope_core::sim::action::Action;
use shardscope_core::sim::scenario::Scenario;
use shardscope_core::sim::{Node, World};

/// What happens to all servers of a group at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Nobody else reaches them, nor they anybody else.
    CutOff,
    /// All crash.
    Crash,
    /// All that are down start again.
    Restart,
    /// Every link to them and from them is mended.
    Connect,
    /// All stand still.
    Pause,
    /// All that stand still go on.
    Resume,
}

impl Blow {
    /// The same as actions, or why it would do nothing.
    pub(super) fn actions(self, world: &World, gid: Gid) -> Result<Vec<Action>, String> {
        let members = || world.members(gid).map(Node::id);
        let up = |id: &NodeId| world.node(*id).is_some_and(|node| node.server().is_some());
        let runs = |id: &NodeId| world.node(*id).is_some_and(|node| node.runs());
        let (actions, why): (Vec<_>, _) = match self {
            Self::CutOff => {
                let inside: NodeSet = members().collect();
                let others = world.nodes().iter().map(Node::id);
                let outside = others.filter(|id| !inside.contains(*id)).collect();
                (vec![Action::Partition(vec![inside, outside])], "")
            }
            Self::Crash => (members().filter(up).map(Action::Crash).collect(), "is down already"),
            Self::Restart => {
                let down = members().filter(|id| !up(id));
                (down.map(Action::Restart).collect(), "has no server that is down")
            }
            Self::Connect => {
                let inside: NodeSet = members().collect();
                let cuts = world.cuts();
                let own = cuts.filter(|(a, b)| inside.contains(*a) != inside.contains(*b));
                let mends = own.map(|(from, to)| Action::Mend { from, to });
                (mends.collect(), "has no link to others that is cut")
            }
            Self::Pause => {
                (members().filter(runs).map(Action::Pause).collect(), "has no server that runs")
            }
            Self::Resume => {
                let paused = |id: &NodeId| world.node(*id).is_some_and(|node| node.is_paused());
                (
                    members().filter(paused).map(Action::Resume).collect(),
                    "has no server that is paused",
                )
            }
        };
        match actions.is_empty() {
            true => Err(format!("Group {gid} {why}.")),
            false => Ok(actions),
        }
    }
}

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
