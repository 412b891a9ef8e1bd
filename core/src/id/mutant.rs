//! Which decisions a run takes wrongly on purpose.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A decision taken wrongly, or none: chosen when a process boots, and all that its state keeps
/// of the choice. `mutant` says what each one is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[allow(missing_docs, reason = "the catalogue says what each number stands for")]
pub enum MutantId {
    /// Everything as the paper has it.
    #[default]
    Paper,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R13,
    R14,
    R15,
    R16,
    R17,
    R18,
    R19,
    R20,
    R21,
    R22,
    R23,
    R24,
    R25,
    R26,
    R29,
    R30,
    R34,
    R41,
    R42,
    R43,
    R44,
    R45,
    R46,
    R47,
    R48,
    C1,
    C2,
    C3,
    K1,
    K2,
    K3,
    K4,
    K5,
    K6,
    K7,
    K8,
    K9,
    K10,
    K11,
    K12,
    K13,
    K14,
}

impl MutantId {
    /// All numbers, in order.
    pub const ALL: [Self; 53] = [
        Self::Paper,
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::R5,
        Self::R6,
        Self::R7,
        Self::R8,
        Self::R9,
        Self::R10,
        Self::R13,
        Self::R14,
        Self::R15,
        Self::R16,
        Self::R17,
        Self::R18,
        Self::R19,
        Self::R20,
        Self::R21,
        Self::R22,
        Self::R23,
        Self::R24,
        Self::R25,
        Self::R26,
        Self::R29,
        Self::R30,
        Self::R34,
        Self::R41,
        Self::R42,
        Self::R43,
        Self::R44,
        Self::R45,
        Self::R46,
        Self::R47,
        Self::R48,
        Self::C1,
        Self::C2,
        Self::C3,
        Self::K1,
        Self::K2,
        Self::K3,
        Self::K4,
        Self::K5,
        Self::K6,
        Self::K7,
        Self::K8,
        Self::K9,
        Self::K10,
        Self::K11,
        Self::K12,
        Self::K13,
        Self::K14,
    ];
}

/// As the catalogue numbers it, such as `R15`; `none` for the paper's own decisions.
impl fmt::Display for MutantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paper => f.write_str("none"),
            _ => write!(f, "{self:?}"),
        }
    }
}

// Each stands in the place that its number says.
const _: () = {
    let mut index = 0;
    while index < MutantId::ALL.len() {
        assert!(MutantId::ALL[index] as usize == index, "out of order");
        index += 1;
    }
};
