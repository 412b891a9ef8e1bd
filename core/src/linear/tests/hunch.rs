//! Histories in which much never returned.

use alloc::vec::Vec;

use super::*;

/// A history on one key. So many of a hundred calls never return; half of these took effect.
fn drawn(seed: u64, length: u64, lost: u32) -> Vec<Op> {
    let mut rng = Rng::keyed(&[seed, 0x6875_6e63]);
    let (mut kv, mut operations, mut at) = (Kv::default(), Vec::new(), 0);
    for number in 0..length {
        let version = rng.below(6);
        let line = match rng.below(10) {
            0..=2 => "get x".into(),
            3 | 4 => format!("append x {number}a"),
            5 => format!("put x {number}p"),
            6 => format!("cas x \"\" {number}c"),
            7 => format!("put-at x {version} {number}v"),
            8 => format!("put-hash x {number}h"),
            _ => "delete x".into(),
        };
        let lost = rng.chance(Ppm::percent(lost));
        let mut operation = open(&line, at);
        if !lost || rng.chance(Ppm::percent(50)) {
            let reply = kv.apply(&operation.command);
            operation.returned = (!lost).then_some((at + 1, reply));
        }
        operations.push(operation);
        at += 2;
    }
    operations
}

#[test]
fn an_order_is_found_though_a_sixth_never_returned() {
    let mut hard = 0;
    for seed in 0..60 {
        let operations = drawn(seed, 240, 16);
        let finding = search(&Kv::default(), &operations, PLENTY);
        assert_eq!(finding.verdict, Verdict::Linearizable, "seed {seed}: {} steps", finding.steps);
        assert!(explains(&Kv::default(), &operations, &finding.order), "seed {seed}");
        hard += u32::from(finding.steps > 1_000);
    }
    assert!(hard > 10, "only {hard} of 60 needed more than a glance");
}

#[test]
fn what_nobody_wrote_is_found_out_though_some_never_returned() {
    for seed in 0..60 {
        let mut operations = drawn(seed, 60, 8);
        let reads = operations.iter_mut().filter(|op| Kv::default().reads(&op.command));
        let read = reads.filter_map(|op| op.returned.as_mut()).last();
        read.expect("most reads return").1 = value("never written");
        let finding = search(&Kv::default(), &operations, PLENTY);
        assert_eq!(finding.verdict, Verdict::Illegal, "seed {seed}: {} steps", finding.steps);
    }
}
