// The names of contract_probe's cases, for whoever drives it: the fake host's test and the real
// host's.
#pragma once

#include <cstdint>

namespace gantry::contract {

constexpr int32_t run_case_code = 9100;  // field "case"; 0 "pass", or 1 and what did not hold

constexpr const char* case_names[] = {
    "timers_run_in_the_order_of_their_time",
    "a_cancelled_timer_completes_cancelled_once",
    "an_unknown_shard_is_invalid",
    "a_periodic_timer_ticks_until_cancelled",
    "jobs_run_later_on_their_shard_or_a_worker",
    "the_second_answer_is_ignored",
    "a_handler_refuses_with_its_wire_code",
    "ok_without_an_answer_is_answered_1",
    "an_answer_carries_a_buffer_away",
    "a_kept_request_is_there_later",
    "a_call_shares_the_buffer_and_leaves_the_callers_reference",
    "a_parked_request_runs_again_when_woken",
    "a_parked_request_times_out",
    "a_wake_between_park_and_return_is_not_lost",
    "an_answer_waits_for_marks",
    "the_lowest_missing_mark_picks_the_late_code",
    "an_answer_after_the_time_limit_is_late",
    "an_unknown_door_is_gone",
    "an_unknown_code_is_answered_3",
    "queue_offsets_are_dense_by_topic_and_queue",
    "a_record_reads_back_as_it_was_appended",
    "adjacent_entries_are_one_slice",
    "outside_the_log_is_gone",
    "damaged_bytes_are_no_record",
    "awaiting_too_much_is_busy",
    "a_watch_ends_when_its_mark_rises",
    "a_closed_gate_refuses_with_its_code",
    "a_record_over_a_limit_is_invalid",
    "settings_are_read_by_key",
    "every_module_may_know_the_node",
    "a_buffer_lives_until_its_last_release",
    "the_host_tells_of_the_module_and_its_calls",
    "a_buffer_counts_with_the_module_while_it_holds_it",
    "what_there_are_fewer_of_is_gone",
    "binding_what_nobody_offers_is_gone",
    "time_goes_on_with_the_call",
    "a_level_that_is_not_known_counts_as_the_next_lower_one",
    "a_peer_answers_with_fields_and_body",
    "a_peer_that_is_not_there_is_gone_with_a_reason",
    "a_silent_peer_is_busy_after_the_time_limit",
    "a_peer_that_hangs_up_fails_what_was_asked",
    "a_notification_reaches_a_peer_before_what_is_asked_next",
    "a_text_that_is_no_address_is_invalid",
    "metadata_is_written_scanned_read_and_erased",
    "a_filter_is_found_by_its_expression_type",
    "a_filter_judges_entries_then_messages",
    "a_filter_says_where_an_expression_is_wrong",
};

// Beside a module that serves producers and consumers.
constexpr const char* messaging_case_names[] = {
    "a_topic_is_made_once_and_every_find_tells_of_it",
    "a_topic_that_may_not_be_is_invalid",
    "a_group_is_made_with_rocketmqs_defaults",
    "offsets_go_back_when_set_and_forward_otherwise",
    "nobody_is_connected_of_an_unknown_group",
};

// For a probe with `replicates = true`, and files of at most 256 KiB.
constexpr const char* change_case_names[] = {
    "only_its_owner_moves_replicated",
    "an_answer_goes_when_the_replicas_have_it",
    "a_follower_takes_records_of_another_log",
    "a_cut_fails_who_waits_for_more",
    "a_cut_that_is_not_allowed_is_refused",
    "an_epoch_given_before_is_invalid",
    "a_trim_moves_the_begin",
};

}  // namespace gantry::contract
