//! Values met during a search, each kept once under a number.

use alloc::vec::Vec;
use core::hash::Hash;

use hashbrown::HashTable;

use crate::digest::Digest;

/// Values, each kept once. A value is compared as well as its hash, because hashes may collide.
#[derive(Clone, Debug)]
pub(super) struct Interned<T> {
    all: Vec<T>,
    hashes: Vec<u64>,
    numbers: HashTable<u32>,
}

impl<T: Eq + Hash> Interned<T> {
    /// None yet, with room for so many.
    pub(super) fn with_capacity(values: usize) -> Self {
        let (all, hashes) = (Vec::with_capacity(values), Vec::with_capacity(values));
        Self { all, hashes, numbers: HashTable::with_capacity(values) }
    }

    pub(super) fn get(&self, number: u32) -> &T {
        &self.all[number as usize]
    }

    pub(super) fn len(&self) -> u32 {
        self.all.len() as u32
    }

    /// The number of a value, which is new or known.
    pub(super) fn number(&mut self, value: T) -> u32 {
        let hash = hash(&value);
        if let Some(number) = self.find(hash, &value) {
            return number;
        }
        let number = self.len();
        let hashes = &self.hashes;
        self.numbers.insert_unique(hash, number, |number| hashes[*number as usize]);
        self.hashes.push(hash);
        self.all.push(value);
        number
    }

    fn find(&self, hash: u64, value: &T) -> Option<u32> {
        let same = |number: &u32| {
            let number = *number as usize;
            self.hashes[number] == hash && self.all[number] == *value
        };
        self.numbers.find(hash, same).copied()
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut digest = Digest::default();
    value.hash(&mut digest);
    digest.value()
}
