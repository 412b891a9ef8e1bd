//! A replicated log, seen from one replica: what every consensus protocol here looks like to the
//! server that stands on it.
//!
//! A protocol is a value. Each call pushes its effects, in order, into the caller's [`Out`]; there
//! is no queue inside to forget. It has no clock, no network and no disk: it says what it wants
//! done, and when it wants to be woken.

use alloc::sync::Arc;
use alloc::vec::{Drain, Vec};
use core::fmt::{self, Debug, Display};
use core::hash::{Hash, Hasher};
use core::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

use crate::digest::Digest;
use crate::id::{Epoch, Incarnation, MutantId, NodeId, Slot, Term, Ticket};
use crate::machine::{Machine, encoded_len};
use crate::time::{Alarm, Instant};

/// The command type of a protocol's machine.
pub type CommandOf<P> = <<P as Protocol>::Machine as Machine>::Command;

/// One replica of a replicated log.
pub trait Protocol: Clone + Debug + Eq {
    /// What the log drives.
    type Machine: Machine;
    /// What replicas send to one another.
    type Message: Clone + Debug + Eq + Hash;
    /// What one step makes durable.
    type Record: Clone + Debug + Eq + Hash;
    /// The fold of all records: what is left after a crash.
    type Durable: Durable<Self::Record>;
    /// What happened and why.
    type Note: Clone + Debug + Eq + Hash + Display;
    /// The settings.
    type Config: Clone + Debug + Eq;

    /// Starts a replica from what its disk holds.
    fn boot(boot: Boot<Self>, now: Instant, out: &mut Out<Self>) -> Self;
    /// When it wants to be woken, on its own clock, and why.
    fn alarm(&self) -> Option<Alarm>;
    /// The term or ballot in which it leads.
    fn leading(&self) -> Option<Epoch>;
    /// The size of its log in bytes of the postcard encoding.
    fn log_bytes(&self) -> u64;
    /// Everybody whom it sends entries and hears from is known to have the log up to here: before
    /// that, nobody but itself needs it.
    fn stored_by_all(&self) -> Slot;
    /// A message has arrived: stale, repeated, absurd or from a stranger, it may be anything.
    fn receive(&mut self, now: Instant, from: NodeId, message: Self::Message, out: &mut Out<Self>);
    /// The alarm's time has come. Afterwards the alarm is strictly later than `now`, or none.
    fn wake(&mut self, now: Instant, out: &mut Out<Self>);
    /// Asks for a command to be put into the log; the slot is where it will stand if it commits.
    ///
    /// # Errors
    /// The replica does not lead, or too much is uncommitted.
    fn propose(
        &mut self,
        now: Instant,
        command: CommandOf<Self>,
        out: &mut Out<Self>,
    ) -> Result<Slot, Refused> {
        self.propose_all(now, [command], out)
    }
    /// Asks for commands to be put into the log one after the other, all of them or none: in one
    /// write, and in as few messages as their number allows. The slot is where the first of them
    /// will stand; without any, where the next one would.
    ///
    /// # Errors
    /// The replica does not lead, or too much would be uncommitted.
    fn propose_all(
        &mut self,
        now: Instant,
        commands: impl IntoIterator<Item = CommandOf<Self>, IntoIter: ExactSizeIterator>,
        out: &mut Out<Self>,
    ) -> Result<Slot, Refused>;
    /// Asks when a read may be answered without the log (ReadIndex, thesis §6.4):
    /// [`Effect::Readable`] will say.
    ///
    /// # Errors
    /// The replica does not lead.
    fn read(&mut self, now: Instant, ticket: Ticket, out: &mut Out<Self>) -> Result<(), Refused>;
    /// Hands the office over to another replica, if it leads.
    fn transfer(&mut self, now: Instant, to: NodeId, out: &mut Out<Self>);
    /// Replaces the log up to the snapshot by it. A snapshot of slots that are not committed or
    /// already compacted is ignored.
    fn compact(&mut self, snapshot: Snapshot<Self::Machine>, out: &mut Out<Self>);
}

/// A disk's content, as the fold of the records written to it.
pub trait Durable<R>: Clone + Debug + Eq + Default {
    /// Adds what one record makes durable.
    fn store(&mut self, record: &R);
}

/// What a replica starts from.
#[derive(Clone, Debug)]
pub struct Boot<P: Protocol> {
    /// The settings.
    pub config: P::Config,
    /// Its own number.
    pub id: NodeId,
    /// The run's seed; the replica's random lane belongs to (seed, id, incarnation).
    pub seed: u64,
    /// How often it was started before.
    pub incarnation: Incarnation,
    /// What its disk holds.
    pub durable: P::Durable,
    /// Which decisions it takes.
    pub mutant: MutantId,
}

/// Why a replica takes no command and no read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refused {
    /// It does not lead.
    NotLeader {
        /// Who leads, as far as it knows.
        hint: Option<NodeId>,
    },
    /// Too much is uncommitted, or the office is being handed over: come again.
    Busy,
}

/// What stands in one slot of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry<C> {
    /// The term of the leader that created it.
    pub term: Term,
    /// What it does.
    pub payload: Payload<C>,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Payload<C> {
    /// Nothing: a new leader commits it to learn what is committed (§8).
    Noop,
    /// Drives the machine.
    Command(C),
}

/// An entry that will not change any more. The logs, disks and messages that have it share it,
/// and with it what each of them would count again: its size and its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed<C>(Arc<Counted<C>>);

#[derive(PartialEq, Eq)]
struct Counted<C> {
    digest: u64,
    bytes: u64,
    entry: Entry<C>,
}

impl<C> Sealed<C> {
    /// A hash of the whole entry.
    pub fn digest(&self) -> u64 {
        self.0.digest
    }

    /// Its size in bytes of its postcard encoding.
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }
}

impl<C: Hash + Serialize> From<Entry<C>> for Sealed<C> {
    fn from(entry: Entry<C>) -> Self {
        let mut digest = Digest::default();
        entry.hash(&mut digest);
        Self(Arc::new(Counted { digest: digest.value(), bytes: encoded_len(&entry), entry }))
    }
}

impl<C> Deref for Sealed<C> {
    type Target = Entry<C>;

    fn deref(&self) -> &Entry<C> {
        &self.0.entry
    }
}

impl<C> Hash for Sealed<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest());
    }
}

impl<C: Serialize> Serialize for Sealed<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.entry.serialize(serializer)
    }
}

impl<C: Debug> Debug for Sealed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.entry.fmt(f)
    }
}

/// A machine's state after a prefix of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot<M> {
    /// The last slot that the state reflects.
    pub through: Slot,
    /// The state.
    pub machine: M,
}

/// What a replica wants done. The driver performs effects in order; those of a step with a
/// [`Effect::Persist`] are all held until the write has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<P: Protocol> {
    /// Make this durable.
    Persist(P::Record),
    /// Send a message.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: P::Message,
    },
    /// A slot is committed: apply it. Every slot, in order, once per incarnation.
    Commit {
        /// Which.
        slot: Slot,
        /// What stands there.
        entry: Sealed<CommandOf<P>>,
    },
    /// A read is safe to answer once `through` is applied.
    Readable {
        /// Which read.
        ticket: Ticket,
        /// What must be applied first.
        through: Slot,
    },
    /// It leads from here on; none: no longer, so refuse whoever waits.
    Leading(Option<Epoch>),
    /// Replace the machine's state.
    Restore(Snapshot<P::Machine>),
    /// What happened and why.
    Note(P::Note),
}

/// Where a step puts its effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out<P: Protocol>(Vec<Effect<P>>);

impl<P: Protocol> Default for Out<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Protocol> Out<P> {
    /// Adds an effect.
    pub fn push(&mut self, effect: Effect<P>) {
        self.0.push(effect);
    }

    /// Adds a message to send.
    pub fn send(&mut self, to: NodeId, message: P::Message) {
        self.0.push(Effect::Send { to, message });
    }

    /// Adds a note.
    pub fn note(&mut self, note: P::Note) {
        self.0.push(Effect::Note(note));
    }

    /// Takes all effects out, in order.
    pub fn drain(&mut self) -> Drain<'_, Effect<P>> {
        self.0.drain(..)
    }

    /// The effects so far, in order.
    pub fn effects(&self) -> &[Effect<P>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_entries_are_sealed_alike_and_others_are_not() {
        let sealed = |term, command: &'static str| {
            Sealed::from(Entry { term: Term(term), payload: Payload::Command(command) })
        };
        let one = sealed(1, "a");
        assert_eq!(one, sealed(1, "a"), "whoever made it");
        assert_eq!(one.digest(), sealed(1, "a").digest());
        assert_eq!(one.bytes(), encoded_len(&one));
        for other in [sealed(2, "a"), sealed(1, "b"), sealed(1, "aa")] {
            assert_ne!(one, other);
            assert_ne!(one.digest(), other.digest());
        }
    }
}
