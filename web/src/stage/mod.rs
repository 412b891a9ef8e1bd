//! The stage: a drawing that is a function of the moment.
//!
//! What stands still between two steps and what moves on every frame are separate components.

mod clients;
mod disc;
mod flights;
mod glyph;
mod ground;
mod hints;
pub(crate) mod legend;
mod light;
mod rows;
mod scissors;
mod store;
mod timers;

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::time::Instant;
use shardscope_core::view::{Flight, Health, Role, Stage};
use yew::TargetCast;
use yew::{AttrValue, Html, KeyboardEvent, classes, html};

use crate::geometry::px;
use crate::intent::{Intent, Pick, Send, Spot};
use crate::layout::Layout;
use crate::words::Names;
use light::Light;

pub(crate) use disc::state;
pub(crate) use flights::{progress, quiet};
pub(crate) use glyph::glyph;
pub(crate) use ground::pairs;

/// What the whole stage is drawn from.
pub(crate) struct View {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// The messages in the air.
    pub(crate) flights: Rc<Vec<Flight>>,
    /// The moment.
    pub(crate) now: Instant,
    /// Where everything stands.
    pub(crate) layout: Rc<Layout>,
    /// What the inspector shows.
    pub(crate) pick: Option<Pick>,
    /// What the keyboard is on.
    pub(crate) spot: Spot,
    /// Nothing may glide.
    pub(crate) still: bool,
    /// Heartbeats are drawn.
    pub(crate) heartbeats: bool,
    /// The scissors are in hand.
    pub(crate) scissors: bool,
    /// The first words still stand on the picture.
    pub(crate) hints: bool,
    /// What everybody is called.
    pub(crate) names: Names,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The stage.
pub(crate) fn stage_view(props: &View) -> Html {
    let View { stage, layout, pick, spot, send, .. } = props;
    let (w, h) = (px(layout.width), px(layout.height));
    let size = format!("0 0 {w} {h}");
    let whole = stage.cuts.is_empty();
    let light = Light::of(pick.as_ref(), &props.flights);
    let rows = layout.rows.map(|rows| rows::fitted(stage, rows));
    html! {
        <svg class={classes!("drawing", (!whole).then_some("cuts"))} viewBox={size}
            width={w} height={h} role="group" aria-label="The servers, their links and the clients"
            data-test="stage">
            <ground::Ground cuts={stage.cuts.clone()} layout={layout} pick={pick.clone()}
                spot={*spot} light={light.clone()}
                servers={stage.servers.len()} send={send} />
            { flights::flights(props, &light) }
            { timers::timers(&timers::of(stage, layout, &light), props.now, layout.disc,
                props.still) }
            { for stage.servers.iter().filter_map(|server| Some(html! {
                <disc::Disc key={server.id.0} server={server} at={layout.server(server.id)?}
                    layout={layout} focus={*spot == Spot::Server(server.id)}
                    aside={light.on(server.id)}
                    chosen={*pick == Some(Pick::Server(server.id))} send={send}
                    quorum={stage.servers.len() / 2 + 1} />
            })) }
            if let Some(rows) = rows {
                { rows::rows(stage, rows, !props.hints, pick.as_ref(), send) }
            }
            { for stage.clients.iter().enumerate().filter_map(|(i, client)| Some(html! {
                <clients::ClientView key={client.id.0} client={client}
                    frame={*layout.clients.get(i)?} focus={*spot == Spot::Client(client.id)}
                    aside={light.on(client.id)} names={props.names.clone()}
                    chosen={*pick == Some(Pick::Client(client.id))} send={send} />
            })) }
            if let Some((frame, clients)) = layout.rest {
                { clients::rest(frame, clients, send) }
            }
            if !layout.clients.is_empty() {
                <legend::Legend layout={layout} heartbeats={props.heartbeats} send={send} />
            }
            if props.hints {
                { hints::hints(leader(stage), layout, rows) }
            }
            if props.scissors {
                <scissors::Scissors layout={layout} send={send} />
            }
        </svg>
    }
}

/// The leader in office.
pub(crate) fn leader(stage: &Stage) -> Option<NodeId> {
    let leads = |s: &&_| -> bool {
        let server: &shardscope_core::view::Server = s;
        server.health == Health::Up && matches!(server.role, Role::Leader { .. })
    };
    let leaders = stage.servers.iter().map(|server| &**server).filter(leads);
    leaders.max_by_key(|server| server.term).map(|server| server.id)
}

/// How many running servers one can talk to, both ways, itself included.
pub(crate) fn reach(stage: &Stage, from: NodeId) -> usize {
    let cut = |a, b| stage.cuts.contains(&(a, b)) || stage.cuts.contains(&(b, a));
    let up = stage.servers.iter().filter(|server| server.health == Health::Up);
    up.filter(|to| !cut(from, to.id)).count()
}

/// The identity of a spot in the document.
pub(crate) fn spot_id(spot: Spot) -> AttrValue {
    match spot {
        Spot::Server(id) => format!("spot-s{id}").into(),
        Spot::Link(a, b) => format!("spot-l{a}-{b}").into(),
        Spot::Client(id) => format!("spot-c{id}").into(),
    }
}

/// Enter and Space on a thing of the stage that is no spot.
fn on_press(send: &Send, intent: fn() -> Intent) -> yew::Callback<KeyboardEvent> {
    let send = send.clone();
    yew::Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            event.stop_propagation();
            send.emit(intent());
        }
    })
}

/// Enter and Space on a spot open it; the menu keys open a server's menu.
fn on_key(spot: Spot, send: &Send) -> yew::Callback<KeyboardEvent> {
    let send = send.clone();
    yew::Callback::from(move |event: KeyboardEvent| {
        let menu = event.key() == "ContextMenu" || (event.key() == "F10" && event.shift_key());
        match (event.key().as_str(), spot) {
            ("Enter", _) => {
                event.prevent_default();
                event.stop_propagation();
                send.emit(Intent::Select(Some(spot.into())));
            }
            (_, Spot::Server(id)) if menu => {
                event.prevent_default();
                let target = event.target_dyn_into::<web_sys::Element>();
                let place = target.map(|target| target.get_bounding_client_rect());
                let (x, y) = place.map_or((0.0, 0.0), |p| (p.right(), p.top()));
                send.emit(Intent::Menu(Some((id, x, y))));
            }
            _ => {}
        }
    })
}
