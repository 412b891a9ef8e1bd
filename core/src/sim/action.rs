//! What a person, a script or a swarm does to the world from outside. An action is an event like
//! any other, and data: a run is its scenario and its actions.

mod check;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::network::{Network, Rule};
use super::report::ActionKind;
use super::workload::Workload;
use crate::controller;
use crate::id::{NodeId, NodeSet};
use crate::kv::Command;
use crate::time::Duration;

/// Something done to the world from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Stops a server; what is not on its disk is gone.
    Crash(NodeId),
    /// Starts a server from its disk.
    Restart(NodeId),
    /// Wipes a server's disk; a running server crashes first.
    Wipe(NodeId),
    /// Stops a process with everything in memory.
    Pause(NodeId),
    /// Lets it go on.
    Resume(NodeId),
    /// Tells a server to stand for election at once.
    Campaign(NodeId),
    /// Tells a leader to hand its office over (thesis §3.10).
    Transfer {
        /// The leader.
        from: NodeId,
        /// Who is to lead next.
        to: NodeId,
    },
    /// Cuts a link in one direction.
    Cut {
        /// Messages from here
        from: NodeId,
        /// do not get there.
        to: NodeId,
    },
    /// Mends a link in one direction.
    Mend {
        /// Messages from here
        from: NodeId,
        /// get there again.
        to: NodeId,
    },
    /// Cuts every link between processes of different sides, and mends those within a side.
    /// Whoever is on no side keeps its links.
    Partition(Vec<NodeSet>),
    /// Cuts a server off from all other servers.
    Isolate(NodeId),
    /// Mends all links, takes all rules away and releases what is held.
    Heal,
    /// Does something to one message.
    Packet {
        /// Its number.
        id: u64,
        /// What.
        fault: PacketFault,
    },
    /// Gives a client an operation.
    Invoke {
        /// Which client.
        client: NodeId,
        /// What.
        command: Command,
    },
    /// Adds a rule after the others.
    AddRule(Rule),
    /// Takes all rules away.
    ClearRules,
    /// Changes how messages travel from here on.
    SetNetwork(Network),
    /// Changes what clients do by themselves from here on.
    SetWorkload(Workload),
    /// Makes a server's disk so many times slower (1: as usual).
    SlowDisk {
        /// Which server.
        server: NodeId,
        /// How many times; at most 10,000.
        times: u32,
    },
    /// Changes a process's clock.
    SetClock {
        /// Which process.
        node: NodeId,
        /// Jumps forward by this.
        jump: Duration,
        /// Runs so many parts per million fast from here on.
        drift: i32,
    },
    /// Puts a command before a server, as if a client's request had come, but without a client:
    /// nobody waits for the reply, and nobody tries again. Each is a session of its own, with an
    /// id above all that were ever given out, so that it is executed once for each time it is
    /// proposed and committed. [`Shown::Proposed`](super::report::Shown::Proposed) says which
    /// slot it took, or why none.
    Propose {
        /// Which server.
        server: NodeId,
        /// What.
        command: Command,
    },
    /// Gives a client of a sharded store an operation on its configuration.
    Control {
        /// Which client.
        client: NodeId,
        /// What.
        command: controller::Command,
    },
}

/// What is done to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PacketFault {
    /// It is lost.
    Drop,
    /// It arrives later by this.
    Delay(Duration),
    /// A copy arrives right after it.
    Duplicate,
    /// It arrives now.
    Deliver,
    /// It waits until it is delivered.
    Hold,
}

/// Why an action would do nothing: one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Action {
    /// Its kind.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::Crash(_) => ActionKind::Crash,
            Self::Restart(_) => ActionKind::Restart,
            Self::Wipe(_) => ActionKind::Wipe,
            Self::Pause(_) => ActionKind::Pause,
            Self::Resume(_) => ActionKind::Resume,
            Self::Campaign(_) => ActionKind::Campaign,
            Self::Transfer { .. } => ActionKind::Transfer,
            Self::Cut { .. } | Self::Partition(_) | Self::Isolate(_) => ActionKind::Cut,
            Self::Mend { .. } => ActionKind::Mend,
            Self::Heal => ActionKind::Heal,
            Self::Packet { .. } => ActionKind::Packet,
            Self::Invoke { .. } => ActionKind::Invoke,
            Self::Propose { .. } => ActionKind::Propose,
            Self::Control { .. } => ActionKind::Control,
            Self::AddRule(_)
            | Self::ClearRules
            | Self::SetNetwork(_)
            | Self::SetWorkload(_)
            | Self::SlowDisk { .. }
            | Self::SetClock { .. } => ActionKind::Setting,
        }
    }

    /// The process that it is about, if it is about one.
    pub const fn node(&self) -> Option<NodeId> {
        match self {
            Self::Crash(node)
            | Self::Restart(node)
            | Self::Wipe(node)
            | Self::Pause(node)
            | Self::Resume(node)
            | Self::Campaign(node)
            | Self::Transfer { from: node, .. }
            | Self::Isolate(node)
            | Self::Cut { from: node, .. }
            | Self::Mend { from: node, .. }
            | Self::Invoke { client: node, .. }
            | Self::Control { client: node, .. }
            | Self::SlowDisk { server: node, .. }
            | Self::Propose { server: node, .. }
            | Self::SetClock { node, .. } => Some(*node),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
