//! The search for whoever leads a group: whom to ask next, and when.

use alloc::sync::Arc;

use super::Patience;
use crate::id::NodeId;
use crate::protocol::Refused;
use crate::rng::Rng;
use crate::server::Refusal;
use crate::time::{Duration, Instant};

/// Asks the servers of a group in turn until one answers. It follows hints, and rests after a round
/// of refusals: one that did not answer in time has taken its time. Who led last is remembered from
/// one call to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pursuit {
    servers: Arc<[NodeId]>,
    /// Index of the server to ask next.
    target: usize,
    /// So many were asked in vain, one after the other, since the call or the last round began.
    vain: u32,
    /// Refusals since the last rest, and since the last one that did not answer in time.
    refusals: u32,
    /// Rests so far.
    rests: u32,
    /// It rests: nobody is being asked.
    resting: bool,
    /// When to act next: an attempt's or a rest's end.
    due: Instant,
}

/// What follows from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Nothing: it was not the server that is being asked.
    Wait,
    /// Ask the next server, now.
    Ask,
    /// A rest has begun.
    Rest,
}

impl Pursuit {
    /// A search among `servers` that begins with any of them.
    pub fn new(servers: Arc<[NodeId]>, rng: &mut Rng) -> Self {
        let target = rng.below(servers.len() as u64) as usize;
        let due = Instant::ZERO;
        Self { servers, target, vain: 0, refusals: 0, rests: 0, resting: false, due }
    }

    /// Whom it searches among.
    pub const fn servers(&self) -> &Arc<[NodeId]> {
        &self.servers
    }

    fn count(&self) -> u32 {
        self.servers.len() as u32
    }

    /// Whom to ask; nobody if there are no servers.
    pub fn target(&self) -> Option<NodeId> {
        self.servers.get(self.target).copied()
    }

    /// Whether that server is being asked: only its refusal counts. That of an older attempt, or
    /// a copy of what was said already, says nothing new and must not end a rest. An answer counts
    /// from anyone.
    pub fn asks(&self, server: NodeId) -> bool {
        !self.resting && self.target() == Some(server)
    }

    /// Whether nobody is being asked until [`Pursuit::due`].
    pub const fn is_resting(&self) -> bool {
        self.resting
    }

    /// When to act next.
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Begins a new call at the server that answered the last one.
    pub const fn begin(&mut self, now: Instant) {
        (self.vain, self.refusals, self.rests, self.due) = (0, 0, 0, now);
        self.resting = false;
    }

    /// The target was asked: it has time to answer.
    pub fn asked(&mut self, now: Instant, patience: &Patience) {
        self.due = now + patience.attempt.max(Duration::from_micros(1));
        self.resting = false;
    }

    /// The target did not answer in time: on to the next. Or a rest is over: the target is the one
    /// meant. Returns whether as many were asked in vain, one after the other, as there are.
    pub fn miss(&mut self) -> bool {
        if !self.resting {
            (self.vain, self.refusals) = (self.vain + 1, 0);
            self.advance();
        }
        let all = self.vain >= self.count();
        if all {
            self.vain = 0;
        }
        all
    }

    /// The target answered and could not help: the next time another is asked.
    pub fn turn(&mut self) {
        self.vain = 0;
        self.advance();
    }

    fn advance(&mut self) {
        self.target = (self.target + 1) % self.servers.len().max(1);
    }

    /// A server refused. Only the word of the one that is being asked counts ([`Pursuit::asks`]).
    pub fn refused(
        &mut self,
        now: Instant,
        from: NodeId,
        refusal: Refusal,
        patience: &Patience,
        rng: &mut Rng,
    ) -> Course {
        if !self.asks(from) {
            return Course::Wait;
        }
        (self.vain, self.refusals) = (self.vain + 1, self.refusals + 1);
        let hint = match refusal {
            Refusal::Refused(Refused::NotLeader { hint }) => hint,
            Refusal::Refused(Refused::Busy) => {
                self.refusals = self.count();
                Some(from)
            }
            Refusal::Dropped => None,
        };
        let hinted = hint.and_then(|hint| self.servers.iter().position(|server| *server == hint));
        match hinted {
            Some(target) => self.target = target,
            None => self.advance(),
        }
        if self.refusals < self.count() {
            return Course::Ask;
        }
        self.rest(now, patience, rng);
        Course::Rest
    }

    /// Rests, longer each time: asking at once again would only add to the noise. Afterwards the
    /// present target is asked.
    pub fn rest(&mut self, now: Instant, patience: &Patience, rng: &mut Rng) {
        let doubled = patience.rest_min.times(1 << self.rests.min(20));
        let longest = doubled.min(patience.rest_max);
        let shortest = Duration::from_micros(longest.as_micros() / 2).max(Duration::from_micros(1));
        self.due = now + rng.between(shortest, longest);
        (self.rests, self.resting) = (self.rests.saturating_add(1), true);
        self.refusals = 0;
    }
}
