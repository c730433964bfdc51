//! Who may do what: signatures, regions, clocks, tokens, hashes.

use std::time::Duration;

use resumable_emulator::s3::{Refused, WrongRegion};
use resumable_emulator::{Emulator, Fault, Rule};

use crate::client::*;

fn config(emulator: &Emulator) -> &resumable_emulator::s3::Config {
    &emulator.config().s3
}

#[test]
fn a_signature_holds_for_the_path_as_it_was_sent_in_both_styles() {
    let emulator = emulator();
    for key in ["a//b", "a/../b", "a/./b", "/lead", "end/", "a%2Fb", "a b+c~", "e\u{301}", "\u{e9}", "tab\tnl\n"] {
        ask("PUT", key).body(key.as_bytes()).send(&emulator).succeeds();
        assert_eq!(stored(&emulator, key), Some(key.as_bytes().to_vec()), "{key}");
        for domain in ["s3.us-east-1.amazonaws.com", "localhost:9000"] {
            let got = ask("GET", key).at(domain).send(&emulator).succeeds();
            assert_eq!(got.body, key);
        }
    }
}

#[test]
fn a_request_without_a_signature_or_with_one_that_cannot_be_read_is_refused() {
    let emulator = emulator();
    let unsigned = |ask: Ask| Answer::of(emulator.handle(NOW, ask.unsigned()));
    unsigned(ask("GET", "a")).refuses(403, "AccessDenied");
    unsigned(ask("GET", "a").query("X-Amz-Algorithm", "AWS4-HMAC-SHA256")).refuses(501, "NotImplemented");
    let mut request = ask("GET", "a").unsigned();
    request.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=x".parse().expect("a value"));
    let answer = Answer::of(emulator.handle(NOW, request)).refuses(400, "AuthorizationHeaderMalformed");
    assert_eq!(answer.all("Region"), Vec::<String>::new());
    let mut other = ask("GET", "a");
    other.account.access_key_id = "AKIAother".to_owned();
    assert_eq!(other.send(&emulator).refuses(403, "InvalidAccessKeyId").text("AWSAccessKeyId"), "AKIAother");
    other = ask("GET", "a");
    other.account.access_key_secret = "wrong".to_owned();
    other.send(&emulator).refuses(403, "SignatureDoesNotMatch");
}

#[test]
fn a_mismatch_tells_both_texts() {
    let mut wrong = ask("GET", "a b").query("uploads", "").query("prefix", "x/y");
    wrong.account.access_key_secret = "wrong".to_owned();
    let answer = wrong.send(&emulator()).refuses(403, "SignatureDoesNotMatch");
    assert_eq!(answer.text("CanonicalRequest"), wrong.canonical_request());
    assert!(wrong.canonical_request().contains("\nprefix=x%2Fy&uploads=\n"));
    assert!(answer.text("StringToSign").ends_with(&sha256(wrong.canonical_request().as_bytes())));
    for name in ["AWSAccessKeyId", "SignatureProvided", "StringToSignBytes", "CanonicalRequestBytes"] {
        answer.text(name);
    }
}

#[test]
fn another_region_is_refused_and_the_right_one_told() {
    let other = |choice: WrongRegion| {
        let emulator = with(|config| {
            config.s3.region = "eu-central-1".to_owned();
            config.s3.switches.wrong_region = choice;
        });
        let head = ask("HEAD", "a").send(&emulator);
        assert!(head.body.is_empty());
        assert_eq!(head.header("x-amz-bucket-region"), "eu-central-1");
        let answer = ask("GET", "a").send(&emulator);
        assert_eq!(answer.header("x-amz-bucket-region"), "eu-central-1");
        let mut right = ask("PUT", "a");
        right.region = "eu-central-1".to_owned();
        right.send(&emulator).succeeds();
        answer
    };
    let answer = other(WrongRegion::AuthorizationHeaderMalformed).refuses(400, "AuthorizationHeaderMalformed");
    assert_eq!(answer.text("Region"), "eu-central-1");
    let answer = other(WrongRegion::PermanentRedirect).refuses(301, "PermanentRedirect");
    assert_eq!(answer.text("Endpoint"), "emubucket.s3.eu-central-1.amazonaws.com");
    assert_eq!((answer.text("Bucket").as_str(), answer.maybe_header("location")), (BUCKET, None));
    other(WrongRegion::IllegalLocation).refuses(400, "IllegalLocationConstraintException");
}

#[test]
fn a_date_may_be_a_quarter_of_an_hour_away() {
    let emulator = emulator();
    let seconds = |seconds: u64| NOW + Duration::from_secs(seconds);
    ask("PUT", "a").send_at(&emulator, seconds(900)).succeeds();
    ask("PUT", "a").send_at(&emulator, NOW.checked_sub(Duration::from_secs(900)).expect("later")).succeeds();
    let answer = ask("PUT", "a").send_at(&emulator, seconds(1200)).refuses(403, "RequestTimeTooSkewed");
    assert_eq!(answer.text("RequestTime"), "20260101T000000Z");
    assert_eq!(answer.text("ServerTime"), "2026-01-01T00:20:00Z");
    assert_eq!(answer.text("MaxAllowedSkewMilliseconds"), "900000");
    assert_eq!(answer.header("date"), "Thu, 01 Jan 2026 00:20:00 GMT");
    let early = NOW.checked_sub(Duration::from_secs(901)).expect("later");
    ask("PUT", "a").send_at(&emulator, early).refuses(403, "RequestTimeTooSkewed");
    let mut bad = ask("PUT", "a");
    bad.date = "20260101T000000".to_owned();
    bad.send(&emulator).refuses(403, "AccessDenied");
    let mut other_day = ask("PUT", "a").request();
    let text = ask("PUT", "a").authorization().replace("/20260101/", "/20260102/");
    other_day.headers_mut().insert("authorization", text.parse().expect("a value"));
    Answer::of(emulator.handle(NOW, other_day)).refuses(400, "AuthorizationHeaderMalformed");
}

#[test]
fn the_hash_of_the_body_is_asked_for_and_verified() {
    let emulator = emulator();
    let answer = ask("PUT", "a").payload("").send(&emulator).refuses(400, "InvalidRequest");
    assert!(answer.body.contains("x-amz-content-sha256"));
    for bad in ["UNSIGNED", "abc", &NOTHING.to_ascii_uppercase()] {
        ask("PUT", "a").payload(bad).send(&emulator).refuses(400, "InvalidArgument");
    }
    ask("PUT", "a").payload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD").send(&emulator).refuses(501, "NotImplemented");
    let answer = ask("PUT", "a").body(b"x").payload(NOTHING).send(&emulator).refuses(400, "XAmzContentSHA256Mismatch");
    assert_eq!(answer.text("ClientComputedContentSHA256"), NOTHING);
    assert_eq!(answer.text("S3ComputedContentSHA256"), sha256(b"x"));
    let id = initiate(&emulator, "b");
    let mut complete = ask_complete("b", &id, &[(1, b"x")]);
    complete.payload = NOTHING.to_owned();
    complete.send(&emulator).refuses(400, "XAmzContentSHA256Mismatch");
    assert_eq!(stored(&emulator, "a"), None);
    ask("PUT", "a").body(b"x").hashed().send(&emulator).succeeds();
}

#[test]
fn a_header_of_the_vendors_that_is_not_signed_is_refused_and_named() {
    let emulator = emulator();
    let unsigned = ask("PUT", "a").unsigned_header("x-amz-acl", "private").unsigned_header("x-amz-meta-b", "c");
    let answer = unsigned.send(&emulator).refuses(403, "AccessDenied");
    assert_eq!(answer.text("HeadersNotSigned"), "x-amz-acl, x-amz-meta-b");
    ask("PUT", "a")
        .unsigned_header("content-type", "text/plain")
        .unsigned_header("expect", "x")
        .send(&emulator)
        .succeeds();
    let strict = with(|config| config.s3.switches.signed_content_sha256 = true);
    ask("PUT", "a").send(&strict).succeeds();
    let hash = ask("PUT", "a").payload("").unsigned_header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let refused = hash.send(&strict).refuses(403, "AccessDenied");
    assert_eq!(refused.text("HeadersNotSigned"), "x-amz-content-sha256");
}

#[test]
fn a_temporary_key_needs_its_token_and_ends() {
    let emulator = emulator();
    let sts = emulator.s3().grant(NOW);
    ask("PUT", "a").sts(&sts).send(&emulator).succeeds();
    let mut bare = ask("PUT", "a").sts(&sts);
    bare.headers.clear();
    bare.send(&emulator).refuses(403, "InvalidAccessKeyId");
    let mut other = ask("PUT", "a").sts(&sts);
    other.headers = vec![("x-amz-security-token".to_owned(), "other".to_owned())];
    assert_eq!(other.send(&emulator).refuses(400, "InvalidToken").text("Token-0"), "other");
    ask("PUT", "a").header("x-amz-security-token", "x").send(&emulator).refuses(400, "InvalidToken");
    let life = Duration::from_secs(config(&emulator).limits.sts_life);
    let mut late = ask("PUT", "a").sts(&sts);
    late.date = "20260101T010000Z".to_owned();
    late.send_at(&emulator, NOW + life).refuses(400, "ExpiredToken");
}

#[test]
fn a_key_that_is_taken_away_is_refused_from_then_on_and_a_new_one_goes_on() {
    let emulator = emulator();
    let sts = emulator.s3().grant(NOW);
    let id = initiate(&emulator, "a");
    emulator.inject(Rule::once("upload_part", Fault::ExpireToken).skip(1));
    ask_part("a", &id, 1, &bytes(MIN)).sts(&sts).send(&emulator).succeeds();
    ask_part("a", &id, 2, b"x").sts(&sts).send(&emulator).refuses(400, "ExpiredToken");
    ask_part("a", &id, 2, b"x").sts(&sts).send(&emulator).refuses(403, "InvalidAccessKeyId");
    let renewed = emulator.s3().grant(NOW);
    ask_part("a", &id, 2, b"x").sts(&renewed).send(&emulator).succeeds();
    assert_eq!(emulator.s3().parts(&id), Some(vec![(1, MIN as u64), (2, 1)]));
    emulator.inject(Rule::once("upload_part", Fault::ExpireToken));
    ask_part("a", &id, 2, b"x").send(&emulator).refuses(403, "RequestTimeTooSkewed");
}

#[test]
fn what_the_head_condemns_is_refused_before_the_body_or_behind_it() {
    for (refused, early) in [(Refused::AtStart, true), (Refused::AtEnd, false)] {
        let emulator = with(|config| config.s3.switches.refused = refused);
        let mut wrong = ask("PUT", "a").body(b"xyz");
        wrong.account.access_key_secret = "wrong".to_owned();
        let (head, body) = wrong.request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        assert_eq!(exchange.is_decided(), early);
        exchange.feed(&body);
        Answer::of(exchange.end(NOW)).refuses(403, "SignatureDoesNotMatch");
    }
}

#[test]
fn the_scheme_of_the_signature_says_whose_a_request_is_whatever_its_path() {
    let emulator = emulator();
    for path in ["examplebucket", "files", "file", "open"] {
        ask("GET", "v2/10055004/accesslog/a").bucket(path).send(&emulator).refuses(404, "NoSuchBucket");
    }
    put(&emulator, "b", b"x").succeeds();
    ask("GET", "b").header("x-oss-date", "today").send(&emulator).succeeds();
    let mut of_oss = ask("GET", "a").unsigned();
    of_oss.headers_mut().insert("authorization", "OSS x:y".parse().expect("a value"));
    let answer = Answer::of(emulator.handle(NOW, of_oss));
    assert_eq!(answer.all("OSSAccessKeyId"), ["x"]);
    let bare = http::Request::get("/emubucket/a").body(bytes::Bytes::new()).expect("a request");
    Answer::of(emulator.handle(NOW, bare)).refuses(403, "AccessDenied");
}
