//! Shards on their way: each a square that travels from the card of its old owner to that of its
//! new one, as far as its pieces have come.

use shardscope_core::id::Gid;
use shardscope_core::view::{Parcel, Passage};
use yew::{Html, classes, html};

use super::card::places;
use super::{View, hue, owned};
use crate::geometry::{Point, Way, px};
use crate::words;

/// More than this many have no room for words.
const FEW: usize = 3;
/// How far above the cards they travel: over no words.
const ABOVE: f64 = 20.0;
const RISE: f64 = 8.0;

/// All shards on their way.
pub(super) fn parcels(view: &View) -> Html {
    let all = &view.cluster.parcels;
    // What is delivered lies in its new owner's card.
    let under_way = || all.iter().filter(|parcel| parcel.passage != Passage::Delivered);
    let few = under_way().count() <= FEW;
    html! {
        <g class="parcels">
            { for under_way().enumerate().filter_map(|(i, parcel)| one(view, i, parcel, few)) }
        </g>
    }
}

/// Where the chip of a shard lies in a group's card.
fn place(view: &View, gid: Gid, shard: u16) -> Option<Point> {
    let index = view.cluster.groups.iter().position(|group| group.team.gid == gid)?;
    let card = *view.floor.cards.get(index)?;
    let shown = places(&view.cluster.groups[index], &owned(&view.cluster, gid));
    let at = shown.iter().position(|known| *known == shard)?;
    let (at, width) = view.floor.chip(card, at, shown.len());
    Some(Point::new(at.x + width / 2.0, card.y - ABOVE))
}

fn one(view: &View, index: usize, parcel: &Parcel, few: bool) -> Option<Html> {
    let (from, to) =
        (place(view, parcel.from, parcel.shard.0)?, place(view, parcel.to, parcel.shard.0)?);
    // The bend is to the right of the way: it has to lead upwards, whichever way that is.
    let rise = RISE + 8.0 * (index % 3) as f64;
    let way = Way { from, to, bend: if to.x > from.x { -rise } else { rise } };
    let gone = f64::from(parcel.travelled(view.now)) / 1_000.0;
    let (at, _) = way.at(if view.still { 0.5 } else { gone });
    let words = words::cluster::parcel(parcel);
    let half = if few { 14.0 + 3.5 * words.len() as f64 } else { 14.0 };
    Some(html! {
        <g key={parcel.shard.0} class={classes!("parcel", hue(parcel.from))} data-test="parcel"
            data-shard={parcel.shard.to_string()}>
            <title>{ words::cluster::handing(parcel) }</title>
            <path class="path" d={way.path()} />
            // Down into the card of the new owner.
            <path class="head" d={format!("M{} {}h10l-5 8z", px(to.x - 5.0), px(to.y + 6.0))} />
            <g transform={format!("translate({at})")}>
                <rect x={px(-half)} y="-14" width={px(2.0 * half)} height="28" rx="6" />
                <text y="4.5">
                    <tspan class="number">{ parcel.shard.0 }</tspan>
                    if few {
                        <tspan dx="8">{ words }</tspan>
                    }
                </text>
            </g>
        </g>
    })
}
