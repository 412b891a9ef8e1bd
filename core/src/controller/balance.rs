//! Who gets which shard: balanced, and with the fewest moves.
//!
//! With `n` shards and `g` groups, every group gets `n / g` shards, and `n % g` of them get one
//! more. A group that keeps `k` shards of those that it had saves `k` moves, so what matters is who
//! gets one more. It saves a move with a group that has more than `n / g`, and none with any other:
//! taking those groups first is the best choice there is.

use alloc::vec::Vec;

use super::rules::{PAPER, Rules};
use crate::id::{Gid, NodeId};
use crate::order;

/// How many shards a group gets, and how many it has got.
struct Share {
    gid: Gid,
    size: u64,
    kept: u64,
}

/// The new owner of each shard, when `groups` are there.
///
/// `owners` has the present owner of each shard, and `holders` who held it last; gid 0 is nobody.
/// `groups` has each gid once and not gid 0; if it is empty, nobody owns anything.
///
/// The largest share exceeds the smallest by at most one. No other assignment for which this holds
/// takes fewer shards from an owner and, among those that take as few, none gives more shards that
/// nobody owns back to who held them last. Groups in the same position are served in increasing
/// order, and shards too: equal arguments give equal results, everywhere.
pub fn balance(owners: &[Gid], holders: &[Gid], groups: &[Gid]) -> Vec<Gid> {
    balance_by(&PAPER, NodeId::default(), owners, holders, groups)
}

/// As [`balance`], with these decisions, in this server.
pub(super) fn balance_by(
    rules: &Rules,
    server: NodeId,
    owners: &[Gid],
    holders: &[Gid],
    groups: &[Gid],
) -> Vec<Gid> {
    if groups.is_empty() {
        return owners.iter().map(|owner| (rules.without_groups)(*owner)).collect();
    }
    let mut shares = shares(rules, server, owners, holders, groups);
    let mut keep = |gid: Gid| {
        let share = shares.iter_mut().find(|share| share.gid == gid)?;
        (rules.stays)(share.kept, share.size).then(|| {
            share.kept += 1;
            gid
        })
    };
    // What is served stays before what is not comes back: only the former saves a move now.
    let mut new: Vec<Option<Gid>> = owners.iter().map(|owner| keep(*owner)).collect();
    let parked = new.iter_mut().zip(owners).zip(holders).filter(|((_, owner), _)| owner.0 == 0);
    parked.for_each(|((new, _), holder)| *new = keep(*holder));
    // The rest is dealt out in turn.
    let mut next = 0;
    let mut deal = || {
        let turns = (next..shares.len()).chain(0..next);
        let turn = turns.into_iter().find(|at| shares[*at].kept < shares[*at].size);
        let at = turn.expect("the shares have room for every shard");
        shares[at].kept += 1;
        next = (at + 1) % shares.len();
        shares[at].gid
    };
    new.into_iter().map(|gid| gid.unwrap_or_else(&mut deal)).collect()
}

/// How much each group gets, in the order of the groups.
fn shares(
    rules: &Rules,
    server: NodeId,
    owners: &[Gid],
    holders: &[Gid],
    groups: &[Gid],
) -> Vec<Share> {
    let size = owners.len() / groups.len();
    let share = |gid| Share { gid, size: size as u64, kept: 0 };
    let shares = groups.iter().map(|gid| share(*gid)).collect();
    let mut shares: Vec<Share> = order::ranked(shares, |share| (rules.rank)(share.gid, server));
    // Who gets one more: first those who thereby keep a shard, then those to whom one comes back.
    let has = |gid| owners.iter().filter(|owner| **owner == gid).count();
    let held = |(owner, holder): &(&Gid, &Gid), gid| owner.0 == 0 && **holder == gid;
    let parked = |gid| owners.iter().zip(holders).filter(|pair| held(pair, gid)).count();
    let order = order::ranked((0..shares.len()).collect(), |at: &usize| {
        let gid = shares[*at].gid;
        2 * u64::from(has(gid) <= size) + u64::from(has(gid) + parked(gid) <= size)
    });
    for at in order.into_iter().take(owners.len() % groups.len()) {
        shares[at].size += 1;
    }
    shares
}

/// The fewest shards that a balanced assignment to `groups` takes from an owner.
///
/// Of the owners that stay, each loses what exceeds its share; what the others have, all moves.
/// Without groups nothing moves: nobody takes what is left behind.
pub fn fewest_moves(owners: &[Gid], groups: &[Gid]) -> u64 {
    if groups.is_empty() {
        return 0;
    }
    let (size, mut larger) = (owners.len() / groups.len(), owners.len() % groups.len());
    let owned = owners.iter().filter(|owner| owner.0 != 0).count();
    let kept = groups.iter().map(|gid| {
        let has = owners.iter().filter(|owner| *owner == gid).count();
        let one_more = usize::from(has > size && larger > 0);
        larger -= one_more;
        has.min(size + one_more)
    });
    (owned - kept.sum::<usize>()) as u64
}

#[cfg(test)]
mod tests;
