//! The clerk of a client, whichever kind it is: of one group, or of a sharded store.

use alloc::boxed::Box;

use crate::clerk::{Clerk, Errands};
use crate::id::{ClientId, NodeId, Serial};
use crate::kv::{Command, Reply};
use crate::machine::Answer;
use crate::rng::Rng;
use crate::server::Response;
use crate::shardkv::ShardClerk;
use crate::shardkv::clerk::{self, Heard, Operation};
use crate::sim::scenario::Scenario;
use crate::sim::service;
use crate::sim::store::StoreReply;
use crate::sim::world::STRIDE;
use crate::time::{Alarm, Instant};

/// The clerk of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Of one group.
    Group(Clerk<Command>),
    /// Of a sharded store.
    Sharded(Box<ShardClerk>),
}

/// Where a client puts what it wants done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sim) struct Outbox {
    /// Of a clerk of one group.
    pub(in crate::sim) group: Errands<Command, Reply>,
    /// Of a clerk of a sharded store.
    pub(in crate::sim) sharded: clerk::Errands,
    /// The operation that a clerk of a sharded store has begun, though it may have to ask its way
    /// before it can send it.
    pub(in crate::sim) begun: Option<(Serial, Operation)>,
}

impl Caller {
    /// The clerk of the client with number `who`, from 1.
    pub(in crate::sim) fn of(scenario: &Scenario, who: u32, lane: Rng) -> Self {
        let (client, patience) = (ClientId(u64::from(who)), scenario.patience);
        match scenario.sharding {
            None => {
                let servers = scenario.server_ids().collect();
                let clerk = Clerk::new(servers, client, STRIDE, patience, lane);
                Self::Group(clerk.with(scenario.mutant))
            }
            Some(sharding) => {
                let controllers = scenario.members(Default::default()).collect();
                let clerk =
                    ShardClerk::new(controllers, sharding.routing, client, STRIDE, patience, lane);
                Self::Sharded(Box::new(clerk.with(scenario.mutant)))
            }
        }
    }

    /// The clerk, if it is one of one group.
    pub fn group(&self) -> Option<&Clerk<Command>> {
        match self {
            Self::Group(clerk) => Some(clerk),
            Self::Sharded(_) => None,
        }
    }

    /// The clerk, if it is one of a sharded store.
    pub fn sharded(&self) -> Option<&ShardClerk> {
        match self {
            Self::Group(_) => None,
            Self::Sharded(clerk) => Some(clerk),
        }
    }

    /// Its newest session.
    pub fn session(&self) -> ClientId {
        match self {
            Self::Group(clerk) => clerk.client(),
            Self::Sharded(clerk) => clerk.client(),
        }
    }

    /// The number of the open or last call.
    pub fn serial(&self) -> Serial {
        match self {
            Self::Group(clerk) => clerk.serial(),
            Self::Sharded(clerk) => clerk.serial(),
        }
    }

    /// Whether a call is open.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Group(clerk) => clerk.is_busy(),
            Self::Sharded(clerk) => clerk.is_busy(),
        }
    }

    pub(super) fn alarm(&self) -> Option<Alarm> {
        match self {
            Self::Group(clerk) => clerk.alarm(),
            Self::Sharded(clerk) => clerk.alarm(),
        }
    }

    /// What would be begun now, if it is not seen from the requests.
    pub(super) fn begins(&self, operation: &Operation) -> Option<(Serial, Operation)> {
        match self {
            Self::Group(_) => None,
            Self::Sharded(clerk) => Some((clerk.serial().next(), operation.clone())),
        }
    }

    /// How often the open call was sent.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Group(clerk) => clerk.attempts(),
            Self::Sharded(clerk) => clerk.attempts(),
        }
    }

    /// Begins a call. `read` if reads may bypass the log.
    pub(super) fn call(
        &mut self,
        now: Instant,
        operation: Operation,
        read: bool,
        out: &mut Outbox,
    ) {
        match (self, operation) {
            (Self::Group(clerk), Operation::Key(command)) => {
                let read = read && matches!(command, Command::Get { .. });
                clerk.call(now, command, read, &mut out.group);
            }
            // There is no configuration to be changed: refused before it comes here.
            (Self::Group(_), Operation::Control(_)) => {}
            (Self::Sharded(clerk), operation) => {
                clerk.call(now, operation, read, &mut out.sharded);
            }
        }
    }

    pub(super) fn wake(&mut self, now: Instant, out: &mut Outbox) {
        match self {
            Self::Group(clerk) => clerk.wake(now, &mut out.group),
            Self::Sharded(clerk) => clerk.wake(now, &mut out.sharded),
        }
    }

    /// A response has come. One from a service that the clerk does not talk to says nothing.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        from: NodeId,
        response: Response<StoreReply>,
        out: &mut Outbox,
    ) {
        let Response { tag, result } = response;
        match (self, result) {
            (Self::Group(clerk), Ok(service::Reply::Store(answer))) => {
                let result: Result<Answer<Reply>, _> = Ok(answer);
                clerk.receive(now, from, Response { tag, result }, &mut out.group);
            }
            (Self::Group(clerk), Err(refusal)) => {
                let result: Result<Answer<Reply>, _> = Err(refusal);
                clerk.receive(now, from, Response { tag, result }, &mut out.group);
            }
            (Self::Sharded(clerk), result) => {
                let heard = match result {
                    Ok(service::Reply::Shards(reply)) => Heard::Group(reply),
                    Ok(service::Reply::Controller(answer)) => Heard::Controller(answer),
                    Ok(_) => return,
                    Err(refusal) => Heard::Refused(refusal),
                };
                clerk.receive(now, from, tag, heard, &mut out.sharded);
            }
            (Self::Group(_), Ok(_)) => {}
        }
    }
}
