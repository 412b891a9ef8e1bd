//! §5.2: elections.

use alloc::collections::BTreeMap;

use super::group::*;
use super::*;
use crate::sim::Action;

#[test]
fn section_5_2_votes_of_other_terms_and_repeated_votes_do_not_count() {
    let mut bench = Bench::new(config(5), &[], 1);
    bench.raft.campaign(ms(1), &mut bench.out);
    bench.effects();
    let yes = |term| Message::VoteReply { term: Term(term), pre: false, granted: true };
    for (from, term) in [(1, 1), (2, 1), (3, 1), (1, 2), (1, 2), (1, 2)] {
        bench.receive(2, from, yes(term));
    }
    assert_eq!(bench.raft.leading(), None);
    bench.receive(2, 2, yes(2));
    assert_eq!(bench.raft.leading(), Some(Epoch(2)));
}

#[test]
fn section_5_2_servers_begin_as_followers_and_ask_nothing() {
    let mut bench = Bench::new(plain(3), &[], 0);
    assert!(matches!(bench.raft.role, Role::Follower { leader: None, .. }));
    assert_eq!(bench.restart(5), []);
    bench.raft.wake(ms(204), &mut bench.out);
    assert_eq!(bench.effects(), [], "not before the shortest time-out has passed");
}

#[test]
fn section_5_2_a_leader_that_is_heard_stays() {
    for seed in 0..5 {
        let (mut group, leader) = Group::led(scenario(seed, 5));
        let elected = group.elected().len();
        group.run(20_000);
        assert_eq!((group.leader(), group.elected().len()), (Some(leader), elected), "seed {seed}");
    }
}

#[test]
fn section_5_2_a_majority_is_one_of_the_whole_group_not_of_those_that_can_be_reached() {
    let (mut group, leader) = Group::led(scenario(3, 5));
    let (elected, others) = (group.elected().len(), group.others(leader));
    for down in [leader, others[0], others[1]] {
        group.act(Action::Crash(down));
    }
    group.run(10_000);
    assert_eq!(group.elected().len(), elected, "two of five");
    let terms = [others[2], others[3]].map(|id| group.replica(id).expect("it runs").hard.term);
    assert!(terms[0].0 > 20, "they have tried: {terms:?}");
    group.act(Action::Restart(others[0]));
    group.until("three of five", |group| group.elected().len() > elected);
}

#[test]
fn section_5_2_no_term_has_two_leaders() {
    let one_each = |group: &Group| {
        let mut by_term = BTreeMap::new();
        for (term, node) in group.elected() {
            let other = *by_term.entry(term).or_insert(node);
            assert_eq!(other, node, "term {term}");
        }
        by_term.contains_key(&Term(1))
    };
    // Two stand at once that do not hear of one another: the three others decide, one way each.
    for seed in 0..30 {
        let mut group = Group::new(scenario(seed, 5));
        for (from, to) in [(0, 1), (1, 0)].map(|(from, to)| (NodeId(from), NodeId(to))) {
            group.act(Action::Cut { from, to });
            group.act(Action::Campaign(from));
        }
        group.run(150);
        assert!(one_each(&group), "seed {seed}: nobody leads in term 1");
    }
    for seed in 0..5 {
        one_each(&storm(seed, |_| {}));
    }
}

#[test]
fn section_5_2_a_candidate_does_not_heed_a_leader_of_an_earlier_term() {
    let mut bench = Bench::new(plain(3), &[], 4);
    bench.wake();
    let reply = Bench::reply(&bench.receive(401, 1, append(4, LogId::ORIGIN, &[4], 1)));
    assert_eq!((reply.term(), outcome(&reply)), (Term(5), Outcome::Refused));
    assert!(matches!(bench.raft.role, Role::Candidate { .. }), "it goes on");
    assert_eq!(bench.raft.log.last(), LogId::ORIGIN);
}

#[test]
fn section_5_2_each_election_draws_its_time_out_anew() {
    let mut bench = Bench::new(plain(3), &[], 0);
    let mut drawn = Vec::new();
    for _ in 0..20 {
        bench.time_out();
        let Role::Candidate { timer, .. } = &bench.raft.role else { panic!("it stands") };
        drawn.push(timer.fires.since(timer.set));
    }
    let Config { election_min, election_max, .. } = plain(3);
    assert!(drawn.iter().all(|timeout| (election_min..=election_max).contains(timeout)));
    drawn.sort_unstable();
    drawn.dedup();
    assert!(drawn.len() > 15, "{drawn:?}");
}

/// All stand at the same moment, so that each has voted for itself.
fn split(seed: u64) -> Group {
    let mut scenario = scenario(seed, 3);
    even(&mut scenario, 5);
    scenario.raft.election_min = Duration::from_millis(150);
    scenario.raft.election_max = Duration::from_millis(300);
    let mut group = Group::new(scenario);
    for id in 0..3 {
        group.act(Action::Campaign(NodeId(id)));
    }
    group.run(100);
    assert_eq!(group.elected(), [], "the vote is split");
    assert!(group.replicas().all(|replica| replica.hard.term == Term(1)));
    group
}

#[test]
fn section_5_2_a_split_vote_is_resolved_by_random_time_outs() {
    for seed in 0..50 {
        let mut group = split(seed);
        group.until("somebody is elected", |group| !group.elected().is_empty());
        let took = group.0.now().since(Instant::ZERO);
        assert!(took < Duration::from_millis(1_500), "seed {seed}: {took}");
        assert!(group.elected()[0].0 > Term(1), "in a later term");
    }
}

#[test]
fn section_5_2_with_equal_time_outs_votes_are_split_for_ever() {
    let mut scenario = scenario(1, 3);
    even(&mut scenario, 5);
    scenario.raft.election_max = scenario.raft.election_min;
    let mut group = Group::new(scenario);
    group.run(20_000);
    assert_eq!(group.elected(), []);
    assert!(group.replicas().all(|replica| replica.hard.term >= Term(90)), "a hundred elections");
}
