//! The decisions of the controller that the sharded store rests on, in a table as those of the
//! protocol.

use crate::id::{Gid, MutantId, NodeId};

/// The decisions of the controller.
pub struct Rules {
    /// The place of a group among others in the same position, seen from a server.
    pub rank: fn(gid: Gid, server: NodeId) -> u64,
    /// Whether a shard stays with a group that has `kept` others and shall have `share`.
    pub stays: fn(kept: u64, share: u64) -> bool,
    /// Who owns a shard when the last group has gone.
    pub without_groups: fn(owner: Gid) -> Gid,
}

/// The decisions as they should be: those of [`MutantId::Paper`].
pub const PAPER: Rules = Rules { rank, stays, without_groups };

/// The place of a group among others in the same position: by its number, which all replicas
/// know. They apply the same changes and must come to the same configuration, so nothing that only
/// one of them has may decide.
pub fn rank(gid: Gid, _server: NodeId) -> u64 {
    u64::from(gid.0)
}

/// Whether a shard stays with its group: as long as the group has room in its share. A move costs
/// the shard's whole data and a while in which nobody serves it, so only what is too much goes.
pub const fn stays(kept: u64, share: u64) -> bool {
    kept < share
}

/// Who owns a shard when the last group has gone: nobody, so that no client asks a group that no
/// longer serves.
pub const fn without_groups(_owner: Gid) -> Gid {
    Gid(0)
}

/// The decisions that go by a number: the sound ones, if it is not about them.
pub const fn of(id: MutantId) -> &'static Rules {
    match id {
        MutantId::C1 => &C1,
        MutantId::C2 => &C2,
        MutantId::C3 => &C3,
        _ => &CORRECT,
    }
}

static CORRECT: Rules = PAPER;
// As a hash table that has three buckets, and a seed of its own in each process.
static C1: Rules =
    Rules { rank: |gid, server| (u64::from(gid.0) + u64::from(server.0)) % 3, ..PAPER };
static C2: Rules = Rules { stays: |_, _| false, ..PAPER };
static C3: Rules = Rules { without_groups: |owner| owner, ..PAPER };
