//! A sequence whose copies share what they have in common.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::mem;
use core::ops::Range;

use serde::{Serialize, Serializer};

/// A growing sequence in chunks of `N`: full ones are shared by [`Arc`] between copies, the last
/// one belongs to each copy alone, so that adding to it asks nobody.
///
/// A copy costs one pointer per full chunk and the elements of the last; changing a full chunk of
/// a copy duplicates only that chunk. Positions are absolute: dropping the front does not renumber
/// what remains. Logs, traces and observers' memories are kept in it, which is what makes a
/// keyframe cheap.
#[derive(Clone)]
pub struct Chunks<T, const N: usize = 64> {
    /// Position of the first element that is physically here.
    start: u64,
    /// Position of the first element that counts.
    first: u64,
    /// The full chunks.
    full: VecDeque<Arc<Vec<T>>>,
    /// Position of the first element of the tail.
    open: u64,
    /// What follows the full chunks: at most `N`.
    tail: Vec<T>,
}

impl<T: Clone, const N: usize> Chunks<T, N> {
    /// An empty sequence whose first element will have the position `first`.
    pub const fn starting_at(first: u64) -> Self {
        Self { start: first, first, full: VecDeque::new(), open: first, tail: Vec::new() }
    }

    /// The position of the first element (of the next one to come, if there is none).
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// One past the position of the last element.
    pub const fn end(&self) -> u64 {
        self.open + self.tail.len() as u64
    }

    /// How many elements there are.
    pub const fn len(&self) -> u64 {
        self.end() - self.first
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.end() == self.first
    }

    /// Where a position of the full chunks is: in which, and where in it.
    const fn place(&self, position: u64) -> (usize, usize) {
        let offset = (position - self.start) as usize;
        (offset / N, offset % N)
    }

    /// The element at `position`.
    pub fn get(&self, position: u64) -> Option<&T> {
        if position < self.first {
            return None;
        }
        if position >= self.open {
            return self.tail.get((position - self.open) as usize);
        }
        let (chunk, offset) = self.place(position);
        self.full.get(chunk)?.get(offset)
    }

    /// The element at `position`, to be changed in this copy only.
    pub fn get_mut(&mut self, position: u64) -> Option<&mut T> {
        if position < self.first {
            return None;
        }
        if position >= self.open {
            return self.tail.get_mut((position - self.open) as usize);
        }
        let (chunk, offset) = self.place(position);
        Arc::make_mut(self.full.get_mut(chunk)?).get_mut(offset)
    }

    /// The last element.
    pub fn last(&self) -> Option<&T> {
        // A tail that has elements has the last one.
        self.tail.last().or_else(|| self.get(self.end().checked_sub(1)?))
    }

    /// Adds an element at the end.
    #[inline]
    pub fn push(&mut self, element: T) {
        if self.tail.len() == N || self.tail.len() == self.tail.capacity() {
            self.make_room();
        }
        self.tail.push(element);
    }

    /// Closes the tail if it is full. Otherwise makes room for all that it will ever have: growing
    /// bit by bit copies what is there each time.
    #[cold]
    fn make_room(&mut self) {
        if self.tail.len() == N {
            self.full.push_back(Arc::new(mem::take(&mut self.tail)));
            self.open += N as u64;
        }
        self.tail.reserve_exact(N - self.tail.len());
    }

    /// Forgets the elements at `end` and after it.
    pub fn truncate(&mut self, end: u64) {
        let end = end.max(self.first);
        if end < self.open {
            let (chunk, offset) = self.place(end);
            self.open = end - offset as u64;
            self.tail = self.full.get(chunk).map_or_else(Vec::new, |chunk| chunk.to_vec());
            self.full.truncate(chunk);
        }
        self.tail.truncate((end - self.open) as usize);
    }

    /// Forgets the elements before `first`.
    pub fn drop_before(&mut self, first: u64) {
        if first >= self.end() {
            *self = Self::starting_at(first.max(self.end()));
            return;
        }
        self.first = first.max(self.first);
        while self.first - self.start >= N as u64 {
            self.full.pop_front();
            self.start += N as u64;
        }
    }

    /// The elements in a range of positions, as far as they exist.
    pub fn range(&self, range: Range<u64>) -> impl DoubleEndedIterator<Item = &T> + Clone {
        let from = range.start.clamp(self.first, self.end());
        let to = range.end.clamp(from, self.end());
        // No filter: whoever collects this can then make room for all of it at once.
        (from..to).map(|position| self.get(position).expect("the range lies within the sequence"))
    }

    /// All elements.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.range(self.first..self.end())
    }

    /// The first position whose element does not satisfy `before`, given that all that satisfy it
    /// come first.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> u64 {
        let (mut low, mut high) = (self.first, self.end());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&mut before) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl<T: Clone, const N: usize> Default for Chunks<T, N> {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl<T: Clone + PartialEq, const N: usize> PartialEq for Chunks<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.first == other.first && self.end() == other.end() && {
            let shared = self.start == other.start
                && self.full.iter().zip(&other.full).all(|(a, b)| Arc::ptr_eq(a, b))
                && self.tail == other.tail;
            shared || self.iter().eq(other.iter())
        }
    }
}

impl<T: Clone + Eq, const N: usize> Eq for Chunks<T, N> {}

/// By its positions and elements. Where chunks begin and end has no part in it, as in equality.
impl<T: Clone + Hash, const N: usize> Hash for Chunks<T, N> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.first);
        hasher.write_u64(self.len());
        self.iter().for_each(|element| element.hash(hasher));
    }
}

/// As a list of its elements. Where it starts is not told.
impl<T: Clone + Serialize, const N: usize> Serialize for Chunks<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<T: Clone + fmt::Debug, const N: usize> fmt::Debug for Chunks<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries((self.first..self.end()).zip(self.iter())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    fn filled(first: u64, len: u64) -> Chunks<u64, 4> {
        let mut chunks = Chunks::starting_at(first);
        (first..first + len).for_each(|n| chunks.push(n));
        chunks
    }

    fn elements(chunks: &Chunks<u64, 4>) -> Vec<u64> {
        chunks.iter().copied().collect()
    }

    #[test]
    fn positions_survive_dropping_the_front_and_cutting_the_end() {
        for first in [0, 1, 3, 7] {
            for cut in 0..=12 {
                let mut chunks = filled(first, 11);
                chunks.drop_before(first + cut);
                chunks.truncate(first + 9);
                let expected: Vec<u64> = (first + cut..first + 9).collect();
                assert_eq!(elements(&chunks), expected, "first {first}, cut {cut}");
                let next = chunks.end();
                chunks.push(next);
                assert_eq!(chunks.last(), Some(&next));
                assert_eq!(chunks.get(next), Some(&next));
            }
        }
    }

    #[test]
    fn a_copy_is_not_changed_through_the_other() {
        let original = filled(0, 10);
        let mut copy = original.clone();
        copy.truncate(5);
        copy.push(99);
        *copy.get_mut(0).unwrap() = 77;
        assert_eq!(elements(&original), (0..10).collect::<Vec<_>>());
        assert_eq!(elements(&copy), [77, 1, 2, 3, 4, 99]);
        assert_ne!(original, copy);
    }

    #[test]
    fn equality_is_about_elements_not_about_chunks() {
        let mut late = filled(0, 10);
        late.drop_before(3);
        assert_eq!(late, filled(3, 7));
        assert_ne!(late, filled(3, 6));
    }

    #[test]
    fn equal_sequences_hash_alike_and_are_encoded_as_lists() {
        let digest = |chunks: &Chunks<u64, 4>| {
            let mut digest = Digest::default();
            chunks.hash(&mut digest);
            digest.value()
        };
        let mut late = filled(0, 10);
        late.drop_before(3);
        assert_eq!(digest(&late), digest(&filled(3, 7)));
        assert_ne!(digest(&late), digest(&filled(2, 7)), "other positions");
        assert_ne!(digest(&late), digest(&filled(3, 6)), "other elements");
        let encoded = |chunks| postcard::to_allocvec(chunks).unwrap();
        assert_eq!(encoded(&late), postcard::to_allocvec(&elements(&late)).unwrap());
    }

    #[test]
    fn dropping_past_the_end_leaves_an_empty_sequence_there() {
        let mut chunks = filled(0, 3);
        chunks.drop_before(10);
        assert!(chunks.is_empty());
        assert_eq!((chunks.first(), chunks.end()), (10, 10));
        assert_eq!(chunks.last(), None);
    }

    #[test]
    fn searching_finds_the_border() {
        let chunks = filled(2, 9);
        assert_eq!(chunks.partition_point(|n| *n < 7), 7);
        assert_eq!(chunks.partition_point(|_| true), 11);
        assert_eq!(chunks.partition_point(|_| false), 2);
    }
}
