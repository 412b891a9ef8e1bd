//! The rows of the shard controller. Groups have one server here, and nobody stores anything.

use shardscope_core::controller::{Command, Config};
use shardscope_core::id::{ConfigNumber, Gid, NodeId, ShardId};
use shardscope_core::time::Duration;

use super::cluster::{change, join, joining, leave, leaving, move_shard, operator, query, servers};
use crate::table::Fallible;
use crate::table::judge::Bound;
use crate::table::lab::{Lab, demand};

/// Exactly these groups are there with their servers, they own every shard, and no group has two
/// more than another.
pub(super) fn check(lab: &mut Lab, gids: &[u16]) -> Fallible<Config> {
    let config = query(lab, None)?;
    let mut expected = gids.to_vec();
    expected.sort_unstable();
    let there: Vec<u16> = config.gids().map(|gid| gid.0).collect();
    demand(there == expected, || format!("The groups are {there:?}, not {expected:?}."))?;
    for gid in gids {
        let servers = servers(lab, &[*gid]);
        demand(config.servers(Gid(*gid)) == Some(&servers[..]), || {
            format!("Group {gid} has the servers {:?}.", config.servers(Gid(*gid)))
        })?;
    }
    let counts: Vec<usize> = gids.iter().map(|gid| shards_of(&config, *gid).len()).collect();
    let expected = if gids.is_empty() { 0 } else { config.shards.len() };
    demand(counts.iter().sum::<usize>() == expected, || {
        format!("The owners are {:?}.", config.shards)
    })?;
    let spread = counts.iter().max().unwrap_or(&0) - counts.iter().min().unwrap_or(&0);
    lab.at_most("spread", spread as u64, 1)?;
    Ok(config)
}

/// The shards of a group.
pub(super) fn shards_of(config: &Config, gid: u16) -> Vec<ShardId> {
    let owners = (0..).map(ShardId).zip(config.shards.iter());
    owners.filter(|(_, owner)| owner.0 == gid).map(|(shard, _)| shard).collect()
}

/// The shards whose owner changed.
pub(super) fn moved(before: &Config, after: &Config) -> Vec<ShardId> {
    let owners = before.shards.iter().zip(after.shards.iter());
    let changed = (0..).map(ShardId).zip(owners).filter(|(_, (old, new))| old != new);
    changed.map(|(shard, _)| shard).collect()
}

pub(super) fn leave_join(lab: &mut Lab) -> Fallible {
    let first = check(lab, &[])?;
    demand(first.number == ConfigNumber(0), || format!("It begins with {}.", first.number))?;
    for (gids, there) in [(1, &[1][..]), (2, &[1, 2])] {
        join(lab, &[gids])?;
        check(lab, there)?;
    }
    leave(lab, &[1])?;
    check(lab, &[2])?;
    leave(lab, &[2])?;
    check(lab, &[])?;
    demand(lab.watch.changed == 4, || format!("{} changes.", lab.watch.changed))
}

/// Each server of the controller is stopped in turn: the others know all configurations.
pub(super) fn historical(lab: &mut Lab) -> Fallible {
    let mut configs = vec![query(lab, None)?];
    for step in 0..6 {
        match step {
            0..3 => join(lab, &[step + 1])?,
            _ => leave(lab, &[step - 2])?,
        };
        configs.push(query(lab, None)?);
    }
    let mut asked = 0;
    for server in servers(lab, &[0]) {
        let led = lab.leader() == Some(server);
        lab.stop(&[server])?;
        for config in &configs {
            let found = query(lab, Some(config.number))?;
            demand(found == *config, || format!("Without {server} it is {found:?}."))?;
            asked += 1;
        }
        lab.start(&[server])?;
        // So that the next one does not leave a single server.
        if led {
            lab.rest(Duration::from_secs(1))?;
        }
    }
    let beyond = query(lab, Some(ConfigNumber(1_000)))?;
    demand(Some(&beyond) == configs.last(), || "Beyond the last comes the last.".into())?;
    demand(lab.watch.crashed == 3 && lab.watch.booted == 3, || "No server was stopped.".into())?;
    lab.figure("configurations asked for", asked, Bound::Exactly(21))
}

pub(super) fn moves(lab: &mut Lab) -> Fallible {
    join(lab, &[3])?;
    join(lab, &[4])?;
    let shards = query(lab, None)?.shards.len() as u16;
    let owner = |shard: u16| if shard < shards / 2 { 3 } else { 4 };
    for shard in 0..shards {
        let before = query(lab, None)?;
        // A group that has the shard already cannot get it: it goes away and comes back.
        if before.owner(ShardId(shard)) == Some(Gid(owner(shard))) {
            move_shard(lab, shard, 7 - owner(shard))?;
        }
        move_shard(lab, shard, owner(shard))?;
        let after = query(lab, None)?;
        demand(after.number > before.number, || "A move made no configuration.".into())?;
    }
    let last = query(lab, None)?;
    let right = (0..shards).filter(|shard| last.owner(ShardId(*shard)) == Some(Gid(owner(*shard))));
    lab.figure("shards in their place", right.count() as u64, Bound::Exactly(shards.into()))?;
    leave(lab, &[3])?;
    leave(lab, &[4])?;
    check(lab, &[]).map(|_| ())
}

/// Clerks change the configuration at the same time: each has its list of changes.
fn at_once(lab: &mut Lab, plans: Vec<Vec<Command>>) -> Fallible {
    let before = query(lab, None)?.number;
    let all: usize = plans.iter().map(Vec::len).sum();
    let mut plans: Vec<_> = plans.into_iter().map(Vec::into_iter).collect();
    let (mut open, mut together) = (0, 0);
    for (index, plan) in plans.iter_mut().enumerate() {
        if let Some(command) = plan.next() {
            lab.order(index, command)?;
            open += 1;
        }
    }
    let until = lab.now() + Duration::from_secs(30);
    while open > 0 {
        together = together.max(open);
        demand(lab.step(until)?, || "A clerk waited in vain.".into())?;
        for (index, plan) in plans.iter_mut().enumerate() {
            let Some(reply) = lab.take_conclusion(index) else { continue };
            let done = matches!(reply, shardscope_core::controller::Reply::Changed(_));
            demand(done, || format!("Clerk {} was told {reply:?}.", index + 1))?;
            open -= 1;
            if let Some(command) = plan.next() {
                lab.order(index, command)?;
                open += 1;
            }
        }
    }
    lab.figure("changes at once", together, Bound::AtLeast(10))?;
    let made = query(lab, None)?.number.0 - before.0;
    lab.figure("configurations", made, Bound::Exactly(all as u64))
}

pub(super) fn concurrent(lab: &mut Lab) -> Fallible {
    let plan =
        |gid: u16| vec![joining(lab, &[gid + 10]), joining(lab, &[gid]), leaving(&[gid + 10])];
    let plans = (1..=10).map(plan).collect();
    at_once(lab, plans)?;
    let ten: Vec<u16> = (1..=10).collect();
    check(lab, &ten).map(|_| ())
}

pub(super) fn concurrent_multi(lab: &mut Lab) -> Fallible {
    let plan =
        |gid: u16| vec![joining(lab, &[gid, gid + 10, gid + 20]), leaving(&[gid + 10, gid + 20])];
    let plans = (1..=10).map(plan).collect();
    at_once(lab, plans)?;
    let ten: Vec<u16> = (1..=10).collect();
    check(lab, &ten).map(|_| ())
}

/// No shard moves between two groups that are there before and after, and no more move than must.
fn check_moves(before: &Config, after: &Config) -> Fallible {
    let stays = |gid: Gid| before.servers(gid).is_some() && after.servers(gid).is_some();
    let needless = moved(before, after).into_iter().find(|shard| {
        before.owner(*shard).is_some_and(stays) && after.owner(*shard).is_some_and(stays)
    });
    demand(needless.is_none(), || format!("Shard {needless:?} moved between two that stay."))?;
    let gids: Vec<Gid> = after.gids().collect();
    let fewest = shardscope_core::controller::fewest_moves(&before.shards, &gids);
    let taken = moved(before, after).into_iter().filter(|shard| {
        before.owner(*shard) != Some(Gid(0)) && after.owner(*shard) != Some(Gid(0))
    });
    let taken = taken.count() as u64;
    demand(taken == fewest, || format!("{taken} shards moved; {fewest} would do."))
}

/// Changes one after another, and after each what must hold of it.
fn minimal(lab: &mut Lab, first: &[u16], changes: Vec<Command>) -> Fallible {
    join(lab, first)?;
    let mut before = query(lab, None)?;
    let mut total = 0;
    for command in changes {
        change(lab, operator(lab), command)?;
        let after = query(lab, None)?;
        check_moves(&before, &after)?;
        total += moved(&before, &after).len() as u64;
        before = after;
    }
    lab.figure("shards moved", total, Bound::AtLeast(5))?;
    let there: Vec<u16> = before.gids().map(|gid| gid.0).collect();
    check(lab, &there).map(|_| ())
}

pub(super) fn minimal_joins(lab: &mut Lab) -> Fallible {
    let changes = (2..=6).map(|gid| joining(lab, &[gid])).collect();
    minimal(lab, &[1], changes)
}

pub(super) fn minimal_leaves(lab: &mut Lab) -> Fallible {
    minimal(lab, &[1, 2, 3, 4, 5, 6], (1..=5).map(|gid| leaving(&[gid])).collect())
}

pub(super) fn minimal_multi_joins(lab: &mut Lab) -> Fallible {
    let changes = [[2, 3, 4], [5, 6, 7]].map(|gids| joining(lab, &gids)).to_vec();
    minimal(lab, &[1], changes)
}

pub(super) fn minimal_multi_leaves(lab: &mut Lab) -> Fallible {
    minimal(lab, &[1, 2, 3, 4, 5, 6, 7], [[1, 3], [5, 7]].map(|gids| leaving(&gids)).to_vec())
}

pub(super) fn multi_leave_join(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2])?;
    check(lab, &[1, 2])?;
    join(lab, &[3])?;
    check(lab, &[1, 2, 3])?;
    leave(lab, &[1, 3])?;
    check(lab, &[2])?;
    leave(lab, &[2])?;
    check(lab, &[]).map(|_| ())
}

/// The leader stops. Whoever comes next has the same configuration.
pub(super) fn same_config(lab: &mut Lab) -> Fallible {
    join(lab, &[1, 2])?;
    join(lab, &[3, 4])?;
    leave(lab, &[2])?;
    let before = query(lab, None)?;
    let leader = lab.leader().ok_or("Nobody leads after a change.")?;
    let known = |lab: &Lab, id: NodeId| {
        let controller = lab.world.node(id)?.server()?.machine().controller()?;
        Some(controller.machine().latest().clone())
    };
    demand(known(lab, leader).as_ref() == Some(&before), || "The leader says otherwise.".into())?;
    lab.stop(&[leader])?;
    let stopped = lab.now();
    let until = stopped + Duration::from_secs(3);
    while lab.leader().is_none() {
        demand(lab.step(until)?, || "Nobody leads 3 s after the leader stopped.".into())?;
    }
    let took = lab.now().since(stopped).as_micros() / 1_000;
    lab.at_most("ms to a new leader", took, 3_000)?;
    let after = query(lab, None)?;
    demand(after == before, || format!("Now it is {after:?}, and was {before:?}."))?;
    for id in servers(lab, &[0]).into_iter().filter(|id| *id != leader) {
        demand(known(lab, id).as_ref() == Some(&before), || format!("{id} has another one."))?;
    }
    lab.start(&[leader])
}

pub(super) fn minimal_again(lab: &mut Lab) -> Fallible {
    join(lab, &[1])?;
    join(lab, &[2])?;
    let two = check(lab, &[1, 2])?;
    join(lab, &[3])?;
    let three = check(lab, &[1, 2, 3])?;
    let strays = moved(&two, &three).into_iter().filter(|s| three.owner(*s) != Some(Gid(3)));
    demand(strays.count() == 0, || "A shard moved that did not go to group 3.".into())?;
    lab.at_most("moved by a join", moved(&two, &three).len() as u64, 4)?;
    leave(lab, &[1])?;
    let left = check(lab, &[2, 3])?;
    let strays = moved(&three, &left).into_iter().filter(|s| three.owner(*s) != Some(Gid(1)));
    demand(strays.count() == 0, || "A shard moved that was not group 1's.".into())?;
    let count = moved(&three, &left).len() as u64;
    demand(count > 0, || "Nothing moved.".into())?;
    lab.at_most("moved by a leave", count, 4)
}
