//! States met during a search, each kept once under a number.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::Hash;

use crate::digest::Digest;

/// States, each kept once.
#[derive(Clone, Debug)]
pub(super) struct States<M> {
    all: Vec<M>,
    /// By hash; states are compared as well, because hashes may collide.
    known: BTreeMap<u64, Vec<u32>>,
}

impl<M: Eq + Hash> States<M> {
    /// With one state, number 0.
    pub(super) fn starting_with(state: M) -> Self {
        let known = BTreeMap::from([(hash(&state), vec![0])]);
        Self { all: vec![state], known }
    }

    pub(super) fn get(&self, number: u32) -> &M {
        &self.all[number as usize]
    }

    /// The number of a state, which is new or known.
    pub(super) fn number(&mut self, state: M) -> u32 {
        let same = self.known.entry(hash(&state)).or_default();
        if let Some(number) = same.iter().find(|number| self.all[**number as usize] == state) {
            return *number;
        }
        let number = self.all.len() as u32;
        same.push(number);
        self.all.push(state);
        number
    }
}

fn hash(state: &impl Hash) -> u64 {
    let mut digest = Digest::default();
    state.hash(&mut digest);
    digest.value()
}
