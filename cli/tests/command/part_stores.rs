//! Uploads to Amazon S3 and to Tencent COS by its XML API: what the two have in common with OSS, in their own words.

use std::fs;
use std::path::Path;

use resumable_emulator::{Config, Fault, Rule, cos_xml, s3};

use crate::kit::{Home, PART, Service, over_each_transport, until};

const BOTH: [Service; 2] = [Service::S3, Service::CosXml];

over_each_transport! {
    every_length_arrives_whole,
    a_killed_upload_goes_on_and_sends_little_twice,
    a_server_that_tells_no_checksum_is_believed_by_its_tags,
    a_lost_answer_to_complete_is_looked_for,
    a_wrong_secret_is_4_and_the_right_one_goes_on,
    an_abort_leaves_nothing,
    what_nobody_remembers_is_shown_and_cancelled,
    what_stands_there_is_seen_and_compared,
    a_complete_that_fails_behind_a_success_is_asked_again,
}

/// A profile with parts of 1 MiB, of which all but empty files are made, and these lines.
fn home_with(over: &Home, service: Service, change: impl FnOnce(&mut Config), lines: &str) -> Home {
    let mut config = Config::default();
    config.s3.limits.part_min = PART;
    change(&mut config);
    let home = Home::of(service, config).over(over.transport());
    home.configure(&format!("{}\none_request_max = '0'\n{}\n{lines}", parts(service), preset(service)));
    home
}

/// The emulator has all that Amazon's service has; by its address nobody knows.
fn preset(service: Service) -> &'static str {
    if service == Service::S3 { "preset = 'aws'" } else { "" }
}

/// A server that takes parts of 1 MiB.
pub(crate) fn short_parts(service: Service) -> Home {
    let mut config = Config::default();
    config.s3.limits.part_min = PART;
    Home::of(service, config)
}

/// What a profile for it says.
pub(crate) fn parts(service: Service) -> &'static str {
    if service == Service::S3 { "part_min = '1MiB'\npart_size = '1MiB'" } else { "part_size = '1MiB'" }
}

fn home(over: &Home, service: Service) -> Home {
    home_with(over, service, |_| {}, "")
}

pub(crate) fn keeps(home: &Home, service: Service, key: &str, file: &Path) -> bool {
    let config = home.emulator.config();
    let bucket = if service == Service::S3 { &config.s3.buckets[0] } else { &config.cos_xml.buckets[0] };
    home.keeps(&format!("{}/{bucket}/{key}", service.name()), file)
}

fn every_length_arrives_whole(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        for (at, len) in [0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 1].into_iter().enumerate() {
            let file = home.file("f", len, len + 7);
            let ran = home.put(&file, &format!("/dir {at}/文件+~"), &[]).ends(0);
            assert_eq!(ran.result("bytes sent"), len.to_string());
            let digest = if service == Service::S3 { "crc64nvme" } else { "crc64" };
            assert!(!ran.result(digest).is_empty(), "{ran:?}");
            assert!(keeps(&home, service, &format!("dir {at}/文件+~"), &file), "{len} {service:?}");
        }
        assert_eq!(home.asked("put_object"), 1);
        assert!(home.checkpoints().is_empty());
    }
}

fn a_killed_upload_goes_on_and_sends_little_twice(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        let file = home.file("big.bin", 12 * PART + 5, 1);
        home.break_off(&file, "/big.bin");
        home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming ", "already there"]);
        assert!(keeps(&home, service, "big.bin", &file));
        assert_eq!(home.asked("initiate"), 1, "the same upload");
        assert!(home.emulator.totals().received_file_bytes <= 12 * PART + 5 + 4 * PART);
        assert!(home.checkpoints().is_empty());
    }
}

fn a_server_that_tells_no_checksum_is_believed_by_its_tags(over: &mut Home) {
    let change = |config: &mut Config| config.s3.switches.checksums = s3::Checksums::Ignored;
    let home = home_with(over, Service::S3, change, "checksum = 'none'");
    let file = home.file("big.bin", 12 * PART + 5, 2);
    home.break_off(&file, "/big.bin");
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming ", "already there"]);
    assert!(keeps(&home, Service::S3, "big.bin", &file) && home.asked("initiate") == 1);
    assert!(home.emulator.totals().received_file_bytes <= 12 * PART + 5 + 4 * PART);
}

/// Whatever the vendor answers to a second complete, the object is told by the name or the sum of the upload.
fn a_lost_answer_to_complete_is_looked_for(over: &mut Home) {
    let s3_again = [s3::CompleteAgain::Same, s3::CompleteAgain::NoSuchUpload, s3::CompleteAgain::PreconditionFailed];
    let cos_again =
        [cos_xml::CompleteAgain::NoSuchUpload, cos_xml::CompleteAgain::SameResult, cos_xml::CompleteAgain::Conflict];
    for (service, nth) in BOTH.into_iter().flat_map(|service| (0..3).map(move |nth| (service, nth))) {
        let change = |config: &mut Config| {
            config.s3.switches.complete_again = s3_again[nth];
            config.cos_xml.switches.complete_again = cos_again[nth];
        };
        let home = home_with(over, service, change, "");
        let file = home.file("big.bin", 5 * PART, 3);
        home.emulator.inject(Rule::once("complete", Fault::DropReply));
        home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, service, "big.bin", &file));
        // At COS the sum alone tells, and it may be that of an object that was there before: the list is asked, too.
        let looks = if service == Service::S3 { 1 } else { 2 };
        assert_eq!((home.asked("upload_part"), home.asked("complete"), home.asked("head_object")), (6, 1, looks));
    }
}

fn a_wrong_secret_is_4_and_the_right_one_goes_on(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        let file = home.file("big.bin", 5 * PART, 4);
        let right = fs::read_to_string(home.config()).unwrap();
        for (word, says) in [
            ("emulator-", "SignatureDoesNotMatch"),
            ("emulator'", "InvalidAccessKeyId"),
            ("EMULATOR", "InvalidAccessKeyId"),
        ] {
            if right.contains(word) {
                home.write_config(&right.replacen(
                    word,
                    &word.replace("mulator", "xample").replace("MULATOR", "XAMPLE"),
                    1,
                ));
                home.put(&file, "/big.bin", &[]).ends(4).says(&[says]);
            }
        }
        assert_eq!(home.emulator.totals().file_bytes, 0);
        home.write_config(&right);
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, service, "big.bin", &file));
    }
}

fn open(home: &Home, service: Service) -> usize {
    let config = home.emulator.config();
    match service {
        Service::S3 => home.emulator.s3().unfinished(&config.s3.buckets[0]).len(),
        _ => home.emulator.cos_xml().unfinished(&config.cos_xml.buckets[0]).len(),
    }
}

fn an_abort_leaves_nothing(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        let file = home.file("big.bin", 12 * PART, 5);
        home.break_off(&file, "/big.bin");
        assert_eq!(open(&home, service), 1);
        let ran = home.run(&["abort", &home.key()]).ends(0);
        assert_eq!((ran.result("left at the vendor"), open(&home, service)), ("nothing", 0));
    }
}

fn what_nobody_remembers_is_shown_and_cancelled(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        let file = home.file("big.bin", 12 * PART, 6);
        home.break_off(&file, "/dir/a b+é.bin");
        home.run(&["list", "--remote", "emu"]).ends(0).says(&["1 upload more is known here"]);
        fs::remove_file(home.checkpoint()).unwrap();
        assert!(home.run(&["list", "--remote", "emu:dir/"]).ends(0).out.contains("dir/a b+é.bin"), "{service:?}");
        let ran = home.run(&["abort", "--remote", "emu", "--older-than", "0s", "--yes"]).ends(0);
        assert!(ran.out.contains("aborted: dir/a b+é.bin") && open(&home, service) == 0, "{ran:?}");
    }
}

fn what_stands_there_is_seen_and_compared(over: &mut Home) {
    for service in BOTH {
        let home = home(over, service);
        let (file, other) = (home.file("big.bin", 3 * PART, 7), home.file("other.bin", 3 * PART, 8));
        home.run(&["stat", "emu:/x"]).ends(1).says(&["nothing is at emu:/x"]);
        home.put(&file, "/x", &[]).ends(0);
        home.run(&["stat", "emu:/x"]).ends(0).says(&[]);
        home.run(&["verify", file.to_str().unwrap(), "emu:/x"]).ends(0);
        home.run(&["verify", other.to_str().unwrap(), "emu:/x"]).ends(7);
        home.put(&other, "/x", &["--if-exists", "refuse"]).ends(6);
        assert!(keeps(&home, service, "x", &file));
        home.put(&other, "/x", &["--if-exists", "replace"]).ends(0);
        assert!(keeps(&home, service, "x", &other));
        home.run(&["check", "emu"]).ends(0);
    }
}

fn a_complete_that_fails_behind_a_success_is_asked_again(over: &mut Home) {
    let home = home(over, Service::CosXml);
    let file = home.file("big.bin", 5 * PART, 9);
    home.emulator.inject(Rule::once("complete", Fault::Refuse { status: 200, code: "InternalError".into() }));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, Service::CosXml, "big.bin", &file));
    assert_eq!((home.asked("upload_part"), home.asked("complete")), (5, 2));
}

#[test]
fn a_bucket_in_another_region_is_asked_there_without_a_word() {
    let home = Home::of(Service::S3, Config::default());
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("us-east-1", "eu-west-3"));
    let file = home.file("big.bin", 17 * PART, 10);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, Service::S3, "big.bin", &file));
}

#[test]
fn both_vendors_outlive_an_outage() {
    for service in BOTH {
        let over = Home::new().over("ureq");
        let mut home = home(&over, service);
        let file = home.file("big.bin", 12 * PART, 11);
        let running = home.begin(&file, "/big.bin");
        until("something has arrived", || home.emulator.totals().file_bytes > PART);
        home.unplug();
        until("somebody has noticed", || running.said().contains("retrying"));
        home.emulator.clear_faults();
        home.plug_in_with(home.emulator.config().clone());
        running.wait().ends(0);
        assert!(keeps(&home, service, "big.bin", &file), "{service:?}");
    }
}
