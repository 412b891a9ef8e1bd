//! Configurations, each kept once.

use alloc::vec::Vec;
use core::hash::Hasher;

use hashbrown::HashTable;

use crate::digest::Digest;

/// What matters of a partial order: which return comes next, the state, and which of the
/// operations that are open then have been placed already.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// Which return comes next.
    pub(super) next: u32,
    /// The state's number.
    pub(super) state: u32,
    /// The places of those that have been placed, as bits. One word suffices for 64 open calls;
    /// nothing bounds how many never return, so there are as many words as it takes.
    pub(super) placed: Vec<u64>,
}

impl Config {
    pub(super) fn has(&self, slot: u32) -> bool {
        has(&self.placed, slot)
    }

    pub(super) fn insert(&mut self, slot: u32) {
        if let Some(word) = self.placed.get_mut(word(slot)) {
            *word |= bit(slot);
        }
    }

    pub(super) fn remove(&mut self, slot: u32) {
        if let Some(word) = self.placed.get_mut(word(slot)) {
            *word &= !bit(slot);
        }
    }
}

/// The configurations that were met: those on the way to the present one, and those that lead
/// nowhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// How many words a configuration's placed operations take.
    words: usize,
    heads: Vec<(u32, u32)>,
    placed: Vec<u64>,
    numbers: HashTable<u32>,
    /// Numbers that belong to no configuration any more.
    free: Vec<u32>,
}

impl Memory {
    /// None yet, with room for so many.
    pub(super) fn with_capacity(configurations: usize) -> Self {
        Self {
            heads: Vec::with_capacity(configurations),
            placed: Vec::with_capacity(configurations),
            numbers: HashTable::with_capacity(configurations),
            ..Self::default()
        }
    }

    /// Makes room for so many open operations.
    pub(super) fn widen(&mut self, width: u32) {
        let words = width.div_ceil(64).max(1) as usize;
        if words <= self.words {
            return;
        }
        let mut placed = Vec::with_capacity(self.heads.len() * words);
        for number in 0..self.heads.len() {
            placed.extend_from_slice(&self.placed[number * self.words..][..self.words]);
            placed.resize((number + 1) * words, 0);
        }
        (self.words, self.placed) = (words, placed);
        let numbers: Vec<u32> = self.numbers.drain().collect();
        for number in numbers {
            let hash = self.hash(number);
            let Self { words, heads, placed, numbers, .. } = self;
            numbers.insert_unique(hash, number, |number| hash_at(*words, heads, placed, *number));
        }
    }

    /// How many words the placed operations of a configuration take.
    pub(super) const fn words(&self) -> usize {
        self.words
    }

    /// How many configurations are kept.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The number of a configuration; none if it was there already.
    pub(super) fn insert(&mut self, config: &Config) -> Option<u32> {
        let Self { words, heads, placed, numbers, free } = self;
        let words = *words;
        let head = (config.next, config.state);
        let hash = hash(head, &config.placed);
        let same = |number: &u32| {
            let number = *number as usize;
            heads[number] == head && is_same(&placed[number * words..][..words], &config.placed)
        };
        if numbers.find(hash, same).is_some() {
            return None;
        }
        let number = if let Some(number) = free.pop() {
            heads[number as usize] = head;
            copy(&config.placed, &mut placed[number as usize * words..][..words]);
            number
        } else {
            heads.push(head);
            placed.extend_from_slice(&config.placed);
            heads.len() as u32 - 1
        };
        numbers.insert_unique(hash, number, |number| hash_at(words, heads, placed, *number));
        Some(number)
    }

    /// Which return comes next, and the state.
    pub(super) fn head(&self, number: u32) -> (u32, u32) {
        self.heads[number as usize]
    }

    /// Whether an operation has been placed.
    pub(super) fn has(&self, number: u32, slot: u32) -> bool {
        has(self.placed(number), slot)
    }

    /// Makes `config` the one of a number.
    pub(super) fn load(&self, number: u32, config: &mut Config) {
        (config.next, config.state) = self.head(number);
        copy(self.placed(number), &mut config.placed);
    }

    /// Forgets a configuration.
    pub(super) fn remove(&mut self, number: u32) {
        let hash = self.hash(number);
        if let Ok(entry) = self.numbers.find_entry(hash, |other| *other == number) {
            entry.remove();
            self.free.push(number);
        }
    }

    fn placed(&self, number: u32) -> &[u64] {
        &self.placed[number as usize * self.words..][..self.words]
    }

    fn hash(&self, number: u32) -> u64 {
        hash_at(self.words, &self.heads, &self.placed, number)
    }
}

/// Mostly there is one word, for which a call costs more than the work.
fn copy(from: &[u64], to: &mut [u64]) {
    match (from, to) {
        ([word], [other]) => *other = *word,
        (from, to) => to.copy_from_slice(from),
    }
}

/// The same for a comparison.
fn is_same(one: &[u64], other: &[u64]) -> bool {
    match (one, other) {
        ([word], [other]) => word == other,
        (one, other) => one == other,
    }
}

fn hash_at(words: usize, heads: &[(u32, u32)], placed: &[u64], number: u32) -> u64 {
    let number = number as usize;
    hash(heads[number], &placed[number * words..][..words])
}

fn hash((next, state): (u32, u32), placed: &[u64]) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(u64::from(next) << 32 | u64::from(state));
    placed.iter().for_each(|word| digest.write_u64(*word));
    digest.value()
}

fn has(placed: &[u64], slot: u32) -> bool {
    placed.get(word(slot)).is_some_and(|word| word & bit(slot) != 0)
}

const fn word(slot: u32) -> usize {
    (slot / 64) as usize
}

const fn bit(slot: u32) -> u64 {
    1 << (slot % 64)
}
