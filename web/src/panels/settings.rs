//! What a run is made of, and what is wrong with it, in sentences.

use web_sys::HtmlInputElement;
use yew::{Callback, Html, InputEvent, MouseEvent, Properties, SubmitEvent, TargetCast};
use yew::{component, html, use_state};

use crate::engine::{FIELDS, Field, Kind, Setup};
use crate::intent::{Intent, Send};
use crate::words;

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
            next.set(index, words::short(&value, 60));
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
                    let wrong = wrong.map(|wrong| wrong.sentence.clone());
                    row(index, field, setup.get(index), wrong, &change)
                }) }
            </div>
            { for complaints.iter().filter(|wrong| wrong.field.is_empty()).map(|wrong| html! {
                    <p class="complaint" role="alert" data-test="complaint">
                        { wrong.sentence.clone() }</p>
                }) }
            <label class="check">
                <input type="checkbox" checked={props.hurry} onclick={hurry} />
                { "Hurry while there is nothing to watch but timers" }
            </label>
            <div class="row-end">
                <button class="primary" type="submit" data-test="settings-apply">
                    { "Start a new run" }
                </button>
            </div>
        </form>
    }
}

fn row(
    index: usize,
    field: &'static Field,
    value: String,
    wrong: Option<String>,
    change: &Callback<(usize, String)>,
) -> Html {
    let oninput = {
        let change = change.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let value = if input.type_() == "checkbox" {
                input.checked().to_string()
            } else {
                input.value()
            };
            change.emit((index, value));
        })
    };
    let test = format!("set-{}", field.name);
    let invalid = wrong.is_some().to_string();
    html! {
        <div class={if field.kind == Kind::Switch { "setting switch" } else { "setting" }}>
            <label>
                <span title={field.help}>{ field.label }</span>
                if field.kind == Kind::Switch {
                    <input type="checkbox" checked={value == "true"} {oninput} data-test={test} />
                } else {
                    <input type="text" inputmode="decimal" {value} {oninput} data-test={test}
                        autocomplete="off" aria-invalid={invalid} />
                }
                <small>{ field.unit() }</small>
            </label>
            if let Some(sentence) = wrong {
                <p class="complaint" role="alert" data-test="complaint">{ sentence }</p>
            }
        </div>
    }
}
