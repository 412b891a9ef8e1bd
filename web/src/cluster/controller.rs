//! The controller's card: what the configuration assigns.

use shardscope_core::id::{Gid, ShardId};
use shardscope_core::view::{Assignment, Team};
use web_sys::{Element, FocusEvent};
use yew::{
    Callback, Html, KeyboardEvent, Properties, TargetCast, UseStateHandle, classes, component,
    html, use_state,
};

use super::chips::chip;
use super::{door_id, hue, pressed};
use crate::engine::Change;
use crate::focus::focus;
use crate::geometry::{Frame, Point, px};
use crate::intent::{Intent, Send};
use crate::stage::legend;
use crate::words;

/// What the card is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// What is assigned.
    pub(super) assignment: Assignment,
    /// The controller's servers.
    pub(super) team: Team,
    /// The card.
    pub(super) frame: Frame,
    /// There is no room for words beside words.
    pub(super) narrow: bool,
    /// Where intents go.
    pub(super) send: Send,
}

/// The card.
#[component]
pub(super) fn Controller(props: &Props) -> Html {
    let Props { assignment, team, frame, narrow, send } = props;
    let (onclick, onkeydown) = pressed(send, Intent::Enter(Some(Gid(0))));
    // A setting may have left fewer shards.
    let last = (assignment.owners.len() as u16).saturating_sub(1);
    let chosen = use_state(|| 0);
    let here = (*chosen).min(last);
    let left = frame.x + if *narrow { 16.0 } else { 250.0 };
    let top = frame.y + if *narrow { 58.0 } else { 32.0 };
    let room = frame.w - if *narrow { 28.0 } else { 270.0 + 300.0 };
    let stride = (room / assignment.owners.len().max(1) as f64).min(40.0);
    let sub = words::cluster::team(team);
    // Between the shards and what changed.
    let beside = left + (stride * assignment.owners.len() as f64).max(150.0) + 36.0;
    let until = frame.x + frame.w - 300.0;
    html! {
        <g class="gcard controller" data-test="controller"
            data-config={assignment.number.to_string()}>
            <g class="door" id={door_id(Gid(0))} role="button" tabindex="0" {onclick} {onkeydown}
                aria-label={words::cluster::controller_label(assignment, team)}>
                <rect class="card" x={px(frame.x)} y={px(frame.y)} width={px(frame.w)}
                    height={px(frame.h)} rx="12" />
                <text class="title" x={px(frame.x + 16.0)} y={px(frame.y + 24.0)}>
                    { "Shard controller" }</text>
                { " " }
                <text class="sub" x={px(frame.x + 16.0)} y={px(frame.y + 44.0)}>{ sub }</text>
            </g>
            if !narrow {
                <text class="sub" x={px(left)} y={px(frame.y + 22.0)}>
                    { words::cluster::assigns(assignment) }</text>
                { changes(assignment, Point::new(frame.x + frame.w - 290.0, frame.y + 22.0)) }
                { legend::brief(Point::new(beside, frame.y + 22.0), until) }
            }
            <g role="toolbar" aria-label="Shards" onkeydown={roam}>
                { for (0..).zip(&assignment.owners).map(|(shard, owner)| {
                    let at = Point::new(left + stride * f64::from(shard), top);
                    assigned(props, (here, &chosen), shard, *owner, at, stride - 4.0)
                }) }
            </g>
        </g>
    }
}

/// A shard, which can be moved. One of them is in the order of the Tab key.
fn assigned(
    props: &Props,
    (here, chosen): (u16, &UseStateHandle<u16>),
    shard: u16,
    owner: Gid,
    at: Point,
    width: f64,
) -> Html {
    let to = words::cluster::another(owner.0, &props.assignment.members);
    let (onclick, onkeydown) = pressed(&props.send, Intent::Plan(Change::Move(ShardId(shard), to)));
    let title = words::cluster::assigned(shard, owner);
    let nobody = (owner.0 == 0).then_some("nobody");
    let onfocus = {
        let chosen = chosen.clone();
        Callback::from(move |_: FocusEvent| chosen.set(shard))
    };
    let order = if here == shard { "0" } else { "-1" };
    html! {
        <g role="button" tabindex={order} {onclick} {onkeydown} {onfocus}
            aria-label={format!("{title} Move it…")}>
            { chip(at, width, shard, classes!("chip", hue(owner), nobody), title) }
        </g>
    }
}

/// The arrow keys lead from one shard to the next.
fn roam(event: KeyboardEvent) {
    // With one of these a key is the browser's.
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    // What has the focus is one of the shards.
    let own = event.target_dyn_into::<Element>();
    let Some(row) = own.as_ref().and_then(|own| own.parent_element()) else { return };
    let shards = row.children();
    let at = |index: u32| shards.item(index);
    let last = shards.length().saturating_sub(1);
    let here = (0..=last).find(|index| at(*index) == own).unwrap_or_default();
    let next = match event.key().as_str() {
        "ArrowLeft" => here.saturating_sub(1),
        "ArrowRight" => last.min(here + 1),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    focus(at(next));
}

/// What the configuration changed.
fn changes(assignment: &Assignment, at: Point) -> Html {
    let (head, list) = words::cluster::changes(assignment);
    html! {
        <>
            <text class="sub" x={px(at.x)} y={px(at.y)}>{ head }</text>
            { " " }
            <text x={px(at.x)} y={px(at.y + 22.0)}>{ words::short(&list, 46) }
                <title>{ list }</title></text>
        </>
    }
}
