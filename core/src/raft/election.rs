//! Elections (§5.2, §5.4.1), with pre-vote and stickiness.

use alloc::vec::Vec;

use crate::id::{Epoch, LogId, NodeId, NodeSet, Slot, Term};
use crate::machine::Machine;
use crate::protocol::{Effect, Entry, Out, Payload};
use crate::time::Instant;

use super::message::{HardState, Message};
use super::note::{NoVote, Note};
use super::read::Reads;
use super::rules::Sign;
use super::{Leader, Mode, Peer, Raft, Retry, Role};

/// What a vote is asked for.
#[derive(Clone, Copy)]
pub(super) struct Bid {
    /// The term stood for.
    pub(super) term: Term,
    /// The candidate's last entry.
    pub(super) last: LogId,
    /// The leader itself wants it.
    pub(super) handed: bool,
}

impl<M: Machine> Raft<M> {
    /// No leader was heard from in time.
    pub(super) fn time_out(&mut self, now: Instant, out: &mut Out<Self>) {
        if self.config.pre_vote { self.ask_first(now, out) } else { self.stand(now, false, out) }
    }

    fn ask_first(&mut self, now: Instant, out: &mut Out<Self>) {
        let term = self.hard.term.next();
        out.note(Note::PreVoteStarted(term));
        let votes = NodeSet::from_iter([self.id]);
        let retry = Retry { silent: self.peers().collect(), at: now, handed: false };
        self.role = Role::PreCandidate { votes, retry, timer: self.new_timer(now) };
        if self.rules().quorum(self.voters(), votes) {
            return self.stand(now, false, out);
        }
        self.ask(now, out);
    }

    /// Stands for election in the next term; `handed` if the leader wants it.
    pub(super) fn stand(&mut self, now: Instant, handed: bool, out: &mut Out<Self>) {
        let term = self.hard.term.next();
        self.hard = HardState { term, vote: (self.rules().own_vote)(self.id) };
        out.note(Note::ElectionStarted(term));
        let votes = NodeSet::from_iter([self.id]);
        let retry = Retry { silent: self.peers().collect(), at: now, handed };
        self.role = Role::Candidate { votes, retry, timer: self.new_timer(now) };
        if self.rules().quorum(self.voters(), votes) {
            return self.lead(now, out);
        }
        self.ask(now, out);
    }

    /// Asks those for their votes who have not answered yet, and does so again once in a heartbeat
    /// interval: a message may be lost (§5.1).
    pub(super) fn ask(&mut self, now: Instant, out: &mut Out<Self>) {
        let (last, next, interval) = (self.last(), self.hard.term.next(), self.config.heartbeat);
        let (retry, term, pre) = match &mut self.role {
            Role::PreCandidate { retry, .. } => (retry, next, true),
            Role::Candidate { retry, .. } => (retry, self.hard.term, false),
            Role::Follower { .. } | Role::Leader(_) => return,
        };
        retry.at = now + interval;
        let Retry { silent, handed, .. } = *retry;
        for peer in silent.iter() {
            out.send(peer, Message::Vote { term, last, pre, handed });
        }
    }

    /// Whether it has heard from a leader so recently that candidates are disregarded (thesis
    /// §4.2.3). A leader counts as having heard from itself, as long as check-quorum holds it to
    /// that.
    fn has_leader(&self, now: Instant) -> bool {
        self.config.sticky
            && match &self.role {
                Role::Follower { leader: Some(_), timer } => {
                    now.since(timer.set) < self.config.election_min
                }
                Role::Leader(_) => self.config.check_quorum,
                _ => false,
            }
    }

    pub(super) fn on_pre_vote(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        last: LogId,
        out: &mut Out<Self>,
    ) {
        let why = if self.lost {
            Some(NoVote::LostDisk)
        } else if term <= self.hard.term {
            Some(NoVote::OldTerm)
        } else if self.has_leader(now) {
            Some(NoVote::HasLeader)
        } else if !(self.rules().up_to_date)(last, self.last()) {
            Some(NoVote::BetterLog(self.last()))
        } else {
            None
        };
        if let Some(why) = why {
            self.refuse_vote(now, from, why, out);
        }
        let granted = why.is_none();
        let term = if granted { term } else { (self.rules().refusal_tells)(self.hard.term, term) };
        out.send(from, Message::VoteReply { term, pre: true, granted });
    }

    pub(super) fn on_vote(&mut self, now: Instant, from: NodeId, bid: Bid, out: &mut Out<Self>) {
        let Bid { term, last, handed } = bid;
        if term > self.hard.term && !handed && self.has_leader(now) {
            out.note(Note::VoteRefused { candidate: from, why: NoVote::HasLeader });
            return;
        }
        if term > self.hard.term {
            self.adopt(now, term, out);
        }
        if (term, Some(from)) == (self.hard.term, self.hard.vote) && !self.lost {
            // The answer may be lost, and the vote stays given. It puts nothing off once more: a
            // candidate that hears nobody must not keep the others from standing.
            return out.send(from, Message::VoteReply { term, pre: false, granted: true });
        }
        let why = if self.lost {
            Some(NoVote::LostDisk)
        } else if term < self.hard.term {
            Some(NoVote::OldTerm)
        } else if !(self.rules().vote_is_free)(self.hard, term, from) {
            Some(NoVote::VotedFor(self.hard.vote.unwrap_or(self.id)))
        } else if !(self.rules().up_to_date)(last, self.last()) {
            Some(NoVote::BetterLog(self.last()))
        } else {
            None
        };
        match why {
            Some(why) => self.refuse_vote(now, from, why, out),
            None => {
                self.hard.vote = Some(from);
                out.note(Note::Voted { candidate: from, term });
                self.follow(now, None, out);
            }
        }
        let term = self.hard.term;
        out.send(from, Message::VoteReply { term, pre: false, granted: why.is_none() });
    }

    fn refuse_vote(&mut self, now: Instant, from: NodeId, why: NoVote, out: &mut Out<Self>) {
        out.note(Note::VoteRefused { candidate: from, why });
        self.notice(now, Sign::RefusedVote);
    }

    pub(super) fn on_vote_reply(
        &mut self,
        now: Instant,
        from: NodeId,
        term: Term,
        pre: bool,
        granted: bool,
        out: &mut Out<Self>,
    ) {
        if term > self.hard.term && !(pre && granted) {
            return self.adopt(now, term, out);
        }
        let (voters, asked, rules) = (self.voters(), self.hard.term.next(), self.rules());
        match &mut self.role {
            Role::PreCandidate { retry, .. } if pre && (!granted || term == asked) => {
                retry.silent.remove(from);
            }
            Role::Candidate { retry, .. } if !pre && term == self.hard.term => {
                retry.silent.remove(from);
            }
            _ => {}
        }
        if !granted {
            return;
        }
        match &mut self.role {
            Role::PreCandidate { votes, .. } if pre && (rules.vote_counts)(asked, term) => {
                *votes = (rules.votes_with)(*votes, from);
                if rules.quorum(voters, *votes) {
                    self.stand(now, false, out);
                }
            }
            Role::Candidate { votes, .. } if !pre && (rules.vote_counts)(self.hard.term, term) => {
                *votes = (rules.votes_with)(*votes, from);
                if rules.quorum(voters, *votes) {
                    self.lead(now, out);
                }
            }
            _ => {}
        }
    }

    /// Takes office: an entry of its own term first, so that it learns what is committed (§8).
    fn lead(&mut self, now: Instant, out: &mut Out<Self>) {
        let term = self.hard.term;
        out.note(Note::BecameLeader(term));
        let next = self.log.end().next();
        let peer = |id| Peer {
            id,
            next,
            matched: Slot(0),
            mode: Mode::Probe { waiting: false },
            heard: now,
            round: 0,
            counts: true,
            room: u64::MAX,
        };
        let peers: Vec<Peer> = self.peers().map(peer).collect();
        let heartbeat = now + self.config.heartbeat;
        self.role = Role::Leader(Leader { peers, heartbeat, heir: None, reads: Reads::default() });
        out.push(Effect::Leading(Some(Epoch(term.0))));
        if (self.rules().opens_term)() {
            let noop = Entry { term, payload: Payload::Noop };
            self.append(now, [noop].into_iter().collect(), out);
        } else {
            self.speak(now, out);
        }
    }
}
