//! Prints how much more is served by more groups, and what handing over a large shard takes, in
//! virtual time.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

fn main() {
    for figure in shardscope_bench::cluster::figures() {
        println!("{figure}");
    }
}
