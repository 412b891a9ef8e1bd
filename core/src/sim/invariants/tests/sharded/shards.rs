//! KI-1 to KI-12.

use super::*;
use crate::sim::migration;

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
fn a_read_without_the_log_is_judged_like_a_call_in_it() {
    let mut stand = settled(Law::OneServer);
    stand.put(G1, 2, 1, Some(1));
    stand.read(G1, 2, 2, Some("a"));
    stand.trips(|stand| stand.read(G2, 1, 3, Some("a")));

    let mut stand = settled(Law::DataFirst);
    stand.put(G1, 2, 1, Some(1));
    stand.configure(G2, 2, &second());
    stand.trips(|stand| stand.read(G2, 2, 2, Some("")));

    let mut stand = settled(Law::NothingLost);
    stand.put(G1, 2, 1, Some(1));
    stand.read(G1, 2, 2, Some("a"));
    for value in ["", "b"] {
        stand.again(Law::NothingLost).trips(|stand| stand.read(G1, 2, 3, Some(value)));
    }

    let mut stand = settled(Law::OthersGoOn);
    stand.put(G2, 2, 1, None);
    stand.read(G2, 2, 2, None);
    stand.trips(|stand| stand.read(G1, 1, 3, None));
}

#[test]
fn of_a_read_from_less_than_its_group_applied_nobody_knows_what_it_must_say() {
    let mut stand = settled(Law::NothingLost);
    stand.put(G1, 2, 1, Some(1));
    stand.read(G1, 1, 2, Some(""));
    stand.expect(&[]);
}

/// What a group has after these commands.
fn after(stand: &Stand, gid: u16, commands: &[Command]) -> service::Service {
    let mut machine = service::Service::of(stand.world.scenario(), Gid(gid));
    for command in commands {
        machine.apply(&service::Command::Shards(command.clone()));
    }
    machine
}

/// The only server of a group has applied everything up to a slot, and nobody watched.
fn seat(stand: &mut Stand, node: u16, slot: u64, machine: service::Service) {
    let last = LogId { term: Term(1), slot: Slot(slot) };
    let durable = &mut stand.process(usize::from(node)).durable;
    *durable = Default::default();
    durable.store(&Record::Snapshot(Arc::new(Snapshot { last, machine })));
    stand.world.boot(NodeId(node), &mut stand.report);
}

/// Client 1's put to shard 0, as [`Stand::put`] has it.
fn call(serial: u64) -> Command {
    let command = kv::Command::Put { key: "0".into(), value: "a".into() };
    Command::Client(crate::machine::Call { client: ClientId(1), serial: Serial(serial), command })
}

/// Shard 0 as G1 hands it over after one put.
fn handed_over(stand: &Stand) -> Piece {
    let commands = [Command::Configure(first()), call(1), Command::Configure(second())];
    let machine = after(stand, 1, &commands);
    let pieces = machine.shards().expect("it is a group").pieces(ShardId(0));
    Piece::clone(&pieces[0])
}

/// What G2 has applied when this piece has come.
fn taken_in(piece: Piece) -> Vec<Command> {
    let (config, shard, piece) = (ConfigNumber(2), ShardId(0), Arc::new(piece));
    let install = Command::Install(Install { config, shard, index: 0, of: 1, piece });
    Vec::from([Command::Configure(first()), Command::Configure(second()), install])
}

#[test]
fn ki_3_and_ki_5_a_shard_comes_without_its_keys_or_sessions() {
    let whole = handed_over(&settled(Law::DataFirst));
    let keyless = Piece { cells: Vec::new(), ..whole.clone() };
    let forgetful = Piece { sessions: Vec::new(), ..whole.clone() };
    let cases = [
        (Law::DataFirst, &whole, false),
        (Law::DataFirst, &keyless, true),
        (Law::DataFirst, &forgetful, false),
        (Law::SessionsTravel, &whole, false),
        (Law::SessionsTravel, &keyless, false),
        (Law::SessionsTravel, &forgetful, true),
    ];
    for (law, piece, broken) in cases {
        let mut stand = settled(law);
        stand.put(G1, 2, 1, Some(1));
        stand.configure(G1, 3, &second());
        stand.configure(G2, 2, &second());
        let machine = after(&stand, 2, &taken_in(piece.clone()));
        seat(&mut stand, G2, 3, machine);
        stand.arrive(G2, 3, 2);
        let laws = [law];
        stand.expect(if broken { &laws } else { &[] });
        assert!(stand.observers.checks(law) > 0);
    }
}

#[test]
fn ki_7_a_shard_comes_again_and_undoes_what_was_written_since() {
    for (written, broken) in [(true, &[][..]), (false, &[Law::InstallOnce])] {
        let mut stand = settled(Law::InstallOnce);
        stand.put(G1, 2, 1, Some(1));
        stand.configure(G1, 3, &second());
        stand.configure(G2, 2, &second());
        stand.arrive(G2, 3, 2);
        stand.put(G2, 4, 2, Some(2));
        let mut commands = taken_in(handed_over(&stand));
        commands.extend(written.then(|| call(2)));
        let machine = after(&stand, 2, &commands);
        seat(&mut stand, G2, 5, machine);
        stand.arrive(G2, 5, 2);
        stand.expect(broken);
        assert!(stand.observers.checks(Law::InstallOnce) > 0);
    }
}

#[test]
fn ki_12_a_leader_does_not_hand_over_what_its_group_gave_away() {
    let mut stand = Stand::sharded(Law::NoMutualWait);
    let commands = [Command::Configure(first()), Command::Configure(second())];
    let machine = after(&stand, 1, &commands);
    seat(&mut stand, G1, 2, machine);
    let now = stand.world.now();
    let campaign = Action::Campaign(NodeId(G1));
    stand.world.act(now, &campaign, &mut stand.report).expect("it can stand");
    while stand.observers.checks(Law::NoMutualWait) == 0 {
        stand.step();
    }
    // It has forgotten what it was doing, and nobody reminds it.
    stand.trips(|stand| {
        let scenario = stand.world.scenario().clone();
        let process = stand.process(usize::from(G1));
        process.mover = migration::mover(&scenario, NodeId(G1), process.incarnation);
        stand.show(G1, Shown::Note(Note::NoVoter));
    });
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
    for (applied, broken) in [(1, &[][..]), (0, &[Law::OneCopy])] {
        let mut stand = Stand::sharded(Law::OneCopy);
        let machine = after(&stand, 1, &[Command::Configure(first())][..applied]);
        seat(&mut stand, G1, 1, machine);
        stand.configure(G1, 1, &first());
        stand.expect(broken);
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
