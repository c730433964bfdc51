//! What init and slices have to keep to.

use super::{emulator, switched};
use crate::client::v1::*;
use crate::client::{File, Text, bytes, sha, with};
use resumable_emulator::Emulator;
use resumable_emulator::cos::ChangedSlice;
use resumable_emulator::cos_v1::{InitIs, OddSliceSize, SliceOrder, SliceSha};

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
