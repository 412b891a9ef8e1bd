//! What the clients do by themselves: dials that act on the run as it is.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, InputEvent, Properties, SubmitEvent, TargetCast};
use yew::{component, html, use_state};

use crate::engine::{Deed, Dials, OPERATIONS, PACES};
use crate::intent::{Intent, Send};
use crate::words;

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The workload now.
    pub(crate) dials: Dials,
    /// Where intents go.
    pub(crate) send: Send,
}

/// What a field changes.
type Change = Box<dyn Fn(&mut Dials, String)>;

/// The form.
#[component]
pub(crate) fn WorkloadForm(props: &Props) -> Html {
    let dials = use_state(|| props.dials.clone());
    let complaint = use_state(|| None::<String>);
    let change = |set: Change| {
        let (dials, complaint) = (dials.clone(), complaint.clone());
        Callback::from(move |value: String| {
            let mut next = (*dials).clone();
            set(&mut next, value);
            complaint.set(None);
            dials.set(next);
        })
    };
    let onsubmit = {
        let (dials, complaint, send) = (dials.clone(), complaint.clone(), props.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match dials.workload() {
                Ok(workload) => {
                    send.emit(Intent::Open(None));
                    send.emit(Intent::Do(Deed::Workload(workload)));
                }
                Err(sentence) => complaint.set(Some(sentence)),
            }
        })
    };
    let silent = dials.pace == "silent";
    let pace = change(Box::new(|dials, value| dials.pace = value));
    let every = change(Box::new(|dials, value| dials.every = value));
    let keys = change(Box::new(|dials, value| dials.keys = value));
    html! {
        <form class="form settings" {onsubmit} novalidate=true>
            <p class="muted">{ words::WORKLOAD_HELP }</p>
            { paces(&dials.pace, pace) }
            if !silent {
                <div class="fields">
                    { line("Time between, on average", "every", "ms", &dials.every, every) }
                    { line("Keys", "keys", "", &dials.keys, keys) }
                </div>
                <p class="muted">{ "How likely each operation is, against the others:" }</p>
                <div class="fields">
                    { for OPERATIONS.iter().enumerate().map(|(i, kind)| {
                        let weight = change(Box::new(move |dials, value| dials.weights[i] = value));
                        line(kind, kind, "", &dials.weights[i], weight)
                    }) }
                </div>
            }
            if let Some(sentence) = &*complaint {
                <p class="complaint" role="alert" data-test="complaint">{ sentence.clone() }</p>
            }
            <div class="row-end">
                <button class="primary" type="submit" data-test="workload-apply">
                    { "From here on" }
                </button>
            </div>
        </form>
    }
}

fn paces(now: &str, change: Callback<String>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        change.emit(select.value());
    });
    html! {
        <label class="field">
            <span>{ "A client begins an operation" }</span>
            <select {onchange} data-test="workload-pace">
                { for PACES.iter().map(|(value, name)| html! {
                    <option value={*value} selected={*value == now}>{ *name }</option>
                }) }
            </select>
        </label>
    }
}

fn line(
    label: &'static str,
    test: &'static str,
    unit: &'static str,
    value: &str,
    change: Callback<String>,
) -> Html {
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        change.emit(words::short(&input.value(), 60));
    });
    html! {
        <div class="setting">
            <label>
                <span>{ label }</span>
                <input type="text" inputmode="decimal" value={value.to_owned()} {oninput}
                    data-test={format!("workload-{test}")} autocomplete="off" />
                <small>{ unit }</small>
            </label>
        </div>
    }
}
