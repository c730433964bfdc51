//! What an upload and its questions say of themselves: names, places, limits, outlines, receipts.

mod far;

use std::time::Duration;

use far::{Fate, Rig, answer, crc64, lose, parts, refusal, says};
use resumable_core::leftovers::Ask;
use resumable_core::{
    Advice, Authority, HashKind, How, IfExists, Lane, Leftover, Located, Lookup, Outline, Protocol, Receipt, SourceInfo,
};
use resumable_proto_cos_xml::codes::{CODES, find};
use resumable_proto_cos_xml::limits::limits;
use resumable_proto_cos_xml::sign::Subject;
use resumable_proto_cos_xml::stage::{Call, Stage};
use resumable_proto_cos_xml::*;

const MIB: u64 = 1 << 20;
/// In each refusal of the server's.
const REQUEST_ID: &str = "NjI3NzM5ZTZfYzYxYTk0MGJfMTU2N18x";

fn cos() -> CosXml {
    at("ap-guangzhou", "photos-1250000000", "dir/big.bin").unwrap()
}

fn with(options: Options) -> CosXml {
    cos().with_options(options).unwrap()
}

fn source(len: u64) -> SourceInfo {
    SourceInfo::new(len, [0; 32])
}

/// What the vendor says no with.
fn fault(code: &str) -> Fault {
    cos().decode(&Call::Part { number: 1 }, &answer(refusal(409, code))).unwrap_err().fault
}

#[test]
fn each_call_has_a_name_a_lane_and_limits() {
    let (api, data) = ((Lane::Api, false), (Lane::Data, true));
    for (call, name, (lane, carries_source), commits, seconds) in [
        (Call::Put, "PutObject", data, true, 120),
        (Call::Initiate, "InitiateMultipartUpload", api, true, 60),
        (Call::List { after: 0 }, "ListParts", api, false, 60),
        (Call::Part { number: 1 }, "UploadPart", data, false, 120),
        (Call::Complete, "CompleteMultipartUpload", api, true, 1200),
        (Call::Abort, "AbortMultipartUpload", api, false, 60),
        (Call::Head, "HeadObject", api, false, 60),
    ] {
        let props = cos().props(&call);
        assert_eq!(CosXml::name(&call), name);
        assert_eq!((props.lane, props.carries_source, props.commits), (lane, carries_source, commits), "{name}");
        assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{name}");
        assert!(props.digested && (MIB..=64 * MIB).contains(&props.limits.reply_bytes), "{name}");
    }
    assert_eq!(CosXmlLookup::name(&()), "HeadObject");
    let of = Leftover { key: "k".into(), id: "U1".into(), begun: None };
    for (question, name) in [
        (Ask::Page { prefix: String::new(), after: None }, "ListMultipartUploads"),
        (Ask::Size { of: of.clone(), after: (0, 0) }, "ListParts"),
        (Ask::Remove(of), "AbortMultipartUpload"),
    ] {
        let asked = cos().leftovers(question.clone()).unwrap();
        assert_eq!(
            (asked.first(), <<CosXml as Located>::Leftovers as Lookup>::name(&question)),
            (question.clone(), name)
        );
        assert_eq!(asked.target(), "https://photos-1250000000.cos.ap-guangzhou.myqcloud.com/");
        assert!((MIB..=64 * MIB).contains(&asked.reply_bytes(&question)), "{name}");
    }
}

#[test]
fn a_place_is_told_by_region_bucket_and_key() {
    let (name, url) = (
        "cos://ap-guangzhou/photos-1250000000/dir/big.bin",
        "https://photos-1250000000.cos.ap-guangzhou.myqcloud.com/dir/big.bin",
    );
    let (cos, lookup) = (cos(), cos().lookup().unwrap());
    let object = cos.object();
    assert_eq!((cos.target().as_str(), lookup.target().as_str(), object.name().as_str()), (name, name, name));
    assert!((MIB..=64 * MIB).contains(&lookup.reply_bytes(&())));
    assert_eq!((object.url(), object.to_string().as_str()), (url, url));
    assert_eq!(format!("{object:?}"), format!("Object({url}, ap-guangzhou)"));
    let region = object.region().unwrap();
    assert_eq!((region.as_str(), region.to_string().as_str()), ("ap-guangzhou", "ap-guangzhou"));
    let bucket = object.bucket();
    assert_eq!((bucket.as_str(), bucket.to_string().as_str()), ("photos-1250000000", "photos-1250000000"));
    assert_eq!((object.key().as_str(), object.key().to_string().as_str()), ("dir/big.bin", "dir/big.bin"));
    let own = at_endpoint("files.example.com", "photos-1250000000", "a b").unwrap();
    assert_eq!(own.object().region(), None);
    assert_eq!(format!("{:?}", own.object()), "Object(https://files.example.com/a%20b, no region)");
    let told = own.object().clone().with_region(region.clone()).unwrap();
    let moved = told.with_key(ObjectKey::new("c").unwrap()).unwrap();
    assert_eq!(
        (told.region(), moved.region(), moved.name().as_str()),
        (Some(region), Some(region), "cos://ap-guangzhou/photos-1250000000/c")
    );
}

#[test]
fn texts_are_read_as_they_are_checked() {
    assert_eq!("ap-guangzhou".parse::<Region>(), Region::new("ap-guangzhou"));
    assert_eq!("photos-1250000000".parse::<Bucket>(), Bucket::new("photos-1250000000"));
    assert_eq!("a/b".parse::<ObjectKey>(), ObjectKey::new("a/b"));
    for bad in ["", "A b\u{18}"] {
        assert!(bad.parse::<Region>().is_err() && bad.parse::<Bucket>().is_err() && bad.parse::<ObjectKey>().is_err());
    }
    for (len, good) in [(1, true), (40, true), (41, false)] {
        assert_eq!(Region::new(&"a".repeat(len)).is_ok(), good, "{len}");
    }
    for (len, good) in [(1, true), (850, true), (851, false)] {
        assert_eq!(ObjectKey::new("a".repeat(len)).is_ok(), good, "{len}");
    }
}

#[test]
fn requests_are_named_for_the_vendors_support() {
    let (said, silent) = (fault("AccessDenied"), Fault::Taken);
    assert_eq!(CosXml::request_id(&said), Some(REQUEST_ID));
    assert_eq!(CosXmlLookup::request_id(&said), Some(REQUEST_ID));
    assert_eq!(<<CosXml as Located>::Leftovers as Lookup>::request_id(&said), Some(REQUEST_ID));
    assert_eq!((CosXml::request_id(&silent), CosXmlLookup::request_id(&silent)), (None, None));
}

#[test]
fn refusals_tell_of_what_is_there() {
    // A `HEAD` is refused without a word; what has a code is no `HEAD`.
    for (fault, taken) in [
        (fault("AccessDenied"), false),
        (fault("NoSuchBucket"), false),
        (fault("Unheard"), false),
        (Fault::Taken, true),
        (Fault::NoRegion, false),
    ] {
        assert_eq!(CosXml::is_taken(&fault), taken, "{fault:?}");
        assert!(!CosXml::is_kept_from_asking(&fault) && !CosXml::is_of_keys(&fault), "{fault:?}");
    }
    let head = |status: u16, request_id| Fault::Bare { op: Op::HeadObject, status, request_id };
    for (status, kept) in [(403, true), (400, false), (404, false), (500, false)] {
        let fault = head(status, None);
        assert_eq!((CosXml::is_kept_from_asking(&fault), CosXml::is_of_keys(&fault)), (kept, kept), "{status}");
    }
    let page = |status| Fault::Unreadable { vendor: "COS", op: Op::HeadObject, status, excerpt: String::new() };
    assert!(CosXml::is_kept_from_asking(&page(403)) && !CosXml::is_of_keys(&page(403)));
    assert!(!CosXml::is_kept_from_asking(&page(404)));
    let mut options = parts();
    options.forbid_overwrite = true;
    let mut rig = Rig::new(40, options);
    rig.server.object = Some(vec![1]);
    let Err(resumable_core::Failure::Refused(fault)) = rig.run() else { panic!() };
    assert!(CosXml::is_taken(&fault), "{fault:?}");
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
    let small = Limits { object_max: 9, ..limits() };
    let refused = with(Options::default().limits(small).one_request_max(0)).outline(&source(10));
    assert_eq!(refused, Err(Fault::FileTooBig { len: 10, most: 9 }));
}

#[test]
fn the_vendor_refuses_or_replaces_and_knows_no_other_policy() {
    let guarded = with(Options::default().forbid_overwrite(true));
    assert_eq!(guarded.if_exists(), Some(IfExists::Refuse));
    for to in [cos(), guarded] {
        for policy in [IfExists::Replace, IfExists::Refuse] {
            assert_eq!(to.with_if_exists(policy).and_then(|to| to.if_exists()), Some(policy));
        }
        for policy in [IfExists::Skip, IfExists::Rename] {
            assert!(to.with_if_exists(policy).is_none());
        }
        assert!(!to.compares_content());
    }
}

#[test]
fn a_session_is_one_of_the_file_and_goes_by_the_options() {
    let to = with(Options::default().one_request_max(0).part_size(MIB).forbid_overwrite(true));
    let session = to.open(&source(3 * MIB), 1);
    assert_eq!((session.part_size(), session.parts(), to.confirmed(&session)), (Some(MIB), 3, 0));
    assert_eq!((to.authority(&session), CosXml::open_upload(&session)), (Authority::Vendor, None));
    assert_eq!(to.validate(&session, &source(3 * MIB)), Ok(()));
    assert!(to.validate(&session, &source(3 * MIB + 1)).is_err());
    let tight = with(Options::default().limits(Limits { parts: 2, ..limits() }));
    assert!(tight.validate(&session, &source(3 * MIB)).is_err());
    let text = serde_json::to_string(&session).unwrap();
    assert!(text.contains(r#""probe":"look""#) && text.contains(r#""forbid_overwrite":true"#), "{text}");
    let phase = |phase: &str| -> Stage {
        serde_json::from_str(&text.replace(r#""phase":"fresh""#, &format!(r#""phase":{{{phase}}}"#))).unwrap()
    };
    let stored = phase(r#""stored":{"how":"parts","etag":null,"crc64":7}"#);
    assert_eq!((to.confirmed(&stored), CosXml::open_upload(&stored)), (3 * MIB, None));
    let discarded = phase(r#""discard":{"upload_id":"U1","aborts":0}"#);
    assert_eq!((to.confirmed(&discarded), CosXml::open_upload(&discarded)), (0, Some("U1")));
}

#[test]
fn a_receipt_says_what_is_known_of_the_object() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("initiate", Fate::LostAfter));
    let uploaded = rig.complete(verdict);
    let rows: Vec<_> = uploaded.etag.iter().map(|etag| ("etag".to_owned(), etag.to_string())).collect();
    let (url, receipt) = (uploaded.url.clone(), Receipt::from(uploaded));
    assert_eq!((receipt.how, receipt.orphans, receipt.url), (How::Parts, 1, Some(url)));
    let (kind, digest) = receipt.digest.unwrap();
    assert_eq!((kind, digest.as_bytes()), (HashKind::Crc64, &crc64(&rig.source).to_be_bytes()[..]));
    assert!(!rows.is_empty() && receipt.rows == rows);
}

#[test]
fn codes_are_found_by_their_whole_name() {
    for row in CODES {
        assert_eq!(find(row.code).map(|found| (found.code, found.class)), Some((row.code, row.class)));
    }
    for other in ["", "accessdenied", "AccessDenied ", "Unheard"] {
        assert!(find(other).is_none(), "{other}");
    }
}

#[test]
fn words_about_an_old_signature_count_in_a_refusal_alone() {
    let call = Call::Part { number: 1 };
    let advice = |status: u16, body: &str| cos().decode(&call, &answer(says(status, body))).unwrap_err().advice;
    let of = |code: &str, words: &str| format!("<Error><Code>{code}</Code><Message>{words}</Message></Error>");
    for (status, body, expected) in [
        (403, of("AccessDenied", "Request has expired"), Advice::Clock),
        (403, of("Unheard", "Request has expired"), Advice::Clock),
        (403, of("AccessDenied", "Request has expired at last"), Advice::Fatal),
        (403, of("AccessDenied", "The request has expired"), Advice::Fatal),
        (409, of("AccessDenied", "Request has expired"), Advice::Fatal),
    ] {
        assert_eq!(advice(status, &body), expected, "{status} {body}");
    }
}

#[test]
fn what_could_hold_a_secret_is_shown_without_it() {
    let (headers, query) = (http::HeaderMap::new(), [("x-cos-security-token", "T".to_owned())]);
    let subject = Subject { method: &http::Method::PUT, path: "/k", query: &query, headers: &headers };
    assert_eq!(format!("{subject:?}"), r#"Subject { method: PUT, path: "/k", .. }"#);
    let key = sign::sign_key(&far::credential(), "0;1");
    assert_eq!(format!("{key:?}"), "SignKey([redacted])");
    let (own, temporary) = (far::credential(), far::temporary("T"));
    assert_eq!((own.is_temporary(), temporary.is_temporary()), (false, true));
    assert_eq!(own.secret_id(), "id-canary");
    assert_eq!(format!("{own:?}"), "Credential([redacted])");
}
