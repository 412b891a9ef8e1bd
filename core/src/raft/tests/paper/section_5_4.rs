//! §5.4: who may be elected, and what counts as committed.

use super::group::*;
use super::*;
use crate::protocol::Sealed;
use crate::sim::Action;
use crate::sim::store::StoreCommand;

#[test]
fn section_5_4_1_a_candidate_needs_a_log_that_is_as_up_to_date() {
    for (last, expected) in
        [(id(2, 9), false), (id(3, 2), false), (id(3, 3), true), (id(3, 4), true), (id(4, 1), true)]
    {
        let mut bench = Bench::new(config(3), &[1, 2, 3], 3);
        assert_eq!(granted(&bench.receive(1, 1, vote(5, last, false))), expected, "{last}");
    }
}

#[test]
fn section_5_4_1_nobody_is_elected_without_what_is_committed() {
    let mut refusals = 0;
    for seed in 0..20 {
        let (mut group, leader) = Group::led(scenario(seed, 3));
        let [behind, other] = group.others(leader)[..] else { panic!("three servers") };
        group.act(Action::Isolate(behind));
        group.served("put x 1");
        group.act(Action::Crash(leader));
        group.act(Action::Heal);
        let before = group.elected().len();
        group.act(Action::Campaign(behind));
        group.until("a new leader", |group| group.elected().len() > before);
        assert_eq!(group.elected()[before].1, other, "seed {seed}: only that one has the write");
        let refused = |(node, note): &(NodeId, Note)| {
            let why = matches!(note, Note::VoteRefused { candidate, why: NoVote::BetterLog(_) }
                if *candidate == behind);
            *node == other && why
        };
        refusals += u32::from(group.notes().iter().any(refused));
    }
    assert!(refusals > 15, "only {refusals} were refused for their log");
}

#[test]
fn section_5_4_2_an_entry_of_an_earlier_term_is_not_committed_by_counting() {
    // Figure 8: the leader of term 4 finds its entry of term 2 on a majority.
    let mut bench = Bench::new(config(3), &[1, 2], 3);
    bench.elect(1);
    bench.matched(2, 1, 2);
    assert_eq!(bench.raft.commit, Slot(0));
    let effects = bench.matched(3, 1, 3);
    assert_eq!(bench.raft.commit, Slot(3), "with an entry of its own term, all before it");
    assert_eq!(committed(&effects), [1, 2, 3]);
}

#[test]
fn section_5_4_2_what_a_majority_stores_may_still_be_replaced() {
    // Figure 8 (d): the entry of term 2 stands on three of five; the leader of term 5 has another.
    let mut bench = Bench::new(plain(5), &[1, 2], 4);
    let effects = bench.receive(1, 4, append(5, id(1, 1), &[3], 1));
    assert_eq!(outcome(&Bench::reply(&effects)), Outcome::Matched(Slot(2)));
    assert_eq!(bench.raft.log.last(), id(3, 2));
    // And so no leader may say that it is committed before one of its own term is.
    let mut leader = Bench::new(plain(5), &[1, 2], 3);
    leader.elect(1);
    for follower in [1, 2, 3, 4] {
        leader.matched(2, follower, 2);
        assert_eq!(leader.raft.commit, Slot(0), "stored by {} of five", follower + 1);
    }
}

#[test]
fn section_5_4_3_every_leader_has_all_that_was_committed_before() {
    for seed in 30..33 {
        let (mut committed, mut elected) = (LogId::ORIGIN, 0);
        let mut leading = NodeSet::EMPTY;
        storm(seed, |group| {
            let leaders = group.replicas().filter(|replica| replica.leading().is_some());
            let now: NodeSet = leaders.clone().map(Raft::id).collect();
            for leader in leaders.filter(|leader| !leading.contains(leader.id)) {
                let newer = leader.hard.term > committed.term;
                assert!(!newer || leader.log.has(committed), "seed {seed}: {committed} is missing");
                elected += u32::from(newer && committed != LogId::ORIGIN);
            }
            leading = now;
            for replica in group.replicas() {
                let term = replica.log.term_at(replica.commit).expect("nothing is compacted");
                committed = committed.max(LogId { term, slot: replica.commit });
            }
        });
        assert!(elected > 3, "seed {seed}: {elected}");
    }
}

#[test]
fn section_5_4_3_no_two_servers_apply_different_commands_in_one_slot() {
    for seed in 40..43 {
        let mut applied: Vec<Sealed<StoreCommand>> = Vec::new();
        let mut upto = [0; 5];
        storm(seed, |group| {
            for node in group.0.world().servers() {
                let upto = &mut upto[usize::from(node.id().0)];
                let Some(server) = node.server().filter(|server| server.applied().0 > *upto) else {
                    *upto = node.server().map_or(0, |server| server.applied().0);
                    continue;
                };
                for (slot, entry) in server.replica().log.from(Slot(*upto + 1)) {
                    if slot > server.applied() {
                        break;
                    }
                    match applied.get(slot.0 as usize - 1) {
                        Some(first) => assert_eq!(first, entry, "seed {seed}, slot {slot}"),
                        None => applied.push(entry.clone()),
                    }
                }
                *upto = server.applied().0;
            }
        });
        assert!(applied.len() > 50, "seed {seed}: {}", applied.len());
    }
}
