//! What was sent again and received: of which kind, how stale, and to whom.

use std::collections::BTreeMap;
use std::fmt;

use shardscope_core::id::NodeId;
use shardscope_core::raft::Role;
use shardscope_core::sim::packet::{Label, Shape};
use shardscope_core::sim::{Node, World};
use shardscope_core::time::Duration;

/// A message that was really sent.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) label: Label,
    /// How often its sender and its addressee had crashed.
    pub(super) lives: [u32; 2],
}

/// In which way a copy was stale when it was received, or to whom it came. One copy counts for all
/// that is true of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trait {
    /// It is of this kind.
    Of(Shape),
    /// A message that was sent later on the same link had been received.
    Overtaken,
    /// It was received for the tenth time or later.
    TenthTime,
    /// A tenth of a second old, or older.
    Tenth,
    /// A second old, or older.
    Second,
    /// Five seconds old, or older.
    FiveSeconds,
    /// Its sender crashed meanwhile.
    SenderCrashed,
    /// Its addressee crashed meanwhile.
    AddresseeCrashed,
    /// Of the addressee's own term.
    PresentTerm,
    /// One term old.
    TermBefore,
    /// More than one term old.
    OlderTerm,
    ToFollower,
    ToPreCandidate,
    ToCandidate,
    ToLeader,
}

/// How many copies had which trait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally(BTreeMap<Trait, u64>);

impl Tally {
    fn add(&mut self, what: Trait) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(super) fn of(&self, what: Trait) -> u64 {
        self.0.get(&what).copied().unwrap_or_default()
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(*what).or_default() += count;
        }
    }

    /// A copy of a message was received for the so-many-th time. `newest` is the latest message
    /// received on its link, `lives` how often each process has crashed.
    pub(super) fn count(
        &mut self,
        world: &World,
        (origin, times): (Origin, u32),
        newest: Option<u64>,
        lives: &[u32],
    ) {
        let Origin { label, lives: then } = origin;
        self.add(Trait::Of(label.shape));
        let age = world.now().since(label.sent);
        let crashed = |node: NodeId, then: u32| lives[usize::from(node.0)] > then;
        for (is_so, what) in [
            (newest.is_some_and(|newest| newest > label.id), Trait::Overtaken),
            (times >= 10, Trait::TenthTime),
            (age >= Duration::from_millis(100), Trait::Tenth),
            (age >= Duration::from_secs(1), Trait::Second),
            (age >= Duration::from_secs(5), Trait::FiveSeconds),
            (crashed(label.from, then[0]), Trait::SenderCrashed),
            (crashed(label.to, then[1]), Trait::AddresseeCrashed),
        ] {
            if is_so {
                self.add(what);
            }
        }
        let peer = !matches!(label.shape, Shape::Request | Shape::Response);
        let Some(server) = world.node(label.to).and_then(Node::server).filter(|_| peer) else {
            return;
        };
        self.add(match server.replica().hard_state().term.0.saturating_sub(label.term.0) {
            0 => Trait::PresentTerm,
            1 => Trait::TermBefore,
            _ => Trait::OlderTerm,
        });
        self.add(match server.replica().role() {
            Role::Follower { .. } => Trait::ToFollower,
            Role::PreCandidate { .. } => Trait::ToPreCandidate,
            Role::Candidate { .. } => Trait::ToCandidate,
            Role::Leader(_) => Trait::ToLeader,
        });
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, count)| writeln!(f, "  {count:>7} {what:?}"))
    }
}
