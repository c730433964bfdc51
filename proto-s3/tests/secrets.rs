//! No key, token or signature in any text that could reach a log, and none in a checkpoint.

mod far;

use std::time::Duration;

use bytes::Bytes;
use far::{Fate, Rig, lose, one_request, parts, parts_of, refusal, says, temporary};
use http::Response;
use resumable_core::{Answer, Observed, Protocol};
use resumable_proto_s3::stage::Call;
use resumable_proto_s3::*;

const ID: &str = "ASIAEMUCANARY0000001";
const SECRET: &str = "EmuSecretKey0000000000000000000000000001";
const TOKEN: &str = "FwoGZXIvYXdzEmuSessionToken//+==0001";
const NOW: Duration = Duration::from_secs(1_767_225_600);

fn silent(text: &str, signature: &str) {
    for secret in [ID, SECRET, TOKEN, signature] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn signed() -> (http::Request<resumable_core::Body>, String) {
    let s3 = in_region("eu-west-1", "emubucket", "k").unwrap();
    let credential = Credential::temporary(ID, SECRET, TOKEN.to_owned()).unwrap();
    let wire = S3Wire { object: s3.object(), options: s3.options(), credential: &credential, now: NOW };
    let request = head_object::encode(&Said::bare(Op::HeadObject), &wire).unwrap();
    let signature = request.headers()["authorization"].to_str().unwrap().rsplit('=').next().unwrap().to_owned();
    (request, signature)
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let (request, signature) = signed();
    let (authorization, token) = (&request.headers()["authorization"], &request.headers()["x-amz-security-token"]);
    assert!(authorization.is_sensitive() && token.is_sensitive() && signature.len() == 64);
    silent(&format!("{request:?} {:?} {}", request.headers(), request.uri()), &signature);
    let subject = sign::Subject { method: request.method(), uri: request.uri(), headers: request.headers() };
    let signer = sign::Signer { access_key_id: ID, secret: SECRET, region: "r", date: "20260101T000000Z" };
    let made = signer.authorization(&subject);
    silent(&format!("{subject:?} {made:?} {:?}", made.to_header_value()), &signature);
    assert!(made.reveal().contains(ID));
    let uri = "http://h/k?X-Amz-Security-Token=FwoGZXIvYXdzEmuSessionToken//+==0001".parse().unwrap();
    silent(&format!("{:?}", sign::Subject { uri: &uri, ..subject }), &signature);
}

#[test]
fn a_refusal_that_repeats_the_request_does_not_leak_it() {
    let (_, signature) = signed();
    let echo = format!("AWS4-HMAC-SHA256 Credential={ID}/x {SECRET} {TOKEN} {signature}");
    for body in [
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><AWSAccessKeyId>{ID}</AWSAccessKeyId>\
                 <StringToSign>{echo}</StringToSign><SignatureProvided>{signature}</SignatureProvided>\
                 <CanonicalRequest>x-amz-security-token:{TOKEN}</CanonicalRequest></Error>"
        ),
        format!("<Error><Code>ExpiredToken</Code><Message>m</Message><Token-0>{TOKEN}</Token-0></Error>"),
        format!("<Error><Code>{SECRET}</Code><Message>{echo}</Message><RequestId>{TOKEN}</RequestId></Error>"),
        format!("<Error><Code>AuthorizationHeaderMalformed</Code><Region>{SECRET}</Region></Error>"),
        format!("<html>{echo}</html>"),
    ] {
        for status in [200, 400, 403, 500] {
            let mut response = Response::builder().status(status).body(Bytes::from(body.clone())).unwrap();
            response.headers_mut().insert("x-amz-request-id", TOKEN.parse().unwrap());
            let answer = Answer { response, observed: Observed::none() };
            let s3 = in_region("eu-west-1", "emubucket", "k").unwrap();
            for call in [Call::Put, Call::Part { number: 1 }, Call::Complete] {
                match s3.decode(&call, &answer) {
                    Ok(reply) => silent(&format!("{reply:?}"), &signature),
                    Err(refused) => silent(&format!("{} {:?}", refused.fault, refused.fault), &signature),
                }
            }
        }
    }
}

#[test]
fn no_secret_is_in_a_checkpoint_a_request_or_an_error() {
    for options in [parts(), parts_of("minio"), one_request()] {
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
            for text in [format!("{saved:?}"), format!("{:?} {:?}", rig.saved, rig.shown), verdict] {
                assert!(!text.contains("canary"), "{text}");
            }
        }
    }
}
