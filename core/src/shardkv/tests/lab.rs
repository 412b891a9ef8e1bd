//! Groups as plain logs: a group applies its commands in the order in which they come out of a
//! queue. Movers, clerks, groups and the controller talk through a seeded network that drops,
//! repeats and re-orders; proposals are late, lost or committed under the next leader; groups sleep
//! and change their leaders.

mod network;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use self::network::{Happens, Who};
use super::super::clerk::{self, Errand, Errands, Operation, Outcome};
use super::super::mover::{self, Move, Moves};
use super::super::*;
use super::watch::Watch;
use crate::clerk::Patience;
use crate::controller::{self, Config, Controller};
use crate::history::{Event, History, What};
use crate::id::{ClientId, Gid, Incarnation, MutantId, NodeId, Serial, ShardId};
use crate::kv;
use crate::machine::{Answer, Call, Machine, Seat, Sessions};
use crate::protocol::Refused;
use crate::rng::{Ppm, Rng};
use crate::server::{Refusal, Request};
use crate::time::{Alarm, Duration, Instant};

/// How many servers each group and the controller have.
pub(super) const SERVERS: u16 = 3;

/// What a lab is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) groups: u16,
    pub(super) clients: u64,
    pub(super) settings: Settings,
    pub(super) mutant: MutantId,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faults {
    pub(super) drop: Ppm,
    pub(super) twice: Ppm,
    /// A message or proposal takes up to a second.
    pub(super) slow: Ppm,
    /// A proposal is never committed.
    pub(super) lost: Ppm,
}

pub(super) const NO_FAULTS: Faults =
    Faults { drop: Ppm::NEVER, twice: Ppm::NEVER, slow: Ppm::NEVER, lost: Ppm::NEVER };

pub(super) struct Group {
    pub(super) gid: Gid,
    pub(super) servers: Arc<[NodeId]>,
    pub(super) machine: ShardKv,
    pub(super) mover: Mover,
    pub(super) leader: usize,
    pub(super) life: u32,
    pub(super) up: bool,
}

pub(super) struct Client {
    pub(super) clerk: ShardClerk,
    pub(super) waiting: VecDeque<(Operation, bool)>,
    pub(super) open: Option<Operation>,
    pub(super) outcomes: Vec<Option<Outcome>>,
    /// Nothing that is said to it arrives.
    deaf: bool,
    /// The session and number under which the open call was sent.
    sent: Option<(ClientId, Serial)>,
}

pub(super) struct Lab {
    pub(super) now: Instant,
    pub(super) faults: Faults,
    pub(super) controller: Sessions<Controller>,
    pub(super) groups: Vec<Group>,
    pub(super) clients: Vec<Client>,
    pub(super) watch: Watch,
    pub(super) history: History,
    /// Configurations that no controller would make, after the one that the controller made last.
    decrees: Vec<Config>,
    plan: Plan,
    lane: Rng,
    queue: BTreeMap<(Instant, u64), Happens>,
    pub(super) steps: u64,
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn patience() -> Patience {
    Patience { attempt: ms(60), rest_min: ms(5), rest_max: ms(40) }
}

fn controllers() -> Arc<[NodeId]> {
    (0..SERVERS).map(NodeId).collect()
}

/// The servers of a group.
pub(super) fn servers(gid: u16) -> Vec<NodeId> {
    (0..SERVERS).map(|index| NodeId(gid * SERVERS + index)).collect()
}

pub(super) fn join(gids: &[u16]) -> Operation {
    let groups = gids.iter().map(|gid| (Gid(*gid), servers(*gid))).collect();
    Operation::Control(controller::Command::Join(groups))
}

pub(super) fn leave(gids: &[u16]) -> Operation {
    Operation::Control(controller::Command::Leave(gids.iter().map(|gid| Gid(*gid)).collect()))
}

pub(super) fn hand(shard: u16, to: u16) -> Operation {
    Operation::Control(controller::Command::Move { shard: ShardId(shard), to: Gid(to) })
}

pub(super) fn key(line: &str) -> Operation {
    Operation::Key(line.parse().unwrap())
}

impl Plan {
    pub(super) fn of(seed: u64) -> Self {
        let settings = Settings {
            shards: 4,
            routing: Routing::FirstByte,
            sessions: 64,
            piece_limit: None,
            pause_all: false,
        };
        Self { seed, groups: 3, clients: 3, settings, mutant: MutantId::Paper }
    }
}

impl Lab {
    pub(super) fn new(plan: Plan) -> Self {
        let group = |gid: u16| {
            let mut machine = ShardKv::new(Gid(gid), plan.settings);
            machine.enter(Seat { server: NodeId(0), mutant: plan.mutant });
            let mover = mover(&plan, gid, 0);
            let servers = servers(gid).into();
            Group { gid: Gid(gid), servers, machine, mover, leader: 0, life: 0, up: true }
        };
        let client = |index: u64| {
            let lane = Rng::keyed(&[plan.seed, 3, index]);
            let routing = plan.settings.routing;
            let (id, stride) = (ClientId(index + 1), plan.clients);
            let clerk = ShardClerk::new(controllers(), routing, id, stride, patience(), lane);
            Client {
                clerk: clerk.with(plan.mutant),
                waiting: VecDeque::new(),
                open: None,
                outcomes: Vec::new(),
                deaf: false,
                sent: None,
            }
        };
        let shards = plan.settings.shards;
        let mut lab = Self {
            now: Instant::ZERO,
            faults: NO_FAULTS,
            controller: Sessions::around(Controller::new(shards), plan.settings.sessions),
            groups: (1..=plan.groups).map(group).collect(),
            clients: (0..plan.clients).map(client).collect(),
            watch: Watch::new(shards),
            history: History::default(),
            decrees: Vec::new(),
            plan,
            lane: Rng::keyed(&[plan.seed, 1]),
            queue: BTreeMap::new(),
            steps: 0,
        };
        (0..lab.groups.len()).for_each(|group| lab.look(group));
        lab
    }

    /// A client does this, after what it has to do already.
    pub(super) fn ask(&mut self, client: usize, operation: Operation) {
        let read = self.lane.chance(Ppm::percent(50));
        self.clients[client].waiting.push_back((operation, read));
        self.go_on(client);
    }

    /// A client does this, and nothing else happens until it is done.
    pub(super) fn done(&mut self, client: usize, operation: Operation) -> Option<Outcome> {
        self.ask(client, operation);
        let before = self.clients[client].outcomes.len();
        let limit = self.now + Duration::from_secs(60);
        while self.clients[client].outcomes.len() == before {
            assert!(self.now < limit, "no outcome in a minute");
            self.step();
        }
        self.clients[client].outcomes.last().cloned().flatten()
    }

    pub(super) fn value(&mut self, client: usize, key: &str) -> alloc::string::String {
        match self.done(client, self::key(&format!("get {key}"))) {
            Some(Outcome::Key(kv::Reply::Value(value))) => (&*value).into(),
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.next_at().is_some_and(|at| at <= end) {
            self.step();
        }
        self.now = end;
    }

    /// The latest configuration.
    pub(super) fn latest(&self) -> &Config {
        self.decrees.last().unwrap_or_else(|| self.controller.machine().latest())
    }

    /// From here on these groups own the shards, whatever it costs; 0 is nobody. The controller
    /// changes nothing any more.
    pub(super) fn decree(&mut self, owners: &[u16]) {
        let latest = self.latest();
        let held = latest.shards.iter().zip(latest.holders.iter());
        let holders = held.map(|(owner, holder)| if owner.0 == 0 { *holder } else { *owner });
        let (number, holders) = (latest.number.next(), holders.collect());
        let mut groups = crate::sorted::Sorted::default();
        for group in &self.groups {
            groups.insert(group.gid, group.servers.clone());
        }
        let shards = owners.iter().map(|gid| Gid(*gid)).collect();
        self.decrees.push(Config { number, groups: Arc::new(groups), shards, holders });
    }

    /// Whether every client and every group has finished.
    pub(super) fn is_quiet(&self) -> bool {
        let latest = self.latest().number;
        let idle = |client: &Client| client.open.is_none() && client.waiting.is_empty();
        let settled = |group: &Group| {
            group.machine.config().number == latest && !group.machine.is_unfinished()
        };
        self.clients.iter().all(idle) && self.groups.iter().all(settled)
    }

    /// Takes all faults away and lets everything come to an end. False: it does not.
    pub(super) fn settle(&mut self) -> bool {
        self.faults = NO_FAULTS;
        (0..self.groups.len()).for_each(|group| self.set_up(group, true));
        let limit = self.now + Duration::from_secs(20);
        while !self.is_quiet() && self.next_at().is_some_and(|at| at < limit) {
            self.step();
        }
        self.is_quiet()
    }

    /// A group sleeps, or wakes up: nothing reaches it and nothing is committed in between.
    pub(super) fn set_up(&mut self, group: usize, up: bool) {
        self.groups[group].up = up;
        self.look(group);
    }

    /// Nothing that is said to a client arrives, or all of it again.
    pub(super) fn deaf(&mut self, client: usize, deaf: bool) {
        self.clients[client].deaf = deaf;
    }

    /// What somebody proposed at some time is committed now.
    pub(super) fn commit_late(&mut self, group: usize, command: Command) {
        self.commit(group, 0, Who::Nobody, 0, &command);
    }

    /// Another server of the group leads.
    pub(super) fn depose(&mut self, group: usize) {
        let it = &mut self.groups[group];
        it.life += 1;
        it.leader = (it.leader + 1) % it.servers.len();
        it.mover = mover(&self.plan, it.gid.0, it.life);
        self.look(group);
    }

    /// The group's servers restart from their snapshots.
    pub(super) fn restart(&mut self, group: usize) {
        let composition = ShardKv::composition(self.plan.mutant);
        let it = &mut self.groups[group];
        let snapshot = (composition.capture)(&it.machine);
        let mut machine = ShardKv::new(it.gid, self.plan.settings);
        (composition.install)(&mut machine, snapshot);
        machine.enter(Seat { server: NodeId(0), mutant: self.plan.mutant });
        it.machine = machine;
        self.watch.looked(&self.groups);
        self.depose(group);
    }

    fn next_at(&self) -> Option<Instant> {
        let alarm = self.alarm().map(|(at, _)| at);
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        alarm.into_iter().chain(queued).min()
    }

    fn alarm(&self) -> Option<(Instant, Who)> {
        let at = |alarm: Option<Alarm>, who| alarm.map(|alarm| (alarm.at, who));
        let movers = (0..).zip(&self.groups).filter(|(_, group)| group.up);
        let movers = movers.filter_map(|(n, group)| at(group.mover.alarm(), Who::Mover(n)));
        let clients = (0..).zip(&self.clients);
        let clients = clients.filter_map(|(n, it)| at(it.clerk.alarm(), Who::Client(n)));
        movers.chain(clients).min_by_key(|(at, _)| *at)
    }

    /// The next thing happens.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        let alarm = self.alarm();
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        match alarm {
            Some((at, who)) if queued.is_none_or(|queued| at < queued) => {
                self.now = self.now.max(at);
                self.wake(who);
            }
            _ => {
                if let Some(((at, _), happens)) = self.queue.pop_first() {
                    self.now = self.now.max(at);
                    self.happen(happens);
                }
            }
        }
    }

    fn wake(&mut self, who: Who) {
        match who {
            Who::Mover(group) => {
                let mut moves = Moves::default();
                let Group { mover, machine, .. } = &mut self.groups[group];
                mover.wake(self.now, true, machine, &mut moves);
                let later = mover.alarm().is_none_or(|alarm| alarm.at > self.now);
                assert!(later, "a mover spins: {mover:?}");
                self.perform(group, moves);
            }
            Who::Client(client) => {
                let mut errands = Errands::default();
                let clerk = &mut self.clients[client].clerk;
                clerk.wake(self.now, &mut errands);
                let later = clerk.alarm().is_none_or(|alarm| alarm.at > self.now);
                assert!(later, "a clerk spins: {clerk:?}");
                self.run_errands(client, errands);
            }
            Who::Nobody => {}
        }
    }

    /// Shows a group to its mover.
    fn look(&mut self, group: usize) {
        let Group { mover, machine, up, .. } = &mut self.groups[group];
        let mut moves = Moves::default();
        mover.look(self.now, *up, machine, &mut moves);
        self.perform(group, moves);
    }

    /// Begins what the client has to do next.
    fn go_on(&mut self, client: usize) {
        let it = &mut self.clients[client];
        if it.open.is_some() {
            return;
        }
        let Some((operation, read)) = it.waiting.pop_front() else { return };
        it.open = Some(operation.clone());
        let mut errands = Errands::default();
        it.clerk.call(self.now, operation.clone(), read, &mut errands);
        if let Operation::Key(command) = operation {
            self.watch.called(&command);
            self.record(client, What::Call(command));
        }
        self.run_errands(client, errands);
    }

    fn record(&mut self, client: usize, what: What) {
        let serial = self.clients[client].clerk.serial();
        let client = NodeId(100 + client as u16);
        self.steps += 1;
        self.history.push(Event { step: self.steps, at: self.now, client, serial, what });
    }
}

fn mover(plan: &Plan, gid: u16, life: u32) -> Mover {
    let lane = Rng::keyed(&[plan.seed, 2, gid.into(), life.into()]);
    let life = Incarnation(life);
    Mover::new(Gid(gid), life, controllers(), ms(50), patience(), lane, plan.mutant)
}
