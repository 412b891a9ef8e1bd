//! The settings of a run: those that are as usual take one bit.

use super::bits::Bits;
use crate::clerk::Patience;
use crate::id::MutantId;
use crate::raft;
use crate::shardkv::Routing;
use crate::sim::disk::Disk;
use crate::sim::network::{Latency, Network};
use crate::sim::scenario::{Scenario, Sharding};
use crate::sim::workload::{Mix, Pace, Workload};
use crate::time::Duration;

/// What there is no such kind of.
const UNKNOWN: &str = "A setting in it has a value that this version does not know.";

/// All settings. Each pattern names every field, so that a new setting is not forgotten here.
pub(super) fn scenario(bits: &mut Bits, scenario: &mut Scenario) {
    bits.wide(&mut scenario.seed);
    bits.number(2, &mut scenario.servers);
    bits.number(2, &mut scenario.clients);
    let usual = Scenario::new(scenario.seed, scenario.servers, scenario.clients);
    let Scenario {
        seed: _,
        servers: _,
        clients: _,
        raft,
        network,
        disk: Disk { write },
        service,
        workload,
        patience,
        read_index,
        sessions,
        snapshot_above,
        mutant,
        sharding,
    } = scenario;
    bits.unless(&usual.raft, raft, |bits, raft| group(bits, raft, &usual.raft));
    bits.unless(&usual.network, network, self::network);
    bits.unless(&usual.disk.write, write, latency);
    bits.unless(&usual.service, service, Bits::duration);
    bits.unless(&usual.workload, workload, self::workload);
    bits.unless(&usual.patience, patience, |bits, patience| {
        let Patience { attempt, rest_min, rest_max } = patience;
        [attempt, rest_min, rest_max].into_iter().for_each(|wait| bits.duration(wait));
    });
    bits.flag(read_index);
    bits.unless(&usual.sessions, sessions, |bits, sessions| bits.number(6, sessions));
    bits.maybe(snapshot_above, 0, |bits, above| bits.number(10, above));
    bits.unless(&usual.mutant, mutant, self::mutant);
    bits.maybe(sharding, Sharding::default(), self::sharding);
}

fn mutant(bits: &mut Bits, mutant: &mut MutantId) {
    bits.choice(5, mutant, &MutantId::ALL, UNKNOWN);
}

fn group(bits: &mut Bits, raft: &mut raft::Config, usual: &raft::Config) {
    let raft::Config {
        voters,
        election_min,
        election_max,
        heartbeat,
        append_max,
        window,
        uncommitted_max,
        pre_vote,
        check_quorum,
        sticky,
    } = raft;
    bits.unless(&usual.voters, voters, Bits::nodes);
    bits.unless(&usual.election_min, election_min, Bits::duration);
    bits.unless(&usual.election_max, election_max, Bits::duration);
    bits.unless(&usual.heartbeat, heartbeat, Bits::duration);
    bits.unless(&usual.append_max, append_max, |bits, most| bits.number(5, most));
    bits.unless(&usual.window, window, |bits, most| bits.number(5, most));
    bits.unless(&usual.uncommitted_max, uncommitted_max, |bits, most| bits.number(8, most));
    bits.flag(pre_vote);
    bits.flag(check_quorum);
    bits.flag(sticky);
}

fn sharding(bits: &mut Bits, sharding: &mut Sharding) {
    let Sharding { controllers, groups, shards, routing, poll, pause_all, controller_mutant } =
        sharding;
    bits.number(2, controllers);
    bits.number(2, groups);
    bits.number(3, shards);
    bits.choice(0, routing, &[Routing::Fnv, Routing::FirstByte], UNKNOWN);
    bits.duration(poll);
    bits.flag(pause_all);
    bits.unless(&MutantId::Paper, controller_mutant, mutant);
}

pub(super) fn network(bits: &mut Bits, network: &mut Network) {
    let usual = Network::default();
    let Network { latency, loss, duplicate, reorder, reorder_by } = network;
    bits.unless(&usual.latency, latency, self::latency);
    bits.unless(&usual.loss, loss, Bits::chance);
    bits.unless(&usual.duplicate, duplicate, Bits::chance);
    bits.unless(&usual.reorder, reorder, Bits::chance);
    bits.unless(&usual.reorder_by, reorder_by, Bits::duration);
}

pub(super) fn latency(bits: &mut Bits, latency: &mut Latency) {
    let zero = Duration::ZERO;
    let blanks = [
        Latency::Uniform { min: zero, max: zero },
        Latency::Fixed(zero),
        Latency::LongTail { median: zero },
    ];
    bits.choice(0, latency, &blanks, UNKNOWN);
    match latency {
        Latency::Fixed(time) | Latency::LongTail { median: time } => bits.duration(time),
        Latency::Uniform { min, max } => {
            bits.duration(min);
            bits.duration(max);
        }
    }
}

pub(super) fn workload(bits: &mut Bits, workload: &mut Workload) {
    let usual = Workload::default();
    let Workload { pace, keys, hot, mix, limit } = workload;
    bits.unless(&usual.pace, pace, self::pace);
    bits.unless(&usual.keys, keys, |bits, keys| bits.number(3, keys));
    bits.unless(&usual.hot, hot, Bits::chance);
    bits.unless(&usual.mix, mix, |bits, mix| {
        let Mix { get, put, append, delete, cas, put_at, put_hash } = mix;
        let weights = [get, put, append, delete, cas, put_at, put_hash];
        weights.into_iter().for_each(|weight| bits.number(1, weight));
    });
    bits.maybe(limit, 0, |bits, limit| bits.number(6, limit));
}

fn pace(bits: &mut Bits, pace: &mut Pace) {
    let zero = Duration::ZERO;
    let blanks = [Pace::Closed { think: zero }, Pace::Open { every: zero }, Pace::Silent];
    bits.choice(0, pace, &blanks, UNKNOWN);
    match pace {
        Pace::Closed { think: time } | Pace::Open { every: time } => bits.duration(time),
        Pace::Silent => {}
    }
}
