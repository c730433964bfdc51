//! What went wrong in other clients, and does not here: one test a bug, numbered as in `docs/field-bugs.md`, which says where
//! the others are. Each says which client it was seen in. Here are those of COS v2 and those of no vendor.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use resumable_emulator::cos::Account;
use resumable_emulator::cos_v2::SerialUpload;
use resumable_emulator::{Config, Fault, Rule, VendorCode};
use serde_json::json;

use crate::kit::{APPID, BUCKET, Home, PART, Ran, as_first_format, over_each_transport};
use crate::liar::Liar;
use crate::port::{Listening, Port};

over_each_transport! {
    field_bug_53_ctrl_c_keeps_the_session,
}

/// The vendor's Python SDK v4 signs all tries of a slice once: the later ones die as errors of the key.
#[test]
fn field_bug_13_each_try_is_signed_when_it_leaves() {
    let home = Home::new();
    let file = home.file("big.bin", 9 * PART, 13);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_data", Fault::Unavailable).times(2));
    let watcher = Liar::watches(&home, "window = 1");
    home.put(&file, "/big.bin", &[]).ends(0);
    let seen = watcher.seen();
    let tries: Vec<String> =
        seen.iter().filter(|it| it.op == "upload_slice_data").take(4).map(|it| it.header("authorization")).collect();
    for (at, signature) in tries.iter().enumerate() {
        assert!(!tries[..at].contains(signature), "{at}: {tries:?}");
    }
    assert_eq!(tries.len(), 4);
}

/// Several clients print keys, tokens or signatures in their logs and errors.
#[test]
fn field_bug_30_no_secret_is_ever_shown_or_saved() {
    let mut config = Config::default();
    config.cos_v2.accounts[0] = Account { secret_id: ID.to_owned(), secret_key: KEY.to_owned(), ..Account::default() };
    let mut home = Home::with(config);
    let file = home.file("big.bin", 10 * PART, 1);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_list", Fault::Html { status: 500 }));
    home.emulator.inject(Rule::once("upload_slice_init", Fault::CutBefore));
    clean(&home, &home.put(&file, "/a", &[]).ends(0));
    let other = home.file("other.bin", 10 * PART, 2);
    home.break_off(&other, "/b");
    clean(&home, &home.run(&["list"]).ends(0));
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace(KEY, "wrong-canary"));
    clean(&home, &home.put(&other, "/b", &[]).ends(4));
    home.write_config(&text.replace("secret_key", "secret_kye"));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text.replace(&format!("'{KEY}'"), KEY));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text.replace(&format!("'{KEY}'"), &format!("['{KEY}']")));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text);
    home.unplug();
    clean(&home, &home.put(&other, "/b", &["--patience", "0s"]).ends(5));
    clean(&home, &home.run(&["abort", &home.key(), "--patience", "0s"]).ends(5));
}

/// The vendor's Java SDK v4 goes on with a slice size of its own where the list names another one: holes of half a
/// slice, and a finish all the same.
#[test]
fn field_bug_34_the_slice_size_of_the_list_is_used_and_no_hole_is_left() {
    const HALF: u64 = PART / 2;
    let mut config = Config::default();
    config.cos_v2.switches.slice_size = Some(HALF);
    let home = Home::with(config);
    let file = home.file("big.bin", 12 * PART, 34);
    let liar = Liar::before(&home, "slice_size = '1MiB'", |called, answer| {
        // One of the slices that have arrived is not shown: a hole of the list's size, not of the profile's.
        if called == "upload_slice_list" {
            answer["data"]["listparts"].as_array_mut().unwrap().retain(|part| part["offset"] != HALF);
        }
    });
    home.break_off_after(&file, "/big.bin", 3 * HALF);
    let before = home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").unwrap();
    let earlier = home.emulator.log().len();
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    liar.repent();
    assert!(home.holds("/big.bin", &file));
    let log = home.emulator.log();
    let sent: Vec<u64> = log[earlier..].iter().filter_map(|entry| entry.offset).collect();
    let missing: Vec<u64> =
        (0..24).map(|slice| slice * HALF).filter(|at| *at == HALF || !holds(&before, *at)).collect();
    assert_eq!(sent, missing, "each missing slice once, of the list's size");
    assert!(log[earlier..].iter().all(|entry| entry.op != "upload_slice_data" || entry.received_bytes == HALF));
}

/// Whether one of these ranges of `(offset, length)` begins before and ends after this byte.
fn holds(ranges: &[(u64, u64)], at: u64) -> bool {
    ranges.iter().any(|(offset, len)| (*offset..offset + len).contains(&at))
}

/// The vendor's Java SDK v4 throws an exception where the list says that the upload is finished.
#[test]
fn field_bug_35_an_upload_that_the_list_calls_finished_is_a_success() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 35);
    home.break_off(&file, "/big.bin");
    let (checkpoint, kept) = (home.checkpoint(), home.path("kept"));
    fs::copy(&checkpoint, &kept).unwrap();
    home.put(&file, "/big.bin", &[]).ends(0);
    fs::copy(&kept, &checkpoint).unwrap();
    // Killed before it was recorded as sent.
    fs::remove_dir_all(home.state().join("sent")).unwrap();
    let earlier = home.emulator.log().len();
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), "0");
    assert!(ran.result("url").starts_with("http"), "{ran:?}");
    let log = home.emulator.log();
    assert!(
        log[earlier..].iter().any(|entry| entry.op == "upload_slice_list" && entry.code == Some(0.into())),
        "{log:?}"
    );
    assert!(home.checkpoints().is_empty() && home.holds("/big.bin", &file));
}

/// The vendor's Python SDK v4 calls finish in its parallel mode although a slice has failed for good.
#[test]
fn field_bug_36_finish_waits_for_every_slice_and_is_never_called_without_one() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 36);
    let liar = Liar::before(&home, "window = 4", |called, answer| {
        if called == "upload_slice_data" && answer["data"]["offset"] == 5 * PART {
            *answer = json!({ "code": -5997, "message": "ERROR_CMD_COS_ERROR" });
        }
    });
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]).ends(5);
    ran.says(&["gave up", "code -5997", "Run the same command again"]);
    assert!(liar.seen().iter().all(|request| request.op != "upload_slice_finish"));
    assert_eq!(home.emulator.cos_v2().read_object(APPID, BUCKET, "big.bin").unwrap(), None);
    liar.repent();
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/big.bin", &file));
}

/// The vendor's PHP SDK v4 ends with a fatal error where init is answered with -4019 (the same content is not finished
/// there), and sends slices with an empty session where init is answered with the finished object.
#[test]
fn field_bug_37_unfinished_and_instant_are_ordinary_answers_to_init() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 37);
    home.break_off(&file, "/big.bin");
    fs::remove_file(home.checkpoint()).unwrap();
    let stored = home.emulator.totals().file_bytes;
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    let refused: Vec<_> =
        home.emulator.log().iter().filter_map(|entry| entry.code.clone().filter(|code| *code != 0.into())).collect();
    // -197 answers the question what is there: nothing.
    assert_eq!(refused, [VendorCode::from(-197), VendorCode::from(-197), VendorCode::from(-4019)]);
    assert!(home.holds("/big.bin", &file));

    let earlier = home.emulator.log().len();
    let ran = home.put(&file, "/other.bin", &[]).ends(0);
    assert_eq!(ran.result("how"), "instant (the vendor already had this content)");
    let log = home.emulator.log();
    let ops: Vec<&str> = log[earlier..].iter().map(|entry| &*entry.op).collect();
    assert_eq!(ops, ["stat", "upload_slice_init"], "no slice follows");
    assert!(home.holds("/other.bin", &file));
}

/// The vendor's JavaScript SDK v4 adds the content to the same form again for each try: the body doubles, then triples.
#[test]
fn field_bug_38_each_try_of_a_slice_has_a_body_of_its_own() {
    let home = Home::new();
    let file = home.file("big.bin", 9 * PART, 38);
    let small = home.file("small", 1000, 38);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_data", Fault::Garbage));
    home.emulator.inject(Rule::once("upload", Fault::Garbage).times(2));
    let watcher = Liar::watches(&home, "window = 1\ninsert_only = false");
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("retries"), "2");
    assert!(home.holds("/big.bin", &file));
    assert_eq!(home.emulator.totals().received_file_bytes, (9 + 2) * PART);
    home.put(&small, "/small", &[]).ends(0);
    assert!(home.holds("/small", &small));
    let mut lengths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in watcher.seen() {
        lengths.entry(request.op.clone()).or_default().push(request.header("content-length"));
    }
    let tries = &lengths["upload_slice_data"][..3];
    assert!(tries.iter().all(|length| *length == tries[0]), "{tries:?}");
    let tries = &lengths["upload"];
    assert!(tries.len() == 3 && tries.iter().all(|length| *length == tries[0]), "{tries:?}");
}

/// The vendor's JavaScript SDK v4 does not look at `serial_upload`, and sends slices side by side where the vendor asks
/// for one after the other.
#[test]
fn field_bug_39_slices_go_one_by_one_where_the_vendor_says_so_and_on_resume() {
    let mut config = Config::default();
    config.cos_v2.switches.serial_upload = SerialUpload::One;
    let home = Home::with(config);
    let watcher = Liar::watches(&home, "window = 8");
    let file = home.file("big.bin", 12 * PART, 39);
    // Long enough for others to leave meanwhile.
    let fault = Fault::Delay { millis: 200 };
    home.emulator.inject(Rule::once("upload_slice_data", fault).times(Rule::ALWAYS));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(watcher.most_at_once(), 1);
    let offsets: Vec<u64> = home.emulator.log().iter().filter_map(|entry| entry.offset).collect();
    assert_eq!(offsets, (0..12).map(|slice| slice * PART).collect::<Vec<_>>());
    assert!(home.holds("/big.bin", &file));

    // Where init says nothing they go side by side; but the list never says, so what is resumed goes one by one.
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 39);
    home.break_off(&file, "/big.bin");
    let (path, endpoint) = (home.checkpoint(), home.address().to_string());
    let watcher = Liar::watches(&home, "window = 8");
    // The same upload, by way of the one who watches.
    let text = fs::read_to_string(&path).unwrap().replace(&endpoint, &watcher.address().to_string());
    fs::remove_file(&path).unwrap();
    let mut kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    as_first_format(&mut kept);
    let (text, target) = (kept.to_string(), kept["checkpoint"]["target"].clone());
    let key = resumable::file::Folder::key("cos-v2/1", target.as_str().unwrap(), &file);
    fs::write(path.with_file_name(format!("{key}.json")), text).unwrap();
    let fault = Fault::Delay { millis: 200 };
    home.emulator.inject(Rule::once("upload_slice_data", fault).times(Rule::ALWAYS));
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(watcher.most_at_once(), 1);
    assert!(home.holds("/big.bin", &file));
}

/// The vendor's Ruby SDK v3 empties its checkpoint before it writes it anew: who is killed in between is left with a
/// file of no bytes, and the next run dies of it.
#[test]
fn field_bug_40_a_damaged_checkpoint_is_an_error_that_says_so() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 8);
    home.break_off(&file, "/big.bin");
    let (path, stored) = (home.checkpoint(), home.emulator.totals().file_bytes);
    let whole = fs::read(&path).unwrap();
    for text in [&[][..], &whole[..1], &whole[..whole.len() / 2], &whole[..whole.len() - 1]] {
        fs::write(&path, text).unwrap();
        let says = [path.to_str().unwrap(), "damaged", "nothing is lost at the vendor", "--restart"];
        home.put(&file, "/big.bin", &[]).ends(1).says(&says);
    }
    // The vendor ties what it has to the content: not even a checkpoint that is gone costs a byte.
    fs::remove_file(&path).unwrap();
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file));
}

/// Clients of this vendor throw an exception at a path that is not ASCII, or encode it twice.
#[test]
fn field_bug_43_a_path_is_percent_encoded_once_as_utf_8() {
    let home = Home::new();
    let big = home.file("big.bin", 9 * PART, 43);
    let small = home.file("small", 1000, 43);
    for (path, encoded) in [
        ("/测试/文件", "/%E6%B5%8B%E8%AF%95/%E6%96%87%E4%BB%B6"),
        ("/é à", "/%C3%A9%20%C3%A0"),
        ("/100%25", "/100%2525"),
        ("/a+b&c=d", "/a%2Bb%26c%3Dd"),
    ] {
        for (file, suffix) in [(&small, ".small"), (&big, ".big")] {
            let path = format!("{path}{suffix}");
            let earlier = home.emulator.log().len();
            let ran = home.put(file, &path, &[]).ends(0);
            assert!(home.holds(&path, file), "{path}: {ran:?}");
            for entry in &home.emulator.log()[earlier..] {
                assert_eq!(entry.path, format!("/files/v2/{APPID}/{BUCKET}{encoded}{suffix}"));
            }
        }
    }
}

/// A body that is too large for the server is answered with a page of HTML, at which a Python client's JSON parser dies.
#[test]
fn field_bug_44_a_page_of_html_is_an_error_with_its_status_and_its_first_words() {
    let mut config = Config::default();
    config.cos_v2.limits.one_request = PART;
    let home = Home::with(config);
    let file = home.file("big.bin", 3 * PART, 44);
    let ran = home.put(&file, "/big.bin", &[]).ends(6);
    ran.says(&["HTTP 413", "the body is too large for this server", "Set a smaller slice_size or one_request_max"]);
    home.configure("one_request_max = '1MiB'");
    let page = Fault::Html { status: 404 };
    home.emulator.inject(Rule::once("upload_slice_init", page).times(Rule::ALWAYS));
    let ran = home.put(&file, "/big.bin", &["--patience", "1s"]).ends(5);
    let line = ran.err.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(line.contains("the answer (HTTP 404) is not from this API: <") && line.len() < 500, "{ran:?}");
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

/// Nobody locks: two processes upload the same file with one checkpoint.
#[test]
fn field_bug_52_a_second_put_is_told_who_holds_the_upload() {
    let home = Home::new();
    let file = home.file("big.bin", 16 * PART, 3);
    let first = home.begin(&file, "/big.bin");
    let pid = format!("process {}", first.pid());
    home.put(&file, "/big.bin", &[]).ends(8).says(&[&pid]);
    home.run(&["abort", &home.key()]).ends(8).says(&[&pid]);
    let list = home.run(&["list"]).ends(0);
    assert!(list.out.contains(&pid), "{list:?}");
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").is_some(), "the first one was not disturbed");
    first.kill();
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
}

/// The AWS command deletes the unfinished upload at Ctrl-C: nothing is left to resume.
fn field_bug_53_ctrl_c_keeps_the_session(home: &Home) {
    for (seed, signal, code) in [(4, "INT", 130), (5, "TERM", 143)] {
        let file = home.file("big.bin", 16 * PART, seed);
        let (path, before) = (format!("/{signal}"), home.emulator.totals().received_file_bytes);
        let running = home.begin(&file, &path);
        running.signal(signal);
        running.wait().ends(code).says(&["Stopping…", "Run the same command again"]);
        home.emulator.clear_faults();
        assert!(home.emulator.cos_v2().slices(APPID, BUCKET, signal).is_some(), "{signal}");
        assert!(home.emulator.log().iter().all(|entry| entry.op != "delete"), "{signal}");
        home.put(&file, &path, &[]).ends(0).says(&["resuming "]);
        assert!(home.holds(&path, &file));
        let received = home.emulator.totals().received_file_bytes - before;
        assert!(received <= 16 * PART + 4 * PART, "{signal}: {received}");
    }
}

/// Clients of this vendor give the content's SHA-1 at init and not at finish, which is refused with -29094.
#[test]
fn field_bug_54_a_sha_that_is_given_at_init_is_given_until_finish() {
    for (integrity, given) in [("chain", true), ("sha1", true), ("none", false)] {
        let mut config = Config::default();
        config.cos_v2.switches.uploadparts_with_sha = integrity == "chain";
        let home = Home::with(config);
        home.in_real_time();
        let file = home.file("big.bin", 12 * PART, 54);
        let watcher = Liar::watches(&home, &format!("integrity = '{integrity}'"));
        home.break_off(&file, "/big.bin");
        home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(home.holds("/big.bin", &file));
        for op in ["upload_slice_init", "upload_slice_data", "upload_slice_finish"] {
            let seen = watcher.seen();
            let mut calls = seen.iter().filter(|request| request.op == op).peekable();
            assert!(calls.peek().is_some(), "{op}");
            assert!(calls.all(|call| call.text.contains("name=\"sha\"") == given), "{integrity}, {op}");
        }
        assert!(home.emulator.log().iter().all(|entry| entry.code != Some((-29094).into())), "{integrity}");
    }
}

/// Several clients try again without a bound, or again and again at once, while the server is down.
#[test]
fn field_bug_55_a_dead_server_is_given_up_and_a_living_one_resumed() {
    let mut home = Home::new();
    let file = home.file("big.bin", 12 * PART, 6);
    home.break_off(&file, "/big.bin");
    home.unplug();
    let dead = Dead::at(home.port());
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]).ends(5);
    let ran = ran.says(&["gave up", "after 2 s without progress", "Run the same command again", "retrying in"]);
    assert!(ran.err.lines().count() < 12, "an outage is a few lines, not a storm: {ran:?}");
    let connections = dead.bury();
    assert!((2..40).contains(&connections), "{connections} connections within two seconds");
    home.plug_in();
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/big.bin", &file));
    assert!(home.emulator.totals().received_file_bytes <= 12 * PART);
}

const ID: &str = "AKID-canary-4711";
const KEY: &str = "key-canary-0815";

fn clean(home: &Home, ran: &Ran) {
    let checkpoints = home.checkpoints().into_iter().map(|path| fs::read_to_string(path).unwrap());
    for text in checkpoints.chain([ran.out.clone(), ran.err.clone()]) {
        assert!(!text.contains("canary") && !text.contains("sign="), "{text}");
    }
}

/// A server that closes every connection at once, and counts them.
struct Dead {
    listening: Listening,
    connections: Arc<AtomicU32>,
    thread: JoinHandle<()>,
}

impl Dead {
    fn at(port: &Port) -> Self {
        let listening = port.listen();
        let listener = listening.socket();
        let connections = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&connections);
        let thread = thread::spawn(move || {
            for _ in listener.incoming() {
                if count.fetch_add(1, Ordering::SeqCst) >= OVER {
                    return;
                }
            }
        });
        Self { listening, connections, thread }
    }

    /// How many connections there were.
    fn bury(self) -> u32 {
        let connections = self.connections.fetch_add(OVER, Ordering::SeqCst);
        TcpStream::connect(self.listening.socket().local_addr().unwrap()).unwrap();
        self.thread.join().unwrap();
        connections
    }
}

/// More connections than there ever are: the sign to stop.
const OVER: u32 = 1 << 30;
