//! Why a history is not linearizable, as something that a person can look at.

mod window;
mod words;

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::search::Witness;
use super::{KeyFinding, Operation, OperationOf, Search, Verdict};
use crate::kv::Cell;
use crate::machine::Machine;

pub use window::Window;

/// How many attempts are kept, each with a state of its own.
const MAX_ATTEMPTS: usize = 8;

/// How many replies are kept that the operation which fits nowhere would have got.
const MAX_REPLIES: usize = 16;

/// Why operations are not linearizable. They are named by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<M: Machine> {
    /// The operation that fits nowhere. What was seen until it returned cannot be put in order, and
    /// what was seen before can.
    pub stuck: usize,
    /// The longest orders of what came before it, one for each state that they lead to: eight at
    /// most, those with the most operations first.
    pub attempts: Vec<Attempt<M>>,
    /// How many states such orders lead to.
    pub states: u64,
    /// The replies that the operation would have got after them, each once: sixteen at most.
    pub replies: Vec<M::Reply>,
    /// Whether there are more replies than those.
    pub more: bool,
    /// The smallest part of the history that was found to be not linearizable by itself.
    pub window: Window,
}

/// An order of what came before the operation that fits nowhere; it is among them if what others
/// saw needs it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt<M: Machine> {
    /// The order.
    pub order: Vec<usize>,
    /// The state that it leads to.
    pub state: M,
    /// What the operation that fits nowhere would have got there.
    pub reply: M::Reply,
}

/// Why what was seen of a key is not linearizable. None: it is, or nobody knows within `budget`
/// steps.
pub fn explain(key: &KeyFinding, budget: u64) -> Option<Evidence<Cell>> {
    Evidence::of(&Cell::default(), &key.operations, budget)
}

impl<M: Machine> Evidence<M> {
    /// Why `operations` on a machine that begins as `initial` are not linearizable. None: they are,
    /// or nobody knows within `budget` steps. Half of them may be spent on the smallest window.
    pub fn of(initial: &M, operations: &[OperationOf<M>], budget: u64) -> Option<Self> {
        let mut left = budget / 2;
        let prefix = Prefix::shortest(initial, operations, &mut left)?;
        let stuck = prefix.names[prefix.stuck];
        let mut search = Search::new(initial.clone(), &prefix.operations);
        search.look_no_further();
        let mut border = Border { reached: prefix.last, ..Border::default() };
        border.meets(0, 0);
        search.run_watched(left, &mut border);
        if search.verdict() != Verdict::Illegal {
            return None;
        }
        let Border { seen, since, mut orders, .. } = border;
        let (mut states, mut replies, mut more) = (0, Vec::new(), false);
        let reply = |state: u32| search.reply(state, &operations[stuck].command);
        for (state, _) in (0..).zip(&seen).filter(|(_, seen)| **seen) {
            states += 1;
            let reply = reply(state);
            if !replies.contains(&reply) {
                match replies.len() < MAX_REPLIES {
                    true => replies.push(reply),
                    false => more = true,
                }
            }
        }
        let mut attempts = Vec::new();
        let longest = |orders: &[(u32, Vec<usize>)]| {
            // Of equally long ones, the state that was met first.
            (0..orders.len()).max_by_key(|at| (orders[*at].1.len(), Reverse(orders[*at].0)))
        };
        while let Some(at) = longest(&orders) {
            let (state, order) = orders.swap_remove(at);
            attempts.push(Attempt {
                order: order.into_iter().map(|index| prefix.names[index]).collect(),
                state: search.state(state).clone(),
                reply: reply(state),
            });
        }
        if attempts.is_empty()
            && let Some(attempt) = prefix.seen_by_others(initial, &mut left)
        {
            (states, more) = (1, true);
            replies.push(attempt.reply.clone());
            attempts.push(attempt);
        }
        let window = window::smallest(&search, &prefix, &since, budget / 2);
        Some(Self { stuck, attempts, states, replies, more, window })
    }
}

/// The history up to the return of the operation that fits nowhere: what returned later is open,
/// and what was called later is left out.
struct Prefix<M: Machine> {
    operations: Vec<OperationOf<M>>,
    /// The indices that they had.
    names: Vec<usize>,
    /// The operation that fits nowhere.
    stuck: usize,
    /// Which return that is.
    last: u32,
}

impl<M: Machine> Prefix<M> {
    /// The shortest that is not linearizable; none if there is none, or nobody knows within `left`
    /// steps.
    fn shortest(initial: &M, operations: &[OperationOf<M>], left: &mut u64) -> Option<Self> {
        let whole = judged(initial, operations, left)?;
        if whole.verdict() != Verdict::Illegal {
            return None;
        }
        // Whoever knows the whole history gets stuck at this return or at an earlier one.
        let returns = whole.returns();
        let (mut low, mut high) = (whole.reached() as usize, returns.len() - 1);
        let mut middle = low;
        while low < high {
            let prefix = Self::new(operations, returns, middle);
            match judged(initial, &prefix.operations, left)?.verdict() {
                Verdict::Illegal => high = middle,
                _ => low = middle + 1,
            }
            middle = low.midpoint(high);
        }
        Some(Self::new(operations, returns, low))
    }

    fn new(operations: &[OperationOf<M>], returns: &[u32], last: usize) -> Self {
        let index = returns[last] as usize;
        let stuck = &operations[index];
        let end = stuck.returned.as_ref().map_or(u64::MAX, |(at, _)| (*at).max(stuck.called));
        let mut returned = alloc::vec![false; operations.len()];
        returns[..=last].iter().for_each(|index| returned[*index as usize] = true);
        let (names, last) = (Vec::new(), last as u32);
        let mut prefix = Self { operations: Vec::new(), names, stuck: 0, last };
        for (name, operation) in operations.iter().enumerate() {
            if returned[name] || operation.called <= end {
                let mut operation: OperationOf<M> = operation.clone();
                operation.returned = operation.returned.filter(|_| returned[name]);
                if name == index {
                    prefix.stuck = prefix.names.len();
                }
                prefix.operations.push(operation);
                prefix.names.push(name);
            }
        }
        prefix
    }

    /// Where no order explains the earlier returns unless the operation that fits nowhere has taken
    /// effect already: one that does, with the reply that it gets there.
    fn seen_by_others(&self, initial: &M, left: &mut u64) -> Option<Attempt<M>> {
        let mut operations = self.operations.clone();
        operations[self.stuck] = opened(&operations[self.stuck]);
        let search = judged(initial, &operations, left)?;
        let finding = search.finding();
        let (mut state, mut reply) = (initial.clone(), None);
        for index in &finding.order {
            let given = state.apply(&operations[*index].command);
            if *index == self.stuck {
                reply = Some(given);
            }
        }
        let order = finding.order.into_iter().map(|index| self.names[index]).collect();
        reply.map(|reply| Attempt { order, state, reply })
    }
}

/// A search whose verdict is known; none if that takes more than `left` steps.
fn judged<'a, M: Machine>(
    initial: &M,
    operations: &'a [OperationOf<M>],
    left: &mut u64,
) -> Option<Search<'a, M>> {
    let mut search = Search::new(initial.clone(), operations);
    search.run(*left);
    *left = left.saturating_sub(search.steps());
    (search.verdict() != Verdict::Undecided).then_some(search)
}

/// What stands before the return that nothing gets past.
#[derive(Default)]
struct Border {
    reached: u32,
    /// Which states lead there, by number.
    seen: Vec<bool>,
    /// Which return came next when a state was met for the first time, by its number.
    since: Vec<u32>,
    /// The longest order to each of the first states.
    orders: Vec<(u32, Vec<usize>)>,
}

impl Witness for Border {
    fn meets(&mut self, next: u32, state: u32) {
        let length = self.since.len().max(state as usize + 1);
        self.since.resize(length, u32::MAX);
        let since = &mut self.since[state as usize];
        *since = next.min(*since);
    }

    fn gives_up(&mut self, next: u32, state: u32, order: impl ExactSizeIterator<Item = usize>) {
        if next != self.reached {
            return;
        }
        let length = self.seen.len().max(state as usize + 1);
        self.seen.resize(length, false);
        let is_new = !core::mem::replace(&mut self.seen[state as usize], true);
        let room = self.orders.len() < MAX_ATTEMPTS;
        match self.orders.iter_mut().find(|(known, _)| *known == state) {
            Some((_, known)) if known.len() < order.len() => *known = order.collect(),
            None if is_new && room => {
                self.orders.push((state, order.collect()));
            }
            _ => {}
        }
    }
}

/// An operation without its return.
fn opened<C: Clone, R>(operation: &Operation<C, R>) -> Operation<C, R> {
    Operation { command: operation.command.clone(), called: operation.called, returned: None }
}
