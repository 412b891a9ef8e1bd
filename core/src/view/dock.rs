//! What the dock draws over time: marks, faults, clients' operations; and the invariants' state.

use alloc::string::String;
use alloc::vec::Vec;

use crate::id::{Gid, NodeId, ShardId};
use crate::sim::marks::Mark;
use crate::time::Instant;

/// The dock's content between two instants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dock {
    /// Moments worth seeing on the scrubber, by time.
    pub marks: Vec<Mark>,
    /// Faults with their beginning and end, by beginning.
    pub faults: Vec<Fault>,
    /// Clients' operations, by the time of their call.
    pub operations: Vec<Operation>,
    /// Who served which shard, by shard and beginning. Where nothing is, nobody did.
    pub stretches: Vec<Stretch>,
}

/// A time during which one group served a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Which shard.
    pub shard: ShardId,
    /// Which group.
    pub gid: Gid,
    /// From when.
    pub from: Instant,
    /// Until when; none: to the end of what is known.
    pub until: Option<Instant>,
}

/// A fault that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it began.
    pub from: Instant,
    /// When it ended; none while it lasts.
    pub until: Option<Instant>,
    /// In words: `S2 down`, `S1 and S3 cut off`.
    pub words: String,
    /// Which of [`Fault::LANES`] lanes it lies in: no two overlap while there are enough.
    pub lane: u8,
}

impl Fault {
    /// So many faults can lie above one another. More share the last lane.
    pub const LANES: u8 = 3;
}

/// One operation of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The client.
    pub client: NodeId,
    /// Where its call stands in the history.
    pub call: u64,
    /// The operation in words: `append y b`.
    pub words: String,
    /// When it was called.
    pub called: Instant,
    /// When it returned, and with what; none while it is open.
    pub returned: Option<(Instant, String)>,
    /// When each attempt was sent, and to whom.
    pub attempts: Vec<(Instant, NodeId)>,
    /// Which server answered.
    pub answered_by: Option<NodeId>,
    /// When it may have taken effect, in an order that explains what was seen.
    pub point: Option<Instant>,
    /// It fits in no order.
    pub odd: bool,
}

/// One invariant and its state now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// `RI-1`.
    pub id: &'static str,
    /// Its name in the field: `election safety`.
    pub name: &'static str,
    /// One sentence with the paper's section.
    pub meaning: &'static str,
    /// How often it was judged so far.
    pub checks: u64,
    /// How it was broken first, if it was.
    pub broken: Option<Broken>,
}

/// How an invariant was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The step that broke it.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// What was seen, in one sentence.
    pub words: String,
    /// It lies after the cursor: at the cursor's moment the invariant still holds.
    pub ahead: bool,
}
