//! Election timers, running down around the discs.

use shardscope_core::time::Instant;
use shardscope_core::view::{Health, Stage, Timer};
use yew::{Html, html};

use super::light::Light;
use crate::decimal::tenths;
use crate::geometry::{Point, px, within};
use crate::layout::Layout;

/// What steps back says so.
type Class = Option<&'static str>;

/// The timers that run on this stage.
pub(crate) fn of(stage: &Stage, layout: &Layout, light: &Light) -> Vec<(Point, Timer, Class)> {
    let up = stage.servers.iter().filter(|server| server.health == Health::Up);
    up.filter_map(|server| Some((layout.server(server.id)?, server.timer?, light.on(server.id))))
        .collect()
}

/// The arcs around discs of radius `disc`; in eighths instead of a flow if nothing may glide.
pub(crate) fn timers(
    timers: &[(Point, Timer, Class)],
    now: Instant,
    disc: f64,
    still: bool,
) -> Html {
    let radius = disc + 4.0;
    html! {
        <g class="timers">
            { for timers.iter().map(|(at, timer, class)| {
                let whole = timer.fires.since(timer.set).as_micros().max(1) as f64;
                let left = timer.fires.since(now).as_micros() as f64 / whole;
                let left = within(left, 0.0, 1.0);
                let left = if still { (left * 8.0).ceil() / 8.0 } else { left };
                html! {
                    <circle class={*class} cx={px(at.x)} cy={px(at.y)} r={px(radius)}
                        pathLength="100"
                        stroke-dasharray={format!("{} 100", tenths(left * 100.0))}
                        transform={format!("rotate(-90 {at})")} />
                }
            }) }
        </g>
    }
}
