//! Faults, clients' operations and the scrubber on one horizontal time axis.

use std::cell::Cell;
use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::time::Instant;
use shardscope_core::view::{Dock, Fault, Mark, MarkKind, Operation};
use yew::{Callback, Html, KeyboardEvent, NodeRef, PointerEvent, Properties};
use yew::{TargetCast, WheelEvent, classes, component, html};

use super::bars::{Lane, THIN_LANE, bar, fault_bar, lane};
use super::{Ruler, reading, shards, step, ticks};
use crate::geometry::{Point, px, within};
use crate::intent::{Intent, Pick, Send};
use crate::words::{self, Names};

/// How high a client's lane is, if there are few and if there are many: the stage needs room too.
const LANE: (f64, f64) = (24.0, 18.0);
const FEW: u16 = 3;
/// Marks lie between the clients and the axis, over neither.
const MARKS: f64 = 16.0;
const RULER: f64 = 26.0;
/// Half the room of a moment's name under the axis.
const TICK: f64 = 24.0;
/// The faults lie in thin lanes above one another.
const FAULTS: f64 = THIN_LANE * Fault::LANES as f64 + 2.0;

/// What the tracks are drawn from.
pub(crate) struct Axis {
    /// What happened.
    pub(crate) dock: Rc<Dock>,
    /// The stretch of time shown, and how wide.
    pub(crate) ruler: Ruler,
    /// The cursor.
    pub(crate) now: Instant,
    /// The end of what was simulated.
    pub(crate) head: Instant,
    /// The number of the first client, and how many there are.
    pub(crate) clients: (u16, u16),
    /// How many shards there are.
    pub(crate) shards: u16,
    /// What everybody is called.
    pub(crate) names: Names,
    /// Where the pointer was pressed on an operation: until it is released.
    pub(crate) pressed: Rc<Cell<Option<i32>>>,
    /// What the inspector shows.
    pub(crate) pick: Option<Pick>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The tracks, in the element `node`.
pub(crate) fn tracks(props: &Axis, node: &NodeRef) -> Html {
    let top = shards::height(props.shards);
    let height = top + lane_of(props.clients.1, props.clients.1).y + MARKS + RULER;
    let (w, h) = (px(props.ruler.width), px(height));
    let now = props.now.as_micros();
    let (dock, shards) = (&props.dock, props.shards);
    let below = (top > 0.0).then(|| format!("translate(0 {})", px(top)));
    let size = format!("0 0 {w} {h}");
    html! {
        <div ref={node.clone()} class="tracks" role="slider" tabindex="0" aria-label="Time"
            aria-valuemin="0"
            aria-valuemax={props.head.as_micros().to_string()} aria-valuenow={now.to_string()}
            aria-valuetext={words::clock(now)} data-test="scrubber" onkeydown={keys(props)}
            onpointerdown={pointer(props, node, true)} onpointermove={pointer(props, node, false)}
            onpointerup={release(props)} onpointercancel={release(props)} onwheel={wheel(props)}>
            <svg width={w.clone()} height={h.clone()} viewBox={size.clone()}>
                <g transform={below.clone()}>
                    <Still dock={props.dock.clone()} ruler={props.ruler} height={height - top}
                        clients={props.clients} shards={props.shards} names={props.names.clone()}
                        pick={props.pick.clone()} send={props.send.clone()} />
                </g>
            </svg>
            // What changes on every frame is a drawing of its own: the browser goes through no more
            // than that.
            <svg class="moving" width={w} height={h.clone()} viewBox={size}>
                <clipPath id="past">
                    <rect width={px(props.ruler.x(props.head))} height={h.clone()} />
                </clipPath>
                <g class="grown" clip-path="url(#past)">
                    if shards > 0 {
                        { shards::lines(props.ruler, &dock.stretches, shards, true) }
                    }
                    <g transform={below}>{ open(props) }</g>
                </g>
                { head(props, height) }
            </svg>
        </div>
    }
}

/// What has not ended yet reaches to the end of the axis, and is cut off where time has come to: so
/// it grows, and only one thing changes.
fn open(props: &Axis) -> Html {
    let faults = props.dock.faults.iter().filter(|fault| fault.until.is_none());
    // Those for which there is no lane lie upon one another.
    let end = props.ruler.window.end();
    let hidden = faults.clone().count().saturating_sub(usize::from(Fault::LANES));
    html! {
        <g class="open">
            if hidden > 0 {
                <text class="none" x="20" y={px(8.0 + 30.0)}>{ format!("+{hidden} more") }</text>
            }
            { for faults.map(|fault| fault_bar(props.ruler, fault, (end, props.head))) }
            { for (0..props.clients.1).filter_map(|i| {
                let mut own = of_client(&props.dock, NodeId(props.clients.0 + i));
                let open = own.rfind(|operation| operation.returned.is_none());
                let open = open?;
                let place = props.ruler.extent(open.called, end)?;
                let (_, room) = props.ruler.extent(open.called, props.head)?;
                let lane = lane_of(i, props.clients.1);
                let (ruler, pick) = (props.ruler, props.pick.as_ref());
                Some(bar(ruler, open, (place, room), lane, pick, &props.send))
            }) }
        </g>
    }
}

/// The operations of one client.
fn of_client(dock: &Dock, client: NodeId) -> impl DoubleEndedIterator<Item = &Operation> + Clone {
    dock.operations.iter().filter(move |operation| operation.client == client)
}

/// The lane of a client, one of so many.
fn lane_of(client: u16, clients: u16) -> Lane {
    let height = if clients > FEW { LANE.1 } else { LANE.0 };
    Lane { y: 8.0 + FAULTS + height * f64::from(client), height }
}

fn head(props: &Axis, height: f64) -> Html {
    let x = props.ruler.x(props.now);
    let words =
        reading(props.ruler.window, props.now.as_micros(), step(props.ruler.window).min(1_000));
    let half = 9.0 + 3.6 * words.len() as f64;
    let label = within(x, props.ruler.left() + half - 8.0, props.ruler.width - half - 4.0);
    // A moment of the axis that the cursor's would half cover is not shown.
    let hidden = ticks(props.ruler.window).map(|tick| props.ruler.x(Instant::from_micros(tick)));
    let hidden = hidden.filter(|tick| (tick - label).abs() < half + TICK);
    html! {
        <g class="playhead">
            { for hidden.map(|tick| html! {
                <rect class="cover" x={px(tick - TICK)} y={px(height - 24.0)}
                    width={px(2.0 * TICK)} height="24" />
            }) }
            <g transform={format!("translate({} 0)", px(x))}>
                <line y1="2" y2={px(height - 18.0)} />
                <rect x={px(label - x - half)} y={px(height - 24.0)} width={px(2.0 * half)}
                    height="20" rx="10" />
                <text x={px(label - x)} y={px(height - 10.0)}>{ words }</text>
            </g>
        </g>
    }
}

fn moment(ruler: Ruler, node: &NodeRef, event: &PointerEvent) -> Option<Instant> {
    let place = node.cast::<web_sys::Element>()?.get_bounding_client_rect();
    Some(ruler.moment(f64::from(event.client_x()) - place.left()))
}

/// A pointer that was pressed on an operation and moved by less only points at it.
const STILL: i32 = 4;

/// Whether an event is about an operation's bar: a click on it inspects it.
fn on_operation(event: &PointerEvent) -> bool {
    let target: Option<web_sys::Element> = event.target_dyn_into();
    target.is_some_and(|target| matches!(target.closest(".operation"), Ok(Some(_))))
}

fn pointer(props: &Axis, node: &NodeRef, begins: bool) -> Callback<PointerEvent> {
    let (send, node, ruler) = (props.send.clone(), node.clone(), props.ruler);
    let (head, pressed) = (props.head, props.pressed.clone());
    Callback::from(move |event: PointerEvent| {
        let held = event.buttons() & 1 == 1;
        if !held {
            return;
        }
        let Some(element) = node.cast::<web_sys::Element>() else { return };
        let captured = element.has_pointer_capture(event.pointer_id());
        if begins && on_operation(&event) {
            pressed.set(Some(event.client_x()));
            return;
        }
        if !captured {
            // What was pressed elsewhere and only passes by scrubs nothing.
            let far = pressed.get().is_some_and(|at| (event.client_x() - at).abs() >= STILL);
            if !begins && !far {
                return;
            }
            // A pointer that has gone already cannot be captured; then it is a click.
            let _ = element.set_pointer_capture(event.pointer_id());
            send.emit(Intent::Scrubbing(true));
        }
        if let Some(at) = moment(ruler, &node, &event) {
            send.emit(Intent::Seek(at.min(head)));
        }
    })
}

fn release(props: &Axis) -> Callback<PointerEvent> {
    let pressed = props.pressed.clone();
    props.send.reform(move |_| {
        pressed.set(None);
        Intent::Scrubbing(false)
    })
}

fn wheel(props: &Axis) -> Callback<WheelEvent> {
    let (send, span) = (props.send.clone(), props.ruler.window.span as f64);
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
    ruler: Ruler,
    height: f64,
    clients: (u16, u16),
    shards: u16,
    names: Names,
    pick: Option<Pick>,
    send: Send,
}

#[component]
fn Still(props: &StillProps) -> Html {
    let ruler = props.height - RULER;
    let (left, right) = (props.ruler.left(), props.ruler.right());
    html! {
        <g class="still">
            if props.shards > 0 {
                <g transform={format!("translate(0 {})", px(-shards::height(props.shards)))}>
                    <text class="track" x="20" y="20">{ "Shards" }</text>
                    { shards::numbers(props.ruler, props.shards) }
                    { shards::lines(props.ruler, &props.dock.stretches, props.shards, false) }
                </g>
            }
            <text class="track" x="20" y={px(8.0 + 15.0)}>{ "Faults" }</text>
            { for (0..props.clients.1).map(|i| html! {
                <text class="track" x="20" y={px(lane_of(i, props.clients.1).words())}>
                    { format!("Client {}", i + 1) }
                </text>
            }) }
            { for ticks(props.ruler.window).map(|tick| tick_line(props.ruler, tick, ruler)) }
            <line class="axis" x1={px(left)} x2={px(right)} y1={px(ruler)} y2={px(ruler)} />
            if props.dock.faults.is_empty() {
                <text class="none" x={px(left)} y={px(8.0 + 15.0)}>{ "None that lasts." }</text>
            }
            { for props.dock.faults.iter().filter_map(|fault| {
                let until = fault.until?;
                Some(fault_bar(props.ruler, fault, (until, until)))
            }) }
            { for (0..props.clients.1).map(|i| {
                let own = of_client(&props.dock, NodeId(props.clients.0 + i));
                let at = lane_of(i, props.clients.1);
                lane(props.ruler, own, at, props.pick.as_ref(), &props.send)
            }) }
            // A violation lies above all others.
            { for [false, true].into_iter().flat_map(|last| {
                let marks = props.dock.marks.iter();
                let marks = marks.filter(move |mark| (mark.kind == MarkKind::Violation) == last);
                marks.map(|mark| mark_sign(props.ruler, mark, &props.names, ruler - MARKS / 2.0))
            }) }
        </g>
    }
}

fn tick_line(ruler: Ruler, tick: u64, bottom: f64) -> Html {
    let at = Instant::from_micros(tick);
    let x = ruler.x(at);
    let words = reading(ruler.window, tick, step(ruler.window));
    html! {
        <g class="tick">
            <line x1={px(x)} x2={px(x)} y1="6" y2={px(bottom)} />
            <text x={px(x)} y={px(bottom + 18.0)}>{ words }</text>
        </g>
    }
}

fn mark_sign(ruler: Ruler, mark: &Mark, names: &Names, y: f64) -> Html {
    let place = ruler.window.place(mark.at);
    if !(0.0..=1.0).contains(&place) {
        return Html::default();
    }
    let x = ruler.x(mark.at);
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
        MarkKind::Action(_) | MarkKind::Said(_) => {
            ("full", "M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z")
        }
    };
    let at = Point::new(x, y);
    html! {
        <g class={classes!("mark", class)} transform={format!("translate({at})")}>
            <title>{ format!("{}: {}", words::clock(mark.at.as_micros()),
                words::mark(mark.kind, mark.node, names)) }</title>
            <circle class="ground" r="7" />
            <path d={path} />
        </g>
    }
}
