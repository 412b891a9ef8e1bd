//! The tests of this project, and nothing else: see `all.rs`.
