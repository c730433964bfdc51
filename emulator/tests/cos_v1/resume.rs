//! Where an upload goes on, and with which session.

use super::{emulator, switched};
use crate::client::v1::*;
use crate::client::{Text, bytes, sha};
use resumable_emulator::cos_v1::{OtherSha, ResumeOffset, ResumeSession, SliceAfterEnd, StraySession, UnknownSession};
use serde_json::json;

#[test]
fn an_upload_goes_on_where_it_was() {
    for with_session in [true, false] {
        let emulator = emulator();
        let file = bytes(300);
        let session = init(&emulator, &file).session();
        slices(&emulator, &session, &file, [0, 1]);
        let more = [("session", session.as_str())];
        let again = init_with(&emulator, URL, &file, if with_session { &more } else { &[] });
        assert_eq!(*again.data(), json!({"offset": 128, "session": session, "slice_size": 64}));
        slices(&emulator, &session, &file, [2, 3, 4]);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn where_it_goes_on_after_slices_out_of_order() {
    for (switch, offsets) in [(ResumeOffset::FirstGap, [64, 64]), (ResumeOffset::LastByte, [192, 300])] {
        let emulator = switched(|it| it.resume_offset = switch);
        let file = bytes(300);
        let session = init(&emulator, &file).session();
        slices(&emulator, &session, &file, [0, 2]);
        assert_eq!(init(&emulator, &file).data()["offset"], offsets[0]);
        slices(&emulator, &session, &file, [3, 4]);
        assert_eq!(init(&emulator, &file).data()["offset"], offsets[1]);
        slices(&emulator, &session, &file, [1]);
        assert!(init(&emulator, &file).data().get("url").is_some());
    }
}

#[test]
fn which_session_it_goes_on_with() {
    for (switch, same) in [(ResumeSession::Same, true), (ResumeSession::Fresh, false)] {
        let emulator = switched(|it| it.resume_session = switch);
        let file = bytes(100);
        let first = init(&emulator, &file).session();
        slices(&emulator, &first, &file, [0]);
        let second = init(&emulator, &file);
        assert_eq!((second.session() == first, &second.data()["offset"]), (same, &64.into()));
        if !same {
            slice(&emulator, &first, 64, &file[64..]).is(400, -288);
        }
        slices(&emulator, &second.session(), &file, [1]);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn a_session_of_other_bytes_at_init() {
    for (switch, status) in [(StraySession::Ignore, 200), (StraySession::Refuse, 400)] {
        let emulator = switched(|it| it.stray_session = switch);
        let stray = [("session", "gone+for==")];
        assert_eq!(init_with(&emulator, URL, &bytes(200), &stray).status, status);
        let known = init(&emulator, &bytes(200)).session();
        assert_eq!(init(&emulator, &bytes(200)).session(), known);
        assert_eq!(init_with(&emulator, URL, &bytes(200), &stray).status, status);
        assert_eq!(init_with(&emulator, URL, &bytes(100), &[("session", &known)]).status, status);
        init_with(&emulator, URL, &bytes(200), &[("session", &known)]).is(200, 0);
    }
}

#[test]
fn an_upload_of_other_bytes_at_the_same_path() {
    let (old, new) = (bytes(200), bytes(100));
    for (switch, left) in [(OtherSha::Beside, 2), (OtherSha::Replace, 1), (OtherSha::Refuse, 1)] {
        let emulator = switched(|it| it.other_sha = switch);
        let session = init(&emulator, &old).session();
        slices(&emulator, &session, &old, [0]);
        let begun = init(&emulator, &new);
        begun.is(
            if left == 1 && switch == OtherSha::Refuse { 400 } else { 200 },
            if switch == OtherSha::Refuse { -4020 } else { 0 },
        );
        assert_eq!(unfinished(&emulator).len(), left);
        let on = slice(&emulator, &session, 64, &old[64..128]);
        assert_eq!(on.status, if switch == OtherSha::Replace { 400 } else { 200 });
        if switch == OtherSha::Beside {
            slices(&emulator, &begun.session(), &new, [0, 1]);
            assert_eq!(stored(&emulator).as_ref(), Some(&new));
            slices(&emulator, &session, &old, [2]);
            slice(&emulator, &session, 192, &old[192..]).is(400, -177);
        }
    }
}

#[test]
fn the_same_digest_with_another_length_is_another_upload() {
    let emulator = emulator();
    let file = bytes(100);
    init(&emulator, &file).is(200, 0);
    let digest = sha(&file);
    let parts = [Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", "99")];
    call(&emulator, &parts).is(200, 0);
    assert_eq!(unfinished(&emulator).len(), 2);
    upload(&emulator, URL, &file).is(200, 0);
    call(&emulator, &parts).is(400, -5999);
}

#[test]
fn a_slice_after_the_end() {
    for (switch, code) in [(SliceAfterEnd::Urls, 0), (SliceAfterEnd::Refuse, -4018), (SliceAfterEnd::Gone, -288)] {
        let emulator = switched(|it| it.slice_after_end = switch);
        let file = bytes(100);
        let session = init(&emulator, &file).session();
        let end = slices(&emulator, &session, &file, [0, 1]);
        let again = slice(&emulator, &session, 64, &file[64..]);
        assert_eq!(again.body["code"], code);
        if code == 0 {
            assert_eq!(again.data(), end.data());
        }
        slice(&emulator, &session, 64, &bytes(64)).is(400, -5999);
        slice(&emulator, "another", 64, &file[64..]).is(400, -288);
    }
}

#[test]
fn a_session_nobody_knows() {
    let codes = [(UnknownSession::Failed, -288), (UnknownSession::NoIndex, -166), (UnknownSession::Parameter, -5999)];
    for (switch, code) in codes {
        let emulator = switched(|it| it.unknown_session = switch);
        slice(&emulator, "none", 0, b"x").is(400, code);
        let session = init(&emulator, &bytes(64)).session();
        slice(&emulator, &session.replace('+', " "), 0, &bytes(64)).is(400, code);
        slice(&emulator, session.trim_end_matches('='), 0, &bytes(64)).is(400, code);
    }
}
