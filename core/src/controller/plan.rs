//! What a change would do, before it is done.

use alloc::vec::Vec;

use super::balance::fewest_moves;
use super::{Command, Config, Controller, Refusal};
use crate::id::{Gid, ShardId};

/// What a change would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The configuration that it would lead to.
    pub config: Config,
    /// The shards that would get another owner, in increasing order.
    pub transfers: Vec<Transfer>,
    /// The fewest shards that any change of this kind takes from one group and gives to another:
    /// any balanced assignment, for a join or a leave.
    pub fewest: u64,
}

/// A shard that gets another owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which one.
    pub shard: ShardId,
    /// Its present owner, or gid 0.
    pub from: Gid,
    /// Its next owner, or gid 0.
    pub to: Gid,
    /// Who has its data: its owner or, if it has none, who held it last. Gid 0: it has none yet.
    pub holder: Gid,
}

impl Transfer {
    /// Whether it takes the shard from one group and gives it to another: what a balance has as
    /// few of as possible.
    pub const fn is_move(&self) -> bool {
        self.from.0 != 0 && self.to.0 != 0
    }

    /// Whether data must travel from one group to another.
    pub const fn carries_data(&self) -> bool {
        self.holder.0 != 0 && self.to.0 != 0 && self.holder.0 != self.to.0
    }
}

impl Plan {
    /// How many shards are taken from one group and given to another.
    pub fn moves(&self) -> u64 {
        self.transfers.iter().filter(|transfer| transfer.is_move()).count() as u64
    }
}

impl Controller {
    /// What a command would do to the latest configuration. A query does nothing.
    ///
    /// # Errors
    ///
    /// The refusal that the command would get.
    pub fn plan(&self, command: &Command) -> Result<Plan, Refusal> {
        let (old, config) = (self.latest(), self.next(command)?);
        let owners = old.shards.iter().zip(config.shards.iter());
        let changes = (0..).map(ShardId).zip(owners).zip(config.holders.iter());
        let transfers: Vec<Transfer> = changes
            .filter(|((_, (from, to)), _)| from != to)
            .map(|((shard, (&from, &to)), &holder)| Transfer { shard, from, to, holder })
            .collect();
        let fewest = match command {
            Command::Join(_) | Command::Leave(_) => {
                fewest_moves(&old.shards, &config.gids().collect::<Vec<_>>())
            }
            Command::Move { .. } => 1,
            Command::Query(_) => 0,
        };
        Ok(Plan { config, transfers, fewest })
    }
}
