//! What may be so at a moment of the run.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Group, Pattern, Who};
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::kv::Command;
use crate::shardkv::Status;
use crate::sim::invariants::Law;

/// What may be so: all of these, or one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// One of them is enough.
    pub any: bool,
    /// Claims; those with `true` must not hold. Never empty.
    pub claims: Vec<(bool, Claim)>,
}

/// Something about a moment of the run that holds or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A server leads; or none does.
    Leader {
        /// One does.
        exists: bool,
        /// In this group; none: there is only one.
        of: Option<Gid>,
    },
    /// A server leads in each group.
    Led,
    /// Each of a group is in a state.
    Is(Group, State),
    /// Each of a group voted in its present term for somebody, or for nobody.
    Voted(Group, Option<Who>),
    /// A number.
    Count {
        /// Which.
        count: Count,
        /// Compared how.
        compare: Compare,
        /// With what.
        number: u64,
    },
    /// The terms of all entries in the logs.
    Terms(Group, Vec<u64>),
    /// The logs hold the same, as far as all of them have entries.
    SameLogs(Group),
    /// The servers have applied equally much, and hold the same.
    SameStores(Group),
    /// What stands in a slot.
    Slot {
        /// Which.
        slot: u64,
        /// In whose logs.
        group: Group,
        /// What.
        holding: Holding,
    },
    /// A slot is committed: by the rules, or as far as servers know.
    Committed {
        /// Which.
        slot: u64,
        /// Who must know it.
        at: Option<Group>,
    },
    /// What is stored under a key.
    Stored {
        /// Which key.
        key: String,
        /// At which servers.
        at: Group,
        /// The value; none: the key is missing.
        value: Option<String>,
    },
    /// The last operation that a server remembers of a client.
    Session {
        /// Whose.
        client: Who,
        /// Where.
        at: Group,
        /// Its number; none: it remembers nothing.
        last: Option<u64>,
    },
    /// What became of a client's operation.
    Got {
        /// Whose.
        client: Who,
        /// What.
        got: Got,
        /// Which one, from 1; none: the last that began.
        operation: Option<u64>,
    },
    /// A server answered the client's last operation.
    AnsweredBy {
        /// Who.
        server: Who,
        /// Whom.
        client: Who,
    },
    /// Something about shards.
    Shards(ShardClaim),
    /// A message of a kind is on its way; or none is.
    Message {
        /// One is.
        exists: bool,
        /// Of which kind.
        pattern: Pattern,
    },
    /// A link lets nothing through, or is whole.
    Link {
        /// From
        from: Who,
        /// to.
        to: Who,
        /// It lets nothing through.
        cut: bool,
    },
    /// An invariant; none: all of them.
    Law {
        /// Which.
        law: Option<Law>,
        /// It is broken.
        broken: bool,
    },
    /// One order of the clients' operations explains what they saw; or none does.
    History {
        /// One does.
        linearizable: bool,
    },
    /// These servers, and no others, are the cause of something that is not so.
    Why(Group, Doubt),
    /// A server's notes had these words at some time in the run.
    Said {
        /// Who.
        who: Who,
        /// What.
        text: String,
    },
}

/// What is not so, and may be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// An entry is not committed.
    Slot {
        /// In which slot.
        slot: u64,
        /// In whose log; none: there is only one.
        of: Option<Gid>,
    },
    /// Nobody leads a group; none: the only one.
    Leader(Option<Gid>),
    /// A client waits.
    Waits(Who),
    /// A shard is not served.
    Shard(ShardId),
    /// A group has not taken a configuration.
    Configuration(Gid, ConfigNumber),
}

/// Where shards are at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShardClaim {
    /// What a group has of a shard.
    Has {
        /// Which group; none: no group has that of it.
        group: Option<Gid>,
        /// What.
        status: Status,
        /// Which shard.
        shard: ShardId,
    },
    /// A shard is frozen where it was, and awaited where it will be.
    Moving {
        /// Which shard.
        shard: ShardId,
        /// Where it was.
        from: Gid,
        /// Where it will be.
        to: Gid,
    },
    /// Servers have come to a configuration, and have all that it gives them.
    Applied {
        /// Which, or a later one.
        config: ConfigNumber,
        /// Where; none: at all servers that hold shards.
        at: Option<Group>,
    },
}

/// What a server is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It leads.
    Leads,
    /// It follows: somebody, or whomever.
    Follows(Option<Who>),
    /// It stands for election.
    Candidate,
    /// It asks whether it could win one.
    PreCandidate,
    /// It is down.
    Down,
    /// It is not down.
    Up,
    /// It stands still.
    Paused,
    /// It lost its disk once.
    LostDisk,
}

/// A number that can be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// Of each of a group.
    Of(Amount, Group),
    /// How many servers lead.
    Leaders,
    /// The number of the controller's latest configuration.
    Configuration,
    /// How many shards a group serves.
    Shards(Gid),
    /// How many slots are committed.
    Committed,
    /// How many messages are held back.
    Held,
}

/// A number that belongs to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// The term that it is in.
    Term,
    /// The highest slot that it knows as committed.
    Commit,
    /// The last slot of its log.
    Last,
    /// The last slot that its machine reflects.
    Applied,
    /// The last slot that its snapshot stands for; 0 without one.
    Snapshot,
    /// The configuration that it has come to; of the controller's servers, the latest.
    Configuration,
    /// How often a client sent its last operation.
    Attempts,
    /// How many operations of a client have returned.
    Operations,
}

/// How a number compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// It is this.
    Is,
    /// It is this or more.
    AtLeast,
    /// It is this or less.
    AtMost,
}

/// What stands in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Nothing.
    Nothing,
    /// An entry without a command.
    Noop,
    /// An entry of a term.
    Term(u64),
    /// A command.
    Command(Command),
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// It waits for an answer.
    Waits,
    /// It got this answer, in words.
    Answer(String),
    /// It read this value.
    Read(String),
}
