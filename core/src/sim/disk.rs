//! Disks: how long a write takes.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::network::Latency;
use crate::id::NodeId;
use crate::rng::Rng;
use crate::time::Duration;

/// How long writing takes. A step that makes something durable holds all its effects for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// One write.
    pub write: Latency,
}

impl Default for Disk {
    fn default() -> Self {
        Self { write: Latency::Fixed(Duration::from_micros(500)) }
    }
}

/// The lane of a server's disk.
const LANE: u64 = 0x6469_736b;

/// The fate of one write, drawn by (seed, server, number of the write) and nothing else.
pub(super) struct Write {
    /// How long it takes.
    pub(super) takes: Duration,
    /// If the server crashes meanwhile, the disk holds the new state, not the old.
    pub(super) survives: bool,
}

impl Disk {
    pub(super) fn write(&self, seed: u64, node: NodeId, number: u64, slower: u32) -> Write {
        let mut lane = Rng::keyed(&[seed, LANE, u64::from(node.0), number]);
        let takes = self.write.draw(&mut lane).times(u64::from(slower));
        Write { takes, survives: lane.below(2) == 1 }
    }

    pub(super) fn complain(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        self.write.complain(demand, "disk write");
    }
}
