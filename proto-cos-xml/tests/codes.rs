//! The table of codes: what each leads to, and the page that says so.

mod far;

use far::{Fate, Rig, lose, parts, refusal, says};
use http::StatusCode;
use resumable_core::{Advice, Failure};
use resumable_proto_cos_xml::codes::{CODES, find};
use resumable_proto_cos_xml::stage::{self, Call, Success};
use resumable_proto_cos_xml::{Class, DIALECT};

/// Codes with the status that the vendor gives them, and what is done about them when a part is refused.
const PROVEN: [(&str, u16, Advice); 11] = [
    ("AccessDenied", 403, Advice::Fatal),
    ("RequestTimeTooSkewed", 403, Advice::Clock),
    ("ExpiredToken", 400, Advice::Reauthorize),
    ("InvalidAccessKeyId", 403, Advice::Reauthorize),
    ("SignatureDoesNotMatch", 403, Advice::Reauthorize),
    ("BadDigest", 400, Advice::Retry),
    ("IncompleteBody", 400, Advice::Retry),
    ("RequestTimeout", 400, Advice::Unsure),
    ("PaymentRequired", 402, Advice::Fatal),
    ("InternalError", 500, Advice::Unsure),
    ("NotImplemented", 501, Advice::Fatal),
];

#[test]
fn the_table_is_sorted_and_names_each_code_once() {
    let names: Vec<&str> = CODES.iter().map(|row| row.code).collect();
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    assert_eq!(find("ExpiredToken").map(|row| row.class), Some(Class::Credential));
    assert_eq!(find("New"), None);
}

#[test]
fn a_code_leads_to_the_same_whatever_its_status() {
    for (code, status, advice) in PROVEN {
        for status in [status, 400] {
            let answer = far::answer(refusal(status, code));
            let refused = stage::decode(&Call::Part { number: 1 }, &DIALECT, Success::Document, &answer).unwrap_err();
            assert_eq!(refused.advice, advice, "{code} {status}");
            assert_eq!(refused.fault.class(), find(code).map(|row| row.class));
        }
    }
}

#[test]
fn a_code_that_nobody_knows_is_taken_by_its_status() {
    let advice = |status: u16, call: &Call| {
        stage::decode(call, &DIALECT, Success::Document, &far::answer(refusal(status, "New"))).unwrap_err().advice
    };
    let part = Call::Part { number: 1 };
    assert_eq!((advice(500, &part), advice(500, &Call::List { after: 0 })), (Advice::Unsure, Advice::Unavailable));
    assert!(matches!(advice(429, &part), Advice::Throttled { .. }));
    assert_eq!(advice(409, &part), Advice::Fatal);
}

#[test]
fn a_refusal_says_what_it_means_and_what_to_do() {
    for (code, says) in [
        ("NoSuchBucket", "there is no such bucket; check the bucket, its appid, and the region (NoSuchBucket, \"no\""),
        ("PaymentRequired", "the account owes money"),
    ] {
        let mut rig = Rig::new(40, parts());
        let Err(Failure::Refused(fault)) = rig.run_with(|_, _| Fate::Says(refusal(404, code))) else { panic!() };
        let text = fault.to_string();
        assert!(text.contains(says) && text.contains("NjI3NzM5ZTZfYzYxYTk0MGJfMTU2N18x"), "{text}");
    }
}

#[test]
fn what_is_not_the_vendors_is_like_a_lost_reply() {
    let mut page = says(404, "<html>not found</html>");
    page.headers_mut().remove("x-cos-request-id");
    for call in ["part 2", "initiate", "complete"] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose(call, Fate::Says(page.clone())));
        rig.complete(verdict);
    }
}

/// Each code of the table stands in the page, under the heading of what it leads to.
#[test]
fn the_page_says_of_every_code_what_it_leads_to() {
    let page = include_str!("../../docs/cos-xml.md");
    let row = |kind: &str| {
        let line = page.lines().find(|line| line.starts_with(&format!("| **{kind}** |")));
        line.unwrap_or_else(|| panic!("no row {kind}")).to_owned()
    };
    for code in CODES {
        let kind = match code.class {
            Class::Refused | Class::FileAlreadyExists | Class::NoSuchKey => "permanent",
            Class::Again | Class::Unable | Class::Digest => "passing",
            Class::Throttled => "throttled",
            Class::Clock => "clock",
            Class::Credential | Class::Signature => "credential",
            _ => "session",
        };
        assert!(row(kind).contains(&format!("`{}`", code.code)), "{} is not in the row of {kind}", code.code);
    }
}

#[test]
fn no_status_without_a_body_is_a_success() {
    for status in [201, 202, 203, 206, 301, 304, 403, 404, 409, 500] {
        let status = StatusCode::from_u16(status).unwrap();
        for op in [Call::Put, Call::Initiate, Call::Part { number: 1 }, Call::List { after: 0 }, Call::Complete] {
            let decoded = stage::decode(&op, &DIALECT, Success::Document, &far::answer(says(status.as_u16(), "")));
            assert!(decoded.is_err(), "{status} {op:?}");
        }
    }
}
