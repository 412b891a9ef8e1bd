//! The scissors: a line drawn over the ring cuts every link that it crosses.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use web_sys::{Element, PointerEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_state};

use super::pairs;
use crate::engine::Deed;
use crate::geometry::{Point, crosses, px};
use crate::intent::{Intent, Send};
use crate::layout::Layout;
use crate::words;

/// What the sheet under the scissors is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Where everything stands.
    pub(crate) layout: Rc<Layout>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The sheet that lies over the stage while the scissors are in hand.
#[component]
pub(crate) fn Scissors(props: &Props) -> Html {
    let line = use_state(|| None::<(Point, Point)>);
    let crossed = line.map_or_else(Vec::new, |(from, to)| crossed(&props.layout, from, to));
    let down = {
        let line = line.clone();
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            if let Some((target, at)) = place(&event) {
                // Without capture the line only ends at the stage's edge.
                let _ = target.set_pointer_capture(event.pointer_id());
                line.set(Some((at, at)));
            }
        })
    };
    let moved = {
        let line = line.clone();
        Callback::from(move |event: PointerEvent| {
            if let (Some((from, _)), Some((_, at))) = (*line, place(&event)) {
                line.set(Some((from, at)));
            }
        })
    };
    let up = {
        let (line, send, layout) = (line.clone(), props.send.clone(), props.layout.clone());
        Callback::from(move |event: PointerEvent| {
            if let (Some((from, _)), Some((_, at))) = (*line, place(&event)) {
                line.set(None);
                send.emit(Intent::Scissors(false));
                send.emit(cut(self::crossed(&layout, from, at)));
            }
        })
    };
    let lost = {
        let line = line.clone();
        Callback::from(move |_: PointerEvent| line.set(None))
    };
    let Layout { width, height, .. } = *props.layout;
    html! {
        <g class="scissors" data-test="scissors-sheet">
            { for crossed.iter().filter_map(|(a, b)| {
                let (a, b) = (props.layout.server(*a)?, props.layout.server(*b)?);
                Some(html! {
                    <line class="crossed" x1={px(a.x)} y1={px(a.y)} x2={px(b.x)} y2={px(b.y)} />
                })
            }) }
            if let Some((a, b)) = *line {
                <line class="edge" x1={px(a.x)} y1={px(a.y)} x2={px(b.x)} y2={px(b.y)} />
            }
            <rect width={px(width)} height={px(height)} onpointerdown={down} onpointermove={moved}
                onpointerup={up} onpointercancel={lost} />
        </g>
    }
}

/// The links that the line from `from` to `to` crosses.
fn crossed(layout: &Layout, from: Point, to: Point) -> Vec<(NodeId, NodeId)> {
    let hit = |(a, b): &(NodeId, NodeId)| match (layout.server(*a), layout.server(*b)) {
        (Some(a), Some(b)) => crosses((from, to), (a, b)),
        _ => false,
    };
    pairs(layout.servers.len()).filter(hit).collect()
}

fn cut(links: Vec<(NodeId, NodeId)>) -> Intent {
    if links.is_empty() {
        return Intent::Say(words::NOTHING_CROSSED.into());
    }
    Intent::Do(Deed::Cut(links.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]).collect()))
}

/// The sheet, and where on the stage the pointer is.
fn place(event: &PointerEvent) -> Option<(Element, Point)> {
    let sheet: Element = event.target_dyn_into()?;
    let corner = sheet.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    Some((sheet, Point::new(x - corner.left(), y - corner.top())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Part;

    #[test]
    fn a_line_past_one_server_cuts_it_off() {
        let layout = Layout::new(1280.0, 424.0, 5, 2, Part::Whole);
        let first = layout.server(NodeId(0)).expect("there are five");
        let y = first.y + layout.disc + 4.0;
        let found =
            crossed(&layout, Point::new(first.x - 200.0, y), Point::new(first.x + 200.0, y));
        assert_eq!(found, (1..5).map(|id| (NodeId(0), NodeId(id))).collect::<Vec<_>>());
        let outside = Point::new(first.x + 200.0, first.y - 60.0);
        assert!(crossed(&layout, Point::new(0.0, first.y - 60.0), outside).is_empty());
    }
}
