//! Who signed, and when: every way to be turned away, and every way to be let in.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request};
use resumable_emulator::xfyun::Account;

use crate::client::*;

const SKEW: &str =
    "HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication";

fn good() -> Request<Bytes> {
    Signed::default().request(
        UPLOAD,
        &form_type(),
        form(&[Text("request_id", "r"), Text("app_id", "emulator"), File(b"x")]),
    )
}

fn sent(change: impl FnOnce(&mut Request<Bytes>)) -> Answer {
    let mut request = good();
    change(&mut request);
    let emulator = emulator();
    let answer = Answer::of(emulator.handle(NOW, request));
    let stored = emulator.totals().file_bytes;
    assert_eq!(stored, u64::from(answer.status == 200));
    answer
}

fn with_authorization(text: &str) -> Answer {
    sent(|request| {
        request.headers_mut().insert("authorization", HeaderValue::from_str(text).expect("a header"));
    })
}

fn set(request: &mut Request<Bytes>, name: &'static str, value: &'static str) {
    request.headers_mut().insert(name, HeaderValue::from_static(value));
}

#[test]
fn each_failure_has_its_own_words() {
    sent(|_| {}).succeeds();
    sent(|request| drop(request.headers_mut().remove("authorization"))).denies(401, "Unauthorized");
    sent(|request| drop(request.headers_mut().remove("date"))).denies(403, SKEW);
    sent(|request| set(request, "date", "2022-01-05 09:29:14")).denies(403, SKEW);
    with_authorization("nonsense").denies(401, "HMAC signature cannot be verified");
    with_authorization(&authorization("nobody", "x"))
        .denies(401, "HMAC signature cannot be verified: apikey not found");
    with_authorization(&authorization("emulator-api-key", "x")).denies(401, "HMAC signature does not match");
    for name in ["host", "digest"] {
        sent(|request| drop(request.headers_mut().remove(name))).denies(401, "HMAC signature does not match");
    }
    let wrong = Account { api_secret: "wrong".to_owned(), ..Account::default() };
    let request = Signed { account: wrong, ..Signed::default() }.request(UPLOAD, &form_type(), form(&[File(b"x")]));
    Answer::of(emulator().handle(NOW, request)).denies(401, "HMAC signature does not match");
}

#[test]
fn checks_come_in_the_gateways_order() {
    let bad_date = |request: &mut Request<Bytes>| set(request, "date", "Wed, 05 Jan 2022 10:29:14 GMT");
    sent(|request| {
        bad_date(request);
        request.headers_mut().remove("authorization");
    })
    .denies(401, "Unauthorized");
    sent(|request| {
        bad_date(request);
        set(request, "authorization", "nonsense");
    })
    .denies(403, SKEW);
    // Unreadable before unknown, unknown before unsigned.
    with_authorization(
        r#"api_key="nobody", algorithm="hmac-sha1", headers="host date request-line digest", signature="x""#,
    )
    .denies(401, "HMAC signature cannot be verified");
    with_authorization(r#"api_key="nobody", algorithm="hmac-sha256", headers="date", signature="x""#)
        .denies(401, "HMAC signature cannot be verified");
    sent(|request| {
        request.headers_mut().remove("digest");
        let text = authorization("nobody", "x");
        request.headers_mut().insert("authorization", text.parse().expect("a header"));
    })
    .denies(401, "HMAC signature cannot be verified: apikey not found");
}

#[test]
fn every_form_of_authorization_in_use_is_let_in() {
    let signature = signature(UPLOAD, HOST, DATE, EMPTY, "emulator-api-secret");
    let headers = "host date request-line digest";
    for text in [
        format!(r#"api_key="emulator-api-key", algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#),
        format!(
            r#"hmac api_key="emulator-api-key", algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#
        ),
        format!(r#"api_key="emulator-api-key",algorithm="hmac-sha256",headers="{headers}",signature="{signature}""#),
        format!(r#"api_key="emulator-api-key",algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#),
        format!(
            r#"hmac username="emulator-api-key", algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#
        ),
        format!(
            r#"Hmac username="emulator-api-key", algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#
        ),
    ] {
        with_authorization(&text).succeeds();
    }
}

fn dated(date: &str, server: Duration) -> Answer {
    let signed = Signed { date, ..Signed::default() };
    let body = json_body(&[("request_id", "r"), ("app_id", "emulator")]);
    Answer::of(emulator().handle(server, signed.request(INIT, "application/json", body)))
}

#[test]
fn a_date_may_be_five_minutes_off() {
    for seconds in [0, 299, 300, -300] {
        assert_eq!(dated(DATE, off_by(seconds)).status, 200, "{seconds}");
    }
    for seconds in [301, -301, 86_400] {
        dated(DATE, off_by(seconds)).denies(403, SKEW);
    }
    assert_eq!(dated("Wed, 05 Jan 2022 09:29:14 UTC", NOW).status, 200);
}

fn off_by(seconds: i64) -> Duration {
    Duration::from_secs(NOW.as_secs().checked_add_signed(seconds).expect("a moment"))
}

#[test]
fn the_servers_clock_and_its_patience_can_be_set() {
    for offset in [-3600, 3600] {
        let emulator = with(|config| config.clock_offset = offset);
        let answer = init(&emulator);
        answer.denies(403, SKEW);
        let shown = if offset < 0 { "Wed, 05 Jan 2022 08:29:14 GMT" } else { "Wed, 05 Jan 2022 10:29:14 GMT" };
        assert_eq!(answer.header("date"), shown);
        let emulator = with(|config| {
            config.clock_offset = offset;
            config.xfyun.limits.skew = 3600;
        });
        assert_eq!(init(&emulator).status, 200);
    }
}

#[test]
fn the_request_line_is_signed_with_its_query() {
    let request = Signed::default().request(
        "/file/mpupload/init?x=1",
        "application/json",
        json_body(&[("request_id", "r"), ("app_id", "emulator")]),
    );
    let emulator = emulator();
    Answer::of(emulator.handle(NOW, request.clone())).succeeds();
    let (mut head, body) = request.into_parts();
    head.uri = INIT.parse().expect("a path");
    let other = Request::from_parts(head, body);
    Answer::of(emulator.handle(NOW, other)).denies(401, "HMAC signature does not match");
}

#[test]
fn other_paths_and_methods_are_nobodys() {
    let emulator = emulator();
    for path in ["/file/", "/file/download", "/file/upload/", "/file/mpupload", "/file/mpupload/list"] {
        let request = Signed::default().request(path, "application/json", "{}");
        let answer = Answer::of(emulator.handle(NOW, request));
        assert_eq!((answer.status, answer.header("content-type")), (404, "text/html"), "{path}");
    }
    let (mut head, body) = good().into_parts();
    head.method = http::Method::PUT;
    assert_eq!(Answer::of(emulator.handle(NOW, Request::from_parts(head, body))).status, 404);
    assert_eq!(emulator.totals().file_bytes, 0);
}

#[test]
fn a_service_that_is_not_offered_is_not_there() {
    let emulator = with(|config| config.services = vec!["cos-v2".to_owned()]);
    assert_eq!(upload(&emulator, b"x").status, 404);
    assert_eq!(emulator.ready_line("http://h").as_object().map(serde_json::Map::len), Some(1));
    let config = tiny(|config| config.services = vec!["ftp".to_owned()]);
    let storage = Box::new(resumable_emulator::MemoryStorage::new());
    let error = resumable_emulator::Emulator::new(config, storage).expect_err("unknown");
    assert!(error.to_string().starts_with("there is no service `ftp`; there are cos-v2, "), "{error}");
}

#[test]
fn the_ready_line_says_who_may_sign() {
    let ready = emulator().ready_line("http://127.0.0.1:8800");
    let expected = serde_json::json!({
        "endpoint": "http://127.0.0.1:8800",
        "app_id": "emulator",
        "api_key": "emulator-api-key",
        "api_secret": "emulator-api-secret",
    });
    assert_eq!(ready["xfyun"], expected);
}
