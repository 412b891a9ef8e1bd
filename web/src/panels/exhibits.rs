//! Operations as bars over the order of events, a lane for each client.

use shardscope_judge::findings::{Exhibit, Part};
use yew::{Html, classes, html};

use crate::geometry::px;
use crate::words;

/// What a picture is drawn from.
pub(super) struct Picture<'a> {
    /// The operations.
    pub(super) all: &'a [Exhibit],
    /// What the clients are called.
    pub(super) name: &'a dyn Fn(u64) -> String,
    /// The operations' numbers: the order of these, by index.
    pub(super) order: &'a [usize],
    /// As wide as this.
    pub(super) width: f64,
    /// What it shows, in words.
    pub(super) label: String,
}

/// The part that has names.
const NAMES: f64 = 72.0;
const LANE: f64 = 30.0;
/// From one event to the next, in the units of places.
const EVENT: f64 = 100.0;
/// From one event to the next in a picture that is as wide as it needs to be.
const STRIDE: f64 = 26.0;

/// How wide a picture is that has room for everything.
pub(super) fn natural_width(all: &[Exhibit]) -> f64 {
    NAMES + end(all) / EVENT * STRIDE
}

/// Where the picture ends: at the last event, or behind it if something is open.
fn end(all: &[Exhibit]) -> f64 {
    let places = all.iter().flat_map(|exhibit| [Some(exhibit.called), exhibit.returned]);
    let open = all.iter().any(|exhibit| exhibit.returned.is_none());
    f64::from(places.flatten().max().unwrap_or_default().max(1)) + if open { EVENT } else { 0.0 }
}

/// The picture.
pub(super) fn picture(of: Picture<'_>) -> Html {
    let Picture { all, name, order, width, label } = of;
    let mut lanes: Vec<u64> = Vec::new();
    for exhibit in all {
        if let Err(place) = lanes.binary_search(&exhibit.process) {
            lanes.insert(place, exhibit.process);
        }
    }
    let scale = (width - NAMES - 4.0) / end(all);
    let x = |place: u32| NAMES + scale * f64::from(place);
    let height = LANE * lanes.len() as f64;
    let rank = |index| order.iter().position(|other| *other == index);
    html! {
        <svg class="evidence" role="img" viewBox={format!("0 0 {} {}", px(width), px(height + 4.0))}
            width={px(width)} aria-label={label}>
            { for lanes.iter().enumerate().map(|(lane, process)| html! {
                <text class="who" x="0" y={px(LANE * lane as f64 + 20.0)}>
                    { words::short(&name(*process), 10) }</text>
            }) }
            { for all.iter().enumerate().map(|(index, exhibit)| {
                let lane = lanes.iter().position(|id| *id == exhibit.process).unwrap_or_default();
                let until = exhibit.returned.map_or(width - 2.0, x);
                let place = (x(exhibit.called), until, exhibit.point.map(x));
                bar(exhibit, place, LANE * lane as f64 + 4.0, rank(index))
            }) }
        </svg>
    }
}

fn bar(
    exhibit: &Exhibit,
    (from, until, point): (f64, f64, Option<f64>),
    y: f64,
    rank: Option<usize>,
) -> Html {
    let part = match exhibit.part {
        Part::Odd => "odd",
        Part::Clashes => "clashes",
        Part::Bystander => "bystander",
    };
    let open = exhibit.returned.is_none().then_some("open");
    let width = (until - from).max(3.0);
    let number = rank.map(|rank| format!("{} ", rank + 1)).unwrap_or_default();
    let label = format!("{number}{}", exhibit.words);
    let room = (width - 8.0).max(0.0) as usize * 2 / 15;
    html! {
        <g class={classes!("exhibit", part, open)}>
            <title>{ exhibit.words.clone() }</title>
            <rect x={px(from)} y={px(y)} width={px(width)} height="22" rx="3" />
            if let Some(x) = point {
                <line class="point" x1={px(x)} x2={px(x)} y1={px(y)} y2={px(y + 22.0)} />
            }
            <text x={px(from + 4.0)} y={px(y + 15.5)}>{ words::middle(&label, room) }</text>
        </g>
    }
}
