//! The folder: plain files, nothing outside it, and what a restart finds.

use std::fs;
use std::path::Path;

use crate::client::*;
use resumable_emulator::{Config, DiskStorage, Emulator};

fn at(folder: &Path) -> Emulator {
    let storage = DiskStorage::open(folder).expect("a folder");
    Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
}

/// Every file below a folder but the lock, relative to it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if !path.ends_with(".work/lock") {
                let path = path.strip_prefix(folder).expect("below");
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

const OBJECT: &str = "cos-v2/10055004/accesslog/d/f.bin";

#[test]
fn an_object_is_a_plain_file_and_work_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let file = bytes(200);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    for index in [2, 0, 3, 1] {
        let slice = &file[index * 64..(index * 64 + 64).min(200)];
        assert!(!folder.path().join(OBJECT).exists());
        data_sha(&emulator, &session, index * 64, slice, &sha(&file)).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(files(folder.path()), [OBJECT]);
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), file);
    delete(&emulator, URL, 1).is(200, 0);
    assert_eq!(files(folder.path()), [""; 0]);
    assert!(!folder.path().join("cos-v2/10055004/accesslog/d").exists());
}

#[test]
fn simple_and_instant_uploads_and_overwriting() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let file = bytes(100);
    upload(&emulator, URL, &file).is(200, 0);
    let twin = "/files/v2/10055004/accesslog/e/twin";
    let begun = init_sha(&emulator, twin, &file, 64, 64);
    assert!(begun.data().get("session").is_none());
    let parts = [Text("op", "upload"), File(b"new"), Text("insertOnly", "0")];
    call(&emulator, &parts).is(200, 0);
    let read = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    assert_eq!(read(OBJECT), b"new");
    assert_eq!(read("cos-v2/10055004/accesslog/e/twin"), file);
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn a_cut_body_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = DiskStorage::open(folder.path()).expect("a folder");
    let emulator = Emulator::new(Config::default(), Box::new(storage)).expect("an emulator");
    let body = form(&[File(&bytes(6 << 20)), Text("op", "upload")]);
    let (head, _) = post(URL, &multi(), Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head.clone());
    exchange.feed(&body[..200]);
    assert_eq!(files(folder.path()), [""; 0], "a short body is in memory");
    exchange.feed(&body[200..5 << 20]);
    assert_eq!(files(folder.path()).len(), 1);
    drop(exchange);
    assert_eq!(files(folder.path()), [""; 0]);
    let mut exchange = emulator.begin(NOW, head);
    exchange.feed(&body);
    assert_eq!(exchange.end(NOW).response.status(), 200);
    assert!(fs::read(folder.path().join(OBJECT)).expect("a file") == bytes(6 << 20));
}

#[test]
fn a_restart_finds_objects_and_sessions() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(300);
    let old = bytes(50);
    let other = "/files/v2/10055004/accesslog/old";
    let plain = "/files/v2/10055004/accesslog/plain";
    let session = {
        let emulator = at(folder.path());
        upload(&emulator, other, &old).is(200, 0);
        let unfinished = [Text("op", "upload_slice_init"), Text("filesize", "100"), Text("slice_size", "64")];
        let begun = call_at(&emulator, plain, &unfinished).session();
        for (offset, slice) in [("0", [9; 64]), ("0", [1; 64])] {
            let parts =
                [Text("op", "upload_slice_data"), Text("session", &begun), Text("offset", offset), File(&slice)];
            call_at(&emulator, plain, &parts).is(200, 0);
        }
        let session = init_sha(&emulator, URL, &file, 64, 128).session();
        for index in [0, 1, 3] {
            let slice = &file[index * 64..index * 64 + 64];
            data_sha(&emulator, &session, index * 64, slice, &sha(&file)).is(200, 0);
        }
        session
    };
    let emulator = at(folder.path());
    assert_eq!(list(&emulator).session(), session);
    assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin"), Some(vec![(0, 64), (64, 64), (192, 64)]));
    assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "plain"), Some(vec![(0, 64)]));
    for index in [2, 4] {
        let slice = &file[index * 64..(index * 64 + 64).min(300)];
        data_sha(&emulator, &session, index * 64, slice, &sha(&file)).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), file);

    let stat = call_at(&emulator, other, &[Text("op", "stat")]);
    assert_eq!(stat.data()["sha"], sha(&old));
    let again = "/files/v2/10055004/accesslog/again";
    drop(emulator);
    let instant = init_sha(&at(folder.path()), again, &old, 64, 64);
    assert!(instant.data().get("session").is_none());
}

#[test]
fn a_journal_cut_short_costs_only_its_last_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(300);
    let session = init(&at(folder.path()), &file, 64).session();
    let emulator = at(folder.path());
    data(&emulator, &session, 0, &file[..64]).is(200, 0);
    data(&emulator, &session, 64, &file[64..128]).is(200, 0);
    drop(emulator);
    let journal = folder.path().join(format!(".work/drafts/cos-v2-{session}.journal"));
    let text = fs::read(&journal).expect("a journal");
    fs::write(&journal, &text[..text.len() - 5]).expect("written");
    let emulator = at(folder.path());
    assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin"), Some(vec![(0, 64)]));
    data(&emulator, &session, 64, &file[64..128]).is(200, 0);
    drop(emulator);
    let slices = at(folder.path()).cos_v2().slices("10055004", "accesslog", "d/f.bin");
    assert_eq!(slices, Some(vec![(0, 64), (64, 64)]));
}

#[test]
fn a_journal_that_makes_no_sense_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(100);
    let session = init(&at(folder.path()), &file, 64).session();
    let drafts = folder.path().join(".work/drafts");
    let journal = drafts.join(format!("cos-v2-{session}.journal"));
    let begin = fs::read_to_string(&journal).expect("a journal");
    for rest in [
        r#"{"slice":{"offset":0,"length":64}}"#,
        r#"{"slice":{"offset":0,"length":18446744073709551615}}"#,
        r#"{"slice":{"offset":18446744073709551615,"length":2}}"#,
        r#"{"slice":{"offset":0,"length":0}}"#,
        "nonsense",
    ] {
        fs::write(&journal, format!("{begin}{rest}\n")).expect("written");
        list(&at(folder.path())).is(404, -197);
        assert_eq!(files(folder.path()), [""; 0]);
    }
    fs::write(drafts.join("cos-v2-stray.data"), b"x").expect("written");
    at(folder.path());
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn a_folder_in_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    fs::create_dir_all(folder.path().join(OBJECT)).expect("created");
    upload(&emulator, URL, b"x").is(409, -178);
    fs::write(folder.path().join("cos-v2/10055004/accesslog/file"), b"").expect("written");
    let below = "/files/v2/10055004/accesslog/file/x";
    upload(&emulator, below, b"x").is(409, -178);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), b"secret").expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    let bucket = folder.path().join("cos-v2/10055004/accesslog");
    fs::create_dir_all(&bucket).expect("created");
    symlink(outside.path(), bucket.join("d")).expect("linked");
    symlink(outside.path().join("secret"), bucket.join("top")).expect("linked");
    let emulator = at(folder.path());
    upload(&emulator, URL, b"x").is(409, -178);
    let session = init(&emulator, &bytes(64), 64).session();
    data(&emulator, &session, 0, &bytes(64)).is(200, 0);
    finish(&emulator, &session, 64).is(409, -178);
    let top = "/files/v2/10055004/accesslog/top";
    upload(&emulator, top, b"x").is(409, -178);
    call_at(&emulator, top, &[Text("op", "stat")]).is(404, -197);
    delete(&emulator, top, 1).is(404, -197);
    assert_eq!(files(outside.path()), ["secret"]);
    let secret = fs::read(outside.path().join("secret")).expect("a file");
    assert_eq!(secret, b"secret");
}

#[test]
fn no_path_leaves_the_folder() {
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("in/ner");
    let emulator = at(&folder);
    for key in [
        "../../../x",
        "%2e%2e/%2e%2e/%2e%2e/x",
        "..%2F..%2F..%2Fx",
        "a/../../../../x",
        "%2Ftmp%2Fx",
        "a%00",
        "..%5Cx",
        "./x",
        "a//x",
        "%2e/x",
        "..",
        "%2e%2e%2f.work%2fx",
    ] {
        let url = format!("/files/v2/10055004/accesslog/{key}");
        upload(&emulator, &url, b"x").is(400, -180);
    }
    let hidden = "/files/v2/10055004/accesslog/.work/x";
    upload(&emulator, hidden, b"x").is(200, 0);
    assert_eq!(files(outer.path()), ["in/ner/cos-v2/10055004/accesslog/.work/x"]);
}

#[test]
fn a_folder_has_one_emulator_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = at(folder.path());
    let refused = DiskStorage::open(folder.path()).expect_err("it is in use");
    assert_eq!(refused.kind(), std::io::ErrorKind::ResourceBusy);
    assert!(refused.to_string().contains("another emulator uses it"), "{refused}");
    let clone = first.clone();
    drop(first);
    assert!(DiskStorage::open(folder.path()).is_err(), "a clone still has it");
    drop(clone);
    at(folder.path());
}
