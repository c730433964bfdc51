//! Whatever a server sends, the decoders answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response};
use proptest::prelude::*;
use resumable_core::{Advice, Answer, Observed};
use resumable_proto_oss::head_object::AtKey;
use resumable_proto_oss::stage::{self, Call};
use resumable_proto_oss::*;

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
    checked(initiate_multipart_upload::decode(response)).inspect(|opened| {
        assert!(opened.upload_id.bytes().all(|b| b.is_ascii_graphic()) && opened.upload_id.len() <= 256);
    });
    checked(upload_part::decode(response)).inspect(|stored| assert!(stored.etag.as_str().len() <= 128));
    checked(list_parts::decode(3, response)).inspect(|page| assert!(page.next.is_none_or(|next| next > 3)));
    checked(abort_multipart_upload::decode(response));
    checked(head_object::decode(response)).inspect(|at| assert!(matches!(at, AtKey::Nothing | AtKey::Object(_))));
    for called in [false, true] {
        checked(put_object::decode(called, response));
        checked(complete_multipart_upload::decode(called, response));
        for call in CALLS {
            let answer = Answer { response: response.clone(), observed: Observed::none() };
            let refused = checked(stage::decode(&call, called, &answer));
            assert!(response.status() != 203 || !matches!(refused, Some(stage::Reply::Completed(_))));
        }
    }
}

fn checked<T>(decoded: Result<T, Refused>) -> Option<T> {
    decoded
        .inspect_err(|refused| {
            let text = refused.fault.to_string();
            assert!(!text.contains(char::is_control), "{text:?}");
            assert!(text.chars().count() < 900, "{text}");
            assert!(!matches!(refused.advice, Advice::Throttled { least, .. } if !least.is_zero()));
        })
        .ok()
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

/// XML of any shape, with the vendor's names in it.
fn xml() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Error",
        "Code",
        "Message",
        "RequestId",
        "EC",
        "ETag",
        "PartNumber",
        "Part",
        "Size",
        "HashCrc64ecma",
        "IsTruncated",
        "NextPartNumberMarker",
        "UploadId",
        "InitiateMultipartUploadResult",
        "ListPartsResult",
        "CompleteMultipartUploadResult",
    ]);
    let leaf = prop_oneof![
        any::<u64>().prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "true",
            "false",
            "NoSuchUpload",
            "PartAlreadyExist",
            "CallbackFailed",
            "-1",
            "\"A\""
        ])
        .prop_map(str::to_owned),
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
        let names = ["etag", "x-oss-hash-crc64ecma", "x-oss-request-id", "x-oss-ec", "x-oss-err", "content-length"];
        let headers = names.map(|name| (name, header.clone()));
        decode_all(&answer(status, &headers, &body));
        decode_all(&answer(200, &headers, &body));
        decode_all(&answer(404, &headers, b""));
    }

    #[test]
    fn any_xml(status in prop::sample::select(vec![200u16, 203, 204, 400, 403, 404, 409, 500, 503]), body in xml()) {
        decode_all(&answer(status, &[], body.as_bytes()));
        let error = format!("<Error>{body}</Error>");
        decode_all(&answer(status, &[("x-oss-err", STANDARD.encode(&error).into_bytes())], b""));
        for root in ["Error", "InitiateMultipartUploadResult", "ListPartsResult", "CompleteMultipartUploadResult"] {
            decode_all(&answer(status, &[], format!("<{root}>{body}</{root}>").as_bytes()));
        }
    }

    #[test]
    fn any_beginning_of_a_reply(end in 0usize..200) {
        for whole in [
            "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>",
            "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>",
            "<CompleteMultipartUploadResult><ETag>\"A\"</ETag></CompleteMultipartUploadResult>",
        ] {
            let cut = answer(200, &[("etag", b"A".to_vec())], &whole.as_bytes()[..end.min(whole.len() - 1)]);
            prop_assert!(initiate_multipart_upload::decode(&cut).is_err());
            prop_assert!(list_parts::decode(0, &cut).is_err());
            prop_assert!(complete_multipart_upload::decode(false, &cut).is_err());
        }
    }
}

#[test]
fn deep_nesting_and_great_length_do_no_harm() {
    for body in ["<a>".repeat(100_000), "<Error>".repeat(100_000), "&".repeat(1 << 20), "<Part/>".repeat(100_000)] {
        for status in [200, 400] {
            decode_all(&answer(status, &[], body.as_bytes()));
        }
    }
}
