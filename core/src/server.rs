//! A server: a replica of the log, the machine that it drives, and whoever waits for a slot.

pub mod rules;
mod wire;

use alloc::vec::{Drain, Vec};
use core::mem;

use crate::id::{Epoch, MutantId, NodeId, Slot, Ticket};
use crate::machine::{Machine, Seat};
use crate::protocol::{Boot, CommandOf, Effect, Out, Payload, Protocol, Refused, Sealed, Snapshot};
use crate::sorted::Sorted;
use crate::time::{Alarm, Instant};

use self::rules::Rules;

pub use self::wire::{Refusal, Request, Response, Wire, WireOf};

/// The reply type of a protocol's machine.
pub type ReplyOf<P> = <<P as Protocol>::Machine as Machine>::Reply;

/// More reads than this are not kept waiting at once.
const MAX_READS: usize = 4096;

/// A log that is so many times as large as it should be is compacted, whoever lags.
const PATIENCE: u64 = 4;

/// What a server wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act<P: Protocol> {
    /// Make this durable.
    Persist(P::Record),
    /// Send this.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        wire: WireOf<P>,
    },
    /// It applied a slot.
    Applied {
        /// Which.
        slot: Slot,
        /// What stood there.
        entry: Sealed<CommandOf<P>>,
        /// What the machine replied, if there was a command.
        reply: Option<ReplyOf<P>>,
    },
    /// It leads from here on, or no longer.
    Leading(Option<Epoch>),
    /// Its state was replaced by a snapshot up to here.
    Restored(Slot),
    /// It answered a read: what the answer reflects.
    Answered {
        /// Everything up to here.
        applied: Slot,
        /// Who asked.
        to: NodeId,
        /// The request's tag.
        tag: u64,
        /// What the machine replied.
        reply: Option<ReplyOf<P>>,
    },
    /// What happened and why.
    Note(P::Note),
}

/// Where a server puts what it wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acts<P: Protocol> {
    inner: Out<P>,
    acts: Vec<Act<P>>,
}

impl<P: Protocol> Default for Acts<P> {
    fn default() -> Self {
        Self { inner: Out::default(), acts: Vec::new() }
    }
}

impl<P: Protocol> Acts<P> {
    /// Takes everything out, in order.
    pub fn drain(&mut self) -> Drain<'_, Act<P>> {
        self.acts.drain(..)
    }

    /// Whether something must be made durable before the rest may happen.
    pub fn persists(&self) -> bool {
        self.acts.iter().any(|act| matches!(act, Act::Persist(_)))
    }

    /// Takes out everything but what must be made durable.
    #[must_use]
    pub fn take_hasty(&mut self) -> Self {
        let (records, rest) = self.acts.drain(..).partition(|act| matches!(act, Act::Persist(_)));
        self.acts = records;
        Self { inner: Out::default(), acts: rest }
    }

    /// Makes of everything that must be durable what `writes` makes of it.
    pub fn filter_records(&mut self, writes: impl Fn(P::Record) -> Option<P::Record>) {
        let filtered = mem::take(&mut self.acts).into_iter().filter_map(|act| match act {
            Act::Persist(record) => writes(record).map(Act::Persist),
            other => Some(other),
        });
        self.acts = filtered.collect();
    }

    /// Sends something besides.
    pub fn send(&mut self, to: NodeId, wire: WireOf<P>) {
        self.acts.push(Act::Send { to, wire });
    }

    /// Everything so far, in order.
    pub fn list(&self) -> &[Act<P>] {
        &self.acts
    }
}

impl<P: Protocol> Act<P> {
    const fn respond(to: NodeId, tag: u64, result: Result<ReplyOf<P>, Refusal>) -> Self {
        Self::Send { to, wire: Wire::Response(Response { tag, result }) }
    }
}

/// One server of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server<P: Protocol> {
    id: NodeId,
    replica: P,
    machine: P::Machine,
    applied: Slot,
    /// Compact the log when it is larger than this.
    snapshot_above: Option<u64>,
    /// A snapshot that will replace the log up to it.
    taken: Option<Snapshot<P::Machine>>,
    waiting: Sorted<Slot, Waiter<CommandOf<P>>>,
    reads: Sorted<Ticket, Waiter<CommandOf<P>>>,
    /// Reads that are confirmed, but reflect slots that are not applied yet.
    confirmed: Vec<(Slot, Ticket)>,
    tickets: Ticket,
    /// What is committed and not applied: nothing, as long as all is applied at once.
    behind: Vec<(Slot, Sealed<CommandOf<P>>)>,
    mutant: MutantId,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiter<C> {
    from: NodeId,
    tag: u64,
    command: C,
}

impl<P: Protocol> Server<P> {
    /// Starts a server from what its disk holds. `initial` is the machine before the first entry;
    /// a log larger than `snapshot_above` bytes is compacted, once nobody who keeps up needs it.
    pub fn boot(
        boot: Boot<P>,
        mut initial: P::Machine,
        snapshot_above: Option<u64>,
        now: Instant,
        acts: &mut Acts<P>,
    ) -> Self {
        let (id, mutant) = (boot.id, boot.mutant);
        initial.enter(Seat { server: id, mutant });
        let replica = P::boot(boot, now, &mut acts.inner);
        let mut server = Self {
            id,
            replica,
            machine: initial,
            applied: Slot(0),
            snapshot_above,
            taken: None,
            waiting: Sorted::default(),
            reads: Sorted::default(),
            confirmed: Vec::new(),
            tickets: Ticket(0),
            behind: Vec::new(),
            mutant,
        };
        server.perform(acts);
        server
    }

    const fn rules(&self) -> &'static Rules {
        rules::of(self.mutant)
    }

    /// The replica.
    pub const fn replica(&self) -> &P {
        &self.replica
    }

    /// The machine.
    pub const fn machine(&self) -> &P::Machine {
        &self.machine
    }

    /// The last slot that the machine reflects.
    pub const fn applied(&self) -> Slot {
        self.applied
    }

    /// When it wants to be woken.
    pub fn alarm(&self) -> Option<Alarm> {
        self.replica.alarm()
    }

    /// Something has arrived.
    pub fn receive(&mut self, now: Instant, from: NodeId, wire: WireOf<P>, acts: &mut Acts<P>) {
        match wire {
            Wire::Peer(message) => self.replica.receive(now, from, message, &mut acts.inner),
            Wire::Request(request) => self.on_request(now, from, request, acts),
            Wire::Response(_) => {}
        }
        self.perform(acts);
    }

    /// The alarm's time has come.
    pub fn wake(&mut self, now: Instant, acts: &mut Acts<P>) {
        self.replica.wake(now, &mut acts.inner);
        for (slot, entry) in mem::take(&mut self.behind) {
            self.apply(slot, entry, &mut acts.acts);
        }
        self.perform(acts);
    }

    /// Does something to the replica that is no event of the protocol.
    pub fn nudge(&mut self, acts: &mut Acts<P>, nudge: impl FnOnce(&mut P, &mut Out<P>)) {
        nudge(&mut self.replica, &mut acts.inner);
        self.perform(acts);
    }

    fn on_request(
        &mut self,
        now: Instant,
        from: NodeId,
        request: Request<CommandOf<P>>,
        acts: &mut Acts<P>,
    ) {
        let Request { tag, command, read } = request;
        let waiter = Waiter { from, tag, command: command.clone() };
        let refused = if read && self.machine.read(&command).is_some() {
            self.on_read(now, waiter, acts)
        } else if let Some(reply) = self.machine.known(self.mutant, &command) {
            acts.acts.push(Act::respond(from, tag, Ok(reply)));
            None
        } else if let Some(same) = self.waiting.values_mut().find(|w| w.command == command) {
            // A retry of what stands in the log already: it waits for the same slot.
            *same = waiter;
            None
        } else {
            let proposed = self.replica.propose(now, command, &mut acts.inner);
            proposed.map(|slot| self.waiting.insert(slot, waiter)).err()
        };
        if let Some(refused) = refused {
            acts.acts.push(Act::respond(from, tag, Err(Refusal::Refused(refused))));
        }
    }

    fn on_read(
        &mut self,
        now: Instant,
        waiter: Waiter<CommandOf<P>>,
        acts: &mut Acts<P>,
    ) -> Option<Refused> {
        if self.reads.len() >= MAX_READS {
            return Some(Refused::Busy);
        }
        self.tickets = self.tickets.next();
        let ticket = self.tickets;
        self.replica.read(now, ticket, &mut acts.inner).err().or_else(|| {
            self.reads.insert(ticket, waiter);
            None
        })
    }

    /// Turns the replica's effects into the server's, applying what is committed.
    fn perform(&mut self, acts: &mut Acts<P>) {
        let Acts { inner, acts } = acts;
        let before = self.applied;
        self.perform_each(inner, acts);
        let limit = self.snapshot_above.unwrap_or(u64::MAX);
        if self.applied > before && self.taken.is_none() && self.replica.log_bytes() > limit {
            let machine = self.machine.capture(self.mutant);
            self.taken = Some(Snapshot { through: self.applied, machine });
        }
        if self.taken.is_some() {
            self.compact(limit, inner, acts);
        }
    }

    /// Compacts the log up to the snapshot that was taken, as soon as nobody who keeps up needs
    /// what stands before it: one that is a message behind gets entries, not the whole state. What
    /// lags for long holds up no more than [`PATIENCE`] times the limit.
    fn compact(&mut self, limit: u64, inner: &mut Out<P>, acts: &mut Vec<Act<P>>) {
        let patient = self.replica.log_bytes() <= limit.saturating_mul(PATIENCE);
        let stored = self.replica.stored_by_all();
        let due = |taken: &mut Snapshot<P::Machine>| !patient || taken.through <= stored;
        if let Some(snapshot) = self.taken.take_if(due) {
            self.replica.compact(snapshot, inner);
            self.perform_each(inner, acts);
        }
    }

    fn perform_each(&mut self, inner: &mut Out<P>, acts: &mut Vec<Act<P>>) {
        for effect in inner.drain() {
            match effect {
                Effect::Persist(record) => acts.push(Act::Persist(record)),
                Effect::Send { to, message } => {
                    acts.push(Act::Send { to, wire: Wire::Peer(message) });
                }
                Effect::Commit { slot, entry } if (self.rules().applies_at_once)() => {
                    self.apply(slot, entry, acts);
                }
                Effect::Commit { slot, entry } => self.behind.push((slot, entry)),
                Effect::Readable { ticket, through } => {
                    self.confirmed.push((through, ticket));
                    self.answer_reads(acts);
                }
                Effect::Leading(leading) => {
                    acts.push(Act::Leading(leading));
                    if leading.is_none() {
                        self.refuse_all(acts);
                    }
                }
                Effect::Restore(snapshot) => self.restore(snapshot, acts),
                Effect::Note(note) => acts.push(Act::Note(note)),
            }
        }
    }

    fn apply(&mut self, slot: Slot, entry: Sealed<CommandOf<P>>, acts: &mut Vec<Act<P>>) {
        let reply = match &entry.payload {
            Payload::Command(command) => Some(self.machine.execute(self.mutant, command)),
            Payload::Noop => None,
        };
        self.applied = slot;
        if let Some(waiter) = self.waiting.remove(&slot) {
            let same = matches!(&entry.payload, Payload::Command(c) if *c == waiter.command);
            let mine = (self.rules().answers)(same);
            let result = reply.clone().filter(|_| mine).ok_or(Refusal::Dropped);
            acts.push(Act::respond(waiter.from, waiter.tag, result));
        }
        acts.push(Act::Applied { slot, entry, reply });
        self.answer_reads(acts);
    }

    fn restore(&mut self, snapshot: Snapshot<P::Machine>, acts: &mut Vec<Act<P>>) {
        self.machine.install(self.mutant, snapshot.machine);
        self.machine.enter(Seat { server: self.id, mutant: self.mutant });
        self.applied = snapshot.through;
        self.behind.clear();
        self.taken = None;
        acts.push(Act::Restored(snapshot.through));
        for waiter in self.waiting.remove_through(&snapshot.through) {
            acts.push(Act::respond(waiter.from, waiter.tag, Err(Refusal::Dropped)));
        }
        self.answer_reads(acts);
    }

    /// Answers the confirmed reads whose slots are applied.
    fn answer_reads(&mut self, acts: &mut Vec<Act<P>>) {
        let (applied, rules) = (self.applied, self.rules());
        let ready = |(slot, _): &(Slot, Ticket)| (rules.reads_from)(*slot, applied);
        while let Some(index) = self.confirmed.iter().position(ready) {
            let (_, ticket) = self.confirmed.swap_remove(index);
            if let Some(waiter) = self.reads.remove(&ticket) {
                let reply = self.machine.read(&waiter.command);
                let Waiter { from: to, tag, .. } = waiter;
                acts.push(Act::Answered { applied, to, tag, reply: reply.clone() });
                acts.push(Act::respond(to, tag, reply.ok_or(Refusal::Dropped)));
            }
        }
    }

    fn refuse_all(&mut self, acts: &mut Vec<Act<P>>) {
        self.confirmed.clear();
        let refuse = |w: Waiter<_>| Act::respond(w.from, w.tag, Err(Refusal::Dropped));
        if (self.rules().refuses_waiters)() {
            acts.extend(self.waiting.drain().map(refuse));
        }
        acts.extend(self.reads.drain().map(refuse));
    }
}

#[cfg(test)]
mod tests;
