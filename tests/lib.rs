//! The tests of this project: see `all.rs`. What benchmarks need too is here.

pub mod histories;
