//! A story: a script that was played once, with the moments at which it says something.
//!
//! The whole run is known before the page shows any of it, so that going back and forth in a story
//! is going back and forth in time.

use shardscope_core::sim::script::{Error, Line, Player, Recorded, Script, Statement};
use shardscope_core::sim::timeline::Timeline;

pub(crate) use shardscope_core::sim::timeline::Spot as Moment;

/// A script that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Story {
    /// What it is about.
    pub(crate) title: String,
    /// The script, as it was written.
    pub(crate) text: String,
    /// Where the run begins.
    pub(crate) start: Moment,
    /// Where it says something, in order; never empty.
    pub(crate) stops: Vec<Stop>,
    /// What it asks, in order.
    pub(crate) questions: Vec<Question>,
}

/// A moment at which a story says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The script's line, from 1.
    pub(crate) line: u32,
    /// When.
    pub(crate) moment: Moment,
    /// What it says.
    pub(crate) what: What,
}

/// What a story says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A sentence.
    Say(String),
    /// A question, by its index.
    Ask(usize),
    /// The answer to a question, as the run gave it: the index of the right choice, and why.
    Answer {
        /// The question's index.
        question: usize,
        /// The choice's index.
        right: usize,
        /// Why, in one sentence.
        why: Option<String>,
    },
    /// Something does not go as the script says: what was expected, and what was found.
    Fail(String, String),
    /// All went as the script says; so many things were expected.
    End(u64),
}

/// A question with its choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// What is asked.
    pub(crate) text: String,
    /// What may be answered.
    pub(crate) choices: Vec<String>,
}

impl Story {
    /// Reads a script and plays it to its end, or to the first thing that fails.
    ///
    /// # Errors
    /// Where the text is no script, and how to mend it.
    pub(super) fn play(text: &str) -> Result<(Self, Timeline), Error> {
        let player = Player::play(Script::parse(text)?);
        let mut stops: Vec<Stop> = Vec::new();
        let mut stop = |line, moment, what| {
            let place = stops.partition_point(|stop| stop.line <= line);
            stops.insert(place, Stop { line, moment, what });
        };
        for beat in player.beats() {
            stop(beat.line, beat.spot, What::Say(beat.sentence.clone()));
        }
        for (question, asked) in player.questions().iter().enumerate() {
            stop(asked.line, asked.spot, What::Ask(question));
            if let Some(answer) = &asked.answered {
                let (right, why) = (answer.right, answer.why.clone());
                stop(answer.line, answer.spot, What::Answer { question, right, why });
            }
        }
        let lines = player.script().lines();
        let last = match player.failure() {
            Some(failure) => {
                let what = What::Fail(failure.expected.clone(), failure.found.clone());
                Stop { line: failure.line, moment: failure.spot, what }
            }
            None => {
                let expects =
                    |line: &&Line| matches!(line, Line::Statement(Statement::Expect { .. }));
                let expected = lines.iter().filter(expects).count() as u64;
                let (line, moment) = (lines.len() as u32, player.timeline().spot());
                Stop { line, moment, what: What::End(expected) }
            }
        };
        stops.push(last);
        let questions = player.questions().iter().map(|asked| Question {
            text: asked.text.clone(),
            choices: asked.choices.iter().map(|(choice, _)| choice.clone()).collect(),
        });
        let (title, questions) = (player.script().title().to_owned(), questions.collect());
        let timeline = player.into_timeline();
        let start = Moment { branch: timeline.branch().id, step: 0, at: Default::default() };
        Ok((Self { title, text: text.to_owned(), start, stops, questions }, timeline))
    }
}

/// The present branch of a timeline, as the text of a script.
///
/// # Errors
/// One sentence that says what a script cannot express.
pub(super) fn record(timeline: &Timeline) -> Result<String, String> {
    let acts = &timeline.branch().acts;
    let end = (timeline.head_step(), timeline.head());
    let run = Recorded { scenario: timeline.scenario(), acts, end };
    Script::record("A run on the page", run, []).map(|script| script.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Deed, Engine, Setup};
    use shardscope_core::id::NodeId;
    use shardscope_core::time::Duration;

    const SPLIT: &str = include_str!("../../../tests/scripts/split-vote.script");
    const TRAP: &str = include_str!("../../../tests/scripts/mutants/R1-vote-not-persisted.script");

    #[test]
    fn a_story_stops_wherever_it_says_something_in_the_order_of_its_lines() {
        let (story, _) = Story::play(SPLIT).expect("it is a script");
        let lines = SPLIT.lines().zip(1..);
        let speaks = |line: &str| ["say ", "ask ", "answer"].iter().any(|w| line.starts_with(w));
        let spoken: Vec<u32> =
            lines.filter(|(line, _)| speaks(line.trim())).map(|(_, number)| number).collect();
        let (last, stops) = story.stops.split_last().expect("it ends");
        assert_eq!(stops.iter().map(|stop| stop.line).collect::<Vec<_>>(), spoken);
        let expects = SPLIT.lines().filter(|line| line.trim().starts_with("expect ")).count();
        assert_eq!(last.what, What::End(expects as u64));
        assert!(story.stops.is_sorted_by_key(|stop| (stop.moment.step, stop.moment.at)));
    }

    #[test]
    fn a_story_that_fails_ends_at_the_event() {
        let (story, timeline) = Story::play(TRAP).expect("it is a script");
        let last = story.stops.last().expect("it ends");
        assert!(matches!(&last.what, What::Fail(expected, _) if expected.contains("RI-2")));
        assert_eq!(last.moment, timeline.spot());
        assert_eq!(TRAP.lines().nth(last.line as usize - 1), Some("  expect RI-2 holds"));
    }

    #[test]
    fn every_stop_can_be_visited_in_any_order() {
        let (mut engine, story) = Engine::tell(SPLIT, Setup::usual(1)).expect("it is a script");
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
        let text = engine.script().expect("it can be told");
        let (mut again, story) = Engine::tell(&text, Setup::usual(7)).expect("it is a script");
        assert!(again.visit(story.stops[0].moment));
        assert_eq!(again.moment(), engine.moment());
        assert_eq!(again.stage(), engine.stage());
        assert_eq!(again.script(), Ok(text));
    }
}
