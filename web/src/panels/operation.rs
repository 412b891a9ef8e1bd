//! A client's operation, by form.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::view::Stage;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, InputEvent, Properties, SubmitEvent, TargetCast};
use yew::{component, html, use_state};

use crate::engine::{Deed, call};
use crate::intent::{Intent, Send};
use crate::words;

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The kinds of operation, with the fields that each takes.
const KINDS: [(&str, &str, bool, bool); 6] = [
    ("put", "Put: set a key", true, false),
    ("append", "Append: add to the end", true, false),
    ("get", "Get: read a key", false, false),
    ("cas", "Cas: set it if it is as expected", true, true),
    ("delete", "Delete: take a key away", false, false),
    ("puthash", "PutHash: mix into the value", true, false),
];

#[derive(Clone, PartialEq)]
struct Draft {
    client: u16,
    kind: usize,
    key: String,
    value: String,
    expect: String,
    complaint: Option<String>,
}

/// The form.
#[component]
pub(crate) fn OperationForm(props: &Props) -> Html {
    let first = props.stage.clients.first().map_or(0, |client| client.id.0);
    let draft = use_state(|| Draft {
        client: first,
        kind: 0,
        key: "x".into(),
        value: "1".into(),
        expect: String::new(),
        complaint: None,
    });
    let change = |set: fn(&mut Draft, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            set(&mut next, value);
            next.complaint = None;
            draft.set(next);
        })
    };
    let onsubmit = {
        let (draft, send) = (draft.clone(), props.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let kind = KINDS[draft.kind];
            let value = if kind.2 { &draft.value } else { "" };
            let expect = if kind.3 { &draft.expect } else { "" };
            match call(kind.0, &draft.key, value, expect) {
                Ok(call) => {
                    send.emit(Intent::Open(None));
                    send.emit(Intent::Do(Deed::Invoke(NodeId(draft.client), call)));
                }
                Err(complaint) => {
                    draft.set(Draft { complaint: Some(complaint), ..(*draft).clone() });
                }
            }
        })
    };
    let (_, _, value, expect) = KINDS[draft.kind];
    html! {
        <form class="form" {onsubmit}>
            { clients(props, &draft, change(|d, v| d.client = v.parse().unwrap_or(d.client))) }
            { kinds(&draft, change(|d, v| d.kind = v.parse().unwrap_or(0).min(KINDS.len() - 1))) }
            { text("Key", "operation-key", &draft.key, change(|d, v| d.key = v)) }
            if expect {
                { text("Expected value", "operation-expect", &draft.expect,
                    change(|d, v| d.expect = v)) }
            }
            if value {
                { text("Value", "operation-value", &draft.value, change(|d, v| d.value = v)) }
            }
            if let Some(complaint) = &draft.complaint {
                <p class="complaint" role="alert" data-test="complaint">{ complaint.clone() }</p>
            }
            <div class="row-end">
                <button class="primary" type="submit" data-test="operation-send">
                    { "Send it" }</button>
            </div>
        </form>
    }
}

fn pick(change: Callback<String>) -> Callback<Event> {
    Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        change.emit(select.value());
    })
}

fn clients(props: &Props, draft: &Draft, change: Callback<String>) -> Html {
    html! {
        <label class="field">
            <span>{ "Client" }</span>
            <select onchange={pick(change)} data-test="operation-client">
                { for props.stage.clients.iter().map(|client| html! {
                    <option value={client.id.to_string()} selected={client.id.0 == draft.client}>
                        { client.name.clone() }
                    </option>
                }) }
            </select>
        </label>
    }
}

fn kinds(draft: &Draft, change: Callback<String>) -> Html {
    html! {
        <label class="field">
            <span>{ "Operation" }</span>
            <select onchange={pick(change)} data-test="operation-kind">
                { for KINDS.iter().enumerate().map(|(i, kind)| html! {
                    <option value={i.to_string()} selected={i == draft.kind}>{ kind.1 }</option>
                }) }
            </select>
        </label>
    }
}

fn text(label: &'static str, test: &'static str, value: &str, change: Callback<String>) -> Html {
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        // Far beyond every limit, so that the sentence about the limit can be said.
        change.emit(words::short(&input.value(), 5_000));
    });
    html! {
        <label class="field">
            <span>{ label }</span>
            <input type="text" value={value.to_owned()} {oninput} data-test={test}
                autocomplete="off"
                spellcheck="false" />
        </label>
    }
}
