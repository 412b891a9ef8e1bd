//! Interesting states that runs pass through: a test is only as good as what it has met.
//!
//! Some belong to one group, whatever it runs; the others to a sharded store (`shards`).

mod shards;

use self::shards::Past;
use crate::id::NodeId;
use crate::kv::Reply;
use crate::protocol::Payload;
use crate::raft::note::{Down, NoVote, Note};
use crate::raft::{Mode, Role};
use crate::sim::packet::{End, Label, Shape};
use crate::sim::report::{Happened, Report, Shown};
use crate::sim::store::{Server, StoreEntry};
use crate::sim::world::World;

macro_rules! sometimes {
    ($($name:ident => $words:literal),+ $(,)?) => {
        /// A state that is worth having met.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sometimes { $(#[doc = $words] $name),+ }

        impl Sometimes {
            /// All of them, in words.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $words)),+];
        }
    };
}

sometimes! {
    PreVote => "a server asks whether it could win an election",
    Election => "a server stands for election",
    SplitVote => "two stand in one term",
    Voted => "a vote is given",
    Elected => "a leader is elected",
    ElectedWithTail => "a leader is elected with entries that it does not know as committed",
    ElectedOnSnapshot => "a leader is elected whose log begins with a snapshot",
    TwoLeaders => "two lead at one instant, in different terms",
    TenthTerm => "a tenth term begins",
    RefusedOldTerm => "a vote is refused: the term is over",
    RefusedVoted => "a vote is refused: it was given to another",
    RefusedBetterLog => "a vote is refused: the voter's log is more up-to-date",
    RefusedHasLeader => "a vote is refused: the voter has just heard from a leader",
    RefusedLostDisk => "a vote is refused: the voter lost its disk",
    DeposedByTerm => "a leader steps down: it saw a later term",
    DeposedByQuorum => "a leader steps down: it hears no quorum",
    HandsOver => "a leader hands its office over",
    KeepsOffice => "nobody takes the office that is handed over",
    CalledToTakeOver => "a server is called to take over",
    Conflict => "an append does not fit a log",
    Fitted => "what came too early is taken when the rest is there",
    Truncated => "entries are thrown away",
    Rejected => "a leader learns that an append did not fit",
    OldTermCommitted => "a leader applies an entry of an earlier term",
    Compacted => "a log is compacted",
    SnapshotSent => "a snapshot is sent",
    Installed => "a snapshot is installed",
    BootedFromSnapshot => "a server starts from a snapshot",
    AwaitsSnapshot => "a leader speaks to a follower that awaits a snapshot",
    FullWindow => "as many entries are on their way to a follower as may be",
    NoVoter => "a server that lost its disk returns",
    NoQuorumUp => "fewer servers run than a quorum",
    AllDown => "no server runs",
    Twin => "a copy of a message arrives",
    Delayed => "a message arrives that was held up",
    StaleTerm => "a message of an earlier term arrives",
    Missed => "a message comes to a server that is down or cut off",
    Waits => "a message waits for a server that is busy",
    Lost => "the network loses a message",
    Cut => "a cut stops a message",
    Held => "a message is held back",
    Retried => "a client asks again",
    Refused => "a client is refused and looks elsewhere",
    Unknown => "nobody can tell a client what became of its operation",
    OldCall => "a call stands in the log after a later one of the same client",
    FastRead => "a read is answered without the log",
    EmptyRead => "a read finds nothing",
    Differs => "a compare-and-set finds another value",
    WrongVersion => "a versioned write finds another version",
    DeletedNothing => "a delete finds nothing",

    // From here on, of a sharded store.
    Configured => "a group goes on to the next configuration",
    ConfiguredTwice => "a configuration stands in a log a second time",
    FarBehind => "a group takes a configuration, and there are three later ones",
    BeganEmpty => "a shard that was never owned begins empty",
    Exchanged => "two groups await shards from each other",
    SourceBehind => "a group awaits a shard from one that has not come to the configuration",
    TwoUnfinished => "two groups have shards on their way at one instant",
    Parked => "a group keeps shards that nobody owns",
    Piece => "a shard comes in several pieces",
    Arrived => "a shard has come in full",
    ArrivedTwice => "the last piece of a shard stands in a log a second time",
    CameBack => "a shard comes back to a group that had it before",
    NotYet => "a piece comes to a group that has not come to its configuration",
    CopyDeleted => "the copy of a shard that was handed over is deleted",
    CopyDeletedTwice => "a copy is to be deleted that is gone",
    RefusedInLog => "a call is refused where it stands in the log: its shard has gone",
    PausedInLog => "a group that pauses while its shards move refuses a call in its log",
    CachedAtNewOwner => "a retry is answered from the cache at the new owner",
    ServedMeanwhile => "a call is executed while another shard of the group is on its way",
    ManyMoved => "one change moves three shards or more",
    LastLeft => "the last group leaves: nobody owns the shards",
    ChangeRefused => "the controller refuses a change",
    OlderAsked => "an older configuration is asked for",
    InstalledMeanwhile => "a snapshot is installed during a migration",
    CompactedMeanwhile => "a log is compacted during a migration",
    BootedMeanwhile => "a server starts from a snapshot that was taken during a migration",
    TakenUp => "a new leader takes up a hand-over that another began",
    ElectedBehind => "a leader is elected that has not come to its group's configuration",
    DeposedMeanwhile => "a leader steps down during a migration",
    NobodyToAsk => "a group asks for a configuration while nobody leads the controller",
    PushedToNobody => "a shard is pushed to a group that nobody leads",
    PushedAgain => "a piece of a shard is sent again",
    Followed => "a client follows a shard to another group",
}

impl Sometimes {
    /// Whether only a sharded store can meet it.
    pub const fn is_sharded(self) -> bool {
        self as u8 >= Self::Configured as u8
    }
}

/// Which states a run has met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage(u128);

const _: () = assert!(Sometimes::ALL.len() <= 128, "one bit each");

impl Coverage {
    /// Whether a state was met.
    pub const fn has(self, state: Sometimes) -> bool {
        self.0 & 1 << state as u8 != 0
    }

    /// A bit for each state, the lowest for the first of all.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The states of these bits.
    pub const fn of_bits(bits: u128) -> Self {
        Self(bits)
    }

    const fn meet(&mut self, state: Sometimes) {
        self.0 |= 1 << state as u8;
    }

    fn meet_if(&mut self, holds: bool, state: Sometimes) {
        if holds {
            self.meet(state);
        }
    }
}

/// Whoever looks at a run, step by step.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookout {
    /// What was met.
    pub(super) met: Coverage,
    past: Past,
}

impl Lookout {
    /// Looks at a step.
    pub(super) fn look(&mut self, world: &World, report: &Report) {
        self.met.look(world, report);
        if world.scenario().sharding.is_some() {
            self.look_at_shards(world, report);
        }
    }
}

/// What one group can meet.
impl Coverage {
    fn look(&mut self, world: &World, report: &Report) {
        match report.happened {
            Happened::Received(label) => self.received(world, &label),
            Happened::Missed(_) => self.meet(Sometimes::Missed),
            Happened::Queued(_) => self.meet(Sometimes::Waits),
            _ => {}
        }
        let has = |of: fn(&Shown) -> bool| report.shown.iter().any(of);
        if has(|shown| matches!(shown, Shown::Booted)) {
            let restored = has(|shown| matches!(shown, Shown::Restored(_)));
            self.meet_if(restored, Sometimes::BootedFromSnapshot);
        }
        for shown in &report.shown {
            self.shown(world, report.node, shown);
        }
    }

    fn received(&mut self, world: &World, label: &Label) {
        self.meet_if(label.twin, Sometimes::Twin);
        self.meet_if(label.delayed, Sometimes::Delayed);
        let refused = label.agrees == Some(false);
        match label.shape {
            Shape::AppendReply => self.meet_if(refused, Sometimes::Rejected),
            Shape::Response => self.meet_if(refused, Sometimes::Refused),
            Shape::TimeoutNow => self.meet(Sometimes::CalledToTakeOver),
            _ => {}
        }
        if label.term.0 > 0
            && let Some(server) = world.node(label.to).and_then(|node| node.server())
        {
            let term = server.replica().hard_state().term;
            self.meet_if(label.term < term, Sometimes::StaleTerm);
        }
    }

    fn shown(&mut self, world: &World, node: NodeId, shown: &Shown) {
        match shown {
            Shown::Note(note) => self.noted(world, node, note),
            Shown::Sent(label) => self.sent(world, node, label),
            Shown::Applied { entry, .. } => self.applied(world, node, entry),
            Shown::Returned { reply, .. } => self.returned(reply.as_ref()),
            Shown::Answered { .. } => self.meet(Sometimes::FastRead),
            Shown::Asked { .. } => {
                let client = world.node(node).and_then(|node| node.client());
                let attempts = client.and_then(|client| client.last()).map_or(0, |c| c.attempts);
                self.meet_if(attempts > 1, Sometimes::Retried);
            }
            Shown::Crashed => {
                let group = world.scenario().group_of(node).unwrap_or_default();
                let up = world.members(group).filter(|node| !node.is_down()).count() as u32;
                self.meet_if(up < world.scenario().quorum_of(group), Sometimes::NoQuorumUp);
                self.meet_if(up == 0, Sometimes::AllDown);
            }
            _ => {}
        }
    }

    fn noted(&mut self, world: &World, node: NodeId, note: &Note) {
        let state = match note {
            Note::PreVoteStarted(_) => Sometimes::PreVote,
            Note::ElectionStarted(term) => {
                let stand = peers(world, node).filter(|server| {
                    let replica = server.replica();
                    let candidate = matches!(replica.role(), Role::Candidate { .. });
                    candidate && replica.hard_state().term == *term
                });
                self.meet_if(stand.count() > 1, Sometimes::SplitVote);
                self.meet_if(term.0 >= 10, Sometimes::TenthTerm);
                Sometimes::Election
            }
            Note::Voted { .. } => Sometimes::Voted,
            Note::BecameLeader(_) => {
                self.elected(world, node);
                Sometimes::Elected
            }
            Note::VoteRefused { why, .. } => match why {
                NoVote::OldTerm => Sometimes::RefusedOldTerm,
                NoVote::VotedFor(_) => Sometimes::RefusedVoted,
                NoVote::BetterLog(_) => Sometimes::RefusedBetterLog,
                NoVote::HasLeader => Sometimes::RefusedHasLeader,
                NoVote::LostDisk => Sometimes::RefusedLostDisk,
            },
            Note::SteppedDown(Down::HigherTerm(_)) => Sometimes::DeposedByTerm,
            Note::SteppedDown(Down::NoQuorum) => Sometimes::DeposedByQuorum,
            Note::HandsOver { .. } => Sometimes::HandsOver,
            Note::KeepsOffice => Sometimes::KeepsOffice,
            Note::Conflict { .. } => Sometimes::Conflict,
            Note::Fitted { .. } => Sometimes::Fitted,
            Note::Truncated { .. } => Sometimes::Truncated,
            Note::Compacted(_) => Sometimes::Compacted,
            Note::SnapshotSent { .. } => Sometimes::SnapshotSent,
            Note::Installed(_) => Sometimes::Installed,
            Note::NoVoter => Sometimes::NoVoter,
            Note::Follows { .. } | Note::Committed(_) => return,
        };
        self.meet(state);
    }

    fn elected(&mut self, world: &World, node: NodeId) {
        let leads = |role: &Role| matches!(role, Role::Leader(_));
        let leaders = peers(world, node).filter(|server| leads(server.replica().role())).count();
        self.meet_if(leaders > 1, Sometimes::TwoLeaders);
        if let Some(server) = world.node(node).and_then(|node| node.server()) {
            let replica = server.replica();
            // Its own opening entry is one more.
            let tail = replica.log().last().slot.0 > replica.commit().0 + 1;
            self.meet_if(tail, Sometimes::ElectedWithTail);
            self.meet_if(replica.snapshot().is_some(), Sometimes::ElectedOnSnapshot);
        }
    }

    fn sent(&mut self, world: &World, node: NodeId, label: &Label) {
        match label.end {
            End::Arrives => {}
            End::Lost => self.meet(Sometimes::Lost),
            End::Cut => self.meet(Sometimes::Cut),
            End::Held => self.meet(Sometimes::Held),
        }
        if label.shape != Shape::Append && label.shape != Shape::Heartbeat {
            return;
        }
        let Some(server) = world.node(node).and_then(|node| node.server()) else { return };
        let Role::Leader(leader) = server.replica().role() else { return };
        let Some(peer) = leader.peers.iter().find(|peer| peer.id == label.to) else { return };
        let awaits = matches!(peer.mode, Mode::Snapshot { .. });
        self.meet_if(awaits && label.shape == Shape::Heartbeat, Sometimes::AwaitsSnapshot);
        let flying = peer.next.0.saturating_sub(peer.matched.0 + 1);
        let full = flying >= world.scenario().raft.window && peer.mode == Mode::Stream;
        self.meet_if(full, Sometimes::FullWindow);
    }

    fn applied(&mut self, world: &World, node: NodeId, entry: &StoreEntry) {
        let Some(server) = world.node(node).and_then(|node| node.server()) else { return };
        let replica = server.replica();
        let leads = matches!(replica.role(), Role::Leader(_));
        let earlier = entry.term < replica.hard_state().term;
        self.meet_if(leads && earlier, Sometimes::OldTermCommitted);
        if let Payload::Command(command) = &entry.payload
            && let Some(call) = command.call()
        {
            let mut stores = server.machine().stores();
            let session = stores.find_map(|store| store.table().get(&call.client));
            let old = session.is_some_and(|session| session.last > call.serial);
            self.meet_if(old, Sometimes::OldCall);
        }
    }

    fn returned(&mut self, reply: Option<&Reply>) {
        match reply {
            None => self.meet(Sometimes::Unknown),
            Some(Reply::Value(value)) => self.meet_if(value.is_empty(), Sometimes::EmptyRead),
            Some(Reply::Differs { .. }) => self.meet(Sometimes::Differs),
            Some(Reply::WrongVersion { .. }) => self.meet(Sometimes::WrongVersion),
            Some(Reply::Deleted { existed: false }) => self.meet(Sometimes::DeletedNothing),
            Some(_) => {}
        }
    }
}

/// The servers that run in a server's group, itself included.
fn peers(world: &World, node: NodeId) -> impl Iterator<Item = &Server> {
    let group = world.scenario().group_of(node).unwrap_or_default();
    world.members(group).filter_map(|node| node.server())
}
