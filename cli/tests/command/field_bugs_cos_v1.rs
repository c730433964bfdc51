//! What went wrong in other clients of COS v1, and does not here: one test a bug, numbered as in the list of such bugs
//! that this project keeps. Each says which client it was seen in.

use std::fs;

use resumable_emulator::{Fault, Rule};

use crate::cos_v1::home;
use crate::kit::PART;
use crate::liar::Liar;

/// The vendor's Ruby SDK v3 empties its checkpoint before it writes it anew: who is killed in between is left with a
/// file of no bytes, and the next run dies of it.
#[test]
fn field_bug_40_a_damaged_checkpoint_is_an_error_that_says_so() {
    let home = home();
    let file = home.file("big.bin", 12 * PART, 40);
    home.break_off(&file, "/big.bin");
    let (path, stored) = (home.checkpoint(), home.emulator.totals().file_bytes);
    let whole = fs::read(&path).unwrap();
    for text in [&[][..], &whole[..1], &whole[..whole.len() / 2], &whole[..whole.len() - 1]] {
        fs::write(&path, text).unwrap();
        let says = [path.to_str().unwrap(), "damaged", "nothing is lost at the vendor", "--restart"];
        home.put(&file, "/big.bin", &[]).ends(1).says(&says);
    }
    // The vendor knows the upload by its content: a damaged checkpoint that is set aside costs no byte.
    let ran = home.put(&file, "/big.bin", &["--restart"]).ends(0);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file));
}

/// The vendor's Node SDK v3 never calls back when the answer to the last slice has no `url`.
#[test]
fn field_bug_41_an_answer_to_the_last_slice_without_url_is_asked_about() {
    let home = home();
    let file = home.file("big.bin", 10 * PART, 41);
    let liar = Liar::before(&home, "", |called, answer| {
        if called == "upload_slice_data" {
            for key in ["url", "access_url", "source_url"] {
                let data = answer["data"].as_object_mut();
                data.map(|data| data.remove(key));
            }
        }
    });
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert!(ran.result("url").starts_with("http"), "{ran:?}");
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
    assert_eq!(home.emulator.totals().received_file_bytes, 10 * PART);
    assert_eq!(liar.seen().last().unwrap().op, "upload_slice_init", "the vendor is asked, and says it");
}

/// And where nobody ever says it, there is an end.
#[test]
fn field_bug_41_a_vendor_that_never_gives_an_address_is_an_error() {
    let home = home();
    let file = home.file("big.bin", 10 * PART, 41);
    let liar = Liar::before(&home, "", |called, answer| {
        let data = answer["data"].as_object_mut();
        let data = data.filter(|_| called.starts_with("upload_slice") || called == "stat");
        data.into_iter().for_each(|data| data.retain(|key, _| ["session", "offset", "slice_size"].contains(&&**key)));
    });
    home.put(&file, "/big.bin", &["--patience", "2s"]).ends(5).says(&["gave up", "Run the same command again"]);
    liar.repent();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

/// The vendor's PHP and Python SDKs send the absolute local path as the name of the file part.
#[test]
fn field_bug_42_no_local_path_goes_out() {
    let home = home();
    let (big, small) = (home.file("local-name.bin", 9 * PART, 42), home.file("local-name", 1000, 42));
    let watcher = Liar::watches(&home, "");
    home.put(&big, "/big", &[]).ends(0);
    home.put(&small, "/small", &[]).ends(0);
    let folder = home.path("").display().to_string();
    let seen = watcher.seen();
    assert_eq!(seen.len(), 1 + 1 + 9 + 1, "the question what is there, an init, slices; a small file");
    assert!(seen.iter().filter(|request| request.text.contains("name=\"filecontent\"")).count() == 10, "{seen:?}");
    for request in seen {
        for never in ["local-name", "filename=", folder.trim_end_matches('/')] {
            assert!(!request.text.contains(never), "{never:?} in {request:?}");
        }
    }
}

/// Other clients begin a second upload after any refusal of a resumed one.
#[test]
fn field_bug_51_a_refusal_on_resume_begins_no_second_upload() {
    for fault in [
        Fault::Html { status: 404 },
        Fault::Html { status: 400 },
        Fault::refuse(403, -71),
        Fault::refuse(400, -5997),
        Fault::Throttle { retry_after_seconds: None },
    ] {
        let home = home();
        let file = home.file("big.bin", 12 * PART, 51);
        home.break_off(&file, "/x");
        let stored = home.emulator.totals().file_bytes;
        home.emulator.inject(Rule::once("upload_slice_init", fault.clone()));
        home.emulator.inject(Rule::once("upload_slice_data", fault.clone()));
        let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming ", "retrying in"]);
        assert_eq!(ran.result("retries"), "2", "{fault:?}");
        assert_eq!(home.emulator.totals().file_bytes, 12 * PART, "{fault:?}: {stored} bytes were stored before");
        assert!(home.holds("/x", &file));
    }
}
