//! Safety, judged after every step by observers outside the protocol.
//!
//! An observer sees only what a step released (records that became durable, messages that left,
//! slots that were applied) and remembers what it saw, across crashes. It costs what the step
//! changed. A broken invariant is a result, not a crash: the observers survive states that the
//! protocol calls impossible.

mod commits;
mod elections;
mod laws;
mod logs;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use laws::Law;

use self::commits::Commits;
use self::elections::Elections;
use self::logs::Prefixes;
use super::report::{Happened, Report, Shown};
use super::store::{Durable, Record};
use super::world::World;
use crate::id::{LogId, NodeId, NodeSet, Slot, Term};
use crate::time::Instant;

/// What all observers remember, and what they found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observers {
    elections: Elections,
    prefixes: Prefixes,
    commits: Commits,
    nodes: Vec<Watched>,
    voters: NodeSet,
    checks: [u64; Law::ALL.len()],
    broken: Arc<Vec<Violation>>,
}

/// What is remembered of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watched {
    /// It leads in this term.
    leading: Option<Term>,
    /// The last entry of its durable log.
    last: LogId,
    /// Its durable log has all that is committed up to here.
    agreed: Slot,
    /// It lost its disk, which had everything up to here that was committed then or later: of
    /// that, it is discounted.
    lost: Option<Slot>,
}

/// How an invariant was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// In which step.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// What was seen, in one sentence.
    pub words: String,
}

/// Collects what the observers find in one step.
pub(crate) struct Findings<'a> {
    checks: &'a mut [u64; Law::ALL.len()],
    broken: &'a mut Arc<Vec<Violation>>,
    step: u64,
    at: Instant,
}

/// More violations of one law than this are not kept: the first ones tell the story.
const MAX_VIOLATIONS: usize = 8;

impl Findings<'_> {
    /// Judges one instance of a law; `words` says what was seen if it does not hold.
    pub(crate) fn judge(&mut self, law: Law, holds: bool, words: impl FnOnce() -> String) {
        self.checks[law as usize] += 1;
        if !holds && self.broken.iter().filter(|known| known.law == law).count() < MAX_VIOLATIONS {
            let (step, at) = (self.step, self.at);
            Arc::make_mut(self.broken).push(Violation { law, step, at, words: words() });
        }
    }
}

impl Observers {
    /// What was found, in the order of the run: nothing, if every invariant holds.
    pub fn violations(&self) -> &[Violation] {
        &self.broken
    }

    /// How often a law was judged.
    pub const fn checks(&self, law: Law) -> u64 {
        self.checks[law as usize]
    }

    /// How many entries are known to be committed.
    pub const fn committed(&self) -> u64 {
        self.commits.end().0
    }

    /// Judges a step.
    pub fn observe(&mut self, world: &World, report: &Report) {
        if self.nodes.is_empty() {
            self.voters = world.scenario().server_ids().collect();
            self.nodes.resize(usize::from(world.scenario().servers), Watched::default());
        }
        if matches!(report.happened, Happened::Woke(_)) {
            self.judge_time(world, report);
        }
        let Some(durable) = world.node(report.node).and_then(|node| node.durable()) else { return };
        for shown in &report.shown {
            self.observe_one(world, report, shown, durable);
        }
    }

    fn judge_time(&mut self, world: &World, report: &Report) {
        let Self { checks, broken, .. } = self;
        let mut findings = Findings { checks, broken, step: report.step, at: report.at };
        let spins = report.shown.contains(&Shown::Spinning);
        findings.judge(Law::Time, !spins, || {
            alloc::format!("{} asked to be woken in the past.", world.scenario().name(report.node))
        });
    }

    fn observe_one(&mut self, world: &World, report: &Report, shown: &Shown, durable: &Durable) {
        let node = report.node;
        let Self { elections, prefixes, commits, nodes, voters, checks, broken } = self;
        let mut findings = Findings { checks, broken, step: report.step, at: report.at };
        let Some(watched) = nodes.get_mut(usize::from(node.0)) else { return };
        match shown {
            Shown::Sent(label) => elections.on_sent(label, &mut findings),
            Shown::Persisted(record) => {
                match record {
                    Record::Hard(hard) => elections.on_hard_state(node, *hard, &mut findings),
                    Record::Splice(splice) => {
                        logs::append_only(node, watched, splice, &mut findings);
                        prefixes.on_splice(node, watched, &durable.log, splice, &mut findings);
                        watched.agreed = watched.agreed.min(splice.after);
                    }
                    Record::Snapshot(_) => {}
                }
                watched.last = durable.log.last();
                commits.extend(watched, &durable.log);
                commits.check_quorum(nodes, *voters, &mut findings);
            }
            Shown::Applied { slot, entry, .. } => {
                let term = durable.hard.term;
                if commits.on_applied(node, *slot, entry, term, &mut findings) {
                    let disks = world.nodes().iter().filter_map(|node| node.durable());
                    for (watched, disk) in nodes.iter_mut().zip(disks) {
                        commits.extend(watched, &disk.log);
                    }
                    commits.check_quorum(nodes, *voters, &mut findings);
                }
            }
            Shown::Leading(Some(epoch)) => {
                let term = Term(epoch.0);
                elections.on_leader(node, term, &mut findings);
                commits.on_leader(node, term, &durable.log, &mut findings);
                watched.leading = Some(term);
            }
            Shown::Leading(None) | Shown::Crashed => watched.leading = None,
            Shown::Wiped => {
                // What a second disk held never counted: only the first one is discounted.
                let lost = watched.lost.or(Some(watched.last.slot));
                *watched = Watched { lost, ..Watched::default() };
            }
            _ => {}
        }
    }
}

/// A server's name: process 0 is `S1`.
pub(crate) fn name(node: NodeId) -> String {
    alloc::format!("S{}", u32::from(node.0) + 1)
}
