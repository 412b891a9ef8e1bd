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
    target: u32,
    /// Who was asked in vain since the call or the round began, by their places.
    tried: u32,
    /// Hints followed in this round to somebody who was asked in vain.
    back: u32,
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
        let target = rng.below(servers.len() as u64) as u32;
        let due = Instant::ZERO;
        Self { servers, target, tried: 0, back: 0, refusals: 0, rests: 0, resting: false, due }
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
        self.servers.get(self.target as usize).copied()
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
        (self.tried, self.back) = (0, 0);
        (self.refusals, self.rests, self.resting, self.due) = (0, 0, false, now);
    }

    /// The target was asked: it has time to answer.
    pub fn asked(&mut self, now: Instant, patience: &Patience) {
        self.due = now + patience.attempt.max(Duration::from_micros(1));
        self.resting = false;
    }

    /// The target did not answer in time: on to the next. Or a rest is over: the target is the one
    /// meant. Returns whether a round has ended: everybody was asked in vain.
    pub fn miss(&mut self) -> bool {
        if !core::mem::take(&mut self.resting) {
            self.tried |= bit(self.target);
            self.refusals = 0;
            self.advance();
        }
        let all = self.tried.count_ones() >= self.count().min(u32::BITS);
        if all {
            (self.tried, self.back) = (0, 0);
        }
        all
    }

    /// The target answered and could not help: the next time another is asked.
    pub fn turn(&mut self) {
        (self.tried, self.back) = (0, 0);
        self.advance();
    }

    /// Means the next one who was not asked in vain or, if all were, the next one.
    fn advance(&mut self) {
        let count = self.count().max(1);
        let mut others = (1..=count).map(|by| (self.target + by) % count);
        let fresh = others.find(|other| self.tried & bit(*other) == 0);
        self.target = fresh.unwrap_or((self.target + 1) % count);
    }

    /// Whether a hint to the server in this place is followed. Whoever was asked in vain may have
    /// answered, and the answer was lost; but a leader that nobody follows any more, and a follower
    /// that still believes in it, must not keep a client from all others.
    fn follows(&mut self, place: u32) -> bool {
        if self.tried & bit(place) == 0 {
            return true;
        }
        self.back += 1;
        self.back <= self.count()
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
        self.tried |= bit(self.target);
        self.refusals += 1;
        let hint = match refusal {
            Refusal::Refused(Refused::NotLeader { hint }) => hint,
            Refusal::Refused(Refused::Busy) => {
                self.refusals = self.count();
                Some(from)
            }
            Refusal::Dropped => None,
        };
        let hinted = hint.and_then(|hint| self.servers.iter().position(|server| *server == hint));
        let hinted = hinted.and_then(|place| u32::try_from(place).ok());
        match hinted.filter(|place| self.follows(*place)) {
            Some(place) => self.target = place,
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

/// The bit of a server's place.
const fn bit(place: u32) -> u32 {
    1 << (place % u32::BITS)
}
