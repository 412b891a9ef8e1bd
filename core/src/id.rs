//! Typed numbers, so that a slot is never taken for a term.

mod mutant;

use core::fmt;
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

pub use mutant::MutantId;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        pub struct $name(pub $int);

        impl $name {
            /// The number after this one, saturating.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }

            /// The number before this one, or zero.
            #[must_use]
            pub const fn previous(self) -> Self {
                Self(self.0.saturating_sub(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A process of the world: servers come first, then clients. Counted from 0.
    NodeId, u16
);
number!(
    /// Raft's logical clock (§5.1). Term 0 is before the first election.
    Term, u64
);
number!(
    /// The term or ballot in which a replica leads, whatever its protocol calls it.
    Epoch, u64
);
number!(
    /// A position in a replicated log. The first entry has slot 1; slot 0 is before the log.
    Slot, u64
);
number!(
    /// A replica group of the sharded store. 0 is no group: whatever is assigned to it is served by
    /// nobody.
    Gid, u16
);
number!(
    /// A shard: a part of all keys. Counted from 0.
    ShardId, u16
);
number!(
    /// A configuration of the sharded store: who owns which shard. They follow one another without
    /// a gap from 0, in which nobody owns anything.
    ConfigNumber, u64
);
number!(
    /// A client session. Ids are issued in increasing order; 0 is no client.
    ClientId, u64
);
number!(
    /// The number of an operation within its session, from 1. 0 is before the first.
    Serial, u64
);
number!(
    /// A read that waits at a server until it is safe to answer. Unique within an incarnation.
    Ticket, u64
);
number!(
    /// How often a process has been started, from 0.
    Incarnation, u32
);

/// The identity of a log entry: Raft's log matching property (§5.3) makes the pair of term and
/// slot stand for the whole prefix up to it.
///
/// Ordered by term first, then slot: exactly the "more up-to-date" order of §5.4.1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct LogId {
    /// The term in which a leader created the entry.
    pub term: Term,
    /// Where it stands in the log.
    pub slot: Slot,
}

impl LogId {
    /// Before the first entry of every log.
    pub const ORIGIN: Self = Self { term: Term(0), slot: Slot(0) };
}

/// `5@3`: slot 5, created in term 3.
impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.slot, self.term)
    }
}

/// A set of processes with numbers below [`NodeSet::LIMIT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSet(u128);

/// One word for most worlds, which have fewer than 64 processes.
impl Hash for NodeSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        state.write_u64(low);
        if high != 0 {
            state.write_u64(high);
        }
    }
}

impl NodeSet {
    /// Processes with this number or a higher one are never members.
    pub const LIMIT: u16 = 128;
    /// Nobody.
    pub const EMPTY: Self = Self(0);

    const fn bit(node: NodeId) -> u128 {
        if node.0 < Self::LIMIT { 1 << node.0 } else { 0 }
    }

    /// Adds `node`; a number at or above the limit is ignored.
    pub const fn insert(&mut self, node: NodeId) {
        self.0 |= Self::bit(node);
    }

    /// Takes `node` out.
    pub const fn remove(&mut self, node: NodeId) {
        self.0 &= !Self::bit(node);
    }

    /// Whether `node` is a member.
    pub const fn contains(self, node: NodeId) -> bool {
        self.0 & Self::bit(node) != 0
    }

    /// How many members there are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether nobody is a member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The members of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The members in increasing order.
    pub fn iter(self) -> impl Iterator<Item = NodeId> + Clone {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let next = (rest != 0).then_some(NodeId(rest.trailing_zeros() as u16))?;
            rest &= rest - 1;
            Some(next)
        })
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = Self::EMPTY;
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn log_ids_are_ordered_as_up_to_date_logs_are() {
        let id = |term, slot| LogId { term: Term(term), slot: Slot(slot) };
        assert!(id(2, 1) > id(1, 9), "a later last term wins whatever the length (§5.4.1)");
        assert!(id(2, 3) > id(2, 2), "with equal last terms the longer log wins");
    }

    #[test]
    fn a_set_ignores_numbers_that_it_cannot_hold() {
        let mut set: NodeSet = [NodeId(0), NodeId(127), NodeId(5)].into_iter().collect();
        set.insert(NodeId(128));
        set.insert(NodeId(u16::MAX));
        assert_eq!(set.iter().collect::<Vec<_>>(), [NodeId(0), NodeId(5), NodeId(127)]);
        assert!(!set.contains(NodeId(128)));
        set.remove(NodeId(5));
        assert_eq!(set.len(), 2);
    }
}
