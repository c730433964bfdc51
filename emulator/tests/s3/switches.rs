//! What servers that speak S3 do differently.

use resumable_emulator::s3::{
    AbortAgain, Checksums, CompleteAgain, Etag, MissingObject, MultipartEtag, PartAgain, PartLengths, RefusedComplete,
    RefusedHeader, Switches, UndeclaredPart, UnknownUpload, UploadId,
};
use resumable_emulator::{Config, Emulator};

use crate::client::*;

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    with(|config| change(&mut config.s3.switches))
}

#[test]
fn complete_again_is_answered_the_same_way_or_refused() {
    for choice in
        [CompleteAgain::Same, CompleteAgain::AnyList, CompleteAgain::NoSuchUpload, CompleteAgain::PreconditionFailed]
    {
        let emulator = switched(|it| it.complete_again = choice);
        let id = uploaded(&emulator, "a");
        let (one, _, whole) = pieces();
        let first = complete_both(&emulator, "a", &id).succeeds();
        let same = complete_both(&emulator, "a", &id);
        let other = complete(&emulator, "a", &id, &[(1, &one)]);
        let conditional =
            ask_complete("a", &id, &[(1, &one), (2, b"tail")]).header("if-none-match", "*").send(&emulator);
        match choice {
            CompleteAgain::NoSuchUpload => drop(same.refuses(404, "NoSuchUpload")),
            _ => assert_eq!(same.succeeds().body, first.body),
        }
        match choice {
            CompleteAgain::AnyList => drop(other.succeeds()),
            _ => drop(other.refuses(404, "NoSuchUpload")),
        }
        match choice {
            CompleteAgain::NoSuchUpload => drop(conditional.refuses(404, "NoSuchUpload")),
            CompleteAgain::PreconditionFailed => drop(conditional.refuses(412, "PreconditionFailed")),
            _ => drop(conditional.succeeds()),
        }
        assert_eq!(stored(&emulator, "a"), Some(whole));
    }
}

#[test]
fn a_refused_complete_may_destroy_the_upload() {
    for (choice, survives) in [(RefusedComplete::Upload, true), (RefusedComplete::Nothing, false)] {
        let emulator = switched(|it| it.refused_complete = choice);
        let id = uploaded(&emulator, "a");
        complete(&emulator, "a", &id, &[(3, b"x")]).refuses(400, "InvalidPart");
        assert_eq!(list(&emulator, "a", &id).status, if survives { 200 } else { 404 });
        assert_eq!(emulator.s3().unfinished(BUCKET).len(), usize::from(survives));
    }
}

#[test]
fn tags_may_be_other_than_the_md5_or_not_there_at_all() {
    for choice in [Etag::Md5, Etag::UpperCase, Etag::OtherHex, Etag::Opaque, Etag::Absent] {
        let emulator = switched(|it| it.etag = choice);
        let id = initiate(&emulator, "a");
        let answer = part(&emulator, "a", &id, 1, b"x").succeeds();
        let Some(told) = answer.maybe_header("etag").map(|tag| tag.trim_matches('"').to_owned()) else {
            assert_eq!((choice, list(&emulator, "a", &id).succeeds().all("ETag").len()), (Etag::Absent, 0));
            continue;
        };
        let is_hex = told.len() == 32 && told.bytes().all(|byte| byte.is_ascii_hexdigit());
        match choice {
            Etag::Md5 => assert_eq!(told, tag(b"x")),
            Etag::UpperCase => assert_eq!(told, tag(b"x").to_uppercase()),
            Etag::OtherHex => assert!(is_hex && told != tag(b"x")),
            _ => assert!(!is_hex && choice == Etag::Opaque),
        }
        assert_eq!(list(&emulator, "a", &id).succeeds().text("ETag"), format!("\"{told}\""));
        let swapped: String = told
            .chars()
            .map(|it| if it.is_lowercase() { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() })
            .collect();
        ask_complete_as("a", &id, &[(1, &swapped, "")]).send(&emulator).refuses(400, "InvalidPart");
        ask_complete_as("a", &id, &[(1, &told, "")]).send(&emulator).succeeds();
        assert_eq!(put(&emulator, "b", b"x").succeeds().etag(), told);
    }
    let opaque = switched(|it| it.multipart_etag = MultipartEtag::Opaque);
    let tag = |emulator: &Emulator| complete_both(emulator, "a", &uploaded(emulator, "a")).succeeds().text("ETag");
    let told = tag(&opaque);
    assert!(told.ends_with("-2\"") && told != tag(&emulator()), "{told}");
}

#[test]
fn checksums_may_be_ignored_or_told_of_another_algorithm() {
    let wrong = |emulator: &Emulator, id: &str| {
        ask_part("a", id, 1, b"hello").header("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=").send(emulator)
    };
    let ignored = switched(|it| it.checksums = Checksums::Ignored);
    let id = initiate_with(&ignored, "a", "CRC64NVME", "FULL_OBJECT");
    let answer = wrong(&ignored, &id).succeeds();
    assert_eq!(answer.maybe_header("x-amz-checksum-crc64nvme"), None);
    let done = complete(&ignored, "a", &id, &[(1, b"hello")]).succeeds();
    assert!(!done.body.contains("Checksum"), "{}", done.body);
    assert_eq!(head(&ignored, "a").succeeds().maybe_header("x-amz-checksum-crc64nvme"), None);
    let other = switched(|it| it.checksums = Checksums::Other);
    let id = initiate_with(&other, "a", "CRC64NVME", "FULL_OBJECT");
    wrong(&other, &id).refuses(400, "BadDigest");
    let told = part(&other, "a", &id, 1, b"hello").succeeds();
    assert_eq!(told.header("x-amz-checksum-crc32"), "NhCmhg==");
    let done = complete(&other, "a", &id, &[(1, b"hello")]).succeeds();
    assert_eq!((done.text("ChecksumCRC32").as_str(), done.all("ChecksumCRC64NVME").len()), ("NhCmhg==", 0));
    assert_eq!(head(&other, "a").header("x-amz-checksum-crc32"), "NhCmhg==");
}

#[test]
fn a_part_without_a_checksum_may_be_answered_with_one() {
    for (choice, told) in [(UndeclaredPart::None, None), (UndeclaredPart::Crc64Nvme, Some("M3eFcAZSQlc="))] {
        let emulator = switched(|it| it.undeclared_part = choice);
        let id = initiate(&emulator, "a");
        let answer = part(&emulator, "a", &id, 1, b"hello").succeeds();
        assert_eq!(answer.maybe_header("x-amz-checksum-crc64nvme"), told);
    }
}

#[test]
fn a_part_that_comes_again_may_not_be_taken() {
    let emulator = switched(|it| it.part_again = PartAgain::NotImplemented);
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, b"x").succeeds();
    part(&emulator, "a", &id, 1, b"y").refuses(501, "NotImplemented");
    assert_eq!(list(&emulator, "a", &id).text("ETag"), format!("\"{}\"", tag(b"x")));
}

#[test]
fn parts_may_have_to_be_equal_but_for_a_shorter_last_one() {
    let emulator = switched(|it| it.part_lengths = PartLengths::Equal);
    for (lengths, good) in
        [(&[70, 70, 3][..], true), (&[70, 70, 70], true), (&[70, 71, 3], false), (&[70, 71], false), (&[900], true)]
    {
        let id = initiate(&emulator, "a");
        let contents: Vec<Vec<u8>> = lengths.iter().map(|length| bytes(*length)).collect();
        let named: Vec<(u32, &[u8])> = (1..).zip(contents.iter().map(Vec::as_slice)).collect();
        named.iter().for_each(|(number, bytes)| drop(part(&emulator, "a", &id, *number, bytes).succeeds()));
        let answer = complete(&emulator, "a", &id, &named);
        if good {
            answer.succeeds()
        } else {
            answer.refuses(400, "InvalidPart")
        };
    }
}

#[test]
fn an_unknown_upload_may_be_another_error() {
    for (choice, status, code) in [
        (UnknownUpload::NoSuchUpload, 404, "NoSuchUpload"),
        (UnknownUpload::InternalError, 500, "InternalError"),
        (UnknownUpload::AccessDenied, 403, "AccessDenied"),
    ] {
        let emulator = switched(|it| it.unknown_upload = choice);
        part(&emulator, "a", "nobodys", 1, b"x").refuses(status, code);
        list(&emulator, "a", "nobodys").refuses(status, code);
        complete(&emulator, "a", "nobodys", &[(1, b"x")]).refuses(status, code);
    }
}

#[test]
fn abort_may_always_succeed() {
    let emulator = switched(|it| it.abort_again = AbortAgain::NoContent);
    let id = uploaded(&emulator, "a");
    for _ in 0..2 {
        assert_eq!(abort(&emulator, "a", &id).succeeds().status, 204);
    }
    let id = uploaded(&emulator, "a");
    complete_both(&emulator, "a", &id).succeeds();
    abort(&emulator, "a", &id).succeeds();
    assert!(stored(&emulator, "a").is_some());
}

#[test]
fn a_missing_object_may_be_a_403() {
    for (choice, status, code) in
        [(MissingObject::NotFound, 404, "NoSuchKey"), (MissingObject::Forbidden, 403, "AccessDenied")]
    {
        let emulator = switched(|it| it.missing_object = choice);
        let answer = head(&emulator, "a");
        assert_eq!((answer.status, answer.body.as_str()), (status, ""));
        ask("GET", "a").send(&emulator).refuses(status, code);
    }
}

#[test]
fn upload_ids_may_be_long_and_full_of_reserved_characters() {
    for (choice, length) in [(UploadId::Plain, 32), (UploadId::Reserved, 40), (UploadId::Long, 1024)] {
        let emulator = switched(|it| it.upload_id = choice);
        let id = uploaded(&emulator, "a");
        assert_eq!((id.len(), id.contains("/+=%&")), (length, choice != UploadId::Plain));
        assert_eq!(list(&emulator, "a", &id).succeeds().text("UploadId"), id);
        assert_eq!(emulator.s3().unfinished(BUCKET), [("a".to_owned(), id.clone(), 2)]);
        assert_eq!(emulator.s3().parts(&id).map(|parts| parts.len()), Some(2));
        if choice != UploadId::Plain {
            list(&emulator, "a", &id[..32]).refuses(404, "NoSuchUpload");
        }
        list(&emulator, "a", "é").refuses(404, "NoSuchUpload");
        complete_both(&emulator, "a", &id).succeeds();
    }
}

#[test]
fn a_server_may_have_no_request_ids() {
    let emulator = switched(|it| it.request_id = false);
    let answer = ask("GET", "a").send(&emulator);
    assert_eq!((answer.status, answer.text("Code").as_str(), answer.all("RequestId").len()), (404, "NoSuchKey", 0));
    assert_eq!((answer.maybe_header("x-amz-request-id"), answer.maybe_header("x-amz-id-2")), (None, None));
}

#[test]
fn a_bucket_may_keep_versions() {
    let emulator = switched(|it| it.versioned = true);
    let version = |bytes: &[u8]| put(&emulator, "a", bytes).succeeds().header("x-amz-version-id").to_owned();
    let (first, second) = (version(b"1"), version(b"2"));
    assert_ne!(first, second);
    assert_eq!(head(&emulator, "a").header("x-amz-version-id"), second);
    let id = uploaded(&emulator, "b");
    let done = complete_both(&emulator, "b", &id).succeeds();
    assert_eq!(done.header("x-amz-version-id"), head(&emulator, "b").header("x-amz-version-id"));
}

#[test]
fn headers_that_a_server_does_not_know_are_refused() {
    let refused =
        |name: &str, status: u16, code: &str| RefusedHeader { name: name.to_owned(), status, code: code.to_owned() };
    let emulator = with(|config| {
        config.s3.refused_headers = vec![
            refused("x-amz-checksum-*", 400, "InvalidArgument"),
            refused("x-amz-acl", 501, "NotImplemented"),
            refused("if-none-match", 501, "NotImplemented"),
        ];
    });
    for (name, value, status, code) in [
        ("x-amz-checksum-crc32", "NhCmhg==", 400, "InvalidArgument"),
        ("x-amz-checksum-mode", "ENABLED", 400, "InvalidArgument"),
        ("x-amz-acl", "private", 501, "NotImplemented"),
        ("if-none-match", "*", 501, "NotImplemented"),
    ] {
        let answer = ask("PUT", "a").header(name, value).send(&emulator).refuses(status, code);
        assert_eq!(answer.text("Header"), name);
    }
    put(&emulator, "a", b"x").succeeds();
}

#[test]
fn every_choice_has_a_name_in_the_settings() {
    let text = r#"{"s3": {"region": "auto", "refused_headers": [{"name": "x-amz-acl"}], "switches": {
        "complete_again": "any_list", "refused_complete": "nothing", "abort_again": "no_content", "list_marker": "inclusive",
        "is_truncated": "when_true", "documents": "odd", "request_id": false, "etag": "other_hex", "multipart_etag": "opaque",
        "checksums": "ignored", "undeclared_part": "crc64_nvme", "part_again": "not_implemented", "part_lengths": "equal",
        "unknown_upload": "access_denied", "missing_object": "forbidden", "wrong_region": "permanent_redirect",
        "upload_id": "long", "signed_content_sha256": true, "versioned": true, "refused": "at_end"}}}"#;
    let config: Config = serde_json::from_str(text).expect("settings");
    let (switches, default) = (config.s3.switches, Switches::default());
    assert_eq!((switches.etag, switches.undeclared_part), (Etag::OtherHex, UndeclaredPart::Crc64Nvme));
    let written = |it: &Switches| serde_json::to_value(it).expect("JSON").as_object().expect("members").clone();
    let (ours, theirs) = (written(&switches), written(&default));
    assert!(ours.iter().all(|(name, value)| theirs[name] != *value), "{ours:?}");
}
