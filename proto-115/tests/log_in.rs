//! A person's log-in and the refresh, message by message: the vendor's shapes, and what to do when one is refused.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use proptest::prelude::*;
use resumable_core::{Body, Segment};
use resumable_proto_115::qrcode_status::Scan;
use resumable_proto_115::*;

const VERIFIER: &str = "EmuVerifierEmuVerifierEmuVerifierEmuVerifier0001";

fn says(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn text(request: &Request<Body>) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(_) => panic!("a log-in sends no file"),
    };
    request.body().segments().iter().map(text).collect()
}

fn code() -> auth_device_code::DeviceCode {
    let body = r#"{"state":1,"code":0,"message":"","data":{"uid":"emu+uid/1","time":1735689600,"qrcode":"https://115.com/scan/emu","sign":"emusigncanary"},"error":"","errno":0}"#;
    auth_device_code::decode(&says(200, body)).unwrap()
}

#[test]
fn the_challenge_is_that_of_the_vector() {
    let verifier = CodeVerifier::new(VERIFIER).unwrap();
    assert_eq!(verifier.challenge(), "3b35vdKqc6fflV3Ky/E+PRuaNfdbmtl9hLLP4R78T/M=");
}

#[test]
fn a_verifier_is_made_of_the_callers_entropy_and_within_the_vendors_bounds() {
    let of = |byte: u8| CodeVerifier::from_bytes(&[byte; 48]).challenge();
    assert_ne!(of(1), of(2));
    assert_eq!(of(1), of(1));
    for length in [43, 128] {
        assert!(CodeVerifier::new("a".repeat(length)).is_ok());
    }
    for bad in ["a".repeat(42), "a".repeat(129), format!("{VERIFIER}+"), format!("{VERIFIER} ")] {
        assert!(CodeVerifier::new(bad).is_err());
    }
}

#[test]
fn a_code_is_asked_for_with_the_challenge_alone() {
    let verifier = CodeVerifier::new(VERIFIER).unwrap();
    let request = auth_device_code::encode(&Site::default(), "100197303", &verifier);
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://passportapi.115.com/open/authDeviceCode");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(
        text(&request),
        "client_id=100197303&code_challenge=3b35vdKqc6fflV3Ky%2FE%2BPRuaNfdbmtl9hLLP4R78T%2FM%3D\
         &code_challenge_method=sha256"
    );
    assert_eq!((code().uid.as_str(), code().time.as_str()), ("emu+uid/1", "1735689600"));
    assert_eq!(code().qrcode, "https://115.com/scan/emu");
}

#[test]
fn the_state_of_a_code_is_asked_for_with_what_the_code_came_with() {
    let request = qrcode_status::encode(&Site::default(), &code());
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        request.uri(),
        "https://qrcodeapi.115.com/get/status/?uid=emu%2Buid%2F1&time=1735689600&sign=emusigncanary"
    );
    for (data, scan) in [
        (r#"{"msg":"","status":1}"#, Scan::Scanned),
        (r#"{"status":"2"}"#, Scan::Confirmed),
        (r#"{"status":0}"#, Scan::Waiting),
        ("{}", Scan::Waiting),
        ("[]", Scan::Waiting),
        ("null", Scan::Waiting),
        (r#"{"status":-1}"#, Scan::Expired),
        (r#"{"status":-2}"#, Scan::Refused),
    ] {
        let body = format!(r#"{{"state":1,"code":0,"message":"","data":{data}}}"#);
        assert_eq!(qrcode_status::decode(&says(200, &body)), Ok(scan), "{data}");
    }
    let expired = r#"{"state":0,"code":40199002,"message":"key invalid","data":[]}"#;
    assert_eq!(qrcode_status::decode(&says(200, expired)), Ok(Scan::Expired));
}

#[test]
fn tokens_are_fetched_with_the_verifier() {
    let verifier = CodeVerifier::new(VERIFIER).unwrap();
    let request = device_code_to_token::encode(&Site::default(), &code(), &verifier);
    assert_eq!(request.uri(), "https://passportapi.115.com/open/deviceCodeToToken");
    assert_eq!(text(&request), format!("uid=emu%2Buid%2F1&code_verifier={VERIFIER}"));
    let body = r#"{"state":1,"code":0,"message":"","data":{"access_token":"a1","refresh_token":"r1","expires_in":2592000},"error":"","errno":0}"#;
    let tokens = device_code_to_token::decode(&says(200, body)).unwrap();
    assert_eq!((tokens.access_token.expose(), tokens.refresh_token.expose()), ("a1", "r1"));
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(2_592_000)));
}

#[test]
fn a_refresh_is_that_of_the_example() {
    let token = RefreshToken::new("emu-refresh-0001").unwrap();
    let request = refresh_token::encode(&Site::default(), &token);
    assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/open/refreshToken"));
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(text(&request), "refresh_token=emu-refresh-0001");
    let body = r#"{"state":1,"code":0,"message":"","data":{"access_token":"emu-access-0002","refresh_token":"emu-refresh-0002","expires_in":7200},"error":"","errno":0}"#;
    let tokens = refresh_token::decode(&says(200, body)).unwrap();
    assert_eq!(tokens.access_token, AccessToken::new("emu-access-0002").unwrap());
    assert_eq!(tokens.refresh_token, RefreshToken::new("emu-refresh-0002").unwrap());
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(7200)));
}

#[test]
fn numbers_may_be_texts_and_objects_arrays_of_one() {
    let body = r#"{"state":"1","errno":"0","data":[{"access_token":"a","refresh_token":"b","expires_in":"7200"}]}"#;
    assert_eq!(refresh_token::decode(&says(200, body)).unwrap().expires_in, Some(Duration::from_secs(7200)));
}

#[test]
fn a_success_without_both_tokens_is_none() {
    for data in [
        "[]",
        "null",
        r#"{"access_token":"a"}"#,
        r#"{"refresh_token":"b"}"#,
        r#"{"access_token":"a b","refresh_token":"b"}"#,
    ] {
        let body = format!(r#"{{"state":1,"code":0,"data":{data}}}"#);
        let refused = refresh_token::decode(&says(200, &body)).unwrap_err();
        assert!(matches!(refused.fault, Fault::Incomplete { .. }), "{data}: {refused}");
        assert_eq!(refused.remedy, Remedy::Again);
    }
}

/// §5.3 of the reference: which refusals are final, and which pass.
#[test]
fn every_token_code_says_what_to_do() {
    let table = [
        (40_140_100..=40_140_111, Remedy::Configuration),
        (40_140_112..=40_140_113, Remedy::NewCode),
        (40_140_114..=40_140_116, Remedy::LogIn),
        (40_140_117..=40_140_117, Remedy::Later(Duration::from_secs(300))),
        (40_140_118..=40_140_118, Remedy::Configuration),
        (40_140_119..=40_140_119, Remedy::LogIn),
        (40_140_120..=40_140_120, Remedy::ReadAgain),
        (40_140_121..=40_140_121, Remedy::Again),
        (40_140_122..=40_140_122, Remedy::Person),
        (40_140_127..=40_140_136, Remedy::Configuration),
        (40_199_002..=40_199_002, Remedy::NewCode),
        (911..=911, Remedy::Person),
        (770_004..=770_004, Remedy::Later(Duration::from_secs(300))),
        (990_009..=990_009, Remedy::Again),
        (12_345..=12_345, Remedy::Configuration),
    ];
    for (codes, remedy) in table {
        for code in codes {
            for body in [
                format!(r#"{{"state":0,"code":{code},"message":"no","data":[]}}"#),
                format!(r#"{{"state":0,"errno":{code},"error":"no","data":null}}"#),
                format!(r#"{{"state":1,"code":0,"errno":"{code}","error":"no"}}"#),
            ] {
                let refused = refresh_token::decode(&says(200, &body)).unwrap_err();
                assert_eq!((refused.remedy, refused.fault.code()), (remedy, Some(code)), "{body}");
                assert!(refused.to_string().contains(&code.to_string()), "{refused}");
            }
        }
    }
}

#[test]
fn what_is_no_answer_of_the_api_is_asked_again_or_waited_for() {
    for (status, body, remedy) in [
        (502, "<html>bad gateway</html>", Remedy::Again),
        (200, "", Remedy::Again),
        (200, r#"{"state":1,"code":0,"da"#, Remedy::Again),
        (405, "<html>blocked</html>", Remedy::Later(Duration::from_secs(300))),
        (200, "<!doctypehtml><title>405</title>", Remedy::Later(Duration::from_secs(300))),
        (200, r#"{"state":0,"code":0,"message":""}"#, Remedy::Later(Duration::from_secs(300))),
        (429, r#"{"state":0,"code":12,"message":"slow"}"#, Remedy::Later(Duration::from_secs(300))),
    ] {
        let refused = refresh_token::decode(&says(status, body)).unwrap_err();
        assert_eq!(refused.remedy, remedy, "{status} {body}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let verifier = CodeVerifier::new(VERIFIER).unwrap();
    let body = r#"{"state":1,"code":0,"data":{"access_token":"access-canary","refresh_token":"refresh-canary"}}"#;
    let tokens = refresh_token::decode(&says(200, body)).unwrap();
    let echo = format!(r#"{{"state":0,"code":40140116,"message":"bad {}"}}"#, "t0k3ncanary".repeat(4));
    let refused = refresh_token::decode(&says(200, &echo)).unwrap_err();
    let shown = format!("{verifier:?} {tokens:?} {:?} {refused} {refused:?}", code());
    for canary in ["EmuVerifier", "access-canary", "refresh-canary", "emusigncanary", "t0k3ncanary"] {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
    assert_eq!(format!("{verifier:?}"), "CodeVerifier([redacted])");
    assert_eq!(format!("{:?}", tokens.access_token), "AccessToken([redacted])");
    assert_eq!(format!("{:?}", tokens.refresh_token), "RefreshToken([redacted])");
    assert_ne!(tokens.access_token, AccessToken::new("access-other").unwrap());
    assert_ne!(tokens.refresh_token, RefreshToken::new("refresh-other").unwrap());
    assert_eq!(format!("{:?}", code()), r#"DeviceCode { uid: "emu+uid/1", time: "1735689600", .. }"#);
}

#[test]
fn everything_can_be_at_one_plain_host() {
    let site = Site::at("http://127.0.0.1:8115/").unwrap();
    let refresh = refresh_token::encode(&site, &RefreshToken::new("r").unwrap());
    assert_eq!(refresh.uri(), "http://127.0.0.1:8115/open/refreshToken");
    assert_eq!(qrcode_status::encode(&site, &code()).uri().authority().unwrap(), "127.0.0.1:8115");
}

proptest! {
    #[test]
    fn no_answer_makes_a_decoder_panic(status in 100u16..600, body: Vec<u8>) {
        let response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
        let _ = (auth_device_code::decode(&response), qrcode_status::decode(&response));
        let _ = (device_code_to_token::decode(&response), refresh_token::decode(&response));
    }
}
