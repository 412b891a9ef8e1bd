//! Why nobody leads a group (§5.2, §5.4.1).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::reach::{Hindered, Hindrance, office, replica, words as hindered_words};
use super::words::{group as group_words, moment, since as since_words};
use super::{Moment, Rule, Status};
use crate::id::{Gid, NodeId, NodeSet, Term};
use crate::raft::Role;
use crate::raft::note::Note;
use crate::raft::rules::up_to_date;
use crate::sim::marks::MarkKind;
use crate::sim::node::{Input, Node};
use crate::sim::packet::{Label, Packet, Shape};
use crate::sim::scenario::Scenario;
use crate::time::Instant;

/// Why nobody leads a group. A leader that reaches no majority leads nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// There is no such group.
    NoSuchGroup {
        /// The group that was asked about.
        group: Gid,
    },
    /// Somebody leads it.
    Led {
        /// The group.
        group: Gid,
        /// Who.
        leader: NodeId,
        /// In which term.
        term: Term,
    },
    /// Fewer than a majority of its servers run, on disks that were not lost.
    TooFew(Without),
    /// Enough run, but none of them can talk to a majority; those are named to which whoever talks
    /// to most cannot.
    Apart {
        /// Who can talk to most.
        best: NodeId,
        /// What it comes to.
        without: Without,
    },
    /// Those who can talk to a majority would not get its votes: the others' logs are more
    /// up-to-date (§5.4.1).
    Outdated {
        /// The one that could get most votes.
        candidate: NodeId,
        /// What it comes to.
        without: Without,
    },
    /// An election is under way.
    Election {
        /// Who stands.
        candidate: NodeId,
        /// In which term.
        term: Term,
        /// It only asks whether it could win (thesis §9.6).
        pre: bool,
        /// Who voted for it, itself included.
        votes: NodeSet,
        /// What it comes to.
        without: Without,
    },
    /// Nobody has missed a leader yet.
    Waiting {
        /// The group.
        group: Gid,
        /// Whose election time-out ends first, and when, in the world's time.
        next: NodeId,
        /// When.
        at: Instant,
        /// Since when nobody leads; none: a leader was cut off, and when is not marked.
        since: Option<Instant>,
    },
}

/// What a group without a leader lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// The group.
    pub group: Gid,
    /// Since when nobody leads: the start of the run, if nobody ever did; none: a leader was cut
    /// off, and when is not marked.
    pub since: Option<Instant>,
    /// Who calls itself leader all the same, and reaches no majority.
    pub office: Option<(NodeId, Term)>,
    /// How many votes are needed.
    pub quorum: u32,
    /// Who is missing, by number.
    pub missing: Vec<Hindered>,
}

impl Moment<'_> {
    pub(super) fn leader(&self, group: Gid) -> Leadership {
        if !self.is_group(group) {
            return Leadership::NoSuchGroup { group };
        }
        if let Some(node) = self.led(group) {
            let term = office(node).unwrap_or_default();
            return Leadership::Led { group, leader: node.id(), term };
        }
        let without = |missing| Without {
            group,
            since: self.leaderless_since(group),
            office: self.in_office(group).map(|(term, node)| (node.id(), term)),
            quorum: self.world.scenario().quorum_of(group),
            missing,
        };
        let quorum = self.world.scenario().quorum_of(group);
        let members = || self.world.scenario().members(group);
        let unsound = |id| self.unsound(id).map(|by| Hindered { id, by });
        let missing: Vec<Hindered> = members().filter_map(unsound).collect();
        if ((members().len() - missing.len()) as u32) < quorum {
            return Leadership::TooFew(without(missing));
        }
        let circle = |id| self.circle(group, id, self.ballot(id));
        // Of several, the first: who asks twice gets the same answer.
        let Some(best) = members().rev().max_by_key(|id| circle(*id).len()) else {
            return Leadership::TooFew(without(missing));
        };
        if circle(best).len() < quorum {
            let missing = self.beyond(group, best, circle(best));
            return Leadership::Apart { best, without: without(missing) };
        }
        let reaching = || members().rev().filter(|id| circle(*id).len() >= quorum);
        let voters = |id| self.voters(id, circle(id));
        let Some(candidate) = reaching().max_by_key(|id| voters(*id).len()) else {
            return Leadership::TooFew(without(missing));
        };
        if voters(candidate).len() < quorum && !self.learns(candidate) {
            let missing = self.beyond(group, candidate, voters(candidate));
            return Leadership::Outdated { candidate, without: without(missing) };
        }
        self.election(group, &without).unwrap_or_else(|| self.waiting(group, without(missing)))
    }

    /// Whether entries are on their way to a server, which may make its log up-to-date.
    fn learns(&self, id: NodeId) -> bool {
        let brings =
            |label: &Label| label.to == id && (label.entries > 0 || label.shape == Shape::Snapshot);
        let read = |input: &Input| matches!(input, Input::Message(label, _) if brings(label));
        let flies = |packet: &Packet| {
            packet.place.is_some()
                && brings(&packet.label)
                && !self.world.is_cut(packet.label.from, id)
        };
        self.world.packets().any(flies)
            || self.world.node(id).is_some_and(|node| node.inbox.iter().any(read))
    }

    /// The messages by which a server asks for votes.
    fn ballot(&self, id: NodeId) -> [Shape; 2] {
        let role = self.world.node(id).and_then(replica).map(|own| own.role());
        let stands = matches!(role, Some(Role::Candidate { .. }));
        match self.world.scenario().raft.pre_vote && !stands {
            true => [Shape::PreVote, Shape::PreVoteReply],
            false => [Shape::Vote, Shape::VoteReply],
        }
    }

    /// Those of a circle who would vote for a server, as far as logs go.
    fn voters(&self, id: NodeId, circle: NodeSet) -> NodeSet {
        let last = |id| self.world.node(id).and_then(replica).map(|own| own.log().last());
        let Some(own) = last(id) else { return NodeSet::EMPTY };
        circle.iter().filter(|other| last(*other).is_some_and(|it| up_to_date(own, it))).collect()
    }

    /// Everybody in a group who is not among `with`, and why a candidate lacks them.
    fn beyond(&self, group: Gid, candidate: NodeId, with: NodeSet) -> Vec<Hindered> {
        let others = self.world.scenario().members(group).filter(|id| !with.contains(*id));
        others.map(|id| Hindered { id, by: self.no_vote(candidate, id) }).collect()
    }

    /// Why a server has not voted for a candidate.
    fn no_vote(&self, candidate: NodeId, id: NodeId) -> Hindrance {
        let stopped = || self.stopped([candidate, id], self.ballot(candidate));
        if let Some(by) = self.unsound(id).or_else(stopped) {
            return by;
        }
        let (own, other) = (self.world.node(candidate), self.world.node(id));
        let (Some(own), Some(other)) = (own.and_then(replica), other.and_then(replica)) else {
            return Hindrance::Answers;
        };
        let (hard, stands) = (other.hard_state(), matches!(own.role(), Role::Candidate { .. }));
        match (hard.vote, other.leader()) {
            (Some(vote), _)
                if stands && hard.term == own.hard_state().term && vote != candidate =>
            {
                Hindrance::VotedFor(vote)
            }
            _ if !up_to_date(own.log().last(), other.log().last()) => {
                Hindrance::BetterLog(other.log().last())
            }
            (_, Some(leader)) => Hindrance::Follows(leader),
            _ => Hindrance::Answers,
        }
    }

    /// The election that is under way, if there is one: a real one comes before a question.
    fn election(
        &self,
        group: Gid,
        without: &dyn Fn(Vec<Hindered>) -> Without,
    ) -> Option<Leadership> {
        let stands = |node: &Node| {
            let own = replica(node)?;
            let (term, id) = (own.hard_state().term, node.id());
            match own.role() {
                Role::Candidate { votes, .. } => Some((true, term, id, *votes)),
                Role::PreCandidate { votes, .. } => Some((false, term.next(), id, *votes)),
                _ => None,
            }
        };
        let active = self.world.members(group).filter(|node| self.unsound(node.id()).is_none());
        let best = active.filter_map(stands).max_by_key(|(real, term, ..)| (*real, *term));
        let (real, term, candidate, votes) = best?;
        let without = without(self.beyond(group, candidate, votes));
        Some(Leadership::Election { candidate, term, pre: !real, votes, without })
    }

    fn waiting(&self, group: Gid, without: Without) -> Leadership {
        let fires = |node: &Node| {
            let timer = match replica(node)?.role() {
                Role::Follower { timer, .. }
                | Role::PreCandidate { timer, .. }
                | Role::Candidate { timer, .. } => timer.fires,
                Role::Leader(_) => return None,
            };
            Some((node.clock().global(timer), node.id()))
        };
        let active = self.world.members(group).filter(|node| self.unsound(node.id()).is_none());
        match active.filter_map(fires).min() {
            Some((at, next)) => Leadership::Waiting { group, next, at, since: without.since },
            None => Leadership::TooFew(without),
        }
    }

    /// Since when nobody leads: when the last leader lost its office, by crashing, by standing
    /// still or by stepping down; the start of the run, if there was none.
    fn leaderless_since(&self, group: Gid) -> Option<Instant> {
        let marks = &self.chronicle.marks;
        let own = |id| self.world.scenario().group_of(id) == Some(group);
        let mut ended: Vec<(NodeId, Instant)> = Vec::new();
        for mark in marks.range(marks.first()..marks.end()).rev().filter(|mark| own(mark.node)) {
            match mark.kind {
                // What was seen last happened first.
                MarkKind::Leader(_) => {
                    let end = ended.iter().rfind(|(id, _)| *id == mark.node);
                    return end.map(|(_, at)| *at);
                }
                MarkKind::Crash
                | MarkKind::Wipe
                | MarkKind::Pause
                | MarkKind::Said(Note::SteppedDown(_)) => ended.push((mark.node, mark.at)),
                _ => {}
            }
        }
        Some(Instant::ZERO)
    }
}

impl Without {
    fn words(&self, scenario: &Scenario, which: &str) -> String {
        let Self { group, since, office, quorum, missing } = self;
        let group = group_words(scenario, *group);
        let begin = match office {
            Some((id, term)) => format!(
                "{} calls itself leader of term {term}, and reaches no majority of {group}",
                scenario.name(*id)
            ),
            None => format!("Nobody leads {group}{}", since_words(*since)),
        };
        format!(
            "{begin}: {quorum} votes are needed ({}){which}. {}.",
            Rule::Votes.section(),
            hindered_words(scenario, missing)
        )
    }
}

impl Leadership {
    pub(super) const fn status(&self) -> Status {
        match self {
            Self::NoSuchGroup { .. } => Status::Unknown,
            Self::Led { .. } => Status::So,
            // Whoever is still in office may bring a log up to date.
            Self::Outdated { without, .. } if without.office.is_some() => Status::Underway,
            Self::TooFew(_) | Self::Apart { .. } | Self::Outdated { .. } => Status::Blocked,
            Self::Election { .. } | Self::Waiting { .. } => Status::Underway,
        }
    }

    const fn without(&self) -> Option<&Without> {
        match self {
            Self::TooFew(without)
            | Self::Apart { without, .. }
            | Self::Outdated { without, .. }
            | Self::Election { without, .. } => Some(without),
            _ => None,
        }
    }

    pub(super) fn names(&self) -> NodeSet {
        let missing = self.without().into_iter().flat_map(|without| &without.missing);
        let next = match self {
            Self::Waiting { next, .. } => Some(*next),
            _ => None,
        };
        missing.map(|one| one.id).chain(next).collect()
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self {
            Self::NoSuchGroup { .. } | Self::Led { .. } => None,
            Self::Outdated { .. } => Some(Rule::UpToDate),
            _ => Some(Rule::Votes),
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        match self {
            Self::NoSuchGroup { group } => format!("There is no group G{group}."),
            Self::Led { group, leader, term } => format!(
                "{} leads {} in term {term}.",
                scenario.name(*leader),
                group_words(scenario, *group)
            ),
            Self::TooFew(without) => without.words(scenario, ""),
            Self::Apart { best, without } => {
                let name = scenario.name(*best);
                without.words(scenario, &format!(", and {name}, who reaches most, gets fewer"))
            }
            Self::Outdated { candidate, without } => {
                let (name, section) = (scenario.name(*candidate), Rule::UpToDate.section());
                without.words(scenario, &format!(", and the log of {name} is too old ({section})"))
            }
            Self::Election { candidate, term, pre, votes, without } => {
                let what = if *pre { "asks whether it could win" } else { "stands for" };
                let (name, have) = (scenario.name(*candidate), votes.len());
                without.words(scenario, &format!(", and {name} {what} term {term} and has {have}"))
            }
            Self::Waiting { group, next, at, since } => format!(
                "Nobody leads {}{}: {} is the first to miss a leader, at {} ({}).",
                group_words(scenario, *group),
                since_words(*since),
                scenario.name(*next),
                moment(*at),
                Rule::Votes.section()
            ),
        }
    }
}
