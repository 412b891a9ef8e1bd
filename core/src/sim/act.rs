//! How actions are carried out.

use alloc::vec::Vec;

use super::action::{Action, PacketFault, Refusal};
use super::clock::Clock;
use super::driver;
use super::node::{Input, Process};
use super::packet::{End, Label};
use super::queue::Event;
use super::report::{Happened, Report, Shown};
use super::store::{Durable, StoreAct};
use super::workload::Workload;
use super::world::World;
use crate::id::{NodeId, NodeSet};
use crate::protocol::Durable as _;
use crate::shardkv::clerk::Operation;
use crate::time::{Duration, Instant};

impl World {
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
        self.now = self.now.max(at);
        let node = self.subject(action);
        self.begin(node, Happened::Acted(action.kind()), report);
        self.hash(action);
        self.perform_action(action, report);
        self.finish(report);
        Ok(())
    }

    /// The process that an action is about.
    fn subject(&self, action: &Action) -> NodeId {
        let sender = match action {
            Action::Packet { id, .. } => {
                let packet = self.packets.find(*id).and_then(|slot| self.packets.get(slot));
                packet.map(|packet| packet.label.from)
            }
            _ => None,
        };
        sender.or_else(|| action.node()).unwrap_or_default()
    }

    fn perform_action(&mut self, action: &Action, report: &mut Report) {
        match action {
            Action::Crash(id) => self.crash(*id, report),
            Action::Restart(id) => {
                report.shown.push(Shown::Booted);
                self.boot(*id, report);
            }
            Action::Wipe(id) => self.wipe(*id, report),
            Action::Pause(id) => self.pause(*id),
            Action::Resume(id) => self.resume(*id),
            Action::Campaign(id) => self.tell(*id, Input::Campaign, report),
            Action::Transfer { from, to } => self.tell(*from, Input::Transfer(*to), report),
            Action::Invoke { client, command } => {
                self.tell(*client, Input::Call(Operation::Key(command.clone())), report);
            }
            Action::Control { client, command } => {
                self.tell(*client, Input::Call(Operation::Control(command.clone())), report);
            }
            Action::Propose { server, command } => {
                self.tell(*server, Input::Propose(command.clone()), report);
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
                self.take_up(*node);
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
        self.queue.set_alarm(id, None);
        let node = &mut self.nodes[usize::from(id.0)];
        let hold = node.hold.take();
        node.inbox.clear();
        (node.paused, node.next) = (false, None);
        let Some(process) = node.server_process() else { return };
        (process.server, process.mover) = (None, None);
        report.shown.push(Shown::Crashed);
        let now = self.now;
        let tears = driver::of(self.scenario.mutant).and_then(|driver| driver.tears);
        if let (Some(tear), Some(hold)) = (tears, hold.as_ref().filter(|hold| hold.ends > now)) {
            for act in hold.acts.list() {
                if let StoreAct::Persist(record) = act {
                    tear(&mut process.durable, record);
                }
            }
        } else if let Some(mut hold) = hold.filter(|hold| hold.survives || hold.ends <= now) {
            // The write had ended, or was under way and the lot says that it got through.
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
            // What was being written is lost with the rest.
            self.nodes[usize::from(id.0)].hold = None;
            self.crash(id, report);
        }
        if let Some(process) = self.nodes[usize::from(id.0)].server_process() {
            process.durable = Durable::lost();
        }
        report.shown.push(Shown::Wiped);
    }

    fn pause(&mut self, id: NodeId) {
        self.queue.set_alarm(id, None);
        let node = &mut self.nodes[usize::from(id.0)];
        (node.paused, node.next) = (true, None);
        if let Some(hold) = &mut node.hold {
            hold.place = None;
        }
    }

    fn resume(&mut self, id: NodeId) {
        let now = self.now;
        let node = &mut self.nodes[usize::from(id.0)];
        node.paused = false;
        if let Some(hold) = &mut node.hold {
            hold.place = Some(self.queue.push(hold.ends.max(now), Event::Done(id)));
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
        for slot in self.packets.held_slots() {
            self.schedule(slot, self.now);
        }
    }

    fn meddle(&mut self, id: u64, fault: PacketFault, report: &mut Report) {
        let Some(slot) = self.packets.find(id) else { return };
        let Some(packet) = self.packets.get_mut(slot) else { return };
        match fault {
            PacketFault::Drop => {
                if let Some(packet) = self.packets.take(slot) {
                    report.shown.push(Shown::Sent(Label { end: End::Lost, ..packet.label }));
                }
            }
            PacketFault::Delay(by) => {
                packet.label.delayed = true;
                let at = packet.label.arrives.max(self.now) + by;
                self.schedule(slot, at);
            }
            PacketFault::Deliver => self.schedule(slot, self.now),
            PacketFault::Hold => self.packets.set_place(slot, None),
            PacketFault::Duplicate => {
                let (label, wire) = (packet.label, packet.wire.clone());
                let left = label.arrives.since(self.now) + Duration::from_micros(500);
                self.copy(label, left, wire, &mut report.shown);
            }
        }
    }

    fn set_workload(&mut self, workload: Workload) {
        let operator = self.scenario.operator();
        let ids = self.scenario.client_ids().filter(|id| Some(*id) != operator);
        for id in ids {
            let node = &mut self.nodes[usize::from(id.0)];
            let now = node.clock.local(self.now);
            if let Process::Client(client) = &mut node.process {
                client.set_workload(now, workload);
            }
            self.take_up(id);
        }
    }
}
