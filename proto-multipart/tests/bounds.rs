//! What a saved session and the sizes of parts may be, at their bounds.

use resumable_proto_multipart::Limits;
use resumable_proto_multipart::stage::{InvalidSizes, Settings, Stage};
use serde_json::{Value, json};

const LEN: u64 = 10;

/// A session of ten bytes in parts of four, as it is saved.
fn saved(phase: &Value) -> Value {
    json!({
        "len": LEN, "way": {"parts": {"size": 4}}, "sequential": false, "forbid_overwrite": false, "probe": "head",
        "page": 1000, "phase": phase, "strays": 0, "spoiled": false, "unanswered": 0,
    })
}

fn open(parts: &[(u64, u64)]) -> Value {
    let parts: Vec<_> = parts.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
    json!({"open": {
        "upload_id": "u", "acknowledged": parts, "tally": "0".repeat(32), "crc64": null, "doubt": false, "invalid": 0,
        "contradictions": 0,
    }})
}

#[test]
fn a_session_is_checked_against_the_file_and_the_limits() {
    let limits = Limits { part_max: 8, parts: 3, ..Limits::default() };
    let fields = |fields: &[(&str, Value)], phase: &Value| {
        let mut saved = saved(phase);
        for (name, value) in fields {
            saved[*name] = value.clone();
        }
        serde_json::from_value::<Stage>(saved).unwrap().validate(LEN, &limits).is_ok()
    };
    let size = |size: u64| [("way", json!({"parts": {"size": size}}))];
    let (fresh, nameless) = (json!("fresh"), json!({"discard": {"upload_id": "", "aborts": 0}}));
    for (len, good) in [(LEN, true), (LEN - 1, false), (LEN + 1, false)] {
        assert_eq!(fields(&[("len", json!(len))], &fresh), good, "{len}");
    }
    for (part, good) in [(0, false), (3, false), (4, true), (8, true), (9, false)] {
        assert_eq!(fields(&size(part), &fresh), good, "{part}");
    }
    for (page, good) in [(0, false), (1, true), (1000, true), (1001, false)] {
        assert_eq!(fields(&[("page", json!(page))], &fresh), good, "{page}");
    }
    for (end, good) in [(1, true), (3, true), (4, false)] {
        assert_eq!(fields(&[], &open(&[(0, end)])), good, "{end}");
    }
    let one = [("way", json!("one_request"))];
    assert!(fields(&one, &fresh) && !fields(&one, &open(&[])));
    let too_big = [("way", json!({"too_big": {"most": 9}}))];
    assert!(fields(&too_big, &fresh) && !fields(&too_big, &open(&[])) && !fields(&too_big, &json!("put_unsure")));
    assert!(!fields(&[], &nameless));
}

#[test]
fn sizes_are_checked_at_their_bounds() {
    let limits = Limits { part_min: 2, part_max: 9, parts: 1, page: 1, ..Limits::default() };
    let check = |size, limits| Settings::default().part_size(size).limits(limits).check();
    for size in [2, 5, 9] {
        assert_eq!(check(size, limits), Ok(()));
    }
    for size in [0, 1, 10] {
        assert_eq!(check(size, limits), Err(InvalidSizes::PartSize { size, least: 2, most: 9 }));
    }
    assert_eq!(check(2, Limits { part_max: 2, page: 1000, ..limits }), Ok(()));
    for wrong in [
        Limits { part_min: 0, ..limits },
        Limits { part_max: 1, ..limits },
        Limits { parts: 0, ..limits },
        Limits { page: 0, ..limits },
        Limits { page: 1001, ..limits },
    ] {
        assert_eq!(check(2, wrong), Err(InvalidSizes::Limits), "{wrong:?}");
    }
}
