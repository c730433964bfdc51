//! xfyun, where it differs from the COS: nobody can be asked what has arrived, objects have names of the vendor's, and
//! slices are large. Limits are made small on both sides where they are not what is tested.

use std::fs::{self, File};

use resumable_emulator::xfyun::CompleteAgain;
use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, PART, Ran, Service, over_each_transport, until};
use crate::liar::Liar;

over_each_transport! {
    of crate::xfyun::home:
    a_result_says_what_was_done,
    a_killed_upload_goes_on_where_it_was_under_any_label,
    ctrl_c_keeps_the_upload,
    an_abort_cancels,
    an_upload_that_has_expired_is_begun_anew,
}

/// Slices of 1 MiB, and files below 2 MiB in one request.
pub(crate) const SMALL: &str = "slice_min = '64KiB'\nslice_size = '1MiB'\none_request_below = '2MiB'";

/// An emulator that is told this and takes small slices, and a profile for its xfyun.
pub(crate) fn with(mut config: Config) -> Home {
    config.xfyun.limits.slice_min = 64 << 10;
    let home = Home::of(Service::Xfyun, config);
    home.configure(SMALL);
    home
}

pub(crate) fn home() -> Home {
    with(Config::default())
}

fn a_result_says_what_was_done(home: &Home) {
    let (file, small) = (home.file("big.bin", 10 * PART + 1, 1), home.file("small", 5000, 1));
    let ran = home.put(&file, "any label: at all?", &[]).ends(0);
    assert_eq!((ran.fact("sha1"), ran.result("how")), (None, "in 11 parts"));
    assert_eq!((ran.result("requests"), ran.result("retries")), ("13", "0"), "init, eleven slices, complete");
    assert!(home.holds_what(&ran, &file) && home.checkpoints().is_empty());
    assert!(!ran.err.contains("warning"), "{ran:?}");
    let ran = home.put(&small, "/small", &[]).ends(0);
    assert_eq!((ran.result("requests"), ran.result("how")), ("1", "in one request"));
    assert!(home.holds_what(&ran, &small));
}

fn a_killed_upload_goes_on_where_it_was_under_any_label(home: &Home) {
    let file = home.file("big.bin", 16 * PART, 2);
    let running = home.begin(&file, "one label");
    until("three slices are known to be stored", || home.confirmed() >= 3 * PART);
    running.kill();
    home.settle();
    let list = home.run(&["list"]).ends(0);
    assert!(list.out.contains("emu:one label") && list.out.contains("of 16.0 MiB ("), "{list:?}");
    let confirmed = home.confirmed();
    let ran = home.put(&file, "another one", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (16 * PART - confirmed).to_string());
    assert!(home.holds_what(&ran, &file) && home.checkpoints().is_empty());
    assert_eq!((home.asked("mpupload/init"), home.objects()), (1, 1));
    assert!(home.emulator.totals().received_file_bytes <= 20 * PART, "one window more than the file for one kill");
}

fn ctrl_c_keeps_the_upload(home: &Home) {
    let file = home.file("big.bin", 16 * PART, 3);
    let running = home.begin(&file, "x");
    running.signal("INT");
    running.wait().ends(130).says(&["Stopping…", "Run the same command again"]);
    home.emulator.clear_faults();
    let ran = home.put(&file, "x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds_what(&ran, &file));
    assert_eq!((home.asked("mpupload/cancel"), home.asked("mpupload/init")), (0, 1));
}

fn an_abort_cancels(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 4);
    home.break_off(&file, "x");
    fs::remove_file(&file).unwrap();
    let key = home.key();
    let ran = home.run(&["abort", &key[..6]]).ends(0);
    assert_eq!((ran.result("aborted"), ran.result("left at the vendor")), (&*key, "nothing"));
    assert_eq!((home.asked("mpupload/cancel"), home.objects()), (1, 0));
    assert!(home.checkpoints().is_empty());
}

/// 10005 in the middle: the vendor's day is over, or somebody cancelled it. What was sent is lost, and the file is not.
fn an_upload_that_has_expired_is_begun_anew(home: &Home) {
    let file = home.file("big.bin", 8 * PART, 5);
    home.break_off(&file, "x");
    home.emulator.inject(Rule::once("mpupload/upload", Fault::ForgetSession));
    let ran = home.put(&file, "x", &[]).ends(0).says(&["resuming ", "what the vendor does not have is sent again"]);
    assert!(home.holds_what(&ran, &file) && home.checkpoints().is_empty());
    assert_eq!((home.asked("mpupload/init"), home.objects()), (2, 1));
    // An abort finds nothing left to cancel.
    home.break_off(&file, "x");
    home.emulator.inject(Rule::once("mpupload/cancel", Fault::ForgetSession));
    let ran = home.run(&["abort", &home.key()]).ends(0);
    assert_eq!(ran.result("left at the vendor"), "nothing");
}

#[test]
fn an_upload_that_is_always_gone_is_5_and_not_begun_for_ever() {
    let home = home();
    let file = home.file("big.bin", 4 * PART, 6);
    home.emulator.inject(Rule::once("mpupload/upload", Fault::ForgetSession).times(Rule::ALWAYS));
    home.put(&file, "x", &[]).ends(5).says(&["gave up", "code 10005", "Run the same command again"]);
    assert!(home.asked("mpupload/init") <= 5, "{}", home.asked("mpupload/init"));
    home.emulator.clear_faults();
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file));
}

/// The vendor put the file together, its answer is lost, and it does not say the url again.
#[test]
fn a_lost_url_is_told_and_what_it_left_is_counted() {
    let mut config = Config::default();
    config.xfyun.switches.complete_again = CompleteAgain::Expired;
    let home = with(config);
    let file = home.file("big.bin", 4 * PART, 7);
    home.emulator.inject(Rule::once("mpupload/complete", Fault::DropReply));
    let ran = home.put(&file, "x", &[]).ends(0).says(&["its url is lost, so it is sent once more"]);
    let ran = ran.says(&["warning: ", "1 request got no answer and may have left another copy"]);
    assert!(home.holds_what(&ran, &file));
    assert_eq!((home.objects(), home.asked("mpupload/init")), (2, 2));
    // Once is enough; to run it again is a new decision.
    home.emulator.inject(Rule::once("mpupload/complete", Fault::DropReply));
    home.emulator.inject(Rule::once("mpupload/complete", Fault::DropReply).skip(1));
    let ran = home.put(&home.file("other.bin", 4 * PART, 8), "x", &[]).ends(6);
    ran.says(&["the answer with its url was lost", "Run the same command again"]);
}

/// `len` goes in this many slices, or in one request.
#[track_caller]
fn arrives_whole(home: &Home, len: u64, slices: usize) {
    let file = home.file(format!("{len}"), len, len);
    let before = (home.asked("mpupload/upload"), home.asked("upload"));
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file), "{len}");
    let after = (home.asked("mpupload/upload"), home.asked("upload"));
    assert_eq!((after.0 - before.0, after.1 - before.1), (slices, usize::from(slices == 0)), "{len}");
    fs::remove_file(file).unwrap();
}

/// The vendor's own numbers on both sides.
#[test]
fn files_around_the_threshold_arrive_whole() {
    let home = Home::of(Service::Xfyun, Config::default());
    for (len, slices) in [(0, 0), (1, 0), (29_999_999, 0), (30_000_000, 4), (30_000_001, 4)] {
        arrives_whole(&home, len, slices);
    }
}

/// The vendor's own smallest slice.
#[test]
fn files_around_multiples_of_5_mib_arrive_whole() {
    const SLICE: u64 = 5 << 20;
    for parallel in [false, true] {
        let home = Home::of(Service::Xfyun, Config::default());
        home.configure(&format!("slice_size = '5MiB'\none_request_below = 0\nparallel = {parallel}"));
        for (len, slices) in [(0, 0), (1, 1), (SLICE - 1, 1), (SLICE, 1), (SLICE + 1, 2)] {
            arrives_whole(&home, len, slices);
        }
        for (len, slices) in [(3 * SLICE - 1, 3), (3 * SLICE, 3), (3 * SLICE + 1, 4)] {
            arrives_whole(&home, len, slices);
        }
    }
}

#[test]
fn a_file_too_big_for_10000_slices_is_6_before_anything_is_sent() {
    let home = Home::of(Service::Xfyun, Config::default());
    // No file system here holds 50,000 GiB; what a comment of the vendor's says of a slice, 32 MiB, is less.
    home.configure("slice_max = '32MiB'");
    let sparse = home.path("sparse");
    File::create(&sparse).unwrap().set_len(10_000 * (32 << 20) + 1).unwrap();
    let ran = home.put(&sparse, "x", &[]).ends(6);
    ran.says(&["the file has 335,544,320,001 bytes", "at most 335,544,320,000 through", "slice_max or slices_max"]);
    assert!(home.emulator.totals().requests == 0 && home.checkpoints().is_empty());
}

#[test]
fn slices_grow_with_the_file_so_that_they_are_not_too_many() {
    let mut config = Config::default();
    config.xfyun.limits.slices = 3;
    let home = with(config);
    let file = home.file("big.bin", 10 * PART, 9);
    home.configure(&format!("{SMALL}\nslices_max = 3"));
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file));
    assert_eq!(home.asked("mpupload/upload"), 3);
    // Who does not know that the vendor takes no more is told by the vendor.
    home.configure(SMALL);
    home.put(&file, "x", &[]).ends(6).says(&["mpupload/upload was refused", "code 10001", "slices_max"]);
    home.run(&["abort", &home.key()]).ends(0);
    // A slice may not grow beyond the largest.
    home.configure(&format!("{SMALL}\nslices_max = 3\nslice_max = '3MiB'"));
    home.put(&file, "x", &[]).ends(6).says(&["xfyun takes at most 9,437,184 through"]);
}

#[test]
fn a_mistake_in_the_profile_is_named_by_line_and_key() {
    let home = home();
    let file = home.file("x", 10, 10);
    for (line, says) in [
        ("apikey = 'x'", "Did you mean \"api_key\"?"),
        ("insert_only = true", "there is no key \"insert_only\""),
        ("cloud_id = 'a b'", "the cloud_id must be at most 64 letters"),
        ("slice_size = '1MiB'", "slice_size must be from 5.0 MiB to 5.0 GiB"),
        ("slice_size = '6GiB'", "slice_size must be from 5.0 MiB to 5.0 GiB"),
        ("slice_min = 0", "slice_min must be at least 1 byte"),
        ("slice_max = '1MiB'", "slice_max must not be smaller than slice_min"),
        ("slices_max = 0", "slices_max must be at least 1"),
        ("one_request_below = '31MiB'", "one_request_below must be at most 30MiB"),
        ("parallel = 'yes'", "parallel must be true or false"),
        ("digest = 'sha256'", "digest must be \"empty\" or \"body\""),
    ] {
        home.configure(line);
        home.put(&file, "x", &[]).ends(2).says(&["line 7, profile \"emu\": ", says]);
    }
    home.configure("");
    let whole = fs::read_to_string(home.config()).unwrap();
    for key in ["app_id", "api_key", "api_secret"] {
        let lines: Vec<&str> = whole.lines().filter(|line| !line.starts_with(key)).collect();
        home.write_config(&lines.join("\n"));
        home.put(&file, "x", &[]).ends(2).says(&[&format!("profile \"emu\": {key} is missing")]);
    }
    for (right, wrong, says) in [
        ("'emulator-api-key'", "'two words'", "line 5, profile \"emu\": api_key has a blank or a line break inside"),
        ("'emulator'", "'an app'", "line 4, profile \"emu\": the app_id must be the application's"),
        ("http://", "ftp://", "line 3, profile \"emu\": the endpoint must be https:// (or http://) and a host"),
        ("\napp_id", "/v2'\napp_id", "the endpoint must end after the host"),
    ] {
        let whole = if wrong.contains("/v2") { whole.replace("'\napp_id", "\napp_id") } else { whole.clone() };
        home.write_config(&whole.replace(right, wrong));
        home.put(&file, "x", &[]).ends(2).says(&[says]);
    }
    assert!(home.emulator.totals().requests == 0 && !home.state().exists());
}

#[test]
fn settings_of_a_profile_are_used() {
    let home = home();
    let watcher =
        Liar::watches(&home, &format!("{SMALL}\ncloud_id = '0'\ndigest = 'body'\nparallel = true\nwindow = 3"));
    let fault = Fault::Delay { millis: 200 };
    home.emulator.inject(Rule::once("mpupload/upload", fault).times(Rule::ALWAYS));
    let file = home.file("big.bin", 8 * PART, 11);
    let ran = home.put(&file, "x", &[]).ends(0);
    assert!(home.holds_what(&ran, &file));
    assert!((2..=3).contains(&watcher.most_at_once()), "{}", watcher.most_at_once());
    let init = &watcher.seen()[0];
    assert!(init.text.contains("\"cloud_id\":\"0\""), "{init:?}");
    let empty = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_ne!(init.header("digest"), empty);
    drop(watcher);
    let watcher = Liar::watches(&home, SMALL);
    home.emulator.clear_faults();
    home.put(&home.file("other.bin", 3 * PART, 12), "x", &[]).ends(0);
    assert_eq!((watcher.most_at_once(), &*watcher.seen()[0].header("digest")), (1, empty));
}

/// With one word of the configuration wrong nothing of the file is kept; with the right one the command goes through.
#[test]
fn wrong_keys_are_4_and_an_app_id_that_is_not_the_keys_is_6() {
    for (right, wrong, code, says) in [
        (
            "'emulator-api-secret'",
            "'no-such'",
            4,
            &["check the APIKey and the APISecret", "RESUMABLE_API_SECRET", "command again"][..],
        ),
        ("'emulator-api-key'", "'nobody'", 4, &["the APIKey is not known", "RESUMABLE_API_KEY"]),
        ("app_id = 'emulator'", "app_id = 'other'", 6, &["code 10001", "Check app_id in the profile"]),
    ] {
        for len in [5000, 4 * PART] {
            let home = home();
            let file = home.file("file", len, 13);
            let config = fs::read_to_string(home.config()).unwrap();
            assert!(config.contains(right), "{config}");
            home.write_config(&config.replace(right, wrong));
            home.put(&file, "x", &["--patience", "1s"]).ends(code).says(says);
            assert_eq!((home.objects(), home.emulator.totals().file_bytes), (0, 0));
            home.write_config(&config);
            let ran = home.put(&file, "x", &[]).ends(0);
            assert!(home.holds_what(&ran, &file));
        }
    }
}

#[test]
fn keys_may_come_from_the_environment_and_win_and_are_warned_of_in_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let file = home.file("x", 10, 14);
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("'emulator-api-key'", "'wrong'").replace("'emulator-api-secret'", "'wrong'"));
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = home.put_command(&file, "x", &[]);
    command.env("RESUMABLE_API_KEY", "emulator-api-key").env("RESUMABLE_API_SECRET", "emulator-api-secret");
    home.start(command).wait().ends(0).says(&["warning:", "mode 644", "chmod 600"]);
}

#[test]
fn a_server_whose_clock_is_elsewhere_is_followed_and_that_is_told() {
    for offset in [7200, -7200] {
        let mut config = Config::default();
        config.clock_offset = offset;
        let home = with(config);
        let file = home.file("big.bin", 4 * PART, 15);
        let ran = home.put(&file, "x", &[]).ends(0).says(&["this machine's clock is "]);
        assert!(home.holds_what(&ran, &file));
    }
}

#[test]
fn a_server_that_answers_no_answer_is_5_and_what_was_acknowledged_is_not_sent_again() {
    for (fault, says) in [
        (Fault::Html { status: 502 }, "HTTP 502"),
        (Fault::Html { status: 404 }, "check endpoint and proxy"),
        (Fault::Garbage, "gave up"),
        (Fault::CutBefore, "gave up"),
        (Fault::refuse(500, 10002), "the vendor's storage failed"),
    ] {
        let home = home();
        let file = home.file("big.bin", 8 * PART, 16);
        home.emulator.inject(Rule::once("mpupload/upload", fault).skip(4).times(Rule::ALWAYS));
        home.put(&file, "x", &["--patience", "1s"]).ends(5).says(&[says, "4.0 of 8.0 MiB (50 %)"]);
        assert_eq!((home.objects(), home.asked("mpupload/complete")), (0, 0));
        home.emulator.clear_faults();
        let ran = home.put(&file, "x", &[]).ends(0).says(&["resuming "]);
        assert_eq!(ran.result("bytes sent"), (4 * PART).to_string());
        assert!(home.holds_what(&ran, &file));
    }
}

#[test]
fn a_file_that_changed_between_two_runs_is_3_and_a_restart_cancels_the_old_upload() {
    let home = home();
    let file = home.file("big.bin", 8 * PART, 17);
    home.break_off(&file, "x");
    home.file("big.bin", 7 * PART, 18);
    home.put(&file, "x", &[]).ends(3).says(&["the file changed since its upload began", "--restart"]);
    let ran = home.put(&file, "x", &["--restart"]).ends(0);
    let ran: Ran = ran.says(&["the earlier upload was deleted at the vendor"]);
    assert!(home.holds_what(&ran, &file) && home.objects() == 1);
    assert_eq!(home.asked("mpupload/cancel"), 1);
}
