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

/// The kinds of operation, with whether each takes a value, and where the form holds what it
/// expects.
const KINDS: [(&str, &str, bool, Option<usize>); 7] = [
    ("put", "Put: set a key", true, None),
    ("append", "Append: add to the end", true, None),
    ("get", "Get: read a key", false, None),
    ("cas", "Cas: set it if it is as expected", true, Some(EXPECT)),
    ("putat", "PutAt: set it if it is at a version", true, Some(VERSION)),
    ("delete", "Delete: take a key away", false, None),
    ("puthash", "PutHash: mix into the value", true, None),
];

const CLIENT: usize = 0;
const KIND: usize = 1;
const KEY: usize = 2;
const EXPECT: usize = 3;
const VALUE: usize = 4;
const VERSION: usize = 5;

/// What is typed, field by field, and what is wrong with it.
type Draft = ([String; 6], Option<String>);

/// The form.
#[component]
pub(crate) fn OperationForm(props: &Props) -> Html {
    let first = props.stage.clients.first().map_or(0, |client| client.id.0);
    let draft = use_state(|| -> Draft {
        let texts = [&first.to_string(), "put", "x", "", "1", "0"];
        (texts.map(String::from), None)
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
            let [client, kind, key, _, value, _] = &draft.0;
            let takes = takes(kind);
            let value = if takes.0 { value } else { "" };
            let expect = takes.1.map_or("", |index| &draft.0[index]);
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
            if takes.1 == Some(EXPECT) {
                { text(EXPECT, "Expected value", "expect") }
            }
            if takes.1 == Some(VERSION) {
                { text(VERSION, "At version", "version") }
            }
            if takes.0 {
                { text(VALUE, "Value", "value") }
            }
            { draft.1.as_deref().map_or_else(Html::default, complaint) }
            { submit("Send it", "operation-send", true) }
        </form>
    }
}

/// Whether an operation takes a value, and where the form holds what it expects.
fn takes(kind: &str) -> (bool, Option<usize>) {
    let found = KINDS.iter().find(|(name, ..)| *name == kind);
    found.map_or((true, None), |found| (found.2, found.3))
}
