//! Whatever happens to the file, in a run or between two: it is never mixed with what it was, and once nothing goes wrong
//! any more, the same command run again ends, with success or with an error that stands.

use fastrand::Rng;
use resumable_proto_cos_v2::Integrity;
use resumable_sim::case;
use resumable_sim::mix::{Command, Mix};
use resumable_sim::protocol::Vendor;
use resumable_sim::protocol::cos_v1::{self, CosV1Vendor};
use resumable_sim::protocol::cos_v2::{self, CosV2Vendor};
use resumable_sim::protocol::oss::{self, OssVendor};
use resumable_sim::protocol::p115::{self, P115Vendor};
use resumable_sim::protocol::xfyun::{self, XfyunVendor};
use resumable_sim::source::{Event, Nature, Tells};
use resumable_sim::store::Damage;
use resumable_sim::transcript::Detail;

const EVENTS: [Event; 5] = [Event::Written, Event::WrittenQuietly, Event::Touched, Event::Moded, Event::Moved];

/// What is found wrong where one thing happens to the file at any moment of these uploads: in a run, or between two.
fn placed<V: Vendor>(vendor: &V, settings: &[V::Setting], nature: Nature, event: Event) -> Vec<String> {
    let mut found = Vec::new();
    for setting in settings {
        for number in 0..20 {
            let at_rest = Mix { commands: vec![(number, Command::Stop)], meanwhile: Some(event), ..Mix::calm(2) };
            let running = Mix { commands: vec![(number, Command::File(event))], ..Mix::calm(2) };
            for mix in [at_rest, running] {
                let mix = Mix { nature, ..mix };
                let report = case::run_with(vendor, setting, mix, Rng::with_seed(7), Detail::Off);
                found.extend(report.violation.map(|what| format!("{event:?} at {number}, {nature:?}: {what}")));
            }
        }
    }
    found
}

/// Every thing that can happen, to a file of every kind.
fn all_placed<V: Vendor>(vendor: &V, settings: &[V::Setting]) -> Vec<String> {
    let mut found = Vec::new();
    let unguarded = [Tells::ChangeTime, Tells::Nothing, Tells::Version].map(|tells| (tells, false));
    for (tells, guarded) in unguarded.into_iter().chain([(Tells::ChangeTime, true)]) {
        let nature = Nature { tells, guarded, ..Nature::plain() };
        EVENTS.iter().for_each(|event| found.extend(placed(vendor, settings, nature, *event)));
    }
    found
}

#[test]
fn field_bug_58_a_file_that_changes_unseen_is_sent_right_or_refused_by_cos_v1() {
    let settings = [false, true].map(|parallel| cos_v1::Setting::plain(3 * 64 + 1, parallel));
    assert_eq!(all_placed(&CosV1Vendor::new(), &settings), Vec::<String>::new());
}

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_cos_v2() {
    let settings =
        [Integrity::None, Integrity::Sha1, Integrity::Chain].map(|it| cos_v2::Setting::plain(3 * 64 + 1, it));
    assert_eq!(all_placed(&CosV2Vendor::new(), &settings), Vec::<String>::new());
}

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_oss() {
    let settings = [false, true].map(|sequential| oss::Setting::plain(4 * 16 + 1, sequential));
    assert_eq!(all_placed(&OssVendor::new(), &settings), Vec::<String>::new());
}

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_115() {
    assert_eq!(all_placed(&P115Vendor::new(), &[p115::Setting::plain(4 * 16 + 1)]), Vec::<String>::new());
}

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_xfyun() {
    assert_eq!(all_placed(&XfyunVendor::new(), &[xfyun::Setting::plain(4 * 16 + 1)]), Vec::<String>::new());
}

/// A checkpoint whose bytes or numbers are others leads to an honest error or to the right object, whoever wrote it.
fn damaged<V: Vendor>(vendor: &V, setting: &V::Setting) -> Vec<String> {
    let mut found = Vec::new();
    for damage in [Damage::Bit, Damage::Digit, Damage::FirstFormat, Damage::NumberInFirstFormat] {
        for (number, seed) in (2..16).flat_map(|number| (0..6).map(move |seed| (number, seed))) {
            let mix = Mix { commands: vec![(number, Command::Stop)], damage: Some(damage), ..Mix::calm(2) };
            let report = case::run_with(vendor, setting, mix, Rng::with_seed(seed), Detail::Off);
            if matches!(damage, Damage::Bit | Damage::Digit) && report.census.marked(damage.name()) > 0 {
                assert_eq!(report.ending, "checkpoint damaged, found on resume", "{damage:?} at {number}");
            }
            found.extend(report.violation.map(|what| format!("{damage:?} at {number}, {seed}: {what}")));
        }
    }
    found
}

#[test]
fn a_damaged_checkpoint_is_refused_and_an_edited_one_leads_to_no_wrong_object() {
    assert_eq!(damaged(&CosV1Vendor::new(), &cos_v1::Setting::plain(3 * 64 + 1, true)), Vec::<String>::new());
    assert_eq!(
        damaged(&CosV2Vendor::new(), &cos_v2::Setting::plain(3 * 64 + 1, Integrity::None)),
        Vec::<String>::new()
    );
    assert_eq!(damaged(&OssVendor::new(), &oss::Setting::plain(4 * 16 + 1, false)), Vec::<String>::new());
    assert_eq!(damaged(&P115Vendor::new(), &p115::Setting::plain(4 * 16 + 1)), Vec::<String>::new());
    assert_eq!(damaged(&XfyunVendor::new(), &xfyun::Setting::plain(4 * 16 + 1)), Vec::<String>::new());
}

/// As if every doubt were taken for the same: the mixture is found.
#[test]
fn a_mixture_is_found_where_looks_are_believed() {
    let nature = Nature { tells: Tells::NothingAndClaimsTo, ..Nature::plain() };
    let unhashed = cos_v2::Setting::plain(3 * 64 + 1, Integrity::None);
    let event = Event::WrittenQuietly;
    for found in [
        placed(&XfyunVendor::new(), &[xfyun::Setting::plain(4 * 16 + 1)], nature, event),
        placed(&OssVendor::new(), &[oss::Setting::plain(4 * 16 + 1, false)], nature, event),
        placed(&CosV2Vendor::new(), &[unhashed], nature, event),
    ] {
        assert!(found.iter().any(|what| what.contains("with other bytes")), "{found:?}");
    }
}
