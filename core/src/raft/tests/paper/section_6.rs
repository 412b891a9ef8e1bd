//! §6, as far as it is about servers that do not belong to the group any more.

use super::group::*;
use super::*;
use crate::sim::Action;

#[test]
fn section_6_whoever_has_just_heard_from_a_leader_disregards_candidates() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.receive(10, 1, append(1, LogId::ORIGIN, &[], 0));
    let effects = bench.receive(20, 2, vote(2, id(9, 9), false));
    assert_eq!(Bench::sent(&effects), [], "not even an answer");
    assert_eq!(bench.raft.hard.term, Term(1));
    let why = NoVote::HasLeader;
    assert_eq!(notes(&effects), [Note::VoteRefused { candidate: NodeId(2), why }]);
    assert!(!granted(&bench.receive(20, 2, vote(2, id(9, 9), true))));
    assert!(granted(&bench.receive(211, 2, vote(2, id(9, 9), false))), "after the time-out");
}

#[test]
fn section_6_a_server_that_hears_nobody_does_not_depose_the_leader() {
    for sticky in [true, false] {
        let mut scenario = scenario(1, 5);
        (scenario.raft.sticky, scenario.raft.check_quorum) = (sticky, true);
        let (mut group, leader) = Group::led(scenario);
        let (before, removed) = (group.elected().len(), group.others(leader)[0]);
        for from in group.others(removed) {
            group.act(Action::Cut { from, to: removed });
        }
        group.run(5_000);
        let term = group.replica(removed).expect("it runs").hard.term;
        assert!(term >= Term(10), "it stands again and again: {term}");
        let undisturbed = group.elected().len() == before && group.leader() == Some(leader);
        assert_eq!(undisturbed, sticky, "who heeds it: {}", !sticky);
    }
}
