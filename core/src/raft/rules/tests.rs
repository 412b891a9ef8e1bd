//! The decisions at their borders, and where each mutant decides otherwise.

use alloc::vec::Vec;

use super::*;
use crate::mutant::{self, Layer};
use crate::protocol::{Entry, Payload};

fn set(ids: &[u16]) -> NodeSet {
    ids.iter().map(|id| NodeId(*id)).collect()
}

fn id(term: u64, slot: u64) -> LogId {
    LogId { term: Term(term), slot: Slot(slot) }
}

fn voted(term: u64, vote: Option<u16>) -> HardState {
    HardState { term: Term(term), vote: vote.map(NodeId) }
}

#[test]
fn a_majority_is_more_than_half_of_the_voters_and_nobody_else_is_counted() {
    let sizes: Vec<u32> = (1..=9).map(majority).collect();
    assert_eq!(sizes, [1, 2, 2, 3, 3, 4, 4, 5, 5]);
    let five = set(&[0, 1, 2, 3, 4]);
    assert!(!PAPER.quorum(five, set(&[0, 4])));
    assert!(PAPER.quorum(five, set(&[0, 2, 4])));
    assert!(!PAPER.quorum(five, set(&[0, 4, 5, 6, 7])), "strangers do not vote");
    assert!(PAPER.quorum(set(&[0, 1]), set(&[0, 1])) && !PAPER.quorum(set(&[0, 1]), set(&[1])));
}

#[test]
fn a_vote_is_given_once_a_term_and_to_the_same_candidate_again() {
    let free = |vote, term| vote_is_free(voted(4, vote), Term(term), NodeId(2));
    assert!(free(None, 4) && free(Some(2), 4));
    assert!(!free(Some(1), 4), "it is taken");
    assert!(free(Some(1), 5), "a new term sets it free");
    assert!(!free(None, 3) && !free(Some(2), 3), "that term is over");
}

#[test]
fn answers_and_messages_of_another_term_do_not_count() {
    for (own, other) in [(4, 3), (4, 4), (4, 5)] {
        let (own, other) = (Term(own), Term(other));
        assert_eq!(vote_counts(own, other), own == other);
        assert_eq!(answer_counts(own, other), own == other);
        assert_eq!(commits_by_counting(own, other), own == other);
        assert_eq!(knows_commit_index(own, Some(other)), own == other);
        assert_eq!(contradicts(own, other), own != other);
        assert_eq!(leader_is_current(own, other), other.0 >= 4);
    }
    assert!(!knows_commit_index(Term(4), None));
}

#[test]
fn an_append_fits_only_after_an_entry_of_the_term_that_it_names() {
    for empty in [false, true] {
        assert!(fits(Some(Term(2)), id(2, 5), empty));
        assert!(!fits(Some(Term(1)), id(2, 5), empty) && !fits(None, id(2, 5), empty));
    }
    assert!(tail_stays(Some(Term(2)), id(2, 5)));
    assert!(!tail_stays(Some(Term(1)), id(2, 5)) && !tail_stays(None, id(2, 5)));
}

#[test]
fn positions_are_compared_at_their_borders() {
    assert_eq!(follower_commit(Slot(7), Slot(5)), Slot(5), "what follows may be another history");
    assert_eq!(follower_commit(Slot(5), Slot(7)), Slot(5), "the leader commits, nobody else");
    assert!(refusal_is_open(Slot(6), Slot(5)));
    assert!(!refusal_is_open(Slot(5), Slot(5)), "it was stored once");
    assert_eq!(next_after(Slot(3), Slot(5)), Slot(6));
    assert_eq!(next_after(Slot(5), Slot(3)), Slot(6));
    assert!(snapshot_is_news(id(1, 6), Slot(5)) && !snapshot_is_news(id(1, 5), Slot(5)));
    assert!(may_take_over(Slot(5), Slot(5)) && !may_take_over(Slot(4), Slot(5)));
    assert_eq!(read_round(4), 5);
    assert!(read_is_confirmed(5, 5) && read_is_confirmed(5, 6) && !read_is_confirmed(5, 4));
}

#[test]
fn numbers_that_no_run_reaches_are_not_believed() {
    assert!(plausible(0) && plausible((1 << 62) - 1));
    assert!(!plausible(1 << 62) && !plausible(u64::MAX));
    let reach = |own, term| term_in_reach(Term(own), Term(term));
    assert!(reach(9, 0) && reach(9, 9 + (1 << 32)));
    assert!(!reach(9, 10 + (1 << 32)), "too far a leap");
    assert!(reach((1 << 62) - 2, (1 << 62) - 1));
    assert!(!reach((1 << 62) - 1, 1 << 62), "near enough, and yet too large");
}

#[test]
fn entries_are_well_formed_if_a_leader_of_that_term_can_have_them() {
    let formed = |leader: u64, prev, terms: &[u64]| {
        let entry = |term: &u64| Entry { term: Term(*term), payload: Payload::Noop };
        let entries: Vec<Sealed<()>> = terms.iter().map(|term| entry(term).into()).collect();
        well_formed(Term(leader), prev, &entries)
    };
    assert!(formed(3, id(1, 2), &[1, 2, 3]) && formed(3, id(3, 2), &[]));
    assert!(formed(3, LogId::ORIGIN, &[1]) && formed(3, LogId::ORIGIN, &[]));
    assert!(!formed(3, id(1, 2), &[2, 1]), "terms never decrease");
    assert!(!formed(3, id(2, 2), &[1, 2]), "nor from what stands before them");
    assert!(!formed(3, id(1, 2), &[3, 4]), "nobody has entries of a later term");
    assert!(!formed(3, id(4, 2), &[]), "nor anything before them");
    assert!(!formed(3, id(1, 1 << 62), &[]), "no log is so long");
    assert!(!formed(3, id(1, 0), &[1]), "before the first slot is no term");
}

/// A question to the rules; answers are numbers, 1 for yes.
type Question = fn(&Rules) -> u64;

fn yes(answer: bool) -> u64 {
    u64::from(answer)
}

/// What tells a mutant from the paper: a question, the right answer, and its own.
const WITNESSES: [(MutantId, Question, u64, u64); 34] = [
    (MutantId::R3, |r| yes((r.vote_kept)(Some(NodeId(2))).is_some()), 1, 0),
    (MutantId::R4, |r| yes((r.vote_counts)(Term(4), Term(3))), 0, 1),
    (MutantId::R5, |r| (r.votes_with)(set(&[0, 1]), NodeId(1)).len().into(), 2, 3),
    (MutantId::R5, |r| yes((r.votes_with)(set(&[0, 1]), NodeId(1)) == set(&[0, 1, 2])), 0, 1),
    (MutantId::R6, |r| yes((r.own_vote)(NodeId(2)) == Some(NodeId(2))), 1, 0),
    (MutantId::R7, |r| yes((r.up_to_date)(id(1, 1), id(2, 2))), 0, 1),
    (MutantId::R8, |r| yes((r.up_to_date)(id(1, 3), id(2, 2))), 0, 1),
    (MutantId::R8, |r| yes((r.up_to_date)(id(3, 1), id(2, 2))), 1, 0),
    (MutantId::R8, |r| yes((r.up_to_date)(id(1, 2), id(2, 2))), 0, 1),
    (MutantId::R9, |r| yes((r.restarts_timer)(Sign::RefusedVote)), 0, 1),
    (MutantId::R9, |r| yes((r.restarts_timer)(Sign::OldLeader)), 0, 1),
    (MutantId::R10, |r| (r.refusal_tells)(Term(7), Term(4)).0, 7, 3),
    (MutantId::R13, |r| yes((r.stays_leader)(false)), 0, 1),
    (MutantId::R14, |r| (r.majority)(5).into(), 3, 2),
    (MutantId::R15, |r| yes((r.commits_by_counting)(Term(4), Term(2))), 0, 1),
    (MutantId::R16, |r| (r.follower_commit)(Slot(7), Slot(5)).0, 5, 7),
    (MutantId::R17, |r| yes((r.fits)(Some(Term(1)), id(2, 5), true)), 0, 1),
    (MutantId::R18, |r| yes((r.keeps_rest)()), 1, 0),
    (MutantId::R19, |r| yes((r.contradicts)(Term(1), Term(2))), 1, 0),
    (MutantId::R20, |r| yes((r.fits)(Some(Term(1)), id(2, 5), false)), 0, 1),
    (MutantId::R21, |r| yes((r.leader_is_current)(Term(4), Term(3))), 0, 1),
    (MutantId::R22, |r| (r.proves)(Slot(5), Slot(9)).0, 5, 8),
    (MutantId::R24, |r| yes((r.answer_counts)(Term(4), Term(3))), 0, 1),
    (MutantId::R25, |r| yes((r.refusal_is_open)(Slot(5), Slot(5))), 0, 1),
    (MutantId::R25, |r| (r.next_after)(Slot(3), Slot(5)).0, 6, 4),
    (MutantId::R29, |r| (r.read_round)(4), 5, 0),
    (MutantId::R30, |r| yes((r.knows_commit_index)(Term(4), Some(Term(3)))), 0, 1),
    (MutantId::R41, |r| yes((r.snapshot_is_news)(id(1, 4), Slot(5))), 0, 1),
    (MutantId::R45, |r| yes((r.tail_stays)(Some(Term(1)), id(2, 5))), 0, 1),
    (MutantId::R46, |r| yes((r.sends_snapshot)()), 1, 0),
    (MutantId::K10, |r| yes((r.opens_term)()), 1, 0),
    // Where a mutant decides as the paper does.
    (MutantId::R17, |r| yes((r.fits)(Some(Term(1)), id(2, 5), false)), 0, 0),
    (MutantId::R17, |r| yes((r.fits)(Some(Term(2)), id(2, 5), false)), 1, 1),
    (MutantId::R45, |r| yes((r.tail_stays)(None, id(2, 5))), 0, 0),
];

#[test]
fn each_mutant_decides_otherwise_just_where_it_says() {
    for (number, (id, question, right, wrong)) in WITNESSES.iter().enumerate() {
        assert_eq!(question(&PAPER), *right, "{id:?}, question {number}: the paper");
        assert_eq!(question(of(MutantId::Paper)), *right, "{id:?}, question {number}: nobody");
        assert_eq!(question(of(*id)), *wrong, "{id:?}, question {number}: the mutant");
    }
}

#[test]
fn every_mutant_in_a_table_of_raft_has_a_witness() {
    // Those two are in the table of the server.
    let elsewhere = [MutantId::R26, MutantId::R34];
    for mutant in mutant::ALL.iter().filter(|mutant| mutant.layer == Layer::Rules) {
        let told = WITNESSES.iter().any(|(id, _, right, wrong)| *id == mutant.id && right != wrong);
        assert!(told || elsewhere.contains(&mutant.id), "{mutant:?}");
    }
}
