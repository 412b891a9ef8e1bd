//! Lengths of time and positions at their very borders.

use super::*;

#[test]
fn a_leader_is_stuck_to_for_just_the_shortest_time_out() {
    let answer = |at| {
        let mut bench = Bench::new(config(3), &[], 1);
        bench.receive(100, 1, append(1, LogId::ORIGIN, &[], 0));
        granted(&bench.receive(at, 2, vote(2, id(9, 9), true)))
    };
    assert!(!answer(299));
    assert!(answer(300));
}

#[test]
fn a_leader_hears_from_those_who_spoke_within_the_longest_time_out() {
    let steps_down = |heard| {
        let mut bench = Bench::new(config(3), &[], 1);
        bench.elect(1);
        bench.matched(heard, 1, 1);
        while bench.raft.leading().is_some() {
            bench.wake();
        }
        // A new time-out was drawn when it stepped down.
        let Role::Follower { timer, .. } = &bench.raft.role else { panic!("it follows nobody") };
        timer.set
    };
    assert_eq!(steps_down(1), ms(401), "the heartbeat at which 400 ms have passed");
    assert_eq!(steps_down(2), ms(451), "1 ms short of it at the one before");
    assert_eq!(steps_down(51), ms(451));
}

/// A leader whose second follower was sent a snapshot at 1 ms.
fn compacted() -> Bench {
    let mut bench = Bench::new(Config { check_quorum: false, ..config(3) }, &[1, 1], 1);
    bench.elect(1);
    bench.matched(2, 1, 3);
    let machine = Kv::default();
    bench.raft.compact(protocol::Snapshot { through: Slot(3), machine }, &mut bench.out);
    bench.effects();
    let outcome = Outcome::Conflict { rejected: Slot(2), hint: LogId::ORIGIN };
    let lacks = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome };
    let sent = Bench::sent(&bench.receive(1, 2, lacks));
    assert!(matches!(sent[..], [(2, Message::Snapshot { .. })]), "{sent:?}");
    bench
}

#[test]
fn a_snapshot_has_the_longest_time_out_to_arrive_before_its_follower_is_asked_again() {
    let mut bench = compacted();
    for at in (51..=401).step_by(50) {
        assert_eq!(bench.raft.alarm().unwrap().at, ms(at));
        let sent = Bench::sent(&bench.wake());
        let Some((2, Message::Append { prev, entries, .. })) = sent.last() else {
            panic!("{sent:?}")
        };
        assert!(entries.is_empty());
        let asked = if at < 401 { LogId::ORIGIN } else { id(2, 3) };
        assert_eq!(*prev, asked, "a sign of life, then a question: at {at} ms");
    }
    let outcome = Outcome::Conflict { rejected: Slot(3), hint: LogId::ORIGIN };
    let lacks = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome };
    let sent = Bench::sent(&bench.receive(402, 2, lacks));
    assert!(matches!(sent[..], [(2, Message::Snapshot { .. })]), "{sent:?}");
}

#[test]
fn a_follower_that_got_its_snapshot_is_sent_what_follows_at_once() {
    let mut bench = compacted();
    bench.propose(4, "a").unwrap();
    let installed =
        |matched| Message::SnapshotReply { term: Term(2), counts: true, matched: Slot(matched) };
    assert_eq!(Bench::sent(&bench.receive(5, 2, installed(2))), [], "not this snapshot");
    assert!(matches!(peer(&bench, 2).mode, Mode::Snapshot { .. }));
    let sent = Bench::sent(&bench.receive(6, 2, installed(3)));
    let [(2, Message::Append { prev, entries, .. })] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((*prev, entries.len()), (id(2, 3), 1));
    assert_eq!(peer(&bench, 2).mode, Mode::Stream);
}

#[test]
fn only_r46_goes_on_asking_where_the_snapshot_alone_can_help() {
    for mutant in [MutantId::Paper, MutantId::R46] {
        let mut bench = compacted();
        bench.raft.mutant = mutant;
        let outcome = Outcome::Conflict { rejected: Slot(3), hint: LogId::ORIGIN };
        let lacks = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome };
        for _ in 0..8 {
            bench.wake();
        }
        let sent = Bench::sent(&bench.receive(402, 2, lacks));
        let snapshot = matches!(sent[..], [(2, Message::Snapshot { .. })]);
        let asks = matches!(sent[..], [(2, Message::Append { .. })]);
        assert_eq!((snapshot, asks), (mutant == MutantId::Paper, mutant == MutantId::R46));
    }
}

#[test]
fn a_new_entry_brings_along_what_a_follower_lacks_before_it() {
    let mut bench = Bench::new(config(3), &[1, 1], 1);
    bench.elect(1);
    let Role::Leader(leader) = &mut bench.raft.role else { panic!("it was elected") };
    leader.peers[0].mode = Mode::Probe { waiting: false };
    leader.peers[0].next = Slot(2);
    bench.raft.propose(ms(2), put("a"), &mut bench.out).unwrap();
    let sent = Bench::sent(&bench.effects());
    let [(1, Message::Append { prev, entries, .. })] = &sent[..] else { panic!("{sent:?}") };
    let terms: Vec<u64> = entries.entries().iter().map(|entry| entry.term.0).collect();
    assert_eq!((*prev, &terms[..]), (id(1, 1), &[1, 2, 2][..]));
}

#[test]
fn waking_too_early_does_nothing_and_waking_late_what_was_due() {
    let mut bench = Bench::new(config(3), &[], 1);
    let due = bench.raft.alarm().unwrap().at;
    let before = bench.raft.clone();
    bench.raft.wake(due - Duration::from_micros(1), &mut bench.out);
    assert_eq!((bench.effects(), &bench.raft), (vec![], &before));
    bench.raft.wake(due + Duration::from_millis(70), &mut bench.out);
    assert_eq!(notes(&bench.effects()), [Note::PreVoteStarted(Term(2))]);
}

#[test]
fn a_leader_that_names_another_term_for_what_is_committed_is_not_believed() {
    let mut bench = Bench::new(config(3), &[1, 1], 1);
    bench.receive(1, 1, append(1, id(1, 2), &[], 2));
    assert_eq!(bench.raft.commit, Slot(2));
    for terms in [&[][..], &[3]] {
        let effects = bench.receive(2, 2, append(3, id(2, 2), terms, 2));
        let conflict = Outcome::Conflict { rejected: Slot(2), hint: id(1, 2) };
        assert_eq!(outcome(&Bench::reply(&effects)), conflict);
    }
    assert_eq!(bench.raft.log.last(), id(1, 2));
}

#[test]
fn only_r18_cuts_off_what_follows_the_entries_that_were_sent() {
    for mutant in [MutantId::Paper, MutantId::R18] {
        let cuts = mutant == MutantId::R18;
        let mut bench = Bench::new(config(3), &[1, 1, 1], 1);
        bench.raft.mutant = mutant;
        let whole = bench.receive(1, 1, append(1, id(1, 1), &[1, 1], 0));
        assert_eq!((notes(&whole).len(), bench.raft.log.last()), (1, id(1, 3)), "it has all that");
        let wrote = |effects: &[Effect<Server>]| {
            effects.iter().any(|effect| matches!(effect, Effect::Persist(_)))
        };
        assert!(!wrote(&whole), "and writes nothing");
        let part = bench.receive(2, 1, append(1, id(1, 1), &[1], 0));
        assert_eq!(wrote(&part), cuts);
        assert_eq!(bench.raft.log.last(), id(1, if cuts { 2 } else { 3 }));
    }
}
