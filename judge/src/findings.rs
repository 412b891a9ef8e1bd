//! What is found out about a history: under each consistency model, and as a picture.
//!
//! Places on the picture's line are in hundredths of the way from one event that is shown to the
//! next: 250 is half-way between the third and the fourth.

use serde::{Deserialize, Serialize};

/// What was found out about a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// How many calls it has.
    pub calls: u32,
    /// How many processes called.
    pub processes: u32,
    /// How many keys they called for.
    pub keys: u32,
    /// Of how many calls nobody can say what became of them.
    pub open: u32,
    /// The models, the strongest first.
    pub models: Vec<Model>,
    /// Why it is not linearizable, if that is known.
    pub evidence: Option<Evidence>,
    /// The first calls of all processes.
    pub picture: Vec<Exhibit>,
}

/// A history under a consistency model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The model's name: `sequential`, `read-your-writes`.
    pub name: String,
    /// What is known.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub words: String,
}

/// What is known of a history under a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It satisfies the model.
    Holds,
    /// The history does not tell.
    Untold,
    /// The search took too long.
    Undecided,
    /// It does not satisfy the model.
    Violated,
}

/// Why what was seen of a key fits in no order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The key.
    pub key: String,
    /// What fits nowhere and why, in two sentences.
    pub words: String,
    /// The operations that have to do with it, in the order in which they were called.
    pub operations: Vec<Exhibit>,
    /// How many earlier operations on the key are left out.
    pub earlier: u64,
    /// The longest orders, the longest one first.
    pub attempts: Vec<Attempt>,
    /// How many states such orders lead to. None: what others saw needs the operation that fits
    /// nowhere, so that the one attempt has it.
    pub states: Option<u64>,
}

/// One operation of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// Who called.
    pub process: u64,
    /// The operation and its answer in words.
    pub words: String,
    /// The place of the call.
    pub called: u32,
    /// The place of the return, as far as the picture goes: none if it is open there.
    pub returned: Option<u32>,
    /// A place at which it may have taken effect, if one is known.
    pub point: Option<u32>,
    /// What it is in the contradiction.
    pub part: Part,
}

/// What an operation is in a contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// It fits nowhere.
    Odd,
    /// It is one of those that contradict each other.
    Clashes,
    /// It happened at about that time.
    Bystander,
}

/// An order of what came before the operation that fits nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The operations that are shown, in that order, by index.
    pub order: Vec<usize>,
    /// What the key holds after it.
    pub state: String,
    /// What the operation that fits nowhere would have got then.
    pub reply: String,
}
