//! Logging in to 115: a code, somebody who agrees to it or not, and tokens that are kept.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, Ran, Service, over_each_transport, until};

over_each_transport! {
    a_log_in_that_is_agreed_to_keeps_tokens_that_an_upload_uses,
    an_interrupt_ends_the_waiting_and_changes_nothing,
}

/// A profile without tokens.
fn home(transport: &'static str, change: impl FnOnce(&mut Config)) -> Home {
    let mut config = Config::default();
    change(&mut config);
    let home = Home::of(Service::P115, config).over(transport);
    let text = fs::read_to_string(home.config()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("_token")).collect();
    home.write_config(&lines.join("\n"));
    home
}

fn a_log_in_that_is_agreed_to_keeps_tokens_that_an_upload_uses(over: &mut Home) {
    let home = home(over.transport(), |_| {});
    let empty = home.file("empty", 0, 1);
    home.put(&empty, "/empty", &[]).ends(4).says(&["not logged in", "resumable login emu"]);
    let ran = home.run(&["login", "emu"]).ends(0).says(&["115 app", "http", "Scanned. Confirm on the phone."]);
    let (told, path) = ran.out.trim_end().split_once(". Tokens: ").unwrap();
    assert_eq!(told, "Logged in as emu");
    let path = path.to_owned();
    assert_eq!(home.token_files(), [std::path::PathBuf::from(&path)]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(path.as_ref()), mode(&home.state().join("tokens"))), (0o600, 0o700));
    let (access, refresh) = home.emulator.p115().tokens();
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept.contains(&access) && kept.contains(&refresh));
    home.put(&empty, "/empty", &[]).ends(0);
    assert_eq!(home.asked("refreshToken"), 0);
    home.run(&["login", "emu"]).ends(0);
    assert!(!fs::read_to_string(&path).unwrap().contains(&access), "a second log-in takes the first one's place");
    home.put(&empty, "/again", &[]).ends(0);
}

fn an_interrupt_ends_the_waiting_and_changes_nothing(over: &mut Home) {
    let home = home(over.transport(), |config| config.p115.confirm_at_poll = None);
    let mut command = home.command();
    command.args(["login", "emu"]);
    let running = home.start(command);
    until("it waits", || running.said().contains("Waiting"));
    running.signal("INT");
    running.wait().ends(130).says(&["the login was cancelled", "nothing was changed"]);
    assert!(home.token_files().is_empty());
}

fn log_in(change: impl FnOnce(&mut Config), fault: Option<Rule>) -> (Home, Ran) {
    let home = home("ureq", change);
    fault.into_iter().for_each(|rule| home.emulator.inject(rule));
    let ran = home.run(&["login", "emu"]);
    (home, ran)
}

#[test]
fn a_code_that_nobody_agrees_to_expires_and_that_is_said() {
    let expire = |config: &mut Config| {
        config.p115.confirm_at_poll = None;
        config.p115.limits.device_life = 1;
    };
    let (home, ran) = log_in(expire, None);
    ran.ends(5).says(&[
        "before anybody confirmed",
        "expired",
        "nothing was changed",
        "Run the same command again for a new code.",
    ]);
    assert!(home.token_files().is_empty());
}

#[test]
fn an_application_that_the_vendor_does_not_know_is_2() {
    let (home, ran) = log_in(|_| {}, None);
    ran.ends(0);
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("emulator-app", "nobodys-app"));
    home.run(&["login", "emu"]).ends(2).says(&["client_id"]);
}

#[test]
fn a_profile_without_an_application_is_2_and_is_told_where_there_are_some() {
    let home = home("ureq", |_| {});
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("client_id", "clientid"));
    home.run(&["login", "emu"]).ends(2).says(&["client_id is missing", "\"clientid\"", "open platform"]);
}

#[test]
fn only_115_is_logged_in_to() {
    Home::new().run(&["login", "emu"]).ends(2).says(&["only 115 profiles need a login; \"emu\" uses keys"]);
    Home::new().run(&["login", "nobody"]).ends(2).says(&["there is no profile \"nobody\""]);
}

#[test]
fn a_vendor_that_stumbles_is_asked_again() {
    for (op, fault) in [
        ("authDeviceCode", Fault::Unavailable),
        ("get/status", Fault::DropReply),
        ("get/status", Fault::Html { status: 502 }),
        ("authDeviceCode", Fault::CutReply),
    ] {
        let (home, ran) = log_in(|_| {}, Some(Rule::once(op, fault.clone())));
        ran.ends(0);
        assert_eq!(home.token_files().len(), 1, "{op} {fault:?}");
    }
}

#[test]
fn a_lost_answer_with_the_tokens_needs_a_new_code_and_that_is_said() {
    let (home, ran) = log_in(|_| {}, Some(Rule::once("deviceCodeToToken", Fault::DropReply)));
    ran.ends(5).says(&["deviceCodeToToken was refused", "Run the same command again for a new code."]);
    assert!(home.token_files().is_empty());
    home.run(&["login", "emu"]).ends(0);
}

#[test]
fn a_state_folder_that_cannot_keep_tokens_is_noticed_before_a_phone_is_taken_out() {
    let home = home("ureq", |_| {});
    fs::create_dir_all(home.state()).unwrap();
    fs::write(home.state().join("tokens"), "no folder").unwrap();
    home.run(&["login", "emu"]).ends(1).says(&["state folder"]);
    assert_eq!(home.asked("authDeviceCode"), 0);
}

#[test]
fn a_plain_log_in_draws_nothing() {
    let home = home("ureq", |_| {});
    let ran = home.run(&["login", "emu", "--plain"]).ends(0);
    assert!(!ran.err.contains('\u{2588}') && ran.err.contains("Make a QR code of this link"), "{ran:?}");
}
