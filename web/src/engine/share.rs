//! A run and a moment of it as a link, and back.

use shardscope_core::id::Gid;
use shardscope_core::sim::link::{self, Run};
use shardscope_core::sim::timeline::Timeline;

use super::{Engine, Setup};

/// How somebody looks at a run: the bytes of a link that are the page's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// In hundredths of a power of ten.
    pub(crate) speed: i16,
    /// How much time the dock shows.
    pub(crate) zoom: i8,
    /// The group of many that is opened.
    pub(crate) opened: Option<Gid>,
    /// Heartbeats are shown.
    pub(crate) heartbeats: bool,
    /// The text view is shown.
    pub(crate) text: bool,
}

impl View {
    fn bytes(self) -> [u8; 5] {
        let [low, high] = self.speed.to_le_bytes();
        let opened = self.opened.map_or(0, |gid| gid.0.min(254) as u8 + 1);
        let shown = u8::from(self.heartbeats) | u8::from(self.text) << 1;
        [low, high, self.zoom.to_le_bytes()[0], opened, shown]
    }

    /// None: the bytes are not this page's.
    fn read(bytes: &[u8]) -> Option<Self> {
        let &[low, high, zoom, opened, shown] = bytes else { return None };
        Some(Self {
            speed: i16::from_le_bytes([low, high]),
            zoom: i8::from_le_bytes([zoom]),
            opened: opened.checked_sub(1).map(|gid| Gid(gid.into())),
            heartbeats: shown & 1 != 0,
            text: shown & 2 != 0,
        })
    }
}

/// A run that a link led to.
pub(crate) struct Shared {
    /// The run, at its moment.
    pub(crate) engine: Engine,
    /// How it was looked at.
    pub(crate) view: Option<View>,
    /// One sentence, if another version made the link.
    pub(crate) warning: Option<&'static str>,
}

/// Events that are played between two questions whether it is enough.
const PART: u32 = 100_000;

impl Engine {
    /// The link of the present branch and moment, or one sentence why there is none. What was
    /// undone is not in it, nor what a story has not told yet.
    pub(crate) fn link(&self, view: View) -> Result<String, String> {
        let mut run = Run::from(&self.timeline);
        if self.departs || self.veil.is_some() {
            let step = self.step_number();
            run.acts = &run.acts[..run.acts.partition_point(|acted| acted.step <= step)];
        }
        link::write(run, &view.bytes()).map_err(|wrong| wrong.0)
    }

    /// The run that a link leads to, or one sentence why it leads to none.
    pub(crate) fn open(text: &str) -> Result<Shared, String> {
        let opened = link::open(text).map_err(|wrong| wrong.0)?;
        let (view, warning) = (View::read(&opened.view), opened.warning());
        let mut replay = opened.replay();
        while !replay.advance(PART).map_err(|wrong| wrong.0)? {}
        let timeline: Timeline = replay.into_timeline();
        let setup = Setup::of(timeline.scenario());
        Ok(Shared { engine: Self::on(timeline, setup), view, warning })
    }
}

#[cfg(test)]
mod tests {
    use shardscope_core::id::NodeId;
    use shardscope_core::time::Duration;

    use super::*;
    use crate::engine::{Change, Deed};

    const VIEW: View =
        View { speed: -150, zoom: -3, opened: Some(Gid(2)), heartbeats: true, text: false };

    #[test]
    fn a_view_is_read_as_it_was_written() {
        for view in [VIEW, View { opened: None, text: true, heartbeats: false, ..VIEW }] {
            assert_eq!(View::read(&view.bytes()), Some(view));
        }
        assert_eq!(View::read(&[1, 2]), None);
    }

    #[test]
    fn a_link_leads_to_the_same_moment() {
        for groups in ["0", "3"] {
            let mut engine = Engine::new(Setup::usual(7).with("groups", groups));
            let later = |engine: &mut Engine, by| {
                engine.advance(engine.now() + Duration::from_millis(by), 100_000);
            };
            later(&mut engine, 300);
            assert_eq!(engine.act(&Deed::Pause(NodeId(0))), Ok(false));
            if groups == "3" {
                later(&mut engine, 100);
                assert_eq!(engine.act(&Deed::Configure(Change::Leave(Gid(2)))), Ok(false));
            }
            later(&mut engine, 200);
            let link = engine.link(VIEW).unwrap();
            let shared = Engine::open(&format!("http://host/page#{link}")).unwrap();
            assert_eq!((shared.view, shared.warning), (Some(VIEW), None));
            let mut again = shared.engine;
            assert_eq!(again.timeline.world(), engine.timeline.world());
            assert_eq!(again.setup.scenario(), engine.setup.scenario());
            assert!(again.undo() && engine.undo(), "what was done can be undone");
            assert_eq!(again.now(), engine.now());
            let without = Engine::open(&engine.link(VIEW).unwrap()).unwrap().engine;
            let acts = without.timeline.branch().acts.len();
            assert_eq!(acts + 1, engine.timeline.branch().acts.len(), "what was undone is gone");
        }
    }

    #[test]
    fn what_is_no_link_gets_a_sentence() {
        for text in ["#run=", "#run=abc", "#run=!", "nothing at all"] {
            let why = Engine::open(text).err().unwrap();
            assert!(why.ends_with('.'), "{why}");
        }
    }
}
