//! No key and no signature in any text that could reach a log.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos_v1::upload::Upload;
use resumable_proto_cos_v1::upload_slice::UploadSlice;
use resumable_proto_cos_v1::upload_slice_init::UploadSliceInit;
use resumable_proto_cos_v1::*;

const KEY: &str = "bLcPnl88WU30VY57ipRhSePfPdOfSruK";
const ID: &str = "AKIDUfLUEUigQiXqm7CVSspKJnuaiIKtxqAv";
const SESSION: &str = "48d44422-3188-4c6c-b122-6f780742f125+CpzDLtEHAA==";

fn place() -> Place {
    Place::new("https://h", "10055004", "b", ObjectPath::new("/f").unwrap()).unwrap()
}

fn signature() -> Signature {
    let (credential, place) = (Credential::new(ID, KEY).unwrap(), place());
    let signing = Signing::new(&credential, &place, Duration::from_secs(1_470_000_000), 7);
    sign::multi_effect(&signing, Duration::from_secs(300), "")
}

const INIT: UploadSliceInit<'_> = UploadSliceInit {
    sha: Sha([1; 20]),
    filesize: 1,
    slice_size: None,
    biz_attr: None,
    session: Some(SESSION),
    insert_only: None,
};
const SLICE: UploadSlice<'_> = UploadSlice { session: SESSION, offset: 3, datalen: 1, sha: None };

fn requests(signature: &Signature) -> [Request<Body>; 4] {
    let (place, boundary) = (place(), Boundary::from_nonce(1));
    let upload = Upload { filesize: 1, sha: None, biz_attr: None, insert_only: true };
    [
        upload::encode(&place, &upload, signature, &boundary),
        upload_slice_init::encode(&place, &INIT, signature, &boundary),
        upload_slice::encode(&place, &SLICE, signature, &boundary),
        stat::encode(&place, signature),
    ]
}

fn silent(text: &str, signature: &Signature) {
    for secret in [KEY, ID, signature.reveal(), &signature.reveal()[..40], &signature.reveal()[60..]] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn requests_sign_with_a_sensitive_header_and_nowhere_else() {
    let signature = signature();
    for request in requests(&signature) {
        assert_eq!(request.headers()["authorization"].as_bytes(), signature.reveal().as_bytes());
        assert!(request.headers()["authorization"].is_sensitive());
        silent(&format!("{request:?}"), &signature);
        silent(&request.uri().to_string(), &signature);
    }
}

#[test]
fn sessions_stay_out_of_debug_output() {
    assert_eq!(format!("{SLICE:?}"), "UploadSlice { offset: 3, datalen: 1, .. }");
    assert!(!format!("{INIT:?}").contains(SESSION));
}

#[test]
fn a_page_that_repeats_the_request_does_not_leak_it() {
    let signature = signature();
    let shown = signature.reveal();
    for body in [
        format!("<html>Authorization: {shown}</html>"),
        format!("{{\"code\":-97,\"message\":\"bad sign {shown}\"}}"),
        format!("{{\"message\":\"ERROR_PROXY_AUTH_FAILED {shown}\"}}"),
        format!("{{\"code\":0,\"data\":{{\"session\":1,\"session\":\"{shown}\"}}}}"),
    ] {
        for status in [200, 400, 403, 500] {
            let response = Response::builder().status(status).body(Bytes::from(body.clone())).unwrap();
            let fault = upload_slice::decode(&response).unwrap_err().fault;
            silent(&format!("{fault} {fault:?}"), &signature);
        }
    }
}
