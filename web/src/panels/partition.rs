//! Who can talk to whom: a side for each server, and presets.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::view::Stage;
use yew::{Callback, Html, MouseEvent, Properties, component, html, use_state};

use crate::engine::Deed;
use crate::intent::{Intent, Send};
use crate::stage::{leader, pairs};
use crate::words;

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// For each server, whether it is on side A and on side B.
type Sides = Vec<(bool, bool)>;

/// The form.
#[component]
pub(crate) fn PartitionForm(props: &Props) -> Html {
    let count = props.stage.servers.len();
    let sides = use_state(|| minority(count, leader(&props.stage)));
    let check = |index: usize, second: bool| {
        let sides = sides.clone();
        Callback::from(move |_: MouseEvent| {
            let mut next = (*sides).clone();
            if let Some(side) = next.get_mut(index) {
                if second { side.1 = !side.1 } else { side.0 = !side.0 }
            }
            sides.set(next);
        })
    };
    let cuts = cuts_between(&sides);
    let apply = {
        let (send, cuts) = (props.send.clone(), cuts.clone());
        Callback::from(move |_: MouseEvent| {
            send.emit(Intent::Open(None));
            send.emit(Intent::Do(Deed::Shape(cuts.clone())));
        })
    };
    html! {
        <>
            { presets(props) }
            <table class="sides">
                <thead><tr><th>{ "Server" }</th><th>{ "Side A" }</th><th>{ "Side B" }</th></tr>
                    </thead>
                <tbody>
                    { for props.stage.servers.iter().enumerate().map(|(i, server)| html! {
                        <tr>
                            <th scope="row">{ format!("{} ", server.name) }
                                <small>{ words::role(server) }</small></th>
                            <td>{ tick(sides[i].0, check(i, false), &server.name, "A") }</td>
                            <td>{ tick(sides[i].1, check(i, true), &server.name, "B") }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            <p class="muted" data-test="partition-says">{ says(&sides, count) }</p>
            <div class="row-end">
                <button class="primary" onclick={apply} disabled={cuts.is_empty()}
                    data-test="partition-apply">{ "Cut the links between them" }</button>
            </div>
        </>
    }
}

fn tick(on: bool, onclick: Callback<MouseEvent>, server: &str, side: &str) -> Html {
    html! {
        <label class="tick">
            <input type="checkbox" checked={on} {onclick}
                aria-label={format!("{server} on side {side}")}
                data-test={format!("side-{side}-{server}")} />
        </label>
    }
}

/// The leader with as many others as make the largest minority, against the rest.
fn minority(count: usize, leader: Option<NodeId>) -> Sides {
    let few = (count - 1) / 2;
    let first = leader.map_or(0, |leader| usize::from(leader.0));
    (0..count)
        .map(|i| {
            let inside = (i + count - first) % count < few;
            (inside, !inside)
        })
        .collect()
}

/// Two servers keep their links if some side has both.
fn cuts_between(sides: &Sides) -> Vec<(NodeId, NodeId)> {
    let apart = |(a, b): &(NodeId, NodeId)| {
        let (a, b) = (sides[usize::from(a.0)], sides[usize::from(b.0)]);
        !(a.0 && b.0 || a.1 && b.1)
    };
    both_ways(pairs(sides.len()).filter(apart))
}

fn both_ways(pairs: impl Iterator<Item = (NodeId, NodeId)>) -> Vec<(NodeId, NodeId)> {
    pairs.flat_map(|(a, b)| [(a, b), (b, a)]).collect()
}

fn says(sides: &Sides, count: usize) -> String {
    let quorum = count / 2 + 1;
    let size = |pick: fn(&(bool, bool)) -> bool| sides.iter().filter(|side| pick(side)).count();
    let (a, b) = (size(|side| side.0), size(|side| side.1));
    let bridge = size(|side| side.0 && side.1);
    let verdict = match (a >= quorum, b >= quorum) {
        (true, true) => "Both sides have a majority, through the servers that are on both.",
        (true, false) => "Only side A can decide anything.",
        (false, true) => "Only side B can decide anything.",
        (false, false) => "Neither side has a majority: nothing can be decided.",
    };
    let alone = size(|side| !side.0 && !side.1);
    let some = |number: usize, place: &str| match number {
        0 => String::new(),
        _ => format!(", {number} {place}"),
    };
    let (both, alone) = (some(bridge, "on both"), some(alone, "on none and quite alone"));
    format!("{a} servers on side A, {b} on side B{both}{alone}; a majority is {quorum}. {verdict}")
}

fn presets(props: &Props) -> Html {
    let count = props.stage.servers.len();
    let lead = leader(&props.stage);
    let who = lead.unwrap_or(NodeId(0));
    let name = words::server_name(who);
    let halves = cuts_between(&minority(count, lead));
    let deaf: Vec<_> =
        pairs(count).flat_map(|(a, b)| [(a, b), (b, a)]).filter(|(_, to)| *to == who).collect();
    let alone = both_ways(pairs(count).filter(|(a, b)| *a == who || *b == who));
    let last = NodeId(count as u16 - 1);
    let half = (count - 1) / 2;
    let bridge = pairs(count)
        .filter(|(a, b)| *b != last && (usize::from(a.0) < half) != (usize::from(b.0) < half));
    let ring = pairs(count).filter(|(a, b)| {
        let apart = usize::from(b.0 - a.0);
        apart != 1 && apart != count - 1
    });
    let list: [(&str, String, Deed); 5] = [
        ("preset-leader", format!("Isolate {name}"), Deed::Shape(alone)),
        ("preset-halves", "Minority and majority".into(), Deed::Shape(halves)),
        ("preset-one-way", format!("One way: {name} hears nobody"), Deed::Shape(deaf)),
        (
            "preset-bridge",
            format!("A bridge: {} sees both", words::server_name(last)),
            Deed::Shape(both_ways(bridge)),
        ),
        ("preset-ring", "A ring: only neighbours talk".into(), Deed::Shape(both_ways(ring))),
    ];
    html! {
        <div class="presets" role="group" aria-label="Presets">
            { for list.into_iter().map(|(test, label, deed)| {
                let send = props.send.clone();
                let empty = matches!(&deed, Deed::Shape(cuts) if cuts.is_empty());
                let onclick = Callback::from(move |_: MouseEvent| {
                    send.emit(Intent::Open(None));
                    send.emit(Intent::Do(deed.clone()));
                });
                html! {
                    <button class="secondary" {onclick} data-test={test} disabled={empty}
                        title={empty.then_some("With three servers it would cut nothing")}>
                        { label }
                    </button>
                }
            }) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minority_holds_the_leader_and_less_than_half() {
        for count in [3, 5, 7] {
            let sides = minority(count, Some(NodeId(count as u16 - 1)));
            assert!(sides[count - 1].0);
            let few = sides.iter().filter(|side| side.0).count();
            assert_eq!(few, (count - 1) / 2);
            assert_eq!(cuts_between(&sides).len(), 2 * few * (count - few));
        }
    }
}
