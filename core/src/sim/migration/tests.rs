//! Whole sharded clusters: shards move while clients go on.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::controller;
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::sim::invariants::{Law, Violation};
use crate::sim::report::Report;
use crate::sim::{Action, Chronicle, Pace, Scenario, Sharding, Workload, World};
use crate::time::{Duration, Instant};

/// A sharded cluster under load.
struct Cluster {
    world: World,
    report: Report,
    chronicle: Chronicle,
}

impl Cluster {
    fn new(seed: u64, sharding: Sharding, adapt: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = Scenario::new(seed, 3, 4);
        scenario.sharding = Some(sharding);
        scenario.workload = Workload {
            pace: Pace::Closed { think: Duration::from_millis(1) },
            ..scenario.workload
        };
        scenario.workload.keys = 20;
        adapt(&mut scenario);
        assert_eq!(scenario.complaints(), []);
        let world = World::new(Arc::new(scenario));
        Self { world, report: Report::default(), chronicle: Chronicle::default() }
    }

    fn act(&mut self, action: Action) {
        let now = self.world.now();
        self.world.act(now, &action, &mut self.report).expect("it can be done");
        self.chronicle.record(&self.world, &self.report);
    }

    fn control(&mut self, command: controller::Command) {
        let client = self.world.scenario().operator().expect("the store is sharded");
        self.act(Action::Control { client, command });
    }

    fn join(&mut self, gid: u16) {
        let servers = self.world.scenario().members(Gid(gid)).collect();
        self.control(controller::Command::Join(vec![(Gid(gid), servers)]));
    }

    fn run(&mut self, length: Duration) {
        let end = self.world.now() + length;
        while self.world.step_until(end, &mut self.report) {
            self.chronicle.record(&self.world, &self.report);
        }
    }

    fn run_until(&mut self, most: Duration, done: impl Fn(&World) -> bool) -> bool {
        let end = self.world.now() + most;
        while !done(&self.world) {
            if !self.world.step_until(end, &mut self.report) {
                return false;
            }
            self.chronicle.record(&self.world, &self.report);
        }
        true
    }

    fn violations(&self) -> &[Violation] {
        self.chronicle.observers.violations()
    }
}

/// Every server of every group has come to this configuration and finished with it.
fn settled_at(number: u64) -> impl Fn(&World) -> bool {
    move |world| {
        let groups: Vec<Gid> = world.scenario().groups().filter(|gid| gid.0 > 0).collect();
        groups.iter().all(|gid| {
            world.members(*gid).all(|node| {
                let shards = node.server().and_then(|server| server.machine().shards());
                shards.is_some_and(|shards| {
                    shards.config().number == ConfigNumber(number) && !shards.is_unfinished()
                })
            })
        })
    }
}

#[test]
fn shards_move_under_load_and_every_call_returns() {
    let mut cluster = Cluster::new(1, Sharding::default(), |_| {});
    let second = Duration::from_secs(1);
    cluster.run(second);
    for gid in 1..=3 {
        cluster.join(gid);
        assert!(cluster.run_until(second.times(5), settled_at(u64::from(gid))), "G{gid} joins");
    }
    cluster.run(second);
    cluster.control(controller::Command::Leave(vec![Gid(1)]));
    assert!(cluster.run_until(second.times(5), settled_at(4)), "G1 leaves");
    cluster.control(controller::Command::Move { shard: ShardId(0), to: Gid(2) });
    cluster.control(controller::Command::Move { shard: ShardId(0), to: Gid(3) });
    cluster.run(second.times(2));
    assert_eq!(cluster.violations(), []);
    for law in Law::ALL.iter().filter(|law| law.id().starts_with(['C', 'K'])) {
        let judged = cluster.chronicle.observers.checks(*law) > 0;
        // Nobody asks, returns or repeats here.
        let idle = [Law::MayReturn, Law::TrueQueries, Law::InstallOnce, Law::RefusalsPass];
        assert!(judged || idle.contains(law), "{law:?}");
    }
    let clients = cluster.world.nodes().iter().filter_map(|node| node.client());
    let answered: Vec<u64> = clients.map(|client| client.answered()).collect();
    assert!(answered[..4].iter().all(|count| *count > 100), "{answered:?}");
    assert!(cluster.world.now() > Instant::ZERO);
}
