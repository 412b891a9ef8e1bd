//! Scripts: a run told in plain text, for tests, lessons and the command line alike.
//!
//! ```text
//! shardscope script 1
//! title "A leader is elected"
//!
//! cluster
//!   servers 3
//!
//! story
//!   say "Nobody leads yet."
//!   ask "Who will lead?"
//!     choice "S1" if S1 leads
//!     choice "somebody else" if not S1 leads
//!   S1 starts an election
//!   when a leader exists within 1 s
//!   answer
//!   expect S1 leads
//! ```
//!
//! A [`Script`] is the list of its lines, one for each line of the text: so it can be printed as it
//! was written, and a line taken out. Reading happens in one place (`parse`), which also knows what
//! the cluster has and which names were given, so that a script that was read refers to nothing
//! that is not there. [`Player`] plays it on a [`Timeline`](super::Timeline): every deed is an
//! action, so that the run can be rewound and told again. What is expected, and which choice of a
//! question is right, is looked up in the run itself.
//!
//! The other way round, [`Script::record`] makes a script of a run that took place.
//!
//! The grammar, with examples, is in `tests/scripts/README.md`.

mod judge;
mod lex;
mod parse;
mod perform;
mod play;
mod reasons;
mod record;
mod resolve;
mod settings;
mod transcript;
mod tree;
mod words;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use play::{Answered, Beat, Failure, Player, Question, WAIT};
pub use record::Recorded;
pub use settings::{Setting, Value};
pub use transcript::transcript;
pub use tree::{
    Amount, Assignment, Claim, Compare, Condition, Count, Deed, Doubt, Got, Group, Holding, Kind,
    Line, Order, Pattern, RuleEnd, ShardClaim, Span, State, Statement, Verb, Which, Who,
};

use super::scenario::Scenario;

/// A script that makes sense by itself: it can be played, and printed as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    lines: Vec<Line>,
    scenario: Arc<Scenario>,
}

/// Why a text is no script: where, and one sentence with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong, and how to mend it.
    pub sentence: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, sentence } = self;
        write!(f, "line {line}, column {column}: {sentence}")
    }
}

impl Script {
    /// A longer text is no script, in bytes: the longest run of the swarm needs half of it.
    pub const MAX_BYTES: usize = 2 * 1024 * 1024;
    /// A script has no more lines.
    pub const MAX_LINES: usize = 40_000;
    /// A line has no more bytes.
    pub const MAX_LINE: usize = 10_000;

    /// Reads a script.
    ///
    /// # Errors
    /// Where it makes no sense, and how to mend that.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::script(text)
    }

    /// A script of these lines.
    ///
    /// # Errors
    /// As of a text: a line may need another one that is not there.
    pub fn of(lines: &[Line]) -> Result<Self, Error> {
        Self::parse(&words::text(lines))
    }

    /// Its lines: the first one is line 1.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The settings that it names.
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// Its title; empty if it has none.
    pub fn title(&self) -> &str {
        self.lines
            .iter()
            .find_map(|line| match line {
                Line::Title(title) => Some(title.as_str()),
                _ => None,
            })
            .unwrap_or_default()
    }
}

/// As it is written, one line for each.
impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::text(&self.lines))
    }
}

#[cfg(test)]
mod tests;
