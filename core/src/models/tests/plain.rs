//! The session guarantees by their definition: every order of the writes, every database.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{Model, Verdict};
use crate::history::{Call, Outcome, Record};
use crate::kv::{Command, Reply};

/// The writes of a content, in their order.
type Content = Vec<usize>;

struct Plain<'a> {
    calls: &'a [Call],
    writes: Vec<usize>,
    orders: Vec<Vec<usize>>,
}

fn orders(left: &[usize]) -> Vec<Vec<usize>> {
    if left.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in left.iter().enumerate() {
        let rest = [&left[..at], &left[at + 1..]].concat();
        all.extend(orders(&rest).into_iter().map(|rest| [&[*first], &rest[..]].concat()));
    }
    all
}

fn seen(call: &Call) -> Option<&str> {
    match (&call.returned.as_ref()?.1, &call.command) {
        (Outcome::Replied(Reply::Value(value)), _) => Some(value),
        (Outcome::Replied(Reply::Differs { found }), _) => Some(found),
        (Outcome::Done, Command::Cas { expect, .. }) => Some(expect),
        _ => None,
    }
}

impl Plain<'_> {
    fn same_key(&self, one: usize, other: usize) -> bool {
        self.calls[one].command.key() == self.calls[other].command.key()
    }

    fn is_earlier(&self, one: usize, other: usize) -> bool {
        one < other && self.calls[one].process == self.calls[other].process
    }

    fn content(&self, order: &[usize], database: &BTreeSet<usize>, reader: usize) -> Content {
        let mut content = Vec::new();
        let here = |write: &&usize| database.contains(*write) && self.same_key(**write, reader);
        for write in order.iter().filter(here) {
            if !matches!(self.calls[*write].command, Command::Append { .. }) {
                content.clear();
            }
            content.push(*write);
        }
        content
    }

    fn databases(&self) -> impl Iterator<Item = BTreeSet<usize>> + '_ {
        (0..1_u32 << self.writes.len()).map(|bits| {
            let in_it = (0..self.writes.len()).filter(|at| bits & (1 << at) != 0);
            in_it.map(|at| self.writes[at]).collect()
        })
    }

    fn contents(&self, reader: usize, value: &str) -> Vec<Content> {
        let mut all = BTreeSet::new();
        for order in &self.orders {
            for database in self.databases() {
                let content = self.content(order, &database, reader);
                let text = |write: &usize| match &self.calls[*write].command {
                    Command::Put { value, .. }
                    | Command::Append { value, .. }
                    | Command::Cas { value, .. } => &**value,
                    _ => unreachable!("no others are drawn"),
                };
                let made = content.iter().map(text).collect::<alloc::string::String>();
                let own_later =
                    content.iter().any(|write| *write == reader || self.is_earlier(reader, *write));
                if made == value && !own_later {
                    all.insert(content);
                }
            }
        }
        all.into_iter().collect()
    }

    /// What a database has with a write, and that the order has before it.
    fn with(&self, model: Model, write: usize, reads: &[(usize, Content)]) -> Vec<usize> {
        match model {
            Model::MonotonicWrites => {
                let is_it = |other: &usize| {
                    self.is_earlier(*other, write) && self.calls[*other].is_written()
                };
                self.writes.iter().copied().filter(is_it).collect()
            }
            Model::WritesFollowReads => reads
                .iter()
                .filter(|(read, _)| *read == write || self.is_earlier(*read, write))
                .flat_map(|(_, content)| content.iter().copied())
                .collect(),
            _ => Vec::new(),
        }
    }

    fn holds(&self, model: Model, reads: &[(usize, Content)]) -> bool {
        self.orders.iter().any(|order| self.holds_in(order, model, reads))
    }

    fn holds_in(&self, order: &[usize], model: Model, reads: &[(usize, Content)]) -> bool {
        let place = |write: usize| order.iter().position(|other| *other == write);
        let with: Vec<Vec<usize>> =
            (0..self.calls.len()).map(|write| self.with(model, write, reads)).collect();
        let kept = self
            .writes
            .iter()
            .all(|write| with[*write].iter().all(|before| place(*before) < place(*write)));
        let updates = reads.iter().all(|(read, content)| {
            place(*read).is_none_or(|at| {
                !self.calls[*read].is_written()
                    || content.iter().all(|write| place(*write) < Some(at))
            })
        });
        kept && updates
            && reads.iter().all(|(read, content)| {
                self.databases().any(|database| {
                    let has_own = self.writes.iter().all(|write| {
                        model != Model::ReadYourWrites
                            || !self.is_earlier(*write, *read)
                            || !self.calls[*write].is_written()
                            || database.contains(write)
                    });
                    let has_read = reads.iter().all(|(other, content)| {
                        model != Model::MonotonicReads
                            || !self.is_earlier(*other, *read)
                            || content.iter().all(|write| database.contains(write))
                    });
                    let closed = database
                        .iter()
                        .all(|write| with[*write].iter().all(|before| database.contains(before)));
                    has_own
                        && has_read
                        && closed
                        && self.content(order, &database, *read) == *content
                })
            })
    }
}

/// Judges one guarantee by trying everything.
pub(super) fn judge(record: &Record, model: Model) -> Verdict {
    let calls = &record.calls;
    let may_write = |index: &usize| {
        let call = &calls[*index];
        !matches!(call.command, Command::Get { .. }) && (call.is_written() || call.is_open())
    };
    let writes: Vec<usize> = (0..calls.len()).filter(may_write).collect();
    let plain = Plain { calls, orders: orders(&writes), writes };
    let mut ways: Vec<Vec<(usize, Content)>> = vec![Vec::new()];
    for (reader, call) in calls.iter().enumerate() {
        let Some(value) = seen(call) else { continue };
        let contents = plain.contents(reader, value);
        let longer = |way: Vec<(usize, Content)>| {
            let with = |content: &Content| [&way[..], &[(reader, content.clone())]].concat();
            contents.iter().map(with).collect::<Vec<_>>()
        };
        ways = ways.into_iter().flat_map(longer).collect();
    }
    let held = ways.iter().filter(|way| plain.holds(model, way)).count();
    if held == 0 {
        Verdict::Violated
    } else if held == ways.len() {
        Verdict::Holds
    } else {
        Verdict::Untold
    }
}
