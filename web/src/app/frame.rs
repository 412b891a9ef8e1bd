//! The animation frames: asked for one at a time, so that the loop stops by itself.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

use crate::geometry::within;

/// One closure, used for every frame.
pub(crate) struct Frames {
    tick: Closure<dyn FnMut(f64)>,
    last: Option<f64>,
    asked: bool,
}

/// After a pause of any length, no more than this is caught up, in milliseconds.
const CATCH_UP: f64 = 100.0;

impl Frames {
    /// Frames that call `tick` with the browser's time in milliseconds.
    pub(crate) fn new(tick: Callback<f64>) -> Self {
        Self { tick: Closure::new(move |at| tick.emit(at)), last: None, asked: false }
    }

    /// Asks for one more frame.
    pub(crate) fn ask(&mut self) {
        if self.asked {
            return;
        }
        if let Some(window) = web_sys::window() {
            let tick = self.tick.as_ref().unchecked_ref();
            self.asked = window.request_animation_frame(tick).is_ok();
        }
    }

    /// The milliseconds since the last frame, at most what may be caught up.
    pub(crate) fn elapsed(&mut self, at: f64) -> f64 {
        self.asked = false;
        let since = self.last.map_or(0.0, |last| at - last);
        self.last = Some(at);
        within(since, 0.0, CATCH_UP)
    }

    /// The next frame begins a new stretch.
    pub(crate) fn rest(&mut self) {
        self.last = None;
    }
}

/// The browser's clock in milliseconds.
pub(crate) fn clock() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
