//! The simulated world: processes, network, disks, clocks and faults, one event at a time.
//!
//! A [`World`] is a value and [`World::step`] a function of it. What a step did goes into the
//! caller's [`Report`]; traces, histories and observers are made from reports, outside the world.

mod act;
pub mod action;
pub mod chronicle;
mod client;
mod clock;
mod disk;
mod driver;
mod errands;
pub mod invariants;
pub mod link;
pub mod marks;
mod migration;
pub mod network;
mod node;
pub mod packet;
mod queue;
pub mod report;
mod run;
pub mod scenario;
pub mod script;
pub mod service;
pub mod shrink;
pub mod store;
pub mod swarm;
pub mod tenures;
pub mod timeline;
pub mod trace;
pub mod why;
pub mod workload;
pub mod world;

pub use action::{Action, PacketFault};
pub use chronicle::Chronicle;
pub use clock::Clock;
pub use disk::Disk;
pub use network::{Latency, Network, Rule, Verdict};
pub use node::Node;
pub use report::Report;
pub use scenario::{Complaint, Scenario, Sharding};
pub use timeline::Timeline;
pub use workload::{Mix, Pace, Workload};
pub use world::World;
