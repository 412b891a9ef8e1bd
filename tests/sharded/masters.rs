//! What another course demands of the shard controller beyond the first one's rows.

use shardscope_core::controller::{Command, Refusal, Reply};
use shardscope_core::id::{ConfigNumber, Gid, ShardId};

use super::cluster::{change, join, joining, leave, leaving, move_shard, operator, query};
use super::controller::{check, moved, shards_of};
use crate::table::Fallible;
use crate::table::judge::Bound;
use crate::table::lab::{Lab, demand};

/// A join takes exactly the new group's share, rounded down, and a leave exactly what the leaver
/// had.
pub(super) fn exact_moves(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut before = check(lab, &[1])?;
    let shards = before.shards.len() as u64;
    for gid in 2..=6 {
        join(lab, &[gid])?;
        let there: Vec<u16> = (1..=gid).collect();
        let after = check(lab, &there)?;
        let taken = moved(&before, &after);
        demand(taken == shards_of(&after, gid), || format!("{taken:?} moved to another."))?;
        demand(after.number == before.number.next(), || "A number was left out.".into())?;
        lab.figure(
            JOINS[usize::from(gid) - 2],
            taken.len() as u64,
            Bound::Exactly(shards / u64::from(gid)),
        )?;
        before = after;
    }
    let mut there: Vec<u16> = (1..=6).collect();
    for gid in [3, 1, 6, 2] {
        leave(lab, &[gid])?;
        there.retain(|other| *other != gid);
        let after = check(lab, &there)?;
        let (taken, had) = (moved(&before, &after), shards_of(&before, gid));
        demand(taken == had && !had.is_empty(), || format!("{taken:?} moved, not {had:?}."))?;
        before = after;
    }
    Ok(())
}

const JOINS: [&str; 5] = [
    "moved to the 2nd group",
    "moved to the 3rd",
    "moved to the 4th",
    "moved to the 5th",
    "moved to the 6th",
];

/// A move changes one owner. Each may unbalance the shares by two more; the next join mends it.
pub(super) fn move_and_mend(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    join(lab, &[2])?;
    let mut before = check(lab, &[1, 2])?;
    for moves in 1..=3 {
        let shard = shards_of(&before, 1)[0];
        move_shard(lab, shard.0, 2)?;
        let after = query(lab, None)?;
        demand(moved(&before, &after) == [shard], || format!("Not only {shard} moved."))?;
        let counts = [1, 2].map(|gid| shards_of(&after, gid).len() as u64);
        lab.at_most(IMBALANCES[moves - 1], counts[0].abs_diff(counts[1]), 1 + 2 * moves as u64)?;
        before = after;
    }
    join(lab, &[3])?;
    check(lab, &[1, 2, 3]).map(|_| ())
}

const IMBALANCES: [&str; 3] = ["imbalance after 1 move", "after 2", "after 3"];

/// What cannot be is refused, and changes nothing.
pub(super) fn refusals(lab: &mut Lab) -> Fallible {
    let first = query(lab, None)?;
    demand(first.number == ConfigNumber(0) && first.groups.iter().count() == 0, || {
        format!("It begins with {first:?}.")
    })?;
    change(lab, operator(lab), joining(lab, &[1, 2]))?;
    let before = query(lab, None)?;
    let (own, shards) = (shards_of(&before, 1)[0], before.shards.len() as u16);
    let shifted = |shard, to| Command::Move { shard, to: Gid(to) };
    let asked = [
        (joining(lab, &[1]), Refusal::Present(Gid(1))),
        (leaving(&[3]), Refusal::Absent(Gid(3))),
        (shifted(own, 1), Refusal::Owner { shard: own, gid: Gid(1) }),
        (shifted(own, 3), Refusal::Absent(Gid(3))),
        (shifted(ShardId(shards), 1), Refusal::NoShard { shard: ShardId(shards), shards }),
    ];
    for (command, expected) in asked {
        let words = format!("{command}");
        let reply = lab.control(operator(lab), command)?;
        demand(reply == Reply::Refused(expected), || format!("{words} gave {reply:?}."))?;
    }
    let after = query(lab, None)?;
    demand(after == before, || format!("A refusal made {after:?}."))
}
