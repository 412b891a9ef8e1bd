//! Why a group does not get a shard from another one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::reach::{Hindered, Hindrance, words as hindered_words};
use super::words::{group as group_words, list, shard_and_group};
use super::{Moment, Question, Rule, Status};
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId, Slot};
use crate::protocol::Payload;
use crate::server::Wire;
use crate::shardkv::{Command, Holding, ShardKv};
use crate::sim::node::{Input, Node};
use crate::sim::packet::{Label, Packet, Shape};
use crate::sim::scenario::Scenario;
use crate::sim::service;
use crate::sim::store::StoreWire;
use crate::sim::world::World;

/// Why a group does not get a shard from another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The shard.
    pub shard: ShardId,
    /// Who has it.
    pub from: Gid,
    /// Who awaits it.
    pub to: Gid,
    /// Why it does not come.
    pub delay: Delay,
}

/// Why a shard does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delay {
    /// There is no such shard or no such group, or the groups are the same.
    NoSuchThing,
    /// The group does not await it from there.
    NotAwaited,
    /// Nobody leads this group of the two.
    NoLeader(Gid),
    /// The leader of this group of the two is new, and must commit this slot first.
    NewLeader {
        /// The group.
        group: Gid,
        /// The slot.
        slot: Slot,
    },
    /// The group that has it has not come to the configuration that moves it.
    SourceBehind {
        /// The configuration that moves it.
        config: ConfigNumber,
    },
    /// The group that should have it has nothing of it: it is lost (KI-4).
    Gone,
    /// The leader that has it does not give it (KI-12), as long as it awaits these itself.
    Withheld {
        /// The leader.
        leader: NodeId,
        /// Which shards it awaits, and from whom.
        awaits: Vec<(ShardId, Gid)>,
    },
    /// The two leaders cannot talk to each other; named is the one that is not heard.
    Apart {
        /// The leader that awaits it, and what stops it.
        other: Hindered,
        /// No server of the one group can talk to one of the other, so that no other leader helps.
        whole: bool,
    },
    /// A piece stands in the log of the group that awaits it, in this slot, and is not committed.
    Uncommitted {
        /// The slot.
        slot: Slot,
    },
    /// Nobody gives it as things are, but what was sent of it before is on its way.
    Sent,
    /// It is on its way.
    OnItsWay {
        /// The leader that gives it.
        source: NodeId,
        /// The leader that awaits it.
        target: NodeId,
        /// Pieces that have come.
        have: u32,
        /// How many there are.
        of: u32,
    },
}

/// What a group has, as far as the group has come.
pub(super) fn shards(world: &World, group: Gid) -> Option<&ShardKv> {
    world.furthest(group)?.machine().shards()
}

/// The first command of a kind in a leader's log that is not committed.
pub(super) fn uncommitted(node: &Node, is: impl Fn(&service::Command) -> bool) -> Option<Slot> {
    let replica = node.server()?.replica();
    let mut open = replica.log().from(replica.commit().next());
    let found = open.find(|(_, entry)| match &entry.payload {
        Payload::Command(command) => is(command),
        Payload::Noop => false,
    });
    found.map(|(slot, _)| slot)
}

/// Whether a message brings a piece of a shard.
fn piece_of(wire: &StoreWire, shard: ShardId) -> bool {
    match wire {
        Wire::Request(request) => match &request.command {
            service::Command::Shards(Command::Install(install)) => install.shard == shard,
            _ => false,
        },
        _ => false,
    }
}

/// What a server pushes of a shard: which, how many pieces the new owner has, and of how many.
fn push(node: &Node, shard: ShardId) -> Option<(ShardId, u32, u32)> {
    node.mover()?.pushes().find(|it| it.0 == shard)
}

/// What a group awaits, and from whom.
pub(super) fn awaited(shards: &ShardKv) -> Vec<(ShardId, Gid)> {
    let from = |(shard, holding): (ShardId, &Holding)| match holding {
        Holding::Awaiting { from, .. } => Some((shard, *from)),
        _ => None,
    };
    shards.holdings().filter_map(from).collect()
}

impl Moment<'_> {
    pub(super) fn handover(&self, shard: ShardId, from: Gid, to: Gid) -> Handover {
        let delay = match self.delay(shard, from, to) {
            Delay::NoLeader(group) if group == from && self.flies(shard, from, to) => Delay::Sent,
            Delay::Apart { .. } if self.flies(shard, from, to) => Delay::Sent,
            delay => delay,
        };
        Handover { shard, from, to, delay }
    }

    /// Whether a piece of a shard is on its way between two groups, to somebody who can take it.
    fn flies(&self, shard: ShardId, from: Gid, to: Gid) -> bool {
        let group = |id| self.world.scenario().group_of(id);
        let brings = |label: &Label, wire: &StoreWire| {
            group(label.from) == Some(from) && group(label.to) == Some(to) && piece_of(wire, shard)
        };
        let flies = |packet: &Packet| {
            let Label { from, to, .. } = packet.label;
            packet.place.is_some()
                && brings(&packet.label, &packet.wire)
                && self.unsound(to).is_none()
                && !self.world.is_cut(from, to)
        };
        let read = |input: &Input| matches!(input, Input::Message(it, wire) if brings(it, wire));
        let mut servers = self.world.members(to);
        self.world.packets().any(flies) || servers.any(|node| node.inbox.iter().any(read))
    }

    /// What a group lacks of which no running server has applied all that one ever did.
    fn returning(&self, group: Gid) -> Delay {
        let slot = self.led(group).and_then(|leader| self.catching_up(group, leader));
        slot.map_or(Delay::NoLeader(group), |slot| Delay::NewLeader { group, slot })
    }

    fn delay(&self, shard: ShardId, from: Gid, to: Gid) -> Delay {
        let world = self.world;
        let known = world.scenario().sharding.is_some_and(|it| shard.0 < it.shards);
        if !known || from == to || !self.holds_shards(from) || !self.holds_shards(to) {
            return Delay::NoSuchThing;
        }
        let Some(target) = self.present(to) else { return self.returning(to) };
        let (config, next) = match target.holding(shard) {
            Some(Holding::Awaiting { from: source, config, next, .. }) if *source == from => {
                (*config, *next)
            }
            _ => return Delay::NotAwaited,
        };
        let is_piece = |command: &service::Command| match command {
            service::Command::Shards(Command::Install(install)) => {
                install.shard == shard && install.config == config && install.index == next
            }
            _ => false,
        };
        if let Some(slot) = self.led(to).and_then(|taker| uncommitted(taker, is_piece)) {
            return Delay::Uncommitted { slot };
        }
        let Some(source) = self.present(from) else { return self.returning(from) };
        if source.config().number < config {
            return Delay::SourceBehind { config };
        }
        if !matches!(source.holding(shard), Some(Holding::Frozen { to: heir, .. }) if *heir == to) {
            return Delay::Gone;
        }
        // Whoever is in office goes on giving what is frozen, whether or not a majority hears it.
        let gives = |node: &&Node| push(node, shard).is_some();
        let office = || self.in_office(from).map(|(_, node)| node).filter(gives);
        let (giver, taker) = match (self.led(from).or_else(office), self.led(to)) {
            (None, _) => return Delay::NoLeader(from),
            (_, None) => return Delay::NoLeader(to),
            (Some(giver), Some(taker)) => (giver, taker),
        };
        if let Some(slot) = self.catching_up(from, giver) {
            return Delay::NewLeader { group: from, slot };
        }
        let Some((_, sent, of)) = push(giver, shard) else {
            return Delay::Withheld { leader: giver.id(), awaits: awaited(source) };
        };
        let shapes = [Shape::Request, Shape::Response];
        // The last piece needs no answer: whoever has it all is done.
        let last = sent == next && next + 1 == of;
        match self.stopped([giver.id(), taker.id()], shapes) {
            Some(by) if !last || matches!(by, Hindrance::Unreachable { .. }) => {
                let whole = self.is_apart(&self.sound(from), to);
                Delay::Apart { other: Hindered { id: taker.id(), by }, whole }
            }
            _ => Delay::OnItsWay { source: giver.id(), target: taker.id(), have: next, of },
        }
    }
}

impl Handover {
    pub(super) const fn status(&self) -> Status {
        match self.delay {
            Delay::NoSuchThing => Status::Unknown,
            Delay::NotAwaited => Status::So,
            Delay::NewLeader { .. }
            | Delay::Uncommitted { .. }
            | Delay::Apart { whole: false, .. }
            | Delay::Sent
            | Delay::OnItsWay { .. } => Status::Underway,
            _ => Status::Blocked,
        }
    }

    pub(super) fn names(&self) -> NodeSet {
        match &self.delay {
            Delay::Withheld { leader, .. } => NodeSet::from_iter([*leader]),
            Delay::Apart { other, .. } => NodeSet::from_iter([other.id]),
            Delay::OnItsWay { source, target, .. } => NodeSet::from_iter([*source, *target]),
            _ => NodeSet::EMPTY,
        }
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self.delay {
            Delay::NoSuchThing | Delay::NotAwaited => None,
            Delay::Withheld { .. } => Some(Rule::GivesAtOnce),
            _ => Some(Rule::WholeShard),
        }
    }

    pub(super) fn next(&self) -> Option<Question> {
        let Self { from, to, .. } = *self;
        match &self.delay {
            Delay::NoLeader(group) => Some(Question::Leader { group: *group }),
            Delay::NewLeader { group, slot } => {
                Some(Question::Commit { group: *group, slot: *slot })
            }
            Delay::SourceBehind { config } => {
                Some(Question::Configuration { group: from, number: *config })
            }
            Delay::Uncommitted { slot } => Some(Question::Commit { group: to, slot: *slot }),
            Delay::Withheld { awaits, .. } => {
                let (shard, other) = *awaits.first()?;
                Some(Question::Handover { shard, from: other, to: from })
            }
            _ => None,
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let Self { shard, from, to, delay } = self;
        let name = |gid: &Gid| group_words(scenario, *gid);
        let (source, target) = (name(from), name(to));
        let waits = format!("{target} waits for shard {shard} from {source}");
        match delay {
            Delay::NoSuchThing => {
                format!("There is no shard {shard} that could go from {source} to {target}.")
            }
            Delay::NotAwaited => format!("{target} does not await shard {shard} from {source}."),
            Delay::NoLeader(group) if group == from => {
                format!("{waits}, which has no leader to hand it over.")
            }
            Delay::NoLeader(_) => format!("{waits}, and has no leader itself to take it."),
            Delay::NewLeader { group, slot } => format!(
                "{waits}, and the leader of {} is new: it must commit slot {slot} first.",
                name(group)
            ),
            Delay::SourceBehind { config } => {
                format!("{waits}, which has not come to configuration {config}.")
            }
            Delay::Gone => format!("{waits}, which has nothing of it any more: it is lost (KI-4)."),
            Delay::Withheld { leader, awaits } => {
                let one =
                    |(shard, gid): &(ShardId, Gid)| shard_and_group(scenario, *shard, "from", *gid);
                let awaits = list(awaits.iter().map(one).collect());
                let (leader, section) = (scenario.name(*leader), Rule::GivesAtOnce.section());
                format!(
                    "{waits}, whose leader {leader} does not give it, though it should at once \
                     ({section}): it awaits {awaits} itself."
                )
            }
            Delay::Apart { other, .. } => {
                format!("{waits}: {}.", hindered_words(scenario, &[*other]))
            }
            Delay::Uncommitted { slot } => {
                format!("{waits}: a piece stands in slot {slot} and is not committed yet.")
            }
            Delay::Sent => format!("{waits}: what was sent of it before is on its way."),
            Delay::OnItsWay { source, target, have, of } => format!(
                "{waits}: {} is sending it to {}, which has {have} of {of} pieces.",
                scenario.name(*source),
                scenario.name(*target)
            ),
        }
    }
}
