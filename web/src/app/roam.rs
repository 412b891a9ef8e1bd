//! Roaming the stage with the arrow keys, to the nearest thing in that direction; and where the
//! focus goes back to.

use shardscope_core::id::Gid;
use shardscope_core::view::Stage;

use super::App;
use crate::cluster::door_id;
use crate::focus::focus_on;
use crate::geometry::Point;
use crate::intent::Spot;
use crate::layout::Layout;
use crate::panels::TEXT_VIEW;
use crate::stage::{pairs, spot_id};

/// Everything on the stage that the keyboard can be on, with its place.
fn spots(stage: &Stage, layout: &Layout) -> Vec<(Spot, Point)> {
    let servers =
        stage.servers.iter().filter_map(|s| Some((Spot::Server(s.id), layout.server(s.id)?)));
    let links = pairs(layout.servers.len()).filter_map(|(a, b)| {
        // Not quite the middle: opposite links share it.
        let place = layout.server(a)?.between(layout.server(b)?, 0.45);
        Some((Spot::Link(a, b), place))
    });
    let clients = stage.clients.iter().zip(&layout.clients).map(|(client, frame)| {
        (Spot::Client(client.id), Point::new(frame.x + frame.w / 2.0, frame.y + frame.h / 2.0))
    });
    servers.chain(links).chain(clients).collect()
}

/// The spot that the keyboard is on, or the first: what is not drawn cannot have the focus.
pub(crate) fn here(spot: Spot, stage: &Stage, layout: &Layout) -> Spot {
    let all = spots(stage, layout);
    let found = all.iter().find(|(drawn, _)| *drawn == spot).or(all.first());
    found.map_or(spot, |(spot, _)| *spot)
}

/// Where an arrow key leads from `here`, if anywhere.
pub(crate) fn next(key: &str, here: Spot, stage: &Stage, layout: &Layout) -> Option<Spot> {
    let all = spots(stage, layout);
    let (dx, dy) = match key {
        "ArrowLeft" => (-1.0, 0.0),
        "ArrowRight" => (1.0, 0.0),
        "ArrowUp" => (0.0, -1.0),
        "ArrowDown" => (0.0, 1.0),
        "Home" => return all.first().map(|(spot, _)| *spot),
        "End" => return all.last().map(|(spot, _)| *spot),
        _ => return None,
    };
    let from = all.iter().find(|(spot, _)| *spot == here).or(all.first())?.1;
    let cost = |to: Point| {
        let (x, y) = (to.x - from.x, to.y - from.y);
        let (ahead, aside) = (x * dx + y * dy, (x * dy - y * dx).abs());
        (ahead > 1.0).then_some(ahead + 2.0 * aside)
    };
    all.iter()
        .filter(|(spot, _)| *spot != here)
        .filter_map(|(spot, place)| Some((*spot, cost(*place)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(spot, _)| spot)
}

impl App {
    /// The focus goes back to where it was.
    pub(super) fn refocus(&mut self) {
        let left = self.ui.left.take();
        if self.ui.text_view {
            focus_on(TEXT_VIEW);
        } else if self.overview().is_none() {
            focus_on(&spot_id(here(self.ui.spot, &self.seen.stage, &self.layout)));
        } else if let Some(gid) = left {
            focus_on(&door_id(gid));
        } else {
            let drawn = |spot: &Spot| {
                self.seen.stage.clients.iter().any(|client| *spot == Spot::Client(client.id))
            };
            let spot = Some(self.ui.spot).filter(drawn).map(spot_id);
            focus_on(&spot.unwrap_or_else(|| door_id(Gid(0)).into()));
        }
    }
}
