//! What is asked about one thing.

use alloc::vec::Vec;

use super::*;
use crate::id::NodeId;

/// What waits and has to do with a thing, at the end of a story: what each answer is about, and
/// whom the root names.
fn waits(player: &Player, subject: Subject) -> Vec<(Question, NodeSet)> {
    let timeline = player.timeline();
    let found = about(timeline.world(), timeline.chronicle(), subject);
    found.iter().map(|of| (of.steps[0].0, of.names())).collect()
}

fn played(cluster: &str, story: &str) -> Player {
    let player = told(cluster, story);
    assert_eq!(player.failure().map(ToString::to_string), None, "{story}");
    player
}

const GROUP: Gid = Gid(0);

#[test]
fn a_server_waits_for_its_entry_or_for_a_leader() {
    let calm = played("servers 3\nseed 4", THREE);
    for id in (0..4).map(NodeId) {
        assert_eq!(waits(&calm, Subject::Server(id)), [], "{id}");
    }
    let story = [THREE, "crash A, B\nafter 20 ms\nL: put x 1\nafter 20 ms"].concat();
    let player = played("servers 3\nseed 4", &story);
    let leader = player.timeline().world().nodes().iter().find(|node| node.server().is_some());
    let leader = leader.expect("one runs").id();
    let others: NodeSet = (0..3).map(NodeId).filter(|id| *id != leader).collect();
    let commit = Question::Commit { group: GROUP, slot: Slot(2) };
    let leads = Question::Leader { group: GROUP };
    assert_eq!(waits(&player, Subject::Server(leader))[0], (commit, others));
    let story = [THREE, "crash L, A\nafter 1 s"].concat();
    let player = played("servers 3\nseed 4", &story);
    for id in (0..3).map(NodeId) {
        let waits = waits(&player, Subject::Server(id));
        assert!(matches!(waits[..], [(question, _)] if question == leads), "{id}: {waits:?}");
    }
    assert_eq!(waits(&player, Subject::Server(NodeId(77))), []);
}

#[test]
fn a_client_waits_for_an_answer_while_nobody_leads() {
    let story =
        "until a leader exists\nafter 30 ms\ncrash S1, S2, S3\nClient 1: put x 1\nafter 500 ms";
    let player = played("servers 3\nclients 1\nseed 4", story);
    let client = NodeId(3);
    let all: NodeSet = (0..3).map(NodeId).collect();
    assert_eq!(waits(&player, Subject::Client(client)), [(Question::Request { client }, all)]);
    assert_eq!(waits(&player, Subject::Client(NodeId(0))), [], "it is no client");
}

#[test]
fn a_shard_and_both_of_its_groups_wait_for_a_link() {
    let cluster = "groups 2\nshards 4\nseed 3";
    let begin = "
        until every group has a leader
        join G1, G2
        until configuration 1 is applied everywhere
    ";
    let calm = played(cluster, &[begin, "after 1 s"].concat());
    let subjects = (0..4).map(|shard| Subject::Shard(ShardId(shard)));
    for subject in subjects.chain((0..3).map(|gid| Subject::Group(Gid(gid)))) {
        assert_eq!(waits(&calm, subject), [], "{subject:?}");
    }
    let cut = "cut between G1 and G2\nmove shard 0 to G2\nafter 1 s";
    let player = played(cluster, &[begin, cut].concat());
    let shard = ShardId(0);
    let handover = Question::Handover { shard, from: Gid(1), to: Gid(2) };
    let of_shard = waits(&player, Subject::Shard(shard));
    assert_eq!(of_shard[0].0, Question::Shard { shard });
    for gid in [1, 2] {
        let waits = waits(&player, Subject::Group(Gid(gid)));
        assert_eq!(waits, [(handover, of_shard[0].1)], "{gid}");
    }
    assert_eq!(waits(&player, Subject::Shard(ShardId(1))), [], "it is served");
    assert_eq!(waits(&player, Subject::Group(Gid(9))), [], "there is no such group");
}
