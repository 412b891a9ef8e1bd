//! A map for a few entries: pairs in order, in one piece of memory.
//!
//! A `BTreeMap` is better when there are thousands of keys that come in any order. Here keys are
//! few, or come in order; then this is not slower, its copies are cheaper, and its code is a tenth.

use alloc::vec::Vec;
use core::borrow::Borrow;

use serde::{Serialize, Serializer};

/// Keys with their values, in order of the keys. It hashes and encodes as a `BTreeMap` does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sorted<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// How many keys there are.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| &self.entries[at].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| &mut self.entries[at].1)
    }

    /// Whether there is a value for a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key and gives back the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => Some(core::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|at| self.entries.remove(at).1)
    }

    /// Takes out all keys up to and with `last`, in order.
    pub fn remove_through(&mut self, last: &K) -> impl Iterator<Item = V> {
        let end = self.entries.partition_point(|(key, _)| key <= last);
        self.entries.drain(..end).map(|(_, value)| value)
    }

    /// Takes out everything, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = V> {
        self.entries.drain(..).map(|(_, value)| value)
    }

    /// All keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// All values, in the order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Ord + Serialize, V: Serialize> Serialize for Sorted<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use core::hash::{Hash, Hasher};

    use super::*;
    use crate::digest::Digest;
    use crate::machine::encoded_len;
    use crate::rng::Rng;

    fn digest(value: &impl Hash) -> u64 {
        let mut digest = Digest::default();
        value.hash(&mut digest);
        digest.finish()
    }

    #[test]
    fn it_does_what_a_tree_does() {
        let (mut lane, mut tree, mut sorted) =
            (Rng::keyed(&[1]), BTreeMap::new(), Sorted::default());
        for n in 0..2_000u64 {
            let key = lane.below(40);
            match lane.below(8) {
                0..4 => assert_eq!(sorted.insert(key, n), tree.insert(key, n)),
                4..7 => assert_eq!(sorted.remove(&key), tree.remove(&key)),
                _ => {
                    let later = tree.split_off(&(key / 4 + 1));
                    let first = core::mem::replace(&mut tree, later).into_values();
                    assert!(sorted.remove_through(&(key / 4)).eq(first));
                }
            }
            assert!(sorted.iter().eq(tree.iter()));
            assert_eq!(sorted.get(&key), tree.get(&key));
            assert_eq!(sorted.get_mut(&key), tree.get_mut(&key));
            assert_eq!(sorted.contains_key(&key), tree.contains_key(&key));
            assert_eq!((sorted.len(), sorted.is_empty()), (tree.len(), tree.is_empty()));
            assert_eq!(digest(&sorted), digest(&tree));
            assert_eq!(encoded_len(&sorted), encoded_len(&tree));
        }
        assert!(sorted.drain().eq(tree.into_values()));
        assert!(sorted.is_empty());
    }
}
