//! A client's operation, by form.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::view::Stage;
use yew::{Callback, Html, Properties, SubmitEvent, component, html, use_state};

use super::field::{Field, choice, complaint, field, submit};
use crate::engine::{Deed, call};
use crate::intent::{Intent, Send};

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The kinds of operation, with whether each takes a value, and an expected one.
const KINDS: [(&str, &str, bool, bool); 6] = [
    ("put", "Put: set a key", true, false),
    ("append", "Append: add to the end", true, false),
    ("get", "Get: read a key", false, false),
    ("cas", "Cas: set it if it is as expected", true, true),
    ("delete", "Delete: take a key away", false, false),
    ("puthash", "PutHash: mix into the value", true, false),
];

const CLIENT: usize = 0;
const KIND: usize = 1;
const KEY: usize = 2;
const EXPECT: usize = 3;
const VALUE: usize = 4;

/// What is typed, field by field, and what is wrong with it.
type Draft = ([String; 5], Option<String>);

/// The form.
#[component]
pub(crate) fn OperationForm(props: &Props) -> Html {
    let first = props.stage.clients.first().map_or(0, |client| client.id.0);
    let draft = use_state(|| -> Draft {
        ([first.to_string(), "put".into(), "x".into(), String::new(), "1".into()], None)
    });
    let change = {
        let draft = draft.clone();
        Callback::from(move |(index, value): (usize, String)| {
            let mut texts = draft.0.clone();
            texts[index] = value;
            draft.set((texts, None));
        })
    };
    let onsubmit = {
        let (draft, send) = (draft.clone(), props.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let [client, kind, key, expect, value] = &draft.0;
            let takes = takes(kind);
            let value = if takes.0 { value } else { "" };
            let expect = if takes.1 { expect } else { "" };
            match call(kind, key, value, expect) {
                Ok(call) => {
                    let client = NodeId(client.parse().unwrap_or(first));
                    send.emit(Intent::Open(None));
                    send.emit(Intent::Do(Deed::Invoke(client, call)));
                }
                Err(sentence) => draft.set((draft.0.clone(), Some(sentence))),
            }
        })
    };
    let text = |index: usize, label, test: &str| {
        let (test, value) = (format!("operation-{test}"), draft.0[index].clone());
        let (help, unit, switch, wrong, room) = ("", "", false, None, 5_000);
        field(Field { label, help, unit, test, value, switch, wrong, room }, index, &change)
    };
    let clients = props.stage.clients.iter().map(|c| (c.id.to_string(), c.name.clone()));
    let kinds = KINDS.iter().map(|(kind, name, ..)| ((*kind).to_owned(), (*name).to_owned()));
    let (client, kind) = (&draft.0[CLIENT], &draft.0[KIND]);
    let takes = takes(kind);
    html! {
        <form class="form wide" {onsubmit}>
            { choice("Client", "operation-client", clients, client, CLIENT, &change) }
            { choice("Operation", "operation-kind", kinds, kind, KIND, &change) }
            { text(KEY, "Key", "key") }
            if takes.1 {
                { text(EXPECT, "Expected value", "expect") }
            }
            if takes.0 {
                { text(VALUE, "Value", "value") }
            }
            { draft.1.as_deref().map_or_else(Html::default, complaint) }
            { submit("Send it", "operation-send") }
        </form>
    }
}

/// Whether an operation takes a value, and an expected one.
fn takes(kind: &str) -> (bool, bool) {
    let found = KINDS.iter().find(|(name, ..)| *name == kind);
    found.map_or((true, false), |found| (found.2, found.3))
}
