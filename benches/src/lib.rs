//! What is measured: loads that a group is put under, a world that runs them with or without
//! observers, and timelines to seek in and to weigh.
//!
//! Nothing here tells the time: whoever measures brings a clock, so that the same code is
//! measured natively and in a JavaScript engine.
#![forbid(unsafe_code)]

pub mod cluster;
pub mod figures;
pub mod protocol;

use std::sync::Arc;

use shardscope_core::id::NodeId;
use shardscope_core::protocol::Protocol;
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::sim::workload::Pace;
use shardscope_core::sim::{
    Action, Chronicle, Node, Report, Rule, Scenario, Timeline, Verdict, World,
};
use shardscope_core::time::{Duration, Instant};

/// What a group is put under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many servers there are.
    pub servers: u16,
    /// Four clients in a closed loop that hardly pause; otherwise none.
    pub busy: bool,
}

/// Every load that is measured.
pub const LOADS: [Load; 4] = [
    Load { servers: 3, busy: true },
    Load { servers: 5, busy: true },
    Load { servers: 3, busy: false },
    Load { servers: 5, busy: false },
];

/// The load whose timelines are sought in and weighed: the heaviest.
pub const HEAVIEST: Load = LOADS[1];

/// How long timelines are.
pub const TIMELINE: u64 = 100_000;

impl Load {
    /// Its name.
    pub fn name(self) -> String {
        format!("{} servers, {}", self.servers, if self.busy { "busy" } else { "idle" })
    }

    /// The usual settings under this load.
    pub fn scenario(self) -> Scenario {
        let clients = if self.busy { 4 } else { 0 };
        let mut scenario = Scenario::new(1, self.servers, clients);
        scenario.workload.pace = Pace::Closed { think: Duration::from_millis(1) };
        scenario
    }
}

/// A world that is run, and all that is remembered of it if it is checked.
#[derive(Clone, Debug)]
pub struct Run {
    world: World,
    chronicle: Chronicle,
    report: Report,
}

impl Run {
    /// A run under a load, past its first election.
    pub fn started(load: Load) -> Self {
        let mut run = Self::of(load.scenario());
        run.go(2_000, true);
        run
    }

    /// A run of a scenario, from its beginning.
    pub fn of(scenario: Scenario) -> Self {
        let world = World::new(Arc::new(scenario));
        Self { world, chronicle: Chronicle::default(), report: Report::default() }
    }

    /// Its world.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Does something to the world; what makes no sense now is left out.
    pub fn act(&mut self, action: &Action, checked: bool) {
        let now = self.world.now();
        if self.world.act(now, action, &mut self.report).is_ok() && checked {
            self.chronicle.record(&self.world, &self.report);
        }
    }

    /// Runs until a moment, with nothing remembered.
    pub fn go_until(&mut self, limit: Instant) {
        while self.world.step_until(limit, &mut self.report) {}
    }

    /// Runs for so many steps; `checked`: with trace, history, marks and observers.
    pub fn go(&mut self, steps: u64, checked: bool) {
        for _ in 0..steps {
            self.world.step(&mut self.report);
            if checked {
                self.chronicle.record(&self.world, &self.report);
            }
        }
    }

    /// What the run comes to: a number that keeps it from being left out.
    pub fn digest(&self) -> u64 {
        self.world.digest() ^ self.chronicle.observers.committed()
    }
}

/// A timeline of [`TIMELINE`] steps.
pub fn timeline(load: Load) -> Timeline {
    let mut timeline = Timeline::new(load.scenario());
    prolong(&mut timeline);
    timeline
}

/// A timeline of [`TIMELINE`] steps in which one server stands still from the beginning: what comes
/// for it waits.
pub fn paused(load: Load) -> Timeline {
    acted(Timeline::new(load.scenario()), Action::Pause(NodeId(0)))
}

/// A timeline of [`TIMELINE`] steps in which all that the first leader sends to another server is
/// held back.
pub fn held(load: Load) -> Timeline {
    let mut timeline = Timeline::new(load.scenario());
    let leader = loop {
        let leader = timeline.world().servers().find(|node| leads(node)).map(Node::id);
        if let Some(leader) = leader {
            break leader;
        }
        assert!(timeline.step_forward(), "some server is elected");
    };
    let other = NodeId(u16::from(leader == NodeId(0)));
    let [from, to] = [leader, other].map(|id| Some([id].into_iter().collect()));
    let (verdict, chance) = (Verdict::Hold, Ppm::ALWAYS);
    acted(timeline, Action::AddRule(Rule { from, to, shape: None, verdict, chance, until: None }))
}

fn leads(node: &Node) -> bool {
    node.server().is_some_and(|server| server.replica().leading().is_some())
}

/// Does something at a timeline's head, and goes on to [`TIMELINE`] steps.
fn acted(mut timeline: Timeline, action: Action) -> Timeline {
    assert!(timeline.act(action) == Ok(false), "the head takes it");
    prolong(&mut timeline);
    timeline
}

fn prolong(timeline: &mut Timeline) {
    while timeline.head_step() < TIMELINE && timeline.step_forward() {}
}

/// Makes all the branches that a timeline can have: evenly along its length something else is
/// done, and each goes on to [`TIMELINE`] steps too.
pub fn branch_out(timeline: &mut Timeline) {
    let first = timeline.branch().id;
    let count = Timeline::MAX_BRANCHES as u64;
    for nth in 1..count {
        timeline.switch(first);
        timeline.seek_step(TIMELINE * nth / count);
        let server = NodeId((nth % 3) as u16);
        assert!(timeline.act(Action::Crash(server)) == Ok(true), "the past can be forked");
        assert!(timeline.act(Action::Restart(server)).is_ok(), "a crashed server can restart");
        prolong(timeline);
    }
    assert!(timeline.branches().len() == Timeline::MAX_BRANCHES, "every branch is kept");
}

/// Pseudo-random moments of a timeline.
pub fn moments(timeline: &Timeline, count: usize) -> Vec<Instant> {
    let (mut lane, head) = (Rng::keyed(&[7]), timeline.head().as_micros());
    (0..count).map(|_| Instant::from_micros(lane.below(head))).collect()
}
