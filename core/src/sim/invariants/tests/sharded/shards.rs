//! KI-1 to KI-11.

use super::*;

#[test]
fn ki_1_two_groups_execute_calls_on_one_shard() {
    let mut stand = settled(Law::OneServer);
    stand.put(G1, 2, 1, Some(1));
    stand.trips(|stand| stand.put(G2, 2, 2, Some(2)));
}

#[test]
fn ki_2_a_group_goes_on_while_a_shard_is_on_its_way() {
    let mut stand = settled(Law::OneByOne);
    stand.configure(G1, 2, &second());
    let third = config(3, &[1, 2], [2, 2, 2, 2], [2, 2, 1, 2]);
    stand.trips(|stand| stand.configure(G1, 3, &third));
    let mut stand = settled(Law::OneByOne);
    stand.trips(|stand| stand.configure(G2, 2, &third));
}

#[test]
fn ki_3_a_group_executes_a_call_before_the_shard_has_come() {
    let mut stand = settled(Law::DataFirst);
    stand.put(G1, 2, 1, Some(1));
    stand.configure(G2, 2, &second());
    stand.trips(|stand| stand.put(G2, 3, 2, Some(2)));
}

#[test]
fn ki_4_what_was_executed_is_lost_or_done_twice() {
    let mut stand = settled(Law::NothingLost);
    stand.put(G1, 2, 1, Some(1));
    // The same call again has the reply that it had.
    stand.put(G1, 3, 1, Some(1));
    stand.configure(G1, 4, &second());
    stand.configure(G2, 2, &second());
    stand.arrive(G2, 3, 2);
    for version in [1, 3] {
        let mut other = stand.again(Law::NothingLost);
        other.trips(|stand| stand.put(G2, 4, 2, Some(version)));
    }
    stand.put(G2, 4, 2, Some(2));
    stand.expect(&[]);
}

#[test]
fn ki_6_a_copy_is_deleted_before_the_shard_has_come() {
    let stand = || {
        let mut stand = settled(Law::DeleteLast);
        stand.configure(G1, 2, &second());
        stand.configure(G2, 2, &second());
        stand
    };
    let mut right = stand();
    right.arrive(G2, 3, 2);
    right.delete(G1, 3, 2);
    // It is gone already.
    right.trips(|stand| stand.delete(G1, 4, 2));
    for config in [2, 1] {
        let mut wrong = stand();
        wrong.delete(G1, 3, config);
        wrong.expect(&[Law::DeleteLast]);
    }
}

#[test]
fn ki_8_a_server_holds_something_else_than_its_group() {
    let mut stand = Stand::sharded(Law::OneCopy);
    let state = |configs: &[Config]| {
        let scenario = stand.world.scenario();
        let mut machine = service::Service::of(scenario, Gid(1));
        for config in configs {
            machine.apply(&service::Command::Shards(Command::Configure(config.clone())));
        }
        machine
    };
    let states = [state(&[first()]), state(&[])];
    for (machine, broken) in states.into_iter().zip([false, true]) {
        let last = LogId { term: Term(1), slot: Slot(1) };
        let record = Record::Snapshot(Arc::new(Snapshot { last, machine }));
        stand.process(usize::from(G1)).durable = Default::default();
        stand.process(usize::from(G1)).durable.store(&record);
        stand.reboot(G1);
        let mut stand = stand.again(Law::OneCopy);
        stand.observers = Observers::default();
        stand.configure(G1, 1, &first());
        stand.expect(if broken { &[Law::OneCopy] } else { &[] });
        assert!(stand.observers.checks(Law::OneCopy) > 0);
    }
}

#[test]
fn ki_8_two_groups_have_a_shard_or_none_when_all_is_quiet() {
    // As it should be: shard 0 has gone to G2, and is nowhere else.
    let mut stand = settled(Law::OneCopy);
    let judged = stand.observers.checks(Law::OneCopy);
    assert_eq!(judged, 4, "once for each shard, when both have come to the first");
    stand.change(CTL[0], 2, moves(0, 2), controller::Reply::Changed(ConfigNumber(2)));
    stand.configure(G1, 2, &second());
    stand.configure(G2, 2, &second());
    stand.arrive(G2, 3, 2);
    assert_eq!(stand.observers.checks(Law::OneCopy), judged, "the copy is still there");
    stand.delete(G1, 3, 2);
    assert_eq!(stand.observers.checks(Law::OneCopy), 2 * judged);
    stand.put(G2, 4, 1, Some(1));
    assert_eq!(stand.observers.checks(Law::OneCopy), 2 * judged, "nothing has moved");
    stand.expect(&[]);
    // Nobody has it: the owner deletes it.
    let mut none = stand.again(Law::OneCopy);
    none.trips(|stand| stand.delete(G2, 5, 2));
    let words = none.observers.violations().last().unwrap().words.clone();
    assert_eq!(words, "G2.S1 does not hold what it should of shard 0, in configuration 2.");
    // Both have it: G1 is told that it keeps it.
    let mut both = settled(Law::OneCopy);
    both.change(CTL[0], 2, moves(0, 2), controller::Reply::Changed(ConfigNumber(2)));
    both.configure(G1, 2, &Config { number: ConfigNumber(2), ..first() });
    both.configure(G2, 2, &second());
    both.trips(|stand| stand.arrive(G2, 3, 2));
    let words = both.observers.violations().last().unwrap().words.clone();
    assert_eq!(words, "G1.S1 does not hold what it should of shard 0, in configuration 2.");
}

#[test]
fn ki_9_a_group_refuses_a_call_on_a_shard_that_it_serves() {
    let mut stand = settled(Law::OthersGoOn);
    stand.put(G2, 2, 1, None);
    stand.trips(|stand| stand.put(G1, 2, 2, None));
}

#[test]
fn ki_10_a_group_refuses_a_call_for_ever() {
    let mut stand = settled(Law::RefusalsPass);
    stand.configure(G1, 2, &second());
    stand.configure(G2, 2, &second());
    stand.put(G2, 3, 1, None);
    stand.put(G2, 4, 1, None);
    stand.arrive(G2, 5, 2);
    stand.trips(|stand| stand.put(G2, 6, 1, None));
}

#[test]
fn ki_11_a_call_is_executed_that_its_client_never_made() {
    let stand = || {
        let mut stand = settled(Law::SameCall);
        // Servers of groups and of the controller come before the clients.
        let servers = stand.world.scenario().server_count();
        stand.call(servers - stand.world.scenario().servers, 2, "put 0 a");
        stand.put(G1, 2, 2, Some(1));
        // A late copy of an earlier call.
        stand.put(G1, 3, 1, Some(1));
        stand
    };
    stand().trips(|stand| stand.put(G1, 4, 3, Some(2)));
    stand().trips(|stand| {
        let servers = stand.world.scenario().server_count();
        stand.call(servers - stand.world.scenario().servers, 2, "put 0 b");
        stand.put(G1, 4, 2, Some(1));
    });
    // It has been answered, and is executed once more under another number.
    stand().trips(|stand| {
        let client = usize::from(stand.world.scenario().server_count());
        let Process::Client(process) = &mut stand.world.nodes[client].process else {
            panic!("a client")
        };
        let done = kv::Reply::Written { version: 1 };
        process.last.as_mut().unwrap().returned = Some((Instant::ZERO, NodeId(2), Some(done)));
        stand.put(G1, 4, 3, Some(2));
    });
}

#[test]
fn a_command_of_another_service_is_nothing_to_the_laws_of_shards() {
    let mut stand = settled(Law::OneServer);
    stand.about = Law::ALL.into_iter().filter(|law| law.id().starts_with('K')).collect();
    stand.apply(G1, 2, 1, "a");
    stand.apply(77, 2, 1, "a");
    stand.run(G1, 9, Command::Configure(second()), Reply::Deleted(true));
    stand.expect(&[]);
}
