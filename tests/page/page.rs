//! What a visitor finds, in a real browser. `cargo xtask test` runs these; by themselves they are
//! ignored, because they need the page built and served.

mod digest;
mod look;
mod rules;
mod scenario;
mod shards;
mod share;
mod stories;
mod tools;
mod verdict;
mod visitor;
mod why;
