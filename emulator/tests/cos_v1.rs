//! COS v1: whole uploads, and what every switch changes.

#![allow(missing_docs)]

mod kit;

use kit::v1::*;
use kit::{Answer, File, NOW, Text, bytes, call_at, delete, form, multi, once, post, sha, sign_text, with};
use resumable_emulator::cos::{
    Account, BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, StatUnfinished,
};
use resumable_emulator::cos_v1::{
    Again, ErrorStatus, FailedCheck, InitIs, InsertOnly, NoFile, OddSliceSize, OtherSha, ResourcePath, ResumeOffset,
    ResumeSession, SliceAfterEnd, SliceOrder, SliceSha, StraySession, Switches, UnknownSession, UrlsTold,
};
use resumable_emulator::{Config, Emulator, MemoryStorage, NullStorage};
use serde_json::json;

const OTHER: &str = "/files/v1/10055004/accesslog/other";

fn emulator() -> Emulator {
    switched(|_| {})
}

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    with(|config| change(&mut config.cos_v1.switches))
}

#[test]
fn the_dialogue_of_the_reference() {
    let emulator = with(|config| config.cos_v1.limits.slice_sizes = vec![4096]);
    let file = bytes(10_000);
    let begun = init_with(&emulator, URL, &file, &[("slice_size", "524288")]);
    let session = begun.session();
    assert_eq!(begun.body["message"], "成功");
    assert_eq!(*begun.data(), json!({"offset": 0, "session": session, "slice_size": 4096}));
    for (offset, length) in [(0, 4096), (4096, 4096)] {
        let answer = slice(&emulator, &session, offset, &file[offset..offset + length]);
        assert_eq!(*answer.data(), json!({"offset": offset, "session": session}));
        assert_eq!(stored(&emulator), None);
    }
    let last = slice(&emulator, &session, 8192, &file[8192..]);
    let expected = json!({
        "access_url": "http://accesslog-10055004.file.myqcloud.com/d/f.bin",
        "offset": 8192,
        "resource_path": "/10055004/accesslog/d/f.bin",
        "session": session,
        "source_url": "http://accesslog-10055004.cos.myqcloud.com/d/f.bin",
        "url": "http://web.file.myqcloud.com/files/v1/10055004/accesslog/d/f.bin",
    });
    assert_eq!(*last.data(), expected);
    assert_eq!(stored(&emulator), Some(file));
    assert_eq!(unfinished(&emulator), [[]; 0]);
    assert_eq!(emulator.totals().file_bytes, 10_000);
}

#[test]
fn an_answer_byte_for_byte() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200)).session();
    let answer = slice(&emulator, &session, 0, &bytes(64)).reply.response;
    let expected = format!(r#"{{"code":0,"message":"成功","data":{{"offset":0,"session":"{session}"}}}}"#);
    assert_eq!(answer.body(), expected.as_bytes());
    assert_eq!(answer.headers()["content-length"], expected.len().to_string().as_str());
    assert_eq!(answer.headers()["date"], "Mon Aug  1 05:20:00 2016");
    assert!(!answer.headers().contains_key("x-cos-request-id"));
}

#[test]
fn a_session_is_a_uuid_and_base64() {
    let emulator = emulator();
    let mut seen = Vec::new();
    for length in 100..164 {
        let session = init(&emulator, &bytes(length)).session();
        let (uuid, tail) = session.split_once('+').expect("a plus");
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!((groups.as_slice(), tail.len()), ([8, 4, 4, 4, 12].as_slice(), 12));
        assert!(tail.ends_with("=="), "{session}");
        assert!(!seen.contains(&session));
        seen.push(session);
    }
    assert_eq!(unfinished(&emulator).len(), 64);
}

#[test]
fn slices_in_any_order_and_the_last_to_arrive_completes() {
    let emulator = emulator();
    let file = bytes(300);
    let session = init(&emulator, &file).session();
    let last = slices(&emulator, &session, &file, [4, 2, 0, 3, 1]);
    assert_eq!(last.data()["url"], "http://web.file.myqcloud.com/files/v1/10055004/accesslog/d/f.bin");
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn slices_by_many_threads_complete_once() {
    let emulator = emulator();
    let file = bytes(64 * 40);
    let session = init(&emulator, &file).session();
    let ends: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                let (emulator, session, file) = (&emulator, &session, &file);
                scope.spawn(move || {
                    let mine = (0..5).map(|turn| {
                        let offset = (turn * 8 + worker) * 64;
                        let answer = slice(emulator, session, offset, &file[offset..offset + 64]);
                        usize::from(answer.data().get("url").is_some())
                    });
                    mine.sum::<usize>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    assert_eq!(ends, 1);
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn slices_in_order_only() {
    let emulator = switched(|it| it.slice_order = SliceOrder::Serial);
    let file = bytes(200);
    let session = init(&emulator, &file).session();
    slice(&emulator, &session, 64, &file[64..128]).is(400, -5999);
    assert_eq!(unfinished(&emulator), [[]]);
    let last = slices(&emulator, &session, &file, [0, 0, 1, 2, 3]);
    assert!(last.data().get("access_url").is_some());
}

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

#[test]
fn the_status_of_refusals() {
    for (switch, status) in [(ErrorStatus::BadRequest, [400; 4]), (ErrorStatus::AsV2, [404, 409, 403, 404])] {
        let emulator = switched(|it| it.error_status = switch);
        upload(&emulator, URL, b"x").is(200, 0);
        let unsigned = Answer::of(emulator.handle(NOW, post(URL, "", form(&[Text("op", "stat")]))));
        let clear = format!("a=10055004&b=nowhere&k={}&e=1470000300&t=1470000000&r=1&f=", Account::default().secret_id);
        let sign = sign_text(&clear, &Account::default().secret_key);
        let nowhere = post("/files/v1/10055004/nowhere/x", &sign, form(&[Text("op", "stat")]));
        let answers = [
            (call_at(&emulator, OTHER, &[Text("op", "stat")]), -166),
            (upload(&emulator, URL, b"y"), -177),
            (unsigned, -48),
            (Answer::of(emulator.handle(NOW, nowhere)), -133),
        ];
        for ((answer, code), status) in answers.into_iter().zip(status) {
            answer.is(status, code);
            assert!(answer.body.get("data").is_none());
        }
    }
}

#[test]
fn what_is_told_of_an_object() {
    let all = ["access_url", "resource_path", "source_url", "url"];
    for (switch, told) in [
        (UrlsTold::All, &all[..]),
        (UrlsTold::Page, &["access_url", "resource_path", "url"]),
        (UrlsTold::AccessOnly, &["access_url", "resource_path"]),
    ] {
        let emulator = switched(|it| (it.urls, it.echo_at_end) = (switch, false));
        let file = bytes(64);
        let session = init(&emulator, &file).session();
        let end = slice(&emulator, &session, 0, &file);
        let known: Vec<&String> = end.data().as_object().expect("an object").keys().collect();
        assert_eq!(known, told);
        assert_eq!(init(&emulator, &file).data(), end.data());
    }
}

#[test]
fn the_resource_path() {
    for (switch, path) in [(ResourcePath::Full, "/10055004/accesslog/d/f.bin"), (ResourcePath::Bare, "/d/f.bin")] {
        let emulator = switched(|it| it.resource_path = switch);
        assert_eq!(upload(&emulator, URL, b"x").data()["resource_path"], path);
        assert_eq!(stat(&emulator).data()["resource_path"], path);
    }
}

#[test]
fn what_tells_an_init_from_a_slice() {
    let file = bytes(200);
    for (switch, told, bare) in [(InitIs::WithoutFile, "offset", "sha"), (InitIs::WithFilesize, "session", "offset")] {
        let emulator = switched(|it| it.init_is = switch);
        let session = init(&emulator, &file).session();
        let digest = sha(&file);
        let both = call(
            &emulator,
            &[
                Text("op", "upload_slice"),
                Text("session", &session),
                Text("offset", "0"),
                Text("sha", &digest),
                Text("filesize", "200"),
                File(&file[..64]),
            ],
        );
        assert!(both.data().get(told).is_some());
        assert_eq!(unfinished(&emulator)[0].is_empty(), switch == InitIs::WithFilesize);
        let neither = call(&emulator, &[Text("op", "upload_slice")]);
        neither.is(400, -5999);
        assert_eq!(neither.body["message"], format!("ERROR_CGI_PARAM: {bare}"));
    }
}

#[test]
fn the_slice_size() {
    let file = bytes(300);
    for (asked, given) in
        [(None, 64), (Some("64"), 64), (Some("128"), 128), (Some("1"), 64), (Some("127"), 64), (Some("9999"), 128)]
    {
        let emulator = emulator();
        let more = asked.map(|asked| ("slice_size", asked));
        let begun = init_with(&emulator, URL, &file, more.as_slice());
        assert_eq!(begun.data()["slice_size"], given, "{asked:?}");
        assert_eq!(init(&emulator, &file).data()["slice_size"], given);
    }
    let strict = switched(|it| it.odd_slice_size = OddSliceSize::Refuse);
    init_with(&strict, URL, &file, &[("slice_size", "65")]).is(400, -284);
    init_with(&strict, URL, &file, &[("slice_size", "128")]).is(200, 0);
    let fixed = switched(|it| it.slice_size = Some(32));
    let begun = init_with(&fixed, URL, &file, &[("slice_size", "128")]);
    assert_eq!(begun.data()["slice_size"], 32);
    slice(&fixed, &begun.session(), 0, &file[..64]).is(400, -5999);
    slice(&fixed, &begun.session(), 0, &file[..32]).is(200, 0);
    let none = with(|config| config.cos_v1.limits.slice_sizes.clear());
    init(&none, &file).is(400, -284);
}

#[test]
fn slices_that_do_not_fit() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200)).session();
    let huge = usize::try_from(u64::MAX).expect("64 bits");
    for (offset, length) in
        [(0, 63), (0, 65), (1, 64), (32, 64), (192, 64), (192, 9), (256, 8), (192, 7), (0, 0), (huge, 64)]
    {
        slice(&emulator, &session, offset, &bytes(length)).is(400, -5999);
    }
    slice(&emulator, &session, 192, &bytes(8)).is(200, 0);
    let loose = switched(|it| it.aligned_slices = false);
    let session = init(&loose, &bytes(200)).session();
    slice(&loose, &session, 1, &bytes(33)).is(200, 0);
    slice(&loose, &session, 2, &bytes(33)).is(400, -5999);
}

#[test]
fn a_slice_sent_again() {
    let file = bytes(100);
    let emulator = switched(|it| it.changed_slice = ChangedSlice::Refuse);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [0, 0]);
    assert_eq!(emulator.totals().file_bytes, 64);
    slice(&emulator, &session, 0, &[9; 64]).is(400, -4016);
    slices(&emulator, &session, &file, [1]);
    assert_eq!(stored(&emulator).as_ref(), Some(&file));
}

#[test]
fn the_sha_of_a_slice() {
    let file = bytes(100);
    let with_sha = |emulator: &Emulator, session: &str, sha: &str| {
        let parts = [
            Text("op", "upload_slice"),
            Text("session", session),
            Text("offset", "0"),
            Text("sha", sha),
            File(&file[..64]),
        ];
        call(emulator, &parts)
    };
    for (switch, code) in [(SliceSha::Ignored, 0), (SliceSha::Checked, -4016)] {
        let emulator = switched(|it| it.slice_sha = switch);
        let session = init(&emulator, &file).session();
        assert_eq!(with_sha(&emulator, &session, &sha(&file)).body["code"], code);
        with_sha(&emulator, &session, &sha(&file[..64])).is(200, 0);
        slices(&emulator, &session, &file, [1]);
    }
}

#[test]
fn what_init_refuses() {
    let emulator = emulator();
    let digest = sha(b"x");
    for (filesize, sha, slice_size) in [
        ("", digest.as_str(), ""),
        ("0", &digest, ""),
        ("-1", &digest, ""),
        ("1e3", &digest, ""),
        ("99999999999999999999", &digest, ""),
        ("68719476737", &digest, ""),
        ("200", "", ""),
        ("200", "abc", ""),
        ("200", &digest, "x"),
    ] {
        let parts =
            [Text("op", "upload_slice"), Text("filesize", filesize), Text("sha", sha), Text("slice_size", slice_size)];
        call(&emulator, &parts).is(400, -5999);
    }
    assert_eq!(unfinished(&emulator), [[]; 0]);
}

#[test]
fn what_a_slice_needs() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(64)).session();
    let full = [("op", "upload_slice"), ("session", session.as_str()), ("offset", "0")];
    for missing in 1..full.len() {
        let rest = full.iter().enumerate().filter(|(index, _)| *index != missing);
        let mut parts: Vec<_> = rest.map(|(_, (name, value))| Text(name, value)).collect();
        let file = bytes(64);
        parts.push(File(&file));
        call(&emulator, &parts).is(400, -5999);
    }
    let extra = [
        File(&bytes(64)),
        Text("slice_size", "9"),
        Text("insertOnly", "0"),
        Text("OFFSET", "0"),
        Text("session", &session),
        Text("op", "upload_slice"),
    ];
    call(&emulator, &extra).is(200, 0);
    assert_eq!(stored(&emulator), Some(bytes(64)));
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
fn signatures() {
    let emulator = with(|config| {
        config.clock_offset = 301;
        config.cos_v1.switches.expired = ExpiredCode::Sign;
        config.cos_v1.switches.date = DateForm::ImfFixdate;
        config.cos_v1.switches.request_id = true;
    });
    let expired = stat(&emulator);
    expired.is(400, -59);
    assert_eq!(expired.reply.response.headers()["date"], "Sun, 31 Jul 2016 21:25:01 GMT");
    assert!(expired.body["request_id"].is_string());
    let once_only = switched(|it| it.once_for_uploads = false);
    let sign = once(9, "/10055004/accesslog/d/f.bin");
    let body = form(&[Text("op", "upload"), File(b"x")]);
    Answer::of(once_only.handle(NOW, post(URL, &sign, body))).is(400, -97);
}

#[test]
fn operations_nobody_knows() {
    let emulator = emulator();
    for op in ["upload_slice_init", "upload_slice_list", "upload_slice_finish", "", "x"] {
        call(&emulator, &[Text("op", op)]).is(400, -5999);
    }
}

#[test]
fn each_version_has_its_own_objects() {
    let emulator = emulator();
    upload(&emulator, URL, b"one").is(200, 0);
    kit::upload(&emulator, kit::URL, b"two").is(200, 0);
    assert_eq!(stored(&emulator).as_deref(), Some(&b"one"[..]));
    assert_eq!(kit::stored(&emulator).as_deref(), Some(&b"two"[..]));
}

#[test]
fn the_log_tells_init_from_slice() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init(&emulator, &file).session();
    slice(&emulator, &session, 0, &file).is(200, 0);
    let ops: Vec<(&str, String)> = emulator.log().into_iter().map(|entry| (entry.service, entry.op)).collect();
    assert_eq!(ops, [("cos-v1", "upload_slice_init".to_owned()), ("cos-v1", "upload_slice_data".to_owned())]);
}

#[test]
fn only_the_services_asked_for_are_offered() {
    let offered = |services: &[&str]| {
        let mut config = Config::default();
        config.services = services.iter().map(|name| (*name).to_owned()).collect();
        Emulator::new(config, Box::new(MemoryStorage::new()))
    };
    let only = offered(&["cos-v2"]).expect("an emulator");
    assert_eq!(upload(&only, URL, b"x").status, 404);
    kit::upload(&only, kit::URL, b"x").is(200, 0);
    let line = only.ready_line("http://h");
    assert_eq!(line.as_object().expect("an object").keys().collect::<Vec<_>>(), ["cos-v2"]);
    let refused = offered(&["cos-v2", "s3"]).expect_err("no such service");
    assert!(refused.to_string().contains("`s3`") && refused.to_string().contains("cos-v1"), "{refused}");
    let line = emulator().ready_line("http://h");
    for key in ["endpoint", "appid", "bucket", "secret_id", "secret_key"] {
        assert!(line["cos-v1"][key].is_string(), "{line}");
    }
}

#[test]
fn a_store_that_keeps_no_bytes() {
    let emulator = Emulator::new(kit::tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let file = bytes(200);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [3, 1, 0, 2]);
    assert_eq!(stat(&emulator).data()["sha"], sha(&file));
}
