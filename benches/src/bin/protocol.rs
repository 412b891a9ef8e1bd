//! Prints what pipelining and leadership transfer bring, in virtual time.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

fn main() {
    for figure in shardscope_bench::protocol::figures() {
        println!("{figure}");
    }
}
