//! What is refused, and that a refusal changes nothing.

use alloc::collections::BTreeSet;
use alloc::string::String;

use super::*;

fn joining(gid: u16, nodes: &[u16]) -> Command {
    Command::Join(vec![(Gid(gid), nodes.iter().map(|node| NodeId(*node)).collect())])
}

/// Changes with the refusal that they meet where groups 1 and 2 are there, and group 3 was.
fn refused() -> Vec<(Command, Refusal)> {
    let own = |gid| (Gid(gid), servers(gid));
    let taken = |gid, server, by| {
        let (gid, server, by) = (Gid(gid), NodeId(server), Gid(by));
        Refusal::ServerTaken { gid, server, by }
    };
    let no_shard = |shard| Refusal::NoShard { shard: ShardId(shard), shards: 10 };
    vec![
        (join(&[]), Refusal::Nobody),
        (leave(&[]), Refusal::Nobody),
        (join(&[0]), Refusal::NoGroup),
        (leave(&[1, 0]), Refusal::NoGroup),
        (move_shard(0, 0), Refusal::NoGroup),
        (Command::Join(vec![own(4), own(5), own(4)]), Refusal::Twice(Gid(4))),
        (leave(&[2, 2]), Refusal::Twice(Gid(2))),
        (join(&[2]), Refusal::Present(Gid(2))),
        (join(&[4, 1]), Refusal::Present(Gid(1))),
        (leave(&[3]), Refusal::Absent(Gid(3))),
        (leave(&[1, 9]), Refusal::Absent(Gid(9))),
        (move_shard(0, 3), Refusal::Absent(Gid(3))),
        (joining(4, &[]), Refusal::NoServer(Gid(4))),
        (joining(4, &[30, 31, 32, 33, 34, 35, 36, 37, 38, 39]), Refusal::TooManyServers(Gid(4))),
        (joining(4, &[31, 30, 31]), Refusal::ServerTwice { gid: Gid(4), server: NodeId(31) }),
        (joining(4, &[30, 4, 29]), taken(4, 4, 1)),
        // Group 3 has left, and its servers are still its own.
        (joining(4, &[11]), taken(4, 11, 3)),
        (Command::Join(vec![own(4), (Gid(5), vec![NodeId(13)])]), taken(5, 13, 4)),
        (joining(3, &[9, 10]), Refusal::OtherServers(Gid(3))),
        (joining(3, &[9, 10, 11, 12]), Refusal::OtherServers(Gid(3))),
        (join(&(3..=MAX_GROUPS as u16 + 1).collect::<Vec<_>>()), Refusal::TooManyGroups),
        (move_shard(10, 1), no_shard(10)),
        (move_shard(u16::MAX, 1), no_shard(u16::MAX)),
        (move_shard(0, 1), Refusal::Owner { shard: ShardId(0), gid: Gid(1) }),
    ]
}

#[test]
fn a_bad_change_is_refused_and_leaves_everything_as_it_was() {
    let mut controller = changed(10, &[join(&[1, 3]), join(&[2]), leave(&[3])]);
    assert_eq!(controller.latest().owner(ShardId(0)), Some(Gid(1)));
    let before = controller.clone();
    for (command, refusal) in refused() {
        assert_eq!(controller.plan(&command), Err(refusal), "{command}");
        assert_eq!(controller.apply(&command), Reply::Refused(refusal), "{command}");
        assert_eq!(controller, before, "{command}");
        assert_eq!(controller.bytes(), encoded_len(&controller));
    }
    // It goes on after all of that.
    assert_eq!(controller.apply(&join(&[3])), Reply::Changed(ConfigNumber(4)));
}

#[test]
fn before_any_group_joins_a_move_and_a_leave_are_refused() {
    let mut controller = Controller::new(4);
    assert_eq!(controller.apply(&move_shard(0, 1)), Reply::Refused(Refusal::Absent(Gid(1))));
    assert_eq!(controller.apply(&leave(&[1])), Reply::Refused(Refusal::Absent(Gid(1))));
    assert_eq!(controller, Controller::new(4));
}

#[test]
fn as_many_groups_as_are_allowed_may_be_there() {
    let all: Vec<u16> = (1..=MAX_GROUPS as u16).collect();
    let mut controller = changed(64, &[join(&all)]);
    assert_eq!(controller.latest().groups.len(), MAX_GROUPS);
    let next = MAX_GROUPS as u16 + 1;
    assert_eq!(controller.apply(&join(&[next])), Reply::Refused(Refusal::TooManyGroups));
    // A group that was refused was never there: another may have its servers.
    assert_eq!(controller.apply(&leave(&[1])), Reply::Changed(ConfigNumber(2)));
    let heir = Command::Join(vec![(Gid(next + 1), servers(next))]);
    assert_eq!(controller.apply(&heir), Reply::Changed(ConfigNumber(3)));
}

#[test]
fn only_so_many_groups_are_remembered() {
    let mut controller = Controller::new(2);
    for gid in 1..=MAX_KNOWN as u16 {
        assert!(matches!(controller.apply(&join(&[gid])), Reply::Changed(_)));
        assert!(matches!(controller.apply(&leave(&[gid])), Reply::Changed(_)));
    }
    let next = MAX_KNOWN as u16 + 1;
    assert_eq!(controller.apply(&join(&[next])), Reply::Refused(Refusal::TooManyKnown));
    let old = controller.apply(&join(&[5]));
    assert!(matches!(old, Reply::Changed(_)), "one of them may come back");
}

#[test]
fn only_so_many_configurations_are_kept_and_all_of_them_can_be_asked_for() {
    let mut controller = changed(1, &[join(&[1, 2])]);
    let first = controller.config(Some(ConfigNumber(1))).clone();
    for number in 2..MAX_CONFIGS {
        let there_and_back = move_shard(0, if number % 2 == 0 { 2 } else { 1 });
        let reply = controller.apply(&there_and_back);
        assert_eq!(reply, Reply::Changed(ConfigNumber(number)));
    }
    for change in [join(&[3]), leave(&[1]), move_shard(0, 1), move_shard(0, 2)] {
        assert_eq!(controller.apply(&change), Reply::Refused(Refusal::Full), "{change}");
    }
    assert_eq!(controller.configs().count() as u64, MAX_CONFIGS);
    assert_eq!(controller.config(Some(ConfigNumber(1))), &first);
    assert_eq!(controller.bytes(), encoded_len(&controller));
}

#[test]
fn every_refusal_is_one_sentence_of_its_own_that_names_the_mend() {
    let mut refusals: Vec<Refusal> = refused().into_iter().map(|(_, refusal)| refusal).collect();
    refusals.extend([Refusal::TooManyKnown, Refusal::Full]);
    refusals.sort_by_key(Refusal::to_string);
    refusals.dedup();
    let sentences: BTreeSet<String> = refusals.iter().map(Refusal::to_string).collect();
    assert_eq!(sentences.len(), refusals.len());
    for sentence in sentences {
        let (wrong, mend) = sentence.split_once(": ").expect("what is wrong, and the mend");
        assert!(wrong.starts_with(char::is_uppercase) && mend.ends_with('.'), "{sentence}");
        assert_eq!(sentence.matches('.').count(), 1, "{sentence}");
    }
}
