//! The first words on the picture: they stand until the first action.

use shardscope_core::id::NodeId;
use yew::{Html, html};

use crate::geometry::{Point, px, within};
use crate::layout::{Label, Layout, Rows};
use crate::words;

/// The words "leader", "log", "what it stores", each with a line to what it names.
pub(crate) fn hints(leader: Option<NodeId>, layout: &Layout, rows: Option<Rows>) -> Html {
    let crown = leader.and_then(|leader| layout.server(leader)).map(|at| {
        if layout.label(at) == Label::Above {
            // Its words are above it: beside it there is room.
            let edge = Point::new(at.x + layout.disc + 2.0, at.y);
            return hint("leader", Point::new(edge.x + 18.0, at.y - 4.0), edge);
        }
        let over = at.y - layout.disc;
        let text = Point::new(at.x - 35.0, over - 36.0);
        hint("leader", text, Point::new(at.x, over - 17.0))
    });
    let rows = rows.map(|rows| {
        let y = rows.line(0) - rows.cell / 2.0 - 4.0;
        let over = rows.top - 16.0;
        // Past the term over the first cell.
        let (log, store) = (rows.log + 28.0, rows.store + 6.0);
        let words = (store + 8.0).min(rows.frame.x + rows.frame.w - 128.0);
        html! {
            <>
                { hint(words::LOG, Point::new(log + 8.0, over), Point::new(log, y)) }
                { hint(words::STORE, Point::new(words, over), Point::new(store, y)) }
            </>
        }
    });
    html! { <g class="hints" aria-hidden="true">{ crown }{ rows }</g> }
}

fn hint(word: &'static str, text: Point, target: Point) -> Html {
    let width = 7.4 * word.len() as f64 + 20.0;
    let bend = within(target.x, text.x, text.x + width);
    html! {
        <g class="hint">
            <path class="string"
                d={format!("M{} {}L{} {}", px(bend), px(text.y), px(target.x), px(target.y))} />
            <circle cx={px(target.x)} cy={px(target.y)} r="2.5" />
            <rect x={px(text.x)} y={px(text.y - 12.0)} width={px(width)} height="24" rx="12" />
            <text x={px(text.x + width / 2.0)} y={px(text.y + 4.5)}>{ word }</text>
        </g>
    }
}
