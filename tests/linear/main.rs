//! The search for an order against two that know nothing of it: one that tries every order, and
//! stateright's tester. What it leaves out to be fast must never change a verdict.

#![allow(clippy::print_stdout, reason = "tests say what they saw")]

mod draw;
mod laws;
mod oracle;
#[path = "../tier.rs"]
mod tier;

use shardscope_core::kv::Kv;
use shardscope_core::linear::{self, Search, Verdict};
use shardscope_core::machine::Machine;
use shardscope_tests::histories::{Cell, Register};

use self::draw::{Drawable, Drawn, draw};

const PLENTY: u64 = 10_000_000;

/// Histories in a batch.
const BATCH: u64 = 1_000;

/// How many histories could be explained, how many could not.
type Counts = [u64; 2];

/// Judges so many drawn histories by everyone.
fn compare<M: Drawable + Sync>(name: &str, initial: &M, batches: u64) -> Counts
where
    M::Command: Send + Sync,
    M::Reply: Send + Sync,
{
    let counts = tier::parallel(0..batches, |batch| {
        let mut counts = [0; 2];
        for seed in batch * BATCH..(batch + 1) * BATCH {
            let drawn = draw::<M>(initial, seed);
            let truth = oracle::explainable(initial, &drawn.operations);
            let seed = format!("{name}, seed {seed}: {:#?}", drawn.operations);
            assert_eq!(judge(initial, &drawn), truth, "{seed}");
            assert_eq!(oracle::stateright(initial, &drawn), truth, "stateright, {seed}");
            counts[usize::from(truth)] += 1;
        }
        counts
    });
    counts.iter().fold([0; 2], |sum, counts| [sum[0] + counts[0], sum[1] + counts[1]])
}

/// The verdict of all operations at once, and of each part by itself.
fn judge<M: Machine>(initial: &M, drawn: &Drawn<M>) -> bool {
    let operations = &drawn.operations;
    let finding = linear::search(initial, operations, PLENTY);
    let explained = linear::explains(initial, operations, &finding.order);
    assert_eq!(explained, finding.verdict == Verdict::Linearizable, "{operations:#?}");
    // What saves time only in a long search does not change the verdict of a short one.
    let mut eager = Search::new(initial.clone(), operations).eager();
    eager.run(PLENTY);
    let eager = eager.finding();
    assert_eq!(eager.verdict, finding.verdict, "{operations:#?}");
    assert_eq!(linear::explains(initial, operations, &eager.order), explained, "{operations:#?}");
    let parts = linear::check_parts(initial, operations, PLENTY);
    let illegal = parts.iter().any(|part| part.finding.verdict == Verdict::Illegal);
    assert_eq!(illegal, finding.verdict == Verdict::Illegal, "{operations:#?}");
    explained
}

#[test]
fn everyone_agrees_on_a_hundred_thousand_histories() {
    let batches = tier::count(34, 340);
    let all = [
        ("store", compare("store", &Kv::default(), batches)),
        ("register", compare("register", &Register(None), batches)),
        ("cell", compare("cell", &Cell(String::new()), batches)),
    ];
    for (name, [illegal, legal]) in all {
        println!("{name}: {legal} can be explained, {illegal} cannot, zero disagreements");
        // Both must be common, or the comparison says little.
        assert!(illegal > batches * BATCH / 8 && legal > batches * BATCH / 8, "{name}");
    }
}
