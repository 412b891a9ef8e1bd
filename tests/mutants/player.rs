//! Plays a directed run.

use std::sync::Arc;

use shardscope_core::id::{MutantId, NodeId, NodeSet};
use shardscope_core::kv::Command;
use shardscope_core::protocol::Protocol as _;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::packet::{End, Shape};
use shardscope_core::sim::{
    Action, Chronicle, Node, PacketFault, Report, Rule, Scenario, Verdict, World,
};
use shardscope_core::time::{Duration, Instant};

use super::judge::{Found, Judge};
use super::script::{BEAT, C, CLIENTS, Cond, Do, Run, S, by_hand, by_itself};

/// What becomes of a step.
const SETTLE: Duration = Duration::from_millis(5);

/// A run under way.
pub(super) struct Player {
    pub(super) world: World,
    pub(super) judge: Judge,
    /// Steps done, each repetition counted.
    pub(super) steps: u32,
    /// The steps that it took until something was found.
    pub(super) caught_at: Option<u32>,
    chronicle: Chronicle,
    report: Report,
    now: Instant,
}

impl Run {
    fn scenario(&self, mutant: MutantId) -> Scenario {
        let mut scenario = match self.natural {
            true => by_itself(self.servers, mutant),
            false => by_hand(self.servers, mutant),
        };
        (self.setup)(&mut scenario);
        assert_eq!(scenario.complaints(), [], "{:?}", self.mutant);
        scenario
    }

    /// Plays it with the decisions that go by a number.
    pub(super) fn play(&self, mutant: MutantId) -> Player {
        let mut player = Player {
            world: World::new(Arc::new(self.scenario(mutant))),
            judge: Judge::default(),
            steps: 0,
            caught_at: None,
            chronicle: Chronicle::default(),
            report: Report::default(),
            now: Instant::ZERO,
        };
        if !self.natural {
            player.hold();
        }
        player.play(self.steps, mutant != MutantId::Paper);
        player
    }
}

impl Player {
    /// With `strict`, every step must find what it is about, until something was found wrong.
    fn play(&mut self, steps: &[Do], strict: bool) {
        for step in steps {
            if let Do::Repeat(times, steps) = step {
                (0..*times).for_each(|_| self.play(steps, strict));
                continue;
            }
            let done = self.step(*step);
            self.steps += 1;
            if self.caught_at.is_none() && !self.judge.found.is_empty() {
                self.caught_at = Some(self.steps);
            }
            let lenient = !strict || self.caught_at.is_some();
            assert!(done || lenient, "step {}, {step:?}: there is nothing to do", self.steps);
        }
    }

    fn step(&mut self, step: Do) -> bool {
        let done = match step {
            Do::Hold => self.hold(),
            Do::Free => self.act(Action::ClearRules),
            Do::Campaign(server) => self.act(Action::Campaign(server.id())),
            Do::Beat(server) => {
                self.act(Action::SetClock { node: server.id(), jump: BEAT, drift: 0 })
            }
            Do::Deliver(shape, from, to) => {
                let first = self.held(shape, from, to).first().copied();
                first.is_some_and(|id| self.meddle(id, PacketFault::Deliver))
            }
            Do::Latest(shape, from, to) => {
                let last = self.held(shape, from, to).last().copied();
                last.is_some_and(|id| self.meddle(id, PacketFault::Deliver))
            }
            Do::Copy(shape, from, to) => {
                let first = self.held(shape, from, to).first().copied();
                first.is_some_and(|id| self.meddle(id, PacketFault::Duplicate))
            }
            Do::Drop(shape, from, to) => {
                let all = self.held(shape, from, to);
                !all.is_empty() && all.into_iter().all(|id| self.meddle(id, PacketFault::Drop))
            }
            Do::Bind(client, server) => self.bind(client, Some(server)),
            Do::Mute(client) => self.bind(client, None),
            Do::Ask(client, words) => self.ask(client, words),
            Do::Call(client, server, words) => {
                self.bind(client, Some(server));
                let asked = self.ask(client, words);
                self.run(Duration::from_millis(30));
                asked
            }
            Do::Crash(server) => self.act(Action::Crash(server.id())),
            Do::Restart(server) => self.act(Action::Restart(server.id())),
            Do::Isolate(server) => self.act(Action::Isolate(server.id())),
            Do::Rejoin(server) => self.rejoin(server),
            Do::Cut(from, to) => self.act(Action::Cut { from: from.id(), to: to.id() }),
            Do::Slow(server, times) => self.act(Action::SlowDisk { server: server.id(), times }),
            Do::Wait(millis) => self.run(Duration::from_millis(millis)),
            Do::Within(millis, cond) => self.within(Duration::from_millis(millis), cond),
            Do::Repeat(..) => true,
        };
        let waits = matches!(step, Do::Wait(_) | Do::Within(..) | Do::Repeat(..));
        if !waits {
            self.run(SETTLE);
        }
        done
    }

    fn act(&mut self, action: Action) -> bool {
        let done = self.world.act(self.now, &action, &mut self.report).is_ok();
        if done {
            self.observe();
        }
        done
    }

    fn observe(&mut self) {
        self.chronicle.record(&self.world, &self.report);
        self.judge.observe(&self.report, &self.chronicle);
    }

    fn run(&mut self, time: Duration) -> bool {
        self.now += time;
        while self.world.step_until(self.now, &mut self.report) {
            self.observe();
        }
        true
    }

    fn within(&mut self, time: Duration, cond: Cond) -> bool {
        let limit = self.now + time;
        while !self.holds(cond) {
            if self.now >= limit {
                self.judge.add(Found::Stuck, self.world.steps());
                return true;
            }
            self.run(SETTLE);
        }
        true
    }

    fn holds(&self, cond: Cond) -> bool {
        match cond {
            Cond::Leader => self.world.servers().any(leads),
            Cond::Committed(slots) => self.chronicle.observers.committed() >= slots,
            Cond::Answered(client) => self.is_idle(client),
            Cond::Applied(server, slots) => {
                let server = self.world.node(server.id()).and_then(Node::server);
                server.is_some_and(|server| server.applied().0 >= slots)
            }
        }
    }

    fn servers(&self) -> NodeSet {
        self.world.scenario().server_ids().collect()
    }

    fn hold(&mut self) -> bool {
        let servers = Some(self.servers());
        let (verdict, chance) = (Verdict::Hold, Ppm::ALWAYS);
        let rule = Rule { from: servers, to: servers, shape: None, verdict, chance, until: None };
        self.act(Action::AddRule(rule))
    }

    /// The held messages of a kind on a link, the oldest first.
    fn held(&self, shape: Shape, from: S, to: S) -> Vec<u64> {
        let labels = self.world.packets().map(|packet| packet.label);
        let mut ids: Vec<u64> = labels
            .filter(|label| label.end == End::Held && label.shape == shape)
            .filter(|label| (label.from, label.to) == (from.id(), to.id()))
            .map(|label| label.id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn meddle(&mut self, id: u64, fault: PacketFault) -> bool {
        self.act(Action::Packet { id, fault })
    }

    fn client(&self, client: C) -> NodeId {
        NodeId(self.world.scenario().servers + client.0 - 1)
    }

    fn link(&mut self, from: NodeId, to: NodeId, open: bool) {
        self.act(if open { Action::Mend { from, to } } else { Action::Cut { from, to } });
    }

    /// Leaves a client one server to talk to; none: whatever it says, no answer reaches it.
    fn bind(&mut self, client: C, server: Option<S>) -> bool {
        let client = self.client(client);
        for id in self.world.scenario().clone().server_ids() {
            let bound = server.is_some_and(|server| server.id() == id);
            self.link(id, client, bound);
            if server.is_some() {
                self.link(client, id, bound);
            }
        }
        true
    }

    fn rejoin(&mut self, server: S) -> bool {
        for other in self.world.scenario().clone().server_ids() {
            self.link(server.id(), other, true);
            self.link(other, server.id(), true);
        }
        true
    }

    fn ask(&mut self, client: C, words: &str) -> bool {
        let command: Command = words.parse().expect("a command");
        self.act(Action::Invoke { client: self.client(client), command })
    }

    fn is_idle(&self, client: C) -> bool {
        let client = self.world.node(self.client(client)).and_then(Node::client);
        client.is_some_and(|client| !client.clerk().is_busy() && client.queued() == 0)
    }

    /// After the steps: everything is healed, and then somebody is elected, whoever waits gets an
    /// answer, and a fresh write is served.
    pub(super) fn recover(&mut self) -> bool {
        self.act(Action::Heal);
        let servers: Vec<NodeId> = self.world.scenario().server_ids().collect();
        for server in &servers {
            self.act(Action::Restart(*server));
            self.act(Action::SlowDisk { server: *server, times: 1 });
        }
        self.ask(C(1), "put last 1");
        for server in servers.iter().chain(&servers) {
            self.act(Action::Campaign(*server));
            for _ in 0..3 {
                self.run(Duration::from_millis(300));
                let leaders: Vec<NodeId> =
                    self.world.servers().filter(|node| leads(node)).map(Node::id).collect();
                let by_hand = self.world.scenario().raft.heartbeat == BEAT;
                for node in leaders.into_iter().filter(|_| by_hand) {
                    self.act(Action::SetClock { node, jump: BEAT, drift: 0 });
                }
            }
            self.run(Duration::from_millis(300));
            if (1..=CLIENTS).all(|client| self.is_idle(C(client))) && self.agree() {
                return true;
            }
        }
        false
    }

    /// Whether all servers have applied the same.
    fn agree(&self) -> bool {
        let all: Vec<_> = self.world.servers().filter_map(Node::server).collect();
        all.len() == self.world.servers().count()
            && all.windows(2).all(|two| two[0].applied() == two[1].applied())
    }
}

fn leads(node: &Node) -> bool {
    node.server().is_some_and(|server| server.replica().leading().is_some())
}
