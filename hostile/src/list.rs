//! The one list of all cases.

use crate::cases;
use crate::subject::Subject;

/// Hands the list to another macro of this crate: `{ what was given } group { case case … } …`.
#[doc(hidden)]
#[macro_export]
macro_rules! list {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }
            requests {
                an_upload_goes_out_byte_for_byte
                a_length_is_always_sent_even_if_it_is_zero
                bodies_of_any_size_arrive_whole
                the_path_and_the_query_go_out_byte_for_byte
                dots_and_quotes_go_out_byte_for_byte_or_not_at_all
                fields_go_out_byte_for_byte
                a_host_and_a_user_agent_that_are_given_are_kept
                field_bug_72_only_a_plain_answer_is_accepted
                framing_is_the_transports_own_affair
            }
            replies {
                refusals_are_answers_with_their_fields_and_bodies
                a_redirect_is_an_answer_and_not_followed
                a_reply_byte_by_byte_in_any_framing_is_read
                the_fields_of_a_reply_are_kept_byte_for_byte
                a_reply_may_have_many_fields
                a_reply_of_just_the_allowed_length_is_an_answer
                nothing_is_decompressed
                a_reply_without_a_body_may_tell_a_length
                interim_replies_are_not_the_answer
            }
            broken {
                a_reply_that_is_cut_is_unsure
                a_reply_that_is_cut_before_its_last_line_is_taken_or_unsure
                a_reply_without_a_length_that_ends_in_a_reset_is_unsure
                garbage_is_unsure
                a_length_that_is_none_is_unsure
                a_length_that_is_told_twice_is_taken_or_unsure
                chunks_that_are_none_are_unsure
                an_endless_reply_is_cut_off_and_unsure
                endless_framing_is_cut_off_and_unsure
                endless_interim_replies_are_unsure
            }
            slow {
                a_slow_reply_is_read_as_long_as_it_moves
                a_reply_that_stalls_is_unsure
                a_vendor_may_think_longer_than_the_stall_timeout
                a_reply_that_never_begins_is_unsure
                a_reply_that_trickles_for_too_long_is_unsure
            }
            early {
                an_early_refusal_is_the_answer_while_the_server_waits
                an_early_refusal_is_the_answer_while_the_server_reads_on
                an_early_refusal_is_the_answer_when_the_server_ends_its_side
                an_early_refusal_and_a_reset_are_the_answer_or_unsure
                an_early_success_waits_for_the_rest_of_the_body
                an_early_success_of_which_the_rest_is_not_taken_is_the_answer_or_unsure
            }
            sending {
                a_refused_connection_is_not_sent
                a_name_that_is_not_found_is_not_sent
                an_address_that_nobody_answers_is_not_sent
                a_name_is_tried_at_all_its_addresses
                an_address_that_is_none_cannot_be_sent
                a_connection_that_ends_at_once_sends_nothing_twice
                a_connection_that_ends_before_the_head_is_read_is_unsure
                a_connection_that_ends_in_the_body_is_unsure
                a_server_that_ends_its_side_without_a_word_is_unsure
                a_connection_that_ends_after_the_body_is_unsure
                a_server_that_stops_reading_is_unsure
                a_server_that_reads_byte_by_byte_gets_all
                after_a_failure_the_next_request_gets_through
            }
            source {
                a_source_that_breaks_is_told_as_such_and_ends_the_connection
                a_source_that_shrank_is_told_as_such_and_ends_the_connection
                a_source_that_is_broken_from_the_start_sends_no_body
                a_source_that_is_slow_is_no_stall
            }
            cancel {
                a_request_that_was_cancelled_before_is_not_sent
                cancelling_is_noticed_while_the_connection_is_made
                cancelling_is_noticed_while_the_server_does_not_read
                cancelling_is_noticed_while_the_reply_is_due
                cancelling_one_request_harms_no_other
            }
            alive {
                a_connection_is_used_again
                a_connection_that_was_closed_while_idle_harms_no_request
                a_connection_that_ends_in_the_second_request_is_unsure
                a_connection_with_stray_bytes_is_not_used_again
                a_connection_of_which_the_server_wants_the_end_is_not_used_again
                many_requests_are_under_way_at_once
            }
            tls {
                a_server_of_the_ca_file_is_trusted
                a_connection_is_used_again
                a_server_that_is_not_trusted_gets_nothing
                a_server_of_another_name_gets_nothing
                a_server_that_is_expired_gets_nothing
                a_server_without_tls_gets_nothing
                a_handshake_that_is_cut_is_not_sent
                a_handshake_that_takes_too_long_is_not_sent
                a_large_body_arrives_whole
                an_early_refusal_is_the_answer
                an_early_refusal_and_a_reset_are_the_answer_or_unsure
                a_connection_that_was_closed_while_idle_harms_no_request
                a_server_that_stops_reading_is_unsure
                a_reply_counts_only_if_its_end_is_sure
            }
            proxy {
                a_proxy_gets_http_requests_in_absolute_form
                a_proxy_is_asked_for_a_tunnel
                a_login_in_the_proxys_address_may_be_escaped
                a_tunnel_that_is_refused_is_not_sent
                a_tunnel_that_is_dropped_is_not_sent
                a_tunnel_that_is_never_there_is_not_sent
                a_proxy_that_is_down_is_not_sent
                a_refusal_of_the_proxy_is_an_answer_over_plain_http
                a_proxy_that_drops_a_plain_request_is_unsure
            }
            memory {
                a_source_is_read_as_it_is_sent
                a_huge_body_takes_little_memory
            }
        }
    };
}

/// One `#[test]` for each case, `group::case`; given the name of a unit struct that is a
/// [`Subject`]. To be called in the root of a test file.
#[macro_export]
macro_rules! tests {
    ($subject:ident) => {
        $crate::list! { each_as_a_test { $subject } }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! each_as_a_test {
    ({ $subject:ident } $($group:ident { $($case:ident)* })*) => {
        $(mod $group {
            $(#[test]
            fn $case() {
                $crate::run(concat!(stringify!($group), "::", stringify!($case)), &super::$subject);
            })*
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! each_in_a_table {
    ({} $($group:ident { $($case:ident)* })*) => {
        &[$($((concat!(stringify!($group), "::", stringify!($case)), cases::$group::$case)),*),*]
    };
}

type Case = fn(&dyn Subject);

// A case that is not in the list is dead code, and the compiler says so.
const CASES: &[(&str, Case)] = list! { each_in_a_table {} };

/// The names of all cases, `group::case`.
pub fn names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|(name, _)| *name)
}

/// Runs one case. It panics if the transport does not stand it, or if there is no such case.
pub fn run(name: &str, subject: &dyn Subject) {
    let (_, case) = CASES.iter().find(|(known, _)| *known == name).expect("it is in the list");
    case(subject);
}
