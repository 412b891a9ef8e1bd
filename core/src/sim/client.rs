//! A client process: a workload, what a person asked for, and the clerk that gets it done.

mod caller;

use alloc::collections::VecDeque;

pub(super) use self::caller::Caller;
pub(super) use self::caller::Outbox;
use super::store::StoreReply;
use super::workload::{Known, Pace, Workload};
use crate::controller;
use crate::id::{ConfigNumber, NodeId, Serial};
use crate::kv::{Command, Reply};
use crate::rng::Rng;
use crate::server::{Refusal, Response};
use crate::shardkv;
use crate::shardkv::clerk::Operation;
use crate::time::{Alarm, Instant, Why};

/// More operations than this do not queue up at a client: an open loop drops the rest.
const MAX_BACKLOG: usize = 1_000;

/// A client process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub(super) clerk: Caller,
    pub(super) workload: Workload,
    lane: Rng,
    who: u32,
    /// When it begins its next operation by itself, on its own clock.
    next: Option<Instant>,
    backlog: VecDeque<Operation>,
    /// Operations drawn so far.
    drawn: u64,
    known: Known,
    read_index: bool,
    /// The open or last operation on a key.
    pub(super) last: Option<Call>,
    /// The open or last one on the configuration.
    pub(super) order: Option<Order>,
    /// Operations that returned.
    pub(super) answered: u64,
    /// What it was denied last.
    denial: Option<Denial>,
}

/// An operation, open or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number with this client.
    pub serial: Serial,
    /// What.
    pub command: Command,
    /// When it was called, in the world's time.
    pub since: Instant,
    /// How often it was sent.
    pub attempts: u32,
    /// To whom it was sent last.
    pub server: NodeId,
    /// When it returned, from whom, with what.
    pub returned: Option<(Instant, NodeId, Option<Reply>)>,
}

/// An operation on the configuration of a sharded store, open or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number with this client.
    pub serial: Serial,
    /// What.
    pub command: controller::Command,
    /// When it was called, in the world's time.
    pub since: Instant,
    /// When it returned, from whom, with what.
    pub returned: Option<(Instant, NodeId, Option<controller::Reply>)>,
}

/// A server did not do what a client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The operation's number with this client.
    pub serial: Serial,
    /// When the client heard of it, in the world's time.
    pub at: Instant,
    /// Who said so.
    pub by: NodeId,
    /// Why.
    pub why: Denied,
}

/// Why a server did not do what a client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It leads no group, or cannot take more (§8); or the entry that stood for the request is
    /// gone.
    Refused(Refusal),
    /// Its group does not serve the shard, in the configuration to which it has come.
    WrongGroup(ConfigNumber),
}

impl Denial {
    /// What a response denies, if it does.
    fn of(at: Instant, by: NodeId, response: &Response<StoreReply>) -> Option<Self> {
        let why = match &response.result {
            Err(refusal) => Denied::Refused(*refusal),
            Ok(StoreReply::Shards(shardkv::Reply::WrongGroup { config })) => {
                Denied::WrongGroup(*config)
            }
            Ok(_) => return None,
        };
        Some(Self { serial: Serial(response.tag), at, by, why })
    }
}

impl Client {
    pub(super) fn new(
        clerk: Caller,
        workload: Workload,
        who: u32,
        read_index: bool,
        mut lane: Rng,
    ) -> Self {
        let next = workload.pause(&mut lane).map(|pause| Instant::ZERO + pause);
        Self {
            clerk,
            workload,
            lane,
            who,
            next,
            backlog: VecDeque::new(),
            drawn: 0,
            known: Known::default(),
            read_index,
            last: None,
            order: None,
            answered: 0,
            denial: None,
        }
    }

    /// The open or last operation on a key.
    pub const fn last(&self) -> Option<&Call> {
        self.last.as_ref()
    }

    /// The open or last operation on the configuration.
    pub const fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    /// Operations that returned.
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// What a server has denied it last: of the operation that it is about now, or of an earlier
    /// one.
    pub const fn denial(&self) -> Option<Denial> {
        self.denial
    }

    /// A response has come: remembers whether something is denied.
    pub(super) fn heed(&mut self, at: Instant, by: NodeId, response: &Response<StoreReply>) {
        self.denial = Denial::of(at, by, response).or(self.denial);
    }

    /// Operations that wait behind the open one.
    pub fn queued(&self) -> usize {
        self.backlog.len()
    }

    /// Operations on the configuration that have not returned: the open one and those that wait.
    pub fn orders(&self) -> usize {
        let open = self.order.as_ref().is_some_and(|order| order.returned.is_none());
        let waiting = self.backlog.iter().filter(|it| matches!(it, Operation::Control(_)));
        usize::from(open) + waiting.count()
    }

    /// Its clerk.
    pub const fn clerk(&self) -> &Caller {
        &self.clerk
    }

    /// What it does by itself.
    pub const fn workload(&self) -> &Workload {
        &self.workload
    }

    pub(super) fn alarm(&self) -> Option<Alarm> {
        let think = self.next.map(|at| Alarm { at, why: Why::Think });
        Alarm::earlier(self.clerk.alarm(), think)
    }

    /// Takes a new workload from here on.
    pub(super) fn set_workload(&mut self, now: Instant, workload: Workload) {
        self.workload = workload;
        self.plan(now);
        if self.clerk.is_busy() && matches!(workload.pace, Pace::Closed { .. }) {
            self.next = None;
        }
    }

    fn plan(&mut self, now: Instant) {
        let done = self.workload.limit.is_some_and(|limit| self.drawn >= limit);
        let pause = if done { None } else { self.workload.pause(&mut self.lane) };
        self.next = pause.map(|pause| now + pause);
    }

    /// Gives it an operation; what it is doing comes first. False: too many wait already.
    pub(super) fn ask(&mut self, now: Instant, operation: Operation, out: &mut Outbox) -> bool {
        if self.backlog.len() >= MAX_BACKLOG {
            return false;
        }
        self.backlog.push_back(operation);
        self.go_on(now, out);
        true
    }

    pub(super) fn wake(&mut self, now: Instant, out: &mut Outbox) {
        self.clerk.wake(now, out);
        if self.next.is_some_and(|at| at <= now) {
            self.drawn += 1;
            let command = self.workload.draw(&mut self.lane, self.who, self.drawn, &self.known);
            self.next = None;
            if matches!(self.workload.pace, Pace::Open { .. }) {
                self.plan(now);
            }
            self.ask(now, Operation::Key(command), out);
        }
    }

    pub(super) fn receive(
        &mut self,
        now: Instant,
        from: NodeId,
        response: Response<StoreReply>,
        out: &mut Outbox,
    ) {
        let busy = self.clerk.is_busy();
        self.clerk.receive(now, from, response, out);
        if busy && !self.clerk.is_busy() {
            if self.backlog.is_empty() && self.next.is_none() {
                self.plan(now);
            }
            self.go_on(now, out);
        }
    }

    fn go_on(&mut self, now: Instant, out: &mut Outbox) {
        if self.clerk.is_busy() {
            return;
        }
        if let Some(operation) = self.backlog.pop_front() {
            out.begun = self.clerk.begins(&operation);
            self.clerk.call(now, operation, self.read_index, out);
        }
    }

    /// Remembers what a read saw, if that was the last operation.
    pub(super) fn learn(&mut self) {
        if let Some(Call { command: Command::Get { key }, returned: Some(returned), .. }) =
            &self.last
            && let Some(Reply::Value(value)) = &returned.2
            && self.workload.mix.cas > 0
        {
            self.known.insert(key.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests;
