//! What the three forms have in common: named values.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Wrong, shorten};

/// A value as it is written in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Datum {
    Nil,
    Bool(bool),
    Int(i64),
    Text(String),
    /// A keyword of EDN: `:timed-out`.
    Word(String),
    List(Vec<Self>),
    /// Something else, in words.
    Other(&'static str),
}

impl Datum {
    /// As the text that a key or a value is.
    pub(super) fn text(&self) -> Result<String, String> {
        match self {
            Self::Nil => Ok(String::new()),
            Self::Bool(value) => Ok(value.to_string()),
            Self::Int(value) => Ok(value.to_string()),
            Self::Text(text) => Ok(text.clone()),
            Self::Word(_) | Self::List(_) | Self::Other(_) => Err(self.words()),
        }
    }

    /// What it is, for a sentence.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Nil => "nothing".into(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Text(text) => format!("\"{}\"", shorten(text)),
            Self::Word(word) => format!(":{}", shorten(word)),
            Self::List(list) => format!("a list of {}", list.len()),
            Self::Other(words) => (*words).into(),
        }
    }
}

/// A field of an entry.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) column: u32,
    pub(super) datum: Datum,
}

/// The fields that are read; others say nothing about the history.
pub(super) const NAMES: [&str; 12] = [
    "process",
    "type",
    "f",
    "key",
    "value",
    "version",
    "existed",
    "found",
    "found-version",
    "error",
    "index",
    "time",
];

/// The fields of one entry.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    pub(super) fn find(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name == name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Datum> {
        self.find(name).map(|field| &field.datum)
    }

    /// Where a field stands; that of the entry, if there is none.
    pub(super) fn column(&self, name: &str) -> u32 {
        self.find(name).map_or(1, |field| field.column)
    }

    /// A sentence about a field.
    pub(super) fn wrong(&self, name: &str, sentence: String) -> Wrong {
        (self.column(name), sentence)
    }

    /// A word such as `:invoke` or `"invoke"`.
    pub(super) fn word(&self, name: &str, mend: &str) -> Result<&str, Wrong> {
        match self.get(name) {
            Some(Datum::Word(word) | Datum::Text(word)) => Ok(word),
            Some(other) => {
                let words = other.words();
                Err(self.wrong(name, format!("\"{name}\" cannot be {words}: write {mend}.")))
            }
            None => Err((1, format!("The entry has no \"{name}\": write {mend}."))),
        }
    }

    /// A number that is not negative, if it is there.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Wrong> {
        match self.get(name) {
            None | Some(Datum::Nil) => Ok(None),
            Some(Datum::Int(number)) if *number >= 0 => Ok(Some(number.unsigned_abs())),
            Some(other) => {
                let words = other.words();
                let sentence =
                    format!("\"{name}\" cannot be {words}: write a whole number from 0 on.");
                Err(self.wrong(name, sentence))
            }
        }
    }
}
