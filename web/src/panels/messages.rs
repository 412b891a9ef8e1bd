//! Messages in flight: one of them, or the list.

use shardscope_core::view::{Flight, Stage};
use yew::{Html, MouseEvent, html};

use super::choices;
use super::inspector::field;
use crate::actions;
use crate::intent::{Intent, Pick, Send};
use crate::stage::glyph;
use crate::words;

/// More messages than this are only counted.
const SHOWN: usize = 60;

/// The fields of one message.
pub(super) fn sheet(flight: &Flight, stage: &Stage, send: &Send) -> Html {
    html! {
        <>
            <p class="lead">{ flight.words.clone() }</p>
            { choices(actions::of_message(flight.id), send) }
            <dl>
                { field("kind", words::shape(flight.shape)) }
                { field("from", words::node(stage, flight.from)) }
                { field("to", words::node(stage, flight.to)) }
                if let Some(term) = flight.term {
                    { field("term", term.to_string()) }
                }
                { field("sent", words::clock(flight.sent.as_micros())) }
                { field("arrives", words::clock(flight.arrives.as_micros())) }
                { field("fate", words::fate(flight)) }
                if flight.twin {
                    { field("copy", "a duplicate of another message") }
                }
            </dl>
            <p class="muted">{ words::shape_help(flight.shape) }</p>
        </>
    }
}

/// The list of all messages.
pub(super) fn all(flights: &[Flight], stage: &Stage, send: &Send) -> Html {
    if flights.is_empty() {
        return html! { <p class="muted">{ "Nothing is in the air at this moment." }</p> };
    }
    let line = |flight: &Flight| {
        let id = flight.id;
        let onclick = send.reform(move |_: MouseEvent| Intent::Select(Some(Pick::Message(id))));
        html! {
            <button class="choice message" {onclick} data-test="message">
                <svg class="sample" viewBox="-20 -14 40 28" width="40" height="28"
                    aria-hidden="true">
                    { glyph(flight.shape, 0.0, flight.agrees, None) }
                </svg>
                <span class="what">
                    { format!("{} → {}", words::node(stage, flight.from),
                        words::node(stage, flight.to)) }
                    <small>{ flight.words.clone() }</small>
                </span>
            </button>
        }
    };
    html! {
        <div class="choices" data-test="messages-list">
            { for flights.iter().take(SHOWN).map(line) }
            if flights.len() > SHOWN {
                <p class="muted">{ format!("and {} more", flights.len() - SHOWN) }</p>
            }
        </div>
    }
}
