//! What the field's courses demand of a shard controller, as far as one replica can show it: the
//! names of the rows are theirs.

use super::*;

/// Exactly these groups, every shard with one of them, and no more than one shard between them.
fn check(controller: &Controller, expected: &[u16]) {
    let latest = controller.latest();
    assert!(latest.gids().eq(expected.iter().map(|gid| Gid(*gid))), "{latest}");
    for gid in latest.gids() {
        assert_eq!(latest.servers(gid), Some(&*servers(gid.0)));
    }
    let owners = owners(controller);
    if expected.is_empty() {
        assert!(owners.iter().all(|owner| *owner == 0), "nobody is left: {owners:?}");
        return;
    }
    let sizes = expected.iter().map(|gid| owners.iter().filter(|owner| *owner == gid).count());
    assert_eq!(sizes.clone().sum::<usize>(), owners.len(), "an exact partition: {owners:?}");
    let spread = sizes.clone().max().unwrap() - sizes.min().unwrap();
    assert!(spread <= 1, "{owners:?}");
}

/// The shards whose owner changed, with both.
fn moved(before: &Controller, after: &Controller) -> Vec<(u16, u16)> {
    let pairs = owners(before).into_iter().zip(owners(after));
    pairs.filter(|(old, new)| old != new).collect()
}

/// TestBasic, leave and join; DSLabs 01, 02 and 04.
#[test]
fn basic_leave_and_join() {
    let mut controller = Controller::new(10);
    check(&controller, &[]);
    let steps: [(Command, &[u16]); 5] = [
        (join(&[1]), &[1]),
        (join(&[2]), &[1, 2]),
        (leave(&[1]), &[2]),
        (join(&[1]), &[1, 2]),
        (leave(&[2]), &[1]),
    ];
    for (number, (change, expected)) in (1..).zip(steps) {
        assert_eq!(controller.apply(&change), Reply::Changed(ConfigNumber(number)), "{change}");
        check(&controller, expected);
    }
}

/// TestMulti, multi-group join and leave.
#[test]
fn multi_group_join_and_leave() {
    let mut controller = Controller::new(10);
    let steps: [(Command, &[u16]); 5] = [
        (join(&[1, 2]), &[1, 2]),
        (join(&[3]), &[1, 2, 3]),
        (leave(&[1, 3]), &[2]),
        (leave(&[2]), &[]),
        (join(&[5, 4]), &[4, 5]),
    ];
    for (change, expected) in steps {
        assert!(matches!(controller.apply(&change), Reply::Changed(_)), "{change}");
        check(&controller, expected);
    }
}

/// TestBasic, minimal transfers after joins and leaves: with groups that exist.
#[test]
fn minimal_transfers_after_joins_and_leaves() {
    for shards in [10, 12, 64] {
        let mut controller = changed(shards, &[join(&[1, 2, 3])]);
        for gid in 4..=8 {
            let before = controller.clone();
            controller.apply(&join(&[gid]));
            let moved = moved(&before, &controller);
            assert!(moved.iter().all(|(_, to)| *to == gid), "all to the new one: {moved:?}");
            assert_eq!(moved.len(), usize::from(shards / gid), "a share, rounded down");
        }
        for gid in 4..=8 {
            let before = controller.clone();
            controller.apply(&leave(&[gid]));
            let moved = moved(&before, &controller);
            assert!(moved.iter().all(|(from, _)| *from == gid), "only what it had: {moved:?}");
            let had = owners(&before).iter().filter(|owner| **owner == gid).count();
            assert_eq!(moved.len(), had);
        }
        check(&controller, &[1, 2, 3]);
    }
}

/// TestMinimalAgain.
#[test]
fn minimal_again() {
    let mut controller = changed(10, &[join(&[1]), join(&[2])]);
    for (change, gid) in [(join(&[3]), 3), (leave(&[1]), 1)] {
        let before = controller.clone();
        controller.apply(&change);
        let moved = moved(&before, &controller);
        assert!((1..=10 / 3 + 1).contains(&moved.len()), "{moved:?}");
        assert!(moved.iter().all(|(from, to)| *from == gid || *to == gid), "{moved:?}");
    }
}

/// DSLabs 05: joins and leaves of one group, from any balanced state.
#[test]
fn a_join_moves_a_share_to_the_new_group_and_a_leave_what_the_leaver_had() {
    for shards in 1..=MAX_SHARDS {
        let mut controller = changed(shards, &[join(&[1])]);
        for gid in 2..=8 {
            let before = controller.clone();
            controller.apply(&join(&[gid]));
            let joined = moved(&before, &controller);
            assert_eq!(joined.len(), usize::from(shards / gid), "{shards} shards");
            assert!(joined.iter().all(|(_, to)| *to == gid));
            for leaver in 1..=gid {
                let mut later = controller.clone();
                later.apply(&leave(&[leaver]));
                let had = owners(&controller).iter().filter(|owner| **owner == leaver).count();
                let left = moved(&controller, &later);
                assert_eq!(left.len(), had, "{shards} shards, {leaver} of {gid} leaves");
                assert!(left.iter().all(|(from, _)| *from == leaver));
            }
        }
    }
}

/// TestBasic, Move: the number grows with each, and the place is exact.
#[test]
fn moves_put_every_shard_where_it_was_told() {
    let mut controller = changed(10, &[join(&[3, 4])]);
    let mut number = controller.latest().number;
    for shard in 0..10 {
        let to = if shard < 5 { 3 } else { 4 };
        match controller.apply(&move_shard(shard, to)) {
            Reply::Changed(next) => {
                assert_eq!(next, number.next());
                number = next;
            }
            reply => {
                let there = Refusal::Owner { shard: ShardId(shard), gid: Gid(to) };
                assert_eq!(reply, Reply::Refused(there));
            }
        }
    }
    assert_eq!(owners(&controller), [3, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
    assert!(number > ConfigNumber(1), "something was moved");
}

/// DSLabs 07: exactly one shard moves, the spread grows by two for each, and a join mends it.
#[test]
fn a_move_disturbs_the_balance_by_two_at_most_until_the_next_join() {
    let mut controller = changed(10, &[join(&[1, 2, 3])]);
    for (count, shard) in (1..).zip(0..10) {
        let owner = owners(&controller)[usize::from(shard)];
        let before = controller.clone();
        let moved_to = owner % 3 + 1;
        assert!(matches!(controller.apply(&move_shard(shard, moved_to)), Reply::Changed(_)));
        assert_eq!(moved(&before, &controller), [(owner, moved_to)]);
        let sizes = [1, 2, 3].map(|gid| owners(&controller).iter().filter(|o| **o == gid).count());
        let spread = sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
        assert!(spread <= 1 + 2 * count, "{sizes:?} after {count}");
        let mut later = controller.clone();
        later.apply(&join(&[4]));
        check(&later, &[1, 2, 3, 4]);
    }
}

/// TestBasic, historical queries; DSLabs 06.
#[test]
fn historical_queries_are_repeatable() {
    let mut controller = Controller::new(10);
    let mut seen = vec![controller.latest().clone()];
    for change in [join(&[1]), join(&[2, 3]), move_shard(4, 3), leave(&[1]), leave(&[2, 3])] {
        controller.apply(&change);
        seen.push(controller.latest().clone());
        for config in &seen {
            let query = Command::Query(Some(config.number));
            assert_eq!(controller.apply(&query), Reply::Config(config.clone()));
        }
    }
    assert_eq!(seen.len(), 6);
}

/// DSLabs 08, with as many shards as there can be.
#[test]
fn a_hundred_commands_give_ten_fresh_instances_the_same_configurations() {
    let mut lane = crate::rng::Rng::keyed(&[100]);
    let commands: Vec<Command> = (0..100).map(|_| laws::drawn(&mut lane, MAX_SHARDS)).collect();
    let run = || {
        let mut controller = Controller::new(MAX_SHARDS);
        let replies: Vec<Reply> = commands.iter().map(|it| controller.apply(it)).collect();
        (controller, replies)
    };
    let first = run();
    assert!(first.0.latest().number >= ConfigNumber(25), "most of them change something");
    assert!((0..9).all(|_| run() == first));
}
