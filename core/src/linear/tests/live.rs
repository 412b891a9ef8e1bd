//! The live checker says what the batch checker says, whenever it has caught up.

use alloc::vec::Vec;

use super::*;

/// What the batch checker says of the first events, and where the first return stands that nothing
/// explains.
fn truth(events: &[Event], before: Option<&LiveVerdict>) -> LiveVerdict {
    if let Some(violated @ LiveVerdict::Violated { .. }) = before {
        return violated.clone();
    }
    let findings = check(&history(events), PLENTY).expect("a history");
    if let Some(key) = findings.iter().find(|key| key.finding.verdict == Verdict::Illegal) {
        return LiveVerdict::Violated { key: key.key.clone(), event: events.len() as u64 - 1 };
    }
    let returned = |event: &&Event| matches!(event.what, What::Return { reply: Some(_), .. });
    LiveVerdict::SoFar { operations: events.iter().filter(returned).count() as u64 }
}

fn truths(events: &[Event]) -> Vec<LiveVerdict> {
    let mut truths: Vec<LiveVerdict> = Vec::new();
    for end in 1..=events.len() {
        truths.push(truth(&events[..end], truths.last()));
    }
    truths
}

/// Whether that much is so: a live checker that had to wait may notice late.
fn holds(said: &LiveVerdict, truth: &LiveVerdict, events: &[Event]) -> bool {
    let LiveVerdict::Violated { key, event } = said else { return said == truth };
    let findings = check(&history(&events[..=*event as usize]), u64::MAX).expect("a history");
    let is_key = |found: &&KeyFinding| found.key == *key;
    let found = findings.iter().find(is_key).expect("a key of the history");
    let mut search = Search::new(Kv::default(), &found.operations);
    search.run(u64::MAX);
    search.verdict() == Verdict::Illegal
}

fn feed(live: &mut Live, event: &Event) {
    live.feed(event).expect("a history");
}

#[test]
fn it_agrees_with_the_batch_checker_after_every_event() {
    let mut counts = [0_u32; 2];
    for seed in 0..4_000_u64 {
        let mut lane = Rng::keyed(&[seed, 0x6c69_7665]);
        let events = draw_history(&mut lane, 1 + seed % 2);
        let (truths, mut live) = (truths(&events), Live::new(u64::MAX));
        for (event, truth) in events.iter().zip(&truths) {
            feed(&mut live, event);
            assert_eq!(live.verdict(), *truth, "seed {seed}");
        }
        let is_legal = matches!(live.verdict(), LiveVerdict::SoFar { .. });
        counts[usize::from(is_legal)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 800), "{counts:?}");
}

#[test]
fn with_little_to_spend_it_falls_behind_and_never_says_what_is_not_so() {
    let mut behind = 0;
    for seed in 0..4_000_u64 {
        let mut lane = Rng::keyed(&[seed, 0x6c69_7666]);
        let events = draw_history(&mut lane, 1);
        let (truths, mut live) = (truths(&events), Live::new(lane.below(3)));
        for (event, truth) in events.iter().zip(&truths) {
            feed(&mut live, event);
            if lane.below(4) == 0 {
                live.work(lane.below(4));
            }
            match live.verdict() {
                LiveVerdict::Behind { events: late } => {
                    assert!(late >= 1);
                    behind += 1;
                }
                said => assert!(holds(&said, truth, &events), "seed {seed}: {said:?}, {truth:?}"),
            }
        }
        live.work(u64::MAX);
        let truth = truths.last().expect("events");
        assert!(holds(&live.verdict(), truth, &events), "seed {seed}: {truth:?}");
    }
    assert!(behind > 1_000, "it was behind {behind} times only");
}

#[test]
fn a_copy_goes_its_own_way() {
    for seed in 0..1_000_u64 {
        let mut lane = Rng::keyed(&[seed, 0x6c69_7667]);
        let events = draw_history(&mut lane, 2);
        let cut = lane.below(events.len() as u64) as usize;
        let (truths, mut live) = (truths(&events), Live::new(2));
        events[..cut].iter().for_each(|event| feed(&mut live, event));
        let mut copy = live.clone();
        // In the other future, all that is open is given up.
        let mut other = events[..cut].to_vec();
        let is_open = |event: &&Event| {
            let same =
                |other: &&Event| (other.client, other.serial) == (event.client, event.serial);
            other.iter().filter(same).count() == 1
        };
        let lost: Vec<Event> = other.iter().filter(is_open).cloned().collect();
        let lost = lost.iter().map(|call| back(call.client.0, call.serial.0, None));
        other.extend(lost.collect::<Vec<_>>());
        other.extend([call(99, 1, "get x"), back(99, 1, Some(value("from nowhere")))]);
        other[cut..].iter().for_each(|event| feed(&mut copy, event));
        copy.work(u64::MAX);
        let truth = self::truths(&other).pop().expect("events");
        assert!(holds(&copy.verdict(), &truth, &other), "seed {seed}");
        events[cut..].iter().for_each(|event| feed(&mut live, event));
        live.work(u64::MAX);
        assert!(holds(&live.verdict(), &truths[events.len() - 1], &events), "seed {seed}");
    }
}

#[test]
fn long_histories_with_many_clients_are_followed() {
    let mut kv = Kv::default();
    let mut lane = Rng::keyed(&[0x6c69_7668]);
    let mut live = Live::new(10_000);
    let mut open: Vec<(u16, u64, Command, Option<Reply>)> = Vec::new();
    let mut events = Vec::new();
    let mut serials = [0_u64; 6];
    while events.len() < 3_000 {
        let client = lane.below(6) as u16;
        let event = match open.iter().position(|(who, ..)| *who == client) {
            None => {
                serials[usize::from(client)] += 1;
                let (command, serial) = (draw_command(&mut lane, 2), serials[usize::from(client)]);
                open.push((client, serial, command.clone(), None));
                event(client, serial, What::Call(command))
            }
            Some(index) if open[index].3.is_none() => {
                open[index].3 = Some(kv.apply(&open[index].2));
                continue;
            }
            Some(index) => {
                let (client, serial, _, reply) = open.swap_remove(index);
                back(client, serial, reply)
            }
        };
        feed(&mut live, &event);
        events.push(event);
        assert!(matches!(live.verdict(), LiveVerdict::SoFar { .. }), "{:?}", live.verdict());
    }
    let end = events.len() as u64;
    feed(&mut live, &call(9, 1, "get x"));
    feed(&mut live, &back(9, 1, Some(value("from nowhere"))));
    live.work(u64::MAX);
    assert_eq!(live.verdict(), LiveVerdict::Violated { key: "x".into(), event: end + 1 });
}

#[test]
fn what_is_no_history_is_refused_live() {
    let words = |events: &[Event]| {
        let mut live = Live::new(100);
        let mut results = events.iter().map(|event| live.feed(event));
        let error = results.find_map(Result::err).expect("no history");
        assert_eq!(check(&history(events), PLENTY), Err(error.clone()));
        error.words
    };
    let (first, again) = (call(5, 1, "get x"), call(5, 1, "get y"));
    let reply = back(5, 1, Some(value("")));
    assert!(words(&[first.clone(), again.clone()]).contains("called a second time"));
    assert!(words(&[first.clone(), reply.clone(), again]).contains("called a second time"));
    assert!(words(core::slice::from_ref(&reply)).contains("without having been called"));
    assert!(words(&[first, reply.clone(), reply]).contains("returns a second time"));
}
