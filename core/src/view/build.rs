//! How the pictures are made from the world.

pub(super) mod cluster;
pub(super) mod dock;
pub(super) mod flights;
mod situation;
pub(super) mod stage;
mod stretches;

use alloc::string::{String, ToString};

use crate::kv::Reply;

/// A reply in words.
fn answer(reply: Option<&Reply>) -> String {
    reply.map_or_else(|| "outcome unknown".into(), ToString::to_string)
}
