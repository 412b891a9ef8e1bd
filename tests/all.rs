//! One integration binary, so that everything links once.

#![allow(clippy::print_stdout, reason = "tests say what they saw")]

mod hostile;
mod kvraft;
mod mutants;
mod recorded;
mod swarm;
mod tidy;
mod tier;
