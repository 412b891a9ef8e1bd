//! One way to put things in order.
//!
//! Each kind of thing that is sorted brings a sort of its own, 2,000 bytes of the page. Here only
//! pairs of numbers are sorted, whatever they stand for.

use alloc::vec::Vec;

/// Sorts pairs of numbers.
pub fn sort(pairs: &mut [(u64, u64)]) {
    pairs.sort_unstable();
}

/// Things by what they are ranked by; those of one rank stay in the order in which they are.
pub fn ranked<T>(things: Vec<T>, rank: impl Fn(&T) -> u64) -> Vec<T> {
    let mut ranks: Vec<(u64, u64)> =
        (0..).zip(&things).map(|(at, thing)| (rank(thing), at)).collect();
    sort(&mut ranks);
    let mut things: Vec<Option<T>> = things.into_iter().map(Some).collect();
    ranks.into_iter().filter_map(|(_, at)| things[at as usize].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_one_rank_stay_in_their_order() {
        let words = alloc::vec!["carol", "al", "bob", "eve", "di"];
        let by_length = ranked(words, |word| word.len() as u64);
        assert_eq!(by_length, ["al", "di", "bob", "eve", "carol"]);
        assert!(ranked(Vec::<u8>::new(), |_| 0).is_empty());
    }
}
