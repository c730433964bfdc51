//! No key and no signature in any text that could reach a log.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos_v2::upload::Upload;
use resumable_proto_cos_v2::upload_slice_data::UploadSliceData;
use resumable_proto_cos_v2::upload_slice_finish::UploadSliceFinish;
use resumable_proto_cos_v2::upload_slice_init::UploadSliceInit;
use resumable_proto_cos_v2::*;

const KEY: &str = "bLcPnl88WU30VY57ipRhSePfPdOfSruK";
const ID: &str = "AKIDUfLUEUigQiXqm7CVSspKJnuaiIKtxqAv";
const SESSION: &str =
    "58ccd1b3120e85c4ebb7b786154408df4fe22230cb8f328d41599b237661855d6242793ba2481c1ac0b1277051003cab";

fn place() -> Place {
    Place::new("https://h", "10055004", "b", ObjectPath::new("/f").unwrap()).unwrap()
}

fn signature(credential: &Credential) -> Signature {
    sign::multi_effect(
        &Signing::new(credential, &place(), Duration::from_secs(1_470_000_000), 7),
        Duration::from_secs(300),
        "",
    )
}

fn requests(signature: &Signature) -> Vec<Request<Body>> {
    let (place, boundary) = (place(), Boundary::from_nonce(1));
    let init =
        UploadSliceInit { filesize: 1, slice_size: 1, sha: None, uploadparts: None, biz_attr: None, insert_only: true };
    let upload = Upload { filesize: 1, sha: None, biz_attr: None, insert_only: true };
    let data = UploadSliceData { session: SESSION, offset: 0, datalen: 1, sha: None };
    let finish = UploadSliceFinish { session: SESSION, filesize: 1, sha: None };
    vec![
        upload::encode(&place, &upload, signature, &boundary),
        upload_slice_init::encode(&place, &init, signature, &boundary),
        upload_slice_data::encode(&place, &data, signature, &boundary),
        upload_slice_list::encode(&place, signature, &boundary),
        upload_slice_finish::encode(&place, &finish, signature, &boundary),
        delete::encode(&place, signature),
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
    let credential = Credential::new(ID, KEY).unwrap();
    let signature = signature(&credential);
    let requests = requests(&signature);
    assert_eq!(requests.len(), Op::ALL.len());
    for request in requests {
        assert_eq!(request.headers()["authorization"].as_bytes(), signature.reveal().as_bytes());
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(!request.headers().contains_key("content-length") && !request.headers().contains_key("host"));
        silent(&format!("{request:?}"), &signature);
        silent(&request.uri().to_string(), &signature);
    }
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let credential = Credential::new(ID, KEY).unwrap();
    let signature = signature(&credential);
    let place = place();
    let signing = Signing::new(&credential, &place, Duration::from_secs(1), 7);
    let text = sign::parse(signature.reveal()).unwrap();
    silent(&format!("{credential:?} {signing:?} {signature:?} {text:?} {place:?} {place}"), &signature);
    assert!(!format!("{text:?}").contains(&hex::encode(text.hmac)));
    assert!(!format!("{text:?}").contains(&format!("{:?}", text.hmac)));
}

#[test]
fn sessions_stay_out_of_debug_output() {
    let data = UploadSliceData { session: SESSION, offset: 3, datalen: 1, sha: None };
    let finish = UploadSliceFinish { session: SESSION, filesize: 1, sha: None };
    assert_eq!(format!("{data:?}"), "UploadSliceData { offset: 3, datalen: 1, .. }");
    assert!(!format!("{finish:?}").contains(SESSION));
}

#[test]
fn a_page_that_repeats_the_request_does_not_leak_it() {
    let signature = signature(&Credential::new(ID, KEY).unwrap());
    let shown = signature.reveal();
    let escaped = shown.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for body in [
        format!("<html>Authorization: {shown}</html>"),
        format!("<a href=\"/f?sign={escaped}\">again</a>"),
        format!("{{\"code\":-97,\"message\":\"bad sign {shown}\"}}"),
        format!("{{\"code\":-97,\"message\":\"x\",\"request_id\":\"{shown}\"}}"),
        format!("{{\"message\":\"ERROR_PROXY_AUTH_FAILED {shown}\"}}"),
        format!("{{\"code\":0,\"data\":{{\"session\":\"{shown}\",\"offset\":0,\"datalen\":1}}}}"),
        format!("{{\"code\":0,\"data\":{{\"session\":1,\"session\":\"{shown}\"}}}}"),
    ] {
        for status in [200, 403, 500] {
            let response = Response::builder().status(status).body(Bytes::from(body.clone())).unwrap();
            let text = match upload_slice_data::decode(0, 1, &response) {
                Ok(reply) => reply.check_session(SESSION).unwrap_err().to_string(),
                Err(refused) => format!("{} {:?}", refused.fault, refused.fault),
            };
            silent(&text, &signature);
            assert!(!text.contains(&escaped[..40]), "{text}");
        }
    }
}
