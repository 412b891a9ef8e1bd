use alloc::vec::Vec;

use super::fewer::Part;
use super::*;
use crate::controller::Command;
use crate::id::{Gid, MutantId, NodeId, ShardId};
use crate::rng::{Ppm, Rng};
use crate::sim::invariants::Law;
use crate::sim::network::{Network, Rule, Verdict};
use crate::sim::swarm;
use crate::sim::workload::Pace;
use crate::time::Duration;

fn at(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

fn set(ids: &[u16]) -> NodeSet {
    ids.iter().map(|id| NodeId(*id)).collect()
}

/// A plan with many settings and many things to do, of which two matter.
fn crowded() -> Plan {
    let mut scenario = Scenario::new(77, 5, 3);
    scenario.raft.pre_vote = false;
    scenario.raft.append_max = 1;
    scenario.network = Network { loss: Ppm(12_345), duplicate: Ppm(5), ..Network::default() };
    scenario.snapshot_above = Some(1_234);
    let mut acts = Vec::new();
    for number in 0..40 {
        let id = NodeId(number % 5);
        acts.push((at(u64::from(number) * 37 + 11), Action::SlowDisk { server: id, times: 3 }));
    }
    acts[13].1 = Action::Crash(NodeId(4));
    acts[29].1 = Action::Restart(NodeId(4));
    Plan { scenario, acts, until: at(2_000), chosen: set(&[1, 4]) }
}

fn has(plan: &Plan, action: fn(&Action) -> bool) -> bool {
    plan.acts.iter().any(|(_, done)| action(done))
}

/// Fails if somebody crashes, somebody restarts, and the log is compacted.
fn fails(plan: &Plan) -> Attempt {
    let crash = has(plan, |action| matches!(action, Action::Crash(_)));
    let restart = has(plan, |action| matches!(action, Action::Restart(_)));
    let failing = crash && restart && plan.scenario.snapshot_above.is_some();
    let steps = 10 + plan.acts.len() as u64;
    Attempt { steps, played: steps, failing: failing.then(|| plan.clone()) }
}

const PLENTY: Budget = Budget { runs: 10_000, steps: 1_000_000 };

#[test]
fn only_what_the_failure_needs_is_left() {
    let smaller = shrink(crowded(), PLENTY, |plan, _| fails(plan)).expect("it fails");
    let Plan { scenario, acts, until, chosen } = smaller.plan;
    let usual = Scenario::new(1, 1, 0);
    let silent = Scenario { snapshot_above: Some(1_200), ..usual };
    let workload = crate::sim::Workload { pace: Pace::Silent, ..scenario.workload };
    assert_eq!(scenario, Scenario { workload, ..silent });
    let start = Instant::ZERO;
    // The one server that is left is the one that matters, renumbered.
    let left = [(start, Action::Crash(NodeId(0))), (start, Action::Restart(NodeId(0)))];
    assert_eq!((acts, until, chosen), (left.to_vec(), start, set(&[0])));
    assert_eq!(smaller.steps, 12);
}

#[test]
fn what_cannot_wait_for_less_may_need_no_wait_at_all() {
    let acts = [(at(500), Action::Crash(NodeId(0))), (at(900), Action::Restart(NodeId(0)))];
    let plan = Plan { acts: acts.to_vec(), ..crowded() };
    // Half of the pause is too little for one reason to fail, and too much for the other.
    let together = |plan: &Plan| match plan.acts[..] {
        [(crash, _), (restart, _)] => {
            crash == restart || restart.since(crash) == at(400).since(at(0))
        }
        _ => false,
    };
    let smaller = shrink(plan, PLENTY, |plan, _| {
        let attempt = fails(plan);
        Attempt { failing: attempt.failing.filter(together), ..attempt }
    });
    let acts = smaller.expect("it fails").plan.acts;
    assert_eq!((acts[0].0, acts[1].0), (at(0), at(0)));
}

#[test]
fn what_does_not_fail_is_not_made_smaller() {
    let mut plan = crowded();
    plan.scenario.snapshot_above = None;
    assert_eq!(shrink(plan, PLENTY, |plan, _| fails(plan)), None);
}

#[test]
fn no_more_is_spent_than_may_be() {
    for (runs, steps) in [(1, 1_000), (7, 1_000), (1_000, 200)] {
        let (mut played, mut events, mut asked) = (0, 0, true);
        let smaller = shrink(crowded(), Budget { runs, steps }, |plan, limit| {
            let mut attempt = fails(plan);
            if attempt.steps > limit.played {
                let steps = limit.played;
                attempt = Attempt { steps, played: steps, failing: None };
            }
            asked &= limit.played <= steps - events;
            played += 1;
            events += attempt.steps;
            attempt
        });
        let spent = smaller.expect("it fails").spent;
        assert_eq!((spent.runs, spent.steps), (played, events));
        assert!(asked && played <= runs, "{played} runs, {events} events");
    }
}

#[test]
fn a_run_that_takes_much_longer_is_not_smaller() {
    let longest = |plan: &Plan, limit: Limit| {
        let many = if plan.acts.len() < 40 { 5_000 } else { 100 };
        let failing = (many <= limit.steps).then(|| plan.clone());
        let steps = many.min(limit.steps);
        Attempt { steps, played: steps, failing }
    };
    let smaller = shrink(crowded(), PLENTY, longest).expect("it fails");
    assert_eq!(smaller.plan.acts.len(), 40);
}

#[test]
fn who_is_left_moves_up_and_what_named_only_the_other_goes() {
    let rule = |from: Option<NodeSet>| {
        let (verdict, chance) = (Verdict::Drop, Ppm::ALWAYS);
        Action::AddRule(Rule { from, to: None, shape: None, verdict, chance, until: None })
    };
    let actions = [
        Action::Crash(NodeId(0)),
        Action::Crash(NodeId(1)),
        Action::Crash(NodeId(2)),
        Action::Transfer { from: NodeId(2), to: NodeId(1) },
        Action::Cut { from: NodeId(2), to: NodeId(3) },
        Action::Partition([set(&[0, 1]), set(&[2, 4])].to_vec()),
        rule(None),
        rule(Some(set(&[1]))),
        rule(Some(set(&[1, 4]))),
    ];
    let acts = actions.into_iter().map(|action| (Instant::ZERO, action)).collect();
    let scenario = Scenario::new(1, 3, 2);
    let plan = Plan { scenario, acts, until: at(1), chosen: set(&[1, 2]) };
    let left = fewer::without(&plan, Part::Rank(1)).expect("two servers are left");
    assert_eq!((left.scenario.servers, left.scenario.clients, left.chosen), (2, 2, set(&[1])));
    let expected = [
        Action::Crash(NodeId(0)),
        Action::Crash(NodeId(1)),
        Action::Cut { from: NodeId(1), to: NodeId(2) },
        Action::Partition([set(&[0]), set(&[1, 3])].to_vec()),
        rule(None),
        rule(Some(set(&[3]))),
    ];
    let actions: Vec<Action> = left.acts.into_iter().map(|(_, action)| action).collect();
    assert_eq!(actions, expected);
    let client = fewer::without(&plan, Part::Client(1)).expect("a client is left out");
    assert_eq!((client.scenario.servers, client.scenario.clients), (3, 1));
    let alone = Plan { scenario: Scenario::new(1, 1, 0), ..plan };
    assert_eq!(fewer::without(&alone, Part::Rank(0)), None);
}

/// A controller of two servers, three groups of two, and one client: who is left has another
/// number, and what is said of configurations follows.
#[test]
fn of_a_sharded_store_whole_groups_go_or_a_server_of_each() {
    let mut scenario = Scenario::new(1, 2, 1);
    let sharding = crate::sim::Sharding { controllers: 2, groups: 3, ..Default::default() };
    scenario.sharding = Some(sharding);
    let servers = |ids: [u16; 2]| ids.map(NodeId).to_vec();
    let operator = NodeId(9);
    let control = |client, command| Action::Control { client, command };
    let join = Command::Join([(Gid(1), servers([2, 3])), (Gid(3), servers([6, 7]))].to_vec());
    let shard = ShardId(4);
    let actions = [
        control(operator, join),
        control(operator, Command::Leave([Gid(2), Gid(3)].to_vec())),
        control(operator, Command::Leave([Gid(2)].to_vec())),
        control(operator, Command::Move { shard, to: Gid(3) }),
        control(operator, Command::Move { shard, to: Gid(2) }),
        Action::Crash(NodeId(5)),
        Action::Crash(NodeId(7)),
    ];
    let acts = actions.into_iter().map(|action| (Instant::ZERO, action)).collect();
    let plan = Plan { scenario, acts, until: at(1), chosen: set(&[0, 2, 4, 7]) };
    let left = |part| {
        let Plan { scenario, acts, chosen, .. } = fewer::without(&plan, part).expect("some stay");
        let sharding = scenario.sharding.expect("it is sharded still");
        let counts = [scenario.servers, scenario.clients, sharding.groups, sharding.controllers];
        (counts, acts.into_iter().map(|(_, action)| action).collect::<Vec<_>>(), chosen)
    };
    let (counts, acts, chosen) = left(Part::Group(Gid(2)));
    assert_eq!((counts, chosen), ([2, 1, 2, 2], set(&[0, 2, 5])));
    let operator = NodeId(7);
    let join = Command::Join([(Gid(1), servers([2, 3])), (Gid(2), servers([4, 5]))].to_vec());
    let expected = [
        control(operator, join),
        control(operator, Command::Leave([Gid(2)].to_vec())),
        control(operator, Command::Move { shard, to: Gid(2) }),
        Action::Crash(NodeId(5)),
    ];
    assert_eq!(acts, expected);
    let (counts, acts, chosen) = left(Part::Rank(1));
    assert_eq!((counts, chosen), ([1, 1, 3, 2], set(&[0, 2, 3])));
    let one = |gid, id| (Gid(gid), [NodeId(id)].to_vec());
    assert_eq!(acts[0], control(NodeId(6), Command::Join([one(1, 2), one(3, 4)].to_vec())));
    assert_eq!(acts.len(), 5, "both who crashed are gone");
    let (counts, _, chosen) = left(Part::Controller(0));
    assert_eq!((counts, chosen), ([2, 1, 3, 1], set(&[1, 3, 6])));
    let (counts, ..) = left(Part::Client(0));
    assert_eq!(counts, [2, 0, 3, 2]);
    assert_eq!(fewer::without(&plan, Part::Client(1)), None, "the operator stays");
    assert_eq!(fewer::without(&plan, Part::Group(Gid(4))), None);
    let parts: Vec<Part> = fewer::parts(&plan.scenario).collect();
    assert_eq!(parts.len(), 1 + 3 + 2 + 2);
}

/// A run of the swarm that breaks an invariant, as a plan.
fn broken_run() -> (Plan, Law) {
    let adapt = |scenario: &mut Scenario| scenario.mutant = MutantId::R7;
    let runs = (0..64).map(|seed| swarm::run_recorded(seed, adapt));
    let laws = runs.filter_map(|kept| match kept.outcome.reason {
        Some(swarm::Reason::Law(law)) => Some((kept, law)),
        _ => None,
    });
    let (kept, law) =
        laws.take(4).max_by_key(|(kept, _)| kept.outcome.steps).expect("it is caught");
    let acts = kept.acts.iter().map(|acted| (acted.at, acted.action.clone())).collect();
    let until = kept.chronicle.observers.violations()[0].at;
    let scenario = kept.world.scenario().as_ref().clone();
    (Plan { scenario, acts, until, chosen: NodeSet::EMPTY }, law)
}

#[test]
fn what_is_played_on_from_an_earlier_attempt_ends_as_the_whole_does() {
    let (mut best, law) = broken_run();
    let mut lane = Rng::keyed(&[5]);
    let mut known = breaks(law);
    let (mut steps, mut played, mut failed) = (0, 0, 0);
    for number in 0..120 {
        let mut plan = best.clone();
        match lane.below(6) {
            _ if number == 0 => {}
            0 => plan.scenario.seed += lane.below(2),
            1 => plan.until = plan.until - Duration::from_millis(lane.below(40)),
            2 | 3 => {
                let index = lane.below(plan.acts.len() as u64) as usize;
                let before = index.checked_sub(1).map_or(Instant::ZERO, |last| plan.acts[last].0);
                let gap = plan.acts[index].0.since(before).as_micros();
                let sooner = Duration::from_micros(lane.below(gap / 4 + 1));
                let later = plan.acts.iter_mut().skip(index).map(|(at, _)| at);
                later.chain([&mut plan.until]).for_each(|at| *at = *at - sooner);
            }
            _ => {
                let start = lane.below(plan.acts.len() as u64 + 1) as usize;
                let end = (start + lane.below(4) as usize).min(plan.acts.len());
                plan.acts.drain(start..end);
            }
        }
        let longest = if lane.below(8) == 0 { 1_000 } else { 1_000_000 };
        let limit = Limit { steps: longest, played: u64::MAX };
        let (attempt, whole) = (known(&plan, limit), breaks(law)(&plan, limit));
        if attempt.steps <= limit.steps {
            assert_eq!((attempt.steps, &attempt.failing), (whole.steps, &whole.failing));
        }
        assert_eq!(whole.played, whole.steps);
        (steps, played) = (steps + attempt.steps, played + attempt.played);
        if let Some(found) = attempt.failing {
            failed += 1;
            // What is tried next need not come from what failed last.
            if lane.below(4) == 0 {
                best = found;
            }
        }
    }
    assert!(failed > 10, "{failed} of 120 fail");
    assert!(played * 4 < steps * 3, "{played} of {steps} events were played");
}

/// What is refused is in no plan that has failed: how the run stood when it was refused may be
/// later than what comes next in a plan in which that is done sooner.
#[test]
fn nothing_is_played_on_from_a_moment_that_lies_behind() {
    let (plan, law) = broken_run();
    let limit = Limit { steps: 1_000_000, played: u64::MAX };
    let whole = breaks(law)(&plan, limit).failing.expect("it fails");
    let mut refused = whole.clone();
    let restart = |at: &Instant| (*at - Duration::from_micros(1), Action::Restart(NodeId(0)));
    let acts = whole.acts.iter().flat_map(|act| [restart(&act.0), act.clone()]);
    refused.acts = acts.collect();
    let mut moved = 0;
    for index in 1..whole.acts.len() {
        let mut known = breaks(law);
        assert_eq!(known(&refused, limit).failing.as_ref(), Some(&whole));
        let mut plan = whole.clone();
        let gap = plan.acts[index].0.since(plan.acts[index - 1].0).as_micros();
        plan.acts[index].0 = plan.acts[index].0 - Duration::from_micros(gap / 2);
        let (attempt, fresh) = (known(&plan, limit), breaks(law)(&plan, limit));
        assert_eq!((attempt.steps, &attempt.failing), (fresh.steps, &fresh.failing), "{index}");
        moved += u32::from(attempt.played < attempt.steps);
    }
    assert!(moved > 5, "{moved} were played on");
}

#[test]
fn a_shard_that_is_left_out_is_not_moved() {
    let moved = |shard| Action::Control {
        client: NodeId(4),
        command: Command::Move { shard: ShardId(shard), to: Gid(1) },
    };
    let mut scenario = Scenario::new(1, 1, 1);
    scenario.sharding = Some(crate::sim::Sharding { groups: 2, shards: 9, ..Default::default() });
    let acts = [0, 1, 8].map(|shard| (at(u64::from(shard)), moved(shard))).to_vec();
    let plan = Plan { scenario, acts, until: at(20), chosen: NodeSet::EMPTY };
    let smaller = shrink(plan, PLENTY, |plan, _| {
        let shards = plan.scenario.sharding.map_or(0, |sharding| sharding.shards);
        let moves = plan.acts.iter().filter_map(|(_, action)| match action {
            Action::Control { command: Command::Move { shard, .. }, .. } => Some(shard.0),
            _ => None,
        });
        let moves: Vec<u16> = moves.collect();
        assert!(moves.iter().all(|shard| *shard < shards), "of {shards}: {moves:?}");
        Attempt { steps: 1, played: 1, failing: moves.contains(&0).then(|| plan.clone()) }
    });
    let plan = smaller.expect("it fails").plan;
    assert_eq!(plan.scenario.sharding.map(|sharding| sharding.shards), Some(1));
    assert_eq!(plan.acts.len(), 1);
}

/// Fails by chance, as where everything hangs on the course of a run: one plan in sixty with a
/// crash. The more is done, the longer it takes.
fn by_chance(plan: &Plan) -> Attempt {
    let crash = has(plan, |action| matches!(action, Action::Crash(_)));
    let failing = (crash && digest(plan).is_multiple_of(60)).then(|| plan.clone());
    let steps = 20 * plan.acts.len() as u64 + 100;
    Attempt { steps, played: steps, failing }
}

#[test]
fn what_fails_by_chance_is_met_again_in_shorter_runs() {
    let mut plan = crowded();
    let all = (0..400).map(|number| {
        let server = NodeId(number % 5);
        let action = match number % 50 {
            7 => Action::Crash(server),
            _ => Action::SlowDisk { server, times: u32::from(number) },
        };
        (at(u64::from(number) * 40), action)
    });
    (plan.acts, plan.until) = (all.collect(), at(16_000));
    while by_chance(&plan).failing.is_none() {
        plan.scenario.seed += 1;
    }
    let budget = Budget { runs: 60_000, steps: 12_000_000 };
    let smaller = shrink(plan, budget, |plan, _| by_chance(plan)).expect("it fails");
    assert!(smaller.plan.acts.len() <= 16, "{} are left", smaller.plan.acts.len());
}

#[test]
fn a_window_begins_with_what_held_before_it() {
    let mut scenario = Scenario::new(7, 3, 2);
    scenario.sharding = Some(crate::sim::Sharding { groups: 2, ..Default::default() });
    let client = scenario.client_ids().last().expect("there is one");
    let join = |gid| Action::Control {
        client,
        command: Command::Join(Vec::from([(Gid(gid), Vec::new())])),
    };
    let slow = |server, times| Action::SlowDisk { server: NodeId(server), times };
    let until = Some(at(9_000));
    let (verdict, chance) = (Verdict::Drop, Ppm::ALWAYS);
    let rule = |until| Rule { from: None, to: None, shape: None, verdict, chance, until };
    let acts = Vec::from([
        (at(10), join(1)),
        (at(1_000), Action::Crash(NodeId(1))),
        (at(1_500), slow(2, 5)),
        (at(2_000), Action::Crash(NodeId(0))),
        (at(2_500), slow(2, 7)),
        (at(3_000), Action::Restart(NodeId(0))),
        (at(3_500), join(2)),
        (at(8_000), Action::AddRule(rule(until))),
        (at(8_500), Action::Heal),
        (at(9_500), Action::Restart(NodeId(1))),
    ]);
    let plan = Plan { scenario, acts, until: at(11_000), chosen: NodeSet::EMPTY };
    let (lead, rest) = (Duration::from_millis(100), Duration::from_millis(300));
    let part = window::window(&plan, 7..9, lead, rest);
    let expected = Vec::from([
        (at(0), join(1)),
        (at(100), Action::Crash(NodeId(1))),
        (at(100), slow(2, 7)),
        (at(100), Action::AddRule(rule(Some(at(1_100))))),
        (at(600), Action::Heal),
    ]);
    assert_eq!((part.acts, part.until), (expected, at(900)));
    let whole =
        window::window(&plan, 0..10, Duration::from_millis(10), Duration::from_millis(2_000));
    assert_eq!(whole, plan);
    let nothing = window::window(&plan, 10..12, lead, rest);
    assert_eq!(nothing.until, at(100));
}
