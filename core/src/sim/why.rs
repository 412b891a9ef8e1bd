//! Why something is not so: who keeps an entry from being committed, a group from being led, a
//! request from being answered, a shard from being served, a group from taking a configuration.
//!
//! Pure functions over a moment of a run. [`ask`] gives one answer; it names servers, the rule that
//! holds them up, and what to ask next if the cause lies elsewhere. [`explain`] follows these
//! questions to their root: who waits for whom. [`about`] asks all that there is to ask about one
//! thing. What is not there (a slot, a shard, a group, a configuration) has an answer of its own,
//! so nothing here can fail.
//!
//! An answer is about this moment. `Blocked` means that it stays so until somebody does something
//! about one of those who are named; `Underway`, that messages on their way can end it.

mod chain;
mod commit;
mod configuration;
mod handover;
mod leader;
mod reach;
mod request;
mod rule;
mod shard;
mod subject;
mod words;

#[cfg(test)]
mod tests;

use alloc::string::String;

pub use self::chain::{Explanation, explain, waits};
pub use self::commit::Commit;
pub use self::configuration::Configuration;
pub use self::handover::Handover;
pub use self::leader::Leadership;
pub use self::reach::{Hindered, Hindrance};
pub use self::request::{Cause, Request};
pub use self::rule::Rule;
pub use self::shard::Shard;
pub use self::subject::{Subject, about};
pub use super::client::{Denial, Denied};
pub use super::network::Stop;

use super::chronicle::Chronicle;
use super::scenario::Scenario;
use super::world::World;
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId, Slot};

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Why is the entry in this slot of a group's log not committed?
    Commit {
        /// The group; 0 is the only one there is, or the controller's.
        group: Gid,
        /// The slot.
        slot: Slot,
    },
    /// Why does nobody lead this group?
    Leader {
        /// The group.
        group: Gid,
    },
    /// Why has this client's open request no answer?
    Request {
        /// The client's process.
        client: NodeId,
    },
    /// Why is this shard not served?
    Shard {
        /// The shard.
        shard: ShardId,
    },
    /// Why does a group not get a shard from another one?
    Handover {
        /// The shard.
        shard: ShardId,
        /// Who has it.
        from: Gid,
        /// Who awaits it.
        to: Gid,
    },
    /// Why has this group not taken a configuration?
    Configuration {
        /// The group.
        group: Gid,
        /// The configuration's number.
        number: ConfigNumber,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// About an entry.
    Commit(Commit),
    /// About a group's leader.
    Leader(Leadership),
    /// About a request.
    Request(Request),
    /// About a shard.
    Shard(Shard),
    /// About a shard on its way.
    Handover(Handover),
    /// About a group's configuration.
    Configuration(Configuration),
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It stays so until something is done about those who are named, or about what the next
    /// question is about.
    Blocked,
    /// It is about to happen: messages on their way, or a timer, can bring it about.
    Underway,
    /// There is nothing to explain: it is so.
    So,
    /// There is no such thing.
    Unknown,
}

/// A moment of a run.
#[derive(Clone, Copy)]
struct Moment<'a> {
    world: &'a World,
    chronicle: &'a Chronicle,
}

/// Answers a question about a moment of a run, by one step.
pub fn ask(world: &World, chronicle: &Chronicle, question: Question) -> Answer {
    let moment = Moment { world, chronicle };
    match question {
        Question::Commit { group, slot } => Answer::Commit(moment.commit(group, slot)),
        Question::Leader { group } => Answer::Leader(moment.leader(group)),
        Question::Request { client } => Answer::Request(moment.request(client)),
        Question::Shard { shard } => Answer::Shard(moment.shard(shard)),
        Question::Handover { shard, from, to } => {
            Answer::Handover(moment.handover(shard, from, to))
        }
        Question::Configuration { group, number } => {
            Answer::Configuration(moment.configuration(group, number))
        }
    }
}

impl Answer {
    /// What it comes to.
    pub fn status(&self) -> Status {
        match self {
            Self::Commit(answer) => answer.status(),
            Self::Leader(answer) => answer.status(),
            Self::Request(answer) => answer.status(),
            Self::Shard(answer) => answer.status(),
            Self::Handover(answer) => answer.status(),
            Self::Configuration(answer) => answer.status(),
        }
    }

    /// The processes that it names as the cause: mostly servers.
    pub fn names(&self) -> NodeSet {
        match self {
            Self::Commit(answer) => answer.names(),
            Self::Leader(answer) => answer.names(),
            Self::Request(answer) => answer.names(),
            Self::Shard(_) => NodeSet::EMPTY,
            Self::Handover(answer) => answer.names(),
            Self::Configuration(answer) => answer.names(),
        }
    }

    /// The rule that holds it up, with its section; none: there is nothing to explain, or the cause
    /// lies elsewhere.
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::Commit(answer) => answer.rule(),
            Self::Leader(answer) => answer.rule(),
            Self::Request(answer) => answer.rule(),
            Self::Shard(answer) => answer.rule(),
            Self::Handover(answer) => answer.rule(),
            Self::Configuration(answer) => answer.rule(),
        }
    }

    /// What to ask next, if the cause lies elsewhere.
    pub fn next(&self) -> Option<Question> {
        match self {
            Self::Commit(answer) => answer.next(),
            Self::Leader(_) => None,
            Self::Request(answer) => answer.next(),
            Self::Shard(answer) => answer.next(),
            Self::Handover(answer) => answer.next(),
            Self::Configuration(answer) => answer.next(),
        }
    }

    /// One or two plain sentences, with the servers by the names that they have in this scenario.
    pub fn words(&self, scenario: &Scenario) -> String {
        match self {
            Self::Commit(answer) => answer.words(scenario),
            Self::Leader(answer) => answer.words(scenario),
            Self::Request(answer) => answer.words(scenario),
            Self::Shard(answer) => answer.words(scenario),
            Self::Handover(answer) => answer.words(scenario),
            Self::Configuration(answer) => answer.words(scenario),
        }
    }
}
