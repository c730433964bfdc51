//! What is uploaded arrives, whatever happens on the way.

use serde_json::{Value, json};

use crate::home::{Home, with_each_server};
use crate::server::Kind;

with_each_server! {
    a_small_file_goes_in_one_request,
    a_large_file_goes_in_parts_with_what_its_object_is_to_be,
    an_upload_that_was_killed_goes_on_with_its_parts,
    an_upload_that_was_killed_is_aborted,
    odd_keys_arrive_as_they_are,
    a_wrong_secret_and_another_bucket_are_told,
}

fn a_small_file_goes_in_one_request(home: &Home) {
    for len in [0, 1, home.part] {
        let (file, key) = (home.file("f", len), home.key(&len.to_string()));
        home.put(&file, &key, &[]).ends(0);
        assert!(home.holds(&key, &file), "{len}");
    }
    assert_eq!((home.gate.passed("PUT "), home.gate.passed("uploads"), home.gate.passed("")), (3, 0, 3));
}

fn a_large_file_goes_in_parts_with_what_its_object_is_to_be(home: &Home) {
    let (file, key) = (home.file("f", 3 * home.part + 1), home.key("big"));
    home.put(&file, &key, &["--content-type", "video/x", "--metadata", "author=me"]).ends(0);
    assert!(home.holds(&key, &file));
    assert_eq!((home.gate.passed("partNumber="), home.gate.passed("POST ")), (4, 2));
    assert_eq!(home.there(&key), (json!([key]), json!([])));
    let meta = home.server.tells("meta", &[&key]);
    assert_eq!((&meta["author"], meta["resumable-id"].is_string()), (&json!("me"), true), "{meta}");
    assert_eq!(meta["type"], "video/x", "{meta}");
}

fn an_upload_that_was_killed_goes_on_with_its_parts(home: &Home) {
    let (file, key) = (home.file("f", 5 * home.part + 1), home.key("big"));
    home.break_off(&file, &key, 3);
    home.put(&file, &key, &[]).ends(0);
    assert!(home.holds(&key, &file));
    assert_eq!((home.gate.passed("partNumber="), home.gate.passed("uploads")), (3, 0));
    assert_eq!(home.there(&key), (json!([key]), json!([])));
}

fn an_upload_that_was_killed_is_aborted(home: &Home) {
    let (file, key) = (home.file("f", 3 * home.part), home.key("big"));
    let upload = home.break_off(&file, &key, 2);
    home.run(&["abort", &upload]).ends(0);
    assert_eq!(home.there(&key), (json!([]), json!([])));
    // And the same file arrives afterwards.
    home.put(&file, &key, &[]).ends(0);
    assert!(home.holds(&key, &file));
}

/// Some in one request, and those that need the most care in parts.
fn odd_keys_arrive_as_they_are(home: &Home) {
    let (small, large) = (home.file("small", 7), home.file("large", home.part + 1));
    let plain = ["a\\b|c<d>e\"f^g`h{i}j[k]", "nfc \u{e9}", "nfd e\u{301}", "c//d"].map(|name| (name, &small));
    let careful = ["dir a/文件+1~.mkv", "q?=&%25;:@$,!*'()", "a//b"].map(|name| (name, &large));
    let mut sent = Vec::new();
    for (name, file) in plain.into_iter().chain(careful) {
        let key = home.key(name);
        let ran = home.put(file, &key, &[]);
        if name.contains("//") && home.server.kind == Kind::Rclone {
            // Its objects are files of a folder.
            ran.ends(6).says("InvalidArgument");
            continue;
        }
        ran.ends(0);
        sent.extend([key, file.to_str().unwrap().to_owned()]);
    }
    let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
    assert_eq!(home.server.tells("differ", &sent), json!([]));
    let Value::Array(keys) = home.server.tells("keys", &[&home.key("")]) else { panic!("no list") };
    assert_eq!(keys.len(), if home.server.kind == Kind::Rclone { 5 } else { 7 }, "{keys:?}");
}

fn a_wrong_secret_and_another_bucket_are_told(home: &Home) {
    let file = home.file("f", 7);
    let account = |bucket: &str, secret: &str| {
        let (region, id) = (home.server.ready("region"), home.server.ready("access_key_id"));
        format!("bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'\n")
    };
    home.configure_as(&account(home.server.ready("bucket"), "wrong"), "");
    home.put(&file, &home.key("x"), &[]).ends(4).says("SignatureDoesNotMatch");
    home.configure_as(&account("nobodys-bucket", home.server.ready("access_key_secret")), "");
    home.put(&file, &home.key("x"), &[]).ends(6).says("NoSuchBucket");
}
