//! The decisions of a server that safety rests on, in a table as those of the protocol.

use crate::id::{MutantId, Slot};

/// The decisions of a server.
pub struct Rules {
    /// Whether what was applied in a slot answers whoever waits for it: `same` if it is what they
    /// asked for.
    pub answers: fn(same: bool) -> bool,
    /// Whether those who wait for a slot learn at once that the server leads no longer.
    pub refuses_waiters: fn() -> bool,
    /// Whether what is committed is applied before anything else is done.
    pub applies_at_once: fn() -> bool,
    /// Whether a confirmed read may be answered from a state.
    pub reads_from: fn(through: Slot, applied: Slot) -> bool,
}

/// The decisions as the paper has them.
pub const PAPER: Rules = Rules { answers, refuses_waiters, applies_at_once, reads_from };

/// Whether what was applied in a slot answers whoever waits for it (§8): the slot alone proves
/// nothing, for after a change of leader another entry may stand there, and its reply is somebody
/// else's.
pub const fn answers(same: bool) -> bool {
    same
}

/// Whether those who wait for a slot learn at once that the server leads no longer (§8): what
/// becomes of their entry is not known here any more.
pub const fn refuses_waiters() -> bool {
    true
}

/// Whether what is committed is applied before anything else is done: it is, so that no server
/// ever lags behind its own commit index.
pub const fn applies_at_once() -> bool {
    true
}

/// Whether a confirmed read may be answered from a state (thesis §6.4, last step): it must reflect
/// everything that was committed when the read came.
pub fn reads_from(through: Slot, applied: Slot) -> bool {
    through <= applied
}

/// The decisions that go by a number: those of the paper, if it is not about them.
pub const fn of(id: MutantId) -> &'static Rules {
    match id {
        MutantId::R26 => &R26,
        MutantId::R34 => &R34,
        _ => &CORRECT,
    }
}

static CORRECT: Rules = PAPER;
static R26: Rules = Rules { answers: |_| true, refuses_waiters: || false, ..PAPER };
static R34: Rules = Rules { applies_at_once: || false, reads_from: |_, _| true, ..PAPER };
