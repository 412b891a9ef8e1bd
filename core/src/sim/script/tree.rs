//! What a script says, line by line.

mod claim;

use alloc::string::String;
use alloc::vec::Vec;

pub use claim::{Amount, Claim, Compare, Condition, Count, Doubt, Got, Holding, ShardClaim, State};

use super::settings::{Setting, Value};
use crate::id::{ConfigNumber, Gid, NodeId, ShardId};
use crate::kv::Command;
use crate::rng::Ppm;
use crate::sim::action::PacketFault;
use crate::sim::network::Verdict;
use crate::sim::packet::{Label, Shape};
use crate::sim::trace;
use crate::time::{Duration, Instant};

/// One line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    Blank,
    /// A comment, without its `#`.
    Remark(String),
    /// Says that this is a script, and of which version.
    Header,
    /// What it is about.
    Title(String),
    /// The settings follow.
    Cluster,
    /// A setting.
    Setting(Assignment),
    /// What happens follows.
    Story,
    /// Something that happens, or should be so.
    Statement(Statement),
}

/// A setting and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which.
    pub setting: &'static Setting,
    /// Its value.
    pub value: Value,
}

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A sentence to show.
    Say(String),
    /// Gives a server a name.
    Let {
        /// The name.
        name: String,
        /// The server that it means from here on.
        who: Who,
    },
    /// Does something to the world.
    Do(Deed),
    /// Lets so much time pass.
    After(Duration),
    /// Lets time pass up to a moment.
    At(Instant),
    /// Lets so many events of the run happen, counted from its beginning.
    AtStep(u64),
    /// Lets time pass up to the first step after which something is so.
    Wait {
        /// It says `until`, not `when`.
        until: bool,
        /// What.
        condition: Condition,
        /// How long at most.
        within: Option<Duration>,
    },
    /// Something must be so.
    Expect {
        /// What.
        condition: Condition,
        /// When.
        span: Span,
    },
    /// Asks a question. Its choices follow.
    Ask(String),
    /// A choice of the question before it.
    Choice {
        /// In words.
        text: String,
        /// It is right if this is so when the question is answered.
        condition: Condition,
    },
    /// Shows why something is not so; none: who waits for whom.
    Show(Option<Doubt>),
    /// Answers the question that is open, with a sentence that says why.
    Answer(Option<String>),
}

/// When something must be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Now.
    Now,
    /// At some step before so much time has passed.
    Within(Duration),
    /// After every step until so much time has passed.
    For(Duration),
}

/// Who is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A server by its number: process 0 is `S1`.
    Server(NodeId),
    /// A server of a group of many, by its number there, from 1: `G2.S1`, `CTL.S1`.
    Member(Gid, u16),
    /// All servers of a group of many, where more than one may be named: `G2`, `CTL`.
    All(Gid),
    /// A client by its number, from 1.
    Client(u16),
    /// Who changes configurations.
    Operator,
    /// Whoever leads a group, or the only one there is; of two, the one in the later term.
    Leader(Option<Gid>),
    /// The follower with the lowest number, of a group or of the only one.
    Follower(Option<Gid>),
    /// The follower with the lowest number that was not yet picked.
    AnotherFollower(Option<Gid>),
    /// A server that was given a name.
    Named(String),
}

/// Who all are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// These.
    Each(Vec<Who>),
    /// Every server.
    Servers,
    /// Every client, without the operator.
    Clients,
    /// Every server that follows, of a group or of the only one.
    Followers(Option<Gid>),
    /// In a partition: every server that is on no other side.
    Rest,
    /// In a partition: a side without anybody.
    Nobody,
}

/// What is done to processes by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Stops it; its memory is gone.
    Crash,
    /// Starts it from its disk.
    Restart,
    /// Wipes its disk.
    Wipe,
    /// Stops it with its memory.
    Pause,
    /// Lets it go on.
    Resume,
    /// Cuts it off from all other servers.
    Isolate,
}

/// Something done to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To each of a group, in order.
    Each(Verb, Group),
    /// A server stands for election.
    Elect(Who),
    /// A leader hands its office over (thesis §3.10).
    Transfer {
        /// Who leads.
        from: Who,
        /// Who is to lead next.
        to: Who,
    },
    /// A command is put before a server, without a client.
    Propose {
        /// Which.
        server: Who,
        /// What.
        command: Command,
    },
    /// A client begins an operation.
    Invoke {
        /// Which.
        client: Who,
        /// What.
        command: Command,
    },
    /// The controller is asked for something.
    Control {
        /// By whom.
        client: Who,
        /// For what.
        order: Order,
    },
    /// Cuts links, or mends them.
    Links {
        /// Cuts them.
        cut: bool,
        /// In both directions.
        both: bool,
        /// From each of these
        from: Group,
        /// to each of these.
        to: Group,
    },
    /// Cuts the links between the sides.
    Partition(Vec<Group>),
    /// Mends all links, takes all rules away and releases what is held.
    Heal,
    /// Takes all rules away.
    ClearRules,
    /// Does something to messages on their way.
    Meddle {
        /// What.
        fault: PacketFault,
        /// To which.
        which: Which,
    },
    /// Adds a rule.
    Rule {
        /// What happens to messages.
        verdict: Verdict,
        /// To which.
        pattern: Pattern,
        /// How likely.
        chance: Ppm,
        /// When it ends.
        end: RuleEnd,
    },
    /// Changes settings, of the network or the workload, at once.
    Set(Vec<Assignment>),
    /// Makes disks so many times slower.
    SlowDisk {
        /// Whose.
        group: Group,
        /// How many times.
        times: u32,
    },
    /// Lets a clock jump forward, changes how fast it runs, or both.
    Clock {
        /// Whose.
        group: Group,
        /// How far; none: it does not jump.
        jump: Option<Duration>,
        /// Parts per million fast; negative: slow; none: as before.
        drift: Option<i32>,
    },
}

/// What the shard controller is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Groups join.
    Join(Vec<Gid>),
    /// Groups leave.
    Leave(Vec<Gid>),
    /// A shard moves.
    Move {
        /// Which.
        shard: ShardId,
        /// To which group.
        to: Gid,
    },
    /// A configuration is asked for; none: the latest.
    Query(Option<ConfigNumber>),
}

/// When a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEnd {
    /// When it is taken away.
    Never,
    /// After so long.
    After(Duration),
    /// At a moment.
    At(Instant),
}

/// Which messages are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one with this number.
    Number(u64),
    /// The oldest of a kind; if there is none, the run goes on until there is.
    The(Pattern),
    /// All of a kind that are on their way.
    Every(Pattern),
}

/// A kind of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Only those that are held back.
    pub held: bool,
    /// What they are.
    pub kind: &'static Kind,
    /// From these; none: from anyone.
    pub from: Option<Group>,
    /// To these; none: to anyone.
    pub to: Option<Group>,
}

/// What a message is, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// One of them.
    pub one: &'static str,
    /// More of them: empty where rules cannot tell them from others.
    pub many: &'static str,
    /// How rules know them; none: any.
    pub shape: Option<Shape>,
}

const fn kind(one: &'static str, many: &'static str, shape: Shape) -> Kind {
    Kind { one, many, shape: Some(shape) }
}

impl Kind {
    /// All kinds. Names of several words that begin alike: the longer one first.
    pub const ALL: [Self; 18] = [
        kind("pre-vote request", "pre-vote requests", Shape::PreVote),
        kind("vote request", "vote requests", Shape::Vote),
        kind("refused pre-vote", "", Shape::PreVoteReply),
        kind("pre-vote", "pre-votes", Shape::PreVoteReply),
        kind("refused vote", "", Shape::VoteReply),
        kind("vote", "votes", Shape::VoteReply),
        kind("append", "appends", Shape::Append),
        kind("heartbeat acknowledgement", "", Shape::AppendReply),
        kind("heartbeat", "heartbeats", Shape::Heartbeat),
        kind("acknowledgement", "acknowledgements", Shape::AppendReply),
        kind("rejection", "", Shape::AppendReply),
        kind("snapshot acknowledgement", "snapshot acknowledgements", Shape::SnapshotReply),
        kind("snapshot", "snapshots", Shape::Snapshot),
        kind("call to take over", "calls to take over", Shape::TimeoutNow),
        kind("request", "requests", Shape::Request),
        kind("answer", "answers", Shape::Response),
        kind("refusal", "", Shape::Response),
        Self { one: "message", many: "messages", shape: None },
    ];

    /// Whether a message is of this kind.
    pub fn is(&self, label: &Label) -> bool {
        self.shape.is_none() || self.one == trace::name(label)
    }
}
