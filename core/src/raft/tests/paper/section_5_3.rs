//! §5.3: the log is replicated.

use super::group::*;
use super::*;
use crate::kv::Reply;
use crate::sim::Action;
use crate::sim::store::Replica;

#[test]
fn section_5_3_a_follower_says_where_its_log_may_agree() {
    let mut bench = Bench::new(config(3), &[1, 1, 4, 4], 4);
    for (prev, hint) in [(id(6, 9), id(4, 4)), (id(3, 4), id(1, 2)), (id(2, 2), id(1, 2))] {
        let effects = bench.receive(1, 1, append(6, prev, &[6], 0));
        let expected = Outcome::Conflict { rejected: prev.slot, hint };
        assert_eq!(outcome(&Bench::reply(&effects)), expected);
    }
}

#[test]
fn section_5_3_a_hint_leads_back_in_one_step_per_term() {
    let mut bench = Bench::new(config(3), &[1, 1, 1, 5, 5, 5], 5);
    bench.elect(1);
    let hint = id(2, 9);
    let outcome = Outcome::Conflict { rejected: Slot(6), hint };
    let reply = Message::AppendReply { term: Term(6), round: 0, counts: true, outcome };
    let effects = bench.receive(2, 1, reply);
    let sent = Bench::sent(&effects);
    let Message::Append { prev, entries, .. } = &sent[0].1 else { panic!("{sent:?}") };
    assert_eq!((*prev, entries.len()), (id(1, 3), 4), "terms above the hint's cannot agree");
}

#[test]
fn section_5_3_a_command_is_answered_once_a_majority_has_stored_it() {
    let (mut group, _) = Group::led(scenario(4, 5));
    for n in 1..=20 {
        assert_eq!(group.served(&alloc::format!("put x {n}")), Reply::Written { version: n });
        let have = (0..5).filter(|id| group.stored(NodeId(*id)).len() as u64 >= n).count();
        assert!(have >= 3, "{have} servers have write {n}");
    }
}

#[test]
fn section_5_3_followers_apply_what_the_leader_says_is_committed() {
    let mut bench = Bench::new(plain(3), &[], 1);
    assert_eq!(committed(&bench.receive(1, 1, append(1, LogId::ORIGIN, &[1, 1], 0))), [0; 0]);
    let heartbeat = append(1, id(1, 2), &[], 1);
    assert_eq!(committed(&bench.receive(2, 1, heartbeat)), [1], "and no further");
}

#[test]
fn section_5_3_a_leader_offers_entries_until_everybody_has_them_even_long_after_the_answer() {
    let (mut group, leader) = Group::led(scenario(5, 5));
    let away = group.others(leader)[0];
    group.act(Action::Crash(away));
    for n in 0..10 {
        group.served(&alloc::format!("put x {n}"));
    }
    group.run(30_000);
    group.act(Action::Restart(away));
    group.until("it has caught up", |group| group.stored(away).len() == 10);
    assert_eq!(group.stored(away), group.stored(leader));
}

#[test]
fn section_5_3_a_slow_follower_holds_nobody_up() {
    let took = |slow: bool| {
        let mut scenario = scenario(6, 5);
        even(&mut scenario, 5);
        let (mut group, leader) = Group::led(scenario);
        if slow {
            let server = group.others(leader)[0];
            group.act(Action::SlowDisk { server, times: 1_000 });
        }
        let since = group.0.now();
        for n in 0..20 {
            group.served(&alloc::format!("put x {n}"));
        }
        group.0.now().since(since)
    };
    assert_eq!(took(true), took(false), "a majority decides how long it takes");
}

/// Everything that two servers know about one another's logs: equal up to the last entry that has
/// the same place and term. True: such an entry was there.
fn matching(one: &Replica, other: &Replica) -> bool {
    let same = |slot: &Slot| {
        let term = one.log.term_at(*slot);
        term.is_some() && term == other.log.term_at(*slot)
    };
    let through = one.log.last().slot.min(other.log.last().slot);
    let Some(agreed) = (1..=through.0).rev().map(Slot).find(same) else { return false };
    let prefix = |log: &Replica| -> Vec<_> {
        let entries = log.log.from(Slot(1)).take_while(|(slot, _)| *slot <= agreed);
        entries.map(|(_, entry)| entry.clone()).collect()
    };
    assert_eq!(prefix(one), prefix(other), "S{} and S{} up to {agreed}", one.id.0, other.id.0);
    true
}

#[test]
fn section_5_3_logs_that_share_an_entry_share_all_before_it() {
    let (mut next, mut compared, mut diverged) = (Instant::ZERO, 0, 0);
    for seed in 10..30 {
        storm(seed, |group| {
            if group.0.now() < next {
                return;
            }
            next = group.0.now() + Duration::from_millis(10);
            let replicas: Vec<&Replica> = group.replicas().collect();
            for (n, one) in replicas.iter().enumerate() {
                for other in &replicas[n + 1..] {
                    compared += u32::from(matching(one, other));
                    let end = one.log.last().slot.min(other.log.last().slot);
                    diverged += u32::from(one.log.term_at(end) != other.log.term_at(end));
                }
            }
        });
        next = Instant::ZERO;
    }
    assert!(compared > 1_000 && diverged > 20, "{compared} compared, {diverged} apart");
}

#[test]
fn section_5_3_a_leader_only_appends_to_its_own_log() {
    let mut led: [Option<(Term, Log<_>)>; 5] = Default::default();
    let mut grown = 0;
    storm(20, |group| {
        let mut now: [Option<(Term, Log<_>)>; 5] = Default::default();
        for replica in group.replicas().filter(|replica| replica.leading().is_some()) {
            let which = usize::from(replica.id.0);
            if let Some((term, before)) = &led[which]
                && *term == replica.hard.term
            {
                assert!(replica.log.has(before.last()), "{} is gone", before.last());
                grown += u32::from(replica.log.last() > before.last());
            }
            now[which] = Some((replica.hard.term, replica.log.clone()));
        }
        led = now;
    });
    assert!(grown > 50, "{grown}");
    let mut bench = Bench::new(plain(3), &[1], 1);
    bench.elect(1);
    let before = bench.raft.log.clone();
    bench.receive(2, 1, append(2, LogId::ORIGIN, &[2, 2, 2], 3));
    assert_eq!(bench.raft.log, before, "not even if somebody claims to lead in its term");
}

/// A leader and one follower that talk until the follower has the leader's log: the number of
/// refusals on the way.
fn brought_into_agreement(leader: &mut Bench, follower: &mut Bench) -> usize {
    let mut refused = 0;
    let mut effects = leader.elect(1);
    for at in 2..40 {
        let is_append = |(to, message): &(u16, Message<Kv>)| {
            *to == 1 && matches!(message, Message::Append { .. })
        };
        let to_follower = Bench::sent(&effects).into_iter().find(is_append);
        let Some((_, message)) = to_follower else { break };
        let reply = Bench::reply(&follower.receive(at, 1, message));
        refused += usize::from(matches!(outcome(&reply), Outcome::Conflict { .. }));
        effects = leader.receive(at, 1, reply);
    }
    assert_eq!(follower.raft.log, leader.raft.log);
    refused
}

#[test]
fn section_5_3_figure_7_every_follower_ends_with_the_leaders_log() {
    let followers: [(&[u64], usize); 6] = [
        (&[1, 1, 1, 4, 4, 5, 5, 6, 6], 1),
        (&[1, 1, 1, 4], 1),
        (&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], 0),
        (&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], 0),
        (&[1, 1, 1, 4, 4, 4, 4], 1),
        (&[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], 1),
    ];
    for (terms, exchanges) in followers {
        let mut leader = Bench::new(plain(3), &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6], 7);
        let mut follower = Bench::new(plain(3), terms, 7);
        assert_eq!(brought_into_agreement(&mut leader, &mut follower), exchanges, "{terms:?}");
    }
}

#[test]
fn section_5_3_agreement_is_found_in_at_most_one_refusal_for_each_term() {
    let terms = |from: u64, step: usize| -> Vec<u64> {
        (from..20).step_by(step).flat_map(|term| [term; 9]).collect()
    };
    // One server was in contact in even terms only, the other in odd ones: nothing agrees.
    let mut leader = Bench::new(plain(3), &terms(1, 2), 20);
    let mut follower = Bench::new(plain(3), &terms(2, 2), 20);
    let refused = brought_into_agreement(&mut leader, &mut follower);
    assert!((5..=10).contains(&refused), "{refused} refusals for ten terms of nine entries");
}
