//! What a group's log holds, and what applying it gives.

use alloc::sync::Arc;

use serde::Serialize;

use super::pieces::Piece;
use crate::controller::Config;
use crate::id::{ConfigNumber, ShardId};
use crate::kv;
use crate::machine::{Answer, Call};

/// What the log of a group holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Command {
    /// A client's call.
    Client(Call<kv::Command>),
    /// The group goes on to this configuration.
    Configure(Config),
    /// A piece of a shard has come.
    Install(Install),
    /// The new owner has the shard: the copy kept since a configuration goes.
    Delete {
        /// The configuration that took it away.
        config: ConfigNumber,
        /// Which shard.
        shard: ShardId,
    },
}

/// A piece of a shard on its way to its new owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Install {
    /// The configuration that moves it.
    pub config: ConfigNumber,
    /// Which shard.
    pub shard: ShardId,
    /// Which piece, from 0.
    pub index: u32,
    /// How many pieces there are.
    pub of: u32,
    /// What it holds.
    pub piece: Arc<Piece>,
}

/// What applying a command gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Reply {
    /// The answer to a client's call.
    Client(Answer<kv::Reply>),
    /// The group does not serve the shard now. Nothing was executed and nothing is remembered, so
    /// that the same call may be made elsewhere, or here again later.
    WrongGroup {
        /// The group's present configuration.
        config: ConfigNumber,
    },
    /// Whether the configuration was taken.
    Configured(bool),
    /// What became of a piece.
    Install(Installed),
    /// Whether there was a copy to delete.
    Deleted(bool),
}

/// What a group says to a piece that is pushed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Installed {
    /// The group has not come to the piece's configuration: push it again later.
    NotYet {
        /// The group's present configuration.
        config: ConfigNumber,
    },
    /// The piece is here: this one comes next.
    Next(u32),
    /// The whole shard is here, or was and has gone on: the sender may delete its copy.
    Done,
}
