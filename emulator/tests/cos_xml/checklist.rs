//! The reference's list of what goes wrong (§12), row by row, as far as a server shows it: each test is named after its row.

use std::time::Duration;

use resumable_emulator::cos_xml::{CompleteAgain, CompleteStyle, CrcAbsent, ExpiredAs, PartEtag};
use resumable_emulator::{Delivery, Emulator, Fault, Rule};

use crate::client::*;

/// An upload of one part that is ready to be completed.
fn ready(emulator: &Emulator) -> String {
    uploaded(emulator, "a", &[b"x"])
}

fn done(emulator: &Emulator, id: &str) -> Answer {
    complete(emulator, "a", id, &[(1, b"x")])
}

#[test]
fn row_01_blanks_then_a_result_an_error_a_cut_or_nothing() {
    let emulator = with(|config| config.cos_xml.switches.complete_style = CompleteStyle::Blanks);
    let result = done(&emulator, &ready(&emulator)).succeeds();
    assert!(result.body.starts_with("    ") && !result.text("ETag").is_empty());
    // Once, and the upload is still there.
    emulator.inject(Rule::once("complete", Fault::refuse(200, "InternalError")));
    let id = ready(&emulator);
    let error = done(&emulator, &id);
    assert_eq!((error.status, error.text("Code").as_str()), (200, "InternalError"));
    assert!(error.body.starts_with("    ") && error.header("transfer-encoding") == "chunked");
    assert_eq!(emulator.cos_xml().parts(&id), Some(vec![(1, 1)]));
    emulator.inject(Rule::once("complete", Fault::CutReply));
    let cut = done(&emulator, &id);
    let Delivery::Cut(kept) = cut.reply.delivery else { panic!("{:?}", cut.reply.delivery) };
    assert!(cut.body[..kept].bytes().all(|byte| byte == b' '), "nothing but blanks arrives");
    emulator.inject(Rule::once("complete", Fault::CutBefore));
    assert_eq!(done(&emulator, &ready(&emulator)).reply.delivery, Delivery::Drop);
}

#[test]
fn row_02_a_complete_whose_reply_is_lost_and_what_it_then_says() {
    for (switch, status) in
        [(CompleteAgain::NoSuchUpload, 404), (CompleteAgain::SameResult, 200), (CompleteAgain::Conflict, 409)]
    {
        let emulator = with(|config| config.cos_xml.switches.complete_again = switch);
        put(&emulator, "a", b"a foreign object before").succeeds();
        let id = ready(&emulator);
        emulator.inject(Rule::once("complete", Fault::DropReply));
        assert_eq!(done(&emulator, &id).reply.delivery, Delivery::Drop);
        assert_eq!(stored(&emulator, "a"), Some(b"x".to_vec()));
        assert_eq!(done(&emulator, &id).status, status);
        put(&emulator, "a", b"a foreign object after").succeeds();
        assert_eq!(done(&emulator, &id).status, status);
        assert_eq!(stored(&emulator, "a"), Some(b"a foreign object after".to_vec()));
    }
    let emulator = emulator();
    emulator.inject(Rule::once("complete", Fault::refuse(400, "InvalidUploadStatus")).committed());
    done(&emulator, &ready(&emulator)).refuses(400, "InvalidUploadStatus");
    assert_eq!(stored(&emulator, "a"), Some(b"x".to_vec()), "the merge was under way");
}

#[test]
fn row_03_a_part_whose_reply_is_lost_or_wrong() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    emulator.inject(Rule::once("upload_part", Fault::DropReply));
    assert_eq!(part(&emulator, "a", &id, 1, b"x").reply.delivery, Delivery::Drop);
    let right = part(&emulator, "a", &id, 1, b"x").succeeds();
    emulator.inject(Rule::once("upload_part", Fault::WrongCrc));
    let wrong = part(&emulator, "a", &id, 1, b"x").succeeds();
    assert_eq!((wrong.etag(), wrong.crc64()), (right.etag(), right.crc64() + 1));
    emulator.inject(Rule::once("upload_part", Fault::WrongEtag));
    let wrong = part(&emulator, "a", &id, 1, b"x").succeeds();
    assert_eq!((wrong.etag(), wrong.crc64()), ("0".repeat(32).as_str(), right.crc64()));
    let without = with(|config| config.cos_xml.switches.crc_absent = CrcAbsent::All);
    let id = initiate(&without, "a");
    assert!(!part(&without, "a", &id, 1, b"x").succeeds().has("x-cos-hash-crc64ecma"));
    let opaque = with(|config| config.cos_xml.switches.part_etag = PartEtag::Opaque);
    let id = initiate(&opaque, "a");
    assert_eq!(part(&opaque, "a", &id, 1, b"x").succeeds().etag().len(), 40);
}

#[test]
fn row_04_lists_that_lead_nowhere_or_tell_of_something_else() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a", &[bytes(9).as_slice(); 5]);
    let page = |fault: Fault| {
        emulator.inject(Rule::once("list_parts", fault));
        ask("GET", "a").query("uploadId", &id).query("part-number-marker", "3").send(&emulator).succeeds()
    };
    let stuck = page(Fault::StuckMarker);
    assert_eq!((stuck.text("IsTruncated").as_str(), stuck.text("NextPartNumberMarker").as_str()), ("true", "3"));
    let missing = page(Fault::MissingMarker);
    assert_eq!((missing.text("IsTruncated").as_str(), missing.all("NextPartNumberMarker").len()), ("true", 0));
    assert_eq!(page(Fault::WrongLength).all("Size"), ["8", "8"]);
    assert_eq!(page(Fault::WrongEtag).all("ETag"), vec![format!("\"{}\"", "0".repeat(32)); 2]);
    let uploads = |fault: Fault| {
        emulator.inject(Rule::once("list_uploads", fault));
        ask("GET", "").query("uploads", "").query("key-marker", "A").send(&emulator).succeeds()
    };
    let stuck = uploads(Fault::StuckMarker);
    assert_eq!((stuck.text("IsTruncated").as_str(), stuck.text("NextKeyMarker").as_str()), ("true", "A"));
    assert!(uploads(Fault::MissingMarker).all("NextKeyMarker").is_empty());
    // Somebody else's parts: other bytes, another size, a number that no plan has.
    for (number, bytes) in [(1, bytes(9)), (2, bytes(300)), (20, bytes(1))] {
        part(&emulator, "a", &id, number, &bytes).succeeds();
    }
    assert_eq!(emulator.cos_xml().parts(&id).map(|parts| parts.len()), Some(6));
    let upper = with(|config| config.cos_xml.switches.part_etag = PartEtag::UpperCase);
    let id = ready(&upper);
    assert_eq!(list(&upper, "a", &id).text("ETag"), format!("\"{}\"", tag(b"x").to_ascii_uppercase()));
    complete(&upper, "a", &id, &[(1, b"x")]).succeeds();
}

#[test]
fn row_05_an_upload_that_is_gone() {
    for op in ["list_parts", "upload_part", "complete"] {
        let emulator = emulator();
        let id = ready(&emulator);
        emulator.inject(Rule::once(op, Fault::ForgetSession));
        let answer = match op {
            "list_parts" => list(&emulator, "a", &id),
            "upload_part" => part(&emulator, "a", &id, 2, b"x"),
            _ => done(&emulator, &id),
        };
        answer.refuses(404, "NoSuchUpload");
        assert!(ask("GET", "").query("uploads", "").send(&emulator).succeeds().all("Upload").is_empty());
    }
}

#[test]
fn row_06_a_temporary_key_that_ends_in_mid_file() {
    let emulator = emulator();
    let (old, new) = (emulator.cos_xml().grant(NOW), emulator.cos_xml().grant(NOW));
    let begun = ask("POST", "a").query("uploads", "").temporary(&old).send(&emulator).succeeds();
    let id = begun.text("UploadId");
    ask_part("a", &id, 1, &bytes(64)).temporary(&old).send(&emulator).succeeds();
    emulator.inject(Rule::once("upload_part", Fault::ExpireToken));
    let second = ask_part("a", &id, 2, b"x");
    second.clone().temporary(&old).send(&emulator).refuses(400, "ExpiredToken");
    second.temporary(&new).send(&emulator).succeeds();
    let all: [(u32, &[u8]); 2] = [(1, &bytes(64)), (2, b"x")];
    ask_complete("a", &id, &all).temporary(&new).send(&emulator).succeeds();
}

#[test]
fn row_07_a_clock_that_is_off_and_a_signature_that_is_old() {
    for (switch, code) in [
        (ExpiredAs::AccessDenied, "AccessDenied"),
        (ExpiredAs::Code, "Request has expired"),
        (ExpiredAs::Skewed, "RequestTimeTooSkewed"),
    ] {
        let emulator = with(|config| {
            config.clock_offset = 4800;
            config.cos_xml.switches.expired_as = switch;
        });
        let ahead = ask("PUT", "a").body(b"x").send(&emulator).refuses(403, code);
        assert_eq!(ahead.header("date"), "Thu, 01 Jan 2026 01:20:00 GMT", "20 minutes behind the signature's end");
        ask("PUT", "a").body(b"x").time(4800, 8400).send(&emulator).succeeds();
        let emulator = with(|config| config.cos_xml.switches.expired_as = switch);
        let old = ask("PUT", "a").body(b"x").send_at(&emulator, NOW + Duration::from_secs(3601)).refuses(403, code);
        assert_eq!(old.header("date"), "Thu, 01 Jan 2026 01:00:01 GMT");
        emulator.inject(Rule::once("put_object", Fault::ExpireToken));
        let equal = ask("PUT", "a").body(b"x").send(&emulator).refuses(403, code);
        assert_eq!(equal.header("date"), "Thu, 01 Jan 2026 00:00:00 GMT", "the clocks agree");
    }
}

#[test]
fn row_08_what_a_head_does_not_tell() {
    let emulator = emulator();
    let missing = head(&emulator, "a");
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
    let mut wrong = ask("HEAD", "a");
    wrong.account.secret_key = "other".to_owned();
    for refused in [wrong.send(&emulator), ask("HEAD", "a").time(-9, -1).send(&emulator)] {
        assert_eq!((refused.status, refused.body.as_str()), (403, ""));
        assert!(refused.has("x-cos-request-id"));
    }
    // A list of parts has a body.
    let probe = ask("GET", "a").query("uploadId", "u").time(-9, -1).send(&emulator).refuses(403, "AccessDenied");
    assert_eq!(probe.text("Message"), "Request has expired");
}

#[test]
fn row_09_slow_down_and_a_gateway() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    emulator.inject(Rule::once("upload_part", Fault::Throttle { retry_after_seconds: None }).skip(2).times(3));
    let statuses: Vec<u16> = (1..=8).map(|number| part(&emulator, "a", &id, number, b"x").status).collect();
    assert_eq!(statuses, [200, 200, 503, 503, 503, 200, 200, 200]);
    emulator.inject(Rule::once("upload_part", Fault::Html { status: 502 }).times(2));
    let page = part(&emulator, "a", &id, 9, b"x");
    assert_eq!((page.status, page.header("content-type"), page.has("server")), (502, "text/html", false));
    assert!(!page.has("x-cos-request-id") && !page.has("x-cos-trace-id") && page.body.starts_with("<html>"));
    // The backup host wants a signature of its own.
    let backup = HOST.replace("myqcloud.com", "tencentcos.cn");
    part(&emulator, "a", &id, 9, b"x");
    let other = ask_part("a", &id, 9, b"x");
    let mut request = other.request();
    request.headers_mut().insert("host", backup.parse().expect("a value"));
    Answer::of(emulator.handle(NOW, request)).refuses(403, "SignatureDoesNotMatch");
    other.at(&backup, "").send(&emulator).succeeds();
}

#[test]
fn row_10_somebody_in_between_who_sends_elsewhere() {
    let emulator = with(|config| config.cos_xml.redirect_to = "http://elsewhere.example:81".to_owned());
    for status in [301, 302, 307] {
        emulator.inject(Rule::once("put_object", Fault::Html { status }));
        let page = put(&emulator, "a b", b"x");
        assert_eq!((page.status, page.header("location")), (status, "http://elsewhere.example:81/a%20b"));
        assert!(!page.has("x-cos-request-id"));
    }
    emulator.inject(Rule::once("put_object", Fault::Html { status: 502 }));
    assert!(!put(&emulator, "a", b"x").has("location"));
    assert_eq!(stored(&emulator, "a b"), None);
}

#[test]
fn row_11_an_object_that_is_there_already() {
    let forbid = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true");
    let emulator = emulator();
    emulator.inject(Rule::once("put_object", Fault::DropReply));
    let own = forbid(ask("PUT", "a").body(b"x"));
    assert_eq!(own.send(&emulator).reply.delivery, Delivery::Drop);
    own.send(&emulator).refuses(409, "FileAlreadyExists");
    assert_eq!(head(&emulator, "a").succeeds().etag(), tag(b"x"), "it is our own");
    put(&emulator, "b", b"foreign").succeeds();
    forbid(ask("PUT", "b").body(b"x")).send(&emulator).refuses(409, "FileAlreadyExists");
    assert_ne!(head(&emulator, "b").succeeds().etag(), tag(b"x"));
    let versioned = with(|config| config.cos_xml.switches.versioned_bucket = true);
    put(&versioned, "b", b"foreign").succeeds();
    forbid(ask("PUT", "b").body(b"x")).send(&versioned).succeeds();
    assert_eq!(stored(&versioned, "b"), Some(b"x".to_vec()));
}

#[test]
fn row_12_damage_on_the_way_once() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for code in ["BadDigest", "IncompleteBody", "RequestTimeout", "UserNetworkTooSlow"] {
        emulator.inject(Rule::once("upload_part", Fault::refuse(400, code)));
        part(&emulator, "a", &id, 1, b"x").refuses(400, code);
        part(&emulator, "a", &id, 1, b"x").succeeds();
    }
}

#[test]
fn row_14_no_byte_one_part_exactly_n_parts_and_one_byte_more() {
    let emulator = emulator();
    put(&emulator, "empty", b"").succeeds();
    assert_eq!(head(&emulator, "empty").succeeds().header("content-length"), "0");
    for length in [MIN, 3 * MIN, 3 * MIN + 1] {
        let whole = bytes(length);
        let parts: Vec<&[u8]> = whole.chunks(MIN).collect();
        let id = uploaded(&emulator, "a", &parts);
        let named: Vec<(u32, &[u8])> = (1..).zip(parts).collect();
        let done = complete(&emulator, "a", &id, &named).succeeds();
        assert_eq!(done.crc64(), put(&emulator, "b", &whole).succeeds().crc64());
        assert_eq!(stored(&emulator, "a"), Some(whole));
    }
}
