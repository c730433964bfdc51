//! What an upload and its questions say of themselves: names, places, limits, outlines, receipts.

mod far;

use std::time::Duration;

use bytes::Bytes;
use far::{Fate, Rig, callback, crc64, lose, md5, one_request, parts, says};
use http::{Response, StatusCode};
use resumable_core::leftovers::Ask;
use resumable_core::{
    Advice, Answer, Authority, HashKind, How, IfExists, Lane, Leftover, Located, Lookup, Observed, Outline, Protocol,
    Receipt, SourceInfo,
};
use resumable_proto_oss::codes::{CODES, Class, advice, find};
use resumable_proto_oss::sign::Subject;
use resumable_proto_oss::stage::{Call, Stage};
use resumable_proto_oss::*;

const MIB: u64 = 1 << 20;

fn oss() -> Oss {
    at("https://oss-cn-shenzhen.aliyuncs.com", "emubucket", "dir/big.bin").unwrap()
}

fn with(options: Options) -> Oss {
    oss().with_options(options).unwrap()
}

fn source(len: u64) -> SourceInfo {
    SourceInfo::new(len, [0; 32])
}

/// What the vendor says no with.
fn fault(code: &str) -> Fault {
    let body = format!("<Error><Code>{code}</Code><RequestId>695584A0EMU0000000000002</RequestId></Error>");
    let response = Response::builder().status(403).header("x-oss-request-id", "695584A0EMU0000000000002");
    let response = response.body(Bytes::from(body)).unwrap();
    oss().lookup().unwrap().decode(&(), &Answer { response, observed: Observed::none() }).unwrap_err().fault
}

#[test]
fn each_call_has_a_name_a_lane_and_limits() {
    let (api, data) = ((Lane::Api, false), (Lane::Data, true));
    for (call, name, (lane, carries_source), commits, seconds) in [
        (Call::Put, "PutObject", data, true, 120),
        (Call::Initiate, "InitiateMultipartUpload", api, true, 60),
        (Call::List { after: 0 }, "ListParts", api, false, 60),
        (Call::Part { number: 1 }, "UploadPart", data, false, 120),
        (Call::Complete, "CompleteMultipartUpload", api, true, 300),
        (Call::Abort, "AbortMultipartUpload", api, false, 60),
        (Call::Head, "HeadObject", api, false, 60),
    ] {
        let props = oss().props(&call);
        assert_eq!(Oss::name(&call), name);
        assert_eq!((props.lane, props.carries_source, props.commits), (lane, carries_source, commits), "{name}");
        assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{name}");
        // A page of 1000 parts, or what a callback answers.
        assert!(props.digested && (3 * MIB..=64 * MIB).contains(&props.limits.reply_bytes), "{name}");
    }
    assert_eq!(OssLookup::name(&()), "HeadObject");
    let of = Leftover { key: "k".into(), id: "U1".into(), begun: None };
    for (question, name) in [
        (Ask::Page { prefix: String::new(), after: None }, "ListMultipartUploads"),
        (Ask::Size { of: of.clone(), after: (0, 0) }, "ListParts"),
        (Ask::Remove(of), "AbortMultipartUpload"),
    ] {
        let asked = oss().leftovers(question.clone()).unwrap();
        assert_eq!(<<Oss as Located>::Leftovers as Lookup>::name(&question), name);
        assert_eq!(asked.target(), "https://emubucket.oss-cn-shenzhen.aliyuncs.com/");
        assert!((3 * MIB..=64 * MIB).contains(&asked.reply_bytes(&question)), "{name}");
    }
}

#[test]
fn a_place_is_told_as_its_url() {
    let (oss, url) = (oss(), "https://emubucket.oss-cn-shenzhen.aliyuncs.com/dir/big.bin");
    assert_eq!((oss.target().as_str(), oss.object().url()), (url, url));
    let lookup = oss.lookup().unwrap();
    assert_eq!(lookup.target(), url);
    assert!((3 * MIB..=64 * MIB).contains(&lookup.reply_bytes(&())));
    let object = oss.object();
    assert_eq!((object.to_string(), format!("{object:?}")), (url.into(), format!("Object({url})")));
    assert_eq!((object.bucket(), object.key().to_string().as_str()), ("emubucket", "dir/big.bin"));
    let endpoint = object.endpoint();
    assert_eq!(endpoint.to_string(), "https://oss-cn-shenzhen.aliyuncs.com");
    assert_eq!(format!("{endpoint:?}"), r#"Endpoint(https://oss-cn-shenzhen.aliyuncs.com, Some("cn-shenzhen"))"#);
    assert_eq!("a/b".parse::<ObjectKey>(), ObjectKey::new("a/b"));
    assert_eq!("/b".parse::<ObjectKey>(), Err(InvalidKey::Slash));
    let other = object.with_key(ObjectKey::new("x y").unwrap()).unwrap();
    assert_eq!(other.url(), "https://emubucket.oss-cn-shenzhen.aliyuncs.com/x%20y");
    let plain = Endpoint::new("http://oss-cn-shenzhen.aliyuncs.com:8080").unwrap();
    let secret = plain.clone().over_https();
    assert!(!plain.is_https() && secret.is_https());
    assert_eq!((secret.url().as_str(), secret.region()), ("https://oss-cn-shenzhen.aliyuncs.com:8080", plain.region()));
}

#[test]
fn a_region_is_told_by_the_label_that_begins_with_oss() {
    let region = |name: &str| Endpoint::new(&format!("oss-{name}.aliyuncs.com")).unwrap().region().map(str::to_owned);
    for name in ["cn-shenzhen", "us-west-1", "9", &"a".repeat(59)] {
        assert_eq!(region(name).as_deref(), Some(name));
    }
    assert_eq!(region("cn-shenzhen-internal").as_deref(), Some("cn-shenzhen"));
    for name in ["", "cn_shenzhen", "accelerate"] {
        assert_eq!(region(name), None, "{name}");
    }
    let said = |name: &str| at_region("127.0.0.1", name, "emubucket", "k");
    for name in ["a", "z9-", &"a".repeat(64)] {
        assert_eq!(said(name).unwrap().object().endpoint().region(), Some(name));
    }
    for name in ["", "a.b", "A", "a_b", "ä", &"a".repeat(65)] {
        assert!(said(name).is_err(), "{name}");
    }
}

#[test]
fn an_endpoint_may_begin_with_the_bucket_and_with_no_other() {
    let url = |endpoint: &str| at_region(endpoint, "cn-x", "emubucket", "k").map(|to| to.object().url().to_owned());
    let good = "https://emubucket.oss-cn-x.aliyuncs.com/k";
    assert_eq!(url("oss-cn-x.aliyuncs.com").unwrap(), good);
    assert_eq!(url("emubucket.oss-cn-x.aliyuncs.com").unwrap(), good);
    assert_eq!(
        url("http://emubucket.oss-cn-x.aliyuncs.com:81").unwrap(),
        "http://emubucket.oss-cn-x.aliyuncs.com:81/k"
    );
    assert!(url("emubucket2.oss-cn-x.aliyuncs.com").is_err());
    // No bucket stands in front of these.
    for endpoint in ["s3.oss-cn-x.aliyuncs.com", "oss-a.oss-cn-x.aliyuncs.com", "emubucket.example.com", "h"] {
        assert_eq!(url(endpoint).unwrap(), format!("https://emubucket.{endpoint}/k"));
    }
}

#[test]
fn requests_are_named_for_the_vendors_support() {
    let (said, silent) = (fault("AccessDenied"), Fault::Taken);
    assert_eq!(Oss::request_id(&said), Some("695584A0EMU0000000000002"));
    assert_eq!(OssLookup::request_id(&said), Some("695584A0EMU0000000000002"));
    assert_eq!(<<Oss as Located>::Leftovers as Lookup>::request_id(&said), Some("695584A0EMU0000000000002"));
    assert_eq!((Oss::request_id(&silent), OssLookup::request_id(&silent)), (None, None));
}

#[test]
fn refusals_tell_of_rights_and_of_what_is_there() {
    for (code, kept, taken) in [
        ("AccessDenied", true, false),
        ("FileAlreadyExists", false, true),
        ("NoSuchBucket", false, false),
        ("Unheard", false, false),
    ] {
        let fault = fault(code);
        assert_eq!((Oss::is_kept_from_asking(&fault), Oss::is_taken(&fault)), (kept, taken), "{code}");
    }
    assert!(Oss::is_taken(&Fault::Taken) && !Oss::is_taken(&Fault::NoRegion));
    assert!(!Oss::is_kept_from_asking(&Fault::Taken));
}

#[test]
fn an_outline_counts_parts_and_requests() {
    for (len, options, parts, requests) in [
        (0, Options::default(), 1, 1),
        (5 * MIB, Options::default(), 1, 1),
        (5 * MIB + 1, Options::default(), 1, 3),
        (8 * MIB + 1, Options::default(), 2, 4),
        (80 * MIB, Options::default().part_size(MIB), 80, 82),
        (3, Options::default().one_request_max(2), 1, 3),
    ] {
        assert_eq!(with(options).outline(&source(len)).unwrap(), Outline::new(parts, requests, false), "{len}");
    }
    let small = Limits { object_max: 9, ..Limits::default() };
    let refused = with(Options::default().limits(small).one_request_max(0)).outline(&source(10));
    assert_eq!(refused, Err(Fault::FileTooBig { len: 10, most: 9 }));
}

#[test]
fn the_vendor_refuses_or_replaces_and_knows_no_other_policy() {
    let guarded = with(Options::default().forbid_overwrite(true));
    assert_eq!(guarded.if_exists(), Some(IfExists::Refuse));
    for to in [oss(), guarded] {
        for (policy, own) in [(IfExists::Replace, Some(IfExists::Replace)), (IfExists::Refuse, Some(IfExists::Refuse))]
        {
            assert_eq!(to.with_if_exists(policy).and_then(|to| to.if_exists()), own);
        }
        for policy in [IfExists::Skip, IfExists::Rename] {
            assert!(to.with_if_exists(policy).is_none());
        }
        assert!(!to.compares_content());
    }
}

#[test]
fn a_session_is_one_of_the_file_and_goes_by_the_options() {
    let options = Options::default().one_request_max(0).part_size(MIB).sequential(true).forbid_overwrite(true);
    let to = with(options);
    let session = to.open(&source(3 * MIB), 1);
    assert_eq!((session.part_size(), session.parts(), to.confirmed(&session)), (Some(MIB), 3, 0));
    assert_eq!(to.authority(&session), Authority::Vendor);
    assert_eq!(to.validate(&session, &source(3 * MIB)), Ok(()));
    assert!(to.validate(&session, &source(3 * MIB + 1)).is_err());
    let tight = with(Options::default().limits(Limits { parts: 2, ..Limits::default() }));
    assert!(tight.validate(&session, &source(3 * MIB)).is_err());
    let text = serde_json::to_string(&session).unwrap();
    assert!(text.contains(r#""sequential":true"#) && text.contains(r#""forbid_overwrite":true"#), "{text}");
    let stored = r#""phase":{"stored":{"how":"parts","etag":null,"crc64":7}}"#;
    let stored: Stage = serde_json::from_str(&text.replace(r#""phase":"fresh""#, stored)).unwrap();
    assert_eq!(to.confirmed(&stored), 3 * MIB);
}

#[test]
fn codes_are_found_by_their_whole_name() {
    for row in CODES {
        assert_eq!(find(row.code).map(|found| (found.code, found.class)), Some((row.code, row.class)));
    }
    for other in ["", "accessdenied", "AccessDenied ", "Unheard"] {
        assert!(find(other).is_none(), "{other}");
    }
    assert_eq!(find("InDebt").map(|row| row.class), Some(Class::Refused));
    let (part, list) = (Op::UploadPart, Op::ListParts);
    for (code, status, op, expected) in [
        (Some("AccessDenied"), 403, part, Advice::Fatal),
        (Some("SecurityTokenExpired"), 403, part, Advice::Reauthorize),
        (Some("RequestTimeTooSkewed"), 403, part, Advice::Clock),
        (Some("BadDigest"), 400, part, Advice::Retry),
        (Some("InternalError"), 500, part, Advice::Unsure),
        (Some("InternalError"), 500, list, Advice::Unavailable),
        (Some("Unheard"), 500, list, Advice::Unavailable),
        (Some("Unheard"), 409, part, Advice::Fatal),
        (None, 500, part, Advice::Unsure),
    ] {
        assert_eq!(advice(code, StatusCode::from_u16(status).unwrap(), op), expected, "{code:?} {status}");
    }
}

#[test]
fn what_could_hold_a_secret_is_shown_without_it() {
    let callback = Callback::new("{\"callbackUrl\":\"x\"}", None).unwrap();
    assert_eq!(format!("{callback:?}"), "Callback([redacted])");
    let (headers, query) = (http::HeaderMap::new(), [("security-token", "T".to_owned())]);
    let subject = Subject { method: &http::Method::PUT, bucket: "b", key: "k", query: &query, headers: &headers };
    assert_eq!(format!("{subject:?}"), r#"Subject { method: PUT, bucket: "b", key: "k", .. }"#);
}

#[test]
fn a_callback_has_at_most_5_kib_and_is_an_object() {
    let long = |len: usize| format!("{{{}}}", " ".repeat(len - 2));
    for (callback, var, good) in [
        (long(5120), None, true),
        (long(5121), None, false),
        (long(2), Some(long(5120)), true),
        (long(2), Some(long(5121)), false),
        ("{".into(), None, false),
        ("}".into(), None, false),
        (long(2), Some("[]".into()), false),
    ] {
        assert_eq!(Callback::new(callback.clone(), var.clone()).is_ok(), good, "{} {var:?}", callback.len());
    }
}

#[test]
fn a_receipt_says_what_is_known_of_the_object() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("initiate", Fate::LostAfter));
    let receipt = Receipt::from(rig.complete(verdict));
    assert_eq!((receipt.how, receipt.orphans), (How::Parts, 1));
    assert_eq!(receipt.url.as_deref(), Some("http://127.0.0.1:18099/emubucket/f"));
    let (kind, digest) = receipt.digest.unwrap();
    assert_eq!((kind, digest.as_bytes()), (HashKind::Crc64, &crc64(&rig.source).to_be_bytes()[..]));
}

#[test]
fn a_long_answer_of_a_callback_is_cut() {
    for (len, kept) in [(64 << 10, 64 << 10), ((64 << 10) + 1, 64 << 10)] {
        let mut rig = Rig::new(40, one_request().callback(callback()));
        let mut said = says(200, &format!("{{\"k\":\"{}\"}}", "x".repeat(len - 8)));
        said.headers_mut().insert("x-oss-hash-crc64ecma", crc64(&rig.source).to_string().parse().unwrap());
        said.headers_mut().insert("etag", md5(&rig.source).parse().unwrap());
        let verdict = rig.run_with(lose("put", Fate::ActsAndSays(said)));
        let Called::Replied(reply) = rig.complete(verdict).called else { panic!() };
        assert_eq!(reply.len(), kept);
    }
}
