use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::judge::{Heard, MAX_SEARCH, Scene};
use super::resolve::Names;
use super::settings::Part;
use super::*;
use crate::id::{MutantId, NodeId, NodeSet};
use crate::rng::Ppm;
use crate::sim::action::{Action, PacketFault};
use crate::sim::invariants::{Law, Violation};
use crate::sim::network::{Latency, Rule, Verdict};
use crate::sim::packet::Shape;
use crate::sim::scenario::Scenario;
use crate::sim::timeline::Timeline;
use crate::time::{Duration, Instant};

mod golden;
mod sharded;

const HEAD: &str = "shardscope script 1\ncluster\n  servers 3\n  clients 2\nstory\n";

fn story(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}\n")).collect();
    [HEAD, &lines.concat()].concat()
}

fn script(lines: &[&str]) -> Script {
    let text = story(lines);
    Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A group in which S1 leads term 1, x is 1 everywhere, S3 is down, and Client 2 waits.
const SETTLED: [&str; 10] = [
    "S1 starts an election",
    "when S1 leads",
    "Client 1: put x 1",
    "until slot 2 is committed at all servers",
    "Client 1: get x",
    "until operations of Client 1 is 2",
    "crash S3",
    "hold answers to Client 2",
    "Client 2: append y \"a b\"",
    "until slot 3 is committed at S1, S2",
];

/// Each stands for one form of the grammar, and prints as it is written here.
const FORMS: [&str; 72] = [
    "show why slot 3 is not committed",
    "show why nobody leads",
    "expect S1 is why Client 1 waits",
    "until S1, S2 are why slot 3 is not committed within 2 s",
    "say \"Hello: it's 5 % of 1, 2 | 3.\"",
    "let Old be the leader",
    "let One be a follower",
    "let Other be another follower",
    "after 200 ms",
    "after 1.5 s",
    "after 30 us",
    "at 2.000001 s",
    "at 0 us",
    "at step 57",
    "when a leader exists",
    "until no leader exists within 20 s",
    "expect S1 leads and S2 follows S1 and S3 is up",
    "crash S1",
    "restart S1, S2",
    "wipe the followers",
    "pause Client 1, S1",
    "resume all clients",
    "isolate a follower",
    "isolate another follower",
    "the leader starts an election",
    "the leader hands leadership over to a follower",
    "S1: put x \"a b\"",
    "Client 1: put x \"a b\"",
    "Client 2: cas x \"\" 2",
    "cut from S1 to S2, S3",
    "cut between Client 1 and all servers",
    "mend from all servers to S1",
    "mend between S1 and S2",
    "partition S1, Client 1 | S2 | the rest",
    "partition S1, S2 | nobody",
    "heal",
    "clear rules",
    "deliver the vote from S3 to S1",
    "drop every held message",
    "hold every append from S1",
    "duplicate the heartbeat acknowledgement to S1",
    "delay the snapshot acknowledgement by 20 ms",
    "deliver message 17",
    "delay message 17 by 0 us",
    "drop calls to take over from S1",
    "drop messages",
    "hold votes from S1 to S2, S3",
    "duplicate pre-vote requests with chance 12.5 %",
    "delay appends from S1 by 5 ms to 20 ms with chance 0.0001 % for 2 s",
    "delay snapshots to S2 by about 5 ms until 3 s",
    "drop heartbeats for 1 s",
    "set latency 1 ms to 3 ms, loss 5 %, workload every 3 ms",
    "set workload off",
    "slow the disk of S1, S2 by 10",
    "clock of all servers jumps 300 ms",
    "clock of S1 drifts -200 ppm",
    "clock of S1, S2 jumps 3 ms and drifts 200 ppm",
    "expect slot 3 is committed within 1 s",
    "expect number of leaders is at most 1 for 2 s",
    "expect log of S1 has no entries",
    "expect logs of S1, S2 have terms 1 1 2",
    "expect stores of S1, S2 are equal",
    "expect not S1 voted for nobody and S2, S3 are candidates",
    "expect key \"a b\" at S1 is missing",
    "expect session of Client 1 at all servers is missing",
    "expect Client 1 got \"ok, version 1\" in operation 1",
    "expect no held vote request from S1 is on its way",
    "expect the link from S1 to Client 1 is cut",
    "expect RI-3 is broken or all invariants hold",
    "expect the history is linearizable",
    "expect the history is not linearizable for 1 s",
    "expect commit index of S1, S2 is at least 3 and S1 lost its disk",
];

#[test]
fn every_form_prints_as_it_is_written() {
    for form in FORMS {
        let text = story(&[form]);
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(script.to_string(), text);
    }
}

#[test]
fn every_kind_of_message_is_found_under_its_own_name() {
    for kind in Kind::ALL.iter() {
        let text = story(&[&format!("drop the {} from S1", kind.one)]);
        assert_eq!(Script::parse(&text).unwrap().to_string(), text);
        if !kind.many.is_empty() {
            let text = story(&[&format!("drop {} from S1", kind.many)]);
            assert_eq!(Script::parse(&text).unwrap().to_string(), text);
        }
    }
}

#[test]
fn what_is_spaced_otherwise_is_the_same_script() {
    let text = "shardscope   script 1\r\n\r\n#note\r\ncluster\nservers 3\r\nstory\n\tcrash  S1,S2\n\
                after 200ms\nClient 1:put   x  1";
    let printed = Script::parse(text).unwrap().to_string();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[2], "# note");
    assert_eq!(lines[6..], ["  crash S1, S2", "  after 200 ms", "  Client 1: put x 1"]);
    assert_eq!(Script::parse(&printed).unwrap(), Script::parse(text).unwrap());
}

#[test]
fn what_is_too_large_is_refused_where_it_is() {
    let refusal = |text: &str| Script::parse(text).unwrap_err();
    let large = "#".repeat(Script::MAX_BYTES + 1);
    assert!(refusal(&large).sentence.contains("2097152 bytes, not 2097153"));
    let lines = [HEAD, &"\n".repeat(Script::MAX_LINES)].concat();
    let error = refusal(&lines);
    assert_eq!((error.line, error.column), (Script::MAX_LINES as u32 + 1, 1));
    let wide = story(&[&"x".repeat(Script::MAX_LINE)]);
    assert_eq!(refusal(&wide).line, 6);
    assert!(refusal(&wide).sentence.contains("10000 bytes"));
    let wordy = story(&[&format!("say \"{}\"", "x".repeat(601))]);
    assert!(refusal(&wordy).sentence.contains("600 bytes, not 601"));
    let deep = story(&[&format!("expect {}S1 leads", "not ".repeat(2_000))]);
    assert!(refusal(&deep).sentence.contains("\"not\""), "a second not is nobody");
    let many = story(&[&format!("expect {}S1 leads", "S1 leads and ".repeat(16))]);
    assert!(refusal(&many).sentence.contains("More than 16 claims"));
    let crowd = story(&[&format!("crash {}S1", "S1, ".repeat(64))]);
    assert!(refusal(&crowd).sentence.contains("More than 64"));
    assert!(refusal(&story(&["say \"\u{1b}\""])).sentence.contains("cannot be seen"));
    assert_eq!(refusal(&story(&["say \"é\u{1b}\""])).column, 9, "columns count characters");
}

/// Another value of each setting than the one that scripts start from.
const OTHERS: [(&str, &str); 30] = [
    ("seed", "9"),
    ("servers", "5"),
    ("clients", "3"),
    ("timers", "quiet"),
    ("election time-out", "300 ms to 500 ms"),
    ("heartbeat", "60 ms"),
    ("entries per message", "1"),
    ("window", "2"),
    ("uncommitted entries", "3"),
    ("pre-vote", "off"),
    ("check-quorum", "off"),
    ("stickiness", "off"),
    ("latency", "about 3 ms"),
    ("loss", "1.25 %"),
    ("duplication", "2 %"),
    ("re-ordering delay", "7 ms"),
    ("re-ordering", "3 %"),
    ("disk write", "1 ms to 2 ms"),
    ("service time", "10 us"),
    ("workload", "thinks 20 ms"),
    ("keys", "4"),
    ("hot key", "12.5 %"),
    ("mix", "get 1 cas 2 put-at 3"),
    ("operations", "50"),
    ("client time-out", "90 ms"),
    ("client rest", "10 ms to 90 ms"),
    ("read-index", "off"),
    ("sessions", "2"),
    ("snapshot above", "600"),
    ("mutant", "R15"),
];

#[test]
fn every_setting_goes_where_it_belongs_and_nowhere_else() {
    let start = Setting::start();
    assert_eq!(start.complaints(), []);
    // Those of groups stand together: `sharded` looks at them.
    let alone = Setting::ALL.iter().filter(|setting| setting.part != Part::Sharded);
    let names: Vec<&str> = alone.map(|setting| setting.name).collect();
    assert_eq!(OTHERS.map(|(name, _)| name).to_vec(), names);
    for (name, value) in OTHERS {
        let text = format!("shardscope script 1\ncluster\n  {name} {value}\nstory\n  heal\n");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(script.to_string(), text);
        let changed: Vec<&str> = Setting::ALL
            .iter()
            .filter(|setting| setting.value(script.scenario()) != setting.value(&start))
            .map(|setting| setting.name)
            .collect();
        match name {
            "timers" => assert_eq!(changed, ["election time-out", "stickiness"]),
            name => assert_eq!(changed, [name]),
        }
    }
}

#[test]
fn every_mutant_can_be_set_by_its_number() {
    for id in MutantId::ALL {
        let text = format!("shardscope script 1\ncluster\n  mutant {id}\nstory\n  heal\n");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(script.scenario().mutant, id);
        assert_eq!(script.to_string(), text);
    }
}

#[test]
fn settings_print_as_they_are_read() {
    for setting in Setting::ALL {
        let Some(value) = setting.value(&Setting::start()) else { continue };
        let text =
            format!("shardscope script 1\ncluster\n  {} {value}\nstory\n  heal\n", setting.name);
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(**script.scenario(), Setting::start(), "{text}");
    }
    let runs = |setting: &&Setting| matches!(setting.part, Part::Network | Part::Workload);
    let running = Setting::ALL.iter().filter(runs);
    assert!(running.count() >= 9, "the network's and the workload's change while it runs");
}

fn play(lines: &[&str]) -> Player {
    Player::play(script(lines))
}

/// The actions of a story, after what leads up to it.
fn actions(before: &[&str], line: &str) -> Vec<Action> {
    let player = play(&[before, &[line]].concat());
    assert_eq!(player.failure(), None, "{line}");
    let number = HEAD.lines().count() + before.len();
    let (_, spot) = player.played().iter().find(|(at, _)| *at as usize == number).unwrap();
    let acts = player.timeline().branch().acts.iter();
    acts.filter(|acted| acted.step > spot.step).map(|acted| acted.action.clone()).collect()
}

fn set(ids: &[u16]) -> NodeSet {
    ids.iter().map(|id| NodeId(*id)).collect()
}

#[test]
fn deeds_become_the_actions_that_they_name() {
    let s = NodeId;
    let done = |line| actions(&SETTLED, line);
    assert_eq!(done("crash the leader"), [Action::Crash(s(0))]);
    assert_eq!(done("crash S1, S2"), [Action::Crash(s(0)), Action::Crash(s(1))]);
    assert_eq!(done("restart S3"), [Action::Restart(s(2))]);
    assert_eq!(done("wipe S3"), [Action::Wipe(s(2))]);
    assert_eq!(done("pause Client 2"), [Action::Pause(s(4))]);
    assert_eq!(done("isolate a follower"), [Action::Isolate(s(1))]);
    assert_eq!(done("S2 starts an election"), [Action::Campaign(s(1))]);
    assert_eq!(done("cut from S1 to S2"), [Action::Cut { from: s(0), to: s(1) }]);
    let both = [Action::Cut { from: s(0), to: s(1) }, Action::Cut { from: s(1), to: s(0) }];
    assert_eq!(done("cut between S2 and S1"), both);
    let sides = [set(&[0, 3]), set(&[1, 2])].to_vec();
    assert_eq!(done("partition S1, Client 1 | the rest"), [Action::Partition(sides)]);
    assert_eq!(done("heal"), [Action::Heal]);
    assert_eq!(done("clear rules"), [Action::ClearRules]);
    let command = "put x 2".parse().unwrap();
    assert_eq!(done("Client 1: put x 2"), [Action::Invoke { client: s(3), command }]);
    let slow = Action::SlowDisk { server: s(0), times: 10 };
    assert_eq!(done("slow the disk of the leader by 10"), [slow]);
    let command = "put x 3".parse().unwrap();
    assert_eq!(done("S2: put x 3"), [Action::Propose { server: s(1), command }]);
    let transfer = [Action::Transfer { from: s(0), to: s(1) }];
    assert_eq!(done("the leader hands leadership over to S2"), transfer);
    let sides = [set(&[0, 1]), NodeSet::EMPTY].to_vec();
    assert_eq!(done("partition S1, S2 | nobody"), [Action::Partition(sides)]);
    let jump = Duration::from_millis(3);
    let both = Action::SetClock { node: s(1), jump, drift: 9 };
    assert_eq!(done("clock of S2 jumps 3 ms and drifts 9 ppm"), [both]);
    assert_eq!(done("clock of S1 jumps 3 ms"), [Action::SetClock { node: s(0), jump, drift: 0 }]);
    let drift = Action::SetClock { node: s(4), jump: Duration::ZERO, drift: -20 };
    assert_eq!(done("clock of Client 2 drifts -20 ppm"), [drift]);
    let latency = Latency::Fixed(Duration::from_millis(2));
    let scenario = Setting::start();
    let network = crate::sim::Network { latency, loss: Ppm::percent(5), ..scenario.network };
    let workload = crate::sim::Workload { keys: 9, ..scenario.workload };
    assert_eq!(
        done("set latency 2 ms, keys 9, loss 5 %"),
        [Action::SetNetwork(network), Action::SetWorkload(workload)]
    );
}

#[test]
fn stores_differ_until_both_have_applied_the_same() {
    let lines = ["cut from S1 to S3", "S1: put x 2", "until slot 3 is committed at S1"];
    let more = ["expect not stores of S1, S3 are equal", "expect key x at S1 is \"2\""];
    assert_eq!(play(&[&SETTLED[..4], &lines, &more].concat()).failure(), None);
}

#[test]
fn an_office_is_handed_over_by_whoever_has_it() {
    let lines = ["S1 starts an election", "when the followers follow S1"];
    let over = ["S1 hands leadership over to S3", "when S3 leads within 100 ms"];
    let player = play(&[&lines[..], &over, &["expect S1 said \"hands its office over\""]].concat());
    assert_eq!(player.failure(), None);
    let player = play(&[&lines[..], &["S2 hands leadership over to S3"]].concat());
    let failure = player.failure().unwrap();
    assert_eq!(failure.found, "S2 does not lead: only a leader hands over.");
}

#[test]
fn a_command_can_be_put_before_a_server_by_hand() {
    let lines = ["S1 starts an election", "when S1 leads", "S1: put x 1", "S2: put x 2"];
    let more = ["until key x at all servers is \"1\"", "expect operations of all clients is 0"];
    let player = play(&[&lines[..], &more].concat());
    assert_eq!(player.failure(), None, "who does not lead takes nothing");
}

#[test]
fn a_step_is_reached_by_its_number() {
    let player = play(&["S1 starts an election", "at step 5", "crash S2"]);
    assert_eq!(player.failure(), None);
    let steps: Vec<u64> = player.timeline().branch().acts.iter().map(|act| act.step).collect();
    assert_eq!(steps, [1, 6]);
    let found = |lines: &[&str]| play(lines).failure().unwrap().clone();
    let over = found(&["S1 starts an election", "at step 5", "at step 4"]);
    assert_eq!((&*over.expected, &*over.found), ("step 4 to come", "it is over already"));
    let never = found(&["pause all servers", "at step 99999999"]);
    assert_eq!(never.found, "nothing happens any more");
}

#[test]
fn a_message_that_is_told_by_its_number_leaves_the_moment_as_it_is() {
    let lines = ["hold vote requests", "S1 starts an election", "after 5 ms"];
    let numbered = play(&[&lines[..], &["deliver every held vote request"]].concat());
    assert_eq!(numbered.timeline().now(), Instant::from_micros(5_001));
    let acts = numbered.timeline().branch().acts.iter();
    let id = acts.filter_map(|act| match act.action {
        Action::Packet { id, .. } => Some(id),
        _ => None,
    });
    let line = format!("deliver message {}", id.min().unwrap());
    let player = play(&[&lines[..], &[&line, "crash S1"]].concat());
    assert_eq!(player.failure(), None);
    assert_eq!(player.timeline().now(), Instant::from_micros(5_000));
}

#[test]
fn a_clock_that_jumps_keeps_its_rate() {
    let jumped = actions(&["clock of S1 drifts 70 ppm"], "clock of S1 jumps 3 ms");
    let jump = Duration::from_millis(3);
    assert_eq!(jumped, [Action::SetClock { node: NodeId(0), jump, drift: 70 }]);
}

#[test]
fn rules_are_what_their_words_say() {
    let rule = |line| match actions(&["after 5 ms"], line).as_slice() {
        [Action::AddRule(rule)] => *rule,
        other => panic!("{other:?}"),
    };
    let all = Rule {
        from: None,
        to: None,
        shape: None,
        verdict: Verdict::Drop,
        chance: Ppm::ALWAYS,
        until: None,
    };
    assert_eq!(rule("drop messages"), all);
    let ends = Rule { from: Some(set(&[0])), to: Some(set(&[1, 2])), ..all };
    let votes = Rule { shape: Some(Shape::VoteReply), verdict: Verdict::Hold, ..ends };
    assert_eq!(rule("hold votes from S1 to S2, S3"), votes);
    let until = Some(Instant::from_micros(25_000));
    let verdict = Verdict::Delay(Latency::Fixed(Duration::from_millis(9)));
    let chance = Ppm::percent(30);
    assert_eq!(
        rule("delay messages by 9 ms with chance 30 % for 20 ms"),
        Rule { verdict, chance, until, ..all }
    );
    let copies = Rule { verdict: Verdict::Duplicate, until, ..all };
    assert_eq!(rule("duplicate messages until 25 ms"), copies);
}

#[test]
fn messages_are_waited_for_and_the_oldest_is_meant() {
    let lines = ["hold vote requests from S1", "S1 starts an election", "after 5 ms"];
    let delivered = actions(&lines, "deliver the vote request from S1 to S2");
    let [Action::Packet { id: first, fault: PacketFault::Deliver }] = delivered[..] else {
        panic!("{delivered:?}")
    };
    let player = play(&[&lines[..], &["deliver the vote from S2 to S1"]].concat());
    let failure = player.failure().expect("nobody got the request");
    assert!(
        failure.expected.contains("a vote from S2 to S1 is on its way within 10 s"),
        "{failure}"
    );
    let both = ["hold vote requests from S1", "S1 starts an election"];
    let more = ["deliver the vote request to S2", "deliver the vote from S2", "expect S1 leads"];
    assert_eq!(play(&[&both[..], &more[..]].concat()).failure(), None);
    let every = actions(&lines, "drop every held message from S1");
    assert_eq!(every.len(), 2);
    assert_eq!(every[0], Action::Packet { id: first, fault: PacketFault::Drop });
}

/// Claims about the settled group that hold.
const TRUE: [&str; 54] = [
    "a leader exists",
    "S1 leads",
    "the leader leads",
    "S2 follows",
    "S2 follows S1",
    "the followers follow the leader",
    "S3 is down",
    "S1, S2 are up",
    "S1, S2 voted for S1",
    "term of all servers is 1",
    "term of S1 is at least 1",
    "term of S1 is at most 1",
    "commit index of S1 is 3",
    "last slot of S3 is 2",
    "applied slot of S1, S2 is 3",
    "snapshot slot of S1 is 0",
    "attempts of Client 1 is at least 1",
    "operations of Client 1 is 2",
    "number of leaders is 1",
    "number of committed slots is 3",
    "log of S1 has terms 1 1 1",
    "logs of S1, S2 are equal",
    "stores of S1, S2 are equal",
    "slot 1 of all servers hold a no-op",
    "slot 2 of S1, S3 hold \"put x 1\"",
    "slot 2 of S1 holds term 1",
    "slot 3 of S3 holds nothing",
    "slot 9 of S1 holds nothing",
    "slot 3 is committed",
    "slot 3 is committed at S1, S2",
    "key x at S1, S2 is \"1\"",
    "key y at S1 is \"a b\"",
    "key z at S1 is missing",
    "session of Client 1 at S1 is 1",
    "session of Client 2 at S2 is 1",
    "Client 1 read \"1\"",
    "Client 1 got \"1\"",
    "Client 1 got \"ok, version 1\" in operation 1",
    "Client 1 read \"1\" in operation 2",
    "Client 2 waits",
    "Client 2 waits in operation 1",
    "S1 answered Client 1",
    "no vote request is on its way",
    "the link from S1 to S2 is whole",
    "all invariants hold",
    "RI-1 holds",
    "the history is linearizable",
    "S1 said \"is elected leader of term 1\"",
    "S2 said \"votes for S1\"",
    "S1 leads and S2 follows",
    "S2 leads or S1 leads",
    "not S2 leads",
    "not S1, S2 lead",
    "not S3 lost its disk",
];

/// Claims about the settled group that do not hold, and what is found instead.
const FALSE: [(&str, &str); 40] = [
    ("no leader exists", "S1 leads in term 1, S2 follows S1 in term 1, S3 is down"),
    ("S2 leads", "S2 follows S1 in term 1"),
    ("S3 leads", "S3 is down"),
    ("S2 follows S3", "S2 follows S1 in term 1"),
    ("S1, S2 lead", "S1 leads in term 1, S2 follows S1 in term 1"),
    ("S1 is a candidate", "S1 leads in term 1"),
    ("S1 is a pre-candidate", "S1 leads in term 1"),
    ("S1 is down", "S1 leads in term 1"),
    ("S1 is paused", "S1 leads in term 1"),
    ("S2 voted for S2", "S2 voted for S1 in term 1"),
    ("S2 voted for nobody", "S2 voted for S1 in term 1"),
    ("term of S1 is 2", "S1 has 1"),
    ("term of S1 is at least 2", "S1 has 1"),
    ("last slot of all servers is 3", "S1 has 3, S2 has 3, S3 has 2"),
    ("commit index of S3 is 2", "S3 is down"),
    ("operations of Client 1 is at most 1", "Client 1 has 2"),
    ("number of leaders is 2", "S1 leads in term 1, S2 follows S1 in term 1, S3 is down"),
    ("number of committed slots is 4", "number of committed slots is 3"),
    ("number of held messages is 7", "number of held messages is "),
    ("log of S3 has terms 1 1 1", "S3 has terms 1 1"),
    ("log of S1 has terms 1 1", "S1 has terms 1 1 1"),
    ("logs of all servers are equal", "S1 ends with 3@1, S2 ends with 3@1, S3 ends with 2@1"),
    ("stores of S1, S3 are equal", "S1 has applied slots up to 3, S3 is down"),
    ("slot 2 of S1 holds \"put x 2\"", "S1 holds \"put x 1\" of term 1"),
    ("slot 1 of S1 holds term 2", "S1 holds a no-op of term 1"),
    ("slot 3 of S3 holds a no-op", "S3 holds nothing there"),
    ("slot 4 is committed", "slots up to 3 are committed"),
    ("slot 3 is committed at S3, S1", "S3 is down, S1 knows slots up to 3"),
    ("key x at S1, S3 is \"1\"", "S1 has \"1\", S3 is down"),
    ("key x at S1 is missing", "S1 has \"1\""),
    ("key z at S1 is \"\"", "S1 has no such key"),
    ("session of Client 1 at S1, S3 is 2", "S1 remembers operation 1, S3 is down"),
    ("Client 1 waits", "Client 1 got \"1\" from S1 for \"get x\""),
    ("Client 1 read \"2\"", "Client 1 got \"1\" from S1 for \"get x\""),
    ("Client 2 got \"ok, version 1\"", "Client 2 waits for \"append y"),
    ("S2 answered Client 1", "Client 1 got \"1\" from S1 for \"get x\""),
    ("the link from S1 to S2 is cut", "it lets messages through"),
    ("RI-1 is broken", "it holds"),
    ("the history is not linearizable", "an order of the operations explains it"),
    ("S3 said \"is elected\"", "S3 last said \""),
];

#[test]
fn claims_are_judged_by_what_the_run_has() {
    let before = play(&SETTLED);
    assert_eq!(before.failure(), None);
    for claim in TRUE {
        let expect = format!("expect {claim}");
        let player = play(&[&SETTLED[..], &[&expect]].concat());
        assert_eq!(player.failure().map(ToString::to_string), None, "{claim}");
        if !claim.contains("not ") && !claim.contains(" and ") && !claim.contains(" or ") {
            let expect = format!("expect not {claim}");
            let player = play(&[&SETTLED[..], &[&expect]].concat());
            let failure = player.failure().unwrap_or_else(|| panic!("{claim}"));
            assert_eq!(failure.expected, format!("not {claim}"));
            assert_eq!(failure.line, 16);
        }
    }
    for (claim, found) in FALSE {
        let expect = format!("expect {claim}");
        let player = play(&[&SETTLED[..], &[&expect]].concat());
        let failure = player.failure().unwrap_or_else(|| panic!("{claim}"));
        assert_eq!(failure.expected, claim);
        assert!(failure.found.starts_with(found), "{claim}: {failure}");
    }
}

#[test]
fn a_failure_names_line_expectation_finding_and_moment() {
    let player = play(&["S1 starts an election", "expect S2 leads within 30 ms", "heal"]);
    let failure = player.failure().unwrap().to_string();
    let expected = "line 7: expected S2 leads within 30 ms; found S2 follows S1 in term 1 (step ";
    assert!(failure.starts_with(expected), "{failure}");
    assert!(failure.ends_with(", 0.030000 s)"), "{failure}");
    assert_eq!(player.played().len(), 1, "what follows a failure is not played");
}

#[test]
fn only_the_claims_that_fail_are_told() {
    let player = play(&["expect S1 is up and S2 is down and S3 is down"]);
    let failure = player.failure().unwrap();
    assert_eq!(failure.expected, "S2 is down and S3 is down");
    assert_eq!(failure.found, "S2 follows nobody in term 0; S3 follows nobody in term 0");
}

#[test]
fn nobody_can_be_meant_is_a_failure_and_no_crash() {
    for (line, found) in [
        ("crash the leader", "no server leads"),
        ("expect the leader leads", "no server leads"),
        ("let Old be the leader", "no server leads"),
        ("drop every vote from S1", "no vote from S1 is on its way"),
        ("restart S1", "S1 is running: crash it first."),
        ("deliver message 99", "That message is no longer on its way."),
        ("mend between S1 and S2", "The link from S1 to S2 is whole already."),
        ("partition S1 | S1, S2", "S1 is on two sides"),
        ("cut from S1 to S1", "nobody is meant"),
    ] {
        let player = play(&[line]);
        let failure = player.failure().unwrap_or_else(|| panic!("{line}"));
        assert_eq!(failure.found, found, "{line}");
    }
    let nobody = ["crash S2, S3", "after 1 ms", "crash S1", "crash the followers"];
    assert_eq!(play(&nobody).failure().unwrap().found, "nobody is meant");
    let past = play(&["after 5 ms", "at 3 ms"]);
    assert_eq!(past.failure().unwrap().found, "it is over already");
}

#[test]
fn followers_are_picked_one_after_another() {
    let lines = ["S2 starts an election", "when S2 leads", "when the followers follow S2"];
    let picks = ["let A be a follower", "let B be another follower", "pause A", "crash B"];
    let player = play(&[&lines[..], &picks[..]].concat());
    assert_eq!(player.failure(), None);
    let acts = &player.timeline().branch().acts;
    assert_eq!(acts[1].action, Action::Pause(NodeId(0)));
    assert_eq!(acts[2].action, Action::Crash(NodeId(2)));
    let more = ["let C be another follower"];
    let player = play(&[&lines[..], &picks[..], &more[..]].concat());
    assert_eq!(player.failure().unwrap().found, "another follower is meant, and there is none");
    let again =
        play(&[&lines[..], &picks[..2], &["crash a follower", "expect S1 is down"]].concat());
    assert_eq!(again.failure(), None, "a follower begins anew");
}

#[test]
fn a_name_keeps_its_server_whatever_becomes_of_it() {
    let lines = ["S1 starts an election", "when S1 leads", "let Old be the leader", "crash Old"];
    let more = ["until a leader exists and not Old leads", "let Old be the leader"];
    let player = play(&[&lines[..], &more[..], &["expect not S1 leads and Old leads"]].concat());
    assert_eq!(player.failure(), None);
}

const ASKED: [&str; 3] =
    ["ask \"Who leads?\"", "choice \"S1\" if S1 leads", "choice \"S2\" if S2 leads"];

#[test]
fn a_question_is_answered_by_the_run() {
    let play_to = |lines: &[&str]| play(&[&ASKED[..], lines, &["answer \"Why.\""]].concat());
    let player = play_to(&["S2 starts an election", "when S2 leads"]);
    assert_eq!(player.failure(), None);
    let [question] = player.questions() else { panic!("{:?}", player.questions()) };
    assert_eq!(
        (question.line, question.text.as_str(), question.choices.len()),
        (6, "Who leads?", 2)
    );
    let answered = question.answered.as_ref().unwrap();
    assert_eq!((answered.right, answered.why.as_deref()), (1, Some("Why.")));
    assert!(answered.spot.step > question.spot.step);
}

#[test]
fn a_question_with_no_right_choice_or_two_fails() {
    let none = play(&[&ASKED[..], &["answer"]].concat());
    let failure = none.failure().unwrap();
    assert_eq!(failure.expected, "exactly one choice of \"Who leads?\" to be right");
    assert!(
        failure.found.starts_with("none is: \"S1\" is not, for S1 follows nobody"),
        "{failure}"
    );
    let two = ["ask \"What?\"", "choice \"a\" if S1 is up", "choice \"b\" if S2 is up", "answer"];
    assert_eq!(play(&two).failure().unwrap().found, "\"a\" and \"b\" are");
}

#[test]
fn what_must_hold_for_a_while_is_looked_at_after_every_step() {
    let lines = ["S1 starts an election", "expect no leader exists for 2 ms"];
    assert_eq!(play(&lines).failure(), None);
    let lines = ["S1 starts an election", "expect no leader exists for 50 ms"];
    let player = play(&lines);
    let failure = player.failure().unwrap();
    assert!(failure.spot.at < Instant::from_micros(50_000), "it fails when it fails: {failure}");
    assert_eq!(failure.expected, "no leader exists for 50 ms");
}

#[test]
fn no_script_waits_without_end() {
    let player = play(&["pause all servers", "when S1 leads"]);
    let failure = player.failure().unwrap();
    assert_eq!(failure.expected, "S1 leads within 10 s");
    assert_eq!(failure.spot.at, Instant::ZERO + WAIT);
    let busy = [HEAD, "  set workload every 20 us\n  after 3600 s\n  heal\n"].concat();
    let player = Player::play(Script::parse(&busy).unwrap());
    let failure = player.failure().unwrap();
    assert_eq!(failure.spot.step, Timeline::MAX_STEPS);
    assert_eq!(failure.found, "the run to be full with 1000000 events");
}

#[test]
fn an_invariant_may_break_only_where_the_script_says_so() {
    let violation = |law| {
        let (step, at, words) = (3, Instant::ZERO, "seen".into());
        Violation { law, step, at, words }
    };
    let found = [violation(Law::OneVote), violation(Law::LogMatching)];
    let unexpected =
        |lines: &[&str]| judge::unexpected(&script(lines), &found).map(|violation| violation.law);
    assert_eq!(unexpected(&["heal"]), Some(Law::OneVote));
    assert_eq!(unexpected(&["expect RI-2 is broken"]), Some(Law::LogMatching));
    assert_eq!(unexpected(&["expect RI-2 is broken", "expect RI-4 is broken"]), None);
    assert_eq!(unexpected(&["expect not RI-2 is broken"]), Some(Law::OneVote));
}

#[test]
fn words_are_heard_once_and_not_searched_again() {
    let player = play(&["S1 starts an election", "when S1 leads"]);
    let (timeline, names) = (player.timeline(), Names::default());
    let scene = Scene::new(timeline, &names, None);
    let said = |text: &str| Claim::Said { who: Who::Server(NodeId(0)), text: text.into() };
    let mut heard = Heard::default();
    assert!(!scene.is(&said("is elected"), &mut heard), "its write has not ended");
    assert!(scene.is(&said("stands for election"), &mut heard));
    let mut later = timeline.clone();
    later.advance(Instant::from_micros(100_000), 100_000);
    let scene = Scene::new(&later, &names, None);
    assert!(scene.is(&said("is elected"), &mut heard));
    assert!(scene.is(&said("stands for election"), &mut heard));
    let other = Claim::Said { who: Who::Server(NodeId(1)), text: "is elected".into() };
    assert!(!scene.is(&other, &mut heard));
    let mut heard = Heard::default();
    assert!(scene.is(&said("is elected"), &mut heard));
    assert!(!scene.is(&other, &mut heard), "what S1 said is not what S2 said");
}

/// A leader that answers reads by itself, cut off from the others.
const STALE: &str = "shardscope script 1
cluster
  clients 2
  timers quiet
  mutant R29
story
  S1 starts an election
  Client 1: put x 1
  until Client 1 got \"ok, version 1\"
  partition S1, Client 1 | S2, S3, Client 2
  S2 starts an election
  Client 2: put x 2
  until Client 2 got \"ok, version 2\"
  expect the history is linearizable
  Client 1: get x
  until Client 1 read \"1\"
  expect RI-15 is broken
  expect the history is not linearizable
";

#[test]
fn a_history_that_fits_no_order_is_told_with_the_operation_that_does_not_fit() {
    assert_eq!(Player::play(Script::parse(STALE).unwrap()).failure(), None);
    let text = STALE.replace("is not", "is");
    let player = Player::play(Script::parse(&text).unwrap());
    let failure = player.failure().unwrap();
    assert_eq!(failure.line, 18);
    assert_eq!(failure.expected, "the history is linearizable");
    assert_eq!(failure.found, "no order of the operations explains \"1\" for \"get x\"");
}

#[test]
fn a_history_that_would_take_too_long_is_undecided_either_way() {
    let player = play(&["set workload every 1 ms", "S1 starts an election", "after 2 s"]);
    let (timeline, names) = (player.timeline(), Names::default());
    let scene = Scene::new(timeline, &names, None);
    let history = |linearizable| Claim::History { linearizable };
    let mut heard = Heard::default();
    assert!(scene.is(&history(true), &mut heard));
    assert!(!scene.is(&history(false), &mut heard));
    let mut spent = Heard::spent(MAX_SEARCH - 1);
    assert!(!scene.is(&history(true), &mut spent) && !scene.is(&history(false), &mut spent));
    let condition = Condition { any: false, claims: [(false, history(true))].into() };
    let (expected, found) = scene.found(&condition, &mut spent);
    assert_eq!(expected, "the history is linearizable");
    assert_eq!(found, "nobody knows: the search for an order took too long");
}

#[test]
fn lines_can_be_taken_out_as_long_as_the_rest_makes_sense() {
    let script = script(&["let Old be S1", "crash Old", "say \"Gone.\""]);
    let without = |index: usize| {
        let mut lines = script.lines().to_vec();
        lines.remove(index);
        Script::of(&lines)
    };
    assert_eq!(without(6).unwrap().lines().len(), 7);
    let error = without(5).unwrap_err();
    assert_eq!((error.line, error.column), (6, 9), "{error}: nobody is called Old now");
    assert!(Scenario::complaints(script.scenario()).is_empty());
}

#[test]
fn an_hour_is_the_longest_time_and_a_span_of_one_length_prints_as_one() {
    assert!(Script::parse(&story(&["after 3600 s"])).is_ok());
    assert!(Script::parse(&story(&["after 3600001 ms"])).is_err());
    let ms = Duration::from_millis;
    let span = |low, high| Value::Span((ms(low), ms(high))).to_string();
    assert_eq!((&*span(5, 5), &*span(5, 7)), ("5 ms", "5 ms to 7 ms"));
}

#[test]
fn a_chance_goes_up_to_all() {
    let lossy = |chance: &str| {
        let text = format!("shardscope script 1\ncluster\n  loss {chance}\nstory\n  crash S1\n");
        Script::parse(&text).map(|script| script.scenario().network.loss)
    };
    assert_eq!(lossy("100 %"), Ok(Ppm::ALWAYS));
    assert_eq!(lossy("0 %"), Ok(Ppm::NEVER));
    assert!(lossy("100.0001 %").is_err());
}
