//! What the tables cost: a figure for a person to judge, so it is asked for by name.
//!
//! `cargo test --release -p shardscope-tests all_tables -- --ignored --nocapture`

use std::time::Instant;

use crate::{conformance, kvraft, sharded};

/// Plays a table once: steps and operations.
type Table = fn() -> (u64, u64);

#[test]
#[ignore = "a figure, and no demand: release and a quiet machine are for the caller to bring"]
fn all_tables_for_one_seed_on_one_core() {
    let tables: [(&str, Table); 5] = [
        ("Raft", || conformance::table(1)),
        ("replicated store", || kvraft::once(0)),
        ("shard controller", || sharded::once(0, 0)),
        ("sharded store", || sharded::once(1, 0)),
        ("sharded store, beyond", || sharded::once(2, 0)),
    ];
    let (mut seconds, mut steps, mut operations) = (0.0, 0, 0);
    for (name, table) in tables {
        let start = Instant::now();
        let done = table();
        let took = start.elapsed().as_secs_f64();
        println!("{name}: {took:.3} s, {} steps, {} operations", done.0, done.1);
        (seconds, steps, operations) = (seconds + took, steps + done.0, operations + done.1);
    }
    println!("all: {seconds:.3} s, {steps} steps, {operations} operations");
    assert!(steps > 0 && operations > 0, "something was done");
}
