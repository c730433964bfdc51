//! What is at a destination: told, compared, and what `put` does about it.

use std::fs;

use resumable_emulator::{Fault, Rule};
use serde_json::Value;

use crate::kit::{Home, PART, Service};

/// A home for each vendor that can be asked.
fn homes() -> Vec<(Service, Home)> {
    let oss = crate::oss::home_with("ureq", |_| {}, "");
    oss.configure("part_size = '1MiB'");
    vec![
        (Service::Oss, oss),
        (Service::CosV1, crate::cos_v1::home()),
        (Service::CosV2, Home::new()),
        (Service::P115, crate::p115::plain("")),
    ]
}

/// What was sent is not known here any more, as on another machine.
fn forget(home: &Home) {
    fs::remove_dir_all(home.state().join("sent")).unwrap();
}

#[test]
fn what_is_there_is_told_and_compared() {
    for (service, home) in homes() {
        let (file, other) = (home.file("a.bin", 2 * PART, 1), home.file("other", 2 * PART, 2));
        let short = home.file("short", PART, 1);
        home.run(&["stat", "emu:/a.bin"]).ends(1).says(&["nothing is at emu:/a.bin"]);
        home.run(&["verify", &file.display().to_string(), "emu:/"]).ends(7).says(&["nothing is at emu:/a.bin"]);
        home.put(&file, "/a.bin", &[]).ends(0);
        let sent = home.emulator.totals().received_file_bytes;
        let told = home.run(&["stat", "emu:/a.bin"]).ends(0);
        assert!(told.result("size").contains("2,097,152 bytes") && told.result("name").ends_with("a.bin"), "{told:?}");
        let digest = if service == Service::Oss { "crc64" } else { "sha1" };
        let theirs = told.result(digest).to_owned();
        let object: Value = serde_json::from_str(&home.run(&["stat", "emu:/a.bin", "--json"]).ends(0).out).unwrap();
        assert_eq!((&object["event"], &object["bytes"]), (&"stat".into(), &(2 * PART).into()));
        assert_eq!(object["digests"][digest], theirs.as_str(), "{object}");
        let verify = ["verify", &other.display().to_string(), "emu:/a.bin", "--json"];
        let object: Value = serde_json::from_str(&home.run(&verify).ends(7).out).unwrap();
        assert!(object["same"] == false && object["found"]["bytes"] == 2 * PART, "{object}");
        let same = home.run(&["verify", &file.display().to_string(), "emu:/"]).ends(0);
        assert_eq!(same.result(digest), theirs, "{service:?}");
        let differs = home.run(&["verify", &other.display().to_string(), "emu:/a.bin"]).ends(7);
        differs.says(&["other is not what is at emu:/a.bin", &format!("{digest} there: {theirs}")]);
        let shorter = home.run(&["verify", &short.display().to_string(), "emu:/a.bin"]).ends(7);
        shorter.says(&["size here:  1,048,576 bytes", "size there: 2,097,152 bytes"]);
        home.run(&["verify", "no-such-file", "emu:/a.bin"]).ends(3).says(&["no-such-file"]);
        assert_eq!(home.emulator.totals().received_file_bytes, sent, "{service:?}: nothing was changed");
        assert!(home.checkpoints().is_empty(), "{service:?}");
    }
}

#[test]
fn the_same_content_is_not_sent_twice_and_no_copy_is_made_of_it() {
    for (service, home) in homes() {
        let file = home.file("a.bin", 9 * PART, 1);
        home.put(&file, "/a.bin", &[]).ends(0);
        let (sent, objects) = (home.emulator.totals().received_file_bytes, home.objects());
        forget(&home);
        let ran = home.put(&file, "/a.bin", &[]).ends(0);
        assert!(ran.out.contains("already there") || ran.out.contains("found complete"), "{ran:?}");
        assert_eq!(home.emulator.totals().received_file_bytes, sent, "{service:?}");
        assert_eq!(home.objects(), objects, "{service:?}");
        if service == Service::P115 {
            assert!(ran.result("id").parse::<u64>().is_ok(), "{ran:?}");
        }
    }
}

#[test]
fn other_content_is_left_replaced_or_joined_by_a_copy() {
    for (service, home) in homes() {
        let (old, new) = (home.file("old", 9 * PART, 1), home.file("new", 9 * PART, 2));
        home.put(&old, "/a.bin", &[]).ends(0);
        let (sent, objects) = (home.emulator.totals().received_file_bytes, home.objects());
        for (policy, code) in [("skip", 0), ("refuse", 6)] {
            home.put(&new, "/a.bin", &["--if-exists", policy])
                .ends(code)
                .says(&["a different file of the same length"]);
        }
        assert_eq!(home.emulator.totals().received_file_bytes, sent, "{service:?}");
        let ran = home.put(&new, "/a.bin", &["--if-exists", "rename"]).ends(0);
        if service != Service::P115 {
            assert!(ran.result("name").ends_with("a (1).bin"), "{ran:?}");
        }
        assert_eq!(home.objects(), objects + 1, "{service:?}");
        if service == Service::P115 {
            home.put(&new, "/a.bin", &["--if-exists", "replace"]).ends(2).says(&["this vendor replaces nothing"]);
        } else {
            home.put(&new, "/a.bin", &["--if-exists", "replace"]).ends(0);
            home.run(&["verify", &new.display().to_string(), "emu:/a.bin"]).ends(0);
        }
        assert!(home.checkpoints().is_empty(), "{service:?}");
    }
}

/// D3: a sparse file of 3 GiB, which takes seconds to hash.
#[test]
fn a_small_file_is_skipped_like_a_large_one() {
    for (service, home) in homes() {
        let (old, new) = (home.file("old", 1000, 1), home.file("new", 1000, 2));
        home.put(&old, "/a.bin", &[]).ends(0);
        let sent = home.emulator.totals().received_file_bytes;
        home.put(&new, "/a.bin", &["--if-exists", "skip"]).ends(0).says(&["it was left alone"]);
        assert_eq!(home.emulator.totals().received_file_bytes, sent, "{service:?}");
    }
}

#[test]
fn what_is_wrong_is_told_before_a_large_file_is_read() {
    for (service, home) in homes() {
        let file = home.path("large");
        fs::File::create(&file).unwrap().set_len(3 << 30).unwrap();
        let config = fs::read_to_string(home.config()).unwrap();
        let secret = match service {
            Service::P115 => "access_token = '",
            Service::Oss => "access_key_secret = '",
            _ => "secret_key = '",
        };
        let wrong = config.replace(secret, &format!("{secret}x"));
        assert_ne!(config, wrong, "{config}");
        home.write_config(&wrong);
        if service != Service::P115 {
            let ran = home.put(&file, "/large", &[]).ends(4);
            assert!(!ran.err.contains("hashing"), "{service:?}: {ran:?}");
            assert_eq!(home.emulator.totals().received_file_bytes, 0);
        }
        home.write_config(&config);
        let small = home.file("small", PART, 1);
        home.put(&small, "/large", &[]).ends(0);
        let ran = home.put(&file, "/large", &["--if-exists", "refuse"]).ends(6).says(&["1,048,576 bytes"]);
        assert!(!ran.err.contains("hashing"), "{service:?}: {ran:?}");
    }
}

#[test]
fn force_sends_the_same_content_once_more() {
    let home = crate::oss::home_with("ureq", |_| {}, "");
    let file = home.file("a.bin", 9 * PART, 1);
    home.put(&file, "/a.bin", &[]).ends(0);
    let sent = home.emulator.totals().received_file_bytes;
    home.put(&file, "/a.bin", &["--force"]).ends(0);
    assert_eq!(home.emulator.totals().received_file_bytes, sent + 9 * PART);
}

/// Keys that may write and not read: what OSS answers to the question says nothing of the upload.
#[test]
fn keys_that_may_not_ask_may_still_send() {
    let home = crate::oss::home_with("ureq", |_| {}, "");
    let file = home.file("a.bin", 9 * PART, 1);
    home.emulator.inject(
        Rule::once("head_object", Fault::Refuse { status: 403, code: "AccessDenied".into() }).times(Rule::ALWAYS),
    );
    home.put(&file, "/a.bin", &[]).ends(0);
    home.put(&file, "/b.bin", &["--if-exists", "rename"]).ends(6).says(&["AccessDenied"]);
    forget(&home);
    home.put(&file, "/a.bin", &["--if-exists", "refuse"]).ends(6).says(&["already"]);
}

#[test]
fn a_profile_says_what_is_done() {
    let home = Home::new();
    let (old, new) = (home.file("old", 9 * PART, 1), home.file("new", 9 * PART, 2));
    home.put(&old, "/a.bin", &[]).ends(0);
    home.configure("if_exists = 'replace'");
    home.put(&new, "/a.bin", &["--if-exists", "skip"]).ends(0);
    assert!(home.holds("/a.bin", &old), "the command line comes first");
    home.put(&new, "/a.bin", &[]).ends(0);
    assert!(home.holds("/a.bin", &new), "then the profile's if_exists, before its older key");
    home.configure("if_exists = 'perhaps'");
    home.put(&new, "/a.bin", &[]).ends(2).says(&["if_exists must be \"skip\", \"replace\", \"refuse\" or \"rename\""]);
    home.put(&new, "/a.bin", &["--if-exists", "perhaps"]).ends(2).says(&["must be \"skip\""]);
    let xfyun = crate::xfyun::home();
    let file = xfyun.file("a", 5, 1);
    xfyun.put(&file, "/a", &["--if-exists", "refuse"]).ends(2).says(&["gives each file its own name"]);
    xfyun.configure("if_exists = 'refuse'");
    xfyun.put(&file, "/a", &[]).ends(2).says(&["no key \"if_exists\""]);
    let p115 = crate::p115::plain("if_exists = 'replace'");
    p115.put(&file, "/a", &[]).ends(2).says(&["if_exists cannot be \"replace\""]);
}

#[test]
fn a_profile_is_checked_and_nothing_is_changed() {
    for (service, home) in homes() {
        let ran = home.run(&["check", "emu"]).ends(0).says(&[]);
        assert_eq!(ran.result("credentials"), "accepted", "{service:?}");
        assert!(ran.out.contains("may write: add --write") || ran.out.contains("keys may write"), "{ran:?}");
        assert_eq!((home.objects(), home.emulator.totals().received_file_bytes), (0, 0));
        let object: Value = serde_json::from_str(&home.run(&["check", "emu", "--json"]).ends(0).out).unwrap();
        assert!(object["credentials"] == "accepted" && object["not_known"].is_array(), "{object}");
        let ran = home.run(&["check", "emu", "--write"]).ends(0);
        assert!(ran.result("may write").starts_with("yes: an upload was begun and cancelled"), "{ran:?}");
        assert_eq!(home.objects(), 0, "{service:?}");
        assert!(home.checkpoints().is_empty(), "{service:?}");
    }
    let home = Home::new();
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace("secret_key = '", "secret_key = 'x"));
    home.run(&["check", "emu"]).ends(4).says(&["the SecretKey"]);
    home.write_config(&config.replace("bucket = '", "bucket = 'x"));
    home.run(&["check", "emu"]).ends(6).says(&["no such bucket"]);
    home.run(&["check", "nobody"]).ends(2);
}
