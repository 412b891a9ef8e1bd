//! What a run is made of, and what is wrong with it, in sentences.

use yew::{Callback, Html, MouseEvent, Properties, SubmitEvent, component, html, use_state};

use super::field::{Field, complaint, field, submit};
use crate::engine::{self, FIELDS, Kind, Setup};
use crate::intent::{Intent, Send};

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The run that is on the stage.
    pub(crate) setup: Setup,
    /// Time passes faster while nothing happens.
    pub(crate) hurry: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The form.
#[component]
pub(crate) fn SettingsForm(props: &Props) -> Html {
    let setup = use_state(|| props.setup.clone());
    let complaints = use_state(Vec::new);
    let change = {
        let setup = setup.clone();
        Callback::from(move |(index, value): (usize, String)| {
            let mut next = (*setup).clone();
            next.set(index, value);
            setup.set(next);
        })
    };
    let onsubmit = {
        let (setup, complaints, send) = (setup.clone(), complaints.clone(), props.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match setup.scenario() {
                Ok(_) => {
                    send.emit(Intent::Open(None));
                    send.emit(Intent::NewRun((*setup).clone()));
                }
                Err(found) => complaints.set(found),
            }
        })
    };
    let hurry = props.send.reform(|_: MouseEvent| Intent::Hurry);
    html! {
        <form class="form settings" {onsubmit} novalidate=true>
            <p class="muted">{ "New settings start a new run." }</p>
            <div class="fields">
                { for FIELDS.iter().enumerate().map(|(index, field)| {
                    let wrong = complaints.iter().find(|wrong| wrong.field == field.name);
                    let wrong = wrong.map(|wrong| &*wrong.sentence);
                    row(index, field, setup.get(index), wrong, &change)
                }) }
            </div>
            { for complaints.iter().filter(|wrong| wrong.field.is_empty())
                .map(|wrong| complaint(&wrong.sentence)) }
            <label class="check">
                <input type="checkbox" checked={props.hurry} onclick={hurry} />
                { "Hurry while there is nothing to watch but timers" }
            </label>
            { submit("Start a new run", "settings-apply", true) }
        </form>
    }
}

fn row(
    index: usize,
    of: &'static engine::Field,
    value: String,
    wrong: Option<&str>,
    change: &Callback<(usize, String)>,
) -> Html {
    let (label, help, unit) = (of.label, of.help, of.unit());
    let (test, switch, room) = (format!("set-{}", of.name), of.kind == Kind::Switch, 60);
    field(Field { label, help, unit, test, value, switch, wrong, room }, index, change)
}
