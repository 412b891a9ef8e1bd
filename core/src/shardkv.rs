//! A group of the sharded store: it serves the shards that the configuration gives it, and hands
//! over what it gives away.
//!
//! Configurations come one after another through the group's own log. At the entry that takes a
//! shard away the group stops serving it and keeps it frozen; its leader pushes the data, with the
//! sessions, to the new owner ([`Mover`]). The new owner serves the shard as soon as the last piece
//! has gone through its own log, and only then does the old one delete its copy. Every message and
//! every command carries the number of the configuration, and repeating one does no harm.
//!
//! No group goes on to a configuration before it has finished with the one before. So whoever
//! still waits for a shard waits for a group that has this configuration or will get it, and never
//! for one that waits for it: shards are given away at once, whatever is still to come.

pub mod clerk;
mod command;
mod holding;
mod machine;
pub mod mover;
mod pieces;
mod route;
pub mod rules;
mod words;

pub use clerk::ShardClerk;
pub use command::{Command, Install, Installed, Reply};
pub use holding::{Holding, ShardSet, Status};
pub use machine::{Settings, ShardKv};
pub use mover::Mover;
pub use pieces::{Piece, split};
pub use route::{Routing, number_of, shard_of};

#[cfg(test)]
mod tests;
