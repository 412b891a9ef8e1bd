//! §7: snapshots.

use super::group::*;
use super::*;
use crate::sim::Action;

#[test]
fn section_7_a_compacted_follower_gets_the_snapshot_even_if_its_window_is_full() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.matched(2, 2, 1);
    for n in 0..8 {
        bench.propose(2, &alloc::format!("{n}")).unwrap();
        bench.matched(2, 1, n + 2);
    }
    assert_eq!(peer(&bench, 2).next, Slot(6), "its window is full of entries that were lost");
    let machine = Kv::default();
    bench.raft.compact(protocol::Snapshot { through: Slot(9), machine }, &mut bench.out);
    bench.effects();
    bench.raft.wake(ms(51), &mut bench.out);
    let sent = Bench::sent(&bench.effects());
    let is_snapshot = |(to, message): &(u16, Message<Kv>)| {
        *to == 2
            && matches!(message, Message::Snapshot { snapshot, .. } if snapshot.last == id(2, 9))
    };
    assert!(sent.iter().any(is_snapshot), "{sent:?}");
}

#[test]
fn section_7_a_conflict_at_the_snapshots_place_is_answered_by_the_snapshot() {
    let mut bench = Bench::new(config(3), &[1, 1, 1], 1);
    bench.elect(1);
    bench.matched(2, 1, 4);
    let machine = Kv::default();
    bench.raft.compact(protocol::Snapshot { through: Slot(4), machine }, &mut bench.out);
    bench.effects();
    // The follower was probed before its log's end, and has another entry at the very base.
    for rejected in [3, 2] {
        let outcome = Outcome::Conflict { rejected: Slot(rejected), hint: id(1, rejected) };
        let reply = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome };
        bench.receive(3, 2, reply);
    }
    assert!(matches!(peer(&bench, 2).mode, Mode::Snapshot { .. }), "{:?}", peer(&bench, 2));
}

#[test]
fn section_7_figure_13_7_a_snapshot_replaces_another_history_and_never_goes_back() {
    let mut bench = Bench::new(config(3), &[1, 1, 1], 1);
    let snapshot = |term, slot| Message::Snapshot {
        term: Term(4),
        snapshot: Arc::new(Snapshot { last: id(term, slot), machine: Kv::default() }),
    };
    let effects = bench.receive(1, 1, snapshot(2, 2));
    assert_eq!((bench.raft.commit, bench.raft.log.last()), (Slot(2), id(2, 2)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Restore(_))));
    let effects = bench.receive(2, 1, snapshot(1, 1));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Restore(_))));
    let reply = Message::SnapshotReply { term: Term(4), counts: true, matched: Slot(2) };
    assert_eq!(Bench::reply(&effects), reply);
}

fn compact(bench: &mut Bench, through: u64) -> Vec<Effect<Server>> {
    let snapshot = protocol::Snapshot { through: Slot(through), machine: Kv::default() };
    bench.raft.compact(snapshot, &mut bench.out);
    bench.effects()
}

/// A follower of the leader of term 2, with four entries of which three are committed.
fn follower() -> Bench {
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.receive(1, 1, append(2, LogId::ORIGIN, &[1, 1, 2, 2], 3));
    bench
}

fn snapshot(term: u64, last: LogId, machine: Kv) -> Message<Kv> {
    Message::Snapshot { term: Term(term), snapshot: Arc::new(Snapshot { last, machine }) }
}

#[test]
fn section_7_each_server_compacts_by_itself_and_only_what_is_committed() {
    let mut bench = follower();
    assert_eq!(compact(&mut bench, 4), [], "slot 4 is not committed");
    let effects = compact(&mut bench, 2);
    assert_eq!(notes(&effects), [Note::Compacted(id(1, 2))]);
    assert_eq!(Bench::sent(&effects), [], "it asks nobody");
}

#[test]
fn section_7_a_snapshot_replaces_the_log_up_to_it_and_the_snapshot_before() {
    let mut bench = follower();
    for through in [2, 3] {
        compact(&mut bench, through);
        let slots: Vec<u64> = bench.raft.log.from(Slot(0)).map(|(slot, _)| slot.0).collect();
        assert_eq!(slots, (through + 1..=4).collect::<Vec<_>>());
        let last = bench.raft.snapshot.as_ref().map(|snapshot| snapshot.last.slot);
        assert_eq!(last, Some(Slot(through)));
    }
    assert_eq!(compact(&mut bench, 2), [], "nothing goes back");
}

#[test]
fn section_7_the_place_and_term_of_the_last_entry_are_kept_for_what_follows_it() {
    let mut bench = follower();
    compact(&mut bench, 3);
    bench.receive(2, 1, append(3, id(2, 3), &[3], 3));
    assert_eq!(bench.raft.log.last(), id(3, 4));
    let mut empty = Bench::new(plain(3), &[], 1);
    empty.receive(1, 1, snapshot(4, id(2, 3), Kv::default()));
    let reply = Bench::reply(&empty.receive(2, 1, append(4, id(2, 3), &[4], 3)));
    assert_eq!(outcome(&reply), Outcome::Matched(Slot(4)));
    assert_eq!((empty.raft.log.base(), empty.raft.log.last()), (id(2, 3), id(4, 4)));
}

#[test]
fn section_7_a_server_starts_from_its_snapshot() {
    let mut machine = Kv::default();
    machine.apply(&put("a"));
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    bench.receive(1, 1, snapshot(2, id(1, 2), machine.clone()));
    let effects = bench.restart(2);
    let restored = protocol::Snapshot { through: Slot(2), machine };
    assert_eq!(effects, [Effect::Restore(restored)]);
    assert_eq!((bench.raft.commit, bench.raft.log.last()), (Slot(2), id(1, 2)));
}

#[test]
fn section_7_figure_13_1_a_snapshot_of_an_old_leader_is_refused() {
    let mut bench = Bench::new(plain(3), &[1], 5);
    let before = bench.raft.clone();
    let effects = bench.receive(1, 1, snapshot(4, id(4, 9), Kv::default()));
    assert_eq!((Bench::reply(&effects).term(), &bench.raft), (Term(5), &before));
}

#[test]
fn section_7_figure_13_6_entries_that_follow_the_snapshots_last_one_are_kept() {
    for (last, kept) in [(id(1, 2), id(2, 4)), (id(2, 2), id(2, 2)), (id(2, 7), id(2, 7))] {
        let mut bench = Bench::new(plain(3), &[1, 1, 2, 2], 2);
        bench.receive(1, 1, snapshot(3, last, Kv::default()));
        assert_eq!((bench.raft.log.base(), bench.raft.log.last()), (last, kept));
        assert_eq!(bench.raft.commit, last.slot, "what a snapshot has is committed");
    }
}

#[test]
fn section_7_figure_13_8_the_machine_becomes_the_snapshots() {
    let mut machine = Kv::default();
    machine.apply(&put("a"));
    let mut bench = Bench::new(plain(3), &[1], 1);
    let effects = bench.receive(1, 1, snapshot(2, id(1, 3), machine.clone()));
    let restored = protocol::Snapshot { through: Slot(3), machine };
    assert!(effects.contains(&Effect::Restore(restored)), "{effects:?}");
}

#[test]
fn section_7_logs_stay_short_and_who_was_away_gets_the_snapshot() {
    let mut scenario = scenario(7, 3);
    scenario.snapshot_above = Some(400);
    let (mut group, leader) = Group::led(scenario);
    let away = group.others(leader)[0];
    group.act(Action::Crash(away));
    for n in 0..60 {
        group.served(&alloc::format!("append x {},", n % 10));
        let bytes = group.replica(leader).expect("it runs").log.bytes();
        assert!(bytes < 500, "{bytes} bytes after write {n}");
    }
    group.act(Action::Restart(away));
    let installed =
        |(node, note): &(NodeId, Note)| *node == away && matches!(note, Note::Installed(_));
    group.until("it has a snapshot", |group| group.notes().iter().any(installed));
    group.run(500);
    let machine = |id| group.0.world().node(id).and_then(|node| node.server()).map(|s| s.machine());
    assert_eq!(machine(away), machine(leader));
    let write = "append x end";
    group.served(write);
    group.until("entries follow", |group| !group.stored(away).is_empty());
}
