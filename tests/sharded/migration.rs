//! The 14 rows of the sharded store. The course's groups 0, 1, 2 are 1, 2, 3 here.

use shardscope_core::controller::Config;
use shardscope_core::id::NodeSet;
use shardscope_core::machine::{Machine as _, encoded_len};
use shardscope_core::shardkv::{Routing, shard_of};
use shardscope_core::sim::Action;
use shardscope_core::time::Duration;

use super::cluster::{
    Known, collect, demand_moves, join, leading, leave, millis, one_of_each, query, read_apart,
    servers, settle, start, stop,
};
use crate::table::Fallible;
use crate::table::crowd::{Crowd, Habit, key};
use crate::table::judge::Bound;
use crate::table::lab::{Lab, demand, network};

/// The owner of a key's shard.
pub(super) fn owner(config: &Config, number: usize, routing: Routing) -> u16 {
    let shard = shard_of(&key(number as u64), config.shards.len() as u16, routing);
    config.owner(shard).map_or(0, |gid| gid.0)
}

/// The numbers of the keys that a group owns, of the first so many.
fn owned(config: &Config, keys: usize, gid: u16) -> Vec<usize> {
    (0..keys).filter(|number| owner(config, *number, Routing::FirstByte) == gid).collect()
}

/// Half of the shards are on a group that stops: half of the reads are answered.
pub(super) fn static_shards(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    join(lab, &[2])?;
    let known = Known::put(lab, 10, 20)?;
    known.check(lab)?;
    let config = query(lab, None)?;
    stop(lab, &[2])?;
    let answered = read_apart(lab, &known)?;
    lab.figure("of 10 reads", answered.len() as u64, Bound::Exactly(5))?;
    demand(answered == owned(&config, 10, 1), || format!("{answered:?} were answered."))?;
    start(lab, &[2])?;
    let late = collect(lab, &known, 0, 5)?;
    lab.figure("later", late.len() as u64, Bound::Exactly(5))?;
    known.check(lab)
}

/// Clients that know an old configuration, by which one group owns everything, and cannot ask for a
/// newer one: the group must refuse by its own.
pub(super) fn rejection(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let known = Known::put(lab, 10, 20)?;
    // Each reader learns the old configuration.
    demand(read_apart(lab, &known)?.len() == 10, || "Not all could read at first.".into())?;
    let number = join(lab, &[2])?;
    settle(lab, &[1, 2], number)?;
    demand_moves(lab, 5)?;
    let readers: NodeSet = (1..=10).map(|index| lab.client(index)).collect();
    let controllers: NodeSet = servers(lab, &[0]).into_iter().collect();
    for reader in readers.iter() {
        for server in controllers.iter() {
            lab.act(&Action::Cut { from: reader, to: server })?;
        }
    }
    let (asked, config) = (lab.watch.asked, query(lab, None)?);
    let answered = read_apart(lab, &known)?;
    lab.figure("of 10 reads", answered.len() as u64, Bound::Exactly(5))?;
    demand(answered == owned(&config, 10, 1), || format!("{answered:?} were answered."))?;
    demand(lab.watch.asked >= asked + 10 && lab.watch.cut > 0, || {
        "Not all readers asked the group that they knew.".into()
    })?;
    let misled = readers.iter().filter(|id| {
        let client = lab.world.node(*id).and_then(|node| node.client());
        let clerk = client.and_then(|client| client.clerk().sharded());
        clerk.and_then(|clerk| clerk.config()).is_some_and(|config| config.number < number)
    });
    lab.figure("misled readers", misled.count() as u64, Bound::Exactly(10))?;
    lab.act(&Action::Heal)?;
    let late = collect(lab, &known, 0, 2)?;
    lab.figure("later", late.len() as u64, Bound::Exactly(5))
}

pub(super) fn join_leave(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 10, 5)?;
    known.check(lab)?;
    join(lab, &[2])?;
    known.extend(lab, 5)?;
    leave(lab, &[1])?;
    known.extend(lab, 5)?;
    // So that the group has given everything away.
    millis(lab, 1_000)?;
    stop(lab, &[1])?;
    known.check(lab)?;
    demand_moves(lab, 10)
}

pub(super) fn snapshot(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 30, 20)?;
    known.check(lab)?;
    join(lab, &[2])?;
    join(lab, &[3])?;
    leave(lab, &[1])?;
    known.extend(lab, 20)?;
    leave(lab, &[2])?;
    join(lab, &[1])?;
    known.extend(lab, 20)?;
    millis(lab, 1_000)?;
    known.check(lab)?;
    millis(lab, 1_000)?;
    stop(lab, &[1, 2, 3])?;
    start(lab, &[1, 2, 3])?;
    known.check(lab)?;
    demand(lab.watch.recovered > 0, || "No server began again from a snapshot.".into())?;
    demand_moves(lab, 15)
}

/// A server of each group misses changes of the configuration, and then another one.
pub(super) fn miss_change(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 10, 20)?;
    known.check(lab)?;
    join(lab, &[2])?;
    known.check(lab)?;
    let (first, second) = (one_of_each(lab, 0), one_of_each(lab, 1));
    lab.stop(&first)?;
    join(lab, &[3])?;
    leave(lab, &[2])?;
    leave(lab, &[1])?;
    known.extend(lab, 20)?;
    join(lab, &[2])?;
    known.extend(lab, 20)?;
    lab.start(&first)?;
    known.extend(lab, 20)?;
    millis(lab, 2_000)?;
    lab.stop(&second)?;
    join(lab, &[1])?;
    leave(lab, &[3])?;
    known.extend(lab, 20)?;
    lab.start(&second)?;
    known.check(lab)?;
    demand(lab.watch.crashed == 6 && lab.watch.booted == 6, || "Nobody missed anything.".into())?;
    demand_moves(lab, 20)
}

/// Ten clients append at the same time, each to a key of its own.
fn appenders(lab: &mut Lab, pause: u64) -> Fallible {
    let known = Known::put(lab, 10, 5)?;
    Crowd::gather(lab, Habit::Append, Duration::from_millis(pause), &known.0);
    Ok(())
}

/// They stop, and every key must have exactly what was appended.
fn demand_values(lab: &mut Lab) -> Fallible {
    let known = Known(Crowd::dismiss(lab)?);
    known.check(lab)?;
    demand(lab.watch.calls > 100, || "Hardly anything was appended.".into())
}

pub(super) fn concurrent1(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    appenders(lab, 10)?;
    millis(lab, 150)?;
    join(lab, &[2])?;
    millis(lab, 500)?;
    join(lab, &[3])?;
    millis(lab, 500)?;
    leave(lab, &[1])?;
    for gid in [1, 2, 3] {
        stop(lab, &[gid])?;
        millis(lab, 100)?;
    }
    leave(lab, &[3])?;
    millis(lab, 100)?;
    start(lab, &[1, 2, 3])?;
    millis(lab, 100)?;
    join(lab, &[1])?;
    leave(lab, &[2])?;
    millis(lab, 500)?;
    join(lab, &[2])?;
    millis(lab, 1_000)?;
    demand_values(lab)?;
    demand(lab.watch.crashed == 9, || "Not all groups were stopped.".into())?;
    demand_moves(lab, 15)
}

pub(super) fn concurrent2(lab: &mut Lab) -> Fallible {
    join(lab, &[2])?;
    join(lab, &[1])?;
    join(lab, &[3])?;
    appenders(lab, 50)?;
    leave(lab, &[1])?;
    leave(lab, &[3])?;
    millis(lab, 3_000)?;
    join(lab, &[1])?;
    join(lab, &[3])?;
    leave(lab, &[2])?;
    millis(lab, 3_000)?;
    join(lab, &[2])?;
    leave(lab, &[1])?;
    leave(lab, &[3])?;
    millis(lab, 3_000)?;
    stop(lab, &[2, 3])?;
    millis(lab, 1_000)?;
    start(lab, &[2, 3])?;
    millis(lab, 2_000)?;
    demand_values(lab)?;
    demand(lab.watch.crashed == 6, || "No group was stopped.".into())?;
    demand_moves(lab, 25)
}

pub(super) fn concurrent3(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    appenders(lab, 0)?;
    let until = lab.now() + Duration::from_secs(12);
    let mut rounds = 0;
    while lab.now() < until {
        join(lab, &[3])?;
        join(lab, &[2])?;
        let pauses = [0; 3].map(|_| lab.lane.below(900));
        millis(lab, pauses[0])?;
        stop(lab, &[1, 2, 3])?;
        start(lab, &[1, 2, 3])?;
        millis(lab, pauses[1])?;
        leave(lab, &[2])?;
        leave(lab, &[3])?;
        millis(lab, pauses[2])?;
        rounds += 1;
    }
    millis(lab, 2_000)?;
    demand_values(lab)?;
    lab.figure("rounds", rounds, Bound::AtLeast(3))?;
    demand(lab.watch.crashed == 9 * rounds, || "Not all groups were stopped.".into())?;
    demand_moves(lab, 10)
}

pub(super) fn unreliable1(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 10, 5)?;
    join(lab, &[2])?;
    join(lab, &[3])?;
    leave(lab, &[1])?;
    for number in 0..20 {
        known.extend_one(lab, number % 10, 5)?;
    }
    join(lab, &[1])?;
    leave(lab, &[2])?;
    for number in 0..20 {
        known.check_one(lab, number % 10)?;
    }
    demand_moves(lab, 15)
}

/// Changes of the configuration, a little apart.
fn schedule(lab: &mut Lab) -> Fallible {
    millis(lab, 150)?;
    join(lab, &[2])?;
    millis(lab, 500)?;
    join(lab, &[3])?;
    millis(lab, 500)?;
    leave(lab, &[1])?;
    millis(lab, 500)?;
    leave(lab, &[2])?;
    millis(lab, 500)?;
    join(lab, &[2])?;
    join(lab, &[1])?;
    millis(lab, 2_000)
}

pub(super) fn unreliable2(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    appenders(lab, 0)?;
    schedule(lab)?;
    lab.act(&Action::SetNetwork(network(0)))?;
    demand_values(lab)?;
    demand_moves(lab, 20)
}

pub(super) fn unreliable3(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let known = Known::put(lab, 10, 5)?;
    Crowd::gather(lab, Habit::Mix(10), Duration::ZERO, &known.0);
    schedule(lab)?;
    lab.act(&Action::SetNetwork(network(0)))?;
    Crowd::dismiss(lab)?;
    demand_moves(lab, 20)
}

/// What all replicas have on their disks: logs and snapshots.
fn stored(lab: &Lab) -> u64 {
    let disks = servers(lab, &[1, 2, 3]);
    let disks = disks.into_iter().filter_map(|id| lab.world.node(id)?.durable());
    disks
        .map(|disk| {
            let snapshot = disk.snapshot.as_ref();
            let snapshot = snapshot.map_or(0, |it| encoded_len(&it.last) + it.machine.bytes());
            disk.log.bytes() + snapshot
        })
        .sum()
}

/// Whoever gave a shard away keeps no copy of it.
pub(super) fn challenge1_delete(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let known = Known::put(lab, 30, 1_000)?;
    let some = |lab: &mut Lab| (0..3).try_for_each(|number| known.check_one(lab, number));
    some(lab)?;
    for _ in 0..2 {
        join(lab, &[2])?;
        leave(lab, &[1])?;
        join(lab, &[3])?;
        millis(lab, 3_000)?;
        some(lab)?;
        leave(lab, &[2])?;
        join(lab, &[1])?;
        leave(lab, &[3])?;
        millis(lab, 3_000)?;
        some(lab)?;
    }
    join(lab, &[2])?;
    join(lab, &[3])?;
    for _ in 0..3 {
        millis(lab, 1_000)?;
        some(lab)?;
    }
    let bytes = stored(lab);
    // Nobody loses a value either: each stands on at least a majority of its group.
    demand(bytes > 2 * 30 * 1_000, || format!("Only {bytes} bytes are stored."))?;
    lab.at_most("B on 9 disks", bytes, 117_000)?;
    known.check(lab)?;
    demand_moves(lab, 40)
}

/// A group that lost shards to nobody goes on with those that it has.
pub(super) fn challenge2_unaffected(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    let mut known = Known::put(lab, 10, 5)?;
    join(lab, &[2])?;
    millis(lab, 1_000)?;
    let config = query(lab, None)?;
    let mine = owned(&config, 10, 2);
    for number in &mine {
        known.put_one(lab, *number, 5)?;
    }
    stop(lab, &[1])?;
    leave(lab, &[1])?;
    millis(lab, 1_000)?;
    for number in &mine {
        known.check_one(lab, *number)?;
        known.put_one(lab, *number, 5)?;
        known.check_one(lab, *number)?;
    }
    lab.figure("keys of the group", mine.len() as u64, Bound::Exactly(5))?;
    unfinished(lab, 5)?;
    demand_moves(lab, 5)
}

/// So many shards are still awaited from a group that is no longer there.
fn unfinished(lab: &Lab, least: usize) -> Fallible {
    let awaited = leading(lab, 2).map_or(0, |shards| shards.awaited().iter().count());
    demand(awaited >= least, || format!("Only {awaited} shards are awaited, not {least}."))
}

/// What came from a group that is there is served, though other shards never come.
pub(super) fn challenge2_partial(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2, 3])?;
    millis(lab, 1_000)?;
    let mut known = Known::put(lab, 10, 5)?;
    let before = query(lab, None)?;
    stop(lab, &[1])?;
    leave(lab, &[1, 3])?;
    millis(lab, 1_000)?;
    let there: Vec<usize> = [owned(&before, 10, 2), owned(&before, 10, 3)].concat();
    for number in &there {
        known.check_one(lab, *number)?;
        known.put_one(lab, *number, 5)?;
        known.check_one(lab, *number)?;
    }
    lab.figure("keys of two groups", there.len() as u64, Bound::AtLeast(6))?;
    unfinished(lab, owned(&before, 10, 1).len())?;
    demand_moves(lab, owned(&before, 10, 3).len())
}
