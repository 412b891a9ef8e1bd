//! The picture of a sharded store at one moment: what the configuration assigns, what each group
//! holds, what is on its way.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::controller::Transfer;
use crate::id::{ConfigNumber, Gid, NodeId, ShardId, Term};
use crate::shardkv::Status;
use crate::time::Instant;
use crate::view::{Client, Server};

/// A sharded store at one moment.
///
/// A part that did not change between two steps compares equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// What the configuration assigns.
    pub assignment: Assignment,
    /// The controller's group.
    pub controller: Team,
    /// The groups that hold shards, by increasing number, whether they have joined or not.
    pub groups: Vec<Group>,
    /// Shards that are being handed over, by group and shard.
    pub parcels: Vec<Parcel>,
    /// The clients, by increasing number; the last one is the operator.
    pub clients: Vec<Arc<Client>>,
    /// Some link is cut.
    pub cut: bool,
}

/// The latest configuration that any running server of the controller has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Its number. 0 as well if no server of the controller runs.
    pub number: ConfigNumber,
    /// The owner of each shard; gid 0: nobody.
    pub owners: Vec<Gid>,
    /// The groups in it, in increasing order.
    pub members: Vec<Gid>,
    /// What it changed against the one before it.
    pub changes: Vec<Transfer>,
}

/// The servers of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The group's number; 0: the controller's.
    pub gid: Gid,
    /// The leader of the highest term, if it runs.
    pub leader: Option<NodeId>,
    /// The highest term that one of its servers has.
    pub term: Term,
    /// Its servers, by increasing number, each with its log and what it stores.
    pub servers: Vec<Arc<Server>>,
}

/// A group that holds shards, as its running server knows it that has applied most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its servers.
    pub team: Team,
    /// The latest configuration has it.
    pub joined: bool,
    /// The latest configuration has not got it, and an earlier one has.
    pub left: bool,
    /// No client reaches a server of it and hears from it: links are cut.
    pub cut: bool,
    /// The configuration that it has come to; none: none of its servers runs.
    pub number: Option<ConfigNumber>,
    /// What it has of shards, by increasing number. A shard that it has nothing of is not in it.
    pub shards: Vec<Held>,
    /// Its state in bytes of the postcard encoding.
    pub bytes: u64,
}

impl Group {
    /// The shards that it serves, by increasing number.
    pub fn serves(&self) -> impl Iterator<Item = ShardId> {
        self.shards.iter().filter(|held| held.served).map(|held| held.shard)
    }
}

/// What a group has of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub shard: ShardId,
    /// Serving, frozen, awaited or parked; never absent.
    pub status: Status,
    /// It answers clients now: the group serves it, and a majority of the group's servers runs.
    pub served: bool,
    /// The group that gets it (frozen) or has it (awaited).
    pub other: Option<Gid>,
    /// How many keys are here.
    pub keys: u32,
    /// Data and sessions in bytes of the postcard encoding.
    pub bytes: u64,
}

/// A shard that its old owner has frozen and must hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which one.
    pub shard: ShardId,
    /// Its old owner.
    pub from: Gid,
    /// Its new owner.
    pub to: Gid,
    /// The configuration that moves it.
    pub number: ConfigNumber,
    /// How many keys it has.
    pub keys: u32,
    /// How many of them the new owner's log holds.
    pub arrived: u32,
    /// How far it is.
    pub passage: Passage,
    /// The piece of it that is furthest on its way, if one is.
    pub leg: Option<Leg>,
}

/// A piece of a shard on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which piece, from 0.
    pub index: u32,
    /// How many pieces there are.
    pub of: u32,
    /// How far this piece is.
    pub stage: LegStage,
}

/// How far a piece of a shard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegStage {
    /// It is held back in the network.
    Held,
    /// It is in the air.
    Flies {
        /// Since when.
        sent: Instant,
        /// When it arrives.
        arrives: Instant,
    },
    /// A server of the new owner has it in its log, but has not applied it.
    Logged,
}

impl LegStage {
    /// Of several copies of a piece, the one with the highest rank is there first.
    pub(super) const fn rank(self) -> (u8, Reverse<Instant>) {
        match self {
            Self::Held => (0, Reverse(Instant::ZERO)),
            Self::Flies { arrives, .. } => (1, Reverse(arrives)),
            Self::Logged => (2, Reverse(Instant::ZERO)),
        }
    }
}

impl Parcel {
    /// How much of its way it has behind it, in parts per thousand.
    pub fn travelled(&self, now: Instant) -> u32 {
        let leg = match (self.passage, self.leg) {
            (Passage::Unexpected, _) | (Passage::Expected, None) => return 0,
            (Passage::Delivered, _) => return 1_000,
            (Passage::Expected, Some(leg)) => leg,
        };
        let part = match leg.stage {
            LegStage::Held => 500,
            LegStage::Flies { sent, arrives } => {
                let length = arrives.since(sent).as_micros().max(1);
                now.since(sent).as_micros().min(length) * 1_000 / length
            }
            LegStage::Logged => 1_000,
        };
        let of = u64::from(leg.of.max(1));
        ((u64::from(leg.index) * 1_000 + part) / of).min(1_000) as u32
    }
}

/// How far a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// The new owner has not come to the configuration.
    Unexpected,
    /// The new owner waits for it; some of it may be there.
    Expected,
    /// The new owner has all of it: the copy that is left will be deleted.
    Delivered,
}

/// Where a key belongs, and who answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// What the key's shard is told by: its hash or its first byte.
    pub number: u32,
    /// That number modulo the number of shards.
    pub shard: ShardId,
    /// Who owns the shard by the latest configuration; gid 0: nobody.
    pub owner: Gid,
    /// Who serves it now, if somebody does.
    pub served_by: Option<Gid>,
}
