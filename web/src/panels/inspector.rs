//! The inspector: the fields of whatever is selected.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::time::Instant;
use shardscope_core::view::{Client, Dock, Flight, Operation, Stage};
use yew::{Html, MouseEvent, Properties, component, html};

use super::why::because;
use super::{choices, messages, server};
use crate::actions;
use crate::engine::Because;
use crate::icons::{Icon, icon};
use crate::intent::{Dialog, Intent, Pick, Send};
use crate::words::{self, Names};

/// Its name in the document.
pub(crate) const INSPECTOR: &str = "inspector";

/// What the inspector is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What it shows.
    pub(crate) pick: Pick,
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// The picture before it, to see what changed.
    pub(crate) before: Rc<Stage>,
    /// What waits and has to do with it.
    pub(crate) because: Rc<Vec<Because>>,
    /// The messages in the air.
    pub(crate) flights: Rc<Vec<Flight>>,
    /// What happened.
    pub(crate) dock: Rc<Dock>,
    /// What everybody is called.
    pub(crate) names: Names,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The inspector.
#[component]
pub(crate) fn Inspector(props: &Props) -> Html {
    let close = props.send.reform(|_: MouseEvent| Intent::Select(None));
    let (title, body) = content(props);
    html! {
        <aside class="inspector" id={INSPECTOR} tabindex="-1" aria-label="Inspector"
            data-test="inspector">
            <header>
                <h2>{ title }</h2>
                <button class="tool" onclick={close} aria-label="Close the inspector"
                    title="Close (Esc)"
                    data-test="close-inspector">
                    { icon(Icon::Cross) }
                </button>
            </header>
            <div class="body">{ body }</div>
        </aside>
    }
}

fn content(props: &Props) -> (String, Html) {
    let Props { stage, flights, dock, send, .. } = props;
    let gone = || html! { <p class="muted">{ "It is not there at this moment." }</p> };
    match &props.pick {
        Pick::Server(id) => match stage.servers.iter().find(|server| server.id == *id) {
            Some(found) => (format!("Server {}", found.name), {
                let before = props.before.servers.iter().find(|server| server.id == *id);
                let why = because(&props.because, send);
                server::sheet(found, before.unwrap_or(found), stage, why, send)
            }),
            None => (words::server_name(*id), gone()),
        },
        Pick::Client(id) => match stage.clients.iter().find(|client| client.id == *id) {
            Some(client) => (client.name.clone(), client_sheet(client, props)),
            None => ("Client".into(), gone()),
        },
        Pick::Link(a, b) => (
            format!("Link {} – {}", words::server_name(*a), words::server_name(*b)),
            link_sheet(*a, *b, props),
        ),
        Pick::Message(id) => (
            "Message".into(),
            match flights.iter().find(|flight| flight.id == *id) {
                Some(flight) => messages::sheet(flight, stage, send),
                None => html! { <p class="muted">{ "It has arrived, or was lost." }</p> },
            },
        ),
        Pick::Messages => ("Messages in flight".into(), messages::all(flights, stage, send)),
        Pick::Operation(client, called) => (
            "Operation".into(),
            match dock.operations.iter().find(|op| op.client == *client && op.called == *called) {
                Some(operation) => operation_sheet(operation, props),
                None => gone(),
            },
        ),
    }
}

/// A field: its name, and its value.
pub(crate) fn field(name: &str, value: impl Into<String>) -> Html {
    html! { <><dt>{ name.to_owned() }</dt><dd>{ value.into() }</dd></> }
}

/// A field that is tinted if its value is another than it was.
pub(crate) fn changing(name: &str, value: String, before: &str) -> Html {
    let class = (value != before).then_some("changed");
    html! { <><dt>{ name.to_owned() }</dt><dd {class}>{ value }</dd></> }
}

fn client_sheet(client: &Client, props: &Props) -> Html {
    let call = client.call.as_ref();
    let open = props.send.reform(|_: MouseEvent| Intent::Open(Some(Dialog::Operation)));
    html! {
        <>
            <dl>
                { field("operation", words::client_call(call)) }
                { field("state", words::client_state(call, &props.names)) }
                if let Some(call) = call {
                    { field("since", words::clock(call.since.as_micros())) }
                    if call.attempts > 0 {
                        { field("attempts", call.attempts.to_string()) }
                    }
                }
                { field("waiting behind it", client.queued.to_string()) }
                { field("answered so far", client.answered.to_string()) }
            </dl>
            if call.is_some() {
                { because(&props.because, &props.send) }
            }
            <p class="muted">
                { words::CLIENT_HELP }
            </p>
            <div class="choices">
                <button class="choice" onclick={open} data-test="operation">
                    { icon(Icon::Write) }<span class="what">{ "New operation…" }</span><kbd>
                        { "N" }</kbd>
                </button>
            </div>
        </>
    }
}

fn link_sheet(a: NodeId, b: NodeId, props: &Props) -> Html {
    let state = |from, to| {
        if props.stage.cuts.contains(&(from, to)) { "cut" } else { "whole" }
    };
    let (an, bn) = (words::server_name(a), words::server_name(b));
    let between = |flight: &&Flight| {
        (flight.from == a && flight.to == b) || (flight.from == b && flight.to == a)
    };
    let flying = props.flights.iter().filter(between).count();
    html! {
        <>
            <dl>
                { field(&format!("{an} to {bn}"), state(a, b)) }
                { field(&format!("{bn} to {an}"), state(b, a)) }
                { field("messages on it", flying.to_string()) }
            </dl>
            { choices(actions::of_link(a, b, &props.stage), &props.send) }
        </>
    }
}

fn operation_sheet(operation: &Operation, props: &Props) -> Html {
    let Props { stage, names, .. } = props;
    let at = |at: Instant| words::clock(at.as_micros());
    let why = || because(&props.because, &props.send);
    html! {
        <>
            { operation.returned.is_none().then(why) }
            <dl data-test="operation-sheet">
                { field("client", words::node(stage, operation.client)) }
                { field("operation", operation.words.clone()) }
                { field("called", at(operation.called)) }
                if let Some((when, answer)) = &operation.returned {
                    { field("answer", answer.clone()) }
                    { field("returned", at(*when)) }
                    { field("took", words::length(when.since(operation.called).as_micros())) }
                } else {
                    { field("answer", "none yet: it may or may not have happened") }
                }
                if let Some(server) = operation.answered_by {
                    { field("answered by", names.of(server)) }
                }
                { for operation.attempts.iter().enumerate().map(|(i, (when, to))| {
                    field(&format!("attempt {}", i + 1), format!("{} to {}", at(*when),
                        names.of(*to)))
                }) }
            </dl>
        </>
    }
}
