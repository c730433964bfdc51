//! Names that are easily mangled on their way.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::kit::{Home, PART};

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
