//! A client of one group: it finds the leader, retries under the same serial number, and never
//! gives up.

pub mod rules;

use alloc::vec::{Drain, Vec};

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, MutantId, NodeId, Serial};
use crate::machine::{Answer, Call};
use crate::protocol::Refused;
use crate::rng::Rng;
use crate::server::{Refusal, Request, Response};
use crate::time::{Alarm, Duration, Instant, Why};

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
    servers: Vec<NodeId>,
    /// Index of the server to ask next.
    target: usize,
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
    /// Servers asked in vain since the last rest.
    misses: usize,
    /// Rests so far.
    rests: u32,
    /// When to act next: an attempt's or a rest's end.
    due: Instant,
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
        let target = rng.below(servers.len() as u64) as usize;
        let stride = stride.max(1);
        let (serial, sent, mutant) = (Serial(0), Serial(0), MutantId::Paper);
        Self { servers, target, client, stride, serial, sent, patience, rng, open: None, mutant }
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
        self.open.as_ref().map(|open| Alarm { at: open.due, why: Why::Retry })
    }

    /// Begins a call under the next serial number. One call at a time: while one is open, nothing
    /// happens.
    pub fn call<R>(&mut self, now: Instant, command: C, read: bool, out: &mut Errands<C, R>) {
        if self.open.is_some() {
            return;
        }
        (self.serial, self.sent) = (self.serial.next(), self.sent.next());
        let open = Open { command, read, attempts: 0, misses: 0, rests: 0, due: now };
        self.open = Some(open);
        self.send(now, out);
    }

    /// An attempt or a rest has ended.
    pub fn wake<R>(&mut self, now: Instant, out: &mut Errands<C, R>) {
        let Some(open) = &mut self.open else { return };
        if open.due > now {
            return;
        }
        open.misses += 1;
        self.target = (self.target + 1) % self.servers.len().max(1);
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
                self.renew(floor);
            }
            Err(refusal) => self.on_refusal(now, from, refusal, out),
        }
    }

    fn on_refusal<R>(
        &mut self,
        now: Instant,
        from: NodeId,
        refusal: Refusal,
        out: &mut Errands<C, R>,
    ) {
        // Only the server that is being asked: an older attempt's refusal says nothing new.
        if self.servers.get(self.target) != Some(&from) {
            return;
        }
        let Some(open) = &mut self.open else { return };
        open.misses += 1;
        let hint = match refusal {
            Refusal::Refused(Refused::NotLeader { hint }) => hint,
            Refusal::Refused(Refused::Busy) => {
                open.misses = self.servers.len();
                Some(from)
            }
            Refusal::Dropped => None,
        };
        let hinted = hint.and_then(|hint| self.servers.iter().position(|server| *server == hint));
        self.target = hinted.unwrap_or((self.target + 1) % self.servers.len().max(1));
        if open.misses < self.servers.len() { self.send(now, out) } else { self.rest(now) }
    }

    /// Every server was asked in vain: asking at once again would only add to the noise.
    fn rest(&mut self, now: Instant) {
        let Some(open) = &mut self.open else { return };
        let doubled = self.patience.rest_min.times(1 << open.rests.min(20));
        let longest = doubled.min(self.patience.rest_max);
        let shortest = Duration::from_micros(longest.as_micros() / 2).max(Duration::from_micros(1));
        open.due = now + self.rng.between(shortest, longest);
        open.rests += 1;
        open.misses = 0;
        // Waking moves on by one: come back to the server meant.
        let count = self.servers.len().max(1);
        self.target = (self.target + count - 1) % count;
    }

    fn send<R>(&mut self, now: Instant, out: &mut Errands<C, R>) {
        let tag = self.tag();
        let Some(open) = &mut self.open else { return };
        if open.attempts > 0 {
            self.sent = (rules::of(self.mutant).again_as)(self.sent);
        }
        open.attempts += 1;
        open.due = now + self.patience.attempt.max(Duration::from_micros(1));
        let command = open.command.clone();
        let call = Call { client: self.client, serial: self.sent, command };
        if let Some(to) = self.servers.get(self.target) {
            let request = Request { tag, command: call, read: open.read };
            out.0.push(Errand::Send { to: *to, request });
        }
    }

    fn finish<R>(&mut self, by: NodeId, reply: Option<R>, out: &mut Errands<C, R>) {
        self.open = None;
        out.0.push(Errand::Done { serial: self.serial, by, reply });
    }

    /// Takes a new session whose id is above `floor`. However absurd the floor, the id stays one of
    /// the clerk's own: two clerks in one session would each take the other's calls for later ones.
    fn renew(&mut self, floor: ClientId) {
        let behind = floor.0.saturating_sub(self.client.0) / self.stride + 1;
        let left = (u64::MAX - self.client.0) / self.stride;
        self.client = ClientId(self.client.0 + behind.min(left) * self.stride);
    }

    /// Unique among the clerk's calls, whatever its session.
    const fn tag(&self) -> u64 {
        self.serial.0
    }
}

#[cfg(test)]
mod tests;
