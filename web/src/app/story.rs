//! Telling a story: to its next beat and back, and what is answered.

use shardscope_core::time::Instant;

use super::App;
use crate::engine::Moment;
use crate::files;
use crate::intent::{Dialog, Intent};
use crate::story::Telling;
use crate::words::story as words;

/// However long a beat is, it is shown in so much time, in milliseconds.
const BEAT: f64 = 6_000.0;

impl App {
    /// Does what is wanted of a story.
    pub(super) fn want_story(&mut self, intent: Intent) {
        match intent {
            Intent::Tell(text) => self.tell(text),
            Intent::Judge(given) => self.weigh_file(given),
            Intent::Mistake(sentence) => self.mistake(sentence),
            Intent::Beat(true) => self.next_beat(),
            Intent::Beat(false) => self.last_beat(),
            Intent::Choose(choice) => self.choose(choice),
            Intent::CloseStory => {
                (self.ui.telling, self.ui.refocus) = (None, true);
            }
            Intent::SaveRun => self.record(),
            Intent::SaveStory => {
                if let Some(text) = self.ui.telling.as_ref().map(|telling| telling.text.clone()) {
                    self.save("story.script", &text);
                }
            }
            Intent::GiveUp => self.give_up(),
            _ => {}
        }
    }

    fn choose(&mut self, choice: usize) {
        if self.ui.telling.as_mut().is_some_and(|telling| telling.choose(choice)) {
            // The button is nothing to press any more.
            self.ui.go_on = true;
            self.next_beat();
        }
    }

    /// A story whose run has come on the stage is told from its beginning.
    pub(super) fn open_story(&mut self, telling: Telling) {
        self.ui.telling = Some(telling);
        (self.ui.playing, self.ui.go_on, self.ui.acted) = (false, true, true);
        self.next_beat();
        self.follow();
        self.look(true);
    }

    pub(super) fn mistake(&mut self, sentence: String) {
        // Whoever chose a history file waits for it where it was chosen.
        let place = self.ui.dialog.filter(|dialog| *dialog == Dialog::History);
        (self.ui.mistake, self.ui.dialog) = (Some(sentence), place.or(Some(Dialog::Stories)));
    }

    pub(super) fn save(&mut self, name: &str, text: &str) {
        if !files::save(name, text) {
            self.mistake(words::UNSAVED.into());
        }
    }

    /// Plays on to the next beat; if that is under way already, goes there at once.
    fn next_beat(&mut self) {
        self.ui.notice = None;
        let Some(telling) = &self.ui.telling else { return };
        if telling.waits() {
            return self.say(words::CHOOSE_FIRST);
        }
        let Some(goal) = telling.next().map(|stop| stop.moment) else {
            return self.say(words::NO_MORE);
        };
        let begun = telling.begun();
        let strayed = !telling.is_within(self.engine.moment());
        if strayed && !self.engine.visit(begun) {
            return self.say(words::GONE);
        }
        let here = self.engine.moment();
        if self.ui.still || self.ui.playing || (here.step, here.at) == (goal.step, goal.at) {
            self.reach(goal);
        } else {
            self.ui.playing = true;
            self.frames.rest();
        }
    }

    fn last_beat(&mut self) {
        self.ui.notice = None;
        let here = self.engine.moment();
        let Some(telling) = &mut self.ui.telling else { return };
        let Some((done, moment)) = telling.before(here) else { return self.say(words::NO_LESS) };
        telling.done = done;
        self.ui.playing = false;
        if !self.engine.visit(moment) {
            self.say(words::GONE);
        }
    }

    /// Stands at the next stop.
    fn reach(&mut self, goal: Moment) {
        self.ui.playing = false;
        if !self.engine.visit(goal) {
            return self.say(words::GONE);
        }
        if let Some(telling) = &mut self.ui.telling {
            telling.done += 1;
        }
        // Whoever listens waits for nothing else now.
        self.ui.spoken.0 = 0.0;
    }

    /// The next stop of the story, if time is on its way there.
    pub(super) fn goal(&self) -> Option<Moment> {
        let telling = self.ui.telling.as_ref()?;
        let goal = telling.next()?.moment;
        telling.is_within(self.engine.moment()).then_some(goal)
    }

    /// As fast as the visitor wants, or faster: no beat takes longer than it may.
    pub(super) fn hasten(&self, pace: f64) -> f64 {
        let begun = self.ui.telling.as_ref().map(|telling| telling.begun().at);
        let Some((goal, begun)) = self.goal().zip(begun) else { return pace };
        pace.max(goal.at.since(begun).as_micros() as f64 / (BEAT * 1_000.0))
    }

    /// Stops at the next beat, if it comes no later than `until`.
    pub(super) fn arrives(&mut self, until: Instant) -> bool {
        let goal = self.goal().filter(|goal| goal.at <= until);
        if let Some(goal) = goal {
            self.reach(goal);
        }
        goal.is_some()
    }

    /// Takes the story along, after the cursor moved.
    pub(super) fn follow(&mut self) {
        let here = self.engine.moment();
        if let Some(telling) = &mut self.ui.telling {
            telling.follow(here);
        }
    }

    /// Nothing of the story is before the cursor.
    pub(super) fn begins(&self) -> bool {
        let here = self.engine.moment();
        self.ui.telling.as_ref().is_some_and(|telling| telling.before(here).is_none())
    }

    /// What a key means while a story is told.
    pub(super) fn story_key(&self, key: &str) -> Option<Intent> {
        self.ui.telling.as_ref()?;
        match key {
            "PageDown" => Some(Intent::Beat(true)),
            "PageUp" => Some(Intent::Beat(false)),
            digit if self.ui.single_keys => {
                let number: usize = digit.parse().ok()?;
                Some(Intent::Choose(number.checked_sub(1)?))
            }
            _ => None,
        }
    }
}
