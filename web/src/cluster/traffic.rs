//! Messages between all processes, beside what is written: within a card in a lane left of its
//! servers, between cards in the aisle.

use shardscope_core::id::NodeId;
use shardscope_core::view::{Fate, Flight};
use yew::{Html, html};

use super::View;
use crate::decimal::decimal;
use crate::geometry::{Frame, Point, Way, within};
use crate::stage::{glyph, progress, quiet};
use crate::words;

/// More messages than this are not drawn one by one.
const CROWD: usize = 90;

/// Where a process is.
#[derive(Clone, Copy)]
enum Seat {
    Controller(Frame),
    Group(Frame, Point),
    Client(Frame),
}

/// All messages in the air.
pub(super) fn traffic(view: &View) -> Html {
    let shown = view.flights.iter().filter(|flight| view.heartbeats || !quiet(flight));
    html! {
        <g class="flights" data-test="flights">
            { for shown.take(CROWD).filter_map(|flight| one(view, flight)) }
        </g>
    }
}

fn seat(view: &View, id: NodeId) -> Option<Seat> {
    let View { cluster, floor, .. } = view;
    for (group, card) in cluster.groups.iter().zip(&floor.cards) {
        if let Some(row) = group.team.servers.iter().position(|server| server.id == id) {
            return Some(Seat::Group(*card, floor.disc(*card, row)));
        }
    }
    if cluster.controller.servers.iter().any(|server| server.id == id) {
        return Some(Seat::Controller(floor.controller));
    }
    let client = cluster.clients.iter().position(|client| client.id == id)?;
    floor.pills.get(client).map(|pill| Seat::Client(*pill))
}

/// The way from one process to another; none: within the controller, whose servers have no places.
fn way(from: Seat, to: Seat) -> Option<Way> {
    let line = |from, to| Some(Way { from, to, bend: 0.0 });
    let middle = |frame: Frame| frame.x + frame.w / 2.0;
    // Where a group's card touches the aisle above and the clients below.
    let upper = |card: Frame| Point::new(card.x + 8.0, card.y);
    let lower = |card: Frame, x: f64| {
        Point::new(within(x, card.x + 20.0, card.x + card.w - 20.0), card.y + card.h)
    };
    // Clients reach the controller along the left edge.
    let edge = |y| Point::new(10.0, y);
    match (from, to) {
        (Seat::Group(a, from), Seat::Group(b, to)) if a == b => {
            let x = a.x + if to.y > from.y { 13.0 } else { 23.0 };
            line(Point::new(x, from.y), Point::new(x, to.y))
        }
        (Seat::Group(a, _), Seat::Group(b, _)) => {
            let (from, to) = (upper(a), upper(b));
            let bend = if to.x > from.x { -24.0 } else { 24.0 };
            Some(Way { from, to, bend })
        }
        (Seat::Group(card, _), Seat::Controller(top)) => {
            let from = upper(card);
            line(from, Point::new(from.x, top.y + top.h))
        }
        (Seat::Controller(top), Seat::Group(card, _)) => {
            let to = upper(card);
            line(Point::new(to.x + 12.0, top.y + top.h), Point::new(to.x + 12.0, to.y))
        }
        (Seat::Client(pill), Seat::Group(card, _)) => {
            let x = middle(pill);
            line(Point::new(x - 6.0, pill.y), lower(card, x - 6.0))
        }
        (Seat::Group(card, _), Seat::Client(pill)) => {
            let x = middle(pill);
            line(lower(card, x + 6.0), Point::new(x + 6.0, pill.y))
        }
        (Seat::Client(pill), Seat::Controller(top)) => line(edge(pill.y), edge(top.y + top.h)),
        (Seat::Controller(top), Seat::Client(pill)) => line(edge(top.y + top.h), edge(pill.y)),
        _ => None,
    }
}

fn one(view: &View, flight: &Flight) -> Option<Html> {
    let way = way(seat(view, flight.from)?, seat(view, flight.to)?)?;
    let gone = progress(flight, view.now);
    let lost = matches!(flight.fate, Fate::Lost | Fate::Cut);
    let t = if view.still || flight.fate == Fate::Held { 0.5 } else { gone };
    let (at, heading) = way.at(t);
    let opacity = if lost { (1.0 - gone * 1.6).max(0.0) } else { 1.0 };
    Some(html! {
        <g key={flight.id} class="flight" data-test="flight" data-shape={words::shape(flight.shape)}
            opacity={(opacity < 1.0).then(|| decimal(opacity, 2).to_string())}
            transform={format!("translate({at}) scale(.6)")}>
            { glyph(flight.shape, heading, flight.agrees, None) }
        </g>
    })
}
