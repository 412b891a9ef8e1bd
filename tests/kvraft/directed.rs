//! The rows that do something of their own.

use shardscope_core::id::{NodeId, NodeSet, Slot};
use shardscope_core::kv::Reply;
use shardscope_core::sim::Action;
use shardscope_core::time::Duration;

use super::generic::check_tokens;
use crate::table::Fallible;
use crate::table::lab::{Lab, demand};

const SECOND: Duration = Duration::from_secs(1);

/// One client appends a thousand times; each operation may take a third of a 100 ms heartbeat in
/// the mean, and here 25 ms.
pub(super) fn speed(lab: &mut Lab) -> Fallible {
    const APPENDS: u64 = 1_000;
    // The first operation waits for an election, which is not what is measured.
    lab.read(0, "x", "")?;
    let (start, mut expected) = (lab.now(), String::new());
    for number in 1..=APPENDS {
        lab.write(0, &format!("append x \"x 0 {number} y\""))?;
        expected.push_str(&format!("x 0 {number} y"));
    }
    let each = lab.now().since(start).as_micros() / APPENDS;
    lab.read(0, "x", &expected)?;
    lab.at_most("us an append", each, 33_300)?;
    lab.at_most("us an append, own bound", each, 25_000)
}

/// Five clients append ten times each to one key, over a bad network.
pub(super) fn one_key(lab: &mut Lab) -> Fallible {
    const EACH: usize = 10;
    let clients = usize::from(lab.row.clients);
    lab.write(0, "put k \"\"")?;
    let line = |index: usize, number: usize| format!("append k \"x {index} {number} y\"");
    let mut done = vec![0; clients];
    for index in 0..clients {
        let command = line(index, 1).parse().map_err(|error| format!("{error}"))?;
        lab.invoke(index, command)?;
    }
    let until = lab.now() + SECOND.times(60);
    while done.iter().any(|done| *done < EACH) {
        demand(lab.step(until)?, || format!("After a minute only {done:?} appends were done."))?;
        while let Some((index, reply)) = lab.next_return() {
            demand(matches!(reply, Reply::Written { .. }), || format!("append gave {reply}."))?;
            done[index] += 1;
            if done[index] < EACH {
                let next = line(index, done[index] + 1);
                let command = next.parse().map_err(|error| format!("{error}"))?;
                lab.invoke(index, command)?;
            }
        }
    }
    let Reply::Value(value) = lab.call(0, "get k")? else {
        return Err("A read gave no value.".into());
    };
    check_tokens(&value, clients)?;
    let tokens = value.matches('x').count();
    demand(tokens == clients * EACH, || format!("{tokens} appends are there: {value}"))
}

/// The leader is cut off with one other server. The majority goes on, the minority cannot, and
/// finishes what it was asked when the network is whole again.
pub(super) fn one_partition(lab: &mut Lab) -> Fallible {
    // Client 1 is with the majority, clients 2 and 3 with the minority.
    lab.write(0, "put 1 13")?;
    let leader = lab.leader().ok_or("Nobody leads after a write.")?;
    let mut sides = [NodeSet::EMPTY; 2];
    sides[1].insert(leader);
    for id in lab.servers().into_iter().filter(|id| *id != leader) {
        sides[usize::from(sides[1].len() < 2)].insert(id);
    }
    for index in 0..3 {
        sides[usize::from(index > 0)].insert(lab.client(index));
    }
    lab.act(&Action::Partition(sides.to_vec()))?;
    lab.write(0, "put 1 14")?;
    lab.read(0, "1", "14")?;
    demand(lab.leader() != Some(leader), || "The old leader still leads.".into())?;

    for (index, line) in [(1, "put 1 15"), (2, "get 1")] {
        lab.invoke(index, line.parse().map_err(|error| format!("{error}"))?)?;
    }
    lab.rest(SECOND)?;
    demand(!lab.has_returned(1) && !lab.has_returned(2), || {
        "The minority finished an operation.".into()
    })?;
    for index in [1, 2] {
        let node = lab.world.node(lab.client(index)).and_then(|node| node.client());
        let asked = node.map_or(0, |client| client.clerk().attempts());
        demand(asked >= 2, || format!("Client {} asked only {asked} times.", index + 1))?;
    }
    lab.read(0, "1", "14")?;
    lab.write(0, "put 1 16")?;
    lab.read(0, "1", "16")?;
    demand(!lab.has_returned(1) && !lab.has_returned(2), || {
        "The minority finished an operation.".into()
    })?;

    lab.act(&Action::Heal)?;
    let healed = lab.now();
    lab.wait(1)?;
    let put = lab.now().since(healed).as_micros();
    lab.wait(2)?;
    let both = lab.now().since(healed).as_micros();
    lab.at_most("us from healing to the put", put, 3_000_000)?;
    lab.at_most("us from healing to both", both, 4_000_000)?;
    lab.read(0, "1", "15")?;
    let watch = &lab.watch;
    demand(watch.split == 1 && watch.deposing == 1 && watch.cut > 0, || {
        "The partition was none.".into()
    })
}

/// The server with this number, the client, and nobody else on that side.
fn side(lab: &Lab, servers: &[u16]) -> NodeSet {
    let servers = servers.iter().map(|number| NodeId(*number));
    servers.chain([lab.client(0)]).collect()
}

/// S3 misses so much that the log no longer has it: it must catch up through a snapshot when it
/// is needed for a majority.
pub(super) fn snapshot_rpc(lab: &mut Lab) -> Fallible {
    // Fifty values of 64 bytes: three times the limit, so that the log is compacted.
    let value = |number: u32| format!("{number:064}");
    lab.write(0, "put a A")?;
    let sides = vec![side(lab, &[0, 1]), NodeSet::from_iter([NodeId(2)])];
    lab.act(&Action::Partition(sides))?;
    for number in 0..50 {
        lab.write(0, &format!("put {number} {}", value(number)))?;
    }
    lab.rest(SECOND)?;
    lab.write(0, "put b B")?;
    let bases = bases(lab);
    demand(bases[0].max(bases[1]) > applied(lab)[2], || {
        format!("S3 has slot {}, and the logs begin at {bases:?}.", applied(lab)[2])
    })?;
    demand(lab.watch.installed == 0, || "A snapshot was installed too early.".into())?;

    let sides = vec![side(lab, &[0, 2]), NodeSet::from_iter([NodeId(1)])];
    lab.act(&Action::Partition(sides))?;
    lab.write(0, "put c C")?;
    lab.write(0, "put d D")?;
    for (key, expected) in
        [("a", "A".into()), ("b", "B".into()), ("1", value(1)), ("49", value(49))]
    {
        lab.read(0, key, &expected)?;
    }
    demand(lab.watch.installers.contains(NodeId(2)), || "S3 caught up without a snapshot.".into())?;

    lab.act(&Action::Heal)?;
    lab.write(0, "put e E")?;
    for (key, expected) in [("c", "C".into()), ("e", "E".into()), ("1", value(1))] {
        lab.read(0, key, &expected)?;
    }
    lab.rest(SECOND)?;
    let machines = lab.world.servers().map(|node| node.server().map(|server| server.machine()));
    let machines: Vec<_> = machines.collect();
    demand(machines.windows(2).all(|pair| pair[0] == pair[1]), || {
        "The servers hold different things.".into()
    })
}

/// Where each server's log begins.
fn bases(lab: &Lab) -> Vec<Slot> {
    let disks = lab.world.servers().filter_map(|node| node.durable());
    disks.map(|disk| disk.log.base().slot).collect()
}

/// What each server has applied.
fn applied(lab: &Lab) -> Vec<Slot> {
    let servers = lab.world.servers().filter_map(|node| node.server());
    servers.map(|server| server.applied()).collect()
}

/// A small store whose log is compacted again and again: the snapshots must stay as small as it.
pub(super) fn snapshot_size(lab: &mut Lab) -> Fallible {
    for _ in 0..200 {
        for value in ["0", "1"] {
            lab.write(0, &format!("put x {value}"))?;
            lab.read(0, "x", value)?;
        }
    }
    // Each server compacts a few times, or gets the snapshot of one that was quicker.
    demand(lab.watch.stored >= 9, || format!("Only {} snapshots.", lab.watch.stored))?;
    lab.at_most("snapshot B", lab.watch.snapshot, 500)
}
