//! How a command ends: four exit codes, and one sentence for what is refused.

use std::fmt;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// What was asked about holds, or what was asked for was done: 0.
    Holds,
    /// Something is violated: 1.
    Violated,
    /// The arguments or a file make no sense: 2, as for mistakes in the usage.
    Refused,
    /// It is not known: 3.
    Undecided,
}

/// What is wrong with what was given, in one sentence with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

/// What a command gives back.
pub(crate) type Outcome = Result<End, Refusal>;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Refusal {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

impl End {
    /// A violation outweighs what is not known, and that what holds.
    pub(crate) fn and(self, other: Self) -> Self {
        let weight = |end| match end {
            Self::Holds => 0,
            Self::Undecided => 1,
            Self::Violated => 2,
            Self::Refused => 3,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Holds => Self::from(0),
            End::Violated => Self::from(1),
            End::Refused => Self::from(2),
            End::Undecided => Self::from(3),
        }
    }
}
