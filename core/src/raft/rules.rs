//! Every decision that safety rests on, as a named pure predicate with its section number.
//!
//! Sections are those of the extended Raft paper, or of the thesis where it says so.

use crate::id::{LogId, NodeId, NodeSet, Slot, Term};
use crate::protocol::Sealed;

use super::message::HardState;

/// Whether `have` contains a majority of `voters` (§5.2, §5.3): any two majorities share a server.
pub const fn quorum(voters: NodeSet, have: NodeSet) -> bool {
    voters.and(have).len() * 2 > voters.len()
}

/// How many servers a majority of `voters` has.
pub const fn quorum_size(voters: NodeSet) -> u32 {
    voters.len() / 2 + 1
}

/// Whether a vote may be given (§5.2): one per term, first come first served, and the same
/// candidate may ask again.
pub fn vote_is_free(hard: HardState, term: Term, candidate: NodeId) -> bool {
    term > hard.term || (term == hard.term && hard.vote.is_none_or(|vote| vote == candidate))
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

/// Whether a leader's message belongs to the present (§5.1): one of an older term is refused.
pub fn leader_is_current(current: Term, message: Term) -> bool {
    message >= current
}

/// Whether an append fits (§5.3): the entry before those carried must be there, with its term.
pub fn fits(own: Option<Term>, prev: LogId) -> bool {
    own == Some(prev.term)
}

/// Whether an own entry contradicts one that the leader sent (§5.3): only then is the log cut.
pub fn contradicts(own: Term, sent: Term) -> bool {
    own != sent
}

/// How far a follower may commit (§5.3): no further than the leader, and no further than its log
/// is known to be the leader's.
pub fn follower_commit(leader_commit: Slot, matched: Slot) -> Slot {
    leader_commit.min(matched)
}

/// Whether a leader may commit by counting (§5.4.2, Figure 8): only entries of its own term; those
/// before them are committed with them.
pub fn commits_by_counting(current: Term, entry: Term) -> bool {
    entry == current
}

/// Whether a leader knows which entries are committed (§8, thesis §6.4): once one of its own term
/// is.
pub fn knows_commit_index(current: Term, term_at_commit: Option<Term>) -> bool {
    term_at_commit == Some(current)
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
