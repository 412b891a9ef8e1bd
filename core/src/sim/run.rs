//! How the world runs its processes: inputs go in, effects come out, are held and released.

use alloc::vec::Vec;

use super::driver;
use super::node::{Hold, Input, Process};
use super::packet::{End, Label, Packet, Shape, describe, vouches};
use super::queue::Event;
use super::report::{Report, Shown, Told};
use super::store::{StoreAct, StoreWire};
use super::world::World;
use crate::id::{LogId, NodeId, Serial};
use crate::kv::Command;
use crate::machine;
use crate::protocol::{Durable, Protocol, Refused};
use crate::server::Wire;
use crate::time::{Duration, Instant};

/// More messages than this are not on their way at once: the network loses the rest.
const MAX_FLYING: usize = 20_000;
/// More messages than this are not held back at once: the rest is lost.
pub(super) const MAX_HELD: usize = 500;

impl World {
    /// Gives a process something that came for it.
    pub(super) fn feed(&mut self, id: NodeId, input: Input, report: &mut Report) {
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let now = node.clock.local(self.now);
        match (&mut node.process, input) {
            (_, Input::Message(label, wire)) => return self.deliver(label, wire, report),
            (Process::Server(process), Input::Campaign) => {
                let Some(server) = process.server.as_mut() else { return };
                server.nudge(&mut report.acts, |replica, out| replica.campaign(now, out));
                process.migrate(now, &mut report.acts);
            }
            (Process::Server(process), Input::Transfer(to)) => {
                let Some(server) = process.server.as_mut() else { return };
                server.nudge(&mut report.acts, |replica, out| replica.transfer(now, to, out));
                process.migrate(now, &mut report.acts);
            }
            (Process::Client(client), Input::Call(operation)) => {
                client.ask(now, operation, &mut report.errands);
            }
            (Process::Server(_), Input::Propose(command)) => {
                return self.propose(id, command, report);
            }
            (Process::Server(_), Input::Call(_))
            | (Process::Client(_), Input::Campaign | Input::Transfer(_) | Input::Propose(_)) => {}
        }
        self.settle(id, report);
    }

    /// Puts a command before a server, in a session that nobody else has.
    fn propose(&mut self, id: NodeId, command: Command, report: &mut Report) {
        let session = self.outside_session();
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let now = node.clock.local(self.now);
        let Some(process) = node.server_process() else { return };
        let Some(server) = process.server.as_mut() else { return };
        let (client, serial) = (session, Serial(1));
        let call = machine::Call { client, serial, command: command.clone() };
        let Some(order) = server.machine().order(call) else { return };
        let mut taken = Err(Refused::Busy);
        server.nudge(&mut report.acts, |replica, out| taken = replica.propose(now, order, out));
        let term = server.replica().hard_state().term;
        let place = taken.map(|slot| LogId { term, slot });
        process.migrate(now, &mut report.acts);
        report.shown.push(Shown::Proposed { session, command, place });
        self.settle(id, report);
    }

    /// Gives a message to its receiver.
    pub(super) fn deliver(&mut self, label: Label, wire: StoreWire, report: &mut Report) {
        let Label { from, to, .. } = label;
        let Some(node) = self.nodes.get_mut(usize::from(to.0)) else { return };
        let now = node.clock.local(self.now);
        match &mut node.process {
            Process::Server(process) => {
                let Some(server) = process.server.as_mut() else { return };
                match wire {
                    Wire::Response(response) => {
                        process.hear(now, (from, response), &mut report.acts);
                    }
                    wire => {
                        server.receive(now, from, wire, &mut report.acts);
                        process.migrate(now, &mut report.acts);
                    }
                }
            }
            Process::Client(client) => {
                if let Wire::Response(response) = wire {
                    client.heed(self.now, from, &response);
                    client.receive(now, from, response, &mut report.errands);
                }
            }
        }
        self.settle(to, report);
    }

    pub(super) fn wake(&mut self, id: NodeId, report: &mut Report) {
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let now = node.clock.local(self.now);
        match &mut node.process {
            Process::Server(process) => {
                let Some(server) = process.server.as_mut() else { return };
                server.wake(now, &mut report.acts);
                process.wake_mover(now, &mut report.acts);
            }
            Process::Client(client) => client.wake(now, &mut report.errands),
        }
        let spins = node.alarm().is_some_and(|alarm| alarm.at <= now);
        self.settle(id, report);
        if spins {
            report.shown.push(Shown::Spinning);
            self.queue.put_off_alarm(id, self.now + Duration::from_micros(1));
        }
    }

    /// Performs what a process wants done: at once, or when its write has ended.
    pub(super) fn settle(&mut self, id: NodeId, report: &mut Report) {
        match self.nodes[usize::from(id.0)].process {
            Process::Server(_) => self.settle_server(id, report),
            Process::Client(_) => {
                self.run_errands(id, report);
                self.take_up(id);
            }
        }
    }

    fn settle_server(&mut self, id: NodeId, report: &mut Report) {
        if let Some(driver) = driver::of(self.scenario.mutant) {
            report.acts.filter_records(driver.writes);
            if driver.hasty {
                self.hurry(id, report);
            }
        }
        let writing = report.acts.persists();
        let (mut takes, mut survives) = (self.scenario.service, false);
        if writing && let Some(process) = self.nodes[usize::from(id.0)].server_process() {
            process.writes += 1;
            let (number, slower) = (process.writes, process.slower);
            let write = self.scenario.disk.write(self.scenario.seed, id, number, slower);
            survives = write.survives;
            takes = takes + write.takes;
        }
        if takes == Duration::ZERO {
            self.perform(id, writing, report);
            return self.take_up(id);
        }
        let ends = self.now + takes;
        let place = Some(self.queue.push(ends, Event::Done(id)));
        let spare = report.pool.pop().unwrap_or_default();
        let acts = core::mem::replace(&mut report.acts, spare);
        let node = &mut self.nodes[usize::from(id.0)];
        node.hold = Some(Hold { ends, place, acts, writing, survives });
        node.next = None;
        self.queue.set_alarm(id, None);
    }

    /// Performs at once what should wait for the write.
    fn hurry(&mut self, id: NodeId, report: &mut Report) {
        let hasty = report.acts.take_hasty();
        let records = core::mem::replace(&mut report.acts, hasty);
        self.perform(id, false, report);
        report.acts = records;
    }

    /// A write has ended: its effects come out.
    pub(super) fn release(&mut self, id: NodeId, report: &mut Report) {
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let Some(hold) = node.hold.take() else { return };
        let spare = core::mem::replace(&mut report.acts, hold.acts);
        report.pool.push(spare);
        self.perform(id, hold.writing, report);
        self.take_up(id);
    }

    /// Sees to it that a process is woken at its alarm and, if something waits, takes that. An
    /// alarm that went off while the process was busy comes first: what keeps a process busy must
    /// not keep it from noticing the time.
    pub(super) fn take_up(&mut self, id: NodeId) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        if !node.is_free() {
            return self.queue.set_alarm(id, None);
        }
        let alarm = node.alarm().map(|alarm| node.clock.global(alarm.at).max(now));
        self.queue.set_alarm(id, alarm);
        if node.next.is_none() && !node.inbox.is_empty() {
            node.next = Some(self.queue.push(now, Event::Next(id)));
        }
    }

    /// Performs effects: what is durable first, then the rest in order. `stored` if there is
    /// something durable.
    fn perform(&mut self, id: NodeId, stored: bool, report: &mut Report) {
        let Report { acts, shown, vouched, .. } = report;
        if stored && let Some(process) = self.nodes[usize::from(id.0)].server_process() {
            for act in acts.list() {
                if let StoreAct::Persist(record) = act {
                    process.durable.store(record);
                }
            }
        }
        for act in acts.drain() {
            let what = match act {
                StoreAct::Persist(record) => Shown::Persisted(record),
                StoreAct::Send { to, wire } => {
                    *vouched = vouches(&wire).max(*vouched);
                    self.send(id, to, wire, stored, shown);
                    continue;
                }
                StoreAct::Applied { slot, entry, reply } => Shown::Applied { slot, entry, reply },
                StoreAct::Leading(epoch) => Shown::Leading(epoch),
                StoreAct::Restored(slot) => Shown::Restored(slot),
                StoreAct::Answered { applied, to, tag, reply } => {
                    Shown::Answered { applied, to, serial: Serial(tag), reply: Told(reply) }
                }
                StoreAct::Note(note) => Shown::Note(note),
            };
            shown.push(what);
        }
    }

    /// Sends a message: decides its fate, and puts it on its way if it has one. `stored` if the
    /// sender has just written something.
    pub(super) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        wire: StoreWire,
        stored: bool,
        shown: &mut Vec<Shown>,
    ) {
        if usize::from(to.0) >= self.nodes.len() || to == from {
            return;
        }
        let (shape, entries, term, agrees) = describe(&wire);
        let fate = self.links.fate(self.scenario.seed, self.now, from, to, shape);
        let crowded = self.packets.flying() >= MAX_FLYING;
        let stuffed = fate.held && self.packets.held() >= MAX_HELD;
        let end = match &fate {
            fate if fate.cut => End::Cut,
            fate if fate.lost || crowded || stuffed => End::Lost,
            fate if fate.held => End::Held,
            _ => End::Arrives,
        };
        let label = Label {
            id: self.packets.number(),
            from,
            to,
            shape,
            entries,
            term,
            agrees,
            sent: self.now,
            arrives: self.now + fate.takes,
            end,
            twin: false,
            delayed: fate.delayed,
            // Who acknowledges without having stored anything only says that it is there.
            beat: match shape {
                Shape::Heartbeat => true,
                Shape::AppendReply => agrees == Some(true) && !stored,
                _ => false,
            },
        };
        self.hash(&wire);
        shown.push(Shown::Sent(label));
        if let Some(takes) = fate.twin
            && !fate.cut
            && !crowded
        {
            self.copy(label, takes, wire.clone(), shown);
        }
        if matches!(end, End::Arrives | End::Held) {
            self.launch(label, wire);
        }
    }

    /// Sends a copy of a message that arrives by itself.
    pub(super) fn copy(
        &mut self,
        label: Label,
        takes: Duration,
        wire: StoreWire,
        shown: &mut Vec<Shown>,
    ) {
        let (id, sent) = (self.packets.number(), self.now);
        let arrives = sent + takes;
        let label = Label { id, sent, arrives, end: End::Arrives, twin: true, ..label };
        shown.push(Shown::Sent(label));
        self.launch(label, wire);
    }

    /// Puts a message on its way, or holds it back.
    #[inline]
    fn launch(&mut self, label: Label, wire: StoreWire) {
        let arrival = Event::Arrive(self.packets.vacant());
        let held = label.end == End::Held;
        let place = (!held).then(|| self.queue.push(label.arrives, arrival));
        self.packets.insert(Packet { label, wire, place });
    }

    /// Lets a packet arrive at a time.
    pub(super) fn schedule(&mut self, slot: u32, at: Instant) {
        let at = at.max(self.now + Duration::from_micros(1));
        let place = self.queue.push(at, Event::Arrive(slot));
        self.packets.set_place(slot, Some(place));
    }
}
