//! Whole groups: a run that a test steers, and storms of faults for what must always hold.

use super::*;
use crate::history::What as Seen;
use crate::kv::Reply;
use crate::rng::{Ppm, Rng};
use crate::sim::packet::Label;
use crate::sim::report::ActionKind;
use crate::sim::store::{Replica, StoreCommand};
use crate::sim::trace::What;
use crate::sim::{Action, Latency, Pace, Scenario, Timeline};

/// A group as the paper has it, and one client that speaks when it is told to.
pub(super) fn scenario(seed: u64, servers: u16) -> Scenario {
    let mut scenario = Scenario::new(seed, servers, 1);
    scenario.raft = Config { append_max: 64, window: 256, uncommitted_max: 1024, ..plain(servers) };
    scenario.workload.pace = Pace::Silent;
    scenario
}

/// A run of a group.
pub(super) struct Group(pub(super) Timeline);

impl Group {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self(Timeline::new(scenario))
    }

    /// A group that has run for a second, and its leader.
    pub(super) fn led(scenario: Scenario) -> (Self, NodeId) {
        let mut group = Self::new(scenario);
        group.run(1_000);
        let leader = group.leader().expect("a second is enough for an election");
        (group, leader)
    }

    /// Goes on for so many milliseconds.
    pub(super) fn run(&mut self, millis: u64) {
        self.0.advance(self.0.now() + Duration::from_millis(millis), u32::MAX);
    }

    /// Goes on event by event until something holds, for a minute at most.
    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let limit = self.0.now() + Duration::from_secs(60);
        while !holds(self) {
            assert!(self.0.step_forward() && self.0.now() < limit, "never: {what}");
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.0.act(action).expect("it can be done");
    }

    /// Gives a client a command; its number, to wait for the reply.
    pub(super) fn ask(&mut self, client: u16, line: &str) -> usize {
        let asked = self.replies(client).len();
        let client = NodeId(self.0.scenario().servers + client);
        let command = line.parse().expect("a command");
        self.act(Action::Invoke { client, command });
        asked
    }

    /// What a client's calls came to, in order.
    pub(super) fn replies(&self, client: u16) -> Vec<Option<Reply>> {
        let client = NodeId(self.0.scenario().servers + client);
        let events = self.0.chronicle().history.iter().filter(|event| event.client == client);
        let replies = events.filter_map(|event| match &event.what {
            Seen::Return { reply, .. } => Some(reply.clone()),
            _ => None,
        });
        replies.collect()
    }

    /// Has client 0 do something, and waits for the reply.
    pub(super) fn served(&mut self, line: &str) -> Reply {
        let number = self.ask(0, line);
        self.until(line, |group| group.replies(0).len() > number);
        self.replies(0)[number].clone().expect("a definite reply")
    }

    /// A server that runs.
    pub(super) fn replica(&self, id: NodeId) -> Option<&Replica> {
        Some(self.0.world().node(id)?.server()?.replica())
    }

    /// The servers that run.
    pub(super) fn replicas(&self) -> impl Iterator<Item = &Replica> + Clone {
        self.0.world().servers().filter_map(|node| Some(node.server()?.replica()))
    }

    /// Who leads in the latest term in which somebody does.
    pub(super) fn leader(&self) -> Option<NodeId> {
        let leaders = self.replicas().filter(|replica| replica.leading().is_some());
        leaders.max_by_key(|replica| replica.hard.term).map(Raft::id)
    }

    /// The servers that are not this one.
    pub(super) fn others(&self, than: NodeId) -> Vec<NodeId> {
        self.0.scenario().server_ids().filter(|id| *id != than).collect()
    }

    /// The commands on a server's disk.
    pub(super) fn stored(&self, id: NodeId) -> Vec<StoreCommand> {
        let disk = self.0.world().node(id).and_then(|node| node.durable()).expect("a server");
        let commands = disk.log.from(Slot(1)).filter_map(|(_, entry)| match &entry.payload {
            Payload::Command(command) => Some(command.clone()),
            Payload::Noop => None,
        });
        commands.collect()
    }

    /// What servers said so far, in order.
    pub(super) fn notes(&self) -> Vec<(NodeId, Note)> {
        let notes = self.0.chronicle().trace.iter().filter_map(|line| match line.what {
            What::Note(note) => Some((line.node, note)),
            _ => None,
        });
        notes.collect()
    }

    /// Who was elected so far, in which term.
    pub(super) fn elected(&self) -> Vec<(Term, NodeId)> {
        let won = self.notes().into_iter().filter_map(|(node, note)| match note {
            Note::BecameLeader(term) => Some((term, node)),
            _ => None,
        });
        won.collect()
    }

    /// The messages that were sent so far.
    pub(super) fn sent(&self) -> Vec<Label> {
        let sent = self.0.chronicle().trace.iter().filter_map(|line| match line.what {
            What::Sent(label) => Some(label),
            _ => None,
        });
        sent.collect()
    }
}

/// Five servers under crashes, cuts, forced elections and a bad network, with two busy clients:
/// `look` sees every moment. The end, when much was committed and several were elected.
pub(super) fn storm(seed: u64, mut look: impl FnMut(&Group)) -> Group {
    let mut scenario = scenario(seed, 5);
    scenario.clients = 2;
    scenario.workload.pace = Pace::Closed { think: Duration::from_millis(5) };
    scenario.network.loss = Ppm::percent(2);
    scenario.network.duplicate = Ppm::percent(2);
    scenario.network.reorder = Ppm::percent(5);
    let mut group = Group::new(scenario);
    let mut lane = Rng::keyed(&[seed, 5]);
    for _ in 0..150 {
        let until = group.0.now() + Duration::from_millis(50 + lane.below(100));
        while group.0.world().next_at().is_some_and(|at| at <= until) {
            group.0.step_forward();
            look(&group);
        }
        let server = NodeId(lane.below(5) as u16);
        // What cannot be done just now is left out.
        let _ = group.0.act(match lane.below(10) {
            0 | 1 => Action::Crash(server),
            2..=4 => Action::Restart(server),
            5 => Action::Isolate(server),
            6 | 7 => Action::Campaign(server),
            _ => Action::Heal,
        });
    }
    let acted = |kind| group.0.branch().acts.iter().any(|acted| acted.action.kind() == kind);
    assert!([ActionKind::Crash, ActionKind::Cut, ActionKind::Campaign].into_iter().all(acted));
    assert!(group.elected().len() > 3, "seed {seed}: {} elected", group.elected().len());
    assert!(group.0.chronicle().observers.committed() > 20, "seed {seed}");
    group
}

/// Links on which every message takes equally long.
pub(super) fn even(scenario: &mut Scenario, millis: u64) {
    scenario.network.latency = Latency::Fixed(Duration::from_millis(millis));
}
