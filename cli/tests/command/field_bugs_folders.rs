//! A destination that ends in `/` is a folder, as for `cp FILE DIR/`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use resumable_emulator::Config;

use crate::kit::{APPID, BUCKET, Home, PART, Service};

const SERVICES: [Service; 7] =
    [Service::CosV1, Service::CosV2, Service::Xfyun, Service::Oss, Service::S3, Service::CosXml, Service::P115];

fn home_of(service: Service) -> Home {
    let home = Home::of(service, Config::default());
    // Small slices where the vendor takes them, so that an upload can be broken off.
    home.configure(match service {
        Service::CosV1 | Service::CosV2 => "one_request_max = '1MiB'",
        Service::Xfyun => "slice_size = '5MiB'\none_request_below = '1MiB'",
        Service::Oss | Service::CosXml | Service::P115 => "part_size = '1MiB'\none_request_max = '1MiB'",
        Service::S3 => "part_size = '5MiB'\none_request_max = '1MiB'",
    });
    home
}

/// How many objects there are, and one of that path if the vendor has paths.
fn holds(home: &Home, service: Service, path: &str) -> bool {
    let data = home.path("data").join(service.name());
    match service {
        Service::CosV1 | Service::CosV2 => data.join(APPID).join(BUCKET).join(path).is_file(),
        Service::Oss => data.join(&home.emulator.config().oss.buckets[0]).join(path).is_file(),
        Service::S3 => data.join(&home.emulator.config().s3.buckets[0]).join(path).is_file(),
        Service::CosXml => data.join(&home.emulator.config().cos_xml.buckets[0]).join(path).is_file(),
        Service::P115 => home.emulator.p115().files().iter().any(|file| file.path == format!("/{path}")),
        Service::Xfyun => home.objects() == 1,
    }
}

#[test]
fn field_bug_69_a_path_that_ends_in_a_slash_gets_the_files_name() {
    for service in SERVICES {
        for (destination, path) in [("/dir/sub/", "dir/sub/report.bin"), ("/", "report.bin")] {
            let home = home_of(service);
            let file = home.file("report.bin", 10, 69);
            let ran = home.put(&file, destination, &[]).ends(0);
            let told = format!("to emu:/{path} ");
            assert!(ran.err.contains(&told), "{service:?}: no {told:?} in {ran:?}");
            assert!(holds(&home, service, path), "{service:?}: {ran:?}");
        }
    }
}

/// Like `cp`: the name that was given, not that of what a link leads to.
#[test]
fn field_bug_69_a_link_gives_its_own_name() {
    let home = home_of(Service::Oss);
    let file = home.file("long-name.bin", 10, 69);
    let link = home.path("short.bin");
    symlink(&file, &link).unwrap();
    home.put(&link, "dir/", &[]).ends(0).says(&["to emu:dir/short.bin "]);
    assert!(holds(&home, Service::Oss, "dir/short.bin"));
}

/// A checkpoint knows the whole path: the list shows it, an abort goes by it, and the same upload is gone on with by
/// either way of naming it.
#[test]
fn field_bug_69_list_abort_and_resume_know_the_whole_path() {
    for service in SERVICES {
        let home = home_of(service);
        let file = home.file("report.bin", 32 * PART, 69);
        home.break_off(&file, "/dir/");
        let list = home.run(&["list"]).ends(0);
        assert!(list.out.contains("emu:/dir/report.bin"), "{service:?}: {list:?}");
        home.put(&file, "/dir/report.bin", &[]).ends(0).says(&["resuming "]);
        assert!(holds(&home, service, "dir/report.bin"), "{service:?}");
        let other = home.file("other.bin", 32 * PART, 70);
        home.break_off(&other, "/dir/other.bin");
        home.put(&other, "/dir/", &["--patience", "0s"]).ends(0).says(&["resuming "]);
        let third = home.file("third.bin", 32 * PART, 71);
        home.break_off(&third, "/dir/");
        let ran = home.run(&["abort", &home.key()]);
        assert!(ran.code == 0 && home.checkpoints().is_empty(), "{service:?}: {ran:?}");
    }
}

#[test]
fn field_bug_69_a_name_that_the_vendor_cannot_take_is_said() {
    let home = home_of(Service::Oss);
    let file = home.file(OsStr::from_bytes(b"not utf-8 \xff"), 10, 69);
    home.put(&file, "dir/", &[])
        .ends(2)
        .says(&["no name that the vendor could take", "Write the full path of the object"]);
    assert_eq!(home.emulator.totals().requests, 0);
    fs::remove_file(file).unwrap();
}
