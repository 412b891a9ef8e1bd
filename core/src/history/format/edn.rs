//! One EDN map a line, read by `clojure-reader`, which keeps its own stack: depth is no danger.

use alloc::format;
use alloc::string::String;

use clojure_reader::edn::{self, Edn};
use clojure_reader::error::{Code, Error};

use super::datum::{Datum, Field, Fields, NAMES};
use super::{Wrong, column};

/// The fields of a line; none: the line is empty or a comment.
pub(super) fn fields(line: &str) -> Result<Option<Fields>, Wrong> {
    let start = line.trim_start();
    if start.is_empty() || start.starts_with(';') {
        return Ok(None);
    }
    let (value, rest) = edn::read(line).map_err(|error| refusal(line, &error))?;
    let map = match &value {
        // A map may say that it is an operation: `#jepsen.history.Op{…}`.
        Edn::Tagged(_, inner) => inner,
        other => other,
    };
    let Edn::Map(map) = map else {
        return Err((1, "A line is one EDN map: write {:process 0, …}.".into()));
    };
    let after = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    if !after.is_empty() && !after.starts_with(';') {
        let sentence = "Something follows the map: put each entry on a line of its own.";
        return Err((column(line, line.len() - after.len()), sentence.into()));
    }
    let take = |name: &'static str| {
        let value = map.get(&Edn::Key(name.into()))?;
        let byte = line.find(&format!(":{name}")).unwrap_or_default();
        Some(Field { name, column: column(line, byte), datum: datum(value) })
    };
    Ok(Some(Fields(NAMES.into_iter().filter_map(take).collect())))
}

/// One value, as it stands in a log.
pub(super) fn value(text: &str) -> Result<Datum, Wrong> {
    let (value, rest) = edn::read(text).map_err(|error| refusal(text, &error))?;
    let after = rest.trim();
    if after.is_empty() {
        return Ok(datum(&value));
    }
    let byte = text.len() - rest.trim_start().len();
    Err((column(text, byte), "The line goes on after the value: end it there.".into()))
}

fn refusal(line: &str, error: &Error) -> Wrong {
    let byte = error.ptr.unwrap_or_default().min(line.len());
    let sentence: String = match &error.code {
        Code::UnexpectedEOF => "The entry ends too early: the file was cut off here, or an entry \
                                goes over several lines; put it on one line or take it out."
            .into(),
        Code::HashMapDuplicateKey => "A key of the map stands there twice: take one out.".into(),
        Code::SetDuplicateKey => "An element of the set stands there twice: take one out.".into(),
        Code::InvalidEscape => {
            "In text, \\ is followed by t, r, n, \\ or \": write one of these.".into()
        }
        Code::NoFloatFeature => "Numbers with a fraction are not read: take the field out.".into(),
        Code::InvalidNumber => {
            "This number is not read: write a whole one of at most 18 digits.".into()
        }
        Code::UnmatchedDelimiter(delimiter) => {
            format!("\"{delimiter}\" closes what nothing opened: take it out.")
        }
        _ => {
            "This is no EDN: write one map a line, as {:process 0, :type :invoke, :f :get}.".into()
        }
    };
    (column(line, byte), sentence)
}

fn datum(value: &Edn<'_>) -> Datum {
    match value {
        Edn::Nil => Datum::Nil,
        Edn::Bool(value) => Datum::Bool(*value),
        Edn::Int(value) => Datum::Int(*value),
        Edn::Str(text) => Datum::Text(text.clone().into_owned()),
        Edn::Key(word) => Datum::Word(word.clone().into_owned()),
        // Two levels are all that has a meaning: a key, and what was there and what shall be.
        Edn::Vector(list) | Edn::List(list) => Datum::List(
            list.iter()
                .map(|inner| match inner {
                    Edn::Vector(pair) => Datum::List(pair.iter().map(scalar).collect()),
                    other => scalar(other),
                })
                .collect(),
        ),
        other => scalar(other),
    }
}

fn scalar(value: &Edn<'_>) -> Datum {
    match value {
        Edn::Vector(_) | Edn::List(_) => Datum::Other("a list in a list"),
        Edn::Map(_) => Datum::Other("a map"),
        Edn::Set(_) => Datum::Other("a set"),
        Edn::Symbol(_) => Datum::Other("a symbol"),
        Edn::Char(_) => Datum::Other("a character"),
        Edn::Nil | Edn::Bool(_) | Edn::Int(_) | Edn::Str(_) | Edn::Key(_) => datum(value),
        _ => Datum::Other("something else"),
    }
}
