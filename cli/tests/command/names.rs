//! Names that are easily mangled on their way.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use resumable_emulator::Config;
use serde_json::Value;

use crate::kit::{Home, PART, Service};

#[test]
fn objects_are_stored_under_the_names_that_were_given() {
    let home = Home::new();
    let small = home.file("small", 10_000, 1);
    let big = home.file("big", 9 * PART, 2);
    for name in ["/a b/c d.bin", "/~()+%/x%20y+z~(1).bin", "/测试/文件 一.bin", "/a'b&c=d;e,f@g!$.bin", "/é\u{301}"]
    {
        for (file, suffix) in [(&small, ".small"), (&big, ".big")] {
            let path = format!("{name}{suffix}");
            home.put(file, &path, &[]).ends(0);
            assert!(home.holds(&path, file), "{path}");
        }
    }
}

#[test]
fn files_of_any_name_can_be_uploaded_and_resumed() {
    let home = Home::new();
    let names: [&[u8]; 3] = [b"with space ~()+%.bin", "测试.bin".as_bytes(), b"not utf-8 \xff\xfe.bin"];
    for (at, name) in names.into_iter().enumerate() {
        let file = home.file(OsStr::from_bytes(name), 12 * PART, 3 + at as u64);
        let path = format!("/{at}");
        home.break_off(&file, &path);
        home.put(&file, &path, &[]).ends(0).says(&["resuming "]);
        assert!(home.holds(&path, &file), "{at}");
    }
}

/// 2, before anything is sent.
#[track_caller]
fn is_none(home: &Home, destination: impl AsRef<OsStr>, says: &str) {
    let file = home.file("x", 10, 6);
    let mut command = home.command();
    command.arg("put").arg(file).arg(destination);
    home.start(command).wait().ends(2).says(&[says]);
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(!home.state().exists());
}

#[test]
fn a_destination_without_a_profile_or_a_path_is_2() {
    let home = Home::new();
    for text in ["", "emu", ":/x", ":", "/dir/x"] {
        is_none(&home, text, "a destination is PROFILE:PATH, like work:/dir/big.bin");
    }
    is_none(&home, "nobody:/x", "there is no profile \"nobody\"");
}

#[test]
fn a_destination_that_names_no_file_is_2() {
    let home = Home::new();
    is_none(&home, "emu:x", "must begin with '/'");
    is_none(&home, "emu:dir/", "must begin with '/'");
}

#[test]
fn a_destination_with_dots_for_a_name_is_2() {
    let home = Home::new();
    for path in ["/..", "/../b", "/a/../b", "/a/./b", "/a/.."] {
        is_none(&home, format!("emu:{path}"), "'.' or '..' as a folder or file name");
    }
}

#[test]
fn a_destination_with_an_empty_folder_name_is_2() {
    let home = Home::new();
    for path in ["//", "//a", "/a//b"] {
        is_none(&home, format!("emu:{path}"), "empty or blank folder name");
    }
}

#[test]
fn a_destination_with_control_characters_is_2_and_they_do_not_reach_the_terminal() {
    let home = Home::new();
    for path in ["/a\nb", "/a\tb", "/a\x1b[2Jb", "/a\x7fb"] {
        is_none(&home, format!("emu:{path}"), "control characters");
    }
}

#[test]
fn a_destination_with_what_the_vendor_does_not_allow_is_2() {
    let home = Home::new();
    for character in ['?', '*', ':', '|', '\\', '<', '>', '"'] {
        is_none(&home, format!("emu:/a{character}b"), &format!("must not contain '{character}'"));
    }
}

#[test]
fn a_destination_too_long_for_a_url_is_2_and_not_repeated() {
    let home = Home::new();
    let path = "long".repeat(17_000);
    is_none(&home, format!("emu:/{path}"), "the path is too long");
    let ran = home.run(&["put", home.path("x").to_str().unwrap(), &format!("emu:/{path}")]);
    assert!(ran.err.len() < 1000, "{ran:?}");
}

#[test]
fn a_destination_too_long_for_the_vendor_is_6_and_a_shorter_one_is_taken() {
    let home = Home::new();
    let file = home.file("x", 9 * PART, 7);
    home.put(&file, &format!("/{}", "long".repeat(500)), &[])
        .ends(6)
        .says(&["the path is not allowed", "choose another path"]);
    assert!(home.checkpoints().is_empty());
    home.put(&file, "/short", &[]).ends(0);
    assert!(home.holds("/short", &file));
}

#[test]
fn a_destination_that_is_no_utf_8_is_2_and_named() {
    let home = Home::new();
    is_none(&home, OsStr::from_bytes(b"emu:/\xff\xfe"), "PROFILE:PATH: paths at the vendor must be UTF-8");
}

#[test]
fn a_source_whose_name_is_no_utf_8_may_be_missing() {
    let home = Home::new();
    let missing = home.path(OsStr::from_bytes(b"missing \xff\x1b"));
    home.put(&missing, "/x", &[]).ends(3).says(&["no such file: ", "missing \u{fffd}\\u{1b}"]);
}

/// Names that somebody chose who wants them to be read by a terminal, by a shell, or as options.
#[test]
fn names_that_are_made_to_do_harm_are_names() {
    let home = Home::of(Service::Oss, Config::default());
    let folder = home.path("folder");
    fs::create_dir(&folder).unwrap();
    let names = [
        "-rf",
        "--help",
        "$(touch pwned)",
        "`touch pwned`",
        "'; touch pwned; '",
        "new\nline",
        "clear\x1b[2J\x1b]0;title\x07",
        "\u{202e}gnp.exe",
        "back\r",
        "\u{200b}",
    ];
    for name in names {
        fs::write(folder.join(name), name).unwrap();
    }
    let log = home.path("log");
    let seen = home.path("seen");
    let on_done = format!("sh -c 'printf \"%s\\0\" \"$RESUMABLE_FILE\" >> {}'", seen.display());
    for json in [false, true] {
        let mut command = home.command();
        command.current_dir(home.path(""));
        command.args(["put", "-r", "folder", "emu:x/", "-v", "--force", "--on-done", &on_done, "--log-file"]).arg(&log);
        command.args(json.then_some("--json"));
        let ran = home.start(command).wait();
        if json {
            assert!(ran.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{ran:?}");
        }
    }
    let shown = fs::read_to_string(&log).unwrap();
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}".contains(c)), "{shown}");
    assert!(!home.path("pwned").exists());
    let told = fs::read_to_string(&seen).unwrap();
    for name in names {
        let is_done = told.split('\0').any(|file| file == format!("folder/{name}"));
        assert_eq!(is_done, !name.contains(char::is_control), "{name:?}: {told}");
    }
    for name in ["-rf", "$(touch pwned)", "\u{202e}gnp.exe"] {
        let object = home.emulator.oss().read_object("examplebucket", &format!("x/folder/{name}")).unwrap();
        assert_eq!(object.as_deref(), Some(name.as_bytes()), "{name:?}");
    }
}
