//! A mover, and the controller and the groups that a test plays.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::mover::{Heard, Move, Moves};
use super::super::*;
use super::lab::{Plan, servers};
use crate::clerk::Patience;
use crate::controller::{Config, Controller};
use crate::id::{ClientId, ConfigNumber, Gid, Incarnation, MutantId, NodeId, Serial, ShardId};
use crate::machine::{Call, Machine};
use crate::protocol::Refused;
use crate::rng::Rng;
use crate::server::Refusal;
use crate::sorted::Sorted;
use crate::time::{Duration, Instant};

fn ms(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

fn config(number: u64, owners: [u16; 4], holders: [u16; 4]) -> Config {
    let list = |gids: [u16; 4]| gids.map(Gid).into_iter().collect::<Arc<[Gid]>>();
    let mut groups = Sorted::default();
    for gid in [1, 2] {
        groups.insert(Gid(gid), servers(gid).into());
    }
    let (number, groups) = (ConfigNumber(number), Arc::new(groups));
    Config { number, groups, shards: list(owners), holders: list(holders) }
}

/// A group's machine and mover, and what the mover wants.
struct Bench {
    machine: ShardKv,
    mover: Mover,
    now: Instant,
    leading: bool,
}

impl Bench {
    fn new(incarnation: u32) -> Self {
        let patience = Patience {
            attempt: Duration::from_millis(100),
            rest_min: Duration::from_millis(10),
            rest_max: Duration::from_millis(40),
        };
        let controller = [NodeId(0), NodeId(1)].into();
        let (poll, lane) = (Duration::from_millis(500), Rng::keyed(&[1]));
        let (life, mutant) = (Incarnation(incarnation), MutantId::Paper);
        let mover = Mover::new(Gid(1), life, controller, poll, patience, lane, mutant);
        let machine = ShardKv::new(Gid(1), Plan::of(0).settings);
        Self { machine, mover, now: ms(1), leading: true }
    }

    /// Owner of all shards, under configuration 1.
    fn owner() -> Self {
        let mut bench = Self::new(0);
        bench.machine.apply(&Command::Configure(config(1, [1; 4], [0; 4])));
        bench
    }

    fn look(&mut self) -> Vec<Move> {
        let mut out = Moves::default();
        self.mover.look(self.now, self.leading, &self.machine, &mut out);
        out.drain().collect()
    }

    /// Waits until the mover wants to be woken.
    fn wake(&mut self) -> Vec<Move> {
        let mut out = Moves::default();
        self.now = self.mover.alarm().expect("it waits for something").at;
        self.mover.wake(self.now, self.leading, &self.machine, &mut out);
        assert!(self.mover.alarm().is_none_or(|alarm| alarm.at > self.now));
        out.drain().collect()
    }

    fn hear(&mut self, from: NodeId, tag: u64, heard: Heard) -> Vec<Move> {
        let mut out = Moves::default();
        self.mover.receive(self.now, from, tag, heard, self.leading, &self.machine, &mut out);
        out.drain().collect()
    }

    fn apply(&mut self, command: &Command) -> Vec<Move> {
        self.machine.apply(command);
        self.look()
    }
}

fn ask(moves: &[Move]) -> (NodeId, u64, Option<ConfigNumber>) {
    match moves {
        [Move::Ask { to, tag, query }] => (*to, *tag, *query),
        other => panic!("{other:?}"),
    }
}

fn push(moves: &[Move]) -> (NodeId, u64, &Install) {
    match moves {
        [Move::Push { to, tag, install }] => (*to, *tag, install),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_asks_for_the_next_configuration_and_proposes_it() {
    let mut bench = Bench::new(0);
    let (from, tag, query) = ask(&bench.look());
    assert_eq!(query, Some(ConfigNumber(1)));
    assert_eq!(bench.look(), [], "nothing has changed");
    let latest = Heard::Config(Controller::new(4).latest().clone());
    assert_eq!(bench.hear(from, tag, latest), [], "there is none yet");
    assert_eq!(bench.mover.alarm().map(|alarm| alarm.at), Some(ms(501)));
    let (from, tag, _) = ask(&bench.wake());
    let first = config(1, [1; 4], [0; 4]);
    let proposed = bench.hear(from, tag, Heard::Config(first.clone()));
    assert_eq!(proposed, [Move::Propose(Command::Configure(first.clone()))]);
    // The proposal is lost: the question is asked again, and so is what follows.
    let (from, tag, _) = ask(&bench.wake());
    let again = bench.hear(from, tag, Heard::Config(first.clone()));
    assert_eq!(again, proposed);
    let (_, _, query) = ask(&bench.apply(&Command::Configure(first)));
    assert_eq!(query, Some(ConfigNumber(2)), "at once");
}

#[test]
fn silence_and_refusals_lead_to_another_server() {
    let mut bench = Bench::new(0);
    let (first, tag, _) = ask(&bench.look());
    let (second, same, _) = ask(&bench.wake());
    assert!(first != second && tag == same, "an answer to the first still counts");
    let refusal = Refusal::Refused(Refused::NotLeader { hint: Some(first) });
    let (third, ..) = ask(&bench.hear(second, tag, Heard::Refused(refusal)));
    assert_eq!(third, first, "the first one had its time: it may be asked at once");
    let refusal = Refusal::Refused(Refused::NotLeader { hint: Some(second) });
    // Of two, both have refused now, and a rest follows.
    assert_eq!(bench.hear(third, tag, Heard::Refused(refusal)), []);
    assert_eq!(ask(&bench.wake()).0, second);
}

#[test]
fn an_answer_to_an_earlier_life_is_none() {
    let mut old = Bench::new(4);
    let (from, tag, _) = ask(&old.look());
    let mut new = Bench::new(5);
    new.look();
    let first = config(1, [1; 4], [0; 4]);
    assert_eq!(new.hear(from, tag, Heard::Config(first.clone())), []);
    assert_eq!(old.hear(from, tag, Heard::Config(first)).len(), 1);
}

#[test]
fn whoever_does_not_lead_does_nothing() {
    let mut bench = Bench::owner();
    bench.leading = false;
    assert_eq!((bench.look(), bench.mover.alarm()), (Vec::new(), None));
    bench.apply(&Command::Configure(config(2, [2; 4], [1; 4])));
    assert_eq!(bench.mover.alarm(), None);
    bench.leading = true;
    assert_eq!(bench.look().len(), 4, "all four shards are frozen");
    bench.leading = false;
    assert_eq!((bench.look(), bench.mover.alarm()), (Vec::new(), None));
}

#[test]
fn a_frozen_shard_is_pushed_until_it_is_there_and_then_its_copy_goes() {
    let mut bench = Bench::owner();
    bench.look();
    let moves = bench.apply(&Command::Configure(config(2, [2, 1, 1, 1], [1; 4])));
    let (to, tag, install) = push(&moves);
    assert!(servers(2).contains(&to));
    assert_eq!((install.config, install.shard), (ConfigNumber(2), ShardId(0)));
    // It does not lead, and says who does.
    let leader = *servers(2).iter().find(|server| **server != to).unwrap();
    let hint = Refusal::Refused(Refused::NotLeader { hint: Some(leader) });
    let moves = bench.hear(to, tag, Heard::Refused(hint));
    let (second, tag, _) = push(&moves);
    assert_eq!(second, leader);
    // Not yet: after a rest, another server is asked.
    let not_yet = Installed::NotYet { config: ConfigNumber(1) };
    assert_eq!(bench.hear(leader, tag, Heard::Install(not_yet)), []);
    let (before, due) = (bench.now, bench.mover.alarm());
    assert_eq!(bench.hear(leader, tag, Heard::Install(not_yet)), [], "a copy of it");
    assert_eq!(bench.mover.alarm(), due, "it does not make the rest longer");
    let moves = bench.wake();
    let (third, tag, _) = push(&moves);
    assert!(third != leader && bench.now.since(before) <= Duration::from_millis(40));
    // What makes no sense is no progress.
    assert_eq!(bench.hear(third, tag, Heard::Install(Installed::Next(u32::MAX))), []);
    assert_eq!(bench.hear(third, tag, Heard::Install(Installed::Next(0))), []);
    bench.wake();
    let delete = Command::Delete { config: ConfigNumber(2), shard: ShardId(0) };
    let proposed = bench.hear(third, tag, Heard::Install(Installed::Done));
    assert_eq!(proposed, [Move::Propose(delete.clone())]);
    assert_eq!(bench.hear(third, tag, Heard::Install(Installed::Done)), [], "one at a time");
    assert_eq!(bench.wake(), proposed, "it may have been lost");
    let (_, _, query) = ask(&bench.apply(&delete));
    assert_eq!(query, Some(ConfigNumber(3)), "finished: on to the next");
    assert_eq!(bench.mover.pushes().count(), 0);
}

#[test]
fn pieces_follow_one_another_as_the_new_owner_says() {
    let mut bench = Bench::owner();
    let mut settings = *bench.machine.settings();
    settings.piece_limit = Some(1);
    bench.machine = ShardKv::new(Gid(1), settings);
    bench.machine.apply(&Command::Configure(config(1, [1; 4], [0; 4])));
    for (serial, line) in (1..).map(Serial).zip(["put d 1", "put d1 1", "put d2 1"]) {
        let (client, command) = (ClientId(1), line.parse().unwrap());
        bench.machine.apply(&Command::Client(Call { client, serial, command }));
    }
    bench.look();
    let moves = bench.apply(&Command::Configure(config(2, [2, 1, 1, 1], [1; 4])));
    let (to, tag, install) = push(&moves);
    let of = install.of;
    assert!(install.index == 0 && of >= 4, "{install:?}");
    let moves = bench.hear(to, tag, Heard::Install(Installed::Next(1)));
    let (to, next, install) = push(&moves);
    assert!(install.index == 1 && next != tag);
    assert_eq!(bench.hear(to, tag, Heard::Install(Installed::Next(2))), [], "an old answer");
    // An earlier leader came further.
    let moves = bench.hear(to, next, Heard::Install(Installed::Next(of - 1)));
    assert_eq!(push(&moves).2.index, of - 1);
}

#[test]
fn nobody_is_asked_for_the_next_configuration_before_this_one_is_finished() {
    let mut bench = Bench::new(0);
    bench.machine.apply(&Command::Configure(config(1, [2; 4], [0; 4])));
    bench.look();
    let moves = bench.apply(&Command::Configure(config(2, [1, 2, 2, 2], [2; 4])));
    assert_eq!((moves, bench.mover.alarm()), (Vec::new(), None), "it can only wait");
}
