//! Raft, as the extended paper and the thesis have it: elections with pre-vote, check-quorum and
//! leader stickiness; replication; snapshots; reads without the log; leadership transfer.
//!
//! Reading order: [`rules`] (what safety rests on), [`message`], [`log`], then the parts by
//! activity: `election`, `replication`, `follow`, `read`, `snapshot`, `transfer`.

mod election;
mod follow;
pub mod log;
pub mod message;
pub mod note;
mod read;
mod replication;
mod role;
pub mod rules;
mod snapshot;
mod transfer;

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{Epoch, LogId, MutantId, NodeId, NodeSet, Slot, Term, Ticket};
use crate::machine::Machine;
use crate::protocol::{self, Boot, Effect, Out, Protocol, Refused};
use crate::rng::Rng;
use crate::time::{Alarm, Duration, Instant, Why};

use self::election::Bid;
use self::log::Log;
use self::message::{Durable, HardState, Message, Record, Snapshot};
use self::note::{Down, Note};
use self::rules::{Rules, Sign};

pub use self::role::{Heir, Leader, Mode, Peer, Retry, Role, Timer};

/// The settings of a group, the same at each of its servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Who votes. Read in one place, [`Raft::voters`]: membership will become replicated data.
    pub voters: NodeSet,
    /// The shortest election time-out; also how long a leader is stuck to.
    pub election_min: Duration,
    /// The longest election time-out.
    pub election_max: Duration,
    /// How often a leader speaks at least; shorter than `election_min`.
    pub heartbeat: Duration,
    /// At most so many entries in a message, at least 1.
    pub append_max: u64,
    /// At most so many entries on their way to a follower, at least 1.
    pub window: u64,
    /// At most so many uncommitted entries at a leader; above it, it is busy.
    pub uncommitted_max: u64,
    /// Ask whether an election could be won before standing for it (thesis §9.6).
    pub pre_vote: bool,
    /// A leader that does not hear from a quorum steps down (thesis §6.2).
    pub check_quorum: bool,
    /// Whoever has just heard from a leader disregards candidates (thesis §4.2.3).
    pub sticky: bool,
}

/// One Raft server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raft<M: Machine> {
    config: Arc<Config>,
    id: NodeId,
    rng: Rng,
    hard: HardState,
    log: Log<M::Command>,
    snapshot: Option<Arc<Snapshot<M>>>,
    /// The disk was lost once: never votes, never counts.
    lost: bool,
    commit: Slot,
    role: Role,
    mutant: MutantId,
    /// What its leader sent and does not fit yet.
    early: follow::Early<M::Command>,
}

impl<M: Machine> Raft<M> {
    /// Its number.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Term and vote.
    pub const fn hard_state(&self) -> HardState {
        self.hard
    }

    /// The log.
    pub const fn log(&self) -> &Log<M::Command> {
        &self.log
    }

    /// What stands before the log.
    pub const fn snapshot(&self) -> Option<&Arc<Snapshot<M>>> {
        self.snapshot.as_ref()
    }

    /// The highest slot known to be committed.
    pub const fn commit(&self) -> Slot {
        self.commit
    }

    /// What it does.
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// Whether its disk was lost once.
    pub const fn has_lost_disk(&self) -> bool {
        self.lost
    }

    /// Who leads, as far as it knows.
    pub const fn leader(&self) -> Option<NodeId> {
        match &self.role {
            Role::Follower { leader, .. } => *leader,
            Role::Leader(_) => Some(self.id),
            Role::PreCandidate { .. } | Role::Candidate { .. } => None,
        }
    }

    /// How it decides.
    fn rules(&self) -> &'static Rules {
        rules::of(self.mutant)
    }

    /// Who votes: the one place where it is read.
    fn voters(&self) -> NodeSet {
        self.config.voters
    }

    fn peers(&self) -> impl Iterator<Item = NodeId> + Clone + use<M> {
        let mut others = self.voters();
        others.remove(self.id);
        others.iter()
    }

    const fn leader_state(&mut self) -> Option<&mut Leader> {
        match &mut self.role {
            Role::Leader(leader) => Some(leader),
            _ => None,
        }
    }

    /// Adopts a later term (§5.1).
    fn adopt(&mut self, now: Instant, term: Term, out: &mut Out<Self>) {
        if matches!(self.role, Role::Leader(_)) {
            out.note(Note::SteppedDown(Down::HigherTerm(term)));
        }
        self.hard = HardState { term, vote: None };
        // Only a leader's word or a vote given restarts the timer (§5.2): a candidate that nobody
        // can vote for must not keep the others from standing.
        match &self.role {
            Role::Leader(_) => self.follow(now, None, out),
            Role::Follower { timer, .. }
            | Role::PreCandidate { timer, .. }
            | Role::Candidate { timer, .. } => {
                self.role = Role::Follower { leader: None, timer: *timer };
            }
        }
    }

    /// Becomes a follower in the current term.
    fn follow(&mut self, now: Instant, leader: Option<NodeId>, out: &mut Out<Self>) {
        let fresh = self.new_timer(now);
        // Most often it follows that leader already.
        if let Role::Follower { leader: present, timer } = &mut self.role
            && *present == leader
        {
            *timer = fresh;
            return;
        }
        if matches!(self.role, Role::Leader(_)) {
            out.push(Effect::Leading(None));
        }
        if let Some(leader) = leader
            && self.leader() != Some(leader)
        {
            out.note(Note::Follows { leader, term: self.hard.term });
        }
        self.role = Role::Follower { leader, timer: fresh };
    }

    fn new_timer(&mut self, now: Instant) -> Timer {
        let timeout = self.rng.between(self.config.election_min, self.config.election_max);
        Timer { set: now, fires: now + timeout }
    }

    /// Takes notice of a message that it does not follow.
    fn notice(&mut self, now: Instant, sign: Sign) {
        if !(self.rules().restarts_timer)(sign) {
            return;
        }
        let fresh = self.new_timer(now);
        match &mut self.role {
            Role::Follower { timer, .. }
            | Role::PreCandidate { timer, .. }
            | Role::Candidate { timer, .. } => *timer = fresh,
            Role::Leader(_) => {}
        }
    }

    fn push_record(out: &mut Out<Self>, record: Record<M>) {
        out.push(Effect::Persist(record));
    }

    /// Runs one step, and makes term and vote durable if the step changed them.
    fn step<T>(
        &mut self,
        out: &mut Out<Self>,
        step: impl FnOnce(&mut Self, &mut Out<Self>) -> T,
    ) -> T {
        let before = self.hard;
        let result = step(self, out);
        if self.hard != before {
            Self::push_record(out, Record::Hard(self.hard));
        }
        result
    }

    /// Emits every slot up to `commit` that was not emitted yet.
    fn commit_through(&mut self, commit: Slot, out: &mut Out<Self>) {
        if commit <= self.commit {
            return;
        }
        let commit = commit.min(self.log.end());
        for (slot, entry) in self.log.range(self.commit.next(), commit) {
            out.push(Effect::Commit { slot, entry: entry.clone() });
        }
        self.commit = commit;
        out.note(Note::Committed(self.commit));
    }

    fn handle(&mut self, now: Instant, from: NodeId, message: Message<M>, out: &mut Out<Self>) {
        match message {
            Message::Vote { term, last, pre: true, .. } => {
                self.on_pre_vote(now, from, term, last, out);
            }
            Message::Vote { term, last, handed, .. } => {
                self.on_vote(now, from, Bid { term, last, handed }, out);
            }
            Message::VoteReply { term, pre, granted } => {
                self.on_vote_reply(now, from, term, pre, granted, out);
            }
            Message::Append { term, prev, entries, commit, round } => {
                let append = follow::Append { prev, entries, commit, round };
                self.on_append(now, from, term, append, out);
            }
            Message::AppendReply { term, round, counts, outcome } => {
                let heard = replication::Heard { round, counts };
                self.on_append_reply(now, from, term, heard, outcome, out);
            }
            Message::Snapshot { term, snapshot } => {
                self.on_snapshot(now, from, term, snapshot, out);
            }
            Message::SnapshotReply { term, counts, matched } => {
                let heard = replication::Heard { round: 0, counts };
                let outcome = message::Outcome::Matched(matched);
                self.on_append_reply(now, from, term, heard, outcome, out);
            }
            Message::TimeoutNow { term } => self.on_timeout_now(now, from, term, out),
        }
    }
}

impl<M: Machine> Protocol for Raft<M> {
    type Machine = M;
    type Message = Message<M>;
    type Record = Record<M>;
    type Durable = Durable<M>;
    type Note = Note;
    type Config = Arc<Config>;

    fn boot(boot: Boot<Self>, now: Instant, out: &mut Out<Self>) -> Self {
        let Durable { hard, log, snapshot, lost } = boot.durable;
        let key = [boot.seed, u64::from(boot.id.0), u64::from(boot.incarnation.0)];
        let idle = Timer { set: now, fires: now };
        let mut raft = Self {
            config: boot.config,
            id: boot.id,
            rng: Rng::keyed(&key),
            hard,
            commit: log.base().slot,
            log,
            snapshot,
            lost,
            role: Role::Follower { leader: None, timer: idle },
            mutant: boot.mutant,
            early: follow::Early::of(Term(0)),
        };
        if let Some(snapshot) = &raft.snapshot {
            out.push(Effect::Restore(protocol::Snapshot {
                through: snapshot.last.slot,
                machine: snapshot.machine.clone(),
            }));
        }
        if lost {
            out.note(Note::NoVoter);
        }
        let timer = raft.new_timer(now);
        raft.role = Role::Follower { leader: None, timer };
        raft
    }

    fn alarm(&self) -> Option<Alarm> {
        match &self.role {
            Role::Leader(leader) => Some(Alarm { at: leader.heartbeat, why: Why::Heartbeat }),
            _ if self.lost => None,
            Role::Follower { timer, .. } => Some(timer.alarm()),
            Role::PreCandidate { retry, timer, .. } | Role::Candidate { retry, timer, .. } => {
                Alarm::earlier(Some(timer.alarm()), retry.alarm())
            }
        }
    }

    fn leading(&self) -> Option<Epoch> {
        matches!(self.role, Role::Leader(_)).then_some(Epoch(self.hard.term.0))
    }

    fn log_bytes(&self) -> u64 {
        self.log.bytes()
    }

    fn stored_by_all(&self) -> Slot {
        let Role::Leader(leader) = &self.role else { return self.log.end() };
        // The next heartbeat is less than an interval away: near enough to the present.
        let patience = self.config.election_max;
        let heard =
            leader.peers.iter().filter(|peer| leader.heartbeat.since(peer.heard) < patience);
        heard.map(|peer| peer.matched).min().unwrap_or(self.log.end())
    }

    fn receive(&mut self, now: Instant, from: NodeId, message: Message<M>, out: &mut Out<Self>) {
        let stranger = from == self.id || !self.voters().contains(from);
        if stranger || !rules::term_in_reach(self.hard.term, message.term()) {
            return;
        }
        self.step(out, |raft, out| raft.handle(now, from, message, out));
    }

    fn wake(&mut self, now: Instant, out: &mut Out<Self>) {
        if self.alarm().is_none_or(|alarm| alarm.at > now) {
            return;
        }
        self.step(out, |raft, out| match &raft.role {
            Role::Leader(_) => raft.beat(now, out),
            Role::PreCandidate { timer, .. } | Role::Candidate { timer, .. }
                if timer.fires > now =>
            {
                raft.ask(now, out);
            }
            _ => raft.time_out(now, out),
        });
    }

    fn propose_all(
        &mut self,
        now: Instant,
        commands: impl IntoIterator<Item = M::Command, IntoIter: ExactSizeIterator>,
        out: &mut Out<Self>,
    ) -> Result<Slot, Refused> {
        self.step(out, |raft, out| raft.on_propose(now, commands.into_iter(), out))
    }

    fn read(&mut self, now: Instant, ticket: Ticket, out: &mut Out<Self>) -> Result<(), Refused> {
        self.step(out, |raft, out| raft.on_read(now, ticket, out))
    }

    fn transfer(&mut self, now: Instant, to: NodeId, out: &mut Out<Self>) {
        self.step(out, |raft, out| raft.on_transfer(now, to, out));
    }

    fn compact(&mut self, snapshot: protocol::Snapshot<M>, out: &mut Out<Self>) {
        self.on_compact(snapshot, out);
    }
}

impl<M: Machine> Raft<M> {
    /// Stands for election at once, whatever the timer says and without asking first: what a user
    /// does on the page. A leader and a server that lost its disk do nothing.
    pub fn campaign(&mut self, now: Instant, out: &mut Out<Self>) {
        if !self.lost && !matches!(self.role, Role::Leader(_)) {
            self.step(out, |raft, out| raft.stand(now, false, out));
        }
    }

    /// The last entry of its log.
    fn last(&self) -> LogId {
        self.log.last()
    }
}

#[cfg(test)]
mod tests;
