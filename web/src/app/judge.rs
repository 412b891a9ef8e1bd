//! What the judge is asked for, what comes of it, and how the run of a story is made again.

use std::rc::Rc;

use shardscope_core::time::Instant;
use shardscope_judge::findings::Findings;
use shardscope_judge::message::{Answer, Job, VERSION};

use super::App;
use super::frame::clock;
use crate::engine::Arrival;
use crate::files::Given;
use crate::intent::Dialog;
use crate::judge::{Judge, News};
use crate::story::Telling;
use crate::words::story as words;

/// Milliseconds of a frame in which the run of a story is made again.
const BUDGET: f64 = 8.0;
/// Events and actions between two looks at the clock.
const PART: u32 = 256;

/// What a visitor waits for.
pub(super) enum Waiting {
    /// The judge plays this script.
    Judged(Rc<str>),
    /// The run of this script's story is made again.
    Arrives(Box<Arrival>, Rc<str>),
    /// The judge writes the run as a script.
    Recorded,
    /// The judge looks at a history.
    Weighed(Whose),
}

/// What clients saw, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// In this run, up to a moment.
    Run(Instant),
    /// In a file of this name.
    File(String),
}

impl Waiting {
    /// Where the visitor waits.
    const fn place(&self) -> Dialog {
        match self {
            Self::Judged(_) | Self::Arrives(..) | Self::Recorded => Dialog::Stories,
            Self::Weighed(Whose::Run(_)) => Dialog::Verdict,
            Self::Weighed(Whose::File(_)) => Dialog::History,
        }
    }
}

impl App {
    /// Calls the judge, if it is not there: it can be fetched while the visitor chooses.
    pub(super) fn call_judge(&mut self) {
        if self.judge.is_none() {
            self.judge = Judge::call(&self.news);
        }
    }

    /// Opens the story of a script; if the text is none, says so, and the present run stays.
    pub(super) fn tell(&mut self, text: String) {
        self.ask(Job::Tell(text.clone()), Waiting::Judged(text.into()));
    }

    /// Saves the run as a script.
    pub(super) fn record(&mut self) {
        match self.engine.run() {
            Ok(run) => self.ask(Job::Record(run), Waiting::Recorded),
            Err(sentence) => self.mistake(sentence),
        }
    }

    /// Judges what the clients of this run saw until now.
    pub(super) fn weigh_run(&mut self) {
        let job = Job::Judge(self.engine.record());
        self.ask(job, Waiting::Weighed(Whose::Run(self.engine.now())));
    }

    /// Judges a file with what clients saw.
    pub(super) fn weigh_file(&mut self, Given { name, bytes }: Given) {
        self.ask(Job::Read(bytes), Waiting::Weighed(Whose::File(name)));
    }

    /// What was found out about this run, and up to when.
    pub(super) fn judged(&self) -> Option<(Instant, &Findings)> {
        self.ui.judged.as_ref().and_then(|(whose, found)| match whose {
            Whose::Run(at) => Some((*at, found)),
            Whose::File(_) => None,
        })
    }

    fn ask(&mut self, job: Job, waiting: Waiting) {
        self.give_up();
        self.call_judge();
        let ui = &mut self.ui;
        (ui.mistake, ui.judged, ui.dialog) = (None, None, Some(waiting.place()));
        let Some(judge) = &mut self.judge else { return self.fails(words::NO_JUDGE.into()) };
        judge.ask(job);
        ui.waiting = Some(waiting);
    }

    /// Says what is wrong with what was asked for, where the visitor waits for it.
    fn fails(&mut self, sentence: String) {
        self.ui.mistake = Some(sentence);
    }

    /// The visitor waits no longer.
    pub(super) fn give_up(&mut self) {
        match self.ui.waiting.take() {
            // It would go on with what nobody wants to know any more.
            Some(Waiting::Judged(_) | Waiting::Recorded | Waiting::Weighed(_)) => {
                self.judge = None;
            }
            Some(Waiting::Arrives(..)) | None => {}
        }
    }

    /// Something was heard of the judge.
    pub(super) fn hear(&mut self, news: News) {
        let answer = match news {
            News::Said(Some(Answer::Ready(VERSION))) => {
                return self.judge.iter_mut().for_each(Judge::begin);
            }
            News::Said(Some(Answer::Ready(_)) | None) => return self.let_go(words::RENEWED),
            News::Said(Some(answer)) => answer,
            News::Gone if self.judge.as_ref().is_some_and(Judge::is_ready) => {
                return self.let_go(words::STOPPED);
            }
            News::Gone => return self.let_go(words::NO_JUDGE),
        };
        match (self.ui.waiting.take(), answer) {
            (Some(Waiting::Judged(text)), Answer::Told { story, run }) => {
                match Arrival::new(story, &run) {
                    Ok(arrival) => {
                        self.ui.waiting = Some(Waiting::Arrives(Box::new(arrival), text));
                    }
                    Err(sentence) => self.mistake(sentence),
                }
            }
            (Some(Waiting::Recorded), Answer::Recorded(text)) => self.save("run.script", &text),
            (Some(Waiting::Weighed(whose)), Answer::Judged(found)) => {
                self.ui.judged = Some((whose, found));
            }
            (Some(Waiting::Weighed(Whose::File(name))), Answer::Refused(sentence)) => {
                self.fails(format!("{name}, {sentence}"));
            }
            (Some(_), Answer::Refused(sentence)) => self.fails(sentence),
            // Nobody waits for this.
            (waiting, _) => self.ui.waiting = waiting,
        }
    }

    /// The judge is of no use any more. Whoever waits for it is told why.
    fn let_go(&mut self, why: &str) {
        self.judge = None;
        if self.ui.waiting.take().is_some() {
            self.fails(why.into());
        }
    }

    /// Whether the run of a story is being made again.
    pub(super) const fn is_arriving(&self) -> bool {
        matches!(self.ui.waiting, Some(Waiting::Arrives(..)))
    }

    /// Makes a part of a story's run, and opens the story once it is there. Says whether to draw.
    pub(super) fn make_again(&mut self) -> bool {
        let Some(Waiting::Arrives(arrival, _)) = &mut self.ui.waiting else { return false };
        let begun = clock();
        let made = loop {
            match arrival.advance(PART) {
                Ok(false) if clock() - begun < BUDGET => {}
                Ok(false) => return true,
                made => break made,
            }
        };
        let Some(Waiting::Arrives(arrival, text)) = self.ui.waiting.take() else { return false };
        match made {
            Ok(_) => {
                let (engine, story) = arrival.finish(self.engine.setup().clone());
                self.begin(engine);
                self.open_story(Telling::new(story, text));
            }
            Err(sentence) => self.mistake(sentence),
        }
        true
    }

    /// What a visitor waits for, in a sentence.
    pub(super) fn waits_for(&self) -> Option<String> {
        let waiting = self.ui.waiting.as_ref()?;
        let ready = self.judge.as_ref().is_some_and(Judge::is_ready);
        Some(match waiting {
            Waiting::Arrives(arrival, _) => words::arriving(arrival.percent()),
            _ if !ready => words::FETCHED.into(),
            Waiting::Judged(_) => words::JUDGED.into(),
            Waiting::Recorded => words::RECORDED.into(),
            Waiting::Weighed(Whose::Run(_)) => words::WEIGHED.into(),
            Waiting::Weighed(Whose::File(name)) => format!("{name}: {}", words::WEIGHED),
        })
    }
}
