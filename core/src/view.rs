//! The world as plain, comparable values: all that leaves the core for a picture.

mod build;
mod cluster;
mod dock;
mod flight;
mod stage;

pub use crate::controller::{Plan, Refusal, Transfer};
pub use crate::raft::note::Note;
pub use crate::shardkv::Status;
pub use crate::sim::marks::{Mark, MarkKind};
pub use crate::sim::packet::Shape;
pub use crate::sim::report::ActionKind;
pub use crate::sim::timeline::{Monitor, Ruling};
pub use build::cluster::{cluster, plan, whereabouts};
pub use build::dock::{dock, invariants, place};
pub use build::flights::flights;
pub use build::stage::{stage, stage_of};
pub use cluster::{
    Assignment, Cluster, Group, Held, Leg, LegStage, Parcel, Passage, Team, Whereabouts,
};
pub use dock::{Broken, Dock, Fault, Invariant, Operation, Stretch};
pub use flight::{Fate, Flight};
pub use stage::{
    Call, Cell, Client, Compacted, Health, Log, News, Outcome, Progress, Role, Server, SessionLine,
    Situation, Stage, Stored, Timer,
};
