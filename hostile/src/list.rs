//! The one list of all cases.

use std::thread;

use crate::subject::{Promise, Subject};
use crate::{cases, server};

/// Hands the list to another macro of this crate: `{ what was given } group { case "why" … } …`.
#[doc(hidden)]
#[macro_export]
macro_rules! list {
    ($then:ident { $($given:tt)* }) => {
        $crate::$then! {
            { $($given)* }
            requests {
                an_upload_goes_out_byte_for_byte
                    "the vendor keeps what it gets, so a byte that is added, lost or changed is in the file for good"
                a_length_is_always_sent_even_if_it_is_zero
                    "vendors refuse chunked bodies, and a body without a length may be taken for none"
                bodies_of_any_size_arrive_whole
                    "a buffer's edge must not be an edge of the body"
                the_path_and_the_query_go_out_byte_for_byte
                    "they are signed: another spelling of the same address is another signature"
                dots_and_quotes_go_out_byte_for_byte_or_not_at_all
                    "a client that would rewrite a signed path must say that it cannot send it, as Impossible"
                fields_go_out_byte_for_byte
                    "fields are signed, and some of them hold bytes that are no text"
                a_host_and_a_user_agent_that_are_given_are_kept
                    "Host is signed"
                field_bug_72_only_a_plain_answer_is_accepted
                    "a compressed answer has another ETag than the part that it names"
                framing_is_the_transports_own_affair
                    "a length or a coding that came with the head must not stand beside the true one"
            }
            replies {
                refusals_are_answers_with_their_fields_and_bodies
                    "a vendor's refusal says in its body what to do next; only the protocol can read it"
                a_redirect_is_an_answer_and_not_followed
                    "a request is signed for one address, and its body can be read once"
                a_reply_byte_by_byte_in_any_framing_is_read
                    "networks cut replies anywhere, and vendors use every framing that HTTP/1 has"
                the_fields_of_a_reply_are_kept_byte_for_byte
                    "digests and metadata come in fields"
                a_reply_may_have_many_fields
                    "gateways add fields of their own"
                a_reply_of_just_the_allowed_length_is_an_answer
                    "the limit is the longest reply that is read"
                nothing_is_decompressed
                    "what is answered is compared byte for byte"
                a_reply_without_a_body_may_tell_a_length
                    "HEAD, 204 and 304 have no body whatever their length says; who waits for one hangs"
                interim_replies_are_not_the_answer
                    "a 100 says nothing of what became of the request"
            }
            broken {
                a_reply_that_is_cut_is_unsure
                    "half of an answer proves nothing, and the vendor may have acted"
                a_reply_that_is_cut_before_its_last_line_is_taken_or_unsure
                    "the body is whole, the message is not: both are honest (RFC 9112, 8)"
                a_reply_without_a_length_that_ends_in_a_reset_is_unsure
                    "only a close ends such a reply; a reset cuts it"
                garbage_is_unsure
                    "whoever spoke may have handed the request on"
                a_length_that_is_none_is_unsure
                    "nobody knows where such a reply ends (RFC 9112, 6.3)"
                a_length_that_is_told_twice_is_taken_or_unsure
                    "it may be refused or taken (RFC 9112, 6.3); taken, it means what it says"
                chunks_that_are_none_are_unsure
                    "nobody knows where such a reply ends"
                a_transfer_coding_of_an_older_http_is_unsure
                    "nobody knows where such a reply ends (RFC 9112, 6.1)"
                a_transfer_coding_that_nobody_asked_for_is_unsure
                    "clients differ in where such a reply ends (RFC 9112, 7.4)"
                an_endless_reply_is_cut_off_and_unsure
                    "a server must not fill the client's memory"
                endless_framing_is_cut_off_and_unsure
                    "what is no body must not go on for ever either"
                endless_interim_replies_are_unsure
                    "each of them is right, and none is progress"
            }
            slow {
                a_slow_reply_is_read_as_long_as_it_moves
                    "slow is no failure"
                a_reply_that_stalls_is_unsure
                    "a connection that fell silent does not come back"
                a_vendor_may_think_longer_than_the_stall_timeout
                    "it may have a whole file to put together"
                a_reply_that_never_begins_is_unsure
                    "the wait for an answer has an end: reply_within"
                a_reply_that_trickles_for_too_long_is_unsure
                    "a byte now and then would keep a request for ever"
            }
            early {
                an_early_refusal_is_the_answer_while_the_server_waits
                    "the server waits for the end of sending, and the client for the reply: somebody must stop (RFC 9112, 9.5)"
                an_early_refusal_is_the_answer_while_the_server_reads_on
                    "the rest of a refused part is sent for nothing"
                an_early_refusal_is_the_answer_when_the_server_ends_its_side
                    "the answer was given before the end"
                an_early_refusal_and_a_reset_are_the_answer_or_unsure
                    "a reset may overtake the answer; never is the request NotSent"
                an_early_success_waits_for_the_rest_of_the_body
                    "a success counts once all of the body was sent"
                an_early_success_of_which_the_rest_is_not_taken_is_the_answer_or_unsure
                    "both the answer and the stall are true"
            }
            sending {
                a_refused_connection_is_not_sent
                    "nothing left this machine, so it can be sent again at once; the error says where it tried"
                a_name_that_is_not_found_is_not_sent
                    "nothing left this machine; the error says which name"
                an_address_that_nobody_answers_is_not_sent
                    "a new connection has a time limit of its own"
                a_name_is_tried_at_all_its_addresses
                    "a server has IPv4 or IPv6, and localhost names both"
                an_address_that_is_none_cannot_be_sent
                    "no retry mends an address: Impossible, not NotSent"
                a_connection_that_ends_at_once_sends_nothing_twice
                    "a client that retries by itself sends parts twice behind the upload's back"
                a_connection_that_ends_before_the_head_is_read_is_unsure
                    "the bytes had left"
                a_connection_that_ends_in_the_body_is_unsure
                    "the vendor may have acted on what it got"
                a_server_that_ends_its_side_without_a_word_is_unsure
                    "it reads on, and will never answer"
                a_connection_that_ends_after_the_body_is_unsure
                    "the vendor may have acted, and only its answer is lost"
                a_server_that_stops_reading_is_unsure
                    "a request that does not move is given up after the stall timeout"
                a_server_that_reads_byte_by_byte_gets_all
                    "slow is no failure"
                after_a_failure_the_next_request_gets_through
                    "a transport is not the worse for a request that failed"
            }
            source {
                a_source_that_breaks_is_told_as_such_and_ends_the_connection
                    "the file is at fault, not the network: Source; a short body must not be taken for a whole one"
                a_source_that_shrank_is_told_as_such_and_ends_the_connection
                    "bytes that are not there must not be made up to fill the length"
                a_source_that_is_broken_from_the_start_sends_no_body
                    "the file is at fault, and nothing of it was read"
                a_source_that_is_slow_is_no_stall
                    "a slow disk or a rate limit is not the network's silence"
            }
            cancel {
                a_request_that_was_cancelled_before_is_not_sent
                    "who stopped an upload wants nothing sent"
                cancelling_is_noticed_while_the_connection_is_made
                    "a stop ends within about a second, wherever the request is"
                cancelling_is_noticed_while_the_server_does_not_read
                    "a stop ends within about a second, wherever the request is"
                cancelling_is_noticed_while_the_reply_is_due
                    "a stop ends within about a second, wherever the request is"
                cancelling_one_request_harms_no_other
                    "parts of one upload share connections"
            }
            alive {
                a_connection_is_used_again
                    "a new connection for each part costs round trips and TLS handshakes"
                a_connection_that_was_closed_while_idle_harms_no_request
                    "servers close idle connections without a word"
                a_connection_that_ends_in_the_second_request_is_unsure
                    "a client that sends again by itself, because the connection was old, sends parts twice"
                a_connection_with_stray_bytes_is_not_used_again
                    "they would be taken for the next request's answer"
                a_connection_of_which_the_server_wants_the_end_is_not_used_again
                    r#""Connection: close" is the server's last word"#
                many_requests_are_under_way_at_once
                    "an upload sends as many parts at once as its window allows"
            }
            tls {
                a_server_of_the_ca_file_is_trusted
                    "companies and tests have authorities of their own"
                a_connection_is_used_again
                    "a new connection for each part costs round trips and TLS handshakes"
                a_server_that_is_not_trusted_gets_nothing
                    "a request holds a signature and a file; the verdict is Untrusted, which no retry mends"
                a_server_of_another_name_gets_nothing
                    "a certificate proves one name"
                a_server_that_is_expired_gets_nothing
                    "a certificate proves nothing once it has expired"
                a_server_without_tls_gets_nothing
                    "https is never sent in the clear"
                a_handshake_that_is_cut_is_not_sent
                    "no byte of the request left before the handshake was done"
                a_handshake_that_takes_too_long_is_not_sent
                    "it is a part of the connection, and of its time limit"
                a_large_body_arrives_whole
                    "TLS has buffers of its own, and their edges must not be edges of the body"
                an_early_refusal_is_the_answer
                    "as over plain http"
                an_early_refusal_and_a_reset_are_the_answer_or_unsure
                    "a reset may overtake the answer; never is the request NotSent"
                a_connection_that_was_closed_while_idle_harms_no_request
                    "servers close idle connections without a word"
                a_server_that_stops_reading_is_unsure
                    "a request that does not move is given up after the stall timeout"
                a_reply_counts_only_if_its_end_is_sure
                    "without a length, only a farewell of TLS proves that nobody cut the reply"
            }
            proxy {
                a_proxy_gets_http_requests_in_absolute_form
                    "RFC 9112, 3.2.2"
                a_proxy_is_asked_for_a_tunnel
                    "a proxy must see nothing of an https request"
                a_login_in_the_proxys_address_may_be_escaped
                    "passwords have every character"
                a_tunnel_that_is_refused_is_not_sent
                    "no byte of the request left; the login is shown nowhere"
                a_tunnel_that_is_dropped_is_not_sent
                    "no byte of the request left"
                a_tunnel_that_is_never_there_is_not_sent
                    "it is a part of the connection, and of its time limit"
                a_proxy_that_is_down_is_not_sent
                    "no byte of the request left; the error says where it tried"
                a_refusal_of_the_proxy_is_an_answer_over_plain_http
                    "over plain http nobody can tell it from the server's"
                a_proxy_that_drops_a_plain_request_is_unsure
                    "it may have handed the request on"
            }
            socks {
                a_socks_proxy_is_asked_for_a_connection_to_the_name
                    "with socks5h the name may mean something only where the proxy is"
                a_socks_proxy_is_asked_for_a_connection_to_the_address
                    "with socks5 the proxy may be unable to look names up"
                a_socks_proxy_sees_nothing_of_an_https_request
                    "a proxy must see nothing of an https request"
                a_login_at_a_socks_proxy_may_be_escaped
                    "a password may have an @ in it, and its address may not"
                a_socks_proxy_that_refuses_is_not_sent
                    "nothing left, so another try costs nothing"
                a_socks_proxy_that_drops_the_connection_is_not_sent
                    "nothing left, so another try costs nothing"
                a_socks_proxy_that_never_answers_is_not_sent
                    "a connection has a time limit, whatever it is made through"
                a_socks_proxy_that_drops_a_request_is_unsure
                    "the vendor may have acted"
            }
            memory {
                a_source_is_read_as_it_is_sent
                    "a part may be larger than the memory"
                a_huge_body_takes_little_memory
                    "a part may be larger than the memory"
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
    ({ $subject:ident } $($group:ident { $($case:ident $why:literal)* })*) => {
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
    ({} $($group:ident { $($case:ident $why:literal)* })*) => {
        &[$($(Case {
            name: concat!(stringify!($group), "::", stringify!($case)),
            why: $why,
            group: Group::$group,
            stand: cases::$group::$case,
        }),*),*]
    };
}

/// One case of the list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Case {
    /// `group::what_is_demanded`.
    pub name: &'static str,
    /// Why it is demanded.
    pub why: &'static str,
    group: Group,
    stand: fn(&dyn Subject),
}

// A case that is not in the list is dead code, and the compiler says so.
const CASES: &[Case] = list! { each_in_a_table {} };

/// All cases: what they demand, and why.
pub fn list() -> impl Iterator<Item = Case> {
    CASES.iter().copied()
}

/// Runs one case, if the subject promises what it is about.
///
/// # Panics
/// If the transport does not stand it, or if there is no such case.
pub fn run(name: &str, subject: &dyn Subject) {
    let case = CASES.iter().find(|known| known.name == name).expect("it is in the list");
    if subject.does_not_promise().iter().any(|promise| promise.group() == case.group) {
        println!("not run: the transport does not promise it");
        return;
    }
    server::set_patience(subject.patience());
    let _said = SaidOnPanic(case);
    (case.stand)(subject);
}

struct SaidOnPanic<'a>(&'a Case);

impl Drop for SaidOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} is demanded because: {}", self.0.name, self.0.why);
        }
    }
}

/// The groups of the list.
#[expect(non_camel_case_types, reason = "they are the list's words")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    requests,
    replies,
    broken,
    slow,
    early,
    sending,
    source,
    cancel,
    alive,
    tls,
    proxy,
    socks,
    memory,
}

impl Promise {
    fn group(self) -> Group {
        match self {
            Self::Tls => Group::tls,
            Self::Proxy => Group::proxy,
            Self::Socks => Group::socks,
            Self::Alive => Group::alive,
            Self::Slow => Group::slow,
            Self::Early => Group::early,
            Self::Cancel => Group::cancel,
            Self::Memory => Group::memory,
        }
    }
}
