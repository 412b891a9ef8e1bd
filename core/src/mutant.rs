//! The catalogue of broken decisions: what each mutant decides wrongly, who found it where, and
//! what should catch it. A mutant is a real bug, cited, and taken as one decision in one of four
//! layers; nothing in the protocol asks whether there is one.

mod group;
mod sharded;

use crate::id::MutantId;

/// All mutants, by number.
pub static ALL: [Mutant; 52] = {
    let mut all = [group::ALL[0]; 52];
    let (mut index, known) = (0, group::ALL.len());
    while index < all.len() {
        all[index] = if index < known { group::ALL[index] } else { sharded::ALL[index - known] };
        index += 1;
    }
    all
};

/// A decision taken wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Its number.
    pub id: MutantId,
    /// Its name.
    pub title: &'static str,
    /// The section that it breaks: of the extended Raft paper, of the thesis where it says so, or
    /// of the lab (MIT 6.824) from which the field knows sharded stores.
    pub section: &'static str,
    /// Where it is.
    pub layer: Layer,
    /// What goes wrong, in one sentence.
    pub story: &'static str,
    /// Where it was found.
    pub citation: &'static str,
    /// The script that provokes it, in `tests/scripts/mutants`: a file's name, without its end.
    pub script: &'static str,
    /// What should catch it, the first to do so before the others.
    pub caught_by: &'static [Checker],
}

/// Where a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// In a table of decisions: `raft::rules`, `server::rules`.
    Rules,
    /// In a table of the sharded store: `controller::rules`, `shardkv::rules`.
    Sharding,
    /// In how parts are put together: sessions, snapshots, clients.
    Composition,
    /// In the driver, which keeps the promise of the disk.
    Driver,
}

/// What catches a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checker {
    /// An invariant of one group, by its number: 7 is RI-7.
    Invariant(u8),
    /// One of the configurations: 4 is CI-4.
    OfConfigs(u8),
    /// One of the shards: 6 is KI-6.
    OfShards(u8),
    /// The history of what clients saw is not linearizable.
    History,
    /// Nothing goes on, though a quorum is well.
    Liveness,
}

/// A mutant by its number; none: the paper's own decisions are no mutant.
pub fn find(id: MutantId) -> Option<&'static Mutant> {
    ALL.iter().find(|mutant| mutant.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_in_the_catalogue_once_and_in_order() {
        assert!(ALL.is_sorted_by(|one, next| one.id < next.id));
        assert!(ALL.iter().all(|mutant| find(mutant.id) == Some(mutant)));
        // The numbers are dense, and 0 is the paper.
        let dense = (1..).zip(ALL).all(|(number, mutant)| mutant.id as usize == number);
        assert!(dense && ALL.len() == MutantId::K14 as usize);
        assert_eq!(find(MutantId::Paper), None);
    }

    #[test]
    fn every_mutant_says_what_it_is_and_what_catches_it() {
        for mutant in &ALL {
            assert!(mutant.story.ends_with('.') && mutant.story.len() > 30, "{mutant:?}");
            assert!(!mutant.title.is_empty() && !mutant.citation.is_empty(), "{mutant:?}");
            let known = ["§", "Figure", "lab 4"];
            assert!(known.iter().any(|known| mutant.section.contains(known)), "{mutant:?}");
            assert!(!mutant.caught_by.is_empty(), "{mutant:?}");
            assert!(mutant.script.starts_with(&alloc::format!("{}-", mutant.id)), "{mutant:?}");
        }
        let titles: alloc::collections::BTreeSet<_> = ALL.iter().map(|m| m.title).collect();
        assert_eq!(titles.len(), ALL.len());
    }
}
