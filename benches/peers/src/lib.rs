//! Three libraries that replicate a log, under one driver: the core's Raft, `raft` and
//! `omnipaxos`.
//!
//! A group lives in one thread and in memory. The driver hands messages over at once and in order,
//! writes are done when they are asked for, no clock runs. So what is measured is what the
//! protocol's code costs, and nothing else. Each server keeps a log that it could restart from, and
//! applies every entry that is committed; a run whose servers differ in that is worth nothing, and
//! stops.
#![forbid(unsafe_code)]

mod group;
mod omni;
mod raft_rs;
mod shardscope;

pub use group::{Applied, Group, Member, Notice, Post};
pub use omni::Omni;
pub use raft_rs::RaftRs;
pub use shardscope::Shardscope;

/// What is replicated: 16 bytes.
pub type Entry = [u8; 16];

/// How a group is worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many servers there are.
    pub servers: usize,
    /// How many entries are proposed before all their messages are handed over.
    pub batch: usize,
    /// When followers hear what is committed.
    pub notice: Notice,
}

/// Every load that is measured.
pub const LOADS: [Load; 8] = [
    Load { servers: 3, batch: 1, notice: Notice::AtOnce },
    Load { servers: 5, batch: 1, notice: Notice::AtOnce },
    Load { servers: 3, batch: 64, notice: Notice::AtOnce },
    Load { servers: 5, batch: 64, notice: Notice::AtOnce },
    Load { servers: 3, batch: 1, notice: Notice::WithNext },
    Load { servers: 5, batch: 1, notice: Notice::WithNext },
    Load { servers: 3, batch: 64, notice: Notice::WithNext },
    Load { servers: 5, batch: 64, notice: Notice::WithNext },
];

impl Load {
    /// Its name.
    pub fn name(self) -> String {
        let notice = match self.notice {
            Notice::AtOnce => "notice at once",
            Notice::WithNext => "notice with the next",
        };
        format!("{} servers, batches of {}, {notice}", self.servers, self.batch)
    }

    /// Commits so many entries, in groups elected beforehand, and proves that all servers applied
    /// them.
    pub fn run<M: Member>(self, group: &mut Group<M>, commits: u64) {
        let first = group.proposed();
        let mut batch = Vec::with_capacity(self.batch);
        let mut next = first;
        while next < first + commits {
            let end = (next + self.batch as u64).min(first + commits);
            batch.clear();
            batch.extend((next..end).map(entry));
            group.commit(&batch);
            next = end;
        }
        group.finish();
    }
}

/// The entry with a number: each differs from all others.
pub fn entry(number: u64) -> Entry {
    let mut entry = [0; 16];
    entry[..8].copy_from_slice(&number.to_le_bytes());
    entry[8..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    entry
}
