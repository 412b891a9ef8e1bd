//! What each wish changes.

use shardscope_core::id::{MutantId, NodeId};
use shardscope_core::mutant;
use shardscope_core::time::{Duration, Instant};
use web_sys::KeyboardEvent;

use super::frame::clock;
use super::tour::Tour;
use super::{App, Ui, prefs, roam};
use crate::engine::{Deed, Engine, Setup, Verdict};
use crate::host::power_of_ten;
use crate::intent::{Dialog, Intent, Pick, Spot, Tab};
use crate::{keys, words};

/// Milliseconds of simulation in one frame.
const BUDGET: f64 = 4.0;
/// Steps between two looks at the clock.
const CHUNK: u32 = 256;
/// How much faster quiet time passes.
const HURRY: f64 = 6.0;
/// How long a rewind takes, in milliseconds.
const REWIND: f64 = 1_400.0;

impl App {
    /// Does what is wanted.
    pub(super) fn want(&mut self, intent: Intent) {
        self.ui.menu = None;
        match intent {
            Intent::TogglePlay => {
                self.ui.playing = !self.ui.playing;
                (self.ui.rewinding, self.ui.rewound) = (None, false);
                self.frames.rest();
            }
            Intent::Speed(speed) => self.ui.speed = speed.clamp(-300, 100),
            Intent::Faster(by) => self.ui.speed = (self.ui.speed + by).clamp(-300, 100),
            Intent::Zoom(by) => self.ui.zoom = (self.ui.zoom + by).clamp(-6, 12),
            Intent::StepForward => self.step(true),
            Intent::StepBack => self.step(false),
            Intent::Seek(at) => self.seek(at),
            Intent::SeekBy(by) => {
                let at = self.engine.now().as_micros().saturating_add_signed(by);
                self.seek(Instant::from_micros(at));
            }
            Intent::Rewind(at) => self.rewind(at),
            Intent::Live => self.engine.live(),
            Intent::Do(deed) => self.act(&deed),
            Intent::Snip(a, b) => self.snip(a, b),
            Intent::Say(sentence) => self.say(sentence),
            Intent::Undo | Intent::Redo => self.undo(intent == Intent::Undo),
            Intent::Switch(id) => self.engine.switch(id),
            Intent::NewSeed => {
                let setup = self.engine.setup().with("seed", &prefs::seed().to_string());
                self.start(setup);
            }
            Intent::NewRun(setup) => self.start(setup),
            Intent::Break(id) => self.break_rule(id),
            Intent::Share => self.share(),
            Intent::Enter(gid) => {
                self.engine.look_at(gid.unwrap_or_default());
                self.ui.left = self.ui.opened.filter(|_| gid.is_none());
                (self.ui.opened, self.ui.pick, self.ui.refocus) = (gid, None, true);
                // What was asked for is on the stage, whatever part a phone showed.
                self.ui.tab = Tab::Stage;
            }
            Intent::Scrubbing(held) => {
                self.ui.scrubbing = held;
                self.frames.rest();
            }
            Intent::Tell(_)
            | Intent::Judge(_)
            | Intent::Mistake(_)
            | Intent::Beat(_)
            | Intent::Choose(_)
            | Intent::CloseStory
            | Intent::SaveRun
            | Intent::SaveStory
            | Intent::GiveUp => self.want_story(intent),
            other => {
                self.arrange(other);
                self.wonder();
                return;
            }
        }
        self.follow();
        self.look(true);
    }

    /// Wishes that leave the world alone.
    fn arrange(&mut self, intent: Intent) {
        if let Intent::Open(dialog) = intent {
            self.give_up();
            if dialog == Some(Dialog::Stories) {
                self.call_judge();
            }
        }
        let ui = &mut self.ui;
        match intent {
            Intent::Select(pick) => self.select(pick),
            Intent::Roam(spot) => ui.spot = spot,
            Intent::Open(dialog) => {
                (ui.dialog, ui.mistake) = (dialog, None);
                if let (Some(Dialog::Shards), Some(cluster)) = (dialog, &self.seen.cluster) {
                    ui.change = words::cluster::proposal(cluster);
                }
                if dialog == Some(Dialog::Verdict) {
                    self.weigh_run();
                }
            }
            Intent::Plan(change) => {
                (ui.change, ui.dialog) = (change, Some(Dialog::Shards));
            }
            Intent::Find(key) => ui.key = key,
            Intent::Menu(menu) => {
                ui.refocus = menu.is_none();
                ui.menu = menu;
            }
            Intent::TextView => {
                ui.text_view = !ui.text_view;
                ui.refocus = true;
            }
            Intent::Scissors(held) => {
                ui.scissors = held;
                if held {
                    self.say(words::SCISSORS_HELD);
                }
            }
            Intent::Heartbeats => ui.heartbeats = !ui.heartbeats,
            Intent::Hurry => ui.hurry = !ui.hurry,
            Intent::Tab(tab) => ui.tab = tab,
            Intent::Theme(theme) => {
                ui.theme = theme;
                prefs::set_theme(theme);
            }
            Intent::SingleKeys => {
                ui.single_keys = !ui.single_keys;
                prefs::set_single_keys(ui.single_keys);
            }
            _ => {}
        }
    }

    fn select(&mut self, pick: Option<Pick>) {
        if matches!(pick, Some(Pick::Message(_) | Pick::Messages)) {
            // A message is gone in a moment: whoever picks one wants to look at it.
            self.ui.playing = false;
        }
        if self.ui.narrow {
            self.ui.tab = match (&pick, self.ui.tab) {
                (Some(_), _) => Tab::Inspect,
                (None, Tab::Inspect) => Tab::Stage,
                (None, tab) => tab,
            };
        }
        match pick {
            Some(Pick::Server(id)) => self.ui.spot = Spot::Server(id),
            Some(Pick::Link(a, b)) => self.ui.spot = Spot::Link(a, b),
            Some(Pick::Client(id)) => self.ui.spot = Spot::Client(id),
            // Neither is on the stage, where the focus would stay.
            Some(Pick::Message(_) | Pick::Messages) => self.ui.inspect = true,
            None => self.ui.refocus = self.ui.pick.is_some(),
            _ => {}
        }
        self.ui.pick = pick;
    }

    fn step(&mut self, forth: bool) {
        (self.ui.playing, self.ui.rewound) = (false, false);
        self.ui.notice = None;
        if forth {
            self.engine.step_forward();
        } else {
            self.engine.step_back();
        }
        if !forth && self.ui.tour == Tour::Rewind {
            self.ui.tour = Tour::Free;
        }
    }

    fn seek(&mut self, at: Instant) {
        self.ui.notice = None;
        (self.ui.rewinding, self.ui.rewound) = (None, false);
        if at < self.engine.now() && self.ui.tour == Tour::Rewind {
            self.ui.tour = Tour::Free;
        }
        self.engine.seek(at.min(self.engine.head()));
    }

    fn rewind(&mut self, at: Instant) {
        self.ui.tour = Tour::Free;
        self.ui.notice = None;
        self.ui.rewound = true;
        if self.ui.still {
            self.engine.seek(at);
            self.ui.playing = false;
            self.say(words::REWOUND);
        } else {
            self.ui.rewinding = Some(at);
            self.frames.rest();
        }
    }

    fn act(&mut self, deed: &Deed) {
        let at = self.engine.now();
        match self.engine.act(deed) {
            Ok(forked) => {
                let name = self.engine.branches().into_iter().find(|b| b.current).map(|b| b.name);
                self.ui.notice = None;
                if forked {
                    self.say(words::forked(&name.unwrap_or_default()));
                }
                if self.ui.tour == Tour::CutOff {
                    // Just before: somebody leads there, and time will stand still.
                    self.ui.cut_at = Some(at - Duration::from_micros(1));
                }
                let healed = self.engine.stage().cuts.is_empty();
                self.ui.tour = self.ui.tour.after(deed, healed);
                self.ui.acted = true;
                // Time stood still because of the rewind, not because somebody wanted it to.
                self.ui.playing |= std::mem::take(&mut self.ui.rewound) && !self.ui.still;
            }
            Err(sentence) => self.say(sentence),
        }
    }

    fn snip(&mut self, a: NodeId, b: NodeId) {
        let cuts = &self.seen.stage.cuts;
        let both = vec![(a, b), (b, a)];
        let cut = cuts.contains(&(a, b)) || cuts.contains(&(b, a));
        self.act(&if cut { Deed::Mend(both) } else { Deed::Cut(both) });
    }

    fn undo(&mut self, back: bool) {
        let done = if back { self.engine.undo() } else { self.engine.redo() };
        self.say(words::undone(back, done));
    }

    fn start(&mut self, setup: Setup) {
        self.begin(Engine::new(setup));
    }

    /// The same run from its beginning, with one decision taken wrongly or with none.
    fn break_rule(&mut self, id: MutantId) {
        self.start(self.engine.setup().breaking(id));
        self.say(words::rules::switched(mutant::find(id)));
    }

    /// Another run comes on the stage.
    pub(super) fn begin(&mut self, engine: Engine) {
        self.give_up();
        let old = &self.ui;
        let ui = Ui {
            speed: old.speed,
            hurry: old.hurry,
            narrow: old.narrow,
            heartbeats: old.heartbeats,
            ..Ui::new(old.still, old.theme)
        };
        self.ui = ui;
        self.engine = engine;
        self.seen = super::see::first(&self.engine);
        self.frames.rest();
        let (servers, clients) = (self.seen.stage.servers.len(), self.seen.stage.clients.len());
        let (w, h) = (self.layout.width, self.layout.height);
        self.layout = crate::layout::Layout::new(w, h, servers, clients, self.part()).into();
    }

    /// One animation frame: a little simulation, then a look. Says whether to draw.
    pub(super) fn frame(&mut self, at: f64) -> bool {
        let elapsed = self.frames.elapsed(at);
        if let Some(target) = self.ui.rewinding {
            self.wind_back(target, elapsed);
            self.look(false);
            return true;
        }
        if !self.moving() {
            let spoke = self.speak(clock());
            let behind = matches!(self.seen.verdict, Verdict::Behind { .. });
            let goes_on = behind && self.engine.judge();
            if behind {
                // What fits in no order is marked once it is found.
                self.look(!goes_on);
            }
            if self.ui.unspoken || goes_on {
                self.frames.ask();
            }
            return spoke || behind;
        }
        let ui = &mut self.ui;
        let hurried = ui.hurry && ui.speed < -50 && self.quiet();
        let ui = &mut self.ui;
        ui.hurried = hurried;
        let pace = power_of_ten(f64::from(ui.speed) / 100.0) * if hurried { HURRY } else { 1.0 };
        let micros = elapsed * 1_000.0 * self.hasten(pace) + self.ui.spare;
        self.ui.spare = micros.fract();
        let until = self.engine.now() + Duration::from_micros(micros as u64);
        if self.arrives(until) {
            self.look(true);
            return true;
        }
        let broken = self.simulate(until);
        if self.engine.is_full() {
            self.ui.playing = false;
            self.say(words::FULL);
        }
        self.look(broken);
        true
    }

    /// A frame's part of the simulation. Nobody should have to wind back to where a promise broke:
    /// time stands still there, unless a story has its own stops. Says whether it does.
    fn simulate(&mut self, until: Instant) -> bool {
        let begun = clock();
        let told = self.ui.telling.is_some();
        loop {
            let (done, broken) = match told {
                true => (self.engine.advance(until, CHUNK), false),
                false => self.engine.watch(until, CHUNK),
            };
            self.ui.playing &= !broken;
            if done || clock() - begun > BUDGET {
                return broken;
            }
        }
    }

    fn wind_back(&mut self, target: Instant, elapsed: f64) {
        let left = self.engine.now().since(target).as_micros();
        let whole = self.engine.head().since(target).as_micros().max(1);
        let by = (whole as f64 * elapsed / REWIND) as u64;
        if left <= by || left == 0 {
            self.engine.seek(target);
            self.ui.rewinding = None;
            self.ui.playing = false;
            self.say(words::REWOUND);
            self.frames.rest();
            self.look(true);
        } else {
            self.engine.seek(self.engine.now() - Duration::from_micros(by));
        }
        self.frames.ask();
    }

    /// A key anywhere on the page. Says whether to draw.
    pub(super) fn key(&mut self, event: &KeyboardEvent) -> bool {
        if let Some(intent) = keys::chord(event) {
            event.prevent_default();
            self.want(intent);
            return true;
        }
        let place = keys::place(event);
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if !plain || place == keys::Place::Typing || self.ui.dialog.is_some() {
            return false;
        }
        if let Some(intent) = self.story_key(&event.key()) {
            event.prevent_default();
            self.want(intent);
            return true;
        }
        let over = self.overview().is_some();
        if place == keys::Place::Stage && !over {
            let next = roam::next(&event.key(), self.ui.spot, &self.seen.stage, &self.layout);
            if let Some(spot) = next {
                event.prevent_default();
                self.ui.spot = spot;
                self.ui.refocus = true;
                return true;
            }
        }
        let always = event.key() == "Escape";
        if always && self.ui.scissors {
            self.want(Intent::Scissors(false));
            return true;
        }
        if !always && !self.ui.single_keys {
            return false;
        }
        if always && !over && self.seen.cluster.is_some() && self.ui.pick.is_none() {
            self.want(Intent::Enter(None));
            return true;
        }
        // Over all groups no key acts on a server.
        let spot = if over { Spot::Client(NodeId(0)) } else { self.ui.spot };
        match keys::single(&event.key(), place, spot, &self.seen.stage) {
            Some(intent) => {
                event.prevent_default();
                self.want(intent);
                true
            }
            None => false,
        }
    }
}
