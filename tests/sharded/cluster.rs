//! What a row does with a sharded cluster: it changes the configuration, stops groups, and writes
//! and reads values that it knows.

use shardscope_core::controller::{Command, Config, Reply};
use shardscope_core::id::{ConfigNumber, Gid, NodeId, ShardId};
use shardscope_core::kv;
use shardscope_core::shardkv::ShardKv;
use shardscope_core::time::Duration;

use crate::table::Fallible;
use crate::table::crowd::key;
use crate::table::lab::{Lab, demand};

/// The servers of some groups.
pub(super) fn servers(lab: &Lab, gids: &[u16]) -> Vec<NodeId> {
    gids.iter().flat_map(|gid| lab.world.scenario().members(Gid(*gid))).collect()
}

/// The command by which groups join with all their servers.
pub(super) fn joining(lab: &Lab, gids: &[u16]) -> Command {
    Command::Join(gids.iter().map(|gid| (Gid(*gid), servers(lab, &[*gid]))).collect())
}

/// The command by which groups leave.
pub(super) fn leaving(gids: &[u16]) -> Command {
    Command::Leave(gids.iter().map(|gid| Gid(*gid)).collect())
}

/// The operator's number among the clients.
pub(super) const fn operator(lab: &Lab) -> usize {
    lab.row.clients as usize
}

/// A client changes the configuration.
pub(super) fn change(lab: &mut Lab, index: usize, command: Command) -> Fallible<ConfigNumber> {
    let words = format!("{command}");
    match lab.control(index, command)? {
        Reply::Changed(number) => Ok(number),
        Reply::Refused(refusal) => Err(format!("{words} was refused: {refusal}")),
        Reply::Config(_) => Err(format!("{words} gave a configuration.")),
    }
}

/// The operator lets groups join at once.
pub(super) fn join(lab: &mut Lab, gids: &[u16]) -> Fallible<ConfigNumber> {
    let command = joining(lab, gids);
    change(lab, operator(lab), command)
}

/// The operator lets groups leave at once.
pub(super) fn leave(lab: &mut Lab, gids: &[u16]) -> Fallible<ConfigNumber> {
    change(lab, operator(lab), leaving(gids))
}

/// The operator moves a shard.
pub(super) fn move_shard(lab: &mut Lab, shard: u16, to: u16) -> Fallible<ConfigNumber> {
    change(lab, operator(lab), Command::Move { shard: ShardId(shard), to: Gid(to) })
}

/// The configuration of a number, or the latest.
pub(super) fn query(lab: &mut Lab, number: Option<ConfigNumber>) -> Fallible<Config> {
    match lab.control(operator(lab), Command::Query(number))? {
        Reply::Config(config) => Ok(config),
        other => Err(format!("A query gave {other:?}.")),
    }
}

/// Stops all servers of some groups.
pub(super) fn stop(lab: &mut Lab, gids: &[u16]) -> Fallible {
    lab.stop(&servers(lab, gids))
}

/// Starts them again.
pub(super) fn start(lab: &mut Lab, gids: &[u16]) -> Fallible {
    lab.start(&servers(lab, gids))
}

/// The server at this place in each group that holds shards.
pub(super) fn one_of_each(lab: &Lab, rank: usize) -> Vec<NodeId> {
    let groups = lab.world.scenario().groups().filter(|gid| gid.0 > 0);
    groups.filter_map(|gid| lab.world.scenario().members(gid).nth(rank)).collect()
}

/// Lets time pass.
pub(super) fn millis(lab: &mut Lab, millis: u64) -> Fallible {
    lab.rest(Duration::from_millis(millis))
}

/// What the machine of a group's leader has.
pub(super) fn leading(lab: &Lab, gid: u16) -> Option<&ShardKv> {
    let leader = lab.leader_of(Gid(gid))?;
    lab.world.node(leader)?.server()?.machine().shards()
}

/// Waits until every group of these has come to a configuration and finished with it.
pub(super) fn settle(lab: &mut Lab, gids: &[u16], number: ConfigNumber) -> Fallible {
    let until = lab.now() + Duration::from_secs(10);
    let settled = |lab: &Lab| {
        let there = |shards: &ShardKv| shards.config().number == number && !shards.is_unfinished();
        gids.iter().all(|gid| leading(lab, *gid).is_some_and(there))
    };
    while !settled(lab) {
        demand(lab.step(until)?, || format!("Configuration {number} was never done."))?;
    }
    Ok(())
}

/// So many shards must have come to a new owner.
pub(super) fn demand_moves(lab: &Lab, least: usize) -> Fallible {
    let (moved, deleted) = (lab.watch.moved.len(), lab.watch.deleted.len());
    demand(moved >= least && deleted > 0, || {
        format!("Only {moved} shards were moved, and {deleted} copies deleted: not {least}.")
    })
}

/// Values that a row has written and knows, by the numbers of their keys.
pub(super) struct Known(pub(super) Vec<String>);

impl Known {
    /// Writes so many values of so many bytes.
    pub(super) fn put(lab: &mut Lab, count: usize, bytes: usize) -> Fallible<Self> {
        let mut known = Self(vec![String::new(); count]);
        for number in 0..count {
            known.put_one(lab, number, bytes)?;
        }
        Ok(known)
    }

    pub(super) fn put_one(&mut self, lab: &mut Lab, number: usize, bytes: usize) -> Fallible {
        self.0[number] = drawn(lab, bytes);
        let (key, value) = (key(number as u64).into(), self.0[number].as_str().into());
        write(lab, 0, kv::Command::Put { key, value })
    }

    /// Reads a value: it must be the known one.
    pub(super) fn check_one(&self, lab: &mut Lab, number: usize) -> Fallible {
        lab.read(0, &key(number as u64), &self.0[number])
    }

    /// Reads all values.
    pub(super) fn check(&self, lab: &mut Lab) -> Fallible {
        (0..self.0.len()).try_for_each(|number| self.check_one(lab, number))
    }

    /// Writes new values of so many bytes to all keys, by all clients at once.
    pub(super) fn put_together(&mut self, lab: &mut Lab, bytes: usize) -> Fallible {
        self.0.iter_mut().for_each(|value| *value = drawn(lab, bytes));
        let put = |(number, value): (usize, &String)| kv::Command::Put {
            key: key(number as u64).into(),
            value: value.as_str().into(),
        };
        let replies = spread(lab, self.0.iter().enumerate().map(put).collect())?;
        let strange = replies.iter().find(|reply| !matches!(reply, kv::Reply::Written { .. }));
        demand(strange.is_none(), || format!("A put gave {strange:?}."))
    }

    /// Reads all values, by all clients at once.
    pub(super) fn check_together(&self, lab: &mut Lab) -> Fallible {
        let get = |number| kv::Command::Get { key: key(number as u64).into() };
        let replies = spread(lab, (0..self.0.len()).map(get).collect())?;
        let expected = self.0.iter().map(|value| kv::Reply::Value(value.as_str().into()));
        let strange = expected.zip(&replies).find(|(expected, reply)| expected != *reply);
        demand(strange.is_none() && replies.len() == self.0.len(), || {
            format!("A key has not the value it must have: {strange:?}")
        })
    }

    /// Reads a value, and adds to it.
    pub(super) fn extend_one(&mut self, lab: &mut Lab, number: usize, bytes: usize) -> Fallible {
        self.check_one(lab, number)?;
        let more = drawn(lab, bytes);
        self.0[number].push_str(&more);
        let key = key(number as u64).into();
        write(lab, 0, kv::Command::Append { key, value: more.into() })
    }

    /// Reads all values, and adds to each.
    pub(super) fn extend(&mut self, lab: &mut Lab, bytes: usize) -> Fallible {
        (0..self.0.len()).try_for_each(|number| self.extend_one(lab, number, bytes))
    }
}

/// All clients of the row work through a list: each takes the next command when it is free. Gives
/// the replies in the list's order.
fn spread(lab: &mut Lab, commands: Vec<kv::Command>) -> Fallible<Vec<kv::Reply>> {
    let mut replies = vec![None; commands.len()];
    let mut busy = vec![None; usize::from(lab.row.clients)];
    let mut rest = commands.into_iter().enumerate();
    let until = lab.now() + Duration::from_secs(60);
    loop {
        for (index, open) in busy.iter_mut().enumerate() {
            if let Some(at) = *open
                && let Some(reply) = lab.take(index)
            {
                (replies[at], *open) = (Some(reply), None);
            }
            if open.is_none()
                && let Some((at, command)) = rest.next()
            {
                lab.invoke(index, command)?;
                *open = Some(at);
            }
        }
        if busy.iter().all(Option::is_none) {
            return Ok(replies.into_iter().flatten().collect());
        }
        demand(lab.step(until)?, || "A minute was not enough.".into())?;
    }
}

/// A client writes, which must be carried out.
pub(super) fn write(lab: &mut Lab, index: usize, command: kv::Command) -> Fallible {
    let words = format!("{command}");
    lab.invoke(index, command)?;
    match lab.wait(index)? {
        kv::Reply::Written { .. } => Ok(()),
        other => Err(format!("{words} gave {other}.")),
    }
}

/// A word of so many letters.
pub(super) fn drawn(lab: &mut Lab, bytes: usize) -> String {
    let letters = (0..bytes).map(|_| char::from(b'a' + lab.lane.below(26) as u8));
    letters.collect()
}

/// Every client after the first reads one key: client `n` that of the number `first + n - 1`.
pub(super) fn ask(lab: &mut Lab, first: usize, count: usize) -> Fallible {
    (0..count).try_for_each(|at| {
        let key = key((first + at) as u64).into();
        lab.invoke(at + 1, kv::Command::Get { key })
    })
}

/// The numbers of the keys whose values came since, once nothing has come for so many seconds. Each
/// must be the known value.
pub(super) fn collect(
    lab: &mut Lab,
    known: &Known,
    first: usize,
    quiet: u64,
) -> Fallible<Vec<usize>> {
    let quiet = Duration::from_secs(quiet);
    let (mut answered, mut until) = (Vec::new(), lab.now() + quiet);
    while lab.step(until)? {
        while let Some((index, reply)) = lab.next_return() {
            let number = first + index.checked_sub(1).ok_or("Nobody had asked.")?;
            let right = matches!(&reply, kv::Reply::Value(value) if **value == *known.0[number]);
            demand(right, || format!("Key {number} gave {reply}, not {:?}.", known.0[number]))?;
            answered.push(number);
            until = lab.now() + quiet;
        }
    }
    answered.sort_unstable();
    Ok(answered)
}

/// All values are read at once, each by a client of its own: which came within two seconds.
pub(super) fn read_apart(lab: &mut Lab, known: &Known) -> Fallible<Vec<usize>> {
    ask(lab, 0, known.0.len())?;
    collect(lab, known, 0, 2)
}
