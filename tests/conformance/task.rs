//! What a tester does beside everything else: it goes on whenever time passes.

use shardscope_core::kv::Text;
use shardscope_core::time::{Duration, Instant};

use super::Check;
use super::lab::{Lab, Place, ms};

/// Something that goes on by itself.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Has one command agreed upon.
    One(One),
    /// Proposes one command after another.
    Client(Client),
}

impl Task {
    /// When it goes on.
    pub(crate) const fn due(&self) -> Instant {
        match self {
            Self::One(one) => one.due,
            Self::Client(client) => client.due,
        }
    }

    /// Goes on. False: it has ended.
    pub(crate) fn poll(&mut self, lab: &mut Lab) -> Check<bool> {
        match self {
            Self::One(one) => Ok(one.poll(lab)?.is_none()),
            Self::Client(client) => client.poll(lab),
        }
    }
}

/// A command that is to be agreed upon.
#[derive(Clone, Debug)]
pub(crate) struct One {
    value: Text,
    /// By so many servers.
    count: usize,
    retry: bool,
    begun: Instant,
    due: Instant,
    /// Who is asked next.
    server: usize,
    /// Where it was taken, and until when it is waited for there.
    taken: Option<(Place, Instant)>,
}

/// It is tried for so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long at one place.
const PLACE: Duration = Duration::from_secs(2);

impl One {
    pub(crate) const fn new(value: Text, count: usize, retry: bool, now: Instant) -> Self {
        Self { value, count, retry, begun: now, due: now, server: 0, taken: None }
    }

    pub(crate) const fn due(&self) -> Instant {
        self.due
    }

    /// Goes on; the index, if it was agreed upon.
    pub(crate) fn poll(&mut self, lab: &mut Lab) -> Check<Option<u64>> {
        if let Some((place, until)) = self.taken {
            if lab.ledger.applied(place.term, place.slot) >= self.count {
                return self.agreed(lab, place).map(Some);
            }
            if lab.now() < until {
                self.due = lab.now() + ms(20);
                return Ok(None);
            }
            let Self { value, count, .. } = self;
            lab.expect(self.retry, || format!("{value} was not applied by {count} at {place:?}."))?;
            self.taken = None;
        }
        lab.expect(lab.now().since(self.begun) < PATIENCE, || {
            format!("{} was not agreed upon by {} in {PATIENCE}.", self.value, self.count)
        })?;
        for _ in 0..lab.servers() {
            let server = self.server;
            self.server = lab.after(server, 1);
            if lab.is_connected(server)
                && let Some(place) = lab.start(server, &self.value)?
            {
                self.taken = Some((place, lab.now() + PLACE));
                self.due = lab.now() + ms(20);
                return Ok(None);
            }
        }
        self.due = lab.now() + ms(50);
        Ok(None)
    }

    fn agreed(&self, lab: &mut Lab, place: Place) -> Check<u64> {
        lab.slowest = lab.slowest.max(lab.now().since(self.begun));
        let (_, value) = lab.ledger.committed(place.index);
        lab.expect(value == Some(&self.value), || {
            format!("{} stands at index {}, not {value:?}.", self.value, place.index)
        })?;
        Ok(place.index)
    }
}

/// A client that puts each of its commands before all servers and looks whether it is committed.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// How long it rests after a command that nobody took.
    rest: Duration,
    due: Instant,
    /// The command that was taken, where, and how often it was looked for.
    taken: Option<(Text, Place, usize)>,
}

/// The pauses between looking for a command.
const PAUSES: [u64; 5] = [10, 20, 50, 100, 200];

impl Client {
    pub(crate) fn new(number: u64, now: Instant) -> Self {
        Self { rest: ms(79 + 17 * number), due: now, taken: None }
    }

    fn poll(&mut self, lab: &mut Lab) -> Check<bool> {
        if let Some((value, place, looks)) = self.taken.take() {
            let (count, seen) = lab.ledger.committed(place.index);
            if count > 0 {
                if seen == Some(&value) {
                    lab.acknowledged.push(value);
                }
            } else if let Some(pause) = PAUSES.get(looks) {
                self.taken = Some((value, place, looks + 1));
                self.due = lab.now() + ms(*pause);
                return Ok(true);
            }
            return self.next(lab);
        }
        self.next(lab)
    }

    /// Proposes the next command.
    fn next(&mut self, lab: &mut Lab) -> Check<bool> {
        if lab.stopping {
            return Ok(false);
        }
        let value = lab.fresh();
        let mut taken = None;
        for server in 0..lab.servers() {
            taken = lab.start(server, &value)?.or(taken);
        }
        self.due = lab.now() + if taken.is_some() { Duration::ZERO } else { self.rest };
        self.taken = taken.map(|place| (value, place, 0));
        Ok(true)
    }
}
