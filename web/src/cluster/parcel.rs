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
/// Half the width and half the height of a parcel without words.
const HALF: f64 = 14.0;
/// How far above the cards they travel: over no words.
const ABOVE: f64 = 20.0;
const RISE: f64 = 8.0;

/// All shards on their way.
pub(super) fn parcels(view: &View) -> Html {
    let all = &view.cluster.parcels;
    // What is delivered lies in its new owner's card.
    let under_way = || all.iter().filter(|parcel| parcel.passage != Passage::Delivered);
    let placed = under_way().enumerate().filter_map(|(i, parcel)| place_of(view, i, parcel));
    let all: Vec<Placed> = placed.collect();
    html! {
        <g class="parcels">
            // No way lies on a parcel.
            { for all.iter().map(way) }
            { for all.iter().map(|placed| one(placed, has_room(placed, &all))) }
        </g>
    }
}

/// A parcel where it is.
struct Placed<'a> {
    parcel: &'a Parcel,
    way: Way,
    at: Point,
    words: String,
}

impl Placed<'_> {
    /// Half its width with words.
    fn half(&self) -> f64 {
        HALF + 3.5 * self.words.len() as f64
    }
}

/// Whether a parcel's words lie on none of the others.
fn has_room(placed: &Placed, all: &[Placed]) -> bool {
    let touches = |other: &Placed| {
        let apart = (placed.at.y - other.at.y).abs() >= 2.0 * HALF;
        let near = (placed.at.x - other.at.x).abs() < placed.half() + other.half() + 4.0;
        other.parcel.shard != placed.parcel.shard && near && !apart
    };
    all.len() <= FEW && !all.iter().any(touches)
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

fn place_of<'a>(view: &View, index: usize, parcel: &'a Parcel) -> Option<Placed<'a>> {
    let (from, to) =
        (place(view, parcel.from, parcel.shard.0)?, place(view, parcel.to, parcel.shard.0)?);
    // The bend is to the right of the way: it has to lead upwards, whichever way that is.
    let rise = RISE + 8.0 * (index % 3) as f64;
    let way = Way { from, to, bend: if to.x > from.x { -rise } else { rise } };
    let gone = f64::from(parcel.travelled(view.now)) / 1_000.0;
    let (at, _) = way.at(if view.still { 0.5 } else { gone });
    Some(Placed { parcel, way, at, words: words::cluster::parcel(parcel) })
}

fn way(placed: &Placed) -> Html {
    let Placed { parcel, way, .. } = placed;
    // Its head leads down into the card of the new owner.
    let head = format!("M{} {}h10l-5 8z", px(way.to.x - 5.0), px(way.to.y + 6.0));
    html! {
        <g class={hue(parcel.from)}>
            <path class="path" d={way.path()} />
            <path class="head" d={head} />
        </g>
    }
}

fn one(placed: &Placed, with_words: bool) -> Html {
    let Placed { parcel, at, words, .. } = placed;
    let half = if with_words { placed.half() } else { HALF };
    html! {
        <g key={parcel.shard.0} class={classes!("parcel", hue(parcel.from))} data-test="parcel"
            data-shard={parcel.shard.to_string()} transform={format!("translate({at})")}>
            <title>{ words::cluster::handing(parcel) }</title>
            <rect x={px(-half)} y="-14" width={px(2.0 * half)} height="28" rx="6" />
            <text y="4.5">
                <tspan class="number">{ parcel.shard.0 }</tspan>
                if with_words {
                    <tspan dx="8">{ words.clone() }</tspan>
                }
            </text>
        </g>
    }
}
