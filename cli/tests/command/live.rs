//! `resumable live`, against every vendor's emulator: its report says what the emulator was told to do.

use std::fs;

use resumable_emulator::cos::DateForm;
use resumable_emulator::cos_v1::UrlsTold;
use resumable_emulator::p115::{Challenge, EmptyFile, Missing, NameTaken};
use resumable_emulator::xfyun::DigestCheck;
use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, Ran, Service, no_key_is_seen};

/// Tries an emulator that is told this; gives what was shown, and the report.
fn tried(service: Service, change: fn(&mut Config)) -> (Home, Ran, String) {
    let mut config = Config::default();
    change(&mut config);
    let home = Home::of(service, config);
    let (ran, report) = live(&home);
    (home, ran, report)
}

fn live(home: &Home) -> (Ran, String) {
    let path = home.path("report.md");
    let ran = home.run(&["live", "emu", "--yes", "--report", path.to_str().unwrap()]);
    let report = fs::read_to_string(path).unwrap();
    no_key_is_seen("the report", &report);
    (ran, report)
}

/// The switch, the emulator's default, and what the vendor did.
fn row(report: &str, switch: &str) -> Option<String> {
    let begin = format!("| `{switch}` | ");
    report.lines().find_map(|line| Some(line.strip_prefix(&begin)?.trim_end_matches(" |").to_owned()))
}

/// Everything goes well, and the report says that this switch has its default; then another choice of it.
#[track_caller]
fn tells(service: Service, switch: &str, default: &str, change: fn(&mut Config), other: &str) {
    let (home, ran, report) = tried(service, |_| {});
    let ran = ran.ends(0).says(&["This sends up to "]);
    assert!(!ran.result("report").is_empty());
    assert!(report.contains("killed with ") && !report.contains("FAILED"), "{report}");
    assert!(home.checkpoints().is_empty(), "its checkpoints are elsewhere");
    assert_eq!(row(&report, switch), Some(format!("`{default}` | `{default}`")), "{report}");
    let (_, ran, report) = tried(service, change);
    ran.ends(0);
    assert_eq!(row(&report, switch), Some(format!("`{default}` | `{other}` **differs**")), "{report}");
}

#[test]
fn cos_v2_is_tried_and_its_dates_are_told() {
    let change = |config: &mut Config| config.cos_v2.switches.date = DateForm::ImfFixdate;
    tells(Service::CosV2, "date", "asctime_beijing", change, "imf_fixdate");
}

#[test]
fn cos_v1_is_tried_and_what_it_tells_of_an_object_is_told() {
    let change = |config: &mut Config| config.cos_v1.switches.urls = UrlsTold::Page;
    tells(Service::CosV1, "urls", "all", change, "page");
}

#[test]
fn oss_is_tried_and_what_its_list_has_is_told() {
    tells(Service::Oss, "list_crc", "true", |config| config.oss.switches.list_crc = false, "false");
}

#[test]
fn p115_is_tried_and_what_it_answers_where_nothing_is_is_told() {
    let change = |config: &mut Config| {
        config.p115.switches.missing = Missing::NotFound;
        config.p115.switches.empty_file = EmptyFile::Bytes;
        config.p115.switches.name_taken = NameTaken::Replace;
        config.p115.switches.challenge = Challenge::FirstByte;
    };
    tells(Service::P115, "missing", "empty", change, "not_found");
    let (_, _, report) = tried(Service::P115, change);
    assert_eq!(row(&report, "empty_file").as_deref(), Some("`instant` | `bytes` **differs**"));
    assert_eq!(row(&report, "challenge").as_deref(), Some("`random` | `first_byte` **differs**"));
    assert_eq!(row(&report, "challenge_met").as_deref(), Some("`instant` | `instant`"));
    assert_eq!(row(&report, "name_taken").as_deref(), Some("`number` | `replace` **differs**"));
}

#[test]
fn xfyun_is_tried_and_a_failure_is_written_down() {
    let (_, ran, report) = tried(Service::Xfyun, |_| {});
    ran.ends(0);
    assert!(report.contains("killed with ") && !report.contains("FAILED"), "{report}");
    assert!(report.contains("Nothing that was seen settles any of them."), "{report}");
    let (_, ran, report) = tried(Service::Xfyun, |config| config.xfyun.switches.digest = DigestCheck::Body);
    ran.ends(4);
    assert!(report.contains("upload a small file: FAILED: the vendor refused the credential"), "{report}");
}

#[test]
fn nothing_is_sent_before_somebody_agreed() {
    let home = Home::of(Service::Oss, Config::default());
    home.run(&["live", "emu"]).ends(2).says(&["This sends up to ", "Add --yes"]);
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn tokens_that_are_replaced_meanwhile_are_kept_where_all_others_are() {
    let home = Home::of(Service::P115, Config::default());
    home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
    let (ran, _) = live(&home);
    ran.ends(0);
    assert_eq!(home.token_files().len(), 1);
    assert_eq!(home.asked("refreshToken"), 1);
}
