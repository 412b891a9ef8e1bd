//! What the clients do by themselves: dials that act on the run as it is.

use yew::{Callback, Html, Properties, SubmitEvent, component, html, use_state};

use super::field::{Field, choice, complaint, field, submit};
use crate::engine::{Deed, Dials, EVERY, HOT, KEYS, OPERATIONS, PACE, PACES, WEIGHTS};
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

/// The form.
#[component]
pub(crate) fn WorkloadForm(props: &Props) -> Html {
    let state = use_state(|| (props.dials.clone(), None::<String>));
    let change = {
        let state = state.clone();
        Callback::from(move |(index, value): (usize, String)| {
            let mut dials = state.0.clone();
            dials.set(index, value);
            state.set((dials, None));
        })
    };
    let onsubmit = {
        let (state, send) = (state.clone(), props.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match state.0.workload() {
                Ok(workload) => {
                    send.emit(Intent::Open(None));
                    send.emit(Intent::Do(Deed::Workload(workload)));
                }
                Err(sentence) => state.set((state.0.clone(), Some(sentence))),
            }
        })
    };
    let dials = &state.0;
    let dial = |index, label, test, unit| {
        let (test, value) = (format!("workload-{test}"), dials.get(index).to_owned());
        let (help, switch, wrong, room) = ("", false, None, 60);
        field(Field { label, help, unit, test, value, switch, wrong, room }, index, &change)
    };
    let paces = PACES.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned()));
    let pace = dials.get(PACE);
    html! {
        <form class="form settings" {onsubmit} novalidate=true>
            <p class="muted">{ words::WORKLOAD_HELP }</p>
            { choice("A client begins an operation", "workload-pace", paces, pace, PACE, &change) }
            if pace != "silent" {
                <div class="fields">
                    { dial(EVERY, "About every", "every", "ms") }
                    { dial(KEYS, "Keys", "keys", "") }
                    { dial(HOT, "Of them to key x", "hot", "%") }
                </div>
                <p class="muted">{ "How likely each operation is, against the others:" }</p>
                <div class="fields">
                    { for OPERATIONS.iter().enumerate().map(|(i, kind)| {
                        dial(WEIGHTS + i, kind, kind, "")
                    }) }
                </div>
            }
            { state.1.as_deref().map_or_else(Html::default, complaint) }
            { submit("From here on", "workload-apply", true) }
        </form>
    }
}
