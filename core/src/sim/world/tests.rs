//! Runs are reproducible, and a difference spreads no faster than messages carry it.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::history;
use crate::id::NodeSet;
use crate::kv::{Command, Reply, Text};
use crate::rng::Ppm;
use crate::sim::chronicle::Chronicle;
use crate::sim::packet::{End, Label, Shape};
use crate::sim::report::{Happened, Shown};
use crate::sim::trace::{Line, What};
use crate::sim::{Action, Mix, Pace, PacketFault, Rule, Timeline, Verdict, Workload};
use crate::time::Duration;
use crate::view;

fn ms(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

fn scenario(seed: u64) -> Scenario {
    let mut scenario = Scenario::new(seed, 3, 2);
    scenario.network.loss = Ppm::percent(5);
    scenario.network.duplicate = Ppm::percent(5);
    scenario.network.reorder = Ppm::percent(10);
    scenario
}

/// Runs for two seconds, doing something on the way.
fn run(scenario: Scenario, at: Instant, action: Option<&Action>) -> (World, Chronicle) {
    let mut world = World::new(Arc::new(scenario));
    let (mut chronicle, mut report) = (Chronicle::default(), Report::default());
    while world.step_until(at, &mut report) {
        chronicle.record(&world, &report);
    }
    if let Some(action) = action {
        world.act(at, action, &mut report).unwrap();
        chronicle.record(&world, &report);
    }
    while world.step_until(ms(2_000), &mut report) {
        chronicle.record(&world, &report);
    }
    (world, chronicle)
}

#[test]
fn the_same_scenario_gives_the_same_run() {
    let one = run(scenario(1), ms(1_000), None);
    let two = run(scenario(1), ms(1_000), None);
    assert_eq!(one, two);
    assert_eq!(one.0.digest(), two.0.digest());
    let other = run(scenario(2), ms(1_000), None);
    assert_ne!(one.0.digest(), other.0.digest());
}

#[test]
fn a_different_effect_is_a_different_digest() {
    let crash = Action::Crash(NodeId(0));
    let one = run(scenario(1), ms(1_999), None);
    let two = run(scenario(1), ms(1_999), Some(&crash));
    assert_ne!(one.0.digest(), two.0.digest());
}

#[test]
fn looking_for_the_next_event_changes_nothing() {
    let mut world = World::new(Arc::new(scenario(1)));
    let mut report = Report::default();
    let mut overtaken = 0;
    for step in 0..2_000_u64 {
        assert!(world.step(&mut report));
        let ids: Vec<u64> = world.packets().map(|packet| packet.label.id).collect();
        if let Some(id) = ids.first().filter(|_| step % 7 == 0) {
            let before = world.queue.clone();
            let action = Action::Packet { id: *id, fault: PacketFault::Drop };
            world.act(world.now, &action, &mut report).unwrap();
            overtaken += u32::from(world.queue != before);
        }
        let mut looked = world.clone();
        let until = Instant::from_micros(world.now.as_micros().saturating_sub(1));
        assert!(!looked.step_until(until, &mut report));
        assert_eq!(looked, world);
    }
    assert!(overtaken > 20, "only {overtaken} times the next message was taken away");
}

/// Everything a line says but for the numbers that count all packets and steps of the run, and for
/// what becomes of messages to `first`: that is where the runs were made to differ.
fn essence(line: &Line, first: NodeId) -> Option<(Instant, What)> {
    let bare = |label: Label| {
        let label = Label { id: 0, ..label };
        let fate = Label { arrives: label.sent, end: End::Arrives, delayed: false, ..label };
        if label.to == first { fate } else { label }
    };
    let what = match line.what {
        What::Sent(label) if label.to == first && label.twin => return None,
        What::Sent(label) => What::Sent(bare(label)),
        What::Event(Happened::Received(label)) => What::Event(Happened::Received(bare(label))),
        What::Event(Happened::Queued(label)) => What::Event(Happened::Queued(bare(label))),
        What::Event(Happened::Missed(label)) => What::Event(Happened::Missed(bare(label))),
        what => what,
    };
    Some((line.at, what))
}

/// From when on each process may know of a difference between two runs that one of them meets at
/// `at`: what it sends after that, in either run, carries it on.
fn reached(runs: [&Chronicle; 2], nodes: usize, first: NodeId, at: Instant) -> Vec<Instant> {
    let mut knows = vec![Instant::MAX; nodes];
    knows[usize::from(first.0)] = at;
    // Word takes at most so many messages, one after the other, to each process.
    let both = (1..nodes).flat_map(|_| runs);
    for line in both.flat_map(|run| run.trace.iter()) {
        if let What::Sent(label) = line.what
            && label.end == End::Arrives
            && label.sent >= knows[usize::from(label.from.0)]
        {
            let to = usize::from(label.to.0);
            knows[to] = knows[to].min(label.arrives);
        }
    }
    knows
}

/// Both runs must say the same of each process until word of the difference can reach it. That is
/// at least everything that happened before the difference.
fn compare(plain: &Chronicle, faulty: &Chronicle, first: NodeId, at: Instant) {
    let nodes = 5;
    let early = |line: &&Line| line.at < at && essence(line, first).is_some();
    let before = plain.trace.iter().filter(early).count();
    let knows = reached([plain, faulty], nodes, first, at);
    let mut compared = 0;
    let acted = |line: &&Line| matches!(line.what, What::Event(Happened::Acted(_)));
    let action = faulty.trace.iter().find(acted).map(|line| line.step);
    for (node, until) in knows.into_iter().enumerate() {
        let lines = |chronicle: &Chronicle, without: Option<u64>| -> Vec<_> {
            let own = |line: &&Line| {
                usize::from(line.node.0) == node && line.at < until && Some(line.step) != without
            };
            chronicle.trace.iter().filter(own).filter_map(|line| essence(line, first)).collect()
        };
        let (plain, faulty) = (lines(plain, None), lines(faulty, action));
        let same = plain.iter().zip(&faulty).take_while(|(one, other)| one == other).count();
        assert_eq!(plain.get(same), faulty.get(same), "process {node} until {until}");
        compared += plain.len();
    }
    assert!(before > 0 && compared >= before, "{compared} lines, {before} before the difference");
}

#[test]
fn a_lost_message_changes_nothing_before_word_of_it_can_come() {
    for seed in 1..=10 {
        let at = ms(700);
        let mut world = World::new(Arc::new(scenario(seed)));
        let mut report = Report::default();
        while world.step_until(at, &mut report) {}
        let on_its_way: Vec<Label> = world.packets().map(|packet| packet.label).collect();
        let plain = run(scenario(seed), at, None).1;
        for label in on_its_way {
            let drop = Action::Packet { id: label.id, fault: PacketFault::Drop };
            let faulty = run(scenario(seed), at, Some(&drop)).1;
            compare(&plain, &faulty, label.to, label.arrives);
        }
    }
}

#[test]
fn a_rule_for_one_server_changes_nothing_before_word_of_it_can_come() {
    for (seed, verdict) in [(1, Verdict::Drop), (2, Verdict::Duplicate), (3, Verdict::Hold)] {
        let victim = NodeId(1);
        let (only, at) = (Some(NodeSet::from_iter([victim])), ms(600));
        let rule =
            Rule { from: None, to: only, shape: None, verdict, chance: Ppm(500_000), until: None };
        let plain = run(scenario(seed), at, None).1;
        let faulty = run(scenario(seed), at, Some(&Action::AddRule(rule))).1;
        assert_ne!(plain.trace, faulty.trace);
        compare(&plain, &faulty, victim, at);
    }
}

#[test]
fn a_slow_clock_is_waited_for_in_its_own_time() {
    let mut scenario = Scenario::new(4, 1, 0);
    scenario.raft.election_min = Duration::from_millis(300);
    scenario.raft.election_max = Duration::from_millis(300);
    let mut world = World::new(Arc::new(scenario));
    let mut report = Report::default();
    let half = Action::SetClock { node: NodeId(0), jump: Duration::ZERO, drift: -500_000 };
    world.act(ms(100), &half, &mut report).unwrap();
    assert!(world.step(&mut report));
    assert_eq!(report.happened, Happened::Woke(crate::time::Why::Election));
    assert_eq!(report.at, ms(500), "200 ms of its own time were left: 400 ms of the world's");
}

#[test]
fn a_paused_server_does_nothing_and_forgets_nothing() {
    let mut world = World::new(Arc::new(Scenario::new(9, 3, 2)));
    let mut report = Report::default();
    while world.step_until(ms(1_000), &mut report) {}
    let paused = NodeId(2);
    world.act(ms(1_000), &Action::Pause(paused), &mut report).unwrap();
    let server = world.node(paused).unwrap().server().cloned();
    let mut waits = 0;
    while world.step_until(ms(1_150), &mut report) {
        if report.node == paused {
            assert!(matches!(report.happened, Happened::Queued(_)), "{:?}", report.happened);
            waits += 1;
        }
    }
    assert!(waits > 3);
    assert_eq!(world.node(paused).unwrap().server(), server.as_ref());
    assert_eq!(world.node(paused).unwrap().backlog(), waits);
    world.act(ms(1_150), &Action::Resume(paused), &mut report).unwrap();
    while world.step_until(ms(1_300), &mut report) {}
    assert_eq!(world.node(paused).unwrap().backlog(), 0);
}

#[test]
fn a_crash_during_a_write_leaves_the_old_state_or_the_new() {
    let mut found = BTreeMap::new();
    for seed in 0..40 {
        let mut world = World::new(Arc::new(Scenario::new(seed, 3, 2)));
        let mut report = Report::default();
        let writing = |world: &World| world.servers().find(|node| node.is_writing()).map(Node::id);
        while writing(&world).is_none() || world.now() < ms(600) {
            assert!(world.step(&mut report));
        }
        let id = writing(&world).unwrap();
        let before = world.node(id).unwrap().durable().cloned().unwrap();
        let memory = world.node(id).unwrap().server().unwrap().replica().clone();
        world.act(world.now(), &Action::Crash(id), &mut report).unwrap();
        let after = world.node(id).unwrap().durable().cloned().unwrap();
        let old = after == before;
        assert!(old || (after.log == *memory.log() && after.hard == memory.hard_state()));
        *found.entry(old).or_insert(0) += 1;
    }
    assert!(found.len() == 2 && found.values().all(|count| *count > 8), "{found:?}");
}

#[test]
fn what_a_busy_server_gets_waits_in_line() {
    let mut scenario = Scenario::new(11, 3, 4);
    scenario.service = Duration::from_millis(3);
    let mut world = World::new(Arc::new(scenario));
    let (mut report, mut queued) = (Report::default(), 0);
    let mut last_taken: BTreeMap<NodeId, Instant> = BTreeMap::new();
    while world.step_until(ms(3_000), &mut report) {
        match report.happened {
            Happened::Queued(_) => queued += 1,
            Happened::Received(label) if label.to.0 < 3 => {
                if let Some(last) = last_taken.insert(report.node, report.at) {
                    let gap = report.at.since(last);
                    assert!(gap >= Duration::from_millis(3), "{} after {gap}", report.node);
                }
            }
            _ => {}
        }
    }
    assert!(queued > 50, "{queued}");
    let answered: u64 = world.nodes().iter().filter_map(Node::client).map(Client::answered).sum();
    assert!(answered > 50, "{answered}");
}

#[test]
fn a_busy_server_still_notices_the_time() {
    let mut scenario = Scenario::new(11, 3, 16);
    scenario.service = Duration::from_millis(3);
    let mut world = World::new(Arc::new(scenario));
    let (mut report, mut beats) = (Report::default(), 0);
    while world.step_until(ms(5_000), &mut report) {
        if let Happened::Woke(why) = report.happened {
            beats += u32::from(why == crate::time::Why::Heartbeat);
        }
        for node in world.servers().filter(|node| !node.is_writing()) {
            let due = node.alarm().map_or(Instant::MAX, |alarm| alarm.at);
            let late = world.now().since(due);
            assert!(late <= Duration::from_millis(7), "{} is {late} late", node.id());
        }
    }
    assert!(beats > 60, "{beats} heartbeats in five seconds");
}

/// How many acknowledgements carry news, and how many only answer a heartbeat.
fn acknowledgements(clients: u16) -> (u32, u32) {
    let mut world = World::new(Arc::new(Scenario::new(5, 3, clients)));
    let (mut report, mut news, mut beats) = (Report::default(), 0, 0);
    while world.step_until(ms(5_000), &mut report) {
        for shown in &report.shown {
            if let Shown::Sent(label) = shown
                && label.shape == Shape::AppendReply
                && label.agrees == Some(true)
            {
                *(if label.beat { &mut beats } else { &mut news }) += 1;
            }
        }
    }
    (news, beats)
}

#[test]
fn the_acknowledgement_of_a_heartbeat_is_told_from_that_of_entries() {
    let (news, beats) = acknowledgements(0);
    // Without clients there is nothing to store but each leader's no-op, once at each follower.
    assert!((2..=6).contains(&news), "{news}");
    assert!(beats > 100, "{beats}");
    let (news, beats) = acknowledgements(4);
    assert!(news > 100 && beats > 0, "{news}, {beats}");
}

#[test]
fn hostile_actions_get_a_sentence() {
    use crate::sim::{Latency, Network};
    let mut world = World::new(Arc::new(Scenario::new(2, 3, 1)));
    let mut report = Report::default();
    while world.packets().next().is_none() {
        assert!(world.step(&mut report));
    }
    let id = world.packets().next().unwrap().label.id;
    let rule = |chance, verdict| {
        Action::AddRule(Rule { from: None, to: None, shape: None, verdict, chance, until: None })
    };
    let long = Duration::from_micros(u64::MAX);
    let hour = Latency::Uniform { min: long, max: Duration::ZERO };
    let value: alloc::string::String = core::iter::repeat_n('v', 5_000).collect();
    let put = Command::Put { key: "x".into(), value: value.as_str().into() };
    let huge = Command::Put { key: "x".into(), value: value.repeat(14).into() };
    for action in [
        Action::SetClock { node: NodeId(0), jump: long, drift: i32::MAX },
        Action::SetClock { node: NodeId(99), jump: Duration::ZERO, drift: 0 },
        rule(Ppm(u32::MAX), Verdict::Drop),
        rule(Ppm::ALWAYS, Verdict::Delay(hour)),
        Action::Packet { id, fault: PacketFault::Delay(long) },
        Action::Partition(vec![NodeSet::EMPTY; 1_000]),
        Action::Invoke { client: NodeId(3), command: put.clone() },
        Action::Propose { server: NodeId(3), command: put },
        Action::Propose { server: NodeId(0), command: huge },
        Action::SetNetwork(Network { latency: hour, ..Network::default() }),
    ] {
        let before = world.clone();
        let refused = world.act(world.now(), &action, &mut report).unwrap_err();
        assert!(refused.0.ends_with('.'), "{action:?}: {refused}");
        assert_eq!(world, before);
    }
}

#[test]
fn a_world_has_no_more_servers_than_there_can_be() {
    for (servers, clients, nodes) in [(0, 0, 1), (12, 2, 11), (u16::MAX, u16::MAX, 41)] {
        let mut world = World::new(Arc::new(Scenario::new(1, servers, clients)));
        assert_eq!(world.nodes().len(), nodes);
        let mut report = Report::default();
        while world.step_until(ms(600), &mut report) {}
        assert!(world.servers().any(|node| {
            node.server().is_some_and(|server| server.replica().leader() == Some(node.id()))
        }));
    }
}

#[test]
fn what_is_held_does_not_choke_the_rest() {
    let mut world = World::new(Arc::new(Scenario::new(5, 3, 2)));
    let mut report = Report::default();
    let only = Some(NodeSet::from_iter([NodeId(2)]));
    let (verdict, chance) = (Verdict::Hold, Ppm::ALWAYS);
    let hold = Rule { from: None, to: only, shape: None, verdict, chance, until: None };
    world.act(ms(1), &Action::AddRule(hold), &mut report).unwrap();
    while world.step_until(ms(60_000), &mut report) {}
    let held = world.packets().filter(|packet| packet.label.end == End::Held).count();
    assert_eq!(held, crate::sim::run::MAX_HELD);
    let before: u64 = world.nodes().iter().filter_map(Node::client).map(Client::answered).sum();
    while world.step_until(ms(61_000), &mut report) {}
    let after: u64 = world.nodes().iter().filter_map(Node::client).map(Client::answered).sum();
    assert!(after > before + 20, "{before} then {after}");
}

#[test]
fn a_held_message_arrives_when_it_is_released() {
    let mut world = World::new(Arc::new(Scenario::new(2, 3, 2)));
    let mut report = Report::default();
    while world.packets().next().is_none() {
        assert!(world.step(&mut report));
    }
    let label = world.packets().next().unwrap().label;
    let now = world.now();
    let fault = |fault| Action::Packet { id: label.id, fault };
    world.act(now, &fault(PacketFault::Hold), &mut report).unwrap();
    while world.step_until(now + Duration::from_millis(100), &mut report) {
        assert!(!matches!(report.happened, Happened::Received(other) if other.id == label.id));
    }
    world.act(now + Duration::from_millis(100), &Action::Heal, &mut report).unwrap();
    assert!(world.step(&mut report));
    assert!(matches!(report.happened, Happened::Received(other) if other.id == label.id));
}

#[test]
fn only_a_minority_of_disks_may_be_lost() {
    let mut world = World::new(Arc::new(Scenario::new(2, 3, 0)));
    let mut report = Report::default();
    world.act(ms(1), &Action::Wipe(NodeId(1)), &mut report).unwrap();
    assert!(world.node(NodeId(1)).unwrap().is_down());
    let refused = world.act(ms(2), &Action::Wipe(NodeId(0)), &mut report).unwrap_err();
    assert!(refused.0.contains("1 of 3 disks"), "{refused}");
    world.act(ms(3), &Action::Wipe(NodeId(1)), &mut report).unwrap();
}

/// Every version that clients wrote, by key, as they were told; the first that cannot be fails.
fn written_versions(chronicle: &Chronicle) -> BTreeMap<Text, Vec<u64>> {
    let mut open = BTreeMap::new();
    let mut written: BTreeMap<Text, Vec<u64>> = BTreeMap::new();
    for event in chronicle.history.iter() {
        match &event.what {
            history::What::Call(command) => _ = open.insert(event.client, command.clone()),
            history::What::Return { reply, .. } => {
                let command = open.remove(&event.client).expect("a call comes before its return");
                let Command::PutAt { key, version: expected, .. } = command else { continue };
                match reply.as_ref().expect("no session expires") {
                    Reply::Written { version } => {
                        assert_eq!(*version, expected + 1, "{key}");
                        written.entry(key).or_default().push(*version);
                    }
                    Reply::WrongVersion { found } => assert_ne!(*found, expected, "{key}"),
                    other => panic!("a write at a version cannot give {other}"),
                }
            }
            history::What::Ask(_) => {}
        }
    }
    written
}

#[test]
fn a_write_at_a_version_happens_once_on_every_server() {
    for seed in 1..=6 {
        let mut scenario = scenario(seed);
        let nothing = Mix { get: 0, put: 0, append: 0, ..scenario.workload.mix };
        scenario.workload.mix = Mix { put_at: 1, ..nothing };
        scenario.workload.keys = 6;
        let mut world = World::new(Arc::new(scenario));
        let (mut chronicle, mut report) = (Chronicle::default(), Report::default());
        let mut run = |world: &mut World, until, action: Option<Action>| {
            while world.step_until(until, &mut report) {
                chronicle.record(world, &report);
            }
            if let Some(action) = action {
                world.act(until, &action, &mut report).unwrap();
                chronicle.record(world, &report);
            }
            chronicle.clone()
        };
        for (at, id) in [(600, 0), (1_600, 1), (2_600, 2)] {
            run(&mut world, ms(at), Some(Action::Crash(NodeId(id))));
            run(&mut world, ms(at + 500), Some(Action::Restart(NodeId(id))));
        }
        let pace = Pace::Silent;
        let silent = Action::SetWorkload(Workload { pace, ..world.scenario().workload });
        run(&mut world, ms(15_000), Some(silent));
        let client = world.scenario().client_ids().next().unwrap();
        for (n, line) in ["put-at x 4 new", "put-at x 4 late"].into_iter().enumerate() {
            let command = line.parse().unwrap();
            let at = ms(16_000 + 1_000 * n as u64);
            run(&mut world, at, Some(Action::Invoke { client, command }));
        }
        let end = run(&mut world, ms(19_000), None);
        let written = written_versions(&end);
        assert_eq!(written.len(), 6, "seed {seed}");
        for (key, mut versions) in written {
            versions.sort_unstable();
            let last = if &*key == "x" { 5 } else { 4 };
            assert!(versions.iter().copied().eq(1..=last), "seed {seed}: {key} has {versions:?}");
            for node in world.servers() {
                let store = node.server().unwrap().machine().store().unwrap().machine();
                let (_, cell) = store.iter().find(|(name, _)| **name == key).unwrap();
                assert_eq!(cell.version, last, "seed {seed}: {key} at {}", node.id());
                assert_eq!(&*cell.value == "new", last == 5, "seed {seed}: {key}");
            }
        }
    }
}

/// Leads until `at` and what became of it then: who led in which term, and when somebody led next.
fn next_leader(seed: u64, act: impl Fn(NodeId, NodeId) -> Action) -> (NodeId, NodeId, Duration) {
    let mut timeline = Timeline::new(Scenario::new(seed, 5, 2));
    timeline.advance(Instant::from_micros(1_000_000), u32::MAX);
    let leader = |timeline: &Timeline| match view::stage(timeline).situation {
        view::Situation::Led { leader, term, .. } => Some((leader, term)),
        _ => None,
    };
    let (old, term) = leader(&timeline).expect("somebody leads");
    let heir = NodeId((old.0 + 1) % 5);
    timeline.act(act(old, heir)).expect("it can be done");
    let since = timeline.now();
    while leader(&timeline).is_none_or(|(_, now)| now == term) {
        assert!(timeline.step_forward());
    }
    let (new, _) = leader(&timeline).expect("the loop ended with one");
    (heir, new, timeline.now().since(since))
}

#[test]
fn an_office_is_handed_over_in_a_fraction_of_an_election_time_out() {
    for seed in 0..20 {
        let (heir, new, took) = next_leader(seed, |from, to| Action::Transfer { from, to });
        assert_eq!(new, heir, "seed {seed}");
        assert!(took < Duration::from_millis(60), "seed {seed}: {took:?}");
        let (_, _, crashed) = next_leader(seed, |leader, _| Action::Crash(leader));
        assert!(crashed > Duration::from_millis(150), "seed {seed}: {crashed:?}");
    }
}

#[test]
fn handing_over_needs_a_leader_and_another_server_with_its_disk() {
    let mut timeline = Timeline::new(Scenario::new(1, 3, 0));
    timeline.advance(Instant::from_micros(1_000_000), u32::MAX);
    let view::Situation::Led { leader, .. } = view::stage(&timeline).situation else {
        panic!("nobody leads")
    };
    let [one, two] = [1, 2].map(|by| NodeId((leader.0 + by) % 3));
    timeline.act(Action::Wipe(two)).expect("one disk may be lost");
    for (from, to, complaint) in [
        (leader, leader, "leads already"),
        (one, leader, "does not lead"),
        (leader, two, "lost its disk"),
        (leader, NodeId(9), "There is no server"),
        (NodeId(9), leader, "There is no server"),
    ] {
        let refusal = timeline.act(Action::Transfer { from, to }).unwrap_err().0;
        assert!(refusal.contains(complaint), "{refusal}");
    }
}
