//! The picture against the running groups that it is made of.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::controller::Command;
use crate::id::NodeId;
use crate::rng::Ppm;
use crate::shardkv::Status;
use crate::sim::network::{Rule, Verdict};
use crate::sim::{Action, Pace, Scenario, Sharding};
use crate::time::{Duration, Instant};
use crate::view::{self, Situation, Stretch};

/// A sharded run whose leaders are elected, under load.
fn run(seed: u64) -> Timeline {
    let mut scenario = Scenario::new(seed, 3, 2);
    scenario.sharding = Some(Sharding::default());
    scenario.workload.pace = Pace::Closed { think: Duration::from_millis(10) };
    let mut timeline = Timeline::new(scenario);
    go_on(&mut timeline, 1_000);
    timeline
}

fn go_on(timeline: &mut Timeline, millis: u64) {
    timeline.advance(timeline.now() + Duration::from_millis(millis), u32::MAX);
}

fn control(timeline: &mut Timeline, command: Command) {
    let client = timeline.scenario().operator().expect("the store is sharded");
    timeline.act(Action::Control { client, command }).expect("the operator listens");
}

fn join(timeline: &mut Timeline, gids: &[u16]) {
    let scenario = timeline.scenario().clone();
    let group = |gid: &u16| (Gid(*gid), scenario.members(Gid(*gid)).collect());
    control(timeline, Command::Join(gids.iter().map(group).collect()));
}

fn seen(timeline: &Timeline) -> Cluster {
    cluster(timeline).expect("the store is sharded")
}

/// The shards that each group serves.
fn served(cluster: &Cluster) -> Vec<Vec<u16>> {
    let of = |group: &Group| group.serves().map(|shard| shard.0).collect();
    cluster.groups.iter().map(of).collect()
}

#[test]
fn a_run_of_one_group_is_no_cluster() {
    let timeline = Timeline::new(Scenario::new(1, 3, 1));
    assert_eq!(cluster(&timeline), None);
    assert_eq!(whereabouts(&timeline, "x"), None);
    assert_eq!(plan(&timeline, &Command::Leave(vec![Gid(1)])), None);
}

#[test]
fn before_anybody_joins_nobody_owns_or_serves_anything() {
    let timeline = run(3);
    let cluster = seen(&timeline);
    assert_eq!(cluster.assignment.number, ConfigNumber(0));
    assert_eq!(cluster.assignment.owners, [Gid(0); 10]);
    assert_eq!(served(&cluster), [Vec::<u16>::new(), vec![], vec![]]);
    assert!(cluster.groups.iter().all(|group| !group.joined && group.team.leader.is_some()));
    assert!(cluster.controller.leader.is_some());
    let names = |team: &Team| team.servers.iter().map(|s| s.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&cluster.controller), ["CTL.S1", "CTL.S2", "CTL.S3"]);
    assert_eq!(names(&cluster.groups[1].team), ["G2.S1", "G2.S2", "G2.S3"]);
    assert_eq!(cluster.clients.last().map(|client| &*client.name), Some("Operator"));
}

#[test]
fn an_order_is_what_the_operator_is_about() {
    let mut timeline = run(3);
    let call = |timeline: &Timeline| {
        seen(timeline).clients.last().and_then(|operator| operator.call.clone())
    };
    assert_eq!(call(&timeline), None);
    join(&mut timeline, &[2]);
    go_on(&mut timeline, 1);
    let asked = call(&timeline).expect("it has asked");
    assert_eq!((&*asked.operation, asked.outcome), ("join group 2 with 3 servers", None));
    assert!(timeline.scenario().members(Gid(0)).any(|id| id == asked.server), "{}", asked.server);
    go_on(&mut timeline, 1_000);
    let told =
        |timeline: &Timeline| call(timeline).and_then(|call| call.outcome).map(|it| it.answer);
    assert_eq!(told(&timeline).as_deref(), Some("config 1"));
    control(&mut timeline, Command::Leave(vec![Gid(1)]));
    go_on(&mut timeline, 1_000);
    assert_eq!(told(&timeline).as_deref(), Some("refused"));
}

#[test]
fn what_is_planned_is_what_comes_and_what_is_assigned_gets_served() {
    let mut timeline = run(3);
    let scenario = timeline.scenario().clone();
    let all = (1..=3).map(|gid| (Gid(gid), scenario.members(Gid(gid)).collect()));
    let planned = plan(&timeline, &Command::Join(all.collect())).expect("it runs").expect("may");
    join(&mut timeline, &[1, 2, 3]);
    go_on(&mut timeline, 2_000);
    let cluster = seen(&timeline);
    assert_eq!(cluster.assignment.number, ConfigNumber(1));
    assert_eq!(cluster.assignment.owners, &*planned.config.shards);
    assert_eq!(cluster.assignment.changes, planned.transfers);
    for group in &cluster.groups {
        assert_eq!(group.number, Some(ConfigNumber(1)));
        let owned = (0..).map(ShardId).zip(&cluster.assignment.owners);
        let owned = owned.filter(|(_, owner)| **owner == group.team.gid).map(|(shard, _)| shard);
        assert_eq!(group.serves().collect::<Vec<_>>(), owned.collect::<Vec<_>>());
    }
    let refused = plan(&timeline, &Command::Leave(vec![Gid(9)])).expect("it runs");
    assert_eq!(refused, Err(Refusal::Absent(Gid(9))));
}

#[test]
fn a_shard_on_its_way_is_in_no_card_and_then_in_the_other() {
    let mut timeline = run(5);
    join(&mut timeline, &[1, 2]);
    go_on(&mut timeline, 2_000);
    let before = seen(&timeline);
    let shard = before.groups[0].serves().next().expect("group 1 serves something");
    assert_eq!(before.parcels, []);
    control(&mut timeline, Command::Move { shard, to: Gid(2) });
    let mut passages = Vec::new();
    let (mut gone, mut last) = (Vec::new(), (None, 0));
    let end = timeline.now() + Duration::from_secs(2);
    while timeline.now() < end && timeline.step_forward() {
        let cluster = seen(&timeline);
        let serving = |group: &&Group| group.serves().any(|served| served == shard);
        let serving: Vec<Gid> =
            cluster.groups.iter().filter(serving).map(|group| group.team.gid).collect();
        assert!(serving.len() <= 1, "two groups serve it");
        let Some(parcel) = cluster.parcels.first() else { continue };
        assert_eq!((parcel.shard, parcel.from, parcel.to), (shard, Gid(1), Gid(2)));
        assert!(parcel.arrived <= parcel.keys);
        // The new owner serves it as soon as it has it, and nobody does before.
        let delivered = parcel.passage == Passage::Delivered;
        assert_eq!(serving, if delivered { vec![Gid(2)] } else { vec![] });
        let held = cluster.groups[0].shards.iter().find(|held| held.shard == shard);
        let held = held.expect("its old owner keeps it");
        assert_eq!((held.status, held.other, held.served), (Status::Frozen, Some(Gid(2)), false));
        let travelled = parcel.travelled(timeline.now());
        // What is refused by a follower is sent again; on one leg it never goes back.
        assert!(parcel.leg != last.0 || travelled >= last.1, "{parcel:?}");
        last = (parcel.leg, travelled);
        gone.push(travelled);
        if passages.last() != Some(&parcel.passage) {
            passages.push(parcel.passage);
        }
    }
    assert_eq!(passages.last(), Some(&Passage::Delivered), "{passages:?}");
    assert!(passages.contains(&Passage::Expected), "{passages:?}");
    assert_eq!((gone.first(), gone.last()), (Some(&0), Some(&1_000)));
    assert!(gone.iter().any(|gone| (1..1_000).contains(gone)), "it jumps: {gone:?}");
    let after = seen(&timeline);
    assert_eq!(after.parcels, [], "the copy is deleted");
    assert!(after.groups[1].serves().any(|served| served == shard));
}

/// Requests between groups are stopped in some way; where a shard stands then, and how far it came.
fn stopped(verdict: Verdict) -> (Vec<Option<LegStage>>, u32) {
    let mut timeline = run(5);
    join(&mut timeline, &[1, 2]);
    go_on(&mut timeline, 2_000);
    let shard = seen(&timeline).groups[0].serves().next().expect("group 1 serves something");
    let of = |gid| timeline.scenario().members(Gid(gid)).collect();
    let (from, to) = (Some(of(1)), Some(of(2)));
    let rule = Rule { from, to, shape: None, verdict, chance: Ppm::ALWAYS, until: None };
    timeline.act(Action::AddRule(rule)).expect("there is room for a rule");
    control(&mut timeline, Command::Move { shard, to: Gid(2) });
    let (mut stages, mut gone) = (Vec::new(), 0);
    let end = timeline.now() + Duration::from_secs(1);
    while timeline.now() < end && timeline.step_forward() {
        let Some(parcel) = seen(&timeline).parcels.first().copied() else { continue };
        stages.push(parcel.leg.map(|leg| leg.stage));
        gone = gone.max(parcel.travelled(timeline.now()));
    }
    stages.dedup();
    (stages, gone)
}

#[test]
fn of_several_copies_of_a_piece_the_one_that_is_there_first_is_drawn() {
    let sent = Instant::from_micros(5);
    let flies = |arrives| LegStage::Flies { sent, arrives: Instant::from_micros(arrives) };
    let order = [LegStage::Held, flies(30), flies(20), LegStage::Logged];
    assert!(order.is_sorted_by(|one, other| one.rank() < other.rank()));
}

#[test]
fn a_shard_that_does_not_come_through_is_not_drawn_as_arrived() {
    assert_eq!(stopped(Verdict::Hold), ([Some(LegStage::Held)].into(), 500));
    assert_eq!(stopped(Verdict::Drop), ([None].into(), 0));
}

#[test]
fn a_key_is_where_its_shard_is_served() {
    let mut timeline = run(7);
    let x = whereabouts(&timeline, "x").expect("the store is sharded");
    assert_eq!((x.owner, x.served_by), (Gid(0), None));
    join(&mut timeline, &[1, 2]);
    go_on(&mut timeline, 2_000);
    let x = whereabouts(&timeline, "x").expect("the store is sharded");
    // FNV-1a of "x", by its definition.
    assert_eq!(x.number, (0x811c_9dc5_u32 ^ 0x78).wrapping_mul(0x0100_0193));
    assert_eq!(u32::from(x.shard.0), x.number % 10);
    assert_eq!(x.served_by, Some(x.owner));
    assert!(x.owner.0 > 0);
}

#[test]
fn one_group_is_pictured_by_itself() {
    let mut timeline = run(3);
    let down = NodeId(6);
    assert_eq!(timeline.scenario().name(down), "G2.S1");
    timeline.act(Action::Crash(down)).expect("it runs");
    timeline.act(Action::Cut { from: NodeId(3), to: NodeId(4) }).expect("it is whole");
    go_on(&mut timeline, 1_000);
    let stage = view::stage_of(&timeline, Gid(2));
    assert_eq!(stage.servers.iter().map(|s| s.id.0).collect::<Vec<_>>(), [6, 7, 8]);
    assert_eq!(stage.cuts, [], "another group's links");
    let Situation::Led { leader, .. } = stage.situation else { panic!("{:?}", stage.situation) };
    assert!([7, 8].contains(&leader.0));
    timeline.act(Action::Crash(leader)).expect("it runs");
    let alone = view::stage_of(&timeline, Gid(2)).situation;
    assert_eq!(alone, Situation::Leaderless { reach: 1, quorum: 2 });
    assert!(matches!(view::stage_of(&timeline, Gid(1)).situation, Situation::Led { .. }));
    let cluster = seen(&timeline);
    assert_eq!(cluster.groups[1].team.leader, None);
}

#[test]
fn a_line_of_the_dock_says_who_served_a_shard() {
    let mut timeline = run(5);
    join(&mut timeline, &[1, 2]);
    go_on(&mut timeline, 2_000);
    let shard = seen(&timeline).groups[0].serves().next().expect("group 1 serves something");
    control(&mut timeline, Command::Move { shard, to: Gid(2) });
    go_on(&mut timeline, 2_000);
    let of = |timeline: &Timeline, from: Instant| {
        let dock = view::dock(timeline, from, timeline.now());
        dock.stretches.into_iter().filter(|line| line.shard == shard).collect::<Vec<_>>()
    };
    let lines = of(&timeline, Instant::ZERO);
    assert_eq!(lines.iter().map(|line| line.gid).collect::<Vec<_>>(), [Gid(1), Gid(2)]);
    let gap = (lines[0].until.expect("it was given away"), lines[1].from);
    assert!(gap.0 < gap.1 && lines[1].until.is_none());
    // In the gap nobody serves it: the line is the picture over time.
    timeline.seek(gap.0);
    assert!(seen(&timeline).groups.iter().all(|group| group.serves().all(|it| it != shard)));
    timeline.seek(gap.0 - Duration::from_micros(1));
    assert!(seen(&timeline).groups[0].serves().any(|it| it == shard));
    timeline.live();
    assert_eq!(of(&timeline, gap.1 + Duration::from_micros(1)), lines[1..]);
}

#[test]
fn a_group_without_a_majority_that_runs_has_a_gap_in_its_lines() {
    for paused in [false, true] {
        let mut timeline = run(5);
        join(&mut timeline, &[1, 2]);
        go_on(&mut timeline, 2_000);
        let shard = seen(&timeline).groups[0].serves().next().expect("group 1 serves something");
        let serves = |timeline: &Timeline| seen(timeline).groups[0].serves().any(|it| it == shard);
        let servers: Vec<NodeId> = timeline.scenario().members(Gid(1)).collect();
        let down = |id| if paused { Action::Pause(id) } else { Action::Crash(id) };
        let up = |id| if paused { Action::Resume(id) } else { Action::Restart(id) };
        let mut gone = None;
        for server in &servers {
            assert_eq!(serves(&timeline), gone.is_none(), "as long as two of three run");
            timeline.act(down(*server)).expect("it runs");
            if !serves(&timeline) {
                gone = gone.or(Some(timeline.now()));
            }
            go_on(&mut timeline, 100);
        }
        let gone = gone.expect("all are down");
        for server in &servers {
            assert!(!serves(&timeline), "before two are back");
            timeline.act(up(*server)).expect("it is down");
            if *server == servers[1] {
                break;
            }
            go_on(&mut timeline, 100);
        }
        let back = timeline.now();
        go_on(&mut timeline, 2_000);
        let lines = view::dock(&timeline, Instant::ZERO, timeline.now()).stretches;
        let lines: Vec<&Stretch> = lines.iter().filter(|line| line.shard == shard).collect();
        assert_eq!((lines.len(), lines[0].until), (2, Some(gone)), "{lines:?}");
        // Who was paused knows what it served; who crashed applies its log anew.
        assert_eq!(lines[1].from == back, paused, "{lines:?}");
        assert!(lines[1].from >= back && lines[1].until.is_none());
        assert!(serves(&timeline));
    }
}

#[test]
fn a_group_is_seen_to_be_cut_off_and_to_have_left() {
    let mut timeline = run(5);
    join(&mut timeline, &[1, 2]);
    go_on(&mut timeline, 2_000);
    let states = |timeline: &Timeline| -> Vec<(bool, bool, bool)> {
        let groups = seen(timeline).groups;
        groups.iter().map(|group| (group.joined, group.left, group.cut)).collect()
    };
    assert!(states(&timeline)[..2].iter().all(|state| *state == (true, false, false)));
    assert!(!seen(&timeline).cut);
    let servers: Vec<NodeId> = timeline.scenario().members(Gid(1)).collect();
    let clients: Vec<NodeId> = timeline.scenario().client_ids().collect();
    for (i, server) in servers.iter().enumerate() {
        assert_eq!(states(&timeline)[0], (true, false, false), "{i} of three are out of reach");
        for client in &clients {
            // One way is enough: who is not heard, or does not hear, is not answered.
            let (from, to) = if i == 0 { (*client, *server) } else { (*server, *client) };
            timeline.act(Action::Cut { from, to }).expect("it is whole");
        }
    }
    assert_eq!(states(&timeline)[0], (true, false, true));
    assert!(seen(&timeline).cut);
    control(&mut timeline, Command::Leave(vec![Gid(2)]));
    go_on(&mut timeline, 2_000);
    assert_eq!(states(&timeline)[1], (false, true, false));
}

#[test]
fn a_server_of_the_controller_shows_configurations_and_a_session_its_shard() {
    let mut timeline = run(5);
    join(&mut timeline, &[1]);
    join(&mut timeline, &[2]);
    go_on(&mut timeline, 2_000);
    let cluster = seen(&timeline);
    let store = &cluster.controller.servers[0].store;
    let keys: Vec<&str> = store.iter().map(|stored| &*stored.key).collect();
    assert_eq!(keys, ["config 2", "config 1", "config 0"]);
    assert_eq!(&*store[1].value, "G1: 0 1 2 3 4 5 6 7 8 9");
    assert_eq!(&*store[2].value, "no group");
    let sessions = cluster.groups[0].team.servers.iter().flat_map(|server| server.sessions.iter());
    let mut named = sessions.map(|line| line.client.clone());
    assert!(named.any(|name| name.starts_with("client 1, shard ")));
}
