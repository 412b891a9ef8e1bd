//! The world: all processes and everything between them, one event at a time.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::Hash;

use super::client::Client;
use super::clock::Clock;
use super::network::Links;
use super::node::{Input, Node, Process, ServerProcess};
use super::packet::{Packet, Packets};
use super::queue::{Event, Place, Queue};
use super::report::{Happened, Report};
use super::scenario::Scenario;
use super::store::{self, Durable};
use crate::clerk::Clerk;
use crate::digest::Digest;
use crate::id::{ClientId, Incarnation, NodeId};
use crate::kv::Kv;
use crate::machine::Sessions;
use crate::protocol::Boot;
use crate::raft;
use crate::rng::Rng;
use crate::time::Instant;

/// All processes and everything between them, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub(super) scenario: Arc<Scenario>,
    pub(super) raft: Arc<raft::Config>,
    pub(super) now: Instant,
    steps: u64,
    digest: Digest,
    pub(super) nodes: Vec<Node>,
    pub(super) queue: Queue,
    pub(super) packets: Packets,
    pub(super) links: Links,
}

/// The lanes of the processes that are no servers.
const LANES: [u64; 2] = [0x636c_6572, 0x776f_726b];

/// Session ids of one client lie this far apart, so that no two clients share one.
const STRIDE: u64 = 1 << 12;

/// Which client a session belongs to, counted from 1.
pub(crate) const fn client_of(session: ClientId) -> u64 {
    session.0.saturating_sub(1) % STRIDE + 1
}

impl World {
    /// The world of a scenario before its first event. What the scenario has too much of is cut
    /// off; [`Scenario::complaints`] says so beforehand.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let voters = scenario.server_ids().take(usize::from(Scenario::MAX_SERVERS)).collect();
        let raft = Arc::new(raft::Config { voters, ..scenario.raft.clone() });
        let count = scenario.server_ids().count() + scenario.client_ids().count();
        let mut world = Self {
            raft,
            now: Instant::ZERO,
            steps: 0,
            digest: Digest::default(),
            nodes: Vec::with_capacity(count),
            queue: Queue::default(),
            packets: Packets::default(),
            links: Links::new(scenario.network, count),
            scenario,
        };
        world.populate();
        world
    }

    fn populate(&mut self) {
        let scenario = self.scenario.clone();
        for id in scenario.server_ids() {
            let process = ServerProcess {
                durable: Durable::default(),
                server: None,
                incarnation: Incarnation(0),
                writes: 0,
                slower: 1,
            };
            self.add(id, Process::Server(Box::new(process)));
            self.boot(id, &mut Report::default());
        }
        let servers: Vec<NodeId> = scenario.server_ids().collect();
        for (who, id) in (1..).zip(scenario.client_ids()) {
            let lane = |kind| Rng::keyed(&[scenario.seed, kind, u64::from(id.0)]);
            let client = ClientId(u64::from(who));
            let clerk =
                Clerk::new(servers.clone(), client, STRIDE, scenario.patience, lane(LANES[0]));
            let (workload, read) = (scenario.workload, scenario.read_index);
            let client = Client::new(clerk, workload, who, read, lane(LANES[1]));
            self.add(id, Process::Client(Box::new(client)));
            self.arm(id);
        }
    }

    fn add(&mut self, id: NodeId, process: Process) {
        self.nodes.push(Node {
            id,
            clock: Clock::TRUE,
            process,
            paused: false,
            hold: None,
            inbox: VecDeque::new(),
            next: false,
            wake: None,
        });
    }

    /// What it was made from.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// The time of the last event.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Events so far.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// A running hash over every event and its effects: equal runs, equal digests, on every
    /// platform.
    pub const fn digest(&self) -> u64 {
        self.digest.value()
    }

    /// The processes, by number: servers, then clients.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One process.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::from(id.0))
    }

    /// The servers, by number.
    pub fn servers(&self) -> impl DoubleEndedIterator<Item = &Node> + Clone {
        self.nodes.iter().take(usize::from(self.scenario.servers))
    }

    /// The messages on their way, in no particular order.
    pub fn packets(&self) -> impl Iterator<Item = &Packet> {
        self.packets.iter()
    }

    /// The links that let nothing through, each direction by itself, in order.
    pub fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.links.cuts()
    }

    /// Whether a link lets nothing through.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.links.is_cut(from, to)
    }

    /// The rules in force.
    pub fn rules(&self) -> &[super::network::Rule] {
        &self.links.rules
    }

    /// No event comes before this moment; none: nothing will ever happen by itself.
    pub fn next_at(&self) -> Option<Instant> {
        self.queue.next_at()
    }

    /// The next event, and all that follows from it at once. False: there is none.
    pub fn step(&mut self, report: &mut Report) -> bool {
        self.step_until(Instant::MAX, report)
    }

    /// The next event, if it comes no later than `limit`. False: it does not.
    pub fn step_until(&mut self, limit: Instant, report: &mut Report) -> bool {
        let Some((place, event, node, happened)) = self.front(limit) else { return false };
        self.queue.pop();
        self.now = place.at;
        self.begin(node, happened, report);
        self.carry_out(node, event, report);
        self.finish(report);
        true
    }

    /// The next event, if it comes no later than `limit`. What stands before it in the queue but
    /// was overtaken (an alarm that moved, a message that was taken away) is taken out and is no
    /// step.
    ///
    /// What comes from outside at some moment must find the queue cleared like this up to it, or
    /// its own events would be numbered differently in a replay.
    pub(super) fn front(&mut self, limit: Instant) -> Option<(Place, Event, NodeId, Happened)> {
        loop {
            let (place, event) = self.queue.peek().filter(|(place, _)| place.at <= limit)?;
            if let Some((node, happened)) = self.admit(place, event) {
                return Some((place, event, node, happened));
            }
            self.queue.pop();
            self.forget(place, event);
        }
    }

    pub(super) fn begin(&mut self, node: NodeId, happened: Happened, report: &mut Report) {
        self.steps += 1;
        report.step = self.steps;
        report.at = self.now;
        report.node = node;
        report.happened = happened;
        report.shown.clear();
    }

    pub(super) fn finish(&mut self, report: &Report) {
        (report.at, report.node, report.happened).hash(&mut self.digest);
        report.shown.hash(&mut self.digest);
    }

    pub(super) fn hash(&mut self, value: &impl Hash) {
        value.hash(&mut self.digest);
    }

    /// What an event of the queue is, if it still stands.
    fn admit(&self, place: Place, event: Event) -> Option<(NodeId, Happened)> {
        match event {
            Event::Arrive(slot) => self.admit_packet(place, slot),
            Event::Wake(id) => {
                let node = self.node(id).filter(|node| node.wake == Some(place))?;
                let due = node.alarm().filter(|alarm| alarm.at <= node.local(place.at))?;
                node.is_free().then_some((id, Happened::Woke(due.why)))
            }
            Event::Done(id) => {
                let node = self.node(id)?;
                node.hold.as_ref().filter(|hold| hold.place == place)?;
                (!node.paused).then_some((id, Happened::Finished))
            }
            Event::Next(id) => match self.node(id).filter(|node| node.is_free())?.inbox.front()? {
                Input::Packet(packet) => Some((id, Happened::Received(packet.label))),
                Input::Campaign | Input::Call(_) => Some((id, Happened::Obeyed)),
            },
        }
    }

    /// Sees to what an event that no longer stands leaves to be done.
    fn forget(&mut self, place: Place, event: Event) {
        match event {
            Event::Arrive(_) => {}
            Event::Wake(id) => {
                let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
                if node.wake == Some(place) {
                    // The alarm moved. A process that is not free is armed when it is.
                    node.wake = None;
                    self.arm_after(id, place.at);
                }
            }
            Event::Done(id) => {
                let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
                if let Some(hold) = node.hold.as_mut().filter(|hold| hold.place == place) {
                    hold.overdue = true;
                }
            }
            Event::Next(id) => {
                if let Some(node) = self.nodes.get_mut(usize::from(id.0)) {
                    node.next = false;
                }
            }
        }
    }

    fn admit_packet(&self, place: Place, slot: u32) -> Option<(NodeId, Happened)> {
        let packet = self.packets.get(slot).filter(|packet| packet.place == Some(place))?;
        let label = packet.label;
        let node = self.node(label.to)?;
        let happened = if node.is_down() || self.is_cut(label.from, label.to) {
            Happened::Missed(label)
        } else if !node.is_free() || !node.inbox.is_empty() {
            Happened::Queued(label)
        } else {
            Happened::Received(label)
        };
        Some((label.to, happened))
    }

    fn carry_out(&mut self, id: NodeId, event: Event, report: &mut Report) {
        match event {
            Event::Arrive(slot) => {
                let Some(packet) = self.packets.take(slot) else { return };
                match report.happened {
                    Happened::Missed(_) => {}
                    Happened::Queued(_) => {
                        let node = &mut self.nodes[usize::from(id.0)];
                        node.inbox.push_back(Input::Packet(packet));
                    }
                    _ => self.feed(id, Input::Packet(packet), report),
                }
            }
            Event::Wake(_) => {
                self.nodes[usize::from(id.0)].wake = None;
                self.wake(id, report);
            }
            Event::Done(_) => self.release(id, report),
            Event::Next(_) => {
                let node = &mut self.nodes[usize::from(id.0)];
                node.next = false;
                if let Some(input) = node.inbox.pop_front() {
                    self.feed(id, input, report);
                }
            }
        }
    }

    /// Starts a server from its disk.
    pub(super) fn boot(&mut self, id: NodeId, report: &mut Report) {
        let (seed, sessions) = (self.scenario.seed, self.scenario.sessions);
        let (config, above) = (self.raft.clone(), self.scenario.snapshot_above);
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let now = node.clock.local(self.now);
        let Some(process) = node.server_process() else { return };
        let boot = Boot {
            config,
            id,
            seed,
            incarnation: process.incarnation,
            durable: process.durable.clone(),
        };
        process.incarnation = process.incarnation.next();
        let initial = Sessions::around(Kv::default(), sessions);
        let server = store::Server::boot(boot, initial, above, now, &mut report.acts);
        process.server = Some(server);
        self.settle(id, report);
    }
}

#[cfg(test)]
mod tests;
