//! Each switch of what an answer says, in all its positions. Those of signatures are with the signatures, those of lists with the
//! lists.

use resumable_emulator::Emulator;
use resumable_emulator::cos_xml::{
    CompleteAgain, CompleteStyle, CrcAbsent, EtagQuotes, LocationScheme, MultipartEtag, PartEtag, Switches,
};

use crate::client::*;

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    with(|config| change(&mut config.cos_xml.switches))
}

fn done(emulator: &Emulator) -> Answer {
    let id = uploaded(emulator, "a", &[&bytes(64), b"x"]);
    complete(emulator, "a", &id, &[(1, &bytes(64)), (2, b"x")])
}

#[test]
fn complete_of_what_is_complete() {
    for (switch, status, code) in [
        (CompleteAgain::NoSuchUpload, 404, "NoSuchUpload"),
        (CompleteAgain::Conflict, 409, "UploadConflict"),
        (CompleteAgain::SameResult, 200, ""),
    ] {
        let emulator = switched(|switches| switches.complete_again = switch);
        let id = uploaded(&emulator, "a", &[b"x"]);
        let ask = || complete(&emulator, "a", &id, &[(1, b"x")]);
        let first = ask().succeeds();
        let again = ask();
        if status == 200 {
            let again = again.succeeds();
            assert_eq!((again.body.as_str(), again.crc64()), (first.body.as_str(), first.crc64()));
        } else {
            again.refuses(status, code);
        }
        list(&emulator, "a", &id).refuses(404, "NoSuchUpload");
        assert!(ask_uploads(&emulator).is_empty());
    }
}

fn ask_uploads(emulator: &Emulator) -> Vec<String> {
    ask("GET", "").query("uploads", "").send(emulator).succeeds().all("Key")
}

#[test]
fn how_a_complete_is_told() {
    let plain = done(&emulator()).succeeds();
    assert!(plain.body.starts_with("<?xml ") && plain.has("content-length") && !plain.has("transfer-encoding"));
    let blanks = " ".repeat(1024);
    for (switch, begin) in [
        (CompleteStyle::Blanks, "<CompleteMultipartUploadResult>"),
        (CompleteStyle::BlanksThenDeclaration, "<?xml "),
        (CompleteStyle::Cut, ""),
        (CompleteStyle::ErrorIn200, "<?xml "),
    ] {
        let emulator = switched(|switches| switches.complete_style = switch);
        let told = done(&emulator).succeeds();
        assert_eq!((told.has("content-length"), told.header("transfer-encoding")), (false, "chunked"));
        let rest = told.body.strip_prefix(&blanks).expect("blanks");
        assert!(rest.starts_with(begin) && (rest.is_empty() == begin.is_empty()), "{switch:?}: {rest}");
        if switch == CompleteStyle::ErrorIn200 {
            assert_eq!((told.text("Code").as_str(), told.all("ETag").len()), ("InternalError", 0));
            assert_eq!((stored(&emulator, "a"), ask_uploads(&emulator).len()), (None, 1));
            let id = uploaded(&emulator, "b", &[b"x"]);
            complete(&emulator, "b", &id, &[(1, b"y")]).refuses(400, "InvalidPart");
        } else {
            assert_eq!((told.crc64(), stored(&emulator, "a").is_some()), (plain.crc64(), true));
        }
    }
}

#[test]
fn short_parts_and_numbers_that_are_left_out_may_be_taken() {
    let emulator = switched(|switches| {
        switches.min_part_enforced = false;
        switches.contiguous_parts = false;
    });
    let id = uploaded(&emulator, "a", &[b"x", b"lost", b"z"]);
    complete(&emulator, "a", &id, &[(1, b"x"), (3, b"z")]).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(b"xz".to_vec()));
}

#[test]
fn whether_initiate_looks_for_the_object() {
    let emulator = switched(|switches| switches.initiate_checks_forbid = false);
    put(&emulator, "a", b"x").succeeds();
    let begun = ask("POST", "a").query("uploads", "").header("x-cos-forbid-overwrite", "true").send(&emulator);
    let id = begun.succeeds().text("UploadId");
    part(&emulator, "a", &id, 1, b"y").succeeds();
    let forbid = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true").send(&emulator);
    forbid(ask_complete("a", &id, &[(1, b"y")])).refuses(409, "FileAlreadyExists");
}

#[test]
fn a_bucket_with_versions_forbids_nothing() {
    let emulator = switched(|switches| switches.versioned_bucket = true);
    let forbid = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true").send(&emulator).succeeds();
    let first = forbid(ask("PUT", "a").body(b"x"));
    let second = forbid(ask("PUT", "a").body(b"y"));
    assert_ne!(first.header("x-cos-version-id"), second.header("x-cos-version-id"));
    assert_eq!(head(&emulator, "a").succeeds().header("x-cos-version-id"), second.header("x-cos-version-id"));
    let id = forbid(ask("POST", "a").query("uploads", "")).text("UploadId");
    part(&emulator, "a", &id, 1, b"z").succeeds();
    forbid(ask_complete("a", &id, &[(1, b"z")])).header("x-cos-version-id");
    assert_eq!(stored(&emulator, "a"), Some(b"z".to_vec()));
}

#[test]
fn which_answers_have_a_crc() {
    const CRC: &str = "x-cos-hash-crc64ecma";
    for (switch, of_one, of_many) in
        [(CrcAbsent::None, true, true), (CrcAbsent::Multipart, true, false), (CrcAbsent::All, false, false)]
    {
        let emulator = switched(|switches| switches.crc_absent = switch);
        assert_eq!(put(&emulator, "b", b"x").succeeds().has(CRC), of_one);
        assert_eq!(head(&emulator, "b").succeeds().has(CRC), of_one);
        let id = initiate(&emulator, "c");
        assert_eq!(part(&emulator, "c", &id, 1, b"x").succeeds().has(CRC), of_one);
        assert_eq!(done(&emulator).succeeds().has(CRC), of_many);
        assert_eq!(head(&emulator, "a").succeeds().has(CRC), of_many);
    }
}

#[test]
fn what_tags_look_like() {
    for (switch, expected) in [
        (PartEtag::Md5, tag(b"x")),
        (PartEtag::UpperCase, tag(b"x").to_ascii_uppercase()),
        (PartEtag::Opaque, "5a8ca84c7d4d9b055f05c55b1f707f223979d387".to_owned()),
    ] {
        let emulator = switched(|switches| switches.part_etag = switch);
        assert_eq!(put(&emulator, "b", b"x").succeeds().etag().len(), expected.len());
        let id = initiate(&emulator, "a");
        let told = part(&emulator, "a", &id, 1, b"x").succeeds().etag().to_owned();
        if switch != PartEtag::Opaque {
            assert_eq!(told, expected);
        }
        assert_eq!(list(&emulator, "a", &id).succeeds().text("ETag"), format!("\"{told}\""));
        let body = list_xml(&[(1, &told)]);
        ask("POST", "a").query("uploadId", &id).body(&body).send(&emulator).succeeds();
    }
    let opaque = switched(|switches| switches.multipart_etag = MultipartEtag::Opaque);
    let (known, unknown) = (done(&emulator()).text("ETag"), done(&opaque).text("ETag"));
    assert!(known != unknown && known.ends_with("-2\"") && unknown.ends_with("-2\""), "{known} {unknown}");
}

#[test]
fn how_quotes_are_written() {
    for (switch, quote) in [(EtagQuotes::Entity, "&quot;"), (EtagQuotes::Bare, "\"")] {
        let emulator = switched(|switches| switches.etag_quotes = switch);
        let id = uploaded(&emulator, "b", &[b"x"]);
        let expected = format!("<ETag>{quote}");
        assert!(list(&emulator, "b", &id).body.contains(&expected));
        assert!(done(&emulator).body.contains(&expected));
    }
}

#[test]
fn keys_that_make_a_document_no_xml() {
    let key = "a\u{1}<b";
    for (switch, written) in [(false, "<Key>a?&lt;b</Key>"), (true, "<Key>a\u{1}&lt;b</Key>")] {
        let emulator = switched(|switches| switches.raw_key_in_xml = switch);
        let begun = ask("POST", key).query("uploads", "").send(&emulator).succeeds();
        assert!(begun.body.contains(written), "{}", begun.body);
        let id = begun.text("UploadId");
        part(&emulator, key, &id, 1, b"x").succeeds();
        assert!(list(&emulator, key, &id).succeeds().body.contains(written));
        assert!(complete(&emulator, key, &id, &[(1, b"x")]).succeeds().body.contains(written));
    }
}

#[test]
fn the_scheme_of_a_location() {
    for (switch, scheme) in
        [(LocationScheme::Http, "http://"), (LocationScheme::Https, "https://"), (LocationScheme::Absent, "")]
    {
        let emulator = switched(|switches| switches.location_scheme = switch);
        assert_eq!(done(&emulator).succeeds().text("Location"), format!("{scheme}{HOST}/a"));
    }
}
