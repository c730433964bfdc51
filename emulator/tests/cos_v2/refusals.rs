//! What a sliced upload has to keep to, from init to finish.

use crate::client::*;
use resumable_emulator::cos_v2::{ChangedSlice, FinishAgain, FinishWithGaps, UnknownSession};

#[test]
fn a_slice_that_contradicts_its_claim_is_refused_on_arrival() {
    let emulator = emulator();
    let file = bytes(300);
    let digest = sha(&file);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    let mut wrong = file[128..192].to_vec();
    wrong[5] ^= 1;
    data_sha(&emulator, &session, 128, &wrong, &digest).is(409, -4016);
    assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin"), Some(vec![]));
    data_sha(&emulator, &session, 128, &file[128..192], &digest).is(200, 0);
    data_sha(&emulator, &session, 128, &wrong, &digest).is(409, -4016);
    for index in [0, 1, 3, 4] {
        let slice = &file[index * 64..(index * 64 + 64).min(300)];
        data_sha(&emulator, &session, index * 64, slice, &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn slices_of_a_broken_part_must_all_come_again() {
    let emulator = emulator();
    let file = bytes(256);
    let digest = sha(&file);
    let session = init_sha(&emulator, URL, &file, 64, 128).session();
    let mut wrong = file[..64].to_vec();
    wrong[0] ^= 1;
    data_sha(&emulator, &session, 0, &wrong, &digest).is(200, 0);
    data_sha(&emulator, &session, 64, &file[64..128], &digest).is(409, -4016);
    assert_eq!(list(&emulator).data()["listparts"], serde_json::json!([]));
    for index in [2, 3] {
        data_sha(&emulator, &session, index * 64, &file[index * 64..index * 64 + 64], &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(409, -4019);
    for (index, slice) in file.chunks(64).enumerate() {
        data_sha(&emulator, &session, index * 64, slice, &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn a_whole_file_that_is_not_its_sha_is_refused_at_finish() {
    let emulator = with(|config| config.cos_v2.switches.uploadparts_with_sha = false);
    let file = bytes(100);
    let digest = sha(&bytes(101));
    let session = call(
        &emulator,
        &[Text("op", "upload_slice_init"), Text("filesize", "100"), Text("slice_size", "128"), Text("sha", &digest)],
    )
    .session();
    data_sha(&emulator, &session, 0, &file, &digest).is(200, 0);
    let end =
        [Text("op", "upload_slice_finish"), Text("session", &session), Text("filesize", "100"), Text("sha", &digest)];
    call(&emulator, &end).is(409, -4016);
    assert_eq!(stored(&emulator), None);
}

#[test]
fn a_sha_at_finish_is_checked_even_if_init_had_none() {
    let emulator = emulator();
    let file = bytes(100);
    let session = init(&emulator, &file, 128).session();
    data(&emulator, &session, 0, &file).is(200, 0);
    finish_sha(&emulator, &session, &bytes(100)[1..]).is(400, -175);
    let mut other = file.clone();
    other[0] ^= 1;
    finish_sha(&emulator, &session, &other).is(409, -4016);
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn a_sha_given_at_init_must_be_given_again() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    data(&emulator, &session, 0, &file).is(400, -29094);
    data_sha(&emulator, &session, 0, &file, &sha(b"other")).is(409, -4016);
    data_sha(&emulator, &session, 0, &file, &sha(&file)).is(200, 0);
    finish(&emulator, &session, 64).is(400, -29094);
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn finish_wants_every_byte() {
    for (switch, status, code) in [(FinishWithGaps::Unfinished, 409, -4019), (FinishWithGaps::Length, 400, -175)] {
        let emulator = with(|config| config.cos_v2.switches.finish_with_gaps = switch);
        let file = bytes(200);
        let session = init(&emulator, &file, 64).session();
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 128, &file[128..192]).is(200, 0);
        finish(&emulator, &session, 200).is(status, code);
        finish(&emulator, &session, 199).is(400, -175);
    }
}

#[test]
fn finish_again() {
    for (switch, again) in [(FinishAgain::Gone, -197), (FinishAgain::UrlsAgain, 0)] {
        let emulator = with(|config| config.cos_v2.switches.finish_again = switch);
        let file = bytes(64);
        let session = init(&emulator, &file, 64).session();
        data(&emulator, &session, 0, &file).is(200, 0);
        finish(&emulator, &session, 64).is(200, 0);
        assert_eq!(finish(&emulator, &session, 64).body["code"], again);
        finish(&emulator, "someone-elses", 64).is(404, -197);
    }
}

#[test]
fn a_session_nobody_knows() {
    for (switch, status, code) in [
        (UnknownSession::NotFound, 404, -197),
        (UnknownSession::Failed, 400, -288),
        (UnknownSession::Parameter, 400, -5999),
    ] {
        let emulator = with(|config| config.cos_v2.switches.unknown_session = switch);
        data(&emulator, "none", 0, b"x").is(status, code);
        init(&emulator, &bytes(64), 64).is(200, 0);
        data(&emulator, "none", 0, &bytes(64)).is(status, code);
    }
}

#[test]
fn slices_that_do_not_fit() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200), 64).session();
    let huge = usize::try_from(u64::MAX).expect("64 bits");
    for (offset, length) in
        [(0, 63), (0, 65), (1, 64), (32, 64), (192, 64), (192, 9), (256, 8), (192, 7), (0, 0), (huge, 64)]
    {
        data(&emulator, &session, offset, &bytes(length)).is(400, -5999);
    }
    data(&emulator, &session, 192, &bytes(8)).is(200, 0);
}

#[test]
fn loose_slices_must_still_not_overlap() {
    let emulator = with(|config| config.cos_v2.switches.aligned_slices = false);
    let file = bytes(200);
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 10, &file[10..20]).is(200, 0);
    data(&emulator, &session, 10, &file[10..20]).is(200, 0);
    data(&emulator, &session, 5, &file[5..11]).is(400, -5999);
    data(&emulator, &session, 19, &file[19..25]).is(400, -5999);
    data(&emulator, &session, 10, &file[10..15]).is(400, -5999);
    data(&emulator, &session, 12, &file[12..15]).is(400, -5999);
    data(&emulator, &session, 0, &file[..10]).is(200, 0);
    for start in (20..200).step_by(60) {
        data(&emulator, &session, start, &file[start..start + 60]).is(200, 0);
    }
    finish(&emulator, &session, 200).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn a_slice_sent_again() {
    let file = bytes(100);
    let emulator = emulator();
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    assert_eq!(emulator.totals().file_bytes, 64);
    assert_eq!(emulator.totals().received_file_bytes, 128);
    data(&emulator, &session, 0, &file[..64]).is(200, 0);
    data(&emulator, &session, 64, &file[64..]).is(200, 0);
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));

    let emulator = with(|config| config.cos_v2.switches.changed_slice = ChangedSlice::Refuse);
    let session = init(&emulator, &bytes(100), 64).session();
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    data(&emulator, &session, 0, &[2; 64]).is(409, -4016);
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
}

#[test]
fn what_init_refuses() {
    let emulator = emulator();
    let digest = sha(&bytes(200));
    let good = uploadparts(&bytes(200), 64);
    let cases: &[(&str, &str, &str, &str, i32)] = &[
        ("", "64", "", "", -5999),
        ("0", "64", "", "", -5999),
        ("-1", "64", "", "", -5999),
        ("+1", "64", "", "", -5999),
        ("1e3", "64", "", "", -5999),
        ("99999999999999999999", "64", "", "", -5999),
        ("68719476737", "64", "", "", -5999),
        ("200", "", "", "", -5999),
        ("200", "65", "", "", -284),
        ("200", "0", "", "", -284),
        ("200", "64", "abc", "", -5999),
        ("200", "64", &digest, "", -5999),
        ("200", "64", "", &good, -5999),
        ("200", "64", &digest, "[", -5965),
        ("200", "64", &digest, "{}", -5965),
        ("200", "64", &digest, "[1]", -5965),
        ("200", "64", &digest, "[]", -5999),
        ("200", "64", &digest, r#"[{"offset":0,"datalen":200}]"#, -5965),
        ("200", "64", &digest, r#"[{"offset":0,"datalen":200,"datasha":"x"}]"#, -5965),
        ("201", "64", &digest, &good, -5999),
        ("200", "64", &sha(b"x"), &good, -5999),
    ];
    for (filesize, slice_size, sha, parts, code) in cases {
        let answer = call(
            &emulator,
            &[
                Text("op", "upload_slice_init"),
                Text("filesize", filesize),
                Text("slice_size", slice_size),
                Text("sha", sha),
                Text("uploadparts", parts),
            ],
        );
        answer.is(400, i64::from(*code));
    }
    for part in [63, 100] {
        init_sha(&emulator, URL, &bytes(200), 64, part).is(400, -5999);
    }
    list(&emulator).is(404, -197);
}
