//! Looking: fetching from the engine what the page draws, as seldom as possible.

use std::rc::Rc;

use shardscope_core::view::{Flight, Situation};

use super::frame::clock;
use super::{App, Seen};
use crate::dock::Window;
use crate::engine::{Change, Engine, Subject};
use crate::intent::{Dialog, Pick};
use crate::words;

/// The dock and the invariants are looked at this often while time runs, in milliseconds.
const DOCK_EVERY: f64 = 100.0;
/// Narration is spoken at most this often, in milliseconds.
const SPEAK_EVERY: f64 = 2_000.0;
/// A notice stands so long, in milliseconds.
const NOTICE: f64 = 7_000.0;

/// The first look.
pub(super) fn first(engine: &Engine) -> Seen {
    let window = Window::around(engine.now(), super::USUAL_SPEED, 0);
    Seen {
        step: None,
        stage: engine.stage(),
        cluster: engine.cluster(),
        before: engine.stage(),
        flights: Rc::default(),
        dock: Rc::default(),
        invariants: Rc::default(),
        branches: Rc::new(engine.branches()),
        window,
        dock_due: 0.0,
        dock_step: None,
        verdict: engine.verdict(),
        because: Rc::default(),
    }
}

impl App {
    /// Looks at the world; `acted` after anything else than the passing of time.
    pub(super) fn look(&mut self, acted: bool) {
        let step = self.engine.step_number();
        let seen = &mut self.seen;
        if acted || seen.step != Some(step) {
            seen.before = std::mem::replace(&mut seen.stage, self.engine.stage());
            let cluster = self.engine.cluster();
            if seen.cluster != cluster {
                seen.cluster = cluster;
            }
            seen.step = Some(step);
        }
        if acted && self.engine.judge() {
            // The rest is judged from frame to frame, also while time stands still.
            self.frames.ask();
        }
        seen.verdict = self.engine.verdict();
        let over = seen.cluster.is_some() && self.ui.opened.is_none();
        let flights = if over { self.engine.all_flights() } else { self.engine.flights() };
        if *seen.flights != flights {
            seen.flights = Rc::new(flights);
        }
        let window = Window::around(self.engine.now(), self.ui.speed, self.ui.zoom);
        let at = clock();
        let due = at >= seen.dock_due && seen.dock_step != Some(step);
        let looks = acted || due || window != seen.window;
        if looks {
            let dock = self.engine.dock(window.start(), window.end());
            if *seen.dock != dock {
                seen.dock = Rc::new(dock);
            }
            let invariants = self.engine.invariants();
            if *seen.invariants != invariants {
                seen.invariants = Rc::new(invariants);
            }
            seen.window = window;
            // However long it takes, it takes a small part of the time.
            let took = clock() - at;
            seen.dock_due = at + DOCK_EVERY.max(took * 20.0);
            seen.dock_step = Some(step);
        }
        if acted {
            seen.branches = Rc::new(self.engine.branches());
        }
        if looks {
            self.wonder();
        }
        if self.ui.notice.as_ref().is_some_and(|(said, _)| self.ui.playing && at - said > NOTICE) {
            self.ui.notice = None;
        }
        self.speak(at);
    }

    /// What is asked about: the thing in the inspector, or what the form of shards is about.
    fn subject(&self) -> Option<Subject> {
        if self.ui.dialog == Some(Dialog::Shards) {
            return Some(match self.ui.change {
                Change::Move(shard, _) => Subject::Shard(shard),
                Change::Join(gid) | Change::Leave(gid) => Subject::Group(gid),
            });
        }
        match self.ui.pick {
            Some(Pick::Server(id)) => Some(Subject::Server(id)),
            Some(Pick::Client(id) | Pick::Operation(id, _)) => Some(Subject::Client(id)),
            _ => None,
        }
    }

    /// Looks why what is looked at waits.
    pub(super) fn wonder(&mut self) {
        let because = self.subject().map(|of| self.engine.why(of)).unwrap_or_default();
        if *self.seen.because != because {
            self.seen.because = Rc::new(because);
        }
    }

    /// Says a sentence under the header, for a while.
    pub(super) fn say(&mut self, sentence: impl Into<String>) {
        self.ui.notice = Some((clock(), sentence.into()));
    }

    /// The sentence and its consequence, as they stand under the header.
    pub(super) fn narration(&self) -> (String, String) {
        if !self.ui.playing && self.engine.is_at_break() {
            let broken = super::page::broken(&self.seen.invariants).map(|invariant| invariant.name);
            let sentence = words::verdict::broke(broken, &self.seen.verdict, self.answered());
            return (sentence, words::verdict::STOPS.into());
        }
        let (sentence, consequence) = match self.overview() {
            Some(cluster) => words::cluster::narration(cluster),
            None => words::narration(&self.seen.stage, &self.engine.names()),
        };
        let inside = self.ui.opened.zip(self.seen.cluster.as_ref());
        let (sentence, consequence) = match inside {
            // Its own links are whole: it sees nothing of it.
            Some((gid, cluster)) => words::cluster::cut_off(cluster, gid)
                .unwrap_or((words::cluster::inside(gid, &sentence), consequence)),
            None => (sentence, consequence),
        };
        let past = self.engine.head().since(self.engine.now()).as_micros();
        let consequence = match &self.ui.notice {
            Some((_, notice)) => notice.clone(),
            None if past > 0 && !self.ui.playing => words::past(past),
            None if !self.ui.playing && words::untouched(&self.seen.stage) => words::BEGIN.into(),
            None => consequence,
        };
        (sentence, consequence)
    }

    /// What those who listen hear: the newest sentence, not every one.
    ///
    /// Says whether it was another one. What has to wait is not forgotten when time stands still.
    pub(super) fn speak(&mut self, at: f64) -> bool {
        self.ui.unspoken = self.ui.scrubbing || at - self.ui.spoken.0 < SPEAK_EVERY;
        if self.ui.unspoken {
            return false;
        }
        let said = match &self.ui.telling {
            Some(telling) => words::story::spoken(telling),
            None => {
                let (sentence, consequence) = self.narration();
                format!("{sentence} {consequence}")
            }
        };
        let news = said != self.ui.spoken.1;
        if news {
            self.ui.spoken = (at, said);
        }
        news
    }

    /// Whether there is nothing to watch but timers: nothing flies that is drawn, or nobody leads
    /// and nothing flies between servers; or it is a cluster of which no group has joined.
    pub(super) fn quiet(&self) -> bool {
        if self.overview().is_some_and(|cluster| cluster.assignment.number.0 == 0) {
            return true;
        }
        let servers = self.seen.stage.servers.len();
        let leaderless = matches!(self.seen.stage.situation, Situation::Leaderless { .. });
        let counts = |flight: &Flight| {
            let between =
                usize::from(flight.from.0) < servers && usize::from(flight.to.0) < servers;
            if leaderless { between } else { self.ui.heartbeats || !crate::stage::quiet(flight) }
        };
        !self.seen.flights.iter().any(counts)
    }
}
