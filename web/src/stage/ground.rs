//! What lies under everything: the group's card, who can talk to whom, and the links.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use yew::{Callback, Html, MouseEvent, Properties, classes, component, html};

use super::light::Light;
use super::{on_key, spot_id};
use crate::geometry::{Point, hull, polygon, px};
use crate::intent::{Intent, Pick, Send, Spot};
use crate::layout::Layout;
use crate::words;

/// What the ground is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The links that let nothing through.
    pub(crate) cuts: Vec<(NodeId, NodeId)>,
    /// Where everything stands.
    pub(crate) layout: Rc<Layout>,
    /// How many servers there are.
    pub(crate) servers: usize,
    /// What the inspector shows.
    pub(crate) pick: Option<Pick>,
    /// What stays in the light.
    pub(crate) light: Light,
    /// What the keyboard is on.
    pub(crate) spot: Spot,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The ground.
#[component]
pub(crate) fn Ground(props: &Props) -> Html {
    let Props { layout, cuts, servers, .. } = props;
    let card = layout.card;
    let count = layout.servers.len();
    let sides = sides(*servers, cuts);
    html! {
        <g class="ground">
            <rect class="card" x={px(card.x)} y={px(card.y)} width={px(card.w)} height={px(card.h)}
                rx="12" />
            <rect class="spine" x={px(card.x)} y={px(card.y)} width="5" height={px(card.h)}
                rx="2" />
            if sides.len() > 1 && count > 0 {
                { for sides.iter().map(|side| blob(side, layout)) }
            }
            { for pairs(count).map(|(a, b)| link(props, a, b)) }
        </g>
    }
}

/// All pairs of servers, the lower number first.
pub(crate) fn pairs(servers: usize) -> impl Iterator<Item = (NodeId, NodeId)> {
    let servers = servers as u16;
    (0..servers).flat_map(move |a| (a + 1..servers).map(move |b| (NodeId(a), NodeId(b))))
}

/// The sets of servers that can reach one another, both ways, if need be through others.
pub(crate) fn sides(servers: usize, cuts: &[(NodeId, NodeId)]) -> Vec<Vec<NodeId>> {
    let mut side: Vec<usize> = (0..servers).collect();
    for (a, b) in pairs(servers) {
        if !cuts.contains(&(a, b)) && !cuts.contains(&(b, a)) {
            let (keep, gone) = (side[usize::from(a.0)], side[usize::from(b.0)]);
            side.iter_mut().filter(|s| **s == gone).for_each(|s| *s = keep);
        }
    }
    let mut sets: Vec<Vec<NodeId>> = vec![Vec::new(); servers];
    for (server, side) in side.into_iter().enumerate() {
        sets[side].push(NodeId(server as u16));
    }
    sets.retain(|set| !set.is_empty());
    sets
}

fn blob(side: &[NodeId], layout: &Layout) -> Html {
    let places: Vec<Point> = side.iter().filter_map(|id| layout.server(*id)).collect();
    let path = polygon(&hull(&places));
    let width = 2.0 * (layout.disc + 6.5);
    html! {
        <g class="blob">
            <path class="shore" d={path.clone()} stroke-width={px(width + 3.0)} />
            <path class="land" d={path} stroke-width={px(width)} />
        </g>
    }
}

fn link(props: &Props, a: NodeId, b: NodeId) -> Html {
    let (Some(from), Some(to)) = (props.layout.server(a), props.layout.server(b)) else {
        return Html::default();
    };
    let there = props.cuts.contains(&(a, b));
    let back = props.cuts.contains(&(b, a));
    let spot = Spot::Link(a, b);
    let chosen = props.pick == Some(Pick::Link(a, b));
    let (cut, aside) = ((there || back).then_some("cut"), props.light.along(a, b));
    let class = classes!("link", cut, chosen.then_some("chosen"), aside);
    let onclick = {
        let send = props.send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Intent::Select(Some(spot.into()))))
    };
    let onfocus = props.send.reform(move |_| Intent::Roam(spot));
    let inset = props.layout.disc + 2.0;
    let (from, to) = (from.moved(from.towards(to), inset), to.moved(to.towards(from), inset));
    html! {
        <g {class} id={spot_id(spot)} role="button" {onclick} {onfocus}
            tabindex={if props.spot == spot { "0" } else { "-1" }}
            aria-label={words::link_label(a, b, there, back)} onkeydown={on_key(spot, &props.send)}
            data-test="link"
                data-link={format!("{}-{}", words::server_name(a), words::server_name(b))}
            data-cut={(there || back).to_string()}>
            { hit(from, to) }
            { half(from, to, there) }
            { half(to, from, back) }
        </g>
    }
}

fn hit(from: Point, to: Point) -> Html {
    let (a, b) = (from.between(to, 0.12), from.between(to, 0.88));
    html! {
        <line class="hit" x1={px(a.x)} y1={px(a.y)} x2={px(b.x)} y2={px(b.y)} />
    }
}

/// One direction of a link: a line to its middle, or a stub with a bar where it is cut.
fn half(from: Point, to: Point, cut: bool) -> Html {
    let end = from.between(to, if cut { 0.3 } else { 0.5 });
    let (dx, dy) = from.towards(to);
    let (left, right) = (end.moved((-dy, dx), 6.0), end.moved((dy, -dx), 6.0));
    html! {
        <>
            <line class={if cut { "stub" } else { "wire" }} x1={px(from.x)} y1={px(from.y)}
                x2={px(end.x)} y2={px(end.y)} />
            if cut {
                <line
                    class="bar" x1={px(left.x)} y1={px(left.y)} x2={px(right.x)} y2={px(right.y)} />
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_holds_both_sides_together() {
        let both = |a: u16, b: u16| [(NodeId(a), NodeId(b)), (NodeId(b), NodeId(a))];
        let bridge: Vec<_> =
            [both(0, 3), both(0, 4), both(1, 3), both(1, 4)].into_iter().flatten().collect();
        assert_eq!(sides(5, &bridge).len(), 1);
        let split: Vec<_> = bridge.into_iter().chain([both(2, 3), both(2, 4)].concat()).collect();
        assert_eq!(
            sides(5, &split),
            [vec![NodeId(0), NodeId(1), NodeId(2)], vec![NodeId(3), NodeId(4)]]
        );
    }
}
