//! The core without anything around it. Compiled for wasm32 it must import nothing: no clock, no
//! entropy, no host. `cargo xtask test` looks at that list.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::process::ExitCode;

/// The seed is hidden and the digest returned, so that no run can be computed beforehand or
/// left out.
fn main() -> ExitCode {
    let digest = shardscope_digest::digest(black_box(1));
    ExitCode::from(digest.to_le_bytes().into_iter().fold(0, |sum, byte| sum ^ byte))
}
