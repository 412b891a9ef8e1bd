//! A field of a form: its name, what is typed, and what is wrong with it.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, InputEvent, TargetCast, html};

use crate::words;

/// What a field looks like.
pub(super) struct Field<'a> {
    /// Its name on the page.
    pub(super) label: &'static str,
    /// One sentence about it.
    pub(super) help: &'static str,
    /// What it is counted in.
    pub(super) unit: &'static str,
    /// Its name for tests.
    pub(super) test: String,
    /// What is typed.
    pub(super) value: String,
    /// On or off, instead of a text.
    pub(super) switch: bool,
    /// What is wrong with it.
    pub(super) wrong: Option<&'a str>,
    /// Far beyond every limit, so that the sentence about the limit can be said.
    pub(super) room: usize,
}

/// A field in a row with its name; `change` gets `index` and what is typed.
pub(super) fn field(of: Field<'_>, index: usize, change: &Callback<(usize, String)>) -> Html {
    let Field { label, help, unit, test, value, switch, wrong, room } = of;
    let change = change.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let value = if switch { input.checked().to_string() } else { input.value() };
        change.emit((index, words::short(&value, room)));
    });
    let invalid = wrong.is_some().to_string();
    html! {
        <div class={if switch { "setting switch" } else { "setting" }}>
            <label>
                <span title={help}>{ label }</span>
                if switch {
                    <input type="checkbox" checked={value == "true"} {oninput} data-test={test} />
                } else {
                    <input type="text" {value} {oninput} data-test={test} autocomplete="off"
                        spellcheck="false" aria-invalid={invalid} />
                }
                <small>{ unit }</small>
            </label>
            { wrong.map_or_else(Html::default, complaint) }
        </div>
    }
}

/// One choice of several; `change` gets `index` and the value chosen.
pub(super) fn choice(
    label: &'static str,
    test: &'static str,
    options: impl Iterator<Item = (String, String)>,
    value: &str,
    index: usize,
    change: &Callback<(usize, String)>,
) -> Html {
    let change = change.clone();
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        change.emit((index, select.value()));
    });
    html! {
        <label class="field">
            <span>{ label }</span>
            <select {onchange} data-test={test}>
                { for options.map(|(option, name)| html! {
                    <option selected={option == value} value={option.clone()}>{ name }</option>
                }) }
            </select>
        </label>
    }
}

/// A sentence about something that is wrong.
pub(super) fn complaint(sentence: &str) -> Html {
    html! { <p class="complaint" role="alert" data-test="complaint">{ sentence.to_owned() }</p> }
}

/// The button that sends a form, if it is `ready` to be sent.
pub(super) fn submit(label: &'static str, test: &'static str, ready: bool) -> Html {
    html! {
        <div class="row-end">
            <button class="primary" type="submit" data-test={test}
                aria-disabled={(!ready).then_some("true")}>{ label }</button>
        </div>
    }
}
