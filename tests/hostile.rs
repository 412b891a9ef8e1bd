//! Messages from anywhere: stale, repeated, absurd in content, from strangers. A server in any
//! state takes them without a panic, without an endless loop, and without growing beyond what it
//! was sent.

use std::sync::Arc;

use shardscope_core::id::{ClientId, LogId, NodeId, Serial, Slot, Term};
use shardscope_core::kv::{Command, Kv};
use shardscope_core::machine::{Answer, Call, Machine, Sessions};
use shardscope_core::protocol::{Entry, Payload};
use shardscope_core::raft::message::{Message, Outcome, Snapshot};
use shardscope_core::rng::Rng;
use shardscope_core::server::{Request, Response, Wire};
use shardscope_core::sim::store::{Machine as Store, Server, StoreActs, StoreWire};
use shardscope_core::sim::{Report, Scenario, World};
use shardscope_core::time::Instant;

use crate::tier;

struct Hostile {
    lane: Rng,
    /// Around what numbers near the truth are drawn.
    term: u64,
    slot: u64,
}

impl Hostile {
    /// Mostly near the truth, sometimes absurd.
    fn number(&mut self, near: u64) -> u64 {
        match self.lane.below(12) {
            0 => 0,
            1 => u64::MAX,
            2 => u64::MAX - 1,
            3 => 1 << 62,
            4 => (1 << 62) - 1,
            5 => self.lane.below(u64::MAX),
            _ => (near + self.lane.below(6)).saturating_sub(3),
        }
    }

    fn term(&mut self) -> Term {
        Term(self.number(self.term))
    }

    fn slot(&mut self) -> Slot {
        Slot(self.number(self.slot))
    }

    fn log_id(&mut self) -> LogId {
        LogId { term: self.term(), slot: self.slot() }
    }

    fn flag(&mut self) -> bool {
        self.lane.below(2) == 1
    }

    fn call(&mut self) -> Call<Command> {
        let (client, serial) = (ClientId(self.number(3)), Serial(self.number(20)));
        let lines = ["get x", "put x 1", "append y b", "delete x", "put-at x 1 c", "put-hash z q"];
        let line = lines[self.lane.below(6) as usize];
        Call { client, serial, command: line.parse().expect("a command") }
    }

    fn entry(&mut self) -> Entry<Call<Command>> {
        let payload = if self.flag() { Payload::Noop } else { Payload::Command(self.call()) };
        Entry { term: self.term(), payload }
    }

    fn outcome(&mut self) -> Outcome {
        match self.lane.below(3) {
            0 => Outcome::Matched(self.slot()),
            1 => Outcome::Conflict { rejected: self.slot(), hint: self.log_id() },
            _ => Outcome::Refused,
        }
    }

    fn message(&mut self) -> Message<Store> {
        let term = self.term();
        match self.lane.below(6) {
            0 => Message::Vote { term, last: self.log_id(), pre: self.flag() },
            1 => Message::VoteReply { term, pre: self.flag(), granted: self.flag() },
            2 => {
                let count = self.lane.below(5);
                let entries = (0..count).map(|_| self.entry()).collect();
                let (prev, commit, round) = (self.log_id(), self.slot(), self.number(50));
                Message::Append { term, prev, entries, commit, round }
            }
            3 => {
                let (round, counts, outcome) = (self.number(50), self.flag(), self.outcome());
                Message::AppendReply { term, round, counts, outcome }
            }
            4 => {
                let mut machine = Sessions::around(Kv::default(), 4);
                machine.apply(&self.call());
                Message::Snapshot {
                    term,
                    snapshot: Arc::new(Snapshot { last: self.log_id(), machine }),
                }
            }
            _ => Message::SnapshotReply { term, counts: self.flag(), matched: self.slot() },
        }
    }

    fn wire(&mut self) -> StoreWire {
        match self.lane.below(8) {
            0 => {
                let (tag, command, read) = (self.number(9), self.call(), self.flag());
                Wire::Request(Request { tag, command, read })
            }
            1 => {
                let tag = self.number(9);
                Wire::Response(Response { tag, result: Ok(Answer::Stale) })
            }
            _ => Wire::Peer(self.message()),
        }
    }
}

/// Servers as they are in the middle of a run, each in a state of its own.
fn servers(seed: u64) -> Vec<Server> {
    let mut scenario = Scenario::new(seed, 3 + 2 * (seed % 2) as u16, 2);
    scenario.raft.pre_vote = !seed.is_multiple_of(3);
    scenario.snapshot_above = Some(600);
    let mut world = World::new(Arc::new(scenario));
    let mut report = Report::default();
    for _ in 0..300 + seed * 37 {
        world.step(&mut report);
    }
    world.servers().filter_map(|node| node.server().cloned()).collect()
}

#[test]
fn a_server_takes_anything_from_anyone() {
    let rounds = tier::count(60, 600);
    let messages = tier::parallel(0..rounds, |seed| {
        let mut taken = 0;
        for mut server in servers(seed) {
            let replica = server.replica();
            let (term, slot) = (replica.hard_state().term.0, replica.log().last().slot.0);
            let lane = Rng::keyed(&[seed, taken]);
            let mut hostile = Hostile { lane, term, slot };
            let mut acts = StoreActs::default();
            let mut now = 10_000_000;
            for _ in 0..400 {
                now += hostile.lane.below(100_000);
                let at = Instant::from_micros(now);
                let from = NodeId(hostile.number(2) as u16);
                let wire = hostile.wire();
                server.receive(at, from, wire, &mut acts);
                // One message may commit everything in the log; it never makes more than that.
                let bound = 64 + 4 * hostile.slot;
                let count = acts.drain().count() as u64;
                assert!(count < bound, "seed {seed}: {count} effects of one message");
                server.wake(at, &mut acts);
                acts.drain().for_each(drop);
                hostile.term = server.replica().hard_state().term.0;
                hostile.slot = server.replica().log().last().slot.0.min(10_000);
                taken += 1;
            }
        }
        taken
    });
    let taken: u64 = messages.iter().sum();
    assert!(taken >= rounds * 1_200, "{taken}");
    println!("{taken} hostile messages taken");
}
