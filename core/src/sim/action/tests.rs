//! Commands from outside: put before a server without a client, without a retry.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::*;
use crate::id::{ClientId, LogId, Slot};
use crate::kv::{MAX_VALUE, MAX_WORD, Reply};
use crate::machine::Answer;
use crate::protocol::Refused;
use crate::sim::node::Node;
use crate::sim::report::{Report, Shown};
use crate::sim::service;
use crate::sim::trace::What;
use crate::sim::world::{MAX_INBOX, STRIDE, World, client_of};
use crate::sim::{Chronicle, Pace, Scenario, Sharding};

struct Run {
    world: World,
    report: Report,
    chronicle: Chronicle,
    /// What became of each proposal, in the order in which they were taken up.
    places: Vec<(NodeId, ClientId, Result<LogId, Refused>)>,
    /// What was applied, by the server that did it.
    applied: Vec<(NodeId, Slot, Answer<Reply>)>,
}

impl Run {
    fn new(scenario: Scenario) -> Self {
        Self {
            world: World::new(Arc::new(scenario)),
            report: Report::default(),
            chronicle: Chronicle::default(),
            places: Vec::new(),
            applied: Vec::new(),
        }
    }

    fn look(&mut self) {
        self.chronicle.record(&self.world, &self.report);
        let node = self.report.node;
        for shown in &self.report.shown {
            match shown {
                Shown::Proposed { session, place, .. } => {
                    self.places.push((node, *session, *place));
                }
                Shown::Applied { slot, reply: Some(service::Reply::Store(reply)), .. } => {
                    self.applied.push((node, *slot, reply.clone()));
                }
                _ => {}
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        let until = self.world.now() + time;
        while self.world.step_until(until, &mut self.report) {
            self.look();
        }
    }

    fn propose(&mut self, server: NodeId, value: u32) {
        let value = format!("{value},").into();
        let command = Command::Append { key: "x".into(), value };
        let now = self.world.now();
        self.world.act(now, &Action::Propose { server, command }, &mut self.report).unwrap();
        self.look();
    }

    fn leader(&self) -> NodeId {
        let leads = |node: &&Node| {
            node.server().is_some_and(|server| server.replica().leader() == Some(node.id()))
        };
        self.world.servers().find(leads).map(Node::id).expect("somebody leads")
    }
}

fn silent(seed: u64) -> Scenario {
    let mut scenario = Scenario::new(seed, 3, 0);
    scenario.workload = Workload { pace: Pace::Silent, ..Workload::default() };
    scenario
}

#[test]
fn a_leader_takes_a_command_from_outside_and_the_others_say_who_leads() {
    let mut run = Run::new(silent(1));
    run.propose(NodeId(0), 0);
    assert_eq!(run.places.pop().unwrap().2, Err(Refused::NotLeader { hint: None }));
    run.pass(Duration::from_secs(1));
    let leader = run.leader();
    for server in [0, 1, 2].map(NodeId) {
        run.propose(server, 7);
    }
    let term = run.world.node(leader).unwrap().server().unwrap().replica().hard_state().term;
    for (node, _, place) in &run.places {
        let expected = if *node == leader {
            Ok(LogId { term, slot: Slot(2) })
        } else {
            Err(Refused::NotLeader { hint: Some(leader) })
        };
        assert_eq!(*place, expected);
    }
    run.pass(Duration::from_secs(1));
    let done = |(node, slot, reply): &(NodeId, Slot, Answer<Reply>)| {
        *slot == Slot(2) && *reply == Answer::Done(Reply::Written { version: 1 }) && node.0 < 3
    };
    assert_eq!(run.applied.len(), 3, "once at each server");
    assert!(run.applied.iter().all(done), "{:?}", run.applied);
    let said = |what: &str| {
        let lines = run.chronicle.trace.iter();
        let lines = lines.filter(|line| matches!(line.what, What::Proposed(_)));
        lines.filter(|line| line.text(run.world.scenario()).contains(what)).count()
    };
    assert_eq!(said("note  takes the command as 2@"), 1);
    assert_eq!(said("it does not lead, nor knows who does"), 1);
    assert_eq!(said(&format!("it does not lead, S{} does", leader.0 + 1)), 2);
}

#[test]
fn what_is_put_before_a_busy_server_is_taken_in_order_and_too_much_is_refused() {
    let mut scenario = silent(2);
    scenario.raft.uncommitted_max = 8;
    let mut run = Run::new(scenario);
    run.pass(Duration::from_secs(1));
    let leader = run.leader();
    for value in 0..12 {
        run.propose(leader, value);
    }
    assert_eq!(run.places.len(), 1, "the others wait for the write of the first");
    let lines = run.chronicle.trace.len();
    run.pass(Duration::from_millis(500));
    let taken: Vec<_> = run.places.iter().map(|(_, _, place)| place.map(|at| at.slot.0)).collect();
    let slots = taken.iter().filter_map(|slot| slot.ok());
    assert!(slots.clone().eq(2..2 + slots.count() as u64), "{taken:?}");
    assert!(taken.contains(&Err(Refused::Busy)) && taken.len() == 12, "{taken:?}");
    assert!(run.chronicle.trace.len() > lines);
}

#[test]
fn a_command_before_a_server_that_cannot_take_it_is_refused_in_words() {
    let mut run = Run::new(silent(3));
    run.pass(Duration::from_secs(1));
    let (leader, now) = (run.leader(), run.world.now());
    let propose = Action::Propose { server: leader, command: "put x 1".parse().unwrap() };
    run.world.act(now, &Action::Pause(leader), &mut run.report).unwrap();
    let mut waiting = 0;
    let refused = loop {
        match run.world.act(now, &propose, &mut run.report) {
            Ok(()) => waiting += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(waiting, MAX_INBOX);
    assert!(refused.0.starts_with("512 things wait for S"), "{refused}");
    run.world.act(now, &Action::Crash(leader), &mut run.report).unwrap();
    let refused = run.world.check(&propose).unwrap_err();
    assert!(refused.0.ends_with("is down: restart it first."), "{refused}");
}

#[test]
fn every_proposal_is_executed_although_sessions_are_evicted() {
    // A table of two sessions, and clients that drive each other out of it, so that they take ids
    // of new sessions all the time: the floor stays below each session of a command from outside.
    let mut scenario = Scenario::new(4, 3, 4);
    (scenario.sessions, scenario.snapshot_above) = (2, Some(2_000));
    let mut run = Run::new(scenario);
    run.pass(Duration::from_secs(5));
    for value in 0..200 {
        let leader = run.leader();
        run.propose(leader, value);
        run.pass(Duration::from_millis(7));
        if value % 50 == 49 {
            // The next leader starts from what it finds; so does this one from its disk.
            run.world.act(run.world.now(), &Action::Crash(leader), &mut run.report).unwrap();
            run.look();
            run.pass(Duration::from_secs(2));
            run.world.act(run.world.now(), &Action::Restart(leader), &mut run.report).unwrap();
            run.look();
            run.pass(Duration::from_secs(1));
        }
    }
    run.pass(Duration::from_secs(2));
    let sessions: Vec<ClientId> = run.places.iter().map(|(_, session, _)| *session).collect();
    assert!(sessions.is_sorted_by(|a, b| a < b), "one each, in increasing order");
    assert!(sessions.iter().all(|session| client_of(*session).is_none()));
    let taken: Vec<LogId> = run.places.iter().filter_map(|(.., place)| place.ok()).collect();
    assert!(taken.len() >= 195, "{}", taken.len());
    let leader = run.world.node(run.leader()).unwrap().server().unwrap();
    assert!(
        leader.machine().store().unwrap().floor() > ClientId(STRIDE),
        "{:?}",
        leader.machine().store().unwrap().floor()
    );
    let mut executed = 0;
    for place in &taken {
        let here = |(_, slot, _): &&(NodeId, Slot, Answer<Reply>)| *slot == place.slot;
        for (_, _, reply) in run.applied.iter().filter(here) {
            assert!(matches!(reply, Answer::Done(_)), "{place}: {reply:?}");
            executed += 1;
        }
    }
    assert!(executed >= 2 * taken.len(), "{executed}");
    assert_eq!(run.chronicle.observers.violations(), []);
}

#[test]
fn a_command_from_outside_is_part_of_the_digest() {
    let digest = |value: Option<u32>| {
        let mut run = Run::new(silent(5));
        run.pass(Duration::from_secs(1));
        let leader = run.leader();
        if let Some(value) = value {
            run.propose(leader, value);
        }
        (run.world.digest(), run.places.len())
    };
    assert_eq!(digest(Some(1)), digest(Some(1)));
    let all = [None, Some(1), Some(2)].map(|value| digest(value).0);
    assert!(all[0] != all[1] && all[1] != all[2], "{all:?}");
}

#[test]
fn a_value_may_be_as_long_as_is_said_and_no_byte_longer() {
    let world = World::new(Arc::new(Scenario::new(1, 3, 1)));
    let put = |length: usize| Command::Put { key: "x".into(), value: "v".repeat(length).into() };
    let proposal = |length| {
        let (server, command) = (NodeId(0), put(length));
        world.check(&Action::Propose { server, command }).is_ok()
    };
    assert!(proposal(MAX_VALUE) && !proposal(MAX_VALUE + 1));
    let client = NodeId(world.scenario().servers);
    let call = |length| world.check(&Action::Invoke { client, command: put(length) }).is_ok();
    assert!(call(MAX_WORD) && !call(MAX_WORD + 1));
}

#[test]
fn only_servers_can_be_cut_off_or_have_a_slow_disk() {
    let world = World::new(Arc::new(Scenario::new(1, 3, 1)));
    for (id, right) in [(0, true), (2, true), (3, false), (4, false)] {
        let server = NodeId(id);
        assert_eq!(world.check(&Action::Isolate(server)).is_ok(), right, "{id}");
        let slow = |times| world.check(&Action::SlowDisk { server, times }).is_ok();
        assert_eq!((slow(1), slow(10_000)), (right, right), "{id}");
        assert!(!slow(0) && !slow(10_001));
    }
}

#[test]
fn no_office_is_handed_over_to_another_group() {
    let mut scenario = Scenario::new(1, 3, 1);
    scenario.sharding = Some(Sharding::default());
    let world = World::new(Arc::new(scenario));
    let refused = world.check(&Action::Transfer { from: NodeId(0), to: NodeId(3) });
    let words = "G1.S1 is in another group than CTL.S1: only its own servers can take over.";
    assert_eq!(refused, Err(Refusal(words.into())));
}
