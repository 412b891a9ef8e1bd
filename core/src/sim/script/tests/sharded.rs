//! Scripts about clusters with groups.

use super::*;
use crate::controller::Command;
use crate::id::{ConfigNumber, Gid, MutantId, ShardId};
use crate::shardkv::Routing;
use crate::sim::scenario::Sharding;

const HEAD: &str = "shardscope script 1\ncluster\n  servers 2\n  groups 3\n  shards 4\n  routing \
                    first byte\n  poll interval 20 ms\n  timers quiet\n  heartbeat 60 ms\nstory\n";

fn story(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}\n")).collect();
    [HEAD, &lines.concat()].concat()
}

fn script(lines: &[&str]) -> Script {
    let text = story(lines);
    Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn play(lines: &[&str]) -> Player {
    Player::play(script(lines))
}

fn refusal(line: &str) -> String {
    Script::parse(&story(&[line])).unwrap_err().sentence
}

/// G1 and G2 own two shards each, `0-x` is 1 in G1, and G3 is there and owns nothing.
const SETTLED: [&str; 9] = [
    "CTL.S1 starts an election",
    "G1.S1 starts an election",
    "G2.S1 starts an election",
    "G3.S1 starts an election",
    "until every group has a leader",
    "join G1, G2",
    "until configuration 1 is applied everywhere",
    "Client 1: put 0-x 1",
    "until key 0-x at G1 is \"1\"",
];

/// Each stands for one form of the grammar, and prints as it is written here.
const FORMS: [&str; 45] = [
    "show who waits for whom",
    "show why slot 3 of CTL is not committed",
    "show why nobody leads CTL",
    "show why shard 3 is not served",
    "expect G2.S1, G2.S2 are why shard 3 is not served",
    "expect G2 are why G3 has not taken configuration 4",
    "expect not G2.S1 is why Operator waits",
    "let Old be the leader of G2",
    "let One be a follower of CTL",
    "let Other be another follower of G1",
    "crash G1",
    "restart G1, G2.S1, CTL",
    "pause the leader of CTL, Operator",
    "isolate a follower of G2",
    "wipe the followers of G1",
    "G2.S2 starts an election",
    "the leader of G1 hands leadership over to G1.S2",
    "G1.S1: put x 1",
    "partition G1, CTL.S1, Client 1 | G2 | the rest",
    "cut between Operator and CTL",
    "drop requests from G1 to G2, G3",
    "deliver the answer from G2 to the leader of G1",
    "clock of G1 jumps 3 ms",
    "slow the disk of G3 by 2",
    "join G1, G2",
    "leave G2",
    "move shard 3 to G2",
    "query the configuration",
    "query configuration 3",
    "Client 1: join G3",
    "Client 1: query the configuration",
    "Operator: put x 1",
    "until every group has a leader within 2 s",
    "expect a leader of G2 exists or no leader of CTL exists",
    "expect G1 are up and G2.S1 leads and G2.S2 follows the leader of G2",
    "expect G1 serves shard 3 and not G2 awaits shard 3",
    "expect G1 has frozen shard 3 or G1 has parked shard 3 or G1 holds nothing of shard 3",
    "expect nobody serves shard 0 for 2 s",
    "expect shard 3 is on its way from G1 to G2",
    "expect configuration is 4 and configuration is at least 3",
    "expect configuration 4 is applied everywhere and configuration 4 is applied at G1, G2.S1",
    "expect configuration of G1.S1 is 4 and number of shards of G2 is 3",
    "expect Operator got \"ok, configuration 1\" and G2 answered Client 1",
    "expect slot 3 is committed at G1 and stores of G1 are equal",
    "expect CI-4 holds or KI-12 is broken",
];

#[test]
fn every_form_prints_as_it_is_written() {
    for form in FORMS {
        let text = story(&[form]);
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(script.to_string(), text);
    }
    let other = story(&["crash all servers of G2", "Operator: join G1"]);
    assert_eq!(Script::parse(&other).unwrap(), script(&["crash G2", "join G1"]));
}

#[test]
fn settings_of_groups_go_where_they_belong() {
    let sharding = |lines: &str| {
        let text = format!("shardscope script 1\ncluster\n{lines}story\n  heal\n");
        let script = Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(script.to_string(), text);
        script.scenario().sharding
    };
    assert_eq!(sharding("  servers 3\n"), None);
    let usual = Sharding { groups: 2, ..Sharding::default() };
    assert_eq!(sharding("  groups 2\n"), Some(usual));
    let given = "  groups 2\n  controllers 1\n  shards 7\n  routing first byte\n  poll interval \
                 30 ms\n  whole group pauses on\n  mutant of the controller C2\n";
    let (routing, poll) = (Routing::FirstByte, Duration::from_millis(30));
    let all = Sharding {
        controllers: 1,
        groups: 2,
        shards: 7,
        routing,
        poll,
        pause_all: true,
        controller_mutant: MutantId::C2,
    };
    assert_eq!(sharding(given), Some(all));
    assert_eq!(sharding("  routing fnv\n  groups 2\n"), Some(usual), "in any order");
    let text = "shardscope script 1\ncluster\n  seed 3\n  shards 4\nstory\n  heal\n";
    let error = Script::parse(text).unwrap_err();
    assert_eq!((error.line, error.column), (4, 3));
    assert!(error.sentence.contains("\"groups 3\""), "{error}");
}

#[test]
fn deeds_become_the_actions_that_they_name() {
    let done = |line: &str| -> Vec<Action> {
        let player = play(&[&SETTLED[..], &[line]].concat());
        assert_eq!(player.failure(), None, "{line}");
        let before = play(&SETTLED).timeline().branch().acts.len();
        let acts = player.timeline().branch().acts.iter();
        acts.skip(before).map(|acted| acted.action.clone()).collect()
    };
    // The controller has servers 0 to 2, then each group has two; Client 1 is 9.
    let s = NodeId;
    assert_eq!(done("crash G2"), [Action::Crash(s(5)), Action::Crash(s(6))]);
    assert_eq!(done("crash the leader of G2"), [Action::Crash(s(5))]);
    assert_eq!(done("crash a follower of CTL"), [Action::Crash(s(1))]);
    assert_eq!(done("G3.S2 starts an election"), [Action::Campaign(s(8))]);
    assert_eq!(done("pause Operator"), [Action::Pause(s(10))]);
    assert_eq!(done("pause all clients"), [Action::Pause(s(9))], "the operator is none");
    let sides = [set(&[0, 1, 2, 9]), set(&[3, 4]), set(&[5, 6, 7, 8])].to_vec();
    assert_eq!(done("partition CTL, Client 1 | G1 | the rest"), [Action::Partition(sides)]);
    let order = |client: u16, command| [Action::Control { client: s(client), command }];
    let joins = Command::Join([(Gid(3), [s(7), s(8)].to_vec())].to_vec());
    assert_eq!(done("join G3"), order(10, joins.clone()));
    assert_eq!(done("Client 1: join G3"), order(9, joins));
    assert_eq!(done("leave G2, G1"), order(10, Command::Leave([Gid(2), Gid(1)].to_vec())));
    let moves = Command::Move { shard: ShardId(1), to: Gid(1) };
    assert_eq!(done("move shard 1 to G1"), order(10, moves));
    assert_eq!(done("query the configuration"), order(10, Command::Query(None)));
    let third = Command::Query(Some(ConfigNumber(3)));
    assert_eq!(done("query configuration 3"), order(10, third));
}

/// What holds and what does not, after more lines.
fn judge(before: &[&str], holds: &[&str], fails: &[(&str, &str)]) {
    let lines = [&SETTLED[..], before].concat();
    let expects: Vec<String> = holds.iter().map(|claim| format!("expect {claim}")).collect();
    let all: Vec<&str> = lines.iter().copied().chain(expects.iter().map(String::as_str)).collect();
    assert_eq!(play(&all).failure(), None);
    for (claim, found) in fails {
        let wrong = format!("expect {claim}");
        let player = play(&[&lines[..], &[&wrong]].concat());
        let failure = player.failure().unwrap_or_else(|| panic!("{claim} holds"));
        assert_eq!(failure.found, *found, "{claim}");
        let right = format!("expect not {claim}");
        assert_eq!(play(&[&lines[..], &[&right]].concat()).failure(), None, "not {claim}");
    }
}

#[test]
fn claims_are_judged_by_what_the_groups_have() {
    let holds = [
        "G1 serves shard 0",
        "G1 holds nothing of shard 1",
        "configuration is 1",
        "configuration is at most 1",
        "configuration of G3 is 1",
        "configuration of CTL.S1 is 1",
        "configuration 1 is applied at G1, G2, CTL.S1",
        "configuration 0 is applied everywhere",
        "number of shards of G2 is 2",
        "number of shards of G3 is 0",
        "Operator got \"ok, configuration 1\"",
        "CTL answered Operator",
        "G1 answered Client 1",
        "session of Client 1 at G1 is 1",
        "session of Client 1 at G2 is missing",
        "key 0-x at G2 is missing",
        "stores of G1 are equal",
        "number of leaders is 4",
        "a leader of G2 exists",
        "G2.S2 follows G2.S1",
    ];
    let fails = [
        ("G1 serves shard 1", "G1 holds nothing of it"),
        ("G1 holds nothing of shard 0", "G1 serves it"),
        ("nobody serves shard 0", "G1 serves it"),
        ("shard 0 is on its way from G1 to G2", "G1 serves it"),
        ("configuration is 2", "configuration is 1"),
        (
            "configuration 2 is applied at G1",
            "G1.S1 has come to configuration 1, G1.S2 has come to configuration 1",
        ),
        ("number of shards of G2 is 3", "number of shards of G2 is 2"),
        ("no leader of G3 exists", "G3.S1 leads in term 1, G3.S2 follows G3.S1 in term 1"),
        (
            "Operator waits",
            "Operator got \"ok, configuration 1\" from CTL.S1 for \"join group 1 with 2 servers, \
             group 2 with 2 servers\"",
        ),
        ("G2 answered Client 1", "Client 1 got \"ok, version 1\" from G1.S1 for \"put 0-x 1\""),
    ];
    judge(&["until Client 1 got \"ok, version 1\""], &holds, &fails);
}

#[test]
fn a_shard_on_its_way_is_frozen_awaited_parked_and_gone() {
    let moved = ["hold requests from G1 to G2", "move shard 0 to G2", "until G2 awaits shard 0"];
    let holds = [
        "shard 0 is on its way from G1 to G2",
        "G1 has frozen shard 0",
        "nobody serves shard 0",
        "key 0-x at the leader of G1 is \"1\"",
        "key 0-x at the leader of G2 is missing",
        "not configuration 2 is applied at the leader of G2",
    ];
    let whereabouts = "G1 has frozen it for G2, G2 awaits it from G1";
    let unfinished = "G2.S1 has come to configuration 2, and has not finished with it";
    let fails = [
        ("G1 serves shard 0", "G1 has frozen it for G2"),
        ("shard 0 is on its way from G2 to G1", whereabouts),
        ("shard 0 is on its way from G1 to G3", whereabouts),
        ("configuration 2 is applied at the leader of G2", unfinished),
    ];
    judge(&moved, &holds, &fails);
    let arrived = [&moved[..], &["heal", "until configuration 2 is applied everywhere"]].concat();
    let holds = ["G2 serves shard 0", "G1 holds nothing of shard 0", "key 0-x at G2 is \"1\""];
    judge(&arrived, &holds, &[("nobody serves shard 0", "G2 serves it")]);
    let left = ["leave G1, G2", "until configuration 2 is applied everywhere"];
    let holds = ["G1 has parked shard 0", "nobody serves shard 0", "G3 holds nothing of shard 0"];
    judge(&left, &holds, &[("G1 holds nothing of shard 0", "G1 has parked it")]);
    let crashed = ["crash G1", "crash G2"];
    let fails = [
        ("G1 serves shard 0", "no server of G1 runs"),
        ("G1 holds nothing of shard 0", "no server of G1 runs"),
        ("every group has a leader", ""),
    ];
    judge(&crashed, &["nobody serves shard 0"], &fails[..2]);
    assert!(
        play(&[&SETTLED[..], &crashed, &["expect every group has a leader"]].concat())
            .failure()
            .is_some_and(|failure| failure.found.contains("G1.S1 is down"))
    );
}

#[test]
fn of_several_groups_one_must_be_named() {
    let which = |line| {
        let sentence = refusal(line);
        assert!(sentence.contains("It is not clear which group is meant"), "{line}: {sentence}");
    };
    which("crash the leader");
    which("let F be a follower");
    which("wipe the followers");
    which("until a leader exists");
    assert!(refusal("crash S1").contains("write G1.S1"));
    assert!(refusal("expect slot 3 is committed").contains("at G1"));
    assert!(refusal("expect number of committed slots is 3").contains("a log of its own"));
    assert!(refusal("G1 starts an election").contains("such as G1.S1 or the leader of G1"));
    assert!(refusal("let G7 be G1.S1").contains("cannot be a name"));
    assert!(refusal("let Operator be G1.S1").contains("cannot be a name"));
}

#[test]
fn a_script_of_a_run_with_groups_is_that_run() {
    let lines = [
        "Client 1: join G3",
        "hold requests from G1, G2 to G3",
        "until configuration is 2",
        "crash G3, G1.S2",
        "query configuration 1",
        "restart G3",
        "G3.S2 starts an election",
        "cut from G1 to G2.S1, CTL.S2",
        "heal",
        "move shard 3 to G1",
        "leave G2, G3",
        "after 300 ms",
    ];
    let played = play(&[&SETTLED[..], &lines].concat()).into_timeline();
    let run = Recorded {
        scenario: played.scenario(),
        acts: &played.branch().acts,
        end: (played.step_number(), played.now()),
    };
    let script = Script::record("A run", run, []).unwrap();
    let text = script.to_string();
    assert_eq!(Script::parse(&text).as_ref(), Ok(&script));
    for line in ["crash G3, G1.S2", "Client 1: join G3", "leave G2, G3", "  shards 4"] {
        assert!(text.contains(&format!("{line}\n")), "{line}:\n{text}");
    }
    let again = Player::play(script);
    assert_eq!(again.failure(), None);
    assert_eq!(again.timeline().world(), played.world());
    // The usual number of groups must be told, too: without it, there are none.
    let sharding = Some(Sharding::default());
    let scenario = Scenario { sharding, ..Setting::start() };
    let none = Recorded { scenario: &scenario, acts: &[], end: (0, Instant::ZERO) };
    let text = Script::record("Nothing", none, []).unwrap().to_string();
    assert!(text.contains("cluster\n  groups 3\n\nstory"), "{text}");
}
