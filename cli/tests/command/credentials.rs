//! Whom the vendor lets in: keys, accounts, buckets, endpoints, clocks.

use std::fs;

use resumable_emulator::Config;
use resumable_emulator::cos::DateForm;

use crate::kit::{APPID, BUCKET, Home, PART, over_each_transport};

over_each_transport! {
    a_wrong_key_is_4,
    an_endpoint_that_speaks_no_tls_is_5,
}

/// With one word of the configuration wrong: this code and these words, and no byte of the file is sent; with the right
/// one, the same command goes through.
#[track_caller]
fn wrong(home: &Home, right: &str, wrong: &str, code: i32, says: &[&str]) {
    let file = home.file("big.bin", 10 * PART, 1);
    let config = fs::read_to_string(home.config()).unwrap();
    assert!(config.contains(right), "{config}");
    home.write_config(&config.replace(right, wrong));
    home.put(&file, "/big.bin", &["--patience", "1s"]).ends(code).says(says);
    assert_eq!(home.emulator.totals().received_file_bytes, 0);
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").is_none());
    home.write_config(&config);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

fn a_wrong_key_is_4(home: &Home) {
    wrong(
        home,
        "emulator-secret-key",
        "no-such-key",
        4,
        &["the SecretKey", "RESUMABLE_SECRET_KEY", "code -97", "command again to retry"],
    );
}

#[test]
fn a_wrong_secret_id_is_4() {
    wrong(
        &Home::new(),
        "AKIDemulator",
        "AKIDnobody",
        4,
        &["the SecretId is not known", "RESUMABLE_SECRET_ID", "code -47", "command again to retry"],
    );
}

#[test]
fn a_wrong_bucket_is_6() {
    wrong(
        &Home::new(),
        BUCKET,
        "no-such-bucket",
        6,
        &["the vendor refused", "no such bucket", "check the bucket", "code -133"],
    );
}

#[test]
fn a_wrong_appid_is_6() {
    wrong(&Home::new(), APPID, "10055005", 6, &["the vendor refused", "no such bucket", "the appid", "code -133"]);
}

#[test]
fn an_appid_that_is_no_number_is_2() {
    wrong(
        &Home::new(),
        APPID,
        "accesslog",
        2,
        &["line 4, profile \"emu\": the appid must be the account's number, like 10055004"],
    );
}

#[test]
fn an_endpoint_with_a_path_is_2() {
    let says = "line 3, profile \"emu\": the endpoint must end after the host";
    wrong(&Home::new(), "'\nappid", "/files/v2'\nappid", 2, &[says]);
}

#[test]
fn an_endpoint_of_another_scheme_is_2() {
    wrong(&Home::new(), "http://", "ftp://", 2, &["line 3, profile \"emu\": the endpoint must be http:// or https://"]);
}

#[test]
fn an_endpoint_that_is_nowhere_is_5() {
    wrong(&Home::new(), "http://127.", "http://no-such-host.invalid/", 2, &["the endpoint must end after the host"]);
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 1);
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace(&home.address().to_string(), "no-such-host.invalid"));
    let ran = home.put(&file, "/big.bin", &["--patience", "0s"]).ends(5);
    ran.says(&["cannot find the host no-such-host.invalid", "Run the same command again"]);
}

fn an_endpoint_that_speaks_no_tls_is_5(home: &Home) {
    wrong(home, "http://", "https://", 5, &["the TLS connection failed", "Run the same command again"]);
}

#[test]
fn a_key_that_is_withdrawn_in_the_middle_is_4_and_what_is_stored_stays() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 2);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace("emulator-secret-key", "withdrawn"));
    home.put(&file, "/big.bin", &[]).ends(4).says(&["the SecretKey", "command again"]);
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").is_some());
    home.write_config(&config);
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file));
}

/// A server whose clock is ahead by so many seconds.
fn clock(offset: i64, date: DateForm) -> Home {
    let mut config = Config::default();
    config.clock_offset = offset;
    config.cos_v2.switches.date = date;
    Home::with(config)
}

const HOUR: i64 = 3600;

/// By default the emulator's dates name no zone: nothing to correct a clock by.
#[test]
fn a_server_an_hour_ahead_or_behind_takes_every_signature() {
    for offset in [HOUR, -HOUR] {
        for date in [DateForm::AsctimeBeijing, DateForm::ImfFixdate] {
            let home = clock(offset, date);
            let file = home.file("big.bin", 10 * PART, 3);
            let ran = home.put(&file, "/big.bin", &[]).ends(0);
            assert_eq!(ran.result("requests"), "12", "{offset} {date:?}: none was refused");
            assert!(home.holds("/big.bin", &file), "{offset} {date:?}");
        }
    }
}

#[test]
fn a_server_hours_ahead_that_says_so_is_believed_and_that_is_told() {
    let home = clock(3 * HOUR, DateForm::ImfFixdate);
    let file = home.file("big.bin", 10 * PART, 4);
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    let told = ran.err.lines().find(|line| line.contains("clock")).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(["3 h", "2 h 59 min"].iter().any(|by| told.contains(&format!("is {by} behind the vendor's"))), "{told}");
    assert!(home.holds("/big.bin", &file));
}

#[test]
fn a_server_hours_ahead_whose_date_names_no_zone_is_4_and_the_clock_is_blamed() {
    let mut home = clock(3 * HOUR, DateForm::AsctimeBeijing);
    let file = home.file("big.bin", 10 * PART, 5);
    home.put(&file, "/big.bin", &[]).ends(4).says(&[
        "the signature has expired",
        "check this machine's clock",
        "Check this machine's clock first",
        "command again to retry",
    ]);
    home.unplug();
    home.plug_in();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

#[test]
fn a_server_hours_behind_takes_signatures_from_its_future() {
    let home = clock(-3 * HOUR, DateForm::AsctimeBeijing);
    let file = home.file("big.bin", 10 * PART, 6);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}
