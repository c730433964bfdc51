//! The uploads that are open in a bucket: which, how much, and to remove one.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Advice, Answer, Env, Leftover, Located, Lookup, Now, Observed, Protocol, SourceInfo, Told};
use resumable_proto_oss::*;

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn oss(endpoint: &str) -> Oss {
    at_region(endpoint, "cn-shenzhen", "emubucket", "dir/big.bin").unwrap()
}

fn leftover(key: &str) -> Leftover {
    Leftover { key: key.into(), id: "0004B9894A22E5B1888A1E29F8230001".into(), begun: Some(NOW) }
}

fn page(prefix: &str, after: Option<(&str, &str)>) -> Ask {
    Ask::Page { prefix: prefix.into(), after: after.map(|(key, id)| (key.into(), id.into())) }
}

fn request(endpoint: &str, question: &Ask) -> Result<(Method, String), Fault> {
    let (credential, source) = (Credential::new("LTAI5tExample", "secret").unwrap(), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 1, &[]);
    let asked = oss(endpoint).leftovers(question.clone()).unwrap();
    assert_eq!(asked.first(), *question);
    let request = asked.encode(question, &credential, &env)?;
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("OSS4-HMAC-SHA256 "));
    assert!(request.body().is_empty());
    Ok((request.method().clone(), request.uri().to_string()))
}

fn told(question: &Ask, status: u16, body: &str) -> Result<Told<Ask, Answered>, Refused> {
    let response = Response::builder().status(status).header("x-oss-request-id", "695584A0EMU0000000000002");
    let response = response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    let asked = oss("https://oss-cn-shenzhen.aliyuncs.com").leftovers(question.clone()).unwrap();
    asked.decode(question, &Answer { response, observed: Observed::none() })
}

#[test]
fn the_bucket_is_asked_wherever_its_name_stands() {
    for (endpoint, url) in [
        ("https://oss-cn-shenzhen.aliyuncs.com", "https://emubucket.oss-cn-shenzhen.aliyuncs.com/"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/emubucket/"),
    ] {
        let query = "?encoding-type=url&key-marker=a%20b&max-uploads=1000&prefix=a&upload-id-marker=U%2F1&uploads";
        let asked = request(endpoint, &page("a", Some(("a b", "U/1")))).unwrap();
        assert_eq!(asked, (Method::GET, format!("{url}{query}")));
        let id = leftover("").id;
        let (of, after) = (leftover("d x/f"), (1000, 5));
        let size = request(endpoint, &Ask::Size { of: of.clone(), after }).unwrap();
        let query = format!("?max-parts=1000&part-number-marker=1000&uploadId={id}");
        assert_eq!(size, (Method::GET, format!("{url}d%20x/f{query}")));
        let removed = request(endpoint, &Ask::Remove(of)).unwrap();
        assert_eq!(removed, (Method::DELETE, format!("{url}d%20x/f?uploadId={id}")));
    }
}

#[test]
fn pages_and_sizes_are_put_together() {
    let body = "<ListMultipartUploadsResult><EncodingType>url</EncodingType><NextKeyMarker>d%2Ff</NextKeyMarker>\
                <NextUploadIdMarker>U2</NextUploadIdMarker><IsTruncated>true</IsTruncated><Upload><Key>d%2Ff</Key>\
                <UploadId>U1</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload><Upload><Key>other</Key>\
                <UploadId>U2</UploadId></Upload></ListMultipartUploadsResult>";
    let listed = Leftover { key: "d/f".into(), id: "U1".into(), begun: Some(NOW) };
    let next = page("d/", Some(("d/f", "U2")));
    let answered = Told::Found(Answered::Page(vec![listed], Some(next)));
    assert_eq!(told(&page("d/", None), 200, body).unwrap(), answered, "what does not begin so is left out");
    let part = |number: u32, size: u64| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>A</ETag><Size>{size}</Size></Part>")
    };
    let parts = |truncated: bool, parts: &str| {
        let next = if truncated { "<NextPartNumberMarker>2</NextPartNumberMarker>" } else { "" };
        format!("<ListPartsResult><IsTruncated>{truncated}</IsTruncated>{next}{parts}</ListPartsResult>")
    };
    let of = leftover("k");
    let first = Ask::Size { of: of.clone(), after: (0, 0) };
    let second = Ask::Size { of, after: (2, 30) };
    let body = parts(true, &(part(1, 10) + &part(2, 20)));
    assert_eq!(told(&first, 200, &body).unwrap(), Told::Ask(second.clone()));
    // A part that was on the page before counts once.
    let body = parts(false, &(part(2, 20) + &part(3, 5)));
    assert_eq!(told(&second, 200, &body).unwrap(), Told::Found(Answered::Size(35)));
}

#[test]
fn one_that_is_gone_is_nothing() {
    let gone = "<Error><Code>NoSuchUpload</Code></Error>";
    for question in [Ask::Remove(leftover("k")), Ask::Size { of: leftover("k"), after: (0, 0) }] {
        assert_eq!(told(&question, 404, gone).unwrap(), Told::Nothing);
        let refused = told(&question, 403, "<Error><Code>AccessDenied</Code></Error>").unwrap_err();
        assert_eq!(refused.advice, Advice::Fatal);
    }
    assert_eq!(told(&Ask::Remove(leftover("k")), 204, "").unwrap(), Told::Found(Answered::Removed));
}

#[test]
fn a_key_that_no_request_can_name_is_said() {
    for key in ["a/../b", "", "/a", "a\nb"] {
        let error = request("https://oss-cn-shenzhen.aliyuncs.com", &Ask::Remove(leftover(key))).unwrap_err();
        assert!(matches!(error, Fault::Key { .. }), "{key:?}: {error}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn a_session_names_the_upload_that_it_has_open() {
    let session = oss("http://127.0.0.1").open(&SourceInfo::new(9, [0; 32]), 1);
    assert_eq!(Oss::open_upload(&session), None);
    let open = include_str!("../../proto-multipart/tests/data/stages.jsonl").lines().nth(1).unwrap();
    let session: stage::Stage = serde_json::from_str(open).unwrap();
    assert_eq!(Oss::open_upload(&session), Some("0004B9894A22E5B1888A1E29F8230001"));
}
