//! The run in the address: opened from it, put into it, and kept for the next time that this tab
//! is loaded anew.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

use super::{App, prefs};
use crate::engine::{Engine, Shared, View};
use crate::intent::Dialog;
use crate::words;

impl App {
    /// How the run is looked at now.
    fn view_of_run(&self) -> View {
        let ui = &self.ui;
        View {
            speed: ui.speed as i16,
            zoom: ui.zoom as i8,
            opened: ui.opened,
            heartbeats: ui.heartbeats,
            text: ui.text_view,
        }
    }

    /// Puts the run and the moment into the address, and shows it.
    pub(super) fn share(&mut self) {
        match self.engine.link(self.view_of_run()) {
            Ok(link) => {
                self.ui.link = prefs::set_address(&link);
                self.ui.dialog = Some(Dialog::Share);
            }
            Err(sentence) => self.say(sentence),
        }
    }

    /// Opens the run that the address leads to, if it leads to one.
    pub(super) fn follow_address(&mut self) {
        if let Some(text) = prefs::link() {
            self.open_link(&text);
        }
    }

    /// What was kept of this tab's run, if it is loaded anew; otherwise what the address says.
    pub(super) fn take_up(&mut self) {
        match prefs::kept_run() {
            Some(text) => self.open_link(&text),
            None => self.follow_address(),
        }
    }

    /// Keeps the run for the case that this tab is loaded anew.
    pub(super) fn keep(&self) {
        // A run that is too long for a link is not kept.
        prefs::keep_run(self.engine.link(self.view_of_run()).as_deref().unwrap_or_default());
    }

    /// Opens a run, or says why not and leaves the present one alone.
    fn open_link(&mut self, text: &str) {
        match Engine::open(text) {
            Ok(Shared { engine, view, warning }) => {
                self.begin(engine);
                let ui = &mut self.ui;
                ui.playing = false;
                if let Some(view) = view {
                    ui.speed = i32::from(view.speed).clamp(-300, 100);
                    ui.zoom = i32::from(view.zoom).clamp(-6, 12);
                    (ui.heartbeats, ui.text_view) = (view.heartbeats, view.text);
                    // Without groups there is none to open, whatever a link says.
                    let groups = self.seen.cluster.as_ref().map(|all| all.groups.len());
                    ui.opened = view.opened.filter(|gid| groups >= Some(gid.0.into()));
                    self.engine.look_at(ui.opened.unwrap_or_default());
                }
                self.look(true);
                self.say(warning.unwrap_or(words::OPENED));
            }
            Err(sentence) => self.say(sentence),
        }
    }
}

/// Hears something that happens to the window.
pub(super) struct Heard {
    _closure: Closure<dyn FnMut()>,
}

/// Says when something happens to the window.
pub(super) fn hear(event: &str, heard: Callback<()>) -> Heard {
    let closure = Closure::<dyn FnMut()>::new(move || heard.emit(()));
    if let Some(window) = web_sys::window() {
        // Listening fails only where there is no window.
        let _ = window.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    }
    Heard { _closure: closure }
}
