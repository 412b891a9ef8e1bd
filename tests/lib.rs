//! The tests of this project: see `all.rs`. For whoever wants to play the field's tables without
//! testing, they are here a second time: see [`conform`].

#![allow(dead_code, unused_imports, reason = "the rest of it is for the tests of `all.rs`")]
#![allow(clippy::print_stdout, reason = "tests say what they saw")]

pub mod conform;
mod conformance;
pub mod histories;
mod kvraft;
mod mutants;
mod sharded;
mod table;
mod tier;
