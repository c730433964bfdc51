//! Who may do what, and when.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use resumable_emulator::oss::{Account, MissingToken, StsJudged};

use crate::client::*;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn nobody_gets_in_without_a_good_signature() {
    let emulator = emulator();
    let ask = ask("PUT", "a").body(b"x");
    let unsigned = Answer::of(emulator.handle(NOW, ask.unsigned())).refuses(403, "AccessDenied");
    assert_eq!(unsigned.text("EC"), "0003-00000001");
    for (authorization, status, code) in [
        ("OSS LTAIemulator", 400, "InvalidArgument"),
        ("OSS :c2lnbmF0dXJl", 400, "InvalidArgument"),
        ("OSS2 AccessKeyId:LTAIemulator,Signature:x", 400, "InvalidArgument"),
        ("OSS4-HMAC-SHA256 x", 400, "InvalidArgument"),
        ("Bearer x", 400, "InvalidArgument"),
        ("OSS LTAIstranger:c2lnbmF0dXJl", 403, "InvalidAccessKeyId"),
        ("OSS LTAIemulator:c2lnbmF0dXJl", 403, "SignatureDoesNotMatch"),
    ] {
        let mut request = ask.unsigned();
        request.headers_mut().insert("authorization", authorization.parse().expect("a value"));
        Answer::of(emulator.handle(NOW, request)).refuses(status, code);
    }
    assert_eq!(stored(&emulator, "a"), None);
    let mut wrong = ask.clone();
    wrong.account.access_key_secret = "other".to_owned();
    let answer = wrong.send(&emulator).refuses(403, "SignatureDoesNotMatch");
    assert_eq!(answer.text("StringToSign"), format!("PUT\n\n\n{DATE}\n/examplebucket/a"));
    assert!(answer.text("StringToSignBytes").starts_with("50 55 54 0A 0A 0A 54 68 75"));
    assert_eq!(answer.text("SignatureProvided"), wrong.authorization().split_once(':').expect("two halves").1);
}

#[test]
fn a_clock_may_be_off_by_15_minutes() {
    let emulator = emulator();
    for (date, good) in [
        ("Wed, 31 Dec 2025 23:45:00 GMT", true),
        ("Thu, 01 Jan 2026 00:15:00 GMT", true),
        ("Wed, 31 Dec 2025 23:44:59 GMT", false),
        ("Thu, 01 Jan 2026 00:15:01 GMT", false),
    ] {
        let answer = Ask { date: date.to_owned(), ..ask("PUT", "a").body(b"x") }.send(&emulator);
        if good {
            answer.succeeds();
            continue;
        }
        let answer = answer.refuses(403, "RequestTimeTooSkewed");
        assert_eq!(answer.text("MaxAllowedSkewMilliseconds"), "900000");
        assert_eq!(answer.text("ServerTime"), "2026-01-01T00:00:00.000Z");
        let second = if date.starts_with('W') { "2025-12-31T23:44:59.000Z" } else { "2026-01-01T00:15:01.000Z" };
        assert_eq!(answer.text("RequestTime"), second);
    }
    for date in ["", "2026-01-01T00:00:00Z", "1767225600"] {
        Ask { date: date.to_owned(), ..ask("PUT", "a").body(b"x") }.send(&emulator).refuses(403, "AccessDenied");
    }
}

#[test]
fn version_4_needs_its_date_its_payload_and_the_right_scope() {
    let emulator = emulator();
    let good = "LTAIemulator/20260101/cn-hangzhou/oss/aliyun_v4_request";
    for (credential, date, payload, status, code) in [
        (good, "20260101T000000Z", "UNSIGNED-PAYLOAD", 403, "SignatureDoesNotMatch"),
        (good, "20260101T001501Z", "UNSIGNED-PAYLOAD", 403, "RequestTimeTooSkewed"),
        (good, "Thu, 01 Jan 2026 00:00:00 GMT", "UNSIGNED-PAYLOAD", 403, "AccessDenied"),
        (good, "20260101T000000Z", "", 400, "InvalidArgument"),
        (good, "20260102T000000Z", "UNSIGNED-PAYLOAD", 400, "InvalidArgument"),
        (
            "LTAIemulator/20260101/cn-other/oss/aliyun_v4_request",
            "20260101T000000Z",
            "UNSIGNED-PAYLOAD",
            400,
            "InvalidArgument",
        ),
        (
            "LTAIemulator/20260101/cn-hangzhou/s3/aliyun_v4_request",
            "20260101T000000Z",
            "UNSIGNED-PAYLOAD",
            400,
            "InvalidArgument",
        ),
        (
            "LTAIother/20260101/cn-hangzhou/oss/aliyun_v4_request",
            "20260101T000000Z",
            "UNSIGNED-PAYLOAD",
            403,
            "InvalidAccessKeyId",
        ),
    ] {
        let ask = ask("PUT", "a").body(b"x").header("x-oss-date", date).header("x-oss-content-sha256", payload);
        let mut request = ask.unsigned();
        let authorization = format!("OSS4-HMAC-SHA256 Credential={credential},Signature=00");
        request.headers_mut().insert("authorization", authorization.parse().expect("a value"));
        Answer::of(emulator.handle(NOW, request)).refuses(status, code);
    }
}

#[test]
fn a_temporary_key_opens_its_bucket_and_no_other() {
    let emulator = emulator();
    let (first, second) = (emulator.oss().grant(NOW), emulator.oss().grant(NOW));
    assert_eq!(emulator.oss().sts_bucket(), "fhnfile");
    for sts in [&first, &second, &first] {
        ask("PUT", "a").body(b"x").sts(sts).send(&emulator).succeeds();
    }
    assert_eq!(emulator.oss().read_object("fhnfile", "a").expect("readable"), Some(b"x".to_vec()));
    ask("PUT", "a").body(b"x").sts(&first).bucket(BUCKET).send(&emulator).refuses(403, "AccessDenied");
    let other_token = Ask { account: second_account(&second), ..ask("PUT", "a").body(b"x").sts(&first) };
    let answer = other_token.send(&emulator).refuses(403, "InvalidSecurityToken");
    assert_eq!(answer.text("SecurityToken"), first.security_token);
    let of_account = ask("PUT", "a").body(b"x").header("x-oss-security-token", &first.security_token);
    of_account.send(&emulator).refuses(403, "InvalidSecurityToken");
    ask("PUT", "a").body(b"x").bucket("nobodys").send(&emulator).refuses(404, "NoSuchBucket");
    ask("PUT", "a").body(b"x").bucket("fhnfile").send(&emulator).succeeds();
}

fn second_account(sts: &resumable_emulator::oss::Sts) -> Account {
    Account { access_key_id: sts.access_key_id.clone(), access_key_secret: sts.access_key_secret.clone() }
}

#[test]
fn a_token_that_is_missing_is_a_switch() {
    for (switch, code) in
        [(MissingToken::InvalidAccessKeyId, "InvalidAccessKeyId"), (MissingToken::AccessDenied, "AccessDenied")]
    {
        let emulator = with(|config| config.oss.switches.missing_token = switch);
        let sts = emulator.oss().grant(NOW);
        let ask = Ask { account: second_account(&sts), ..ask("PUT", "a").body(b"x").bucket("fhnfile") };
        ask.send(&emulator).refuses(403, code);
    }
}

#[test]
fn a_temporary_key_expires_and_is_then_forgotten() {
    let emulator = emulator();
    let sts = emulator.oss().grant(NOW);
    let date = |at: Duration| httpdate::fmt_http_date(std::time::UNIX_EPOCH + at);
    let at = |at: Duration| Ask { date: date(at), ..ask("PUT", "a").body(b"x").sts(&sts) }.send_at(&emulator, at);
    at(NOW + Duration::from_secs(3599)).succeeds();
    let expired = at(NOW + HOUR).refuses(403, "SecurityTokenExpired");
    assert_eq!(
        (expired.text("SecurityToken"), expired.text("EC")),
        (sts.security_token.clone(), "0002-00000007".to_owned())
    );
    at(NOW + HOUR + Duration::from_secs(299)).refuses(403, "SecurityTokenExpired");
    at(NOW + HOUR + Duration::from_secs(300)).refuses(403, "InvalidAccessKeyId");
}

#[test]
fn whether_a_key_is_judged_at_start_or_end_is_a_switch() {
    for (switch, succeeds) in [(StsJudged::AtStart, true), (StsJudged::AtEnd, false)] {
        let emulator = with(|config| config.oss.switches.sts_judged = switch);
        let sts = emulator.oss().grant(NOW.saturating_sub(Duration::from_secs(3599)));
        let (head, body) = ask("PUT", "a").body(b"x").sts(&sts).request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        exchange.feed(&body);
        let answer = Answer::of(exchange.end(NOW + Duration::from_secs(9)));
        if succeeds {
            answer.succeeds();
        } else {
            answer.refuses(403, "SecurityTokenExpired");
        }
        let there = emulator.oss().read_object("fhnfile", "a").expect("readable");
        assert_eq!(there.is_some(), succeeds);
    }
}

#[test]
fn the_bucket_may_stand_in_the_hosts_name() {
    let emulator = emulator();
    let ask = ask("PUT", "dir/a").body(b"x");
    let mut request = ask.request();
    *request.uri_mut() = "/dir/a".parse().expect("a URI");
    request.headers_mut().insert("host", "examplebucket.oss-cn-hangzhou.aliyuncs.com".parse().expect("a value"));
    Answer::of(emulator.handle(NOW, request)).succeeds();
    assert_eq!(stored(&emulator, "dir/a"), Some(b"x".to_vec()));
}

#[test]
fn other_services_keep_their_requests() {
    let emulator = emulator();
    let service = |request: http::Request<bytes::Bytes>| {
        emulator.handle(NOW, request);
        emulator.log().last().map(|entry| entry.service).expect("an entry")
    };
    let plain = |uri: &str| http::Request::post(uri).body(bytes::Bytes::new()).expect("a request");
    assert_eq!(service(plain("/files/v2/10055004/accesslog/a")), "cos-v2");
    assert_eq!(service(plain("/files/v1/10055004/accesslog/a")), "cos-v1");
    assert_eq!(service(plain("/file/upload")), "xfyun");
    assert_eq!(service(plain("/open/upload/init")), "115");
    assert_eq!(service(plain("/get/status/")), "115");
    assert_eq!(service(ask("PUT", "upload/init").bucket("open").request()), "oss", "it is signed for OSS");
    assert_eq!(service(plain("/examplebucket/a")), "oss");
    assert_eq!(service(ask("GET", "a").bucket("nobodys").request()), "oss");
    let marked = http::Request::post("/x").header("x-oss-date", DATE).body(bytes::Bytes::new()).expect("a request");
    assert_eq!(service(marked), "oss");
}

#[test]
fn what_needs_no_body_tells_its_error_in_the_head() {
    let emulator = emulator();
    let mut wrong = ask("HEAD", "a");
    wrong.account.access_key_secret = "other".to_owned();
    let answer = wrong.send(&emulator);
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-oss-ec")), (403, "", "0002-00000040"));
    let told = STANDARD.decode(answer.header("x-oss-err")).expect("base64");
    assert_eq!(texts(&String::from_utf8(told).expect("text"), "Code"), ["SignatureDoesNotMatch"]);
}

#[test]
fn the_ready_line_tells_what_a_client_needs() {
    let ready = emulator().ready_line("http://127.0.0.1:8800");
    assert_eq!(
        ready["oss"],
        serde_json::json!({
            "endpoint": "http://127.0.0.1:8800",
            "bucket": "examplebucket",
            "region": "cn-hangzhou",
            "access_key_id": "LTAIemulator",
            "access_key_secret": "emulator-access-key-secret",
        })
    );
}
