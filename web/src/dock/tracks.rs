//! Faults, clients' operations and the scrubber on one horizontal time axis.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::time::Instant;
use shardscope_core::view::{Dock, Fault, Mark, MarkKind, Operation};
use yew::{Callback, Html, KeyboardEvent, MouseEvent, NodeRef, PointerEvent, Properties};
use yew::{WheelEvent, classes, component, html};

use super::{Window, ticks};
use crate::decimal::{decimal, tenths};
use crate::geometry::{Point, px, within};
use crate::intent::{Intent, Pick, Send};
use crate::words;

const LABELS: f64 = 84.0;
const LANE: f64 = 24.0;
const RULER: f64 = 26.0;
/// A bar thinner than this joins its neighbours.
const THIN: f64 = 7.0;

/// What the tracks are drawn from.
pub(crate) struct Axis {
    /// What happened.
    pub(crate) dock: Rc<Dock>,
    /// The stretch of time shown.
    pub(crate) window: Window,
    /// The cursor.
    pub(crate) now: Instant,
    /// The end of what was simulated.
    pub(crate) head: Instant,
    /// Width of the drawing.
    pub(crate) width: f64,
    /// The number of the first client, and how many there are.
    pub(crate) clients: (u16, u16),
    /// What the inspector shows.
    pub(crate) pick: Option<Pick>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The tracks, in the element `node`.
pub(crate) fn tracks(props: &Axis, node: &NodeRef) -> Html {
    let height = 8.0 + LANE * (1.0 + f64::from(props.clients.1)) + RULER + 6.0;
    let (w, h) = (px(props.width), px(height));
    let now = props.now.as_micros();
    html! {
        <svg ref={node.clone()} class="tracks" width={w.clone()} height={h.clone()} role="slider"
            tabindex="0"
            viewBox={format!("0 0 {w} {h}")} aria-label="Time" aria-valuemin="0"
            aria-valuemax={props.head.as_micros().to_string()} aria-valuenow={now.to_string()}
            aria-valuetext={words::clock(now)} data-test="scrubber" onkeydown={keys(props)}
            onpointerdown={pointer(props, node, true)} onpointermove={pointer(props, node, false)}
            onpointerup={release(props)} onpointercancel={release(props)} onwheel={wheel(props)}>
            <Still dock={props.dock.clone()} window={props.window} width={props.width} {height}
                clients={props.clients} head={props.head} pick={props.pick.clone()}
                send={props.send.clone()} />
            { head(props, height) }
        </svg>
    }
}

fn x_of(window: Window, width: f64, at: Instant) -> f64 {
    LABELS + within(window.place(at), -0.2, 1.2) * axis(width)
}

fn axis(width: f64) -> f64 {
    (width - LABELS - 30.0).max(40.0)
}

fn head(props: &Axis, height: f64) -> Html {
    let x = x_of(props.window, props.width, props.now);
    let words = format!("{} s", decimal(props.now.as_micros() as f64 / 1e6, 3));
    let half = 34.0;
    let label = within(x, LABELS + half - 8.0, props.width - half - 4.0);
    html! {
        <g class="playhead">
            <line x1={px(x)} x2={px(x)} y1="2" y2={px(height - 18.0)} />
            <rect x={px(label - half)} y={px(height - 24.0)} width={px(2.0 * half)} height="20"
                rx="10" />
            <text x={px(label)} y={px(height - 10.0)}>{ words }</text>
        </g>
    }
}

fn moment(window: Window, width: f64, node: &NodeRef, event: &PointerEvent) -> Option<Instant> {
    let place = node.cast::<web_sys::Element>()?.get_bounding_client_rect();
    let x = f64::from(event.client_x()) - place.left();
    Some(window.moment((x - LABELS) / axis(width)))
}

fn pointer(props: &Axis, node: &NodeRef, begins: bool) -> Callback<PointerEvent> {
    let (send, node, window, width) = (props.send.clone(), node.clone(), props.window, props.width);
    let head = props.head;
    Callback::from(move |event: PointerEvent| {
        let held = event.buttons() & 1 == 1;
        if !held {
            return;
        }
        if begins {
            if let Some(element) = node.cast::<web_sys::Element>() {
                // A pointer that has gone already cannot be captured; then it is a click.
                let _ = element.set_pointer_capture(event.pointer_id());
            }
            send.emit(Intent::Scrubbing(true));
        }
        if let Some(at) = moment(window, width, &node, &event) {
            send.emit(Intent::Seek(at.min(head)));
        }
    })
}

fn release(props: &Axis) -> Callback<PointerEvent> {
    props.send.reform(|_| Intent::Scrubbing(false))
}

fn wheel(props: &Axis) -> Callback<WheelEvent> {
    let (send, span) = (props.send.clone(), props.window.span as f64);
    Callback::from(move |event: WheelEvent| {
        let by = (event.delta_y() + event.delta_x()) / 1000.0 * span * 0.4;
        send.emit(Intent::SeekBy(by as i64));
    })
}

fn keys(props: &Axis) -> Callback<KeyboardEvent> {
    let (send, head) = (props.send.clone(), props.head);
    Callback::from(move |event: KeyboardEvent| {
        let intent = match (event.key().as_str(), event.shift_key()) {
            ("ArrowLeft", true) => Intent::SeekBy(-100_000),
            ("ArrowRight", true) => Intent::SeekBy(100_000),
            ("ArrowLeft" | "ArrowDown", false) => Intent::StepBack,
            ("ArrowRight" | "ArrowUp", false) => Intent::StepForward,
            ("Home", _) => Intent::Seek(Instant::ZERO),
            ("End", _) => Intent::Seek(head),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        send.emit(intent);
    })
}

/// What the still part is drawn from.
#[derive(Clone, PartialEq, Properties)]
struct StillProps {
    dock: Rc<Dock>,
    window: Window,
    width: f64,
    height: f64,
    clients: (u16, u16),
    head: Instant,
    pick: Option<Pick>,
    send: Send,
}

#[component]
fn Still(props: &StillProps) -> Html {
    let ruler = props.height - RULER - 6.0;
    let (left, right) = (LABELS, LABELS + axis(props.width));
    html! {
        <g class="still">
            <text class="track" x="20" y={px(8.0 + 15.0)}>{ "Faults" }</text>
            { for (0..props.clients.1).map(|i| html! {
                <text class="track" x="20" y={px(8.0 + LANE * f64::from(i + 1) + 15.0)}>
                    { format!("Client {}", i + 1) }
                </text>
            }) }
            { for ticks(props.window).map(|tick| tick_line(props, tick, ruler)) }
            <line class="axis" x1={px(left)} x2={px(right)} y1={px(ruler)} y2={px(ruler)} />
            if props.dock.faults.is_empty() {
                <text class="none" x={px(left)} y={px(8.0 + 15.0)}>{ "None so far." }</text>
            }
            { for props.dock.faults.iter().enumerate().map(|(i, fault)| {
                let next = props.dock.faults.get(i + 1).map(|fault| fault.from);
                fault_bar(props, fault, next)
            }) }
            { for (0..props.clients.1).map(|i| lane(props, NodeId(props.clients.0 + i), i)) }
            { for props.dock.marks.iter().map(|mark| mark_sign(props, mark, ruler)) }
        </g>
    }
}

fn tick_line(props: &StillProps, tick: u64, ruler: f64) -> Html {
    let at = Instant::from_micros(tick);
    let x = x_of(props.window, props.width, at);
    let words = if props.window.span < 20_000 {
        format!("{} ms", tenths(tick as f64 / 1e3))
    } else if props.window.span < 2_000_000 {
        format!("{} ms", tick / 1000)
    } else {
        format!("{} s", tenths(tick as f64 / 1e6))
    };
    html! {
        <g class="tick">
            <line x1={px(x)} x2={px(x)} y1="6" y2={px(ruler)} />
            <text x={px(x)} y={px(ruler + 18.0)}>{ words }</text>
        </g>
    }
}

/// The part of a stretch of time that is on the axis, in pixels.
fn extent(props: &StillProps, from: Instant, until: Instant) -> Option<(f64, f64)> {
    if until.as_micros() < props.window.from || from > props.window.end() {
        return None;
    }
    let a = x_of(props.window, props.width, from).max(LABELS);
    let b = x_of(props.window, props.width, until).min(LABELS + axis(props.width));
    Some((a, (b - a).max(3.0)))
}

/// As much of `words` as `width` pixels hold.
fn fitted(words: &str, width: f64) -> String {
    let letters = (width / 7.3) as usize;
    if letters < 2 { String::new() } else { words::short(words, letters) }
}

fn fault_bar(props: &StillProps, fault: &Fault, next: Option<Instant>) -> Html {
    let until = fault.until.unwrap_or(props.head);
    let Some((x, width)) = extent(props, fault.from, until) else { return Html::default() };
    let end = next.map_or(LABELS + axis(props.width), |next| x_of(props.window, props.width, next));
    let room = (end - x - 10.0).max(0.0);
    html! {
        <g class={classes!("fault", fault.until.is_none().then_some("lasting"))}>
            <title>{ fault.words.clone() }</title>
            <rect x={px(x)} y="10" width={px(width)} height="18" rx="4" />
            <text x={px(x + 6.0)} y="23">{ fitted(&fault.words, room) }</text>
        </g>
    }
}

/// A client's operations: bars, or one bar for a crowd of them that are too thin to be told apart.
fn lane(props: &StillProps, client: NodeId, index: u16) -> Html {
    let y = 8.0 + LANE * f64::from(index + 1);
    let own = props.dock.operations.iter().filter(|op| op.client == client);
    let own = own.filter_map(|op| {
        let until = op.returned.as_ref().map_or(props.head, |(at, _)| *at);
        extent(props, op.called, until).map(|place| (op, place))
    });
    let mut bars = Vec::new();
    let mut crowd: Option<(f64, f64, u64)> = None;
    let mut own = own.peekable();
    while let Some((operation, (x, width))) = own.next() {
        let next = own.peek().map(|(_, (x, _))| *x);
        let near = crowd.is_some_and(|(_, end, _)| x < end + THIN);
        if width >= THIN || (!near && next.is_none_or(|next| next > x + width + THIN)) {
            bars.extend(crowd.take().map(|crowd| crowd_bar(crowd, y)));
            let end = next.unwrap_or(LABELS + axis(props.width));
            bars.push(bar(props, operation, (x, width), end, y));
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

fn bar(
    props: &StillProps,
    operation: &Operation,
    (x, width): (f64, f64),
    end: f64,
    y: f64,
) -> Html {
    let words = match &operation.returned {
        Some((_, answer)) => format!("{} → {answer}", operation.words),
        None => format!("{} …", operation.words),
    };
    let pick = Pick::Operation(operation.client, operation.called);
    let chosen = props.pick.as_ref() == Some(&pick);
    let onclick = {
        let send = props.send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Intent::Select(Some(pick.clone()))))
    };
    let open = operation.returned.is_none().then_some("open");
    html! {
        <g class={classes!("operation", open, chosen.then_some("chosen"))} {onclick}
            data-test="operation">
            <title>{ words.clone() }</title>
            <rect x={px(x)} y={px(y + 2.0)} width={px(width)} height="20" rx="4" />
            { for operation.attempts.iter().skip(1).map(|(at, _)| {
                let x = x_of(props.window, props.width, *at);
                let (top, end) = (px(y + 18.0), px(y + 22.0));
                html! { <line class="retry" x1={px(x)} x2={px(x)} y1={top} y2={end} /> }
            }) }
            <text x={px(x + 6.0)} y={px(y + 16.0)}>{ fitted(&words, end - x - 8.0) }</text>
        </g>
    }
}

fn mark_sign(props: &StillProps, mark: &Mark, ruler: f64) -> Html {
    let place = props.window.place(mark.at);
    if !(0.0..=1.0).contains(&place) {
        return Html::default();
    }
    let x = x_of(props.window, props.width, mark.at);
    let (class, path) = match mark.kind {
        MarkKind::Election(_) => ("half", "M-4 0L0 -4 4 0 0 4z"),
        MarkKind::Leader(_) => ("full", "M-5 4L-5.5 -4l3 2.5L0 -5l2.5 3.5L5.5 -4 5 4z"),
        MarkKind::Crash | MarkKind::Wipe => ("line", "M-4 -4L4 4M4 -4L-4 4"),
        MarkKind::Restart | MarkKind::Resume => ("line", "M-3 -4l6 4-6 4z"),
        MarkKind::Pause => ("line", "M-2.5 -4v8M2.5 -4v8"),
        MarkKind::Cut => ("line", "M-5 0h3M2 0h3M-2 -4v8M2 -4v8"),
        MarkKind::Heal => ("line", "M-5 0h10"),
        MarkKind::Snapshot => ("line", "M-4 -3h8v6h-8z"),
        MarkKind::Violation => ("violation", "M0 -6L6 5h-12z"),
        MarkKind::Action => ("full", "M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z"),
    };
    let at = Point::new(x, ruler);
    html! {
        <g class={classes!("mark", class)} transform={format!("translate({at})")}>
            <title>{ format!("{}: {}", words::clock(mark.at.as_micros()),
                words::mark(mark.kind, mark.node)) }</title>
            <circle class="ground" r="8" />
            <path d={path} />
        </g>
    }
}
