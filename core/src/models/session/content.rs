//! Which writes a read's value may have come from.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Stop, nowhere};
use crate::history::{Call, Outcome, Record};
use crate::kv::{Command, Reply, Text, fnv1a_32};
use crate::order;

/// More contents of one read than this are not told apart: the verdict is undecided.
const MAX_CONTENTS: usize = 256;

/// The writes that make a value: what set it, and the appends upon that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// The write that set the value; none: the key was missing from the beginning.
    pub(super) base: Option<usize>,
    /// The appends, in their order.
    pub(super) appends: Vec<usize>,
    /// All of them, sorted.
    members: Vec<usize>,
}

/// Something that was seen.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// The call.
    pub(super) call: usize,
    /// Its process.
    pub(super) process: u64,
    /// Where it came from: at least one.
    pub(super) contents: Vec<Content>,
    /// Whether the call wrote right upon what it saw.
    pub(super) is_update: bool,
}

/// All that was seen, in the order of the calls.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) all: Vec<Read>,
}

/// The writes of a key that may have taken effect.
#[derive(Debug, Default)]
struct Writes<'a> {
    /// By the value that they set.
    setting: BTreeMap<Text, Vec<usize>>,
    /// Hash chains of which nobody knows what they found: any hash may be theirs.
    hashing: Vec<usize>,
    /// By what they add.
    adding: BTreeMap<&'a str, Vec<usize>>,
    /// The lengths of what is added.
    lengths: BTreeSet<usize>,
}

impl Content {
    fn new(base: Option<usize>, appends: Vec<usize>) -> Self {
        let members = base.into_iter().chain(appends.iter().copied()).collect();
        let members = order::ranked(members, |write| *write as u64);
        Self { base, appends, members }
    }

    pub(super) fn has(&self, write: usize) -> bool {
        self.members.binary_search(&write).is_ok()
    }

    /// The writes, in their order.
    pub(super) fn writes(&self) -> impl Iterator<Item = usize> {
        self.base.into_iter().chain(self.appends.iter().copied())
    }
}

/// The reply that was written down.
fn reply(call: &Call) -> Option<&Reply> {
    match &call.returned {
        Some((_, Outcome::Replied(reply))) => Some(reply),
        _ => None,
    }
}

/// What a call saw, if it tells.
fn seen(call: &Call) -> Option<&Text> {
    match (&call.command, reply(call)) {
        (Command::Get { .. } | Command::PutHash { .. }, Some(Reply::Value(value))) => Some(value),
        (Command::Cas { .. }, Some(Reply::Differs { found })) => Some(found),
        (Command::Cas { expect, .. }, _) if call.is_written() => Some(expect),
        _ => None,
    }
}

/// The value that a write sets; none: it sets none, or nobody knows which.
fn set_value(call: &Call) -> Option<Text> {
    match &call.command {
        Command::Put { value, .. } | Command::Cas { value, .. } | Command::PutAt { value, .. } => {
            Some(value.clone())
        }
        Command::Delete { .. } => Some("".into()),
        Command::PutHash { value, .. } => match reply(call) {
            Some(Reply::Value(previous)) => {
                let text = [&**previous, &**value].concat();
                Some(fnv1a_32(text.as_bytes()).to_string().into())
            }
            _ => None,
        },
        Command::Get { .. } | Command::Append { .. } => None,
    }
}

fn writes(record: &Record) -> BTreeMap<&Text, Writes<'_>> {
    let mut keys: BTreeMap<&Text, Writes<'_>> = BTreeMap::new();
    for (index, call) in record.calls.iter().enumerate() {
        if !call.is_written() && !call.is_open() {
            continue;
        }
        let writes = keys.entry(call.command.key()).or_default();
        match &call.command {
            Command::Append { value, .. } if !value.is_empty() => {
                writes.adding.entry(value).or_default().push(index);
                writes.lengths.insert(value.len());
            }
            Command::Delete { .. } if reply(call) == Some(&Reply::Deleted { existed: false }) => {}
            Command::PutHash { .. } if set_value(call).is_none() => writes.hashing.push(index),
            _ => {
                if let Some(value) = set_value(call) {
                    writes.setting.entry(value).or_default().push(index);
                }
            }
        }
    }
    keys
}

/// All that was seen, and where it may have come from.
pub(super) fn reads(record: &Record, budget: u64, steps: &mut u64) -> Result<Reads, Stop> {
    let keys = writes(record);
    let none = Writes::default();
    let mut all = Vec::new();
    for (index, call) in record.calls.iter().enumerate() {
        let Some(value) = seen(call) else { continue };
        let writes = keys.get(call.command.key()).unwrap_or(&none);
        let mut search = Search { record, writes, value, reader: index, found: Vec::new(), steps };
        search.run(budget)?;
        let contents = search.found;
        if contents.is_empty() {
            return Err(nowhere(record, index));
        }
        let is_update = call.is_written();
        all.push(Read { call: index, process: call.process, contents, is_update });
    }
    Ok(Reads { all })
}

/// Takes a value apart.
struct Search<'a> {
    record: &'a Record,
    writes: &'a Writes<'a>,
    value: &'a str,
    reader: usize,
    found: Vec<Content>,
    steps: &'a mut u64,
}

impl Search<'_> {
    fn run(&mut self, budget: u64) -> Result<(), Stop> {
        self.upon(None, 0, budget)?;
        // Each beginning of the value that somebody may have set.
        let ends = (0..=self.value.len()).filter(|end| self.value.is_char_boundary(*end));
        for end in ends.collect::<Vec<_>>() {
            *self.steps += 1;
            let start = &self.value[..end];
            let mut bases: Vec<usize> =
                self.writes.setting.get(start).into_iter().flatten().copied().collect();
            if start.parse::<u32>().is_ok() {
                bases.extend(&self.writes.hashing);
            }
            for base in bases {
                if self.may_be_seen(base) {
                    self.upon(Some(base), end, budget)?;
                }
            }
        }
        Ok(())
    }

    /// A read sees no later write of its own session.
    fn may_be_seen(&self, write: usize) -> bool {
        let (reader, writer) = (&self.record.calls[self.reader], &self.record.calls[write]);
        writer.process != reader.process || write < self.reader
    }

    /// The ways to make the rest of the value of appends.
    fn upon(&mut self, base: Option<usize>, from: usize, budget: u64) -> Result<(), Stop> {
        // Where the value goes on, and which appends are left to try there.
        let mut path: Vec<usize> = Vec::new();
        let mut frames = alloc::vec![(from, self.next(from, &path))];
        while let Some((at, choices)) = frames.last_mut() {
            *self.steps += 1;
            if *self.steps > budget || self.found.len() > MAX_CONTENTS {
                return Err(Stop::OutOfSteps);
            }
            if *at == self.value.len() {
                self.found.push(Content::new(base, path.clone()));
                choices.clear();
            }
            let Some(append) = choices.pop() else {
                frames.pop();
                path.pop();
                continue;
            };
            let at = *at + self.added(append);
            path.push(append);
            let next = self.next(at, &path);
            frames.push((at, next));
        }
        Ok(())
    }

    fn added(&self, append: usize) -> usize {
        match &self.record.calls[append].command {
            Command::Append { value, .. } => value.len(),
            _ => 0,
        }
    }

    /// The appends that may come next.
    fn next(&self, at: usize, path: &[usize]) -> Vec<usize> {
        let Some(rest) = self.value.get(at..) else { return Vec::new() };
        let mut next = Vec::new();
        for length in &self.writes.lengths {
            let fitting = rest.get(..*length).and_then(|start| self.writes.adding.get(start));
            let may = |append: &usize| self.may_be_seen(*append) && !path.contains(append);
            next.extend(fitting.into_iter().flatten().copied().filter(may));
        }
        next
    }
}
