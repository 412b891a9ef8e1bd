//! Recorded histories as text: our JSON lines, Jepsen's EDN maps, and Jepsen's log lines.
//!
//! All three hold one entry a line, and say the same of it: who (`process`), what happened to the
//! call (`type`: `invoke`, `ok`, `fail` or `info`), and what was asked (`f`, `key`, `value`).
//!
//! | `f` | `value` of `invoke` | of `ok` |
//! | --- | --- | --- |
//! | `get`, `read` | — | what was read |
//! | `put`, `write` | what to write | the same, or none |
//! | `append` | what to add | the same, or none |
//! | `delete` | — | — |
//! | `cas` | `[old new]` | the same, or none |
//! | `put-at` | what to write; `version` has the condition | the same, or none |
//! | `put-hash` | the argument | what was there before |
//!
//! Without a `key`, it is about a single register; a `value` of `[key value]` names one too, as
//! Jepsen's independent keys do. `nil` is a key that is missing, which the store reads as empty; a
//! number is as the text of its digits. `ok` of a write may give the `version` that was reached, of
//! a delete whether something `existed`.
//!
//! `info` means that nobody can say what became of the call, and so does `fail` of a read. `fail`
//! of a `cas` or `put-at` means that the condition did not hold, with what was `found` or the
//! `found-version`; if the entry has an `error`, and for any other `fail`, the call never took
//! effect. Entries of `:nemesis` are passed over.

mod build;
mod datum;
mod edn;
mod json;
mod log;
mod write;

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use self::build::Builder;
use super::Record;

pub use write::{edn, json_lines};

/// The forms that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// One EDN map a line.
    Edn,
    /// Lines of a log with `jepsen.util - PROCESS :TYPE :F VALUE`.
    JepsenLog,
}

/// Why a text is no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, and how to mend it.
    pub sentence: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.sentence)
    }
}

/// The longest file, in bytes. A longer one is refused.
pub const MAX_BYTES: usize = 64 << 20;

/// The longest line, in bytes: enough for the longest value with each of its bytes escaped. A
/// longer one is refused.
pub const MAX_LINE: usize = 1 << 20;

/// What is before each entry in a log of Jepsen's.
const LOGGER: &str = "jepsen.util - ";

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::Edn, Self::JepsenLog];

    /// Its name: `json`, `edn` or `jepsen`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "json",
            Self::Edn => "edn",
            Self::JepsenLog => "jepsen",
        }
    }

    /// The form of a text, by its first line that says something.
    pub fn guess(text: &str) -> Option<Self> {
        let starts = |line: &str| -> Option<Self> {
            let inside = line.trim_start().strip_prefix('{')?.trim_start();
            if inside.starts_with(':') {
                Some(Self::Edn)
            } else if inside.starts_with('"') {
                Some(Self::JsonLines)
            } else {
                None
            }
        };
        let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(';');
        let first = text.lines().find(says)?;
        starts(first).or_else(|| text.contains(LOGGER).then_some(Self::JepsenLog))
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let unknown = || format!("\"{name}\" is no format: write json, edn or jepsen.");
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(unknown)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a history, in the form that is given or else guessed.
///
/// # Errors
/// It is none: one sentence says where, why, and how to mend it.
pub fn read(bytes: &[u8], format: Option<Format>) -> Result<Record, Error> {
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        let sentence = "The file is empty: give one with an entry on each line.".to_string();
        return Err(at(1, 1, sentence));
    }
    let guess = || {
        let sentence = "This looks like no history: write one JSON object or EDN map a line, or \
                        give the log of a Jepsen test.";
        Format::guess(text).ok_or_else(|| at(1, 1, sentence.into()))
    };
    let format = format.map_or_else(guess, Ok)?;
    let mut builder = Builder::default();
    let mut last = 1;
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > MAX_LINE {
            let bytes = line.len();
            let sentence = format!(
                "A line may have at most {MAX_LINE} bytes, this one has {bytes}: put each entry on \
                 a line of its own."
            );
            return Err(at(number, 1, sentence));
        }
        let fields = match format {
            Format::JsonLines => json::fields(line),
            Format::Edn => edn::fields(line),
            Format::JepsenLog => log::fields(line),
        };
        let placed = |(column, sentence): Wrong| at(number, column, sentence);
        if let Some(fields) = fields.map_err(placed)? {
            builder.add(number, &fields).map_err(placed)?;
        }
        last = number;
    }
    let record = builder.finish();
    if record.calls.is_empty() {
        let sentence = format!(
            "There is no entry in it that is read as {format}: give another file, or say which \
             format it has."
        );
        return Err(at(last, 1, sentence));
    }
    Ok(record)
}

/// What is wrong with a line: the column, and the sentence.
type Wrong = (u32, String);

const fn at(line: u32, column: u32, sentence: String) -> Error {
    Error { line, column, sentence }
}

/// The text of a file, without the mark that some editors put in front of it.
fn decode(bytes: &[u8]) -> Result<&str, Error> {
    let refuse = |sentence: &str| Err(at(1, 1, sentence.to_string()));
    if bytes.len() > MAX_BYTES {
        let size = bytes.len();
        let words = format!("A history may have at most {MAX_BYTES} bytes, not {size}: split it.");
        return refuse(&words);
    }
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return refuse("This is text in UTF-16: save it as UTF-8.");
        }
        [0x1f, 0x8b, ..] => return refuse("This is compressed with gzip: unpack it first."),
        [b'P', b'K', 3, 4, ..] => return refuse("This is a zip archive: unpack it first."),
        _ => {}
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    core::str::from_utf8(bytes).map_err(|error| {
        let (good, bad) = bytes.split_at(error.valid_up_to());
        let good = core::str::from_utf8(good).unwrap_or_default();
        let line = good.matches('\n').count() as u32 + 1;
        let column = good.rsplit('\n').next().map_or(0, |line| line.chars().count() as u32) + 1;
        let byte = bad.first().copied().unwrap_or_default();
        at(line, column, format!("Byte {byte:#04x} is not UTF-8: save the file as UTF-8."))
    })
}

/// A few characters of a word, for a sentence.
fn shorten(word: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let short: String = word.chars().take(24).map(shown).collect();
    if word.chars().nth(24).is_some() { short + "…" } else { short }
}

/// The column of a byte, counted from 1 in characters.
fn column(line: &str, byte: usize) -> u32 {
    line.char_indices().take_while(|(at, _)| *at < byte).count() as u32 + 1
}

#[cfg(test)]
mod tests;
