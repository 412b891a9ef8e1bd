//! A story: what a script that was played says, and when.
//!
//! The whole run is known before the page shows any of it, so that going back and forth in a story
//! is going back and forth in time.

use serde::{Deserialize, Serialize};
use shardscope_core::sim::timeline::Spot;

/// What a script that was played says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// What it is about.
    pub title: String,
    /// Where the run begins.
    pub start: Spot,
    /// Where it says something, in order; never empty.
    pub stops: Vec<Stop>,
    /// What it asks, in order.
    pub questions: Vec<Question>,
}

/// A moment at which a story says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The script's line, from 1.
    pub line: u32,
    /// When.
    pub moment: Spot,
    /// What it says.
    pub what: What,
}

/// What a story says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A sentence.
    Say(String),
    /// A question, by its index.
    Ask(usize),
    /// The answer to a question, as the run gave it: the index of the right choice, and why.
    Answer {
        /// The question's index.
        question: usize,
        /// The choice's index.
        right: usize,
        /// Why, in one sentence.
        why: Option<String>,
    },
    /// Something does not go as the script says: what was expected, and what was found.
    Fail(String, String),
    /// All went as the script says; so many things were expected.
    End(u64),
}

/// A question with its choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What may be answered.
    pub choices: Vec<String>,
}
