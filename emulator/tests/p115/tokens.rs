//! Access tokens, and refreshing them.

use resumable_emulator::p115::{OldAccess, RefreshAgain, UnknownToken};

use crate::client::*;

fn refresh(client: Client<'_>, token: &str) -> Answer {
    client.passport(REFRESH_TOKEN, &[("refresh_token", token)])
}

/// The new pair.
#[track_caller]
fn refreshed(client: Client<'_>, token: &str) -> (String, String) {
    let answer = refresh(client, token);
    answer.grants();
    (answer.text("access_token"), answer.text("refresh_token"))
}

#[test]
fn a_refresh_rotates_both_tokens() {
    let emulator = emulator();
    let client = client(&emulator);
    let (access, refresh_token) = refreshed(client, REFRESH);
    assert!(access != ACCESS && refresh_token != REFRESH);
    assert_eq!(client.get(GET_TOKEN, &[]).header("date"), DATE);
    client.get(GET_TOKEN, &[]).refuses(40_140_126);
    Client { token: &access, ..client }.get(GET_TOKEN, &[]).succeeds();
    refresh(client, REFRESH).denies(40_140_116);
    let (third, _) = refreshed(client.at(60), &refresh_token);
    assert_ne!(third, access);
}

#[test]
fn refreshing_again_within_a_minute_is_refused_and_uses_nothing_up() {
    let emulator = emulator();
    let client = client(&emulator);
    let (access, token) = refreshed(client, REFRESH);
    refresh(client.at(59), &token).denies(40_140_117);
    Client { token: &access, ..client.at(59) }.get(GET_TOKEN, &[]).succeeds();
    refreshed(client.at(60), &token);
}

#[test]
fn tokens_end_by_themselves() {
    let emulator = with(|config| config.p115.limits.refresh_life = 10_000);
    let client = client(&emulator);
    client.get(GET_TOKEN, &[]).succeeds();
    client.at(7199).get(GET_TOKEN, &[]).succeeds();
    client.at(7200).get(GET_TOKEN, &[]).refuses(40_140_125);
    let (_, token) = refreshed(client.at(9000), REFRESH);
    // A refresh does not make the refresh token's life longer.
    refresh(client.at(10_000), &token).denies(40_140_119);
}

#[test]
fn a_header_has_to_be_there_and_well_formed() {
    let emulator = emulator();
    let client = client(&emulator);
    client.send(request("GET", GET_TOKEN, None, "", "")).refuses(40_140_123);
    for token in ["", "two words"] {
        Client { token, ..client }.get(GET_TOKEN, &[]).refuses(40_140_123);
    }
    let mut bare = request("GET", GET_TOKEN, None, "", "");
    bare.headers_mut().insert("authorization", ACCESS.parse().expect("a value"));
    client.send(bare).refuses(40_140_123);
    for token in ["", "two words"] {
        refresh(client, token).denies(40_140_114);
    }
    client.passport(REFRESH_TOKEN, &[]).denies(40_140_114);
    refresh(client, "unknown").denies(40_140_116);
}

#[test]
fn what_an_unknown_token_is_called_is_a_switch() {
    for (switch, code) in [
        (UnknownToken::Invalid, 40_140_125),
        (UnknownToken::Signature, 40_140_124),
        (UnknownToken::Rotated, 40_140_126),
    ] {
        let emulator = with(|config| config.p115.switches.unknown_token = switch);
        Client { token: "unknown", ..client(&emulator) }.get(GET_TOKEN, &[]).refuses(code);
    }
}

#[test]
fn an_old_access_token_may_live_on_until_its_end() {
    let emulator = with(|config| config.p115.switches.old_access = OldAccess::Lives);
    let client = client(&emulator);
    refreshed(client, REFRESH);
    client.at(7199).get(GET_TOKEN, &[]).succeeds();
    client.at(7200).get(GET_TOKEN, &[]).refuses(40_140_125);
}

#[test]
fn a_lost_answer_may_be_given_once_more() {
    let emulator = with(|config| config.p115.switches.refresh_again = RefreshAgain::SamePair);
    let client = client(&emulator);
    let pair = refreshed(client, REFRESH);
    assert_eq!(refreshed(client.at(30), REFRESH), pair);
    let answer = refresh(client.at(30), REFRESH);
    assert_eq!(answer.data()["expires_in"], 7170);
    refreshed(client.at(100), &pair.1);
    refresh(client.at(100), REFRESH).denies(40_140_116);
}

#[test]
fn tokens_come_from_the_settings() {
    let emulator = with(|config| {
        config.p115.user.access_token = "mine".to_owned();
        config.p115.user.refresh_token = "mine-too".to_owned();
    });
    Client { token: "mine", ..client(&emulator) }.get(GET_TOKEN, &[]).succeeds();
    let line = emulator.ready_line("http://h");
    assert_eq!(line["115"]["access_token"], "mine");
    assert_eq!(line["115"]["refresh_token"], "mine-too");
    refreshed(client(&emulator), "mine-too");
    assert_ne!(emulator.ready_line("http://h")["115"]["refresh_token"], "mine-too", "the latest are told");
    let debug = format!("{:?}", emulator.config());
    assert!(!debug.contains("mine"), "{debug}");
}

#[test]
fn every_call_but_those_for_tokens_needs_one() {
    let emulator = emulator();
    let client = Client { token: "unknown", ..client(&emulator) };
    for path in [INIT, RESUME, GET_INFO, FOLDER_ADD] {
        client.post(path, &[]).refuses(40_140_125);
    }
    for path in [GET_TOKEN, FILES, GET_INFO] {
        client.get(path, &[]).refuses(40_140_125);
    }
}
