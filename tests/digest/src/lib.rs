//! One number per run of the core: equal runs have equal numbers, whatever machine they ran on.
//!
//! The same functions are called natively and, bound by `digest-browser`, in a browser; a test in
//! `tests/page` compares the answers.
#![forbid(unsafe_code)]

/// The digest of the run that `seed` leads to.
///
/// STAND-IN until the core has a world: mixes the seed with integer arithmetic only. Replace the
/// body by a run of the core and its running digest; nothing else here changes.
pub fn digest(seed: u64) -> u64 {
    (0..1_000_u64).fold(seed, |state, step| {
        let mixed = (state ^ step).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    })
}

/// The digests of `count` runs with consecutive seeds.
pub fn digests(first_seed: u64, count: u32) -> Vec<u64> {
    (0..u64::from(count)).map(|offset| digest(first_seed.wrapping_add(offset))).collect()
}
