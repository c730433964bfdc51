//! No key, token or signature in any text that could reach a log, and none in a checkpoint.

mod far;

use std::time::Duration;

use bytes::Bytes;
use far::{Fate, Rig, callback, lose, one_request, parts, refusal, says, sequential, temporary};
use http::Response;
use resumable_proto_oss::sign::{v1, v4};
use resumable_proto_oss::*;

const ID: &str = "STS.NEmuCanary00000000000001";
const SECRET: &str = "EmuSecretKey0000000000000000000000000001";
const TOKEN: &str = "CAISEmuSecurityToken+/==0001";
const NOW: Duration = Duration::from_secs(1_767_225_600);

fn credential() -> Credential {
    Credential::temporary(ID, SECRET, TOKEN.to_owned()).unwrap()
}

fn object() -> Object {
    let endpoint = Endpoint::new("oss-cn-shenzhen.aliyuncs.com").unwrap();
    Object::new(endpoint, "emubucket", ObjectKey::new("k").unwrap(), Addressing::Auto).unwrap()
}

fn silent(text: &str, signatures: &[String]) {
    for secret in [ID, SECRET, TOKEN].into_iter().chain(signatures.iter().map(String::as_str)) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let credential = credential();
    let mut signatures = Vec::new();
    for version in [Version::V1, Version::V4] {
        let signing = Signing { credential: &credential, version, now: NOW };
        let request = head_object::encode(&object(), &signing).unwrap();
        let (authorization, token) = (&request.headers()["authorization"], &request.headers()["x-oss-security-token"]);
        assert!(authorization.is_sensitive() && token.is_sensitive());
        let text = authorization.to_str().unwrap();
        signatures.push(text.rsplit([':', '=']).find(|piece| piece.len() > 20).unwrap().to_owned());
        silent(
            &format!("{request:?} {:?} {} {signing:?} {credential:?}", request.headers(), request.uri()),
            &signatures,
        );
    }
    let (one, four) =
        (v1::authorization(&credential, "x"), v4::authorization(&credential, "20260101T000000Z", "r", "x", &[]));
    silent(&format!("{one:?} {four:?} {:?} {:?}", one.to_header_value(), callback()), &signatures);
    assert!(one.reveal().contains(ID) && four.reveal().contains(ID));
}

#[test]
fn a_refusal_that_repeats_the_request_does_not_leak_it() {
    let credential = credential();
    let signature = v1::authorization(&credential, "x").reveal().rsplit(':').next().unwrap().to_owned();
    let hex = v4::authorization(&credential, "20260101T000000Z", "r", "x", &[])
        .reveal()
        .rsplit('=')
        .next()
        .unwrap()
        .to_owned();
    let signatures = [signature, hex];
    let echo = format!("OSS {ID}:{} {} {SECRET} {TOKEN}", signatures[0], signatures[1]);
    for body in [
        format!(
            "<Error><Code>SecurityTokenExpired</Code><Message>x</Message><SecurityToken>{TOKEN}</SecurityToken></Error>"
        ),
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{echo}</StringToSign><SignatureProvided>{echo}</SignatureProvided></Error>"
        ),
        format!(
            "<Error><Code>{SECRET}</Code><Message>{echo}</Message><RequestId>{TOKEN}</RequestId><EC>{SECRET}</EC></Error>"
        ),
        format!("<html>{echo}</html>"),
        format!("<Error>{echo}</Error>"),
    ] {
        for status in [200, 203, 400, 403, 500] {
            let response =
                Response::builder().status(status).header("x-oss-request-id", TOKEN).body(Bytes::from(body.clone()));
            let refused = put_object::decode(true, &response.unwrap()).unwrap_err();
            silent(&format!("{} {:?}", refused.fault, refused.fault), &signatures);
        }
    }
}

#[test]
fn no_secret_is_in_a_checkpoint_an_event_or_an_error() {
    for mut options in [parts(), sequential(), one_request()] {
        options.callback = Some(callback());
        for fate in [Fate::LostBefore, Fate::Says(refusal(403, "AccessDenied")), Fate::Says(says(403, "canary"))] {
            let mut rig = Rig::new(70, options.clone());
            rig.server.token = Some("token-canary".into());
            rig.restart(temporary("token-canary"));
            let what = if options.one_request_max > 0 { "put" } else { "part 3" };
            let verdict = rig.run_with(lose(what, fate));
            let saved: Vec<String> =
                rig.saved.iter().map(|saved| String::from_utf8(saved.to_bytes()).unwrap()).collect();
            assert!(!saved.is_empty());
            let verdict = format!("{verdict:?}").replace("excerpt: \"canary\"", "");
            for text in [format!("{saved:?}"), format!("{:?} {:?}", rig.saved, rig.requests), verdict] {
                assert!(!text.contains("canary"), "{text}");
            }
        }
    }
}

#[test]
fn field_bug_79_what_is_signed_is_shown_without_its_headers() {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-oss-security-token", http::HeaderValue::from_static(TOKEN));
    let query = [("security-token", TOKEN.to_owned())];
    let method = &http::Method::PUT;
    let subject =
        resumable_proto_oss::sign::Subject { method, bucket: "b", key: "k", query: &query, headers: &headers };
    silent(&format!("{subject:?}"), &[]);
}
