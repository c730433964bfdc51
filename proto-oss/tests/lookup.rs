//! What stands at a key: the same request as `HeadObject`'s, and answers of all kinds.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use resumable_core::{Advice, Answer, Env, HashKind, IfExists, Located, Lookup, Now, Observed, SourceInfo, Told};
use resumable_proto_oss::*;

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn oss() -> Oss {
    at("https://oss-cn-shenzhen.aliyuncs.com", "emubucket", "dir/big.bin").unwrap()
}

fn told(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Told<()>, Refused> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    oss().lookup().unwrap().decode(&(), &Answer { response, observed: Observed::none() })
}

#[test]
fn it_asks_as_head_object_does() {
    let (credential, source) = (Credential::new("LTAI5tExample", "secret").unwrap(), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 1, &[]);
    let asked = oss().lookup().unwrap().encode(&(), &credential, &env).unwrap();
    let signing = Signing { credential: &credential, version: Version::V4, now: NOW };
    let head = head_object::encode(oss().object(), &signing).unwrap();
    assert_eq!((asked.method(), asked.uri(), asked.headers()), (&Method::HEAD, head.uri(), head.headers()));
    assert_eq!(asked.body().len(), 0);
}

#[test]
fn an_object_is_told_with_its_digest_and_time() {
    let id = ("x-oss-request-id", "695584A0EMU0000000000002");
    let headers = [
        id,
        ("content-length", "300"),
        ("etag", "\"5D41402ABC4B2A76B9719D911017C592\""),
        ("x-oss-hash-crc64ecma", "9548687815775124833"),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    let Told::Found(found) = told(200, &headers, "").unwrap() else { panic!() };
    assert_eq!((found.len, found.modified), (Some(300), Some(NOW)));
    assert_eq!(found.digest(HashKind::Crc64).unwrap().as_bytes(), 9_548_687_815_775_124_833_u64.to_be_bytes());
    assert!(found.comparable(300).is_some() && found.comparable(299).is_none());
    // An object of old times has none: its length alone proves nothing.
    let Told::Found(old) = told(200, &headers[..3], "").unwrap() else { panic!() };
    assert!(old.len == Some(300) && old.comparable(300).is_none());
    assert_eq!(told(404, &[id], "").unwrap(), Told::Nothing);
}

#[test]
fn what_is_no_answer_of_the_vendors_is_not_taken_for_nothing() {
    for status in [200, 404, 500, 503] {
        let refused = told(status, &[], "<html>not found</html>").unwrap_err();
        assert!(matches!(refused.advice, Advice::Retry | Advice::Unavailable), "{status}: {refused:?}");
    }
}

#[test]
fn refusals_are_told_apart() {
    let refused = |status: u16, code: &str| {
        let xml = format!("<Error><Code>{code}</Code><RequestId>695584A0EMU0000000000002</RequestId></Error>");
        told(status, &[("x-oss-request-id", "695584A0EMU0000000000002")], &xml).unwrap_err()
    };
    assert_eq!(refused(403, "InvalidAccessKeyId").advice, Advice::Reauthorize);
    assert_eq!(refused(403, "RequestTimeTooSkewed").advice, Advice::Clock);
    assert!(matches!(refused(503, "QpsLimitExceeded").advice, Advice::Throttled { .. }));
    let denied = refused(403, "AccessDenied");
    assert!(denied.advice == Advice::Fatal && Oss::is_kept_from_asking(&denied.fault));
    let elsewhere = refused(404, "NoSuchBucket");
    assert!(elsewhere.advice == Advice::Fatal && !Oss::is_kept_from_asking(&elsewhere.fault));
}

#[test]
fn the_vendor_is_told_to_guard_what_is_there() {
    assert_eq!(oss().if_exists(), Some(IfExists::Replace));
    for (policy, own) in [
        (IfExists::Skip, IfExists::Refuse),
        (IfExists::Refuse, IfExists::Refuse),
        (IfExists::Rename, IfExists::Refuse),
        (IfExists::Replace, IfExists::Replace),
    ] {
        assert_eq!(oss().guarded(policy).unwrap().if_exists(), Some(own), "{policy}");
    }
    let (renamed, name) = oss().renamed(2).unwrap();
    assert_eq!((renamed.object().key().as_str(), name.as_str()), ("dir/big (2).bin", "dir/big (2).bin"));
}
