//! Runs told as links: each leads to the same run, at the same moment.

mod damage;
pub(crate) mod seal;
mod size;

use std::sync::Arc;

use shardscope_core::rng::Rng;
use shardscope_core::sim::link::{self, Run};
use shardscope_core::sim::swarm::{self, Kept};
use shardscope_core::sim::timeline::Acted;
use shardscope_core::sim::{Latency, Report, Scenario, Sharding, Timeline, World};
use shardscope_core::time::{Duration, Instant};
use shardscope_core::view;

use crate::retold::anything;
use crate::tier;

/// More than any of these runs takes.
const BUDGET: u32 = 10_000_000;

/// What a link leads to, played in parts.
fn played(text: &str, view: &[u8], whose: &str) -> Timeline {
    let opened = link::open(text).unwrap_or_else(|why| panic!("{whose}: {why}"));
    assert_eq!(opened.view, view, "{whose}");
    assert_eq!(opened.warning(), None, "{whose}");
    let mut replay = opened.replay();
    while !replay.advance(1_000).unwrap_or_else(|why| panic!("{whose}: {why}")) {
        let (done, all) = replay.progress();
        assert!(done < all, "{whose}: {done} of {all}");
    }
    replay.into_timeline()
}

/// The run of a scenario and its first actions, up to the last of them, made without a timeline.
fn made(scenario: &Scenario, acts: &[Acted]) -> World {
    let (mut world, mut report) = (World::new(Arc::new(scenario.clone())), Report::default());
    for acted in acts {
        while world.steps() + 1 < acted.step {
            assert!(world.step(&mut report), "there is no step {}", acted.step);
        }
        world.act(acted.at, &acted.action, &mut report).expect("it was done before");
    }
    world
}

/// The first actions of a drawn run, up to `most` of them.
fn first(kept: &Kept, most: usize) -> Run<'_> {
    let acts = &kept.acts[..most.min(kept.acts.len())];
    let moment = acts.last().map_or((0, Instant::ZERO), |last| (last.step, last.at));
    Run { scenario: kept.world.scenario(), acts, trace: &kept.chronicle.trace, moment }
}

fn a_link_of_a_drawn_run_is_that_run(seeds: u64, draw: fn(u64) -> Kept) {
    let whole = tier::parallel(0..seeds, |seed| {
        let (kept, whose) = (draw(seed), format!("seed {seed}"));
        let run = first(&kept, 100);
        let text = link::write(run, &[]).unwrap_or_else(|why| panic!("{whose}: {why}"));
        let timeline = played(&text, &[], &whose);
        let world = made(run.scenario, run.acts);
        assert_eq!(timeline.world().digest(), world.digest(), "{whose}");
        assert_eq!(timeline.branch().acts, run.acts, "{whose}");
        assert_eq!((timeline.step_number(), timeline.now()), run.moment, "{whose}");
        // The whole run, if a link can hold it.
        let moment = (kept.world.steps(), kept.end);
        let run = Run { acts: &kept.acts, moment, ..run };
        let Ok(text) = link::write(run, &[7; link::MAX_VIEW]) else { return 0 };
        let timeline = played(&text, &[7; link::MAX_VIEW], &whose);
        assert_eq!(timeline.world().digest(), kept.outcome.digest, "{whose}");
        assert_eq!((timeline.step_number(), timeline.now()), moment, "{whose}");
        1
    });
    let whole: u64 = whole.iter().sum();
    println!("{whole} of {seeds} whole runs fit into a link");
    assert!(whole >= seeds / 8, "only {whole} of {seeds}");
}

#[test]
fn a_link_of_a_drawn_group_is_that_run() {
    let draw = |seed| swarm::run_recorded(seed, |_| {});
    a_link_of_a_drawn_run_is_that_run(tier::count(24, 400), draw);
}

#[test]
fn a_link_of_a_drawn_cluster_is_that_run() {
    let draw = |seed| swarm::run_sharded_recorded(seed, |_| {});
    a_link_of_a_drawn_run_is_that_run(tier::count(10, 150), draw);
}

/// A person at work: lets time pass, acts between any two events, also several times at once, goes
/// back and forth.
fn at_work(seed: u64, sharding: Option<Sharding>) -> Timeline {
    let lane = &mut Rng::keyed(&[seed, 0x6c69_6e6b]);
    let mut scenario = Scenario { sharding, ..Scenario::new(seed, 3, 2) };
    // Whole milliseconds, so that many things are due at once.
    scenario.network.latency = Latency::Fixed(Duration::from_micros(999));
    let mut timeline = Timeline::new(scenario);
    for _ in 0..lane.below(60) {
        let until = timeline.now() + Duration::from_millis(lane.below(400));
        timeline.advance(until, lane.below(30) as u32);
        let count = lane.below(4);
        let actions: Vec<_> = (0..count).map(|_| anything(lane, &timeline)).collect();
        if timeline.act_all(actions).is_err() {
            timeline.step_forward();
        }
        match lane.below(12) {
            0 => _ = timeline.undo(),
            1 => _ = timeline.step_back(),
            _ => {}
        }
    }
    if lane.below(2) == 0 {
        timeline.seek(Instant::from_micros(lane.below(timeline.head().as_micros() + 1)));
    }
    timeline
}

/// The cursor may stand before what was done, and between two events.
#[test]
fn a_link_of_what_a_person_did_leads_to_the_same_moment() {
    let usual = Sharding { controllers: 1, groups: 2, shards: 4, ..Sharding::default() };
    for (seeds, sharding) in
        [(tier::count(200, 4_000), None), (tier::count(100, 2_000), Some(usual))]
    {
        let back = tier::parallel(0..seeds, |seed| {
            let (timeline, whose) = (at_work(seed, sharding), format!("seed {seed}"));
            let kept = seed.to_be_bytes();
            let text = link::write(&timeline, &kept).unwrap_or_else(|why| panic!("{whose}: {why}"));
            let again = played(&text, &kept, &whose);
            assert_eq!(again.now(), timeline.now(), "{whose}");
            assert_eq!(again.branch().acts, timeline.branch().acts, "{whose}");
            assert_eq!(link::write(&again, &kept), Ok(text), "{whose}");
            let state = |timeline: &Timeline| {
                let world = timeline.world();
                (world.steps(), world.now(), world.digest(), view::stage(timeline))
            };
            assert_eq!(state(&again), state(&timeline), "{whose}");
            let is_live = timeline.is_live();
            // What comes next is the same too.
            let [again, timeline] = [again, timeline].map(|mut timeline| {
                timeline.advance(timeline.now() + Duration::from_millis(300), BUDGET);
                timeline
            });
            assert_eq!(state(&again), state(&timeline), "{whose}");
            u64::from(!is_live)
        });
        let back: u64 = back.iter().sum();
        assert!(back > seeds / 4, "only {back} of {seeds} cursors were in the past");
    }
}

/// All in one part, as a command line would.
#[test]
fn a_link_in_an_address_is_found() {
    let timeline = at_work(5, None);
    let text = link::write(&timeline, b"view").expect("it fits");
    assert!(text.starts_with("run="), "{text}");
    for around in [
        text.clone(),
        text["run=".len()..].to_owned(),
        format!("#{text}"),
        format!("https://example.org/page?x=1#seed=7&{text}&groups=3"),
        format!("  http://[::1]:8080/#{text}\n"),
    ] {
        let opened = link::open(&around).unwrap_or_else(|why| panic!("{around}: {why}"));
        assert_eq!(opened.actions(), timeline.branch().acts.len());
        let mut replay = opened.replay();
        assert_eq!(replay.advance(BUDGET), Ok(true));
        let digest = replay.into_timeline().world().digest();
        assert_eq!(digest, timeline.world().digest());
    }
}
