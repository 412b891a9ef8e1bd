//! Plays a script on a timeline, line by line.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::Script;
use super::judge::{Heard, Scene, unexpected};
use super::perform;
use super::reasons::{self, REASONS, Reasons};
use super::resolve::Names;
use super::tree::{Claim, Condition, Deed, Line, Span, Statement, Which};
use crate::sim::action::{Action, PacketFault};
use crate::sim::timeline::{Spot, Timeline};
use crate::time::{Duration, Instant};

/// How long a script waits for something, if it does not say so.
pub const WAIT: Duration = Duration::from_secs(10);

/// Plays a script: each line when its turn comes, on a timeline that can be rewound afterwards.
#[derive(Clone, Debug)]
pub struct Player {
    script: Script,
    timeline: Timeline,
    /// The next line: an index.
    next: usize,
    names: Names,
    heard: Heard,
    reasons: Option<Reasons>,
    beats: Vec<Beat>,
    questions: Vec<Question>,
    /// Where each line that was played left the run.
    played: Vec<(u32, Spot)>,
    failure: Option<Failure>,
}

/// A sentence that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The line, from 1.
    pub line: u32,
    /// When in the run.
    pub spot: Spot,
    /// What was said.
    pub sentence: String,
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The line, from 1.
    pub line: u32,
    /// When in the run.
    pub spot: Spot,
    /// What was asked.
    pub text: String,
    /// The choices, in order.
    pub choices: Vec<(String, Condition)>,
    /// Its answer, if that was reached.
    pub answered: Option<Answered>,
}

/// The answer to a question, as the run gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The line, from 1.
    pub line: u32,
    /// When in the run.
    pub spot: Spot,
    /// The index of the choice that is right.
    pub right: usize,
    /// Why, in one sentence.
    pub why: Option<String>,
}

/// What did not go as the script says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line, from 1.
    pub line: u32,
    /// When in the run.
    pub spot: Spot,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, spot, expected, found } = self;
        let Spot { step, at, .. } = spot;
        write!(f, "line {line}: expected {expected}; found {found} (step {step}, {at} s)")
    }
}

/// What was expected, and what was found.
type Broken = (String, String);

impl Player {
    /// A script before its first line.
    pub fn new(script: Script) -> Self {
        let timeline = Timeline::new(script.scenario().as_ref().clone());
        Self {
            script,
            timeline,
            next: 0,
            names: Names::default(),
            heard: Heard::default(),
            reasons: None,
            beats: Vec::new(),
            questions: Vec::new(),
            played: Vec::new(),
            failure: None,
        }
    }

    /// A script, played to its end or to the first thing that fails.
    pub fn play(script: Script) -> Self {
        Self::new(script).run()
    }

    /// The same, by a player that knows reasons: lines that ask why something is not so fail
    /// without one. What fails is told with its reason.
    pub fn explain(script: Script) -> Self {
        Self { reasons: Some(REASONS), ..Self::new(script) }.run()
    }

    fn run(mut self) -> Self {
        while self.play_line() {}
        self
    }

    /// The script.
    pub const fn script(&self) -> &Script {
        &self.script
    }

    /// The run so far. Its branch has the actions.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The run so far, to be kept when the player goes.
    pub fn into_timeline(self) -> Timeline {
        self.timeline
    }

    /// The sentences shown so far.
    pub fn beats(&self) -> &[Beat] {
        &self.beats
    }

    /// The questions asked so far.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Where each line of the story that was played left the run.
    pub fn played(&self) -> &[(u32, Spot)] {
        &self.played
    }

    /// What failed; nothing, as long as all goes as the script says.
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Plays the next line of the story. False: there is none, or something failed.
    pub fn play_line(&mut self) -> bool {
        while self.failure.is_none() {
            let Some(line) = self.script.lines().get(self.next) else {
                self.check_invariants();
                return false;
            };
            self.next += 1;
            let Line::Statement(statement) = line else { continue };
            let (statement, number) = (statement.clone(), self.next as u32);
            match self.tell(&statement, number) {
                Ok(()) => self.played.push((number, self.timeline.spot())),
                Err(broken) => self.fail(number, broken),
            }
            return self.failure.is_none();
        }
        false
    }

    fn fail(&mut self, line: u32, (expected, found): Broken) {
        let spot = self.timeline.spot();
        self.failure.get_or_insert(Failure { line, spot, expected, found });
    }

    /// At the end, only those invariants may be broken of which the script says so.
    fn check_invariants(&mut self) {
        let violations = self.timeline.chronicle().observers.violations();
        if let Some(violation) = unexpected(&self.script, violations) {
            let broken = format!("{} is broken: {}", violation.law.id(), violation.words);
            let expected = "every invariant to hold until the end".into();
            self.fail(self.script.lines().len() as u32, (expected, broken));
        }
    }

    fn tell(&mut self, statement: &Statement, line: u32) -> Result<(), Broken> {
        match statement {
            Statement::Say(sentence) => {
                let (spot, sentence) = (self.timeline.spot(), sentence.clone());
                self.beats.push(Beat { line, spot, sentence });
            }
            Statement::Let { name, who } => {
                let found = self.names.pick(self.timeline.world(), who);
                let id = found.map_err(|found| (format!("{name} to be {who}"), found))?;
                self.names.give(name, id);
            }
            Statement::Do(deed) => return self.perform(deed),
            Statement::After(time) => {
                let until = self.timeline.now() + *time;
                return self.pass(until, &format!("{time} to pass"));
            }
            Statement::At(at) => {
                if *at < self.timeline.now() {
                    let expected = format!("the moment {at} s to come");
                    return Err((expected, "it is over already".into()));
                }
                return self.pass(*at, "time to pass");
            }
            Statement::AtStep(step) => return self.pass_to_step(*step),
            Statement::Wait { condition, within, .. } => {
                return self.wait(condition, within.unwrap_or(WAIT));
            }
            Statement::Expect { condition, span } => return self.expect(condition, *span),
            Statement::Ask(text) => {
                let (spot, text) = (self.timeline.spot(), text.clone());
                let (choices, answered) = (Vec::new(), None);
                self.questions.push(Question { line, spot, text, choices, answered });
            }
            Statement::Choice { text, condition } => {
                if let Some(question) = self.questions.last_mut() {
                    question.choices.push((text.clone(), condition.clone()));
                }
            }
            Statement::Show(doubt) => {
                let (spot, sentence) = (
                    self.timeline.spot(),
                    reasons::shown(self.reasons, &self.timeline, &self.names, doubt.as_ref())?,
                );
                self.beats.push(Beat { line, spot, sentence });
            }
            Statement::Answer(why) => return self.answer(why.as_ref(), line),
        }
        Ok(())
    }

    /// Lets time pass up to a moment.
    fn pass(&mut self, until: Instant, expected: &str) -> Result<(), Broken> {
        let reached = self.timeline.advance(until, u32::MAX).reached;
        if reached { Ok(()) } else { Err((expected.into(), full())) }
    }

    /// Lets events happen up to the one with a number.
    fn pass_to_step(&mut self, step: u64) -> Result<(), Broken> {
        let expected = || format!("step {step} to come");
        if self.timeline.step_number() > step {
            return Err((expected(), "it is over already".into()));
        }
        while self.timeline.step_number() < step {
            if !self.timeline.step_forward() {
                let quiet = self.timeline.step_number() < Timeline::MAX_STEPS;
                let found = if quiet { "nothing happens any more".into() } else { full() };
                return Err((expected(), found));
            }
        }
        Ok(())
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        let Self { timeline, names, reasons, heard, .. } = self;
        Scene::new(timeline, names, *reasons).holds(condition, heard)
    }

    fn found(&mut self, condition: &Condition) -> Broken {
        let Self { timeline, names, reasons, heard, .. } = self;
        Scene::new(timeline, names, *reasons).found(condition, heard)
    }

    /// One event on, if it comes in time. False: time is up, or the run is as long as can be.
    fn step(&mut self, until: Instant) -> bool {
        self.timeline.advance(until, 1).steps > 0
    }

    fn wait(&mut self, condition: &Condition, within: Duration) -> Result<(), Broken> {
        let until = self.timeline.now() + within;
        while !self.holds(condition) {
            if !self.step(until) {
                let (expected, found) = self.found(condition);
                let full = if self.timeline.now() < until { full() + ", and " } else { "".into() };
                let (timeline, names) = (&self.timeline, &self.names);
                let because = reasons::because(self.reasons, timeline, names, condition);
                return Err((format!("{expected} within {within}"), full + &found + &because));
            }
        }
        Ok(())
    }

    fn expect(&mut self, condition: &Condition, span: Span) -> Result<(), Broken> {
        match span {
            Span::Within(within) => self.wait(condition, within),
            Span::Now if self.holds(condition) => Ok(()),
            Span::Now => Err(self.found(condition)),
            Span::For(time) => {
                let until = self.timeline.now() + time;
                loop {
                    if !self.holds(condition) {
                        let (expected, found) = self.found(condition);
                        return Err((format!("{expected} for {time}"), found));
                    }
                    if !self.step(until) {
                        break;
                    }
                }
                if self.timeline.now() >= until { Ok(()) } else { Err((time.to_string(), full())) }
            }
        }
    }

    fn perform(&mut self, deed: &Deed) -> Result<(), Broken> {
        if let Deed::Meddle { which: Which::The(pattern), .. } = deed {
            let condition = Claim::Message { exists: true, pattern: pattern.clone() };
            self.wait(&Condition { any: false, claims: Vec::from([(false, condition)]) }, WAIT)?;
        }
        let (world, now) = (self.timeline.world(), self.timeline.now());
        let actions = perform::actions(deed, world, now, &mut self.names);
        let actions = actions.map_err(|found| (deed.to_string(), found))?;
        if actions.is_empty() {
            return Err((deed.to_string(), "nobody is meant".into()));
        }
        // Whoever gives the number of a message names a moment of one run: that run goes on as it
        // was, and what happens next may come at this very moment.
        let numbered = matches!(deed, Deed::Meddle { which: Which::Number(_), .. });
        let mut arrives = false;
        for action in actions {
            let delivers = matches!(action, Action::Packet { fault: PacketFault::Deliver, .. });
            arrives |= delivers && !numbered;
            let done = self.timeline.act(action);
            done.map_err(|refusal| (deed.to_string(), refusal.to_string()))?;
        }
        // What is delivered arrives a moment later: what follows may count on it.
        if arrives {
            let until = self.timeline.now() + Duration::from_micros(1);
            self.pass(until, "the message to arrive")?;
        }
        Ok(())
    }

    /// The right choice is the one that holds now: exactly one must.
    fn answer(&mut self, why: Option<&String>, line: u32) -> Result<(), Broken> {
        let Some(question) = self.questions.last().cloned() else { return Ok(()) };
        let right: Vec<usize> = (0..)
            .zip(&question.choices)
            .filter(|(_, (_, condition))| self.holds(condition))
            .map(|(index, _)| index)
            .collect();
        let [right] = right[..] else {
            let expected = format!("exactly one choice of \"{}\" to be right", question.text);
            let found = if right.is_empty() {
                let found = question.choices.iter().map(|(text, condition)| {
                    let (_, found) = self.found(condition);
                    format!("\"{text}\" is not, for {found}")
                });
                format!("none is: {}", found.collect::<Vec<_>>().join(", "))
            } else {
                let texts = right.iter().filter_map(|index| question.choices.get(*index));
                let texts: Vec<String> = texts.map(|(text, _)| format!("\"{text}\"")).collect();
                format!("{} are", texts.join(" and "))
            };
            return Err((expected, found));
        };
        let (spot, why) = (self.timeline.spot(), why.cloned());
        if let Some(question) = self.questions.last_mut() {
            question.answered = Some(Answered { line, spot, right, why });
        }
        Ok(())
    }
}

/// The run can have no more events.
fn full() -> String {
    format!("the run to be full with {} events", Timeline::MAX_STEPS)
}
