//! How long links are.

use shardscope_core::controller::Command;
use shardscope_core::id::{Gid, NodeId, ShardId};
use shardscope_core::rng::Rng;
use shardscope_core::sim::link;
use shardscope_core::sim::{
    Action, Latency, Mix, Pace, PacketFault, Scenario, Sharding, Timeline, Workload, swarm,
};
use shardscope_core::time::Duration;

use super::first;
use crate::tier;

/// A link of so many actions
const ACTIONS: usize = 60;
/// has at most so many characters.
const CHARS: usize = 600;

/// The settings that the page begins with.
fn usual(seed: u64, sharding: Option<Sharding>) -> Scenario {
    let ms = Duration::from_millis;
    let mut scenario = Scenario { sharding, ..Scenario::new(seed, 5, 2) };
    (scenario.raft.election_min, scenario.raft.election_max) = (ms(80), ms(160));
    scenario.raft.heartbeat = ms(25);
    scenario.network.latency = Latency::Uniform { min: ms(4), max: ms(6) };
    scenario.network.reorder_by = ms(24);
    scenario.workload.pace = Pace::Closed { think: ms(12) };
    scenario.patience.attempt = ms(60);
    (scenario.patience.rest_min, scenario.patience.rest_max) = (ms(12), ms(24));
    scenario.snapshot_above = Some(900);
    scenario
}

/// Anything that the page offers, each as likely.
fn by_hand(lane: &mut Rng, timeline: &Timeline) -> Action {
    let world = timeline.world();
    let servers = u64::from(world.scenario().server_count());
    let clients: Vec<NodeId> = world.scenario().client_ids().collect();
    let mut server = || NodeId(lane.below(servers) as u16);
    let (one, other) = (server(), server());
    let client = clients[lane.below(clients.len() as u64) as usize];
    let packets: Vec<u64> = world.packets().map(|packet| packet.label.id).collect();
    let packet = packets.get(lane.below(packets.len() as u64 + 1) as usize).copied();
    let faults = [
        PacketFault::Deliver,
        PacketFault::Drop,
        PacketFault::Duplicate,
        PacketFault::Delay(Duration::from_millis(20)),
    ];
    let fault = faults[lane.below(4) as usize];
    let kinds = if world.scenario().sharding.is_some() { 20 } else { 17 };
    match lane.below(kinds) {
        0 => Action::Crash(one),
        1 => Action::Restart(one),
        2 => Action::Wipe(one),
        3 => Action::Pause(one),
        4 => Action::Resume(one),
        5 => Action::Campaign(one),
        6 => Action::Transfer { from: one, to: other },
        7 => Action::Cut { from: one, to: other },
        8 => Action::Mend { from: one, to: other },
        9 => Action::Heal,
        10 => Action::SlowDisk { server: one, times: [1, 10, 100][lane.below(3) as usize] },
        11 => {
            let drift = [0, 50_000, -50_000][lane.below(3) as usize];
            Action::SetClock { node: one, jump: Duration::ZERO, drift }
        }
        12 => {
            let pace = Pace::Closed { think: Duration::from_millis(lane.below(100)) };
            let mut weight = || lane.below(10) as u8;
            let mix = Mix { get: 1 + weight(), put: weight(), append: weight(), ..usual_mix() };
            Action::SetWorkload(Workload { pace, mix, ..Workload::default() })
        }
        13 | 14 => {
            let value = lane.below(1_000);
            let lines = ["get x", "put x v", "append y", "delete z", "cas x a", "put-hash k4"];
            let line = match lines[lane.below(6) as usize] {
                line @ ("get x" | "delete z") => line.to_owned(),
                line => format!("{line} {value}"),
            };
            let line = if line.starts_with("put x") { format!("put x v{value}") } else { line };
            Action::Invoke { client, command: line.parse().expect("a command") }
        }
        17.. => Action::Control { client, command: order(lane, world.scenario()) },
        _ => match packet {
            Some(id) => Action::Packet { id, fault },
            None => Action::Heal,
        },
    }
}

/// Groups join, leave, and get a shard.
fn order(lane: &mut Rng, scenario: &Scenario) -> Command {
    let sharding = scenario.sharding.expect("there are groups");
    let gid = Gid(1 + lane.below(sharding.groups.into()) as u16);
    match lane.below(3) {
        0 => Command::Join(vec![(gid, scenario.members(gid).collect())]),
        1 => Command::Leave(vec![gid]),
        _ => Command::Move { shard: ShardId(lane.below(sharding.shards.into()) as u16), to: gid },
    }
}

fn usual_mix() -> Mix {
    Workload::default().mix
}

/// So many actions by hand, with time between them as a person takes it: up to three seconds of a
/// run that goes at a hundredth of its speed, or of one that goes at a tenth.
fn session(seed: u64, sharding: Option<Sharding>) -> Timeline {
    let lane = &mut Rng::keyed(&[seed, 0x7369_7a65]);
    let mut timeline = Timeline::new(usual(seed, sharding));
    let speed = [10, 100][lane.below(2) as usize];
    let mut done = 0;
    while done < ACTIONS {
        let pause = Duration::from_micros(lane.below(3_000_000) / speed);
        timeline.advance(timeline.now() + pause, u32::MAX);
        while timeline.act(by_hand(lane, &timeline)).is_err() {}
        done += 1;
    }
    timeline
}

/// The median and the longest.
fn figures(what: &str, mut sizes: Vec<usize>) -> usize {
    sizes.sort_unstable();
    let (median, longest) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    println!("{what}: {} links, median {median} characters, longest {longest}", sizes.len());
    longest
}

#[test]
fn sixty_actions_take_at_most_six_hundred_characters() {
    let size = |timeline: &Timeline| link::write(timeline, &[1, 2, 3, 4]).expect("it fits").len();
    for (what, sharding) in [("a group", None), ("groups", Some(Sharding::default()))] {
        let sizes = tier::parallel(0..tier::count(100, 2_000), |seed| {
            let timeline = session(seed, sharding);
            assert_eq!(timeline.branch().acts.len(), ACTIONS);
            size(&timeline)
        });
        assert!(figures(what, sizes) <= CHARS);
    }
}

/// Drawn rules and networks say more than a person does: each has up to five numbers at random, and
/// what is random cannot be pressed. The longest of 400 had 1,464 characters.
#[test]
fn sixty_faults_of_the_swarm_take_at_most_two_and_a_half_times_as_many() {
    for (what, count, draw) in [
        (
            "the swarm, a group",
            tier::count(24, 400),
            swarm::run_recorded as fn(u64, fn(&mut Scenario)) -> _,
        ),
        ("the swarm, groups", tier::count(10, 150), swarm::run_sharded_recorded),
    ] {
        let sizes = tier::parallel(0..count, |seed| {
            let kept = draw(seed, |_| {});
            link::write(first(&kept, ACTIONS), &[]).expect("it fits").len()
        });
        assert!(2 * figures(what, sizes) <= 5 * CHARS);
    }
}
