//! What a command line says of the object, in place of the profile.

use crate::kit::{Home, PART, Service, over_each_transport};
use crate::oss::{home_with, keeps};

over_each_transport! {
    headers_are_kept_with_an_object_in_one_request_and_in_parts,
    a_resumed_upload_keeps_the_length_of_its_parts,
}

fn oss(over: &Home, lines: &str) -> Home {
    home_with(over.transport(), |_| {}, lines)
}

/// What the server tells of an object.
fn told(home: &Home, key: &str, name: &str) -> Option<String> {
    home.emulator.oss().object_header("examplebucket", key, name)
}

fn headers_are_kept_with_an_object_in_one_request_and_in_parts(over: &mut Home) {
    let home = oss(over, "metadata = { author = 'me', kept = 'profile' }\nheaders = { Cache-Control = 'no-store' }");
    let options = [
        "--metadata",
        "author=somebody else",
        "--header",
        "Cache-Control: no-cache",
        "--header",
        "x-oss-object-acl:private",
        "--header",
        "x-oss-storage-class:IA",
    ];
    for len in [0, 3 * PART] {
        let file = home.file("film.mp4", len, 1);
        home.put(&file, "dir/", &options).ends(0);
        let key = "dir/film.mp4";
        assert!(keeps(&home, key, &file));
        for (name, value) in [
            ("x-oss-meta-author", "somebody else"),
            ("x-oss-meta-kept", "profile"),
            ("cache-control", "no-cache"),
            ("x-oss-storage-class", "IA"),
            ("content-type", "video/mp4"),
        ] {
            assert_eq!(told(&home, key, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(home.emulator.oss().object_acl("examplebucket", key).as_deref(), Some("private"));
    }
    let file = home.file("film.mp4", PART, 2);
    home.put(&file, "dir/", &["--content-type", "text/x-mine"]).ends(0);
    assert_eq!(told(&home, "dir/film.mp4", "content-type").as_deref(), Some("text/x-mine"));
}

/// Two vendors that cannot, and headers that are nobody's to set: nothing is sent.
#[test]
fn what_a_vendor_does_not_take_is_named() {
    let home = Home::new();
    let file = home.file("f", PART, 1);
    for (options, says) in [
        (&["--content-type", "text/plain"][..], "cos-v2 takes no content_type"),
        (&["--metadata", "a=b"], "cos-v2 takes no metadata"),
        (&["--header", "a:b"], "cos-v2 takes no headers"),
        (&["--part-size", "5MiB"], "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB"),
    ] {
        home.put(&file, "/x", options).ends(2).says(&[says]);
    }
    let home = Home::of(Service::Oss, resumable_emulator::Config::default());
    for (options, says) in [
        (&["--header", "Authorization: x"][..], "the header authorization cannot be set"),
        (&["--header", "Content-Length: 1"], "the header content-length cannot be set"),
        (&["--metadata", "my_key=1"], "the name of metadata consists of letters, digits and hyphens"),
        (&["--metadata", "a=é"], "must be printable ASCII"),
        (&["--part-size", "1KiB"], "part_size must be from 100.0 KiB"),
        (&["--metadata", "a"], "metadata is NAME=VALUE"),
    ] {
        home.put(&file, "x", options).ends(2).says(&[says]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

fn a_resumed_upload_keeps_the_length_of_its_parts(over: &mut Home) {
    let home = oss(over, "");
    let file = home.file("big.bin", 20 * PART, 3);
    home.break_off(&file, "big.bin");
    let before = home.asked("upload_part");
    home.put(&file, "big.bin", &["--part-size", "5MiB"]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert!(home.asked("upload_part") - before > 10, "parts of 1 MiB go on, and none of 5 MiB");
    home.put(&file, "other.bin", &["--part-size", "5MiB"]).ends(0);
    assert_eq!(home.asked("initiate"), 2);
    let parts = home
        .emulator
        .log()
        .iter()
        .rev()
        .take_while(|entry| entry.op != "initiate")
        .filter(|entry| entry.op == "upload_part")
        .count();
    assert_eq!(parts, 4);
}
