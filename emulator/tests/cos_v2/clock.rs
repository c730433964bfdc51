//! The server's idea of the time, and who may call.

use std::time::Duration;

use crate::client::*;
use resumable_emulator::cos::{Account, DateForm, ExpiredCode};
use resumable_emulator::{Config, Emulator, MemoryStorage};

#[test]
fn a_server_whose_clock_is_ahead_finds_signatures_expired() {
    for (choice, code) in [(ExpiredCode::Proxy, -96), (ExpiredCode::Sign, -59)] {
        let emulator = with(|config| {
            config.clock_offset = 301;
            config.cos_v2.switches.expired = choice;
        });
        let answer = list(&emulator);
        answer.is(403, code);
        let date = &answer.reply.response.headers()["date"];
        assert_eq!(date, "Mon Aug  1 05:25:01 2016");
    }
    let behind = with(|config| config.clock_offset = -1000);
    list(&behind).is(404, -197);
}

#[test]
fn the_date_as_http_wants_it() {
    let emulator = with(|config| config.cos_v2.switches.date = DateForm::ImfFixdate);
    let date = list(&emulator).reply.response.headers()["date"].clone();
    assert_eq!(date, "Sun, 31 Jul 2016 21:20:00 GMT");
}

#[test]
fn request_ids_are_in_body_and_head_or_nowhere() {
    let (first, second) = {
        let emulator = emulator();
        (list(&emulator), list(&emulator))
    };
    let header = first.reply.response.headers()["x-cos-request-id"].clone();
    assert_eq!(first.body["request_id"], header.to_str().expect("text"));
    assert_ne!(first.body["request_id"], second.body["request_id"]);
    let silent = with(|config| config.cos_v2.switches.request_id = false);
    let answer = list(&silent);
    assert!(answer.body.get("request_id").is_none());
    assert!(!answer.reply.response.headers().contains_key("x-cos-request-id"));
}

#[test]
fn a_bucket_nobody_made() {
    let emulator = emulator();
    let account = Account::default();
    let clear = format!("a=10055004&b=nowhere&k={}&e=1470000300&t=1470000000&r=1&f=", account.secret_id);
    let sign = sign_text(&clear, &account.secret_key);
    let body = form(&[Text("op", "upload_slice_list")]);
    let request = post("/files/v2/10055004/nowhere/x", &sign, body);
    Answer::of(emulator.handle(NOW, request)).is(404, -133);
}

#[test]
fn a_signature_of_use_once_for_an_upload() {
    for accepted in [true, false] {
        let emulator = with(|config| config.cos_v2.switches.once_for_uploads = accepted);
        let sign = once(9, "/10055004/accesslog/d/f.bin");
        let ask = || {
            let body = form(&[Text("op", "upload"), File(b"x")]);
            Answer::of(emulator.handle(NOW, post(URL, &sign, body)))
        };
        assert_eq!(ask().status, if accepted { 200 } else { 403 });
        ask().is(403, -97);
    }
}

#[test]
fn accounts_that_cannot_be_folders_are_refused() {
    for bad in ["", "..", "a/b", "a\\b"] {
        let mut config = Config::default();
        config.cos_v2.accounts[0].bucket = bad.to_owned();
        assert!(Emulator::new(config, Box::new(MemoryStorage::new())).is_err());
    }
}

#[test]
fn no_secret_is_printed() {
    let emulator = emulator();
    upload(&emulator, URL, b"x").is(200, 0);
    let secret = Account::default().secret_key;
    assert!(!format!("{emulator:?} {:?}", emulator.log()).contains(&secret));
    let line = emulator.ready_line("http://127.0.0.1:1").to_string();
    assert!(line.contains(&secret) && line.contains(r#""endpoint":"http://127.0.0.1:1""#));
}

#[test]
fn the_end_of_time_is_no_trouble() {
    let emulator = with(|config| config.clock_offset = i64::MAX);
    for now in [Duration::ZERO, Duration::MAX] {
        let body = form(&[Text("op", "upload_slice_list")]);
        let answer = Answer::of(emulator.handle(now, post(URL, &multi(), body)));
        answer.is(403, -96);
    }
}
