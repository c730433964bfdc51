//! Each call by itself: its name, how the machine is to treat it, what its request holds, and what its answers mean. And
//! what is checked before an upload is resumed, and said before it begins.

mod talk;

use std::time::Duration;

use http::Request;
use resumable_core::Advice::{self, Fatal, Unsure};
use resumable_core::{Body, IfExists, Lane, Located, Protocol, Segment};
use resumable_proto_xfyun::{
    App, BodyDigest, Boundary, Call, Credential, DigestMode, ENDPOINT, Fault, InvalidOptions, Limits, Op, Options,
    RequestId, Xfyun, limits, mpupload_init, upload,
};
use serde_json::{Value, json};
use talk::*;

const CALLS: [Call; 5] = [Call::Upload, Call::Init, Call::Slice { slice_id: 3 }, Call::Complete, Call::Cancel];
const LEN: u64 = 25;

#[test]
fn calls_have_the_vendors_names() {
    let names = ["upload", "mpupload/init", "mpupload/upload", "mpupload/complete", "mpupload/cancel"];
    assert_eq!(CALLS.map(|call| Xfyun::name(&call)), names);
    assert_eq!(Op::ALL.map(|op| op.to_string()), names);
    assert_eq!(Op::ALL.map(|op| op.path().to_owned()), names.map(|name| format!("/file/{name}")));
}

#[test]
fn the_machine_is_told_what_each_call_is() {
    let to = protocol(tiny());
    for (call, carries, seconds) in [
        (Call::Upload, true, 120),
        (Call::Init, false, 60),
        (Call::Slice { slice_id: 3 }, true, 120),
        (Call::Complete, false, 300),
        (Call::Cancel, false, 60),
    ] {
        let props = to.props(&call);
        assert_eq!(props.carries_source, carries, "{call:?}");
        assert_eq!(props.lane, if carries { Lane::Data } else { Lane::Api }, "{call:?}");
        // What an init has opened could not be found again.
        assert_eq!(props.commits, !matches!(call, Call::Slice { .. }), "{call:?}");
        assert!(props.digested);
        assert_eq!(props.limits.reply_bytes, 64 << 10, "{call:?}");
        assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{call:?}");
    }
}

#[test]
fn an_answer_means_to_each_call_what_it_can_mean() {
    let reply = |name: &str| Ok(name.to_owned());
    let no_use = || Err::<String, Advice>(Fatal);
    let gone = || reply("Gone");
    let (unexplained, refused) = (|| reply("Unexplained"), || reply("Refused"));
    for (said, expected) in [
        (no(10_001), [no_use(), no_use(), refused(), no_use(), refused()]),
        (no(10_002), [Err(Unsure), Err(Unsure), Err(Unsure), Err(Unsure), Err(Unsure)]),
        (no(10_005), [gone(), gone(), gone(), gone(), gone()]),
        (no(11_200), [no_use(), no_use(), no_use(), no_use(), no_use()]),
        // Nobody explains it. Under another status than the one that says nothing, it is a refusal.
        (no(10_401), [unexplained(), unexplained(), no_use(), unexplained(), no_use()]),
        ((400, no(10_401).1), [no_use(), no_use(), no_use(), no_use(), no_use()]),
        ((200, no(10_001).1), [no_use(), no_use(), refused(), no_use(), refused()]),
        (stored(), [reply("Stored"), Err(Unsure), reply("Acknowledged"), reply("Stored"), reply("Cancelled")]),
        (opened(), [Err(Unsure), reply("Opened"), reply("Acknowledged"), Err(Unsure), reply("Cancelled")]),
        (fine(), [Err(Unsure), Err(Unsure), reply("Acknowledged"), Err(Unsure), reply("Cancelled")]),
        // A gateway's refusal has no code, and so says nothing of the upload.
        ((404, r#"{"message":"no Route matched"}"#.to_owned()), [no_use(), no_use(), no_use(), no_use(), no_use()]),
    ] {
        assert_eq!(CALLS.map(|call| verdict(&call, &said)), expected, "{said:?}");
    }
}

// ── requests

fn text(request: &Request<Body>) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
    };
    request.body().segments().iter().map(piece).collect()
}

/// The fields of a form, or of JSON.
fn fields(request: &Request<Body>) -> Vec<(String, String)> {
    let text = text(request);
    if let Ok(json) = serde_json::from_str::<std::collections::BTreeMap<String, String>>(&text) {
        return json.into_iter().collect();
    }
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n").unwrap();
        (head.split('"').next().unwrap().to_owned(), value.split("\r\n--").next().unwrap().to_owned())
    };
    text.split("form-data; name=\"").skip(1).map(field).collect()
}

#[test]
fn requests_hold_what_belongs_to_them() {
    let id = RequestId::from_nonce(7);
    let (app, id) = (("app_id", "app00001"), ("request_id", id.as_str()));
    for digest in [DigestMode::Empty, DigestMode::Body] {
        let mut talk = Talk::new(LEN, tiny().digest(digest));
        talk.state.session = serde_json::from_value(open_session(LEN, SLICE, &[(0, 2)])).unwrap();
        for (call, expected) in [
            (Call::Upload, vec![app, ("data", "<0..25>"), id]),
            (Call::Init, vec![app, id]),
            (Call::Slice { slice_id: 1 }, vec![("data", "<0..10>"), app, id, ("upload_id", "up_1"), ("slice_id", "1")]),
            (
                Call::Slice { slice_id: 3 },
                vec![("data", "<20..25>"), app, id, ("upload_id", "up_1"), ("slice_id", "3")],
            ),
            (Call::Complete, vec![app, id, ("upload_id", "up_1")]),
            (Call::Cancel, vec![app, id, ("upload_id", "up_1")]),
        ] {
            let request = talk.request(&call).unwrap();
            let expected: Vec<_> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(fields(&request), expected, "{call:?}");
            assert_eq!(request.uri().to_string(), format!("http://127.0.0.1:18099/file/{}", Xfyun::name(&call)));
            assert_eq!(request.headers()["date"], "Wed, 05 Jan 2022 09:29:14 GMT");
            // Only JSON can be digested before it is sent.
            let form = matches!(call, Call::Upload | Call::Slice { .. });
            let of_body = BodyDigest::of(text(&request).as_bytes());
            let digest = if digest == DigestMode::Body && !form { of_body } else { BodyDigest::default() };
            assert_eq!(request.headers()["digest"], digest.as_str(), "{call:?}");
        }
        let fresh = Talk::new(LEN, tiny());
        for call in CALLS {
            let op = match call {
                Call::Upload | Call::Init => None,
                Call::Slice { .. } => Some(Op::MpuploadUpload),
                Call::Complete => Some(Op::MpuploadComplete),
                Call::Cancel => Some(Op::MpuploadCancel),
            };
            assert_eq!(fresh.request(&call).err(), op.map(|op| Fault::NotOpen { op }), "{call:?}");
        }
    }
}

#[test]
fn a_target_names_all_that_two_uploads_must_share() {
    for (endpoint, cloud, target) in [
        (ENDPOINT, None, "https://upload-ost-api.xfyun.cn app_id=4CC5779A"),
        ("http://h:8080/", Some("7"), "http://h:8080 app_id=4CC5779A cloud_id=7"),
    ] {
        let app = App::new(endpoint, "4CC5779A", cloud).unwrap();
        assert_eq!((app.app_id(), app.cloud_id()), ("4CC5779A", cloud));
        assert_eq!(format!("{app:?}"), format!("App({target})"));
        assert_eq!(Xfyun::new(app, Options::default()).unwrap().target(), target);
    }
}

// ── faults

#[test]
fn a_fault_tells_the_vendors_code_and_the_name_of_the_exchange() {
    let refused = protocol(tiny()).decode(&Call::Init, &answer(&no(10_001))).unwrap_err().fault;
    let lost = Fault::UrlLost(Box::new(refused.clone()));
    for fault in [refused, lost] {
        assert_eq!(
            (fault.code(), fault.sid(), Xfyun::request_id(&fault)),
            (Some(10_001), Some("ost0001@dx1"), Some("ost0001@dx1"))
        );
    }
    let lacking = protocol(tiny()).decode(&Call::Init, &answer(&fine())).unwrap_err().fault;
    assert_eq!((lacking.code(), lacking.sid()), (None, Some("ost0001@dx1")));
    let nowhere = Fault::NotOpen { op: Op::MpuploadCancel };
    assert_eq!((nowhere.code(), nowhere.sid(), Xfyun::request_id(&nowhere)), (None, None, None));
}

#[test]
fn a_fault_says_what_came_instead_of_an_answer() {
    let says = |status: u16, body: &str| {
        upload::decode(&answer(&(status, body.to_owned())).response).unwrap_err().fault.to_string()
    };
    assert_eq!(says(502, ""), "upload: the answer (HTTP 502) is not from this API: an empty body");
    assert_eq!(says(502, "<html>"), "upload: the answer (HTTP 502) is not from this API: <html>");
    let unnamed = says(200, r#"{"code":0}"#);
    assert_eq!(unnamed, "upload was answered with success, but without a usable url");
    let named = says(200, r#"{"code":0,"sid":"s1"}"#);
    assert_eq!(named, "upload was answered with success, but without a usable url, sid s1");
    let bare = says(400, r#"{"code":10401}"#);
    assert_eq!(bare, "upload was refused: unknown reason (code 10401, HTTP 400)");
}

// ── bounds

/// The text at the bound is taken, and the one beside it is not.
#[test]
fn texts_of_an_answer_are_taken_up_to_their_bounds() {
    let of = |name: &str, len: usize| answer(&ok(&format!(r#"{{"{name}":"{}"}}"#, "u".repeat(len)))).response;
    for (len, taken) in [(0, false), (1, true), (256, true), (257, false)] {
        assert_eq!(mpupload_init::decode(&of("upload_id", len)).is_ok(), taken, "{len}");
    }
    for (len, taken) in [(0, false), (1, true), (4096, true), (4097, false)] {
        assert_eq!(upload::decode(&of("url", len)).is_ok(), taken, "{len}");
    }
    let head = format!(r#"{{"code":0,"data":{{"url":"{URL}"}},"x":""#);
    let most = usize::try_from(limits::REPLY_BYTES).unwrap();
    for (len, taken) in [(most, true), (most + 1, false)] {
        let body = format!("{head}{}\"}}", "x".repeat(len - head.len() - 2));
        assert_eq!(body.len(), len);
        assert_eq!(upload::decode(&answer(&(200, body)).response).is_ok(), taken, "{len}");
    }
}

#[test]
fn names_are_taken_up_to_their_bounds() {
    for len in [0, 1, 64, 65, 70, 71] {
        let text = "a".repeat(len);
        assert_eq!(RequestId::new(text.as_str()).is_ok(), (1..=64).contains(&len), "{len}");
        assert_eq!(Boundary::new(text.as_str()).is_ok(), (1..=70).contains(&len), "{len}");
        assert_eq!(App::new(ENDPOINT, &text, None).is_ok(), (1..=64).contains(&len), "{len}");
        assert_eq!(App::new(ENDPOINT, "a", Some(&text)).is_ok(), (1..=64).contains(&len), "{len}");
    }
    assert!(App::new(ENDPOINT, "A-b_c.9", None).is_ok() && RequestId::new("A-b_9").is_ok());
    assert!(Boundary::new("'()+_,-./:=?").is_ok() && RequestId::new("a.b").is_err());
    assert_eq!(Credential::new("key", "secret").unwrap().api_key(), "key");
}

#[test]
fn options_are_checked_at_their_bounds() {
    let of = |part_size, part_min, part_max, parts| {
        protocol(tiny()).with_options(tiny().part_size(part_size).limits(Limits { part_min, part_max, parts })).err()
    };
    let size = |size, least, most| Some(InvalidOptions::PartSize { size, least, most });
    for (given, expected) in [
        (of(1, 1, 1, 1), None),
        (of(5, 5, 40, 12), None),
        (of(40, 5, 40, 12), None),
        (of(4, 5, 40, 12), size(4, 5, 40)),
        (of(41, 5, 40, 12), size(41, 5, 40)),
        (of(5, 0, 40, 12), Some(InvalidOptions::Limits)),
        (of(5, 6, 5, 12), Some(InvalidOptions::Limits)),
        (of(5, 5, 5, 0), Some(InvalidOptions::Limits)),
    ] {
        assert_eq!(given, expected);
    }
}

/// The number at the bound can be, and the one beside it cannot.
#[test]
fn a_session_is_checked_before_it_is_resumed() {
    let can_be = |session: &Value| {
        let session = serde_json::from_value(session.clone()).unwrap();
        protocol(tiny()).validate(&session, &source(LEN)).is_ok()
    };
    let fresh = |way: Value| json!({"len": LEN, "way": way, "stage": "fresh", "strays": 0, "urls_lost": 0});
    let slices = |len: u64, size: u64| json!({"slices": {"len": len, "size": size}});
    let open = |size, acknowledged: &[(u64, u64)]| open_session(LEN, size, acknowledged);
    let with = |pointer: &str, value: Value| {
        let mut session = open(SLICE, &[(0, 1)]);
        *session.pointer_mut(pointer).unwrap() = value;
        session
    };
    for (session, expected) in [
        (fresh(json!("one_request")), true),
        (fresh(slices(LEN, 1)), true),
        (fresh(slices(LEN, 0)), false),
        (fresh(slices(LEN + 1, SLICE)), false),
        (open(SLICE, &[]), true),
        (open(SLICE, &[(0, 3)]), true),
        (open(SLICE, &[(0, 1), (2, 3)]), true),
        (open(SLICE, &[(0, 4)]), false),
        (open(SLICE, &[(0, 1), (3, 4)]), false),
        // Twelve slices, and thirteen.
        (open(3, &[]), true),
        (open_session(LEN, 2, &[(0, 12)]), false),
        (with("/len", json!(LEN + 1)), false),
        (with("/way", json!("one_request")), false),
        (with("/way/slices/len", json!(LEN - 1)), false),
        (with("/way/slices/size", json!(0)), false),
        (with("/stage/open/upload_id", json!("")), false),
        (with("/stage/open/slicing/len", json!(LEN - 1)), false),
        (with("/stage/open/slicing/size", json!(0)), false),
        (with("/stage/open/slicing/size", json!(20)), true),
    ] {
        assert_eq!(can_be(&session), expected, "{session}");
    }
}

#[test]
fn an_outline_counts_parts_and_requests() {
    for (len, parts, requests) in
        [(0, 1, 1), (19, 1, 1), (20, 2, 4), (21, 3, 5), (120, 12, 14), (121, 11, 13), (480, 12, 14)]
    {
        let outline = protocol(tiny()).outline(&source(len)).unwrap();
        assert_eq!((outline.parts, outline.requests, outline.reads_all_first), (parts, requests, false), "{len}");
    }
    assert_eq!(protocol(tiny()).outline(&source(481)), Err(Fault::FileTooBig { len: 481, most: 480 }));
}

/// Each file gets a name of the vendor's own, so that nothing is ever in its way.
#[test]
fn no_place_is_ever_taken() {
    let to = protocol(tiny());
    assert!(to.lookup().is_none() && to.renamed(1).is_none() && to.if_exists().is_none() && !to.compares_content());
    for policy in [IfExists::Replace, IfExists::Refuse, IfExists::Skip, IfExists::Rename] {
        assert!(to.with_if_exists(policy).is_none());
    }
    for fault in [Fault::NotOpen { op: Op::Upload }, Fault::TooLarge { op: Op::Upload }] {
        assert!(!Xfyun::is_taken(&fault) && !Xfyun::is_kept_from_asking(&fault));
    }
    let receipt = resumable_core::Receipt::from(done());
    assert_eq!((receipt.url.as_deref(), receipt.orphans), (Some(URL), 1));
}

fn done() -> resumable_proto_xfyun::Uploaded {
    let talk = Talk::new(LEN, tiny().one_request_max(LEN)).loses("upload").asks("upload", &stored());
    match talk.with(|cx| talk.to.next(&talk.state, cx)) {
        resumable_core::Next::Done(done) => done,
        _ => panic!("{}", talk.says()),
    }
}
