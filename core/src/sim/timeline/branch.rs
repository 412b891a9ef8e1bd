//! One course of events.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::sim::action::{Action, Refusal};
use crate::sim::chronicle::Chronicle;
use crate::sim::invariants::Observers;
use crate::sim::report::Report;
use crate::sim::world::World;
use crate::time::Instant;

/// At first, a keyframe after so many events.
pub(super) const SPACING: u64 = 256;
/// More keyframes than this: every other goes, and the spacing doubles.
const MAX_KEYFRAMES: usize = 256;

/// One course of events: its actions, its head, and all that is remembered of it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its number, from 1.
    pub id: u32,
    /// Where it left another branch.
    pub origin: Option<Origin>,
    /// What was done to the world, in order.
    pub acts: Vec<Acted>,
    /// All that is remembered of it.
    pub(super) chronicle: Chronicle,
    /// The world after its last event.
    pub(super) head: World,
    /// The furthest moment that it has reached.
    pub(super) reach: Instant,
    /// By step; the first is the beginning.
    keyframes: Vec<Arc<Keyframe>>,
    spacing: u64,
}

/// Where a branch left another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which.
    pub branch: u32,
    /// After which step.
    pub step: u64,
    /// At which moment.
    pub at: Instant,
}

/// An action, and the step that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The step.
    pub step: u64,
    /// The moment.
    pub at: Instant,
    /// What was done.
    pub action: Action,
    /// It belongs to what was done just before it: they are undone together.
    pub joined: bool,
}

/// The world at some step, and what the observers remembered then.
#[derive(Clone, Debug)]
struct Keyframe {
    world: World,
    observers: Observers,
}

impl Branch {
    pub(super) fn new(world: World) -> Self {
        let beginning = Keyframe { world: world.clone(), observers: Observers::default() };
        Self {
            id: 1,
            origin: None,
            acts: Vec::new(),
            chronicle: Chronicle::default(),
            head: world,
            reach: Instant::ZERO,
            keyframes: Vec::from([Arc::new(beginning)]),
            spacing: SPACING,
        }
    }

    /// How many events it has.
    pub const fn steps(&self) -> u64 {
        self.head.steps()
    }

    /// Whether nothing was done on it since it left another.
    pub(super) fn is_idle(&self) -> bool {
        let last = self.acts.last().map_or(0, |acted| acted.step);
        self.origin.is_some_and(|origin| last <= origin.step)
    }

    /// The world after its last event.
    pub const fn head(&self) -> &World {
        &self.head
    }

    /// The last keyframe at or before a step.
    pub(super) fn keyframe(&self, step: u64) -> &World {
        let after = self.keyframes.partition_point(|frame| frame.world.steps() <= step);
        &self.keyframes[after.saturating_sub(1)].world
    }

    /// The last keyframe at or before a moment.
    pub(super) fn keyframe_at(&self, at: Instant) -> &World {
        let after = self.keyframes.partition_point(|frame| frame.world.now() <= at);
        &self.keyframes[after.saturating_sub(1)].world
    }

    /// One new event at the head, if it comes no later than `until`.
    pub(super) fn run(&mut self, until: Instant, report: &mut Report) -> bool {
        let stepped = self.head.step_until(until, report);
        if stepped {
            self.remember(report);
        }
        stepped
    }

    /// Does something to the world at the head.
    pub(super) fn act(
        &mut self,
        at: Instant,
        action: Action,
        joined: bool,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        self.head.act(at, &action, report)?;
        self.acts.push(Acted { step: report.step, at: report.at, action, joined });
        self.remember(report);
        Ok(())
    }

    fn remember(&mut self, report: &Report) {
        self.chronicle.record(&self.head, report);
        let last = self.keyframes.last().map_or(0, |frame| frame.world.steps());
        if self.head.steps() < last + self.spacing {
            return;
        }
        let observers = self.chronicle.observers.clone();
        self.keyframes.push(Arc::new(Keyframe { world: self.head.clone(), observers }));
        if self.keyframes.len() > MAX_KEYFRAMES {
            let mut index = 0;
            self.keyframes.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.spacing *= 2;
        }
    }

    /// One event that is known already, if it comes no later than `until`.
    pub(super) fn replay(&self, world: &mut World, until: Instant, report: &mut Report) -> bool {
        let next = world.steps() + 1;
        let index = self.acts.partition_point(|acted| acted.step < next);
        match self.acts.get(index).filter(|acted| acted.step == next) {
            Some(acted) => acted.at <= until && world.act(acted.at, &acted.action, report).is_ok(),
            None => world.step_until(until, report),
        }
    }

    /// A new branch that shares everything up to `world`, a moment of this one.
    pub(super) fn fork(&self, id: u32, world: World, now: Instant) -> Self {
        let step = world.steps();
        let kept = self.keyframes.partition_point(|frame| frame.world.steps() <= step).max(1);
        let keyframes = self.keyframes[..kept].to_vec();
        let mut chronicle = self.chronicle.clone();
        chronicle.cut(step);
        chronicle.observers = self.observers_at(step);
        let acts = self.acts.iter().filter(|acted| acted.step <= step).cloned().collect();
        Self {
            id,
            origin: Some(Origin { branch: self.id, step, at: now }),
            acts,
            chronicle,
            head: world,
            reach: now,
            keyframes,
            spacing: self.spacing,
        }
    }

    /// What the observers remembered after a step: from the nearest keyframe on, they look again.
    fn observers_at(&self, step: u64) -> Observers {
        let after = self.keyframes.partition_point(|frame| frame.world.steps() <= step);
        let Keyframe { world, observers } = self.keyframes[after.saturating_sub(1)].as_ref();
        let (mut world, mut observers) = (world.clone(), observers.clone());
        let mut report = Report::default();
        while world.steps() < step && self.replay(&mut world, Instant::MAX, &mut report) {
            observers.observe(&world, &report);
        }
        observers
    }
}
