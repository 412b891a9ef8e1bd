//! A story that is being told: how far it has come, and what was answered.

use std::rc::Rc;

use shardscope_core::time::Instant;

use crate::engine::{Moment, Question, Stop, Story, What};

/// A story that is being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telling {
    /// The story.
    pub(crate) story: Rc<Story>,
    /// The script, as it was written.
    pub(crate) text: Rc<str>,
    /// How many of its stops were reached.
    pub(crate) done: usize,
    /// What was answered to each question; that cannot be taken back.
    picks: Vec<Option<usize>>,
}

/// A place on a branch, in the order of time.
const fn order(moment: Moment) -> (u64, Instant) {
    (moment.step, moment.at)
}

impl Telling {
    /// A story before its first stop.
    pub(crate) fn new(story: Story, text: Rc<str>) -> Self {
        let picks = vec![None; story.questions.len()];
        Self { story: Rc::new(story), text, done: 0, picks }
    }

    /// The stop that was reached last.
    pub(crate) fn current(&self) -> Option<&Stop> {
        self.story.stops.get(self.done.checked_sub(1)?)
    }

    /// The stop that comes next.
    pub(crate) fn next(&self) -> Option<&Stop> {
        self.story.stops.get(self.done)
    }

    /// Where the present beat began.
    pub(crate) fn begun(&self) -> Moment {
        self.current().map_or(self.story.start, |stop| stop.moment)
    }

    /// Whether a moment lies in the present beat, or is the next stop.
    pub(crate) fn is_within(&self, here: Moment) -> bool {
        here.branch == self.story.start.branch
            && order(self.begun()) <= order(here)
            && self.next().is_none_or(|stop| order(here) <= order(stop.moment))
    }

    /// Goes along with the cursor, wherever it went on the story's branch.
    pub(crate) fn follow(&mut self, here: Moment) {
        if here.branch == self.story.start.branch {
            let stops = &self.story.stops;
            let before = stops.partition_point(|stop| order(stop.moment) < order(here));
            let reached = stops.partition_point(|stop| order(stop.moment) <= order(here));
            // Where several stops share a moment, the story may be at any of them.
            if !(before..=reached).contains(&self.done) {
                self.done = reached;
            }
        }
    }

    /// The stop before: how many are reached there, and its moment. None: this is the beginning.
    pub(crate) fn before(&self, here: Moment) -> Option<(usize, Moment)> {
        // In the middle of a beat, its beginning comes first.
        let inside = order(here) != order(self.begun());
        let done = if inside { self.done } else { self.done.checked_sub(1)? };
        let stop = done.checked_sub(1).and_then(|index| self.story.stops.get(index));
        Some((done, stop.map_or(self.story.start, |stop| stop.moment)))
    }

    /// The question that stands on the page, with its index: from its stop up to its answer.
    pub(crate) fn question(&self) -> Option<(usize, &Question)> {
        let told = self.story.stops.get(..self.done)?;
        let index = told.iter().enumerate().rev().find_map(|(at, stop)| match stop.what {
            What::Ask(index) => Some(Some(index)),
            // The answer itself still shows what was chosen.
            What::Answer { question, .. } => Some((at + 1 == self.done).then_some(question)),
            _ => None,
        })??;
        Some((index, self.story.questions.get(index)?))
    }

    /// What was answered to a question.
    pub(crate) fn pick(&self, question: usize) -> Option<usize> {
        self.picks.get(question).copied().flatten()
    }

    /// Whether the story waits for an answer at this very stop.
    pub(crate) fn waits(&self) -> bool {
        let asked = self.current().map(|stop| &stop.what);
        matches!(asked, Some(What::Ask(index)) if self.pick(*index).is_none())
    }

    /// Answers the question, once. False: there is none to answer, or no such choice.
    pub(crate) fn choose(&mut self, choice: usize) -> bool {
        let open = self.question().filter(|(_, asked)| choice < asked.choices.len());
        let index = open.map(|(index, _)| index).filter(|_| self.waits());
        let pick = index.and_then(|index| self.picks.get_mut(index));
        pick.map(|pick| *pick = Some(choice)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Setup, tell};

    const SPLIT: &str = include_str!("../../tests/scripts/split-vote.script");

    fn told() -> (Engine, Telling) {
        let (engine, story) = tell(SPLIT, Setup::usual(1));
        (engine, Telling::new(story, SPLIT.into()))
    }

    #[test]
    fn the_cursor_takes_the_story_with_it() {
        let (mut engine, mut telling) = told();
        let last = telling.story.stops.len();
        assert!(engine.visit(telling.story.stops[last - 1].moment));
        telling.follow(engine.moment());
        assert_eq!(telling.done, last);
        assert!(engine.visit(telling.story.start));
        telling.follow(engine.moment());
        assert!(telling.story.stops[..telling.done].iter().all(|stop| stop.moment.step == 0));
        for index in 0..last {
            let moment = telling.story.stops[index].moment;
            telling.follow(moment);
            assert!(telling.is_within(moment));
            assert!(telling.done >= index && telling.done <= last);
        }
    }

    #[test]
    fn a_question_is_answered_once_and_stands_until_its_answer() {
        let (_, mut telling) = told();
        assert!(!telling.choose(0), "nothing was asked");
        let asked = |stop: &Stop| matches!(stop.what, What::Ask(0));
        telling.done = telling.story.stops.iter().position(asked).expect("it asks") + 1;
        assert!(telling.waits() && !telling.choose(8));
        assert!(telling.choose(1) && !telling.waits() && !telling.choose(0));
        assert_eq!(telling.pick(0), Some(1));
        while !matches!(telling.next().expect("it goes on").what, What::Answer { .. }) {
            telling.done += 1;
            assert!(telling.question().is_some());
        }
        telling.done += 1;
        assert_eq!(telling.question().map(|(index, _)| index), Some(0));
        telling.done += 1;
        assert!(telling.question().is_none_or(|(index, _)| index == 1));
    }

    #[test]
    fn back_goes_to_the_beginning_of_a_beat_and_then_to_the_one_before() {
        let (_, mut telling) = told();
        telling.done = 2;
        let begun = telling.begun();
        let inside = Moment { step: begun.step + 1, ..begun };
        assert_eq!(telling.before(inside), Some((2, begun)));
        assert_eq!(telling.before(begun), Some((1, telling.story.stops[0].moment)));
        telling.done = 0;
        assert_eq!(telling.before(telling.story.start), None);
    }
}
