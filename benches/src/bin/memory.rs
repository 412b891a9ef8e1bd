//! Prints how many bytes a timeline keeps. Apart from the timed figures, because counting costs
//! time.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

#[cfg(not(target_family = "wasm"))]
#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

#[cfg(not(target_family = "wasm"))]
fn main() {
    for figure in shardscope_bench::figures::sizes(&|| ALLOCATOR.current_usage() as u64) {
        println!("{figure}");
    }
}

#[cfg(target_family = "wasm")]
fn main() {}
