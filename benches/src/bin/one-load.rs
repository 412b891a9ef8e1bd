//! Runs one load for so many steps and nothing else. Under a profiler that counts instructions,
//! the difference between two lengths, divided by the steps between them, is the cost of a step.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::process::ExitCode;

use shardscope_bench::{Load, Run};

const USAGE: &str = "usage: one-load <servers> <busy|idle> <checked|bare> <steps>";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((load, checked, steps)) = read(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let mut run = Run::started(load);
    run.go(steps, checked);
    println!("{:016x}", run.digest());
    ExitCode::SUCCESS
}

fn read(words: &[String]) -> Option<(Load, bool, u64)> {
    let [servers, pace, kind, steps] = words else { return None };
    let either = |word: &str, yes, no| match word {
        _ if word == yes => Some(true),
        _ if word == no => Some(false),
        _ => None,
    };
    let load = Load { servers: servers.parse().ok()?, busy: either(pace, "busy", "idle")? };
    Some((load, either(kind, "checked", "bare")?, steps.parse().ok()?))
}
