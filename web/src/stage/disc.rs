//! A server in the ring: its disc says the role, its label the role and the term in words.

use std::rc::Rc;
use std::sync::Arc;

use shardscope_core::view::{Health, Role, Server};
use yew::{Callback, Html, MouseEvent, Properties, classes, component, html};

use super::{on_key, spot_id};
use crate::decimal::tenths;
use crate::geometry::{Point, px};
use crate::icons::CROWN;
use crate::intent::{Intent, Pick, Send, Spot};
use crate::layout::{Label, Layout};
use crate::words;

/// What a disc is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The server.
    pub(crate) server: Arc<Server>,
    /// Where it stands.
    pub(crate) at: Point,
    /// Where everything stands.
    pub(crate) layout: Rc<Layout>,
    /// How many votes it takes.
    pub(crate) quorum: usize,
    /// What steps back says so.
    pub(crate) aside: Option<&'static str>,
    /// The keyboard is on it.
    pub(crate) focus: bool,
    /// The inspector shows it.
    pub(crate) chosen: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

const DISK: &str = "M-4 -3v6c0 2 8 2 8 0v-6c0 -2 -8 -2 -8 0c0 2 8 2 8 0";
const CLOCK: &str = "M0 -4.5a4.5 4.5 0 1 0 .01 0M0 -2.5v2.5l2 1";

/// The class of a server's state.
pub(crate) fn state(server: &Server) -> &'static str {
    match (server.health, &server.role) {
        (Health::Down, _) => "down",
        (Health::Paused, _) => "paused",
        (_, Role::Leader { .. }) => "leader",
        (_, Role::Candidate { .. }) => "candidate",
        (_, Role::PreCandidate { .. }) => "candidate asking",
        (_, Role::Follower { .. }) => "follower",
    }
}

/// A server's disc with its label.
#[component]
pub(crate) fn Disc(props: &Props) -> Html {
    let server = &*props.server;
    let spot = Spot::Server(server.id);
    let id = server.id;
    let onclick = props.send.reform(move |_: MouseEvent| Intent::Select(Some(Pick::Server(id))));
    let onfocus = props.send.reform(move |_| Intent::Roam(spot));
    let oncontextmenu = menu(props);
    let class = classes!("server", state(server), props.chosen.then_some("chosen"), props.aside);
    let r = props.layout.disc;
    let above = Point::new(0.0, -r - 9.0);
    html! {
        <g {class} id={spot_id(spot)} role="button" tabindex={if props.focus { "0" } else { "-1" }}
            aria-label={words::server_label(server)} aria-haspopup="menu" {onclick} {onfocus}
            {oncontextmenu} onkeydown={on_key(spot, &props.send)} data-test="server"
            data-server={server.name.clone()} data-role={words::role_key(server)}
            data-term={server.term.to_string()} data-health={words::health(server.health)}
            transform={format!("translate({})", props.at)}>
            <circle class="halo" r={px(r + 9.0)}>
                if server.timer.is_some() {
                    <title>{ words::TIMER_HELP }</title>
                }
            </circle>
            <circle class="disc" r={px(r)} />
            { half(server, r) }
            if is_leader(server) {
                <path class="crown" d={CROWN} transform={format!("translate({above})")} />
            }
            <text class="name" y="5">{ server.name.clone() }</text>{ " " }
            { pips(server, props.quorum) }
            { badges(server, r) }
            { label(props) }
            { more(props) }
        </g>
    }
}

fn is_leader(server: &Server) -> bool {
    server.health == Health::Up && matches!(server.role, Role::Leader { .. })
}

/// The lower half, filled while the server stands for election.
fn half(server: &Server, r: f64) -> Html {
    let stands = matches!(server.role, Role::Candidate { .. } | Role::PreCandidate { .. });
    if !stands || server.health != Health::Up {
        return Html::default();
    }
    let (x, r) = (tenths(chord(r)), tenths(r));
    html! {
        <path class="half" d={format!("M-{x} 9A{r} {r} 0 0 0 {x} 9z")}>
            <title>{ words::VOTES_HELP }</title>
        </path>
    }
}

fn chord(r: f64) -> f64 {
    (r * r - 81.0).max(0.0).sqrt()
}

/// One dot for each vote that an election takes, filled for each that is there.
fn pips(server: &Server, quorum: usize) -> Html {
    let (Role::Candidate { votes } | Role::PreCandidate { votes }) = &server.role else {
        return Html::default();
    };
    let left = -3.5 * (quorum as f64 - 1.0);
    html! {
        <g class="pips">
            <title>{ words::VOTES_HELP }</title>
            { for (0..quorum).map(|i| html! {
                <circle r="2.5" cx={px(left + 7.0 * i as f64)} cy="14.5"
                    class={if i < votes.len() { "yes" } else { "open" }} />
            }) }
        </g>
    }
}

/// What is the matter with a server: at the right what happens now, at the left what lasts.
fn badges(server: &Server, r: f64) -> Html {
    let now = if server.lost_disk {
        Some(("badge lost", "M-4 -4L4 4M4 -4L-4 4", "It lost its disk: its votes do not count"))
    } else if server.writing {
        Some(("badge", "M-4 -3.5h8v7h-8zM-2 -3.5v3h4v-3", "Writing to its disk"))
    } else if server.health == Health::Paused {
        Some(("badge", "M-2 -4v8M2 -4v8", "Paused"))
    } else {
        None
    };
    // Beside a small disc, so that its name stays free.
    let out = (r * 0.78).max(18.0);
    let slow = format!("Slow disk: a write takes {} times as long", server.disk_times);
    let off = format!("Its clock runs {}", words::drift(server.drift));
    html! {
        <>
            if let Some((class, path, title)) = now {
                { badge(class, path, title, Point::new(out, -out)) }
            }
            if server.disk_times > 1 {
                { badge("badge slow", DISK, &slow, Point::new(-out, -out)) }
            }
            if server.drift != 0 {
                { badge("badge drift", CLOCK, &off, Point::new(-out, out)) }
            }
        </>
    }
}

fn badge(class: &'static str, path: &'static str, title: &str, at: Point) -> Html {
    html! {
        <g {class} transform={format!("translate({at})")}>
            <title>{ title }</title>
            <circle r="8.5" />
            <path d={path} />
        </g>
    }
}

fn label(props: &Props) -> Html {
    let server = &*props.server;
    let r = props.layout.disc;
    let crown = if is_leader(server) { 9.0 } else { 0.0 };
    let (role, term) = (words::role(server), format!("term {}", server.term));
    let (class, x, y) = match props.layout.label(props.at) {
        Label::Right => ("label", r + 16.0, -3.0),
        Label::Left => ("label end", -r - 16.0, -3.0),
        Label::Above => ("label middle", 0.0, -r - 15.0 - crown),
        Label::Below => ("label middle", 0.0, r + 22.0),
    };
    if class == "label middle" {
        return html! {
            <g {class}>
                <text x={px(x)} y={px(y)}>
                    <tspan class="role">{ role }</tspan>{ " " }
                    <tspan class="term" dx="4">{ term }</tspan>
                </text>
            </g>
        };
    }
    html! {
        <g {class}>
            <text class="role" x={px(x)} y={px(y)}>{ role }</text>{ " " }
            <text class="term" x={px(x)} y={px(y + 16.0)}>{ term }</text>
        </g>
    }
}

fn menu(props: &Props) -> Callback<MouseEvent> {
    let (send, id) = (props.send.clone(), props.server.id);
    Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        event.stop_propagation();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        send.emit(Intent::Menu(Some((id, x, y))));
    })
}

/// The three dots, for those who point; the keyboard has its menu key.
fn more(props: &Props) -> Html {
    // Outside the timer's ring, on the side without words.
    let out = (props.layout.disc + 18.0) * 0.71;
    let x = if props.layout.label(props.at) == Label::Right { -out } else { out };
    html! {
        <g class="more" transform={format!("translate({})", Point::new(x, out))}
            onclick={menu(props)} aria-hidden="true">
            <circle r="12" />
            <path d="M-5 0h.01M0 0h.01M5 0h.01" />
        </g>
    }
}
