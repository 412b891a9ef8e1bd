//! Prints how fast the core runs and seeks here.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::time::Instant;

use shardscope_bench::figures::{checkers, clusters, seeks, speeds};

fn main() {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1_000.0;
    for figures in [speeds, clusters, checkers, seeks] {
        figures(&clock).iter().for_each(|figure| println!("{figure}"));
    }
}
