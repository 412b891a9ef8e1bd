//! The state of one group.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::*;
use super::lab::Plan;
use crate::controller::{Config, Controller};
use crate::id::{ClientId, ConfigNumber, Gid, Serial, ShardId};
use crate::kv;
use crate::machine::{Answer, Call, Frame, Machine, encoded_len};

fn group(gid: u16) -> ShardKv {
    ShardKv::new(Gid(gid), Plan::of(0).settings)
}

fn config(number: u64, shards: [u16; 4], holders: [u16; 4]) -> Config {
    let list = |gids: [u16; 4]| gids.map(Gid).into_iter().collect::<Arc<[Gid]>>();
    let initial = Controller::new(4).latest().clone();
    let number = ConfigNumber(number);
    Config { number, shards: list(shards), holders: list(holders), ..initial }
}

fn configure(group: &mut ShardKv, config: Config) -> bool {
    let reply = group.apply(&Command::Configure(config));
    assert_eq!(group.bytes(), encoded_len(group));
    reply == Reply::Configured(true)
}

fn call(client: u64, serial: u64, line: &str) -> Command {
    let command: kv::Command = line.parse().unwrap();
    Command::Client(Call { client: ClientId(client), serial: Serial(serial), command })
}

fn statuses(group: &ShardKv) -> Vec<Status> {
    group.holdings().map(|(_, holding)| holding.status()).collect()
}

fn wrong(config: u64) -> Reply {
    Reply::WrongGroup { config: ConfigNumber(config) }
}

fn installs(from: &ShardKv, shard: u16) -> Vec<Install> {
    let (config, shard) = (from.config().number, ShardId(shard));
    let pieces = from.pieces(shard);
    let of = pieces.len() as u32;
    let install = |(index, piece)| Install { config, shard, index, of, piece };
    (0..).zip(pieces).map(install).collect()
}

use Status::{Absent, Awaiting, Frozen, Parked, Serving};

#[test]
fn a_configuration_makes_of_each_shard_what_its_owner_and_its_holder_say() {
    let mut one = group(1);
    assert!(configure(&mut one, config(1, [1, 1, 2, 0], [0, 0, 0, 0])));
    assert_eq!(statuses(&one), [Serving, Serving, Absent, Absent]);
    assert!(configure(&mut one, config(2, [1, 0, 1, 1], [1, 1, 2, 0])));
    assert_eq!(statuses(&one), [Serving, Parked, Awaiting, Serving]);
    assert!(!configure(&mut one, config(3, [1, 1, 1, 1], [1, 1, 1, 1])), "one is awaited");
}

#[test]
fn only_the_next_configuration_of_the_right_size_is_taken() {
    let mut one = group(1);
    let initial = one.clone();
    let first = config(1, [1; 4], [0; 4]);
    let wrong = [
        config(0, [1; 4], [0; 4]),
        config(2, [1; 4], [0; 4]),
        config(u64::MAX, [1; 4], [0; 4]),
        Config { shards: Arc::from([Gid(1)]), ..first.clone() },
        Config { holders: Arc::from([Gid(1); 9]), ..first.clone() },
    ];
    for config in wrong {
        assert!(!configure(&mut one, config));
        assert_eq!(one, initial);
    }
    assert!(configure(&mut one, first.clone()) && !configure(&mut one, first));
}

#[test]
fn a_shard_that_was_given_away_is_refused_and_remembers_nothing() {
    let mut one = group(1);
    assert_eq!(one.apply(&call(1, 1, "put a 1")), wrong(0));
    configure(&mut one, config(1, [1; 4], [0; 4]));
    assert!(matches!(one.apply(&call(1, 1, "put a 1")), Reply::Client(Answer::Done(_))));
    let get = call(2, 1, "get a");
    assert_eq!(one.read(&get), Some(Reply::Client(Answer::Done(kv::Reply::Value("1".into())))));
    configure(&mut one, config(2, [2; 4], [1; 4]));
    let before = one.clone();
    assert_eq!(one.read(&get), Some(wrong(2)));
    assert_eq!(one.apply(&get), wrong(2));
    assert_eq!(one.apply(&call(1, 1, "put a 1")), wrong(2), "not even a repeat");
    assert_eq!(one, before);
    assert_eq!(one.read(&call(2, 1, "put a 2")), None, "a write is no read");
}

#[test]
fn pieces_are_taken_in_order_once_and_under_their_configuration() {
    let mut settings = Plan::of(0).settings;
    settings.piece_limit = Some(1);
    let (mut one, mut two) = (ShardKv::new(Gid(1), settings), ShardKv::new(Gid(2), settings));
    let say = |two: &mut ShardKv, install: &Install| {
        let reply = two.apply(&Command::Install(install.clone()));
        assert_eq!(two.bytes(), encoded_len(two));
        let Reply::Install(installed) = reply else { panic!("{reply:?}") };
        installed
    };
    configure(&mut one, config(1, [1; 4], [0; 4]));
    for (serial, line) in (1..).zip(["append a x", "append a y", "append e z"]) {
        one.apply(&call(7, serial, line));
    }
    configure(&mut one, config(2, [1, 2, 1, 1], [1; 4]));
    let pieces = installs(&one, 1);
    assert_eq!(pieces.len(), 4, "the frame, two keys, a session");
    configure(&mut two, config(1, [1; 4], [0; 4]));
    let not_yet = Installed::NotYet { config: ConfigNumber(1) };
    assert_eq!(say(&mut two, &pieces[0]), not_yet);
    configure(&mut two, config(2, [1, 2, 1, 1], [1; 4]));
    assert_eq!(say(&mut two, &pieces[1]), Installed::Next(0), "out of order");
    assert_eq!(say(&mut two, &pieces[0]), Installed::Next(1));
    assert_eq!(say(&mut two, &pieces[0]), Installed::Next(1), "again");
    assert_eq!(two.apply(&call(7, 3, "append e z")), wrong(2), "not before the last");
    for piece in &pieces[1..3] {
        say(&mut two, piece);
    }
    assert_eq!(say(&mut two, &pieces[3]), Installed::Done);
    let full = two.clone();
    assert_eq!(say(&mut two, &pieces[3]), Installed::Done);
    assert_eq!(two, full);
    // The sessions came along: the last call is known here, and an earlier one is stale.
    let (Reply::Client(again), Reply::Client(older)) =
        (two.apply(&call(7, 3, "append e z")), two.apply(&call(7, 2, "append a y")))
    else {
        panic!()
    };
    assert_eq!(again, Answer::Done(kv::Reply::Written { version: 1 }));
    assert_eq!((older, &two), (Answer::Stale, &full));
    // A later configuration: the sender may go on.
    let other = Command::Delete { config: ConfigNumber(1), shard: ShardId(1) };
    assert_eq!(one.apply(&other), Reply::Deleted(false));
    let delete = Command::Delete { config: ConfigNumber(2), shard: ShardId(1) };
    assert_eq!(one.apply(&delete), Reply::Deleted(true));
    assert_eq!((one.apply(&delete), statuses(&one)[1]), (Reply::Deleted(false), Absent));
    configure(&mut two, config(3, [2; 4], [1, 2, 1, 1]));
    assert_eq!(say(&mut two, &pieces[0]), Installed::Done);
}

#[test]
fn a_piece_for_a_shard_that_is_not_expected_claims_nothing() {
    let mut two = group(2);
    configure(&mut two, config(1, [1, 2, 1, 0], [0; 4]));
    configure(&mut two, config(2, [1, 1, 1, 0], [1, 2, 1, 0]));
    assert_eq!(statuses(&two), [Absent, Frozen, Absent, Absent]);
    let before = two.clone();
    for shard in [0, 1, 3, 4, 64, u16::MAX] {
        let (config, shard) = (ConfigNumber(2), ShardId(shard));
        let install = Install { config, shard, index: 0, of: 1, piece: Arc::default() };
        let not_yet = Reply::Install(Installed::NotYet { config });
        assert_eq!(two.apply(&Command::Install(install)), not_yet);
        let delete = Command::Delete { config: ConfigNumber(9), shard };
        assert_eq!(two.apply(&delete), Reply::Deleted(false));
    }
    assert_eq!(two, before);
}

#[test]
fn absurd_pieces_do_no_harm() {
    let absurd = Frame { floor: ClientId(u64::MAX), calls: u64::MAX, limit: 0 };
    for (index, of) in [(0, 0), (0, 1), (0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
        let mut two = group(2);
        configure(&mut two, config(1, [1; 4], [0; 4]));
        configure(&mut two, config(2, [2; 4], [1; 4]));
        let piece = Piece { frame: Some(absurd), ..Piece::default() };
        let (config, shard, piece) = (ConfigNumber(2), ShardId(1), Arc::new(piece));
        let install = Command::Install(Install { config, shard, index, of, piece });
        for _ in 0..3 {
            two.apply(&install);
            two.apply(&call(1, 1, "put a 1"));
            assert_eq!(two.bytes(), encoded_len(&two));
        }
    }
}

#[test]
fn what_is_known_is_said_at_the_door() {
    let door = |group: &ShardKv, command: &Command| {
        (ShardKv::composition(crate::id::MutantId::Paper).known)(group, command)
    };
    let mut one = group(1);
    configure(&mut one, config(1, [1, 2, 1, 1], [0; 4]));
    let mut two = group(2);
    assert_eq!(door(&one, &call(1, 1, "get a")), Some(wrong(1)));
    assert_eq!(door(&one, &call(1, 1, "get b")), None);
    configure(&mut one, config(2, [1, 2, 2, 1], [1, 2, 1, 1]));
    let piece = &installs(&one, 2)[0];
    let push = Command::Install(piece.clone());
    assert_eq!(door(&two, &push), None, "not yet may be over when it comes to it");
    configure(&mut two, config(1, [1, 2, 1, 1], [0; 4]));
    configure(&mut two, config(2, [1, 2, 2, 1], [1, 2, 1, 1]));
    assert_eq!(door(&two, &push), None, "it must be taken in");
    two.apply(&push);
    assert_eq!(door(&two, &push), Some(Reply::Install(Installed::Done)));
}
