//! What other courses demand of a sharded store: shards that are moved by hand, replicas that are
//! down, and how long a client waits at most.

use shardscope_core::id::{Gid, NodeSet, ShardId};
use shardscope_core::shardkv::Routing;
use shardscope_core::sim::Action;
use shardscope_core::time::Duration;

use super::cluster::{
    Known, ask, collect, demand_moves, join, leave, millis, move_shard, one_of_each, operator,
    query, read_apart, servers, settle, start, stop,
};
use super::controller::shards_of;
use super::migration::owner;
use crate::table::Fallible;
use crate::table::crowd::{Crowd, Habit};
use crate::table::judge::{Bound, waits};
use crate::table::lab::{Lab, demand};

/// Groups join and leave one after the other; everything stays.
pub(super) fn basic(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 20, 10)?;
    for gid in [2, 3] {
        join(lab, &[gid])?;
        known.extend(lab, 5)?;
    }
    for gid in [1, 2] {
        leave(lab, &[gid])?;
        known.extend(lab, 5)?;
    }
    demand_moves(lab, 15)
}

/// A second group joins and gets its share; then the first one stops.
pub(super) fn half_moves(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let known = Known::put(lab, 10, 5)?;
    let number = join(lab, &[2])?;
    settle(lab, &[1, 2], number)?;
    known.check(lab)?;
    stop(lab, &[1])?;
    let answered = read_apart(lab, &known)?;
    lab.figure("of 10 keys", answered.len() as u64, Bound::Within(3, 6))?;
    demand_moves(lab, 5)
}

/// One replica of each group is down all the time.
pub(super) fn limp(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 10, 10)?;
    lab.stop(&one_of_each(lab, 1))?;
    for gid in [2, 3] {
        join(lab, &[gid])?;
        known.extend(lab, 5)?;
    }
    for gid in [1, 2] {
        leave(lab, &[gid])?;
        known.extend(lab, 5)?;
    }
    demand(lab.watch.crashed == 3 && lab.watch.booted == 0, || "Not one of each is down.".into())?;
    demand_moves(lab, 15)
}

/// Clients set keys to hashes of what they were, of which none may be executed twice, while each
/// also moves shards at random.
pub(super) fn concurrent(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2, 3])?;
    let values = vec![String::new(); usize::from(lab.row.clients)];
    Crowd::gather(lab, Habit::Hash, Duration::from_millis(15), &values);
    for _ in 0..40 {
        random_move(lab)?;
        let pause = lab.lane.below(150);
        millis(lab, pause)?;
    }
    let known = Known(Crowd::dismiss(lab)?);
    known.check(lab)?;
    demand_moves(lab, 20)
}

/// Moves a shard to another group, both drawn.
fn random_move(lab: &mut Lab) -> Fallible {
    let config = query(lab, None)?;
    let shard = lab.lane.below(config.shards.len() as u64) as u16;
    let had = config.owner(ShardId(shard));
    let others: Vec<u16> = config.gids().filter(|gid| Some(*gid) != had).map(|gid| gid.0).collect();
    let to = others[lab.lane.below(others.len() as u64) as usize];
    move_shard(lab, shard, to).map(|_| ())
}

/// A hundred keys in three groups; then two of them leave.
pub(super) fn hundred(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known(vec![String::new(); 100]);
    known.put_together(lab, 8)?;
    join(lab, &[2])?;
    join(lab, &[3])?;
    millis(lab, 5_000)?;
    known.check_together(lab)?;
    known.put_together(lab, 8)?;
    known.check_together(lab)?;
    leave(lab, &[1])?;
    leave(lab, &[2])?;
    millis(lab, 5_000)?;
    known.check_together(lab)?;
    demand_moves(lab, 10)
}

/// The same with a server of each group and of the controller cut off.
pub(super) fn majorities(lab: &mut Lab) -> Fallible {
    isolate(lab, true)?;
    hundred(lab)?;
    demand(lab.watch.cut > 0, || "Nobody was cut off.".into())
}

/// Cuts a minority off from every group, the controller's among them: the last servers, or some
/// that are drawn. Each is alone.
fn isolate(lab: &mut Lab, last: bool) -> Fallible {
    let mut sides = vec![NodeSet::EMPTY];
    let groups: Vec<Gid> = lab.world.scenario().groups().collect();
    for gid in groups {
        let servers = servers(lab, &[gid.0]);
        let minority = (servers.len() - 1) / 2;
        let draw = lab.lane.below(servers.len() as u64) as usize;
        let first = if last { servers.len() - minority } else { draw };
        let cut = |at: usize| (at + servers.len() - first) % servers.len() < minority;
        for (at, id) in servers.iter().enumerate() {
            if cut(at) {
                sides.push(NodeSet::from_iter([*id]));
            } else {
                sides[0].insert(*id);
            }
        }
    }
    for index in 0..=operator(lab) {
        sides[0].insert(lab.client(index));
    }
    lab.act(&Action::Partition(sides))
}

/// A second group joins, and the first one stops: about half of the keys are found.
pub(super) fn moves_at_join(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let known = Known::put(lab, 100, 8)?;
    join(lab, &[2])?;
    millis(lab, 5_000)?;
    let found = found_without(lab, &known)?;
    lab.figure("of 100 keys", found.len() as u64, Bound::Within(33, 66))
}

/// Ten more shards are moved to the second group, and the first one stops: exactly the second's
/// keys answer.
pub(super) fn moves_by_hand(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    join(lab, &[2])?;
    let known = Known::put(lab, 100, 8)?;
    let config = query(lab, None)?;
    for shard in shards_of(&config, 1).into_iter().take(10) {
        move_shard(lab, shard.0, 2)?;
    }
    millis(lab, 5_000)?;
    let config = query(lab, None)?;
    let theirs: Vec<usize> =
        (0..100).filter(|number| owner(&config, *number, Routing::Fnv) == 2).collect();
    let found = found_without(lab, &known)?;
    demand(found == theirs, || format!("{found:?} were found, not {theirs:?}."))?;
    demand_moves(lab, 10)?;
    lab.figure("keys of group 2", found.len() as u64, Bound::Exactly(theirs.len() as u64))
}

/// Stops the first group and reads all keys, as many at a time as there are readers: each has ten
/// seconds. For those that wait then the group comes back, and goes again.
fn found_without(lab: &mut Lab, known: &Known) -> Fallible<Vec<usize>> {
    let readers = usize::from(lab.row.clients) - 1;
    let mut found = Vec::new();
    for first in (0..known.0.len()).step_by(readers) {
        stop(lab, &[1])?;
        let count = readers.min(known.0.len() - first);
        ask(lab, first, count)?;
        found.extend(collect(lab, known, first, 10)?);
        start(lab, &[1])?;
        let late = collect(lab, known, first, 5)?;
        let all = found.len() + late.len();
        demand(late.iter().all(|number| !found.contains(number)), || "Twice.".into())?;
        demand(all >= count, || format!("{all} answers of {count}."))?;
    }
    Ok(found)
}

/// Five clients, ten milliseconds between their operations.
fn visitors(lab: &mut Lab) {
    let values = vec![String::new(); usize::from(lab.row.clients)];
    Crowd::gather(lab, Habit::Mix(100), Duration::from_millis(10), &values);
}

/// The longest wait must be shorter than so many seconds.
fn demand_waits(lab: &mut Lab, seconds: u64) -> Fallible {
    Crowd::dismiss(lab)?;
    let longest = waits(lab).1;
    lab.at_most("us waited", longest, seconds * 1_000_000 - 1)
}

/// For 50 s a minority of every group is cut off for two seconds, and back for two.
pub(super) fn repartitioning(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2, 3])?;
    millis(lab, 1_000)?;
    visitors(lab);
    let until = lab.now() + Duration::from_secs(50);
    let mut cuts = 0;
    while lab.now() < until {
        isolate(lab, false)?;
        cuts += 1;
        millis(lab, 2_000)?;
        lab.act(&Action::Heal)?;
        millis(lab, 2_000)?;
    }
    lab.figure("partitions", cuts, Bound::AtLeast(12))?;
    demand(lab.watch.deposing > 0, || "No leader was ever cut off.".into())?;
    demand_waits(lab, 2)
}

/// For 50 s a shard is moved every four seconds.
pub(super) fn repeated_moves(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2, 3])?;
    millis(lab, 1_000)?;
    visitors(lab);
    let until = lab.now() + Duration::from_secs(50);
    while lab.now() < until {
        random_move(lab)?;
        millis(lab, 4_000)?;
    }
    demand_waits(lab, 4)?;
    demand_moves(lab, 12)
}
