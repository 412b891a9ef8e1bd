//! Safety, judged after every step by observers outside the protocol.
//!
//! An observer sees only what a step released (records that became durable, messages that left,
//! slots that were applied) and remembers what it saw, across crashes. It costs what the step
//! changed. A broken invariant is a result, not a crash: the observers survive states that the
//! protocol calls impossible.

mod clients;
mod commits;
mod configs;
mod elections;
mod laws;
mod local;
mod logs;
mod memory;
mod messages;
mod shards;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use laws::Law;
pub(super) use shards::Place;

use self::memory::Memory;
use super::report::Report;
use super::world::World;
use crate::controller::Config;
use crate::id::{ConfigNumber, Gid, NodeId, ShardId, Slot};
use crate::time::Instant;

/// What all observers remember, and what they found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observers {
    memory: Memory,
    checks: [u64; Law::ALL.len()],
    broken: Arc<Vec<Violation>>,
}

/// How an invariant was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// In which step.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// What was seen, in one sentence.
    pub words: String,
}

/// Collects what the observers find in one step.
pub(crate) struct Findings<'a> {
    checks: &'a mut [u64; Law::ALL.len()],
    broken: &'a mut Arc<Vec<Violation>>,
    world: &'a World,
    report: &'a Report,
}

/// More violations of one law than this are not kept: the first ones tell the story.
const MAX_VIOLATIONS: usize = 8;

impl Findings<'_> {
    /// Judges one instance of a law about a process; two numbers say what was seen if it does not
    /// hold.
    pub(crate) fn judge(&mut self, law: Law, node: NodeId, holds: bool, seen: [u64; 2]) {
        let count = &mut self.checks[law as usize];
        *count = count.wrapping_add(1);
        if !holds {
            self.tell(law, node, seen);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell(&mut self, law: Law, node: NodeId, [one, other]: [u64; 2]) {
        if self.broken.iter().filter(|known| known.law == law).count() < MAX_VIOLATIONS {
            let who = self.world.scenario().name(node);
            let [first, second] = law.seen();
            let words = alloc::format!("{who} {first}{one}, {second}{other}.");
            let Report { step, at, .. } = *self.report;
            Arc::make_mut(self.broken).push(Violation { law, step, at, words });
        }
    }
}

impl Default for Observers {
    fn default() -> Self {
        Self { memory: Memory::default(), checks: [0; Law::ALL.len()], broken: Arc::default() }
    }
}

impl Observers {
    /// What was found, in the order of the run: nothing, if every invariant holds.
    pub fn violations(&self) -> &[Violation] {
        &self.broken
    }

    /// How often a law was judged.
    pub const fn checks(&self, law: Law) -> u64 {
        self.checks[law as usize]
    }

    /// How many entries are known to be committed.
    pub fn committed(&self) -> u64 {
        self.memory.committed().map(|end| end.0).sum()
    }

    /// Up to which slot of a group's log everything is known to be committed, whether or not a
    /// server of it still knows.
    pub fn committed_in(&self, group: Gid) -> Slot {
        self.memory.committed().nth(usize::from(group.0)).unwrap_or_default()
    }

    /// All configurations that were made, whether or not a running server still knows.
    pub(super) fn configs(&self) -> &[Config] {
        self.memory.configs().all()
    }

    /// To which configuration a group came, and what it held of a shard then, whether or not a
    /// running server of it still knows.
    pub(super) fn held(&self, group: Gid, shard: ShardId) -> Option<(ConfigNumber, Place)> {
        self.memory.shards().held(group, shard)
    }

    /// Judges a step.
    pub fn observe(&mut self, world: &World, report: &Report) {
        let Self { memory, checks, broken } = self;
        memory.observe(world, report, &mut Findings { checks, broken, world, report });
    }
}
