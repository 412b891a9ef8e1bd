//! The services that a world runs, as one machine: a plain store, the shard controller, a group of
//! the sharded store. So there is one kind of server, of log and of message, whatever runs on it.
//!
//! The log of a group holds commands of one service only. Which one is known from the group, so it
//! is in no encoding and in no digest.

use core::fmt;
use core::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use super::scenario::Scenario;
use crate::controller::{self, Controller};
use crate::id::{Gid, MutantId};
use crate::kv::{self, Kv, Versioned};
use crate::machine::{Answer, Call, Machine, Seat, Sessions};
use crate::shardkv::{self, ShardKv};

/// What the log of a group drives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// A store that has all keys.
    Store(Sessions<Kv>),
    /// The shard controller.
    Controller(Sessions<Controller>),
    /// A group of the sharded store.
    Shards(ShardKv),
}

/// A command of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Of a store that has all keys.
    Store(Call<kv::Command>),
    /// Of the shard controller.
    Controller(Call<controller::Command>),
    /// Of a group of the sharded store.
    Shards(shardkv::Command),
}

/// A reply of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Of a store that has all keys.
    Store(Answer<kv::Reply>),
    /// Of the shard controller.
    Controller(Answer<controller::Reply>),
    /// Of a group of the sharded store.
    Shards(shardkv::Reply),
    /// The command was for another service: it went astray, and nothing was done.
    Astray,
}

impl From<Sessions<Kv>> for Service {
    fn from(store: Sessions<Kv>) -> Self {
        Self::Store(store)
    }
}

impl From<Call<kv::Command>> for Command {
    fn from(call: Call<kv::Command>) -> Self {
        Self::Store(call)
    }
}

impl From<Answer<kv::Reply>> for Reply {
    fn from(answer: Answer<kv::Reply>) -> Self {
        Self::Store(answer)
    }
}

/// Writes and hashes what is inside and nothing of the case.
macro_rules! transparent {
    ($name:ident: $($case:ident)*; $($empty:ident)?) => {
        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                match self {
                    $(Self::$case(inner) => inner.hash(state),)*
                    $(Self::$empty => ().hash(state),)?
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$case(inner) => inner.serialize(serializer),)*
                    $(Self::$empty => serializer.serialize_unit(),)?
                }
            }
        }
    };
}

transparent!(Service: Store Controller Shards;);
transparent!(Command: Store Controller Shards;);
transparent!(Reply: Store Controller Shards; Astray);

impl Service {
    /// What a group runs before its first command.
    pub(super) fn of(scenario: &Scenario, group: Gid) -> Self {
        let sessions = scenario.sessions;
        match (scenario.sharding, group) {
            (None, _) => Self::Store(Sessions::around(Kv::default(), sessions)),
            (Some(sharding), Gid(0)) => {
                Self::Controller(Sessions::around(Controller::new(sharding.shards), sessions))
            }
            (Some(sharding), gid) => {
                let settings = shardkv::Settings {
                    shards: sharding.shards,
                    routing: sharding.routing,
                    sessions,
                    piece_limit: scenario.snapshot_above,
                    pause_all: sharding.pause_all,
                };
                Self::Shards(ShardKv::new(gid, settings))
            }
        }
    }

    /// The command that carries out a client's call about a key; none: this service has no keys.
    pub(super) fn order(&self, call: Call<kv::Command>) -> Option<Command> {
        match self {
            Self::Store(_) => Some(Command::Store(call)),
            Self::Shards(_) => Some(Command::Shards(shardkv::Command::Client(call))),
            Self::Controller(_) => None,
        }
    }

    /// A store that has all keys.
    pub const fn store(&self) -> Option<&Sessions<Kv>> {
        match self {
            Self::Store(store) => Some(store),
            _ => None,
        }
    }

    /// Every store in it: the one that has all keys, or that of each shard.
    pub fn stores(&self) -> impl Iterator<Item = &Sessions<Kv>> {
        let holdings = self.shards().into_iter().flat_map(ShardKv::holdings);
        self.store().into_iter().chain(holdings.filter_map(|(_, holding)| holding.data()))
    }

    /// The value of a key, if it is stored here.
    pub fn get(&self, key: &str) -> Option<&Versioned> {
        let cells = self.stores().flat_map(|store| store.machine().iter());
        cells.into_iter().find(|(known, _)| &***known == key).map(|(_, cell)| cell)
    }

    /// The shard controller.
    pub const fn controller(&self) -> Option<&Sessions<Controller>> {
        match self {
            Self::Controller(controller) => Some(controller),
            _ => None,
        }
    }

    /// A group of the sharded store.
    pub const fn shards(&self) -> Option<&ShardKv> {
        match self {
            Self::Shards(shards) => Some(shards),
            _ => None,
        }
    }
}

impl Command {
    /// The client's call that it is about, if it is about a key.
    pub const fn call(&self) -> Option<&Call<kv::Command>> {
        match self {
            Self::Store(call) | Self::Shards(shardkv::Command::Client(call)) => Some(call),
            _ => None,
        }
    }
}

/// In words: `append x 1`, `install piece 1 of 2 of shard 5`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(call) => call.command.fmt(f),
            Self::Controller(call) => call.command.fmt(f),
            Self::Shards(command) => command.fmt(f),
        }
    }
}

impl Reply {
    /// The answer to a client's call about a key.
    pub const fn answer(&self) -> Option<&Answer<kv::Reply>> {
        match self {
            Self::Store(answer) | Self::Shards(shardkv::Reply::Client(answer)) => Some(answer),
            _ => None,
        }
    }
}

impl Machine for Service {
    type Command = Command;
    type Reply = Reply;

    fn apply(&mut self, command: &Command) -> Reply {
        self.execute(MutantId::Paper, command)
    }

    fn read(&self, command: &Command) -> Option<Reply> {
        match (self, command) {
            (Self::Store(store), Command::Store(call)) => store.read(call).map(Reply::Store),
            (Self::Controller(it), Command::Controller(call)) => {
                it.read(call).map(Reply::Controller)
            }
            (Self::Shards(shards), Command::Shards(command)) => {
                shards.read(command).map(Reply::Shards)
            }
            _ => None,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Store(store) => store.bytes(),
            Self::Controller(controller) => controller.bytes(),
            Self::Shards(shards) => shards.bytes(),
        }
    }

    fn enter(&mut self, seat: Seat) {
        match self {
            Self::Store(store) => store.enter(seat),
            Self::Controller(controller) => controller.enter(seat),
            Self::Shards(shards) => shards.enter(seat),
        }
    }

    fn capture(&self, mutant: MutantId) -> Self {
        match self {
            Self::Store(store) => Self::Store(store.capture(mutant)),
            Self::Controller(controller) => Self::Controller(controller.capture(mutant)),
            Self::Shards(shards) => Self::Shards(shards.capture(mutant)),
        }
    }

    fn install(&mut self, mutant: MutantId, snapshot: Self) {
        match (self, snapshot) {
            (Self::Store(store), Self::Store(snapshot)) => store.install(mutant, snapshot),
            (Self::Controller(it), Self::Controller(snapshot)) => it.install(mutant, snapshot),
            (Self::Shards(shards), Self::Shards(snapshot)) => shards.install(mutant, snapshot),
            (state, snapshot) => *state = snapshot,
        }
    }

    fn execute(&mut self, mutant: MutantId, command: &Command) -> Reply {
        match (self, command) {
            (Self::Store(store), Command::Store(call)) => Reply::Store(store.execute(mutant, call)),
            (Self::Controller(controller), Command::Controller(call)) => {
                Reply::Controller(controller.execute(mutant, call))
            }
            (Self::Shards(shards), Command::Shards(command)) => {
                Reply::Shards(shards.execute(mutant, command))
            }
            _ => Reply::Astray,
        }
    }

    fn known(&self, mutant: MutantId, command: &Command) -> Option<Reply> {
        match (self, command) {
            (Self::Store(store), Command::Store(call)) => {
                store.known(mutant, call).map(Reply::Store)
            }
            (Self::Controller(controller), Command::Controller(call)) => {
                controller.known(mutant, call).map(Reply::Controller)
            }
            (Self::Shards(shards), Command::Shards(command)) => {
                shards.known(mutant, command).map(Reply::Shards)
            }
            _ => None,
        }
    }
}
