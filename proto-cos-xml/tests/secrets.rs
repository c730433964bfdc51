//! No key, token or signature in any text that could reach a log, and none in a checkpoint.

mod far;

use far::{Fate, Rig, answer, lose, one_request, parts, refusal, says, temporary};
use resumable_proto_cos_xml::sign::{Subject, authorization, sign_key};
use resumable_proto_cos_xml::stage::{self, Call, Success};
use resumable_proto_cos_xml::{Credential, DIALECT};

const ID: &str = "AKIDEmuCanary00000000000000000000001";
const KEY: &str = "EmuSecretKey00000000000000000001";
const TOKEN: &str = "EmuSessionToken+/==0001EmuSessionToken";
const TIME: &str = "1767225600;1767229200";

fn credential() -> Credential {
    Credential::temporary(ID, KEY, TOKEN.to_owned()).unwrap()
}

fn silent(text: &str, signature: &str) {
    for secret in [ID, KEY, TOKEN, signature] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let credential = credential();
    let mut headers = http::HeaderMap::new();
    headers.insert("x-cos-security-token", http::HeaderValue::from_static(TOKEN));
    let query = [("x-cos-security-token", TOKEN.to_owned())];
    let subject = Subject { method: &http::Method::PUT, path: "/k", query: &query, headers: &headers };
    let signed = authorization(&credential, TIME, &subject);
    let signature = signed.reveal().rsplit('=').next().unwrap().to_owned();
    let key = sign_key(&credential, TIME);
    let value = signed.to_header_value();
    assert!(value.is_sensitive() && signed.reveal().contains(ID));
    let shown = format!("{credential:?} {subject:?} {signed:?} {value:?} {key:?}");
    silent(&shown, &signature);
    assert!(!shown.contains(key.reveal()));
}

#[test]
fn a_refusal_that_repeats_the_request_does_not_leak_it() {
    let headers = http::HeaderMap::new();
    let subject = Subject { method: &http::Method::PUT, path: "/k", query: &[], headers: &headers };
    let signature = authorization(&credential(), TIME, &subject).reveal().rsplit('=').next().unwrap().to_owned();
    let echo = format!("q-ak={ID}&q-signature={signature} {KEY} {TOKEN}");
    for body in [
        format!("<Error><Code>ExpiredToken</Code><Message>{echo}</Message><RequestId>{TOKEN}</RequestId></Error>"),
        format!("<Error><Code>{KEY}</Code><Message>x</Message><TraceId>{TOKEN}</TraceId></Error>"),
        format!("<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{echo}</StringToSign></Error>"),
        format!("<html>{echo}</html>"),
        format!("<Error>{echo}</Error>"),
    ] {
        for status in [200, 203, 400, 403, 500] {
            let mut response = says(status, &body);
            response.headers_mut().insert("x-cos-request-id", http::HeaderValue::from_static(TOKEN));
            let refused = stage::decode(&Call::Put, &DIALECT, Success::Document, &answer(response)).unwrap_err();
            silent(&format!("{} {:?}", refused.fault, refused.fault), &signature);
        }
    }
}

#[test]
fn no_secret_is_in_a_checkpoint_an_event_or_an_error() {
    for options in [parts(), one_request()] {
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
            for text in [format!("{saved:?}"), format!("{:?} {:?} {:?}", rig.saved, rig.requests, rig.events), verdict]
            {
                assert!(!text.replace("\"canary\"", "").contains("-canary"), "{text}");
            }
        }
    }
}
