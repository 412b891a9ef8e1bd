//! The world as plain, comparable values: all that leaves the core for a picture.

mod build;
mod dock;
mod flight;
mod stage;

pub use crate::raft::note::Note;
pub use crate::sim::marks::{Mark, MarkKind};
pub use crate::sim::packet::Shape;
pub use crate::sim::report::ActionKind;
pub use build::dock::{dock, invariants};
pub use build::flights::flights;
pub use build::stage::stage;
pub use dock::{Broken, Dock, Fault, Invariant, Operation};
pub use flight::{Fate, Flight};
pub use stage::{
    Call, Cell, Client, Compacted, Health, Log, News, Outcome, Progress, Role, Server, SessionLine,
    Situation, Stage, Stored, Timer,
};
