//! What a vendor finds about our content, our session or our request: told once, remembered until it is acted on.

use std::fs::{self, File, FileTimes};

use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{APPID, BUCKET, Home, PART, Ran, Service, over_each_transport};
use crate::liar::Liar;

over_each_transport! {
    of crate::cos_v1::home:
    field_bug_58_a_digest_that_is_not_the_contents_costs_two_sendings_and_is_told,
}

/// Replaces the SHA-1 that is announced, as if it had been taken of other content.
fn falsify(op: &str, body: &mut [u8]) {
    const FIELD: &[u8] = b"name=\"sha\"\r\n\r\n";
    if op == "upload_slice_init"
        && let Some(at) = body.windows(FIELD.len()).position(|window| window == FIELD)
    {
        body[at + FIELD.len()..][..40].fill(b'0');
    }
}

/// The vendor answers the last slice with -4016, forgets the session, and answers the retry with -288: that must not bury
/// what it has found. The run that meets it, the one after, and one where it is over.
fn field_bug_58_a_digest_that_is_not_the_contents_costs_two_sendings_and_is_told(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 58);
    let liar = Liar::twists(home, "", falsify);
    for _ in 0..2 {
        let before = home.emulator.totals().received_file_bytes;
        let ran = home.put(&file, "/big.bin", &[]).ends(7);
        ran.says(&[
            "reading the whole file once more",
            "the content at the vendor does not match",
            "Then run the same command again",
        ]);
        // Both times the last slice once more.
        assert_eq!(home.emulator.totals().received_file_bytes - before, 2 * 11 * PART);
    }
    liar.repent();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
}

/// The same from the other end: the file changes in the middle while nothing shows it. Whether that is found before or
/// after the vendor is asked, it ends with the right object or with words about the change, and never goes round.
#[test]
fn field_bug_58_content_that_changed_unseen_is_sent_right_or_told() {
    for service in [Service::CosV1, Service::CosV2, Service::P115] {
        let home = Home::of(service, Config::default());
        home.configure(if service == Service::P115 { "part_size = '1MiB'" } else { "" });
        let file = home.file("big.bin", 12 * PART, 58);
        home.break_off(&file, "/big.bin");
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        let mut content = fs::read(&file).unwrap();
        content[7 << 20] ^= 1;
        fs::write(&file, content).unwrap();
        let times = FileTimes::new().set_modified(modified);
        File::options().write(true).open(&file).unwrap().set_times(times).unwrap();
        for _ in 0..2 {
            let ran = home.put(&file, "/big.bin", &[]);
            match ran.code {
                0 => assert!(is_there(&home, service, &file), "{service:?}: {ran:?}"),
                _ => drop(ran.ends(3).says(&["the file changed since its upload began"])),
            }
        }
        assert!(home.emulator.totals().received_file_bytes <= 4 * 12 * PART, "{service:?}");
    }
}

fn is_there(home: &Home, service: Service, file: &std::path::Path) -> bool {
    let bytes = fs::read(file).unwrap();
    match service {
        Service::P115 => home.emulator.p115().files().iter().any(|there| there.size == bytes.len() as u64),
        _ => {
            fs::read(home.path("data").join(service.name()).join(APPID).join(BUCKET).join("big.bin")).unwrap() == bytes
        }
    }
}

/// A refusal with a code that no table explains: 6 at once, with the code, the words and the request's name.
#[track_caller]
fn is_told_at_once(home: &Home, op: &str, fault: Fault, file: &std::path::Path, says: &[&str]) -> Ran {
    home.emulator.inject(Rule::once(op, fault).times(Rule::ALWAYS));
    let asked = home.asked(op);
    let ran = home.put(file, "/big.bin", &["--window", "1"]).ends(6).says(says);
    assert_eq!(home.asked(op), asked + 1, "{ran:?}");
    assert!(!ran.err.contains("retrying in"), "{ran:?}");
    home.emulator.clear_faults();
    home.put(file, "/big.bin", &[]).ends(0);
    ran
}

#[test]
fn field_bug_61_a_code_of_cos_that_nobody_explains_is_6_at_once() {
    for service in [Service::CosV1, Service::CosV2] {
        for (op, status) in [("upload_slice_init", 400), ("upload_slice_data", 409), ("upload_slice_init", 200)] {
            let home = Home::of(service, Config::default());
            let file = home.file("big.bin", 10 * PART, 61);
            let says = ["the vendor refused", "code -4242", "unknown reason", "request id"];
            is_told_at_once(
                &home,
                op,
                Fault::refuse(status, -4242),
                &file,
                &says[..if service == Service::CosV1 { 3 } else { 4 }],
            );
        }
    }
}

#[test]
fn field_bug_61_a_code_of_xfyun_that_nobody_explains_is_6_at_once() {
    for (op, status) in [("mpupload/init", 500), ("mpupload/upload", 200), ("mpupload/complete", 500)] {
        let home = crate::xfyun::home();
        let file = home.file("big.bin", 12 * PART, 61);
        let says = ["the vendor refused", "code 10401", "unknown reason", "sid "];
        is_told_at_once(&home, op, Fault::refuse(status, 10401), &file, &says);
    }
}

#[test]
fn field_bug_61_a_code_of_115_that_nobody_explains_is_6_at_once() {
    for op in ["upload/init", "upload/get_token"] {
        let home = Home::of(Service::P115, Config::default());
        let file = home.file("big.bin", 6 * PART, 61);
        let says = ["the vendor refused", "code 4242", "unknown reason"];
        is_told_at_once(&home, op, Fault::refuse(200, 4242), &file, &says);
    }
}

/// 405 and a page: too many calls, or a name that the firewall does not like.
#[test]
fn field_bug_74_after_the_firewalls_first_page_the_name_is_named() {
    let home = Home::of(Service::P115, Config::default());
    let file = home.file("x", 10, 74);
    home.emulator.inject(Rule::once("upload/init", Fault::Html { status: 405 }).times(Rule::ALWAYS));
    let ran = home.put(&file, "/x", &["--patience", "10s"]).ends(5);
    ran.says(&["HTTP 405", "for some file and folder names", "give the file another name in PROFILE:PATH"]);
    assert_eq!(home.asked("upload/init"), 1, "and nothing is asked for 300 s");
}

#[test]
fn field_bug_78_options_that_cannot_be_are_named() {
    let sizes = "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB";
    let life = "signature_life must be from 1m to 90d";
    for (service, lines) in [
        (Service::CosV1, &[("slice_size = 0", sizes), ("slice_size = 7", sizes), ("signature_life = '0s'", life)][..]),
        (Service::CosV2, &[("slice_size = 0", sizes), ("slice_size = 7", sizes), ("signature_life = '0s'", life)]),
        (
            Service::Xfyun,
            &[
                ("slice_size = 0", "slice_size must be from 5.0 MiB"),
                ("slice_size = 7", "slice_size must be from 5.0 MiB"),
                ("slice_min = 0", "slice_min must be at least 1 byte"),
            ],
        ),
        (
            Service::Oss,
            &[
                ("part_size = 0", "part_size must be from"),
                ("part_size = 7", "part_size must be from"),
                ("part_min = 0", "part_min must be"),
            ],
        ),
        (
            Service::S3,
            &[
                ("part_size = 0", "part_size must be from"),
                ("part_size = '1MiB'", "part_size must be from"),
                ("part_min = 0", "part_min must be"),
            ],
        ),
        (Service::CosXml, &[("part_size = 0", "part_size must be from"), ("part_min = 0", "part_min must be")]),
        (
            Service::P115,
            &[
                ("part_size = 0", "part_size must be from"),
                ("part_size = 7", "part_size must be from"),
                ("part_min = 0", "part_min must be"),
            ],
        ),
    ] {
        let home = Home::of(service, Config::default());
        let file = home.file("x", 10, 78);
        for (line, says) in lines {
            home.configure(line);
            home.put(&file, "/x", &[]).ends(2).says(&[says]);
        }
        assert_eq!(home.emulator.totals().requests, 0);
    }
}

/// Without a digest of its own the file is hashed to be compared with what stands at the path. It is other content, and is
/// overwritten: nobody has compared the digest with what is there now.
#[test]
fn field_bug_88_a_receipt_names_no_digest_that_nobody_compared() {
    let home = Home::new();
    home.configure("integrity = 'none'\ninsert_only = false");
    let (old, new) = (home.file("old.bin", 5000, 88), home.file("new.bin", 5000, 89));
    home.put(&old, "/x", &[]).ends(0);
    home.emulator.inject(Rule::once("upload", Fault::CutBefore));
    let ran = home.put(&new, "/x", &[]).ends(0);
    assert_eq!(ran.result("requests"), "4", "upload, list, stat, upload: {ran:?}");
    assert!(home.holds("/x", &new));
    assert_eq!(ran.fact("sha1"), None, "{ran:?}");
    home.emulator.inject(Rule::once("upload", Fault::DropReply));
    let again = home.put(&new, "/x", &[]).ends(0);
    assert_eq!(again.result("sha1").len(), 40, "compared with the vendor's: {again:?}");
}
