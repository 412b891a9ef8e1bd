//! The decision of a clerk that at-most-once execution rests on, in a table as those of the
//! protocol.

use crate::id::{MutantId, Serial};

/// The decisions of a clerk.
pub struct Rules {
    /// Under which number of its session a call is sent again.
    pub again_as: fn(serial: Serial) -> Serial,
}

/// The decisions as the thesis has them.
pub const PAPER: Rules = Rules { again_as };

/// Under which number of its session a call is sent again (thesis §6.3): the same, so that the
/// servers know it for a repeat.
pub const fn again_as(serial: Serial) -> Serial {
    serial
}

/// The decisions that go by a number: those of the thesis, if it is not about them.
pub const fn of(id: MutantId) -> &'static Rules {
    match id {
        MutantId::R47 => &R47,
        _ => &CORRECT,
    }
}

static CORRECT: Rules = PAPER;
static R47: Rules = Rules { again_as: Serial::next };
