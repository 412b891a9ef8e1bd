//! Which of the open operations have been placed: a set of small numbers of any size.

use alloc::vec;
use alloc::vec::Vec;

/// A set of numbers below a limit that is fixed when it is made. Few operations are open at once,
/// but nothing bounds how many calls never return: so the set is as wide as the history needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mask(Vec<u64>);

impl Mask {
    /// The empty set of numbers below `limit`.
    pub(super) fn below(limit: u32) -> Self {
        Self(vec![0; limit.div_ceil(64) as usize])
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.0.get(word(number)).is_some_and(|word| word & bit(number) != 0)
    }

    pub(super) fn insert(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(word(number)) {
            *word |= bit(number);
        }
    }

    pub(super) fn remove(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(word(number)) {
            *word &= !bit(number);
        }
    }
}

const fn word(number: u32) -> usize {
    (number / 64) as usize
}

const fn bit(number: u32) -> u64 {
    1 << (number % 64)
}
