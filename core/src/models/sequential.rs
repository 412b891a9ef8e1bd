//! Sequential consistency: one order of all operations that each reply follows from and that keeps
//! the order of each process (Lamport 1979). Real time does not bind.
//!
//! It is not local: each key may have an order, and all of them together none. So the search runs
//! over the whole history. It is complete, depth first, and remembers configurations: how far each
//! process has come, which operations that never returned have been placed, and the state.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use super::Verdict;
use crate::linear::OperationOf;
use crate::machine::Machine;
use crate::order;

/// A search for an order.
///
/// An operation that never returned may be placed anywhere after those that its process had called
/// before it, or nowhere. A read that fits the state is placed at once and nothing else is tried
/// instead: in any order that has it later, it can be moved here without changing a reply.
#[derive(Debug)]
pub struct Sequential<'a, M: Machine> {
    operations: &'a [OperationOf<M>],
    /// The operations that returned, of each process, in the order of their calls.
    queues: Vec<Vec<usize>>,
    /// The writes that never returned.
    loose: Vec<Loose>,
    reads: Vec<bool>,
    states: Vec<M>,
    /// States by their encoding.
    known: BTreeMap<Vec<u8>, u32>,
    seen: BTreeSet<Config>,
    frames: Vec<Frame>,
    path: Vec<usize>,
    verdict: Verdict,
    steps: u64,
}

/// An operation that never returned.
#[derive(Debug)]
struct Loose {
    operation: usize,
    queue: usize,
    /// So many of its process come before it.
    after: u32,
}

/// What matters of a partial order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    /// How many operations of each process have been placed.
    placed: Vec<u32>,
    /// Which of those that never returned have.
    lost: Vec<u64>,
    state: u32,
}

/// A configuration, and what is left to be tried in it, the next one last.
#[derive(Debug)]
struct Frame {
    config: Config,
    choices: Vec<Choice>,
    /// How long the path was before this frame.
    before: usize,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The next operation of a process.
    Next(usize),
    /// One that never returned.
    Lost(usize),
}

impl<'a, M: Machine> Sequential<'a, M> {
    /// A search that has not begun. `processes` says whose each operation is; the operations may
    /// stand in any order.
    pub fn new(initial: M, operations: &'a [OperationOf<M>], processes: &[u64]) -> Self {
        let order = (0..operations.len().min(processes.len())).collect();
        let order: Vec<usize> = order::ranked(order, |index| operations[*index].called);
        let reads: Vec<bool> =
            operations.iter().map(|op| initial.read(&op.command).is_some()).collect();
        let mut names: BTreeMap<u64, usize> = BTreeMap::new();
        let (mut queues, mut loose): (Vec<Vec<usize>>, Vec<Loose>) = Default::default();
        for operation in order {
            let queue = *names.entry(processes[operation]).or_insert(queues.len());
            if queue == queues.len() {
                queues.push(Vec::new());
            }
            if operations[operation].returned.is_some() {
                queues[queue].push(operation);
            } else if !reads[operation] {
                loose.push(Loose { operation, queue, after: queues[queue].len() as u32 });
            }
        }
        let config = Config {
            placed: vec![0; queues.len()],
            lost: vec![0; loose.len().div_ceil(64)],
            state: 0,
        };
        let mut search = Self {
            operations,
            queues,
            loose,
            reads,
            states: Vec::new(),
            known: BTreeMap::new(),
            seen: BTreeSet::new(),
            frames: Vec::new(),
            path: Vec::new(),
            verdict: Verdict::Undecided,
            steps: 0,
        };
        search.number(initial);
        search.enter(config, 0);
        search
    }

    /// What is known so far.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How many times a command was tried on a state.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The order that was found, as indices of operations; empty until then.
    pub fn order(&self) -> &[usize] {
        if self.verdict == Verdict::Holds { &self.path } else { &[] }
    }

    /// Goes on for about `steps` more steps, or until the verdict is known.
    pub fn run(&mut self, steps: u64) {
        let limit = self.steps.saturating_add(steps);
        while self.verdict == Verdict::Undecided && self.steps < limit {
            self.go_on();
        }
    }

    /// Tries the next choice of the last frame, or gives the frame up.
    fn go_on(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            self.verdict = Verdict::Violated;
            return;
        };
        let Some(choice) = frame.choices.pop() else {
            let before = frame.before;
            self.path.truncate(before);
            self.frames.pop();
            return;
        };
        let mut config = frame.config.clone();
        let operation = self.operation(&config, choice);
        self.steps += 1;
        let mut machine = self.states[config.state as usize].clone();
        let reply = machine.apply(&self.operations[operation].command);
        let returned = &self.operations[operation].returned;
        if returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            return;
        }
        let state = self.number(machine);
        match choice {
            // Without an effect it is of no use.
            Choice::Lost(_) if state == config.state => return,
            Choice::Lost(index) => config.lost[index / 64] |= 1 << (index % 64),
            Choice::Next(queue) => config.placed[queue] += 1,
        }
        config.state = state;
        let length = self.path.len();
        self.path.push(operation);
        self.enter(config, length);
    }

    fn operation(&self, config: &Config, choice: Choice) -> usize {
        match choice {
            Choice::Next(queue) => self.queues[queue][config.placed[queue] as usize],
            Choice::Lost(index) => self.loose[index].operation,
        }
    }

    /// Goes to a configuration, unless it was met before.
    fn enter(&mut self, mut config: Config, before: usize) {
        self.settle(&mut config);
        let mut choices: Vec<Choice> = (0..self.queues.len())
            .filter(|queue| (config.placed[*queue] as usize) < self.queues[*queue].len())
            .map(Choice::Next)
            .collect();
        if choices.is_empty() {
            self.verdict = Verdict::Holds;
        } else if self.seen.insert(config.clone()) {
            let may = |index: &usize| {
                let Loose { queue, after, .. } = self.loose[*index];
                config.lost[index / 64] & (1 << (index % 64)) == 0 && config.placed[queue] >= after
            };
            choices.extend((0..self.loose.len()).filter(may).map(Choice::Lost));
            // A read that does not fit now waits for a write.
            choices.retain(|choice| !self.reads[self.operation(&config, *choice)]);
            // What was called first is tried first: most histories are nearly in that order. What
            // never returned comes last.
            let choices = order::ranked(choices, |choice| {
                u64::MAX - self.operations[self.operation(&config, *choice)].called
            });
            let choices =
                order::ranked(choices, |choice| u64::from(matches!(choice, Choice::Next(_))));
            self.frames.push(Frame { config, choices, before });
        } else {
            self.path.truncate(before);
        }
    }

    /// Places the reads that fit.
    fn settle(&mut self, config: &mut Config) {
        for queue in 0..self.queues.len() {
            while let Some(next) = self.queues[queue].get(config.placed[queue] as usize).copied() {
                if !self.reads[next] {
                    break;
                }
                self.steps += 1;
                let operation = &self.operations[next];
                let reply = self.states[config.state as usize].read(&operation.command);
                if reply.as_ref() != operation.returned.as_ref().map(|(_, seen)| seen) {
                    break;
                }
                config.placed[queue] += 1;
                self.path.push(next);
            }
        }
    }

    /// The number of a state, which is new or known.
    fn number(&mut self, state: M) -> u32 {
        // A state that cannot be encoded would share a number with others: there is none.
        let encoded = postcard::to_allocvec(&state).unwrap_or_default();
        let number = self.states.len() as u32;
        let known = *self.known.entry(encoded).or_insert(number);
        if known == number {
            self.states.push(state);
        }
        known
    }
}

/// Whether `order` explains `operations` and keeps the order of each process: it has every
/// operation that returned, each at most once, with the reply that was seen. This knows nothing of
/// how an order is found.
pub fn keeps_order<M: Machine>(
    initial: &M,
    operations: &[OperationOf<M>],
    processes: &[u64],
    order: &[usize],
) -> bool {
    let mut machine = initial.clone();
    let mut place = vec![None; operations.len()];
    for (at, index) in order.iter().enumerate() {
        let Some(operation) = operations.get(*index).filter(|_| place[*index].is_none()) else {
            return false;
        };
        place[*index] = Some(at);
        let reply = machine.apply(&operation.command);
        if operation.returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            return false;
        }
    }
    let all = |index: usize| place[index].is_some() || operations[index].returned.is_none();
    // Whoever returned comes before all that its process called later.
    let in_order = |(one, other): (usize, usize)| {
        let before = processes[one] == processes[other]
            && operations[one].returned.is_some()
            && operations[one].called < operations[other].called;
        !before || place[other].is_none_or(|later| place[one].is_some_and(|first| first < later))
    };
    (0..operations.len()).all(all)
        && (0..operations.len())
            .flat_map(|one| (0..operations.len()).map(move |other| (one, other)))
            .all(in_order)
}
