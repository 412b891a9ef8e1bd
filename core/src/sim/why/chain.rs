//! Who waits for whom: an answer leads to the next question, down to the root.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Answer, Moment, Question, Status, ask};
use crate::id::{Gid, NodeSet};
use crate::sim::chronicle::Chronicle;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// A question, and all that its answer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Each question with its answer, from what was asked to the root. Never empty.
    pub steps: Vec<(Question, Answer)>,
    /// They wait for each other: the last answer leads back to this step, counted from 0.
    pub cycle: Option<usize>,
}

/// No chain is longer: beyond it, it is cut off where it is. Each group can be in it a few times.
const MAX_STEPS: usize = 256;

/// Answers a question about a moment of a run, down to the root: somebody who is down, cut off or
/// paused, a group without a leader, what is on its way, or a circle of those who wait for each
/// other.
pub fn explain(world: &World, chronicle: &Chronicle, question: Question) -> Explanation {
    let mut steps: Vec<(Question, Answer)> = Vec::new();
    let mut next = Some(question);
    while let Some(question) = next {
        if let Some(cycle) = steps.iter().position(|(known, _)| *known == question) {
            return Explanation { steps, cycle: Some(cycle) };
        }
        let answer = ask(world, chronicle, question);
        next = answer.next().filter(|_| steps.len() < MAX_STEPS);
        steps.push((question, answer));
    }
    Explanation { steps, cycle: None }
}

/// All that waits at a moment of a run, each down to its root: groups that have not come to the
/// latest configuration or have not finished with it, groups that nobody leads, and clients whose
/// requests are open. Of those that have the same root, the first.
pub fn waits(world: &World, chronicle: &Chronicle) -> Vec<Explanation> {
    let moment = Moment { world, chronicle };
    let sharded = world.scenario().sharding.is_some();
    let groups = || world.scenario().groups();
    let leaders = groups().map(|group| Question::Leader { group });
    let number = moment.latest();
    let holders = || groups().filter(|group| sharded && *group != Gid(0));
    let behind = holders().map(|group| Question::Configuration { group, number });
    let unfinished = holders().filter_map(|group| {
        let unfinished = moment.present(group).is_some_and(|shards| shards.is_unfinished());
        unfinished.then(|| moment.unfinished(group).first).flatten()
    });
    let clients = world.scenario().client_ids().map(|client| Question::Request { client });
    let questions = behind.chain(unfinished).chain(leaders).chain(clients);
    let mut found: Vec<Explanation> = Vec::new();
    for question in questions {
        let explanation = explain(world, chronicle, question);
        let known = |other: &Explanation| other.has_root_of(&explanation);
        let waits = !matches!(explanation.steps[0].1.status(), Status::So | Status::Unknown);
        if waits && !found.iter().any(known) {
            found.push(explanation);
        }
    }
    found
}

impl Explanation {
    /// The answer at the root.
    pub fn root(&self) -> Option<&Answer> {
        self.steps.last().map(|(_, answer)| answer)
    }

    /// Whether another one ends in the same question, or in a circle that has it.
    fn has_root_of(&self, other: &Self) -> bool {
        let Some((root, _)) = other.steps.last() else { return false };
        let own = match self.cycle {
            Some(first) => self.steps.get(first..),
            None => self.steps.last().map(core::slice::from_ref),
        };
        own.unwrap_or_default().iter().any(|(question, _)| question == root)
    }

    /// What it comes to: whoever waits in a circle waits for ever.
    pub fn status(&self) -> Status {
        match (self.steps.first(), self.root()) {
            (Some((_, first)), _) if matches!(first.status(), Status::So | Status::Unknown) => {
                first.status()
            }
            _ if self.cycle.is_some() => Status::Blocked,
            (_, Some(root)) if root.status() == Status::Blocked => Status::Blocked,
            _ => Status::Underway,
        }
    }

    /// The processes at the root: of a circle, those that its answers name.
    pub fn names(&self) -> NodeSet {
        let from = self.cycle.unwrap_or(self.steps.len().saturating_sub(1));
        let root = self.steps.get(from..).unwrap_or_default();
        root.iter().flat_map(|(_, answer)| answer.names().iter()).collect()
    }

    /// In plain sentences: a step each, and what a circle comes to.
    pub fn sentences(&self, scenario: &Scenario) -> Vec<String> {
        let steps = self.steps.iter().map(|(_, answer)| answer.words(scenario));
        let circle = self.cycle.map(|_| "They wait for each other: nobody goes on.".into());
        steps.chain(circle).collect()
    }

    /// The same in one line.
    pub fn words(&self, scenario: &Scenario) -> String {
        self.sentences(scenario).join(" ")
    }

    /// The same, short, for a list: what waits first, then the root.
    pub fn brief(&self, scenario: &Scenario) -> String {
        match (&self.steps[..], self.cycle) {
            ([(_, first), .., (_, root)], None) => {
                format!("{} {}", first.words(scenario), root.words(scenario))
            }
            _ => self.words(scenario),
        }
    }
}
