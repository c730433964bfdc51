//! Every row of the error table: what to do after it, for every call.

use http::StatusCode;
use resumable_core::Advice::{self, Clock, Fatal, Reauthorize, Rehash, Restart, Retry, Unavailable, Unsure};
use resumable_proto_cos_v2::codes::{CODES, advice, advice_unreadable, find};
use resumable_proto_cos_v2::{Fault, Op};

const WAIT: Advice = Advice::throttled();

/// Code, HTTP status, and the advice for [`Op::ALL`]: upload, init, data, list, finish, delete, stat.
const TABLE: [(i64, u16, [Advice; 7]); 35] = [
    (-47, 403, [Reauthorize; 7]),
    (-48, 403, [Reauthorize; 7]),
    (-59, 403, [Clock; 7]),
    (-61, 403, [Fatal; 7]),
    (-63, 403, [Fatal; 7]),
    (-70, 403, [Fatal; 7]),
    (-71, 503, [WAIT; 7]),
    (-96, 403, [Clock; 7]),
    (-97, 403, [Reauthorize; 7]),
    (-121, 403, [Fatal; 7]),
    (-133, 404, [Fatal; 7]),
    (-166, 400, [Restart, Restart, Restart, Retry, Restart, Restart, Retry]),
    (-168, 400, [Fatal; 7]),
    (-173, 400, [Fatal; 7]),
    (-174, 400, [Rehash; 7]),
    (-175, 400, [Retry; 7]),
    (-176, 400, [Fatal; 7]),
    (-177, 409, [Fatal; 7]),
    (-178, 409, [Fatal; 7]),
    (-180, 400, [Fatal; 7]),
    (-181, 500, [Unsure, Unsure, Unsure, Unavailable, Unsure, Unsure, Unavailable]),
    (-195, 500, [Unsure, Unsure, Unsure, Unavailable, Unsure, Unsure, Unavailable]),
    (-196, 503, [Unsure, Unsure, Unsure, Unavailable, Unsure, Unsure, Unavailable]),
    (-197, 404, [Fatal, Fatal, Restart, Fatal, Restart, Fatal, Fatal]),
    (-199, 400, [Fatal; 7]),
    (-284, 400, [Fatal; 7]),
    (-288, 400, [Restart, Restart, Restart, Retry, Restart, Restart, Retry]),
    (-4016, 409, [Rehash; 7]),
    (-4018, 409, [Fatal; 7]),
    (-4019, 409, [Retry; 7]),
    (-4020, 409, [Fatal; 7]),
    (-5965, 400, [Fatal; 7]),
    (-5997, 503, [Unsure, Unsure, Unsure, Unavailable, Unsure, Unsure, Unavailable]),
    (-5999, 400, [Fatal; 7]),
    (-29094, 400, [Fatal; 7]),
];

#[test]
fn every_row_has_its_advice() {
    for (code, status, expected) in TABLE {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(Op::ALL.map(|op| advice(code, status, op)), expected, "{code}");
    }
}

#[test]
fn the_table_has_these_rows_and_no_others() {
    assert!(CODES.iter().map(|row| i64::from(row.code)).eq(TABLE.iter().map(|(code, ..)| *code)));
}

#[test]
fn every_row_tells_a_person_what_it_means() {
    for row in CODES {
        assert!(!row.meaning.is_empty());
        let (op, code) = (Op::Upload, Some(i64::from(row.code)));
        let fault = Fault::Vendor { op, code, message: "M".into(), request_id: None, status: 400 };
        assert!(fault.to_string().contains(row.meaning) && fault.to_string().contains(row.remedy), "{fault}");
    }
}

#[test]
fn field_bug_61_an_unknown_code_is_the_end() {
    assert_eq!(find(-98), None);
    for op in Op::ALL {
        for status in [200, 400, 403, 404, 409] {
            assert_eq!(advice(-98, StatusCode::from_u16(status).unwrap(), op), Fatal);
        }
        assert_eq!(advice(-98, StatusCode::TOO_MANY_REQUESTS, op), WAIT);
        let after_5xx = advice(-98, StatusCode::BAD_GATEWAY, op);
        assert_eq!(after_5xx, if op.changes() { Unsure } else { Unavailable });
    }
}

#[test]
fn answers_without_a_code_are_judged_by_status() {
    let of = |status: u16, op| advice_unreadable(StatusCode::from_u16(status).unwrap(), op);
    for op in Op::ALL {
        assert_eq!(of(413, op), Fatal);
        assert_eq!(of(429, op), WAIT);
        for status in [200, 302, 400, 403, 404, 500, 502, 503, 504] {
            assert_eq!(of(status, op), if op.changes() { Unsure } else { Unavailable }, "{status}");
        }
    }
}
