//! What stands at a key: the request of `Head Object`, and answers of all kinds.

mod far;

use std::time::Duration;

use far::{answer, says, with};
use http::{Method, Response};
use resumable_core::{Advice, Env, HashKind, IfExists, Located, Lookup, Now, Rejection, SourceInfo, Told};
use resumable_proto_cos_xml::*;

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn cos() -> CosXml {
    at("ap-guangzhou", "photos-1250000000", "dir/big.bin").unwrap()
}

fn told(response: Response<bytes::Bytes>) -> Result<Told<()>, Rejection<Fault>> {
    cos().lookup().unwrap().decode(&(), &answer(response))
}

#[test]
fn it_asks_for_the_head_of_the_object() {
    let (credential, source) = (Credential::new("AKIDExample", "secret").unwrap(), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 1, &[]);
    let lookup = cos().lookup().unwrap();
    let asked = lookup.encode(&(), &credential, &env).unwrap();
    let url = "https://photos-1250000000.cos.ap-guangzhou.myqcloud.com/dir/big.bin";
    assert_eq!((asked.method(), asked.uri().to_string().as_str()), (&Method::HEAD, url));
    assert!(asked.headers()["authorization"].to_str().unwrap().contains("&q-header-list=host&q-url-param-list=&"));
    assert_eq!(lookup.target(), "cos://ap-guangzhou/photos-1250000000/dir/big.bin");
}

#[test]
fn an_object_is_told_with_its_digest_and_time() {
    let head = with(with(says(200, ""), "content-length", "300"), "etag", "\"5d41402abc4b2a76b9719d911017c592\"");
    let whole = with(head.clone(), "x-cos-hash-crc64ecma", "9548687815775124833");
    let Told::Found(found) = told(with(whole, "last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")).unwrap() else {
        panic!()
    };
    assert_eq!((found.len, found.modified), (Some(300), Some(NOW)));
    assert_eq!(found.digest(HashKind::Crc64).unwrap().as_bytes(), 9_548_687_815_775_124_833_u64.to_be_bytes());
    // An old object has none: its length alone proves nothing.
    let Told::Found(old) = told(head).unwrap() else { panic!() };
    assert!(old.len == Some(300) && old.comparable(300).is_none());
    assert_eq!(told(says(404, "")).unwrap(), Told::Nothing);
}

#[test]
fn what_is_no_answer_of_the_vendors_is_not_taken_for_nothing() {
    for status in [200, 404, 500, 503] {
        let mut page = says(status, "<html>not found</html>");
        page.headers_mut().remove("x-cos-request-id");
        let refused = told(page).unwrap_err();
        assert!(matches!(refused.advice, Advice::Retry | Advice::Unavailable), "{status}: {refused:?}");
    }
}

#[test]
fn keys_that_may_not_read_are_kept_from_asking() {
    let denied = told(says(403, "")).unwrap_err();
    assert!(CosXml::is_kept_from_asking(&denied.fault), "{denied:?}");
    assert!(denied.advice == Advice::Fatal && CosXml::is_of_keys(&denied.fault), "{denied:?}");
    assert!(denied.fault.to_string().starts_with("HeadObject was refused: access is denied"), "{denied:?}");
    for (status, advice) in [(400, Advice::Reauthorize), (412, Advice::Retry), (503, Advice::Unavailable)] {
        let other = told(says(status, "")).unwrap_err();
        assert!(other.advice == advice && !CosXml::is_kept_from_asking(&other.fault), "{other:?}");
        assert!(matches!(other.fault, Fault::Bare { .. }) && !CosXml::is_of_keys(&other.fault), "{other:?}");
    }
    let unable = told(says(500, "")).unwrap_err();
    assert!(!CosXml::is_kept_from_asking(&unable.fault));
}

#[test]
fn the_vendor_is_told_to_guard_what_is_there() {
    assert_eq!(cos().if_exists(), Some(IfExists::Replace));
    for (policy, own) in [
        (IfExists::Skip, IfExists::Refuse),
        (IfExists::Refuse, IfExists::Refuse),
        (IfExists::Rename, IfExists::Refuse),
        (IfExists::Replace, IfExists::Replace),
    ] {
        assert_eq!(cos().guarded(policy).unwrap().if_exists(), Some(own), "{policy}");
    }
    let (renamed, name) = cos().renamed(2).unwrap();
    assert_eq!((renamed.object().key().as_str(), name.as_str()), ("dir/big (2).bin", "dir/big (2).bin"));
}
