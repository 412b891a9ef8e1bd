//! A line for each shard: its colour is who serves it, a gap is nobody.

use shardscope_core::view::Stretch;
use yew::{Html, classes, html};

use super::Ruler;
use crate::cluster::hue;
use crate::geometry::px;
use crate::words;

/// The room for all lines; with few shards less of it is used.
const MOST: f64 = 48.0;
/// From one line to the next, if there are few.
const STRIDE: f64 = 5.0;

/// From one line to the next.
fn stride(shards: u16) -> f64 {
    (MOST / f64::from(shards.max(1))).min(STRIDE)
}

/// How high so many lines are together.
pub(super) fn height(shards: u16) -> f64 {
    if shards == 0 { 0.0 } else { stride(shards) * f64::from(shards) + 6.0 }
}

/// The numbers of the first and of the last line, beside them.
pub(super) fn numbers(ruler: Ruler, shards: u16) -> Html {
    let last = shards.saturating_sub(1);
    let beside = |shard: u16| {
        let y = 6.0 + stride(shards) * (f64::from(shard) + 0.5) + 3.5;
        html! { <text class="shard" x={px(ruler.left() - 6.0)} y={px(y)}>{ shard }</text> }
    };
    html! { <>{ beside(0) }if last > 1 { { beside(last) } }</> }
}

/// The lines of what has ended, or of what lasts: to the end of the axis.
pub(super) fn lines(ruler: Ruler, stretches: &[Stretch], shards: u16, lasting: bool) -> Html {
    let stride = stride(shards);
    let shown = stretches.iter().filter(|stretch| stretch.until.is_none() == lasting);
    html! {
        <g class="stretches">
            { for shown.filter_map(|stretch| {
                let until = stretch.until.unwrap_or(ruler.window.end());
                let (x, width) = ruler.extent(stretch.from, until)?;
                let y = 6.0 + stride * f64::from(stretch.shard.0);
                Some(html! {
                    <rect class={classes!("stretch", hue(stretch.gid))} x={px(x)} y={px(y)}
                        width={px(width)} height={px((stride - 1.0).max(0.6))}
                        data-test="stretch">
                        <title>{ words::cluster::stretch(stretch.shard, stretch.gid) }</title>
                    </rect>
                })
            }) }
        </g>
    }
}
