//! What a group has of a shard.

use serde::Serialize;

use super::rules::Place;
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::kv::Kv;
use crate::machine::{Machine, Sessions, varint_len};

/// What a group has of a shard. Data and sessions are one value, so that neither can stay behind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Holding {
    /// Nothing.
    Absent,
    /// All of it, and it is served.
    Serving(Sessions<Kv>),
    /// A copy that does not change any more and that the new owner must get.
    Frozen {
        /// The new owner.
        to: Gid,
        /// The configuration that took the shard away.
        config: ConfigNumber,
        /// The copy.
        data: Sessions<Kv>,
    },
    /// What has come of it so far.
    Awaiting {
        /// Who has it.
        from: Gid,
        /// The configuration that gave the shard to this group.
        config: ConfigNumber,
        /// The piece that comes next.
        next: u32,
        /// What the pieces so far make up.
        data: Sessions<Kv>,
    },
    /// All of it, kept: nobody owns the shard, and this group held it last.
    Parked(Sessions<Kv>),
}

/// Which kind of holding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "`Holding` says what each one is")]
pub enum Status {
    Absent,
    Serving,
    Frozen,
    Awaiting,
    Parked,
}

impl Holding {
    /// Which kind it is.
    pub const fn status(&self) -> Status {
        match self {
            Self::Absent => Status::Absent,
            Self::Serving(_) => Status::Serving,
            Self::Frozen { .. } => Status::Frozen,
            Self::Awaiting { .. } => Status::Awaiting,
            Self::Parked(_) => Status::Parked,
        }
    }

    /// What is here of the shard; for an awaited one, what has come so far.
    pub const fn data(&self) -> Option<&Sessions<Kv>> {
        match self {
            Self::Absent => None,
            Self::Serving(data) | Self::Parked(data) => Some(data),
            Self::Frozen { data, .. } | Self::Awaiting { data, .. } => Some(data),
        }
    }

    pub(super) const fn data_mut(&mut self) -> Option<&mut Sessions<Kv>> {
        match self {
            Self::Absent => None,
            Self::Serving(data) | Self::Parked(data) => Some(data),
            Self::Frozen { data, .. } | Self::Awaiting { data, .. } => Some(data),
        }
    }

    /// What a configuration makes of it; `limit` is how many sessions a new table may hold.
    pub(super) fn after(self, place: Place, config: ConfigNumber, limit: u32) -> Self {
        let empty = || Sessions::around(Kv::default(), limit);
        match (place, self) {
            (Place::New, Self::Absent) => Self::Serving(empty()),
            (Place::Kept, Self::Parked(data)) => Self::Serving(data),
            (Place::From(from), Self::Absent | Self::Frozen { .. } | Self::Parked(_)) => {
                Self::Awaiting { from, config, next: 0, data: empty() }
            }
            (Place::Elsewhere(to), Self::Serving(data) | Self::Parked(data)) => {
                Self::Frozen { to, config, data }
            }
            // Only a group that goes on before it has finished gives away what it still awaits.
            (Place::Elsewhere(to), Self::Awaiting { data, .. }) => {
                Self::Frozen { to, config, data }
            }
            (Place::Nowhere, Self::Serving(data)) => Self::Parked(data),
            (_, other) => other,
        }
    }

    /// Its size in bytes of the postcard encoding.
    pub(super) fn bytes(&self) -> u64 {
        let data = self.data().map_or(0, Machine::bytes);
        // The number of the variant is one byte.
        1 + data
            + match self {
                Self::Absent | Self::Serving(_) | Self::Parked(_) => 0,
                Self::Frozen { to, config, .. } => varint_len(to.0.into()) + varint_len(config.0),
                Self::Awaiting { from, config, next, .. } => {
                    varint_len(from.0.into()) + varint_len(config.0) + varint_len((*next).into())
                }
            }
    }
}

/// A set of shards with numbers below [`ShardSet::LIMIT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShardSet(u64);

impl ShardSet {
    /// Shards with this number or a higher one are never members.
    pub const LIMIT: u16 = 64;

    const fn bit(shard: ShardId) -> u64 {
        if shard.0 < Self::LIMIT { 1 << shard.0 } else { 0 }
    }

    /// Adds a shard or takes it out.
    pub const fn set(&mut self, shard: ShardId, member: bool) {
        let bit = Self::bit(shard);
        if member { self.0 |= bit } else { self.0 &= !bit }
    }

    /// Whether a shard is a member.
    pub const fn contains(self, shard: ShardId) -> bool {
        self.0 & Self::bit(shard) != 0
    }

    /// Whether no shard is a member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in increasing order.
    pub fn iter(self) -> impl Iterator<Item = ShardId> {
        (0..Self::LIMIT).map(ShardId).filter(move |shard| self.contains(*shard))
    }
}
