//! Messages on their way: the only part of the stage that moves on every frame, with the timers.

use shardscope_core::time::Instant;
use shardscope_core::view::{Fate, Flight, Shape};
use yew::{Callback, Html, MouseEvent, classes, html};

use super::light::Light;
use super::{View, glyph};
use crate::decimal::decimal;
use crate::geometry::{Point, Way};
use crate::intent::{Intent, Pick};
use crate::words;

/// More than this many messages are not drawn one by one.
const CROWD: usize = 120;
/// Where a lost message ends its way.
const LOST_AT: f64 = 0.45;

/// All messages in the air.
pub(crate) fn flights(view: &View, light: &Light) -> Html {
    let shown = view.flights.iter().filter(|flight| view.heartbeats || !quiet(flight));
    html! {
        <g class="flights" data-test="flights">
            { for shown.take(CROWD).filter_map(|flight| one(view, light, flight)) }
        </g>
    }
}

/// Heartbeats and their answers: hidden unless asked for.
pub(crate) fn quiet(flight: &Flight) -> bool {
    flight.beat
}

/// How much of its way a message has behind it, from 0 to 1.
pub(crate) fn progress(flight: &Flight, now: Instant) -> f64 {
    let length = flight.arrives.since(flight.sent).as_micros().max(1);
    (now.since(flight.sent).as_micros() as f64 / length as f64).min(1.0)
}

fn one(view: &View, light: &Light, flight: &Flight) -> Option<Html> {
    let way = view.layout.way(flight.from, flight.to, view.stage.servers.len())?;
    let gone = progress(flight, view.now);
    let lost = matches!(flight.fate, Fate::Lost | Fate::Cut);
    let t = match flight.fate {
        _ if view.still => 0.5,
        Fate::Held => 0.5,
        _ if lost => gone.min(LOST_AT),
        Fate::Arrives => gone,
        _ => gone,
    };
    let (at, heading) = way.at(t);
    let chosen = view.pick == Some(Pick::Message(flight.id));
    let fading = lost && gone > LOST_AT;
    let opacity = if fading { (1.0 - (gone - LOST_AT) / 0.35).max(0.0) } else { 1.0 };
    if fading && opacity <= 0.0 && !chosen {
        return None;
    }
    let onclick = {
        let (send, id) = (view.send.clone(), flight.id);
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            send.emit(Intent::Select(Some(Pick::Message(id))));
        })
    };
    let aside = light.along(flight.from, flight.to);
    let number = (flight.shape == Shape::Append).then_some(flight.entries);
    Some(html! {
        <g key={flight.id} class={classes!("flight", chosen.then_some("chosen"), aside)} {onclick}
            data-test="flight" data-shape={words::shape(flight.shape)}>
            if view.still {
                { still_way(way) }
            }
            if lost && gone > LOST_AT - 0.05 {
                { cross(way.at(LOST_AT).0, gone) }
            }
            <g transform={format!("translate({at})")}
                opacity={(opacity < 1.0).then(|| decimal(opacity, 2).to_string())}>
                <circle class="hit" r="14" />
                if flight.twin {
                    <g class="twin" transform="translate(4 -4)">
                        { glyph(flight.shape, heading, flight.agrees, None) }
                    </g>
                }
                { glyph(flight.shape, heading, flight.agrees, number) }
                if flight.fate == Fate::Held {
                    <path class="badge" d="M12 -14v8M17 -14v8" />
                } else if flight.delayed {
                    <path class="badge" d="M15 -16a5 5 0 1 0 .01 0M15 -14v3l2 1" />
                }
            </g>
        </g>
    })
}

/// Under reduced motion: the way as an arrow, with the shape at its middle.
fn still_way(way: Way) -> Html {
    html! { <path class="trail" d={way.path()} /> }
}

fn cross(at: Point, gone: f64) -> Html {
    let opacity = if gone > 0.85 { (1.0 - gone) / 0.15 } else { 1.0 };
    html! {
        <path class="lost" d="M-6 -6L6 6M6 -6L-6 6" opacity={decimal(opacity, 2).to_string()}
            transform={format!("translate({at})")} />
    }
}
