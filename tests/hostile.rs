//! Messages from anywhere: stale, repeated, absurd in content, from strangers. A server in any
//! state takes them without a panic, without an endless loop, and without growing beyond what it
//! was sent.

mod replay;

use std::sync::Arc;

use shardscope_core::clerk::{Clerk, Errand, Errands};
use shardscope_core::id::{ClientId, LogId, NodeId, Serial, Slot, Term};
use shardscope_core::kv::{Command, Kv, Reply};
use shardscope_core::machine::{Answer, Call, Machine, Sessions};
use shardscope_core::protocol::{Entry, Payload, Refused};
use shardscope_core::raft::message::{Message, Outcome, Snapshot};
use shardscope_core::rng::Rng;
use shardscope_core::server::{Refusal, Request, Response, Wire};
use shardscope_core::sim::store::{Machine as Store, Server, StoreActs, StoreCommand, StoreWire};
use shardscope_core::sim::{Report, Scenario, World};
use shardscope_core::time::{Duration, Instant};

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

    fn entry(&mut self) -> Entry<StoreCommand> {
        let payload =
            if self.flag() { Payload::Noop } else { Payload::Command(self.call().into()) };
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
        match self.lane.below(7) {
            0 => {
                let (last, pre, handed) = (self.log_id(), self.flag(), self.flag());
                Message::Vote { term, last, pre, handed }
            }
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
                    snapshot: Arc::new(Snapshot { last: self.log_id(), machine: machine.into() }),
                }
            }
            5 => Message::SnapshotReply { term, counts: self.flag(), matched: self.slot() },
            _ => Message::TimeoutNow { term },
        }
    }

    fn reply(&mut self) -> Reply {
        match self.lane.below(6) {
            0 => Reply::Value("v".repeat(self.lane.below(70_000) as usize).into()),
            1 => Reply::Written { version: self.number(3) },
            2 => Reply::Deleted { existed: self.flag() },
            3 => Reply::Differs { found: "\u{0}\"".into() },
            4 => Reply::WrongVersion { found: self.number(3) },
            _ => Reply::TooLong,
        }
    }

    /// Half of the time it answers what is open: such a response is believed.
    fn response(&mut self, open: Serial) -> Response<Answer<Reply>> {
        let tag = if self.flag() { open.0 } else { self.number(open.0) };
        let result = match self.lane.below(8) {
            0 => Ok(Answer::Done(self.reply())),
            1 => Ok(Answer::Stale),
            2 => Ok(Answer::Expired { floor: ClientId(self.number(9)) }),
            3 => Err(Refusal::Dropped),
            4 => Err(Refusal::Refused(Refused::Busy)),
            _ => {
                let hint = self.flag().then(|| NodeId(self.number(2) as u16));
                Err(Refusal::Refused(Refused::NotLeader { hint }))
            }
        };
        Response { tag, result }
    }

    fn wire(&mut self) -> StoreWire {
        match self.lane.below(8) {
            0 => {
                let (tag, command, read) = (self.number(9), self.call().into(), self.flag());
                Wire::Request(Request { tag, command, read })
            }
            1 => {
                let tag = self.number(9);
                Wire::Response(Response { tag, result: Ok(Answer::Stale.into()) })
            }
            _ => Wire::Peer(self.message()),
        }
    }
}

/// A group and its clients in the middle of a run, each process in a state of its own.
fn world(seed: u64) -> World {
    let mut scenario = Scenario::new(seed, 3 + 2 * (seed % 2) as u16, 2);
    scenario.raft.pre_vote = !seed.is_multiple_of(3);
    scenario.snapshot_above = Some(600);
    let mut world = World::new(Arc::new(scenario));
    let mut report = Report::default();
    for _ in 0..300 + seed * 37 {
        world.step(&mut report);
    }
    world
}

fn servers(seed: u64) -> Vec<Server> {
    world(seed).servers().filter_map(|node| node.server().cloned()).collect()
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

type ClerkOut = Errands<Command, Reply>;

/// Four hundred hostile responses at random moments: never more than one errand for each, and
/// always an alarm ahead, not too far, while a call is open. Returns the moment after.
fn molest(clerk: &mut Clerk<Command>, hostile: &mut Hostile, longest: Duration) -> Instant {
    let mut out = ClerkOut::default();
    let mut now = Instant::from_micros(10_000_000);
    clerk.wake(now, &mut out);
    for n in 0..400 {
        now += Duration::from_micros(hostile.lane.below(30_000));
        if !clerk.is_busy() && hostile.flag() {
            clerk.call(now, hostile.call().command, hostile.flag(), &mut out);
        }
        clerk.wake(now, &mut out);
        out.drain().for_each(drop);
        let from = NodeId(hostile.number(2) as u16);
        let response = hostile.response(clerk.serial());
        clerk.receive(now, from, response, &mut out);
        assert!(out.drain().count() <= 1, "response {n}");
        let due = clerk.alarm().map(|alarm| alarm.at);
        assert_eq!(due.is_some(), clerk.is_busy(), "response {n}");
        assert!(due.is_none_or(|due| due > now && due <= now + longest), "{n}: {due:?} at {now}");
    }
    now
}

/// Lets a clerk do one operation more with servers that are honest: the last one leads, and runs
/// `store`. Returns the reply, if it comes in time.
fn serve(
    clerk: &mut Clerk<Command>,
    store: &mut Sessions<Kv>,
    last: NodeId,
    now: Instant,
) -> Reply {
    let limit = now + Duration::from_secs(20);
    let mut now = now;
    let mut out = ClerkOut::default();
    let command: Command = "append honest +".parse().expect("a command");
    let mut fresh = false;
    while now < limit {
        if !clerk.is_busy() {
            clerk.call(now, command.clone(), false, &mut out);
            fresh = true;
        }
        now = clerk.alarm().map_or(now, |alarm| alarm.at);
        clerk.wake(now, &mut out);
        let mut asked: Vec<_> = out.drain().collect();
        while let Some(errand) = asked.pop() {
            match errand {
                Errand::Send { to, request } => {
                    now += Duration::from_millis(1);
                    let result = if to == last {
                        Ok(store.apply(&request.command))
                    } else {
                        Err(Refusal::Refused(Refused::NotLeader { hint: Some(last) }))
                    };
                    clerk.receive(now, to, Response { tag: request.tag, result }, &mut out);
                }
                Errand::Done { reply: Some(reply), .. } if fresh => return reply,
                Errand::Done { .. } => {}
            }
            asked.extend(out.drain());
        }
    }
    panic!("no reply until {now}: {clerk:?}");
}

#[test]
fn a_client_takes_any_response_and_is_served_afterwards() {
    let rounds = tier::count(200, 2_000);
    let served = tier::parallel(0..rounds, |seed| {
        let world = world(seed % 60);
        let scenario = world.scenario();
        let longest = scenario.patience.attempt.max(scenario.patience.rest_max);
        let node = world.servers().last().expect("there are servers");
        let machine = node.server().expect("nobody crashed").machine();
        let mut store = machine.store().expect("it has all keys").clone();
        let mut served = 0;
        for client in world.nodes().iter().filter_map(|node| node.client()) {
            let mut clerk = client.clerk().group().expect("there is one group").clone();
            let lane = Rng::keyed(&[seed, served, 7]);
            let mut hostile = Hostile { lane, term: 0, slot: 0 };
            let now = molest(&mut clerk, &mut hostile, longest);
            // Twice: what the first left behind must not stand in the way of the second.
            for _ in 0..2 {
                let reply = serve(&mut clerk, &mut store, node.id(), now);
                served += 1;
                assert_eq!(reply, Reply::Written { version: served }, "seed {seed}");
            }
        }
        served
    });
    assert_eq!(served.iter().sum::<u64>(), 4 * rounds);
}
