//! The laws of a sharded store, made to hold and made to trip.

use super::*;
use crate::controller::{self, Command as Change, Config, Controller, Refusal};
use crate::id::{ClientId, ConfigNumber, Gid, ShardId};
use crate::kv;
use crate::shardkv::{Command, Install, Installed, Piece, Reply, Routing};
use crate::sim::scenario::Sharding;
use crate::sim::service;

/// G1 and G2 have one server each, the controller has two; four shards, by the first byte of a key.
const CTL: [u16; 2] = [0, 1];
const G1: u16 = 2;
const G2: u16 = 3;

impl Stand {
    /// About one law of a sharded store.
    fn sharded(law: Law) -> Self {
        let mut scenario = Scenario::new(1, 1, 2);
        let (controllers, groups, shards, routing) = (2, 2, 4, Routing::FirstByte);
        let usual = Sharding::default();
        scenario.sharding = Some(Sharding { controllers, groups, shards, routing, ..usual });
        Self { world: World::new(Arc::new(scenario)), ..Self::about(law, 1) }
    }

    /// A server of the controller has these configurations, whatever they are.
    fn load(&mut self, node: u16, configs: &[Config]) {
        let controller = Controller::with(configs.iter().cloned());
        let machine = service::Service::Controller(Sessions::around(controller, 8));
        let last = LogId { term: Term(1), slot: Slot(1) };
        let record = Record::Snapshot(Arc::new(Snapshot { last, machine }));
        self.process(usize::from(node)).durable.store(&record);
        self.report.shown.clear();
        self.reboot(node);
    }

    /// A server of the controller applies a change, and makes the configuration of this number.
    fn change(&mut self, node: u16, slot: u64, command: Change, reply: controller::Reply) {
        let (client, serial) = (ClientId(3), Serial(slot));
        let call = crate::machine::Call { client, serial, command };
        let payload = Payload::Command(service::Command::Controller(call));
        let entry = Entry { term: Term(1), payload }.into();
        let reply = Some(service::Reply::Controller(Answer::Done(reply)));
        self.show(node, Shown::Applied { slot: Slot(slot), entry, reply });
    }

    /// A server of a group applies a command.
    fn run(&mut self, node: u16, slot: u64, command: Command, reply: Reply) {
        let payload = Payload::Command(service::Command::Shards(command));
        let entry = Entry { term: Term(1), payload }.into();
        let reply = Some(service::Reply::Shards(reply));
        self.show(node, Shown::Applied { slot: Slot(slot), entry, reply });
    }

    fn configure(&mut self, node: u16, slot: u64, config: &Config) {
        self.run(node, slot, Command::Configure(config.clone()), Reply::Configured(true));
    }

    /// Client 1 puts a value under a key of shard 0, and gets this version or is refused.
    fn put(&mut self, node: u16, slot: u64, serial: u64, version: Option<u64>) {
        let command = kv::Command::Put { key: "0".into(), value: "a".into() };
        let call = crate::machine::Call { client: ClientId(1), serial: Serial(serial), command };
        let config = ConfigNumber(1);
        let reply = version.map_or(Reply::WrongGroup { config }, |version| {
            Reply::Client(Answer::Done(kv::Reply::Written { version }))
        });
        self.run(node, slot, Command::Client(call), reply);
    }

    /// A piece of shard 0 comes: it is the only one.
    fn arrive(&mut self, node: u16, slot: u64, config: u64) {
        let (config, shard) = (ConfigNumber(config), ShardId(0));
        let install = Install { config, shard, index: 0, of: 1, piece: Arc::new(Piece::default()) };
        self.run(node, slot, Command::Install(install), Reply::Install(Installed::Done));
    }

    fn delete(&mut self, node: u16, slot: u64, config: u64) {
        let (config, shard) = (ConfigNumber(config), ShardId(0));
        self.run(node, slot, Command::Delete { config, shard }, Reply::Deleted(true));
    }

    /// The law was judged and holds so far, and is broken by what comes now.
    fn trips(&mut self, trip: impl FnOnce(&mut Self)) {
        let law = self.about[0];
        self.expect(&[]);
        assert!(self.observers.checks(law) > 0, "{law:?} was not judged before");
        trip(self);
        self.expect(&[law]);
    }
}

/// A configuration of these groups.
fn config(number: u64, gids: &[u16], shards: [u16; 4], holders: [u16; 4]) -> Config {
    let mut groups = crate::sorted::Sorted::default();
    for gid in gids {
        let servers: Arc<[NodeId]> = [NodeId(gid + 1)].into_iter().collect();
        groups.insert(Gid(*gid), servers);
    }
    let owners = |gids: [u16; 4]| gids.map(Gid).into_iter().collect();
    let (shards, holders) = (owners(shards), owners(holders));
    Config { number: ConfigNumber(number), groups: Arc::new(groups), shards, holders }
}

fn nothing() -> Config {
    config(0, &[], [0; 4], [0; 4])
}

fn joins(gid: u16) -> Change {
    Change::Join([(Gid(gid), Vec::from([NodeId(gid + 1)]))].into_iter().collect())
}

const fn moves(shard: u16, to: u16) -> Change {
    Change::Move { shard: ShardId(shard), to: Gid(to) }
}

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
fn ci_2_a_shard_belongs_to_nobody_who_is_there() {
    let right = config(2, &[2], [2; 4], [1, 2, 1, 2]);
    for owner in [0, 1, 7] {
        let wrong = config(2, &[2], [owner, 2, 2, 2], [1, 2, 1, 2]);
        configs_trip(Law::OwnersExist, &Change::Leave(Vec::from([Gid(1)])), &right, &wrong);
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
        stand.change(CTL[1], 1, joins(2), done);
    });
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

/// G1 has shards 0 and 2, G2 has 1 and 3; then shard 0 moves to G2.
fn first() -> Config {
    config(1, &[1, 2], [1, 2, 1, 2], [0; 4])
}

fn second() -> Config {
    config(2, &[1, 2], [2, 2, 1, 2], [1, 2, 1, 2])
}

/// Both groups have taken the first configuration.
fn settled(law: Law) -> Stand {
    let mut stand = Stand::sharded(law);
    stand.load(CTL[0], &[nothing(), first(), second()]);
    stand.change(CTL[0], 1, joins(2), controller::Reply::Changed(ConfigNumber(1)));
    stand.configure(G1, 1, &first());
    stand.configure(G2, 1, &first());
    stand
}

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
