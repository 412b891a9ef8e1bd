//! Directed runs: what happens to shards when groups come, go, sleep and change their leaders.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::clerk::{Operation, Outcome};
use super::super::{Command, Holding, Install, Status};
use super::lab::{Lab, Plan, hand, join, key, leave};
use crate::controller;
use crate::id::{Gid, MutantId, ShardId};
use crate::kv::Reply;
use crate::time::Duration;

const ADMIN: usize = 0;
const USER: usize = 1;

/// With the routing by first byte and four shards, one key of each shard.
const KEYS: [&str; 4] = ["d", "a", "b", "c"];

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn changed(lab: &mut Lab, operation: Operation) {
    let outcome = lab.done(ADMIN, operation);
    let made = matches!(outcome, Some(Outcome::Control(controller::Reply::Changed(_))));
    assert!(made, "{outcome:?}");
}

/// A lab with these groups, each key written once.
fn filled(plan: Plan, gids: &[u16]) -> Lab {
    let mut lab = Lab::new(plan);
    changed(&mut lab, join(gids));
    for name in KEYS {
        lab.done(USER, key(&format!("append {name} ({name})")));
    }
    lab
}

/// All values are as written, everything is over, and nothing was broken.
fn check(lab: &mut Lab) {
    for name in KEYS {
        assert_eq!(lab.value(USER, name), format!("({name})"), "{name}");
    }
    assert!(lab.settle(), "it comes to an end");
    lab.watch.quiet(&lab.groups);
    assert!(lab.watch.violations.is_empty(), "{:?}", lab.watch.violations);
}

fn statuses(lab: &Lab, group: usize) -> [Status; 4] {
    [0, 1, 2, 3].map(|shard| {
        let machine = &lab.groups[group].machine;
        machine.holding(ShardId(shard)).map_or(Status::Absent, Holding::status)
    })
}

#[test]
fn the_last_group_that_leaves_keeps_the_data_for_whoever_comes() {
    let mut lab = filled(Plan::of(1), &[1]);
    changed(&mut lab, leave(&[1]));
    lab.run(ms(500));
    assert_eq!(statuses(&lab, 0), [Status::Parked; 4]);
    changed(&mut lab, join(&[2]));
    check(&mut lab);
    assert_eq!((statuses(&lab, 0), statuses(&lab, 1)), ([Status::Absent; 4], [Status::Serving; 4]));
}

#[test]
fn parking_holds_up_no_later_configuration_and_ends_where_it_began() {
    let mut lab = filled(Plan::of(2), &[1]);
    changed(&mut lab, leave(&[1]));
    changed(&mut lab, join(&[2]));
    changed(&mut lab, leave(&[2]));
    changed(&mut lab, join(&[1]));
    check(&mut lab);
    changed(&mut lab, leave(&[1]));
    lab.run(ms(500));
    changed(&mut lab, join(&[1]));
    check(&mut lab);
    assert!(lab.watch.met["a shard that came back"] >= 4, "{:?}", lab.watch.met);
}

#[test]
fn two_groups_exchange_shards_in_one_configuration() {
    let mut lab = filled(Plan::of(3), &[1, 2]);
    lab.decree(&[1, 1, 2, 2]);
    lab.run(ms(500));
    for round in 0..10 {
        let (one, other) = if round % 2 == 0 { (2, 1) } else { (1, 2) };
        lab.decree(&[one, one, other, other]);
        lab.run(ms(300));
        assert!(lab.is_quiet(), "round {round}");
    }
    check(&mut lab);
}

#[test]
fn a_group_that_left_hands_over_all_the_same() {
    let mut lab = filled(Plan::of(4), &[1]);
    changed(&mut lab, join(&[2]));
    lab.set_up(0, false);
    changed(&mut lab, leave(&[1]));
    lab.run(ms(500));
    lab.set_up(0, true);
    check(&mut lab);
    assert_eq!(statuses(&lab, 0), [Status::Absent; 4]);
}

#[test]
fn a_group_that_slept_takes_one_configuration_after_the_other() {
    let mut lab = filled(Plan::of(5), &[1, 2]);
    lab.set_up(1, false);
    for change in [hand(0, 2), leave(&[2]), join(&[3]), hand(1, 3), join(&[2])] {
        lab.done(ADMIN, change);
    }
    lab.run(ms(1_000));
    lab.set_up(1, true);
    check(&mut lab);
}

#[test]
fn whoever_leads_when_the_work_goes_on_with_it() {
    // The old leader is gone after every single event of a hand-over.
    for after in 0..160 {
        let mut plan = Plan::of(600 + after);
        plan.settings.piece_limit = Some(1);
        let mut lab = filled(plan, &[1]);
        lab.ask(ADMIN, join(&[2]));
        (0..after).for_each(|_| lab.step());
        let change = |at: u64| if after % at == 0 { Lab::depose } else { Lab::restart };
        change(2)(&mut lab, 0);
        change(3)(&mut lab, 1);
        check(&mut lab);
        let done = lab.watch.met["a shard that moved"];
        assert!(done >= 2, "after {after} events: {done}");
    }
}

#[test]
fn a_shard_travels_in_pieces_and_its_copy_goes_when_the_last_is_there() {
    let mut plan = Plan::of(7);
    plan.settings.piece_limit = Some(1);
    let mut lab = filled(plan, &[1]);
    for n in 0..40 {
        lab.done(USER, key(&format!("put d{n} {n}")));
    }
    lab.ask(ADMIN, join(&[2]));
    lab.ask(ADMIN, leave(&[1]));
    let mut most = 0;
    while !lab.is_quiet() {
        most = lab.groups[0].mover.pushes().map(|(_, _, of)| of).max().unwrap_or(0).max(most);
        lab.step();
    }
    assert!(most > 40, "one piece for each key: {most}");
    check(&mut lab);
}

#[test]
fn a_repeat_is_answered_by_the_new_owner_and_not_executed_again() {
    let mut lab = filled(Plan::of(8), &[1]);
    // The call is executed; all answers to it are lost, and the shard moves on.
    lab.ask(USER, key("append d [once]"));
    let executed = |lab: &Lab, group: usize| {
        let data = lab.groups[group].machine.holding(ShardId(0)).and_then(Holding::data);
        let value = data.and_then(|data| data.machine().iter().find(|(key, _)| &***key == "d"));
        value.is_some_and(|(_, cell)| cell.value.contains("[once]"))
    };
    lab.deaf(USER, true);
    while !executed(&lab, 0) {
        lab.step();
    }
    changed(&mut lab, join(&[2]));
    changed(&mut lab, leave(&[1]));
    while !executed(&lab, 1) {
        lab.step();
    }
    lab.deaf(USER, false);
    lab.run(ms(1_000));
    let reply = lab.clients[USER].outcomes.last().cloned().flatten();
    assert_eq!(reply, Some(Outcome::Key(Reply::Written { version: 2 })), "as the first time");
    assert_eq!(lab.value(USER, "d"), "(d)[once]");
    assert!(lab.watch.met["a repeat that was not executed"] > 0);
    assert!(lab.settle() && lab.watch.violations.is_empty(), "{:?}", lab.watch.violations);
}

#[test]
fn a_session_that_was_forgotten_before_a_move_stays_forgotten_after_it() {
    let mut plan = Plan::of(9);
    plan.settings.sessions = 1;
    let mut lab = filled(plan, &[1]);
    lab.ask(USER, key("append d [once]"));
    lab.deaf(USER, true);
    lab.run(ms(100));
    // Another client's call evicts the session; then the shard moves.
    lab.done(2, key("append d [other]"));
    changed(&mut lab, join(&[2]));
    changed(&mut lab, leave(&[1]));
    lab.run(ms(1_000));
    lab.deaf(USER, false);
    let before = lab.clients[USER].clerk.client();
    lab.run(ms(1_000));
    assert_eq!(lab.clients[USER].outcomes.last(), Some(&None), "nobody can say what became of it");
    assert!(lab.clients[USER].clerk.client() > before, "a new session");
    let value = lab.value(USER, "d");
    assert_eq!(value.matches("[once]").count(), 1, "{value}");
    assert!(lab.settle() && lab.watch.violations.is_empty(), "{:?}", lab.watch.violations);
}

/// How long one get of each of these keys takes at most, in milliseconds; none: not within two
/// seconds.
fn served(lab: &mut Lab, keys: &[&str]) -> Option<u64> {
    let mut longest = 0;
    for name in keys {
        let (begin, before) = (lab.now, lab.clients[USER].outcomes.len());
        lab.ask(USER, key(&format!("get {name}")));
        while lab.clients[USER].outcomes.len() == before {
            if lab.now > begin + Duration::from_secs(2) {
                return None;
            }
            lab.step();
        }
        longest = longest.max(lab.now.since(begin).as_micros() / 1_000);
    }
    Some(longest)
}

fn owned(lab: &Lab, gid: u16) -> Vec<&'static str> {
    let owners = lab.latest().shards.iter().zip(KEYS);
    owners.filter(|(owner, _)| **owner == Gid(gid)).map(|(_, key)| key).collect()
}

/// Groups 1 and 2 share the shards; 1 sleeps for ever and leaves, so that 2 awaits its shards. The
/// keys that 2 had all along.
fn half_dead(mutant: MutantId, pause_all: bool) -> (Lab, Vec<&'static str>) {
    let mut plan = Plan::of(10);
    plan.mutant = mutant;
    plan.settings.pause_all = pause_all;
    let mut lab = filled(plan, &[1, 2]);
    lab.run(ms(500));
    let kept = owned(&lab, 2);
    lab.set_up(0, false);
    changed(&mut lab, leave(&[1]));
    lab.run(ms(500));
    (lab, kept)
}

#[test]
fn shards_that_do_not_move_are_served_while_others_never_come() {
    let (mut lab, kept) = half_dead(MutantId::Paper, false);
    assert_eq!(kept.len(), 2);
    let longest = served(&mut lab, &kept);
    assert!(longest.is_some_and(|longest| longest <= 200), "{longest:?}");
    for (mutant, pause_all) in [(MutantId::K12, false), (MutantId::Paper, true)] {
        let (mut lab, kept) = half_dead(mutant, pause_all);
        assert_eq!(served(&mut lab, &kept), None, "the whole group stands still");
    }
}

#[test]
fn shards_that_have_come_are_served_while_others_never_come() {
    let mut lab = filled(Plan::of(11), &[1, 2, 3]);
    lab.run(ms(500));
    let from_3 = owned(&lab, 3);
    lab.set_up(0, false);
    changed(&mut lab, leave(&[1, 3]));
    lab.run(ms(500));
    let longest = served(&mut lab, &from_3);
    assert!(!from_3.is_empty() && longest.is_some_and(|ms| ms <= 200), "{from_3:?}: {longest:?}");
    lab.set_up(0, true);
    check(&mut lab);
}

#[test]
fn a_late_deletion_does_not_hit_a_shard_that_has_come_back() {
    let story = |mutant| -> String {
        let mut plan = Plan::of(12);
        plan.mutant = mutant;
        let mut lab = filled(plan, &[1, 2]);
        lab.decree(&[1, 1, 1, 1]);
        lab.run(ms(500));
        lab.decree(&[2, 1, 1, 1]);
        let config = lab.latest().number;
        lab.run(ms(500));
        lab.decree(&[1, 1, 1, 1]);
        lab.run(ms(500));
        // What an earlier leader proposed when the shard had gone is committed only now.
        lab.commit_late(0, Command::Delete { config, shard: ShardId(0) });
        format!("{:?} {:?}", statuses(&lab, 0)[0], lab.watch.violations.keys())
    };
    assert_eq!(story(MutantId::Paper), "Serving []");
    assert_eq!(story(MutantId::K7), "Absent [\"KI-6\"]");
}

#[test]
fn a_piece_that_comes_again_undoes_nothing() {
    let story = |mutant| -> String {
        let mut plan = Plan::of(13);
        plan.mutant = mutant;
        let mut lab = filled(plan, &[1, 2]);
        lab.decree(&[1, 1, 1, 1]);
        lab.run(ms(500));
        lab.decree(&[2, 1, 1, 1]);
        let config = lab.latest().number;
        let first = loop {
            if let Some(piece) = lab.groups[0].machine.pieces(ShardId(0)).first() {
                break piece.clone();
            }
            lab.step();
        };
        lab.run(ms(500));
        lab.done(USER, key("append d [new]"));
        let (index, of) = (0, 1);
        let install = Install { config, shard: ShardId(0), index, of, piece: first };
        lab.commit_late(1, Command::Install(install));
        format!("{} {:?}", lab.value(USER, "d"), lab.watch.violations.keys())
    };
    assert_eq!(story(MutantId::Paper), "(d)[new] []");
    assert_eq!(story(MutantId::K8), "(d) [\"KI-7\"]");
}
