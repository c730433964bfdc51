//! What went wrong with results that nobody got, and with the state folder: one test a bug, numbered as in the list of
//! such bugs that this project keeps. The store alone is tested in the core's `tests/store_field_bugs.rs`, and a power cut
//! (91) in its `src/file/private.rs`.

use std::fs::{self, File, Permissions};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use resumable::file::Folder;
use resumable_emulator::{Config, Fault, Listener, Rule};

use crate::kit::{Home, PART, Ran, Service, until};

/// One home for each vendor, with parts of 1 MiB, and what its profile says of them.
fn homes() -> Vec<(Service, Home, &'static str)> {
    const PARTS: &str = "part_size = '1MiB'\none_request_max = '0'";
    [
        (Service::CosV1, ""),
        (Service::CosV2, ""),
        (Service::Xfyun, crate::xfyun::SMALL),
        (Service::Oss, PARTS),
        (Service::P115, PARTS),
    ]
    .into_iter()
    .map(|(service, lines)| {
        let mut config = Config::default();
        config.xfyun.limits.slice_min = 64 << 10;
        config.p115.limits.refresh_pause = 0;
        config.p115.limits.visible_after = 0;
        let home = Home::of(service, config);
        home.configure(lines);
        (service, home, lines)
    })
    .collect()
}

/// A command whose stdout is what the shell makes of this.
fn into(home: &Home, command: &Command, stdout: &str) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {stdout}"), "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    home.start(shell).wait()
}

/// The lines of a result, wherever they were written, without those that tell of a run.
fn facts(text: &str) -> Vec<&str> {
    let of_the_object =
        |line: &&str| ["uploaded:", "url:", "id:", "sha1:", "crc64:", "size:"].iter().any(|it| line.starts_with(it));
    text.lines().filter(of_the_object).collect()
}

/// Where stdout is full, nobody has the result: with xfyun it is the only url that there will ever be.
#[test]
fn field_bug_59_a_result_that_could_not_be_written_is_told_again() {
    for (service, home, _) in homes() {
        let file = home.file("big.bin", 3 * PART + 1, 59);
        let put = home.put_command(&file, "/x", &[]);
        let full = into(&home, &put, ">/dev/full").ends(1).says(&[
            "error: the result could not be written to standard output: No space left on device",
            "The upload is complete. Run the same command again to have its result once more.",
        ]);
        assert!(facts(&full.err).len() >= 3, "{service:?}: {full:#?}");
        let _ = home.checkpoint();
        let sent = home.emulator.totals().received_file_bytes;
        let again = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
        assert_eq!(again.result("bytes sent"), "0", "{service:?}");
        assert_eq!(facts(&again.out), facts(&full.err), "{service:?}: {again:#?}");
        assert_eq!(home.emulator.totals().received_file_bytes, sent);
        assert!(home.checkpoints().is_empty(), "once it was told, nothing is left");
    }
}

/// A file of one request has no checkpoint but the one that is made then.
#[test]
fn field_bug_59_a_small_files_result_is_told_again_too() {
    for (service, home, lines) in homes() {
        home.configure(&lines.replace("one_request_max = '0'", ""));
        let file = home.file("small", 5000, 59);
        let full = into(&home, &home.put_command(&file, "/x", &[]), ">/dev/full").ends(1);
        let again = home.put(&file, "/x", &[]).ends(0);
        assert_eq!(again.result("bytes sent"), "0", "{service:?}");
        assert_eq!(facts(&again.out), facts(&full.err), "{service:?}");
        assert!(home.checkpoints().is_empty());
    }
}

#[test]
fn field_bug_59_a_pipe_that_nobody_reads_is_1_too() {
    let home = crate::xfyun::home();
    let file = home.file("big.bin", 3 * PART, 59);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.put_command(&file, "/x", &[]).stdout(writer).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("standard output: Broken pipe") && facts(&said).len() == 3, "{said}");
    assert_eq!(facts(&home.put(&file, "/x", &[]).ends(0).out), facts(&said));
}

/// Whoever closes stdout has the result on stderr; and where that takes nothing either, in the next run.
#[test]
fn field_bug_59_where_stdout_is_closed_stderr_has_the_result() {
    let home = crate::xfyun::home();
    let file = home.file("big.bin", 3 * PART, 59);
    let put = home.put_command(&file, "/x", &[]);
    let closed = into(&home, &put, ">&-").ends(0);
    assert!(closed.out.is_empty() && facts(&closed.err).len() == 3, "{closed:?}");
    assert!(home.checkpoints().is_empty());
    into(&home, &put, ">&- 2>/dev/full").ends(1);
    let kept = home.key();
    let again = home.put(&file, "/x", &[]).ends(0);
    assert_eq!((again.result("bytes sent"), home.checkpoints().len()), ("0", 0), "{kept}");
    // Whoever wants no result is not told of one.
    let unwanted = into(&home, &put, ">/dev/null").ends(0);
    assert!(facts(&unwanted.err).is_empty() && home.checkpoints().is_empty(), "{unwanted:?}");
}

/// Whatever the command prints: to be heard is what it was run for.
#[test]
fn field_bug_59_no_command_hides_that_its_output_was_lost() {
    let home = Home::new();
    home.break_off(&home.file("big.bin", 12 * PART, 59), "/x");
    let key = home.key();
    for arguments in [&["list"][..], &["--help"], &["--version"], &["put", "--help"], &["abort", &key]] {
        let mut command = home.command();
        command.args(arguments);
        into(&home, &command, ">/dev/full").ends(1);
    }
    assert_eq!(home.run(&["abort", &key]).ends(0).result("aborted"), key, "what was not told is told again");
    assert!(home.checkpoints().is_empty());
}

/// From the internal endpoint to the public one, say: another target, and the upload begins anew.
#[test]
fn field_bug_70_an_unfinished_upload_that_led_to_another_endpoint_is_told() {
    for (service, home, lines) in homes() {
        let file = home.file("big.bin", 12 * PART, 70);
        home.break_off_after(&file, "/x", 2 * PART);
        let (key, was) = (home.key(), target(&home.checkpoint()));
        let other = Listener::bind((Ipv4Addr::LOCALHOST, 0), Arc::new(home.emulator.clone())).unwrap();
        home.lead_to(other.local_addr(), lines);
        let ran = home.put(&file, "/x", &[]).ends(0).says(&[
            "warning: an unfinished upload of this file to another place exists: ",
            &format!("{key}, "),
            " of 12.0 MiB (",
            &format!("there: {was}"),
            &format!("To resume it here, stop this upload, and add --continue {key} to the same command."),
            &format!("resumable abort {key}"),
        ]);
        assert!(ran.err.contains(&format!("here:  {}", was.replace(&at(home.address()), &at(other.local_addr())))));
        assert_eq!(home.key(), key, "{service:?}: it is left as it was");
        home.configure(lines);
        home.run(&["abort", &key]).ends(0);
        assert!(home.checkpoints().is_empty());
    }
}

/// Of the same bucket, say: then the session is known there, too.
#[test]
fn field_bug_70_it_is_resumed_by_another_endpoint_if_the_user_says_so() {
    for (service, home, lines) in homes() {
        let file = home.file("big.bin", 12 * PART, 70);
        let running = home.begin_with(&file, "/x", 2 * PART, Home::hold_back);
        until("some of it is known to be stored", || home.checkpoints().len() == 1 && home.confirmed() > 0);
        running.kill();
        home.settle();
        let key = home.key();
        let other = Listener::bind((Ipv4Addr::LOCALHOST, 0), Arc::new(home.emulator.clone())).unwrap();
        home.lead_to(other.local_addr(), lines);
        let ran = home.put(&file, "/x", &["--continue", &key[..8]]).ends(0).says(&["resuming "]);
        assert!(!ran.err.contains("warning"), "{service:?}: {ran:?}");
        let sent: u64 = ran.result("bytes sent").parse().unwrap();
        assert!(sent < 12 * PART, "{service:?}: {ran:?}");
        assert!(home.checkpoints().is_empty(), "{service:?}: it has moved, and is done");
    }
}

#[test]
fn field_bug_70_what_leads_to_another_object_is_not_continued() {
    let home = crate::oss::home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 8 * PART, 70);
    home.break_off_after(&file, "/dir/x", 2 * PART);
    let (key, asked) = (home.key(), home.emulator.totals().requests);
    home.put(&file, "/dir/y", &["--continue", &key]).ends(2).says(&["leads to another object", "/dir/y", "/dir/x"]);
    home.put(&file, "/dir/x", &["--continue", "zzz"]).ends(2).says(&["there is no upload zzz", &key]);
    home.put(&file, "/dir/x", &["--continue", &key, "--restart"]).ends(2).says(&["cannot be used with"]);
    assert_eq!((home.emulator.totals().requests, home.key()), (asked, key));
}

/// Two profiles that lead to one bucket.
#[test]
fn field_bug_70_so_is_one_of_another_profile_and_nothing_else_is() {
    let home = crate::oss::home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 8 * PART, 70);
    home.break_off_after(&file, "/dir/x", 2 * PART);
    let key = home.key();
    let other = Listener::bind((Ipv4Addr::LOCALHOST, 0), Arc::new(home.emulator.clone())).unwrap();
    let text = fs::read_to_string(home.config()).unwrap();
    let second = text.replace("profiles.emu", "profiles.public").replace(&at(home.address()), &at(other.local_addr()));
    home.write_config(&format!("{text}\n{second}"));
    let put = |file: &Path, destination: &str| home.run(&["put", file.to_str().unwrap(), destination]).ends(0);
    put(&file, "public:dir/x").says(&[&key, &format!("--continue {key}")]);
    for ran in [
        put(&file, "public:dir/y"),
        put(&file, "emu:dir/y"),
        put(&home.file("another.bin", 8 * PART, 71), "public:dir/x"),
        put(&file, "emu:/dir/x"),
    ] {
        assert!(!ran.err.contains("to another place"), "{ran:?}");
    }
    assert!(put(&file, "public:dir/x").err.lines().all(|line| !line.contains("warning")), "it is finished now");
}

fn at(address: SocketAddr) -> String {
    address.to_string()
}

fn target(checkpoint: &Path) -> String {
    let json: serde_json::Value = serde_json::from_slice(&fs::read(checkpoint).unwrap()).unwrap();
    json["checkpoint"]["target"].as_str().unwrap().to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn field_bug_71_finished_uploads_leave_nothing_behind() {
    for (service, home, _) in homes() {
        for (name, len) in [("small", 10), ("big", 3 * PART)] {
            home.put(&home.file(name, len, len), &format!("/{name}"), &[]).ends(0);
        }
        let mut left = names(&home.state());
        left.retain(|name| name != "tokens");
        assert_eq!(left, ["sent"], "{service:?}: the record of what was sent");
    }
    let home = Home::new();
    home.break_off(&home.file("big.bin", 12 * PART, 1), "/x");
    home.run(&["abort", &home.key()]).ends(0);
    assert!(names(&home.state()).is_empty());
}

#[test]
fn field_bug_77_a_key_names_no_file_elsewhere() {
    let home = Home::new();
    home.break_off(&home.file("big.bin", 12 * PART, 77), "/x");
    let outside = home.state().with_file_name("outside.json");
    fs::copy(home.checkpoint(), &outside).unwrap();
    for key in ["../outside", "..", "a/b", "x.json", ""] {
        home.run(&["abort", key]).ends(2).says(&["there is no upload", "a key has 1 to 100", &home.key()]);
    }
    assert!(outside.exists());
}

/// Whoever can write there could have a file of the user's emptied, or say what is uploaded.
#[test]
fn field_bug_89_links_in_the_state_folder_are_not_followed() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 89);
    let victim = home.file("victim", 1000, 1);
    let precious = fs::read(&victim).unwrap();
    home.break_off(&file, "/x");
    let (checkpoint, lock) = (home.checkpoint(), home.checkpoint().with_extension("lock"));
    fs::remove_file(&lock).unwrap();
    symlink(&victim, &lock).unwrap();
    home.put(&file, "/x", &[]).ends(1).says(&["symbolic link", lock.to_str().unwrap(), "Nothing was sent"]);
    home.run(&["list"]).ends(0);
    fs::remove_file(&lock).unwrap();
    let elsewhere = home.path("elsewhere.json");
    fs::rename(&checkpoint, &elsewhere).unwrap();
    symlink(&elsewhere, &checkpoint).unwrap();
    home.put(&file, "/x", &[]).ends(1).says(&["symbolic link", checkpoint.to_str().unwrap()]);
    fs::rename(&elsewhere, &checkpoint).unwrap();
    symlink(&victim, home.state().join(format!("{}.json.part", home.key()))).unwrap();
    home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(fs::read(&victim).unwrap(), precious);
}

#[test]
fn field_bug_89_a_state_folder_that_others_can_write_to_is_refused_and_one_of_a_group_is_warned_of() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 89);
    home.break_off(&file, "/x");
    let (state, key) = (home.state(), home.key());
    let mode = |mode| fs::set_permissions(&state, Permissions::from_mode(mode)).unwrap();
    mode(0o777);
    let asked = home.emulator.totals().requests;
    let says =
        [state.to_str().unwrap(), "every user of this machine can write to it (mode 777)", "chmod go-w", "--state DIR"];
    home.put(&file, "/x", &[]).ends(1).says(&says);
    home.run(&["list"]).ends(1).says(&says);
    home.run(&["abort", &key]).ends(1).says(&says);
    assert_eq!(home.emulator.totals().requests, asked);
    mode(0o770);
    let says = ["warning: ", "its group can write to it (mode 770)", "chmod g-w"];
    home.put(&file, "/x", &[]).ends(0).says(&says).says(&["resuming "]);
    mode(0o700);
    assert!(!home.run(&["list"]).ends(0).err.contains("warning"));
}

/// Tokens lie there, too.
#[test]
fn field_bug_89_tokens_are_not_taken_from_what_others_can_change() {
    let home = crate::p115::plain("");
    let file = home.file("f", PART, 89);
    let expire = || home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
    expire();
    home.put(&file, "/a", &[]).ends(0);
    let kept: PathBuf = home.token_files().remove(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&kept.with_extension("lock"))), (0o600, 0o600));
    let folder = kept.parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    let ran = home.put(&file, "/b", &[]);
    assert!(ran.code != 0 && ran.err.contains("cannot be trusted: every user"), "{ran:#?}");
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    let (lock, victim) = (kept.with_extension("lock"), home.file("victim", 10, 1));
    fs::remove_file(&lock).unwrap();
    symlink(&victim, &lock).unwrap();
    expire();
    let ran = home.put(&file, "/c", &[]);
    assert!(ran.code != 0 && ran.err.contains("symbolic link"), "{ran:#?}");
    fs::remove_file(&lock).unwrap();
    home.put(&file, "/c", &[]).ends(0);
    assert_eq!(fs::metadata(&victim).unwrap().len(), 10);
}

/// Whoever can change the configuration says where files go.
#[test]
fn field_bug_89_a_configuration_that_others_can_change_is_warned_of() {
    let home = Home::new();
    let file = home.file("f", 10, 89);
    home.write_config(&fs::read_to_string(home.config()).unwrap().replace("secret_", "# secret_"));
    for (mode, warned) in [(0o664, true), (0o646, true), (0o644, false)] {
        fs::set_permissions(home.config(), Permissions::from_mode(mode)).unwrap();
        let ran = home.put(&file, "/x", &[]).ends(2);
        assert_eq!(ran.err.contains("can be changed by other users"), warned, "{mode:o}: {ran:?}");
    }
}

/// A pipe that nobody writes into would hang whoever opens it, and a file without an end whoever reads it.
#[test]
fn field_bug_90_what_is_no_checkpoint_hangs_nobody() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 90);
    home.break_off(&file, "/x");
    let (checkpoint, key) = (home.checkpoint(), home.key());
    let whole = fs::read(&checkpoint).unwrap();
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let refused = |why: &str| {
        home.put(&file, "/x", &[]).ends(1).says(&[checkpoint.to_str().unwrap(), "is damaged", why, "--restart"]);
        home.run(&["abort", &key]).ends(1).says(&[why]);
        assert!(home.run(&["list"]).ends(0).out.contains(why));
    };
    fs::remove_file(&checkpoint).unwrap();
    pipe(&checkpoint);
    refused("it is no regular file");
    fs::remove_file(&checkpoint).unwrap();
    File::create(&checkpoint).unwrap().set_len(1 << 40).unwrap();
    refused("it is longer than 65536 bytes");
    fs::write(&checkpoint, &whole).unwrap();
    let lock = checkpoint.with_extension("lock");
    pipe(&lock);
    home.put(&file, "/x", &[]).ends(1).says(&[lock.to_str().unwrap(), "it is no regular file"]);
    fs::remove_file(&lock).unwrap();
    pipe(&checkpoint.with_file_name(format!("{key}.json.part")));
    home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    // The pipe of another upload stops none, and neither does it stop to look for those that lead elsewhere.
    pipe(&home.state().join(format!("{}.json", Folder::key("p", "t", Path::new("f")))));
    home.put(&home.file("other.bin", 10, 1), "/y", &[]).ends(0);
}

/// To begin anew sets it aside, whatever it is.
#[test]
fn field_bug_90_restart_sets_a_pipe_aside() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 90);
    home.break_off(&file, "/x");
    let checkpoint = home.checkpoint();
    fs::remove_file(&checkpoint).unwrap();
    assert!(Command::new("mkfifo").arg(&checkpoint).status().unwrap().success());
    home.put(&file, "/x", &["--restart"]).ends(0).says(&["no regular file", "it was moved to ", ".damaged"]);
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}
