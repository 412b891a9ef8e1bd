//! Answers are looked up in runs in which the cause is known: when it is taken away, the thing
//! happens.

mod drawn;
mod subject;

use alloc::format;
use alloc::string::{String, ToString};

use super::*;
use crate::sim::script::{Player, Script};

/// Plays lines of a story, by somebody who knows reasons.
fn told(cluster: &str, story: &str) -> Player {
    let text = format!("shardscope script 1\ncluster\n{cluster}\nstory\n{story}\n");
    Player::explain(Script::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// The same; all goes as it says. What was shown.
fn holds(cluster: &str, story: &str) -> String {
    let player = told(cluster, story);
    assert_eq!(player.failure().map(ToString::to_string), None, "{story}");
    player.beats().last().map_or_else(String::new, |beat| beat.sentence.clone())
}

fn answer(player: &Player, question: Question) -> Explanation {
    explain(player.timeline().world(), player.timeline().chronicle(), question)
}

const THREE: &str = "
    until a leader exists
    let L be the leader
    let A be a follower
    let B be another follower
    until slot 1 is committed at all servers
    after 30 ms
";

fn three(story: &str) -> String {
    holds("servers 3\nseed 4", &[THREE, story].concat())
}

#[test]
fn an_entry_is_not_committed_for_those_who_are_down_and_then_is() {
    let words = three(
        "crash A, B
         after 20 ms
         L: put x 1
         expect A, B are why slot 2 is not committed
         expect not A is why slot 2 is not committed
         show why slot 2 is not committed
         restart A
         until slot 2 is committed within 3 s
         expect not A, B are why slot 2 is not committed",
    );
    assert!(words.contains("2 of 3 must have stored it (§5.3)"), "{words}");
    assert!(words.contains("is down since "), "{words}");
}

#[test]
fn an_entry_is_not_committed_for_those_who_are_paused_cut_off_or_without_a_disk() {
    three(
        "pause A
         cut from B to L
         after 20 ms
         L: put x 1
         after 20 ms
         expect A, B are why slot 2 is not committed
         resume A
         until slot 2 is committed within 3 s",
    );
    let words = three(
        "wipe A
         restart A
         cut between B and L
         after 20 ms
         L: put x 1
         after 20 ms
         expect A, B are why slot 2 is not committed
         show why slot 2 is not committed
         mend between B and L
         until slot 2 is committed within 3 s",
    );
    assert!(words.contains("lost its disk and does not count"), "{words}");
    assert!(
        words.contains("gets nothing from") && words.contains("the link is cut off"),
        "{words}"
    );
}

#[test]
fn an_entry_whose_acknowledgements_are_dropped_waits_for_them() {
    let words = three(
        "drop acknowledgements to L
         after 20 ms
         L: put x 1
         after 20 ms
         expect slot 2 of A, B holds \"put x 1\"
         expect A, B are why slot 2 is not committed
         show why slot 2 is not committed
         clear rules
         until slot 2 is committed within 3 s",
    );
    assert!(words.contains("is not heard by") && words.contains("stopped by a rule"), "{words}");
}

#[test]
fn an_entry_of_an_earlier_term_waits_for_one_of_the_leaders_own() {
    let words = three(
        "crash A, B
         after 20 ms
         L: put x 1
         after 20 ms
         crash L
         restart all servers
         drop appends from L
         L starts an election
         until L leads within 2 s
         after 20 ms
         expect term of L is at least 2
         expect A, B are why slot 2 is not committed
         show why slot 2 is not committed
         clear rules
         until slot 2 is committed within 3 s",
    );
    assert!(words.contains("counts only slot 3") && words.contains("§5.4.2"), "{words}");
}

#[test]
fn nobody_leads_for_those_who_are_down_and_then_somebody_does() {
    let words = three(
        "crash L, A
         expect L, A are why nobody leads
         show why nobody leads
         after 2 s
         expect L, A are why nobody leads
         restart A
         until a leader exists within 3 s
         expect not L, A are why nobody leads",
    );
    assert!(words.contains("Nobody leads the group since ") && words.contains("§5.2"), "{words}");
    // A leader that reaches nobody leads nobody.
    let words = three(
        "crash A, B
         after 30 ms
         expect L leads
         expect A, B are why nobody leads
         show why nobody leads",
    );
    assert!(words.contains("calls itself leader of term 1"), "{words}");
}

#[test]
fn nobody_leads_where_nobody_reaches_a_majority() {
    let words = three(
        "partition S1 | S2 | S3
         after 2 s
         expect S2, S3 are why nobody leads
         show why nobody leads
         heal
         until a leader exists within 3 s",
    );
    assert!(words.contains("S1, who reaches most, gets fewer"), "{words}");
}

#[test]
fn nobody_leads_if_only_an_old_log_reaches_a_majority() {
    let words = three(
        "isolate B
         L: put x 1
         until slot 2 is committed at A within 2 s
         crash L
         mend between A and B
         drop pre-vote requests from A to B
         after 100 ms
         expect L, A are why nobody leads
         show why nobody leads
         after 2 s
         expect L, A are why nobody leads
         clear rules
         until a leader exists within 3 s
         expect A leads",
    );
    assert!(words.contains("has a better log") && words.contains("§5.4.1"), "{words}");
}

#[test]
fn an_election_and_the_time_before_it_are_under_way() {
    let player = told("servers 3", "after 1 ms");
    let waiting = answer(&player, Question::Leader { group: Gid(0) });
    assert!(matches!(waiting.root(), Some(Answer::Leader(Leadership::Waiting { .. }))));
    assert_eq!(waiting.status(), Status::Underway);
    let words = waiting.words(player.timeline().scenario());
    assert!(words.contains("is the first to miss a leader, at "), "{words}");
    let player = told("servers 3\npre-vote off", "S1 starts an election\nafter 1 ms");
    let election = answer(&player, Question::Leader { group: Gid(0) });
    assert_eq!(election.status(), Status::Underway);
    let Some(Answer::Leader(Leadership::Election { candidate, votes, .. })) = election.root()
    else {
        panic!("{election:?}")
    };
    assert_eq!((candidate.0, votes.len()), (0, 1));
}

#[test]
fn a_client_waits_for_what_its_request_waits_for() {
    let words = three(
        "crash A, B
         after 20 ms
         Client 1: put x 1
         after 300 ms
         expect A, B are why Client 1 waits
         show why Client 1 waits
         restart A
         until Client 1 got \"ok, version 1\" within 5 s
         expect not A, B are why Client 1 waits",
    );
    assert!(words.contains("Client 1 waits for \"put x 1\""), "{words}");
    let words = three(
        "cut between Client 1 and all servers
         Client 1: put x 1
         after 300 ms
         expect L is why Client 1 waits
         show why Client 1 waits
         mend between Client 1 and all servers
         until Client 1 got \"ok, version 1\" within 5 s",
    );
    assert!(words.contains("gets nothing from Client 1"), "{words}");
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    let player = told(
        "servers 3\nseed 4\nclient rest 2 s to 3 s\nclient time-out 5 s",
        "until a leader exists\ncrash all servers\nrestart all servers\nClient 1: put x 1\n\
         after 60 ms",
    );
    let client = NodeId(3);
    let Answer::Request(request) =
        ask(player.timeline().world(), player.timeline().chronicle(), Question::Request { client })
    else {
        panic!("it was asked about a request")
    };
    let denial = request.denial.expect("nobody leads: it was refused");
    assert!(matches!(denial.why, Denied::Refused(_)), "{denial:?}");
    let words = request.words(player.timeline().scenario());
    assert!(words.contains("refused it at ") && words.contains("it did not lead"), "{words}");
}

const GROUPS: &str = "groups 2\nshards 4\nrouting first byte\nseed 3";

const JOINED: &str = "
    until every group has a leader
    join G1, G2
    until configuration 1 is applied everywhere
    until G1 serves shard 0
";

fn groups(story: &str) -> String {
    holds(GROUPS, &[JOINED, story].concat())
}

#[test]
fn a_shard_is_not_served_for_the_dead_of_its_new_owner() {
    let words = groups(
        "crash G2.S1, G2.S2
         move shard 0 to G2
         until configuration is 2
         until G1 has frozen shard 0
         expect G2.S1, G2.S2 are why shard 0 is not served
         expect G2.S1, G2.S2 are why G2 has not taken configuration 2
         expect G2.S1, G2.S2 are why nobody leads G2
         show why shard 0 is not served
         restart G2.S1
         until G2 serves shard 0 within 5 s
         expect not G2.S1, G2.S2 are why shard 0 is not served",
    );
    assert!(words.contains("G2 has not taken configuration 2"), "{words}");
    assert!(words.contains("G2.S1 is down since "), "{words}");
}

#[test]
fn a_group_waits_for_a_shard_from_one_that_has_no_leader() {
    let words = groups(
        "cut between G1 and G2
         move shard 0 to G2
         until shard 0 is on its way from G1 to G2
         after 500 ms
         expect the leader of G2 is why shard 0 is not served
         crash G1.S1, G1.S3
         mend between G1 and G2
         after 100 ms
         expect G1.S1, G1.S3 are why shard 0 is not served
         expect G1.S1, G1.S3 are why nobody leads G1
         show who waits for whom
         restart G1.S1
         until G2 serves shard 0 within 5 s",
    );
    assert!(words.contains("G2 waits for shard 0 from G1, which has no leader"), "{words}");
    assert!(words.contains("G1.S1 is down since "), "{words}");
}

#[test]
fn a_change_waits_for_the_controller() {
    let words = groups(
        "crash CTL.S1, CTL.S2
         after 50 ms
         move shard 0 to G2
         after 500 ms
         expect CTL.S1, CTL.S2 are why Operator waits
         show why Operator waits
         restart CTL.S1
         until Operator got \"ok, configuration 2\" within 5 s",
    );
    assert!(words.contains("CTL has no leader that could answer"), "{words}");
}

#[test]
fn a_shard_is_served_in_vain_by_a_group_that_no_client_reaches() {
    let words = groups(
        "cut between G1 and Client 1, Operator
         show why shard 0 is not served",
    );
    assert_eq!(words, "G1 serves shard 0, and no client can reach it.");
    let words = groups(
        "cut between G1 and Client 1
         show why shard 0 is not served",
    );
    assert!(
        words.starts_with("G1 serves shard 0 in configuration 1"),
        "the operator does: {words}"
    );
}

#[test]
fn nobody_serves_what_nobody_owns() {
    let words = groups(
        "leave G1, G2
         until configuration is 2
         until G1 has parked shard 0
         until Operator got \"ok, configuration 2\"
         expect not G1 is why shard 0 is not served
         show why shard 0 is not served
         join G2
         until G2 serves shard 0 within 5 s",
    );
    assert!(words.starts_with("Nobody owns shard 0 in configuration 2."), "{words}");
    assert!(words.contains("G1 had it last and keeps it."), "{words}");
}

/// Two groups exchange shards, and neither gives before it has got: K11.
#[test]
fn those_who_wait_for_each_other_are_a_circle() {
    const EXCHANGE: &str = include_str!(
        "../../../../tests/scripts/mutants/K11-hands-over-only-when-it-has-all.script"
    );
    let player = Player::play(Script::parse(EXCHANGE).unwrap());
    assert!(player.failure().is_some(), "a rule is broken, and the last line with it");
    let (world, chronicle) = (player.timeline().world(), player.timeline().chronicle());
    let waits = waits(world, chronicle);
    let circle = waits.iter().find(|one| one.cycle.is_some()).expect("they wait for each other");
    assert_eq!(circle.status(), Status::Blocked);
    let words = circle.words(world.scenario());
    assert!(words.ends_with("They wait for each other: nobody goes on."), "{words}");
    assert!(words.contains("does not give it, though it should at once (KI-12)"), "{words}");
    assert!(words.contains("G1 waits for") && words.contains("G2 waits for"), "{words}");
    let circles = waits.iter().filter(|one| one.cycle.is_some()).count();
    assert_eq!(circles, 1, "it is told once: {waits:?}");
}

#[test]
fn what_is_not_there_has_an_answer_of_its_own() {
    let player = told(GROUPS, JOINED);
    let (world, chronicle) = (player.timeline().world(), player.timeline().chronicle());
    let (far, most) = (Gid(3), Gid(u16::MAX));
    let (group, shard) = (Gid(1), ShardId(4));
    let number = ConfigNumber(2);
    for question in [
        Question::Commit { group: far, slot: Slot(1) },
        Question::Commit { group, slot: Slot(0) },
        Question::Commit { group, slot: Slot(u64::MAX) },
        Question::Leader { group: far },
        Question::Leader { group: most },
        Question::Request { client: NodeId(0) },
        Question::Request { client: NodeId(u16::MAX) },
        Question::Shard { shard },
        Question::Shard { shard: ShardId(u16::MAX) },
        Question::Handover { shard, from: group, to: Gid(2) },
        Question::Handover { shard: ShardId(0), from: group, to: most },
        Question::Handover { shard: ShardId(0), from: Gid(0), to: group },
        Question::Configuration { group: far, number },
        Question::Configuration { group: Gid(0), number },
        Question::Configuration { group, number },
        Question::Configuration { group, number: ConfigNumber(u64::MAX) },
    ] {
        let explanation = explain(world, chronicle, question);
        assert_eq!(explanation.status(), Status::Unknown, "{question:?}");
        assert_eq!(explanation.names(), NodeSet::EMPTY, "{question:?}");
        let words = explanation.words(world.scenario());
        assert!(words.contains("no ") || words.contains("nothing"), "{words}");
    }
    for question in [
        Question::Commit { group, slot: Slot(1) },
        Question::Leader { group },
        Question::Request { client: NodeId(9) },
        Question::Shard { shard: ShardId(0) },
        Question::Handover { shard: ShardId(0), from: group, to: Gid(2) },
        Question::Configuration { group, number: ConfigNumber(1) },
    ] {
        assert_eq!(explain(world, chronicle, question).status(), Status::So, "{question:?}");
    }
    assert!(waits(world, chronicle).is_empty());
}

#[test]
fn a_wait_in_vain_is_told_with_its_reason_by_who_knows_reasons() {
    let story = [THREE, "crash A, B\nL: put x 1\nuntil slot 2 is committed within 50 ms"].concat();
    let player = told("servers 3\nseed 4", &story);
    let failure = player.failure().expect("two are down").to_string();
    assert!(failure.contains("must have stored it") && failure.contains("is down"), "{failure}");
    let text = format!("shardscope script 1\ncluster\nservers 3\nseed 4\nstory\n{story}");
    let plain = Player::play(Script::parse(&text).unwrap());
    let plain = plain.failure().expect("two are down").to_string();
    assert!(!plain.contains("must have stored it"), "{plain}");
    let text = "shardscope script 1\nstory\nshow why nobody leads";
    let plain = Player::play(Script::parse(text).unwrap());
    let failure = plain.failure().expect("it knows no reasons").to_string();
    assert!(failure.contains("whoever plays this cannot say why"), "{failure}");
}
