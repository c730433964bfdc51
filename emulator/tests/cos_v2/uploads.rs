//! Whole uploads in slices.

use crate::client::*;
use resumable_emulator::cos_v2::{ListSha, ListShows, SerialUpload};

#[test]
fn a_sliced_upload() {
    let emulator = emulator();
    let file = bytes(200);
    let begun = init(&emulator, &file, 64);
    assert_eq!(begun.data()["slice_size"], 64);
    let session = begun.session();
    assert_eq!(session.len(), 96);
    for (index, slice) in file.chunks(64).enumerate() {
        let answer = data(&emulator, &session, index * 64, slice);
        assert_eq!(answer.data()["datalen"], slice.len());
        assert_eq!(answer.data()["offset"], index * 64);
        assert_eq!(answer.data()["session"], session.as_str());
    }
    let urls = finish(&emulator, &session, 200);
    assert_eq!(urls.data()["url"], "http://sh.file.myqcloud.com/files/v2/10055004/accesslog/d/f.bin");
    assert_eq!(stored(&emulator), Some(file));
    assert_eq!(list(&emulator).data(), urls.data());
    assert_eq!(emulator.totals().file_bytes, 200);
}

#[test]
fn a_sliced_upload_with_sha_whatever_the_part_size() {
    let file = bytes(1000);
    for (slice, part) in [(64, 64), (64, 128), (128, 64), (128, 192), (64, 1024)] {
        let emulator = emulator();
        let session = init_sha(&emulator, URL, &file, slice, part).session();
        let slice = usize::try_from(slice).expect("small");
        for (index, piece) in file.chunks(slice).enumerate() {
            data_sha(&emulator, &session, index * slice, piece, &sha(&file)).is(200, 0);
        }
        finish_sha(&emulator, &session, &file).is(200, 0);
        assert_eq!(stored(&emulator).as_ref(), Some(&file), "{slice}/{part}");
    }
}

#[test]
fn slices_may_come_in_any_order() {
    for with_sha in [false, true] {
        let emulator = emulator();
        let file = bytes(300);
        let session = if with_sha {
            init_sha(&emulator, URL, &file, 64, 128).session()
        } else {
            init(&emulator, &file, 64).session()
        };
        for index in [4, 0, 3, 1, 2] {
            let slice = &file[index * 64..(index * 64 + 64).min(300)];
            data_sha(&emulator, &session, index * 64, slice, &sha(&file)).is(200, 0);
        }
        finish_sha(&emulator, &session, &file).is(200, 0);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn an_interrupted_upload_is_listed_and_resumed() {
    let emulator = emulator();
    let file = bytes(200);
    list(&emulator).is(404, -197);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    data_sha(&emulator, &session, 128, &file[128..192], &sha(&file)).is(200, 0);
    init_sha(&emulator, URL, &file, 128, 128).is(409, -4019);
    let listed = list(&emulator);
    let expected = serde_json::json!({
        "filesize": 200, "listparts": [{"datalen": 64, "offset": 128}],
        "session": session, "slice_size": 64,
    });
    assert_eq!(*listed.data(), expected);
    let other = bytes(201);
    init_sha(&emulator, URL, &other, 64, 64).is(409, -4020);
    delete(&emulator, URL, 1).is(200, 0);
    init_sha(&emulator, URL, &other, 64, 64).is(200, 0);
}

#[test]
fn without_a_sha_the_size_tells_uploads_apart() {
    let emulator = emulator();
    init(&emulator, &bytes(200), 64).is(200, 0);
    init(&emulator, &bytes(200), 64).is(409, -4019);
    init(&emulator, &bytes(201), 64).is(409, -4020);
    init_sha(&emulator, URL, &bytes(200), 64, 64).is(409, -4020);
}

#[test]
fn serial_upload() {
    let file = bytes(200);
    for (switch, told) in [
        (SerialUpload::One, serde_json::json!(1)),
        (SerialUpload::Zero, serde_json::json!(0)),
        (SerialUpload::Absent, serde_json::Value::Null),
    ] {
        let emulator = with(|config| config.cos_v2.switches.serial_upload = switch);
        let begun = init(&emulator, &file, 64);
        assert_eq!(begun.data()["serial_upload"], told);
        let session = begun.session();
        let early = data(&emulator, &session, 64, &file[64..128]);
        assert_eq!(early.status == 400, switch == SerialUpload::One);
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 64, &file[64..128]).is(200, 0);
    }
}

#[test]
fn the_servers_slice_size_wins() {
    let emulator = with(|config| config.cos_v2.switches.slice_size = Some(32));
    let file = bytes(64);
    let begun = init(&emulator, &file, 128);
    assert_eq!(begun.data()["slice_size"], 32);
    let session = begun.session();
    data(&emulator, &session, 0, &file).is(400, -5999);
    data(&emulator, &session, 0, &file[..32]).is(200, 0);
    assert_eq!(list(&emulator).data()["slice_size"], 32);
}

#[test]
fn instant_upload() {
    let file = bytes(200);
    for instant in [true, false] {
        let emulator = with(|config| config.cos_v2.switches.instant_upload = instant);
        upload(&emulator, "/files/v2/10055004/accesslog/other", &file).is(200, 0);
        let begun = init_sha(&emulator, URL, &file, 64, 64);
        assert_eq!(begun.data().get("access_url").is_some(), instant);
        assert_eq!(begun.data().get("session").is_none(), instant);
        assert_eq!(stored(&emulator).is_some(), instant);
    }
}

#[test]
fn instant_upload_needs_the_same_length() {
    let emulator = emulator();
    upload(&emulator, "/files/v2/10055004/accesslog/other", &bytes(64)).is(200, 0);
    let digest = sha(&bytes(64));
    let parts = format!(r#"[{{"offset":0,"datalen":65,"datasha":"{digest}"}}]"#);
    let begun = call(
        &emulator,
        &[
            Text("op", "upload_slice_init"),
            Text("filesize", "65"),
            Text("slice_size", "128"),
            Text("sha", &digest),
            Text("uploadparts", &parts),
        ],
    );
    assert!(begun.data().get("session").is_some());
}

#[test]
fn insert_only() {
    let emulator = emulator();
    let file = bytes(100);
    upload(&emulator, URL, &file).is(200, 0);
    upload(&emulator, URL, &file).is(200, 0);
    upload(&emulator, URL, b"other").is(409, -177);
    init(&emulator, &file, 64).is(409, -177);
    init_sha(&emulator, URL, &bytes(99), 64, 64).is(409, -177);
    assert!(init_sha(&emulator, URL, &file, 64, 64).data().get("session").is_none());
    for (value, status) in [("", 409), ("1", 409), ("2", 400), ("0", 200)] {
        let parts = [Text("op", "upload"), File(b"new"), Text("insertOnly", value)];
        assert_eq!(call(&emulator, &parts).status, status, "{value}");
    }
    assert_eq!(stored(&emulator).as_deref(), Some(&b"new"[..]));
}

#[test]
fn overwriting_in_slices() {
    for shows in [ListShows::Session, ListShows::Finished] {
        let emulator = with(|config| config.cos_v2.switches.list_shows = shows);
        upload(&emulator, URL, b"old").is(200, 0);
        let file = bytes(64);
        let session = call(
            &emulator,
            &[
                Text("op", "upload_slice_init"),
                Text("insertOnly", "0"),
                Text("filesize", "64"),
                Text("slice_size", "64"),
            ],
        )
        .session();
        let shown = list(&emulator);
        let shows_session = shown.data().get("session").is_some();
        assert_eq!(shows_session, shows == ListShows::Session);
        data(&emulator, &session, 0, &file).is(200, 0);
        assert_eq!(stored(&emulator).as_deref(), Some(&b"old"[..]));
        finish(&emulator, &session, 64).is(200, 0);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn an_object_that_came_between_is_not_overwritten() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 0, &file).is(200, 0);
    upload(&emulator, URL, b"quicker").is(200, 0);
    finish(&emulator, &session, 64).is(409, -177);
    assert_eq!(stored(&emulator).as_deref(), Some(&b"quicker"[..]));
}

#[test]
fn the_sha_of_a_list() {
    let file = bytes(200);
    for (switch, expected) in
        [(ListSha::Absent, None), (ListSha::Plain, Some(sha(&file))), (ListSha::Suffixed, Some(sha(&file) + "_200"))]
    {
        let emulator = with(|config| config.cos_v2.switches.list_sha = switch);
        init_sha(&emulator, URL, &file, 64, 64).is(200, 0);
        let listed = list(&emulator);
        assert_eq!(listed.data()["sha"].as_str(), expected.as_deref());
    }
}
