//! A cluster under test: its world, what is remembered of it, and the hands that act on it.

use std::sync::Arc;

use shardscope_core::clerk::Patience;
use shardscope_core::controller;
use shardscope_core::id::{Gid, MutantId, NodeId};
use shardscope_core::kv::{Command, Reply};
use shardscope_core::protocol::Protocol as _;
use shardscope_core::raft;
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::sim::report::Shown;
use shardscope_core::sim::{
    Action, Chronicle, Disk, Latency, Network, Node, Pace, Report, Scenario, Workload, World,
};
use shardscope_core::time::{Duration, Instant};

use super::crowd::Crowd;
use super::judge::{Bound, Figure};
use super::watch::Watch;
use super::{Fallible, Row};

/// An operation that takes longer than this has failed; nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A run has far fewer events.
const GIVE_UP: u64 = 20_000_000;

/// What the tests draw from; the world has lanes of its own.
const LANE: u64 = 0x6b76_7261;

/// A cluster under test.
pub(crate) struct Lab {
    pub(crate) row: &'static Row,
    pub(crate) seed: u64,
    pub(crate) world: World,
    pub(crate) chronicle: Chronicle,
    pub(crate) watch: Watch,
    pub(crate) lane: Rng,
    /// Figures with bounds, and what was found.
    pub(crate) figures: Vec<Figure>,
    /// Clients that work by themselves while time passes.
    pub(crate) crowd: Crowd,
    /// Operations that returned: whose, and what.
    returned: Vec<(usize, Reply)>,
    /// The same of those on the configuration.
    concluded: Vec<(usize, controller::Reply)>,
    /// Operations that returned so far.
    pub(crate) operations: u64,
    report: Report,
    now: Instant,
}

/// The profile of every row, whatever is usual elsewhere. The clients do nothing by
/// themselves.
fn scenario(row: &Row, seed: u64, mutant: MutantId) -> Scenario {
    let millis = Duration::from_millis;
    let usual = Scenario::new(seed, row.servers, row.clients);
    Scenario {
        raft: raft::Config {
            heartbeat: millis(50),
            election_min: millis(200),
            election_max: millis(400),
            pre_vote: true,
            check_quorum: true,
            ..usual.raft
        },
        patience: Patience { attempt: millis(100), ..usual.patience },
        network: network(row.loss),
        disk: Disk { write: Latency::Fixed(Duration::from_micros(500)) },
        workload: Workload { pace: Pace::Silent, ..Workload::default() },
        snapshot_above: row.limit,
        sharding: row.sharding,
        mutant,
        ..usual
    }
}

/// Links that lose so many percent of all messages.
pub(crate) fn network(loss: u32) -> Network {
    let millis = Duration::from_millis;
    let latency = Latency::Uniform { min: millis(1), max: millis(if loss > 0 { 27 } else { 10 }) };
    Network { latency, loss: Ppm::percent(loss), ..Network::default() }
}

impl Lab {
    pub(crate) fn new(row: &'static Row, seed: u64, mutant: MutantId) -> Self {
        Self {
            row,
            seed,
            world: World::new(Arc::new(scenario(row, seed, mutant))),
            chronicle: Chronicle::default(),
            watch: Watch::default(),
            lane: Rng::keyed(&[seed, LANE]),
            figures: Vec::new(),
            crowd: Crowd::default(),
            returned: Vec::new(),
            concluded: Vec::new(),
            operations: 0,
            report: Report::default(),
            now: Instant::ZERO,
        }
    }

    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn servers(&self) -> Vec<NodeId> {
        self.world.scenario().server_ids().collect()
    }

    /// The process of a client, counted from 0. After the last one comes the operator, if there is
    /// one.
    pub(crate) fn client(&self, index: usize) -> NodeId {
        NodeId(self.world.scenario().server_count() + index as u16)
    }

    /// Who leads the first group: of those who believe it, the one with the latest term.
    pub(crate) fn leader(&self) -> Option<NodeId> {
        self.leader_of(Gid(0))
    }

    /// Who leads a group.
    pub(crate) fn leader_of(&self, group: Gid) -> Option<NodeId> {
        let leading = self.world.members(group).filter_map(|node| {
            let epoch = node.server()?.replica().leading()?;
            Some((epoch, node.id()))
        });
        leading.max().map(|(_, id)| id)
    }

    /// Does something to the world now.
    pub(crate) fn act(&mut self, action: &Action) -> Fallible {
        self.watch.before(&self.world, action);
        let done = self.world.act(self.now, action, &mut self.report);
        done.map_err(|refusal| format!("{action:?} was refused: {refusal}"))?;
        self.record();
        Ok(())
    }

    /// Gives a client its next operation.
    pub(crate) fn invoke(&mut self, index: usize, command: Command) -> Fallible {
        self.act(&Action::Invoke { client: self.client(index), command })
    }

    fn record(&mut self) {
        self.now = self.world.now();
        self.chronicle.record(&self.world, &self.report);
        self.watch.observe(&self.world, &self.report);
        for shown in &self.report.shown {
            // Without a reply nobody knows what happened. The history says so too.
            let first = self.world.scenario().server_count();
            let index = || usize::from(self.report.node.0 - first);
            match shown {
                Shown::Returned { reply: Some(reply), .. } => {
                    self.operations += 1;
                    self.returned.push((index(), reply.clone()));
                }
                Shown::Concluded { reply: Some(reply), .. } => {
                    self.operations += 1;
                    self.concluded.push((index(), reply.clone()));
                }
                _ => {}
            }
        }
    }

    /// Lets the next event happen, if it comes no later than `until`. False: it does not.
    pub(crate) fn step(&mut self, until: Instant) -> Fallible<bool> {
        let begins = Crowd::next(self).filter(|begins| *begins <= until);
        if !self.world.step_until(begins.unwrap_or(until), &mut self.report) {
            self.now = self.now.max(begins.unwrap_or(until));
            Crowd::begin(self)?;
            return Ok(begins.is_some());
        }
        self.record();
        Crowd::learn(self)?;
        if self.world.steps() > GIVE_UP {
            return Err("The run never ended: too many events.".into());
        }
        Ok(true)
    }

    /// An operation that returned and was not looked at yet.
    pub(crate) fn next_return(&mut self) -> Option<(usize, Reply)> {
        self.returned.pop()
    }

    /// What a client's operation gave, if it has returned and was not looked at yet.
    pub(crate) fn take(&mut self, index: usize) -> Option<Reply> {
        let at = self.returned.iter().position(|(who, _)| *who == index)?;
        Some(self.returned.swap_remove(at).1)
    }

    /// The same of an operation on the configuration.
    pub(crate) fn take_conclusion(&mut self, index: usize) -> Option<controller::Reply> {
        let at = self.concluded.iter().position(|(who, _)| *who == index)?;
        Some(self.concluded.swap_remove(at).1)
    }

    /// Lets time pass, whatever the clients do.
    pub(crate) fn rest(&mut self, time: Duration) -> Fallible {
        let until = self.now + time;
        while self.step(until)? {}
        Ok(())
    }

    /// Whether a client's operation has returned.
    pub(crate) fn has_returned(&self, index: usize) -> bool {
        self.returned.iter().any(|(who, _)| *who == index)
    }

    /// Waits until a client's operation returns.
    pub(crate) fn wait(&mut self, index: usize) -> Fallible<Reply> {
        self.wait_for(index, |lab| lab.take(index))
    }

    fn wait_for<T>(&mut self, index: usize, found: impl Fn(&mut Self) -> Option<T>) -> Fallible<T> {
        let until = self.now + PATIENCE;
        loop {
            if let Some(found) = found(self) {
                return Ok(found);
            }
            if !self.step(until)? {
                return Err(format!("Client {} waited in vain for {PATIENCE}.", index + 1));
            }
        }
    }

    /// Begins a client's operation on the configuration.
    pub(crate) fn order(&mut self, index: usize, command: controller::Command) -> Fallible {
        self.act(&Action::Control { client: self.client(index), command })
    }

    /// The same, from its call to its return.
    pub(crate) fn control(
        &mut self,
        index: usize,
        command: controller::Command,
    ) -> Fallible<controller::Reply> {
        self.order(index, command)?;
        self.wait_for(index, |lab| lab.take_conclusion(index))
    }

    /// A client's operation, from its call to its return.
    pub(crate) fn call(&mut self, index: usize, line: &str) -> Fallible<Reply> {
        let command = line.parse().map_err(|error| format!("{line}: {error}"))?;
        self.invoke(index, command)?;
        self.wait(index)
    }

    /// The same for a write, which must be carried out.
    pub(crate) fn write(&mut self, index: usize, line: &str) -> Fallible {
        match self.call(index, line)? {
            Reply::Written { .. } => Ok(()),
            other => Err(format!("{line} gave {other}.")),
        }
    }

    /// The same for a read, which must give this value.
    pub(crate) fn read(&mut self, index: usize, key: &str, expected: &str) -> Fallible {
        match self.call(index, &format!("get {key}"))? {
            Reply::Value(value) if *value == *expected => Ok(()),
            other => Err(format!("get {key} gave {other}, not {expected:?}.")),
        }
    }

    /// Stops servers: they stay down.
    pub(crate) fn stop(&mut self, servers: &[NodeId]) -> Fallible {
        servers.iter().try_for_each(|id| self.act(&Action::Crash(*id)))
    }

    /// Starts servers again from their disks.
    pub(crate) fn start(&mut self, servers: &[NodeId]) -> Fallible {
        servers.iter().try_for_each(|id| self.act(&Action::Restart(*id)))
    }

    /// Stops all servers, and starts them again a second later from their disks.
    pub(crate) fn restart_all(&mut self) -> Fallible {
        let busy = |node: &&Node| node.client().is_some_and(|client| client.clerk().is_busy());
        self.watch.caught += self.world.nodes().iter().filter(busy).count() as u64;
        self.stop(&self.servers())?;
        self.rest(Duration::from_secs(1))?;
        self.start(&self.servers())
    }

    /// Notes a figure, which must not exceed its bound.
    pub(crate) fn at_most(&mut self, what: &'static str, seen: u64, bound: u64) -> Fallible {
        self.figure(what, seen, Bound::AtMost(bound))
    }

    /// Notes a figure, and demands its bound.
    pub(crate) fn figure(&mut self, what: &'static str, seen: u64, bound: Bound) -> Fallible {
        self.figures.push(Figure { what, seen, bound });
        demand(bound.holds(seen), || format!("{what}: {seen}, not {bound}."))
    }
}

/// What must hold, or the sentence that says what does not.
pub(crate) fn demand(holds: bool, words: impl FnOnce() -> String) -> Fallible {
    if holds { Ok(()) } else { Err(words()) }
}
