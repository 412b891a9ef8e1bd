//! Going back and forth must change nothing; acting in the past must lose nothing.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::*;
use crate::id::{NodeId, NodeSet};
use crate::sim::action::PacketFault;
use crate::time::Duration;

fn ms(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

/// A run of two seconds with some actions in it.
fn eventful() -> Timeline {
    let mut scenario = Scenario::new(7, 3, 2);
    scenario.snapshot_above = Some(800);
    let mut timeline = Timeline::new(scenario);
    let side = |nodes: &[u16]| nodes.iter().map(|n| NodeId(*n)).collect::<NodeSet>();
    let plan = [
        (500, Action::Crash(NodeId(0))),
        (900, Action::Restart(NodeId(0))),
        (1_200, Action::Partition(Vec::from([side(&[0]), side(&[1, 2])]))),
        (1_600, Action::Heal),
    ];
    for (at, action) in plan {
        timeline.advance(ms(at), u32::MAX);
        assert_eq!(timeline.act(action), Ok(false));
    }
    timeline.advance(ms(2_000), u32::MAX);
    timeline
}

#[test]
fn every_moment_is_found_again_as_it_was() {
    let mut timeline = eventful();
    let mut fresh = Timeline::new(timeline.scenario().as_ref().clone());
    let acts = timeline.branch().acts.clone();
    let mut worlds = Vec::from([fresh.world().clone()]);
    for step in 1..=timeline.head_step() {
        match acts.iter().find(|acted| acted.step == step) {
            Some(acted) => {
                fresh.now = acted.at;
                fresh.act(acted.action.clone()).unwrap();
            }
            None => assert!(fresh.step_forward()),
        }
        worlds.push(fresh.world().clone());
    }
    assert_eq!(fresh.chronicle(), timeline.chronicle(), "the same run, the same chronicle");
    assert_eq!(fresh.world(), timeline.world());
    let steps = timeline.head_step();
    assert!(steps > 2 * branch::SPACING, "{steps} steps pass too few keyframes");
    for n in 0..200 {
        let step = n * 7_919 % (steps + 1);
        timeline.seek_step(step);
        assert_eq!(timeline.world(), &worlds[step as usize], "step {step}");
        assert_eq!(timeline.step_number(), step);
        timeline.seek(worlds[step as usize].now());
        let last = worlds.iter().rposition(|world| world.now() <= timeline.now()).unwrap();
        let mut expected = worlds[last].clone();
        assert!(!expected.step_until(timeline.now(), &mut Report::default()));
        assert_eq!(timeline.world(), &expected, "moment {}", timeline.now());
    }
}

#[test]
fn looking_back_changes_nothing() {
    let mut timeline = eventful();
    let (world, chronicle) = (timeline.world().clone(), timeline.chronicle().clone());
    for at in [0, 1_999, 3, 1_200, 700] {
        timeline.seek(ms(at));
        assert!(!timeline.is_live());
        assert_eq!(timeline.now(), ms(at));
    }
    assert!(timeline.step_back());
    assert!(timeline.step_forward());
    timeline.advance(ms(1_500), u32::MAX);
    assert_eq!(timeline.now(), ms(1_500));
    assert!(!timeline.is_live());
    timeline.advance(ms(2_000), u32::MAX);
    assert!(timeline.is_live());
    assert_eq!((timeline.world(), timeline.chronicle()), (&world, &chronicle));
    assert_eq!(timeline.branches().len(), 1);
}

#[test]
fn acting_in_the_past_forks_and_keeps_the_other_future() {
    let mut timeline = eventful();
    let future = timeline.world().clone();
    timeline.seek(ms(1_000));
    assert_eq!(timeline.act(Action::Crash(NodeId(1))), Ok(true));
    assert_eq!(timeline.branches().len(), 2);
    assert_eq!(
        timeline.branch().origin.map(|origin| (origin.branch, origin.at)),
        Some((1, ms(1_000)))
    );
    assert!(timeline.is_live());
    timeline.advance(ms(3_000), u32::MAX);
    assert_ne!(timeline.world().digest(), future.digest());
    assert!(timeline.switch(1));
    assert_eq!(timeline.world(), &future);
    assert!(!timeline.switch(99));
}

#[test]
fn acting_before_a_quiet_head_opens_what_comes_after() {
    let mut gaps = 0;
    for seed in 0..30 {
        let mut timeline = Timeline::new(Scenario::new(seed, 3, 1));
        timeline.advance(ms(900 + seed * 7), u32::MAX);
        let (last, head) = (timeline.world().now(), timeline.head());
        let packet = timeline.world().packets().next().map(|packet| packet.label.id);
        let Some(id) = packet.filter(|_| head.since(last) > Duration::from_micros(1)) else {
            continue;
        };
        gaps += 1;
        timeline.seek(last + Duration::from_micros(1));
        // It arrives in the gap, before what was the head.
        assert_eq!(timeline.act(Action::Packet { id, fault: PacketFault::Deliver }), Ok(false));
        timeline.live();
        assert_eq!(timeline.act(Action::Crash(NodeId(1))), Ok(false));
        timeline.advance(ms(1_500), u32::MAX);
        let times: Vec<Instant> = timeline.chronicle().trace.iter().map(|line| line.at).collect();
        assert!(times.is_sorted(), "seed {seed}: time went backwards");
        let mut fresh = Timeline::new(timeline.scenario().as_ref().clone());
        for acted in &timeline.branch().acts {
            fresh.advance(acted.at, u32::MAX);
            fresh.act(acted.action.clone()).unwrap();
        }
        fresh.advance(ms(1_500), u32::MAX);
        assert_eq!(fresh.branch().acts, timeline.branch().acts, "seed {seed}");
        assert_eq!(fresh.world(), timeline.world(), "seed {seed}");
    }
    assert!(gaps > 9, "only {gaps} runs stood in a gap between two events");
}

#[test]
fn a_fork_remembers_what_a_fresh_run_would() {
    let mut timeline = eventful();
    for at in [1_731, 1_250, 611, 40] {
        timeline.switch(1);
        timeline.seek(ms(at));
        timeline.act(Action::Campaign(NodeId(2))).unwrap();
        timeline.advance(ms(2_500), u32::MAX);
        let mut fresh = Timeline::new(timeline.scenario().as_ref().clone());
        for acted in &timeline.branch().acts {
            fresh.advance(acted.at, u32::MAX);
            fresh.act(acted.action.clone()).unwrap();
        }
        fresh.advance(ms(2_500), u32::MAX);
        assert_eq!(fresh.world(), timeline.world());
        assert_eq!(fresh.chronicle(), timeline.chronicle(), "forked at {at} ms");
    }
}

#[test]
fn a_run_is_its_own_replay_wherever_it_was_acted_upon() {
    let (mut forks, mut frames) = (0, 0);
    for seed in 1..=40 {
        let mut lane = crate::rng::Rng::keyed(&[seed]);
        let mut scenario = Scenario::new(seed, 3, 2);
        scenario.snapshot_above = (seed % 2 == 0).then_some(600);
        let mut timeline = Timeline::new(scenario);
        for _ in 0..30 {
            let ahead = Duration::from_micros(lane.below(90_000 << (seed % 4)));
            timeline.advance(timeline.now() + ahead, u32::MAX);
            // The cursor wanders before something is done: also between two events.
            for _ in 0..lane.below(4) * lane.below(2) {
                match lane.below(5) {
                    0 => _ = timeline.step_back(),
                    1 => _ = timeline.step_forward(),
                    2 => timeline
                        .seek(Instant::from_micros(lane.below(timeline.head().as_micros() + 1))),
                    3 => timeline.live(),
                    _ => {
                        let back = Duration::from_micros(lane.below(3_000));
                        timeline.seek(timeline.now() - back);
                    }
                }
            }
            let server = NodeId(lane.below(3) as u16);
            let action = match lane.below(8) {
                0 => Action::Crash(server),
                1 | 6 => Action::Restart(server),
                7 => Action::Wipe(server),
                2 => Action::Pause(server),
                3 => Action::Resume(server),
                4 => Action::Isolate(server),
                _ => Action::Heal,
            };
            _ = timeline.act(action);
        }
        let mut fresh = Timeline::new(timeline.scenario().as_ref().clone());
        timeline.live();
        for acted in &timeline.branch().acts {
            fresh.advance(acted.at, u32::MAX);
            assert_eq!(fresh.step_number() + 1, acted.step);
            fresh.act(acted.action.clone()).unwrap();
        }
        // Of several events at the last moment, only some may have happened.
        while fresh.step_number() < timeline.head_step() && fresh.step_forward() {}
        assert_eq!(fresh.world().digest(), timeline.world().digest(), "seed {seed}");
        assert_eq!(fresh.world(), timeline.world(), "seed {seed}");
        // What the observers remember is part of it: forks take it from a keyframe and go on.
        assert_eq!(fresh.chronicle(), timeline.chronicle(), "seed {seed}");
        assert_eq!(timeline.chronicle().observers.violations(), [], "seed {seed}");
        forks += timeline.branch().origin.map_or(0, |_| 1);
        frames += timeline.head_step() / branch::SPACING;
    }
    assert!(forks > 20 && frames > 30, "{forks} runs were forked and passed {frames} keyframes");
}

#[test]
fn eight_branches_are_kept() {
    let mut timeline = eventful();
    for n in 0..12 {
        timeline.seek(ms(1_900 - n * 20));
        timeline.act(Action::Isolate(NodeId(1))).unwrap();
        timeline.advance(ms(2_000), u32::MAX);
    }
    let ids: Vec<u32> = timeline.branches().iter().map(|branch| branch.id).collect();
    assert_eq!(ids, [6, 7, 8, 9, 10, 11, 12, 13], "the oldest go first");
    assert_eq!(timeline.branch().id, 13);
}

#[test]
fn undoing_goes_back_to_before_the_last_action() {
    let mut timeline = eventful();
    let end = timeline.spot();
    assert!(timeline.undo());
    assert_eq!(timeline.now(), ms(1_600));
    assert_eq!(timeline.world().cuts().count(), 4, "not healed yet");
    assert!(timeline.undo());
    assert_eq!(timeline.now(), ms(1_200));
    assert_eq!(timeline.world().cuts().count(), 0);
    assert!(timeline.redo());
    assert_eq!(timeline.now(), ms(1_600));
    assert!(timeline.redo());
    assert_eq!(timeline.spot(), end);
    assert!(!timeline.redo());
    while timeline.undo() {}
    assert_eq!(timeline.now(), ms(500));
    assert_eq!(timeline.act(Action::Pause(NodeId(0))), Ok(true), "what follows is another future");
    assert!(!timeline.redo(), "the way back is gone with the new action");
}

#[test]
fn after_departing_what_was_undone_does_not_come_again() {
    let mut timeline = eventful();
    let end = timeline.spot();
    assert!(!timeline.depart(), "at the head there is no future to leave");
    assert!(timeline.undo());
    assert!(timeline.depart());
    timeline.advance(ms(2_000), u32::MAX);
    assert_eq!(timeline.world().cuts().count(), 4, "nobody heals on this branch");
    assert_eq!(timeline.branches().len(), 2);
    assert!(timeline.redo());
    assert_eq!(timeline.spot(), end, "the way back leads to the other branch");
}

#[test]
fn what_cannot_be_done_says_so_and_does_nothing() {
    let mut timeline = eventful();
    let (world, branches) = (timeline.world().clone(), timeline.branches().len());
    timeline.seek(ms(100));
    let refused = timeline.act(Action::Restart(NodeId(1))).unwrap_err();
    assert_eq!(refused.0, "S2 is running: crash it first.");
    assert_eq!(timeline.branches().len(), branches, "no fork for nothing");
    timeline.live();
    for (action, part) in [
        (Action::Crash(NodeId(9)), "There is no server 10: there are S1 to S3."),
        (Action::Resume(NodeId(1)), "S2 is not paused."),
        (Action::Mend { from: NodeId(0), to: NodeId(1) }, "is whole already"),
        (Action::Cut { from: NodeId(0), to: NodeId(0) }, "lets nothing through"),
        (Action::Packet { id: 1, fault: PacketFault::Drop }, "no longer on its way"),
        (Action::SlowDisk { server: NodeId(0), times: 0 }, "1 to 10000 times"),
        (
            Action::Invoke { client: NodeId(0), command: "get x".parse().unwrap() },
            "S1 is a server: choose a client.",
        ),
        (
            Action::SetNetwork(crate::sim::Network {
                loss: crate::rng::Ppm(2_000_000),
                ..crate::sim::Network::default()
            }),
            "more than always",
        ),
    ] {
        let refused = timeline.act(action.clone()).unwrap_err();
        assert!(refused.0.contains(part), "{action:?}: {refused}");
        assert!(refused.0.ends_with('.'), "{refused}");
    }
    assert_eq!(timeline.world(), &world);
}

#[test]
fn a_budget_is_kept_and_time_does_not_run_ahead_of_it() {
    let mut timeline = Timeline::new(Scenario::new(3, 3, 2));
    let first = timeline.advance(ms(5_000), 10);
    assert_eq!((first.steps, first.reached), (10, false));
    assert_eq!(timeline.now(), timeline.world().now());
    let mut turns = 1;
    while !timeline.advance(ms(5_000), 10).reached {
        turns += 1;
    }
    assert!(turns > 50);
    assert_eq!(timeline.now(), ms(5_000));
    let whole = Timeline::new(Scenario::new(3, 3, 2)).advance(ms(5_000), u32::MAX);
    assert_eq!(u64::from(whole.steps), timeline.step_number());
}

#[test]
fn keyframes_thin_out_and_still_lead_everywhere() {
    const STEPS: u64 = 150_000;
    let mut timeline = Timeline::new(Scenario::new(5, 3, 2));
    // Worlds as they were at first, about a thousand steps apart: between keyframes, at the first
    // of them, and beside those that have gone.
    let wanted = |step: u64| {
        step.is_multiple_of(1_009)
            || (branch::SPACING - 1..=branch::SPACING + 1).contains(&step)
            || STEPS - step < 2
    };
    let mut worlds = Vec::from([(0, timeline.world().clone())]);
    while timeline.head_step() < STEPS {
        assert!(timeline.step_forward());
        if wanted(timeline.head_step()) {
            worlds.push((timeline.head_step(), timeline.world().clone()));
        }
    }
    let head = timeline.world().clone();
    let lines = timeline.branch();
    let kept: BTreeSet<u64> = (0..=STEPS).map(|step| lines.keyframe(step).steps()).collect();
    assert!(kept.len() < 300 && kept.last() > Some(&(STEPS - 2_000)), "{} are kept", kept.len());
    // Not in order: what the cursor comes from must not matter.
    let count = worlds.len();
    assert!(count > 150, "{count}");
    for n in 0..count {
        let (step, world) = &worlds[n * 67 % count];
        timeline.seek_step(*step);
        assert_eq!(timeline.step_number(), *step);
        assert_eq!(timeline.world().digest(), world.digest(), "step {step}");
        assert_eq!(timeline.world(), world, "step {step}");
    }
    let middle = timeline.head() - Duration::from_secs(20);
    timeline.seek(middle);
    timeline.advance(head.now(), u32::MAX);
    assert_eq!(timeline.world(), &head);
}

#[test]
fn what_was_done_together_is_undone_together_and_nothing_else() {
    let mut timeline = eventful();
    let (before, spot) = (timeline.branch().acts.len(), timeline.spot());
    timeline.act(Action::Pause(NodeId(0))).unwrap();
    timeline.act_all([Action::Pause(NodeId(1)), Action::Pause(NodeId(2))]).unwrap();
    assert_eq!(timeline.branch().acts.len(), before + 3, "all at one moment");
    let paused = |timeline: &Timeline| timeline.world().servers().filter(|s| s.is_paused()).count();
    assert_eq!(paused(&timeline), 3);
    assert!(timeline.undo());
    assert_eq!(paused(&timeline), 1);
    assert!(timeline.undo());
    assert_eq!((paused(&timeline), timeline.spot()), (0, spot));
    assert!(timeline.redo() && timeline.redo() && !timeline.redo());
    assert_eq!(paused(&timeline), 3);
}

#[test]
fn before_the_first_event_is_the_beginning() {
    let mut timeline = Timeline::new(Scenario::new(7, 3, 2));
    assert!(!timeline.step_back(), "this is the beginning");
    timeline.advance(Instant::from_micros(1), u32::MAX);
    assert_eq!((timeline.step_number(), timeline.now()), (0, Instant::from_micros(1)));
    assert!(timeline.step_back());
    assert_eq!((timeline.step_number(), timeline.now()), (0, Instant::ZERO));
    assert!(!timeline.step_back());
}

#[test]
fn a_keyframe_is_kept_each_time_so_many_events_have_passed() {
    let timeline = eventful();
    let spacing = branch::SPACING;
    assert!(timeline.head_step() > 3 * spacing);
    for step in 0..3 * spacing {
        assert_eq!(timeline.branch().keyframe(step).steps(), step - step % spacing);
    }
}
