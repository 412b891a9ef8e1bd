//! What the shapes mean, right of the clients.

use std::rc::Rc;

use shardscope_core::view::Shape;
use yew::{Html, MouseEvent, Properties, component, html};

use super::{glyph, on_press};
use crate::geometry::{Point, px};
use crate::intent::{Intent, Send};
use crate::layout::Layout;
use crate::words;

/// What the legend is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Where everything stands.
    pub(crate) layout: Rc<Layout>,
    /// Heartbeats are drawn.
    pub(crate) heartbeats: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The width of the button for the heartbeats.
const TOGGLE: f64 = 148.0;

/// The shapes of messages, with the room that each takes.
const KINDS: [(Shape, &str, f64); 6] = [
    (Shape::Vote, "vote", 68.0),
    (Shape::Append, "append", 86.0),
    (Shape::AppendReply, "answer", 84.0),
    (Shape::Snapshot, "snapshot", 98.0),
    (Shape::Request, "client asks", 104.0),
    (Shape::Response, "is answered", 104.0),
];

/// The marks of servers and logs, their explanation, and the room that each takes.
const MARKS: [(&str, &str, &str, f64); 5] = [
    ("timer", "election timer", words::TIMER_HELP, 116.0),
    ("pips", "votes", words::VOTES_HELP, 78.0),
    (
        "dashed",
        "not known committed",
        "This server does not know that the entry is committed (§5.3).",
        158.0,
    ),
    (
        "marks",
        "stored, next",
        "▲ up to here the leader knows the follower to store its log, △ it sends this next (§5.3).",
        110.0,
    ),
    ("block", "in a snapshot", "Everything up to that slot is in a snapshot (§7).", 140.0),
];

/// The legend: messages, and under them marks.
#[component]
pub(crate) fn Legend(props: &Props) -> Html {
    let layout = &props.layout;
    let last = layout.rest.map(|rest| rest.0).or(layout.clients.last().copied());
    let pill = last.unwrap_or_default();
    let (begin, end) = (pill.x + pill.w + 28.0, layout.card.x + layout.card.w);
    let marks: f64 = MARKS.iter().map(|mark| mark.3).sum();
    let kinds: f64 = KINDS.iter().map(|kind| kind.2).sum();
    let begin = (end - (kinds + TOGGLE + 20.0).max(marks)).max(begin);
    if begin + TOGGLE > end {
        return Html::default();
    }
    let (upper, lower) = (pill.y + pill.h / 2.0 - 11.0, pill.y + pill.h / 2.0 + 13.0);
    let mut parts = messages(&KINDS, Point::new(begin + TOGGLE + 20.0, upper), end + 1.0);
    let mut x = begin + 10.0;
    for (what, name, help, width) in MARKS {
        if x + width > end + 11.0 {
            break;
        }
        parts.push(kind(Point::new(x, lower), mark(what), name, help));
        x += width;
    }
    html! {
        <g class="legend">
            { toggle(props, begin, upper) }
            <g aria-hidden="true">{ parts }</g>
        </g>
    }
}

/// The shapes of messages alone, in two lines; nothing where the first does not fit.
pub(crate) fn brief(at: Point, end: f64) -> Html {
    let first: f64 = KINDS[..3].iter().map(|kind| kind.2).sum();
    if at.x + first > end {
        return Html::default();
    }
    let [vote, append, answer, snapshot, asks, answered] = KINDS;
    let below = Point::new(at.x, at.y + 22.0);
    html! {
        <g class="legend" aria-hidden="true">
            { messages(&[vote, append, answer], at, end) }
            { messages(&[asks, answered, snapshot], below, end) }
        </g>
    }
}

/// As many of these in a line as there is room for.
fn messages(kinds: &[(Shape, &'static str, f64)], at: Point, end: f64) -> Vec<Html> {
    let mut x = at.x;
    let mut drawn = Vec::new();
    for (shape, name, width) in kinds {
        if x + width > end {
            break;
        }
        let yes = (*shape == Shape::AppendReply).then_some(true);
        let sign = html! { <g transform="scale(.8)">{ glyph(*shape, 0.0, yes, None) }</g> };
        drawn.push(kind(Point::new(x, at.y), sign, name, words::shape_help(*shape)));
        x += width;
    }
    drawn
}

fn kind(at: Point, drawn: Html, name: &'static str, help: &'static str) -> Html {
    html! {
        <g class="kind" transform={format!("translate({at})")}>
            <title>{ help }</title>
            { drawn }
            <text x="24" y="4">{ name }</text>
        </g>
    }
}

fn mark(what: &str) -> Html {
    match what {
        "timer" => html! { <path class="timer" d="M0 -7a7 7 0 1 1 -7 7" /> },
        "pips" => html! {
            <g class="pips">
                <circle class="yes" cx="-3" r="2.5" /><circle class="open" cx="4" r="2.5" />
            </g>
        },
        "dashed" => html! { <rect class="dashed" x="-10" y="-7" width="24" height="14" rx="3" /> },
        "block" => html! { <rect class="block" x="-10" y="-7" width="24" height="14" rx="3" /> },
        _ => html! {
            <>
                <path class="match" d="M-3 -3l-5 6h10z" />
                <path class="next" d="M10 -3l-5 6h10z" />
            </>
        },
    }
}

/// The button that shows and hides heartbeats.
fn toggle(props: &Props, x: f64, y: f64) -> Html {
    let onclick = props.send.reform(|_: MouseEvent| Intent::Heartbeats);
    let state = if props.heartbeats { "shown" } else { "hidden" };
    html! {
        <g class="toggle" role="button" tabindex="0" aria-pressed={props.heartbeats.to_string()}
            {onclick} onkeydown={on_press(&props.send, || Intent::Heartbeats)}
            transform={format!("translate({})", Point::new(x, y))} data-test="heartbeats">
            // Not the button's own title: that would be its name, which is what is seen.
            <g aria-hidden="true">
                <title>{ words::shape_help(Shape::Heartbeat) }</title>
                <rect class="body" y="-11" width={px(TOGGLE)} height="22" rx="11" />
                <g transform="translate(18 0)scale(.8)">
                    { glyph(Shape::Heartbeat, 0.0, None, None) }
                </g>
            </g>
            <text x="38" y="4">{ format!("heartbeats: {state}") }</text>
        </g>
    }
}
