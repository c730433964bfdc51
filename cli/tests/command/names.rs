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
