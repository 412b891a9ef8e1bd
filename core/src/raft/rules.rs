//! Every decision that safety rests on, as a named pure predicate with its section number.
//!
//! Sections are those of the extended Raft paper, or of the thesis where it says so. The protocol
//! asks a table of them, [`Rules`]: [`PAPER`] is as the paper has it, and each mutant of `mutants`
//! has another answer to one question.

mod mutants;

use crate::id::{LogId, MutantId, NodeId, NodeSet, Slot, Term};
use crate::protocol::Sealed;

use super::message::HardState;

pub use mutants::of;

/// The decisions of the protocol.
pub struct Rules {
    /// How many of so many voters are a majority.
    pub majority: fn(voters: u32) -> u32,
    /// Whom a candidate votes for.
    pub own_vote: fn(candidate: NodeId) -> Option<NodeId>,
    /// Whether a vote may be given.
    pub vote_is_free: fn(hard: HardState, term: Term, candidate: NodeId) -> bool,
    /// What is left of a candidate's vote when it follows the term's leader.
    pub vote_kept: fn(vote: Option<NodeId>) -> Option<NodeId>,
    /// Whether a candidate's log is up-to-date.
    pub up_to_date: fn(candidate: LogId, own: LogId) -> bool,
    /// Whether an answer to a vote request belongs to the election.
    pub vote_counts: fn(current: Term, reply: Term) -> bool,
    /// Who voted, with one vote more.
    pub votes_with: fn(votes: NodeSet, from: NodeId) -> NodeSet,
    /// The term that the refusal of a pre-vote tells.
    pub refusal_tells: fn(own: Term, asked: Term) -> Term,
    /// Whether a message that is no word of the leader restarts the election timer.
    pub restarts_timer: fn(sign: Sign) -> bool,
    /// Whether a leader that checks its quorum goes on.
    pub stays_leader: fn(hears_quorum: bool) -> bool,
    /// Whether a leader's message belongs to the present.
    pub leader_is_current: fn(current: Term, message: Term) -> bool,
    /// Whether an append fits the log.
    pub fits: fn(own: Option<Term>, prev: LogId, empty: bool) -> bool,
    /// Whether an own entry contradicts one that was sent.
    pub contradicts: fn(own: Term, sent: Term) -> bool,
    /// Whether what follows the entries of an append stays, if none of them contradicts.
    pub keeps_rest: fn() -> bool,
    /// How far a follower may commit.
    pub follower_commit: fn(leader_commit: Slot, matched: Slot) -> Slot,
    /// Whether an answer to an append is about the present log.
    pub answer_counts: fn(current: Term, reply: Term) -> bool,
    /// What an acknowledgement proves to be stored.
    pub proves: fn(acknowledged: Slot, next: Slot) -> Slot,
    /// Whether a refusal may be about a position that is still open.
    pub refusal_is_open: fn(rejected: Slot, matched: Slot) -> bool,
    /// What is sent next after a refusal.
    pub next_after: fn(agreed: Slot, matched: Slot) -> Slot,
    /// Whether a leader may commit an entry by counting.
    pub commits_by_counting: fn(current: Term, entry: Term) -> bool,
    /// Whether a leader begins its term with an entry of its own.
    pub opens_term: fn() -> bool,
    /// Whether a leader knows which entries are committed.
    pub knows_commit_index: fn(current: Term, term_at_commit: Option<Term>) -> bool,
    /// The round that a read waits for.
    pub read_round: fn(current: u64) -> u64,
    /// Whether a read may be answered.
    pub read_is_confirmed: fn(read_round: u64, quorum_round: u64) -> bool,
    /// Whether a snapshot is worth installing.
    pub snapshot_is_news: fn(last: LogId, commit: Slot) -> bool,
    /// Whether the log behind a snapshot's place stays.
    pub tail_stays: fn(own: Option<Term>, last: LogId) -> bool,
    /// Whether a follower gets the snapshot, if what it lacks is compacted away.
    pub sends_snapshot: fn() -> bool,
}

/// A message that a server got and did not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A request for a vote, which was refused.
    RefusedVote,
    /// The word of a leader whose term is over.
    OldLeader,
}

/// The decisions as the paper has them.
pub const PAPER: Rules = Rules {
    majority,
    own_vote,
    vote_is_free,
    vote_kept,
    up_to_date,
    vote_counts,
    votes_with,
    refusal_tells,
    restarts_timer,
    stays_leader,
    leader_is_current,
    fits,
    contradicts,
    keeps_rest,
    follower_commit,
    answer_counts,
    proves,
    refusal_is_open,
    next_after,
    commits_by_counting,
    opens_term,
    knows_commit_index,
    read_round,
    read_is_confirmed,
    snapshot_is_news,
    tail_stays,
    sends_snapshot,
};

impl Rules {
    /// Whether `have` contains a majority of `voters` (§5.2, §5.3): any two majorities share a
    /// server.
    pub fn quorum(&self, voters: NodeSet, have: NodeSet) -> bool {
        voters.and(have).len() >= (self.majority)(voters.len())
    }
}

/// How many of so many voters are a majority (§5.2): more than half.
pub const fn majority(voters: u32) -> u32 {
    voters / 2 + 1
}

/// Whom a candidate votes for (§5.2): itself, and that is a vote like any other, given once a
/// term.
pub const fn own_vote(candidate: NodeId) -> Option<NodeId> {
    Some(candidate)
}

/// Whether a vote may be given (§5.2): one per term, first come first served, and the same
/// candidate may ask again.
pub fn vote_is_free(hard: HardState, term: Term, candidate: NodeId) -> bool {
    term > hard.term || (term == hard.term && hard.vote.is_none_or(|vote| vote == candidate))
}

/// What is left of a candidate's vote when it follows the leader of the same term (§5.2): all of
/// it. Only a new term sets it free.
pub const fn vote_kept(vote: Option<NodeId>) -> Option<NodeId> {
    vote
}

/// Whether a candidate's log is at least as up-to-date as the voter's (§5.4.1): a later last term
/// wins; with equal last terms, the longer log. It keeps a server without every committed entry
/// from being elected.
pub fn up_to_date(candidate: LogId, own: LogId) -> bool {
    candidate >= own
}

/// Whether an answer to a vote request may be counted (§5.2): it must be of the election that is
/// under way.
pub fn vote_counts(current: Term, reply: Term) -> bool {
    current == reply
}

/// Who voted, with one vote more (§5.2): a set, because a vote may come twice.
pub const fn votes_with(mut votes: NodeSet, from: NodeId) -> NodeSet {
    votes.insert(from);
    votes
}

/// The term that the refusal of a pre-vote tells (thesis §9.6): the own one, or a candidate that
/// fell behind would never learn it.
pub const fn refusal_tells(own: Term, _asked: Term) -> Term {
    own
}

/// Whether a message that is no word of the present leader restarts the election timer (§5.2): a
/// vote that was refused does not, or a candidate that nobody can vote for would keep the others
/// from standing.
pub const fn restarts_timer(_sign: Sign) -> bool {
    false
}

/// Whether a leader that checks its quorum goes on (thesis §6.2): as long as one answers.
pub const fn stays_leader(hears_quorum: bool) -> bool {
    hears_quorum
}

/// Whether a leader's message belongs to the present (§5.1): one of an older term is refused.
pub fn leader_is_current(current: Term, message: Term) -> bool {
    message >= current
}

/// Whether an append fits (§5.3): the entry before those carried must be there, with its term,
/// even if none is carried.
pub fn fits(own: Option<Term>, prev: LogId, _empty: bool) -> bool {
    own == Some(prev.term)
}

/// Whether an own entry contradicts one that the leader sent (§5.3): only then is the log cut.
pub fn contradicts(own: Term, sent: Term) -> bool {
    own != sent
}

/// Whether what follows the entries of an append stays, if none of them contradicts (§5.3): it
/// does, for the append may be older than what follows.
pub const fn keeps_rest() -> bool {
    true
}

/// How far a follower may commit (§5.3): no further than the leader, and no further than its log
/// is known to be the leader's.
pub fn follower_commit(leader_commit: Slot, matched: Slot) -> Slot {
    leader_commit.min(matched)
}

/// Whether an answer to an append is about the present log (§5.3): one that was given in an
/// earlier term speaks of another.
pub fn answer_counts(current: Term, reply: Term) -> bool {
    current == reply
}

/// What an acknowledgement proves to be stored (§5.3): what it says, not what was sent since.
pub const fn proves(acknowledged: Slot, _next: Slot) -> Slot {
    acknowledged
}

/// Whether a refusal may be about a position that is still open (§5.3): what was acknowledged is
/// stored, and a refusal of it is older.
pub fn refusal_is_open(rejected: Slot, matched: Slot) -> bool {
    rejected > matched
}

/// What is sent next after a refusal (§5.3): what follows the place where the logs may still
/// agree, and never what was acknowledged.
pub fn next_after(agreed: Slot, matched: Slot) -> Slot {
    agreed.max(matched).next()
}

/// Whether a leader may commit by counting (§5.4.2, Figure 8): only entries of its own term; those
/// before them are committed with them.
pub fn commits_by_counting(current: Term, entry: Term) -> bool {
    entry == current
}

/// Whether a leader begins its term with an entry of its own (§8): it must, for only such an entry
/// can it commit by counting, and with it what earlier leaders left. Nobody else may come to put
/// one into the log.
pub const fn opens_term() -> bool {
    true
}

/// Whether a leader knows which entries are committed (§8, thesis §6.4): once one of its own term
/// is.
pub fn knows_commit_index(current: Term, term_at_commit: Option<Term>) -> bool {
    term_at_commit == Some(current)
}

/// The round that a read waits for (thesis §6.4): the next one to begin.
pub const fn read_round(current: u64) -> u64 {
    current + 1
}

/// Whether a read may be answered (thesis §6.4): a quorum has confirmed the leader in a round that
/// began after the read came.
pub const fn read_is_confirmed(read_round: u64, quorum_round: u64) -> bool {
    quorum_round >= read_round
}

/// Whether a follower may be told to take over (thesis §3.10): with the leader's whole log it wins
/// whatever votes can be won.
pub fn may_take_over(matched: Slot, last: Slot) -> bool {
    matched == last
}

/// Whether a snapshot is worth installing (§7): it must go beyond what is committed here already.
pub fn snapshot_is_news(last: LogId, commit: Slot) -> bool {
    last.slot > commit
}

/// Whether the log behind a snapshot's place stays (§7): only if the snapshot's last entry stands
/// in that place.
pub fn tail_stays(own: Option<Term>, last: LogId) -> bool {
    own == Some(last.term)
}

/// Whether a follower gets the snapshot, if what it lacks is compacted away (§7): nothing else can
/// help.
pub const fn sends_snapshot() -> bool {
    true
}

/// Whether a term or slot can be meant: a number that no run reaches is not taken over, so that
/// counting on from it never overflows.
pub const fn plausible(number: u64) -> bool {
    number < 1 << 62
}

/// Whether a term can follow the own one: a leap that no number of elections makes is not
/// followed, or one absurd message would use the terms up.
pub const fn term_in_reach(current: Term, term: Term) -> bool {
    term.0 <= current.0.saturating_add(1 << 32) && plausible(term.0)
}

/// Whether entries sent by a leader could exist at all: terms never decrease along a log, and none
/// is later than the leader's (§5.3). Anything else is refused unread.
pub fn well_formed<C>(leader: Term, prev: LogId, entries: &[Sealed<C>]) -> bool {
    let ordered = entries.is_sorted_by_key(|entry| entry.term);
    let from = entries.first().is_none_or(|entry| entry.term >= prev.term);
    let to = entries.last().map_or(prev.term, |entry| entry.term) <= leader;
    ordered && from && to && plausible(prev.slot.0) && (prev.slot.0 > 0 || prev.term.0 == 0)
}

#[cfg(test)]
mod tests;
