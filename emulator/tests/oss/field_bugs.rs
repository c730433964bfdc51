//! What other clients of OSS send and read, as they do it.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use resumable_emulator::oss::Refused;
use resumable_emulator::{Fault, Rule};

use crate::client::*;

/// A request that is signed as it is meant, and written as some SDK writes it.
fn written(ask: &Ask, target: &str) -> Request<Bytes> {
    let mut request = ask.request();
    *request.uri_mut() = target.parse().expect("a target");
    request
}

#[test]
fn field_bug_80_an_empty_content_md5_is_none() {
    let emulator = emulator();
    let empty = |ask: Ask| ask.header("content-md5", "").send(&emulator);
    empty(ask("PUT", "whole").body(b"hello")).succeeds();
    assert_eq!(stored(&emulator, "whole"), Some(b"hello".to_vec()));
    let id = initiate(&emulator, "parts");
    empty(ask_part("parts", &id, 1, &bytes(900))).succeeds();
    empty(ask_complete("parts", &id, &[(1, &bytes(900))])).succeeds();
    assert_eq!(stored(&emulator, "parts"), Some(bytes(900)));
    ask("PUT", "wrong").body(b"hello").header("content-md5", "x").send(&emulator).refuses(400, "InvalidDigest");
    assert_eq!(stored(&emulator, "wrong"), None, "one that is there still has to be right");
}

/// Whatever may be left out may be sent empty.
#[test]
fn field_bug_80_an_empty_optional_header_is_none() {
    let emulator = emulator();
    let names = ["x-oss-callback", "x-oss-callback-var", "x-oss-forbid-overwrite", "x-oss-security-token"];
    for name in names {
        ask("PUT", "a").body(name.as_bytes()).header(name, "").send(&emulator).succeeds();
        assert_eq!(stored(&emulator, "a"), Some(name.as_bytes().to_vec()), "{name}");
    }
    for name in ["callback", "callback-var"] {
        ask("PUT", "a").body(name.as_bytes()).query(name, "").send(&emulator).succeeds();
    }
    ask("GET", "a").header("range", "").send(&emulator).succeeds();
}

/// As form encoders write a blank: `url.QueryEscape` of the Go SDK in the path, Python's `requests` in the query.
#[test]
fn field_bug_81_a_plus_in_the_path_is_a_blank() {
    let emulator = emulator();
    let put = ask("PUT", "dir/a b+c").body(b"hello");
    Answer::of(emulator.handle(NOW, written(&put, "/examplebucket/dir%2Fa+b%2Bc"))).succeeds();
    assert_eq!(stored(&emulator, "dir/a b+c"), Some(b"hello".to_vec()));
    let begun = ask("POST", "x y").query("uploads", "");
    let begun = Answer::of(emulator.handle(NOW, written(&begun, "/examplebucket/x+y?uploads"))).succeeds();
    assert_eq!(begun.text("Key"), "x y");
    let mut in_host = written(&ask("HEAD", "dir/a b+c"), "/dir/a+b%2Bc");
    in_host.headers_mut().insert("host", "examplebucket.oss-cn-hangzhou.aliyuncs.com".parse().expect("a value"));
    Answer::of(emulator.handle(NOW, in_host)).succeeds();
}

#[test]
fn field_bug_81_a_plus_in_the_query_is_a_blank() {
    let emulator = emulator();
    for key in ["a b/1", "a b/2", "a+b/1"] {
        put(&emulator, key, b"x").succeeds();
    }
    let keys = |query: &str| {
        let target = format!("/examplebucket/?{query}");
        Answer::of(emulator.handle(NOW, written(&ask("GET", ""), &target))).succeeds().all("Key")
    };
    assert_eq!(keys("prefix=a+b%2F"), ["a b/1", "a b/2"]);
    assert_eq!(keys("prefix=a%2Bb%2F"), ["a+b/1"]);
    assert_eq!(keys("prefix=a+b%2F&marker=a+b%2F1"), ["a b/2"]);
    assert_eq!(keys("list-type=2&start-after=a+b%2F1&prefix=a+b%2F"), ["a b/2"]);
    initiate(&emulator, "a b/3");
    let uploads = written(&ask("GET", "").query("uploads", ""), "/examplebucket/?uploads&prefix=a+b%2F");
    assert_eq!(Answer::of(emulator.handle(NOW, uploads)).succeeds().all("Key"), ["a b/3"]);
}

/// `list()` of ali-oss reads `Owner.ID` and `Owner.DisplayName` of every entry, and throws where there is none.
#[test]
fn field_bug_82_a_list_names_the_owner_of_each_object() {
    let emulator = emulator();
    for key in ["a", "b", "dir/c"] {
        put(&emulator, key, b"x").succeeds();
    }
    let list = ask("GET", "").query("max-keys", "3").query("delimiter", "/").query("encoding-type", "url");
    let list = list.send(&emulator).succeeds();
    assert_eq!((list.all("Contents").len(), list.all("CommonPrefixes").len()), (2, 1));
    for entry in list.all("Contents") {
        let owner = texts(&entry, "Owner").remove(0);
        assert!(!texts(&owner, "ID").remove(0).is_empty() && !texts(&owner, "DisplayName").remove(0).is_empty());
    }
    for prefix in list.all("CommonPrefixes") {
        assert_eq!(texts(&prefix, "Owner").len(), 0);
    }
}

#[test]
fn field_bug_82_the_second_list_names_owners_where_it_is_asked_to() {
    let emulator = emulator();
    put(&emulator, "a", b"x").succeeds();
    let owners = |asked: Option<&str>| {
        let list = ask("GET", "").query("list-type", "2");
        let list = asked.into_iter().fold(list, |list, asked| list.query("fetch-owner", asked));
        list.send(&emulator).succeeds().all("Owner").len()
    };
    assert_eq!([owners(None), owners(Some("false")), owners(Some("")), owners(Some("true"))], [0, 0, 0, 1]);
}

/// Whether the answer is known with the head, and what it is.
fn early(emulator: &resumable_emulator::Emulator, ask: &Ask) -> (bool, Answer) {
    let (head, body) = ask.request().into_parts();
    let mut exchange = emulator.begin(NOW, head);
    let is_known = exchange.is_decided();
    exchange.feed(&body);
    (is_known, Answer::of(exchange.end(NOW)))
}

#[test]
fn field_bug_84_a_bad_key_is_refused_before_the_body() {
    let emulator = emulator();
    let old = emulator.oss().grant(NOW.saturating_sub(Duration::from_secs(3600)));
    let id = initiate(&emulator, "a");
    let good = ask_part("a", &id, 1, &bytes(900));
    let mut wrong = good.clone();
    wrong.account.access_key_secret = "other".to_owned();
    let mut stranger = good.clone();
    stranger.account.access_key_id = "LTAIstranger".to_owned();
    let late = Ask { date: "Thu, 01 Jan 2026 00:15:01 GMT".to_owned(), ..good.clone() };
    for (ask, code) in [
        (wrong, "SignatureDoesNotMatch"),
        (stranger, "InvalidAccessKeyId"),
        (late, "RequestTimeTooSkewed"),
        (good.clone().sts(&old), "SecurityTokenExpired"),
    ] {
        let before = emulator.totals().received_file_bytes;
        let (is_known, answer) = early(&emulator, &ask);
        assert!(is_known, "{code}");
        answer.refuses(403, code);
        assert_eq!(emulator.totals().received_file_bytes, before, "{code}: not a byte was read");
    }
    let (is_known, answer) = early(&emulator, &good);
    assert!(!is_known);
    answer.succeeds();
}

/// A key that a plan takes away is as bad as one whose time is over.
#[test]
fn field_bug_84_a_key_that_a_plan_takes_away_is_refused_before_the_body() {
    let emulator = emulator();
    let sts = emulator.oss().grant(NOW);
    let put = || ask("PUT", "a").body(&bytes(900)).sts(&sts);
    emulator.inject(Rule::once("put_object", Fault::ExpireToken));
    let (is_known, answer) = early(&emulator, &put());
    assert!(is_known);
    answer.refuses(403, "SecurityTokenExpired");
    let (is_known, answer) = early(&emulator, &put());
    assert!(is_known);
    answer.refuses(403, "InvalidAccessKeyId");
    let other = emulator.oss().grant(NOW);
    emulator.inject(Rule::once("put_object", Fault::ExpireToken).at_byte(500));
    let before = emulator.totals().received_file_bytes;
    let (is_known, answer) = early(&emulator, &ask("PUT", "a").body(&bytes(900)).sts(&other));
    assert!(!is_known, "the plan says when");
    answer.refuses(403, "SecurityTokenExpired");
    assert_eq!(emulator.totals().received_file_bytes - before, 500);
}

#[test]
fn field_bug_84_when_a_bad_key_is_refused_is_a_switch() {
    let emulator = with(|config| config.oss.switches.refused = Refused::AtEnd);
    let mut wrong = ask("PUT", "a").body(&bytes(900));
    wrong.account.access_key_secret = "other".to_owned();
    let (is_known, answer) = early(&emulator, &wrong);
    assert!(!is_known);
    answer.refuses(403, "SignatureDoesNotMatch");
    assert_eq!(emulator.totals().received_file_bytes, 900);
    emulator.inject(Rule::once("put_object", Fault::ExpireToken));
    let (is_known, answer) = early(&emulator, &ask("PUT", "a").body(&bytes(900)));
    assert!(!is_known);
    answer.refuses(403, "RequestTimeTooSkewed");
    assert_eq!((emulator.totals().received_file_bytes, stored(&emulator, "a")), (1800, None));
}
