//! The controller as a machine; its laws, the field's table and its mutants in files of their own.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;

mod courses;
mod laws;
mod mutants;
mod refusals;

/// The servers of a group: three, and no group shares any.
fn servers(gid: u16) -> Vec<NodeId> {
    (0..3).map(|n| NodeId(gid * 3 + n)).collect()
}

fn join(gids: &[u16]) -> Command {
    Command::Join(gids.iter().map(|gid| (Gid(*gid), servers(*gid))).collect())
}

fn leave(gids: &[u16]) -> Command {
    Command::Leave(gids.iter().map(|gid| Gid(*gid)).collect())
}

const fn move_shard(shard: u16, to: u16) -> Command {
    Command::Move { shard: ShardId(shard), to: Gid(to) }
}

/// A controller after changes that all succeed.
fn changed(shards: u16, changes: &[Command]) -> Controller {
    let mut controller = Controller::new(shards);
    for (number, change) in (1..).zip(changes) {
        let reply = controller.apply(change);
        assert_eq!(reply, Reply::Changed(ConfigNumber(number)), "{change}");
    }
    controller
}

fn owners(controller: &Controller) -> Vec<u16> {
    controller.latest().shards.iter().map(|gid| gid.0).collect()
}

fn holders(controller: &Controller) -> Vec<u16> {
    controller.latest().holders.iter().map(|gid| gid.0).collect()
}

#[test]
fn in_configuration_0_there_is_no_group_and_nobody_owns_anything() {
    let controller = Controller::new(10);
    let first = controller.latest();
    assert_eq!((first.number, first.groups.len()), (ConfigNumber(0), 0));
    assert_eq!((owners(&controller), holders(&controller)), (vec![0; 10], vec![0; 10]));
}

#[test]
fn the_number_of_shards_is_held_to_its_limits() {
    for (asked, got) in [(0, 1), (1, 1), (64, 64), (65, 64), (u16::MAX, 64)] {
        assert_eq!(owners(&Controller::new(asked)).len(), got);
    }
}

#[test]
fn a_query_beyond_the_last_or_without_a_number_gives_the_latest() {
    let mut controller = changed(4, &[join(&[1]), join(&[2])]);
    let before = controller.clone();
    for number in [None, Some(ConfigNumber(2)), Some(ConfigNumber(3)), Some(ConfigNumber(u64::MAX))]
    {
        let query = Command::Query(number);
        let reply = controller.apply(&query);
        assert_eq!(reply, Reply::Config(controller.latest().clone()), "{query}");
        assert_eq!(controller.read(&query), Some(reply), "a query needs no log");
    }
    let first = Command::Query(Some(ConfigNumber(1)));
    let Reply::Config(first) = controller.apply(&first) else { panic!("a configuration") };
    assert_eq!((first.number, &*first.shards), (ConfigNumber(1), &[Gid(1); 4][..]));
    assert_eq!(controller, before, "a query changes nothing");
    assert_eq!(controller.read(&leave(&[1])), None, "a change needs the log");
}

#[test]
fn a_configuration_tells_who_held_each_shard_last_through_times_without_owner() {
    let steps = [join(&[1, 2]), leave(&[1]), leave(&[2]), join(&[3]), join(&[1])];
    let expected: [(&[u16], &[u16]); 5] = [
        (&[1, 2, 1, 2], &[0, 0, 0, 0]),
        (&[2, 2, 2, 2], &[1, 2, 1, 2]),
        (&[0, 0, 0, 0], &[2, 2, 2, 2]),
        (&[3, 3, 3, 3], &[2, 2, 2, 2]),
        (&[3, 3, 1, 1], &[3, 3, 3, 3]),
    ];
    for (at, expected) in expected.into_iter().enumerate() {
        let controller = changed(4, &steps[..=at]);
        assert_eq!((&*owners(&controller), &*holders(&controller)), expected, "change {at}");
    }
}

#[test]
fn parked_shards_go_home_when_their_holders_come_back() {
    let away = [join(&[1, 2]), leave(&[1, 2])];
    let mut controller = changed(5, &away);
    let plan = controller.plan(&join(&[2, 3])).unwrap();
    assert_eq!(plan.transfers.iter().filter(|transfer| transfer.carries_data()).count(), 3);
    assert_eq!((plan.moves(), plan.fewest), (0, 0), "nobody loses a shard that it serves");
    controller.apply(&join(&[2, 3]));
    assert_eq!(holders(&controller), [1, 2, 1, 2, 1]);
    assert_eq!([owners(&controller)[1], owners(&controller)[3]], [2, 2]);
}

#[test]
fn a_group_may_come_back_with_its_servers_in_any_order() {
    let mut controller = changed(3, &[join(&[1]), join(&[2]), leave(&[1])]);
    let mut shuffled = servers(1);
    shuffled.rotate_left(1);
    let back = Command::Join(vec![(Gid(1), shuffled)]);
    assert_eq!(controller.apply(&back), Reply::Changed(ConfigNumber(4)));
    assert_eq!(controller.latest().servers(Gid(1)), Some(&*servers(1)));
    assert_eq!(controller.latest().servers(Gid(7)), None);
}

#[test]
fn a_plan_tells_which_shards_would_go_where_and_does_nothing() {
    let controller = changed(6, &[join(&[1]), join(&[2])]);
    assert_eq!(owners(&controller), [1, 1, 1, 2, 2, 2]);
    let before = controller.clone();
    let plan = controller.plan(&join(&[3])).unwrap();
    let transfer = |shard, from, to| {
        let (shard, from, to) = (ShardId(shard), Gid(from), Gid(to));
        Transfer { shard, from, to, holder: from }
    };
    assert_eq!(plan.transfers, [transfer(2, 1, 3), transfer(5, 2, 3)]);
    assert_eq!((plan.moves(), plan.fewest), (2, 2));
    let plan = controller.plan(&move_shard(0, 2)).unwrap();
    assert_eq!(plan.transfers, [transfer(0, 1, 2)]);
    assert_eq!((plan.moves(), plan.fewest), (1, 1));
    let plan = controller.plan(&leave(&[1, 2])).unwrap();
    assert_eq!((plan.transfers.len(), plan.moves(), plan.fewest), (6, 0, 0));
    let plan = controller.plan(&Command::Query(None)).unwrap();
    assert_eq!((plan.transfers.len(), plan.fewest, &plan.config), (0, 0, before.latest()));
    assert_eq!(controller.plan(&leave(&[3])), Err(Refusal::Absent(Gid(3))));
    assert_eq!(controller, before);
}

#[test]
fn commands_and_replies_are_told_in_words() {
    let mut controller = Controller::new(3);
    let mut told = Vec::new();
    let one = Command::Join(vec![(Gid(2), vec![NodeId(9)])]);
    let latest = Command::Query(None);
    let first = Command::Query(Some(ConfigNumber(0)));
    for command in [join(&[1]), one, move_shard(0, 2), leave(&[1, 2]), latest, first, leave(&[])] {
        told.push(alloc::format!("{command} -> {}", controller.apply(&command)));
    }
    assert_eq!(
        told,
        [
            "join group 1 with 3 servers -> ok, configuration 1",
            "join group 2 with 1 server -> ok, configuration 2",
            "move shard 0 to group 2 -> ok, configuration 3",
            "leave group 1, group 2 -> ok, configuration 4",
            "query the latest configuration -> configuration 4: - - -",
            "query configuration 0 -> configuration 0: - - -",
            "leave nobody -> refused: No group is named: name at least one.",
        ]
    );
    assert_eq!(controller.configs().nth(3).unwrap().to_string(), "configuration 3: 2 1 2");
}
