//! A replicated key/value store, the simulated world it runs in, and the observers that judge it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod chunks;
pub mod clerk;
pub mod controller;
pub mod digest;
pub mod history;
pub mod id;
pub mod kv;
pub mod linear;
pub mod machine;
pub mod models;
pub mod mutant;
pub mod order;
pub mod protocol;
pub mod raft;
pub mod rng;
pub mod server;
pub mod shardkv;
pub mod sim;
pub mod sorted;
pub mod time;
pub mod view;
