//! Commands in words: `install shard 5, piece 1 of 2, configuration 4`.

use core::fmt;

use super::{Command, Install};

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(call) => call.command.fmt(f),
            Self::Configure(config) => config.fmt(f),
            Self::Install(Install { config, shard, index, of, .. }) => {
                let piece = u64::from(*index) + 1;
                write!(f, "install shard {shard}, piece {piece} of {of}, configuration {config}")
            }
            Self::Delete { config, shard } => {
                write!(f, "delete shard {shard}, given away by configuration {config}")
            }
        }
    }
}
