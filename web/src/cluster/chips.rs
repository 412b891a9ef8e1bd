//! A shard as a numbered square.

use yew::{Classes, Html, html};

use crate::geometry::{Point, px};

/// The height of a chip.
pub(super) const HEIGHT: f64 = 24.0;

/// A chip with its number, and a sentence about it.
pub(super) fn chip(at: Point, width: f64, shard: u16, class: Classes, title: String) -> Html {
    html! {
        <g {class} data-test="chip" data-shard={shard.to_string()}>
            <title>{ title }</title>
            <rect x={px(at.x)} y={px(at.y)} width={px(width)} height={px(HEIGHT)} rx="6" />
            if width >= 14.0 {
                <text x={px(at.x + width / 2.0)} y={px(at.y + HEIGHT / 2.0 + 4.5)}>{ shard }</text>
            }
        </g>
    }
}
