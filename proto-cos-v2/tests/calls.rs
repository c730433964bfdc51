//! Each call by itself: its name, how the machine is to treat it, what its request holds with every option set, and what
//! its refusals mean. And what a lookup and an outline say.

mod talk;

use std::time::Duration;

use http::Request;
use resumable_core::Advice::{Fatal, Rehash, Restart, Retry};
use resumable_core::HashKind;
use resumable_core::{Advice, Body, Found, IfExists, Lane, Located, Lookup, Protocol, Segment, SourceInfo, Told};
use resumable_proto_cos_v2::uploadparts::uploadparts;
use resumable_proto_cos_v2::{Call, CosV2, CosV2Lookup, Fault, Integrity, Op, Options, limits, sign};
use serde_json::json;
use talk::*;

const DATA: Call = Call::Data { offset: S, datalen: 5 };
const CALLS: [Call; 7] = [Call::Upload, Call::Init, DATA, Call::List, Call::Finish, Call::Delete, Call::Stat];
const LEN: u64 = S + 5;

#[test]
fn calls_have_the_vendors_names() {
    let names = [
        "upload",
        "upload_slice_init",
        "upload_slice_data",
        "upload_slice_list",
        "upload_slice_finish",
        "delete",
        "stat",
    ];
    assert_eq!(CALLS.map(|call| CosV2::name(&call)), names);
    assert_eq!(Op::ALL.map(|op| op.to_string()), names);
}

#[test]
fn the_machine_is_told_what_each_call_is() {
    const MIB: u64 = 1 << 20;
    // Whether it has bytes of the source, whether it commits, the longest reply, and how long that may take.
    let table = [
        (Call::Upload, true, true, MIB, 60),
        (Call::Init, false, false, MIB, 60),
        (DATA, true, false, MIB, 60),
        (Call::List, false, false, 64 * MIB, 60),
        (Call::Finish, false, true, MIB, 300),
        (Call::Delete, false, true, MIB, 60),
        (Call::Stat, false, false, MIB, 60),
    ];
    for integrity in [Integrity::None, Integrity::Sha1, Integrity::Chain] {
        let to = protocol(slices().integrity(integrity));
        for (call, carries, commits, bytes, seconds) in table.clone() {
            let props = to.props(&call);
            // Without a hash, a forgotten init would leave a session that nobody can tell from a stranger's.
            let commits = commits || (call == Call::Init && integrity == Integrity::None);
            assert_eq!((props.carries_source, props.commits), (carries, commits), "{call:?} {integrity:?}");
            assert_eq!(props.lane, if carries { Lane::Data } else { Lane::Api }, "{call:?}");
            assert_eq!(props.digested, integrity != Integrity::None, "{call:?}");
            assert_eq!(props.limits.reply_bytes, bytes, "{call:?}");
            assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{call:?}");
        }
    }
}

/// What a refusal tells of our session or our content is for the state to judge, where the call has to do with them.
#[test]
fn refusals_that_tell_of_a_session_are_replies_to_the_calls_within_one() {
    let reply = |name: &str| Ok(name.to_owned());
    let (gone, differs, taken) = (|| reply("NoSession"), || reply("Differs"), || reply("Overtaken"));
    let (here, no) = (|name: &str| Ok(name.to_owned()), |advice: Advice| Err::<String, _>(advice));
    for (code, expected) in [
        (-166, [no(Restart), no(Restart), gone(), here("List"), gone(), here("Delete"), here("Stat")]),
        (-288, [no(Restart), no(Restart), gone(), no(Retry), gone(), no(Restart), no(Retry)]),
        (-5999, [no(Fatal), no(Fatal), gone(), no(Fatal), gone(), no(Fatal), no(Fatal)]),
        (-4016, [differs(), no(Rehash), differs(), no(Rehash), differs(), no(Rehash), no(Rehash)]),
        (-174, [differs(), no(Rehash), differs(), no(Rehash), differs(), no(Rehash), no(Rehash)]),
        (-4018, [here("Upload"), here("Init"), taken(), no(Fatal), here("Finish"), no(Fatal), no(Fatal)]),
        (-177, [here("Upload"), here("Init"), taken(), no(Fatal), here("Finish"), no(Fatal), no(Fatal)]),
        (-63, [no(Fatal), no(Fatal), no(Fatal), no(Fatal), no(Fatal), no(Fatal), no(Fatal)]),
    ] {
        assert_eq!(CALLS.map(|call| verdict(&call, &talk::no(code))), expected, "{code}");
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

/// The fields of a form, in their order.
fn fields(request: &Request<Body>) -> Vec<(String, String)> {
    let text = text(request);
    let field = |part: &str| {
        let (name, value) = part.split_once("\"\r\n\r\n")?;
        Some((name.split('"').next()?.to_owned(), value.split("\r\n--").next()?.to_owned()))
    };
    text.split("form-data; name=\"").skip(1).map(|part| field(part).unwrap()).collect()
}

fn named(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_requests_of_an_upload_hold_what_its_options_say() {
    let (sha, chain) = (ours(LEN), uploadparts(S, LEN, &digest(HashKind::Sha1Chain { every: S }, LEN)).unwrap());
    assert_eq!(chain.matches("datasha").count(), 2);
    let (len, size) = (LEN.to_string(), S.to_string());
    for (integrity, insert_only, biz_attr) in [
        (Integrity::Chain, true, None),
        (Integrity::Chain, false, Some("an attribute")),
        (Integrity::Sha1, true, Some("é")),
        (Integrity::None, false, None),
    ] {
        let options = slices().integrity(integrity).insert_only(insert_only);
        let options = biz_attr.map_or(options.clone(), |text| options.biz_attr(text));
        let hashed = integrity != Integrity::None;
        let sha = || hashed.then_some(("sha", sha.as_str()));
        let attribute = || biz_attr.map(|text| ("biz_attr", text));
        let insert = || Some(("insertOnly", if insert_only { "1" } else { "0" }));
        let expect = |fields: Vec<Option<(&str, &str)>>| named(&fields.into_iter().flatten().collect::<Vec<_>>());
        let ready = |options: Options| {
            let mut talk = Talk::new(LEN, options);
            for kind in [HashKind::Sha1, HashKind::Sha1Chain { every: S }] {
                talk.knows(kind);
            }
            talk
        };

        let one = fields(&ready(options.clone().one_request_max(LEN)).next_request());
        let content = format!("<0..{LEN}>");
        assert_eq!(
            one,
            expect(vec![Some(("op", "upload")), sha(), attribute(), insert(), Some(("filecontent", &content))])
        );

        let talk = ready(options);
        let parts = (integrity == Integrity::Chain).then_some(("uploadparts", chain.as_str()));
        let init = vec![
            Some(("op", "upload_slice_init")),
            sha(),
            Some(("slice_size", size.as_str())),
            Some(("filesize", len.as_str())),
            parts,
            attribute(),
            insert(),
        ];
        assert_eq!(fields(&talk.next_request()), expect(init));

        let talk = talk.asks("upload_slice_init", &opened(true)).asks("data 0+64", &stored(0));
        let slice = format!("<{S}..{LEN}>");
        let data = vec![
            Some(("op", "upload_slice_data")),
            Some(("session", "S1")),
            Some(("offset", size.as_str())),
            sha(),
            Some(("filecontent", &slice)),
        ];
        assert_eq!(fields(&talk.next_request()), expect(data));

        let last = ok(&format!(r#"{{"datalen":5,"offset":{S},"session":"S1"}}"#));
        let talk = talk.asks("data 1+5", &last);
        let finish =
            vec![Some(("op", "upload_slice_finish")), Some(("session", "S1")), Some(("filesize", len.as_str())), sha()];
        assert_eq!(fields(&talk.next_request()), expect(finish));
    }
}

/// A session keeps the integrity that it began with.
#[test]
fn a_source_that_was_hashed_against_the_options_is_announced_with_its_hash() {
    let mut talk = Talk::new(LEN, unhashed());
    talk.source.changed = None;
    talk.state.session = talk.to.open(&talk.source, 0);
    let talk = talk.hashes("hash Sha1");
    assert!(fields(&talk.next_request()).contains(&("sha".to_owned(), ours(LEN))));
    // And what was hashed for a comparison is not announced by an upload that begins without.
    let mut talk = Talk::new(LEN, unhashed());
    talk.knows(HashKind::Sha1);
    assert!(!text(&talk.next_request()).contains(&ours(LEN)));
}

/// A delete is signed for itself alone; everything else for this file, and for as long as the options say.
#[test]
fn each_call_is_signed_for_its_file() {
    let life = Duration::from_secs(1234);
    let talk = Talk::halfway(LEN, slices().signature_life(life));
    for call in CALLS {
        let env = resumable_core::Env::new(resumable_core::Now { mono: NOW, unix: NOW }, &talk.source, 7, &[]);
        let cx = resumable_core::Cx { env, credential: &credential(), in_flight: &[] };
        let request = talk.to.encode(&call, &talk.state, &cx).unwrap();
        assert_eq!(request.uri().path(), "/files/v2/1/b/f", "{call:?}");
        let signed = sign::parse(request.headers()["authorization"].to_str().unwrap()).unwrap();
        let until = if call == Call::Delete { 0 } else { NOW.as_secs() + 1234 };
        assert_eq!((signed.e, signed.t, signed.f.as_str()), (until, NOW.as_secs(), "/1/b/f"), "{call:?}");
        let op = format!("op={}", CosV2::name(&call));
        let says = match call {
            Call::Stat => request.uri().query() == Some(&op),
            Call::Delete => text(&request) == r#"{"op":"delete"}"#,
            _ => fields(&request)[0] == ("op".to_owned(), CosV2::name(&call).to_owned()),
        };
        assert!(says, "{call:?}");
        // A slice of no session cannot be named.
        let unopened = Talk::new(LEN, slices());
        let within = matches!(call, Call::Data { .. } | Call::Finish);
        assert_eq!(talk.to.encode(&call, &unopened.state, &cx).is_err(), within, "{call:?}");
    }
}

// ── what is checked and told

#[test]
fn a_fault_tells_the_vendors_code_and_the_name_of_the_request() {
    let to = protocol(slices());
    let refused = to.decode(&Call::Stat, &answer(&no(-63))).unwrap_err().fault;
    assert_eq!(
        (refused.code(), refused.request_id(), CosV2::request_id(&refused)),
        (Some(-63), Some("NTk5"), Some("NTk5"))
    );
    let lacking = (200, r#"{"code":0,"data":{},"request_id":"NTk6"}"#.to_owned());
    let incomplete = to.decode(&Call::Init, &answer(&lacking)).unwrap_err().fault;
    assert_eq!((incomplete.code(), incomplete.request_id()), (None, Some("NTk6")));
    assert_eq!((Fault::Gone.code(), Fault::Gone.request_id()), (None, None));
}

/// The number at the bound can be, and the one beside it cannot.
#[test]
fn a_session_is_checked_before_it_is_resumed() {
    let to = protocol(slices().part_sizes(vec![S, 128]));
    let known = source(LEN);
    let open = |slice_size: u64| json!({"session": "S1", "slice_size": slice_size, "serial": true});
    for (path, value, can_be) in [
        ("slice_size", json!(S), true),
        ("slice_size", json!(128), true),
        ("slice_size", json!(S - 1), false),
        ("slice_size", json!(192), false),
        ("open", open(64), true),
        ("open", open(128), true),
        ("open", open(64 << 20), true),
        ("open", open(63), false),
        ("open", open(65), false),
        ("open", open(0), false),
        ("open", open((64 << 20) + 64), false),
        ("open", json!({"session": "", "slice_size": 64, "serial": true}), false),
        ("confirmed", json!(LEN), true),
        ("confirmed", json!(LEN + 1), false),
        ("differed", json!(LEN - 1), true),
        ("differed", json!(LEN), false),
    ] {
        let mut session = serde_json::to_value(&Talk::halfway(LEN, slices()).state.session).unwrap();
        session[path] = value.clone();
        let session = serde_json::from_value(session).unwrap();
        assert_eq!(to.validate(&session, &known).is_ok(), can_be, "{path} {value}");
    }
    // Without a session, nothing is stored, or all of it.
    for (confirmed, can_be) in [(0, true), (1, false), (LEN - 1, false), (LEN, true), (LEN + 1, false)] {
        let mut session = serde_json::to_value(to.open(&known, 0)).unwrap();
        session["confirmed"] = json!(confirmed);
        let session = serde_json::from_value(session).unwrap();
        assert_eq!(to.validate(&session, &known).is_ok(), can_be, "{confirmed}");
    }
}

#[test]
fn an_upload_and_its_lookup_have_one_target() {
    let (to, lookup) = (protocol(slices()), protocol(slices()).lookup().unwrap());
    assert_eq!(to.target(), "https://sh.file.myqcloud.com/files/v2/1/b/f");
    assert_eq!(lookup.target(), to.target());
}

#[test]
fn a_lookup_says_who_it_is() {
    let lookup = protocol(slices()).lookup().unwrap();
    assert_eq!((CosV2Lookup::name(&()), lookup.reply_bytes(&())), ("stat", limits::REPLY_BYTES));
    let refused = lookup.decode(&(), &answer(&no(-63))).unwrap_err().fault;
    assert_eq!((CosV2Lookup::request_id(&refused), CosV2Lookup::request_id(&Fault::Gone)), (Some("NTk5"), None));
    let told = lookup.decode(&(), &answer(&object(7, None))).unwrap();
    let Told::Found(Found { len, .. }) = told else { panic!("{told:?}") };
    assert_eq!(len, Some(7));
}

#[test]
fn an_outline_counts_parts_and_requests() {
    let options = |integrity| small().integrity(integrity).file_max(10 * S);
    for (len, parts, requests) in
        [(0, 1, 1), (1, 1, 1), (S, 1, 1), (S + 1, 2, 4), (2 * S, 2, 4), (2 * S + 1, 3, 5), (10 * S, 10, 12)]
    {
        for integrity in [Integrity::None, Integrity::Sha1, Integrity::Chain] {
            let outline = protocol(options(integrity)).outline(&source(len)).unwrap();
            let expected = (parts, requests, integrity != Integrity::None);
            assert_eq!((outline.parts, outline.requests, outline.reads_all_first), expected, "{len}");
        }
    }
    let unknown = SourceInfo::new(S, [1; 32]);
    assert!(
        protocol(options(Integrity::None)).outline(&unknown).unwrap().reads_all_first,
        "it keeps no time of change"
    );
    let filesize = 10 * S + 1;
    assert_eq!(protocol(small().file_max(10 * S)).outline(&source(filesize)), Err(Fault::FileTooBig { filesize }));
}

#[test]
fn what_is_done_about_an_object_that_is_there() {
    for (integrity, compares) in [(Integrity::None, false), (Integrity::Sha1, true), (Integrity::Chain, true)] {
        assert_eq!(protocol(slices().integrity(integrity)).compares_content(), compares);
    }
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
    for (fault, taken) in
        [(Fault::Exists, true), (Fault::Occupied, false), (Fault::Hidden, false), (Fault::Gone, false)]
    {
        assert_eq!((CosV2::is_taken(&fault), CosV2::is_kept_from_asking(&fault)), (taken, false));
    }
}
