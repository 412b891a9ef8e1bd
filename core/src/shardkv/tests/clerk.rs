//! A clerk, and the controller and the groups that a test plays.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::clerk::{Errand, Errands, Heard, Operation, Outcome};
use super::super::*;
use super::lab::{join, key, servers};
use crate::clerk::Patience;
use crate::controller::{self, Config, Controller};
use crate::id::{ClientId, ConfigNumber, Gid, NodeId, Serial};
use crate::kv;
use crate::machine::Answer;
use crate::protocol::Refused;
use crate::rng::Rng;
use crate::server::Refusal;
use crate::sorted::Sorted;
use crate::time::{Duration, Instant};

fn config(number: u64, owners: [u16; 4]) -> Heard {
    let initial = Controller::new(4).latest().clone();
    let mut groups = Sorted::default();
    for gid in owners.into_iter().filter(|gid| *gid > 0) {
        groups.insert(Gid(gid), servers(gid).into());
    }
    let (number, groups) = (ConfigNumber(number), Arc::new(groups));
    let shards = owners.map(Gid).into_iter().collect();
    let config = Config { number, groups, shards, ..initial };
    Heard::Controller(Answer::Done(controller::Reply::Config(config)))
}

fn wrong_group() -> Heard {
    Heard::Group(Reply::WrongGroup { config: ConfigNumber(1) })
}

fn done(value: &str) -> Heard {
    Heard::Group(Reply::Client(Answer::Done(kv::Reply::Value(value.into()))))
}

/// Whom a clerk speaks to.
#[derive(Debug, PartialEq, Eq)]
enum Spoken {
    Controller(NodeId, ClientId, Serial),
    Group(NodeId, ClientId, Serial),
    Done(Option<Outcome>),
}

struct Bench {
    clerk: ShardClerk,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let patience = Patience {
            attempt: Duration::from_millis(100),
            rest_min: Duration::from_millis(10),
            rest_max: Duration::from_millis(80),
        };
        let controller = [NodeId(0), NodeId(1), NodeId(2)].into();
        let (id, lane) = (ClientId(3), Rng::keyed(&[1]));
        let routing = Routing::FirstByte;
        let clerk = ShardClerk::new(controller, routing, id, 16, patience, lane);
        Self { clerk, now: Instant::from_micros(1_000) }
    }

    fn call(&mut self, operation: Operation) -> Vec<Spoken> {
        let mut out = Errands::default();
        self.clerk.call(self.now, operation, false, &mut out);
        self.spoken(out)
    }

    fn wake(&mut self) -> Vec<Spoken> {
        let mut out = Errands::default();
        self.now = self.clerk.alarm().expect("it waits for something").at;
        self.clerk.wake(self.now, &mut out);
        assert!(self.clerk.alarm().is_none_or(|alarm| alarm.at > self.now));
        self.spoken(out)
    }

    fn hear(&mut self, from: NodeId, heard: Heard) -> Vec<Spoken> {
        let mut out = Errands::default();
        self.clerk.receive(self.now, from, self.clerk.serial().0, heard, &mut out);
        self.spoken(out)
    }

    fn spoken(&self, mut out: Errands) -> Vec<Spoken> {
        let spoken = out.drain().map(|errand| match errand {
            Errand::Ask { to, request } => {
                Spoken::Controller(to, request.command.client, request.command.serial)
            }
            Errand::Send { to, request } => {
                Spoken::Group(to, request.command.client, request.command.serial)
            }
            Errand::Done { reply, .. } => Spoken::Done(reply),
        });
        spoken.collect()
    }

    /// A call about a key of shard 1 that has gone to group 1 under configuration 1.
    fn asked(&mut self) -> NodeId {
        let asked = self.call(key("append a x"));
        self.controller(&asked);
        let sent = self.hear(controller(&asked), config(1, [1; 4]));
        self.group(&sent, 1)
    }

    fn controller(&self, spoken: &[Spoken]) {
        assert!(matches!(spoken, [Spoken::Controller(..)]), "{spoken:?}");
    }

    fn group(&self, spoken: &[Spoken], gid: u16) -> NodeId {
        match spoken {
            [Spoken::Group(to, client, serial)] if servers(gid).contains(to) => {
                assert_eq!((*client, *serial), (self.clerk.client(), self.clerk.serial()));
                *to
            }
            other => panic!("{other:?}"),
        }
    }
}

fn controller(spoken: &[Spoken]) -> NodeId {
    match spoken {
        [Spoken::Controller(to, ..)] => *to,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_learns_the_configuration_once_and_asks_the_owner() {
    let mut bench = Bench::new();
    let to = bench.asked();
    assert!(matches!(&bench.hear(to, done("1"))[..], [Spoken::Done(Some(Outcome::Key(_)))]));
    let sent = bench.call(key("get b"));
    assert_eq!(bench.group(&sent, 1), to, "at once, and at the server that answered");
    assert_eq!(bench.call(key("get c")), [], "one call at a time");
}

#[test]
fn a_shard_that_moved_is_followed_under_the_same_number() {
    let mut bench = Bench::new();
    let to = bench.asked();
    let asked = bench.hear(to, wrong_group());
    let sent = bench.hear(controller(&asked), config(2, [2; 4]));
    let next = bench.group(&sent, 2);
    assert_eq!(bench.hear(to, wrong_group()), [], "the old group has nothing more to say");
    assert!(matches!(bench.hear(next, done("x"))[..], [Spoken::Done(Some(_))]));
}

#[test]
fn a_shard_on_its_way_is_asked_for_after_a_rest_each_time_longer() {
    let mut bench = Bench::new();
    let mut to = bench.asked();
    let mut rests = Vec::new();
    for _ in 0..8 {
        let asked = bench.hear(to, wrong_group());
        assert_eq!(bench.hear(controller(&asked), config(1, [1; 4])), [], "no news: it rests");
        let (before, due) = (bench.now, bench.clerk.alarm());
        assert_eq!(bench.hear(to, wrong_group()), [], "a copy of what was said already");
        assert_eq!(bench.clerk.alarm(), due, "it does not end the rest, nor make it longer");
        let sent = bench.wake();
        rests.push(bench.now.since(before).as_micros() / 1_000);
        let next = bench.group(&sent, 1);
        assert_ne!(next, to, "the one asked may only be behind");
        to = next;
    }
    assert!(rests[0] <= 10 && rests[6] >= 40 && rests.iter().all(|rest| *rest <= 80), "{rests:?}");
}

#[test]
fn a_key_that_nobody_owns_waits_for_an_owner() {
    let mut bench = Bench::new();
    let asked = bench.call(key("get a"));
    let mut from = controller(&asked);
    for number in 1..6 {
        assert_eq!(bench.hear(from, config(number, [0; 4])), []);
        let (before, due) = (bench.now, bench.clerk.alarm());
        assert_eq!(bench.hear(from, config(number, [0; 4])), [], "a copy of it");
        assert_eq!(bench.clerk.alarm(), due, "it does not make the rest longer");
        assert_eq!(bench.hear(from, config(number + 1, [0; 4])), [], "news, and nobody owns it");
        assert_eq!(bench.clerk.alarm(), due, "nor does that");
        let asked = bench.wake();
        assert!(bench.now > before);
        from = controller(&asked);
    }
    let sent = bench.hear(from, config(7, [0, 3, 0, 0]));
    bench.group(&sent, 3);
}

#[test]
fn news_ends_a_rest_and_nothing_else_does() {
    let mut bench = Bench::new();
    let to = bench.asked();
    let mut from = controller(&bench.hear(to, wrong_group()));
    for _ in 0..2 {
        let refused = Heard::Refused(Refusal::Dropped);
        from = controller(&bench.hear(from, refused));
    }
    assert_eq!(bench.hear(from, Heard::Refused(Refusal::Dropped)), [], "all have refused");
    let due = bench.clerk.alarm();
    assert_eq!(bench.hear(from, config(1, [1; 4])), [], "a copy of what it knows");
    assert_eq!(bench.clerk.alarm(), due);
    let sent = bench.hear(from, config(2, [2; 4]));
    let to = bench.group(&sent, 2);
    // While it waits for the group, or rests before it asks again.
    assert_eq!(bench.hear(from, config(2, [2; 4])), []);
    let sent = bench.hear(from, config(3, [1; 4]));
    assert_eq!(bench.hear(to, wrong_group()), [], "it is not asked any more");
    let to = bench.group(&sent, 1);
    let asked = bench.hear(to, wrong_group());
    assert_eq!(bench.hear(controller(&asked), config(3, [1; 4])), [], "no news: it rests");
    assert_eq!(bench.hear(from, config(1, [1; 4])), [], "what is old");
    let sent = bench.hear(from, config(4, [1; 4]));
    let next = bench.group(&sent, 1);
    assert_ne!(next, to, "the one asked may only be behind");
    let due = bench.clerk.alarm();
    assert_eq!(bench.hear(from, config(5, [1; 4])), [], "the owner has the request already");
    assert_eq!(bench.clerk.alarm(), due);
    let sent = bench.hear(from, config(6, [2; 4]));
    bench.group(&sent, 2);
}

#[test]
fn a_group_of_which_nobody_speaks_may_have_left() {
    let mut bench = Bench::new();
    bench.asked();
    for _ in 0..2 {
        let sent = bench.wake();
        bench.group(&sent, 1);
    }
    let asked = bench.wake();
    let sent = bench.hear(controller(&asked), config(1, [1; 4]));
    bench.group(&sent, 1);
    for _ in 0..2 {
        let sent = bench.wake();
        bench.group(&sent, 1);
    }
    let asked = bench.wake();
    let sent = bench.hear(controller(&asked), config(2, [2; 4]));
    bench.group(&sent, 2);
}

#[test]
fn a_group_that_only_refuses_may_have_lost_the_shard() {
    let refused = || Heard::Refused(Refusal::Refused(Refused::NotLeader { hint: None }));
    // All are there and have no leader, or one of them is and the others are silent.
    for there in [3, 1] {
        let mut bench = Bench::new();
        let first = bench.asked();
        let (mut to, mut sent) = (first, Vec::from([first]));
        let asked = loop {
            let heard = there == 3 || to == first;
            let mut spoken = if heard { bench.hear(to, refused()) } else { bench.wake() };
            if spoken.is_empty() {
                spoken = bench.wake();
            }
            match spoken[..] {
                [Spoken::Group(next, ..)] => to = next,
                _ => break spoken,
            }
            sent.push(to);
            assert!(sent.len() < 10, "it never asks where the shard is: {there}");
        };
        sent.sort_unstable();
        assert_eq!(sent, servers(1), "each once");
        let sent = bench.hear(controller(&asked), config(2, [2; 4]));
        bench.group(&sent, 2);
    }
}

#[test]
fn a_controller_that_is_silent_keeps_nobody_from_a_group_that_serves() {
    let mut bench = Bench::new();
    bench.asked();
    for round in 0..4 {
        for _ in 0..2 {
            let sent = bench.wake();
            bench.group(&sent, 1);
        }
        for _ in 0..3 {
            let asked = bench.wake();
            bench.controller(&asked);
        }
        let sent = bench.wake();
        let to = bench.group(&sent, 1);
        if round == 3 {
            assert!(matches!(bench.hear(to, done("1"))[..], [Spoken::Done(Some(_))]));
        }
    }
    // Where nobody owns the shard there is nobody else to ask.
    let mut bench = Bench::new();
    let mut asked = bench.call(key("get a"));
    asked = match bench.hear(controller(&asked), config(1, [0; 4]))[..] {
        [] => bench.wake(),
        ref other => panic!("{other:?}"),
    };
    for _ in 0..8 {
        bench.controller(&asked);
        asked = bench.wake();
        if asked.is_empty() {
            asked = bench.wake();
        }
    }
}

#[test]
fn it_speaks_to_the_controller_too() {
    let mut bench = Bench::new();
    let first = controller(&bench.call(join(&[1])));
    let hint = NodeId((first.0 + 1) % 3);
    let refusal = Refusal::Refused(Refused::NotLeader { hint: Some(hint) });
    let second = bench.hear(first, Heard::Refused(refusal));
    assert_eq!(second, [Spoken::Controller(hint, ClientId(3), Serial(1))]);
    let changed = controller::Reply::Changed(ConfigNumber(1));
    let over = bench.hear(hint, Heard::Controller(Answer::Done(changed.clone())));
    assert_eq!(over, [Spoken::Done(Some(Outcome::Control(changed)))]);
}

#[test]
fn only_an_answer_to_the_open_call_counts() {
    let mut bench = Bench::new();
    assert_eq!(bench.hear(NodeId(3), done("1")), [], "nothing is open");
    let to = bench.asked();
    bench.hear(to, done("1"));
    let sent = bench.call(key("get a"));
    let to = bench.group(&sent, 1);
    let mut out = Errands::default();
    bench.clerk.receive(bench.now, to, 1, done("1"), &mut out);
    assert!(out.is_empty(), "a late copy of the first answer");
    // An answer that comes while it asks where the shard is counts all the same.
    let asked = bench.hear(to, wrong_group());
    bench.controller(&asked);
    assert!(matches!(bench.hear(NodeId(8), done("2"))[..], [Spoken::Done(Some(_))]));
}

#[test]
fn an_expired_session_leaves_the_outcome_open_and_a_new_id_is_taken() {
    let mut bench = Bench::new();
    let to = bench.asked();
    let expired = Answer::Expired { floor: ClientId(40) };
    assert_eq!(bench.hear(to, Heard::Group(Reply::Client(expired))), [Spoken::Done(None)]);
    assert_eq!(bench.clerk.client(), ClientId(51), "the clerk's own next id above the floor");
    let sent = bench.call(key("append a y"));
    bench.group(&sent, 1);
}
