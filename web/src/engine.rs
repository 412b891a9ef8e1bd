//! The one door to the core: everything that the page asks of the simulation goes through here.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::time::Instant;
use shardscope_core::view::{Dock, Flight, Invariant, Stage};

use crate::fixture as core;

/// What the user does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Stops a server; what is not on its disk is gone.
    Crash(NodeId),
    /// Starts it again.
    Restart(NodeId),
    /// Makes it lose its disk.
    Wipe(NodeId),
    /// Makes it stand still.
    Pause(NodeId),
    /// Lets it go on.
    Resume(NodeId),
    /// Makes it stand for election now.
    Campaign(NodeId),
    /// Cuts every link between these servers and the rest.
    CutOff(Vec<NodeId>),
    /// Cuts the links from one server to another, one way.
    Cut(Vec<(NodeId, NodeId)>),
    /// Mends links, one way each.
    Mend(Vec<(NodeId, NodeId)>),
    /// Replaces all cuts by these.
    Shape(Vec<(NodeId, NodeId)>),
    /// Mends everything.
    Heal,
    /// Loses a message in flight.
    Drop(u64),
    /// Makes it slower.
    Delay(u64),
    /// Sends a copy of it.
    Duplicate(u64),
    /// Lets it arrive at once.
    Deliver(u64),
    /// Makes a client call.
    Invoke(NodeId, String),
}

/// One line of history that was lived through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Where it left its parent; none for the first.
    pub forked_at: Option<Instant>,
    /// It is the one on the stage.
    pub current: bool,
}

/// What a run is made of, as the settings form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The seed of every draw.
    pub seed: u64,
    /// How many servers.
    pub servers: u16,
    /// How many clients.
    pub clients: u16,
}

/// The running simulation.
pub struct Engine {
    world: core::World,
    setup: Setup,
}

impl Engine {
    /// Starts a run.
    pub fn new(setup: Setup) -> Result<Self, Vec<(String, String)>> {
        Ok(Self { world: core::World::new(setup.servers, setup.clients), setup })
    }

    /// What the run is made of.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The cursor.
    pub fn now(&self) -> Instant {
        self.world.now
    }

    /// The end of what was simulated on this branch.
    pub fn head(&self) -> Instant {
        self.world.head.max(self.world.now)
    }

    /// How many steps lie behind the cursor.
    pub fn step_number(&self) -> u64 {
        self.world.now.as_micros() / 500
    }

    /// Moves the cursor on, at most to `until` and by at most `max_steps` steps.
    /// Says whether it arrived.
    pub fn advance(&mut self, until: Instant, _max_steps: u32) -> bool {
        self.world.now = until.max(self.world.now);
        self.world.head = self.head();
        true
    }

    /// To the next event.
    pub fn step_forward(&mut self) {
        self.world.shift(500);
    }

    /// To the event before.
    pub fn step_back(&mut self) {
        self.world.shift(-500);
    }

    /// To any moment.
    pub fn seek(&mut self, at: Instant) {
        self.world.now = at.min(self.head());
    }

    /// To the end of what was simulated.
    pub fn live(&mut self) {
        self.world.now = self.world.head;
    }

    /// Does something; says whether that forked, or why it cannot be done.
    pub fn act(&mut self, deed: &Deed) -> Result<bool, String> {
        self.world.act(deed)
    }

    /// Back to before the last action; says whether there was one.
    pub fn undo(&mut self) -> bool {
        false
    }

    /// Does again what was undone.
    pub fn redo(&mut self) -> bool {
        false
    }

    /// All lines of history, the first one first.
    pub fn branches(&self) -> Vec<Branch> {
        vec![Branch { id: 0, name: "main".into(), forked_at: None, current: true }]
    }

    /// To another line of history.
    pub fn switch(&mut self, _id: u32) {}

    /// The picture of the moment.
    pub fn stage(&self) -> Rc<Stage> {
        Rc::new(self.world.stage())
    }

    /// The messages in the air.
    pub fn flights(&self) -> Vec<Flight> {
        self.world.flights()
    }

    /// What happened between two moments.
    pub fn dock(&self, from: Instant, to: Instant) -> Dock {
        self.world.dock(from, to)
    }

    /// The invariants and their state now.
    pub fn invariants(&self) -> Vec<Invariant> {
        self.world.invariants()
    }
}
