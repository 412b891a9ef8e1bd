//! The picture of one moment: servers, logs, stores, clients.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::id::{NodeId, Slot, Term};
use crate::raft::note::Note;
use crate::time::{Duration, Instant};

/// One replica group and its clients at one moment.
///
/// Parts sit behind [`Arc`]s, and a part that did not change between two steps compares equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The servers, by increasing number.
    pub servers: Vec<Arc<Server>>,
    /// The clients, by increasing number.
    pub clients: Vec<Arc<Client>>,
    /// The links that let nothing through, each direction by itself, ordered.
    pub cuts: Vec<(NodeId, NodeId)>,
    /// What holds for the group as a whole.
    pub situation: Situation,
    /// What a server said last about why something did not go as it might have.
    pub news: Option<News>,
}

/// What a server said a moment ago: a vote refused, an office given up, entries thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// Who.
    pub server: NodeId,
    /// What.
    pub note: Note,
}

impl News {
    /// So long it is news: a few seconds at the page's usual speed.
    pub const LASTS: Duration = Duration::from_millis(30);
}

/// What holds for the group as a whole: the seed of the page's narration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Nobody leads and nobody stands for election.
    Leaderless {
        /// How many servers of the largest set can all talk to one another, both ways.
        reach: u32,
        /// How many it takes.
        quorum: u32,
    },
    /// At least one server stands for election (or asks whether it should, when `pre`).
    Election {
        /// The candidate of the highest term.
        candidate: NodeId,
        /// The term it stands for.
        term: Term,
        /// It only asks whether it could win (pre-vote).
        pre: bool,
        /// Votes that it has, its own included.
        votes: u32,
        /// Votes that it needs.
        quorum: u32,
    },
    /// A leader is in office and can reach a quorum.
    Led {
        /// The leader of the highest term.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// Another server still believes that it leads in an earlier term.
        rival: Option<NodeId>,
    },
    /// The leader of the highest term cannot reach a quorum: nothing can be committed.
    Stranded {
        /// The leader of the highest term.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// How many servers it can talk to, itself included.
        reach: u32,
        /// How many it takes.
        quorum: u32,
    },
}

/// Whether a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It runs.
    Up,
    /// It crashed: what was not on its disk is gone.
    Down,
    /// It stands still with everything in memory.
    Paused,
}

/// What a server does in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It follows `leader`, if it knows one.
    Follower {
        /// The leader that it last heard from in this term.
        leader: Option<NodeId>,
    },
    /// It asks whether it could win an election.
    PreCandidate {
        /// Who said yes, itself included.
        votes: Vec<NodeId>,
    },
    /// It stands for election.
    Candidate {
        /// Who voted for it, itself included.
        votes: Vec<NodeId>,
    },
    /// It leads.
    Leader {
        /// What it knows of the others, by increasing number.
        peers: Vec<Progress>,
    },
}

/// What a leader knows of one follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The follower.
    pub peer: NodeId,
    /// The next slot to send.
    pub next: Slot,
    /// The highest slot known to be stored there.
    pub matched: Slot,
}

/// A running-down timer, drawn as an arc: the part left is `(fires - now) / length`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When it was set, in global time.
    pub set: Instant,
    /// When it goes off, in global time.
    pub fires: Instant,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its number in the world.
    pub id: NodeId,
    /// `S1`, `S2`, …
    pub name: String,
    /// Whether it runs.
    pub health: Health,
    /// A write to its disk is under way; it does nothing else until the write has ended.
    pub writing: bool,
    /// How many times slower than usual its disk is.
    pub disk_times: u32,
    /// How fast its clock runs, in parts per million off true.
    pub drift: i32,
    /// It lost its disk: it receives, but its votes and acknowledgements do not count.
    pub lost_disk: bool,
    /// What it does (of a server that is down: a follower that knows nobody).
    pub role: Role,
    /// Its current term (durable).
    pub term: Term,
    /// Whom it voted for in this term (durable).
    pub voted_for: Option<NodeId>,
    /// The election timer of a follower or candidate.
    pub timer: Option<Timer>,
    /// Its log (durable).
    pub log: Arc<Log>,
    /// The highest slot that it knows to be committed (volatile).
    pub commit: Slot,
    /// The highest slot that its store reflects (volatile).
    pub applied: Slot,
    /// What it stores: key, value, version, by key.
    pub store: Arc<Vec<Stored>>,
    /// The at-most-once table: one line per client session.
    pub sessions: Arc<Vec<SessionLine>>,
    /// Events that wait because the server is paused, writing or busy.
    pub backlog: u32,
}

/// A server's log: at most the last [`Log::SHOWN`] entries as cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The snapshot that stands for everything before the first entry.
    pub snapshot: Option<Compacted>,
    /// The slot of the last entry (or of the snapshot).
    pub last: Slot,
    /// The entries shown, by slot; entries before them exist when the first one's slot is more
    /// than one past the snapshot.
    pub cells: Vec<Cell>,
    /// Bytes of the log.
    pub bytes: u64,
}

impl Log {
    /// How many entries are shown at most.
    pub const SHOWN: usize = 24;
}

/// What a snapshot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// The last slot that it covers.
    pub through: Slot,
    /// That slot's term.
    pub term: Term,
    /// Its size in bytes.
    pub bytes: u64,
}

/// One log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Where it stands.
    pub slot: Slot,
    /// The term of the leader that created it.
    pub term: Term,
    /// The command, short: `x=1`, `y+b`, `del x`, `no-op`.
    pub label: String,
    /// The command in words: `put x 1`, from which client, under which serial number.
    pub detail: String,
    /// The server knows that it is committed.
    pub committed: bool,
    /// Its client's call stands in an earlier slot already: it is ignored when applied (§8).
    pub repeat: bool,
}

/// One key of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The key.
    pub key: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
    /// How often it was written, from 1.
    pub version: u64,
    /// The last change of this server's store was to this key.
    pub fresh: bool,
}

/// One line of the at-most-once table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// The session, in words: `client 1`, or `client 1, shard 5`.
    pub client: String,
    /// The serial number last executed.
    pub serial: u64,
    /// The answer that a repeat would get.
    pub reply: String,
}

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its number in the world.
    pub id: NodeId,
    /// `Client 1`, `Client 2`, …
    pub name: String,
    /// What it is doing.
    pub call: Option<Call>,
    /// Operations that wait behind the present one.
    pub queued: u32,
    /// Operations answered so far.
    pub answered: u64,
}

/// A client's present or last operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation in words: `append y b`.
    pub operation: String,
    /// When the client called.
    pub since: Instant,
    /// How often it was sent, from 1; 0: an order to the controller that has returned, or the
    /// client asks the controller first who has the key.
    pub attempts: u32,
    /// Which server the last attempt went to; the client itself if there was none.
    pub server: NodeId,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The answer in words: `ok`, `1a`, `version 3`, `outcome unknown`.
    pub answer: String,
    /// Who answered.
    pub server: NodeId,
    /// From call to return.
    pub took: Duration,
}
