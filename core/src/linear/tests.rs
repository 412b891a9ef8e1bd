use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::history::{Event, What};
use crate::id::{NodeId, Serial};
use crate::kv::{Command, Kv, Reply};
use crate::rng::{Ppm, Rng};
use crate::time::Instant;

mod evidence;
mod hunch;
mod live;

type Op = Operation<Command, Reply>;

const PLENTY: u64 = 1_000_000;

fn open(line: &str, called: u64) -> Op {
    Op { command: line.parse().expect("a command"), called, returned: None }
}

fn op(line: &str, called: u64, returned: u64, reply: Reply) -> Op {
    Op { returned: Some((returned, reply)), ..open(line, called) }
}

fn value(text: &str) -> Reply {
    Reply::Value(text.into())
}

fn written(version: u64) -> Reply {
    Reply::Written { version }
}

fn judge(operations: &[Op]) -> Verdict {
    let finding = search(&Kv::default(), operations, PLENTY);
    let explained = explains(&Kv::default(), operations, &finding.order);
    assert_eq!(explained, finding.verdict == Verdict::Linearizable, "{finding:?}");
    finding.verdict
}

#[track_caller]
fn legal(operations: &[Op]) {
    assert_eq!(judge(operations), Verdict::Linearizable);
}

#[track_caller]
fn illegal(operations: &[Op]) {
    assert_eq!(judge(operations), Verdict::Illegal);
}

#[test]
fn nothing_is_linearizable() {
    legal(&[]);
    legal(&[open("put x 1", 0), open("get x", 1)]);
}

#[test]
fn a_read_sees_the_last_write_that_returned() {
    let write = op("put x 1", 0, 1, written(1));
    legal(&[write.clone(), op("get x", 2, 3, value("1"))]);
    illegal(&[write.clone(), op("get x", 2, 3, value(""))]);
    illegal(&[write, op("get x", 2, 3, value("2"))]);
}

#[test]
fn a_read_beside_a_write_sees_either_and_then_no_older_value() {
    let write = op("put x 1", 0, 9, written(1));
    let reads = |first, second| {
        let (first, second) = (value(first), value(second));
        [write.clone(), op("get x", 1, 2, first), op("get x", 3, 4, second)]
    };
    legal(&reads("", ""));
    legal(&reads("", "1"));
    legal(&reads("1", "1"));
    illegal(&reads("1", ""));
}

#[test]
fn the_order_in_time_binds_and_the_order_of_the_list_does_not() {
    let operations = [
        op("get x", 4, 5, value("2")),
        op("put x 2", 2, 3, written(2)),
        op("put x 1", 0, 1, written(1)),
    ];
    legal(&operations);
    illegal(&[op("get x", 4, 5, value("1")), operations[1].clone(), operations[2].clone()]);
}

#[test]
fn a_call_that_never_returned_may_or_may_not_have_happened() {
    let lost = open("put x 1", 0);
    legal(&[lost.clone(), op("get x", 1, 2, value(""))]);
    legal(&[lost.clone(), op("get x", 1, 2, value("1"))]);
    legal(&[lost.clone(), op("get x", 1, 2, value("")), op("get x", 3, 4, value("1"))]);
    illegal(&[lost, op("get x", 1, 2, value("1")), op("get x", 3, 4, value(""))]);
    illegal(&[op("get x", 1, 2, value("1")), open("put x 1", 3)]);
}

#[test]
fn an_append_happens_once() {
    let appends = [op("append x a", 0, 3, written(1)), op("append x b", 1, 4, written(2))];
    let read = |text| [appends[0].clone(), appends[1].clone(), op("get x", 5, 6, value(text))];
    legal(&read("ab"));
    illegal(&read("ba"));
    illegal(&read("aab"));
    illegal(&read("b"));
}

#[test]
fn conditional_writes_are_judged_by_what_they_replied() {
    let differs = |found: &str| Reply::Differs { found: found.into() };
    let first = op("cas x \"\" a", 0, 5, written(1));
    legal(&[first.clone(), op("cas x \"\" b", 1, 4, differs("a"))]);
    illegal(&[first.clone(), op("cas x \"\" b", 1, 4, written(1))]);
    illegal(&[first, op("cas x \"\" b", 1, 4, differs("b"))]);
    let put = op("put-at x 0 a", 0, 5, written(1));
    legal(&[put.clone(), op("put-at x 0 b", 1, 4, Reply::WrongVersion { found: 1 })]);
    illegal(&[put.clone(), op("put-at x 0 b", 1, 4, written(1))]);
    // Deleting begins the count anew: both can have found the key missing.
    let deleted = op("delete x", 2, 3, Reply::Deleted { existed: true });
    legal(&[put.clone(), op("put-at x 0 b", 1, 4, written(1)), deleted]);
    let nothing = op("delete x", 6, 7, Reply::Deleted { existed: false });
    illegal(&[put, nothing]);
}

#[test]
fn two_hashes_of_one_value_are_no_two_executions() {
    let mut kv = Kv::default();
    let command = "put-hash x q".parse().expect("a command");
    let replies = [kv.apply(&command), kv.apply(&command)];
    let both = |first: &Reply, second: &Reply| {
        [op("put-hash x q", 0, 2, first.clone()), op("put-hash x q", 1, 3, second.clone())]
    };
    legal(&both(&replies[0], &replies[1]));
    legal(&both(&replies[1], &replies[0]));
    illegal(&both(&replies[0], &replies[0]));
    illegal(&both(&replies[1], &replies[1]));
}

#[test]
fn what_returned_before_it_was_called_is_illegal() {
    illegal(&[op("put x 1", 5, 2, written(1))]);
    illegal(&[op("put x 1", 5, 2, written(1)), op("put x 1", 3, 9, written(1))]);
}

#[test]
fn more_calls_may_be_open_than_a_word_has_bits() {
    let mut operations: Vec<Op> = (0..150).map(|n| open("append x a", n)).collect();
    let seen = "a".repeat(140);
    operations.push(op("get x", 200, 201, value(&seen)));
    legal(&operations);
}

#[test]
fn a_failure_shows_the_longest_attempt_and_what_did_not_fit() {
    let operations = [
        op("put x 1", 0, 1, written(1)),
        op("put x 2", 2, 3, written(2)),
        op("get x", 4, 5, value("1")),
        op("put x 3", 6, 7, written(3)),
    ];
    let finding = search(&Kv::default(), &operations, PLENTY);
    assert_eq!(finding.verdict, Verdict::Illegal);
    assert_eq!(finding.order, [0, 1]);
    assert_eq!(finding.stuck, Some(2));
}

#[test]
fn a_budget_that_ends_leaves_it_open_and_the_search_can_be_taken_up_again() {
    let mut operations: Vec<Op> = (0..6).map(|n| open(&format!("put-hash x {n}"), n)).collect();
    operations.push(op("get x", 20, 21, value("not this")));
    assert_eq!(search(&Kv::default(), &operations, 100).verdict, Verdict::Undecided);
    let whole = search(&Kv::default(), &operations, u64::MAX);
    assert_eq!(whole.verdict, Verdict::Illegal);
    let mut parts = Search::new(Kv::default(), &operations);
    while parts.verdict() == Verdict::Undecided {
        parts.run(77);
    }
    assert_eq!(parts.finding(), whole);
}

#[test]
fn explaining_demands_all_of_it() {
    let operations =
        [op("put x 1", 0, 1, written(1)), op("get x", 2, 3, value("1")), open("put x 2", 2)];
    let explains = |order: &[usize]| explains(&Kv::default(), &operations, order);
    assert!(explains(&[0, 1]));
    assert!(explains(&[0, 1, 2]));
    assert!(!explains(&[0]), "an operation that returned is left out");
    assert!(!explains(&[0, 2, 1]), "another reply");
    assert!(!explains(&[1, 0]), "a reply from nowhere");
    assert!(!explains(&[0, 1, 1]), "twice");
    assert!(!explains(&[0, 1, 7]), "no such operation");

    let reads = [op("get x", 0, 1, value("")), op("get x", 2, 3, value(""))];
    assert!(super::explains(&Kv::default(), &reads, &[0, 1]));
    assert!(!super::explains(&Kv::default(), &reads, &[1, 0]), "against the order in time");
}

fn event(client: u16, serial: u64, what: What) -> Event {
    let (client, serial) = (NodeId(client), Serial(serial));
    Event { step: 0, at: Instant::ZERO, client, serial, what }
}

fn call(client: u16, serial: u64, line: &str) -> Event {
    event(client, serial, What::Call(line.parse().expect("a command")))
}

fn back(client: u16, serial: u64, reply: Option<Reply>) -> Event {
    event(client, serial, What::Return { by: NodeId(0), reply })
}

fn history(events: &[Event]) -> History {
    let mut history = History::default();
    events.iter().for_each(|event| history.push(event.clone()));
    history
}

#[test]
fn a_history_is_judged_key_by_key() {
    let events = [
        call(5, 1, "put x 1"),
        call(6, 1, "put y 1"),
        event(6, 1, What::Ask(NodeId(0))),
        back(5, 1, Some(written(1))),
        call(5, 2, "get y"),
        back(5, 2, Some(value("1"))),
        back(6, 1, None),
        call(6, 2, "get x"),
        back(6, 2, Some(value("1"))),
    ];
    let findings = check(&history(&events), PLENTY).expect("a history");
    assert_eq!(verdict(&findings), Verdict::Linearizable);
    let keys: Vec<(&str, usize)> =
        findings.iter().map(|key| (key.key.as_ref(), key.operations.len())).collect();
    assert_eq!(keys, [("x", 2), ("y", 2)]);
    assert_eq!(findings[1].operations[0].returned, None, "nobody knows what became of it");

    let mut events = events.to_vec();
    events[8] = back(6, 2, Some(value("")));
    let findings = check(&history(&events), PLENTY).expect("a history");
    assert_eq!(findings[0].finding.verdict, Verdict::Illegal);
    assert_eq!(verdict(&findings), Verdict::Illegal);
    let findings = check(&history(&events), 0).expect("a history");
    assert_eq!(verdict(&findings), Verdict::Undecided);
}

#[test]
fn a_hard_key_does_not_hide_a_wrong_one() {
    let mut events: Vec<Event> =
        (0..12).map(|n| call(n, 1, &format!("put-hash hard {n}"))).collect();
    // It might be some hash of a hash of a hash.
    events.extend([call(20, 1, "get hard"), back(20, 1, Some(value("123456789")))]);
    events.extend([call(20, 2, "get plain"), back(20, 2, Some(value("not this")))]);
    let findings = check(&history(&events), 100_000).expect("a history");
    assert_eq!(verdict(&findings), Verdict::Illegal);
    assert_eq!(findings[0].finding.verdict, Verdict::Undecided);
}

#[test]
fn what_is_no_history_is_refused() {
    let words =
        |events: &[Event]| check(&history(events), PLENTY).expect_err("no history").to_string();
    let (first, again) = (call(5, 1, "get x"), call(5, 1, "get y"));
    let reply = back(5, 1, Some(value("")));
    assert_eq!(
        words(&[first.clone(), again]),
        "Event 1 of the history: operation 1 of process 5 is called a second time."
    );
    assert!(words(core::slice::from_ref(&reply)).contains("without having been called"));
    assert!(words(&[first, reply.clone(), reply]).contains("returns a second time"));
}

/// Every order that time allows, one after another, without any memory.
fn some_order_explains(kv: &Kv, operations: &[Op], placed: &mut Vec<bool>) -> bool {
    let waits = |(op, placed): (&Op, &bool)| !placed && op.returned.is_some();
    if !operations.iter().zip(&*placed).any(waits) {
        return true;
    }
    for index in 0..operations.len() {
        let operation = &operations[index];
        let too_late = |(other, placed): (&Op, &bool)| {
            !placed && other.returned.as_ref().is_some_and(|(at, _)| *at < operation.called)
        };
        if placed[index] || operations.iter().zip(&*placed).any(too_late) {
            continue;
        }
        let mut next = kv.clone();
        let reply = next.apply(&operation.command);
        if operation.returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            continue;
        }
        placed[index] = true;
        let explained = some_order_explains(&next, operations, placed);
        placed[index] = false;
        if explained {
            return true;
        }
    }
    false
}

fn draw_command(lane: &mut Rng, keys: u64) -> Command {
    let key = ["x", "y"][lane.below(keys) as usize];
    let (a, b) = (lane.below(2), lane.below(2));
    let line = match lane.below(9) {
        0..=2 => format!("get {key}"),
        3 => format!("put {key} {a}"),
        4 => format!("append {key} {a}"),
        5 => format!("delete {key}"),
        6 => format!("cas {key} {a} {b}"),
        7 => format!("put-at {key} {a} {b}"),
        _ => format!("put-hash {key} {a}"),
    };
    line.parse().expect("a command")
}

/// A small history. Clients call, their calls take effect at some moment or never, and return; now
/// and then a reply is taken from another call, so that many a history is wrong.
fn draw_history(lane: &mut Rng, keys: u64) -> Vec<Event> {
    let (mut kv, mut events) = (Kv::default(), Vec::new());
    let mut open: Vec<(u16, u64, Command, Option<Reply>)> = Vec::new();
    let (length, wrong) = (4 + lane.below(4), lane.below(2) == 0);
    let mut serials = BTreeMap::new();
    let mut replies: Vec<Reply> = Vec::new();
    let mut called = 0;
    while called < length || !open.is_empty() {
        let client = lane.below(4) as u16;
        let index = open.iter().position(|(who, ..)| *who == client);
        match (index, lane.below(3)) {
            (None, _) if called < length => {
                let serial = serials.entry(client).or_insert(0);
                *serial += 1;
                called += 1;
                let command = draw_command(lane, keys);
                events.push(event(client, *serial, What::Call(command.clone())));
                open.push((client, *serial, command, None));
            }
            (Some(index), 0) if open[index].3.is_none() => {
                let reply = kv.apply(&open[index].2);
                replies.push(reply.clone());
                open[index].3 = Some(reply);
            }
            (Some(index), 1) if open[index].3.is_some() => {
                let (client, serial, _, reply) = open.swap_remove(index);
                let other = replies[lane.below(replies.len() as u64) as usize].clone();
                let swapped = wrong && lane.chance(Ppm::percent(30));
                events.push(back(client, serial, if swapped { Some(other) } else { reply }));
            }
            (Some(index), 2) if lane.below(6) == 0 => {
                let (_, serial, ..) = open.swap_remove(index);
                // A client that gives up, or never hears again: then another takes its place.
                if lane.below(2) == 0 {
                    events.push(back(client, serial, None));
                }
                *serials.entry(client).or_insert(0) += 1;
            }
            _ => {}
        }
    }
    events
}

/// The operations of a history as they are, not split by key.
fn unsplit(events: &[Event]) -> Vec<Op> {
    let mut operations: BTreeMap<(u16, u64), Op> = BTreeMap::new();
    for (position, event) in (0..).zip(events) {
        let who = (event.client.0, event.serial.0);
        match &event.what {
            What::Call(command) => {
                let command = command.clone();
                operations.insert(who, Op { command, called: position, returned: None });
            }
            What::Return { reply: Some(reply), .. } => {
                let operation = operations.get_mut(&who).expect("it was called");
                operation.returned = Some((position, reply.clone()));
            }
            _ => {}
        }
    }
    operations.into_values().collect()
}

#[test]
fn the_search_agrees_with_trying_every_order() {
    let mut counts = [[0_u32; 2]; 2];
    for seed in 0..6_000_u64 {
        let mut lane = Rng::keyed(&[seed, 0x6c69_6e65]);
        let keys = 1 + seed % 2;
        let events = draw_history(&mut lane, keys);
        let operations = unsplit(&events);
        let truth =
            some_order_explains(&Kv::default(), &operations, &mut vec![false; operations.len()]);
        assert_eq!(judge(&operations) == Verdict::Linearizable, truth, "seed {seed}: {events:#?}");
        let findings = check(&history(&events), PLENTY).expect("a history");
        assert_eq!(verdict(&findings) == Verdict::Linearizable, truth, "seed {seed}: {events:#?}");
        for KeyFinding { operations, finding, .. } in &findings {
            let legal = finding.verdict == Verdict::Linearizable;
            assert!(!legal || explains(&Kv::default(), operations, &finding.order));
        }
        counts[seed as usize % 2][usize::from(truth)] += 1;
    }
    // Both verdicts must be common, or the comparison says little.
    assert!(counts.iter().flatten().all(|count| *count > 500), "{counts:?}");
}
