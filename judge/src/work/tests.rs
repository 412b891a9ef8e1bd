mod findings;

use std::fs;
use std::path::Path;

use shardscope_core::sim::timeline::Timeline;
use shardscope_core::sim::{Action, Scenario};
use shardscope_core::time::Duration;

use super::*;
use crate::message;

const SPLIT: &str = include_str!("../../../tests/scripts/split-vote.script");
const TRAP: &str = include_str!("../../../tests/scripts/mutants/R1-vote-not-persisted.script");

/// A job on its way to the judge and an answer on its way back.
fn asked(job: &Job) -> Answer {
    let job = message::read(&message::write(job)).expect("a job is a message");
    message::read(&message::write(&answer(job))).expect("an answer is a message")
}

fn told(text: &str) -> (Story, Vec<u8>) {
    match asked(&Job::Tell(text.into())) {
        Answer::Told { story, run } => (story, run),
        other => panic!("{other:?}"),
    }
}

/// The run that the page makes of an answer, in parts.
fn made_again(run: &[u8], whose: &str) -> Timeline {
    let opened = link::unpack(run).unwrap_or_else(|why| panic!("{whose}: {why}"));
    assert_eq!(opened.warning(), None, "{whose}");
    let mut replay = opened.replay();
    while !replay.advance(100).unwrap_or_else(|why| panic!("{whose}: {why}")) {}
    replay.into_timeline()
}

/// The names and texts of all scripts, with those about mutants.
fn all() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scripts");
    let mut found = Vec::new();
    for folder in [folder.join("mutants"), folder.join("why"), folder] {
        for entry in fs::read_dir(folder).expect("there is a folder of scripts") {
            let path = entry.expect("its entries can be read").path();
            if path.extension().is_some_and(|extension| extension == "script") {
                let text = fs::read_to_string(&path).expect("a script is text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_run_of_every_script_reaches_the_page_bit_for_bit() {
    let (mut longest, mut most) = (0, 0);
    for (name, text) in all() {
        let player = Player::explain(Script::parse(&text).expect("it is a script"));
        let (story, run) = told(&text);
        let again = made_again(&run, &name);
        let timeline = player.timeline();
        assert_eq!(again.world().digest(), timeline.world().digest(), "{name}");
        assert_eq!(again.branch().acts, timeline.branch().acts, "{name}");
        assert_eq!((again.spot(), again.head()), (timeline.spot(), timeline.head()), "{name}");
        let violations = |timeline: &Timeline| timeline.chronicle().observers.violations().to_vec();
        assert_eq!(violations(&again), violations(timeline), "{name}");
        let last = story.stops.last().expect("it ends");
        let fails = name.contains("mutants");
        assert_eq!(matches!(last.what, What::Fail(..)), fails, "{name}: {last:?}");
        assert_eq!(story.title, player.script().title(), "{name}");
        (longest, most) = (longest.max(run.len()), most.max(timeline.head_step()));
    }
    // Far from what a story may take.
    assert!(longest < 1_000 && most < 100_000, "{longest} bytes and {most} events");
}

/// As many scripts as the page's list has.
#[test]
fn no_script_is_forgotten() {
    let list = include_str!("../../../tests/scripts/index.txt");
    assert_eq!(all().len(), list.lines().count());
}

#[test]
fn a_run_that_no_address_can_hold_is_told() {
    let naps = "  pause S2\n  after 1 ms\n  resume S2\n  after 1 ms\n".repeat(5_000);
    let text = format!("shardscope script 1\ncluster\n  servers 3\nstory\n{naps}");
    let (story, run) = told(&text);
    assert_eq!(story.stops.last().map(|stop| &stop.what), Some(&What::End(0)));
    assert!(run.len() > link::MAX_CHARS, "only {} bytes", run.len());
    let again = made_again(&run, "a long run");
    assert_eq!(again.branch().acts.len(), 10_000);
    assert!(link::write(&again, &[]).is_err(), "an address has its limit all the same");
    assert_eq!(again.spot(), story.stops[0].moment);
}

#[test]
fn a_story_stops_wherever_it_says_something_in_the_order_of_its_lines() {
    let (story, _) = told(SPLIT);
    let lines = SPLIT.lines().zip(1..);
    let speaks = |line: &str| ["say ", "ask ", "answer"].iter().any(|w| line.starts_with(w));
    let spoken: Vec<u32> =
        lines.filter(|(line, _)| speaks(line.trim())).map(|(_, number)| number).collect();
    let (last, stops) = story.stops.split_last().expect("it ends");
    assert_eq!(stops.iter().map(|stop| stop.line).collect::<Vec<_>>(), spoken);
    let expects = SPLIT.lines().filter(|line| line.trim().starts_with("expect ")).count();
    assert_eq!(last.what, What::End(expects as u64));
    assert!(story.stops.is_sorted_by_key(|stop| (stop.moment.step, stop.moment.at)));
}

#[test]
fn a_story_that_fails_ends_at_the_event() {
    let (story, run) = told(TRAP);
    let last = story.stops.last().expect("it ends");
    assert!(matches!(&last.what, What::Fail(expected, _) if expected.contains("RI-2")));
    assert_eq!(last.moment, made_again(&run, "R1").spot());
    assert_eq!(TRAP.lines().nth(last.line as usize - 1), Some("  expect RI-2 holds"));
}

#[test]
fn what_is_no_script_gets_a_sentence_with_its_line() {
    let refused = |text: &str| match asked(&Job::Tell(text.into())) {
        Answer::Refused(sentence) => sentence,
        other => panic!("{other:?}"),
    };
    let said = refused("shardscope script 1\ncluster\n  servers 3\nstory\n  crsh S1\n");
    assert!(said.starts_with("This is no script yet, line 5, column 3: "), "{said}");
    assert!(said.ends_with(" It says: crsh S1"), "{said}");
    let said = refused(&"ä".repeat(500));
    assert!(said.ends_with(&format!(" It says: {}…", "ä".repeat(SHOWN))), "{said}");
    assert!(!refused("").contains("It says"));
}

#[test]
fn a_run_is_written_as_a_script_that_is_the_same_run() {
    let mut timeline = Timeline::new(Scenario::new(7, 3, 2));
    for server in timeline.scenario().server_ids() {
        timeline.advance(timeline.now() + Duration::from_millis(170), 100_000);
        timeline.act(Action::Pause(server)).expect("it runs");
    }
    timeline.advance(timeline.now() + Duration::from_millis(10), 100_000);
    let run = link::pack(&timeline).expect("it is short");
    let Answer::Recorded(text) = asked(&Job::Record(run)) else { panic!("it can be told") };
    assert!(text.contains("pause S1") && text.contains("pause S3"), "{text}");
    let (_, run) = told(&text);
    let again = made_again(&run, "the same run");
    assert_eq!(again.world(), timeline.world());
    assert_eq!(again.spot(), timeline.spot());
}

#[test]
fn what_is_no_run_gets_a_sentence() {
    for run in [vec![], vec![1; 30], vec![0; link::MAX_BYTES + 1]] {
        let Answer::Refused(said) = asked(&Job::Record(run)) else { panic!("it is no run") };
        assert!(said.ends_with('.'), "{said}");
    }
}
