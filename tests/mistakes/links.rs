//! Links that lead to no run, and the one sentence that is said of each.

use shardscope_core::id::NodeId;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::link::{self, Run};
use shardscope_core::sim::timeline::Acted;
use shardscope_core::sim::trace::Trace;
use shardscope_core::sim::{Action, Latency, Scenario, Sharding, Timeline};
use shardscope_core::time::{Duration, Instant};

use super::is_clear;
use crate::links::seal::Parts;

/// The link of a run that never took place.
fn never(scenario: &Scenario, acts: &[Acted], step: u64, at: u64) -> String {
    let (trace, moment) = (&Trace::default(), (step, Instant::from_micros(at)));
    link::write(Run { scenario, acts, trace, moment }, &[]).expect("it fits")
}

fn with(change: impl FnOnce(&mut Scenario)) -> String {
    let mut scenario = Scenario::new(1, 3, 1);
    change(&mut scenario);
    never(&scenario, &[], 0, 0)
}

fn with_groups(change: impl FnOnce(&mut Sharding)) -> String {
    let mut sharding = Sharding::default();
    change(&mut sharding);
    with(|scenario| scenario.sharding = Some(sharding))
}

fn acted(step: u64, at: u64, action: Action) -> Acted {
    Acted { step, at: Instant::from_micros(at), action, joined: false }
}

fn with_action(action: Action) -> String {
    never(&Scenario::new(1, 3, 1), &[acted(1, 0, action)], 1, 0)
}

/// A link that is right.
fn right() -> String {
    let mut timeline = Timeline::new(Scenario::new(1, 3, 1));
    timeline.advance(Instant::from_micros(500_000), 10_000);
    timeline.act(Action::Crash(NodeId(1))).expect("it is running");
    link::write(&timeline, &[]).expect("it fits")
}

fn changed(change: impl FnOnce(&mut Parts)) -> String {
    let mut parts = Parts::of(&right());
    change(&mut parts);
    parts.sealed()
}

/// What a row is about, a text, and what is said of it.
type Row = (&'static str, String, &'static str);

const EMPTY: &str = "The link is empty: copy it again, to its end.";
const NO_RUN: &str = "This leads to no run: a link to one has #run= in it.";
const DAMAGED: &str = "The link is damaged or cut off: copy it again, to its end.";
const MORE: &str = "The link has more in it than letters, digits, - and _: copy it again, and \
                    nothing behind it.";
const SHORT: &str = "The link makes no sense: It ends too early.";
const BEHIND: &str = "The link makes no sense: Something follows behind its end.";
const LONGER: &str = "The link makes no sense: It is longer than a run can be, which has at most \
                      1000000 steps.";

/// Texts that are no links, and links that are not whole.
fn texts() -> Vec<Row> {
    let (right, long) = (right(), "A".repeat(link::MAX_CHARS - 3));
    let body = right.strip_prefix("run=").expect("a link begins so");
    vec![
        ("nothing", String::new(), EMPTY),
        ("white space", " \n\t ".into(), EMPTY),
        ("only the name", "https://example.org/#run=".into(), EMPTY),
        ("only the name, and more", "#run=&seed=7".into(), EMPTY),
        ("another address", "https://example.org/".into(), NO_RUN),
        ("a seed", "https://example.org/#seed=7".into(), NO_RUN),
        ("the name before the #", format!("https://example.org/?{right}#groups=3"), NO_RUN),
        ("another name", format!("#ran={body}"), NO_RUN),
        ("a sentence", "Look at this run!".into(), NO_RUN),
        ("a word", "hello".into(), DAMAGED),
        ("one character", "#run=A".into(), DAMAGED),
        ("less than the head", "#run=AAAAAAAAAAA".into(), DAMAGED),
        ("zeros", "#run=AAAAAAAAAAAAAAAAAAAAAAAA".into(), DAMAGED),
        ("no end", format!("#{}", &right[..right.len() - 1]), DAMAGED),
        ("no beginning", format!("#run={}", &body[1..]), DAMAGED),
        ("one more character", format!("#{right}A"), DAMAGED),
        ("upper case", format!("#run={}", body.to_uppercase()), DAMAGED),
        ("padding", format!("#{right}=="), MORE),
        ("a full stop", format!("#{right}."), MORE),
        ("a line break inside", format!("#run={}\n{}", &body[..9], &body[9..]), MORE),
        ("the other alphabet", format!("#run=+/{body}"), MORE),
        ("percent signs", format!("#run=%20{body}"), MORE),
        ("letters of others", format!("#run=é{body}"), MORE),
        (
            "too long",
            format!("#run={long}"),
            "A link has at most 8192 characters, not 8193: copy it again, and nothing behind it.",
        ),
    ]
}

/// Links that are whole, and nobody's.
fn contents() -> Vec<Row> {
    vec![
        (
            "another format",
            changed(|parts| parts.format = 1),
            "The link has format 1, and this version reads format 2: open it with the version that \
             made it.",
        ),
        ("no settings", changed(|parts| parts.body.clear()), SHORT),
        ("no moment", changed(|parts| parts.body.truncate(6)), SHORT),
        ("a byte behind the end", changed(|parts| parts.body.push(0)), BEHIND),
        (
            "a bit behind the end",
            {
                // One bit of its last byte is left over.
                let mut parts = Parts::of(&with(|_| {}));
                *parts.body.last_mut().expect("there is a byte") |= 1;
                parts.sealed()
            },
            BEHIND,
        ),
        (
            "by another version",
            changed(|parts| {
                parts.engine[0] ^= 1;
                parts.body.clear();
            }),
            "The link, which another version made, makes no sense: It ends too early.",
        ),
        ("a moment beyond all", never(&Scenario::new(1, 3, 1), &[], 1_000_001, 0), LONGER),
        ("an endless wait", never(&Scenario::new(1, 3, 1), &[], 0, u64::MAX), LONGER),
        (
            "an action beyond all",
            never(&Scenario::new(1, 3, 1), &[acted(u64::MAX, 0, Action::Heal)], 0, 0),
            LONGER,
        ),
        (
            "a server that is not there",
            with_action(Action::Crash(NodeId(40))),
            "The link makes no sense: It names process 41, and there are 4.",
        ),
        (
            "a link to nobody",
            with_action(Action::Cut { from: NodeId(0), to: NodeId(4) }),
            "The link makes no sense: It names process 5, and there are 4.",
        ),
    ]
}

/// Settings that cannot be, as everywhere else.
fn settings() -> Vec<Row> {
    let ms = Duration::from_millis;
    let rows: [Row; 10] = [
        (
            "no servers",
            with(|scenario| scenario.servers = 0),
            "A group has 1 to 9 servers, not 0: 3 or 5 are usual.",
        ),
        (
            "too many servers",
            with(|scenario| scenario.servers = u16::MAX),
            "A group has 1 to 9 servers, not 65535: 3 or 5 are usual.",
        ),
        (
            "too many clients",
            with(|scenario| scenario.clients = 33),
            "There can be 0 to 32 clients, not 33: choose fewer.",
        ),
        (
            "no sessions",
            with(|scenario| scenario.sessions = 0),
            "A server must remember at least 1 session: set sessions to 1 or more.",
        ),
        (
            "no log",
            with(|scenario| scenario.snapshot_above = Some(0)),
            "A log of 0 bytes cannot be kept: choose a size of at least 1 byte, or none.",
        ),
        (
            "more than always",
            with(|scenario| scenario.network.loss = Ppm(1_000_001)),
            "A chance of 1000001 in a million is more than always: choose at most 1000000.",
        ),
        (
            "a latency that is upside down",
            with(|scenario| scenario.network.latency = Latency::Uniform { min: ms(2), max: ms(1) }),
            "The shortest time, 2 ms, is longer than the longest, 1 ms: swap them.",
        ),
        (
            "no keys",
            with(|scenario| scenario.workload.keys = 0),
            "Clients use 1 to 1000 keys, not 0: 3 are easy to follow.",
        ),
        (
            "too many groups",
            with_groups(|sharding| sharding.groups = u16::MAX),
            "There can be 1 to 31 groups, not 65535: 3 are usual.",
        ),
        (
            "too many shards",
            with_groups(|sharding| sharding.shards = 65),
            "There can be 1 to 64 shards, not 65: 10 are usual.",
        ),
    ];
    rows.into()
}

#[test]
fn every_bad_link_is_told_in_one_sentence() {
    let mut other = Vec::new();
    let mut hold = |what: &str, text: &str, sentence: &str| {
        let said = link::open(text).map_or_else(|why| why.0, |_| "It is a link.".into());
        assert!(is_clear(&said), "{what}: {said}");
        if said != sentence {
            other.push(format!("{what}: {said}"));
        }
    };
    let (texts, settings) = (texts(), settings());
    let count = texts.len() + settings.len();
    for (what, text, sentence) in texts.into_iter().chain(contents()) {
        hold(what, &text, sentence);
    }
    for (what, text, sentence) in settings {
        hold(what, &text, &format!("The link makes no sense: {sentence}"));
    }
    assert!(count >= 30 && other.is_empty(), "{}", other.join("\n"));
}

/// What can be read, but is no run.
#[test]
fn a_link_that_cannot_be_played_is_told_in_one_sentence() {
    let silent = Scenario { clients: 0, ..Scenario::new(1, 1, 0) };
    let twice = [1, 2].map(|step| acted(step, 0, Action::Crash(NodeId(0))));
    let table = [
        (
            "crashed twice",
            never(&silent, &twice, 2, 0),
            "The link cannot be played: Its step 2 is not possible. S1 is down already.",
        ),
        (
            "a message that is not there",
            with_action(Action::Packet { id: 9, fault: shardscope_core::sim::PacketFault::Drop }),
            "The link cannot be played: Its step 1 is not possible. That message is no longer on \
             its way.",
        ),
        (
            "nothing more happens",
            never(&silent, &twice[..1], 9, 0),
            "The link cannot be played: There is no step 9.",
        ),
        (
            "an action after the next event",
            never(&Scenario::new(1, 3, 1), &[acted(1, 60_000_000, Action::Heal)], 1, 60_000_000),
            "The link cannot be played: Something else happens after step 0.",
        ),
        (
            "a moment after the next event",
            never(&Scenario::new(1, 3, 1), &[], 5, 60_000_000),
            "The link cannot be played: Something else happens after step 5.",
        ),
    ];
    for (what, text, sentence) in table {
        let opened = link::open(&text).unwrap_or_else(|why| panic!("{what}: {why}"));
        let mut replay = opened.replay();
        let said = replay.advance(10_000).expect_err(what).0;
        assert_eq!(said, sentence, "{what}");
        assert!(is_clear(&said));
        // What is left can be looked at, and goes on.
        let mut timeline = replay.into_timeline();
        timeline.advance(timeline.now() + Duration::from_millis(100), 10_000);
    }
}

/// A run that is too long is not cut short.
#[test]
fn a_run_that_fits_into_no_link_is_told_in_one_sentence() {
    let acts: Vec<Acted> =
        (1..3_000).map(|step| acted(step * 9, step * 99, Action::Heal)).collect();
    let (trace, scenario) = (&Trace::default(), &Scenario::new(1, 3, 1));
    let run = Run { scenario, acts: &acts, trace, moment: (0, Instant::ZERO) };
    let said = link::write(run, &[]).expect_err("it is too long").0;
    assert!(said.starts_with("The run has too much for a link, "), "{said}");
    assert!(is_clear(&said), "{said}");
}
