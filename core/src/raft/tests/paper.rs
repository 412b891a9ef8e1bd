//! The extended Raft paper, rule by rule: one test per rule of Figure 2 and per claim of its
//! sections 5 to 8. What a single server must do is asked of a [`Bench`], what holds for a group
//! of a run in the simulated world.
//!
//! # Figure 2
//!
//! State: what is persistent is on disk before anything is answered, the rest begins anew.
//! - `figure_2_state_term_vote_and_log_survive_a_crash`
//! - `figure_2_state_is_on_disk_before_an_answer_leaves`
//! - `figure_2_state_what_is_committed_is_learnt_anew_after_a_crash`
//! - `figure_2_state_the_commit_index_never_goes_back`
//! - `figure_2_state_each_time_in_office_begins_from_the_own_last_entry`
//!
//! AppendEntries, by the receiver's steps 1 to 5:
//! - `figure_2_append_1_a_leader_of_an_old_term_is_told_so_and_not_heeded`
//! - `figure_2_append_2_an_entry_must_stand_before_those_carried_and_be_the_leaders`
//! - `figure_2_append_3_the_log_is_cut_only_where_an_entry_contradicts`
//! - `figure_2_append_4_only_what_is_missing_is_added`
//! - `figure_2_append_5_commits_no_further_than_the_log_is_known_to_be_the_leaders`
//!
//! RequestVote, by the receiver's steps; of the second, what is up-to-date belongs to §5.4.1:
//! - `figure_2_vote_1_a_candidate_of_an_old_term_is_told_so`
//! - `figure_2_vote_2_is_given_once_per_term_and_the_same_candidate_may_ask_again`
//!
//! Rules for all servers, followers, candidates and leaders, in the figure's order:
//! - `figure_2_all_servers_1_every_slot_is_applied_once_and_in_order`
//! - `figure_2_all_servers_2_any_message_of_a_later_term_makes_a_follower_of_that_term`
//! - `figure_2_followers_1_answer_candidates_and_leaders`
//! - `figure_2_followers_2_only_a_leaders_word_or_a_vote_given_puts_an_election_off`
//! - `figure_2_followers_2_a_refused_candidate_does_not_restart_the_timer`
//! - `figure_2_candidates_1_count_the_term_up_vote_for_themselves_and_ask_everybody`
//! - `figure_2_candidates_2_lead_once_a_majority_has_voted`
//! - `figure_2_candidates_3_follow_the_leader_of_their_term`
//! - `figure_2_candidates_4_stand_again_when_the_election_comes_to_nothing`
//! - `figure_2_leaders_1_speak_at_once_and_whenever_they_have_been_silent_for_an_interval`
//! - `figure_2_leaders_2_store_a_command_at_once_and_apply_it_when_it_is_committed`
//! - `figure_2_leaders_3_send_what_follows_next_index_and_go_back_when_it_does_not_fit`
//! - `figure_2_leaders_4_commit_what_a_majority_stores_in_their_own_term`
//!
//! # Figure 3
//!
//! Its five properties are claims of the sections where they are argued for:
//! - election safety: `section_5_2_no_term_has_two_leaders`
//! - leader append-only: `section_5_3_a_leader_only_appends_to_its_own_log`
//! - log matching: `section_5_3_logs_that_share_an_entry_share_all_before_it`
//! - leader completeness: `section_5_4_3_every_leader_has_all_that_was_committed_before`
//! - state machine safety:
//!   `section_5_4_3_no_two_servers_apply_different_commands_in_one_slot`
//!
//! # §5.1: terms and roles
//!
//! - `section_5_1_five_servers_serve_without_any_two_and_not_without_three`
//! - `section_5_1_followers_ask_nothing_of_anybody`
//! - `section_5_1_a_follower_sends_clients_to_the_leader`
//! - `section_5_1_a_servers_term_never_goes_back_not_even_by_a_crash`
//! - `section_5_1_whoever_speaks_of_an_old_term_learns_the_new_one_and_steps_down`
//! - `section_5_1_a_request_of_an_old_term_changes_nothing`
//! - `section_5_1_a_candidate_asks_again_whoever_has_not_answered_in_time`
//! - `section_5_1_whoever_wakes_too_late_to_ask_again_begins_anew`
//! - `section_5_1_a_vote_is_told_as_often_as_it_is_asked_for_and_given_once`
//! - `section_5_1_who_was_called_by_the_leader_says_so_whenever_it_asks`
//!
//! # §5.2: elections
//!
//! - `section_5_2_servers_begin_as_followers_and_ask_nothing`
//! - `section_5_2_a_leader_that_is_heard_stays`
//! - `section_5_2_a_majority_is_one_of_the_whole_group_not_of_those_that_can_be_reached`
//! - `section_5_2_votes_of_other_terms_and_repeated_votes_do_not_count`
//! - `section_5_2_no_term_has_two_leaders`
//! - `section_5_2_a_candidate_does_not_heed_a_leader_of_an_earlier_term`
//! - `section_5_2_each_election_draws_its_time_out_anew`
//! - `section_5_2_a_split_vote_is_resolved_by_random_time_outs`
//! - `section_5_2_with_equal_time_outs_votes_are_split_for_ever`
//!
//! # §5.3: the log is replicated
//!
//! - `section_5_3_a_command_is_answered_once_a_majority_has_stored_it`
//! - `section_5_3_followers_apply_what_the_leader_says_is_committed`
//! - `section_5_3_a_leader_offers_entries_until_everybody_has_them_even_long_after_the_answer`
//! - `section_5_3_a_slow_follower_holds_nobody_up`
//! - `section_5_3_logs_that_share_an_entry_share_all_before_it`
//! - `section_5_3_a_leader_only_appends_to_its_own_log`
//! - `section_5_3_figure_7_every_follower_ends_with_the_leaders_log`
//! - `section_5_3_a_follower_says_where_its_log_may_agree`
//! - `section_5_3_a_hint_leads_back_in_one_step_per_term`
//! - `section_5_3_agreement_is_found_in_at_most_one_refusal_for_each_term`
//!
//! # §5.4: who may be elected, and what counts as committed
//!
//! - `section_5_4_1_a_candidate_needs_a_log_that_is_as_up_to_date`
//! - `section_5_4_1_nobody_is_elected_without_what_is_committed`
//! - `section_5_4_2_an_entry_of_an_earlier_term_is_not_committed_by_counting`
//! - `section_5_4_2_what_a_majority_stores_may_still_be_replaced`
//! - `section_5_4_3_every_leader_has_all_that_was_committed_before`
//! - `section_5_4_3_no_two_servers_apply_different_commands_in_one_slot`
//!
//! # §5.5: followers and candidates crash
//!
//! - `section_5_5_a_request_that_comes_twice_does_no_more_than_once`
//! - `section_5_5_a_crash_before_the_answer_is_made_good_by_asking_again`
//! - `section_5_5_a_leader_asks_again_until_it_is_answered`
//! - `section_5_5_a_candidate_that_crashes_does_not_keep_the_others_from_electing`
//! - `section_5_5_whoever_comes_back_takes_part_again`
//!
//! # §5.6: timing and availability
//!
//! - `section_5_6_a_leader_stays_as_long_as_messages_are_much_faster_than_time_outs`
//! - `section_5_6_safety_does_not_rest_on_timing`
//!
//! # §6: changes of the group
//!
//! A group keeps its servers. What remains of the section is that a server which hears no leader,
//! as one that was taken out does, must not disturb the others:
//! - `section_6_whoever_has_just_heard_from_a_leader_disregards_candidates`
//! - `section_6_a_server_that_hears_nobody_does_not_depose_the_leader`
//!
//! # §7: snapshots
//!
//! Figure 13's steps 2 to 5 are about parts of a snapshot: here, one message carries all of it.
//! - `section_7_each_server_compacts_by_itself_and_only_what_is_committed`
//! - `section_7_a_snapshot_replaces_the_log_up_to_it_and_the_snapshot_before`
//! - `section_7_the_place_and_term_of_the_last_entry_are_kept_for_what_follows_it`
//! - `section_7_a_server_starts_from_its_snapshot`
//! - `section_7_logs_stay_short_and_who_was_away_gets_the_snapshot`
//! - `section_7_a_compacted_follower_gets_the_snapshot_even_if_its_window_is_full`
//! - `section_7_a_conflict_at_the_snapshots_place_is_answered_by_the_snapshot`
//! - `section_7_figure_13_1_a_snapshot_of_an_old_leader_is_refused`
//! - `section_7_figure_13_6_entries_that_follow_the_snapshots_last_one_are_kept`
//! - `section_7_figure_13_7_a_snapshot_replaces_another_history_and_never_goes_back`
//! - `section_7_figure_13_8_the_machine_becomes_the_snapshots`
//!
//! # §8: clients
//!
//! - `section_8_clients_find_the_leader_and_the_next_one_after_it`
//! - `section_8_a_command_that_is_in_the_log_twice_is_carried_out_once`
//! - `section_8_a_new_leader_begins_with_an_empty_entry_of_its_term`
//! - `section_8_without_that_entry_an_idle_group_never_learns_it`
//! - `section_8_a_read_adds_nothing_to_the_log`
//! - `section_8_a_read_waits_for_the_terms_own_commit_and_for_a_round_that_began_after_it`
//! - `section_8_a_leader_that_was_deposed_unawares_answers_no_read`

use super::*;

mod figure_2;
mod group;
mod section_5_1;
mod section_5_2;
mod section_5_3;
mod section_5_4;
mod section_5_5;
mod section_5_6;
mod section_6;
mod section_7;
mod section_8;

/// The protocol as the paper has it in Figure 2, without what the thesis adds to elections.
fn plain(voters: u16) -> Config {
    Config { pre_vote: false, check_quorum: false, sticky: false, ..config(voters) }
}

#[test]
fn the_list_above_names_every_test_and_nothing_else() {
    let files = [
        include_str!("paper/figure_2.rs"),
        include_str!("paper/section_5_1.rs"),
        include_str!("paper/section_5_2.rs"),
        include_str!("paper/section_5_3.rs"),
        include_str!("paper/section_5_4.rs"),
        include_str!("paper/section_5_5.rs"),
        include_str!("paper/section_5_6.rs"),
        include_str!("paper/section_6.rs"),
        include_str!("paper/section_7.rs"),
        include_str!("paper/section_8.rs"),
    ];
    let tests = files.iter().flat_map(|file| file.split("#[test]\nfn ").skip(1));
    let mut written: Vec<&str> = tests.filter_map(|test| test.split('(').next()).collect();
    let list = include_str!("paper.rs").lines().filter(|line| line.starts_with("//! "));
    let quoted = list.flat_map(|line| line.split('`').skip(1).step_by(2));
    let mut listed: Vec<&str> = quoted.filter(|name| name.contains('_')).collect();
    written.sort_unstable();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed, written);
}
