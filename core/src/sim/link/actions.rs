//! What was done in a run: each action as its kind and what it names.

use alloc::vec::Vec;

use super::bits::{Bits, LARGE};
use super::settings;
use crate::controller;
use crate::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId};
use crate::kv;
use crate::rng::Ppm;
use crate::sim::action::{Action, PacketFault};
use crate::sim::network::{Network, Rule, Verdict};
use crate::sim::packet::Shape;
use crate::sim::workload::Workload;
use crate::time::{Duration, Instant};

/// What there is no such kind of.
const UNKNOWN: &str = "Something is done in it that this version does not know.";

/// An action of each kind, by its number in a link: the most frequent first. A new one goes behind
/// the last.
// Not in line: it is asked in two places, and a page fetches all of this.
#[inline(never)]
pub(super) fn blank(kind: u64) -> Option<Action> {
    let node = NodeId(0);
    let (from, to) = (node, node);
    let command = || kv::Command::Get { key: "".into() };
    Some(match kind {
        0 => Action::Cut { from, to },
        1 => Action::Mend { from, to },
        2 => Action::Crash(node),
        3 => Action::Restart(node),
        4 => Action::Pause(node),
        5 => Action::Resume(node),
        6 => Action::Campaign(node),
        7 => Action::Heal,
        8 => Action::Packet { id: 0, fault: PacketFault::Drop },
        9 => Action::Invoke { client: node, command: command() },
        10 => Action::Transfer { from, to },
        11 => Action::Partition(Vec::new()),
        12 => Action::Isolate(node),
        13 => Action::SetClock { node, jump: Duration::ZERO, drift: 0 },
        14 => Action::SetWorkload(Workload::default()),
        15 => Action::Control { client: node, command: controller::Command::Query(None) },
        16 => Action::SlowDisk { server: node, times: 1 },
        17 => Action::Wipe(node),
        18 => Action::SetNetwork(Network::default()),
        19 => Action::AddRule(Rule {
            from: None,
            to: None,
            shape: None,
            verdict: Verdict::Drop,
            chance: Ppm::ALWAYS,
            until: None,
        }),
        20 => Action::ClearRules,
        21 => Action::Propose { server: node, command: command() },
        _ => return None,
    })
}

/// One action.
pub(super) fn action(bits: &mut Bits, action: &mut Action) {
    bits.kind(4, action, blank, UNKNOWN);
    match action {
        Action::Crash(node)
        | Action::Restart(node)
        | Action::Wipe(node)
        | Action::Pause(node)
        | Action::Resume(node)
        | Action::Campaign(node)
        | Action::Isolate(node) => bits.node(node),
        Action::Transfer { from, to } | Action::Cut { from, to } | Action::Mend { from, to } => {
            bits.node(from);
            bits.node(to);
        }
        Action::Partition(sides) => bits.list(sides, NodeSet::default, Bits::nodes),
        Action::Heal | Action::ClearRules => {}
        Action::Packet { id, fault } => {
            bits.number(12, id);
            packet_fault(bits, fault);
        }
        Action::Invoke { client: node, command } | Action::Propose { server: node, command } => {
            bits.node(node);
            self::command(bits, command);
        }
        Action::AddRule(rule) => self::rule(bits, rule),
        Action::SetNetwork(network) => settings::network(bits, network),
        Action::SetWorkload(workload) => settings::workload(bits, workload),
        Action::SlowDisk { server, times } => {
            bits.node(server);
            bits.number(4, times);
        }
        Action::SetClock { node, jump, drift } => {
            bits.node(node);
            bits.duration(jump);
            signed(bits, drift);
        }
        Action::Control { client, command } => {
            bits.node(client);
            order(bits, command);
        }
    }
}

/// A process that an action names and that is not among so many.
pub(super) fn stranger(action: &Action, processes: u16) -> Option<NodeId> {
    let second = match action {
        Action::Transfer { to, .. } | Action::Cut { to, .. } | Action::Mend { to, .. } => Some(*to),
        _ => None,
    };
    action.node().into_iter().chain(second).find(|node| node.0 >= processes)
}

/// A number that may be below zero: its size, and on which side it lies.
fn signed(bits: &mut Bits, value: &mut i32) {
    let (mut size, mut below) = (u64::from(value.unsigned_abs()), *value < 0);
    bits.wide(&mut size);
    bits.flag(&mut below);
    match i32::try_from(size) {
        Ok(size) => *value = if below { -size } else { size },
        Err(_) if below && size == u64::from(i32::MIN.unsigned_abs()) => *value = i32::MIN,
        Err(_) => bits.fail(LARGE),
    }
}

fn packet_fault(bits: &mut Bits, fault: &mut PacketFault) {
    let blanks = [
        PacketFault::Drop,
        PacketFault::Deliver,
        PacketFault::Duplicate,
        PacketFault::Hold,
        PacketFault::Delay(Duration::ZERO),
    ];
    bits.choice(2, fault, &blanks, UNKNOWN);
    if let PacketFault::Delay(by) = fault {
        bits.duration(by);
    }
}

fn command(bits: &mut Bits, command: &mut kv::Command) {
    use kv::Command;
    let text = || kv::Text::from("");
    let blank = |kind| {
        Some(match kind {
            0 => Command::Get { key: text() },
            1 => Command::Put { key: text(), value: text() },
            2 => Command::Append { key: text(), value: text() },
            3 => Command::Delete { key: text() },
            4 => Command::Cas { key: text(), expect: text(), value: text() },
            5 => Command::PutAt { key: text(), value: text(), version: 0 },
            6 => Command::PutHash { key: text(), value: text() },
            _ => return None,
        })
    };
    bits.kind(2, command, blank, UNKNOWN);
    match command {
        Command::Get { key } | Command::Delete { key } => bits.text(key),
        Command::Put { key, value }
        | Command::Append { key, value }
        | Command::PutHash { key, value } => {
            bits.text(key);
            bits.text(value);
        }
        Command::Cas { key, expect, value } => {
            bits.text(key);
            bits.text(expect);
            bits.text(value);
        }
        Command::PutAt { key, value, version } => {
            bits.text(key);
            bits.text(value);
            bits.number(2, version);
        }
    }
}

/// What is asked of the controller.
fn order(bits: &mut Bits, command: &mut controller::Command) {
    use controller::Command;
    let blank = |kind| {
        Some(match kind {
            0 => Command::Join(Vec::new()),
            1 => Command::Leave(Vec::new()),
            2 => Command::Move { shard: ShardId(0), to: Gid(0) },
            3 => Command::Query(None),
            _ => return None,
        })
    };
    bits.kind(2, command, blank, UNKNOWN);
    let gid = |bits: &mut Bits, gid: &mut Gid| bits.number(2, &mut gid.0);
    match command {
        Command::Join(groups) => {
            bits.list(groups, Default::default, |bits, (group, servers)| {
                gid(bits, group);
                self::servers(bits, servers);
            });
        }
        Command::Leave(groups) => bits.list(groups, Gid::default, gid),
        Command::Move { shard, to } => {
            bits.number(3, &mut shard.0);
            gid(bits, to);
        }
        Command::Query(number) => {
            bits.maybe(number, ConfigNumber(0), |bits, number| bits.number(3, &mut number.0));
        }
    }
}

/// The servers of a group: mostly each is the next one.
fn servers(bits: &mut Bits, servers: &mut Vec<NodeId>) {
    let mut next = 0_u16;
    bits.list(servers, NodeId::default, |bits, NodeId(number)| {
        let mut skipped = number.wrapping_sub(next);
        bits.number(0, &mut skipped);
        *number = next.wrapping_add(skipped);
        next = number.wrapping_add(1);
    });
}

fn rule(bits: &mut Bits, rule: &mut Rule) {
    /// The order of their numbers in a link.
    const SHAPES: [Shape; 12] = [
        Shape::PreVote,
        Shape::Vote,
        Shape::PreVoteReply,
        Shape::VoteReply,
        Shape::Append,
        Shape::Heartbeat,
        Shape::AppendReply,
        Shape::Snapshot,
        Shape::SnapshotReply,
        Shape::TimeoutNow,
        Shape::Request,
        Shape::Response,
    ];
    let Rule { from, to, shape, verdict, chance, until } = rule;
    bits.maybe(from, NodeSet::EMPTY, Bits::nodes);
    bits.maybe(to, NodeSet::EMPTY, Bits::nodes);
    bits.maybe(shape, Shape::PreVote, |bits, shape| bits.choice(3, shape, &SHAPES, UNKNOWN));
    self::verdict(bits, verdict);
    bits.unless(&Ppm::ALWAYS, chance, Bits::chance);
    bits.maybe(until, Instant::ZERO, |bits, until| {
        let mut micros = until.as_micros();
        bits.wide(&mut micros);
        *until = Instant::from_micros(micros);
    });
}

fn verdict(bits: &mut Bits, verdict: &mut Verdict) {
    let usual = Network::default().latency;
    let blanks = [Verdict::Drop, Verdict::Hold, Verdict::Duplicate, Verdict::Delay(usual)];
    bits.choice(1, verdict, &blanks, UNKNOWN);
    if let Verdict::Delay(latency) = verdict {
        settings::latency(bits, latency);
    }
}
