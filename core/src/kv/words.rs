//! Commands and replies in words, both ways: `put x 1`.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::{Command, Reply, Text};

/// The longest key or value that a person may type, in bytes.
pub const MAX_WORD: usize = 4096;

/// Why a line is no command: one sentence that names the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const FORMS: &str = "get KEY, put KEY VALUE, append KEY VALUE, delete KEY, cas KEY OLD NEW, \
                     put-at KEY VERSION VALUE or put-hash KEY VALUE";

/// Reads `put x 1` and its like. Values may be quoted to hold spaces: `put x "a b"`.
impl FromStr for Command {
    type Err = ParseError;

    fn from_str(line: &str) -> Result<Self, ParseError> {
        let mut words = Words { rest: line };
        let verb = words.next()?.unwrap_or_default();
        let command = match verb.as_str() {
            "get" => Self::Get { key: words.key("get")? },
            "put" => Self::Put { key: words.key("put")?, value: words.value("put")? },
            "append" => Self::Append { key: words.key("append")?, value: words.value("append")? },
            "delete" => Self::Delete { key: words.key("delete")? },
            "cas" => {
                let key = words.key("cas")?;
                Self::Cas { key, expect: words.value("cas")?, value: words.value("cas")? }
            }
            "put-at" => {
                let (key, version) = (words.key("put-at")?, words.version()?);
                Self::PutAt { key, version, value: words.value("put-at")? }
            }
            "put-hash" => {
                Self::PutHash { key: words.key("put-hash")?, value: words.value("put-hash")? }
            }
            "" => return Err(ParseError(format!("Nothing to do yet: write {FORMS}."))),
            other => {
                let other = shorten(other);
                return Err(ParseError(format!("\"{other}\" is no operation: write {FORMS}.")));
            }
        };
        match words.next()? {
            None => Ok(command),
            Some(extra) => Err(ParseError(format!(
                "\"{}\" is one word too many after \"{command}\": put quotes around a value with \
                 spaces.",
                shorten(&extra)
            ))),
        }
    }
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    fn next(&mut self) -> Result<Option<String>, ParseError> {
        let rest = self.rest.trim_start();
        if rest.is_empty() {
            return Ok(None);
        }
        let (word, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted.split_once('"').ok_or_else(|| {
                ParseError("A quote is opened and never closed: add the second one.".into())
            })?
        } else {
            rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
        };
        if word.len() > MAX_WORD {
            return Err(ParseError(format!(
                "A key or value may have at most {MAX_WORD} bytes, this one has {}: shorten it.",
                word.len()
            )));
        }
        self.rest = after;
        Ok(Some(word.into()))
    }

    fn key(&mut self, verb: &str) -> Result<Text, ParseError> {
        match self.next()? {
            Some(key) if !key.is_empty() => Ok(key.into()),
            _ => Err(ParseError(format!("\"{verb}\" needs a key: write for instance {verb} x …."))),
        }
    }

    fn value(&mut self, verb: &str) -> Result<Text, ParseError> {
        let missing = || ParseError(format!("\"{verb}\" needs one value more after its key."));
        self.next()?.map(Text::from).ok_or_else(missing)
    }

    fn version(&mut self) -> Result<u64, ParseError> {
        let word = self.next()?.unwrap_or_default();
        word.parse().map_err(|_| {
            let word = shorten(&word);
            ParseError(format!("\"{word}\" is no version: write a whole number, 0 for a new key."))
        })
    }
}

fn shorten(word: &str) -> String {
    let short: String = word.chars().take(24).collect();
    if short.len() < word.len() { format!("{short}…") } else { short }
}

fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '"');
    if plain { text.into() } else { format!("\"{text}\"") }
}

/// In words, as they are typed: `append y b`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = quoted(self.key());
        match self {
            Self::Get { .. } => write!(f, "get {key}"),
            Self::Put { value, .. } => write!(f, "put {key} {}", quoted(value)),
            Self::Append { value, .. } => write!(f, "append {key} {}", quoted(value)),
            Self::Delete { .. } => write!(f, "delete {key}"),
            Self::Cas { expect, value, .. } => {
                write!(f, "cas {key} {} {}", quoted(expect), quoted(value))
            }
            Self::PutAt { value, version, .. } => {
                write!(f, "put-at {key} {version} {}", quoted(value))
            }
            Self::PutHash { value, .. } => write!(f, "put-hash {key} {}", quoted(value)),
        }
    }
}

impl Command {
    /// The length of its longest key or value, in bytes.
    pub fn longest(&self) -> usize {
        let argument = match self {
            Self::Get { .. } | Self::Delete { .. } => 0,
            Self::Put { value, .. }
            | Self::Append { value, .. }
            | Self::PutAt { value, .. }
            | Self::PutHash { value, .. } => value.len(),
            Self::Cas { expect, value, .. } => expect.len().max(value.len()),
        };
        argument.max(self.key().len())
    }

    /// As short as a log cell: `x=1`, `y+b`, `x?` for a read, `del x`. What could not be seen is
    /// quoted.
    pub fn label(&self) -> String {
        let key = quoted(self.key());
        match self {
            Self::Get { .. } => format!("{key}?"),
            Self::Put { value, .. } => format!("{key}={}", quoted(value)),
            Self::Append { value, .. } => format!("{key}+{}", quoted(value)),
            Self::Delete { .. } => format!("del {key}"),
            Self::Cas { expect, value, .. } => {
                format!("{key}:{}→{}", quoted(expect), quoted(value))
            }
            Self::PutAt { value, version, .. } => format!("{key}={} @{version}", quoted(value)),
            Self::PutHash { value, .. } => format!("{key}#{}", quoted(value)),
        }
    }
}

/// In words: `ok, version 3`.
/// A value that is empty is `empty`; with `{:#}` it is nothing, for who puts it in quotes.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) if value.is_empty() && !f.alternate() => f.write_str("empty"),
            Self::Value(value) => write!(f, "{value}"),
            Self::Written { version } => write!(f, "ok, version {version}"),
            Self::Deleted { existed: true } => f.write_str("deleted"),
            Self::Deleted { existed: false } => f.write_str("was not there"),
            Self::Differs { found } => write!(f, "refused: it is {}", quoted(found)),
            Self::WrongVersion { found } => write!(f, "refused: it is at version {found}"),
            Self::TooLong => f.write_str("refused: too long"),
        }
    }
}
