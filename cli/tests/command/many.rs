//! Several files and folders in one command.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use resumable_emulator::{Config, Fault, Rule, VendorCode};

use crate::kit::{Home, PART, Ran, Service, over_each_transport, until};

over_each_transport! {
    of crate::many::oss:
    a_folder_is_uploaded_and_a_second_run_sends_nothing,
    one_failure_stops_no_other_file,
    refused_credentials_stop_all_with_the_reason_once,
    an_endpoint_that_is_never_reached_stops_all,
    big_files_and_small_ones_go_together,
    ctrl_c_leaves_what_the_next_run_resumes,
}

pub(crate) fn oss() -> Home {
    Home::of(Service::Oss, Config::default())
}

/// Files of these lengths in the folder `photos`.
fn photos(home: &Home, files: &[(&str, u64)]) {
    for (at, (name, len)) in files.iter().enumerate() {
        let name = Path::new("photos").join(name);
        fs::create_dir_all(home.path(&name).parent().unwrap()).unwrap();
        home.file(&name, *len, at as u64 + 1);
    }
}

/// The command, run in the home.
fn put(home: &Home, words: &[&str]) -> Ran {
    home.start(put_command(home, words)).wait()
}

fn put_command(home: &Home, words: &[&str]) -> Command {
    let mut command = home.command();
    command.current_dir(home.path("")).arg("put").args(words);
    command
}

/// The file below the home at this key of the bucket.
fn is_there(home: &Home, key: &str, file: &str) -> bool {
    let path = format!("oss/{}/{key}", home.emulator.config().oss.buckets[0]);
    home.path("data").join(&path).exists() && home.keeps(&path, &home.path(file))
}

fn a_folder_is_uploaded_and_a_second_run_sends_nothing(home: &mut Home) {
    photos(home, &[("a.jpg", 1000), ("2020/b.jpg", 2000), ("2020/.hidden", 0), ("with blank/ü.jpg", 3000)]);
    put(home, &["-r", "photos", "emu:album/"]).ends(0).says(&["4 sent"]);
    for name in ["a.jpg", "2020/b.jpg", "2020/.hidden", "with blank/ü.jpg"] {
        assert!(is_there(home, &format!("album/photos/{name}"), &format!("photos/{name}")), "{name}");
    }
    let requests = home.emulator.totals().requests;
    put(home, &["-r", "photos", "emu:album/"]).ends(0).says(&["4 skipped", "0 sent"]);
    assert_eq!(home.emulator.totals().requests, requests, "nobody was asked");
    home.file("photos/a.jpg", 1000, 99);
    put(home, &["-r", "photos", "emu:album/"]).ends(0).says(&["1 sent", "3 skipped"]);
    assert!(is_there(home, "album/photos/a.jpg", "photos/a.jpg"));
    put(home, &["-r", "photos/", "emu:"]).ends(0).says(&["4 sent"]);
    assert!(is_there(home, "2020/b.jpg", "photos/2020/b.jpg"));
    put(home, &["-r", "--force", "photos/", "emu:"]).ends(0).says(&["4 sent"]);
    assert!(home.checkpoints().is_empty());
}

fn one_failure_stops_no_other_file(home: &mut Home) {
    photos(home, &[("a.jpg", 1000), ("b.jpg", 2000), ("c.jpg", 3000)]);
    let _ = fs::remove_file(home.path("photos/b.jpg"));
    let ran = put(home, &["photos/a.jpg", "photos/b.jpg", "photos/c.jpg", "emu:x/", "--failed-to", "failed"]).ends(3);
    let ran = ran.says(&["2 sent", "1 failed", "photos/b.jpg", "1 of 3 files", "--files-from failed"]);
    assert!(ran.err.contains("no such file") || ran.err.contains("not there"), "{ran:?}");
    assert_eq!(fs::read_to_string(home.path("failed")).unwrap(), "photos/./b.jpg\n");
    home.file("photos/b.jpg", 2000, 2);
    put(home, &["--files-from", "failed", "--failed-to", "failed", "emu:x/"]).ends(0);
    assert!(is_there(home, "x/b.jpg", "photos/b.jpg"), "under the name that it had");
    assert_eq!(fs::read_to_string(home.path("failed")).unwrap(), "");
}

fn refused_credentials_stop_all_with_the_reason_once(home: &mut Home) {
    let files: Vec<String> = (0..40).map(|at| format!("{at}.jpg")).collect();
    photos(home, &files.iter().map(|name| (name.as_str(), 1000)).collect::<Vec<_>>());
    let config = fs::read_to_string(home.config()).unwrap();
    let secret = &home.emulator.config().oss.accounts[0].access_key_secret;
    home.write_config(&config.replace(secret.as_str(), "another-secret"));
    let ran = put(home, &["-r", "photos", "emu:x/", "--failed-to", "failed"]).ends(4);
    assert!(home.emulator.totals().requests < 20, "{} requests", home.emulator.totals().requests);
    assert!(ran.err.matches("error:").count() == 1, "{ran:?}");
    assert_eq!(fs::read_to_string(home.path("failed")).unwrap().lines().count(), 40);
}

fn an_endpoint_that_is_never_reached_stops_all(home: &mut Home) {
    let files: Vec<String> = (0..40).map(|at| format!("{at}.jpg")).collect();
    photos(home, &files.iter().map(|name| (name.as_str(), 1000)).collect::<Vec<_>>());
    home.unplug();
    put(home, &["-r", "photos", "emu:x/"]).ends(5).says(&["40 of 40 files"]);
}

fn big_files_and_small_ones_go_together(home: &mut Home) {
    home.configure("part_size = '1MiB'\none_request_max = '1MiB'");
    let mut files = vec![("big1".to_owned(), 8 * PART), ("big2".to_owned(), 7 * PART + 1)];
    files.extend((0..30).map(|at| (format!("small{at}"), 1000 + at)));
    photos(home, &files.iter().map(|(name, len)| (name.as_str(), *len)).collect::<Vec<_>>());
    put(home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["32 sent"]);
    for (name, _) in &files {
        assert!(is_there(home, &format!("x/{name}"), &format!("photos/{name}")), "{name}");
    }
}

fn ctrl_c_leaves_what_the_next_run_resumes(home: &mut Home) {
    home.configure("part_size = '1MiB'\none_request_max = '1MiB'");
    photos(home, &[("big", 20 * PART), ("a", 1000), ("b", 1000)]);
    home.hold_back();
    let running = home.start(put_command(home, &["-r", "photos/", "emu:x/", "--failed-to", "failed"]));
    until("the small ones and some parts are stored", || {
        let small = ["a", "b"].iter().all(|name| is_there(home, &format!("x/{name}"), &format!("photos/{name}")));
        small && home.emulator.totals().file_bytes > 3 * PART
    });
    running.signal("INT");
    running.wait().ends(130).says(&["1 of 3 files"]);
    assert_eq!(fs::read_to_string(home.path("failed")).unwrap(), "photos/./big\n");
    home.settle();
    let before = home.emulator.totals().received_file_bytes;
    put(home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["1 sent", "2 skipped"]);
    assert!(
        home.emulator.totals().received_file_bytes - before <= 17 * PART,
        "the small ones and three parts are there"
    );
    assert!(is_there(home, "x/big", "photos/big"));
}

#[test]
fn globs_links_and_what_is_no_file() {
    let home = oss();
    photos(&home, &[("a.jpg", 10), ("a.raw", 20), ("cache/c.jpg", 30)]);
    std::os::unix::fs::symlink(home.path("photos/a.raw"), home.path("photos/link.jpg")).unwrap();
    let ran = put(&home, &["-r", "photos/", "emu:x/", "--include", "*.jpg", "--exclude", "cache/"]).ends(0);
    ran.says(&["a symbolic link was left out"]);
    assert_eq!(home.objects(), 1);
    put(&home, &["-r", "photos/", "emu:x/", "--include", "*.jpg", "--links", "follow"])
        .ends(0)
        .says(&["2 sent", "1 skipped"]);
    assert!(is_there(&home, "x/link.jpg", "photos/a.raw"));
}

#[test]
fn names_that_cannot_be_fail_alone() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let home = oss();
    photos(&home, &[("a", 10)]);
    fs::write(home.path("photos").join(OsStr::from_bytes(b"b\xff")), "x").unwrap();
    put(&home, &["-r", "photos/", "emu:x/", "--failed-to", "failed", "--null"]).ends(3).says(&[
        "1 sent",
        "1 failed",
        "not UTF-8",
    ]);
    assert!(fs::read(home.path("failed")).unwrap().ends_with(b"b\xff\0"));
    assert!(is_there(&home, "x/a", "photos/a"));
}

#[test]
fn what_is_asked_for_in_the_wrong_way_is_2_and_sends_nothing() {
    let home = oss();
    photos(&home, &[("a", 10), ("b/a", 20)]);
    for (words, says) in [
        (&["photos/a", "photos/b/a", "emu:x"][..], "emu:x/"),
        (&["photos/a", "photos/b/a", "emu:x/"], "would both become emu:x/a"),
        (&["photos", "emu:x/"], "add -r"),
        (&["-r", "photos", "emu:x"], "has to end with '/'"),
        (&["photos/a"], "PROFILE:PATH"),
        (&["emu:x"], "SRC PROFILE:PATH"),
        (&["-", "photos/a", "emu:x/"], "standard input"),
        (&["-", "emu:x/"], "standard input"),
        (&["--files-from", "list", "photos/a", "emu:x/"], "--files-from"),
        (&["-r", "photos", "emu:x/", "--include", "a["], "no glob"),
    ] {
        put(&home, words).ends(2).says(&[says]);
    }
    put(&home, &["--files-from", "none", "emu:x/"]).ends(3).says(&["--files-from none"]);
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(home.checkpoints().is_empty());
}

#[test]
fn standard_input_is_uploaded_once_it_was_written_down() {
    let home = oss();
    let file = home.file("x", 3 * PART, 1);
    let mut command = put_command(&home, &["-", "emu:x/piped"]);
    command.stdin(Stdio::from(fs::File::open(&file).unwrap()));
    home.start(command).wait().ends(0).says(&["standard input is", "temporary file"]);
    assert!(is_there(&home, "x/piped", "x"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_comes_by_standard_input_is_in_a_file_without_a_name() {
    let home = oss();
    home.configure("part_size = '1MiB'\none_request_max = '1MiB'");
    let file = home.file("x", 20 * PART, 1);
    let temporary = home.path("temporary");
    fs::create_dir(&temporary).unwrap();
    home.hold_back();
    let mut command = put_command(&home, &["-", "emu:x/piped"]);
    command.env("TMPDIR", &temporary).stdin(Stdio::from(fs::File::open(&file).unwrap()));
    let running = home.start(command);
    until("some parts are stored", || home.emulator.totals().file_bytes > 3 * PART);
    let open = fs::read_dir(format!("/proc/{}/fd", running.pid())).unwrap();
    let is_there = |link: std::io::Result<std::path::PathBuf>| link.is_ok_and(|file| file.starts_with(&temporary));
    assert!(open.flatten().any(|descriptor| is_there(fs::read_link(descriptor.path()))), "it is kept there");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn a_list_of_files_may_come_by_standard_input() {
    let home = oss();
    photos(&home, &[("a", 10), ("b", 20)]);
    fs::write(home.path("list"), "photos/a\n./photos/b\n").unwrap();
    let mut command = put_command(&home, &["--files-from", "-", "emu:x/"]);
    command.stdin(Stdio::from(fs::File::open(home.path("list")).unwrap()));
    home.start(command).wait().ends(0).says(&["2 sent"]);
    assert!(is_there(&home, "x/photos/a", "photos/a") && is_there(&home, "x/photos/b", "photos/b"));
}

#[test]
fn a_file_that_another_process_holds_is_told() {
    let home = oss();
    home.configure("part_size = '1MiB'\none_request_max = '1MiB'");
    photos(&home, &[("a", 1000), ("big", 20 * PART)]);
    home.hold_back();
    let running = home.start(put_command(&home, &["photos/big", "emu:x/big"]));
    until("some parts are stored", || home.emulator.totals().file_bytes > 3 * PART);
    let ran = put(&home, &["-r", "photos/", "emu:x/"]).ends(8);
    ran.says(&["1 sent", "1 failed", &format!("process {}", running.pid())]);
    running.kill();
    home.settle();
    put(&home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["1 sent", "1 skipped"]);
    assert!(is_there(&home, "x/big", "photos/big"));
}

#[test]
fn two_runs_at_once_lose_nothing_and_send_each_file_once() {
    let home = oss();
    let files: Vec<String> = (0..60).map(|at| format!("{at}.jpg")).collect();
    photos(&home, &files.iter().map(|name| (name.as_str(), 2000)).collect::<Vec<_>>());
    let (one, other) =
        (put_command(&home, &["-r", "photos/", "emu:x/"]), put_command(&home, &["-r", "photos/", "emu:x/"]));
    let (one, other) = (home.start(one), home.start(other));
    for ran in [one.wait(), other.wait()] {
        assert!(ran.code == 0 || ran.code == 8, "{ran:?}");
    }
    put(&home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["0 sent", "60 skipped"]);
    assert_eq!(home.emulator.totals().received_file_bytes, 60 * 2000, "no file was sent twice");
}

#[test]
fn several_codes_are_1_and_a_dry_run_sends_nothing() {
    let home = oss();
    home.configure("part_size = '1MiB'\none_request_max = '1MiB'");
    photos(&home, &[("a", 1000), ("big", 20 * PART)]);
    let refused = Fault::Refuse { status: 400, code: VendorCode::Text("InvalidArgument".to_owned()) };
    home.emulator.inject(Rule::once("put_object", refused).times(Rule::ALWAYS));
    put(&home, &["photos/a", "photos/none", "emu:x/"]).ends(1).says(&["2 of 2 files"]);
    home.settle();
    let requests = home.emulator.totals().requests;
    let ran = put(&home, &["-n", "-r", "photos/", "emu:x/"]).ends(0);
    assert!(ran.out.contains("send    photos/a -> emu:x/a (1,000 bytes, in one request"), "{ran:?}");
    assert!(ran.out.contains("in 20 parts, 22 requests"), "{ran:?}");
    assert!(ran.out.contains("2 to send: 20.0 MiB in 23 requests or less"), "{ran:?}");
    assert_eq!(home.emulator.totals().requests, requests);
    put(&home, &["photos/a", "emu:x/"]).ends(0);
    let ran = put(&home, &["--dry-run", "-r", "photos/", "emu:x/"]).ends(0);
    assert!(ran.out.contains("skip    photos/a"), "{ran:?}");
    assert!(ran.out.contains("1 to send, 1 to skip"), "{ran:?}");
}

#[test]
fn a_damaged_record_and_a_newer_one_are_told() {
    let home = oss();
    photos(&home, &[("a", 1000), ("b", 1000)]);
    put(&home, &["-r", "photos/", "emu:x/"]).ends(0);
    let path = home.state().join("sent/sent.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&home.emulator.config().oss.accounts[0].access_key_secret));
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&path, format!("{}\nrubbish\n{}\n", lines[0], lines[2])).unwrap();
    put(&home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["1 sent", "1 skipped", "record of sent files"]);
    fs::write(&path, "rubbish\n").unwrap();
    put(&home, &["-r", "photos/", "emu:x/"]).ends(0).says(&["2 sent", "is damaged"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "rubbish\n", "it is left alone");
}

#[test]
fn one_file_is_skipped_too_and_says_how_to_send_it_again() {
    let home = oss();
    photos(&home, &[("a", 1000)]);
    put(&home, &["photos/a", "emu:newdir/"]).ends(0);
    assert!(is_there(&home, "newdir/a", "photos/a"), "a folder at the vendor keeps the name");
    let again = put(&home, &["photos/a", "emu:newdir/"]).ends(0);
    assert!(again.result("how").contains("sent before") && again.result("how").contains("--force"), "{again:?}");
    let requests = home.emulator.totals().requests;
    let compared = put(&home, &["photos/a", "emu:newdir/", "--checksum"]).ends(0);
    assert!(compared.result("how").contains("sent before"), "{compared:?}");
    assert_eq!(home.emulator.totals().requests, requests);
    put(&home, &["photos/a", "emu:newdir/", "--force"]).ends(0);
    assert!(home.emulator.totals().requests > requests);
}

/// Nobody gets their results, so the others are not sent.
#[test]
#[cfg(target_os = "linux")]
fn a_result_that_nobody_gets_ends_them_all() {
    let home = Home::of(Service::Oss, Config::default());
    let names: Vec<String> = (0..60).map(|at| format!("small{at}")).collect();
    photos(&home, &names.iter().map(|name| (name.as_str(), 1000)).collect::<Vec<_>>());
    let mut command = put_command(&home, &["-r", "photos/", "emu:x/"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("the result could not be written") && err.contains("No other file was tried"), "{err}");
    assert!(home.objects() < names.len(), "{err}");
}
