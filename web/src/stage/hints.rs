//! The first words on the picture: they stand until the first action.

use shardscope_core::id::NodeId;
use yew::{Html, html};

use crate::geometry::{Point, px};
use crate::layout::{CELL_HEIGHT, Layout};
use crate::words;

/// The words "leader", "log", "what it stores", each with a line to what it names.
pub(crate) fn hints(leader: Option<NodeId>, layout: &Layout) -> Html {
    let crown = leader.and_then(|leader| layout.server(leader)).map(|at| {
        let left = at.x < layout.middle.x - 1.0;
        let side = if left { -1.0 } else { 1.0 };
        let edge = Point::new(at.x + side * layout.disc * 0.75, at.y - layout.disc * 0.75);
        let text = Point::new(at.x + side * (layout.disc + 10.0), at.y - 34.0);
        hint("leader", text, edge, left)
    });
    let rows = layout.rows.map(|rows| {
        let y = rows.line(0) - CELL_HEIGHT / 2.0 - 4.0;
        let over = rows.top - 16.0;
        html! {
            <>
                { hint(words::LOG, Point::new(rows.log + 14.0, over), Point::new(rows.log + 6.0, y),
                    false) }
                { hint(words::STORE, Point::new(rows.store + 14.0, over),
                    Point::new(rows.store + 6.0, y), false) }
            </>
        }
    });
    html! { <g class="hints" aria-hidden="true">{ crown }{ rows }</g> }
}

fn hint(word: &'static str, text: Point, target: Point, left: bool) -> Html {
    let width = 7.4 * word.len() as f64 + 20.0;
    let x = if left { text.x - width } else { text.x };
    let bend = if left { x + width } else { x };
    html! {
        <g class="hint">
            <path class="string"
                d={format!("M{} {}L{} {}", px(bend), px(text.y), px(target.x), px(target.y))} />
            <circle cx={px(target.x)} cy={px(target.y)} r="2.5" />
            <rect x={px(x)} y={px(text.y - 12.0)} width={px(width)} height="24" rx="12" />
            <text x={px(x + width / 2.0)} y={px(text.y + 4.5)}>{ word }</text>
        </g>
    }
}
