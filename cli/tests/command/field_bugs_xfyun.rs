//! What went wrong in other clients of xfyun, and does not here: one test a bug, numbered as in the list of such bugs
//! that this project keeps. Each says which client it was seen in.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use resumable_emulator::xfyun::Refusals;
use resumable_emulator::{Config, Fault, Rule};
use serde_json::json;

use crate::kit::PART;
use crate::liar::{Liar, Request};
use crate::xfyun::{SMALL, home, with};

/// The value of a field of the form.
fn field(request: &Request, name: &str) -> Option<String> {
    let (_, rest) = request.text.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
    rest.split("\r\n").next().map(str::to_owned)
}

/// The numbers of the slices that were sent, in their order.
fn slice_ids(seen: &[Request]) -> Vec<u64> {
    let slices = seen.iter().filter(|request| request.op == "mpupload/upload");
    slices.map(|request| field(request, "slice_id").unwrap().parse().unwrap()).collect()
}

/// A client of another vendor empties its checkpoint before it writes it anew. Here it is the only record of what has
/// arrived: what is damaged is said to be, and the upload at the vendor is left as it is.
#[test]
fn field_bug_40_a_damaged_checkpoint_is_an_error_that_says_so() {
    let home = home();
    let file = home.file("big.bin", 12 * PART, 40);
    home.break_off(&file, "x");
    let path = home.checkpoint();
    let whole = fs::read(&path).unwrap();
    for text in [&[][..], &whole[..1], &whole[..whole.len() / 2], &whole[..whole.len() - 1]] {
        fs::write(&path, text).unwrap();
        let says = [path.to_str().unwrap(), "damaged", "nothing is lost at the vendor", "--restart"];
        home.put(&file, "x", &[]).ends(1).says(&says);
    }
    assert_eq!((home.asked("mpupload/init"), home.asked("mpupload/cancel")), (1, 0));
    fs::write(&path, &whole).unwrap();
    let ran = home.put(&file, "x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds_what(&ran, &file) && home.asked("mpupload/init") == 1);
}

/// The vendor's demos name the part after the full local path.
#[test]
fn field_bug_42_the_file_name_is_a_constant() {
    let home = home();
    let (big, small) = (home.file("local-name.bin", 3 * PART, 42), home.file("local-name", 1000, 42));
    let watcher = Liar::watches(&home, SMALL);
    home.put(&big, "a-label", &[]).ends(0);
    home.put(&small, "a-label", &[]).ends(0);
    let folder = home.path("").display().to_string();
    let seen = watcher.seen();
    let named = seen.iter().filter(|request| request.text.contains("name=\"data\"; filename=\"data.bin\"")).count();
    assert_eq!((named, seen.len()), (4, 1 + 3 + 1 + 1), "{seen:?}");
    for request in seen {
        for never in ["local-name", "a-label", folder.trim_end_matches('/')] {
            assert!(!request.text.contains(never), "{never:?} in {request:?}");
        }
    }
}

/// The vendor's Python demo takes `size % slice` for the last slice: of a file of whole slices it sends nothing last.
#[test]
fn field_bug_45_a_file_of_whole_slices_is_sent_whole() {
    for slices in [2, 3, 7] {
        for len in [slices * PART - 1, slices * PART, slices * PART + 1] {
            let home = home();
            let file = home.file("big.bin", len, len);
            home.configure(&format!("{SMALL}\none_request_below = 0").replacen("one_request_below = '2MiB'\n", "", 1));
            let ran = home.put(&file, "x", &[]).ends(0);
            assert!(home.holds_what(&ran, &file), "{len}");
            let log = home.emulator.log();
            let sent: Vec<u64> =
                log.iter().filter(|entry| entry.op == "mpupload/upload").map(|entry| entry.received_bytes).collect();
            let rest = if len % PART == 0 { PART } else { len % PART };
            assert!(sent.last() == Some(&rest) && sent.iter().sum::<u64>() == len, "{len}: {sent:?}");
        }
    }
}

/// The vendor's demos never look at a slice's code, which comes with a status of 200, too.
#[test]
fn field_bug_46_a_slice_is_done_after_code_0_alone_and_the_file_after_all_slices() {
    let mut config = Config::default();
    config.xfyun.switches.refusals = Refusals::Http200;
    let home = with(config);
    let file = home.file("big.bin", 8 * PART, 46);
    home.emulator.inject(Rule::once("mpupload/upload", Fault::refuse(200, 10002)).skip(2));
    let ran = home.put(&file, "x", &[]).ends(0).says(&["the vendor's storage failed", "retrying in"]);
    assert!(home.holds_what(&ran, &file) && ran.result("retries") == "1", "{ran:?}");
    // One that is never acknowledged keeps the file from being put together.
    let liar = Liar::before(&home, SMALL, |called, answer| {
        if called == "mpupload/upload" && answer["code"] == 0 {
            *answer = json!({ "code": 10006, "message": "io", "sid": "ost1@dx1" });
        }
    });
    let (objects, other) = (home.objects(), home.file("other.bin", 8 * PART, 47));
    home.put(&other, "x", &["--patience", "2s"]).ends(5).says(&["gave up", "code 10006", "Run the same command again"]);
    assert!(liar.seen().iter().all(|request| request.op != "mpupload/complete"));
    assert_eq!(home.objects(), objects);
    liar.repent();
    let ran = home.put(&other, "x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds_what(&ran, &other));
}

/// Three clients count slices from 0, which the vendor reads as "unset".
#[test]
fn field_bug_47_slices_count_from_1() {
    for parallel in [false, true] {
        let home = home();
        let file = home.file("big.bin", 9 * PART + 1, 47);
        let watcher = Liar::watches(&home, &format!("{SMALL}\nparallel = {parallel}"));
        let ran = home.put(&file, "x", &[]).ends(0);
        assert!(home.holds_what(&ran, &file));
        let ids = slice_ids(&watcher.seen());
        assert!(ids.len() == 10 && BTreeSet::from_iter(ids.clone()).into_iter().eq(1..=10), "{ids:?}");
    }
}

/// The vendor's demo dates its requests once, and is refused when that is too long ago: five minutes, or here a second.
#[test]
fn field_bug_48_every_request_is_dated_when_it_leaves() {
    let mut config = Config::default();
    config.xfyun.limits.skew = 1;
    let home = with(config);
    let file = home.file("big.bin", 4 * PART, 48);
    let watcher = Liar::watches(&home, SMALL);
    home.emulator.inject(Rule::once("mpupload/upload", Fault::Delay { millis: 1_100 }).times(Rule::ALWAYS));
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file));
    let dates: Vec<String> = watcher.seen().iter().map(|request| request.header("date")).collect();
    // Each answer took more than a second.
    assert!(dates.windows(2).skip(1).all(|two| two[0] != two[1]), "{dates:?}");
}

/// The vendor's demo gives a slice 8 s, and then ends the whole program.
#[test]
fn field_bug_49_a_slow_slice_is_left_alone_while_it_moves() {
    let home = home();
    let file = home.file("big.bin", PART, 49);
    home.configure("slice_min = '64KiB'\nslice_size = '1MiB'\none_request_below = 0");
    let ran = home.put(&file, "x", &["--limit-rate", "100KiB"]).ends(0);
    assert_eq!((ran.result("retries"), ran.result("requests")), ("0", "3"), "init, one slice, complete");
    let seconds: f64 = ran.result("time").trim_end_matches(" s").parse().unwrap();
    assert!(seconds > 8.0 && home.holds_what(&ran, &file), "{ran:?}");
}

/// The vendor's Python demo sends everything in the clear.
#[test]
fn field_bug_50_plain_http_only_where_the_profile_says_so() {
    let home = home();
    let file = home.file("small", 1000, 50);
    let listener = TcpListener::bind((home.address().ip(), 0)).unwrap();
    let address = listener.local_addr().unwrap();
    home.lead_to(address, SMALL);
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace("http://", ""));
    let first = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 no\r\n\r\n");
        first[0]
    });
    home.put(&file, "x", &["--patience", "0s"]).ends(5);
    assert_eq!(first.join().unwrap(), 0x16, "a TLS handshake");
    home.configure(SMALL);
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file));
}

/// Other clients begin a second upload after any refusal of a resumed one.
#[test]
fn field_bug_51_only_the_vendors_own_gone_begins_a_second_upload() {
    for (fault, inits) in [
        (Fault::Html { status: 404 }, 1),
        (Fault::refuse(403, "Forbidden"), 1),
        (Fault::refuse(404, "no Route matched with those values"), 1),
        (Fault::refuse(404, 10401), 1),
        (Fault::refuse(500, 10002), 1),
        (Fault::Throttle { retry_after_seconds: None }, 1),
        (Fault::refuse(500, 10005), 2),
    ] {
        let home = home();
        let file = home.file("big.bin", 8 * PART, 51);
        home.break_off(&file, "x");
        home.emulator.inject(Rule::once("mpupload/upload", fault.clone()));
        let mut ran = home.put(&file, "x", &[]).says(&["resuming "]);
        if ran.code == 6 {
            // What nobody explains is told at once; run again, the same upload is gone on with.
            ran = home.put(&file, "x", &[]).says(&["resuming "]);
        }
        let ran = ran.ends(0);
        assert_eq!(home.asked("mpupload/init"), inits, "{fault:?}");
        assert!(home.holds_what(&ran, &file), "{fault:?}");
    }
}
