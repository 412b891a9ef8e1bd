//! §5.5: followers and candidates crash.

use super::group::*;
use super::*;
use crate::kv::Reply;
use crate::sim::Action;

/// What servers ask of followers.
fn requests() -> [Message<Kv>; 3] {
    let snapshot = Arc::new(Snapshot { last: id(2, 3), machine: Kv::default() });
    [
        vote(4, id(2, 3), false),
        append(4, id(1, 1), &[2, 2, 4], 2),
        Message::Snapshot { term: Term(4), snapshot },
    ]
}

#[test]
fn section_5_5_a_request_that_comes_twice_does_no_more_than_once() {
    for message in requests() {
        let mut bench = Bench::new(plain(3), &[1, 1], 2);
        let first = Bench::reply(&bench.receive(1, 1, message.clone()));
        let (hard, log, commit) = (bench.raft.hard, bench.raft.log.clone(), bench.raft.commit);
        let effects = bench.receive(2, 1, message.clone());
        assert_eq!(Bench::reply(&effects), first, "the same answer");
        assert_eq!((bench.raft.hard, &bench.raft.log, bench.raft.commit), (hard, &log, commit));
        let does =
            |effect: &Effect<Server>| !matches!(effect, Effect::Send { .. } | Effect::Note(_));
        assert!(!effects.iter().any(does), "{message:?}: {effects:?}");
    }
}

#[test]
fn section_5_5_a_crash_before_the_answer_is_made_good_by_asking_again() {
    for message in requests() {
        let mut bench = Bench::new(plain(3), &[1, 1], 2);
        let lost = Bench::reply(&bench.receive(1, 1, message.clone()));
        let (hard, log) = (bench.raft.hard, bench.raft.log.clone());
        bench.restart(2);
        assert_eq!(Bench::reply(&bench.receive(3, 1, message.clone())), lost, "{message:?}");
        assert_eq!((bench.raft.hard, &bench.raft.log), (hard, &log));
    }
}

#[test]
fn section_5_5_a_leader_asks_again_until_it_is_answered() {
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.elect(1);
    for _ in 0..10 {
        let sent = Bench::sent(&bench.wake());
        let offered = |to: u16| {
            sent.iter().any(|(other, message)| {
                let full = matches!(message, Message::Append { entries, .. } if entries.len() == 1);
                *other == to && full
            })
        };
        assert!(offered(1) && offered(2), "{sent:?}");
    }
}

#[test]
fn section_5_5_a_candidate_that_crashes_does_not_keep_the_others_from_electing() {
    for seed in 0..10 {
        let (mut group, leader) = Group::led(scenario(seed, 3));
        let candidate = group.others(leader)[0];
        let before = group.elected().len();
        group.act(Action::Crash(leader));
        group.act(Action::Campaign(candidate));
        let term = group.replica(candidate).expect("it runs").hard.term;
        group.act(Action::Crash(candidate));
        group.run(1_000);
        group.act(Action::Restart(candidate));
        let written = group.served("put x 1");
        assert_eq!(written, Reply::Written { version: 1 });
        assert!(group.elected()[before].0 >= term, "seed {seed}");
    }
}

#[test]
fn section_5_5_whoever_comes_back_takes_part_again() {
    let (mut group, _) = Group::led(scenario(1, 3));
    // Each in turn is away for a while; were one of them lost, the next would be one too many.
    for (n, id) in [0, 1, 2, 0, 1, 2].into_iter().enumerate() {
        group.act(Action::Crash(NodeId(id)));
        let version = n as u64 + 1;
        assert_eq!(group.served(&alloc::format!("put x {n}")), Reply::Written { version });
        group.act(Action::Restart(NodeId(id)));
        group.until("it has the write", |group| group.stored(NodeId(id)).len() > n);
    }
}
