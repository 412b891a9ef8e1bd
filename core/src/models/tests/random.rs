//! Small random histories, judged by search and by trying everything.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::{Sequential, keeps_order, store};
use super::plain;
use super::*;
use crate::history::{Call, Outcome, Spot};
use crate::kv::{Command, Reply};
use crate::linear::Operation;
use crate::machine::Machine;
use crate::rng::Rng;

/// A history of a few calls by a few processes on up to two keys. Half of them are seen as a
/// correct store would have them, with a few replies changed afterwards.
fn drawn(seed: u64) -> Record {
    let mut lane = Rng::keyed(&[seed, 0x6d6f_6465_6c73]);
    let (processes, calls) = (1 + lane.below(3), 2 + lane.below(6));
    let (keys, values) = (1 + lane.below(2), 1 + lane.below(3));
    let mut position = 0;
    let mut next = || {
        position += 1;
        Spot { position, nanos: None, line: 0 }
    };
    let mut open: BTreeMap<u64, usize> = BTreeMap::new();
    let mut record = Record::default();
    let mut kv = crate::kv::Kv::default();
    while record.calls.len() < calls as usize || !open.is_empty() {
        let process = lane.below(processes);
        let Some(index) = open.remove(&process) else {
            if record.calls.len() == calls as usize {
                continue;
            }
            let key = ["x", "y"][lane.below(keys) as usize].into();
            let value = lane.below(values).to_string().into();
            let command = match lane.below(8) {
                0..4 => Command::Get { key },
                4 | 5 => Command::Put { key, value },
                6 => Command::Append { key, value },
                _ => Command::Cas { key, expect: lane.below(values).to_string().into(), value },
            };
            open.insert(process, record.calls.len());
            record.calls.push(Call { process, command, called: next(), returned: None });
            continue;
        };
        let call = &mut record.calls[index];
        let reply = kv.apply(&call.command);
        let outcome = match (reply, lane.below(10)) {
            (_, 0) => Outcome::Unknown,
            (Reply::Value(_), 1 | 2) => {
                let text = ["", "0", "1", "01", "10", "2"][lane.below(6) as usize];
                Outcome::Replied(Reply::Value(text.into()))
            }
            (Reply::Written { .. }, _) => Outcome::Done,
            (Reply::Differs { .. }, 1..6) => Outcome::Refused,
            (reply, _) => Outcome::Replied(reply),
        };
        call.returned = Some((next(), outcome));
    }
    record
}

type Ops = Vec<Operation<Ask, Heard>>;

/// Whether some order of some of the operations explains them: all are tried.
fn brute_sequential(initial: &Store, operations: &Ops, processes: &[u64]) -> bool {
    fn go(state: &Store, left: &[usize], operations: &Ops, processes: &[u64]) -> bool {
        if left.iter().all(|index| operations[*index].returned.is_none()) {
            return true;
        }
        left.iter().any(|index| {
            let operation = &operations[*index];
            let waits = left.iter().any(|other| {
                processes[*other] == processes[*index]
                    && operations[*other].returned.is_some()
                    && operations[*other].called < operation.called
            });
            let mut state = state.clone();
            let reply = state.apply(&operation.command);
            let fits = operation.returned.as_ref().is_none_or(|(_, seen)| *seen == reply);
            let rest: Vec<usize> = left.iter().copied().filter(|other| other != index).collect();
            !waits && fits && go(&state, &rest, operations, processes)
        })
    }
    let all: Vec<usize> = (0..operations.len()).collect();
    go(initial, &all, operations, processes)
}

#[test]
fn the_sequential_search_agrees_with_trying_every_order() {
    let mut found = BTreeMap::new();
    for seed in 0..20_000 {
        let record = drawn(seed);
        let pairs: Vec<_> = record
            .calls
            .iter()
            .filter_map(|call| Some((store::operation(call)?, call.process)))
            .collect();
        let (operations, processes): (Ops, Vec<u64>) = pairs.into_iter().unzip();
        let initial = Store::of(&record);
        let mut search = Sequential::new(initial.clone(), &operations, &processes);
        search.run(PLENTY);
        let brute = brute_sequential(&initial, &operations, &processes);
        let expected = if brute { Verdict::Holds } else { Verdict::Violated };
        assert_eq!(search.verdict(), expected, "seed {seed}: {record:#?}");
        let explained = keeps_order(&initial, &operations, &processes, search.order());
        let trivial = operations.iter().all(|operation| operation.returned.is_none());
        assert_eq!(explained, brute || trivial, "seed {seed}");
        let strong = judge(&record, Model::Linearizable, PLENTY).verdict;
        assert!(strong != Verdict::Holds || brute, "seed {seed}: linearizable, so sequential");
        assert_eq!(judge(&record, Model::Sequential, PLENTY).verdict, expected, "seed {seed}");
        *found.entry((strong, expected)).or_insert(0) += 1;
    }
    assert!(found.len() == 3 && found.values().all(|count| *count > 100), "{found:?}");
}

#[test]
fn the_session_guarantees_agree_with_trying_every_order_of_writes() {
    let mut found: BTreeMap<(Model, Verdict), u32> = BTreeMap::new();
    for seed in 0..1_500 {
        let record = drawn(seed);
        let mut judge = Judge::new(&record, PLENTY);
        let sequential = judge.finding(Model::Sequential).verdict;
        for model in Model::SESSION {
            let finding = judge.finding(model);
            let plain = plain::judge(&record, model);
            let is_whole = sequential == Verdict::Holds;
            let expected = if is_whole { Verdict::Holds } else { plain };
            let told = format!("seed {seed}, {model}: {}\n{record:#?}", finding.words);
            assert_eq!(finding.verdict, expected, "{told}");
            assert!(!is_whole || plain != Verdict::Violated, "{told}");
            *found.entry((model, expected)).or_default() += 1;
        }
    }
    assert!(found.len() == 12 && found.values().all(|count| *count > 0), "{found:?}");
}

#[test]
fn a_budget_that_is_too_small_decides_nothing() {
    let record = record("0 put x 1 \n 1 get x = \n 0 put x 2 \n 1 get x = 1 \n 1 get x = ");
    for model in Model::ALL {
        let finding = judge(&record, model, 0);
        assert_eq!(finding.verdict, Verdict::Undecided, "{model}: {}", finding.words);
    }
}
