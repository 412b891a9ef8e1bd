//! The cluster view: what the configuration assigns, which group serves what, and the shards that
//! are on their way. All of it is a function of the moment.

mod card;
mod chips;
mod controller;
mod floor;
mod parcel;
mod traffic;

use std::rc::Rc;

use shardscope_core::id::{Gid, NodeId};
use shardscope_core::time::Instant;
use shardscope_core::view::{Client, Cluster, Flight, Stage};
use yew::{Html, KeyboardEvent, MouseEvent, Properties, classes, component, html};

use crate::geometry::{Frame, px};
use crate::intent::{Intent, Pick, Send, Spot};
use crate::stage::spot_id;
use crate::words;
pub(crate) use floor::Floor;

/// What the cluster view is drawn from.
pub(crate) struct View {
    /// The picture of the moment.
    pub(crate) cluster: Rc<Cluster>,
    /// The clients, as the inspector knows them.
    pub(crate) stage: Rc<Stage>,
    /// The messages in the air.
    pub(crate) flights: Rc<Vec<Flight>>,
    /// The moment.
    pub(crate) now: Instant,
    /// Where everything stands.
    pub(crate) floor: Rc<Floor>,
    /// Nothing may glide.
    pub(crate) still: bool,
    /// Heartbeats are drawn.
    pub(crate) heartbeats: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The class that gives a group its hue.
pub(crate) fn hue(gid: Gid) -> String {
    format!("gid-{gid}")
}

/// The name in the document of a card, which opens its group.
pub(crate) fn door_id(gid: Gid) -> String {
    format!("group-{gid}")
}

/// The whole cluster: what changes with a step, and above it what moves on every frame, so that the
/// browser goes through no more than that.
pub(crate) fn cluster_view(view: &View) -> Html {
    let View { cluster, floor, send, .. } = view;
    let (w, h) = (px(floor.width), px(floor.height));
    let clients: Vec<NodeId> = view.stage.clients.iter().map(|client| client.id).collect();
    html! {
        <>
            <Ground cluster={cluster} floor={floor} {clients} send={send} />
            <svg class="drawing cluster moving" viewBox={format!("0 0 {w} {h}")} width={w}
                height={h} role="group" aria-label="On their way">
                { traffic::traffic(view) }
                { parcel::parcels(view) }
            </svg>
        </>
    }
}

/// What stands still between two steps is drawn from this.
#[derive(Clone, PartialEq, Properties)]
struct Still {
    cluster: Rc<Cluster>,
    floor: Rc<Floor>,
    /// The clients, as the inspector knows them.
    clients: Vec<NodeId>,
    send: Send,
}

#[component]
fn Ground(view: &Still) -> Html {
    let Still { cluster, floor, send, .. } = view;
    let (w, h) = (px(floor.width), px(floor.height));
    html! {
        <svg class="drawing cluster" viewBox={format!("0 0 {w} {h}")} width={w} height={h}
            role="group" aria-label="The controller, the groups and the clients"
            data-test="cluster">
            <controller::Controller assignment={cluster.assignment.clone()}
                team={cluster.controller.clone()} frame={floor.controller} narrow={floor.narrow}
                send={send} />
            { for cluster.groups.iter().zip(&floor.cards).map(|(group, frame)| html! {
                <card::Card key={group.team.gid.0} group={group.clone()}
                    owned={owned(cluster, group.team.gid)} frame={*frame} floor={floor}
                    send={send} />
            }) }
            { for cluster.clients.iter().zip(&floor.pills).enumerate().map(|(i, (client, frame))| {
                pill(view, (i, client), *frame)
            }) }
        </svg>
    }
}

/// The shards that the configuration gives to a group.
fn owned(cluster: &Cluster, gid: Gid) -> Vec<u16> {
    let owners = (0..).zip(&cluster.assignment.owners);
    owners.filter(|(_, owner)| **owner == gid).map(|(shard, _)| shard).collect()
}

/// The group of a server; none: it is no server.
fn group_of(cluster: &Cluster, id: NodeId) -> Option<Gid> {
    let teams = cluster.groups.iter().map(|group| &group.team);
    let mut teams = std::iter::once(&cluster.controller).chain(teams);
    let has = |team: &&shardscope_core::view::Team| team.servers.iter().any(|s| s.id == id);
    teams.find(has).map(|team| team.gid)
}

/// A client with its operation, and whom it asks.
fn pill(view: &Still, (index, client): (usize, &Client), frame: Frame) -> Html {
    let Still { cluster, send, .. } = view;
    let narrow = view.floor.narrow;
    let id = view.clients.get(index).copied().unwrap_or(client.id);
    let (onclick, onkeydown) = pressed(send, Intent::Select(Some(Pick::Client(id))));
    let call = client.call.as_ref();
    let whom = call.and_then(|call| group_of(cluster, call.server));
    // Beside the name, whose letters are 8.4 pixels wide.
    let beside = (frame.w - 36.0 - 8.4 * client.name.len() as f64) / 6.4;
    // What it asks for needs a few letters too.
    let own = if narrow { 0.0 } else { 8.0 };
    let state = Some(words::cluster::client_state(call, whom))
        .filter(|state| state.chars().count() as f64 <= beside - own)
        .unwrap_or_else(|| words::cluster::client_brief(call));
    let room = ((frame.w - 100.0 - 6.4 * state.len() as f64) / 7.6).max(0.0) as usize;
    let operation = call.map_or("", |call| &*call.operation);
    let shown = words::short(operation, room);
    let drawn = !narrow && room > 3;
    // What is written, in its order, and what there is no room for.
    let answer = call.and_then(|call| call.outcome.as_ref()).map_or("", |outcome| &*outcome.answer);
    let told = drawn && shown == operation && state.contains(answer);
    let rest = if told { String::new() } else { words::client_call(call) };
    let label = [&*client.name, if drawn { &shown } else { "" }, &state, &rest];
    let label: Vec<&str> = label.into_iter().filter(|part| !part.is_empty()).collect();
    let label = label.join(", ");
    let waits = call.is_some_and(|call| call.outcome.is_none());
    let mid = frame.y + frame.h / 2.0 + 4.0;
    html! {
        <g class={classes!("client", waits.then_some("waits"))} data-test="client"
            id={spot_id(Spot::Client(id))} role="button" tabindex="0" {onclick}
            {onkeydown} aria-label={label} data-answered={client.answered.to_string()}>
            <rect class="pill" x={px(frame.x)} y={px(frame.y)} width={px(frame.w)}
                height={px(frame.h)} rx={px(frame.h / 2.0)} />
            <text class="who" x={px(frame.x + 14.0)} y={px(mid)}>{ client.name.clone() }</text>
            { " " }
            if drawn {
                <text class="call" x={px(frame.x + 82.0)} y={px(mid)}>{ shown }</text>
                { " " }
            }
            <text class="state" x={px(frame.x + frame.w - 14.0)} y={px(mid)}>{ state }</text>
        </g>
    }
}

/// Clicks on a thing, and Enter and Space on it, send an intent.
fn pressed(
    send: &Send,
    intent: Intent,
) -> (yew::Callback<MouseEvent>, yew::Callback<KeyboardEvent>) {
    let (click, key) = (intent.clone(), intent);
    let onclick = send.reform(move |_: MouseEvent| click.clone());
    let send = send.clone();
    let onkeydown = yew::Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            event.stop_propagation();
            send.emit(key.clone());
        }
    });
    (onclick, onkeydown)
}
