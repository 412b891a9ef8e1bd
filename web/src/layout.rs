//! Where things stand on the stage: a pure function of its size and of how many there are.

use std::f64::consts::TAU;

use shardscope_core::id::NodeId;

use crate::geometry::{Frame, Point, Way, within};
use crate::host::on_circle;

/// Which part of the stage is shown: everything, or on a phone one half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Ring and rows side by side.
    Whole,
    /// The ring with the clients.
    Ring,
    /// The rows: logs and stores.
    Rows,
}

/// The rows at the right: each server's log and what it stores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rows {
    /// The box around all rows.
    pub(crate) frame: Frame,
    /// Height of one row.
    pub(crate) height: f64,
    /// Where the first row begins.
    pub(crate) top: f64,
    /// Where the first log cell begins.
    pub(crate) log: f64,
    /// How many log cells there is room for.
    pub(crate) columns: u64,
    /// Where the store begins.
    pub(crate) store: f64,
    /// How wide it is.
    pub(crate) store_width: f64,
    /// The store stands above the log instead of beside it.
    pub(crate) stacked: bool,
}

/// The places of everything on the stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// What is shown.
    pub(crate) part: Part,
    /// Width of the drawing.
    pub(crate) width: f64,
    /// Height of the drawing.
    pub(crate) height: f64,
    /// The card of the group.
    pub(crate) card: Frame,
    /// The middle of the ring.
    pub(crate) middle: Point,
    /// The radius of a server's disc.
    pub(crate) disc: f64,
    /// The servers' discs; none when only the rows are shown.
    pub(crate) servers: Vec<Point>,
    /// The clients' pills.
    pub(crate) clients: Vec<Frame>,
    /// The rows; none when only the ring is shown.
    pub(crate) rows: Option<Rows>,
    bends: Vec<f64>,
}

/// Where the words beside a server's disc stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Right of it.
    Right,
    /// Left of it.
    Left,
    /// Above it, aligned with its outer edge.
    Above {
        /// The outer edge is the left one.
        left: bool,
    },
    /// Below it.
    Below,
}

/// Width of a log cell.
pub(crate) const CELL: f64 = 44.0;
/// From one log cell to the next.
pub(crate) const STRIDE: f64 = 46.0;
/// Height of a log cell.
pub(crate) const CELL_HEIGHT: f64 = 28.0;
/// Left of the first cell: room for a snapshot or an ellipsis.
pub(crate) const GUTTER: f64 = 38.0;

const PILL: f64 = 44.0;
const LANE: f64 = 7.0;

impl Layout {
    /// The layout for a stage of `width` by `height`.
    pub(crate) fn new(width: f64, height: f64, servers: usize, clients: usize, part: Part) -> Self {
        let wide = part == Part::Whole;
        let margin = if wide { 20.0 } else { 8.0 };
        let lower = if part == Part::Rows { 8.0 } else { PILL + 24.0 };
        let height = if part == Part::Rows {
            height.max(36.0 + 88.0 * servers as f64 + 16.0)
        } else {
            height
        };
        let card = Frame {
            x: margin,
            y: 4.0,
            w: width - 2.0 * margin,
            h: (height - 4.0 - lower).max(80.0),
        };
        let ring_width = if wide { within(card.w * 0.38, 396.0, 580.0) } else { card.w };
        let disc = if servers > 5 { 22.0 } else { 26.0 };
        let ring = if part == Part::Rows { 0 } else { servers };
        let words = beside(part, width, height);
        let (middle, places) = ring_of(card, ring_width, disc, ring, words);
        let pills = if part == Part::Rows { 0 } else { clients };
        let room = if wide { ring_width + 24.0 } else { card.w };
        let pill = ((room - 12.0 * (clients.max(1) - 1) as f64) / clients.max(1) as f64).min(308.0);
        let pills = (0..pills)
            .map(|i| Frame {
                x: card.x + (pill + 12.0) * i as f64,
                y: height - PILL - 8.0,
                w: pill,
                h: PILL,
            })
            .collect();
        let rows = (part != Part::Ring).then(|| {
            let left = if wide { card.x + ring_width } else { card.x + 8.0 };
            Rows::new(Frame { x: left, w: card.x + card.w - left, ..card }, servers, !wide)
        });
        let mut layout = Self {
            part,
            width,
            height,
            card,
            middle,
            disc,
            servers: places,
            clients: pills,
            rows,
            bends: Vec::new(),
        };
        layout.bends = layout.bend_around();
        layout
    }

    /// For each client and server, the gentlest curve between them that touches no other disc
    /// and runs over no words; if there is none, the one that keeps farthest away.
    fn bend_around(&self) -> Vec<f64> {
        let mut bends = Vec::with_capacity(self.clients.len() * self.servers.len());
        let words: Vec<Point> = self.servers.iter().flat_map(|at| self.words_at(*at)).collect();
        for client in 0..self.clients.len() {
            for (server, place) in self.servers.iter().enumerate() {
                let spare = |bend: f64| {
                    let way = self.up(client, *place, bend);
                    let others = self.servers.iter().enumerate().filter(|(i, _)| *i != server);
                    let discs = others.map(|(_, p)| way.clearance(*p) - self.disc - 12.0);
                    let texts = words.iter().map(|p| way.clearance(*p) - 20.0);
                    discs.chain(texts).fold(f64::MAX, f64::min)
                };
                let tries = [0, 20, -20, 40, -40, 60, -60, 80, -80, 110, -110, 140, -140];
                let tries = tries.map(f64::from);
                let best = tries.into_iter().max_by(|a, b| spare(*a).total_cmp(&spare(*b)));
                let good = tries.into_iter().find(|bend| spare(*bend) > 0.0).or(best);
                bends.push(good.unwrap_or(0.0));
            }
        }
        bends
    }

    /// Points along the words beside a disc.
    fn words_at(&self, at: Point) -> Vec<Point> {
        let r = self.disc;
        let (from, to, y) = match self.label(at) {
            Label::Right => (r + 20.0, r + 70.0, 4.0),
            Label::Left => (-r - 20.0, -r - 70.0, 4.0),
            Label::Above { left: true } => (-r, r, -r - 20.0),
            Label::Above { left: false } => (r, -r, -r - 20.0),
            Label::Below => (-24.0, 24.0, r + 26.0),
        };
        let middle = (from + to) / 2.0;
        [from, middle, to].map(|x| Point::new(at.x + x, at.y + y)).to_vec()
    }

    /// Where a client's messages leave and arrive.
    pub(crate) fn port(&self, client: usize) -> Point {
        let pill = self.clients.get(client).copied().unwrap_or_default();
        // Near the middle, where the ring is open at its lower side.
        let reach = 24.0;
        let x = within(pill.x + pill.w / 2.0, self.middle.x - reach, self.middle.x + reach);
        Point::new(within(x, pill.x + 12.0, pill.x + pill.w - 12.0), pill.y)
    }

    /// The way of a message between two processes; none if one of them is not on the stage.
    pub(crate) fn way(&self, from: NodeId, to: NodeId, servers: usize) -> Option<Way> {
        let (a, b) = (usize::from(from.0), usize::from(to.0));
        if a < servers && b < servers {
            let way = Way { from: *self.servers.get(a)?, to: *self.servers.get(b)?, bend: 0.0 };
            return Some(way.trimmed(self.disc + 6.0, self.disc + 8.0).beside(LANE));
        }
        let (client, server) = if a < servers { (b, a) } else { (a, b) };
        let client = client.checked_sub(servers)?;
        let place = *self.servers.get(server)?;
        self.clients.get(client)?;
        let bend = *self.bends.get(client * self.servers.len() + server)?;
        let up = self.up(client, place, bend);
        Some(if a < servers {
            Way { from: up.to, to: up.from, bend: -bend }.beside(5.0)
        } else {
            up.beside(5.0)
        })
    }

    /// The way from a client to a server's disc.
    fn up(&self, client: usize, place: Point, bend: f64) -> Way {
        let way = Way { from: self.port(client), to: place, bend };
        way.trimmed(4.0, self.disc + 8.0)
    }

    /// Where a server stands in the ring.
    pub(crate) fn server(&self, server: NodeId) -> Option<Point> {
        self.servers.get(usize::from(server.0)).copied()
    }

    /// Where a server's label stands: away from the middle, where no message flies.
    pub(crate) fn label(&self, at: Point) -> Label {
        let (dx, dy) = (at.x - self.middle.x, at.y - self.middle.y);
        if beside(self.part, self.width, self.height) || dx.abs() < 1.0 {
            if dx < -1.0 { Label::Left } else { Label::Right }
        } else if dy > self.disc * 1.6 {
            Label::Below
        } else {
            Label::Above { left: dx < 0.0 }
        }
    }
}

/// Whether the words stand beside the discs: on a stage that is wider than it is high.
fn beside(part: Part, width: f64, height: f64) -> bool {
    part == Part::Whole || width > height
}

/// The middle of the ring and the places of its servers: an ellipse with room for their words.
fn ring_of(
    card: Frame,
    width: f64,
    disc: f64,
    servers: usize,
    beside: bool,
) -> (Point, Vec<Point>) {
    let middle = Point::new(card.x + width / 2.0, card.y + card.h / 2.0 + 6.0);
    let words = if beside { 90.0 } else { 14.0 };
    let across = (width / 2.0 - disc - words).max(44.0);
    let down = (card.h / 2.0 - disc - if beside { 22.0 } else { 52.0 }).max(48.0);
    let (across, down) = (across.min(down * 1.15), down.min(across * 1.5));
    let place = |i: usize| {
        let angle = TAU * i as f64 / servers as f64 - TAU / 4.0;
        let (x, y) = on_circle(angle);
        Point::new(middle.x + across * x, middle.y + down * y)
    };
    (middle, (0..servers).map(place).collect())
}

impl Rows {
    fn new(frame: Frame, servers: usize, stacked: bool) -> Self {
        let top = frame.y + 34.0;
        let room = frame.y + frame.h - top - 4.0;
        let least = if stacked { 84.0 } else { 44.0 };
        let height = within(room / servers.max(1) as f64, least, 116.0);
        let head = if stacked { 0.0 } else { 112.0 };
        let log = frame.x + head + GUTTER;
        let right = frame.x + frame.w - 16.0;
        let store_width = if stacked { 190.0 } else { within(frame.w * 0.27, 120.0, 260.0) };
        let store = right - store_width;
        let end = if stacked { right } else { store - 24.0 };
        let columns = within(((end - log) / STRIDE).floor(), 2.0, 24.0) as u64;
        Self { frame, height, top, log, columns, store, store_width, stacked }
    }

    /// The vertical middle of a row's log cells.
    pub(crate) fn line(&self, row: usize) -> f64 {
        let lower = if self.stacked { 0.68 } else { 0.5 };
        self.top + self.height * (row as f64 + lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_stage_and_no_discs_touch() {
        for (w, h) in [(1280.0, 424.0), (960.0, 424.0), (1366.0, 472.0), (1920.0, 784.0)] {
            for servers in [3, 5, 7] {
                let layout = Layout::new(w, h, servers, 2, Part::Whole);
                for (i, a) in layout.servers.iter().enumerate() {
                    assert!(a.x - layout.disc > 0.0 && a.y - layout.disc - 12.0 > 0.0);
                    assert!(a.y + layout.disc < layout.card.y + layout.card.h);
                    for b in &layout.servers[..i] {
                        assert!(a.distance(*b) > 2.0 * layout.disc + 12.0, "{w} {servers}");
                    }
                }
            }
        }
    }

    #[test]
    fn clients_messages_touch_no_disc_that_they_do_not_mean() {
        for (w, h) in [(1280.0, 424.0), (1366.0, 472.0), (1920.0, 784.0)] {
            let layout = Layout::new(w, h, 5, 2, Part::Whole);
            for client in [5, 6] {
                for server in 0..5 {
                    let way =
                        layout.way(NodeId(client), NodeId(server), 5).expect("both are there");
                    for (i, at) in layout.servers.iter().enumerate() {
                        let clear = way.clearance(*at) > layout.disc + 4.0;
                        assert!(
                            i == usize::from(server) || clear,
                            "{w}: {client} to {server}, {i}"
                        );
                    }
                }
            }
        }
    }
}
