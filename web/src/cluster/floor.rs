//! Where the cards stand: a pure function of the stage's size and of how many there are.

use crate::geometry::{Frame, Point};

/// The places of the cards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Floor {
    /// Width of the drawing.
    pub(super) width: f64,
    /// Height of the drawing; more than the stage has if the cards need it.
    pub(super) height: f64,
    /// The controller's card.
    pub(super) controller: Frame,
    /// The groups' cards.
    pub(super) cards: Vec<Frame>,
    /// The clients' pills.
    pub(super) pills: Vec<Frame>,
    /// Height of a server's row.
    pub(super) row: f64,
    /// There is no room for words beside words.
    pub(super) narrow: bool,
}

/// Between the controller and the groups: the shards travel here.
const AISLE: f64 = 44.0;
/// The head of a card, with its chips.
pub(super) const HEAD: f64 = 40.0;
const PILL: f64 = 34.0;
/// The least height of a server's row.
const ROW: f64 = 24.0;

impl Floor {
    /// The places on a stage of `width` by `height`, for so many groups of so many servers.
    pub(crate) fn new(
        (width, height): (f64, f64),
        groups: usize,
        servers: usize,
        clients: usize,
    ) -> Self {
        let narrow = width < 700.0;
        let (margin, gap) = if narrow { (8.0, 8.0) } else { (20.0, 16.0) };
        let whole = width - 2.0 * margin;
        let split = |frame: Frame, count: usize, gap: f64| {
            let w = (frame.w + gap) / count.max(1) as f64 - gap;
            move |i: usize| Frame { x: frame.x + (w + gap) * i as f64, w, ..frame }
        };
        let controller = Frame { x: margin, y: 4.0, w: whole, h: if narrow { 92.0 } else { 66.0 } };
        let fit = ((whole + gap) / (290.0 + gap)).floor().max(1.0) as usize;
        let columns = groups.clamp(1, fit);
        let lines = groups.div_ceil(columns).max(1);
        let pill_lines = if narrow { clients.div_ceil(2) } else { 1 };
        let below = (PILL + 6.0) * pill_lines as f64;
        let top = controller.y + controller.h + AISLE;
        let room = (height - top - below - 8.0 + AISLE) / lines as f64 - AISLE;
        let rows = servers.max(1) as f64;
        let row = ((room - HEAD - 6.0) / rows).clamp(ROW, 60.0);
        let card = HEAD + 6.0 + row * rows;
        let place = |i: usize| {
            let line = Frame {
                x: margin,
                y: top + (card + AISLE) * (i / columns) as f64,
                w: whole,
                h: card,
            };
            split(line, columns, gap)(i % columns)
        };
        let lower = top + (card + AISLE) * lines as f64 - AISLE + 8.0;
        let pill = |i: usize| {
            let per = clients.div_ceil(pill_lines).max(1);
            let y = lower + (PILL + 6.0) * (i / per) as f64;
            split(Frame { x: margin, y, w: whole, h: PILL }, per, 8.0)(i % per)
        };
        Self {
            width,
            height: height.max(lower + below),
            controller,
            cards: (0..groups).map(place).collect(),
            pills: (0..clients).map(pill).collect(),
            row,
            narrow,
        }
    }

    /// The middle of a server's disc in a card.
    pub(super) fn disc(&self, card: Frame, server: usize) -> Point {
        Point::new(card.x + 46.0, card.y + HEAD + self.row * (server as f64 + 0.5))
    }

    /// Where one of so many chips lies in the head of a card, and how wide it is.
    pub(super) fn chip(&self, card: Frame, index: usize, count: usize) -> (Point, f64) {
        let room = card.w - if self.narrow { 150.0 } else { 190.0 };
        let stride = (room / count.max(1) as f64).min(32.0);
        let x = card.x + card.w - 12.0 - stride * (count - index.min(count)) as f64;
        (Point::new(x, card.y + 8.0), (stride - 4.0).max(stride * 0.7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(a: Frame, b: Frame) -> bool {
        a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
    }

    #[test]
    fn no_cards_or_pills_touch_and_none_leaves_the_drawing() {
        for size in [(1280.0, 300.0), (1366.0, 360.0), (1920.0, 700.0), (390.0, 480.0)] {
            for groups in 1..=8 {
                for servers in 1..=9 {
                    let floor = Floor::new(size, groups, servers, 4);
                    let boxes: Vec<Frame> = [floor.controller]
                        .into_iter()
                        .chain(floor.cards.iter().copied())
                        .chain(floor.pills.iter().copied())
                        .collect();
                    for (i, a) in boxes.iter().enumerate() {
                        assert!(boxes[..i].iter().all(|b| apart(*a, *b)), "{size:?} {groups}");
                        assert!(a.x >= 0.0 && a.x + a.w <= floor.width && a.w > 40.0);
                        assert!(a.y >= 0.0 && a.y + a.h <= floor.height);
                    }
                }
            }
        }
    }

    #[test]
    fn three_groups_of_three_stand_side_by_side_without_scrolling() {
        let floor = Floor::new((1280.0, 300.0), 3, 3, 4);
        assert!(floor.height <= 300.0, "{}", floor.height);
        assert!(floor.cards.iter().all(|card| card.y == floor.cards[0].y));
    }
}
