//! The playground.
#![forbid(unsafe_code)]

fn main() {}
