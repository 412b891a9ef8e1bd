//! A replicated key/value store, the simulated world it runs in, and the observers that judge it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod id;
pub mod time;
pub mod view;
