//! The world as plain, comparable values: all that leaves the core for a picture.

mod dock;
mod flight;
mod stage;

pub use dock::{Broken, Dock, Fault, Invariant, Mark, MarkKind, Operation};
pub use flight::{Fate, Flight, Shape};
pub use stage::{
    Call, Cell, Client, Compacted, Health, Log, Outcome, Progress, Role, Server, SessionLine,
    Situation, Stage, Stored, Timer,
};
