//! A story on its way to the page: what the judge told of it, and its run, which is made again.

use shardscope_core::sim::link::{self, Replay};
use shardscope_core::sim::timeline::Timeline;

use super::veil::Veil;
use super::{Engine, Setup};
use crate::words::story::RENEWED;

pub(crate) use shardscope_core::sim::timeline::Spot as Moment;
pub(crate) use shardscope_judge::story::{Question, Stop, Story, What};

/// A story whose run is being made again, in parts, so that the page stays awake.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    replay: Replay,
    story: Story,
}

impl Arrival {
    /// A story and its run, as the judge tells them.
    ///
    /// # Errors
    /// One sentence, if this page cannot make the run again.
    pub(crate) fn new(story: Story, run: &[u8]) -> Result<Self, String> {
        let opened = link::unpack(run).map_err(|wrong| wrong.0)?;
        match opened.warning() {
            Some(_) => Err(RENEWED.into()),
            None => Ok(Self { replay: opened.replay(), story }),
        }
    }

    /// Goes on for about so many events. True: the run is there.
    ///
    /// # Errors
    /// One sentence, if the run goes differently here.
    pub(crate) fn advance(&mut self, events: u32) -> Result<bool, String> {
        self.replay.advance(events).map_err(|wrong| wrong.0)
    }

    /// How much of the run is there, in hundredths.
    pub(crate) fn percent(&self) -> u64 {
        let (done, all) = self.replay.progress();
        done * 100 / all.max(1)
    }

    /// The run at its beginning, with nothing told of it yet, and the story. The settings are for
    /// the runs after it.
    pub(crate) fn finish(self, setup: Setup) -> (Engine, Story) {
        let (story, mut timeline) = (self.story, self.replay.into_timeline());
        timeline.visit(story.start);
        let veil = Some(Veil { branch: story.start.branch, told: story.start.at });
        (Engine { veil, ..Engine::on(timeline, setup) }, story)
    }
}

/// The present branch of a timeline, whole, as the judge takes it.
///
/// # Errors
/// One sentence: it is too long.
pub(super) fn pack(timeline: &Timeline) -> Result<Vec<u8>, String> {
    let moment = (timeline.head_step(), timeline.head());
    link::pack(link::Run { moment, ..timeline.into() }).map_err(|wrong| wrong.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use shardscope_core::id::NodeId;
    use shardscope_core::time::Duration;
    use shardscope_judge::message::{Answer, Job};
    use shardscope_judge::work;

    use super::*;
    use crate::engine::Deed;

    const SPLIT: &str = include_str!("../../../tests/scripts/split-vote.script");

    /// A story as it comes to the page, without a worker between the two programs.
    pub(crate) fn tell(text: &str, setup: Setup) -> (Engine, Story) {
        let Answer::Told { story, run } = work::answer(Job::Tell(text.into())) else {
            panic!("it is no script");
        };
        let mut arrival = Arrival::new(story, &run).expect("it is a run");
        while !arrival.advance(100).expect("it is the same run") {
            assert!(arrival.percent() < 100);
        }
        arrival.finish(setup)
    }

    fn script(engine: &Engine) -> String {
        match work::answer(Job::Record(engine.run().expect("it is short"))) {
            Answer::Recorded(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_stop_can_be_visited_in_any_order() {
        let (mut engine, story) = tell(SPLIT, Setup::usual(1));
        for stop in story.stops.iter().rev().chain(&story.stops) {
            assert!(engine.visit(stop.moment));
            assert_eq!(engine.moment(), stop.moment);
        }
    }

    #[test]
    fn a_run_on_the_page_is_saved_as_a_script_that_is_the_same_run() {
        let mut engine = Engine::new(Setup::usual(7));
        engine.advance(engine.now() + Duration::from_millis(60), 100_000);
        assert_eq!(engine.act(&Deed::CutOff(vec![NodeId(1)])), Ok(false));
        engine.advance(engine.now() + Duration::from_millis(60), 100_000);
        let text = script(&engine);
        let (mut again, story) = tell(&text, Setup::usual(7));
        assert!(again.visit(story.stops[0].moment));
        assert_eq!(again.moment(), engine.moment());
        assert_eq!(again.stage(), engine.stage());
        assert_eq!(script(&again), text);
        // Wherever the cursor is, all of the branch is told.
        assert!(again.visit(story.start));
        assert_eq!(script(&again), text);
    }

    #[test]
    fn what_is_no_run_of_this_version_gets_a_sentence() {
        let Answer::Told { story, mut run } = work::answer(Job::Tell(SPLIT.into())) else {
            panic!("it is no script");
        };
        let last = run.len() - 1;
        run[last] ^= 1;
        let why = Arrival::new(story, &run).expect_err("it is damaged");
        assert!(why.ends_with('.'), "{why}");
    }
}
