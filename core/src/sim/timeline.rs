//! Time that can be walked in both directions, and forked.
//!
//! A branch is its scenario and its actions; everything else follows. Keyframes make going back
//! cheap: seeking takes the nearest one and runs on from there. What was observed (trace, history,
//! the invariants) was observed once, at the branch's head, and is only looked up afterwards.

mod branch;
mod monitor;

use alloc::sync::Arc;
use alloc::vec::Vec;

pub use branch::{Acted, Branch, Origin};
pub use monitor::{Monitor, Point, Ruling};
use serde::{Deserialize, Serialize};

use super::action::{Action, Refusal};
use super::chronicle::Chronicle;
use super::report::Report;
use super::scenario::Scenario;
use super::world::World;
use crate::time::{Duration, Instant};

/// A run, with a cursor that moves through it in both directions.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Never empty.
    branches: Vec<Branch>,
    /// Index of the branch that the cursor is on.
    current: usize,
    /// The world under the cursor; none: the branch's head.
    past: Option<World>,
    /// The moment under the cursor: not before the last event, and before the next.
    now: Instant,
    report: Report,
    numbers: u32,
    /// Where undoing came from.
    undone: Vec<Spot>,
}

/// A place in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Which branch.
    pub branch: u32,
    /// After which step.
    pub step: u64,
    /// At which moment.
    pub at: Instant,
}

/// How far [`Timeline::advance`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// Events on the way.
    pub steps: u32,
    /// The moment asked for was reached; otherwise the budget was spent.
    pub reached: bool,
}

impl Timeline {
    /// How many branches are kept.
    pub const MAX_BRANCHES: usize = 8;
    /// A branch has at most so many events: then it stands still.
    pub const MAX_STEPS: u64 = 1_000_000;

    /// A run at its beginning.
    pub fn new(scenario: Scenario) -> Self {
        let world = World::new(Arc::new(scenario));
        Self {
            branches: Vec::from([Branch::new(world)]),
            current: 0,
            past: None,
            now: Instant::ZERO,
            report: Report::default(),
            numbers: 1,
            undone: Vec::new(),
        }
    }

    /// What the run was made from.
    pub fn scenario(&self) -> &Arc<Scenario> {
        self.branch().head.scenario()
    }

    /// The world under the cursor.
    pub fn world(&self) -> &World {
        self.past.as_ref().unwrap_or(&self.branch().head)
    }

    /// All that is remembered of the present branch, its future included: lines and events carry
    /// their step.
    pub fn chronicle(&self) -> &Chronicle {
        &self.branch().chronicle
    }

    /// The moment under the cursor.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The last event under the cursor.
    pub fn step_number(&self) -> u64 {
        self.world().steps()
    }

    /// The furthest moment that the present branch has reached.
    pub fn head(&self) -> Instant {
        self.branch().reach
    }

    /// The last event of the present branch.
    pub fn head_step(&self) -> u64 {
        self.branch().head.steps()
    }

    /// Whether the cursor is at the furthest moment.
    pub fn is_live(&self) -> bool {
        self.past.is_none() && self.now >= self.head()
    }

    /// The branch that the cursor is on.
    pub fn branch(&self) -> &Branch {
        &self.branches[self.current]
    }

    /// All branches, in the order of their beginning.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The place of the cursor.
    pub fn spot(&self) -> Spot {
        Spot { branch: self.branch().id, step: self.step_number(), at: self.now }
    }

    /// Moves on to a moment, through at most `budget` events: what is known is replayed, beyond
    /// it the run goes on.
    pub fn advance(&mut self, until: Instant, budget: u32) -> Advance {
        let mut steps = 0;
        while steps < budget && self.forward(until) {
            steps += 1;
        }
        let blocked = self.past.is_none() && self.head_step() >= Self::MAX_STEPS;
        let reached = steps < budget && !blocked;
        self.now = if reached { until.max(self.now) } else { self.world().now().max(self.now) };
        self.settle();
        Advance { steps, reached }
    }

    /// One event on. False: there will never be one.
    pub fn step_forward(&mut self) -> bool {
        let stepped = self.forward(Instant::MAX);
        if stepped {
            self.now = self.world().now();
            self.settle();
        }
        stepped
    }

    /// One event back. False: this is the beginning.
    pub fn step_back(&mut self) -> bool {
        let step = self.step_number();
        if step == 0 {
            let moved = self.now > Instant::ZERO;
            self.now = Instant::ZERO;
            return moved;
        }
        self.seek_step(step - 1);
        true
    }

    /// To a moment of the present branch; beyond its head, to the head.
    pub fn seek(&mut self, at: Instant) {
        if at >= self.head() {
            return self.live();
        }
        let frame = self.branch().keyframe_at(at);
        if self.past.as_ref().is_none_or(|past| past.now() > at || past.steps() < frame.steps()) {
            self.past = Some(frame.clone());
        }
        while self.forward(at) {}
        self.now = at;
        self.settle();
    }

    /// To just after a step of the present branch; beyond its head, to the head.
    pub fn seek_step(&mut self, step: u64) {
        if step >= self.head_step() {
            self.past = None;
        } else {
            let (frame, past) = (self.branch().keyframe(step), self.past.as_ref());
            if past.is_none_or(|past| past.steps() > step || past.steps() < frame.steps()) {
                self.past = Some(frame.clone());
            }
            while self.step_number() < step && self.forward(Instant::MAX) {}
        }
        self.now = self.world().now();
        self.settle();
    }

    /// To the furthest moment of the present branch.
    pub fn live(&mut self) {
        self.past = None;
        self.now = self.head();
    }

    /// Does something to the world at the moment under the cursor. In the past, this forks: the
    /// known future stays on its own branch. True: it forked.
    ///
    /// # Errors
    /// One sentence that says why it would do nothing; then nothing was done.
    pub fn act(&mut self, action: Action) -> Result<bool, Refusal> {
        self.act_all([action])
    }

    /// Does several things at one moment, which are undone together.
    ///
    /// # Errors
    /// One sentence that says why one of them would do nothing; those before it were done.
    pub fn act_all(&mut self, all: impl IntoIterator<Item = Action>) -> Result<bool, Refusal> {
        let mut forked = false;
        for (index, action) in all.into_iter().enumerate() {
            self.world().check(&action)?;
            forked |= self.depart();
            let (at, report) = (self.now, &mut self.report);
            let branch = &mut self.branches[self.current];
            branch.act(at, action, index > 0, report)?;
            // What was known to be quiet until later is open again.
            branch.reach = at;
            self.undone.clear();
        }
        Ok(forked)
    }

    /// Back to just before the last action, and those that it was joined to. False: there is none
    /// before the cursor.
    pub fn undo(&mut self) -> bool {
        let step = self.step_number();
        let mut before = self.branch().acts.iter().rev().filter(|acted| acted.step <= step);
        let acted = before.find(|acted| !acted.joined);
        let Some(&Acted { step, at, .. }) = acted else { return false };
        self.undone.push(self.spot());
        self.seek_step(step - 1);
        self.now = at;
        true
    }

    /// Back to where the last undoing came from. False: nothing was undone since the last action.
    pub fn redo(&mut self) -> bool {
        let Some(spot) = self.undone.pop() else { return false };
        self.visit(spot)
    }

    /// Whether something was undone since the last action.
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// To the head of another branch. False: there is none of this number.
    pub fn switch(&mut self, id: u32) -> bool {
        let Some(index) = self.branches.iter().position(|branch| branch.id == id) else {
            return false;
        };
        self.current = index;
        self.live();
        true
    }

    /// To a place. False: its branch is no longer kept.
    pub fn visit(&mut self, spot: Spot) -> bool {
        if !self.switch(spot.branch) {
            return false;
        }
        self.seek_step(spot.step);
        self.now = self.now.max(spot.at).min(self.head());
        self.settle();
        true
    }

    /// Lets time pass behind the event under the cursor, up to which nothing else happens. False:
    /// something would have happened before that, and no time has passed.
    pub(super) fn linger(&mut self, by: Duration) -> bool {
        let at = self.world().now() + by;
        // An event may be due at the moment itself: then it has not happened yet.
        let early = at - Duration::from_micros(1);
        // At the head, there is nothing but what the world has before it.
        let is_due = self.past.is_some() || self.world().next_at().is_some_and(|at| at <= early);
        if is_due
            && by > Duration::ZERO
            && self.branch().replay(&mut self.world().clone(), early, &mut Report::default())
        {
            return false;
        }
        self.now = at;
        self.settle();
        true
    }

    /// One event on, if it comes no later than `until`.
    fn forward(&mut self, until: Instant) -> bool {
        let branch = &mut self.branches[self.current];
        match &mut self.past {
            Some(world) => {
                branch.replay(world, until, &mut self.report) && {
                    if world.steps() >= branch.head.steps() {
                        self.past = None;
                    }
                    true
                }
            }
            None => branch.head.steps() < Self::MAX_STEPS && branch.run(until, &mut self.report),
        }
    }

    /// Keeps the invariant of `past` and `reach` after the cursor moved.
    fn settle(&mut self) {
        let branch = &mut self.branches[self.current];
        self.past.take_if(|past| past.steps() >= branch.head.steps());
        if self.past.is_none() {
            branch.reach = branch.reach.max(self.now);
        }
    }

    /// Leaves the known future on its branch: what comes after the cursor is open again. False:
    /// there is none to leave.
    pub fn depart(&mut self) -> bool {
        let forks = self.past.is_some();
        self.fork();
        forks
    }

    /// Leaves the known future on its branch and goes on from the cursor on a new one.
    fn fork(&mut self) {
        let Some(world) = self.past.take() else { return };
        self.numbers += 1;
        let parent = self.branch();
        let forked = parent.fork(self.numbers, world, self.now);
        if self.branches.len() >= Self::MAX_BRANCHES {
            // First what differs from its parent by nothing that was done.
            let others = || (0..self.branches.len()).filter(|index| *index != self.current);
            let idle = others().find(|index| self.branches[*index].is_idle());
            self.branches.remove(idle.or(others().next()).unwrap_or(0));
        }
        self.branches.push(forked);
        self.current = self.branches.len() - 1;
    }
}

#[cfg(test)]
mod tests;
