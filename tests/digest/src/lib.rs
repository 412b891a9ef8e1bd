//! One number per run of the core: equal runs have equal numbers, whatever machine they ran on.
//!
//! The same functions are called natively and, bound by `digest-browser`, in a browser; a test in
//! `tests/page` compares the answers.
#![forbid(unsafe_code)]

/// The digest of the swarm run that `seed` leads to: tens of thousands of events with faults of all
/// kinds.
pub fn digest(seed: u64) -> u64 {
    shardscope_core::sim::swarm::run(seed).digest
}

/// The digest of the swarm run of a sharded cluster that `seed` leads to.
pub fn sharded_digest(seed: u64) -> u64 {
    shardscope_core::sim::swarm::run_sharded(seed).digest
}

/// The digests of `count` runs with consecutive seeds, and of one sharded cluster with the first.
pub fn digests(first_seed: u64, count: u32) -> Vec<u64> {
    let groups = (0..u64::from(count)).map(|offset| digest(first_seed.wrapping_add(offset)));
    groups.chain([sharded_digest(first_seed)]).collect()
}
