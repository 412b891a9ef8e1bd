//! The one door to the core: everything that the page asks of the simulation goes through here.

mod change;
mod deed;
mod dials;
mod fields;
mod lens;
mod look;
mod setup;
mod share;
mod story;
mod veil;
mod why;

use shardscope_core::controller::Command;
use shardscope_core::id::Gid;
use shardscope_core::sim::action::Action;
use shardscope_core::sim::timeline::{Branch as Line, Timeline};
use shardscope_core::time::{Duration, Instant};
use shardscope_core::view::{self, Monitor, Ruling, Situation};

pub(crate) use change::{Blow, Change};
pub(crate) use deed::{Deed, call};
pub(crate) use dials::{Dials, EVERY, HOT, KEYS, KINDS as OPERATIONS, PACE, PACES, WEIGHTS};
pub(crate) use fields::{FIELDS, Field, Kind};
use lens::Lens;
pub(crate) use look::Verdict;
pub(crate) use setup::Setup;
pub(crate) use share::{Shared, View};
#[cfg(test)]
pub(crate) use story::tests::tell;
pub(crate) use story::{Arrival, Moment, Question, Stop, Story, What};
use veil::Veil;
pub(crate) use why::{Because, Subject};

/// One line of history that was lived through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// Its number.
    pub(crate) id: u32,
    /// Its name.
    pub(crate) name: String,
    /// Where it left its parent; none for the first.
    pub(crate) forked_at: Option<Instant>,
    /// It is the one on the stage.
    pub(crate) current: bool,
}

/// The running simulation.
pub(crate) struct Engine {
    timeline: Timeline,
    setup: Setup,
    /// Something was undone, and time has not gone on since: when it does, another future begins,
    /// or what was undone would come again.
    departs: bool,
    /// The group that is looked at; of one group only, that.
    lens: Lens,
    /// What of a story is told; none: there is no story.
    veil: Option<Veil>,
    /// Judges what the clients see.
    monitor: Monitor,
}

/// The run begins so long before the first election: at the usual speed, a second or two.
const LEAD_IN: Duration = Duration::from_millis(8);
/// So many events of the history are judged between two looks at the clock.
const PART: u64 = 2_000;
/// No more events than this are looked through for the first election.
const SEARCHED: u32 = 20_000;

impl Engine {
    /// Starts a run, a moment before its first election.
    pub(crate) fn new(setup: Setup) -> Self {
        let scenario = setup.scenario().unwrap_or_else(|_| Setup::fallback());
        let mut scout = Timeline::new(scenario.clone());
        let mut timeline = Timeline::new(scenario);
        for _ in 0..SEARCHED {
            if !scout.step_forward() {
                break;
            }
            if matches!(view::stage(&scout).situation, Situation::Election { .. }) {
                timeline.advance(scout.now() - LEAD_IN, SEARCHED);
                break;
            }
        }
        let scenario = timeline.scenario().clone();
        if let Some(client) = scenario.operator() {
            let members = |gid| (gid, scenario.members(gid).collect());
            let groups = scenario.groups().filter(|gid| gid.0 > 0).map(members);
            let command = Command::Join(groups.collect());
            // The operator of a new run waits for nothing.
            let _ = timeline.act(Action::Control { client, command });
        }
        Self::on(timeline, setup)
    }

    /// A run that exists already.
    fn on(timeline: Timeline, setup: Setup) -> Self {
        let lens = Lens::of(timeline.scenario(), Gid(0));
        Self { timeline, setup, departs: false, lens, veil: None, monitor: Monitor::default() }
    }

    /// The present branch, whole, for the judge; or one sentence why it is too much.
    pub(crate) fn run(&self) -> Result<Vec<u8>, String> {
        story::pack(&self.timeline)
    }

    /// The place of the cursor.
    pub(crate) fn moment(&self) -> Moment {
        self.timeline.spot()
    }

    /// To a moment of any branch; says whether that branch is still kept.
    pub(crate) fn visit(&mut self, moment: Moment) -> bool {
        self.departs = false;
        let there = self.timeline.visit(moment);
        self.unveil();
        there
    }

    /// The veil over the present branch.
    fn veil(&self) -> Option<Veil> {
        self.veil.filter(|veil| veil.branch == self.timeline.branch().id)
    }

    /// What the cursor has come to is told.
    fn unveil(&mut self) {
        if let Some(veil) = self.veil() {
            let told = veil.told.max(self.now());
            self.veil = Some(Veil { told, ..veil }).filter(|_| told < self.timeline.head());
        }
    }

    /// Looks at a group: whatever is drawn and done concerns that from now on.
    pub(crate) fn look_at(&mut self, gid: Gid) {
        self.lens = Lens::of(self.timeline.scenario(), gid);
    }

    /// What the run is made of.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The cursor.
    pub(crate) fn now(&self) -> Instant {
        self.timeline.now()
    }

    /// The end of what was simulated on this branch; of a story, of what is told.
    pub(crate) fn head(&self) -> Instant {
        self.veil().map_or(self.timeline.head(), |veil| veil.told)
    }

    /// How many steps lie behind the cursor.
    pub(crate) fn step_number(&self) -> u64 {
        self.timeline.step_number()
    }

    /// The branch is as long as a branch may be, and the cursor is at its end.
    pub(crate) fn is_full(&self) -> bool {
        self.timeline.is_live() && self.timeline.head_step() >= Timeline::MAX_STEPS
    }

    /// Moves the cursor on, at most to `until` and by at most `max_steps` steps.
    /// Says whether there is nothing more to do.
    pub(crate) fn advance(&mut self, until: Instant, max_steps: u32) -> bool {
        self.depart();
        let reached = self.timeline.advance(until, max_steps).reached;
        self.unveil();
        self.judge();
        reached || self.is_full()
    }

    /// The same, but no further than the first event that breaks a promise. Says whether that is
    /// where it came to.
    pub(crate) fn watch(&mut self, until: Instant, max_steps: u32) -> (bool, bool) {
        let (before, known) = (self.step_number(), self.first_broken());
        let done = self.advance(until, max_steps);
        // What could not be judged at once may lie further back.
        let (now, first) = (self.step_number(), self.first_broken());
        let broken = first.filter(|step| *step <= now && (*step > before || first != known));
        if let Some(step) = broken {
            self.timeline.seek_step(step);
        }
        (done || broken.is_some(), broken.is_some())
    }

    /// The first event on this branch that breaks a promise, if one is known.
    fn first_broken(&self) -> Option<u64> {
        let violations = self.timeline.chronicle().observers.violations();
        let seen = match self.monitor.ruling(&self.timeline) {
            Ruling::Violated { step, .. } => Some(step),
            _ => None,
        };
        violations.iter().map(|violation| violation.step).chain(seen).min()
    }

    /// Whether the cursor stands at that event.
    pub(crate) fn is_at_break(&self) -> bool {
        self.first_broken() == Some(self.step_number())
    }

    /// Judges a part of what the clients saw since it was judged last. Says whether it is of use to
    /// go on.
    pub(crate) fn judge(&mut self) -> bool {
        self.monitor.follow(&self.timeline, PART)
    }

    /// To the next event.
    pub(crate) fn step_forward(&mut self) {
        self.depart();
        self.timeline.step_forward();
        self.unveil();
    }

    /// To the event before.
    pub(crate) fn step_back(&mut self) {
        self.timeline.step_back();
    }

    /// To any moment.
    pub(crate) fn seek(&mut self, at: Instant) {
        self.departs = false;
        self.timeline.seek(at);
    }

    /// To the end of what was simulated, or told.
    pub(crate) fn live(&mut self) {
        self.seek(self.head());
    }

    /// Does something; says whether that forked, or why it cannot be done.
    pub(crate) fn act(&mut self, deed: &Deed) -> Result<bool, String> {
        let scenario = self.timeline.scenario();
        let (lens, deed) = match deed {
            Deed::In(gid, deed) => (Lens::of(scenario, *gid), &**deed),
            deed => (self.lens.clone(), deed),
        };
        let actions = match (deed, scenario.operator()) {
            (Deed::Configure(change), Some(client)) => {
                vec![Action::Control { client, command: change.command(scenario) }]
            }
            (Deed::Strike(gid, blow), _) => blow.actions(self.timeline.world(), *gid)?,
            // The cut may be between groups, where no lens sees it.
            (Deed::Heal, Some(_)) if self.timeline.world().cuts().next().is_some() => {
                vec![Action::Heal]
            }
            _ => deed.actions(&lens.stage(view::stage_of(&self.timeline, lens.gid)), &lens)?,
        };
        let forked = self.timeline.act_all(actions).map_err(|refusal| refusal.0)?;
        self.departs = false;
        Ok(forked)
    }

    /// Back to before the last deed; says whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let undone = self.timeline.undo();
        self.departs |= undone;
        undone
    }

    fn depart(&mut self) {
        if std::mem::take(&mut self.departs) {
            self.timeline.depart();
        }
    }

    /// Does again what was undone.
    pub(crate) fn redo(&mut self) -> bool {
        self.departs = false;
        self.timeline.redo()
    }

    /// Whether there is something to undo, and to redo.
    pub(crate) fn can_undo(&self) -> (bool, bool) {
        let step = self.step_number();
        let acted = self.timeline.branch().acts.iter().any(|acted| acted.step <= step);
        (acted, self.timeline.can_redo())
    }

    /// All lines of history, the first one first.
    pub(crate) fn branches(&self) -> Vec<Branch> {
        let current = self.timeline.branch().id;
        let of = |line: &Line| Branch {
            id: line.id,
            name: format!("branch {}", line.id),
            forked_at: line.origin.map(|origin| origin.at),
            current: line.id == current,
        };
        self.timeline.branches().iter().map(of).collect()
    }

    /// To another line of history.
    pub(crate) fn switch(&mut self, id: u32) {
        self.timeline.switch(id);
        self.live();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shardscope_core::id::{MutantId, NodeId};

    use super::*;

    #[test]
    fn a_deed_of_many_actions_is_undone_and_redone_at_once() {
        let mut engine = Engine::new(Setup::usual(7));
        let at = engine.now() + Duration::from_millis(100);
        engine.advance(at, 100_000);
        let ring = vec![(NodeId(0), NodeId(2)), (NodeId(2), NodeId(0)), (NodeId(1), NodeId(3))];
        assert_eq!(engine.act(&Deed::Shape(ring.clone())), Ok(false));
        assert_eq!(engine.stage().cuts.len(), ring.len());
        assert!(engine.undo());
        assert!(engine.stage().cuts.is_empty());
        assert_eq!(engine.now(), at);
        engine.advance(at + Duration::from_millis(50), 100_000);
        assert!(engine.stage().cuts.is_empty(), "what was undone came again");
        assert!(engine.redo());
        assert_eq!(engine.stage().cuts.len(), ring.len());
    }

    #[test]
    fn what_was_undone_stays_so_when_there_is_nothing_more_to_undo() {
        let mut engine = Engine::new(Setup::usual(7));
        assert_eq!(engine.act(&Deed::Pause(NodeId(0))), Ok(false));
        assert!(engine.undo() && !engine.undo());
        engine.advance(engine.now() + Duration::from_millis(5), 1_000);
        let paused = |server: &&Arc<view::Server>| server.health == view::Health::Paused;
        assert_eq!(engine.stage().servers.iter().filter(paused).count(), 0);
    }

    #[test]
    fn however_often_something_is_undone_the_first_future_is_kept() {
        for plays in [false, true] {
            let mut engine = Engine::new(Setup::usual(7));
            for act in 0..10 {
                engine.advance(engine.now() + Duration::from_millis(20), 100_000);
                let node = NodeId(act / 2 % 5);
                let deed = if act % 2 == 0 { Deed::Pause(node) } else { Deed::Resume(node) };
                assert_eq!(engine.act(&deed), Ok(false));
            }
            for _ in 0..10 {
                assert!(engine.undo());
                if plays {
                    engine.advance(engine.now() + Duration::from_micros(1), 100);
                }
            }
            assert!(!engine.undo());
            assert!(engine.branches().iter().any(|branch| branch.id == 1), "plays: {plays}");
            let redone = (0..10).filter(|_| engine.redo()).count();
            assert!(redone == 10 || plays, "only {redone} of 10 were done again");
        }
    }

    #[test]
    fn play_stops_at_the_event_that_breaks_a_promise_and_goes_on_from_there() {
        let mut engine = Engine::new(Setup::usual(7).breaking(MutantId::R18));
        assert_eq!(engine.broken(), MutantId::R18);
        let far = engine.now() + Duration::from_secs(5);
        let mut stopped = false;
        while !stopped {
            let (done, broken) = engine.watch(far, 256);
            stopped = broken;
            assert!(broken || !done, "it breaks something within 5 s");
        }
        let step = engine.step_number();
        let broken = |engine: &Engine| {
            engine.invariants().iter().filter_map(|i| i.broken.clone()).any(|b| !b.ahead)
        };
        assert!(broken(&engine));
        assert_eq!(engine.watch(engine.now() + Duration::from_millis(1), 256), (true, false));
        assert!(engine.step_number() > step, "it goes on when it is told to");
        engine.timeline.seek_step(step - 1);
        assert!(!broken(&engine));
        assert_eq!(engine.watch(far, 256), (true, true), "and stops there again");
        assert_eq!(engine.step_number(), step);
    }

    #[test]
    fn a_run_begins_just_before_its_first_election() {
        for seed in 0..8 {
            let mut engine = Engine::new(Setup::usual(seed));
            assert!(matches!(engine.stage().situation, Situation::Leaderless { .. }));
            engine.advance(engine.now() + LEAD_IN.times(2), 10_000);
            assert!(!matches!(engine.stage().situation, Situation::Leaderless { .. }), "{seed}");
        }
    }
}
