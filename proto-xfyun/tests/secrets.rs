//! No key and no signature in any text that could reach a log, and none in a checkpoint.

mod rig;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_xfyun::mpupload_upload::Slice;
use resumable_proto_xfyun::sign::{authorization, signing_string};
use resumable_proto_xfyun::upload::Upload;
use resumable_proto_xfyun::*;
use rig::{Fate, Rig, says, tiny};

const SECRET: &str = "RXhhbXBsZVNlY3JldDAxMjM0NTY3ODlh";
const KEY: &str = "0123456789abcdef0123456789abcdef";
/// Of `/file/upload` on 5 January 2022.
const SIGNATURE: &str = "2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M=";
const NOW: Duration = Duration::from_secs(1_641_374_954);

fn credential() -> Credential {
    Credential::new(KEY, SECRET).unwrap()
}

fn requests(signing: &Signing<'_>) -> Vec<Request<Body>> {
    let app = App::new(ENDPOINT, "app00001", None).unwrap();
    let (request_id, boundary) = (&RequestId::from_nonce(1), &Boundary::from_nonce(1));
    let upload = Upload { request_id, len: 1, file: FILE, digest: None };
    let slice = Slice { request_id, upload_id: "up", slice_id: 1, bytes: 0..1, file: FILE, digest: None };
    vec![
        upload::encode(&app, &upload, signing, boundary),
        mpupload_init::encode(&app, request_id, signing),
        mpupload_upload::encode(&app, &slice, signing, boundary),
        mpupload_complete::encode(&app, request_id, "up", signing),
        mpupload_cancel::encode(&app, request_id, "up", signing),
    ]
}

fn silent(text: &str) {
    for secret in [KEY, SECRET, SIGNATURE, &SIGNATURE[..40]] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn requests_sign_with_a_sensitive_header_and_nowhere_else() {
    let credential = credential();
    let requests = requests(&Signing { credential: &credential, now: NOW, digest: DigestMode::Body });
    assert_eq!(requests.len(), Op::ALL.len());
    for request in requests {
        let authorization = &request.headers()["authorization"];
        assert!(authorization.is_sensitive() && authorization.to_str().unwrap().contains(KEY));
        assert!(!request.headers().contains_key("content-length"));
        silent(&format!("{request:?} {:?}", request.headers()));
        silent(&request.uri().to_string());
    }
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let credential = credential();
    let signing = Signing { credential: &credential, now: NOW, digest: DigestMode::Empty };
    let text =
        signing_string("upload-ost-api.xfyun.cn", &sign::date(NOW), "/file/upload", BodyDigest::default().as_str());
    let header = authorization(&credential, &text);
    assert!(header.reveal().contains(SIGNATURE));
    assert_eq!(format!("{header:?} {:?}", header.to_header_value()), "Authorization([redacted]) Sensitive");
    silent(&format!("{credential:?} {signing:?} {header:?} {text}"));
}

#[test]
fn a_page_that_repeats_the_request_does_not_leak_it() {
    let header = format!("api_key=\"{KEY}\", algorithm=\"hmac-sha256\", signature=\"{SIGNATURE}\"");
    let escaped = header.replace('"', "\\\"");
    for body in [
        format!("<html>Authorization: {header} {SECRET}</html>"),
        format!("HMAC signature does not match {header}"),
        format!("{{\"message\":\"HMAC signature does not match {escaped}\"}}"),
        format!("{{\"code\":10001,\"message\":\"bad {escaped}\",\"sid\":\"{SIGNATURE}\"}}"),
        format!("{{\"code\":0,\"data\":{{\"url\":7}},\"sid\":\"{KEY}\"}}"),
    ] {
        for status in [200, 401, 500] {
            let response = Response::builder().status(status).body(Bytes::from(body.clone())).unwrap();
            let refused = upload::decode(&response).unwrap_err();
            silent(&format!("{} {:?}", refused.fault, refused.fault));
        }
    }
}

#[test]
fn no_secret_is_in_a_checkpoint_or_an_event() {
    for fate in [Fate::LostBefore, Fate::Says(says(401, r#"{"message":"HMAC signature does not match"}"#))] {
        let mut rig = Rig::new(95, tiny());
        let met = |kind: &str, nth| if kind == "slice" && nth % 2 == 1 { fate.clone() } else { Fate::Fine };
        let verdict = rig.run_with(met);
        let saved: Vec<String> = rig.saved.iter().map(|saved| String::from_utf8(saved.to_bytes()).unwrap()).collect();
        assert!(saved.iter().any(|saved| saved.contains("up_1")));
        for text in [format!("{saved:?}"), format!("{:?}", rig.saved), format!("{:?} {verdict:?}", rig.events)] {
            assert!(!text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn field_bug_79_an_envelope_does_not_show_its_data() {
    let body = Bytes::from_static(br#"{"code":0,"message":"success","data":{"url":"http://h/f?sign=canary"}}"#);
    let envelope = reply::read(Op::Upload, &Response::new(body)).unwrap();
    let shown = format!("{envelope:?}");
    assert!(shown.contains("success") && !shown.contains("canary"), "{shown}");
}
