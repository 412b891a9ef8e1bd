//! The balance against an optimum that knows nothing of it.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::*;

type Owners = Vec<Gid>;

fn gids(numbers: &[u16]) -> Owners {
    numbers.iter().map(|number| Gid(*number)).collect()
}

/// How many shards change hands, and how many that nobody owned do not go back to who held them.
fn cost(owners: &[Gid], holders: &[Gid], groups: &[Gid], new: &[Gid]) -> (u64, u64) {
    let mut cost = (0, 0);
    for ((owner, holder), new) in owners.iter().zip(holders).zip(new) {
        match owner {
            Gid(0) => cost.1 += u64::from(groups.contains(holder) && holder != new),
            owner => cost.0 += u64::from(owner != new),
        }
    }
    cost
}

fn is_balanced(groups: &[Gid], new: &[Gid]) -> bool {
    let sizes = groups.iter().map(|gid| new.iter().filter(|owner| *owner == gid).count());
    let (least, most) = (sizes.clone().min(), sizes.clone().max());
    sizes.sum::<usize>() == new.len() && most.unwrap_or(0) - least.unwrap_or(0) <= 1
}

/// Every list of `length` choices.
fn lists<T: Clone>(length: usize, choices: &[T]) -> Vec<Vec<T>> {
    (0..length).fold(vec![Vec::new()], |lists, _| {
        let longer = lists.iter().flat_map(|list| {
            choices.iter().map(|choice| {
                let mut list = list.clone();
                list.push(choice.clone());
                list
            })
        });
        longer.collect()
    })
}

/// The fewest moves by the size of the groups alone, the larger shares going to the groups with
/// most.
fn fewest_by_size(owners: &[Gid], groups: &[Gid]) -> u64 {
    let Some(size) = owners.len().checked_div(groups.len()) else { return 0 };
    let larger = owners.len() % groups.len();
    let had = |gid: &Gid| owners.iter().filter(|owner| *owner == gid).count();
    let mut staying: Vec<usize> = groups.iter().map(had).collect();
    staying.sort_unstable_by(|a, b| b.cmp(a));
    let excess = staying.iter().enumerate().map(|(at, had)| {
        let target = if at < larger { size + 1 } else { size };
        had.saturating_sub(target)
    });
    let gone = owners.iter().filter(|owner| owner.0 != 0 && !groups.contains(owner)).count();
    (excess.sum::<usize>() + gone) as u64
}

#[test]
fn no_balanced_assignment_moves_less_or_brings_more_back() {
    for (shards, last) in (1..=5).flat_map(|shards| (1..=3).map(move |last| (shards, last))) {
        let groups: Owners = (1..=last).map(Gid).collect();
        let mut all = lists(shards, &groups);
        all.retain(|new| is_balanced(&groups, new));
        // Of each shard: an owner that stays or goes or, if there is none, somebody who held it.
        let gone = Gid(last + 1);
        let someone = groups.iter().copied().chain([gone]);
        let parked = someone.clone().chain([Gid(0)]).map(|holder| (Gid(0), holder));
        let before: Vec<_> = someone.map(|owner| (owner, Gid(0))).chain(parked).collect();
        for shards in lists(shards, &before) {
            let (owners, holders): (Owners, Owners) = shards.into_iter().unzip();
            let new = balance(&owners, &holders, &groups);
            assert!(is_balanced(&groups, &new), "{owners:?} {groups:?} -> {new:?}");
            let best = all.iter().map(|new| cost(&owners, &holders, &groups, new)).min();
            let found = cost(&owners, &holders, &groups, &new);
            assert_eq!(Some(found), best, "{owners:?} {holders:?} {groups:?} -> {new:?}");
            assert_eq!(fewest_moves(&owners, &groups), found.0, "{owners:?} {groups:?}");
            assert_eq!(fewest_by_size(&owners, &groups), found.0, "{owners:?} {groups:?}");
        }
    }
}

/// A configuration without servers: owners, holders, and the groups as the bits of a number.
type State = (Owners, Owners, u16);

fn members(groups: u16) -> Owners {
    (1..=5).filter(|gid| groups & (1 << gid) != 0).map(Gid).collect()
}

fn after((owners, holders, _): &State, new: Owners, groups: u16) -> State {
    let held = owners.iter().zip(holders);
    let holders = held.map(|(owner, holder)| if owner.0 == 0 { *holder } else { *owner });
    (new, holders.collect(), groups)
}

/// What every join or leave of any of five groups makes of a state, each one judged.
fn rebalanced(state: &State) -> Vec<State> {
    let (owners, holders, before) = state;
    let subsets = (2..64_u16).step_by(2);
    let changed = subsets.filter(|set| set & before == 0 || set & before == *set);
    let changes = changed.map(|set| {
        let groups = members(before ^ set);
        let new = balance(owners, holders, &groups);
        if groups.is_empty() {
            assert!(new.iter().all(|owner| owner.0 == 0));
        } else {
            assert!(is_balanced(&groups, &new), "{state:?} {groups:?} -> {new:?}");
            let (moves, _) = cost(owners, holders, &groups, &new);
            assert_eq!(moves, fewest_by_size(owners, &groups), "{state:?} {groups:?} -> {new:?}");
            assert_eq!(moves, fewest_moves(owners, &groups), "{state:?} {groups:?}");
            assert_eq!(balance(&new, holders, &groups), new, "a balance is left as it is");
        }
        after(state, new, before ^ set)
    });
    changes.collect()
}

/// What every move of one shard makes of a state.
fn moved(state: &State) -> Vec<State> {
    let groups = members(state.2);
    let moves = (0..state.0.len()).flat_map(|shard| groups.iter().map(move |to| (shard, *to)));
    let moves = moves.filter(|(shard, to)| state.0[*shard] != *to).map(|(shard, to)| {
        let mut new = state.0.clone();
        new[shard] = to;
        after(state, new, state.2)
    });
    moves.collect()
}

#[test]
fn every_sequence_of_four_changes_moves_as_little_as_can_be() {
    for shards in 1..=12 {
        let mut states = BTreeSet::from([(vec![Gid(0); shards], vec![Gid(0); shards], 0)]);
        for _ in 0..3 {
            let next = |state| rebalanced(state).into_iter().chain(moved(state));
            states = states.iter().flat_map(next).collect();
        }
        let last: usize = states.iter().map(|state| rebalanced(state).len()).sum();
        assert!(last > states.len(), "{shards} shards: {last} after {}", states.len());
    }
}

#[test]
fn shards_that_nobody_owns_go_back_to_who_holds_them_as_far_as_the_balance_allows() {
    let nobody = gids(&[0, 0, 0, 0, 0, 0]);
    let holders = gids(&[2, 2, 2, 2, 1, 3]);
    assert_eq!(balance(&nobody, &holders, &gids(&[1, 2])), gids(&[2, 2, 2, 1, 1, 1]));
    // Group 2 gets the larger share, though its number is the higher one: it holds more.
    let (four, of_two) = (gids(&[0, 0, 0]), gids(&[2, 2, 2]));
    assert_eq!(balance(&four, &of_two, &gids(&[1, 2])), gids(&[2, 2, 1]));
}

#[test]
fn what_is_served_stays_before_what_nobody_owns_comes_back() {
    let (owners, holders) = (gids(&[0, 0, 1, 1]), gids(&[1, 1, 0, 0]));
    assert_eq!(balance(&owners, &holders, &gids(&[1, 2])), gids(&[2, 2, 1, 1]));
}

#[test]
fn with_more_groups_than_shards_some_groups_have_none() {
    let new = balance(&gids(&[1, 1, 1]), &gids(&[0, 0, 0]), &gids(&[1, 2, 3, 4, 5]));
    assert_eq!(new, gids(&[1, 2, 3]));
    let new = balance(&new, &new, &gids(&[2, 4, 5]));
    assert_eq!(new, gids(&[4, 2, 5]), "the shares of groups that leave go to those without");
}

#[test]
fn the_rest_is_dealt_out_in_turn() {
    let nobody = gids(&[0; 7]);
    assert_eq!(balance(&nobody, &nobody, &gids(&[3, 5, 9])), gids(&[3, 5, 9, 3, 5, 9, 3]));
}

#[test]
fn holders_that_are_not_told_are_nobody() {
    assert_eq!(balance(&gids(&[0, 0]), &[], &gids(&[4])), gids(&[4, 4]));
}
