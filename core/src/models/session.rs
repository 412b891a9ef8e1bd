//! Session guarantees: what a client may rely on even where the store is not one (Terry, Demers,
//! Petersen, Spreitzer, Theimer and Welch, *Session Guarantees for Weakly Consistent Replicated
//! Data*, PDIS 1994; in the notation of Viotti and Vukolić, *Consistency in Non-Transactional
//! Distributed Storage Systems*, ACM Computing Surveys 49(1), 2016).
//!
//! A session is what one process does, in its order. Each guarantee is judged by itself, by Terry's
//! definitions, of which a history shows this much. There is one order of all writes. What a read
//! returned is what the writes in its server's database make in that order: a *content*, which is
//! the write that set the value (or the beginning, when the key was missing) and the appends upon
//! it. None of them is a later write of the reader's own session; beyond that real time does not
//! bind, so that what is sequentially consistent keeps all four. That the database has another
//! write of the key as well means: it is in the content, or it comes before the write that set the
//! value. Then, for each read `r` and all that its session or the writers' sessions did:
//!
//! - *Read your writes*: the database of `r` has the acknowledged writes of its session before `r`.
//! - *Monotonic reads*: it has the contents of its session's reads before `r`.
//! - *Monotonic writes*: with each write it has the acknowledged ones of that write's session
//!   before it, and the order of all writes keeps the order of each session.
//! - *Writes follow reads*: with each write it has the contents that the write's session had read
//!   before, and the order of all writes has those before the write.
//!
//! Values may repeat, so a read's value may have come about in several ways. If one order explains
//! the whole history, it is sequentially consistent, that is how all values came about, and the
//! four hold. Otherwise each guarantee is judged for every way in which the reads' values may have
//! come about. It [holds](super::Verdict::Holds) if it does in each of them, it is
//! [violated](super::Verdict::Violated) if it does in none, and else the history does
//! [not tell](super::Verdict::Untold).
//!
//! What a conditional write or a hash chain found is a read that is followed at once by its write.
//! A failed compare-and-set without what it found says nothing. An append of nothing is no write.

mod content;
mod graph;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use self::content::{Read, Reads};
use self::graph::Constraints;
use super::{Finding, Model, Verdict, out_of_steps, told};
use crate::history::Record;

/// Judges one of the four guarantees in a history that was not found to be sequentially consistent.
/// `is_known`: it is not.
pub(super) fn judge(record: &Record, model: Model, is_known: bool, budget: u64) -> Finding {
    let mut judge = Judge { record, model, budget, steps: 0 };
    let (verdict, words) = match judge.verdict() {
        // More steps may find the order that tells.
        (Verdict::Untold, words) if !is_known => {
            let more = format!("Whether one order explains all was not found in {budget} steps.");
            (Verdict::Undecided, [words, more].join(" "))
        }
        told => told,
    };
    Finding { model, verdict, steps: judge.steps, words }
}

/// A violation, or that the budget has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stop {
    /// What contradicts the guarantee, in one sentence.
    Violated(String),
    OutOfSteps,
}

struct Judge<'a> {
    record: &'a Record,
    model: Model,
    budget: u64,
    steps: u64,
}

/// For each read, the contents that it may have had. None: it is left out.
type Choices = Vec<Vec<usize>>;

impl Judge<'_> {
    fn verdict(&mut self) -> (Verdict, String) {
        let reads = match content::reads(self.record, self.budget, &mut self.steps) {
            Ok(reads) => reads,
            Err(stop) => return self.end(stop),
        };
        self.decide(&reads).unwrap_or_else(|stop| self.end(stop))
    }

    fn end(&self, stop: Stop) -> (Verdict, String) {
        match stop {
            Stop::Violated(words) => (Verdict::Violated, words),
            Stop::OutOfSteps => (Verdict::Undecided, out_of_steps(self.budget)),
        }
    }

    fn decide(&mut self, reads: &Reads) -> Result<(Verdict, String), Stop> {
        let all = |read: &Read| (0..read.contents.len()).collect::<Vec<_>>();
        let is_told = |read: &Read| read.contents.len() == 1;
        let keep = |read| if is_told(read) { all(read) } else { Vec::new() };
        let plain: Choices = reads.all.iter().map(keep).collect();
        self.check(reads, &plain)?;
        let doubtful: Vec<usize> =
            (0..reads.all.len()).filter(|read| !is_told(&reads.all[*read])).collect();
        // What contradicts nothing with all contents at once does so with any of them.
        let every: Choices = reads.all.iter().map(all).collect();
        if doubtful.is_empty() || !self.is_violated(reads, &every)? {
            return Ok((Verdict::Holds, "Nothing that was read contradicts it.".into()));
        }
        // What a read alone cannot have had, with those that are told.
        let mut open = Vec::new();
        let mut violating = false;
        for read in doubtful {
            let mut left = Vec::new();
            let mut last = String::new();
            for content in all(&reads.all[read]) {
                let mut choices = plain.clone();
                choices[read] = alloc::vec![content];
                match self.check(reads, &choices) {
                    Ok(()) => left.push(content),
                    Err(Stop::Violated(words)) => (violating, last) = (true, words),
                    Err(stop) => return Err(stop),
                }
            }
            if left.is_empty() {
                return Err(Stop::Violated(last));
            }
            open.push((read, left));
        }
        self.enumerate(reads, plain, &open, violating)
    }

    /// All ways in which the doubtful reads may have come about, until one holds and one does not.
    fn enumerate(
        &mut self,
        reads: &Reads,
        mut choices: Choices,
        open: &[(usize, Vec<usize>)],
        mut violating: bool,
    ) -> Result<(Verdict, String), Stop> {
        let mut words = String::new();
        // How many contents of each doubtful read have been tried, on the way to where we are.
        let mut tried = alloc::vec![0];
        while let Some(at) = tried.len().checked_sub(1) {
            let (read, contents) = &open[at];
            let Some(content) = contents.get(tried[at]).copied() else {
                choices[*read].clear();
                tried.pop();
                continue;
            };
            tried[at] += 1;
            choices[*read] = alloc::vec![content];
            match self.check(reads, &choices) {
                Ok(()) if at + 1 < open.len() => tried.push(0),
                Ok(()) if violating => return Ok((Verdict::Untold, self.untold(reads, *read))),
                Ok(()) => {
                    // This way it holds; is there another in which it does not?
                    if self.all_hold(reads, &mut choices, open, &mut tried)? {
                        return Ok((
                            Verdict::Holds,
                            "Nothing that was read contradicts it.".into(),
                        ));
                    }
                    return Ok((Verdict::Untold, self.untold(reads, *read)));
                }
                Err(Stop::Violated(why)) => (violating, words) = (true, why),
                Err(stop) => return Err(stop),
            }
        }
        Err(Stop::Violated(words))
    }

    /// Whether all ways after the present one hold as well.
    fn all_hold(
        &mut self,
        reads: &Reads,
        choices: &mut Choices,
        open: &[(usize, Vec<usize>)],
        tried: &mut Vec<usize>,
    ) -> Result<bool, Stop> {
        while let Some(at) = tried.len().checked_sub(1) {
            let (read, contents) = &open[at];
            let Some(content) = contents.get(tried[at]).copied() else {
                choices[*read].clear();
                tried.pop();
                continue;
            };
            tried[at] += 1;
            choices[*read] = alloc::vec![content];
            if self.is_violated(reads, choices)? {
                return Ok(false);
            }
            if at + 1 < open.len() {
                tried.push(0);
            }
        }
        Ok(true)
    }

    fn untold(&self, reads: &Reads, read: usize) -> String {
        let call = told(self.record, reads.all[read].call);
        format!("It depends on which of several writes of one value was seen, as by {call}.")
    }

    fn is_violated(&mut self, reads: &Reads, choices: &Choices) -> Result<bool, Stop> {
        match self.check(reads, choices) {
            Ok(()) => Ok(false),
            Err(Stop::Violated(_)) => Ok(true),
            Err(Stop::OutOfSteps) => Err(Stop::OutOfSteps),
        }
    }

    /// Whether the reads' contents, as far as they are chosen, contradict the guarantee.
    fn check(&mut self, reads: &Reads, choices: &Choices) -> Result<(), Stop> {
        let left = self.budget.saturating_sub(self.steps);
        let mut constraints = Constraints::new(self.record, reads, choices, left);
        let result = constraints.check(self.model);
        self.steps += constraints.steps();
        result
    }
}

/// Says that the read's value cannot have come about.
fn nowhere(record: &Record, call: usize) -> Stop {
    let call = told(record, call);
    Stop::Violated(format!("Nothing that was written makes what was seen by {call}."))
}
