//! §5.1: terms and roles.

use super::group::*;
use super::*;
use crate::kv::Reply;
use crate::sim::Action;
use crate::sim::packet::{Label, Shape};

#[test]
fn section_5_1_five_servers_serve_without_any_two_and_not_without_three() {
    let ids = || (0..5).map(NodeId);
    for (one, two) in
        ids().flat_map(|one| ids().filter(move |two| one < *two).map(move |two| (one, two)))
    {
        let (mut group, _) = Group::led(scenario(1, 5));
        group.act(Action::Crash(one));
        group.act(Action::Crash(two));
        assert_eq!(group.served("put x 1"), Reply::Written { version: 1 }, "without {one}, {two}");
        let third = ids().find(|id| *id != one && *id != two).expect("three are left");
        group.act(Action::Crash(third));
        let number = group.ask(0, "put x 2");
        group.run(5_000);
        assert_eq!(group.replies(0).len(), number, "two of five answered");
        group.act(Action::Restart(one));
        group.until("the third is back", |group| group.replies(0).len() > number);
    }
}

#[test]
fn section_5_1_followers_ask_nothing_of_anybody() {
    let (mut group, leader) = Group::led(scenario(2, 5));
    let before = group.sent().len();
    for n in 0..20 {
        group.served(&alloc::format!("put x {n}"));
    }
    let sent = group.sent();
    let of_followers =
        sent[before..].iter().filter(|label| label.from.0 < 5 && label.from != leader);
    // A client may have asked the wrong server first: it is answered too.
    let (answers, others): (Vec<&Label>, Vec<&Label>) =
        of_followers.partition(|label| matches!(label.shape, Shape::AppendReply | Shape::Response));
    assert!(answers.len() >= 80, "{}", answers.len());
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn section_5_1_a_follower_sends_clients_to_the_leader() {
    let mut bench = Bench::new(plain(3), &[], 1);
    assert_eq!(bench.propose(1, "a"), Err(Refused::NotLeader { hint: None }));
    bench.receive(2, 2, append(1, LogId::ORIGIN, &[], 0));
    assert_eq!(bench.propose(3, "a"), Err(Refused::NotLeader { hint: Some(NodeId(2)) }));
}

#[test]
fn section_5_1_a_servers_term_never_goes_back_not_even_by_a_crash() {
    let mut terms = [Term(0); 5];
    storm(1, |group| {
        for (term, node) in terms.iter_mut().zip(group.0.world().servers()) {
            let disk = node.durable().expect("a server").hard.term;
            assert!(disk >= *term, "{} went from {term} to {disk}", node.id());
            *term = disk;
        }
    });
    assert!(terms.iter().all(|term| term.0 > 3), "{terms:?}");
}

#[test]
fn section_5_1_whoever_speaks_of_an_old_term_learns_the_new_one_and_steps_down() {
    for mut stale in [Bench::new(plain(3), &[], 1), Bench::new(plain(3), &[1], 1)] {
        let mut current = Bench::new(plain(3), &[], 7);
        let leads = stale.raft.log.last().slot == Slot(1);
        let asks = if leads { stale.elect(1) } else { stale.wake() };
        let answer = Bench::reply(&current.receive(2, 1, Bench::sent(&asks)[0].1.clone()));
        assert_eq!(current.raft.hard.term, Term(7));
        stale.receive(3, 1, answer);
        assert_eq!((stale.raft.hard.term, stale.raft.leading()), (Term(7), None));
        assert!(matches!(stale.raft.role, Role::Follower { .. }));
    }
}

#[test]
fn section_5_1_a_request_of_an_old_term_changes_nothing() {
    let snapshot = Arc::new(Snapshot { last: id(2, 5), machine: Kv::default() });
    for message in [
        vote(3, id(3, 9), false),
        append(3, id(1, 1), &[3], 1),
        Message::Snapshot { term: Term(3), snapshot },
    ] {
        let mut bench = Bench::new(plain(3), &[1, 1], 4);
        let before = bench.raft.clone();
        let reply = Bench::reply(&bench.receive(1, 1, message.clone()));
        assert_eq!((reply.term(), &bench.raft), (Term(4), &before), "{message:?}");
    }
}

#[test]
fn section_5_1_a_candidate_asks_again_whoever_has_not_answered_in_time() {
    for pre in [false, true] {
        let mut bench = Bench::new(Config { pre_vote: pre, ..plain(5) }, &[1], 1);
        let began = bench.raft.alarm().expect("a follower waits").at;
        let asks = |to| (to, vote(2, id(1, 1), pre));
        assert_eq!(Bench::sent(&bench.wake()), [1, 2, 3, 4].map(asks));
        let again = Some(Alarm { at: began + plain(5).heartbeat, why: Why::Retry });
        assert_eq!(bench.raft.alarm(), again);
        let answer = |term, pre, granted| Message::VoteReply { term: Term(term), pre, granted };
        // Of another election, or of the other kind.
        bench.receive(201, 3, answer(1, false, true));
        bench.receive(201, 4, answer(if pre { 1 } else { 2 }, !pre, true));
        bench.receive(201, 1, answer(if pre { 1 } else { 2 }, pre, false));
        assert_eq!(Bench::sent(&bench.wake()), [2, 3, 4].map(asks), "pre-vote {pre}");
        bench.receive(201, 2, answer(2, pre, true));
        for _ in 0..2 {
            assert_eq!(Bench::sent(&bench.wake()), [3, 4].map(asks), "until its election ends");
        }
        for from in [3, 4] {
            bench.receive(201, from, answer(if pre { 1 } else { 2 }, pre, false));
        }
        let end = bench.raft.alarm().expect("it will begin anew");
        assert_eq!(end.why, Why::Election, "everybody has answered");
        assert!(end.at >= began + plain(5).election_min);
        assert_eq!(Bench::sent(&bench.wake()).len(), 4, "a new election asks everybody");
    }
}

#[test]
fn section_5_1_whoever_wakes_too_late_to_ask_again_begins_anew() {
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.wake();
    bench.raft.wake(ms(5_000), &mut bench.out);
    let asks = |to| (to, vote(3, LogId::ORIGIN, false));
    assert_eq!(Bench::sent(&bench.effects()), [1, 2].map(asks));
    assert!(bench.raft.alarm().expect("it goes on").at > ms(5_000));
}

#[test]
fn section_5_1_a_vote_is_told_as_often_as_it_is_asked_for_and_given_once() {
    let mut bench = Bench::new(plain(3), &[1], 1);
    assert!(granted(&bench.receive(5, 1, vote(2, id(1, 1), false))));
    let before = bench.raft.clone();
    let again = bench.receive(150, 1, vote(2, id(1, 1), false));
    assert!(granted(&again), "the first answer may be lost");
    assert_eq!(bench.raft, before, "no timer is restarted");
    assert_eq!(notes(&again), []);
    assert!(!granted(&bench.receive(151, 2, vote(2, id(1, 9), false))));
    let mut bench = Bench::new(plain(3), &[1], 1);
    bench.receive(5, 1, vote(2, id(1, 1), false));
    bench.receive(6, 1, append(2, id(1, 1), &[2], 0));
    bench.receive(7, 1, vote(2, id(1, 1), false));
    assert_eq!(bench.raft.leader(), Some(NodeId(1)), "a late request deposes nobody");
}

#[test]
fn section_5_1_who_was_called_by_the_leader_says_so_whenever_it_asks() {
    let mut bench = Bench::new(config(3), &[1], 1);
    bench.receive(4, 1, append(1, id(1, 1), &[], 0));
    let mut effects = bench.receive(5, 1, Message::TimeoutNow { term: Term(1) });
    for _ in 0..3 {
        let sent = Bench::sent(&effects);
        let handed = |(_, m): &(u16, Message<Kv>)| matches!(m, Message::Vote { handed: true, .. });
        assert!(sent.len() == 2 && sent.iter().all(handed), "{sent:?}");
        effects = bench.wake();
    }
}
