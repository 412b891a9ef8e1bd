//! Why a change is not made.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{MAX_CONFIGS, MAX_GROUPS, MAX_KNOWN, MAX_SERVERS};
use crate::id::{Gid, NodeId, ShardId};

/// Why a change is not made. The configuration stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// The list of groups is empty.
    Nobody,
    /// Gid 0 is named, which stands for no group.
    NoGroup,
    /// A group is named twice in one change.
    Twice(Gid),
    /// The group that is to join is there.
    Present(Gid),
    /// The group that is to leave, or to get a shard, is not there.
    Absent(Gid),
    /// More groups would be there than [`MAX_GROUPS`].
    TooManyGroups,
    /// More groups would have been there over time than [`MAX_KNOWN`].
    TooManyKnown,
    /// The group has no server.
    NoServer(Gid),
    /// The group has more servers than [`MAX_SERVERS`].
    TooManyServers(Gid),
    /// The group names a server twice.
    ServerTwice {
        /// The group.
        gid: Gid,
        /// The server.
        server: NodeId,
    },
    /// The server belongs to another group, now or from an earlier time.
    ServerTaken {
        /// The group that is to join.
        gid: Gid,
        /// The server.
        server: NodeId,
        /// To which group.
        by: Gid,
    },
    /// The group was there before, with other servers, and what it holds is with them.
    OtherServers(Gid),
    /// There is no such shard.
    NoShard {
        /// Which one.
        shard: ShardId,
        /// How many there are.
        shards: u16,
    },
    /// The shard that is to move is there.
    Owner {
        /// Which one.
        shard: ShardId,
        /// Its owner.
        gid: Gid,
    },
    /// There are as many configurations as are kept, [`MAX_CONFIGS`].
    Full,
}

/// One sentence that says what is wrong and how to mend it. It names no server: what servers are
/// called is known outside only.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("No group is named: name at least one."),
            Self::NoGroup => f.write_str("Group 0 stands for no group: number groups from 1."),
            Self::Twice(gid) => write!(f, "Group {gid} is named twice: name it once."),
            Self::Present(gid) => {
                write!(f, "Group {gid} has joined already: let another one join.")
            }
            Self::Absent(gid) => {
                write!(f, "Group {gid} is not in the configuration: let it join first.")
            }
            Self::TooManyGroups => {
                write!(f, "There can be at most {MAX_GROUPS} groups: let one leave first.")
            }
            Self::TooManyKnown => write!(
                f,
                "No more than {MAX_KNOWN} groups are remembered, and as many have joined over \
                 time: let one of them come back."
            ),
            Self::NoServer(gid) => {
                write!(f, "Group {gid} has no server: name at least one.")
            }
            Self::TooManyServers(gid) => {
                write!(f, "Group {gid} has more than {MAX_SERVERS} servers: name fewer.")
            }
            Self::ServerTwice { gid, .. } => {
                write!(f, "Group {gid} names a server twice: name each once.")
            }
            Self::ServerTaken { gid, by, .. } => write!(
                f,
                "Group {gid} names a server that belongs to group {by}: name servers of its own."
            ),
            Self::OtherServers(gid) => write!(
                f,
                "Group {gid} was there before with other servers, and its data may be with them: \
                 name the same ones."
            ),
            Self::NoShard { shard, shards } => {
                let last = shards.saturating_sub(1);
                write!(f, "There is no shard {shard}: name one from 0 to {last}.")
            }
            Self::Owner { shard, gid } => {
                write!(f, "Shard {shard} belongs to group {gid} already: name another group.")
            }
            Self::Full => write!(
                f,
                "No more than {MAX_CONFIGS} configurations are kept, and there are as many: begin \
                 a new run."
            ),
        }
    }
}
