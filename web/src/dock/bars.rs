//! Bars on the time axis: faults, and clients' operations.

use shardscope_core::time::Instant;
use shardscope_core::view::{Fault, Operation};
use yew::{Callback, Html, MouseEvent, classes, html};

use super::Ruler;
use crate::geometry::px;
use crate::intent::{Intent, Pick, Send};
use crate::words;

/// A bar thinner than this joins its neighbours.
const THIN: f64 = 7.0;

/// As much of `words` as `width` pixels hold, with letters of `letter` pixels.
fn fitted(words: &str, width: f64, letter: f64) -> String {
    let letters = (width / letter) as usize;
    if letters < 2 { String::new() } else { words::short(words, letters) }
}

/// How high a lane of the faults is.
pub(super) const THIN_LANE: f64 = 15.0;

/// Where the operations of one client lie.
#[derive(Clone, Copy)]
pub(super) struct Lane {
    /// Its upper edge.
    pub(super) y: f64,
    /// Its height.
    pub(super) height: f64,
}

impl Lane {
    /// The base line of what is written in it.
    pub(super) fn words(self) -> f64 {
        self.y + self.height / 2.0 + 4.0
    }

    fn rect(self, x: f64, width: f64) -> Html {
        let (y, height) = (px(self.y + 2.0), px(self.height - 4.0));
        html! { <rect x={px(x)} {y} width={px(width)} {height} rx="4" /> }
    }
}

/// A fault whose bar reaches to `until`, and of which one sees the part to `seen`.
pub(super) fn fault_bar(ruler: Ruler, fault: &Fault, (until, seen): (Instant, Instant)) -> Html {
    let Some((x, width)) = ruler.extent(fault.from, until) else { return Html::default() };
    let room = ruler.extent(fault.from, seen).map_or(0.0, |(_, width)| width);
    let y = 8.0 + THIN_LANE * f64::from(fault.lane);
    html! {
        <g class={classes!("fault", fault.until.is_none().then_some("lasting"))}>
            <title>{ fault.words.clone() }</title>
            <rect x={px(x)} y={px(y)} width={px(width)} height="14" rx="3" />
            <text x={px(x + 5.0)} y={px(y + 11.0)}>{ fitted(&fault.words, room - 8.0, 6.4) }</text>
        </g>
    }
}

/// A client's operations that have returned: bars, or one bar for a crowd of them that are too thin
/// to be told apart. Those that are open only keep their place free.
pub(super) fn lane<'a>(
    ruler: Ruler,
    own: impl Iterator<Item = &'a Operation>,
    lane: Lane,
    pick: Option<&Pick>,
    send: &Send,
) -> Html {
    let own = own.filter_map(|op| {
        let until = op.returned.as_ref().map_or(op.called, |(at, _)| *at);
        ruler.extent(op.called, until).map(|place| (op, place))
    });
    let mut bars = Vec::new();
    let mut crowd: Option<(f64, f64, u64)> = None;
    let mut own = own.peekable();
    while let Some((operation, (x, width))) = own.next() {
        let next = own.peek().map(|(_, (x, _))| *x);
        if operation.returned.is_none() {
            continue;
        }
        let near = crowd.is_some_and(|(_, end, _)| x < end + THIN);
        if width >= THIN || (!near && next.is_none_or(|next| next > x + width + THIN)) {
            bars.extend(crowd.take().map(|crowd| crowd_bar(crowd, lane)));
            bars.push(bar(ruler, operation, ((x, width), width), lane, pick, send));
        } else {
            let (from, end, count) = crowd.filter(|_| near).unwrap_or((x, x, 0));
            if !near {
                bars.extend(crowd.take().map(|crowd| crowd_bar(crowd, lane)));
            }
            crowd = Some((from, end.max(x + width), count + 1));
        }
    }
    bars.extend(crowd.map(|crowd| crowd_bar(crowd, lane)));
    html! { <g class="lane">{ bars }</g> }
}

fn crowd_bar((from, end, count): (f64, f64, u64), lane: Lane) -> Html {
    let words = words::count(count, "operation", "operations");
    // Where the words do not fit the number alone says enough; a part of it would lie.
    let (room, number) = (end - from - 10.0, count.to_string());
    let fits = |text: &String| text.len() as f64 * 7.3 <= room;
    let shown = [words.clone(), number].into_iter().find(fits).unwrap_or_default();
    html! {
        <g class="crowd">
            <title>{ format!("{words}: show less time to tell them apart") }</title>
            { lane.rect(from, end - from) }
            <text x={px(from + 6.0)} y={px(lane.words())}>{ shown }</text>
        </g>
    }
}

/// An operation from `x` on, of which one sees the first `room` pixels.
pub(super) fn bar(
    ruler: Ruler,
    operation: &Operation,
    ((x, width), room): ((f64, f64), f64),
    lane: Lane,
    chosen: Option<&Pick>,
    send: &Send,
) -> Html {
    let words = match &operation.returned {
        Some((_, answer)) => format!("{} → {answer}", operation.words),
        None => format!("{} …", operation.words),
    };
    let pick = Pick::Operation(operation.client, operation.called);
    let chosen = chosen == Some(&pick);
    let onclick = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Intent::Select(Some(pick.clone()))))
    };
    let open = operation.returned.is_none().then_some("open");
    html! {
        <g class={classes!("operation", open, chosen.then_some("chosen"),
            operation.odd.then_some("odd"))} {onclick}
            data-test="operation">
            <title>{ words.clone() }</title>
            { lane.rect(x, width) }
            { for operation.attempts.iter().skip(1).filter_map(|(at, _)| {
                let (x, _) = ruler.extent(*at, *at)?;
                let end = lane.y + lane.height - 2.0;
                let (top, end) = (px(end - 2.0), px(end + 2.0));
                Some(html! { <line class="retry" x1={px(x)} x2={px(x)} y1={top} y2={end} /> })
            }) }
            { for operation.point.and_then(|at| ruler.extent(at, at)).map(|(x, _)| {
                let (top, end) = (px(lane.y + 2.0), px(lane.y + lane.height - 2.0));
                html! { <line class="point" x1={px(x)} x2={px(x)} y1={top} y2={end} /> }
            }) }
            <text x={px(x + 6.0)} y={px(lane.words())}>{ fitted(&words, room - 8.0, 7.3) }</text>
        </g>
    }
}
