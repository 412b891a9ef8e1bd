//! Directed runs as data: a scenario and what is done to it, step by step.

use shardscope_core::id::{MutantId, NodeId};
use shardscope_core::sim::packet::Shape;
use shardscope_core::sim::{Disk, Latency, Network, Pace, Scenario};
use shardscope_core::time::Duration;

use super::judge::Found;

/// A server, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct S(pub(super) u16);

/// A client, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct C(pub(super) u16);

impl S {
    pub(super) const fn id(self) -> NodeId {
        NodeId(self.0 - 1)
    }
}

/// A directed run.
pub(super) struct Run {
    /// Whom it catches.
    pub(super) mutant: MutantId,
    /// How.
    pub(super) caught_by: Found,
    /// Servers of the group; there are three clients.
    pub(super) servers: u16,
    /// What is not as in [`by_hand`] or [`by_itself`].
    pub(super) setup: fn(&mut Scenario),
    /// Timers go off, and messages travel, by themselves.
    pub(super) natural: bool,
    /// What is done.
    pub(super) steps: &'static [Do],
}

/// A step of a directed run. After each but `Wait` and `Within`, everything that comes of it within
/// 5 ms happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Do {
    /// From here on, messages between servers are held.
    Hold,
    /// From here on, they travel; those that are held stay so.
    Free,
    /// The server stands for election.
    Campaign(S),
    /// The leader's heartbeat is due.
    Beat(S),
    /// The oldest held message of the kind arrives.
    Deliver(Shape, S, S),
    /// The newest held message of the kind arrives.
    Latest(Shape, S, S),
    /// A copy of the oldest held message of the kind arrives; the message stays held.
    Copy(Shape, S, S),
    /// All held messages of the kind are lost.
    Drop(Shape, S, S),
    /// From here on, the client reaches this server and no other.
    Bind(C, S),
    /// From here on, no answer reaches the client.
    Mute(C),
    /// The client calls.
    Ask(C, &'static str),
    /// The client calls, and reaches this server only: bind, ask, and 30 ms.
    Call(C, S, &'static str),
    /// The server stops; what is not on its disk is gone.
    Crash(S),
    /// It starts from its disk.
    Restart(S),
    /// It is cut off from the other servers.
    Isolate(S),
    /// It is cut off from them no longer.
    Rejoin(S),
    /// The link lets nothing through, in this direction.
    Cut(S, S),
    /// Its disk is so many times slower.
    Slow(S, u32),
    /// Milliseconds pass.
    Wait(u64),
    /// The steps are done so many times.
    Repeat(u32, &'static [Do]),
    /// Within so many milliseconds this must hold.
    Within(u64, Cond),
}

/// What can be waited for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cond {
    /// Some server leads.
    Leader,
    /// So many slots are committed.
    Committed(u64),
    /// The client has its answer.
    Answered(C),
    /// The server has applied so many slots.
    Applied(S, u64),
}

/// Nothing happens by itself: time-outs of an hour, and heartbeats after ten minutes.
pub(super) fn by_hand(servers: u16, mutant: MutantId) -> Scenario {
    let mut scenario = by_itself(servers, mutant);
    let raft = &mut scenario.raft;
    (raft.election_min, raft.election_max) = (Duration::from_secs(3600), Duration::from_secs(3600));
    raft.heartbeat = BEAT;
    (raft.pre_vote, raft.check_quorum, raft.sticky) = (false, false, false);
    raft.append_max = 1;
    scenario
}

/// The usual settings, with links of 1 ms and clients that do nothing by themselves.
pub(super) fn by_itself(servers: u16, mutant: MutantId) -> Scenario {
    let mut scenario = Scenario::new(1, servers, CLIENTS);
    let latency = Latency::Fixed(Duration::from_millis(1));
    scenario.network = Network { latency, ..Network::default() };
    scenario.disk = Disk { write: Latency::Fixed(Duration::from_micros(500)) };
    scenario.workload.pace = Pace::Silent;
    // A client that reaches one server only has found it within 30 ms.
    scenario.patience.attempt = Duration::from_millis(5);
    scenario.patience.rest_min = Duration::from_millis(1);
    scenario.patience.rest_max = Duration::from_millis(1);
    scenario.mutant = mutant;
    scenario
}

/// How many clients a directed run has.
pub(super) const CLIENTS: u16 = 3;
/// Between two heartbeats of a run by hand.
pub(super) const BEAT: Duration = Duration::from_secs(600);
