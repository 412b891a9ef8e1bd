//! What the shapes mean, right of the clients.

use std::rc::Rc;

use shardscope_core::view::Shape;
use yew::{Html, MouseEvent, Properties, component, html};

use super::glyph;
use crate::geometry::px;
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

const KINDS: [(Shape, &str, f64); 6] = [
    (Shape::Vote, "vote", 74.0),
    (Shape::Append, "append", 90.0),
    (Shape::AppendReply, "answer", 88.0),
    (Shape::Snapshot, "snapshot", 102.0),
    (Shape::Request, "client", 80.0),
    (Shape::Heartbeat, "heartbeat", 0.0),
];

/// The legend.
#[component]
pub(crate) fn Legend(props: &Props) -> Html {
    let layout = &props.layout;
    let begin = layout.clients.last().map_or(0.0, |pill| pill.x + pill.w) + 36.0;
    let end = layout.card.x + layout.card.w;
    let y = layout.clients.first().map_or(0.0, |pill| pill.y + pill.h / 2.0);
    let whole: f64 = KINDS.iter().map(|kind| kind.2).sum::<f64>() + 92.0;
    let mut x = (end - whole).max(begin);
    let onclick = props.send.reform(|_: MouseEvent| Intent::Heartbeats);
    let mut parts = Vec::new();
    for (shape, name, width) in KINDS {
        let hidden = shape == Shape::Heartbeat && !props.heartbeats;
        let last = if width == 0.0 { 92.0 } else { width };
        if x + last > end + 1.0 {
            break;
        }
        let beat = (shape == Shape::Heartbeat).then(|| onclick.clone());
        let yes = (shape == Shape::AppendReply).then_some(true);
        parts.push(html! {
            <g class={if hidden { "kind hidden" } else { "kind" }} onclick={beat}
                transform={format!("translate({} {})", px(x), px(y))}>
                <title>{ words::shape_help(shape) }</title>
                <g transform="scale(.8)">{ glyph(shape, 0.0, yes, None) }</g>
                <text x="24" y="4">{ name }</text>
            </g>
        });
        x += width;
    }
    html! { <g class="legend" aria-hidden="true">{ parts }</g> }
}
