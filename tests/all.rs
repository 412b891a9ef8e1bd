//! One integration binary, so that everything links once.

#![allow(clippy::print_stdout, reason = "tests say what they saw")]

mod conformance;
mod hostile;
mod kvraft;
mod links;
mod lossy;
mod mistakes;
mod mutants;
mod overtaking;
mod recorded;
mod retold;
mod scripts;
mod sharded;
mod shrunk;
mod speed;
mod swarm;
mod table;
mod tidy;
mod tier;
