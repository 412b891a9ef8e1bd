//! The laws of a sharded store, made to hold and made to trip.

mod configs;
mod shards;

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

    /// A server of the controller has these configurations, whatever they are, and nobody saw how
    /// it came to them.
    fn load(&mut self, node: u16, configs: &[Config]) {
        let before = self.observers.clone();
        self.restore(node, configs);
        self.observers = before;
    }

    /// A server of the controller starts from a snapshot with these configurations.
    fn restore(&mut self, node: u16, configs: &[Config]) {
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

    /// The client's next call reads the same key, and a server answers without the log, from what
    /// it had applied so far. None: it says that another group has the shard.
    fn read(&mut self, node: u16, applied: u64, serial: u64, value: Option<&str>) {
        let first = self.world.scenario().server_count();
        self.call(first - self.world.scenario().servers, serial, "get 0");
        let config = ConfigNumber(1);
        let reply = value.map_or(Reply::WrongGroup { config }, |value| {
            Reply::Client(Answer::Done(kv::Reply::Value(value.into())))
        });
        let reply = Told(Some(service::Reply::Shards(reply)));
        let (applied, serial) = (Slot(applied), Serial(serial));
        self.show(node, Shown::Answered { applied, to: NodeId(first), serial, reply });
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
