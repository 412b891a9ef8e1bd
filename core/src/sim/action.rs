//! What a person, a script or a swarm does to the world from outside. An action is an event like
//! any other, and data: a run is its scenario and its actions.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::network::{Network, Rule};
use super::node::Node;
use super::report::ActionKind;
use super::run::MAX_HELD;
use super::scenario::limited;
use super::store::Durable;
use super::workload::Workload;
use super::world::{MAX_INBOX, World};
use crate::id::{NodeId, NodeSet};
use crate::kv::{Command, MAX_VALUE, MAX_WORD};
use crate::protocol::Protocol;
use crate::time::Duration;

/// A partition has no more sides than there can be processes.
const NODES: usize = 64;

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
            | Self::SlowDisk { server: node, .. }
            | Self::Propose { server: node, .. }
            | Self::SetClock { node, .. } => Some(*node),
            _ => None,
        }
    }
}

impl World {
    /// Whether an action can be done now.
    ///
    /// # Errors
    /// One sentence that says why it would do nothing.
    pub fn check(&self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Crash(_)
            | Action::Restart(_)
            | Action::Wipe(_)
            | Action::Pause(_)
            | Action::Resume(_)
            | Action::Campaign(_)
            | Action::Isolate(_)
            | Action::SlowDisk { .. }
            | Action::SetClock { .. } => self.check_process(action),
            Action::Transfer { from, to } => self.check_transfer(*from, *to),
            Action::Cut { from, to } | Action::Mend { from, to } => {
                self.check_link(*from, *to, matches!(action, Action::Cut { .. }))
            }
            Action::Packet { id, fault } => self.check_packet(*id, *fault),
            Action::Invoke { client, command } => self.check_call(*client, command),
            Action::Propose { server, command } => self.check_proposal(*server, command),
            Action::Partition(sides) if sides.len() > NODES => {
                refuse(format!("A partition has at most {NODES} sides, not {}.", sides.len()))
            }
            Action::SetNetwork(network) => complaint(|demand| network.complain(demand)),
            Action::SetWorkload(workload) => complaint(|demand| workload.complain(demand)),
            Action::AddRule(_) if self.links.rules.len() >= 100 => {
                refuse("There are a hundred rules already: take some away.".into())
            }
            Action::AddRule(rule) => complaint(|demand| rule.complain(demand)),
            Action::Partition(_) | Action::Heal | Action::ClearRules => Ok(()),
        }
    }

    fn check_process(&self, action: &Action) -> Result<(), Refusal> {
        let name = |node: NodeId| self.scenario.name(node);
        match action {
            Action::Crash(id) if self.server(*id)?.is_down() => {
                refuse(format!("{} is down already.", name(*id)))
            }
            Action::Restart(id) if !self.server(*id)?.is_down() => {
                refuse(format!("{} is running: crash it first.", name(*id)))
            }
            Action::Wipe(id) => self.check_wipe(*id, self.server(*id)?.durable()),
            Action::Pause(id) if self.known(*id)?.paused || self.known(*id)?.is_down() => {
                refuse(format!("{} stands still already.", name(*id)))
            }
            Action::Resume(id) if !self.known(*id)?.paused => {
                refuse(format!("{} is not paused.", name(*id)))
            }
            Action::Campaign(id) => self.check_campaign(*id),
            Action::Isolate(id) => self.server(*id).map(|_| ()),
            Action::SlowDisk { server, times } => {
                self.server(*server)?;
                if (1..=10_000).contains(times) {
                    return Ok(());
                }
                refuse(format!("A disk can be 1 to 10000 times slower, not {times}."))
            }
            Action::SetClock { node, jump, .. } => {
                self.known(*node)?;
                complaint(|demand| limited(demand, "jump of the clock", *jump))
            }
            _ => Ok(()),
        }
    }

    fn check_campaign(&self, id: NodeId) -> Result<(), Refusal> {
        let name = self.scenario.name(id);
        match self.server(id)?.server().map(|server| server.replica()) {
            None => refuse(format!("{name} is down: restart it first.")),
            Some(replica) if replica.leader() == Some(id) => {
                refuse(format!("{name} leads already."))
            }
            Some(replica) if replica.has_lost_disk() => refuse(format!(
                "{name} lost its disk, so it must not stand for election: ask another server."
            )),
            Some(_) => Ok(()),
        }
    }

    fn check_transfer(&self, from: NodeId, to: NodeId) -> Result<(), Refusal> {
        let name = |node: NodeId| self.scenario.name(node);
        let leads = self.server(from)?.server().is_some_and(|s| s.replica().leading().is_some());
        let lost = self.server(to)?.durable().is_some_and(|disk| disk.lost);
        match () {
            () if from == to => refuse(format!("{} leads already: choose another.", name(to))),
            () if !leads => {
                refuse(format!("{} does not lead: only a leader hands over.", name(from)))
            }
            () if lost => refuse(format!(
                "{} lost its disk, so it must not lead: choose another server.",
                name(to)
            )),
            () => Ok(()),
        }
    }

    fn check_link(&self, from: NodeId, to: NodeId, cut: bool) -> Result<(), Refusal> {
        self.known(from)?;
        self.known(to)?;
        if from == to || self.is_cut(from, to) == cut {
            let state = if cut { "lets nothing through" } else { "is whole" };
            let (from, to) = (self.scenario.name(from), self.scenario.name(to));
            return refuse(format!("The link from {from} to {to} {state} already."));
        }
        Ok(())
    }

    fn check_packet(&self, id: u64, fault: PacketFault) -> Result<(), Refusal> {
        match fault {
            _ if self.packets.find(id).is_none() => {
                refuse("That message is no longer on its way.".into())
            }
            PacketFault::Hold if self.packets.held() >= MAX_HELD => {
                refuse(format!("{MAX_HELD} messages are held already: let some go."))
            }
            PacketFault::Delay(by) => complaint(|demand| limited(demand, "delay", by)),
            _ => Ok(()),
        }
    }

    fn check_call(&self, client: NodeId, command: &Command) -> Result<(), Refusal> {
        if command.longest() > MAX_WORD {
            return refuse(format!(
                "A key or value may have at most {MAX_WORD} bytes, this one has {}: shorten it.",
                command.longest()
            ));
        }
        match self.known(client)?.client() {
            None => refuse(format!("{} is a server: choose a client.", self.scenario.name(client))),
            Some(client) if client.queued() >= 100 => {
                refuse("A hundred operations wait at this client: let some return.".into())
            }
            Some(_) => Ok(()),
        }
    }

    fn check_proposal(&self, id: NodeId, command: &Command) -> Result<(), Refusal> {
        let (node, name, bytes) = (self.server(id)?, self.scenario.name(id), command.longest());
        if bytes > MAX_VALUE {
            refuse(format!("A key or value may have {MAX_VALUE} bytes, not {bytes}: shorten it."))
        } else if node.is_down() {
            refuse(format!("{name} is down: restart it first."))
        } else if node.backlog() >= MAX_INBOX {
            refuse(format!("{MAX_INBOX} things wait for {name} already: let some time pass."))
        } else {
            Ok(())
        }
    }

    fn server(&self, id: NodeId) -> Result<&Node, Refusal> {
        let count = self.scenario.servers;
        let number = u32::from(id.0) + 1;
        self.node(id).filter(|_| id.0 < count).ok_or_else(|| {
            Refusal(format!("There is no server {number}: there are S1 to S{count}."))
        })
    }

    fn known(&self, id: NodeId) -> Result<&Node, Refusal> {
        self.node(id).ok_or_else(|| {
            let count = self.nodes.len();
            Refusal(format!("There is no process {}: there are {count}.", u32::from(id.0) + 1))
        })
    }

    fn check_wipe(&self, id: NodeId, disk: Option<&Durable>) -> Result<(), Refusal> {
        let lost = self.servers().filter_map(|node| node.durable()).filter(|disk| disk.lost);
        let allowed = (usize::from(self.scenario.servers) - 1) / 2;
        if disk.is_none_or(|disk| !disk.lost) && lost.count() >= allowed {
            let servers = self.scenario.servers;
            return Err(Refusal(format!(
                "{allowed} of {servers} disks at most may be lost, or what was promised is gone: \
                 {} keeps its disk.",
                self.scenario.name(id)
            )));
        }
        Ok(())
    }
}

const fn refuse(sentence: String) -> Result<(), Refusal> {
    Err(Refusal(sentence))
}

/// The first complaint about a setting, as a refusal.
fn complaint(
    check: impl FnOnce(&mut dyn FnMut(bool, &'static str, String)),
) -> Result<(), Refusal> {
    let mut first = None;
    check(&mut |holds, setting, sentence| {
        if !holds && first.is_none() {
            first = Some(Refusal([setting, ": ", &sentence].concat()));
        }
    });
    first.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
