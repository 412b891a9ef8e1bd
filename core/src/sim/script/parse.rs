//! From text to a script. What comes from outside may be anything: every limit is checked, nothing
//! recurses, and an error says where and how to mend it.

pub(super) mod claim;
mod deed;
pub(super) mod shards;
mod statement;
pub(super) mod values;
mod who;
mod why;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lex::{Cursor, Token, near, shorten};
use super::settings::{GROUPS, Part, Setting};
use super::tree::{Assignment, Line, Statement};
use super::{Error, Script};
use crate::sim::scenario::Scenario;

/// The first line of every script.
pub(super) const HEADER: &str = "shardscope script 1";

/// The longest sentence, in bytes.
const MAX_SENTENCE: usize = 600;

/// What is known when a line is read.
pub(super) struct Context {
    scenario: Scenario,
    /// The names that servers were given.
    names: Vec<String>,
    /// The question that is open: its line, and how many choices it has.
    question: Option<(u32, u32)>,
    /// A choice of it may follow.
    choosing: bool,
    /// Where each setting was set: line and column.
    set: Vec<(&'static str, u32, u32)>,
    part: Where,
}

/// How far the text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Start,
    Head,
    Cluster,
    Story,
}

pub(super) fn script(text: &str) -> Result<Script, Error> {
    let whole = |sentence: String| Error { line: 1, column: 1, sentence };
    let (bytes, most) = (text.len(), Script::MAX_BYTES);
    if bytes > most {
        return Err(whole(format!("A script has at most {most} bytes, not {bytes}: shorten it.")));
    }
    let mut context = Context {
        scenario: Setting::start(),
        names: Vec::new(),
        question: None,
        choosing: false,
        set: Vec::new(),
        part: Where::Start,
    };
    let mut lines = Vec::new();
    // A newline ends a line: after the last one, nothing begins.
    let text = text.strip_suffix('\n').unwrap_or(text);
    for (number, line) in (1..).zip(text.split('\n')) {
        if number as usize > Script::MAX_LINES {
            let most = Script::MAX_LINES;
            let sentence = format!("A script has at most {most} lines: make two of it.");
            return Err(Error { line: number, column: 1, sentence });
        }
        lines.push(context.line(number, line.strip_suffix('\r').unwrap_or(line))?);
    }
    let end = Cursor::new("", lines.len() as u32);
    context.end(&end, &lines)?;
    Ok(Script { lines, scenario: Arc::new(context.scenario) })
}

impl Context {
    fn line(&mut self, number: u32, text: &str) -> Result<Line, Error> {
        let mut cursor = Cursor::new(text, number);
        let most = Script::MAX_LINE;
        if text.len() > most {
            let bytes = text.len();
            let sentence = format!("A line has at most {most} bytes, not {bytes}: break it.");
            return Err(cursor.fail(sentence));
        }
        if let Some(place) = text.find(|c: char| c.is_control() && c != '\t') {
            let column = text[..place].chars().count() as u32 + 1;
            let sentence = "A character here cannot be seen: this is no text, or leave it out.";
            return Err(Error { line: number, column, sentence: sentence.into() });
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Line::Blank);
        }
        if let Some(remark) = trimmed.strip_prefix('#') {
            return Ok(Line::Remark(remark.trim().into()));
        }
        let line = match self.part {
            Where::Start => self.header(&mut cursor)?,
            Where::Head => self.head(&mut cursor)?,
            Where::Cluster => self.setting_or_story(&mut cursor)?,
            Where::Story => {
                let statement = self.statement(&mut cursor)?;
                self.choosing = matches!(statement, Statement::Ask(_) | Statement::Choice { .. });
                Line::Statement(statement)
            }
        };
        cursor.finish()?;
        Ok(line)
    }

    fn header(&mut self, cursor: &mut Cursor<'_>) -> Result<Line, Error> {
        cursor.need("shardscope script", &format!("\"{HEADER}\" in the first line"))?;
        if !cursor.accept("1") {
            let version = match cursor.peek() {
                Token::Word(word) => shorten(word),
                _ => "none".into(),
            };
            return Err(cursor.fail(format!(
                "This reads version 1 of scripts, not {version}: write \"{HEADER}\" and see what \
                 does not fit."
            )));
        }
        self.part = Where::Head;
        Ok(Line::Header)
    }

    fn head(&mut self, cursor: &mut Cursor<'_>) -> Result<Line, Error> {
        if cursor.accept("title") {
            return self.sentence(cursor, "title \"…\"").map(Line::Title);
        }
        if cursor.accept("cluster") {
            self.part = Where::Cluster;
            return Ok(Line::Cluster);
        }
        cursor.need("story", "title \"…\", cluster or story")?;
        self.begin_story(cursor).map(|()| Line::Story)
    }

    fn setting_or_story(&mut self, cursor: &mut Cursor<'_>) -> Result<Line, Error> {
        if cursor.accept("story") {
            return self.begin_story(cursor).map(|()| Line::Story);
        }
        let place = cursor.clone();
        let assignment = self.assignment(cursor)?;
        let name = assignment.setting.name;
        if let Some((_, line, _)) = self.set.iter().find(|(known, ..)| *known == name) {
            return Err(place.fail(format!(
                "\"{name}\" is set in line {line} already: take one of the two away."
            )));
        }
        let Error { line, column, .. } = place.fail("");
        self.set.push((name, line, column));
        (assignment.setting.set)(&mut self.scenario, &assignment.value);
        Ok(Line::Setting(assignment))
    }

    /// All settings are known now: each must be possible, and they must go together.
    fn begin_story(&mut self, cursor: &Cursor<'_>) -> Result<(), Error> {
        self.part = Where::Story;
        let known = |name: &str| self.set.iter().any(|(known, ..)| *known == name);
        let sharded = |name: &str| {
            Setting::ALL.iter().any(|row| row.part == Part::Sharded && row.name == name)
        };
        if let Some(&(name, line, column)) = self.set.iter().find(|(name, ..)| sharded(name))
            && !known(GROUPS)
        {
            let sentence = format!(
                "\"{name}\" is about a cluster with groups: write how many there are as well, for \
                 instance \"groups 3\"."
            );
            return Err(Error { line, column, sentence });
        }
        let complaints = self.scenario.complaints();
        let Some(complaint) = complaints.first() else { return Ok(()) };
        let name = match complaint.setting {
            "mix of operations" => "mix",
            "pause between operations" | "time between operations" => "workload",
            name => name,
        };
        let sentence = complaint.sentence.clone();
        match self.set.iter().find(|(known, ..)| *known == name) {
            Some(&(_, line, column)) => Err(Error { line, column, sentence }),
            None => Err(cursor.fail(format!("The settings do not go together: {sentence}"))),
        }
    }

    /// A setting's name and value.
    fn assignment(&self, cursor: &mut Cursor<'_>) -> Result<Assignment, Error> {
        let found = Setting::ALL.iter().find(|setting| cursor.accept(setting.name));
        let Some(setting) = found else {
            let Token::Word(word) = cursor.peek() else {
                return Err(cursor.wrong("the name of a setting, such as servers 3"));
            };
            let short = shorten(word);
            let names = Setting::ALL.iter().map(|setting| setting.name);
            return Err(cursor.fail(match near(word, names) {
                _ if self.part == Where::Cluster && deed::begins_line(word) => {
                    format!("\"{short}\" belongs to the story: put a line \"story\" above it.")
                }
                Some(name) => format!("There is no setting \"{short}\": did you mean \"{name}\"?"),
                None => format!(
                    "There is no setting \"{short}\": the list is in tests/scripts/README.md."
                ),
            }));
        };
        let value = (setting.read)(cursor)?;
        Ok(Assignment { setting, value })
    }

    /// A sentence in quotes, neither empty nor without end.
    fn sentence(&self, cursor: &mut Cursor<'_>, form: &str) -> Result<String, Error> {
        let place = cursor.clone();
        let text = cursor.quoted(form)?;
        if text.trim().is_empty() {
            return Err(place.fail("An empty sentence says nothing: write one."));
        }
        if text.len() > MAX_SENTENCE {
            let bytes = text.len();
            return Err(place.fail(format!(
                "A sentence has at most {MAX_SENTENCE} bytes, not {bytes}: make two of it."
            )));
        }
        Ok(text.into())
    }

    /// What only shows at the end of the text.
    fn end(&self, cursor: &Cursor<'_>, lines: &[Line]) -> Result<(), Error> {
        let missing = match self.part {
            Where::Start => "The script is empty: begin it with \"shardscope script 1\".",
            Where::Head | Where::Cluster => "There is no story: add a line \"story\" and tell it.",
            Where::Story if self.question.is_some() => {
                "This question is never answered: add a line \"answer\" where the answer is known."
            }
            Where::Story => {
                let told = |line: &Line| matches!(line, Line::Statement(_));
                if lines.iter().any(told) {
                    return Ok(());
                }
                "The story is empty: say or do something in it."
            }
        };
        let at = self.question.map(|(line, _)| Cursor::new("", line));
        Err(at.as_ref().unwrap_or(cursor).fail(missing))
    }

    /// The question that is open must be answered first.
    fn no_question(&self, cursor: &Cursor<'_>) -> Result<(), Error> {
        match self.question {
            Some((line, _)) => {
                Err(cursor
                    .fail(format!("The question in line {line} is still open: answer it first.")))
            }
            None => Ok(()),
        }
    }
}
