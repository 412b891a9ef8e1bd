//! From the fields of entries, in their order, to calls and their ends.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::datum::{Datum, Fields};
use super::{Wrong, shorten};
use crate::history::{Call, Outcome, Record, Spot};
use crate::kv::{Command, MAX_VALUE, MAX_WORD, Reply, Text};

/// The key of a history that is about one register.
const REGISTER: &str = "register";

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Builder {
    calls: Vec<Call>,
    /// The open call of each process.
    open: BTreeMap<u64, usize>,
    position: u64,
    /// The last index and time, which never go back.
    index: Option<u64>,
    time: Option<u64>,
}

/// What an entry says of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invoke,
    Ok,
    Fail,
    Info,
}

/// Operations by the names that they have elsewhere.
const VERBS: [(&str, &str); 9] = [
    ("get", "get"),
    ("read", "get"),
    ("put", "put"),
    ("write", "put"),
    ("append", "append"),
    ("delete", "delete"),
    ("cas", "cas"),
    ("put-at", "put-at"),
    ("put-hash", "put-hash"),
];

/// An operation, its key and its value, as an entry names them.
struct Asked<'a> {
    verb: &'static str,
    key: Option<Text>,
    value: Option<&'a Datum>,
}

impl Builder {
    /// Takes an entry in.
    pub(super) fn add(&mut self, line: u32, fields: &Fields) -> Result<(), Wrong> {
        if matches!(fields.get("process"), Some(Datum::Word(_))) {
            return Ok(());
        }
        let process = fields.number("process")?.ok_or_else(|| {
            (1, "The entry has no \"process\": write the number of who called.".to_string())
        })?;
        let kind = kind(fields)?;
        self.forward(fields)?;
        let spot = Spot { position: self.position, nanos: self.time, line };
        let asked = asked(fields)?;
        if kind == Kind::Invoke {
            self.call(process, spot, fields, &asked)?;
        } else {
            self.end(process, kind, spot, fields, &asked)?;
        }
        self.position += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Record {
        Record { calls: self.calls, ..Record::default() }
    }

    /// Neither the index nor the time goes back.
    fn forward(&mut self, fields: &Fields) -> Result<(), Wrong> {
        let Self { index, time, .. } = self;
        for (name, last) in [("index", index), ("time", time)] {
            let now = fields.number(name)?;
            if let (Some(before), Some(now)) = (*last, now)
                && (now < before || (now == before && name == "index"))
            {
                let sentence = format!(
                    "The {name} goes from {before} to {now}: sort the entries by their {name}."
                );
                return Err(fields.wrong(name, sentence));
            }
            *last = now.or(*last);
        }
        Ok(())
    }

    fn call(
        &mut self,
        process: u64,
        called: Spot,
        fields: &Fields,
        asked: &Asked<'_>,
    ) -> Result<(), Wrong> {
        if let Some(index) = self.open.get(&process) {
            let before = self.calls[*index].called.line;
            let sentence = format!(
                "Process {process} calls while its call of line {before} is open: give it that \
                 call's end first, or another number."
            );
            return Err(fields.wrong("process", sentence));
        }
        let command = command(fields, asked)?;
        self.open.insert(process, self.calls.len());
        self.calls.push(Call { process, command, called, returned: None });
        Ok(())
    }

    fn end(
        &mut self,
        process: u64,
        kind: Kind,
        spot: Spot,
        fields: &Fields,
        asked: &Asked<'_>,
    ) -> Result<(), Wrong> {
        let Some(index) = self.open.get(&process).copied() else {
            let sentence = format!(
                "Process {process} has no open call that could end here: put the call's invoke \
                 before it, or take this out."
            );
            return Err(fields.wrong("process", sentence));
        };
        let call = &self.calls[index];
        let (line, verb) = (call.called.line, verb_of(&call.command));
        if asked.verb != verb {
            let sentence = format!(
                "Process {process} called {verb} in line {line}, and here {} ends: write {verb}.",
                asked.verb
            );
            return Err(fields.wrong("f", sentence));
        }
        if let Some(key) = asked.key.as_ref().filter(|key| *key != call.command.key()) {
            let (key, called) = (shorten(key), shorten(call.command.key()));
            let sentence = format!(
                "The call of line {line} is about key \"{called}\", not \"{key}\": write the key \
                 that was called."
            );
            return Err(fields.wrong("key", sentence));
        }
        let outcome = match kind {
            Kind::Ok => done(&call.command, fields, asked)?,
            Kind::Fail => refused(&call.command, fields)?,
            Kind::Invoke | Kind::Info => Outcome::Unknown,
        };
        self.open.remove(&process);
        self.calls[index].returned = Some((spot, outcome));
        Ok(())
    }
}

fn kind(fields: &Fields) -> Result<Kind, Wrong> {
    let mend = "invoke, ok, fail or info";
    match fields.word("type", mend)? {
        "invoke" => Ok(Kind::Invoke),
        "ok" => Ok(Kind::Ok),
        "fail" => Ok(Kind::Fail),
        "info" => Ok(Kind::Info),
        other => {
            let other = shorten(other);
            Err(fields.wrong("type", format!("\"{other}\" is no type of entry: write {mend}.")))
        }
    }
}

fn verb_of(command: &Command) -> &'static str {
    match command {
        Command::Get { .. } => "get",
        Command::Put { .. } => "put",
        Command::Append { .. } => "append",
        Command::Delete { .. } => "delete",
        Command::Cas { .. } => "cas",
        Command::PutAt { .. } => "put-at",
        Command::PutHash { .. } => "put-hash",
    }
}

fn asked(fields: &Fields) -> Result<Asked<'_>, Wrong> {
    let mend = "get, put, append, delete, cas, put-at or put-hash (or read, write)";
    let word = fields.word("f", mend)?;
    let Some((_, verb)) = VERBS.iter().find(|(name, _)| *name == word) else {
        let word = shorten(word);
        return Err(fields.wrong("f", format!("\"{word}\" is no operation: write {mend}.")));
    };
    let value = fields.get("value");
    if let Some(key) = fields.get("key") {
        let key = text("key", key, MAX_WORD).map_err(|words| fields.wrong("key", words))?;
        return Ok(Asked { verb, key: Some(key), value });
    }
    // A key and a value in one, as Jepsen's independent keys are written.
    let Some(Datum::List(list)) = value else { return Ok(Asked { verb, key: None, value }) };
    match list.as_slice() {
        [key, value] if *verb != "cas" || matches!(value, Datum::List(_) | Datum::Nil) => {
            let key = text("key", key, MAX_WORD).map_err(|words| fields.wrong("value", words))?;
            Ok(Asked { verb, key: Some(key), value: Some(value) })
        }
        _ => Ok(Asked { verb, key: None, value }),
    }
}

fn command(fields: &Fields, asked: &Asked<'_>) -> Result<Command, Wrong> {
    let key = asked.key.clone().unwrap_or_else(|| REGISTER.into());
    let value = || {
        let datum = asked.value.ok_or_else(|| {
            (1, format!("The {} has no \"value\": say what is written.", asked.verb))
        })?;
        text("value", datum, MAX_VALUE).map_err(|words| fields.wrong("value", words))
    };
    Ok(match asked.verb {
        "get" => Command::Get { key },
        "put" => Command::Put { key, value: value()? },
        "append" => Command::Append { key, value: value()? },
        "delete" => Command::Delete { key },
        "cas" => {
            let (expect, value) = pair(fields, asked)?;
            Command::Cas { key, expect, value }
        }
        "put-at" => {
            let version = fields.number("version")?.ok_or_else(|| {
                let sentence = "The put-at has no \"version\": write the one that it expects.";
                (1, sentence.to_string())
            })?;
            Command::PutAt { key, value: value()?, version }
        }
        _ => Command::PutHash { key, value: value()? },
    })
}

/// The `[old new]` of a cas.
fn pair(fields: &Fields, asked: &Asked<'_>) -> Result<(Text, Text), Wrong> {
    let Some(Datum::List(list)) = asked.value else {
        let given = asked.value.map_or_else(|| "nothing".into(), Datum::words);
        let sentence = format!("The \"value\" of a cas is [old new], not {given}: write both.");
        return Err(fields.wrong("value", sentence));
    };
    let [old, new] = list.as_slice() else {
        let count = list.len();
        let sentence = format!("The \"value\" of a cas is [old new], not a list of {count}.");
        return Err(fields.wrong("value", sentence + " Write both."));
    };
    let read =
        |datum| text("value", datum, MAX_VALUE).map_err(|words| fields.wrong("value", words));
    Ok((read(old)?, read(new)?))
}

fn text(name: &str, datum: &Datum, limit: usize) -> Result<Text, String> {
    let text = datum.text().map_err(|words| {
        format!("The \"{name}\" cannot be {words}: write text, a whole number or nil.")
    })?;
    if text.len() > limit {
        let bytes = text.len();
        return Err(format!("A {name} may have at most {limit} bytes, not {bytes}: shorten it."));
    }
    Ok(text.into())
}

/// What `ok` says.
fn done(command: &Command, fields: &Fields, asked: &Asked<'_>) -> Result<Outcome, Wrong> {
    let seen =
        |datum| text("value", datum, MAX_VALUE).map_err(|words| fields.wrong("value", words));
    let written = match command {
        Command::Get { .. } => {
            let sentence = "The read has no \"value\": write what it saw, or nil.";
            let datum = asked.value.ok_or_else(|| (1, sentence.to_string()))?;
            return Ok(Outcome::Replied(Reply::Value(seen(datum)?)));
        }
        Command::PutHash { .. } => {
            let reply = asked.value.map(|datum| seen(datum).map(Reply::Value)).transpose()?;
            return Ok(reply.map_or(Outcome::Done, Outcome::Replied));
        }
        Command::Delete { .. } => {
            return match fields.get("existed") {
                None | Some(Datum::Nil) => Ok(Outcome::Done),
                Some(Datum::Bool(existed)) => {
                    Ok(Outcome::Replied(Reply::Deleted { existed: *existed }))
                }
                Some(other) => {
                    let words = other.words();
                    let sentence = format!("\"existed\" is true or false, not {words}.");
                    Err(fields.wrong("existed", sentence + " Write one of them."))
                }
            };
        }
        Command::Put { value, .. } | Command::Append { value, .. } => value,
        // Its version and value are those of the reply here.
        Command::PutAt { value, .. } => value,
        Command::Cas { expect, value, .. } => {
            if !matches!(asked.value, None | Some(Datum::Nil))
                && pair(fields, asked)? != (expect.clone(), value.clone())
            {
                let sentence = "The cas ends with other values than it was called with: write the \
                                same ones, or none.";
                return Err(fields.wrong("value", sentence.into()));
            }
            return version(fields);
        }
    };
    if let Some(datum) = asked.value.filter(|datum| **datum != Datum::Nil)
        && seen(datum)? != *written
    {
        let (words, written) = (datum.words(), shorten(written));
        let sentence = format!(
            "The write ends with {words}, and was called with \"{written}\": write the same, or \
             none."
        );
        return Err(fields.wrong("value", sentence));
    }
    version(fields)
}

/// The version that a write has led to, if it was written down.
fn version(fields: &Fields) -> Result<Outcome, Wrong> {
    let version = fields.number("version")?;
    Ok(version.map_or(Outcome::Done, |version| Outcome::Replied(Reply::Written { version })))
}

/// What `fail` says.
fn refused(command: &Command, fields: &Fields) -> Result<Outcome, Wrong> {
    let error = fields.get("error").filter(|error| **error != Datum::Nil);
    if error.is_some_and(|error| *error == Datum::Text(super::write::TOO_LONG.into())) {
        return Ok(Outcome::Replied(Reply::TooLong));
    }
    match command {
        Command::Get { .. } => Ok(Outcome::Unknown),
        Command::Cas { .. } | Command::PutAt { .. } if error.is_some() => Ok(Outcome::Failed),
        Command::Cas { .. } => match fields.get("found") {
            None => Ok(Outcome::Refused),
            Some(found) => {
                let found = text("found", found, MAX_VALUE);
                let found = found.map_err(|words| fields.wrong("found", words))?;
                Ok(Outcome::Replied(Reply::Differs { found }))
            }
        },
        Command::PutAt { .. } => {
            let found = fields.number("found-version")?;
            let reply = |found| Outcome::Replied(Reply::WrongVersion { found });
            Ok(found.map_or(Outcome::Refused, reply))
        }
        _ => Ok(Outcome::Failed),
    }
}
