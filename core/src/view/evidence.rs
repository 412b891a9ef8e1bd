//! Why what clients saw is not linearizable, as a picture.

use alloc::string::String;
use alloc::vec::Vec;

use crate::id::NodeId;
use crate::time::Instant;

/// Why what clients saw of a key fits in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The key.
    pub key: String,
    /// What fits nowhere and why, in two sentences.
    pub words: String,
    /// The operations that have to do with it, by the time of their call.
    pub operations: Vec<Exhibit>,
    /// How many earlier operations on the key are left out.
    pub earlier: u64,
    /// The longest orders, the longest one first.
    pub attempts: Vec<Attempt>,
    /// How many states such orders lead to. None: what others saw needs the operation that fits
    /// nowhere, so that the one attempt has it.
    pub states: Option<u64>,
}

/// One operation of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// The client.
    pub client: NodeId,
    /// The operation and its answer in words.
    pub words: String,
    /// When it was called.
    pub called: Instant,
    /// When it returned, as far as it is known when the contradiction is: none if it is open.
    pub returned: Option<Instant>,
    /// What it is in the contradiction.
    pub part: Part,
}

/// What an operation is in a contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It fits nowhere.
    Odd,
    /// It is one of those that contradict each other.
    Clashes,
    /// It happened at about that time.
    Bystander,
}

/// An order of what came before the operation that fits nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The operations that are shown, in that order, by index.
    pub order: Vec<usize>,
    /// What the key holds after it.
    pub state: String,
    /// What the operation that fits nowhere would have got then.
    pub reply: String,
}
