//! The shard controller: which group of servers owns which shard, as a deterministic machine.
//!
//! Its state is a list of configurations, which only grows. Groups join and leave, and the shards
//! are then spread evenly with the fewest moves ([`balance()`]). A shard that was moved by hand
//! stays where it was put until the next join or leave.

mod balance;
mod change;
mod config;
mod plan;
mod refusal;
pub mod rules;
mod words;

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use self::change::Groups;
use crate::chunks::Chunks;
use crate::id::{ConfigNumber, Gid, NodeId, ShardId};
use crate::machine::{Machine, Seat, encoded_len, varint_len};

pub use balance::{balance, fewest_moves};
pub use config::Config;
pub use plan::{Plan, Transfer};
pub use refusal::Refusal;

/// The most shards that a store is divided into.
pub const MAX_SHARDS: u16 = 64;

/// The most groups in one configuration. Beyond it a join is refused.
pub const MAX_GROUPS: usize = 31;

/// The most servers of a group. Beyond it a join is refused.
pub const MAX_SERVERS: usize = 9;

/// The most groups that were ever there: the servers of each are remembered. Beyond it a join of a
/// new one is refused.
pub const MAX_KNOWN: usize = 64;

/// The most configurations, the first included: all are kept. Beyond it every change is refused.
pub const MAX_CONFIGS: u64 = 10_000;

/// What may be asked of the controller.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Adds groups, each with its servers, and spreads the shards.
    Join(Vec<(Gid, Vec<NodeId>)>),
    /// Takes groups out and spreads the shards.
    Leave(Vec<Gid>),
    /// Gives one shard to a group, and leaves all others where they are.
    Move {
        /// Which shard.
        shard: ShardId,
        /// To which group.
        to: Gid,
    },
    /// The configuration with a number; the latest one without a number, or if there is none yet
    /// with that number.
    Query(Option<ConfigNumber>),
}

/// What the controller says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Reply {
    /// The configuration asked for.
    Config(Config),
    /// The change is made: it led to the configuration with this number.
    Changed(ConfigNumber),
    /// Nothing was changed, and why.
    Refused(Refusal),
}

/// The controller: every configuration so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Controller {
    /// By number, without a gap from 0.
    configs: Chunks<Config>,
    /// Every group that was ever there.
    known: Arc<Groups>,
    /// Bytes of all configurations, without their number.
    #[serde(skip)]
    entries: u64,
    #[serde(skip)]
    seat: Seat,
}

impl Controller {
    /// A controller of `shards` shards, from 1 to [`MAX_SHARDS`] (a number outside counts as the
    /// nearest), with configuration 0: no group, and nobody owns anything.
    pub fn new(shards: u16) -> Self {
        let initial = Config::initial(shards.clamp(1, MAX_SHARDS));
        let entries = encoded_len(&initial);
        let mut configs = Chunks::default();
        configs.push(initial);
        Self { configs, known: Arc::default(), entries, seat: Seat::default() }
    }

    /// The latest configuration.
    pub fn latest(&self) -> &Config {
        self.configs.last().expect("configuration 0 is there from the beginning")
    }

    /// The configuration with a number; the latest one without a number, or beyond the last.
    pub fn config(&self, number: Option<ConfigNumber>) -> &Config {
        number.and_then(|number| self.configs.get(number.0)).unwrap_or_else(|| self.latest())
    }

    /// All configurations, by number.
    pub fn configs(&self) -> impl Iterator<Item = &Config> {
        self.configs.iter()
    }

    /// One that has made these configurations, whatever they are.
    #[cfg(test)]
    pub(crate) fn with(configs: impl IntoIterator<Item = Config>) -> Self {
        let mut controller = Self::new(1);
        controller.configs = Chunks::default();
        configs.into_iter().for_each(|config| controller.take(config));
        controller
    }

    fn take(&mut self, config: Config) {
        for (gid, servers) in config.groups.iter() {
            if !self.known.contains_key(gid) {
                Arc::make_mut(&mut self.known).insert(*gid, servers.clone());
            }
        }
        self.entries += encoded_len(&config);
        self.configs.push(config);
    }
}

impl Machine for Controller {
    type Command = Command;
    type Reply = Reply;

    fn apply(&mut self, command: &Command) -> Reply {
        if let Some(reply) = self.read(command) {
            return reply;
        }
        match self.next(command) {
            Ok(config) => {
                let number = config.number;
                self.take(config);
                Reply::Changed(number)
            }
            Err(refusal) => Reply::Refused(refusal),
        }
    }

    fn read(&self, command: &Command) -> Option<Reply> {
        match command {
            Command::Query(number) => Some(Reply::Config(self.config(*number).clone())),
            _ => None,
        }
    }

    fn bytes(&self) -> u64 {
        varint_len(self.configs.len()) + self.entries + encoded_len(&self.known)
    }

    fn enter(&mut self, seat: Seat) {
        self.seat = seat;
    }
}

#[cfg(test)]
mod tests;
