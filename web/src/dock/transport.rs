//! Play, step, speed, the clock, and which branch of history is on the stage.

use std::rc::Rc;

use shardscope_core::time::Instant;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, InputEvent, Properties, TargetCast, component, html};

use crate::decimal::decimal;
use crate::engine::Branch;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send};
use crate::words;

/// Six times as fast, in hundredths of a power of ten.
const HURRIED: i32 = 78;

/// What the transport is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Time runs.
    pub(crate) playing: bool,
    /// Hundredths of a power of ten.
    pub(crate) speed: i32,
    /// Time is being hurried on, because nothing happens.
    pub(crate) hurried: bool,
    /// The cursor is at the end of the branch.
    pub(crate) live: bool,
    /// The cursor is at the beginning.
    pub(crate) start: bool,
    /// All branches.
    pub(crate) branches: Rc<Vec<Branch>>,
    /// There is something to undo, and to redo.
    pub(crate) undo: (bool, bool),
    /// Where intents go.
    pub(crate) send: Send,
}

/// A button of the transport with an icon; `why` it cannot be used, if so.
fn button(
    props: &Props,
    what: Icon,
    name: &'static str,
    test: &'static str,
    intent: Intent,
    why: Option<&'static str>,
) -> Html {
    let onclick = props.send.reform(move |_| intent.clone());
    let title = why.map_or_else(|| name.to_owned(), |why| format!("{name}: {why}"));
    html! {
        <button class="tool" {onclick} aria-label={name} {title} data-test={test}
            disabled={why.is_some()}>
            { icon(what) }
        </button>
    }
}

/// The transport's buttons and dials.
#[component]
pub(crate) fn Transport(props: &Props) -> Html {
    let play = if props.playing { (Icon::Pause, "Pause") } else { (Icon::Play, "Play") };
    let toggle = props.send.reform(|_| Intent::TogglePlay);
    let live = props.send.reform(|_| Intent::Live);
    let end = match props.live {
        true => "You are at the end of this branch",
        false => "To the end of this branch (L)",
    };
    html! {
        <>
            <button class="tool play" onclick={toggle} aria-label={play.1}
                title={format!("{} (Space)", play.1)}
                data-test="play" data-playing={props.playing.to_string()}>
                { icon(play.0) }
            </button>
            { button(props, Icon::Back, "Step back", "step-back", Intent::StepBack,
                props.start.then_some("this is the beginning")) }
            { button(props, Icon::Forth, "Step", "step", Intent::StepForward, None) }
            { speed(props) }
            <button class="live" onclick={live} disabled={props.live} data-test="live"
                title={end}>
                <span class="dot"></span>{ "Live" }
            </button>
            { button(props, Icon::Undo, "Undo the last action", "undo", Intent::Undo,
                (!props.undo.0).then_some("nothing was done yet")) }
            { button(props, Icon::Redo, "Redo", "redo", Intent::Redo,
                (!props.undo.1).then_some("nothing was undone")) }
            { branches(props) }
            <span class="zoom">
                { button(props, Icon::Minus, "Show more time", "zoom-out", Intent::Zoom(1), None) }
                { button(props, Icon::Plus, "Show less time", "zoom-in", Intent::Zoom(-1), None) }
            </span>
        </>
    }
}

fn speed(props: &Props) -> Html {
    let oninput = {
        let send = props.send.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            if let Ok(value) = input.value().parse() {
                send.emit(Intent::Speed(value));
            }
        })
    };
    let words = words::speed(props.speed);
    let shown = match props.hurried {
        true => format!("{} »", words::speed(props.speed + HURRIED)),
        false => words.clone(),
    };
    let spoken = format!("{words} of real time");
    html! {
        <label class="speed">
            <span class="unseen">{ "Speed" }</span>
            <input type="range" min="-300" max="100" step="5" value={props.speed.to_string()}
                {oninput} aria-valuetext={spoken} data-test="speed" />
            <span class="value"
                title="Simulated time against yours ([ and ]); » while nothing happens">
                { shown }
            </span>
        </label>
    }
}

fn branches(props: &Props) -> Html {
    let onchange = {
        let send = props.send.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Ok(id) = select.value().parse() {
                send.emit(Intent::Switch(id));
            }
        })
    };
    html! {
        <label class="branches" title="Acting in the past forks; nothing is ever deleted">
            { icon(Icon::Branch) }
            <span class="unseen">{ "Branch" }</span>
            <select {onchange} data-test="branches" data-count={props.branches.len().to_string()}>
                { for props.branches.iter().map(|branch| {
                    let name = branch.forked_at.map_or_else(|| branch.name.clone(), |at| {
                        let from = decimal(at.as_micros() as f64 / 1e6, 3);
                        format!("{} · from {from} s", branch.name)
                    });
                    html! {
                        <option value={branch.id.to_string()} selected={branch.current}>
                            { name }</option>
                    }
                }) }
            </select>
        </label>
    }
}

/// The clock.
pub(crate) fn clock(now: Instant) -> Html {
    let micros = now.as_micros();
    html! {
        <output class="clock" data-test="clock" data-micros={micros.to_string()}
            title="Simulated time" aria-label="Simulated time">
            // Its size never changes: what stands around it is not laid out again.
            <span>{ words::clock(micros) }</span>
        </output>
    }
}
