//! What each server stores, beside its log: as many pairs as there is room for.

use shardscope_core::view::{Health, Server, Stored};
use yew::{Html, html};

use crate::geometry::px;
use crate::layout::Rows;
use crate::words::{self, middle, short};

/// So many letters of a key are shown.
const KEY: usize = 6;
/// So many letters of a value are shown.
const VALUE: usize = 7;
/// From one line of pairs to the next.
const LINE: f64 = 24.0;
/// Room for the words "+12".
const MORE: f64 = 26.0;

/// A server's store.
pub(super) fn store(server: &Server, rows: &Rows, line: f64) -> Html {
    let mid = if rows.stacked { line - rows.cell - 10.0 } else { line };
    if server.health == Health::Down || server.store.is_empty() {
        let words = if server.health == Health::Down { "" } else { words::NOTHING };
        return html! {
            <text class="empty" x={px(rows.store)} y={px(mid + 4.0)}>{ words }</text>
        };
    }
    let lines = rows.store_lines();
    let widths: Vec<f64> = server.store.iter().map(width).collect();
    let whole = places(&widths, rows.store_width, lines);
    // The freshest first, so that a change is seen even when there is not room for all.
    let (fresh, rest): (Vec<_>, Vec<_>) = server.store.iter().partition(|stored| stored.fresh);
    let (shown, places) = if whole.len() == widths.len() {
        (server.store.iter().collect(), whole)
    } else {
        let shown = [fresh, rest].concat();
        let widths: Vec<f64> = shown.iter().map(|stored| width(stored)).collect();
        let places = places(&widths, rows.store_width, lines);
        (shown, places)
    };
    let used = places.last().map_or(0, |place| place.0);
    let high = (rows.height - 4.0).min(LINE);
    let at = |place: (usize, f64)| {
        (rows.store - 6.0 + place.1, mid + LINE * (place.0 as f64 - used as f64 / 2.0))
    };
    let more = shown.len() - places.len();
    let (x, y) = places.last().map_or((rows.store - 6.0, mid), |last| {
        let (x, y) = at(*last);
        (x + width(shown[places.len() - 1]), y)
    });
    html! {
        <g class="store" data-test="store">
            { for shown.iter().zip(&places).map(|(stored, place)| pair(stored, at(*place), high)) }
            if more > 0 {
                <text class="more" x={px(x + 4.0)} y={px(y + 4.0)}>{ format!("+{more}") }</text>
            }
        </g>
    }
}

/// Whether `server` can show all that it stores in `room`.
pub(super) fn fits(server: &Server, room: f64, lines: usize) -> bool {
    let widths: Vec<f64> = server.store.iter().map(width).collect();
    places(&widths, room, lines).len() == widths.len()
}

/// Line and left edge of as many pairs as there is room for; the last ones leave room to say how
/// many more there are.
fn places(widths: &[f64], room: f64, lines: usize) -> Vec<(usize, f64)> {
    let mut places = Vec::new();
    let (mut line, mut x) = (0, 0.0);
    for (i, width) in widths.iter().enumerate() {
        let last = i + 1 == widths.len();
        let spare = if line + 1 == lines && !last { MORE } else { 0.0 };
        if x > 0.0 && x + width > room && line + 1 < lines {
            (line, x) = (line + 1, 0.0);
            let spare = if line + 1 == lines && !last { MORE } else { 0.0 };
            if width + spare > room {
                break;
            }
        } else if x + width + spare > room && !(x == 0.0 && line == 0) {
            // It may be that all the others fit exactly.
            let rest: f64 = widths[i..].iter().sum();
            if x + rest > room {
                break;
            }
        }
        places.push((line, x));
        x += width;
    }
    places
}

fn pair(stored: &Stored, (x, y): (f64, f64), high: f64) -> Html {
    let (key, value) = (short(&stored.key, KEY), middle(&stored.value, VALUE));
    html! {
        <g class={if stored.fresh { "pair fresh" } else { "pair" }}>
            <title>{ format!("{} = {}, version {}", short(&stored.key, 200),
                short(&stored.value, 400), stored.version) }</title>
            <rect x={px(x)} y={px(y - high / 2.0)} width={px(width(stored) - 4.0)}
                height={px(high)} rx="6" />
            <text x={px(x + 6.0)} y={px(y + 4.0)}>
                <tspan class="key">{ key }</tspan>
                <tspan class="value" dx="6">{ value }</tspan>
            </text>
        </g>
    }
}

/// How wide a pair is, with the gap after it.
fn width(stored: &Stored) -> f64 {
    let letters = stored.key.chars().count().min(KEY) + stored.value.chars().count().min(VALUE);
    7.3 * letters as f64 + 22.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_pairs_are_shown_as_fit() {
        // All in one line, to the last pixel.
        assert_eq!(places(&[50.0, 50.0, 50.0], 150.0, 1), [(0, 0.0), (0, 50.0), (0, 100.0)]);
        // Not all: the last one shown leaves room for the count.
        assert_eq!(places(&[50.0, 50.0, 60.0], 150.0, 1), [(0, 0.0), (0, 50.0)]);
        assert_eq!(places(&[50.0, 50.0, 60.0], 120.0, 1), [(0, 0.0)]);
        // Two lines.
        let both = [(0, 0.0), (0, 50.0), (1, 0.0), (1, 60.0)];
        assert_eq!(places(&[50.0, 50.0, 60.0, 50.0], 120.0, 2), both);
        assert_eq!(places(&[50.0, 50.0, 60.0, 50.0, 50.0], 120.0, 2), both[..3]);
        // One is always shown.
        assert_eq!(places(&[90.0, 50.0], 60.0, 2), [(0, 0.0), (1, 0.0)]);
        assert!(places(&[], 60.0, 2).is_empty());
    }
}
