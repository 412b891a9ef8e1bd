//! A client of one group: it finds the leader, retries under the same serial number, and never
//! gives up.

mod pursuit;
pub mod rules;

use alloc::vec::{Drain, Vec};

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, MutantId, NodeId, Serial};
use crate::machine::{Answer, Call};
use crate::rng::Rng;
use crate::server::{Request, Response};
use crate::time::{Alarm, Duration, Instant, Why};

pub use pursuit::{Course, Pursuit};

/// How long a clerk waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// For an answer, before it asks another server.
    pub attempt: Duration,
    /// After every server was asked in vain: at first at most this long, then twice as long each
    /// time.
    pub rest_min: Duration,
    /// The longest rest.
    pub rest_max: Duration,
}

/// What a clerk wants done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Errand<C, R> {
    /// Send a request.
    Send {
        /// To which server.
        to: NodeId,
        /// What.
        request: Request<Call<C>>,
    },
    /// The call is over.
    Done {
        /// Its number.
        serial: Serial,
        /// Who answered.
        by: NodeId,
        /// The reply; none if the session had expired, so that nobody can say whether the call
        /// was executed.
        reply: Option<R>,
    },
}

/// Where a clerk puts what it wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errands<C, R>(Vec<Errand<C, R>>);

impl<C, R> Default for Errands<C, R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C, R> Errands<C, R> {
    /// Takes everything out, in order.
    pub fn drain(&mut self) -> Drain<'_, Errand<C, R>> {
        self.0.drain(..)
    }
}

/// A client's side of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clerk<C> {
    pursuit: Pursuit,
    client: ClientId,
    /// A new session takes the next id of the clerk's own: they lie this far apart.
    stride: u64,
    /// The number of the open or last call with this clerk.
    serial: Serial,
    /// Its number in the session: the same, unless a call was sent under several.
    sent: Serial,
    patience: Patience,
    rng: Rng,
    open: Option<Open<C>>,
    mutant: MutantId,
}

/// The call that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open<C> {
    command: C,
    read: bool,
    attempts: u32,
}

impl<C: Clone> Clerk<C> {
    /// A clerk that talks to `servers` (at least one) with session ids `client`,
    /// `client + stride`, and so on, which no other clerk uses.
    pub fn new(
        servers: Vec<NodeId>,
        client: ClientId,
        stride: u64,
        patience: Patience,
        mut rng: Rng,
    ) -> Self {
        let pursuit = Pursuit::new(servers.into(), &mut rng);
        let stride = stride.max(1);
        let (serial, sent, mutant) = (Serial(0), Serial(0), MutantId::Paper);
        Self { pursuit, client, stride, serial, sent, patience, rng, open: None, mutant }
    }

    /// The same clerk, which takes the decisions that go by a number.
    #[must_use]
    pub const fn with(mut self, mutant: MutantId) -> Self {
        self.mutant = mutant;
        self
    }

    /// Its session.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The number of the open or last call.
    pub const fn serial(&self) -> Serial {
        self.serial
    }

    /// Whether a call is open.
    pub const fn is_busy(&self) -> bool {
        self.open.is_some()
    }

    /// How often the open call was sent.
    pub fn attempts(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.attempts)
    }

    /// When it wants to be woken.
    pub fn alarm(&self) -> Option<Alarm> {
        self.open.as_ref().map(|_| Alarm { at: self.pursuit.due(), why: Why::Retry })
    }

    /// Begins a call under the next serial number. One call at a time: while one is open, nothing
    /// happens.
    pub fn call<R>(&mut self, now: Instant, command: C, read: bool, out: &mut Errands<C, R>) {
        if self.open.is_some() {
            return;
        }
        (self.serial, self.sent) = (self.serial.next(), self.sent.next());
        self.pursuit.begin(now);
        self.open = Some(Open { command, read, attempts: 0 });
        self.send(now, out);
    }

    /// An attempt or a rest has ended.
    pub fn wake<R>(&mut self, now: Instant, out: &mut Errands<C, R>) {
        if self.open.is_none() || self.pursuit.due() > now {
            return;
        }
        self.pursuit.miss();
        self.send(now, out);
    }

    /// A response has arrived. One that answers another call than the open one is dropped.
    pub fn receive<R>(
        &mut self,
        now: Instant,
        from: NodeId,
        response: Response<Answer<R>>,
        out: &mut Errands<C, R>,
    ) {
        if self.open.is_none() || response.tag != self.tag() {
            return;
        }
        match response.result {
            Ok(Answer::Done(reply)) => self.finish(from, Some(reply), out),
            // Cannot be: a clerk has one call open. Whoever says so knows a later one.
            Ok(Answer::Stale) => {}
            Ok(Answer::Expired { floor }) => {
                self.finish(from, None, out);
                self.client = renewed(self.client, self.stride, floor);
            }
            Err(refusal) => {
                let Self { pursuit, patience, rng, .. } = self;
                if pursuit.refused(now, from, refusal, patience, rng) == Course::Ask {
                    self.send(now, out);
                }
            }
        }
    }

    fn send<R>(&mut self, now: Instant, out: &mut Errands<C, R>) {
        let tag = self.tag();
        let Some(open) = &mut self.open else { return };
        if open.attempts > 0 {
            self.sent = (rules::of(self.mutant).again_as)(self.sent);
        }
        open.attempts += 1;
        self.pursuit.asked(now, &self.patience);
        let command = open.command.clone();
        let call = Call { client: self.client, serial: self.sent, command };
        if let Some(to) = self.pursuit.target() {
            let request = Request { tag, command: call, read: open.read };
            out.0.push(Errand::Send { to, request });
        }
    }

    fn finish<R>(&mut self, by: NodeId, reply: Option<R>, out: &mut Errands<C, R>) {
        self.open = None;
        out.0.push(Errand::Done { serial: self.serial, by, reply });
    }

    /// Unique among the clerk's calls, whatever its session.
    const fn tag(&self) -> u64 {
        self.serial.0
    }
}

/// The first id above `floor` of a clerk that has `client` and those that lie `stride` apart from
/// it. However absurd the floor, the id stays one of the clerk's own: two clerks in one session
/// would each take the other's calls for later ones.
pub const fn renewed(client: ClientId, stride: u64, floor: ClientId) -> ClientId {
    let behind = floor.0.saturating_sub(client.0) / stride + 1;
    let left = (u64::MAX - client.0) / stride;
    ClientId(client.0 + if behind < left { behind } else { left } * stride)
}

#[cfg(test)]
mod tests;
