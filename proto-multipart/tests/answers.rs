//! What an answer means to each call: a reply to go on with, or an advice.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode};
use resumable_core::{Advice, Answer, Observed};
use resumable_proto_multipart::codes::{advice, advice_unreadable};
use resumable_proto_multipart::dialect::{BareRefusals, Documents};
use resumable_proto_multipart::stage::{Call, Success, decode};
use resumable_proto_multipart::{Class, Code, Dialect, ErrorReply, Fault, Found, Op};

const fn row(code: &'static str, class: Class) -> Code {
    Code { code, class, meaning: "", remedy: "" }
}

static STORE: Dialect = Dialect {
    vendor: "STORE",
    create: Op::InitiateMultipartUpload,
    codes: &[
        row("NoSuchUpload", Class::NoSuchUpload),
        row("FileAlreadyExists", Class::FileAlreadyExists),
        row("CallbackFailed", Class::CallbackFailed),
        row("PartAlreadyExist", Class::PartAlreadyExist),
        row("PartNotSequential", Class::PartNotSequential),
        row("InvalidPart", Class::InvalidPart),
        row("BadDigest", Class::Digest),
        row("Conflict", Class::Conflict),
        row("Elsewhere", Class::Region),
        row("AccessDenied", Class::Refused),
    ],
    request_id: Some("x-id"),
    bare_refusals: BareRefusals::ByStatus,
    bucket_region: None,
    region_of: |_| None,
    sums: &[],
    opaque_tags: &[],
    upload_name: None,
    documents: Documents::Strict,
    completes_within: Duration::from_secs(9),
    upload_id_bytes: 1024,
};

fn calls() -> [Call; 7] {
    let (part, list) = (Call::Part { number: 1 }, Call::List { after: 0 });
    [Call::Put, Call::Initiate, list, part, Call::Complete, Call::Abort, Call::Head]
}

/// What a refusal with this code means to a call: a reply by its name, or nothing but an advice.
fn verdict(call: &Call, code: &str, more: &str) -> String {
    let body = format!("<Error><Code>{code}</Code>{more}</Error>");
    let response = Response::builder().status(400).header("x-id", "1").body(Bytes::from(body)).unwrap();
    match decode(call, &STORE, Success::Document, &Answer { response, observed: Observed::none() }) {
        Ok(reply) => format!("{reply:?}").split(['(', ' ']).next().unwrap().to_owned(),
        Err(refused) => format!("{:?}", refused.advice),
    }
}

#[test]
fn each_refusal_is_a_reply_to_the_calls_that_it_tells_something() {
    //  put, initiate, list, part, complete, abort, head
    for (code, verdicts) in [
        ("NoSuchUpload", ["Retry", "Retry", "Gone", "Gone", "Gone", "Gone", "Retry"]),
        ("FileAlreadyExists", ["Taken", "Fatal", "Fatal", "Fatal", "Taken", "Fatal", "Fatal"]),
        ("CallbackFailed", ["CallbackFailed", "Fatal", "Fatal", "Fatal", "CallbackFailed", "Fatal", "Fatal"]),
        ("PartAlreadyExist", ["Retry", "Retry", "Retry", "Exists", "Retry", "Retry", "Retry"]),
        ("PartNotSequential", ["Retry", "Retry", "Retry", "Behind", "InvalidPart", "Retry", "Retry"]),
        ("InvalidPart", ["Retry", "Retry", "Retry", "Retry", "InvalidPart", "Retry", "Retry"]),
        ("BadDigest", ["Retry", "Retry", "Retry", "Retry", "Spent", "Retry", "Retry"]),
        ("Conflict", ["Retry", "Retry", "Retry", "Retry", "Spent", "Retry", "Retry"]),
        ("Elsewhere", ["Fatal"; 7]),
        ("AccessDenied", ["Fatal"; 7]),
    ] {
        for (call, expected) in calls().iter().zip(verdicts) {
            assert_eq!(verdict(call, code, ""), expected, "{code} {call:?}");
        }
    }
    for call in calls() {
        assert_eq!(verdict(&call, "Elsewhere", "<Region>eu-1</Region>"), "Elsewhere", "{call:?}");
    }
}

/// A head has no body to say it in: that the keys are of no use any more is its 400. Anything else would say more.
#[test]
fn a_refusal_without_a_word_is_one_of_keys_only_to_a_head_of_the_vendors() {
    let advice = |call: &Call, bare_refusals, status: u16, named: bool, body: &'static str| {
        let dialect: &Dialect = Box::leak(Box::new(Dialect { bare_refusals, ..STORE }));
        let mut response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
        if named {
            response.headers_mut().insert("x-id", "1".parse().unwrap());
        }
        let answer = Answer { response, observed: Observed::none() };
        decode(call, dialect, Success::Document, &answer).map(|reply| format!("{reply:?}")).map_err(|it| it.advice)
    };
    let in_headers = BareRefusals::InHeaders { document: "x-err", code: "x-ec" };
    for call in calls() {
        let of = |rules, status, named, body| advice(&call, rules, status, named, body) == Err(Advice::Reauthorize);
        assert_eq!(of(BareRefusals::ByStatus, 400, true, ""), call == Call::Head, "{call:?}");
        for (rules, status, named, body) in [
            (BareRefusals::ByStatus, 400, false, ""),
            (BareRefusals::ByStatus, 400, true, "<html>"),
            (BareRefusals::ByStatus, 500, true, ""),
            (in_headers, 400, true, ""),
        ] {
            assert!(!of(rules, status, named, body), "{call:?} {status} {named} {body}");
        }
    }
}

/// The bucket's region alone is a refusal where nothing else is said, and the request did not succeed.
#[test]
fn a_region_alone_is_a_refusal_only_without_a_body_and_without_success() {
    let dialect = Dialect { bucket_region: Some("x-region"), ..STORE };
    for (status, region, body, refused) in [
        (301, Some("eu-1"), "", true),
        (400, Some("eu-1"), " ", true),
        (400, None, "", false),
        (200, Some("eu-1"), "", false),
        (204, Some("eu-1"), "", false),
        (400, Some("eu-1"), "<html>", false),
        (200, Some("eu-1"), "<html>", false),
    ] {
        let mut response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
        response.headers_mut().extend(region.map(|it| (HeaderName::from_static("x-region"), it.parse().unwrap())));
        let read = ErrorReply::read(&dialect, &response);
        assert_eq!(read.and_then(|error| error.region).as_deref(), region.filter(|_| refused), "{status} {body:?}");
    }
}

#[test]
fn advice_without_a_known_code_follows_the_status() {
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    let throttled = Advice::throttled;
    for (at, words, silence) in [
        (301, Advice::Fatal, Advice::Retry),
        (400, Advice::Fatal, Advice::Retry),
        (408, Advice::Unsure, Advice::Unsure),
        (413, Advice::Fatal, Advice::Fatal),
        (429, throttled(), throttled()),
        (500, Advice::Unsure, Advice::Unsure),
        (503, Advice::Unsure, Advice::Unsure),
        (200, Advice::Retry, Advice::Retry),
    ] {
        let of = |code| advice(code, None, status(at), Op::UploadPart);
        assert_eq!((of(Some("New")), of(None)), (words, silence), "{at}");
    }
    for (at, changes, reads) in [
        (200, Advice::Unsure, Advice::Unavailable),
        (400, Advice::Retry, Advice::Retry),
        (408, Advice::Unsure, Advice::Unavailable),
        (413, Advice::Fatal, Advice::Fatal),
        (429, throttled(), throttled()),
        (500, Advice::Unsure, Advice::Unavailable),
    ] {
        for op in Op::ALL {
            let reading = [Op::ListParts, Op::HeadObject, Op::ListMultipartUploads].contains(&op);
            let expected = if reading { reads } else { changes };
            assert_eq!(advice_unreadable(status(at), op), expected, "{at} {op}");
        }
    }
}

#[test]
fn what_ends_an_upload_is_said() {
    for (found, text) in
        [(Found::Nothing, "no object"), (Found::Other, "other content"), (Found::Unproven, "same length")]
    {
        assert!(Fault::Lost { found }.to_string().contains(text), "{found:?}");
    }
}
