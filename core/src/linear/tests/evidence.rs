//! What evidence claims is so.

use alloc::vec::Vec;

use super::*;

fn evidence(operations: &[Op]) -> Evidence<Kv> {
    Evidence::of(&Kv::default(), operations, PLENTY).expect("it is not linearizable")
}

#[track_caller]
fn told(operations: &[Op], words: &str) {
    assert_eq!(evidence(operations).words(operations), words);
}

#[test]
fn a_read_that_fits_nowhere_is_told_with_what_it_could_have_read() {
    let operations = [
        op("put x a", 0, 1, written(1)),
        op("append x bc", 2, 9, written(2)),
        op("get x", 3, 4, value("ab")),
    ];
    told(
        &operations,
        "get x returned \"ab\", but every order that fits leaves \"a\" or \"abc\". It fits \
         nowhere, whatever became of all others.",
    );
}

#[test]
fn a_stale_read_is_told_with_the_write_that_it_misses() {
    let operations = [
        op("put x 0", 0, 1, written(1)),
        op("put x 1", 2, 3, written(2)),
        op("put x 2", 4, 5, written(3)),
        op("get x", 6, 7, value("1")),
        op("put x 3", 8, 9, written(4)),
    ];
    told(
        &operations,
        "get x returned \"1\", but every order that fits leaves \"2\". Whatever x held before \
         them, these fit in no order: put x 2; get x returned \"1\".",
    );
    let window = evidence(&operations).window;
    assert_eq!((window.from, window.to, window.operations), (4, 7, [2, 3].into()));
}

#[test]
fn a_write_that_counts_too_much_is_told_with_its_reply() {
    let operations = [op("put x 0", 0, 1, written(1)), op("put x 1", 2, 3, written(3))];
    let words = evidence(&operations).words(&operations);
    assert!(words.starts_with(
        "put x 1 returned \"ok, version 3\", but every order that fits gives \"ok, version 2\"."
    ));
    let backwards = [op("put x 0", 5, 1, written(1))];
    told(&backwards, "put x 0 returned before it was called.");
}

#[test]
fn many_possibilities_are_counted() {
    let mut operations: Vec<Op> = (0..5).map(|n| open(&format!("put x {n}"), n)).collect();
    operations.push(op("get x", 20, 21, value("not this")));
    let words = evidence(&operations).words(&operations);
    assert!(words.contains("or one of 2 others. It fits nowhere"), "{words}");
}

#[test]
fn what_can_be_explained_has_no_evidence() {
    let legal = [op("put x 0", 0, 1, written(1))];
    assert_eq!(Evidence::of(&Kv::default(), &legal, PLENTY), None);
    let illegal = [op("put x 0", 0, 1, written(2))];
    assert_eq!(Evidence::of(&Kv::default(), &illegal, 0), None);
}

/// Every state that some order of some operations leads to, and what `last` would reply after each
/// order of all that returned before it.
fn all_orders(
    kv: &Kv,
    operations: &[Op],
    placed: &mut Vec<bool>,
    found: &mut (Vec<Kv>, Vec<Reply>, Vec<Kv>),
    last: usize,
) {
    if !found.0.contains(kv) {
        found.0.push(kv.clone());
    }
    let waits =
        |(index, op): (usize, &Op)| index != last && !placed[index] && op.returned.is_some();
    if !operations.iter().enumerate().any(waits) {
        let reply = kv.clone().apply(&operations[last].command);
        if !found.1.contains(&reply) {
            found.1.push(reply);
        }
        if !found.2.contains(kv) {
            found.2.push(kv.clone());
        }
    }
    for index in 0..operations.len() {
        let operation = &operations[index];
        let too_late = |(other, placed): (&Op, &bool)| {
            !placed && other.returned.as_ref().is_some_and(|(at, _)| *at < operation.called)
        };
        if placed[index] || index == last || operations.iter().zip(&*placed).any(too_late) {
            continue;
        }
        let mut next = kv.clone();
        let reply = next.apply(&operation.command);
        if operation.returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            continue;
        }
        placed[index] = true;
        all_orders(&next, operations, placed, found, last);
        placed[index] = false;
    }
}

/// What returned after the return at `end` is open, and what was called later is not there.
fn cut(operations: &[Op], end: u64) -> Vec<(usize, Op)> {
    let begun = operations.iter().enumerate().filter(|(_, op)| op.called <= end);
    let cut = |(index, op): (usize, &Op)| {
        let returned = op.returned.clone().filter(|(at, _)| *at <= end);
        (index, Op { returned, ..op.clone() })
    };
    begun.map(cut).collect()
}

/// Whether an operation is known to have changed nothing.
fn is_idle(Op { command, returned, .. }: &Op) -> bool {
    let is_get = matches!(command, Command::Get { .. });
    is_get || returned.as_ref().is_some_and(|(_, reply)| Kv::is_idle(command, reply))
}

/// No order explains a window's operations, from any of the states, whatever became of all others.
fn window_is_illegal(states: &[Kv], operations: &[(usize, Op)], window: &[usize]) -> bool {
    let mut demanded: Vec<Op> = Vec::new();
    for (index, operation) in operations {
        match window.contains(index) {
            true => demanded.push(operation.clone()),
            false if is_idle(operation) => {}
            false => demanded.push(Op { returned: None, ..operation.clone() }),
        }
    }
    let explained = |kv: &Kv| some_order_explains(kv, &demanded, &mut vec![false; demanded.len()]);
    !states.iter().any(explained)
}

/// The same when the history begins after a return, with any state that was there until then.
fn late_window_is_illegal(operations: &[(usize, Op)], cut: u64, window: &[usize]) -> bool {
    let begun = operations.iter().filter(|(_, op)| op.called <= cut);
    let opened = |(_, op): &(usize, Op)| {
        let returned = op.returned.clone().filter(|(at, _)| *at <= cut);
        Op { returned, ..op.clone() }
    };
    let mut begun: Vec<Op> = begun.map(opened).collect();
    begun.push(open("get x", cut + 1));
    let (mut placed, mut found) = (vec![false; begun.len()], (vec![], vec![], vec![]));
    all_orders(&Kv::default(), &begun, &mut placed, &mut found, begun.len() - 1);
    let after = |(_, op): &&(usize, Op)| op.returned.as_ref().is_none_or(|(at, _)| *at > cut);
    let rest: Vec<(usize, Op)> = operations.iter().filter(after).cloned().collect();
    window_is_illegal(&found.0, &rest, window)
}

/// What others saw needs the operation `last` before it returned with `seen`: the one attempt has
/// it there, with another reply.
fn is_needed_early(
    evidence: &Evidence<Kv>,
    names: &[usize],
    rest: &[Op],
    (last, seen): (usize, &Reply),
) -> bool {
    let [attempt] = &*evidence.attempts else { return false };
    let place = |index: &usize| names.iter().position(|name| name == index);
    let order: Vec<usize> = attempt.order.iter().filter_map(place).collect();
    let mut kv = Kv::default();
    let given: Vec<_> =
        order.iter().map(|index| (*index, kv.apply(&rest[*index].command))).collect();
    given.contains(&(last, attempt.reply.clone()))
        && attempt.reply != *seen
        && explains(&Kv::default(), rest, &order)
        && kv == attempt.state
        && evidence.replies == [attempt.reply.clone()]
        && (evidence.states, evidence.more) == (1, true)
}

#[test]
fn what_evidence_claims_is_so() {
    let (mut met, mut late, mut several, mut early) = (0, 0, 0, 0);
    for seed in 0..6_000_u64 {
        let mut lane = Rng::keyed(&[seed, 0x6576_6964]);
        let operations = unsplit(&draw_history(&mut lane, 1));
        let Some(evidence) = Evidence::of(&Kv::default(), &operations, PLENTY) else {
            assert_eq!(judge(&operations), Verdict::Linearizable, "seed {seed}");
            continue;
        };
        met += 1;
        let (end, seen) = operations[evidence.stuck].returned.clone().expect("it returned");
        let before = cut(&operations, end);
        let names: Vec<usize> = before.iter().map(|(index, _)| *index).collect();
        let prefix: Vec<Op> = before.iter().map(|(_, op)| op.clone()).collect();
        let last = names.iter().position(|index| *index == evidence.stuck).expect("it is there");

        let mut found = (Vec::new(), Vec::new(), Vec::new());
        let mut placed = vec![false; prefix.len()];
        all_orders(&Kv::default(), &prefix, &mut placed, &mut found, last);
        let (_, replies, ends) = found;
        let (told, more) = (&evidence.replies, replies.len() > 16);
        assert!(!replies.contains(&seen), "seed {seed}");
        let mut rest = prefix.clone();
        rest[last].returned = None;
        let place = |index: &usize| names.iter().position(|name| name == index);
        // What others saw of it before it returned tells what it must have got.
        if replies.is_empty() {
            early += 1;
            assert!(is_needed_early(&evidence, &names, &rest, (last, &seen)), "seed {seed}");
            continue;
        }
        assert!(told.iter().all(|reply| replies.contains(reply)), "seed {seed}");
        assert_eq!(told.len(), replies.len().min(16), "seed {seed}");
        assert_eq!((evidence.states, evidence.more), (ends.len() as u64, more), "seed {seed}");
        several += u32::from(replies.len() > 1);

        for attempt in &evidence.attempts {
            let order: Vec<usize> = attempt.order.iter().filter_map(place).collect();
            assert!(explains(&Kv::default(), &rest, &order), "seed {seed}");
            let mut kv = Kv::default();
            order.iter().for_each(|index| drop(kv.apply(&rest[*index].command)));
            assert_eq!(kv, attempt.state);
            assert_eq!(kv.apply(&prefix[last].command), attempt.reply);
        }

        let window = &evidence.window;
        assert!(window.operations.contains(&evidence.stuck) && window.to == end, "seed {seed}");
        late += u32::from(window.is_late);
        let is_illegal = |window: &[usize]| window_is_illegal(&[Kv::default()], &before, window);
        assert!(window.is_late || is_illegal(&window.operations), "seed {seed}");
        let returns = before.iter().filter_map(|(_, op)| op.returned.as_ref());
        let mut cuts = returns.map(|(at, _)| *at).filter(|at| *at < window.from);
        assert!(
            !window.is_late
                || cuts.any(|at| late_window_is_illegal(&before, at, &window.operations)),
            "seed {seed}"
        );
        if !window.is_late {
            for left_out in window.operations.iter().filter(|index| **index != evidence.stuck) {
                let mut less = window.operations.clone();
                less.retain(|index| index != left_out);
                assert!(!is_illegal(&less), "seed {seed}: too much");
            }
        }
    }
    assert!(met > 1_000 && late > 200 && several > 200, "{met} {late} {several}");
    assert!(early > 10, "{early} were seen by others too early");
}
