//! A group's card: the shards that it serves lie in it, above its servers with their logs and
//! stores.

use std::rc::Rc;
use std::sync::Arc;

use shardscope_core::view::{Cell, Group, Health, Held, Server, Status};
use yew::{Html, Properties, classes, component, html};

use super::chips::chip;
use super::{Floor, door_id, hue, pressed};
use crate::geometry::{Frame, px};
use crate::intent::{Intent, Send};
use crate::words::{self, middle};

/// What a card is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// The group.
    pub(super) group: Group,
    /// The shards that the configuration gives it.
    pub(super) owned: Vec<u16>,
    /// The card.
    pub(super) frame: Frame,
    /// Where everything stands.
    pub(super) floor: Rc<Floor>,
    /// Where intents go.
    pub(super) send: Send,
}

/// The card.
#[component]
pub(super) fn Card(props: &Props) -> Html {
    let Props { group, frame, send, .. } = props;
    let gid = group.team.gid;
    let (onclick, onkeydown) = pressed(send, Intent::Enter(Some(gid)));
    let away = (!group.joined && group.shards.is_empty()).then_some("left");
    html! {
        <g class={classes!("gcard", hue(gid), away)} data-test="group" data-group={gid.to_string()}
            data-config={group.number.map(|number| number.to_string())}>
            <g class="door" id={door_id(gid)} role="button" tabindex="0"
                onclick={onclick.clone()} {onkeydown}
                aria-label={words::cluster::group_label(group)}>
                <rect class="card" x={px(frame.x)} y={px(frame.y)} width={px(frame.w)}
                    height={px(frame.h)} rx="12" />
                <rect class="spine" x={px(frame.x)} y={px(frame.y)} width="5"
                    height={px(frame.h)} rx="2" />
                <text class="title" x={px(frame.x + 16.0)} y={px(frame.y + 18.0)}>
                    { format!("Group {gid}") }</text>
                { " " }
                <text class="sub" x={px(frame.x + 16.0)} y={px(frame.y + 34.0)}>
                    { words::cluster::standing(group) }</text>
            </g>
            // They lie upon it.
            <g class="chips" {onclick}>{ chips(props) }</g>
            { for group.team.servers.iter().enumerate().map(|(i, server)| {
                row(props, i, server)
            }) }
        </g>
    }
}

/// The chips of a card: what it serves, what it holds otherwise, and what it is still to get.
fn chips(props: &Props) -> Html {
    let Props { group, owned, frame, floor, .. } = props;
    let shown = places(group, owned);
    let all = shown.iter().enumerate().map(|(i, shard)| {
        let held = group.shards.iter().find(|held| held.shard.0 == *shard);
        let (at, width) = floor.chip(*frame, i, shown.len());
        let gid = group.team.gid;
        let class = classes!("chip", state(held), hue(gid));
        chip(at, width, *shard, class, words::cluster::held(*shard, group, held))
    });
    all.collect()
}

/// The shards that have a place in a card: what the group holds or is to get, by number.
pub(super) fn places(group: &Group, owned: &[u16]) -> Vec<u16> {
    let mut all: Vec<u16> = group.shards.iter().map(|held| held.shard.0).collect();
    // Whoever has not come to the configuration does not know yet what it will get.
    all.extend(owned.iter().filter(|shard| !group.shards.iter().any(|h| h.shard.0 == **shard)));
    all.sort_unstable();
    all
}

/// The class of a chip. Only what is served is solid.
fn state(held: Option<&Held>) -> &'static str {
    match held {
        Some(held) if held.served => "serving",
        None => "expected",
        Some(held) => match held.status {
            Status::Frozen => "frozen",
            Status::Awaiting => "awaited",
            Status::Parked => "parked",
            _ => "stopped",
        },
    }
}

/// One server: its disc, role and term, the end of its log, and what it stored last.
fn row(props: &Props, index: usize, server: &Arc<Server>) -> Html {
    let Props { floor, frame, .. } = props;
    let at = floor.disc(*frame, index);
    let r = (floor.row / 2.0 - 2.0).min(16.0);
    let tight = floor.row < 34.0;
    let class = classes!("row", crate::stage::state(server));
    let name = server.name.rsplit('.').next().unwrap_or_default().to_owned();
    let (role, term) = (words::role(server), format!("term {}", server.term));
    html! {
        <g {class} data-test="row" data-server={server.name.clone()}
            data-role={words::role_key(server)}>
            <circle class="disc" cx={px(at.x)} cy={px(at.y)} r={px(r)} />
            <g class="who"><text class="name" x={px(at.x)} y={px(at.y + 4.0)}>{ name }</text></g>
            if tight {
                <text class="role" x={px(at.x + 22.0)} y={px(at.y + 4.0)}>{ role }</text>
                <text class="term" x={px(at.x + 78.0)} y={px(at.y + 4.0)}>{ term }</text>
            } else {
                <text class="role" x={px(at.x + 24.0)} y={px(at.y - 2.0)}>{ role }</text>
                <text class="term" x={px(at.x + 24.0)} y={px(at.y + 13.0)}>{ term }</text>
            }
            { log(props, at.y, server) }
        </g>
    }
}

/// The last entries of a log, and the key that has just changed, or how many there are.
fn log(props: &Props, y: f64, server: &Server) -> Html {
    let Props { floor, frame, .. } = props;
    let left = frame.x + if floor.row < 34.0 { 174.0 } else { 132.0 };
    let right = frame.x + frame.w - 12.0;
    let store = if floor.narrow { 70.0 } else { 84.0 };
    let height = (floor.row - 6.0).clamp(16.0, 26.0);
    // As many of the last entries as there is room for, each as wide as its words.
    let mut room = right - store - left;
    let width = |cell: &Cell| (7.2 * cell.label.chars().count() as f64 + 8.0).clamp(30.0, 88.0);
    let fits = |cell: &&Cell| {
        room -= width(cell) + 2.0;
        room >= 0.0
    };
    let mut shown: Vec<&Cell> = server.log.cells.iter().rev().take_while(fits).collect();
    shown.reverse();
    let mut end = left;
    let fresh = server.store.iter().find(|stored| stored.fresh);
    let stored = match (fresh, server.store.len()) {
        _ if server.health == Health::Down => None,
        (Some(stored), _) => Some(format!("{} {}", stored.key, stored.value)),
        (None, 0) => None,
        (None, keys) => Some(words::count(keys as u64, "key", "keys")),
    };
    html! {
        <>
            { for shown.into_iter().map(|cell| {
                let (x, wide) = (end, width(cell));
                end += wide + 2.0;
                let class = classes!("cell", (!cell.committed).then_some("open"));
                html! {
                    <g {class}>
                        <title>{ words::cell(cell) }</title>
                        <rect x={px(x)} y={px(y - height / 2.0)} width={px(wide)}
                            height={px(height)} rx="4" />
                        <text x={px(x + wide / 2.0)} y={px(y + 4.0)}>
                            { middle(&cell.label, 11) }</text>
                    </g>
                }
            }) }
            if let Some(stored) = stored {
                <text class="stored" x={px(right)} y={px(y + 4.0)}>
                    { words::short(&stored, 10) }</text>
            }
        </>
    }
}
