//! Who is answered, and which answers are counted.

use super::*;

fn answer(term: u64, pre: bool, granted: bool) -> Message<Kv> {
    Message::VoteReply { term: Term(term), pre, granted }
}

/// A server of five that asks whether it could win term 2.
fn asking() -> Bench {
    let mut bench = Bench::new(config(5), &[1], 1);
    bench.wake();
    assert!(matches!(bench.raft.role, Role::PreCandidate { .. }));
    bench
}

#[test]
fn whoever_asks_first_counts_only_answers_to_what_it_asked() {
    let mut bench = asking();
    let before = bench.raft.role.clone();
    for message in [answer(1, false, true), answer(1, true, true), answer(3, true, true)] {
        for voter in 1..=4 {
            bench.receive(401, voter, message.clone());
        }
        assert_eq!(bench.raft.role, before, "{message:?}");
    }
    bench.receive(402, 1, answer(2, true, true));
    bench.receive(402, 1, answer(2, true, true));
    assert!(matches!(bench.raft.role, Role::PreCandidate { .. }), "one voter counts once");
    bench.receive(402, 2, answer(2, true, true));
    assert!(matches!(bench.raft.role, Role::Candidate { .. }), "three of five");
    assert_eq!(bench.raft.hard, HardState { term: Term(2), vote: Some(NodeId(0)) });
}

#[test]
fn a_refusal_of_a_later_term_ends_the_election_and_one_of_an_earlier_is_nothing() {
    for pre in [true, false] {
        let mut bench = asking();
        if !pre {
            bench.receive(402, 1, answer(2, true, true));
            bench.receive(402, 2, answer(2, true, true));
        }
        let before = core::mem::discriminant(&bench.raft.role);
        bench.receive(403, 3, answer(1, pre, false));
        assert_eq!(core::mem::discriminant(&bench.raft.role), before);
        bench.receive(404, 3, answer(7, pre, false));
        assert!(matches!(bench.raft.role, Role::Follower { leader: None, .. }));
        assert_eq!(bench.raft.hard, HardState { term: Term(7), vote: None });
    }
}

#[test]
fn a_candidate_counts_votes_of_its_own_term_only() {
    let mut bench = Bench::new(config(5), &[1], 4);
    bench.raft.campaign(ms(1), &mut bench.out);
    bench.effects();
    bench.receive(2, 1, answer(4, false, true));
    bench.receive(2, 2, answer(5, true, true));
    bench.receive(2, 3, answer(5, false, false));
    bench.receive(2, 4, answer(5, false, true));
    bench.receive(2, 4, answer(5, false, true));
    assert_eq!(bench.raft.leading(), None);
    bench.receive(2, 1, answer(5, false, true));
    assert_eq!(bench.raft.leading(), Some(Epoch(5)));
}

#[test]
fn a_request_of_the_present_term_is_answered_even_by_whoever_has_a_leader() {
    let mut bench = Bench::new(config(3), &[1], 4);
    bench.receive(1, 1, append(4, id(1, 1), &[], 0));
    let effects = bench.receive(2, 2, vote(4, id(9, 9), false));
    assert!(granted(&effects), "its vote is free, and that term has its leader already");
    assert_eq!(bench.raft.hard.vote, Some(NodeId(2)));
    assert!(!granted(&bench.receive(3, 1, vote(4, id(9, 9), false))), "now it is not");
    assert_eq!(Bench::sent(&bench.receive(4, 1, append(4, id(1, 1), &[], 0))).len(), 1);
    let effects = bench.receive(5, 2, vote(5, id(9, 9), false));
    assert_eq!(Bench::sent(&effects), [], "a later term is disregarded");
    let why = NoVote::HasLeader;
    assert_eq!(notes(&effects), [Note::VoteRefused { candidate: NodeId(2), why }]);
    let handed = Message::Vote { term: Term(5), last: id(9, 9), pre: false, handed: true };
    assert!(granted(&bench.receive(6, 2, handed)), "unless the leader wants it");
}

#[test]
fn a_leader_disregards_candidates_only_as_long_as_it_must_hear_from_a_quorum() {
    for check_quorum in [true, false] {
        let mut bench = Bench::new(Config { check_quorum, ..config(3) }, &[1], 1);
        bench.elect(1);
        let effects = bench.receive(2, 1, vote(9, id(9, 9), false));
        assert_eq!(Bench::sent(&effects).is_empty(), check_quorum);
        assert_eq!(bench.raft.leading().is_some(), check_quorum);
    }
    let mut bench = Bench::new(Config { sticky: false, ..config(3) }, &[1], 1);
    bench.elect(1);
    assert!(granted(&bench.receive(2, 1, vote(9, id(9, 9), false))));
}
