//! §8: clients.

use super::group::*;
use super::*;
use crate::history::What;
use crate::kv::Reply;
use crate::rng::Ppm;
use crate::sim::packet::Shape;
use crate::sim::{Action, Rule, Verdict};

#[test]
fn section_8_a_read_waits_for_the_terms_own_commit_and_for_a_round_that_began_after_it() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    let readable = |effects: &[Effect<Server>]| {
        effects.iter().any(|effect| matches!(effect, Effect::Readable { .. }))
    };
    bench.raft.read(ms(2), Ticket(1), &mut bench.out).unwrap();
    assert!(!readable(&bench.effects()));
    let effects = bench.receive(3, 1, matched(2, 1, 0));
    assert!(!readable(&effects), "committed, but nobody has confirmed the leader since");
    let Message::Append { round, .. } = &Bench::sent(&effects)[0].1 else { panic!() };
    assert_eq!(*round, 1, "a round begins");
    let awaited = |bench: &Bench| match &bench.raft.role {
        Role::Leader(leader) => leader.awaited_round(),
        _ => panic!("it leads"),
    };
    assert_eq!(awaited(&bench), Some(1));
    assert!(!readable(&bench.receive(4, 1, matched(2, 1, 0))), "an older answer proves nothing");
    assert!(readable(&bench.receive(5, 1, matched(2, 1, 1))));
    assert_eq!(awaited(&bench), None);
    bench.raft.read(ms(6), Ticket(2), &mut bench.out).unwrap();
    assert_eq!(awaited(&bench), Some(2));
}

#[test]
fn section_8_a_new_leader_begins_with_an_empty_entry_of_its_term() {
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    bench.elect(1);
    let first = bench.raft.log.get(Slot(3)).map(|entry| (entry.term, entry.payload.clone()));
    assert_eq!(first, Some((Term(2), Payload::Noop)));
    assert_eq!(committed(&bench.matched(2, 1, 3)), [1, 2, 3], "so it learns what is committed");
}

#[test]
fn section_8_without_that_entry_an_idle_group_never_learns_it() {
    let mut bench = Bench::new(plain(3), &[1, 1], 1);
    let (config, durable) = (bench.raft.config.clone(), bench.durable.clone());
    let (incarnation, mutant) = (Incarnation(0), MutantId::K10);
    let boot = Boot { config, id: NodeId(0), seed: 1, incarnation, durable, mutant };
    bench.raft = Server::boot(boot, ms(0), &mut bench.out);
    bench.elect(1);
    assert_eq!(bench.raft.log.get(Slot(3)), None);
    for round in 0..20 {
        assert_eq!(committed(&bench.matched(2 + round, 1, 2)), [0_u64; 0], "though all have it");
    }
}

#[test]
fn section_8_clients_find_the_leader_and_the_next_one_after_it() {
    for seed in 0..10 {
        let (mut group, leader) = Group::led(scenario(seed, 5));
        assert_eq!(group.served("put x 1"), Reply::Written { version: 1 });
        group.act(Action::Crash(leader));
        assert_eq!(group.served("put x 2"), Reply::Written { version: 2 });
        let history = &group.0.chronicle().history;
        let by: Vec<NodeId> = history
            .iter()
            .filter_map(|event| match &event.what {
                What::Return { by, .. } => Some(*by),
                _ => None,
            })
            .collect();
        assert_eq!(by[0], leader, "seed {seed}");
        assert_eq!(Some(by[1]), group.leader(), "seed {seed}");
    }
}

#[test]
fn section_8_a_command_that_is_in_the_log_twice_is_carried_out_once() {
    let (mut group, leader) = Group::led(scenario(2, 3));
    assert_eq!(group.served("append x a"), Reply::Written { version: 1 });
    // The answer is lost, and then the leader: the client asks the next one for the same.
    let client = NodeSet::from_iter([NodeId(3)]);
    group.act(Action::AddRule(Rule {
        from: None,
        to: Some(client),
        shape: Some(Shape::Response),
        verdict: Verdict::Drop,
        chance: Ppm::ALWAYS,
        until: None,
    }));
    let number = group.ask(0, "append x b");
    let next = group.others(leader)[0];
    group.until("it is stored", |group| group.stored(next).len() == 2);
    group.act(Action::Crash(leader));
    group.until("it is in the log again", |group| group.stored(next).len() == 3);
    group.act(Action::ClearRules);
    group.until("the answer comes", |group| group.replies(0).len() > number);
    assert_eq!(group.replies(0)[number], Some(Reply::Written { version: 2 }));
    let stored = group.stored(next);
    assert_eq!(stored[1], stored[2], "the same command under the same number");
    assert_eq!(group.served("get x"), Reply::Value("ab".into()));
}

#[test]
fn section_8_a_leader_that_was_deposed_unawares_answers_no_read() {
    let mut scenario = scenario(3, 3);
    scenario.clients = 2;
    let (mut group, old) = Group::led(scenario);
    group.served("put x 1");
    let reader = NodeId(4);
    // Client 2 has asked before, so that it turns to the old leader.
    let number = group.ask(1, "get x");
    group.until("it reads", |group| group.replies(1).len() > number);
    let mut majority: NodeSet = group.others(old).into_iter().collect();
    majority.insert(NodeId(3));
    group.act(Action::Partition(Vec::from([NodeSet::from_iter([old, reader]), majority])));
    assert_eq!(group.served("put x 2"), Reply::Written { version: 2 });
    assert!(group.replica(old).expect("it runs").leading().is_some(), "it thinks it leads");
    let number = group.ask(1, "get x");
    group.run(3_000);
    assert_eq!(group.replies(1).len(), number, "an answer from the past");
    group.act(Action::Heal);
    group.until("the read returns", |group| group.replies(1).len() > number);
    assert_eq!(group.replies(1)[number], Some(Reply::Value("2".into())));
}

#[test]
fn section_8_a_read_adds_nothing_to_the_log() {
    let (mut group, leader) = Group::led(scenario(4, 3));
    group.served("put x 1");
    let last = group.replica(leader).expect("it runs").log.last();
    for _ in 0..5 {
        assert_eq!(group.served("get x"), Reply::Value("1".into()));
    }
    assert_eq!(group.replica(leader).expect("it runs").log.last(), last);
}
