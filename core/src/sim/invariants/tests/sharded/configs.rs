//! CI-1 to CI-9.

use super::*;

/// After the first configuration comes another one: as it should be, or as it should not.
fn configs_trip(law: Law, change: &Change, right: &Config, wrong: &Config) {
    for (last, broken) in [(right, &[][..]), (wrong, &[law])] {
        let mut stand = Stand::sharded(law);
        let mut all = Vec::from([nothing(), first()]);
        // Where a number is left out, nobody is told of it.
        let between = all.len() as u64..last.number.0;
        all.extend(between.map(|number| Config { number: ConfigNumber(number), ..first() }));
        all.push(last.clone());
        stand.load(CTL[0], &all);
        stand.change(CTL[0], 1, joins(2), controller::Reply::Changed(ConfigNumber(1)));
        stand.change(CTL[0], 2, change.clone(), controller::Reply::Changed(last.number));
        stand.expect(broken);
        assert!(stand.observers.checks(law) > 0, "{law:?}");
    }
}

#[test]
fn ci_1_a_configuration_leaves_a_number_out() {
    let right = config(2, &[1, 2], [2, 2, 1, 2], [1, 2, 1, 2]);
    let wrong = Config { number: ConfigNumber(3), ..right.clone() };
    configs_trip(Law::NumberedConfigs, &moves(0, 2), &right, &wrong);
}

#[test]
fn ci_1_a_snapshot_holds_what_nobody_saw() {
    let second = || config(2, &[1, 2], [2, 2, 1, 2], [1, 2, 1, 2]);
    let third = config(3, &[1, 2], [1, 2, 1, 2], [2, 2, 1, 2]);
    let mut stand = Stand::sharded(Law::NumberedConfigs);
    stand.load(CTL[0], &[nothing(), first()]);
    stand.change(CTL[0], 1, joins(2), controller::Reply::Changed(ConfigNumber(1)));
    // Slot 2 made the second one: it was executed, and the crash came before it was shown.
    stand.restore(CTL[0], &[nothing(), first(), second()]);
    stand.load(CTL[0], &[nothing(), first(), second(), third.clone()]);
    stand.change(CTL[0], 3, moves(0, 1), controller::Reply::Changed(ConfigNumber(3)));
    let gap = Config { number: ConfigNumber(5), ..second() };
    let all = [nothing(), first(), second(), third, gap];
    stand.trips(|stand| stand.restore(CTL[1], &all));
}

#[test]
fn ci_2_a_shard_belongs_to_nobody_who_is_there() {
    let right = config(2, &[2], [2; 4], [1, 2, 1, 2]);
    for owner in [0, 1, 7] {
        let wrong = config(2, &[2], [owner, 2, 2, 2], [1, 2, 1, 2]);
        configs_trip(Law::OwnersExist, &Change::Leave(Vec::from([Gid(1)])), &right, &wrong);
        let mut stand = Stand::sharded(Law::OwnersExist);
        stand.restore(CTL[0], &[nothing(), first(), right.clone()]);
        stand.trips(|stand| {
            let wrong = Config { number: ConfigNumber(3), ..wrong };
            stand.restore(CTL[0], &[nothing(), first(), right.clone(), wrong]);
        });
    }
}

#[test]
fn ci_3_a_join_leaves_one_group_with_two_more_than_another() {
    let right = config(2, &[1, 2, 3], [1, 2, 1, 3], [1, 2, 1, 2]);
    let wrong = config(2, &[1, 2, 3], [1, 2, 1, 2], [1, 2, 1, 2]);
    configs_trip(Law::EvenShares, &joins(3), &right, &wrong);
}

#[test]
fn ci_4_a_join_moves_more_than_it_must() {
    let right = config(2, &[1, 2, 3], [1, 2, 1, 3], [1, 2, 1, 2]);
    let wrong = config(2, &[1, 2, 3], [3, 2, 1, 1], [1, 2, 1, 2]);
    configs_trip(Law::FewestMoves, &joins(3), &right, &wrong);
}

#[test]
fn ci_5_a_move_moves_two_shards_or_none() {
    let right = config(2, &[1, 2], [2, 2, 1, 2], [1, 2, 1, 2]);
    for shards in [[2, 2, 2, 2], [1, 2, 1, 2]] {
        let wrong = config(2, &[1, 2], shards, [1, 2, 1, 2]);
        configs_trip(Law::OneMove, &moves(0, 2), &right, &wrong);
    }
}

#[test]
fn ci_6_two_servers_of_the_controller_differ() {
    let mut stand = Stand::sharded(Law::EqualConfigs);
    let one = [nothing(), config(1, &[1, 2], [1, 2, 1, 2], [0; 4])];
    let other = [nothing(), config(1, &[1, 2], [2, 1, 2, 1], [0; 4])];
    let done = controller::Reply::Changed(ConfigNumber(1));
    stand.load(CTL[0], &one);
    stand.load(CTL[1], &one);
    stand.change(CTL[0], 1, joins(2), done.clone());
    stand.change(CTL[1], 1, joins(2), done.clone());
    stand.trips(|stand| {
        stand.load(CTL[1], &other);
        stand.change(CTL[1], 1, joins(2), done.clone());
    });
    // A snapshot does not agree with what was made.
    let mut stand = Stand::sharded(Law::EqualConfigs);
    stand.load(CTL[0], &one);
    stand.change(CTL[0], 1, joins(2), done);
    stand.restore(CTL[1], &one);
    stand.trips(|stand| stand.restore(CTL[1], &other));
}

#[test]
fn ci_7_a_query_is_answered_with_another_configuration() {
    let all = [
        nothing(),
        config(1, &[1, 2], [1, 2, 1, 2], [0; 4]),
        config(2, &[1, 2], [2, 2, 1, 2], [1, 2, 1, 2]),
    ];
    let client = 4;
    let stand = || {
        let mut stand = Stand::sharded(Law::TrueQueries);
        stand.load(CTL[0], &all);
        for (slot, change) in [(1, joins(2)), (2, moves(0, 2))] {
            let reply = controller::Reply::Changed(ConfigNumber(slot));
            stand.change(CTL[0], slot, change, reply);
        }
        stand
    };
    let ask = |stand: &mut Stand, number: Option<u64>, answer: &Config| {
        let (serial, by) = (Serial(1), NodeId(0));
        let command = Change::Query(number.map(ConfigNumber));
        stand.show(client, Shown::Ordered { serial, command });
        let reply = Some(controller::Reply::Config(answer.clone()));
        stand.show(client, Shown::Concluded { serial, by, reply });
    };
    for (number, answer) in [(None, 2), (Some(1), 1), (Some(0), 0), (Some(2), 2), (Some(9), 2)] {
        let mut stand = stand();
        ask(&mut stand, number, &all[answer]);
        let other = &all[if answer == 1 { 2 } else { 1 }];
        stand.trips(|stand| ask(stand, number, other));
    }
    // The right number, and another content.
    let mut stand = stand();
    ask(&mut stand, None, &all[2]);
    let other = Config { shards: all[1].shards.clone(), ..all[2].clone() };
    stand.trips(|stand| ask(stand, None, &other));
}

#[test]
fn ci_8_a_group_that_left_may_not_return() {
    let all = [
        nothing(),
        config(1, &[1, 2], [1, 2, 1, 2], [0; 4]),
        config(2, &[2], [2; 4], [1, 2, 1, 2]),
    ];
    let mut stand = Stand::sharded(Law::MayReturn);
    stand.load(CTL[0], &all);
    stand.change(CTL[0], 1, joins(1), controller::Reply::Changed(ConfigNumber(1)));
    let leave = Change::Leave(Vec::from([Gid(1)]));
    stand.change(CTL[0], 2, leave, controller::Reply::Changed(ConfigNumber(2)));
    // G2 is there, and nobody knows a G7.
    let refused = |gid| controller::Reply::Refused(Refusal::OtherServers(Gid(gid)));
    stand.change(CTL[0], 3, joins(2), refused(2));
    stand.change(CTL[0], 4, joins(7), refused(7));
    let others = Change::Join(Vec::from([(Gid(1), Vec::from([NodeId(9)]))]));
    stand.change(CTL[0], 5, others, refused(1));
    stand.trips(|stand| stand.change(CTL[0], 6, joins(1), refused(1)));
}

#[test]
fn ci_9_a_join_makes_two_groups_exchange_shards() {
    let right = config(2, &[1, 2, 3], [1, 2, 1, 3], [1, 2, 1, 2]);
    let wrong = config(2, &[1, 2, 3], [2, 1, 1, 3], [1, 2, 1, 2]);
    configs_trip(Law::NoSwaps, &joins(3), &right, &wrong);
}
