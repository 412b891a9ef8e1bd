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
    /// From one log cell to the next.
    pub(crate) stride: f64,
    /// Height of a log cell.
    pub(crate) cell: f64,
    /// How many log cells there is room for.
    pub(crate) columns: u64,
    /// Where the store begins.
    pub(crate) store: f64,
    /// How wide it is.
    pub(crate) store_width: f64,
    /// The store stands above the log instead of beside it.
    pub(crate) stacked: bool,
    /// There is room for one line of words only.
    pub(crate) tight: bool,
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
    /// The clients' pills: of all, or of as many as there is room for.
    pub(crate) clients: Vec<Frame>,
    /// One more pill, for so many clients that have none of their own.
    pub(crate) rest: Option<(Frame, usize)>,
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
    /// Above it, in one line.
    Above,
    /// Below it, in one line.
    Below,
}

/// Between two log cells.
pub(crate) const GAP: f64 = 2.0;
/// Left of the first cell: room for a snapshot or an ellipsis.
pub(crate) const GUTTER: f64 = 38.0;

/// The least width of what a server stores.
const LEAST_STORE: f64 = 96.0;
/// More cells than the core shows of a log are of no use, but for the next slot.
const MOST: u64 = 25;
const PILL: f64 = 44.0;
const LANE: f64 = 7.0;
/// The curves that a client's way may take, the gentlest first.
const BENDS: [f64; 13] =
    [0.0, 20.0, -20.0, 40.0, -40.0, 60.0, -60.0, 80.0, -80.0, 110.0, -110.0, 140.0, -140.0];
/// The least width of a client's pill, for its name over a word.
const LEAST_PILL: f64 = 84.0;
/// What the legend keeps of a wide stage.
const LEGEND: f64 = 470.0;
/// From a disc's edge to the middle of a message that leaves or arrives: half a shape, past the
/// timer's ring.
const DOOR: f64 = 22.0;
/// The same above a disc, past a leader's crown.
const CROWNED: f64 = 32.0;

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
        let disc = match servers {
            6.. if card.h < 260.0 => 14.0,
            8.. if card.h < 300.0 => 18.0,
            6.. => 22.0,
            _ => 26.0,
        };
        let ring = if part == Part::Rows { 0 } else { servers };
        let (middle, places) = ring_of(card, ring_width, disc, ring);
        let pills = if part == Part::Rows { 0 } else { clients };
        let room = if wide { ring_width + 24.0 } else { card.w };
        let more = if wide { (card.w - LEGEND).max(room) } else { room };
        let (pills, rest) =
            pills_of(Frame { y: height - PILL - 8.0, w: room, ..card }, more, pills);
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
            rest,
            rows,
            bends: Vec::new(),
        };
        layout.bends = layout.bend_around();
        layout
    }

    /// For each client and server, the gentlest curve between them that touches no other disc
    /// and runs over no words; if there is none, the one that keeps farthest away.
    fn bend_around(&self) -> Vec<f64> {
        let pills = self.clients.len() + usize::from(self.rest.is_some());
        let mut bends = Vec::with_capacity(pills * self.servers.len());
        let words: Vec<Point> = self.servers.iter().flat_map(|at| self.words_at(*at)).collect();
        for client in 0..pills {
            for (server, place) in self.servers.iter().enumerate() {
                let mut best = (f64::MIN, 0.0);
                for bend in BENDS {
                    let way = self.up(client, *place, bend);
                    let others = self.servers.iter().enumerate().filter(|(i, _)| *i != server);
                    let discs = others.map(|(_, p)| way.clearance(*p) - self.disc - 12.0);
                    let texts = words.iter().map(|p| way.clearance(*p) - 20.0);
                    // Nor does it sink behind the pills.
                    let pills = way.from.y + 2.0 - way.at(0.25).0.y.max(way.at(0.5).0.y);
                    let spare = discs.chain(texts).fold(pills, f64::min);
                    if spare > best.0 {
                        best = (spare, bend);
                    }
                    if spare > 0.0 {
                        break;
                    }
                }
                bends.push(best.1);
            }
        }
        bends
    }

    /// Points along the words beside a disc.
    fn words_at(&self, at: Point) -> Vec<Point> {
        let words = self.words(at);
        let y = words.y + words.h / 2.0;
        [0.1, 0.5, 0.9].map(|part| Point::new(words.x + words.w * part, y)).to_vec()
    }

    /// The box that the words beside a disc are within.
    pub(crate) fn words(&self, at: Point) -> Frame {
        let r = self.disc;
        let (x, y, w, h) = match self.label(at) {
            Label::Right => (r + 15.0, -16.0, 67.0, 34.0),
            Label::Left => (-r - 82.0, -16.0, 67.0, 34.0),
            Label::Above => (-58.0, -r - 38.0, 116.0, 22.0),
            Label::Below => (-58.0, r + 8.0, 116.0, 18.0),
        };
        Frame { x: at.x + x, y: at.y + y, w, h }
    }

    /// The pill of a client: its own, or that of the rest.
    fn pill(&self, client: usize) -> Option<(usize, Frame)> {
        let own = self.clients.get(client).map(|pill| (client, *pill));
        own.or_else(|| self.rest.map(|(pill, _)| (self.clients.len(), pill)))
    }

    /// Where a client's messages leave and arrive.
    pub(crate) fn port(&self, client: usize) -> Point {
        let pill = self.pill(client).unwrap_or_default().1;
        // Near the middle, where the ring is open at its lower side.
        let reach = 24.0;
        let x = within(pill.x + pill.w / 2.0, self.middle.x - reach, self.middle.x + reach);
        Point::new(within(x, pill.x + 12.0, pill.x + pill.w - 12.0), pill.y - 14.0)
    }

    /// The way of a message between two processes; none if one of them is not on the stage.
    pub(crate) fn way(&self, from: NodeId, to: NodeId, servers: usize) -> Option<Way> {
        let (a, b) = (usize::from(from.0), usize::from(to.0));
        if a < servers && b < servers {
            let way = Way { from: *self.servers.get(a)?, to: *self.servers.get(b)?, bend: 0.0 };
            // It comes out from under its disc and stops in sight before the other.
            let way = way.trimmed(self.disc + 8.0, self.door(way.to, way.from));
            return Some(way.beside(LANE));
        }
        let (client, server) = if a < servers { (b, a) } else { (a, b) };
        let client = client.checked_sub(servers)?;
        let place = *self.servers.get(server)?;
        let (client, _) = self.pill(client)?;
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
        way.trimmed(4.0, self.door(place, way.from))
    }

    /// How far from a disc's middle a message stands that leaves for `other` or comes from there.
    fn door(&self, at: Point, other: Point) -> f64 {
        let above = at.towards(other).1 < -0.75;
        self.disc + if above { CROWNED } else { DOOR }
    }

    /// Where a server stands in the ring.
    pub(crate) fn server(&self, server: NodeId) -> Option<Point> {
        self.servers.get(usize::from(server.0)).copied()
    }

    /// Where a server's label stands: away from the middle, where no message flies.
    pub(crate) fn label(&self, at: Point) -> Label {
        let (dx, dy) = (at.x - self.middle.x, at.y - self.middle.y);
        match dx {
            ..-1.0 => Label::Left,
            1.0.. => Label::Right,
            _ if dy > 0.0 => Label::Below,
            _ => Label::Above,
        }
    }
}

/// The middle of the ring and the places of its servers: an ellipse with room for their words.
fn ring_of(card: Frame, width: f64, disc: f64, servers: usize) -> (Point, Vec<Point>) {
    // A crown and a line of words above the first; below, words if there is one just there.
    let above = disc + 40.0;
    let below = disc + if servers.is_multiple_of(2) { 30.0 } else { 12.0 };
    let across = (width / 2.0 - disc - 86.0).max(44.0);
    let down = ((card.h - above - below) / 2.0).max(48.0);
    let (across, down) = (across.min(down * 1.15), down.min(across * 1.5));
    let spare = (card.h - above - below - 2.0 * down).max(0.0) / 2.0;
    let middle = Point::new(card.x + width / 2.0, card.y + above + spare + down);
    let place = |i: usize| {
        let angle = TAU * i as f64 / servers as f64 - TAU / 4.0;
        let (x, y) = on_circle(angle);
        Point::new(middle.x + across * x, middle.y + down * y)
    };
    (middle, (0..servers).map(place).collect())
}

/// The pills of `clients`, in a row from `line`'s left end: as wide as `line` all together, or up
/// to `more` if there are many. Those that find no room share the last one.
fn pills_of(line: Frame, more: f64, clients: usize) -> (Vec<Frame>, Option<(Frame, usize)>) {
    let gap = if clients > 3 { 8.0 } else { 12.0 };
    let fit = |width: f64, least: f64| ((width + gap) / (least + gap)).floor() as usize;
    // As much as it takes to say the operations too, if there is so much.
    let wish = clients as f64 * (190.0 + gap) - gap;
    let room = line.w.max(wish.min(more));
    let count = clients.min(fit(room, LEAST_PILL)).max(1);
    let width = ((room + gap) / count as f64 - gap).min(308.0);
    let pill = |i| Frame { x: line.x + (width + gap) * i as f64, y: line.y, w: width, h: PILL };
    if clients > count {
        let own = count - 1;
        return ((0..own).map(pill).collect(), Some((pill(own), clients - own)));
    }
    ((0..clients).map(pill).collect(), None)
}

impl Rows {
    fn new(frame: Frame, servers: usize, stacked: bool) -> Self {
        let top = frame.y + 34.0;
        let room = frame.y + frame.h - top - 4.0;
        let least = if stacked { 84.0 } else { 20.0 };
        let height = within(room / servers.max(1) as f64, least, 116.0);
        let tight = height < 44.0;
        let head = if stacked {
            0.0
        } else if tight {
            142.0
        } else {
            106.0
        };
        let log = frame.x + head + GUTTER;
        let right = frame.x + frame.w - 12.0;
        let stride = if frame.w < 620.0 { 46.0 } else { 52.0 };
        let cell = within(height - 14.0, 18.0, 28.0);
        let rows = Self {
            frame,
            height,
            top,
            log,
            stride,
            cell,
            columns: 0,
            store: right - 190.0,
            store_width: 190.0,
            stacked,
            tight,
        };
        rows.storing(&|_| true)
    }

    /// The same rows with the least width for the stores that is `enough`, as long as the logs
    /// keep the larger part.
    pub(crate) fn storing(self, enough: &dyn Fn(f64) -> bool) -> Self {
        let right = self.frame.x + self.frame.w - 12.0;
        if self.stacked {
            let columns = ((right - self.log) / self.stride).floor();
            return Self { columns: columns.max(2.0) as u64, ..self };
        }
        // The store's width changes by whole cells: the log must not swim.
        let room = right - self.log;
        let store = (self.frame.w * 0.2).max(LEAST_STORE);
        let whole = ((room - store - 26.0) / self.stride).floor().max(2.0) as u64;
        let whole = whole.min(MOST);
        let least = (whole * 3 / 5).max(4).min(whole);
        let width = |columns: u64| room - 26.0 - self.stride * columns as f64;
        let columns = (least..=whole).rev().find(|columns| enough(width(*columns)));
        let columns = columns.unwrap_or(least);
        let store_width = width(columns);
        Self { columns, store: right - store_width, store_width, ..self }
    }

    /// The width of a log cell.
    pub(crate) fn cell_width(&self) -> f64 {
        self.stride - GAP
    }

    /// How many lines a store may have.
    pub(crate) fn store_lines(&self) -> usize {
        if !self.stacked && self.height >= 56.0 { 2 } else { 1 }
    }

    /// The vertical middle of a row's log cells.
    pub(crate) fn line(&self, row: usize) -> f64 {
        let lower = if self.stacked { 0.68 } else { 0.5 };
        // Over the cells stand the terms.
        let terms = if self.tight { 4.0 } else { 0.0 };
        self.top + self.height * (row as f64 + lower) + terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [(f64, f64, Part); 9] = [
        (1280.0, 354.0, Part::Whole),
        (960.0, 354.0, Part::Whole),
        (1280.0, 424.0, Part::Whole),
        (960.0, 424.0, Part::Whole),
        (1366.0, 472.0, Part::Whole),
        (1600.0, 784.0, Part::Whole),
        (1920.0, 784.0, Part::Whole),
        (390.0, 480.0, Part::Ring),
        (500.0, 290.0, Part::Ring),
    ];

    fn disc(layout: &Layout, at: Point) -> Frame {
        let r = layout.disc + 5.0;
        Frame { x: at.x - r, y: at.y - r, w: 2.0 * r, h: 2.0 * r }
    }

    fn apart(a: Frame, b: Frame) -> bool {
        a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
    }

    #[test]
    fn nothing_leaves_the_stage_and_no_discs_or_words_touch() {
        for (w, h, part) in STAGES {
            // A phone on its side has no room for the words of more.
            for servers in 1..=if h < 300.0 { 5 } else { 9 } {
                let layout = Layout::new(w, h, servers, 2, part);
                let card = layout.card;
                for (i, at) in layout.servers.iter().enumerate() {
                    let what = format!("{w} x {h}, {servers} servers, S{}", i + 1);
                    let (own, words) = (disc(&layout, *at), layout.words(*at));
                    for frame in [own, words] {
                        assert!(
                            frame.x >= card.x && frame.x + frame.w <= card.x + card.w,
                            "{what}"
                        );
                        assert!(frame.y >= card.y, "{what}");
                        assert!(frame.y + frame.h <= card.y + card.h, "{what}");
                    }
                    for (j, b) in layout.servers.iter().enumerate().filter(|(j, _)| *j != i) {
                        let room = at.distance(*b) - 2.0 * layout.disc;
                        assert!(room > 6.0, "{what}: {room} to S{}", j + 1);
                        assert!(apart(words, disc(&layout, *b)), "{what}: words, S{}", j + 1);
                        assert!(apart(words, layout.words(*b)), "{what}: words of S{}", j + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn all_rows_are_above_the_clients() {
        for (w, h, part) in STAGES.into_iter().filter(|stage| stage.2 == Part::Whole) {
            for servers in 1..=9 {
                let layout = Layout::new(w, h, servers, 6, part);
                let rows = layout.rows.expect("the whole stage has rows");
                let end = rows.top + rows.height * servers as f64;
                assert!(end <= layout.card.y + layout.card.h, "{w} x {h}, {servers}: {end}");
                assert!(rows.height >= 26.0 && rows.cell + 6.0 < rows.height);
                assert!(rows.columns >= 4, "{w}: {} columns", rows.columns);
                let cells = rows.log + rows.stride * rows.columns as f64;
                assert!(cells < rows.store && rows.store + rows.store_width < w);
            }
        }
    }

    #[test]
    fn a_store_takes_from_the_log_what_it_needs_but_not_most() {
        let rows = Layout::new(1280.0, 424.0, 5, 2, Part::Whole).rows.expect("there are rows");
        let wider = rows.storing(&|width| width >= rows.store_width + 1.0);
        assert_eq!(wider.columns, rows.columns - 1);
        let most = rows.storing(&|_| false);
        assert!(most.columns >= rows.columns / 2 && most.store > most.log);
    }

    #[test]
    fn pills_stand_side_by_side_for_any_number_of_clients() {
        for (w, h, part) in STAGES {
            for clients in 1..=32 {
                let layout = Layout::new(w, h, 5, clients, part);
                let rest = layout.rest.map_or(0, |(_, rest)| rest);
                assert_eq!(layout.clients.len() + rest, clients);
                assert!(rest != 1, "a pill of its own would take no more room");
                let all: Vec<Frame> =
                    layout.clients.iter().copied().chain(layout.rest.map(|(f, _)| f)).collect();
                for (i, pill) in all.iter().enumerate() {
                    assert!(pill.w >= LEAST_PILL && pill.x + pill.w <= w - 8.0, "{w}: {clients}");
                    assert!(all[..i].iter().all(|other| apart(*pill, *other)));
                }
                // Those without a pill of their own speak from the last one.
                let last = NodeId(5 + clients as u16 - 1);
                assert!(layout.way(last, NodeId(0), 5).is_some());
            }
        }
    }

    #[test]
    fn clients_messages_touch_no_disc_that_they_do_not_mean_and_no_pill() {
        for (w, h) in [(1280.0, 424.0), (1366.0, 472.0), (1920.0, 784.0)] {
            let layout = Layout::new(w, h, 5, 2, Part::Whole);
            for client in [5, 6] {
                for server in 0..5 {
                    let way =
                        layout.way(NodeId(client), NodeId(server), 5).expect("both are there");
                    assert!(way.from.y + 8.0 < layout.clients[0].y);
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
