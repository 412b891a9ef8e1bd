//! The digests, callable from JavaScript.
#![forbid(unsafe_code)]

use wasm_bindgen::prelude::wasm_bindgen;

/// See [`shardscope_digest::digests`].
#[wasm_bindgen]
pub fn digests(first_seed: u64, count: u32) -> Vec<u64> {
    shardscope_digest::digests(first_seed, count)
}

fn main() {}
