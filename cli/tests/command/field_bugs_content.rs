//! A file that changes without looking changed, and a checkpoint that was changed: never an object that is neither
//! version, told as success.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use resumable_emulator::{Fault, Rule};
use serde_json::Value;

use crate::kit::{Home, PART, Ran, Running, Service, as_first_format, until};

/// Slices of 1 MiB for everybody.
fn home(service: Service, lines: &str) -> Home {
    over(service, "ureq", lines)
}

fn over(service: Service, transport: &'static str, lines: &str) -> Home {
    let home = match service {
        Service::CosV1 => crate::cos_v1::home().over(transport),
        Service::CosV2 => Home::new().over(transport),
        Service::Xfyun => crate::xfyun::home().over(transport),
        Service::Oss => crate::oss::home_with(transport, |_| {}, ""),
        Service::S3 | Service::CosXml => crate::part_stores::short_parts(service).over(transport),
        Service::P115 => crate::p115::home(transport, |_| {}, ""),
    };
    let own = match service {
        Service::Xfyun => crate::xfyun::SMALL,
        Service::Oss | Service::P115 => "part_size = '1MiB'",
        Service::S3 | Service::CosXml => crate::part_stores::parts(service),
        Service::CosV1 | Service::CosV2 => "",
    };
    home.configure(&format!("{own}\n{lines}"));
    home
}

const ALL: [Service; 7] =
    [Service::CosV1, Service::CosV2, Service::Xfyun, Service::Oss, Service::S3, Service::CosXml, Service::P115];

/// Whether what was uploaded is the file.
fn is_there(home: &Home, service: Service, ran: &Ran, file: &Path) -> bool {
    match service {
        Service::CosV1 | Service::CosV2 => home.holds("/big.bin", file),
        Service::Xfyun => home.holds_what(ran, file),
        Service::Oss => crate::oss::keeps(home, "big.bin", file),
        Service::S3 | Service::CosXml => crate::part_stores::keeps(home, service, "big.bin", file),
        Service::P115 => crate::p115::keeps(home, "big.bin", file),
    }
}

/// Changes bytes, and puts the time of modification back, as `touch -r` and a mounted container do.
fn change_in_secret(file: &Path, at: &[u64]) {
    let modified = fs::metadata(file).unwrap().modified().unwrap();
    let mut content = fs::read(file).unwrap();
    at.iter().for_each(|at| content[usize::try_from(*at).unwrap()] ^= 1);
    // In place: the inode stays.
    fs::write(file, content).unwrap();
    let times = FileTimes::new().set_modified(modified);
    File::options().write(true).open(file).unwrap().set_times(times).unwrap();
}

/// Whatever it is uploaded by: the same length, time and ends, and another byte in what was sent and in what was not.
#[test]
fn field_bug_56_a_file_that_changed_while_its_time_stayed_is_never_mixed() {
    for (service, transport, lines) in [
        (Service::Oss, "ureq", "window = 1"),
        (Service::Oss, "reqwest", "window = 4"),
        (Service::S3, "ureq", "window = 4"),
        (Service::S3, "reqwest", "window = 1\nchecksum = 'none'"),
        (Service::CosXml, "ureq", ""),
        (Service::Xfyun, "ureq", ""),
        (Service::Xfyun, "reqwest", ""),
        (Service::CosV2, "ureq", "integrity = 'none'"),
        (Service::CosV2, "reqwest", ""),
        (Service::CosV1, "ureq", ""),
        (Service::P115, "ureq", ""),
    ] {
        let home = over(service, transport, lines);
        // Side by side, any of the first parts may be those that are known to be stored.
        let places = [PART / 2, 3 * PART / 2, 5 * PART / 2, 7 * PART / 2, 11 * PART];
        let comparable = lines != "integrity = 'none'";
        if !comparable {
            home.in_real_time();
        }
        let file = home.file("big.bin", 12 * PART, 56);
        let running = home.begin(&file, "/big.bin");
        until("some of it is known to be stored", || !home.checkpoints().is_empty() && home.confirmed() > PART);
        running.kill();
        home.settle();
        change_in_secret(&file, &places);
        let before = home.emulator.totals().received_file_bytes;
        let ran = home.put(&file, "/big.bin", &[]).ends(3);
        ran.says(&["the file changed since its upload began: its times differ", "--restart"]);
        assert_eq!(home.emulator.totals().received_file_bytes, before, "{service:?}, {lines}: nothing was sent");
        // Put back, it is the file that it was.
        change_in_secret(&file, &places);
        let back = home.put(&file, "/big.bin", &[]).ends(if comparable { 0 } else { 3 });
        assert!(!comparable || is_there(&home, service, &back, &file), "{service:?}, {lines}");
        change_in_secret(&file, &places);
        if !comparable {
            let ran = home.put(&file, "/big.bin", &["--restart"]).ends(0);
            assert!(is_there(&home, service, &ran, &file), "{service:?}, {lines}");
        }
    }
}

/// The same while the upload runs.
#[test]
fn field_bug_56_a_change_within_one_run_is_never_mixed_in() {
    for service in [Service::Oss, Service::Xfyun] {
        let home = home(service, "window = 1");
        let file = home.file("big.bin", 12 * PART, 56);
        let running = begin_and_hold(&home, service, &file);
        change_in_secret(&file, &[PART / 2, 11 * PART]);
        home.emulator.clear_faults();
        let ran = running.wait().ends(3);
        assert!(ran.err.contains("changed") || ran.err.contains("written to"), "{ran:?}");
        assert_eq!(home.objects(), 0, "{service:?}");
    }
}

/// A file that was only touched, copied, moved back or whose attributes changed goes on where it was.
#[test]
fn field_bug_56_a_file_that_was_only_touched_goes_on() {
    for service in ALL {
        for change in [touch, copy, chmod] {
            let home = home(service, "");
            let file = home.file("big.bin", 12 * PART, 57);
            let running = home.begin(&file, "/big.bin");
            until("some of it is known to be stored", || !home.checkpoints().is_empty() && home.confirmed() > PART);
            running.kill();
            home.settle();
            change(&file);
            let before = home.emulator.totals().received_file_bytes;
            let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
            let sent = home.emulator.totals().received_file_bytes - before;
            assert!(sent < 11 * PART, "{service:?}: {sent} bytes were sent again");
            assert!(is_there(&home, service, &ran, &file), "{service:?}");
        }
    }
}

fn touch(file: &Path) {
    File::options().write(true).open(file).unwrap().set_modified(SystemTime::now()).unwrap();
}

fn copy(file: &Path) {
    let other = file.with_extension("copy");
    assert!(Command::new("cp").arg("-p").arg(file).arg(&other).status().unwrap().success());
    fs::rename(other, file).unwrap();
}

fn chmod(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
}

/// While an upload runs, a change of attributes alone is no change of the file.
#[test]
fn field_bug_56_a_change_of_attributes_while_it_runs_stops_nothing() {
    for service in ALL {
        let home = home(service, "");
        let file = home.file("big.bin", 12 * PART, 58);
        let running = begin_and_hold(&home, service, &file);
        chmod(&file);
        home.emulator.clear_faults();
        let ran = running.wait().ends(0);
        assert!(is_there(&home, service, &ran, &file), "{service:?}");
    }
}

/// Starts an upload whose parts are refused from the seventh on, until somebody clears the faults.
fn begin_and_hold(home: &Home, service: Service, file: &Path) -> Running {
    home.emulator.inject(Rule::once(service.slice_op(), Fault::Unavailable).skip(6).times(Rule::ALWAYS));
    let running = home.start(home.put_command(file, "/big.bin", &[]));
    until("six parts are stored, and the next is refused", || {
        home.emulator.totals().file_bytes >= 6 * PART && running.said().contains("retrying in")
    });
    running
}

/// Edits numbers of a checkpoint, and flips bits in it: an error that says so, and never success with another object.
#[test]
fn field_bug_86_a_checkpoint_that_was_changed_is_never_gone_on_with() {
    for service in ALL {
        let home = home(service, "");
        let file = home.file("big.bin", 12 * PART, 86);
        let running = home.begin(&file, "/big.bin");
        until("some of it is known to be stored", || !home.checkpoints().is_empty() && home.confirmed() > PART);
        running.kill();
        home.settle();
        let path = home.checkpoint();
        let whole = fs::read_to_string(&path).unwrap();
        let saved: Value = serde_json::from_str(&whole).unwrap();
        let confirmed = saved["checkpoint"]["confirmed"].as_u64().unwrap();
        let start = whole.find("\"checkpoint\"").unwrap();
        let numbers = whole[start..].match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| start + at);
        // Each takes a run of the command: some, spread over all of it.
        let numbers: Vec<usize> = numbers.collect();
        for at in numbers.iter().step_by(numbers.len() / 12 + 1) {
            let mut flipped = whole.clone().into_bytes();
            flipped[*at] ^= 1;
            fs::write(&path, flipped).unwrap();
            let ran = home.put(&file, "/big.bin", &[]).ends(1);
            assert!(ran.err.contains("is damaged") || ran.err.contains("has format 3"), "{ran:?}");
        }
        let edited =
            whole.replacen(&format!("\"confirmed\":{confirmed}"), &format!("\"confirmed\":{}", confirmed - PART), 1);
        fs::write(&path, edited).unwrap();
        home.put(&file, "/big.bin", &[]).ends(1).says(&["is damaged", "checksum"]);
        assert_eq!(home.objects(), 0, "{service:?}");
        fs::write(&path, &whole).unwrap();
        let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(is_there(&home, service, &ran, &file), "{service:?}");
    }
}

/// What an earlier version saved is gone on with where nothing speaks against the file.
#[test]
fn field_bug_86_a_checkpoint_of_the_first_format_still_resumes() {
    for service in ALL {
        let home = home(service, "");
        let file = home.file("big.bin", 12 * PART, 87);
        let running = home.begin(&file, "/big.bin");
        until("some of it is known to be stored", || !home.checkpoints().is_empty() && home.confirmed() > PART);
        running.kill();
        home.settle();
        let path = home.checkpoint();
        let mut saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        as_first_format(&mut saved);
        until("the file was left alone for a while", || {
            let changed = fs::metadata(&file).unwrap().ctime();
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > u64::try_from(changed + 3).unwrap()
        });
        fs::write(&path, saved.to_string()).unwrap();
        let before = home.emulator.totals().received_file_bytes;
        let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(home.emulator.totals().received_file_bytes - before < 11 * PART, "{service:?}");
        assert!(is_there(&home, service, &ran, &file), "{service:?}");
    }
}
