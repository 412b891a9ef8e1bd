//! The stories of `tests/scripts` leave their traces. They are played here too, so that a change of
//! behaviour is seen by what is built with the core alone.

use super::*;
use crate::sim::script::transcript;

/// A script goes as it says, and leaves what is kept beside it.
fn plays(script: &str, kept: &str) {
    let read = Script::parse(script).unwrap();
    assert_eq!(read.to_string(), script, "it prints as it is written");
    let player = Player::play(read);
    assert_eq!(player.failure().map(ToString::to_string), None);
    let trace = transcript(&player);
    let first = kept.lines().zip(trace.lines()).find(|(kept, now)| kept != now);
    assert_eq!(first, None, "the trace that is kept, and what is left now");
    assert_eq!(kept.lines().count(), trace.lines().count());
}

/// One test for each script, so that they are played side by side.
macro_rules! stories {
    ($($name:ident, $file:literal;)*) => {$(
        #[test]
        fn $name() {
            plays(
                include_str!(concat!("../../../../../tests/scripts/", $file, ".script")),
                include_str!(concat!("../../../../../tests/scripts/", $file, ".trace")),
            );
        }
    )*};
}

stories! {
    figure_7_leaves_its_trace, "figure-7";
    figure_8_leaves_its_trace, "figure-8";
    lost_reply_and_retry_leaves_its_trace, "lost-reply-and-retry";
    minority_partition_leaves_its_trace, "minority-partition";
    snapshot_catch_up_leaves_its_trace, "snapshot-catch-up";
    split_vote_leaves_its_trace, "split-vote";
    stale_leaders_read_leaves_its_trace, "stale-leaders-read";
    static_shards_leave_their_trace, "static-shards";
    join_then_leave_leaves_its_trace, "join-then-leave";
    migration_under_load_leaves_its_trace, "migration-under-load";
    lost_reply_across_a_move_leaves_its_trace, "lost-reply-across-a-move";
    mutual_exchange_leaves_its_trace, "mutual-exchange";
    handed_over_shards_are_deleted_leaves_its_trace, "handed-over-shards-are-deleted";
    unaffected_shards_leave_their_trace, "unaffected-shards";
    partial_arrival_leaves_its_trace, "partial-arrival";
    whole_group_pauses_leaves_its_trace, "whole-group-pauses";
    slept_through_three_configurations_leaves_its_trace, "slept-through-three-configurations";
    all_leave_and_one_joins_leaves_its_trace, "all-leave-and-one-joins";
}

#[test]
fn every_mistake_is_told_as_it_is_kept() {
    let kept = include_str!("../../../../../tests/scripts/mistakes.txt");
    let mut cases = 0;
    for case in kept.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let (said, given): (Vec<&str>, Vec<&str>) =
            case.lines().partition(|line| line.starts_with('!'));
        let line = |line: &&str| String::from(line[1..].strip_prefix(' ').unwrap_or(&line[1..]));
        let body = given.iter().map(line).collect::<Vec<_>>().join("\n");
        let inside = given.iter().any(|line| line.starts_with('>'));
        let text = if inside { format!("{HEAD}  {}", body.replace('\n', "\n  ")) } else { body };
        let error = Script::parse(&text).expect_err(&text);
        assert_eq!([format!("! {error}")], said[..], "{text}");
        cases += 1;
    }
    assert!(cases >= 80, "only {cases} mistakes");
}
