//! A process of the world, and what surrounds it: clock, disk, inbox.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::client::Client;
use super::clock::Clock;
use super::packet::Label;
use super::queue::Place;
use super::store::{Durable, Server, StoreActs, StoreWire};
use crate::id::{Incarnation, NodeId};
use crate::kv::Command;
use crate::shardkv::Mover;
use crate::shardkv::clerk::Operation;
use crate::time::{Alarm, Instant};

/// A process of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub(super) id: NodeId,
    pub(super) clock: Clock,
    pub(super) process: Process,
    /// It stands still.
    pub(super) paused: bool,
    /// Effects that are held back, and what waits meanwhile.
    pub(super) hold: Option<Hold>,
    pub(super) inbox: VecDeque<Input>,
    /// Where the event that takes the next thing from the inbox stands in the queue.
    pub(super) next: Option<Place>,
}

/// What runs in a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// A server and its disk.
    Server(Box<ServerProcess>),
    /// A client.
    Client(Box<Client>),
}

/// A server and its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerProcess {
    /// What the disk holds.
    pub(super) durable: Durable,
    /// The server, if it runs.
    pub(super) server: Option<Server>,
    /// What else it does as a member of a group that holds shards, if it is one and runs.
    pub(super) mover: Option<Mover>,
    pub(super) incarnation: Incarnation,
    /// Writes so far.
    pub(super) writes: u64,
    /// How many times slower than usual the disk is.
    pub(super) slower: u32,
}

/// Effects that are held until a write, or the work on an event, has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    /// When it ends.
    pub(super) ends: Instant,
    /// Where its end stands in the queue; none while the process is paused.
    pub(super) place: Option<Place>,
    pub(super) acts: StoreActs,
    /// Something is being written.
    pub(super) writing: bool,
    /// A crash meanwhile leaves the new state on the disk, not the old.
    pub(super) survives: bool,
}

/// What waits for a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Message(Label, StoreWire),
    Campaign,
    /// To hand its office over.
    Transfer(NodeId),
    Call(Operation),
    Propose(Command),
}

impl Node {
    /// Its number.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Whether it stands still.
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether it is a server that runs: it has not crashed, and is not paused.
    pub fn runs(&self) -> bool {
        self.server().is_some() && !self.paused
    }

    /// Whether its disk is being written.
    pub fn is_writing(&self) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.writing)
    }

    /// Whether it is a server that is down.
    pub fn is_down(&self) -> bool {
        matches!(&self.process, Process::Server(server) if server.server.is_none())
    }

    /// How many things wait for it.
    pub fn backlog(&self) -> usize {
        self.inbox.len()
    }

    /// Its clock.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The server that runs in it.
    pub fn server(&self) -> Option<&Server> {
        match &self.process {
            Process::Server(process) => process.server.as_ref(),
            Process::Client(_) => None,
        }
    }

    /// What hands shards over in it.
    pub fn mover(&self) -> Option<&Mover> {
        match &self.process {
            Process::Server(process) => process.mover.as_ref(),
            Process::Client(_) => None,
        }
    }

    /// What its disk holds.
    pub fn durable(&self) -> Option<&Durable> {
        match &self.process {
            Process::Server(process) => Some(&process.durable),
            Process::Client(_) => None,
        }
    }

    /// How many times slower than usual its disk is; 1 for a process without one.
    pub const fn disk_times(&self) -> u32 {
        match &self.process {
            Process::Server(process) => process.slower,
            Process::Client(_) => 1,
        }
    }

    /// The client that runs in it.
    pub fn client(&self) -> Option<&Client> {
        match &self.process {
            Process::Client(client) => Some(client),
            Process::Server(_) => None,
        }
    }

    /// When it wants to be woken, on its own clock.
    pub fn alarm(&self) -> Option<Alarm> {
        match &self.process {
            Process::Server(process) => process.alarm(),
            Process::Client(client) => client.alarm(),
        }
    }

    /// Whether it can take something now.
    pub(super) const fn is_free(&self) -> bool {
        !self.paused && self.hold.is_none()
    }

    pub(super) fn server_process(&mut self) -> Option<&mut ServerProcess> {
        match &mut self.process {
            Process::Server(process) => Some(process),
            Process::Client(_) => None,
        }
    }
}
