//! Whether an action can be done, and the sentence for whoever asks for one that cannot.

use alloc::format;
use alloc::string::String;

use super::{Action, PacketFault, Refusal};
use crate::controller;
use crate::id::{NodeId, NodeSet};
use crate::kv::{Command, MAX_VALUE, MAX_WORD};
use crate::protocol::Protocol;
use crate::sim::node::Node;
use crate::sim::run::MAX_HELD;
use crate::sim::scenario::limited;
use crate::sim::store::Durable;
use crate::sim::world::{MAX_INBOX, World};

/// A partition has no more sides than there can be processes.
const NODES: usize = NodeSet::LIMIT as usize;

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
            Action::Control { client, command } => self.check_order(*client, command),
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
        let group = |id| self.scenario.group_of(id);
        match () {
            () if from == to => refuse(format!("{} leads already: choose another.", name(to))),
            () if group(from) != group(to) => refuse(format!(
                "{} is in another group than {}: only its own servers can take over.",
                name(to),
                name(from)
            )),
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
        self.check_client(client)
    }

    fn check_client(&self, client: NodeId) -> Result<(), Refusal> {
        match self.known(client)?.client() {
            None => refuse(format!("{} is a server: choose a client.", self.scenario.name(client))),
            Some(client) if client.queued() >= 100 => {
                refuse("A hundred operations wait at this client: let some return.".into())
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether the controller takes it is the controller's to say; whom a group consists of is not.
    fn check_order(&self, client: NodeId, command: &controller::Command) -> Result<(), Refusal> {
        let Some(sharding) = self.scenario.sharding else {
            return refuse("There is one group, which has everything: set groups first.".into());
        };
        if let controller::Command::Join(groups) = command {
            for (gid, servers) in groups {
                let exists = (1..=sharding.groups).contains(&gid.0);
                if !exists || !self.scenario.members(*gid).eq(servers.iter().copied()) {
                    let most = sharding.groups;
                    return refuse(format!(
                        "There is no group {gid} of these servers: there are G1 to G{most}."
                    ));
                }
            }
        }
        self.check_client(client)
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
        let count = self.scenario.server_count();
        let number = u32::from(id.0) + 1;
        self.node(id).filter(|_| id.0 < count).ok_or_else(|| {
            let last = self.scenario.name(NodeId(count - 1));
            let first = self.scenario.name(NodeId(0));
            Refusal(format!("There is no server {number}: there are {first} to {last}."))
        })
    }

    fn known(&self, id: NodeId) -> Result<&Node, Refusal> {
        self.node(id).ok_or_else(|| {
            let count = self.nodes.len();
            Refusal(format!("There is no process {}: there are {count}.", u32::from(id.0) + 1))
        })
    }

    fn check_wipe(&self, id: NodeId, disk: Option<&Durable>) -> Result<(), Refusal> {
        let group = self.scenario.group_of(id).unwrap_or_default();
        let disks = self.members(group).filter_map(Node::durable);
        let lost = disks.filter(|disk| disk.lost);
        let servers = self.scenario.members(group).len();
        let allowed = (servers - 1) / 2;
        if disk.is_none_or(|disk| !disk.lost) && lost.count() >= allowed {
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
