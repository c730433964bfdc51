//! Each call by itself: its name, how the machine is to treat it, what it asks for all uploads alike, what its request
//! holds, and what its answers mean. And what is said before an upload begins, or is resumed.

mod far;
mod talk;

use std::time::Duration;

use far::{refusal, says, success};
use http::Request;
use resumable_core::Advice::{Fatal, Reauthorize, Rehash, Retry, Unavailable, Unsure};
use resumable_core::{
    Answer, Body, HashKind, Invalidated, Lane, Located, Lookup, Observed, Protocol, Receipt, Segment, Serves,
};
use resumable_proto_115::codes::throttled;
use resumable_proto_115::{Call, Fault, Op, P115, P115Lookup, Question, at};
use resumable_proto_oss::stage;
use serde_json::json;
use talk::*;

const CALLS: [Call; 6] = [
    Call::Look { depth: 1 },
    Call::FolderAdd { depth: 1 },
    Call::Init { proof: false },
    Call::Resume,
    Call::GetToken,
    Call::Check,
];
const LEN: u64 = 250;

fn part() -> Call {
    Call::Oss(stage::Call::Part { number: 1 })
}

#[test]
fn calls_have_the_vendors_names() {
    let name = <P115 as Protocol>::name;
    assert_eq!(
        CALLS.each_ref().map(name),
        ["folder/get_info", "folder/add", "upload/init", "upload/resume", "upload/get_token", "folder/get_info"]
    );
    assert_eq!(name(&part()), "UploadPart");
    let ops = [
        ("authDeviceCode", "/open/authDeviceCode", false),
        ("get/status", "/get/status/", false),
        ("deviceCodeToToken", "/open/deviceCodeToToken", true),
        ("refreshToken", "/open/refreshToken", true),
        ("folder/get_info", "/open/folder/get_info", false),
        ("folder/add", "/open/folder/add", true),
        ("upload/init", "/open/upload/init", true),
        ("upload/resume", "/open/upload/resume", false),
        ("upload/get_token", "/open/upload/get_token", false),
        ("the storage's callback", "the storage's callback", true),
    ];
    assert_eq!(Op::ALL.map(|op| (op.to_string(), op.path(), op.changes())), ops.map(|(a, b, c)| (a.to_owned(), b, c)));
}

#[test]
fn the_machine_is_told_what_each_call_is() {
    let to = Talk::new(LEN).to;
    for call in CALLS {
        let props = to.props(&call);
        assert_eq!((props.lane, props.carries_source, props.digested), (Lane::Api, false, true), "{call:?}");
        // An init may put the file into the drive.
        assert_eq!(props.commits, matches!(call, Call::Init { .. }), "{call:?}");
        assert_eq!(props.limits.reply_bytes, 1 << 20, "{call:?}");
    }
    for (call, carries, commits) in [
        (stage::Call::Put, true, true),
        (stage::Call::Initiate, false, true),
        (stage::Call::List { after: 0 }, false, false),
        (stage::Call::Part { number: 1 }, true, false),
        (stage::Call::Complete, false, true),
        (stage::Call::Abort, false, false),
    ] {
        let props = to.props(&Call::Oss(call.clone()));
        assert_eq!((props.lane, props.carries_source, props.commits), (Lane::Data, carries, commits), "{call:?}");
    }
}

#[test]
fn folders_and_keys_are_asked_for_all_uploads_alike() {
    let talk = Talk::to("/a b/c/x", LEN, tiny());
    let name = |call: &Call| talk.to.asks(call, &talk.state).map(|question| question.name);
    for (call, what) in [
        (Call::Look { depth: 1 }, Some("folder /a b")),
        (Call::Look { depth: 2 }, Some("folder /a b/c")),
        (Call::FolderAdd { depth: 2 }, Some("new folder /a b/c")),
        (Call::GetToken, Some("keys of the storage")),
        (Call::Init { proof: true }, None),
        (Call::Resume, None),
        (Call::Check, None),
        (part(), None),
    ] {
        assert_eq!(name(&call), what.map(|what| format!("https://proapi.test {what}")), "{call:?}");
    }
}

/// An answer of another upload is of no use if it is older than what was found wrong since.
#[test]
fn questions_say_since_when_answers_are_of_use() {
    let since = |talk: &Talk, call: &Call| talk.to.asks(call, &talk.state).unwrap().since;
    let (look, add) = (Call::Look { depth: 1 }, Call::FolderAdd { depth: 1 });
    let new = Talk::to("/a/x", LEN, tiny());
    assert_eq!([&look, &add, &Call::GetToken].map(|call| since(&new, call)), [None; 3]);
    let gone = new.after(Duration::from_secs(7)).asks("look 1", &folder(11)).falls(
        "init",
        &refusal(10_014),
        Invalidated::Session,
    );
    let at = Some(MONO + std::time::Duration::from_secs(7));
    assert_eq!([&look, &add, &Call::GetToken].map(|call| since(&gone, call)), [at, at, None]);
    let keyed = Talk::new(LEN).asks("init", &wanted("o")).after(Duration::from_secs(9)).asks("get_token", &keys());
    assert_eq!(since(&keyed, &Call::GetToken), Some(MONO + std::time::Duration::from_secs(9)));
}

#[test]
fn answers_serve_other_uploads_if_they_stay_true() {
    let to = Talk::new(LEN).to;
    for (call, said, serves) in [
        (CALLS[0].clone(), folder(7), Some(Serves::All)),
        (CALLS[0].clone(), file(7), Some(Serves::Waiting)),
        (CALLS[0].clone(), nothing(), Some(Serves::Waiting)),
        (CALLS[1].clone(), folder(7), Some(Serves::All)),
        (CALLS[1].clone(), refusal(20_004), None),
        (CALLS[2].clone(), wanted("o"), None),
        (CALLS[3].clone(), resumed("t", "o"), None),
        (CALLS[4].clone(), keys(), Some(Serves::All)),
    ] {
        let answer = Answer { response: said, observed: Observed::none() };
        let reply = to.decode(&call, &answer).unwrap();
        assert_eq!(to.serves(&reply), serves, "{call:?} {reply:?}");
    }
}

/// Whatever the call is: only whether it changes something makes a difference.
#[test]
fn an_answer_that_says_nothing_of_the_call_means_the_same_to_each() {
    let (wait, unable) = (throttled(), [Unavailable, Unsure]);
    for (said, [reads, changes]) in [
        (refusal(990_009), unable),
        (refusal(40_140_125), [Reauthorize; 2]),
        (refusal(770_004), [wait; 2]),
        (says(405, "<html>"), [wait; 2]),
        // A code that nobody explains is none of 115's under these.
        (says(500, r#"{"state":false,"code":4242}"#), unable),
        (says(408, r#"{"state":false,"code":4242}"#), unable),
        (says(500, r#"{"state":false,"code":0,"message":""}"#), unable),
        (says(401, "<html>"), unable),
        (says(407, "<html>"), [Unavailable; 2]),
        (says(413, "<html>"), unable),
        (says(500, "<html>"), unable),
        (says(200, "{"), unable),
    ] {
        let expected = [reads, changes, changes, reads, reads, reads].map(Err);
        assert_eq!(CALLS.each_ref().map(|call| verdict(call, &said)), expected, "{said:?}");
    }
}

#[test]
fn an_answer_means_to_each_call_what_it_can_mean() {
    let said = |name: &str| Ok(name.to_owned());
    let (nowhere, no_folder) = (|| said("Info(None)"), || said("NoFolder(Vendor"));
    let (gone, refused) = (|| said("Resumed(Gone(Vendor"), || said("Resumed(Refused(Vendor"));
    let all = |advice| [Err(advice), Err(advice), Err(advice)];
    for (answer, [look, add, init], resume, keys) in [
        (nothing(), [nowhere(), Err(Unsure), Err(Unsure)], said("Resumed(Gone(Incomplete"), Unavailable),
        (refusal(10_002), all(Rehash), gone(), Rehash),
        (refusal(10_014), [nowhere(), no_folder(), no_folder()], gone(), Fatal),
        (refusal(20_009), [nowhere(), no_folder(), no_folder()], gone(), Fatal),
        (refusal(20_004), [Err(Fatal), said("Added(Exists(Vendor"), Err(Fatal)], Err(Fatal), Fatal),
        (refusal(20_018), [nowhere(), Err(Retry), Err(Retry)], gone(), Retry),
        (refusal(990_002), all(Fatal), gone(), Fatal),
        (refusal(990_003), all(Retry), refused(), Retry),
        (refusal(4242), all(Fatal), refused(), Fatal),
        (refusal(911), all(Fatal), Err(Fatal), Fatal),
    ] {
        let expected = [look.clone(), add, init, resume, Err(keys), look];
        assert_eq!(CALLS.each_ref().map(|call| verdict(call, &answer)), expected, "{answer:?}");
    }
}

/// Without a task, and without a question: 7 asks for a proof, 6 and 8 refuse one.
#[test]
fn an_init_that_names_nothing_is_taken_by_its_status() {
    for (status, expected) in [
        (json!(2), Ok("Announced(Instant")),
        (json!(6), Ok("Announced(Disbelieved(Vendor")),
        (json!(7), Err(Retry)),
        (json!(8), Ok("Announced(Disbelieved(Vendor")),
        (json!(1), Err(Unsure)),
        (json!(5), Err(Unsure)),
        (json!(9), Err(Unsure)),
        (json!(null), Err(Unsure)),
    ] {
        let said = success(&json!({"status": status}));
        assert_eq!(verdict(&Call::Init { proof: false }, &said), expected.map(str::to_owned), "{status}");
    }
}

/// Keys that the storage refuses are 115's to replace; another refusal is what it is.
#[test]
fn the_storages_refusals_of_keys_are_told_apart() {
    for (status, code, expected) in [
        (403, "InvalidAccessKeyId", Ok("KeysRefused(Vendor".to_owned())),
        (403, "SecurityTokenExpired", Ok("KeysRefused(Vendor".to_owned())),
        (403, "AccessDenied", Err(Fatal)),
        (503, "ServiceUnavailable", Err(Unsure)),
    ] {
        assert_eq!(verdict(&part(), &error(status, code)), expected, "{code}");
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

#[test]
fn requests_hold_what_belongs_to_them() {
    let below = || Talk::to("/a/b/x", LEN, tiny().create_folders(true));
    let sha1 = below().sha1();
    let making = below().asks("look 2", &nothing()).asks("look 1", &folder(11));
    let asked = Talk::new(LEN).asks("init", &question("3-9")).hashed();
    let sign_val = far::hex(HashKind::Sha1, &far::content(LEN)[3..10]);
    let init = format!("file_name=x&file_size=250&target=U_1_0&fileid={sha1}&preid={sha1}&topupload=0");
    let sent = || Talk::new(LEN).asks("init", &wanted("object1"));
    for (talk, call, expected) in [
        (below(), Call::Look { depth: 2 }, "path=%2Fa%2Fb".to_owned()),
        (below(), Call::Look { depth: 1 }, "path=%2Fa".to_owned()),
        (making, Call::FolderAdd { depth: 2 }, "pid=11&file_name=b".to_owned()),
        (Talk::new(LEN).hashed(), Call::Init { proof: false }, init.clone()),
        (asked, Call::Init { proof: true }, format!("{init}&pick_code=q&sign_key=K&sign_val={sign_val}")),
        (sent(), Call::Resume, format!("file_size=250&target=U_1_0&fileid={sha1}&pick_code=task1")),
        (sent(), Call::GetToken, String::new()),
    ] {
        let request = talk.request(&call).unwrap();
        assert_eq!(text(&request), expected, "{call:?}");
        assert_eq!(request.headers()["authorization"], "Bearer access-1", "{call:?}");
        assert_eq!(request.headers()["accept"], "application/json", "{call:?}");
    }
    let part = sent().asks("get_token", &keys()).asks("InitiateMultipartUpload", &opened()).request(&part()).unwrap();
    assert_eq!(text(&part), "<0..100>");
    let uri = part.uri().to_string();
    assert!(uri.starts_with("https://emubucket.oss-cn-shenzhen.aliyuncs.com/object1?"), "{uri}");
}

/// The newer signature needs a region, which not every host tells; an option decides for all.
#[test]
fn the_storage_is_signed_for_as_its_host_allows() {
    use resumable_proto_oss::Version::{V1, V4};
    for (endpoint, signature, scheme) in [
        ("oss-cn-shenzhen.aliyuncs.com", None, "OSS4-HMAC-SHA256 "),
        ("files.example.com", None, "OSS STS.x:"),
        ("oss-cn-shenzhen.aliyuncs.com", Some(V1), "OSS STS.x:"),
        ("oss-cn-shenzhen.aliyuncs.com", Some(V4), "OSS4-HMAC-SHA256 "),
    ] {
        let keys = success(&json!({"endpoint": endpoint, "AccessKeyId": "STS.x", "AccessKeySecret": "s",
            "SecurityToken": "t"}));
        let options = match signature {
            Some(version) => tiny().signature(version),
            None => tiny(),
        };
        let talk = Talk::to("0:x", LEN, options).asks("init", &wanted("object1")).asks("get_token", &keys);
        let request = talk.request(&Call::Oss(stage::Call::Initiate)).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.starts_with(scheme), "{endpoint} {signature:?}: {authorization}");
    }
}

/// What is not known yet cannot be sent: the machine is told so, and nothing leaves.
#[test]
fn a_call_that_does_not_fit_is_no_request() {
    let below = || Talk::to("/a/b/x", LEN, tiny().create_folders(true));
    let making = || below().asks("look 2", &nothing()).asks("look 1", &folder(11));
    let not_ready = |talk: Talk, call: Call, op: Op| {
        assert_eq!(talk.request(&call).unwrap_err(), Fault::NotReady { op }, "{call:?}");
    };
    not_ready(below(), Call::Look { depth: 3 }, Op::GetInfo);
    not_ready(below(), Call::FolderAdd { depth: 1 }, Op::FolderAdd);
    not_ready(making(), Call::FolderAdd { depth: 1 }, Op::FolderAdd);
    not_ready(making(), Call::FolderAdd { depth: 0 }, Op::FolderAdd);
    not_ready(below(), Call::Init { proof: false }, Op::Init);
    not_ready(Talk::new(LEN), Call::Init { proof: false }, Op::Init);
    not_ready(Talk::new(LEN).asks("init", &question("3-9")), Call::Init { proof: true }, Op::Init);
    not_ready(Talk::new(LEN).hashed(), Call::Resume, Op::Resume);
    not_ready(Talk::new(LEN), Call::Check, Op::GetInfo);
    not_ready(Talk::new(LEN), part(), Op::GetToken);
    not_ready(Talk::new(LEN).asks("init", &wanted("o")), part(), Op::GetToken);
}

// ── before an upload begins, or goes on

#[test]
fn an_upload_is_told_from_others_and_what_it_takes_is_said() {
    for path in ["/a/b/x", "0:x"] {
        let to = Talk::to(path, LEN, tiny()).to;
        assert_eq!(Protocol::target(&to), format!("https://proapi.test account {path}"));
        assert_eq!(to.lookup().unwrap().target(), Protocol::target(&to));
        // Folder, init, keys; then the put, or a create, the parts and a complete.
        let more = u64::from(path == "/a/b/x");
        for (len, parts, requests) in [(0, 1, 3), (100, 1, 3), (101, 2, 6), (250, 3, 7)] {
            let outline = to.outline(&Talk::new(len).source).unwrap();
            assert_eq!((outline.parts, outline.requests), (parts, requests + more), "{path} {len}");
            assert!(outline.reads_all_first);
        }
    }
    let few = tiny().limits(resumable_proto_oss::Limits { parts: 2, part_max: 100, ..tiny().limits });
    let to = Talk::to("0:x", LEN, few).to;
    assert!(to.outline(&Talk::new(200).source).is_ok() && to.outline(&Talk::new(201).source).is_err());
}

#[test]
fn nothing_is_found_out_by_content_nor_taken() {
    let to = at("me", "/x").unwrap();
    assert!(!to.compares_content() && to.renamed(1).is_none());
    let fault = Fault::Incomplete { op: Op::GetInfo, missing: "file_id" };
    assert!(!P115::is_taken(&fault) && !P115::is_kept_from_asking(&fault));
    assert!(!P115::is_kept_from_asking(&Fault::Incomplete { op: Op::Init, missing: "paths" }));
    let lookup = to.lookup().unwrap();
    let question = Question::Path(vec!["x".to_owned()]);
    assert_eq!((lookup.first(), lookup.reply_bytes(&question)), (question.clone(), 1 << 20));
    assert_eq!(<P115Lookup as Lookup>::name(&question), "folder/get_info");
}

#[test]
fn a_session_belongs_to_a_file_of_its_length() {
    let talk = Talk::new(LEN).asks("init", &wanted("o")).asks("get_token", &keys());
    assert!(talk.to.validate(&talk.state.session, &talk.source).is_ok());
    let other = talk.to.validate(&talk.state.session, &Talk::new(LEN + 1).source).unwrap_err();
    assert_eq!(other, "it is of a file of another length");
    // What the storage keeps of it is checked, too.
    let mut session = talk.session();
    session["stage"]["len"] = json!(LEN + 1);
    let session = serde_json::from_value(session).unwrap();
    assert!(talk.to.validate(&session, &talk.source).is_err());
}

#[test]
fn a_receipt_says_what_is_known() {
    let sha1 = Talk::new(LEN).sha1();
    let done = |said: serde_json::Value| {
        let talk = Talk::new(LEN).asks("init", &success(&said));
        let resumable_core::Next::Done(done) = talk.next() else { panic!("{}", talk.says()) };
        Receipt::from(done)
    };
    let named = done(json!({"status": 2, "file_id": "5", "file_name": "y"}));
    assert_eq!((named.id.as_deref(), named.rows), (Some("5"), vec![("name".to_owned(), "y".to_owned())]));
    let (kind, digest) = named.digest.unwrap();
    assert_eq!((kind, digest.to_hex().to_uppercase()), (HashKind::Sha1, sha1));
    let bare = done(json!({"status": 2}));
    assert_eq!((bare.id, bare.rows, bare.url), (None, Vec::new(), None));
}
