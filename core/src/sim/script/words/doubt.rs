//! What may be asked about as text, without its `why`.

use core::fmt::{self, Display, Formatter};

use crate::sim::script::resolve::group_name;
use crate::sim::script::tree::Doubt;

impl Display for Doubt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot { slot, of: None } => write!(f, "slot {slot} is not committed"),
            Self::Slot { slot, of: Some(group) } => {
                write!(f, "slot {slot} of {} is not committed", group_name(*group))
            }
            Self::Leader(None) => f.write_str("nobody leads"),
            Self::Leader(Some(group)) => write!(f, "nobody leads {}", group_name(*group)),
            Self::Waits(client) => write!(f, "{client} waits"),
            Self::Shard(shard) => write!(f, "shard {shard} is not served"),
            Self::Configuration(group, number) => {
                write!(f, "{} has not taken configuration {number}", group_name(*group))
            }
        }
    }
}
