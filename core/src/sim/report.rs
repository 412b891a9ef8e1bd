//! What one step of the world did.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::mem;

use super::client::Outbox;
use super::packet::Label;
use super::store::{Record, StoreActs, StoreEntry, StoreReply};
use crate::controller;
use crate::id::{ClientId, Epoch, LogId, NodeId, Serial, Slot};
use crate::kv::{Command, Reply};
use crate::protocol::Refused;
use crate::raft::note::Note;
use crate::time::{Instant, Why};

/// What one step of the world did: filled anew by each step.
#[derive(Clone, Debug)]
pub struct Report {
    /// The step's number, from 1.
    pub step: u64,
    /// When it happened.
    pub at: Instant,
    /// To which process; of an action on several, the first.
    pub node: NodeId,
    /// What happened.
    pub happened: Happened,
    /// What came of it, in order.
    pub shown: Vec<Shown>,
    /// The highest slot of which a message of this step says that the sender's disk has the
    /// receiver's log up to it; 0: none says so.
    pub vouched: Slot,
    pub(super) acts: StoreActs,
    pub(super) errands: Outbox,
    /// Empty buffers to be used again.
    pub(super) pool: Vec<StoreActs>,
}

/// What happened in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A message was received.
    Received(Label),
    /// A message arrived, and waits because its receiver is busy or paused.
    Queued(Label),
    /// A message arrived where nobody could get it: a cut link, a server that is down.
    Missed(Label),
    /// An alarm went off.
    Woke(Why),
    /// A write (or the work on an event) ended, and its effects came out.
    Finished,
    /// Somebody acted on the world from outside.
    Acted(ActionKind),
    /// A process did what it had been told to from outside, after it had been busy.
    Obeyed,
}

/// A message's number says which: its label was taken in when it was sent.
impl Hash for Happened {
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Received(label) | Self::Queued(label) | Self::Missed(label) => {
                label.id.hash(state);
            }
            Self::Woke(why) => why.hash(state),
            Self::Acted(kind) => kind.hash(state),
            Self::Finished | Self::Obeyed => {}
        }
    }
}

/// What kind of action it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// A server was stopped, and what was not on its disk is gone.
    Crash,
    /// A server was started from its disk.
    Restart,
    /// A server's disk was wiped.
    Wipe,
    /// A process was stopped with everything in memory.
    Pause,
    /// It went on.
    Resume,
    /// A server was told to stand for election.
    Campaign,
    /// Handing leadership over.
    Transfer,
    /// Links were cut.
    Cut,
    /// Links were mended.
    Mend,
    /// All links were mended and all rules taken away.
    Heal,
    /// A message was dropped, delayed, copied, held or delivered by hand.
    Packet,
    /// A client was given an operation.
    Invoke,
    /// A setting was changed.
    Setting,
    /// A server was given a command from outside.
    Propose,
    /// A configuration was to be changed.
    Control,
}

impl ActionKind {
    /// In words: `start an election`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Restart => "restart",
            Self::Wipe => "wipe the disk",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Campaign => "start an election",
            Self::Transfer => "hand leadership over",
            Self::Cut => "cut links",
            Self::Mend => "mend a link",
            Self::Heal => "heal",
            Self::Packet => "meddle with a message",
            Self::Invoke => "ask a client",
            Self::Setting => "change a setting",
            Self::Propose => "put a command before a server",
            Self::Control => "change the configuration",
        }
    }
}

/// What a server tells a client. As with all that messages carry, a run's digest leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told(pub Option<StoreReply>);

impl Hash for Told {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What came of a step. All of it belongs to the report's process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Something became durable.
    Persisted(Record),
    /// A message was sent, and this becomes of it.
    Sent(Label),
    /// A slot was applied.
    Applied {
        /// Which.
        slot: Slot,
        /// What stood there.
        entry: StoreEntry,
        /// What the machine replied.
        reply: Option<StoreReply>,
    },
    /// A server leads, or leads no longer.
    Leading(Option<Epoch>),
    /// A server's state was replaced by a snapshot.
    Restored(Slot),
    /// A server answered a read from this much of the log.
    Answered {
        /// Everything up to here.
        applied: Slot,
        /// Which client asked.
        to: NodeId,
        /// Which of its operations.
        serial: Serial,
        /// What it was told.
        reply: Told,
    },
    /// A server said what happened and why.
    Note(Note),
    /// A server's memory is gone.
    Crashed,
    /// A server started.
    Booted,
    /// A server's disk is gone.
    Wiped,
    /// A client began an operation.
    Called {
        /// Its number with this client.
        serial: Serial,
        /// What.
        command: Command,
    },
    /// A client asked a server.
    Asked {
        /// Which operation.
        serial: Serial,
        /// Whom.
        server: NodeId,
    },
    /// An operation returned.
    Returned {
        /// Which.
        serial: Serial,
        /// Who answered.
        by: NodeId,
        /// The reply; none if nobody can say what became of it.
        reply: Option<Reply>,
    },
    /// A process asked to be woken in the past: it would never stop.
    Spinning,
    /// A command from outside was put before the server.
    Proposed {
        /// The session that it was given.
        session: ClientId,
        /// What.
        command: Command,
        /// Where it will stand if it commits, or why the server does not take it.
        place: Result<LogId, Refused>,
    },
    /// A client began an operation on the configuration.
    Ordered {
        /// Its number with this client.
        serial: Serial,
        /// What.
        command: controller::Command,
    },
    /// An operation on the configuration returned.
    Concluded {
        /// Which.
        serial: Serial,
        /// Who answered.
        by: NodeId,
        /// The reply; none if nobody can say what became of it.
        reply: Option<controller::Reply>,
    },
}

impl Default for Report {
    fn default() -> Self {
        Self {
            step: 0,
            at: Instant::ZERO,
            node: NodeId(0),
            happened: Happened::Finished,
            shown: Vec::new(),
            vouched: Slot(0),
            acts: StoreActs::default(),
            errands: Outbox::default(),
            pool: Vec::new(),
        }
    }
}
