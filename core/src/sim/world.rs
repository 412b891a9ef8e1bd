//! The world: all processes and everything between them, one event at a time.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::Hash;

use super::client::{Caller, Client};
use super::clock::Clock;
use super::migration;
use super::network::{Links, Stop};
use super::node::{Input, Node, Process, ServerProcess};
use super::packet::{Packet, Packets, Shape};
use super::queue::{Event, Place, Queue};
use super::report::{Happened, Report};
use super::scenario::Scenario;
use super::service::Service;
use super::store::{Durable, Server};
use crate::digest::Digest;
use crate::id::{ClientId, Gid, Incarnation, NodeId, Slot};
use crate::protocol::Boot;
use crate::raft;
use crate::rng::Rng;
use crate::time::Instant;

/// All processes and everything between them, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub(super) scenario: Arc<Scenario>,
    /// The protocol's settings, by group.
    raft: Arc<[Arc<raft::Config>]>,
    pub(super) now: Instant,
    steps: u64,
    digest: Digest,
    pub(super) nodes: Vec<Node>,
    pub(super) queue: Queue,
    pub(super) packets: Packets,
    pub(super) links: Links,
    /// The last session that was given to a command from outside.
    outside: ClientId,
}

/// More things than this do not wait for a process: what comes then is missed, as at a socket whose
/// buffer is full.
pub(super) const MAX_INBOX: usize = 512;

/// The lanes of the processes that are no servers.
const LANES: [u64; 2] = [0x636c_6572, 0x776f_726b];

/// Session ids of one client lie this far apart, so that no two clients share one. Multiples of it
/// belong to no client, but to commands from outside.
pub(super) const STRIDE: u64 = 1 << 12;

/// Which client a session belongs to, counted from 1; none: it holds a command from outside.
pub(crate) const fn client_of(session: ClientId) -> Option<u64> {
    match session.0 % STRIDE {
        0 => None,
        client => Some(client),
    }
}

impl World {
    /// The world of a scenario before its first event. Servers and clients beyond the limits are
    /// cut off; [`Scenario::complaints`] says so beforehand.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let scenario = Scenario::bounded(scenario);
        let config = |group| {
            let voters = scenario.members(group).collect();
            Arc::new(raft::Config { voters, ..scenario.raft.clone() })
        };
        let raft = scenario.groups().map(config).collect();
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
            outside: ClientId(0),
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
                mover: None,
                incarnation: Incarnation(0),
                writes: 0,
                slower: 1,
            };
            self.add(id, Process::Server(Box::new(process)));
            self.boot(id, &mut Report::default());
        }
        for (who, id) in (1..).zip(scenario.client_ids()) {
            let lane = |kind| Rng::keyed(&[scenario.seed, kind, u64::from(id.0)]);
            let clerk = Caller::of(&scenario, who, lane(LANES[0]));
            let workload = match scenario.operator() {
                Some(operator) if operator == id => scenario.workload.silent(),
                _ => scenario.workload,
            };
            let client = Client::new(clerk, workload, who, scenario.read_index, lane(LANES[1]));
            self.add(id, Process::Client(Box::new(client)));
            self.take_up(id);
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
            next: None,
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
        self.nodes.iter().take(usize::from(self.scenario.server_count()))
    }

    /// The servers of a group, by number.
    pub fn members(&self, group: Gid) -> impl DoubleEndedIterator<Item = &Node> + Clone {
        self.scenario.members(group).filter_map(|id| self.node(id))
    }

    /// The running server of a group that has applied most: as far as the group has come.
    pub fn furthest(&self, group: Gid) -> Option<&Server> {
        self.members(group).filter_map(Node::server).max_by_key(|server| server.applied())
    }

    /// Whether a majority of a group's servers runs. Without one nobody is answered.
    pub fn has_majority(&self, group: Gid) -> bool {
        let (all, running) = (self.members(group), self.members(group).filter(|node| node.runs()));
        running.count() * 2 > all.count()
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

    /// What stops every message of a kind on a link until somebody changes that; none: some get
    /// through, or will.
    pub fn stops(&self, from: NodeId, to: NodeId, shape: Shape) -> Option<Stop> {
        self.links.stops(self.now, from, to, shape)
    }

    /// The rules in force.
    pub fn rules(&self) -> &[super::network::Rule] {
        &self.links.rules
    }

    /// The moment of the next event; none: nothing will ever happen by itself.
    pub fn next_at(&self) -> Option<Instant> {
        let queued = self.queue.peek().map(|(place, _)| place);
        let woken = self.queue.first_alarm().map(|(place, _)| place);
        queued.into_iter().chain(woken).min().map(|place| place.at)
    }

    /// The next event, and all that follows from it at once. False: there is none.
    pub fn step(&mut self, report: &mut Report) -> bool {
        self.step_until(Instant::MAX, report)
    }

    /// The next event, if it comes no later than `limit`. False: it does not.
    // In line it would be compiled as its caller is, and the page's callers are built for size.
    #[inline(never)]
    pub fn step_until(&mut self, limit: Instant, report: &mut Report) -> bool {
        let queued = self.queue.peek();
        let woken = self.queue.first_alarm();
        match (queued, woken) {
            (Some((place, _)), Some((wake, id))) if wake < place => {
                self.rouse(wake, id, limit, report)
            }
            (None, Some((wake, id))) => self.rouse(wake, id, limit, report),
            (Some((place, event)), _) if place.at <= limit => {
                self.queue.pop();
                self.now = place.at;
                self.carry_out(event, report);
                self.finish(report);
                true
            }
            _ => false,
        }
    }

    /// Wakes a process, if its alarm comes no later than `limit`.
    fn rouse(&mut self, place: Place, id: NodeId, limit: Instant, report: &mut Report) -> bool {
        let alarm = self.nodes[usize::from(id.0)].alarm();
        let Some(alarm) = alarm.filter(|_| place.at <= limit) else { return false };
        self.queue.set_alarm(id, None);
        self.now = place.at;
        self.begin(id, Happened::Woke(alarm.why), report);
        self.wake(id, report);
        self.finish(report);
        true
    }

    /// Takes events out of the front of the queue that were overtaken: a message that was taken
    /// away, the end of a write whose server crashed. They are no steps. It is done at the end of
    /// each step and action, never by looking for the next event: worlds of the same past are
    /// equal, however often somebody looked.
    fn skip_overtaken(&mut self) {
        while let Some((place, event)) = self.queue.peek() {
            if self.stands(place, event) {
                return;
            }
            self.queue.pop();
        }
    }

    pub(super) fn begin(&mut self, node: NodeId, happened: Happened, report: &mut Report) {
        self.steps += 1;
        report.step = self.steps;
        report.at = self.now;
        report.node = node;
        report.happened = happened;
        report.shown.clear();
        report.vouched = Slot(0);
    }

    pub(super) fn finish(&mut self, report: &Report) {
        // One by one: a tuple of them would be a copy of the label.
        let Report { at, node, happened, shown, .. } = report;
        at.hash(&mut self.digest);
        node.hash(&mut self.digest);
        happened.hash(&mut self.digest);
        shown.hash(&mut self.digest);
        self.skip_overtaken();
    }

    pub(super) fn hash(&mut self, value: &impl Hash) {
        value.hash(&mut self.digest);
    }

    /// Whether an event of the queue was not overtaken.
    fn stands(&self, place: Place, event: Event) -> bool {
        let place = Some(place);
        match event {
            Event::Arrive(slot) => {
                self.packets.get(slot).is_some_and(|packet| packet.place == place)
            }
            Event::Done(id) => {
                let hold = self.node(id).and_then(|node| node.hold.as_ref());
                hold.is_some_and(|hold| hold.place == place)
            }
            Event::Next(id) => {
                self.node(id).is_some_and(|node| node.next == place && !node.inbox.is_empty())
            }
        }
    }

    fn carry_out(&mut self, event: Event, report: &mut Report) {
        match event {
            Event::Arrive(slot) => {
                if let Some(packet) = self.packets.take(slot) {
                    self.arrive(packet, report);
                }
            }
            Event::Done(id) => {
                self.begin(id, Happened::Finished, report);
                self.release(id, report);
            }
            Event::Next(id) => self.take_next(id, report),
        }
    }

    /// A message has come to its receiver: it takes the message, lets it wait or misses it.
    // The packet is not taken apart: the message would be copied.
    fn arrive(&mut self, packet: Packet, report: &mut Report) {
        let label = packet.label;
        let cut = self.is_cut(label.from, label.to);
        let node = &mut self.nodes[usize::from(label.to.0)];
        if cut || node.is_down() || node.inbox.len() >= MAX_INBOX {
            self.begin(label.to, Happened::Missed(label), report);
        } else if !node.is_free() || !node.inbox.is_empty() {
            node.inbox.push_back(Input::Message(label, packet.wire));
            self.begin(label.to, Happened::Queued(label), report);
        } else {
            self.begin(label.to, Happened::Received(label), report);
            self.deliver(label, packet.wire, report);
        }
    }

    /// A process takes the first thing that waits for it.
    fn take_next(&mut self, id: NodeId, report: &mut Report) {
        let node = &mut self.nodes[usize::from(id.0)];
        node.next = None;
        let Some(input) = node.inbox.pop_front() else { return };
        let happened = match &input {
            Input::Message(label, _) => Happened::Received(*label),
            Input::Campaign | Input::Transfer(_) | Input::Call(_) | Input::Propose(_) => {
                Happened::Obeyed
            }
        };
        self.begin(id, happened, report);
        self.feed(id, input, report);
    }

    /// A session for one command from outside. Its id is above all that were given out, hence
    /// above those of whatever stands before it in a log: the floor, which is one of them, never
    /// bars it.
    pub(super) fn outside_session(&mut self) -> ClientId {
        let clients = self.nodes.iter().filter_map(Node::client);
        let newest = clients.map(|client| client.clerk().session()).max().unwrap_or_default();
        let above = newest.max(self.outside).0 / STRIDE + 1;
        self.outside = ClientId(above.saturating_mul(STRIDE));
        self.outside
    }

    /// Starts a server from its disk.
    pub(super) fn boot(&mut self, id: NodeId, report: &mut Report) {
        let scenario = self.scenario.clone();
        let Some(group) = scenario.group_of(id) else { return };
        let Some(config) = self.raft.get(usize::from(group.0)).cloned() else { return };
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        let now = node.clock.local(self.now);
        let Some(process) = node.server_process() else { return };
        let boot = Boot {
            config,
            id,
            seed: scenario.seed,
            incarnation: process.incarnation,
            durable: process.durable.clone(),
            mutant: scenario.mutant_of(group),
        };
        process.mover = migration::mover(&scenario, id, process.incarnation);
        process.incarnation = process.incarnation.next();
        let (initial, above) = (Service::of(&scenario, group), scenario.snapshot_above);
        let server = Server::boot(boot, initial, above, now, &mut report.acts);
        process.server = Some(server);
        process.migrate(now, &mut report.acts);
        self.settle(id, report);
    }
}

#[cfg(test)]
mod tests;
