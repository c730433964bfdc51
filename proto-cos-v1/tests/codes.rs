//! What to do after each code that this version is known to answer, for every call.

use http::StatusCode;
use resumable_core::Advice::{self, Clock, Fatal, Reauthorize, Rehash, Restart, Retry, Unavailable, Unsure};
use resumable_proto_cos_v1::Op;
use resumable_proto_cos_v1::codes::{advice, find};

/// Code, and the advice for [`Op::ALL`]: upload, init, slice, stat. Every one comes with HTTP 400 in this version.
const TABLE: [(i64, [Advice; 4]); 17] = [
    (-47, [Reauthorize; 4]),
    (-48, [Reauthorize; 4]),
    (-61, [Fatal; 4]),
    (-71, [Advice::throttled(); 4]),
    (-96, [Clock; 4]),
    (-97, [Reauthorize; 4]),
    (-166, [Restart, Restart, Restart, Retry]),
    (-173, [Fatal; 4]),
    (-177, [Fatal; 4]),
    (-178, [Fatal; 4]),
    (-180, [Fatal; 4]),
    (-197, [Fatal, Fatal, Restart, Fatal]),
    (-288, [Restart, Restart, Restart, Retry]),
    (-4016, [Rehash; 4]),
    (-4018, [Fatal; 4]),
    (-5997, [Unsure, Unsure, Unsure, Unavailable]),
    (-5999, [Fatal; 4]),
];

#[test]
fn every_code_has_its_advice() {
    for (code, expected) in TABLE {
        assert!(find(code).is_some(), "{code}");
        assert_eq!(Op::ALL.map(|op| advice(code, StatusCode::BAD_REQUEST, op)), expected, "{code}");
    }
}

#[test]
fn field_bug_61_a_code_that_nobody_explains_is_the_end() {
    for status in [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::OK] {
        assert_eq!(Op::ALL.map(|op| advice(-98, status, op)), [Fatal; 4], "{status}");
    }
    let busy = Op::ALL.map(|op| advice(-98, StatusCode::SERVICE_UNAVAILABLE, op));
    assert_eq!(busy, [Unsure, Unsure, Unsure, Unavailable]);
    assert_eq!(Op::ALL.map(|op| advice(-98, StatusCode::TOO_MANY_REQUESTS, op)), [Advice::throttled(); 4]);
}
