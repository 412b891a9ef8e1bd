//! What keeps a server from being heard: whether it runs, and whether messages get through.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Moment;
use super::words::{list, since};
use crate::id::{Gid, LogId, NodeId, NodeSet, Slot, Term};
use crate::raft::Role;
use crate::sim::marks::MarkKind;
use crate::sim::network::Stop;
use crate::sim::node::{Input, Node};
use crate::sim::packet::{Label, Packet, Shape};
use crate::sim::scenario::Scenario;
use crate::sim::store::{Replica, Server};
use crate::time::Instant;

/// Why somebody does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It is down.
    Down {
        /// Since when, if that was seen.
        since: Option<Instant>,
    },
    /// It stands still.
    Paused {
        /// Since when, if that was seen.
        since: Option<Instant>,
    },
    /// Its disk was lost once: it never votes and never counts.
    LostDisk,
    /// Nothing gets to it.
    Unreachable {
        /// From whom.
        from: NodeId,
        /// What stops it.
        stop: Stop,
    },
    /// Nothing gets from it.
    Unheard {
        /// To whom.
        to: NodeId,
        /// What stops it.
        stop: Stop,
    },
    /// It gave its vote in this term to another (§5.2).
    VotedFor(NodeId),
    /// Its log is more up-to-date than the candidate's (§5.4.1).
    BetterLog(LogId),
    /// It follows a leader (thesis §4.2.3).
    Follows(NodeId),
    /// It writes to its disk.
    Writes,
    /// It has stored the entry, and its acknowledgement is still to come.
    Acknowledges,
    /// It can be reached, and its answer is still to come.
    Answers,
}

/// A server, and why it does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hindered {
    /// The server.
    pub id: NodeId,
    /// Why.
    pub by: Hindrance,
}

impl Hindrance {
    /// Whether it stays so until somebody does something about it.
    pub const fn is_firm(self) -> bool {
        match self {
            Self::Down { .. }
            | Self::Paused { .. }
            | Self::LostDisk
            | Self::Unreachable { .. }
            | Self::Unheard { .. } => true,
            Self::VotedFor(_)
            | Self::BetterLog(_)
            | Self::Follows(_)
            | Self::Writes
            | Self::Acknowledges
            | Self::Answers => false,
        }
    }

    fn words(self, scenario: &Scenario) -> String {
        let name = |id| scenario.name(id);
        let stopped = |stop| match stop {
            Stop::Cut => "is cut off",
            Stop::Rule => "is stopped by a rule",
            Stop::Loss => "is lost by the network",
        };
        match self {
            Self::Down { since: at } => format!("is down{}", since(at)),
            Self::Paused { since: at } => format!("is paused{}", since(at)),
            Self::LostDisk => "lost its disk and does not count".into(),
            Self::Unreachable { from, stop } => {
                format!("gets nothing from {}: the link {}", name(from), stopped(stop))
            }
            Self::Unheard { to, stop } => {
                format!("is not heard by {}: the link {}", name(to), stopped(stop))
            }
            Self::VotedFor(other) => format!("voted for {}", name(other)),
            Self::BetterLog(last) => format!("has a better log, up to {last}"),
            Self::Follows(leader) => format!("follows {}", name(leader)),
            Self::Writes => "is writing".into(),
            Self::Acknowledges => "has stored it and is about to say so".into(),
            Self::Answers => "has still to answer".into(),
        }
    }
}

/// `S2 is down since 1.2 s; S3 has still to answer`.
pub(super) fn words(scenario: &Scenario, hindered: &[Hindered]) -> String {
    let phrase = |one: &Hindered| format!("{} {}", scenario.name(one.id), one.by.words(scenario));
    let phrases: Vec<String> = hindered.iter().map(phrase).collect();
    // A phrase may have a colon or a comma in it.
    if hindered.len() > 2 { phrases.join("; ") } else { list(phrases) }
}

/// Those who stay in the way, if they alone leave too few; otherwise all.
pub(super) fn blocking(voters: u32, quorum: u32, hindered: &[Hindered]) -> NodeSet {
    let firm: NodeSet = hindered.iter().filter(|one| one.by.is_firm()).map(|one| one.id).collect();
    let enough = is_blocked(voters, quorum, hindered);
    if enough { firm } else { hindered.iter().map(|one| one.id).collect() }
}

/// Whether those who stay in the way leave too few.
pub(super) fn is_blocked(voters: u32, quorum: u32, hindered: &[Hindered]) -> bool {
    let firm = hindered.iter().filter(|one| one.by.is_firm()).count() as u32;
    voters.saturating_sub(firm) < quorum
}

/// Messages that stand for one another: appends, heartbeats and snapshots; their answers; and so
/// on.
const fn family(shape: Shape) -> u8 {
    match shape {
        Shape::PreVote | Shape::Vote | Shape::TimeoutNow => 0,
        Shape::PreVoteReply | Shape::VoteReply => 1,
        Shape::Append | Shape::Heartbeat | Shape::Snapshot => 2,
        Shape::AppendReply | Shape::SnapshotReply => 3,
        Shape::Request => 4,
        Shape::Response => 5,
    }
}

pub(super) fn replica(node: &Node) -> Option<&Replica> {
    node.server().map(Server::replica)
}

/// The term of a leader.
pub(super) fn office(node: &Node) -> Option<Term> {
    let replica = replica(node)?;
    matches!(replica.role(), Role::Leader(_)).then(|| replica.hard_state().term)
}

impl<'a> Moment<'a> {
    /// When something of this kind was last marked for a process.
    fn last(&self, id: NodeId, is: impl Fn(MarkKind) -> bool) -> Option<Instant> {
        let marks = &self.chronicle.marks;
        let mut all = marks.range(marks.first()..marks.end());
        all.rfind(|mark| mark.node == id && is(mark.kind)).map(|mark| mark.at)
    }

    /// Whether a process can do anything at all; if not, why.
    pub(super) fn absent(&self, id: NodeId) -> Option<Hindrance> {
        let node = self.world.node(id)?;
        if node.is_down() {
            let since = self.last(id, |kind| matches!(kind, MarkKind::Crash | MarkKind::Wipe));
            return Some(Hindrance::Down { since });
        }
        let since = || self.last(id, |kind| kind == MarkKind::Pause);
        node.is_paused().then(|| Hindrance::Paused { since: since() })
    }

    /// Whether a server can vote and count; if not, why.
    pub(super) fn unsound(&self, id: NodeId) -> Option<Hindrance> {
        let lost = self.world.node(id).and_then(Node::durable).is_some_and(|disk| disk.lost);
        self.absent(id).or(lost.then_some(Hindrance::LostDisk))
    }

    /// Whether one process gets an answer from another; if not, why. `there` and `back` are the
    /// messages that it takes. What is on its way already still counts.
    pub(super) fn stopped(
        &self,
        [from, to]: [NodeId; 2],
        [there, back]: [Shape; 2],
    ) -> Option<Hindrance> {
        let home = self.world.stops(to, from, back);
        if self.comes([to, from], back) {
            return None;
        }
        let busy = self.world.node(to).is_some_and(|node| node.hold.is_some());
        let out = self.world.stops(from, to, there);
        let out = out.filter(|_| !busy && !self.comes([from, to], there));
        out.map(|stop| Hindrance::Unreachable { from, stop })
            .or_else(|| home.map(|stop| Hindrance::Unheard { to: from, stop }))
    }

    /// Whether a message of a kind is on its way between two, or waits to be read.
    pub(super) fn comes(&self, [from, to]: [NodeId; 2], shape: Shape) -> bool {
        let is = |label: &Label| label.from == from && family(label.shape) == family(shape);
        let mut inbox = self.world.node(to).into_iter().flat_map(|node| &node.inbox);
        let read = |input: &Input| matches!(input, Input::Message(label, _) if is(label));
        let flies =
            |packet: &Packet| packet.place.is_some() && packet.label.to == to && is(&packet.label);
        inbox.any(read) || (!self.world.is_cut(from, to) && self.world.packets().any(flies))
    }

    pub(super) fn is_group(&self, group: Gid) -> bool {
        group.0 < self.world.scenario().group_count()
    }

    /// Whether it is a group that holds shards.
    pub(super) fn holds_shards(&self, group: Gid) -> bool {
        group != Gid(0) && self.is_group(group)
    }

    /// Whoever leads a group, in the latest term, whether or not anybody hears of it.
    pub(super) fn in_office(&self, group: Gid) -> Option<(Term, &'a Node)> {
        let all = self.world.members(group).filter_map(|node| Some((office(node)?, node)));
        all.max_by_key(|(term, _)| *term)
    }

    /// The leader of a group that a majority hears and that hears a majority.
    pub(super) fn led(&self, group: Gid) -> Option<&'a Node> {
        let (_, node) = self.in_office(group)?;
        let heard = self.heard(group, node);
        (heard.len() >= self.world.scenario().quorum_of(group)).then_some(node)
    }

    /// Those who answer whoever is in office, and it itself.
    pub(super) fn heard(&self, group: Gid, node: &Node) -> NodeSet {
        let shapes = [Shape::Heartbeat, Shape::AppendReply];
        let mut heard = self.circle(group, node.id(), shapes);
        // An answer counts, whatever has become of its sender since.
        if self.unsound(node.id()).is_none() {
            let members = self.world.scenario().members(group);
            let answers = members.filter(|from| self.comes([*from, node.id()], shapes[1]));
            answers.for_each(|from| heard.insert(from));
        }
        heard
    }

    /// The sound servers of a group that one of them can talk to, itself included; nobody, if it is
    /// not sound itself.
    pub(super) fn circle(&self, group: Gid, from: NodeId, shapes: [Shape; 2]) -> NodeSet {
        if self.unsound(from).is_some() {
            return NodeSet::EMPTY;
        }
        let all = self.world.scenario().members(group);
        let talks = |to: &NodeId| {
            *to == from
                || (self.unsound(*to).is_none() && self.stopped([from, *to], shapes).is_none())
        };
        all.filter(talks).collect()
    }

    /// Whether no server of a group can talk to one of these, however leaders change.
    pub(super) fn is_apart(&self, ones: &[NodeId], group: Gid) -> bool {
        let shapes = [Shape::Request, Shape::Response];
        let sound = |id: &NodeId| self.unsound(*id).is_none();
        self.world
            .scenario()
            .members(group)
            .filter(sound)
            .all(|to| ones.iter().all(|from| self.stopped([*from, to], shapes).is_some()))
    }

    /// The sound servers of a group.
    pub(super) fn sound(&self, group: Gid) -> Vec<NodeId> {
        let members = self.world.scenario().members(group);
        members.filter(|id| self.unsound(*id).is_none()).collect()
    }

    /// Whether somebody else in a group could be elected, as far as messages get through.
    pub(super) fn has_heir(&self, group: Gid, leader: NodeId) -> bool {
        let quorum = self.world.scenario().quorum_of(group);
        let others = self.world.scenario().members(group).filter(|id| *id != leader);
        others.into_iter().any(|id| {
            let real = self.circle(group, id, [Shape::Vote, Shape::VoteReply]);
            real.len() >= quorum
        })
    }

    /// Whether a server has still to apply what one of its group once applied, and a disk has.
    pub(super) fn is_behind(&self, group: Gid, server: &Server) -> bool {
        let disks = self.world.members(group).filter_map(Node::durable);
        let end = disks.map(|disk| disk.log.end()).max().unwrap_or_default();
        server.applied() < self.chronicle.observers.committed_in(group).min(end)
    }

    /// The slot that a group's leader must commit before it has applied all that the group has: it
    /// is new in office.
    pub(super) fn catching_up(&self, group: Gid, leader: &Node) -> Option<Slot> {
        let server = leader.server()?;
        let end = server.replica().log().end();
        (self.is_behind(group, server) && server.applied() < end).then_some(end)
    }
}
