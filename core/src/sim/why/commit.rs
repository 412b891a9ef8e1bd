//! Why an entry is not committed (§5.3, §5.4.2).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::reach::{Hindered, Hindrance, blocking, is_blocked, words as hindered_words};
use super::words::{group as group_words, names, of_group, verb};
use super::{Moment, Question, Rule, Status};
use crate::id::{Gid, LogId, NodeId, NodeSet, Slot, Term};
use crate::order;
use crate::raft::{Mode, Peer, Role};
use crate::sim::node::{Input, Node};
use crate::sim::packet::{Packet, Shape, vouches};
use crate::sim::scenario::Scenario;

/// Why an entry is not committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// There is no such group.
    NoSuchGroup {
        /// The group that was asked about.
        group: Gid,
    },
    /// There is no entry in that slot: no log of the group is so long, or it is slot 0, which
    /// stands before every log.
    NoSuchSlot {
        /// The group.
        group: Gid,
        /// The slot that was asked about.
        slot: Slot,
        /// The last slot of the longest log.
        last: Slot,
    },
    /// It is committed.
    Committed {
        /// The group.
        group: Gid,
        /// The slot.
        slot: Slot,
    },
    /// Nobody leads the group, so that nobody counts.
    NoLeader {
        /// The group.
        group: Gid,
        /// The slot.
        slot: Slot,
    },
    /// The leader stands still.
    LeaderPaused {
        /// The slot.
        slot: Slot,
        /// The leader, and since when.
        leader: Hindered,
        /// Another server could be elected, and might commit it.
        heir: bool,
    },
    /// The leader has no such entry: what others have there was never committed (§5.3).
    NotTheLeaders {
        /// The slot.
        slot: Slot,
        /// Who leads.
        leader: NodeId,
        /// Who has an entry there.
        holders: NodeSet,
    },
    /// The entry is of an earlier term, and no entry of the leader's own term follows it (§5.4.2).
    NothingOfItsTerm {
        /// The entry.
        entry: LogId,
        /// Who leads.
        leader: NodeId,
        /// In which term.
        term: Term,
    },
    /// Fewer than a majority have acknowledged what must be stored.
    Missing(Missing),
    /// A majority has acknowledged it, and the leader does not count as it should (§5.3).
    NotCounted {
        /// The slot.
        slot: Slot,
        /// Who leads.
        leader: NodeId,
        /// Who has acknowledged it, the leader included.
        acknowledged: NodeSet,
    },
}

/// Who has not acknowledged an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The group.
    pub group: Gid,
    /// The entry that was asked about.
    pub entry: LogId,
    /// The entry that a majority must store: the same, or the first of the leader's own term behind
    /// it.
    pub target: LogId,
    /// Who leads.
    pub leader: NodeId,
    /// How many must store it.
    pub quorum: u32,
    /// Who has acknowledged it, the leader included.
    pub acknowledged: NodeSet,
    /// Everybody else, by number.
    pub missing: Vec<Hindered>,
    /// Another server could be elected, and might commit it.
    pub heir: bool,
}

impl Moment<'_> {
    pub(super) fn commit(&self, group: Gid, slot: Slot) -> Commit {
        if !self.is_group(group) {
            return Commit::NoSuchGroup { group };
        }
        if slot > Slot(0) && slot <= self.committed(group) {
            return Commit::Committed { group, slot };
        }
        let members = self.world.members(group).filter_map(Node::durable);
        let stored = members.map(|disk| disk.log.end()).max().unwrap_or_default();
        let Some((term, leader)) = self.in_office(group) else {
            return match slot > Slot(0) && slot <= stored {
                true => Commit::NoLeader { group, slot },
                false => Commit::NoSuchSlot { group, slot, last: stored },
            };
        };
        let Some(server) = leader.server() else { return Commit::NoLeader { group, slot } };
        let log = server.replica().log();
        if slot == Slot(0) || slot > stored.max(log.end()) {
            return Commit::NoSuchSlot { group, slot, last: stored.max(log.end()) };
        }
        if let Some(by @ Hindrance::Paused { .. }) = self.absent(leader.id()) {
            let heir = self.has_heir(group, leader.id());
            return Commit::LeaderPaused { slot, leader: Hindered { id: leader.id(), by }, heir };
        }
        let id = leader.id();
        let Some(own) = log.term_at(slot) else {
            let has = |node: &Node| node.durable().is_some_and(|disk| disk.log.end() >= slot);
            let holders = self.world.members(group).filter(|node| has(node)).map(Node::id);
            return Commit::NotTheLeaders { slot, leader: id, holders: holders.collect() };
        };
        let entry = LogId { term: own, slot };
        let target = log.from(slot).find(|(_, entry)| entry.term == term);
        let Some((target, _)) = target else {
            return Commit::NothingOfItsTerm { entry, leader: id, term };
        };
        self.counted(group, (leader, term), entry, LogId { term, slot: target })
    }

    /// Up to where a group's log is known to be committed, by whomever.
    pub(super) fn committed(&self, group: Gid) -> Slot {
        let knows = |node: &Node| {
            let disk = node.durable().map(|disk| disk.log.base().slot);
            let memory = node.server().map(|server| server.replica().commit());
            disk.max(memory)
        };
        let servers = self.world.members(group).filter_map(knows).max().unwrap_or_default();
        self.chronicle.observers.committed_in(group).max(servers)
    }

    /// Who has acknowledged an entry of the leader's, and why the others have not.
    fn counted(
        &self,
        group: Gid,
        (leader, _): (&Node, Term),
        entry: LogId,
        target: LogId,
    ) -> Commit {
        let (id, slot) = (leader.id(), entry.slot);
        let role = leader.server().map(|server| server.replica().role());
        let Some(Role::Leader(office)) = role else { return Commit::NoLeader { group, slot } };
        let lost = leader.durable().is_some_and(|disk| disk.lost);
        let counts = |peer: &&Peer| peer.counts && peer.matched >= target.slot;
        let heard = office.peers.iter().filter(counts).map(|peer| peer.id);
        let acknowledged: NodeSet = heard.chain((!lost).then_some(id)).collect();
        let quorum = self.world.scenario().quorum_of(group);
        if acknowledged.len() >= quorum {
            return Commit::NotCounted { slot, leader: id, acknowledged };
        }
        let others = office.peers.iter().filter(|peer| !acknowledged.contains(peer.id));
        let hindered = |peer: &Peer| Hindered { id: peer.id, by: self.lacks(id, peer, target) };
        let own = lost.then_some(Hindered { id, by: Hindrance::LostDisk });
        let missing = others.map(hindered).chain(own).collect();
        let missing: Vec<Hindered> = order::ranked(missing, |one| u64::from(one.id.0));
        let heir = self.has_heir(group, id);
        Commit::Missing(Missing {
            group,
            entry,
            target,
            leader: id,
            quorum,
            acknowledged,
            missing,
            heir,
        })
    }

    /// Why a follower has not acknowledged an entry.
    fn lacks(&self, leader: NodeId, peer: &Peer, target: LogId) -> Hindrance {
        if self.acknowledges(leader, peer.id, target.slot) {
            return Hindrance::Acknowledges;
        }
        if let Some(by) = self.unsound(peer.id) {
            return by;
        }
        if !peer.counts {
            return Hindrance::LostDisk;
        }
        let disk = self.world.node(peer.id).and_then(Node::durable);
        let stored = disk.is_some_and(|disk| disk.log.has(target) || disk.log.base() >= target);
        let shapes = match peer.mode {
            // What is stored is told again with each heartbeat.
            _ if stored => [Shape::Heartbeat, Shape::AppendReply],
            Mode::Snapshot { .. } => [Shape::Snapshot, Shape::SnapshotReply],
            Mode::Probe { .. } | Mode::Stream => [Shape::Append, Shape::AppendReply],
        };
        let writes = self.world.node(peer.id).is_some_and(Node::is_writing);
        self.stopped([leader, peer.id], shapes).unwrap_or(match (stored, writes) {
            (true, _) => Hindrance::Acknowledges,
            (false, true) => Hindrance::Writes,
            (false, false) => Hindrance::Answers,
        })
    }
}

impl Moment<'_> {
    /// Whether an acknowledgement of a slot is on its way to the leader.
    fn acknowledges(&self, leader: NodeId, from: NodeId, slot: Slot) -> bool {
        let mut inbox = self.world.node(leader).into_iter().flat_map(|node| &node.inbox);
        let read = |input: &Input| match input {
            Input::Message(label, wire) => label.from == from && vouches(wire) >= slot,
            _ => false,
        };
        let flies = |packet: &Packet| {
            let ends = packet.label.from == from && packet.label.to == leader;
            packet.place.is_some() && ends && vouches(&packet.wire) >= slot
        };
        let cut = self.world.is_cut(from, leader);
        inbox.any(read) || (!cut && self.world.packets().any(flies))
    }
}

impl Missing {
    fn voters(&self) -> u32 {
        self.acknowledged.len() + self.missing.len() as u32
    }

    fn words(&self, scenario: &Scenario) -> String {
        let Self { group, entry, target, leader, quorum, acknowledged, missing, .. } = self;
        let (voters, slot) = (self.voters(), entry.slot);
        let has = acknowledged.len();
        let which = if target == entry {
            format!("Slot {slot}{} is not committed", of_group(scenario, *group))
        } else {
            format!(
                "Slot {slot}{} is of term {}, and {} of term {} counts only slot {} and what \
                 stands before it ({})",
                of_group(scenario, *group),
                entry.term,
                scenario.name(*leader),
                target.term,
                target.slot,
                Rule::OwnTerm.section()
            )
        };
        format!(
            "{which}: {quorum} of {voters} must have stored it ({}), and only {} {} said so. {}.",
            Rule::Majority.section(),
            names(scenario, *acknowledged),
            verb(has, "has", "have"),
            hindered_words(scenario, missing),
        )
    }
}

impl Commit {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::NoSuchGroup { .. } | Self::NoSuchSlot { .. } => Status::Unknown,
            Self::Committed { .. } => Status::So,
            Self::Missing(missing) => {
                let few = is_blocked(missing.voters(), missing.quorum, &missing.missing);
                if few && !missing.heir { Status::Blocked } else { Status::Underway }
            }
            Self::LeaderPaused { heir: false, .. } | Self::NoLeader { .. } => Status::Blocked,
            // Another entry may come to stand there, or be committed behind it.
            _ => Status::Underway,
        }
    }

    pub(super) fn names(&self) -> NodeSet {
        match self {
            Self::Missing(missing) => blocking(missing.voters(), missing.quorum, &missing.missing),
            Self::LeaderPaused { leader, .. } => NodeSet::from_iter([leader.id]),
            Self::NotTheLeaders { leader, .. }
            | Self::NothingOfItsTerm { leader, .. }
            | Self::NotCounted { leader, .. } => NodeSet::from_iter([*leader]),
            _ => NodeSet::EMPTY,
        }
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self {
            Self::NoSuchGroup { .. } | Self::NoSuchSlot { .. } | Self::Committed { .. } => None,
            Self::NotTheLeaders { .. } => Some(Rule::LeadersLog),
            Self::NothingOfItsTerm { .. } => Some(Rule::OwnTerm),
            Self::NoLeader { .. }
            | Self::LeaderPaused { .. }
            | Self::Missing(_)
            | Self::NotCounted { .. } => Some(Rule::Majority),
        }
    }

    pub(super) const fn next(&self) -> Option<Question> {
        match self {
            Self::NoLeader { group, .. } => Some(Question::Leader { group: *group }),
            _ => None,
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let name = |id: &NodeId| scenario.name(*id);
        match self {
            Self::NoSuchGroup { group } => format!("There is no group G{group}."),
            Self::NoSuchSlot { group, slot, last } => format!(
                "There is no slot {slot}{}: the longest log ends with slot {last}.",
                of_group(scenario, *group)
            ),
            Self::Committed { group, slot } => {
                format!("Slot {slot}{} is committed.", of_group(scenario, *group))
            }
            Self::NoLeader { group, slot } => format!(
                "Slot {slot} waits for a leader of {}, who alone counts who has stored it ({}).",
                group_words(scenario, *group),
                Rule::Majority.section()
            ),
            Self::LeaderPaused { slot, leader, .. } => format!(
                "Slot {slot} waits for its leader, which counts who has stored it ({}): {}.",
                Rule::Majority.section(),
                hindered_words(scenario, &[*leader])
            ),
            Self::NotTheLeaders { slot, leader, holders } => format!(
                "{} leads and has nothing in slot {slot}: what {} {} there was never committed, \
                 and goes ({}).",
                name(leader),
                names(scenario, *holders),
                verb(holders.len(), "has", "have"),
                Rule::LeadersLog.section()
            ),
            Self::NothingOfItsTerm { entry, leader, term } => format!(
                "Slot {} is of term {}: {} leads term {term} and may count only an entry of that \
                 term, which it does not have ({}).",
                entry.slot,
                entry.term,
                name(leader),
                Rule::OwnTerm.section()
            ),
            Self::Missing(missing) => missing.words(scenario),
            Self::NotCounted { slot, leader, acknowledged } => format!(
                "Slot {slot} was acknowledged by {}: {} leads and should have committed it ({}).",
                names(scenario, *acknowledged),
                name(leader),
                Rule::Majority.section()
            ),
        }
    }
}
