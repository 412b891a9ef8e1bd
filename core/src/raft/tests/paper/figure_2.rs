//! Figure 2, line by line, of single servers. Numbers are those of the lines within each box.

use super::group::storm;
use super::*;
use crate::sim::packet::Shape;
use crate::sim::trace::What;

#[test]
fn figure_2_state_term_vote_and_log_survive_a_crash() {
    let mut bench = Bench::new(plain(3), &[], 0);
    bench.receive(1, 1, append(1, LogId::ORIGIN, &[1, 1], 1));
    assert!(granted(&bench.receive(2, 2, vote(3, id(1, 2), false))));
    bench.restart(3);
    assert_eq!(bench.raft.hard, HardState { term: Term(3), vote: Some(NodeId(2)) });
    assert_eq!(bench.raft.log.last(), id(1, 2));
    assert!(!granted(&bench.receive(4, 1, vote(3, id(1, 2), false))), "it remembers its vote");
}

#[test]
fn figure_2_state_is_on_disk_before_an_answer_leaves() {
    let (mut votes, mut seen) = (0, 0);
    storm(3, |group| {
        let trace = &group.0.chronicle().trace;
        for line in trace.range(seen..trace.end()) {
            let What::Sent(label) = line.what else { continue };
            let disk = group.0.world().node(label.from).and_then(|node| node.durable());
            if label.shape == Shape::VoteReply && label.agrees == Some(true) {
                let hard = disk.expect("a server votes").hard;
                assert_eq!(hard, HardState { term: label.term, vote: Some(label.to) });
                votes += 1;
            }
        }
        seen = trace.end();
    });
    assert!(votes > 10, "{votes}");
}

#[test]
fn figure_2_state_what_is_committed_is_learnt_anew_after_a_crash() {
    let mut bench = Bench::new(plain(3), &[], 0);
    bench.receive(1, 1, append(1, LogId::ORIGIN, &[1, 1], 2));
    assert_eq!(bench.raft.commit, Slot(2));
    bench.restart(2);
    assert_eq!((bench.raft.commit, bench.raft.leader()), (Slot(0), None));
    assert_eq!(committed(&bench.receive(3, 1, append(1, id(1, 2), &[], 2))), [1, 2]);
}

#[test]
fn figure_2_state_the_commit_index_never_goes_back() {
    let mut bench = Bench::new(plain(3), &[], 0);
    bench.receive(1, 1, append(1, LogId::ORIGIN, &[1, 1, 1], 3));
    // A message that was overtaken, and one of a later leader that knows less so far.
    for (from, message) in [(1, append(1, id(1, 1), &[1], 1)), (2, append(2, id(1, 3), &[], 0))] {
        assert_eq!(committed(&bench.receive(2, from, message)), [0; 0]);
        assert_eq!(bench.raft.commit, Slot(3));
    }
}

#[test]
fn figure_2_state_each_time_in_office_begins_from_the_own_last_entry() {
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    bench.elect(1);
    bench.matched(2, 1, 3);
    assert_eq!((peer(&bench, 1).next, peer(&bench, 1).matched), (Slot(4), Slot(3)));
    bench.receive(3, 2, vote(5, id(1, 1), false));
    bench.elect(4);
    for follower in [1, 2] {
        let Peer { next, matched, .. } = peer(&bench, follower);
        assert_eq!((next, matched), (Slot(4), Slot(0)), "nothing is known of anyone");
    }
}

#[test]
fn figure_2_append_1_a_leader_of_an_old_term_is_told_so_and_not_heeded() {
    let mut bench = Bench::new(config(3), &[1], 5);
    let alarm = bench.raft.alarm();
    let effects = bench.receive(1, 1, append(3, id(1, 1), &[3], 2));
    let reply = Bench::reply(&effects);
    assert_eq!((reply.term(), outcome(&reply)), (Term(5), Outcome::Refused));
    assert_eq!((bench.raft.log.last(), bench.raft.alarm()), (id(1, 1), alarm));
}

#[test]
fn figure_2_append_2_an_entry_must_stand_before_those_carried_and_be_the_leaders() {
    for (prev, expected) in
        [(id(1, 2), true), (id(1, 3), false), (id(2, 3), true), (id(2, 4), false)]
    {
        let mut bench = Bench::new(plain(3), &[1, 1, 2], 2);
        let before = bench.raft.log.clone();
        let outcome = outcome(&Bench::reply(&bench.receive(1, 1, append(3, prev, &[3], 0))));
        assert_eq!(matches!(outcome, Outcome::Matched(_)), expected, "{prev}: {outcome:?}");
        assert_eq!(bench.raft.log == before, !expected, "{prev}");
    }
}

#[test]
fn figure_2_append_3_the_log_is_cut_only_where_an_entry_contradicts() {
    let mut bench = Bench::new(config(3), &[1, 1, 1], 1);
    // An old, short append arrives late: what follows it stays.
    let effects = bench.receive(1, 1, append(1, LogId::ORIGIN, &[1], 0));
    assert_eq!(outcome(&Bench::reply(&effects)), Outcome::Matched(Slot(1)));
    assert_eq!(bench.raft.log.last(), id(1, 3));
    let effects = bench.receive(2, 1, append(2, id(1, 1), &[2], 0));
    assert_eq!(outcome(&Bench::reply(&effects)), Outcome::Matched(Slot(2)));
    assert_eq!(bench.raft.log.last(), id(2, 2));
    assert!(notes(&effects).contains(&Note::Truncated { from: Slot(2) }));
}

#[test]
fn figure_2_append_4_only_what_is_missing_is_added() {
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    let effects = bench.receive(1, 1, append(1, LogId::ORIGIN, &[1, 1, 1, 1], 0));
    let added = effects.iter().find_map(|effect| match effect {
        Effect::Persist(Record::Splice(splice)) => Some((splice.after, splice.entries.len())),
        _ => None,
    });
    assert_eq!(added, Some((Slot(2), 2)), "the first two are there already");
    assert_eq!(bench.raft.log.last(), id(1, 4));
}

#[test]
fn figure_2_append_5_commits_no_further_than_the_log_is_known_to_be_the_leaders() {
    let mut bench = Bench::new(config(3), &[1, 1, 1], 1);
    // The third entry may be of another history: the heartbeat vouches for the first only.
    bench.receive(1, 1, append(2, id(1, 1), &[], 3));
    assert_eq!(bench.raft.commit, Slot(1));
    bench.receive(2, 1, append(2, id(1, 1), &[2], 3));
    assert_eq!(bench.raft.commit, Slot(2));
}

#[test]
fn figure_2_vote_1_a_candidate_of_an_old_term_is_told_so() {
    let mut bench = Bench::new(plain(3), &[], 4);
    let effects = bench.receive(1, 1, vote(3, id(3, 9), false));
    let refusal = Message::VoteReply { term: Term(4), pre: false, granted: false };
    assert_eq!(Bench::reply(&effects), refusal);
    assert_eq!(bench.raft.hard, HardState { term: Term(4), vote: None });
}

#[test]
fn figure_2_vote_2_is_given_once_per_term_and_the_same_candidate_may_ask_again() {
    let mut bench = Bench::new(config(3), &[], 1);
    assert!(granted(&bench.receive(1, 1, vote(2, id(0, 0), false))));
    assert!(!granted(&bench.receive(1, 2, vote(2, id(0, 0), false))));
    assert!(granted(&bench.receive(1, 1, vote(2, id(0, 0), false))));
    assert!(granted(&bench.receive(1, 2, vote(3, id(0, 0), false))), "a new term, a new vote");
}

#[test]
fn figure_2_all_servers_1_every_slot_is_applied_once_and_in_order() {
    let mut bench = Bench::new(plain(3), &[], 1);
    for (entries, commit, expected) in
        [(vec![1, 1, 1], 2, vec![1, 2]), (vec![1, 1, 1], 2, vec![]), (vec![1; 5], 5, vec![3, 4, 5])]
    {
        let effects = bench.receive(1, 1, append(1, LogId::ORIGIN, &entries, commit));
        assert_eq!(committed(&effects), expected);
    }
}

#[test]
fn figure_2_all_servers_2_any_message_of_a_later_term_makes_a_follower_of_that_term() {
    let term = Term(9);
    let snapshot = Arc::new(Snapshot { last: LogId::ORIGIN, machine: Kv::default() });
    let outcome = Outcome::Refused;
    let messages = [
        vote(9, LogId::ORIGIN, false),
        Message::VoteReply { term, pre: false, granted: false },
        append(9, id(8, 7), &[], 0),
        Message::AppendReply { term, round: 0, counts: true, outcome },
        Message::Snapshot { term, snapshot },
        Message::SnapshotReply { term, counts: true, matched: Slot(0) },
    ];
    let roles: [fn(&mut Bench); 3] =
        [|_| {}, |bench| bench.raft.campaign(ms(1), &mut bench.out), |bench| _ = bench.elect(1)];
    for message in messages {
        for become_it in roles {
            let mut bench = Bench::new(plain(3), &[1], 1);
            become_it(&mut bench);
            bench.effects();
            bench.receive(2, 1, message.clone());
            assert_eq!(bench.raft.hard.term, term, "{message:?}");
            assert!(matches!(bench.raft.role, Role::Follower { .. }), "{message:?}");
        }
    }
}

#[test]
fn figure_2_followers_1_answer_candidates_and_leaders() {
    let mut bench = Bench::new(plain(3), &[], 1);
    let snapshot = Arc::new(Snapshot { last: id(1, 1), machine: Kv::default() });
    for message in [
        vote(2, LogId::ORIGIN, false),
        append(2, LogId::ORIGIN, &[], 0),
        Message::Snapshot { term: Term(2), snapshot },
    ] {
        let sent = Bench::sent(&bench.receive(1, 2, message.clone()));
        let answers = matches!(
            (&message, sent.as_slice()),
            (Message::Vote { .. }, [(2, Message::VoteReply { granted: true, .. })])
                | (Message::Append { .. }, [(2, Message::AppendReply { .. })])
                | (Message::Snapshot { .. }, [(2, Message::SnapshotReply { .. })])
        );
        assert!(answers, "{message:?} is answered by {sent:?}");
    }
}

#[test]
fn figure_2_followers_2_only_a_leaders_word_or_a_vote_given_puts_an_election_off() {
    let alarm = |bench: &Bench| bench.raft.alarm().expect("a follower waits").at;
    for (message, waits) in [
        (append(1, LogId::ORIGIN, &[], 0), true),
        (vote(2, LogId::ORIGIN, false), true),
        (append(0, LogId::ORIGIN, &[], 0), false),
        (vote(1, LogId::ORIGIN, true), false),
        (Message::VoteReply { term: Term(1), pre: false, granted: true }, false),
    ] {
        let mut bench = Bench::new(plain(3), &[], 1);
        let before = alarm(&bench);
        bench.receive(190, 1, message.clone());
        assert_eq!(alarm(&bench) != before, waits, "{message:?}");
        assert!(!waits || alarm(&bench) >= ms(390), "a whole time-out from then");
    }
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.wake();
    assert!(matches!(bench.raft.role, Role::Candidate { .. }), "nobody spoke in time");
}

#[test]
fn figure_2_followers_2_a_refused_candidate_does_not_restart_the_timer() {
    let mut bench = Bench::new(config(3), &[1, 1], 1);
    let alarm = bench.raft.alarm();
    bench.receive(100, 1, vote(9, id(1, 1), false));
    assert_eq!(bench.raft.hard.term, Term(9), "the term is taken over");
    assert_eq!(bench.raft.alarm(), alarm);
    bench.receive(101, 1, vote(9, id(1, 2), false));
    assert_ne!(bench.raft.alarm(), alarm, "a vote given restarts it");
}

#[test]
fn figure_2_candidates_1_count_the_term_up_vote_for_themselves_and_ask_everybody() {
    let mut bench = Bench::new(plain(5), &[1, 3], 3);
    let at = bench.raft.alarm().expect("a follower waits").at;
    let effects = bench.wake();
    assert_eq!(bench.raft.hard, HardState { term: Term(4), vote: Some(NodeId(0)) });
    let asks = |to| (to, vote(4, id(3, 2), false));
    assert_eq!(Bench::sent(&effects), [1, 2, 3, 4].map(asks));
    let Role::Candidate { timer, votes, .. } = &bench.raft.role else { panic!("it stands") };
    assert_eq!(*votes, NodeSet::from_iter([NodeId(0)]));
    let Config { election_min, election_max, .. } = plain(5);
    assert!((at + election_min..=at + election_max).contains(&timer.fires), "a new time-out");
}

#[test]
fn figure_2_candidates_2_lead_once_a_majority_has_voted() {
    for (voters, needed) in [(2, 2), (3, 2), (4, 3), (5, 3)] {
        let mut bench = Bench::new(plain(voters), &[], 1);
        bench.wake();
        let yes = Message::VoteReply { term: Term(2), pre: false, granted: true };
        for votes in 2..=needed {
            assert_eq!(bench.raft.leading(), None, "{} of {voters}", votes - 1);
            bench.receive(401, votes - 1, yes.clone());
        }
        assert_eq!(bench.raft.leading(), Some(Epoch(2)), "{needed} of {voters}");
    }
}

#[test]
fn figure_2_candidates_3_follow_the_leader_of_their_term() {
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.wake();
    bench.receive(401, 2, append(2, LogId::ORIGIN, &[2], 0));
    assert_eq!((bench.raft.leader(), bench.raft.hard.term), (Some(NodeId(2)), Term(2)));
    assert_eq!(bench.raft.log.last(), id(2, 1));
    bench.receive(402, 1, Message::VoteReply { term: Term(2), pre: false, granted: true });
    assert_eq!(bench.raft.leading(), None, "the vote comes too late");
}

#[test]
fn figure_2_candidates_4_stand_again_when_the_election_comes_to_nothing() {
    let mut bench = Bench::new(plain(3), &[], 1);
    for term in 2..6 {
        let effects = bench.time_out();
        assert_eq!(bench.raft.hard, HardState { term: Term(term), vote: Some(NodeId(0)) });
        assert_eq!(Bench::sent(&effects).len(), 2);
    }
}

#[test]
fn figure_2_leaders_1_speak_at_once_and_whenever_they_have_been_silent_for_an_interval() {
    let mut bench = Bench::new(plain(3), &[], 1);
    let mut effects = bench.elect(10);
    for beat in 1..5 {
        let sent = Bench::sent(&effects);
        let appends = sent.iter().filter(|(_, m)| matches!(m, Message::Append { .. }));
        assert_eq!(appends.map(|(to, _)| *to).collect::<Vec<_>>(), [1, 2], "beat {beat}");
        let alarm = bench.raft.alarm().expect("a leader speaks");
        assert_eq!((alarm.at, alarm.why), (ms(10 + beat * 50), Why::Heartbeat));
        effects = bench.wake();
    }
}

#[test]
fn figure_2_leaders_2_store_a_command_at_once_and_apply_it_when_it_is_committed() {
    let mut bench = Bench::new(plain(3), &[], 1);
    bench.elect(1);
    let slot = bench.raft.propose(ms(2), put("a"), &mut bench.out).expect("it leads");
    let effects = bench.effects();
    let written = bench.raft.log.get(slot).map(|entry| entry.payload.clone());
    assert_eq!(written, Some(Payload::Command(put("a"))));
    assert_eq!(committed(&effects), [0; 0], "nobody else has it");
    assert_eq!(committed(&bench.matched(3, 2, slot.0)), [1, slot.0]);
}

#[test]
fn figure_2_leaders_3_send_what_follows_next_index_and_go_back_when_it_does_not_fit() {
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    bench.elect(1);
    let conflict = Outcome::Conflict { rejected: Slot(2), hint: id(1, 1) };
    let reply = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome: conflict };
    let sends = |effects: &[Effect<Server>]| match &Bench::sent(effects)[0] {
        (to, Message::Append { prev, entries, .. }) => (*to, *prev, entries.len()),
        other => panic!("no append: {other:?}"),
    };
    assert_eq!(sends(&bench.receive(2, 1, reply)), (1, id(1, 1), 2), "at once, one further back");
    bench.matched(3, 1, 3);
    assert_eq!((peer(&bench, 1).next, peer(&bench, 1).matched), (Slot(4), Slot(3)));
    bench.raft.propose(ms(4), put("a"), &mut bench.out).expect("it leads");
    assert_eq!(sends(&bench.effects()), (1, id(2, 3), 1), "just what is missing");
}

#[test]
fn figure_2_leaders_4_commit_what_a_majority_stores_in_their_own_term() {
    let mut bench = Bench::new(plain(5), &[1, 1], 1);
    bench.elect(1);
    for (follower, slot, commit) in [(1, 3, 0), (2, 2, 0), (3, 1, 0), (2, 3, 3)] {
        bench.matched(2, follower, slot);
        assert_eq!(bench.raft.commit, Slot(commit), "after {slot} at {follower}");
    }
}
