//! Whatever a server sends, the decoders answer.

use bytes::Bytes;
use http::{HeaderValue, Response};
use proptest::prelude::*;
use resumable_core::{Advice, Answer, Located, Lookup, Observed, Protocol};
use resumable_proto_s3::stage::{Call, Reply};
use resumable_proto_s3::*;

const CALLS: [Call; 7] = [
    Call::Put,
    Call::Initiate,
    Call::List { after: 3 },
    Call::Part { number: 2 },
    Call::Complete,
    Call::Abort,
    Call::Head,
];

fn decode_all(response: &Response<Bytes>) {
    let answer = Answer { response: response.clone(), observed: Observed::none() };
    for s3 in
        [in_region("eu-west-1", "emubucket", "k").unwrap(), at("http://127.0.0.1:9000", "emubucket", "k").unwrap()]
    {
        for call in CALLS {
            match s3.decode(&call, &answer) {
                Ok(Reply::Opened(opened)) => {
                    assert!(opened.upload_id.bytes().all(|b| b.is_ascii_graphic()) && opened.upload_id.len() <= 1024);
                }
                Ok(Reply::Part { stored, .. }) => assert!(stored.etag.as_str().len() <= 128),
                Ok(Reply::Page(page)) => assert!(page.next.is_none_or(|next| next > 3)),
                Ok(Reply::Elsewhere { region, .. }) => {
                    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
                    assert!(!region.is_empty() && region.bytes().all(plain), "{region:?}");
                }
                Ok(_) => {}
                Err(refused) => harmless(&refused),
            }
        }
        let lookup = s3.lookup().unwrap();
        let _ = lookup.decode(&lookup.first(), &answer).inspect_err(harmless);
    }
}

fn harmless(refused: &Refused) {
    let text = refused.fault.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.chars().count() < 900, "{text}");
    assert!(!matches!(refused.advice, Advice::Throttled { least, .. } if !least.is_zero()));
}

fn answer(status: u16, headers: &[(&'static str, Vec<u8>)], body: &[u8]) -> Response<Bytes> {
    let mut response = Response::builder().status(status).body(Bytes::copy_from_slice(body)).unwrap();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            response.headers_mut().insert(*name, value);
        }
    }
    response
}

const ROOTS: [&str; 4] = ["Error", "InitiateMultipartUploadResult", "ListPartsResult", "CompleteMultipartUploadResult"];

/// XML of any shape, with the vendor's names in it.
fn xml() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Error",
        "Code",
        "Message",
        "Region",
        "Endpoint",
        "ETag",
        "PartNumber",
        "Part",
        "Size",
        "ChecksumCRC64NVME",
        "ServerTime",
        "IsTruncated",
        "NextPartNumberMarker",
        "UploadId",
        "ListPartsResult",
    ]);
    let words = ["true", "NoSuchUpload", "InternalError", "PermanentRedirect", "-1", "\"A\"", "s3.eu-1.amazonaws.com"];
    let leaf = prop_oneof![
        any::<u64>().prop_map(|n| n.to_string()),
        prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        any::<String>(),
        any::<String>().prop_map(|text| format!("<![CDATA[{text}]]>")),
        Just("&#x202e;&#27;&amp;&nope;".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop::collection::vec((name.clone(), inner), 1..6).prop_map(|all| {
            all.into_iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect::<Vec<_>>().concat()
        })
    })
}

proptest! {
    #[test]
    fn any_bytes(
        status in 100u16..1000, body in prop::collection::vec(any::<u8>(), 0..300),
        header in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let names = [
            "etag", "x-amz-checksum-crc64nvme", "x-amz-request-id", "x-amz-bucket-region", "x-amz-meta-resumable-id",
            "content-length",
        ];
        let headers = names.map(|name| (name, header.clone()));
        for status in [status, 200, 301, 403, 404] {
            decode_all(&answer(status, &headers, &body));
            decode_all(&answer(status, &headers, b""));
        }
    }

    #[test]
    fn any_xml(status in prop::sample::select(vec![200u16, 204, 301, 400, 403, 404, 409, 412, 500, 503]), body in xml()) {
        decode_all(&answer(status, &[], body.as_bytes()));
        for root in ROOTS {
            decode_all(&answer(status, &[], format!("  <{root}>{body}</{root}>").as_bytes()));
        }
    }

    #[test]
    fn any_beginning_of_a_complete_is_no_success(end in 0usize..120) {
        let whole = "<?xml version=\"1.0\"?>\n   <CompleteMultipartUploadResult><ETag>\"A\"</ETag></CompleteMultipartUploadResult>";
        let cut = answer(200, &[("etag", b"A".to_vec())], &whole.as_bytes()[..end.min(whole.len() - 1)]);
        let s3 = at("http://127.0.0.1:9000", "emubucket", "k").unwrap();
        let refused = s3.decode(&Call::Complete, &Answer { response: cut, observed: Observed::none() }).unwrap_err();
        prop_assert_eq!(refused.advice, Advice::Unsure);
    }
}

#[test]
fn deep_nesting_and_great_length_do_no_harm() {
    for body in ["<a>".repeat(100_000), "<Error>".repeat(100_000), " ".repeat(1 << 20), "<Part/>".repeat(100_000)] {
        for status in [200, 400] {
            decode_all(&answer(status, &[], body.as_bytes()));
        }
    }
}
