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

/// As much of `words` as `width` pixels hold.
fn fitted(words: &str, width: f64) -> String {
    let letters = (width / 7.3) as usize;
    if letters < 2 { String::new() } else { words::short(words, letters) }
}

/// A fault that lasts (or lasted) until `until`; its words go on to where the next one begins.
pub(super) fn fault_bar(
    ruler: Ruler,
    fault: &Fault,
    until: Instant,
    next: Option<Instant>,
) -> Html {
    let Some((x, width)) = ruler.extent(fault.from, until) else { return Html::default() };
    let end = next.map_or(ruler.right(), |next| ruler.x(next));
    let room = (end - x - 10.0).max(0.0);
    html! {
        <g class={classes!("fault", fault.until.is_none().then_some("lasting"))}>
            <title>{ fault.words.clone() }</title>
            <rect x={px(x)} y="10" width={px(width)} height="18" rx="4" />
            <text x={px(x + 6.0)} y="23">{ fitted(&fault.words, room) }</text>
        </g>
    }
}

/// A client's operations that have returned: bars, or one bar for a crowd of them that are too thin
/// to be told apart. Those that are open only keep their place free.
pub(super) fn lane<'a>(
    ruler: Ruler,
    own: impl Iterator<Item = &'a Operation>,
    y: f64,
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
            bars.extend(crowd.take().map(|crowd| crowd_bar(crowd, y)));
            let end = next.unwrap_or(ruler.right());
            bars.push(bar(ruler, operation, (x, width), end, y, pick, send));
        } else {
            let (from, end, count) = crowd.filter(|_| near).unwrap_or((x, x, 0));
            if !near {
                bars.extend(crowd.take().map(|crowd| crowd_bar(crowd, y)));
            }
            crowd = Some((from, end.max(x + width), count + 1));
        }
    }
    bars.extend(crowd.map(|crowd| crowd_bar(crowd, y)));
    html! { <g class="lane">{ bars }</g> }
}

fn crowd_bar((from, end, count): (f64, f64, u64), y: f64) -> Html {
    let words = words::count(count, "operation", "operations");
    html! {
        <g class="crowd">
            <title>{ format!("{words}: show less time to tell them apart") }</title>
            <rect x={px(from)} y={px(y + 2.0)} width={px(end - from)} height="20" rx="4" />
            <text x={px(from + 6.0)} y={px(y + 16.0)}>{ fitted(&words, end - from - 10.0) }</text>
        </g>
    }
}

/// An operation from `x` on; its words go on to `end`.
pub(super) fn bar(
    ruler: Ruler,
    operation: &Operation,
    (x, width): (f64, f64),
    end: f64,
    y: f64,
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
        <g class={classes!("operation", open, chosen.then_some("chosen"))} {onclick}
            data-test="operation">
            <title>{ words.clone() }</title>
            <rect x={px(x)} y={px(y + 2.0)} width={px(width)} height="20" rx="4" />
            { for operation.attempts.iter().skip(1).map(|(at, _)| {
                let x = ruler.x(*at);
                let (top, end) = (px(y + 18.0), px(y + 22.0));
                html! { <line class="retry" x1={px(x)} x2={px(x)} y1={top} y2={end} /> }
            }) }
            <text x={px(x + 6.0)} y={px(y + 16.0)}>{ fitted(&words, end - x - 8.0) }</text>
        </g>
    }
}
