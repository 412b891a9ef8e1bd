//! Commands that are proposed together.

use super::*;

/// A leader in term 1 whose first entry is committed and whose followers keep up.
fn leader(config: Config) -> Bench {
    let mut bench = Bench::new(config, &[], 0);
    bench.elect(0);
    bench.matched(1, 1, 1);
    bench.matched(1, 2, 1);
    assert_eq!(bench.raft.commit, Slot(1));
    bench
}

fn propose(bench: &mut Bench, count: usize) -> (Result<Slot, Refused>, Vec<Effect<Server>>) {
    let commands = (0..count).map(|n| put(["a", "b", "c"][n % 3]));
    let result = bench.raft.propose_all(ms(2), commands, &mut bench.out);
    (result, bench.effects())
}

/// The slots of entries that a server is sent, one list for each message.
fn carried(effects: &[Effect<Server>], server: u16) -> Vec<Vec<u64>> {
    let sent = Bench::sent(effects).into_iter().filter(|(to, _)| *to == server);
    let slots = sent.map(|(_, message)| match message {
        Message::Append { prev, entries, .. } => (1..=entries.len()).map(move |n| prev.slot.0 + n),
        other => panic!("no append: {other:?}"),
    });
    slots.map(Iterator::collect).collect()
}

#[test]
fn what_is_proposed_together_takes_one_write_and_one_message_to_each_follower() {
    let mut bench = leader(config(3));
    let (first, effects) = propose(&mut bench, 3);
    assert_eq!(first, Ok(Slot(2)));
    let written = effects.iter().filter_map(|effect| match effect {
        Effect::Persist(Record::Splice(splice)) => Some((splice.after, splice.entries.len())),
        Effect::Persist(other) => panic!("nothing else changes: {other:?}"),
        _ => None,
    });
    assert!(written.eq([(Slot(1), 3)]));
    for follower in [1, 2] {
        assert_eq!(carried(&effects, follower), [[2, 3, 4]], "follower {follower}");
    }
    let commands = bench.raft.log.from(Slot(2)).map(|(_, entry)| entry.payload.clone());
    assert!(commands.eq(["a", "b", "c"].map(|value| Payload::Command(put(value)))), "in order");
    assert_eq!(committed(&bench.matched(3, 1, 4)), [2, 3, 4]);
}

#[test]
fn what_is_proposed_together_is_the_same_as_one_after_the_other() {
    let (mut together, mut alone) = (leader(config(3)), leader(config(3)));
    propose(&mut together, 3).0.expect("it leads");
    for value in ["a", "b", "c"] {
        alone.propose(2, value).expect("it leads");
    }
    assert_eq!(together.raft, alone.raft);
    assert_eq!(together.durable, alone.durable);
}

#[test]
fn a_leader_takes_all_commands_or_none() {
    let mut bench = leader(config(3));
    assert_eq!(propose(&mut bench, 17), (Err(Refused::Busy), Vec::new()));
    assert_eq!(bench.raft.log.end(), Slot(1));
    assert_eq!(propose(&mut bench, 16).0, Ok(Slot(2)));
    assert_eq!(propose(&mut bench, 1).0, Err(Refused::Busy));
    let nobody = Bench::new(config(3), &[], 0).raft.propose_all(
        ms(1),
        [put("a"), put("b")],
        &mut Out::default(),
    );
    assert_eq!(nobody, Err(Refused::NotLeader { hint: None }));
}

#[test]
fn proposing_nothing_changes_nothing() {
    let mut bench = leader(config(3));
    let before = bench.raft.clone();
    assert_eq!(propose(&mut bench, 0), (Ok(Slot(2)), Vec::new()));
    assert_eq!(bench.raft, before);
}

#[test]
fn what_is_more_than_a_message_holds_travels_in_several_within_the_window() {
    let mut bench = leader(Config { append_max: 2, ..config(3) });
    let (_, effects) = propose(&mut bench, 7);
    assert_eq!(carried(&effects, 1), [[2, 3], [4, 5]], "a window of four entries");
    let effects = bench.matched(3, 1, 4);
    assert_eq!(carried(&effects, 1), [vec![6, 7], vec![8]]);
}
