//! Runs told as scripts: printed, read and played, each is the same run again.

use shardscope_core::controller::Command;
use shardscope_core::id::{ConfigNumber, Gid, NodeId, NodeSet, ShardId};
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::sim::packet::Shape;
use shardscope_core::sim::script::{Player, Recorded, Script};
use shardscope_core::sim::{
    Action, Latency, Network, Pace, PacketFault, Rule, Scenario, Sharding, Timeline, Verdict,
    Workload, swarm,
};
use shardscope_core::time::{Duration, Instant};

use crate::tier;

/// The script of a run, as it is read from its own text.
fn told(run: Recorded<'_>, whose: &str) -> Script {
    let script = Script::record("A run", run, []).unwrap_or_else(|why| panic!("{whose}: {why}"));
    let read = Script::parse(&script.to_string());
    assert_eq!(read.as_ref(), Ok(&script), "{whose}");
    script
}

fn play(script: Script, whose: &str) -> Timeline {
    let player = Player::play(script);
    assert_eq!(player.failure().map(ToString::to_string), None, "{whose}");
    player.into_timeline()
}

#[test]
fn a_script_of_a_drawn_run_is_that_run() {
    let seeds = tier::count(24, 400);
    let lines = tier::parallel(0..seeds, |seed| {
        let kept = swarm::run_recorded(seed, |_| {});
        let end = (kept.world.steps(), kept.end);
        let run = Recorded { scenario: kept.world.scenario(), acts: &kept.acts, end };
        let (script, whose) = (told(run, &format!("seed {seed}")), format!("seed {seed}"));
        let lines = script.lines().len();
        let played = play(script, &whose);
        assert_eq!(played.branch().acts, kept.acts, "{whose}");
        assert_eq!(played.world().digest(), kept.outcome.digest, "{whose}");
        assert_eq!(played.now(), kept.end, "{whose}");
        lines
    });
    println!("{seeds} runs, the longest script has {:?} lines", lines.iter().max());
}

/// Anything that the operator or a client can ask of the controller.
fn order(lane: &mut Rng, scenario: &Scenario) -> Option<Action> {
    let sharding = scenario.sharding?;
    let clients: Vec<NodeId> = scenario.client_ids().collect();
    let client = clients[lane.below(clients.len() as u64) as usize];
    let mut gid = || Gid(1 + lane.below(sharding.groups.into()) as u16);
    let (one, other) = (gid(), gid());
    let with_servers = |gid| (gid, scenario.members(gid).collect());
    let command = match lane.below(5) {
        0 | 1 => Command::Join(vec![with_servers(one), with_servers(other)]),
        2 => Command::Leave(vec![one]),
        3 => Command::Move { shard: ShardId(lane.below(sharding.shards.into()) as u16), to: one },
        _ => Command::Query((one != other).then_some(ConfigNumber(2))),
    };
    Some(Action::Control { client, command })
}

/// Anything that a person can do, whether or not it can be done now.
pub(crate) fn anything(lane: &mut Rng, timeline: &Timeline) -> Action {
    if timeline.scenario().sharding.is_some()
        && lane.below(4) == 0
        && let Some(order) = order(lane, timeline.scenario())
    {
        return order;
    }
    let count = timeline.world().nodes().len() as u64;
    let mut node = || NodeId(lane.below(count) as u16);
    let (one, other) = (node(), node());
    let packets: Vec<u64> = timeline.world().packets().map(|packet| packet.label.id).collect();
    let packet = packets.get(lane.below(packets.len() as u64 + 1) as usize).copied();
    let faults = [
        PacketFault::Deliver,
        PacketFault::Drop,
        PacketFault::Hold,
        PacketFault::Duplicate,
        PacketFault::Delay(Duration::from_micros(lane.below(3) * 700)),
    ];
    let fault = faults[lane.below(5) as usize];
    let command = || "append x 1".parse().expect("a command");
    let jump = Duration::from_micros(lane.below(3) * 1_500);
    let chance = Ppm(1 + lane.below(1_000_000) as u32);
    let until = (lane.below(2) == 0).then_some(timeline.now() + Duration::from_micros(55_500));
    let latency = Latency::LongTail { median: Duration::from_micros(1_234) };
    match lane.below(22) {
        0 => Action::Crash(one),
        1 => Action::Restart(one),
        2 => Action::Wipe(one),
        3 => Action::Pause(one),
        4 => Action::Resume(one),
        5 | 6 => Action::Campaign(one),
        7 | 8 => Action::Transfer { from: one, to: other },
        9 => Action::Cut { from: one, to: other },
        10 => Action::Mend { from: one, to: other },
        11 => Action::Isolate(one),
        12 => {
            let (one, other) = (NodeSet::from_iter([one]), NodeSet::from_iter([other]));
            Action::Partition(vec![one.without(other), other, NodeSet::EMPTY])
        }
        13 => Action::Heal,
        14 => Action::Invoke { client: one, command: command() },
        15 | 16 => Action::Propose { server: one, command: command() },
        17 => Action::SlowDisk { server: one, times: 3 },
        18 => Action::SetClock { node: one, jump, drift: lane.below(3) as i32 * 70 - 70 },
        19 => Action::SetNetwork(Network { latency, loss: chance, ..Network::default() }),
        20 => Action::AddRule(Rule {
            from: None,
            to: Some(NodeSet::from_iter([one])),
            shape: Some(Shape::TimeoutNow),
            verdict: Verdict::Delay(latency),
            chance,
            until,
        }),
        _ => match packet {
            Some(id) => Action::Packet { id, fault },
            None if lane.below(2) == 0 => Action::ClearRules,
            None => Action::SetWorkload(Workload { pace: Pace::Silent, ..Workload::default() }),
        },
    }
}

/// People act between any two events, also of one moment, and several times at once.
#[test]
fn a_script_of_what_a_person_did_is_that_run() {
    whatever_is_done_is_told(tier::count(200, 4_000), None);
}

#[test]
fn a_script_of_what_a_person_did_to_groups_is_that_run() {
    let usual = Sharding { controllers: 1, groups: 2, shards: 4, ..Sharding::default() };
    whatever_is_done_is_told(tier::count(100, 2_000), Some(usual));
}

fn whatever_is_done_is_told(seeds: u64, sharding: Option<Sharding>) {
    let passed_by = tier::parallel(0..seeds, |seed| {
        let lane = &mut Rng::keyed(&[seed, 0x7265_746f_6c64]);
        let mut scenario = Scenario { sharding, ..Scenario::new(seed, 3, 2) };
        // Whole milliseconds, so that many things are due at once.
        scenario.network.latency = Latency::Fixed(Duration::from_micros(999));
        let mut timeline = Timeline::new(scenario);
        for _ in 0..lane.below(60) {
            let until = timeline.now() + Duration::from_millis(lane.below(400));
            timeline.advance(until, lane.below(30) as u32);
            for _ in 0..lane.below(3) {
                let action = anything(lane, &timeline);
                if timeline.act(action).is_err() {
                    timeline.step_forward();
                }
            }
            if lane.below(8) == 0 {
                timeline.undo();
            }
        }
        let (acts, whose) = (timeline.branch().acts.clone(), format!("seed {seed}"));
        let end = (timeline.step_number(), timeline.now());
        let acts: Vec<_> = acts.into_iter().filter(|acted| acted.step <= end.0).collect();
        let run = Recorded { scenario: timeline.scenario(), acts: &acts, end };
        let script = told(run, &whose);
        let by_step = script.to_string().matches("at step ").count() as u64;
        let played = play(script, &whose);
        let steps = |acts: &[shardscope_core::sim::timeline::Acted]| {
            acts.iter().map(|acted| (acted.step, acted.at)).collect::<Vec<_>>()
        };
        assert_eq!(steps(&played.branch().acts), steps(&acts), "{whose}");
        assert_eq!(played.world(), timeline.world(), "{whose}");
        assert_eq!(played.now(), timeline.now(), "{whose}");
        by_step
    });
    let by_step: u64 = passed_by.iter().sum();
    assert!(by_step > seeds / 4, "only {by_step} times other events were due at that moment");
}

#[test]
fn what_a_script_cannot_say_is_told_in_one_sentence() {
    let scenario = Scenario::new(1, 3, 1);
    let why = |scenario: &Scenario, actions: &[Action]| {
        let mut timeline = Timeline::new(scenario.clone());
        for action in actions {
            timeline.act(action.clone()).expect("it can be done");
        }
        let end = (timeline.step_number(), timeline.now());
        let run = Recorded { scenario, acts: &timeline.branch().acts, end };
        Script::record("A run", run, []).expect_err("it cannot be said")
    };
    let client = NodeId(3);
    let command = "put x 1".parse().expect("a command");
    let shardscope_core::kv::Command::Put { key, .. } = command else { unreachable!() };
    let quoted = shardscope_core::kv::Command::Put { key, value: "\"\n".into() };
    let sentence = why(&scenario, &[Action::Invoke { client, command: quoted }]);
    assert!(!sentence.contains('\n') && sentence.ends_with('.'), "{sentence}");
    let sides = vec![NodeSet::from_iter([NodeId(0)]); 2];
    let sentence = why(&scenario, &[Action::Partition(sides)]);
    assert!(sentence.starts_with("A script cannot say this: Partition("), "{sentence}");
    let mut patient = scenario.clone();
    patient.patience.attempt = Duration::from_secs(4_000);
    let sentence = why(&patient, &[Action::Heal]);
    assert!(sentence.contains("too long"), "{sentence}");
    let none = Recorded { scenario: &scenario, acts: &[], end: (1_000, Instant::ZERO) };
    let sentence = Script::record("A run", none, []).expect_err("there is no such step");
    assert_eq!(sentence, "This is no run: there is no step 1000 at 0.000000 s.");
}
