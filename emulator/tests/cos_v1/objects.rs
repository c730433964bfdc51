//! What is there already, what becomes an object, and what is asked of one.

use super::{OTHER, emulator, switched};
use crate::client::v1::*;
use crate::client::{Answer, File, NOW, Text, bytes, delete, multi, sha};
use resumable_emulator::cos::{BadPath, MissingDirectory, StatUnfinished};
use resumable_emulator::cos_v1::{Again, FailedCheck, InsertOnly, NoFile};
use resumable_emulator::{Emulator, NullStorage};

#[test]
fn bytes_that_are_there_already() {
    let file = bytes(200);
    for (switch, code) in [(Again::Urls, 0), (Again::Refuse, -4018)] {
        let emulator = switched(|it| (it.upload_again, it.init_again) = (switch, switch));
        upload(&emulator, URL, &file).is(200, 0);
        for answer in [upload(&emulator, URL, &file), init(&emulator, &file)] {
            assert_eq!(answer.body["code"], code);
            assert_eq!(answer.body["data"].get("access_url").is_some(), code == 0);
            assert!(answer.body["data"].get("session").is_none());
        }
        upload(&emulator, URL, &bytes(199)).is(400, -177);
        init(&emulator, &bytes(199)).is(400, -177);
    }
    let defaults = emulator();
    upload(&defaults, URL, &file).is(200, 0);
    upload(&defaults, URL, &file).is(400, -4018);
    init(&defaults, &file).is(200, 0);
}

#[test]
fn instant_upload() {
    let file = bytes(200);
    for instant in [true, false] {
        let emulator = switched(|it| it.instant_upload = instant);
        upload(&emulator, OTHER, &file).is(200, 0);
        let begun = init(&emulator, &file);
        assert_eq!(begun.data().get("access_url").is_some(), instant);
        assert_eq!(begun.data().get("session").is_none(), instant);
        assert_eq!(stored(&emulator).is_some(), instant);
    }
}

#[test]
fn overwriting() {
    let (old, new) = (bytes(200), bytes(100));
    let over = [("insertOnly", "0")];
    for (switch, code) in [(InsertOnly::Obeyed, 0), (InsertOnly::Ignored, -177)] {
        let emulator = switched(|it| it.insert_only = switch);
        upload(&emulator, URL, &old).is(200, 0);
        init_with(&emulator, URL, &new, &[("insertOnly", "1")]).is(400, -177);
        init_with(&emulator, URL, &new, &[("insertOnly", "")]).is(400, -177);
        init_with(&emulator, URL, &new, &[("insertOnly", "2")]).is(400, -5999);
        let begun = init_with(&emulator, URL, &new, &over);
        assert_eq!(begun.body["code"], code);
        if code == 0 {
            slices(&emulator, &begun.session(), &new, [0, 1]);
            assert_eq!(stored(&emulator).as_ref(), Some(&new));
        }
        let parts = [Text("op", "upload"), File(b"newer"), Text("insertOnly", "0")];
        assert_eq!(call(&emulator, &parts).body["code"], code);
    }
}

#[test]
fn a_file_that_is_not_its_sha() {
    let file = bytes(200);
    let mut wrong = file.clone();
    wrong[100] ^= 1;
    for (switch, left) in [(FailedCheck::Forget, 0), (FailedCheck::Keep, 1)] {
        let emulator = switched(|it| it.failed_check = switch);
        let session = init(&emulator, &file).session();
        slices(&emulator, &session, &wrong, [0, 1, 2]);
        slice(&emulator, &session, 192, &wrong[192..]).is(400, -4016);
        assert_eq!((unfinished(&emulator).len(), stored(&emulator)), (left, None));
        let mended = slice(&emulator, &session, 64, &file[64..128]);
        mended.is(if left == 0 { 400 } else { 200 }, if left == 0 { -288 } else { 0 });
        assert_eq!(stored(&emulator).is_some(), left == 1);
    }
}

#[test]
fn a_file_that_is_not_its_sha_is_no_file_to_stat() {
    let (file, wrong) = (bytes(100), bytes(99).into_iter().chain([0]).collect::<Vec<u8>>());
    let emulator = switched(|it| {
        it.failed_check = FailedCheck::Keep;
        it.stat_unfinished = StatUnfinished::Partial;
    });
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &wrong, [0]);
    stat(&emulator).is(200, 0);
    slice(&emulator, &session, 64, &wrong[64..]).is(400, -4016);
    assert_eq!(unfinished(&emulator).len(), 1);
    stat(&emulator).is(400, -166);
}

#[test]
fn one_request() {
    let emulator = emulator();
    let world = sha(b"world");
    call(&emulator, &[Text("op", "upload"), File(b"hello"), Text("sha", &world)]).is(400, -4016);
    call(&emulator, &[Text("op", "upload")]).is(400, -5999);
    let told = upload(&emulator, URL, b"hello");
    assert_eq!(told.data()["access_url"], "http://accesslog-10055004.file.myqcloud.com/d/f.bin");
    assert_eq!(stored(&emulator).as_deref(), Some(&b"hello"[..]));
    assert_eq!(upload(&emulator, OTHER, &bytes(1001)).status, 413);
    for (accepted, code) in [(true, 0), (false, -5999)] {
        let emulator = switched(|it| it.empty_upload = accepted);
        assert_eq!(upload(&emulator, URL, b"").body["code"], code);
    }
}

#[test]
fn nothing_at_a_path() {
    for (switch, code) in [(NoFile::Index, -166), (NoFile::File, -197)] {
        let emulator = switched(|it| {
            it.no_file = switch;
            it.missing_directory = MissingDirectory::Refuse;
        });
        stat(&emulator).is(400, code);
        delete(&emulator, URL, 1).is(400, code);
        upload(&emulator, URL, b"x").is(400, code);
        init(&emulator, b"x").is(400, code);
        upload(&emulator, OTHER, b"x").is(200, 0);
    }
}

#[test]
fn stat_and_delete() {
    let emulator = switched(|it| it.stat_unfinished = StatUnfinished::Partial);
    let file = bytes(100);
    let session = init_with(&emulator, URL, &file, &[("biz_attr", "mine")]).session();
    slices(&emulator, &session, &file, [0]);
    assert_eq!((&stat(&emulator).data()["filelen"], &stat(&emulator).data()["filesize"]), (&64.into(), &100.into()));
    slices(&emulator, &session, &file, [1]);
    let known = stat(&emulator);
    assert_eq!((&known.data()["filelen"], &known.data()["biz_attr"]), (&100.into(), &"mine".into()));
    assert_eq!(known.data()["sha"], sha(&file));
    let request = http::Request::get(format!("{URL}?op=stat")).header("Authorization", multi());
    let got = Answer::of(emulator.handle(NOW, request.body(bytes::Bytes::new()).expect("a request")));
    assert_eq!(got.data(), known.data());
    call(&emulator, &[Text("op", "delete")]).is(400, -97);
    delete(&emulator, URL, 1).is(200, 0);
    assert_eq!(stored(&emulator), None);
    init(&emulator, &file).is(200, 0);
    init(&emulator, &bytes(99)).is(200, 0);
    delete(&emulator, URL, 2).is(200, 0);
    assert_eq!(unfinished(&emulator), [[]; 0]);
    delete(&emulator, URL, 3).is(400, -166);
}

#[test]
fn names_are_files_or_folders() {
    let emulator = emulator();
    upload(&emulator, URL, b"x").is(200, 0);
    for key in ["d", "d/f.bin/g"] {
        let url = format!("/files/v1/10055004/accesslog/{key}");
        upload(&emulator, &url, b"x").is(400, -178);
        init_with(&emulator, &url, b"yy", &[]).is(400, -178);
    }
    upload(&emulator, "/files/v1/10055004/accesslog/../x", b"x").is(400, -180);
    let other = switched(|it| it.bad_path = BadPath::Parameter);
    upload(&other, "/files/v1/10055004/accesslog/a//b", b"x").is(400, -5999);
}

#[test]
fn a_name_that_was_taken_meanwhile() {
    let emulator = emulator();
    let file = bytes(100);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [0]);
    upload(&emulator, "/files/v1/10055004/accesslog/d/f.bin/below", b"x").is(200, 0);
    slice(&emulator, &session, 64, &file[64..]).is(400, -178);
    delete(&emulator, "/files/v1/10055004/accesslog/d/f.bin/below", 1).is(200, 0);
    let last = slice(&emulator, &session, 64, &file[64..]);
    assert!(last.data().get("access_url").is_some());
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn the_same_bytes_came_another_way_meanwhile() {
    let emulator = emulator();
    let file = bytes(100);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [0]);
    upload(&emulator, URL, &file).is(200, 0);
    slices(&emulator, &session, &file, [1]);
    assert_eq!(unfinished(&emulator), [[]; 0]);
}

#[test]
fn each_version_has_its_own_objects() {
    let emulator = emulator();
    upload(&emulator, URL, b"one").is(200, 0);
    crate::client::upload(&emulator, crate::client::URL, b"two").is(200, 0);
    assert_eq!(stored(&emulator).as_deref(), Some(&b"one"[..]));
    assert_eq!(crate::client::stored(&emulator).as_deref(), Some(&b"two"[..]));
}

#[test]
fn a_store_that_keeps_no_bytes() {
    let emulator = Emulator::new(crate::client::tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let file = bytes(200);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [3, 1, 0, 2]);
    assert_eq!(stat(&emulator).data()["sha"], sha(&file));
}
