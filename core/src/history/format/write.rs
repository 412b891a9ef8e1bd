//! Records as text: JSON lines, and Jepsen's EDN maps.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write as _;

use clojure_reader::edn::Edn;
use serde_json::Value;

use crate::history::{Call, Outcome, Record, Spot};
use crate::kv::{Command, Reply};

/// The `error` of a write that would have made a value longer than the store keeps.
pub(super) const TOO_LONG: &str = "too-long";

/// The fields of an entry, in the order in which they are written.
struct Entry<'a>(alloc::vec::Vec<(&'static str, Told<'a>)>);

/// What a field holds.
enum Told<'a> {
    Number(u64),
    Flag(bool),
    /// A word of the format itself: EDN makes a keyword of it.
    Word(&'static str),
    Text(&'a str),
    Pair(&'a str, &'a str),
}

/// As JSON, one object a line.
pub fn json_lines(record: &Record) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let told = |told: &Told<'_>| match told {
        Told::Number(number) => number.to_string(),
        Told::Flag(flag) => flag.to_string(),
        Told::Word(word) => quoted(word),
        Told::Text(text) => quoted(text),
        Told::Pair(old, new) => format!("[{},{}]", quoted(old), quoted(new)),
    };
    lines(record, |name, value| format!("\"{name}\":{}", told(value)), ",")
}

/// As EDN, one map a line, as Jepsen has it.
pub fn edn(record: &Record) -> String {
    let quoted = |text: &str| Edn::Str(Cow::Borrowed(text)).to_string();
    let told = |told: &Told<'_>| match told {
        Told::Number(number) => number.to_string(),
        Told::Flag(flag) => flag.to_string(),
        Told::Word(word) => format!(":{word}"),
        Told::Text(text) => quoted(text),
        Told::Pair(old, new) => format!("[{} {}]", quoted(old), quoted(new)),
    };
    lines(record, |name, value| format!(":{name} {}", told(value)), ", ")
}

fn lines(record: &Record, field: impl Fn(&str, &Told<'_>) -> String, between: &str) -> String {
    let mut text = String::new();
    for (position, (_, is_end, index)) in (0..).zip(record.events()) {
        let call = &record.calls[index];
        let entry = if is_end { end(position, call) } else { Some(invoke(position, call)) };
        let Some(Entry(fields)) = entry else { continue };
        for (at, (name, value)) in fields.iter().enumerate() {
            text += if at == 0 { "{" } else { between };
            // Writing to a text cannot fail.
            let _ = write!(text, "{}", field(name, value));
        }
        text += "}\n";
    }
    text
}

fn entry<'a>(index: u64, call: &'a Call, kind: &'static str, spot: &Spot) -> Entry<'a> {
    let (verb, key) = match &call.command {
        Command::Get { key } => ("get", key),
        Command::Put { key, .. } => ("put", key),
        Command::Append { key, .. } => ("append", key),
        Command::Delete { key } => ("delete", key),
        Command::Cas { key, .. } => ("cas", key),
        Command::PutAt { key, .. } => ("put-at", key),
        Command::PutHash { key, .. } => ("put-hash", key),
    };
    let mut fields = alloc::vec![
        ("index", Told::Number(index)),
        ("process", Told::Number(call.process)),
        ("type", Told::Word(kind)),
        ("f", Told::Word(verb)),
        ("key", Told::Text(key)),
    ];
    fields.extend(spot.nanos.map(|nanos| ("time", Told::Number(nanos))));
    Entry(fields)
}

fn invoke(index: u64, call: &Call) -> Entry<'_> {
    let Entry(mut fields) = entry(index, call, "invoke", &call.called);
    match &call.command {
        Command::Get { .. } | Command::Delete { .. } => {}
        Command::Put { value, .. }
        | Command::Append { value, .. }
        | Command::PutHash { value, .. } => fields.push(("value", Told::Text(value))),
        Command::Cas { expect, value, .. } => fields.push(("value", Told::Pair(expect, value))),
        Command::PutAt { value, version, .. } => {
            fields.extend([("value", Told::Text(value)), ("version", Told::Number(*version))]);
        }
    }
    Entry(fields)
}

fn end(index: u64, call: &Call) -> Option<Entry<'_>> {
    let (spot, outcome) = call.returned.as_ref()?;
    let (kind, more) = match outcome {
        Outcome::Done => ("ok", None),
        Outcome::Refused => ("fail", None),
        Outcome::Failed => ("fail", Some(("error", Told::Text("failed")))),
        Outcome::Unknown => ("info", None),
        Outcome::Replied(reply) => match reply {
            Reply::Value(value) => ("ok", Some(("value", Told::Text(value)))),
            Reply::Written { version } => ("ok", Some(("version", Told::Number(*version)))),
            Reply::Deleted { existed } => ("ok", Some(("existed", Told::Flag(*existed)))),
            Reply::Differs { found } => ("fail", Some(("found", Told::Text(found)))),
            Reply::WrongVersion { found } => {
                ("fail", Some(("found-version", Told::Number(*found))))
            }
            Reply::TooLong => ("fail", Some(("error", Told::Text(TOO_LONG)))),
        },
    };
    let Entry(mut fields) = entry(index, call, kind, spot);
    fields.extend(more);
    Some(Entry(fields))
}
