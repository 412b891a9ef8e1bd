//! A clerk and the servers that a test plays.

use alloc::vec::Vec;

use super::*;
use crate::protocol::Refused;
use crate::server::Refusal;

type Out = Errands<&'static str, u32>;

fn ms(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

fn clerk(servers: u16) -> Clerk<&'static str> {
    let patience = Patience {
        attempt: Duration::from_millis(100),
        rest_min: Duration::from_millis(20),
        rest_max: Duration::from_millis(200),
    };
    let servers = (0..servers).map(NodeId).collect();
    Clerk::new(servers, ClientId(3), 16, patience, Rng::keyed(&[1]))
}

/// Whom the clerk asks, with which session and number.
fn asked(out: &mut Out) -> Vec<(u16, u64, u64)> {
    let asked = out.drain().filter_map(|errand| match errand {
        Errand::Send { to, request } => {
            Some((to.0, request.command.client.0, request.command.serial.0))
        }
        Errand::Done { .. } => None,
    });
    asked.collect()
}

fn answer(tag: u64, result: Result<Answer<u32>, Refusal>) -> Response<Answer<u32>> {
    Response { tag, result }
}

fn not_leader(hint: Option<u16>) -> Result<Answer<u32>, Refusal> {
    Err(Refusal::Refused(Refused::NotLeader { hint: hint.map(NodeId) }))
}

#[test]
fn a_retry_keeps_its_number_and_goes_to_another_server() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let first = asked(&mut out)[0];
    assert_eq!((first.1, first.2), (3, 1));
    assert_eq!(clerk.alarm().map(|alarm| alarm.at), Some(ms(100)));
    clerk.wake(ms(99), &mut out);
    assert_eq!(asked(&mut out), [], "it has patience");
    clerk.wake(ms(100), &mut out);
    assert_eq!(asked(&mut out), [((first.0 + 1) % 3, 3, 1)]);
    clerk.call(ms(100), "b", false, &mut out);
    assert_eq!(asked(&mut out), [], "one call at a time");
}

#[test]
fn a_redirect_is_followed_at_once() {
    let (mut clerk, mut out) = (clerk(5), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let first = asked(&mut out)[0].0;
    let hint = (first + 3) % 5;
    clerk.receive(ms(1), NodeId(first), answer(1, not_leader(Some(hint))), &mut out);
    assert_eq!(asked(&mut out), [(hint, 3, 1)]);
    clerk.receive(ms(2), NodeId(first), answer(1, not_leader(None)), &mut out);
    assert_eq!(asked(&mut out), [], "an old refusal says nothing new");
}

#[test]
fn after_a_round_in_vain_it_rests_longer_each_time_and_asks_again() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let (mut now, mut rests, mut sent) = (ms(0), Vec::new(), 0);
    for _ in 0..60 {
        let Some((to, ..)) = asked(&mut out).last().copied() else {
            let due = clerk.alarm().unwrap().at;
            rests.push(due.since(now).as_micros() / 1_000);
            now = due;
            clerk.wake(now, &mut out);
            continue;
        };
        sent += 1;
        clerk.receive(now, NodeId(to), answer(1, not_leader(None)), &mut out);
    }
    assert!(sent >= 40, "{sent}");
    assert!((10..=20).contains(&rests[0]), "{rests:?}");
    assert!(rests.iter().all(|rest| *rest <= 200), "{rests:?}");
    assert!(rests.iter().rev().take(5).all(|rest| *rest >= 100), "{rests:?}");
}

#[test]
fn a_leader_whose_answer_was_lost_is_asked_again_at_once() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let leader = asked(&mut out)[0].0;
    for round in 1..4 {
        let now = clerk.alarm().unwrap().at;
        assert_eq!(now, ms(100 * round), "the leader had its time, and nobody rests");
        clerk.wake(now, &mut out);
        let other = asked(&mut out)[0].0;
        clerk.receive(now, NodeId(other), answer(1, not_leader(Some(leader))), &mut out);
        assert_eq!(asked(&mut out), [(leader, 3, 1)], "another one tells of it");
    }
}

#[test]
fn a_stale_leader_and_who_believes_in_it_do_not_trap_it() {
    // The first is silent, the next one tells of the first; whoever else is asked would answer.
    for first in 0..5 {
        let (mut clerk, mut out) = (clerk(5), Out::default());
        clerk.call(ms(0), "a", false, &mut out);
        let (mut now, mut asks) = (ms(0), 0);
        loop {
            let Some((to, ..)) = asked(&mut out).pop() else {
                now = clerk.alarm().unwrap().at;
                clerk.wake(now, &mut out);
                continue;
            };
            asks += 1;
            assert!(asks < 20, "with S{first} it asks for ever");
            if to == first {
                now = clerk.alarm().unwrap().at;
                clerk.wake(now, &mut out);
            } else if to == (first + 1) % 5 {
                let refused = answer(1, not_leader(Some(first)));
                clerk.receive(now, NodeId(to), refused, &mut out);
            } else {
                break;
            }
        }
        assert!(now < ms(700), "{now}");
    }
}

#[test]
fn whoever_was_not_asked_yet_is_asked_on_a_hint_however_many_led_back() {
    let (mut clerk, mut out) = (clerk(6), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let mut now = ms(0);
    let first = asked(&mut out)[0].0;
    for _ in 0..6 {
        let busy = answer(1, Err(Refusal::Refused(Refused::Busy)));
        clerk.receive(now, NodeId(first), busy, &mut out);
        now = clerk.alarm().unwrap().at;
        clerk.wake(now, &mut out);
        assert_eq!(asked(&mut out), [(first, 3, 1)], "it may have time now");
    }
    let busy = answer(1, Err(Refusal::Refused(Refused::Busy)));
    clerk.receive(now, NodeId(first), busy, &mut out);
    now = clerk.alarm().unwrap().at;
    clerk.wake(now, &mut out);
    let second = asked(&mut out)[0].0;
    assert_ne!(second, first, "it may lead nobody any more");
    let third = (second + 2) % 6;
    clerk.receive(now, NodeId(second), answer(1, not_leader(Some(third))), &mut out);
    assert_eq!(asked(&mut out), [(third, 3, 1)]);
}

#[test]
fn two_servers_that_point_at_each_other_do_not_trap_it() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let mut now = ms(0);
    let mut seen = [0; 3];
    for _ in 0..40 {
        match asked(&mut out).last() {
            Some((to, ..)) => {
                seen[usize::from(*to)] += 1;
                let hint = if *to == 0 { 1 } else { 0 };
                let hint = (*to < 2).then_some(hint);
                clerk.receive(now, NodeId(*to), answer(1, not_leader(hint)), &mut out);
            }
            None => {
                now = clerk.alarm().unwrap().at;
                clerk.wake(now, &mut out);
            }
        }
    }
    assert!(now > ms(50), "it rests between rounds: {now}");
    assert!(seen.iter().all(|asks| *asks > 3), "{seen:?}");
}

#[test]
fn a_copy_of_a_refusal_does_not_end_a_rest() {
    let (mut clerk, mut out) = (clerk(2), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    for _ in 0..2 {
        let to = asked(&mut out)[0].0;
        clerk.receive(ms(1), NodeId(to), answer(1, not_leader(Some(1 - to))), &mut out);
    }
    assert_eq!(asked(&mut out), [], "all have refused: it rests");
    let due = clerk.alarm().unwrap().at;
    for copy in 0..4 {
        clerk.receive(ms(2), NodeId(copy % 2), answer(1, not_leader(Some(1 - copy % 2))), &mut out);
        assert_eq!(asked(&mut out), [], "a copy says nothing new");
    }
    assert_eq!(clerk.alarm().unwrap().at, due, "nor does it change when the rest is over");
    clerk.wake(due, &mut out);
    let to = asked(&mut out)[0].0;
    clerk.receive(due, NodeId(to), answer(1, not_leader(Some(1 - to))), &mut out);
    assert_eq!(asked(&mut out), [(1 - to, 3, 1)], "after it, a refusal is followed again");
}

#[test]
fn a_busy_server_is_asked_again_after_a_rest() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    let first = asked(&mut out)[0].0;
    let busy = Err(Refusal::Refused(Refused::Busy));
    clerk.receive(ms(1), NodeId(first), answer(1, busy), &mut out);
    assert_eq!(asked(&mut out), []);
    let due = clerk.alarm().unwrap().at;
    clerk.wake(due, &mut out);
    assert_eq!(asked(&mut out), [(first, 3, 1)]);
}

#[test]
fn only_an_answer_to_the_open_call_counts() {
    let (mut clerk, mut out) = (clerk(1), Out::default());
    let done = |value| answer(1, Ok(Answer::Done(value)));
    clerk.receive(ms(0), NodeId(0), done(9), &mut out);
    assert_eq!(out, Out::default(), "nothing is open");
    clerk.call(ms(0), "a", false, &mut out);
    asked(&mut out);
    clerk.receive(ms(1), NodeId(0), done(5), &mut out);
    let finished: Vec<_> = out.drain().collect();
    assert_eq!(finished, [Errand::Done { serial: Serial(1), by: NodeId(0), reply: Some(5) }]);
    clerk.call(ms(2), "b", false, &mut out);
    asked(&mut out);
    clerk.receive(ms(3), NodeId(0), done(5), &mut out);
    assert_eq!(out, Out::default(), "a late copy of the first answer");
    assert!(clerk.is_busy());
}

#[test]
fn an_expired_session_leaves_the_outcome_open_and_a_new_id_is_taken() {
    let (mut clerk, mut out) = (clerk(1), Out::default());
    clerk.call(ms(0), "a", false, &mut out);
    asked(&mut out);
    let expired = Ok(Answer::Expired { floor: ClientId(40) });
    clerk.receive(ms(1), NodeId(0), answer(1, expired), &mut out);
    let finished: Vec<_> = out.drain().collect();
    assert_eq!(finished, [Errand::Done { serial: Serial(1), by: NodeId(0), reply: None }]);
    assert_eq!(clerk.client(), ClientId(51), "the clerk's own next id above the floor");
    clerk.call(ms(2), "b", false, &mut out);
    assert_eq!(asked(&mut out), [(0, 51, 2)]);
}

#[test]
fn attempts_are_counted_for_the_open_call_only() {
    let (mut clerk, mut out) = (clerk(3), Out::default());
    assert_eq!(clerk.attempts(), 0);
    clerk.call(ms(0), "a", false, &mut out);
    assert_eq!(clerk.attempts(), 1);
    clerk.wake(ms(100), &mut out);
    clerk.wake(ms(200), &mut out);
    assert_eq!(clerk.attempts(), 3);
    clerk.receive(ms(201), NodeId(0), answer(1, Ok(Answer::Done(5))), &mut out);
    assert_eq!(clerk.attempts(), 0, "nothing is open");
    clerk.call(ms(300), "b", false, &mut out);
    assert_eq!(clerk.attempts(), 1);
}

#[test]
fn a_clerk_that_is_built_wrongly_numbers_each_attempt_anew() {
    let numbers = |mutant| {
        let (mut clerk, mut out) = (clerk(3).with(mutant), Out::default());
        clerk.call(ms(0), "a", false, &mut out);
        clerk.wake(ms(100), &mut out);
        clerk.wake(ms(200), &mut out);
        asked(&mut out).iter().map(|(_, _, serial)| *serial).collect::<Vec<_>>()
    };
    assert_eq!(numbers(MutantId::Paper), [1, 1, 1]);
    assert_eq!(numbers(MutantId::R47), [1, 2, 3]);
}

#[test]
fn at_the_end_of_all_ids_it_takes_the_last_of_its_own() {
    let servers = [NodeId(0)].into();
    let near = ClientId(u64::MAX - 40);
    let mut clerk = Clerk::new(servers, near, 16, clerk(1).patience, Rng::keyed(&[1]));
    let mut out = Out::default();
    clerk.call(ms(0), "a", false, &mut out);
    let expired = Ok(Answer::Expired { floor: ClientId(u64::MAX) });
    clerk.receive(ms(1), NodeId(0), answer(1, expired), &mut out);
    assert_eq!(clerk.client(), ClientId(u64::MAX - 8));
}
