//! What the world runs: its services on Raft.

use super::service::{Command, Reply, Service};
use crate::protocol::Sealed;
use crate::raft::{self, Raft};
use crate::server::{self, Act, Acts, WireOf};

/// What the log drives.
pub type Machine = Service;
/// The protocol.
pub type Replica = Raft<Machine>;
/// A server.
pub type Server = server::Server<Replica>;
/// What travels.
pub type StoreWire = WireOf<Replica>;
/// What a server wants done.
pub type StoreAct = Act<Replica>;
/// A list of it.
pub type StoreActs = Acts<Replica>;
/// A disk's content.
pub type Durable = raft::message::Durable<Machine>;
/// What a disk is told.
pub type Record = raft::message::Record<Machine>;
/// What a log holds.
pub type StoreCommand = Command;
/// A log entry.
pub type StoreEntry = Sealed<StoreCommand>;
/// What applying one gives.
pub type StoreReply = Reply;
/// A log.
pub type Log = raft::log::Log<StoreCommand>;
