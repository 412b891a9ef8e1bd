//! What a person, a script or a swarm does to the world from outside. An action is an event like
//! any other, and data: a run is its scenario and its actions.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::network::{Network, Rule};
use super::node::{Input, Process};
use super::packet::End;
use super::queue::Event;
use super::report::{ActionKind, Happened, Report, Shown};
use super::store::{Durable, StoreAct};
use super::workload::Workload;
use super::world::World;
use crate::id::{NodeId, NodeSet};
use crate::kv::Command;
use crate::protocol::Durable as _;
use crate::time::{Duration, Instant};

/// Something done to the world from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// What is done to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
            Self::Cut { .. } | Self::Partition(_) | Self::Isolate(_) => ActionKind::Cut,
            Self::Mend { .. } => ActionKind::Mend,
            Self::Heal => ActionKind::Heal,
            Self::Packet { .. } => ActionKind::Packet,
            Self::Invoke { .. } => ActionKind::Invoke,
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
            | Self::Isolate(node)
            | Self::Cut { from: node, .. }
            | Self::Mend { from: node, .. }
            | Self::Invoke { client: node, .. }
            | Self::SlowDisk { server: node, .. }
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
        let refuse = |sentence: String| Err(Refusal(sentence));
        let name = |node: NodeId| self.scenario.name(node);
        let server = |node: NodeId| {
            if node.0 < self.scenario.servers {
                return Ok(&self.nodes[usize::from(node.0)]);
            }
            let count = self.scenario.servers;
            Err(Refusal(format!("There is no server {}: there are S1 to S{count}.", node.0 + 1)))
        };
        match action {
            Action::Crash(id) if server(*id)?.is_down() => {
                refuse(format!("{} is down already.", name(*id)))
            }
            Action::Restart(id) if !server(*id)?.is_down() => {
                refuse(format!("{} is running: crash it first.", name(*id)))
            }
            Action::Wipe(id) => self.check_wipe(*id, server(*id)?.durable()),
            Action::Pause(id) if self.known(*id)?.paused || self.known(*id)?.is_down() => {
                refuse(format!("{} stands still already.", name(*id)))
            }
            Action::Resume(id) if !self.known(*id)?.paused => {
                refuse(format!("{} is not paused.", name(*id)))
            }
            Action::Campaign(id) if server(*id)?.is_down() => {
                refuse(format!("{} is down: restart it first.", name(*id)))
            }
            Action::Cut { from, to } | Action::Mend { from, to } => {
                self.known(*from)?;
                self.known(*to)?;
                let cut = matches!(action, Action::Cut { .. });
                if from == to || self.is_cut(*from, *to) == cut {
                    let state = if cut { "lets nothing through" } else { "is whole" };
                    let (from, to) = (name(*from), name(*to));
                    return refuse(format!("The link from {from} to {to} {state} already."));
                }
                Ok(())
            }
            Action::Isolate(id) => server(*id).map(|_| ()),
            Action::Packet { id, .. } if self.packets.find(*id).is_none() => {
                refuse("That message is no longer on its way.".into())
            }
            Action::Invoke { client, .. } => match self.known(*client)?.client() {
                None => refuse(format!("{} is a server: choose a client.", name(*client))),
                Some(client) if client.queued() >= 100 => {
                    refuse("A hundred operations wait at this client: let some return.".into())
                }
                Some(_) => Ok(()),
            },
            Action::SlowDisk { server: id, times } => {
                server(*id)?;
                if (1..=10_000).contains(times) {
                    return Ok(());
                }
                refuse(format!("A disk can be 1 to 10000 times slower, not {times}."))
            }
            Action::SetClock { node, .. } => self.known(*node).map(|_| ()),
            Action::SetNetwork(network) => complaint(|demand| network.complain(demand)),
            Action::SetWorkload(workload) => complaint(|demand| workload.complain(demand)),
            Action::AddRule(_) if self.links.rules.len() >= 100 => {
                refuse("There are a hundred rules already: take some away.".into())
            }
            _ => Ok(()),
        }
    }

    fn known(&self, id: NodeId) -> Result<&super::Node, Refusal> {
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

    /// Does something to the world from outside, at a moment not before the last event.
    ///
    /// # Errors
    /// One sentence that says why it would do nothing; then nothing was done.
    pub fn act(
        &mut self,
        at: Instant,
        action: &Action,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        self.check(action)?;
        self.front(at);
        self.now = self.now.max(at);
        let node = action.node().unwrap_or_default();
        self.begin(node, Happened::Acted(action.kind()), report);
        self.hash(&postcard::to_allocvec(action).unwrap_or_default());
        self.perform_action(action, report);
        self.finish(report);
        Ok(())
    }

    fn perform_action(&mut self, action: &Action, report: &mut Report) {
        match action {
            Action::Crash(id) => self.crash(*id, report),
            Action::Restart(id) => {
                report.shown.push(Shown::Booted);
                self.boot(*id, report);
            }
            Action::Wipe(id) => self.wipe(*id, report),
            Action::Pause(id) => self.nodes[usize::from(id.0)].paused = true,
            Action::Resume(id) => self.resume(*id),
            Action::Campaign(id) => self.tell(*id, Input::Campaign, report),
            Action::Invoke { client, command } => {
                self.tell(*client, Input::Call(command.clone()), report);
            }
            Action::Cut { from, to } => self.links.cut(*from, *to, true),
            Action::Mend { from, to } => self.links.cut(*from, *to, false),
            Action::Partition(sides) => self.partition(sides),
            Action::Isolate(id) => {
                for other in self.scenario.clone().server_ids().filter(|other| other != id) {
                    self.links.cut(*id, other, true);
                    self.links.cut(other, *id, true);
                }
            }
            Action::Heal => self.heal(),
            Action::Packet { id, fault } => self.meddle(*id, *fault, report),
            Action::AddRule(rule) => self.links.rules.push(*rule),
            Action::ClearRules => self.links.rules.clear(),
            Action::SetNetwork(network) => self.links.network = *network,
            Action::SetWorkload(workload) => self.set_workload(*workload),
            Action::SlowDisk { server, times } => {
                if let Some(process) = self.nodes[usize::from(server.0)].server_process() {
                    process.slower = *times;
                }
            }
            Action::SetClock { node, jump, drift } => {
                let now = self.now;
                let state = &mut self.nodes[usize::from(node.0)];
                state.clock = Clock::set(now, state.clock.local(now) + *jump, *drift);
                state.wake = None;
                self.arm(*node);
            }
        }
    }

    /// Gives a process something to do as soon as it is free.
    fn tell(&mut self, id: NodeId, input: Input, report: &mut Report) {
        let node = &mut self.nodes[usize::from(id.0)];
        if node.is_free() && node.inbox.is_empty() {
            return self.feed(id, input, report);
        }
        node.inbox.push_back(input);
        self.take_up(id);
    }

    fn crash(&mut self, id: NodeId, report: &mut Report) {
        let node = &mut self.nodes[usize::from(id.0)];
        let hold = node.hold.take();
        node.inbox.clear();
        (node.paused, node.wake) = (false, None);
        let Some(process) = node.server_process() else { return };
        process.server = None;
        report.shown.push(Shown::Crashed);
        if let Some(mut hold) = hold.filter(|hold| hold.survives) {
            // The write was under way, and the lot says that it got through.
            for act in hold.acts.drain() {
                if let StoreAct::Persist(record) = act {
                    process.durable.store(&record);
                    report.shown.push(Shown::Persisted(record));
                }
            }
        }
    }

    fn wipe(&mut self, id: NodeId, report: &mut Report) {
        if !self.nodes[usize::from(id.0)].is_down() {
            self.crash(id, report);
        }
        if let Some(process) = self.nodes[usize::from(id.0)].server_process() {
            process.durable = Durable::lost();
        }
        report.shown.push(Shown::Wiped);
    }

    fn resume(&mut self, id: NodeId) {
        let now = self.now;
        let node = &mut self.nodes[usize::from(id.0)];
        node.paused = false;
        if node.hold.as_ref().is_some_and(|hold| hold.overdue) {
            let place = self.queue.push(now, Event::Done(id));
            if let Some(hold) = &mut self.nodes[usize::from(id.0)].hold {
                (hold.place, hold.overdue) = (place, false);
            }
        }
        self.take_up(id);
    }

    fn partition(&mut self, sides: &[NodeSet]) {
        let side = |node: NodeId| sides.iter().position(|side| side.contains(node));
        let count = self.nodes.len() as u16;
        for from in (0..count).map(NodeId) {
            for to in (0..count).map(NodeId) {
                if let (Some(a), Some(b)) = (side(from), side(to)) {
                    self.links.cut(from, to, a != b);
                }
            }
        }
    }

    fn heal(&mut self) {
        self.links.rules.clear();
        let cuts: Vec<_> = self.links.cuts().collect();
        for (from, to) in cuts {
            self.links.cut(from, to, false);
        }
        let held = self.packets.iter().filter(|packet| packet.label.end == End::Held);
        let held: Vec<u64> = held.map(|packet| packet.label.id).collect();
        for id in held {
            if let Some(slot) = self.packets.find(id) {
                self.schedule(slot, self.now);
            }
        }
    }

    fn meddle(&mut self, id: u64, fault: PacketFault, report: &mut Report) {
        let Some(slot) = self.packets.find(id) else { return };
        let Some(packet) = self.packets.get_mut(slot) else { return };
        match fault {
            PacketFault::Drop => {
                if let Some(packet) = self.packets.take(slot) {
                    report
                        .shown
                        .push(Shown::Sent(super::packet::Label { end: End::Lost, ..packet.label }));
                }
            }
            PacketFault::Delay(by) => {
                packet.label.delayed = true;
                let at = packet.label.arrives.max(self.now) + by;
                self.schedule(slot, at);
            }
            PacketFault::Deliver => self.schedule(slot, self.now),
            PacketFault::Hold => {
                packet.label.end = End::Held;
                packet.place = None;
            }
            PacketFault::Duplicate => {
                let (label, wire) = (packet.label, packet.wire.clone());
                let left = label.arrives.since(self.now) + Duration::from_micros(500);
                self.copy(label, left, wire, report);
            }
        }
    }

    fn set_workload(&mut self, workload: Workload) {
        let ids: Vec<NodeId> = self.scenario.client_ids().collect();
        for id in ids {
            let node = &mut self.nodes[usize::from(id.0)];
            let now = node.clock.local(self.now);
            if let Process::Client(client) = &mut node.process {
                client.set_workload(now, workload);
            }
            node.wake = None;
            self.arm(id);
        }
    }
}

/// The first complaint about a setting, as a refusal.
fn complaint(
    check: impl FnOnce(&mut dyn FnMut(bool, &'static str, String)),
) -> Result<(), Refusal> {
    let mut first = None;
    check(&mut |holds, setting, sentence| {
        if !holds && first.is_none() {
            first = Some(Refusal([setting, ": ", &sentence].concat().to_string()));
        }
    });
    first.map_or(Ok(()), Err)
}
