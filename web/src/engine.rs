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
    Invoke(NodeId, Call),
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

/// An operation that a client may be asked to call.
pub type Call = shardscope_core::kv::Command;

/// A setting in the form.
pub struct Field {
    /// Its name, as complaints call it.
    pub name: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// One sentence about it.
    pub help: &'static str,
    /// It is on or off.
    pub switch: bool,
}

const fn number(name: &'static str, label: &'static str, unit: &'static str, help: &'static str) -> Field {
    Field { name, label, unit, help, switch: false }
}

/// The settings, in the order of the form.
pub const FIELDS: [Field; 3] = [
    number("seed", "Seed", "", "Equal seeds and equal actions give equal runs."),
    number("servers", "Servers", "", "3, 5 or 7 are usual."),
    number("clients", "Clients", "", "Who asks."),
];

/// What a run is made of, as the settings form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    values: Vec<String>,
}

impl Setup {
    /// The usual run.
    pub fn usual(seed: u64) -> Self {
        Self { values: vec![seed.to_string(), "5".into(), "2".into()] }
    }

    /// The same with another seed.
    pub fn reseeded(&self, seed: u64) -> Self {
        let mut next = self.clone();
        next.set(0, seed.to_string());
        next
    }

    /// The text of a field.
    pub fn get(&self, index: usize) -> String {
        self.values.get(index).cloned().unwrap_or_default()
    }

    /// Changes a field.
    pub fn set(&mut self, index: usize, value: String) {
        if let Some(old) = self.values.get_mut(index) {
            *old = value;
        }
    }

    /// The scenario, or what is wrong: the field and a sentence.
    pub fn scenario(&self) -> Result<(u16, u16), Vec<(String, String)>> {
        match (self.values[1].parse(), self.values[2].parse()) {
            (Ok(a), Ok(b)) if a < 10u16 => Ok((a, b)),
            _ => Err(vec![("servers".into(), "A group has 1 to 9 servers.".into())]),
        }
    }
}

/// An operation from the fields of a form, or one sentence about what is wrong.
pub fn call(kind: &str, key: &str, value: &str, expect: &str) -> Result<Call, String> {
    use shardscope_core::kv::MAX_WORD;
    if key.is_empty() {
        return Err("A key needs at least one letter: x will do.".into());
    }
    for (name, text) in [("key", key), ("value", value), ("expected value", expect)] {
        if text.len() > MAX_WORD {
            return Err(format!(
                "The {name} may have at most {MAX_WORD} bytes, this one has {}: shorten it.",
                text.len()
            ));
        }
    }
    let (key, value, expect) = (key.into(), value.into(), expect.into());
    Ok(match kind {
        "get" => Call::Get { key },
        "put" => Call::Put { key, value },
        "append" => Call::Append { key, value },
        "delete" => Call::Delete { key },
        "cas" => Call::Cas { key, expect, value },
        _ => Call::PutHash { key, value },
    })
}

/// The running simulation.
pub struct Engine {
    world: core::World,
    setup: Setup,
}

impl Engine {
    /// Starts a run.
    pub fn new(setup: Setup) -> Self {
        let (servers, clients) = setup.scenario().unwrap_or((5, 2));
        Self { world: core::World::new(servers, clients), setup }
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
