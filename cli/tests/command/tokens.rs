//! The tokens of 115: refreshed once a generation, kept before they are used, and never lost.
//!
//! Files without a byte are there at once, so these uploads are the vendor's API alone.

use std::fs;

use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, Service, over_each_transport};

over_each_transport! {
    an_access_token_that_has_expired_is_refreshed_and_the_new_pair_is_kept,
    field_bug_24_two_processes_at_once_make_one_refresh_a_generation,
    a_refresh_token_that_was_revoked_is_4_and_a_log_in_mends_it,
}

/// A profile with tokens of which the access token is not good any more.
fn home(transport: &'static str, change: impl FnOnce(&mut Config)) -> Home {
    let mut config = Config::default();
    config.p115.limits.refresh_pause = 0;
    change(&mut config);
    Home::of(Service::P115, config).over(transport)
}

/// The next call that needs an access token finds it expired.
fn expire(home: &Home) {
    home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
}

fn kept(home: &Home) -> String {
    let files = home.token_files();
    assert_eq!(files.len(), 1, "{files:?}");
    fs::read_to_string(&files[0]).unwrap()
}

fn an_access_token_that_has_expired_is_refreshed_and_the_new_pair_is_kept(over: &mut Home) {
    let home = home(over.transport(), |_| {});
    let empty = home.file("empty", 0, 1);
    home.put(&empty, "/0", &[]).ends(0);
    assert!(home.token_files().is_empty(), "nothing is kept as long as what is written is good");
    for generation in 1..=3 {
        expire(&home);
        home.put(&empty, &format!("/{generation}"), &[]).ends(0);
        assert_eq!(home.asked("refreshToken"), generation);
        let (access, refresh) = home.emulator.p115().tokens();
        assert!(kept(&home).contains(&access) && kept(&home).contains(&refresh));
    }
    home.put(&empty, "/last", &[]).ends(0);
    assert_eq!(home.asked("refreshToken"), 3);
}

fn field_bug_24_two_processes_at_once_make_one_refresh_a_generation(over: &mut Home) {
    let home = home(over.transport(), |_| {});
    let files = [home.file("one", 0, 1), home.file("two", 0, 2)];
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("emulator-access-token", "stale"));
    for generation in 1..=3 {
        if let Some(path) = home.token_files().first() {
            let pair = fs::read_to_string(path).unwrap();
            fs::write(path, pair.replace(&home.emulator.p115().tokens().0, "stale")).unwrap();
        }
        // Whoever comes second finds the lock taken.
        home.emulator.inject(Rule::once("refreshToken", Fault::Delay { millis: 300 }));
        let start = |at: usize| home.start(home.put_command(&files[at], &format!("/{generation}-{at}"), &[]));
        let both = [start(0), start(1)];
        for running in both {
            running.wait().ends(0);
        }
        assert_eq!(home.asked("refreshToken"), generation, "one for both");
        assert!(kept(&home).contains(&home.emulator.p115().tokens().1), "and nothing is lost");
        home.emulator.clear_faults();
    }
}

fn a_refresh_token_that_was_revoked_is_4_and_a_log_in_mends_it(over: &mut Home) {
    let home = home(over.transport(), |_| {});
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::Refuse { status: 200, code: code(40_140_116) }));
    let ran = home.put(&empty, "/x", &[]).ends(4);
    ran.says(&["40140116", "resumable login emu", "Run the same command again"]);
    home.run(&["login", "emu"]).ends(0);
    home.put(&empty, "/x", &[]).ends(0);
}

fn code(number: i64) -> resumable_emulator::VendorCode {
    resumable_emulator::VendorCode::Number(number)
}

#[test]
fn a_refresh_whose_answer_is_lost_is_asked_once_more_and_then_a_person_must_log_in() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::DropReply));
    let ran = home.put(&empty, "/x", &[]).ends(4);
    ran.says(&["40140116", "the answer to the first try was lost", "resumable login emu"]);
    assert_eq!(home.asked("refreshToken"), 2);
    home.run(&["login", "emu"]).ends(0);
    home.put(&empty, "/x", &[]).ends(0);
}

#[test]
fn a_vendor_that_answers_an_old_refresh_again_costs_no_log_in() {
    let home =
        home("ureq", |config| config.p115.switches.refresh_again = resumable_emulator::p115::RefreshAgain::SamePair);
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::DropReply));
    home.put(&empty, "/x", &[]).ends(0);
    assert!(kept(&home).contains(&home.emulator.p115().tokens().1));
}

#[test]
fn a_vendor_that_is_down_while_tokens_are_refreshed_is_sat_out() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::Unavailable).times(2));
    home.put(&empty, "/x", &[]).ends(0);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::Unavailable).times(Rule::ALWAYS));
    home.put(&empty, "/y", &["--patience", "1s"]).ends(5).says(&["could not be refreshed", "--patience"]);
    home.emulator.clear_faults();
    home.put(&empty, "/y", &[]).ends(0);
}

#[test]
fn an_interrupt_while_the_vendor_is_down_ends_at_once_and_loses_no_token() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.emulator.inject(Rule::once("refreshToken", Fault::Refuse { status: 200, code: code(40_140_117) }));
    let running = home.start(home.put_command(&empty, "/x", &[]));
    crate::kit::until("it was asked", || home.asked("refreshToken") == 1);
    running.signal("INT");
    running.wait().ends(130);
    home.emulator.clear_faults();
    expire(&home);
    home.put(&empty, "/x", &[]).ends(0);
}

#[test]
fn what_the_profile_says_is_used_once_it_is_edited_and_the_old_pair_when_it_is_put_back() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    expire(&home);
    home.put(&empty, "/1", &[]).ends(0);
    let right = fs::read_to_string(home.config()).unwrap();
    home.write_config(&right.replace("emulator-refresh-token", "somebody-elses").replace("emulator-access", "other"));
    home.put(&empty, "/2", &[]).ends(4).says(&["resumable login emu"]);
    home.write_config(&right);
    home.put(&empty, "/2", &[]).ends(0);
    assert_eq!(home.token_files().len(), 1, "what was refused is not kept");
}

#[test]
fn tokens_from_the_environment_win() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("emulator-", "wrong-"));
    let mut command = home.put_command(&empty, "/1", &[]);
    command.env("RESUMABLE_ACCESS_TOKEN", "emulator-access-token");
    command.env("RESUMABLE_REFRESH_TOKEN", "emulator-refresh-token");
    home.start(command).wait().ends(0);
}

#[test]
fn an_access_token_alone_serves_until_it_ends() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    let text = fs::read_to_string(home.config()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("refresh_token")).collect();
    home.write_config(&lines.join("\n"));
    home.put(&empty, "/1", &[]).ends(0);
    expire(&home);
    home.put(&empty, "/2", &[]).ends(4).says(&["there is no refresh token", "resumable login emu"]);
}

#[test]
fn a_text_that_cannot_be_a_token_is_2_and_is_not_shown() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("emulator-refresh-token", "canary of a token"));
    let ran = home.put(&empty, "/1", &[]).ends(2).says(&["refresh_token has a blank or a line break inside"]);
    assert!(!ran.err.contains("canary"), "{ran:?}");
}

#[test]
fn a_state_folder_that_cannot_keep_new_tokens_is_1_and_the_old_ones_stay_good() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    fs::create_dir_all(home.state()).unwrap();
    fs::write(home.state().join("tokens"), "no folder").unwrap();
    home.put(&empty, "/1", &[]).ends(1).says(&["file of tokens"]);
    assert_eq!(home.asked("refreshToken"), 0);
    fs::remove_file(home.state().join("tokens")).unwrap();
    home.put(&empty, "/1", &[]).ends(0);
}

#[test]
fn a_vendor_that_refuses_every_new_token_is_4_and_soon() {
    let home = home("ureq", |_| {});
    let empty = home.file("empty", 0, 1);
    home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken).times(Rule::ALWAYS));
    home.put(&empty, "/x", &[]).ends(4).says(&["refuses every access token that it issues"]);
    assert_eq!(home.asked("refreshToken"), 3);
    home.emulator.clear_faults();
    home.put(&empty, "/x", &[]).ends(0);
}
