//! Tables with one decision taken wrongly. What goes wrong then, and who found it where, stands in
//! the catalogue of mutants.

use super::{MutantId, NodeId, NodeSet, PAPER, Rules, Sign, votes_with};

/// The decisions that go by a number: those of the paper, if it is not about them.
pub const fn of(id: MutantId) -> &'static Rules {
    TABLES[id as usize]
}

/// By number, so that looking one up is one load: every message does so several times.
static TABLES: [&Rules; MutantId::ALL.len()] = {
    let mut tables = [&CORRECT; MutantId::ALL.len()];
    let mut index = 0;
    while index < tables.len() {
        tables[index] = table(MutantId::ALL[index]);
        index += 1;
    }
    tables
};

const fn table(id: MutantId) -> &'static Rules {
    match id {
        MutantId::R3 => &R3,
        MutantId::R4 => &R4,
        MutantId::R5 => &R5,
        MutantId::R6 => &R6,
        MutantId::R7 => &R7,
        MutantId::R8 => &R8,
        MutantId::R9 => &R9,
        MutantId::R10 => &R10,
        MutantId::R13 => &R13,
        MutantId::R14 => &R14,
        MutantId::R15 => &R15,
        MutantId::R16 => &R16,
        MutantId::R17 => &R17,
        MutantId::R18 => &R18,
        MutantId::R19 => &R19,
        MutantId::R20 => &R20,
        MutantId::R21 => &R21,
        MutantId::R22 => &R22,
        MutantId::R24 => &R24,
        MutantId::R25 => &R25,
        MutantId::R29 => &R29,
        MutantId::R30 => &R30,
        MutantId::R41 => &R41,
        MutantId::R45 => &R45,
        MutantId::R46 => &R46,
        MutantId::K10 => &K10,
        _ => &CORRECT,
    }
}

static CORRECT: Rules = PAPER;

static R3: Rules = Rules { vote_kept: |_| None, ..PAPER };
static R4: Rules = Rules { vote_counts: |_, _| true, ..PAPER };
static R5: Rules = Rules {
    // A number in unary: whoever voted, one more has.
    votes_with: |votes, _| {
        let free = (0..NodeSet::LIMIT).map(NodeId).find(|id| !votes.contains(*id));
        votes_with(votes, free.unwrap_or_default())
    },
    ..PAPER
};
static R6: Rules = Rules { own_vote: |_| None, ..PAPER };
static R7: Rules = Rules { up_to_date: |_, _| true, ..PAPER };
static R8: Rules = Rules { up_to_date: |candidate, own| candidate.slot >= own.slot, ..PAPER };
static R9: Rules =
    Rules { restarts_timer: |sign| matches!(sign, Sign::RefusedVote | Sign::OldLeader), ..PAPER };
static R10: Rules = Rules { refusal_tells: |_, asked| asked.previous(), ..PAPER };
static R13: Rules = Rules { stays_leader: |_| true, ..PAPER };
static R14: Rules = Rules { majority: |voters| voters / 2, ..PAPER };
static R15: Rules = Rules { commits_by_counting: |_, _| true, ..PAPER };
static R16: Rules = Rules { follower_commit: |leader_commit, _| leader_commit, ..PAPER };
static R17: Rules = Rules { fits: |own, prev, empty| empty || own == Some(prev.term), ..PAPER };
static R18: Rules = Rules { keeps_rest: || false, ..PAPER };
static R19: Rules = Rules { contradicts: |_, _| false, ..PAPER };
static R20: Rules = Rules { fits: |own, _, _| own.is_some(), ..PAPER };
static R21: Rules = Rules { leader_is_current: |_, _| true, ..PAPER };
static R22: Rules = Rules { proves: |_, next| next.previous(), ..PAPER };
static R24: Rules = Rules { answer_counts: |_, _| true, ..PAPER };
static R25: Rules =
    Rules { refusal_is_open: |_, _| true, next_after: |agreed, _| agreed.next(), ..PAPER };
static R29: Rules = Rules { read_round: |_| 0, ..PAPER };
static R30: Rules = Rules { knows_commit_index: |_, _| true, ..PAPER };
static R41: Rules = Rules { snapshot_is_news: |_, _| true, ..PAPER };
static R45: Rules = Rules { tail_stays: |own, _| own.is_some(), ..PAPER };
static R46: Rules = Rules { sends_snapshot: || false, ..PAPER };
static K10: Rules = Rules { opens_term: || false, ..PAPER };
