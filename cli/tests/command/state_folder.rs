//! The folder of checkpoints: where it cannot be, what happens when it goes away.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use resumable_emulator::{Fault, Rule};

use crate::kit::{APPID, BUCKET, Home, PART, Running, over_each_transport, until};

over_each_transport! {
    a_folder_that_becomes_a_file_in_the_middle_is_1_and_put_back_it_resumes,
}

/// 1, with the folder's name, before anything is sent; in another folder the upload goes through.
#[track_caller]
fn is_no_folder(home: &Home, state: &Path) {
    let file = home.file("big.bin", 10 * PART, 1);
    let name = state.to_str().unwrap();
    let says = [name, "cannot be used", "Make the folder writable, or use another one with --state DIR."];
    home.put(&file, "/x", &["--state", name]).ends(1).says(&says).says(&["Nothing was sent"]);
    assert_eq!(home.emulator.totals().requests, 0);
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

#[test]
fn a_file_where_the_folder_should_be_is_1() {
    let home = Home::new();
    is_no_folder(&home, &home.file("state-file", 5, 2));
    assert_eq!(fs::metadata(home.path("state-file")).unwrap().len(), 5, "and the file is as it was");
}

#[test]
fn a_path_below_a_file_is_1() {
    let home = Home::new();
    is_no_folder(&home, &home.file("state-file", 5, 2).join("below/it"));
}

#[test]
fn a_device_where_the_folder_should_be_is_1() {
    is_no_folder(&Home::new(), Path::new("/dev/null"));
}

#[test]
fn a_link_to_nothing_where_the_folder_should_be_is_1() {
    let home = Home::new();
    std::os::unix::fs::symlink("nothing", home.path("link")).unwrap();
    is_no_folder(&home, &home.path("link"));
}

#[test]
fn a_folder_where_the_lock_should_be_is_1() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 3);
    home.break_off(&file, "/x");
    let lock = home.checkpoint().with_extension("lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    home.put(&file, "/x", &[]).ends(1).says(&[lock.to_str().unwrap(), "cannot be used", "Nothing was sent"]);
    fs::remove_dir(&lock).unwrap();
    home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/x", &file));
}

/// Who runs the test as root lets somebody else run the command, for root may write everywhere.
#[test]
fn a_folder_without_permission_is_1() {
    const NOBODY: u32 = 65_534;
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 4);
    let state = home.path("closed");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o500)).unwrap();
    let mut command = home.put_command(&file, "/x", &["--state", state.to_str().unwrap()]);
    if fs::write(state.join("probe"), "").is_ok() {
        fs::remove_file(state.join("probe")).unwrap();
        chown(home.config(), Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(&state, Permissions::from_mode(0o755)).unwrap();
        command = home.rebuilt(&command);
        command.uid(NOBODY).gid(NOBODY);
    }
    let ran = home.start(command).wait().ends(1);
    ran.says(&[state.to_str().unwrap(), "cannot be used: Permission denied", "Nothing was sent"]);
    assert_eq!(home.emulator.totals().requests, 0);
    home.put(&file, "/x", &[]).ends(0);
}

#[test]
fn a_folder_that_cannot_be_listed_is_1() {
    let home = Home::new();
    let state = home.file("state-file", 5, 5);
    let state = state.to_str().unwrap();
    home.run(&["list", "--state", state]).ends(1).says(&[state, "cannot be listed"]);
    home.run(&["abort", "x", "--state", state]).ends(1).says(&[state, "cannot be listed"]);
}

#[test]
fn the_folder_is_the_one_that_was_named() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 6);
    let state = home.path("my/state");
    home.hold_back();
    let running = home.start(home.put_command(&file, "/x", &["--state", state.to_str().unwrap()]));
    until("something is stored", || home.emulator.totals().file_bytes > 0);
    running.kill();
    let names = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().any(|name| name.strip_suffix(".json").is_some()));
    assert!(!home.state().exists());
}

#[test]
fn a_record_that_cannot_be_written_is_told() {
    let home = Home::new();
    let file = home.file("f", 5, 4);
    let lock = home.state().join("sent/sent.lock");
    fs::create_dir_all(&lock).unwrap();
    fs::set_permissions(home.state().join("sent"), Permissions::from_mode(0o700)).unwrap();
    let told =
        ["warning: the record of sent files", lock.parent().unwrap().to_str().unwrap(), "may send the file again"];
    home.put(&file, "/x", &[]).ends(0).says(&told);
    assert!(home.holds("/x", &file));
}

/// No file may become longer than so many blocks: a full disk, for who may not make one.
#[test]
fn a_full_disk_is_1_before_any_byte_of_the_file_is_sent() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 7);
    let put = home.put_command(&file, "/x", &[]);
    // Without the trap, the signal that tells of the limit would end the process.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]).arg(put.get_program());
    command.args(put.get_args());
    for (name, value) in put.get_envs() {
        value.map(|value| command.env(name, value));
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: the checkpoint could not be saved: ") && said.contains("File too large"), "{said}");
    assert!(
        said.contains("Make the state folder writable, or free some space there. Nothing is lost at the vendor."),
        "{said}"
    );
    assert_eq!(home.emulator.totals().received_file_bytes, 0);
    assert!(home.checkpoints().is_empty());
    let names: Vec<_> = fs::read_dir(home.state()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.is_empty(), "{names:?}");
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

/// An upload of which some is stored, with seconds to go, and its folder of checkpoints.
fn slowly(home: &Home, file: &Path) -> (Running, PathBuf) {
    let fault = Fault::Delay { millis: 2_000 };
    home.emulator.inject(Rule::once("upload_slice_data", fault).skip(1).times(Rule::ALWAYS));
    let running = home.start(home.put_command(file, "/x", &[]));
    until("the first bytes are stored", || home.emulator.totals().file_bytes > 3 * PART);
    (running, home.state())
}

/// 1, for nothing is sent that could not be saved; the vendor keeps what it has.
#[track_caller]
fn ends_and_keeps(home: &Home, running: Running) -> u64 {
    running.wait().ends(1).says(&["the checkpoint could not be saved", "Nothing is lost at the vendor", "to resume"]);
    assert_eq!(home.emulator.cos_v2().read_object(APPID, BUCKET, "x").unwrap(), None);
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "x").is_some());
    home.emulator.clear_faults();
    home.emulator.totals().file_bytes
}

fn a_folder_that_becomes_a_file_in_the_middle_is_1_and_put_back_it_resumes(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 8);
    let (running, state) = slowly(home, &file);
    let away = home.path("away");
    fs::rename(&state, &away).unwrap();
    fs::write(&state, "").unwrap();
    let stored = ends_and_keeps(home, running);
    fs::remove_file(&state).unwrap();
    fs::rename(&away, &state).unwrap();
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

#[test]
fn a_folder_that_vanishes_in_the_middle_is_1_and_the_vendor_still_knows() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 9);
    let (running, state) = slowly(&home, &file);
    // The process may save between two removals.
    until("the folder is gone", || fs::remove_dir_all(&state).is_ok() || !state.exists());
    let stored = ends_and_keeps(&home, running);
    assert!(!state.exists(), "it is not made anew behind the user's back");
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["uploading "]);
    assert_eq!(
        ran.result("bytes sent"),
        (12 * PART - stored).to_string(),
        "the vendor ties the session to the content"
    );
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

/// A relative path would lead somewhere else from each folder.
#[test]
fn folders_are_never_found_by_a_relative_path() {
    let home = Home::new();
    let run = |name: &str, value: &str, others: &[(&str, &str)]| {
        let mut command = home.command();
        command.current_dir(home.path("")).arg("list").env(name, value);
        command.envs(others.iter().copied());
        home.start(command).wait()
    };
    run("HOME", "rel", &[]).ends(0);
    let empty = [("XDG_STATE_HOME", "")];
    run("HOME", "rel", &empty).ends(1).says(&["HOME is not an absolute path: rel", "--state DIR"]);
    let absolute = home.path("home");
    let ran = run("XDG_STATE_HOME", "rel", &[("HOME", absolute.to_str().unwrap())]).ends(0);
    ran.says(&["warning: XDG_STATE_HOME is ignored", absolute.to_str().unwrap()]);
    run("XDG_STATE_HOME", "rel", &[("HOME", "rel")]).ends(1).says(&["HOME is not an absolute path: rel"]);
    let mut put = home.put_command(&home.file("f", 10, 1), "/x", &[]);
    put.current_dir(home.path("")).env("HOME", "rel").env("XDG_CONFIG_HOME", "");
    home.start(put).wait().ends(2).says(&["HOME is not an absolute path: rel", "--config FILE"]);
    assert!(!home.path("rel").exists());
}
