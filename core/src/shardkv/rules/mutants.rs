//! Tables with one decision taken wrongly. What goes wrong then, and who found it where, stands in
//! the catalogue of mutants. K10 is one of Raft's decisions, and K13 one of how a server is built.

use super::{Rules, SOUND, Status, serves};
use crate::id::MutantId;

/// The decisions that go by a number: those that should be, if it is not about them.
pub const fn of(id: MutantId) -> &'static Rules {
    match id {
        MutantId::K1 => &K1,
        MutantId::K2 => &K2,
        MutantId::K3 => &K3,
        MutantId::K4 => &K4,
        MutantId::K5 => &K5,
        MutantId::K6 => &K6,
        MutantId::K7 => &K7,
        MutantId::K8 => &K8,
        MutantId::K9 => &K9,
        MutantId::K11 => &K11,
        MutantId::K12 => &K12,
        MutantId::K14 => &K14,
        _ => &CORRECT,
    }
}

static CORRECT: Rules = SOUND;
static K1: Rules = Rules { brings_sessions: || false, ..SOUND };
static K2: Rules = Rules { follows: |own, next| next > own, asks_for: |_| None, ..SOUND };
static K3: Rules = Rules { goes_on: |_| true, ..SOUND };
static K4: Rules = Rules { executes: |_| true, ..SOUND };
static K5: Rules =
    Rules { serves: |status| serves(status) || matches!(status, Status::Awaiting), ..SOUND };
static K6: Rules = Rules { lets_go: |_| true, ..SOUND };
static K7: Rules = Rules { deletes: |_, _| true, ..SOUND };
static K8: Rules = Rules { takes_again: || true, ..SOUND };
static K9: Rules = Rules { takes_up: |witnessed| witnessed, ..SOUND };
static K11: Rules = Rules { gives: |awaits| !awaits, ..SOUND };
static K12: Rules = Rules { pauses: |_| true, ..SOUND };
static K14: Rules = Rules { remembers_refusals: || true, ..SOUND };
