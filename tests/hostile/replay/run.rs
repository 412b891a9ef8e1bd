//! A run in which messages that were really sent are sent again.
//!
//! Nothing here goes around the world. A copy of a message is made by hand while it is on its way
//! and held back, and each copy of that copy is a message that the network carries late.

use std::collections::BTreeMap;
use std::sync::Arc;

use shardscope_core::history::History;
use shardscope_core::id::{MutantId, NodeId, NodeSet, Slot};
use shardscope_core::protocol::Protocol as _;
use shardscope_core::raft::message::{Message, Outcome};
use shardscope_core::raft::note::Note;
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::server::Wire;
use shardscope_core::sim::packet::{End, Label, Shape};
use shardscope_core::sim::report::{Happened, Shown};
use shardscope_core::sim::{Action, Chronicle, Mix, Network, Node, Pace, PacketFault};
use shardscope_core::sim::{Report, Rule, Scenario, World, network};
use shardscope_core::time::{Duration, Instant};

use super::tally::{Origin, Tally};

/// So many kinds of messages there are.
const SHAPES: usize = Shape::Response as usize + 1;
/// So many of each kind are kept, so that rare kinds have their share of what can be held back.
const KEPT: usize = 32;
/// Messages are sent again for so many events, actions counted.
const RAGE: u64 = 30_000;
/// A message of which a copy is held back.
struct Kept {
    origin: Origin,
    /// The copy's number.
    held: u64,
    /// How often it was sent again.
    times: u32,
}

/// A group and its clients under faults.
pub(super) struct Run {
    world: World,
    chronicle: Chronicle,
    report: Report,
    lane: Rng,
    kept: [Vec<Kept>; SHAPES],
    /// The copies on their way, by number, and how often each was made.
    flying: BTreeMap<u64, (Origin, u32)>,
    /// How often each process crashed.
    lives: Vec<u32>,
    /// By link: the latest message that was received.
    newest: BTreeMap<(NodeId, NodeId), u64>,
    tally: Tally,
    /// Messages are sent again: otherwise the run is what it would be without.
    echoes: bool,
}

/// Settings under which much can be stale: short appends, logs and tenures.
fn scenario(seed: u64, lane: &mut Rng, mutant: MutantId) -> Scenario {
    let mut scenario = Scenario::new(seed, if lane.below(3) == 0 { 5 } else { 3 }, 3);
    scenario.raft.pre_vote = lane.below(3) > 0;
    scenario.raft.append_max = 1 + lane.below(3);
    scenario.raft.window = 8;
    scenario.read_index = lane.below(4) > 0;
    scenario.snapshot_above = (lane.below(2) == 0).then_some(400);
    // Of two sessions all but the last expire, and a request of an expired one comes again.
    scenario.sessions = if lane.below(4) == 0 { 2 } else { 64 };
    scenario.network.loss = Ppm(lane.below(3) as u32 * 30_000);
    scenario.workload.pace = Pace::Closed { think: Duration::from_millis(15) };
    scenario.workload.mix =
        Mix { get: 3, put: 2, append: 3, delete: 1, cas: 1, put_at: 1, put_hash: 1 };
    scenario.mutant = mutant;
    scenario
}

impl Run {
    /// The run of a seed. Without `echoes` nothing is sent again: then what fails is due to the
    /// other faults.
    pub(super) fn new(seed: u64, mutant: MutantId, echoes: bool) -> Self {
        let mut lane = Rng::keyed(&[seed, 0x65_63_68_6f]);
        let world = World::new(Arc::new(scenario(seed, &mut lane, mutant)));
        Self {
            lives: vec![0; world.nodes().len()],
            world,
            chronicle: Chronicle::default(),
            report: Report::default(),
            lane,
            kept: Default::default(),
            flying: BTreeMap::new(),
            newest: BTreeMap::new(),
            tally: Tally::default(),
            echoes,
        }
    }

    /// What the clients saw.
    pub(super) const fn history(&self) -> &History {
        &self.chronicle.history
    }

    /// What was sent again and received.
    pub(super) const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many entries were committed.
    pub(super) fn committed(&self) -> u64 {
        self.chronicle.observers.committed()
    }

    /// How many operations returned.
    pub(super) fn operations(&self) -> u64 {
        let clients = self.world.nodes().iter().filter_map(Node::client);
        clients.map(|client| client.answered()).sum()
    }

    fn act(&mut self, action: &Action) -> bool {
        let now = self.world.now();
        let done = self.world.act(now, action, &mut self.report).is_ok();
        if done {
            self.chronicle.record(&self.world, &self.report);
        }
        done
    }

    fn meddle(&mut self, id: u64, fault: PacketFault) -> bool {
        self.act(&Action::Packet { id, fault })
    }

    /// The number of the copy that was just made.
    fn copied(&self) -> Option<u64> {
        self.report.shown.iter().find_map(|shown| match shown {
            Shown::Sent(label) if label.twin => Some(label.id),
            _ => None,
        })
    }

    /// Holds back a copy of a message that is on its way.
    fn keep(&mut self, label: Label) {
        let often = matches!(
            label.shape,
            Shape::Append
                | Shape::Heartbeat
                | Shape::AppendReply
                | Shape::Request
                | Shape::Response
        );
        if often && self.lane.below(6) > 0 {
            if label.end == End::Held {
                self.meddle(label.id, PacketFault::Drop);
            }
            return;
        }
        let bucket = label.shape as usize;
        if self.kept[bucket].len() >= KEPT {
            // A random one goes, so that some stay for long.
            let index = self.lane.below(KEPT as u64) as usize;
            let gone = self.kept[bucket].swap_remove(index);
            self.meddle(gone.held, PacketFault::Drop);
        }
        let mut held = label.id;
        if label.end == End::Arrives {
            assert!(self.meddle(label.id, PacketFault::Duplicate), "it is on its way");
            held = self.copied().expect("a message on its way can be copied");
            assert!(self.meddle(held, PacketFault::Hold), "there is room for {KEPT} of each kind");
        }
        let lives = [label.from, label.to].map(|node| self.lives[usize::from(node.0)]);
        self.kept[bucket].push(Kept { origin: Origin { label, lives }, held, times: 0 });
    }

    /// Sends a message again that was kept.
    fn echo(&mut self, bucket: usize, index: usize) {
        let kept = &mut self.kept[bucket][index];
        kept.times += 1;
        let (held, origin, times) = (kept.held, kept.origin, kept.times);
        assert!(self.meddle(held, PacketFault::Duplicate), "what is held can be copied");
        let copy = self.copied().expect("there is one copy more");
        self.flying.insert(copy, (origin, times));
    }

    /// Sends a few messages again: of any kind, one of them several times, or all of a kind that
    /// were once sent to somebody.
    fn burst(&mut self, to: Option<NodeId>) {
        let bucket = self.lane.below(SHAPES as u64) as usize;
        let mut chosen: Vec<usize> = (0..self.kept[bucket].len()).collect();
        if let Some(to) = to {
            chosen.retain(|index| self.kept[bucket][*index].origin.label.to == to);
        }
        if self.lane.below(2) == 0 {
            chosen.retain(|index| self.is_open(&self.kept[bucket][*index]));
        }
        let most = if to.is_some() { 8 } else { 1 + self.lane.below(4) };
        for _ in 0..most {
            if chosen.is_empty() {
                return;
            }
            let place = self.lane.below(chosen.len() as u64) as usize;
            let index = chosen[place];
            self.echo(bucket, index);
            if self.lane.below(4) > 0 {
                chosen.swap_remove(place);
            }
        }
    }

    /// Whether a message is about slots that its addressee does not take for committed.
    fn is_open(&self, kept: &Kept) -> bool {
        let label = kept.origin.label;
        let addressee = self.world.node(label.to).and_then(Node::server);
        let commit = addressee.map_or(Slot(0), |server| server.replica().commit());
        let mut held = self.world.packets().filter(|packet| packet.label.id == kept.held);
        match held.next().map(|packet| &packet.wire) {
            Some(Wire::Peer(Message::Append { prev, entries, .. })) => {
                prev.slot.0 + entries.len() > commit.0
            }
            Some(Wire::Peer(Message::AppendReply { outcome: Outcome::Matched(slot), .. })) => {
                *slot > commit
            }
            _ => true,
        }
    }

    /// A message was received: one for the first time, or a copy.
    fn receive(&mut self, label: Label) {
        let newest = self.newest.entry((label.from, label.to)).or_default();
        match self.flying.remove(&label.id) {
            Some(echo) => self.tally.count(&self.world, echo, Some(*newest), &self.lives),
            None => *newest = label.id.max(*newest),
        }
    }

    /// The next event, and what is kept and sent again because of it.
    fn step(&mut self, until: Instant) -> bool {
        if !self.world.step_until(until, &mut self.report) {
            return false;
        }
        self.chronicle.record(&self.world, &self.report);
        if let Happened::Received(label) = self.report.happened {
            self.receive(label);
        }
        if !self.echoes {
            return true;
        }
        let sent = self.report.shown.iter().filter_map(|shown| match shown {
            Shown::Sent(label) if !label.twin => Some(*label),
            _ => None,
        });
        let sent = sent.filter(|label| matches!(label.end, End::Arrives | End::Held));
        let sent: Vec<Label> = sent.collect();
        let turn = |shown: &Shown| {
            let Shown::Note(note) = shown else { return false };
            use Note::{BecameLeader, ElectionStarted, Follows, PreVoteStarted, Truncated};
            matches!(
                note,
                BecameLeader(_)
                    | ElectionStarted(_)
                    | Follows { .. }
                    | PreVoteStarted(_)
                    | Truncated { .. }
            )
        };
        let (node, turned) = (self.report.node, self.report.shown.iter().any(turn));
        for label in sent {
            self.keep(label);
        }
        if turned {
            // A new role or a new log, for which nothing old is meant.
            for _ in 0..4 {
                self.burst(Some(node));
            }
        }
        if self.lane.below(5) == 0 {
            self.burst(None);
        }
        true
    }

    fn violation(&self) -> Option<String> {
        let violation = self.chronicle.observers.violations().first()?;
        let (id, step, at) = (violation.law.id(), violation.step, violation.at);
        Some(format!("{id} at step {step}, {at} s: {}", violation.words))
    }

    fn run_until(&mut self, until: Instant) -> Result<(), String> {
        while self.step(until) {
            if let Some(violation) = self.violation() {
                return Err(violation);
            }
        }
        Ok(())
    }

    fn leader(&self) -> Option<NodeId> {
        let leads =
            |node: &&Node| node.server().is_some_and(|server| server.replica().leading().is_some());
        self.world.servers().find(leads).map(Node::id)
    }

    /// One fault, or its end. What cannot be done just now is left out.
    fn strike(&mut self) {
        let servers = u64::from(self.world.scenario().servers);
        let server = NodeId(self.lane.below(servers) as u16);
        let (leader, down) = (self.leader().unwrap_or(server), |node: &&Node| node.is_down());
        let down = self.world.servers().find(down).map_or(server, Node::id);
        let paused = self.world.servers().find(|node| node.is_paused()).map_or(server, Node::id);
        self.act(&Action::ClearRules);
        let action = match self.lane.below(24) {
            0..3 => Action::Crash(server),
            3..5 => Action::Crash(leader),
            5..11 => Action::Restart(down),
            11 => Action::Isolate(leader),
            12 => self.hold_back(leader),
            13..16 => self.mend(),
            16 | 17 => Action::Campaign(server),
            18 | 19 => Action::Transfer { from: leader, to: server },
            20 => Action::Pause(server),
            21 | 22 => Action::Resume(paused),
            _ if self.lane.below(8) == 0 => Action::Wipe(server),
            _ => Action::SlowDisk { server, times: 1 + self.lane.below(20) as u32 },
        };
        if self.act(&action)
            && let Action::Crash(node) | Action::Wipe(node) = action
        {
            self.lives[usize::from(node.0)] += 1;
        }
    }

    /// What a server sends is held back for a while: not lost, and to be sent later.
    fn hold_back(&mut self, server: NodeId) -> Action {
        let lasts = Duration::from_millis(50 + self.lane.below(500));
        Action::AddRule(Rule {
            from: Some(NodeSet::from_iter([server])),
            to: None,
            shape: None,
            verdict: network::Verdict::Hold,
            chance: Ppm(800_000),
            until: Some(self.world.now() + lasts),
        })
    }

    /// All on one side: no link is cut. To heal would release what is held.
    fn mend(&self) -> Action {
        let all: NodeSet = self.world.nodes().iter().map(Node::id).collect();
        Action::Partition(vec![all])
    }

    /// Faults and echoes; what invariant was broken, if one was.
    pub(super) fn rage(&mut self) -> Result<(), String> {
        let mut until = Instant::ZERO;
        let mut events = 0;
        while events < RAGE {
            until += Duration::from_millis(20 + self.lane.below(150));
            let before = self.world.steps();
            self.run_until(until)?;
            events += self.world.steps() - before;
            self.strike();
        }
        Ok(())
    }

    /// Everything is healed, and clients get to the end of what they have begun.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        self.echoes = false;
        let kept = std::mem::take(&mut self.kept);
        for kept in kept.into_iter().flatten() {
            self.meddle(kept.held, PacketFault::Drop);
        }
        let mend = self.mend();
        self.act(&mend);
        self.act(&Action::SetNetwork(Network::default()));
        let mut silent = self.world.scenario().workload;
        silent.limit = Some(0);
        self.act(&Action::SetWorkload(silent));
        for server in self.world.scenario().clone().server_ids() {
            self.act(&Action::Resume(server));
            self.act(&Action::Restart(server));
            self.act(&Action::SlowDisk { server, times: 1 });
        }
        let limit = self.world.now() + Duration::from_secs(20);
        self.run_until(limit)?;
        let busy = |node: &&Node| node.client().is_some_and(|client| client.clerk().is_busy());
        match self.world.nodes().iter().find(busy) {
            Some(node) => Err(format!("{} still waits", self.world.scenario().name(node.id()))),
            None => Ok(()),
        }
    }
}
