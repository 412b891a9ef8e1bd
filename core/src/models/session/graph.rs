//! What an order of all writes must keep, and whether there is one.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::content::{Content, Read, Reads};
use super::{Choices, Model, Stop};
use crate::history::Record;
use crate::models::told;

/// Edges between writes: the first comes before the second.
///
/// Nodes are the record's calls, and behind them one for each read: what its session has read up to
/// there.
pub(super) struct Constraints<'a> {
    record: &'a Record,
    reads: &'a Reads,
    choices: &'a Choices,
    edges: Vec<(usize, usize)>,
    /// The calls of each process, in their order.
    sessions: BTreeMap<u64, Vec<usize>>,
    /// The read that a call is.
    read_of: BTreeMap<usize, usize>,
    left: u64,
    steps: u64,
}

impl<'a> Constraints<'a> {
    pub(super) fn new(
        record: &'a Record,
        reads: &'a Reads,
        choices: &'a Choices,
        left: u64,
    ) -> Self {
        let mut sessions: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (index, call) in record.calls.iter().enumerate() {
            sessions.entry(call.process).or_default().push(index);
        }
        let read_of = (0..).zip(&reads.all).map(|(at, read)| (read.call, at)).collect();
        let steps = record.calls.len() as u64;
        Self { record, reads, choices, edges: Vec::new(), sessions, read_of, left, steps }
    }

    pub(super) const fn steps(&self) -> u64 {
        self.steps
    }

    /// Whether an order of all writes, and databases for all reads, keep the guarantee.
    pub(super) fn check(&mut self, model: Model) -> Result<(), Stop> {
        self.follow_from_contents();
        match model {
            Model::ReadYourWrites => self.read_your_writes()?,
            Model::MonotonicReads => self.monotonic_reads()?,
            Model::MonotonicWrites => self.monotonic_writes()?,
            Model::WritesFollowReads => self.writes_follow_reads()?,
            Model::Linearizable | Model::Sequential => {}
        }
        self.find_order()
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > self.left { Err(Stop::OutOfSteps) } else { Ok(()) }
    }

    /// The contents of a read that are chosen.
    fn contents(&self, read: usize) -> impl Iterator<Item = &'a Content> + use<'a> {
        let (reads, choices) = (self.reads, self.choices);
        choices[read].iter().map(move |content| &reads.all[read].contents[*content])
    }

    /// Appends come after one another, and an update after what it found.
    fn follow_from_contents(&mut self) {
        for read in 0..self.reads.all.len() {
            let Read { call, is_update, .. } = self.reads.all[read];
            for content in self.contents(read) {
                let writes: Vec<usize> = content.writes().collect();
                self.edges.extend(writes.windows(2).map(|pair| (pair[0], pair[1])));
                if let Some(last) = writes.last().filter(|_| is_update) {
                    self.edges.push((*last, call));
                }
            }
        }
    }

    /// The database of a read that had `content` has `write` too.
    fn need(&mut self, write: usize, read: usize, content: &Content) -> Result<(), Stop> {
        self.step()?;
        if content.has(write) {
            return Ok(());
        }
        let Some(base) = content.base else {
            let reader = told(self.record, self.reads.all[read].call);
            let write = told(self.record, write);
            let words = format!("What was seen by {reader} misses {write}.");
            return Err(Stop::Violated(words));
        };
        self.edges.push((write, base));
        Ok(())
    }

    fn is_of_key(&self, call: usize, other: usize) -> bool {
        self.record.calls[call].command.key() == self.record.calls[other].command.key()
    }

    /// Whether a call is a write that was acknowledged and that a content can show.
    fn is_acknowledged(&self, call: usize) -> bool {
        self.record.calls[call].shows() && self.record.calls[call].is_written()
    }

    fn read_your_writes(&mut self) -> Result<(), Stop> {
        for read in 0..self.reads.all.len() {
            let Read { call, process, .. } = self.reads.all[read];
            let before: Vec<usize> = self.sessions[&process]
                .iter()
                .copied()
                .take_while(|other| *other != call)
                .filter(|other| self.is_of_key(*other, call) && self.is_acknowledged(*other))
                .collect();
            for content in self.contents(read) {
                for write in &before {
                    self.need(*write, read, content)?;
                }
            }
        }
        Ok(())
    }

    /// Each read sees what the one before it on the same key saw. The rest follows: what that one
    /// did not see comes before the write that set its value.
    fn monotonic_reads(&mut self) -> Result<(), Stop> {
        let mut last: BTreeMap<(u64, &str), usize> = BTreeMap::new();
        for read in (0..self.reads.all.len()).filter(|read| !self.choices[*read].is_empty()) {
            let Read { call, process, .. } = self.reads.all[read];
            let key: &str = self.record.calls[call].command.key();
            if let Some(before) = last.insert((process, key), read) {
                for write in self.contents(before).flat_map(Content::writes) {
                    for content in self.contents(read) {
                        self.need(write, read, content)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn monotonic_writes(&mut self) -> Result<(), Stop> {
        // The acknowledged write before each call: of its session, and of its session on its key.
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        for calls in self.sessions.values() {
            let (mut last, mut on_key) = (None, BTreeMap::new());
            for call in calls.iter().copied().filter(|call| self.record.calls[*call].shows()) {
                let key = self.record.calls[call].command.key();
                self.edges.extend(last.map(|last| (last, call)));
                before.extend(on_key.get(key).map(|last| (call, *last)));
                if self.is_acknowledged(call) {
                    last = Some(call);
                    on_key.insert(key, call);
                }
            }
        }
        for read in 0..self.reads.all.len() {
            for content in self.contents(read) {
                for write in content.writes().filter_map(|write| before.get(&write)) {
                    self.need(*write, read, content)?;
                }
            }
        }
        Ok(())
    }

    fn writes_follow_reads(&mut self) -> Result<(), Stop> {
        let calls = self.record.calls.len();
        // What each node follows.
        let mut follows: Vec<Vec<usize>> = vec![Vec::new(); calls + self.reads.all.len()];
        for session in self.sessions.values() {
            let mut last = None;
            for call in session {
                if let Some(read) = self.read_of.get(call).copied() {
                    follows[calls + read].extend(last);
                    follows[calls + read].extend(self.contents(read).flat_map(Content::writes));
                    last = Some(calls + read);
                }
                if self.record.calls[*call].shows() {
                    follows[*call].extend(last);
                }
            }
        }
        for (node, before) in follows.iter().enumerate() {
            self.edges.extend(before.iter().map(|before| (*before, node)));
        }
        for read in 0..self.reads.all.len() {
            let reader = self.reads.all[read].call;
            for content in self.contents(read) {
                let mut met: BTreeSet<usize> = content.writes().collect();
                let mut open: Vec<usize> = met.iter().copied().collect();
                while let Some(node) = open.pop() {
                    self.step()?;
                    if node < calls && self.is_of_key(node, reader) {
                        self.need(node, read, content)?;
                    }
                    open.extend(follows[node].iter().filter(|before| met.insert(**before)));
                }
            }
        }
        Ok(())
    }

    /// Sorts the writes. What is left over goes in a circle.
    fn find_order(&mut self) -> Result<(), Stop> {
        let nodes = self.record.calls.len() + self.reads.all.len();
        self.steps += nodes as u64 + self.edges.len() as u64;
        let (mut after, mut waits) = (vec![Vec::new(); nodes], vec![0_u32; nodes]);
        for (one, other) in self.edges.iter().copied().filter(|(one, other)| one != other) {
            after[one].push(other);
            waits[other] += 1;
        }
        let mut open: Vec<usize> = (0..nodes).filter(|node| waits[*node] == 0).collect();
        while let Some(node) = open.pop() {
            for next in &after[node] {
                waits[*next] -= 1;
                if waits[*next] == 0 {
                    open.push(*next);
                }
            }
        }
        let Some(first) = waits.iter().position(|waits| *waits > 0) else { return Ok(()) };
        let calls = self.circle(first, &waits);
        let words = match calls.as_slice() {
            [one, .., other] => {
                let (one, other) = (told(self.record, *one), told(self.record, *other));
                format!("By what was read, {one} comes before and after {other}.")
            }
            [one] => format!("By what was read, {} comes before itself.", told(self.record, *one)),
            [] => "By what was read, a read comes before itself.".into(),
        };
        Err(Stop::Violated(words))
    }

    /// The calls of a circle to which the edges lead back from a node that was left over: each such
    /// node has one before it that was left over too.
    fn circle(&self, first: usize, waits: &[u32]) -> Vec<usize> {
        let left = self.edges.iter().filter(|(one, other)| one != other && waits[*one] > 0);
        let before: BTreeMap<usize, usize> = left.map(|(one, other)| (*other, *one)).collect();
        let back = |node: &usize| before.get(node).copied();
        let mut met = BTreeSet::new();
        let start = core::iter::successors(Some(first), back).find(|node| !met.insert(*node));
        let Some(start) = start else { return Vec::new() };
        let round = core::iter::successors(back(&start), back).take_while(|node| *node != start);
        core::iter::once(start)
            .chain(round)
            .filter(|node| *node < self.record.calls.len())
            .collect()
    }
}
