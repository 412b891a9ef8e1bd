//! What keys mean.

use shardscope_core::id::NodeId;
use shardscope_core::view::{Health, Stage};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::actions;
use crate::engine::Deed;
use crate::intent::{Dialog, Intent, Pick, Spot};

/// Where a key went down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a field or a dialog: only chords act.
    Typing,
    /// On a button: Space and Enter are the button's.
    Button,
    /// On the stage.
    Stage,
    /// Elsewhere on the page.
    Page,
}

/// Where the event's target is.
pub(crate) fn place(event: &KeyboardEvent) -> Place {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return Place::Page;
    };
    let inside = |selector: &str| target.closest(selector).ok().flatten().is_some();
    if inside("dialog, [role=menu], input[type=text]") {
        Place::Typing
    } else if inside(".drawing") {
        Place::Stage
    } else if inside("button, select, input") {
        Place::Button
    } else {
        Place::Page
    }
}

/// What a chord means, wherever it is pressed.
pub(crate) fn chord(event: &KeyboardEvent) -> Option<Intent> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return None;
    }
    match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
        ("k", false) => Some(Intent::Open(Some(Dialog::Palette))),
        ("z", false) => Some(Intent::Undo),
        ("y", false) | ("z", true) => Some(Intent::Redo),
        _ => None,
    }
}

/// What a single key means at `place`, with the keyboard on `spot`.
pub(crate) fn single(key: &str, place: Place, spot: Spot, stage: &Stage) -> Option<Intent> {
    let on_server = |test: &[&str]| {
        let Spot::Server(id) = spot else { return None };
        choice(id, stage, test)
    };
    let intent = match key {
        " " if place != Place::Button => Intent::TogglePlay,
        "," => Intent::StepBack,
        "." => Intent::StepForward,
        "[" => Intent::Faster(-25),
        "]" => Intent::Faster(25),
        "l" | "L" => Intent::Live,
        "p" | "P" => Intent::Open(Some(Dialog::Partition)),
        "n" | "N" => Intent::Open(Some(Dialog::Operation)),
        "s" | "S" => Intent::Share,
        "j" | "J" => Intent::Open(Some(Dialog::Shards)),
        "b" | "B" => Intent::Open(Some(Dialog::Rules)),
        "t" | "T" => Intent::Open(Some(Dialog::Stories)),
        "?" => Intent::Open(Some(Dialog::Keys)),
        "m" | "M" => Intent::Select(Some(Pick::Messages)),
        "h" | "H" => Intent::Heartbeats,
        "v" | "V" => Intent::TextView,
        "u" | "U" => Intent::Do(Deed::Heal),
        "k" | "K" | "i" | "I" | "e" | "E" | "x" | "X" if place != Place::Stage => {
            Intent::Say(crate::words::NO_SPOT.into())
        }
        "k" | "K" => on_server(&["crash", "restart"])?,
        "i" | "I" => on_server(&["isolate", "connect"])?,
        "e" | "E" => on_server(&["elect"])?,
        "x" | "X" => match spot {
            Spot::Link(a, b) => Intent::Snip(a, b),
            _ => return None,
        },
        "Escape" => Intent::Select(None),
        _ => return None,
    };
    Some(intent)
}

fn choice(id: NodeId, stage: &Stage, tests: &[&str]) -> Option<Intent> {
    let server = stage.servers.iter().find(|server| server.id == id)?;
    let wanted = actions::of_server(server, stage);
    let found = wanted.into_iter().find(|choice| tests.contains(&choice.test))?;
    match found.why_not {
        // A key that would do nothing says why, as the disabled button does.
        Some(_) if server.health == Health::Up || found.test == "elect" => {
            Some(Intent::Say(found.why_not.unwrap_or_default()))
        }
        _ => Some(found.intent),
    }
}
