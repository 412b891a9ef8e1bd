//! Why a group has not taken a configuration.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::handover::{awaited, shards, uncommitted};
use super::reach::{Hindered, words as hindered_words};
use super::words::{group as group_words, list, shard_and_group};
use super::{Answer, Moment, Question, Rule, Status, ask};
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId, Slot};
use crate::shardkv::{Command, Holding};
use crate::sim::packet::Shape;
use crate::sim::scenario::Scenario;
use crate::sim::service;

/// Why a group has not taken a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The group.
    pub group: Gid,
    /// The configuration's number.
    pub number: ConfigNumber,
    /// Why not.
    pub halt: Halt,
}

/// Why a group does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// There is no such group that could hold shards.
    NoSuchGroup,
    /// There is no such configuration yet.
    NoSuchConfiguration {
        /// The latest that anybody knows.
        latest: ConfigNumber,
    },
    /// It has taken it.
    Taken,
    /// Nobody leads it, so that nobody asks.
    NoLeader,
    /// Its leader is new, and must commit this slot first.
    NewLeader {
        /// The slot.
        slot: Slot,
    },
    /// It has not finished with the configuration to which it has come (KI-2, KI-8).
    Unfinished(Unfinished),
    /// The next configuration stands in its log, in this slot, and is not committed.
    Uncommitted {
        /// The slot.
        slot: Slot,
    },
    /// Nobody leads the controller, so that nobody answers.
    NoController,
    /// Its leader and the controller's cannot talk to each other.
    Apart {
        /// The controller's leader, and what stops it.
        controller: Hindered,
        /// No server of the group can talk to one of the controller's.
        whole: bool,
    },
    /// It asks, and goes on one by one.
    Asks {
        /// Who leads it.
        leader: NodeId,
        /// The configuration to which it has come.
        own: ConfigNumber,
    },
}

/// What a group has still to do before the next configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The configuration to which it has come.
    pub own: ConfigNumber,
    /// What it awaits, and from whom.
    pub awaits: Vec<(ShardId, Gid)>,
    /// What it must hand over, and to whom.
    pub gives: Vec<(ShardId, Gid)>,
    /// The one of them that holds it up.
    pub first: Option<Question>,
}

impl Moment<'_> {
    pub(super) fn configuration(&self, group: Gid, number: ConfigNumber) -> Configuration {
        Configuration { group, number, halt: self.halt(group, number) }
    }

    fn halt(&self, group: Gid, number: ConfigNumber) -> Halt {
        if !self.holds_shards(group) {
            return Halt::NoSuchGroup;
        }
        let come = shards(self.world, group);
        if self.held(group, ShardId(0)).is_some_and(|(own, _)| own >= number) {
            return Halt::Taken;
        }
        let latest = self.latest();
        if number > latest {
            return Halt::NoSuchConfiguration { latest };
        }
        let (Some(leader), Some(come)) = (self.led(group), come) else { return Halt::NoLeader };
        if let Some(slot) = self.catching_up(group, leader) {
            return Halt::NewLeader { slot };
        }
        if come.is_unfinished() {
            return Halt::Unfinished(self.unfinished(group));
        }
        let own = come.config().number;
        let is_next = |command: &service::Command| match command {
            service::Command::Shards(Command::Configure(config)) => config.number == own.next(),
            _ => false,
        };
        if let Some(slot) = uncommitted(leader, is_next) {
            return Halt::Uncommitted { slot };
        }
        let Some(controller) = self.led(Gid(0)) else {
            let mut servers = self.world.members(Gid(0));
            let told = servers.any(|it| self.comes([it.id(), leader.id()], Shape::Response));
            return if told { Halt::Asks { leader: leader.id(), own } } else { Halt::NoController };
        };
        let shapes = [Shape::Request, Shape::Response];
        match self.stopped([leader.id(), controller.id()], shapes) {
            Some(by) => {
                let whole = self.is_apart(&self.sound(group), Gid(0));
                Halt::Apart { controller: Hindered { id: controller.id(), by }, whole }
            }
            None => Halt::Asks { leader: leader.id(), own },
        }
    }

    /// What a group has still to do. What is blocked holds it up before what is on its way.
    pub(super) fn unfinished(&self, group: Gid) -> Unfinished {
        let own = self.present(group);
        let awaits = own.map(awaited).unwrap_or_default();
        let frozen = |(shard, holding): (ShardId, &Holding)| match holding {
            Holding::Frozen { to, .. } => Some((shard, *to)),
            _ => None,
        };
        let holdings = own.into_iter().flat_map(|shards| shards.holdings());
        let gives: Vec<(ShardId, Gid)> = holdings.filter_map(frozen).collect();
        let gets = awaits.iter().map(|(shard, from)| (*shard, *from, group));
        let ways = gets.chain(gives.iter().map(|(shard, to)| (*shard, group, *to)));
        let questions = ways.map(|(shard, from, to)| Question::Handover { shard, from, to });
        let first = questions.min_by_key(|question| self.urgency(*question));
        let own = own.map_or(ConfigNumber(0), |shards| shards.config().number);
        Unfinished { own, awaits, gives, first }
    }

    pub(super) fn urgency(&self, question: Question) -> Status {
        let answer: Answer = ask(self.world, self.chronicle, question);
        answer.status()
    }
}

impl Unfinished {
    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let one =
            |word, (shard, gid): &(ShardId, Gid)| shard_and_group(scenario, *shard, word, *gid);
        let awaits: Vec<String> = self.awaits.iter().map(|it| one("from", it)).collect();
        let gives: Vec<String> = self.gives.iter().map(|it| one("to", it)).collect();
        match (awaits.is_empty(), gives.is_empty()) {
            (false, true) => format!("it awaits {}", list(awaits)),
            (true, false) => format!("it has still to hand over {}", list(gives)),
            _ => format!("it awaits {}, and has still to hand over {}", list(awaits), list(gives)),
        }
    }
}

impl Configuration {
    pub(super) const fn status(&self) -> Status {
        match self.halt {
            Halt::NoSuchGroup | Halt::NoSuchConfiguration { .. } => Status::Unknown,
            Halt::Taken => Status::So,
            Halt::NewLeader { .. }
            | Halt::Uncommitted { .. }
            | Halt::Apart { whole: false, .. }
            | Halt::Asks { .. } => Status::Underway,
            Halt::NoLeader | Halt::Unfinished(_) | Halt::NoController | Halt::Apart { .. } => {
                Status::Blocked
            }
        }
    }

    pub(super) fn names(&self) -> NodeSet {
        match &self.halt {
            Halt::Apart { controller, .. } => NodeSet::from_iter([controller.id]),
            Halt::Asks { leader, .. } => NodeSet::from_iter([*leader]),
            _ => NodeSet::EMPTY,
        }
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self.halt {
            Halt::NoSuchGroup | Halt::NoSuchConfiguration { .. } | Halt::Taken => None,
            Halt::Unfinished(_) => Some(Rule::FinishFirst),
            Halt::Asks { .. } => Some(Rule::OneByOne),
            _ => Some(Rule::LeaderServes),
        }
    }

    pub(super) const fn next(&self) -> Option<Question> {
        let group = self.group;
        match &self.halt {
            Halt::NoLeader => Some(Question::Leader { group }),
            Halt::NewLeader { slot } | Halt::Uncommitted { slot } => {
                Some(Question::Commit { group, slot: *slot })
            }
            Halt::Unfinished(unfinished) => unfinished.first,
            Halt::NoController => Some(Question::Leader { group: Gid(0) }),
            _ => None,
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let Self { group, number, halt } = self;
        let name = group_words(scenario, *group);
        let waits = format!("{name} has not taken configuration {number}");
        match halt {
            Halt::NoSuchGroup => format!("There is no group {name} that could hold shards."),
            Halt::NoSuchConfiguration { latest } => {
                format!("There is no configuration {number} yet: the latest is {latest}.")
            }
            Halt::Taken => format!("{name} has taken configuration {number}."),
            Halt::NoLeader => format!("{waits}: nobody leads it, so nobody asks for it."),
            Halt::NewLeader { slot } => {
                format!("{waits}: its leader is new and must commit slot {slot} first.")
            }
            Halt::Unfinished(unfinished) => format!(
                "{waits}: it must finish with configuration {} first ({}), and {}.",
                unfinished.own,
                Rule::FinishFirst.section(),
                unfinished.words(scenario)
            ),
            Halt::Uncommitted { slot } => {
                format!("{waits}: the next one stands in slot {slot} and is not committed yet.")
            }
            Halt::NoController => {
                format!(
                    "{waits}: it asks the controller for it, which has no leader that could answer."
                )
            }
            Halt::Apart { controller, .. } => format!(
                "{waits}: it asks the controller for it. {}.",
                hindered_words(scenario, &[*controller])
            ),
            Halt::Asks { leader, own } => format!(
                "{waits}: it has come to configuration {own}, and {} asks for the next one, one \
                 by one ({}).",
                scenario.name(*leader),
                Rule::OneByOne.section()
            ),
        }
    }
}
