//! What is found out about histories: of runs with a broken rule, and of files.

use shardscope_core::history::{Callers, History, Record};
use shardscope_core::id::MutantId;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::Scenario;
use shardscope_core::sim::timeline::{Monitor, Ruling, Timeline};
use shardscope_core::time::Instant;

use super::asked;
use crate::findings::{Findings, Part, Verdict};
use crate::message::{Answer, Job};

fn judged(job: &Job) -> Findings {
    match asked(job) {
        Answer::Judged(findings) => findings,
        other => panic!("{other:?}"),
    }
}

fn file(text: &str) -> Findings {
    judged(&Job::Read(text.into()))
}

/// What the clients saw in the first steps of a run.
fn seen(timeline: &Timeline, step: u64) -> Record {
    let mut history: History = timeline.chronicle().history.clone();
    history.truncate(history.partition_point(|event| event.step <= step));
    Record::of(&history)
}

#[test]
fn a_double_append_is_shown_with_what_contradicts_it() {
    let mut found = 0;
    for seed in 0..8 {
        let mut scenario = Scenario::new(seed, 3, 3);
        (scenario.mutant, scenario.network.loss) = (MutantId::R47, Ppm(150_000));
        let mut timeline = Timeline::new(scenario);
        timeline.advance(Instant::from_micros(3_000_000), u32::MAX);
        let mut monitor = Monitor::default();
        monitor.follow(&timeline, u64::MAX);
        let Ruling::Violated { key, step, .. } = monitor.ruling(&timeline) else { continue };
        found += 1;
        let record = Record { callers: Callers::Clients, ..seen(&timeline, step) };
        let findings = judged(&Job::Judge(record));
        assert_eq!(findings.models[0].verdict, Verdict::Violated);
        let words = &findings.models[0].words;
        assert!(words.contains(" of Client ") && !words.contains("process"), "{words}");
        let evidence = findings.evidence.expect("it is known to be wrong");
        assert_eq!(evidence.key, &*key);
        // No order explains what others saw without it, or all say otherwise.
        let why =
            if evidence.states.is_none() { "but others saw" } else { "every order that fits" };
        assert!(evidence.words.contains(why), "{}", evidence.words);
        let shown = &evidence.operations;
        let odd: Vec<_> = shown.iter().filter(|op| op.part == Part::Odd).collect();
        let last = shown.iter().filter_map(|op| op.returned).max();
        assert_eq!(odd.len(), 1);
        assert_eq!(odd[0].returned, last, "what fits nowhere returned last");
        assert!(shown.len() <= super::super::findings::MOST_EXHIBITS);
        assert!(shown.is_sorted_by_key(|op| op.called));
        assert!(!evidence.attempts.is_empty() && evidence.states != Some(0), "{evidence:?}");
        for attempt in &evidence.attempts {
            let returned = odd[0].words.split(" → ").nth(1).unwrap_or_default();
            assert_ne!(attempt.reply, returned, "then it would fit");
            assert!(attempt.order.iter().all(|index| *index < shown.len()));
        }
        let before = judged(&Job::Judge(seen(&timeline, step - 1)));
        assert_eq!(before.evidence, None, "nothing is wrong before");
        assert_eq!(before.models[0].verdict, Verdict::Holds);
    }
    assert!(found > 2, "{found} of 8 runs");
}

const STALE: &str = r#"{:process 0, :type :invoke, :f :put, :key "x", :value "1"}
{:process 0, :type :ok, :f :put, :key "x", :value "1"}
{:process 0, :type :invoke, :f :put, :key "x", :value "2"}
{:process 1, :type :invoke, :f :put, :key "y", :value "7"}
{:process 0, :type :ok, :f :put, :key "x", :value "2"}
{:process 2, :type :invoke, :f :get, :key "x"}
{:process 2, :type :ok, :f :get, :key "x", :value "1"}
"#;

#[test]
fn a_file_is_judged_under_every_model_and_drawn() {
    let found = file(STALE);
    assert_eq!((found.calls, found.processes, found.keys, found.open), (4, 3, 2, 1));
    let verdicts: Vec<_> = found.models.iter().map(|of| (&*of.name, of.verdict)).collect();
    assert_eq!(verdicts[0], ("linearizable", Verdict::Violated));
    assert!(verdicts[1..].iter().all(|(_, verdict)| *verdict == Verdict::Holds), "{verdicts:?}");
    let evidence = found.evidence.expect("there is a reason");
    assert!(evidence.words.starts_with("get x returned \"1\", but every order that fits leaves"));
    let parts: Vec<_> = found.picture.iter().map(|call| call.part).collect();
    assert_eq!(parts, [Part::Bystander, Part::Clashes, Part::Bystander, Part::Odd]);
    let bars: Vec<_> = found.picture.iter().map(|call| (call.called, call.returned)).collect();
    let shown = [(0, Some(100)), (200, Some(400)), (300, None), (500, Some(600))];
    assert_eq!(bars, shown);
    assert_eq!(found.picture[2].words, "put y 7 …");
}

#[test]
fn a_point_lies_within_its_call_and_in_the_order_that_explains_the_key() {
    let read = ":f :get, :key \"x\", :value ";
    let found = file(&STALE.replace(&[read, "\"1\""].concat(), &[read, "\"2\""].concat()));
    assert_eq!((found.models[0].verdict, &found.evidence), (Verdict::Holds, &None));
    let mut last = 0;
    for call in found.picture.iter().filter(|call| !call.words.contains('y')) {
        let point = call.point.expect("it took effect");
        assert!(call.called <= point && Some(point) <= call.returned, "{call:?}");
        assert!(point >= last, "{call:?}");
        last = point;
    }
}

#[test]
fn what_is_no_history_is_refused_with_its_place() {
    for (text, begins) in [
        ("", "line 1, column 1: The file is empty"),
        ("{:process 0, :type :ok, :f :get}", "line 1, "),
        ("\u{feff}hello", "line 1, "),
    ] {
        match asked(&Job::Read(text.into())) {
            Answer::Refused(sentence) => assert!(sentence.starts_with(begins), "{sentence}"),
            other => panic!("{other:?}"),
        }
    }
}
