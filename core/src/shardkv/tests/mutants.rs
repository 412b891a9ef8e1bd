//! Each decision that is taken wrongly is caught, by the check that should.

use alloc::collections::BTreeMap;

use super::random::play;
use crate::id::MutantId;

/// Plays runs until each of these checks has caught the mutant.
fn caught(mutant: MutantId, checks: &[&'static str]) {
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in 0..400 {
        let lab = play(seed, mutant);
        lab.watch.violations.keys().for_each(|check| *seen.entry(check).or_default() += 1);
        if checks.iter().all(|check| seen.contains_key(check)) {
            return;
        }
    }
    panic!("{mutant:?}: {checks:?} are not all among {seen:?}");
}

#[test]
fn sessions_that_stay_behind_let_a_retry_be_executed_twice() {
    caught(MutantId::K1, &["KI-5", "KI-4", "history"]);
}

#[test]
fn a_configuration_that_is_left_out_is_seen() {
    caught(MutantId::K2, &["KI-2"]);
}

#[test]
fn a_group_that_goes_on_too_early_is_seen() {
    caught(MutantId::K3, &["KI-2"]);
}

#[test]
fn a_call_that_is_not_looked_at_again_in_the_log_is_seen() {
    caught(MutantId::K4, &["KI-1", "KI-4"]);
}

#[test]
fn a_shard_that_is_served_before_it_is_here_is_seen() {
    caught(MutantId::K5, &["KI-3", "KI-4"]);
}

#[test]
fn a_copy_that_goes_before_the_shard_has_come_is_seen() {
    caught(MutantId::K6, &["KI-6", "progress"]);
}

#[test]
fn a_deletion_without_its_configuration_is_seen() {
    caught(MutantId::K7, &["KI-6", "progress"]);
}

#[test]
fn a_piece_that_is_taken_in_again_is_seen() {
    caught(MutantId::K8, &["KI-7", "KI-4"]);
}

#[test]
fn a_shard_that_is_lost_with_its_leader_is_seen() {
    caught(MutantId::K9, &["progress"]);
}

#[test]
fn groups_that_wait_for_each_other_are_seen() {
    caught(MutantId::K11, &["KI-12", "progress"]);
}

#[test]
fn a_group_that_stops_for_every_move_is_seen() {
    caught(MutantId::K12, &["KI-9"]);
}

#[test]
fn a_frozen_shard_that_thaws_is_seen() {
    caught(MutantId::K13, &["KI-1", "KI-4"]);
}

#[test]
fn a_refusal_that_is_remembered_is_seen() {
    caught(MutantId::K14, &["KI-10", "progress"]);
}

#[test]
fn a_retry_under_another_number_is_seen() {
    caught(MutantId::R47, &["KI-11", "KI-4"]);
}
