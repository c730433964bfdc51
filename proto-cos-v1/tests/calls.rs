//! Each call by itself: its name, how the machine is to treat it, what its request holds with every option set, and what
//! its answers mean. And what a lookup and an outline say.

mod talk;

use std::time::Duration;

use http::Request;
use resumable_core::Advice::{self, Fatal, Rehash, Retry};
use resumable_core::{Authority, Body, Found, IfExists, Lane, Located, Lookup, Protocol, Segment, Told};
use resumable_proto_cos_v1::{Call, CosV1, CosV1Lookup, Fault, Op, Options, limits, sign};
use serde_json::{Value, json};
use talk::*;

const INIT: Call = Call::Init { with_session: false };
const INIT_OURS: Call = Call::Init { with_session: true };
const SLICE: Call = Call::Slice { offset: 0, datalen: S, last: false };
const LAST: Call = Call::Slice { offset: S, datalen: 5, last: true };
const CALLS: [Call; 6] = [Call::Upload, INIT, INIT_OURS, SLICE, LAST, Call::Stat];
const LEN: u64 = S + 5;

#[test]
fn calls_have_the_vendors_names() {
    let names = ["upload", "upload_slice", "upload_slice", "upload_slice", "upload_slice", "stat"];
    assert_eq!(CALLS.map(|call| CosV1::name(&call)), names);
    assert_eq!(Op::ALL.map(|op| op.to_string()), ["upload", "upload_slice (init)", "upload_slice (slice)", "stat"]);
    assert_eq!(Op::ALL.map(Op::changes), [true, true, true, false]);
}

#[test]
fn the_machine_is_told_what_each_call_is() {
    for options in [slices(), parallel()] {
        let to = protocol(options);
        for (call, carries, commits, seconds) in [
            (Call::Upload, true, true, 60),
            (INIT, false, false, 60),
            (INIT_OURS, false, false, 60),
            (SLICE, true, false, 60),
            (LAST, true, true, 300),
            (Call::Stat, false, false, 60),
        ] {
            let props = to.props(&call);
            assert_eq!((props.carries_source, props.commits), (carries, commits), "{call:?}");
            assert_eq!(props.lane, if carries { Lane::Data } else { Lane::Api }, "{call:?}");
            assert!(props.digested);
            assert_eq!(props.limits.reply_bytes, 1 << 20, "{call:?}");
            assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{call:?}");
        }
    }
}

/// What a refusal tells of our session or our content is for the state to judge, where the call has to do with them.
#[test]
fn an_answer_means_to_each_call_what_it_can_mean() {
    let reply = |name: &str| Ok::<_, Advice>(name.to_owned());
    let (gone, differs, taken) = (|| reply("NoSession"), || reply("Differs"), || reply("Overtaken"));
    let (upload, init, stat) = (|| reply("Upload"), || reply("Init"), || reply("Stat"));
    let end = || Err(Fatal);
    for (code, expected) in [
        (-166, [gone(), gone(), gone(), gone(), gone(), stat()]),
        (-288, [gone(), gone(), gone(), gone(), gone(), Err(Retry)]),
        (-197, [end(), end(), gone(), gone(), gone(), stat()]),
        (-5999, [end(), end(), gone(), gone(), gone(), end()]),
        (-4016, [differs(), differs(), differs(), differs(), differs(), Err(Rehash)]),
        (-174, [differs(), differs(), differs(), differs(), differs(), Err(Rehash)]),
        (-4018, [upload(), init(), init(), taken(), taken(), end()]),
        (-177, [upload(), init(), init(), taken(), taken(), end()]),
        (-63, [end(), end(), end(), end(), end(), end()]),
    ] {
        assert_eq!(CALLS.map(|call| verdict(&call, &no(code))), expected, "{code}");
    }
}

/// Only what was sent without an order of its own needs the client's own journal.
#[test]
fn who_knows_what_has_arrived() {
    let authority = |order: &str, offset: &str| {
        let mut session = open_session(&[]);
        (session["order"], session["offset"]) = (json!(order), json!(offset));
        protocol(slices()).authority(&serde_json::from_value(session).unwrap())
    };
    assert_eq!(authority("one_by_one", "proves"), Authority::Vendor);
    assert_eq!(authority("one_by_one", "bounds"), Authority::Checkpoint);
    assert_eq!(authority("side_by_side", "proves"), Authority::Checkpoint);
    assert_eq!(authority("side_by_side", "bounds"), Authority::Checkpoint);
}

// ── requests

/// The fields of a form, in their order.
fn fields(request: &Request<Body>) -> Vec<(String, String)> {
    let piece = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
    };
    let text: String = request.body().segments().iter().map(piece).collect();
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n").unwrap();
        (head.split('"').next().unwrap().to_owned(), value.split("\r\n--").next().unwrap().to_owned())
    };
    text.split("form-data; name=\"").skip(1).map(field).collect()
}

#[test]
fn the_requests_of_an_upload_hold_what_its_options_say() {
    let (sha, len, size) = (ours(LEN), LEN.to_string(), S.to_string());
    for (insert_only, biz_attr) in [(true, None), (false, Some("an attribute")), (true, Some("é"))] {
        let options = slices().insert_only(insert_only);
        let options = biz_attr.map_or(options.clone(), |text| options.biz_attr(text));
        let expect = |fields: Vec<Option<(&str, &str)>>| -> Vec<(String, String)> {
            fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let attribute = || biz_attr.map(|text| ("biz_attr", text));
        let (sha, insert) = (("sha", sha.as_str()), ("insertOnly", if insert_only { "1" } else { "0" }));
        let talk = Talk::new(LEN, options);
        let whole = [Some(("op", "upload")), Some(sha), attribute(), Some(insert), Some(("filecontent", "<0..21>"))];
        assert_eq!(fields(&talk.request(&Call::Upload).unwrap()), expect(whole.to_vec()));
        let head = [
            Some(("op", "upload_slice")),
            Some(sha),
            Some(("filesize", &len)),
            Some(("slice_size", &size)),
            attribute(),
        ];
        let init = [&head[..], &[Some(insert)]].concat();
        assert_eq!(fields(&talk.request(&INIT).unwrap()), expect(init));
        let talk = talk.asks("init", &opened(0));
        let again = [&head[..], &[Some(("session", "S1")), Some(insert)]].concat();
        assert_eq!(fields(&talk.request(&INIT_OURS).unwrap()), expect(again));
        let slice = |offset, content| {
            vec![
                Some(("op", "upload_slice")),
                Some(("session", "S1")),
                Some(("offset", offset)),
                Some(("filecontent", content)),
            ]
        };
        assert_eq!(fields(&talk.request(&SLICE).unwrap()), expect(slice("0", "<0..16>")));
        assert_eq!(fields(&talk.request(&LAST).unwrap()), expect(slice("16", "<16..21>")));
    }
}

#[test]
fn each_call_is_signed_for_its_file() {
    let talk = Talk::new(LEN, slices().signature_life(Duration::from_secs(1234))).asks("init", &opened(0));
    for call in CALLS {
        let request = talk.request(&call).unwrap();
        assert_eq!(request.uri().path(), "/files/v1/1/b/f", "{call:?}");
        let signed = sign::parse(request.headers()["authorization"].to_str().unwrap()).unwrap();
        assert_eq!(
            (signed.e, signed.t, signed.f.as_str()),
            (NOW.as_secs() + 1234, NOW.as_secs(), "/1/b/f"),
            "{call:?}"
        );
        match call {
            Call::Stat => assert_eq!(request.uri().query(), Some("op=stat")),
            _ => assert_eq!(fields(&request)[0], ("op".to_owned(), CosV1::name(&call).to_owned())),
        }
    }
    // A slice of no session cannot be named, and an upload without a hash cannot be announced.
    let (unopened, unread) = (Talk::new(LEN, slices()), Talk::unread(LEN, slices()));
    for call in CALLS {
        let (slice, init) = (matches!(call, Call::Slice { .. }), matches!(call, Call::Init { .. }));
        assert_eq!(unopened.request(&call).err(), slice.then_some(Fault::Gone), "{call:?}");
        assert_eq!(unread.request(&call).err(), (slice || init).then_some(Fault::Gone), "{call:?}");
    }
}

// ── what is checked and told

#[test]
fn a_fault_tells_the_vendors_code_and_the_name_of_the_request() {
    let refused = protocol(slices()).decode(&Call::Stat, &answer(&no(-63))).unwrap_err().fault;
    assert_eq!(
        (refused.code(), refused.request_id(), CosV1::request_id(&refused)),
        (Some(-63), Some("NTk5"), Some("NTk5"))
    );
    let lacking = (200, r#"{"code":0,"data":{},"request_id":"NTk6"}"#.to_owned());
    let incomplete = protocol(slices()).decode(&INIT, &answer(&lacking)).unwrap_err().fault;
    assert_eq!((incomplete.code(), incomplete.request_id()), (None, Some("NTk6")));
    assert_eq!((Fault::Gone.code(), Fault::Gone.request_id(), CosV1::request_id(&Fault::Gone)), (None, None, None));
}

/// The number at the bound can be, and the one beside it cannot.
#[test]
fn a_session_is_checked_before_it_is_resumed() {
    let to = protocol(slices().part_sizes(vec![S, 20]));
    let can_be = |session: &Value| to.validate(&serde_json::from_value(session.clone()).unwrap(), &source(LEN)).is_ok();
    let with = |name: &str, value: Value| {
        let mut session = open_session(&[(0, S)]);
        session[name] = value;
        session
    };
    let open = |slice_size: u64| json!({"session": "S1", "slice_size": slice_size});
    for (session, expected) in [
        (open_session(&[]), true),
        (open_session(&[(0, LEN)]), true),
        (open_session(&[(0, 1), (3, LEN)]), true),
        (open_session(&[(0, LEN + 1)]), false),
        (open_session(&[(0, 1), (3, LEN + 1)]), false),
        (with("slice_size", json!(20)), true),
        (with("slice_size", json!(S - 1)), false),
        (with("open", open(1)), true),
        (with("open", open(64 << 20)), true),
        (with("open", open(0)), false),
        (with("open", open((64 << 20) + 1)), false),
        (with("open", json!({"session": "", "slice_size": S})), false),
        (with("differed", json!(LEN - 1)), true),
        (with("differed", json!(LEN)), false),
        (with("differed", json!(LEN + 1)), false),
    ] {
        assert_eq!(can_be(&session), expected, "{session}");
    }
    // Without a session there is nothing at the vendor, or all of it.
    for (got, expected) in
        [(json!([]), true), (json!([{"start": 0, "end": LEN}]), true), (json!([{"start": 0, "end": S}]), false)]
    {
        let mut session = with("open", json!(null));
        session["got"] = got;
        assert_eq!(can_be(&session), expected, "{session}");
    }
}

#[test]
fn a_lookup_says_who_it_is() {
    let (to, lookup) = (protocol(slices()), protocol(slices()).lookup().unwrap());
    assert_eq!(to.target(), "http://web.file.myqcloud.com/files/v1/1/b/f");
    assert_eq!(lookup.target(), to.target());
    assert_eq!((CosV1Lookup::name(&()), lookup.reply_bytes(&())), ("stat", limits::REPLY_BYTES));
    let refused = lookup.decode(&(), &answer(&no(-63))).unwrap_err().fault;
    assert_eq!((CosV1Lookup::request_id(&refused), CosV1Lookup::request_id(&Fault::Gone)), (Some("NTk5"), None));
    let told = lookup.decode(&(), &answer(&object(7, None))).unwrap();
    let Told::Found(Found { len, .. }) = told else { panic!("{told:?}") };
    assert_eq!(len, Some(7));
}

#[test]
fn an_outline_counts_parts_and_requests() {
    let to = || protocol(small().file_max(10 * S));
    for (len, parts, requests) in
        [(0, 1, 1), (1, 1, 1), (S, 1, 1), (S + 1, 2, 3), (2 * S, 2, 3), (2 * S + 1, 3, 4), (10 * S, 10, 11)]
    {
        let outline = to().outline(&source(len)).unwrap();
        assert_eq!((outline.parts, outline.requests, outline.reads_all_first), (parts, requests, true), "{len}");
    }
    let (filesize, file_max) = (10 * S + 1, 10 * S);
    assert_eq!(to().outline(&source(filesize)), Err(Fault::FileTooBig { filesize, file_max }));
}

#[test]
fn what_is_done_about_an_object_that_is_there() {
    assert!(protocol(slices()).compares_content());
    for (insert_only, policy) in [(true, IfExists::Refuse), (false, IfExists::Replace)] {
        assert_eq!(protocol(slices().insert_only(insert_only)).if_exists(), Some(policy));
        assert_eq!(
            protocol(slices().insert_only(!insert_only)).with_if_exists(policy).unwrap().if_exists(),
            Some(policy)
        );
    }
    for policy in [IfExists::Skip, IfExists::Rename] {
        assert!(protocol(slices()).with_if_exists(policy).is_none());
    }
    for (fault, taken) in [(Fault::Exists, true), (Fault::NotCompleted, false), (Fault::Gone, false)] {
        assert_eq!((CosV1::is_taken(&fault), CosV1::is_kept_from_asking(&fault)), (taken, false));
    }
}

/// The slice sizes of the vendor's SDKs, and its largest file.
#[test]
fn the_vendors_own_numbers() {
    const KIB: u64 = 1 << 10;
    for size in [512 * KIB, 1024 * KIB, 2048 * KIB, 3072 * KIB] {
        assert!(protocol(slices()).with_options(Options::default().part_size(size)).is_ok(), "{size}");
        assert!(protocol(slices()).with_options(Options::default().part_size(size + 1)).is_err(), "{size}");
    }
    let outline = |len: u64| protocol(Options::default().one_request_max(u64::MAX)).outline(&source(len));
    assert_eq!((outline(20_000_000).unwrap().parts, outline(20_000_001).unwrap().parts), (1, 20));
    assert!(outline(64 << 30).is_ok() && outline((64 << 30) + 1).is_err());
}
