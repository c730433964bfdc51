//! Who may do what, and when.

use std::time::Duration;

use resumable_emulator::cos_xml::{ExpiredAs, JudgeTime, ListCase, MustSign, Refused, SignedHost, TemporaryKey};
use resumable_emulator::{Config, Emulator, MemoryStorage};

use crate::client::*;

fn x() -> Ask {
    ask("PUT", "a").body(b"x")
}

#[test]
fn nobody_gets_in_without_a_good_signature() {
    let emulator = emulator();
    Answer::of(emulator.handle(NOW, x().unsigned())).refuses(403, "AccessDenied");
    let good = x().authorization();
    for (authorization, status, code) in [
        ("Bearer x".to_owned(), 400, "InvalidRequest"),
        ("q-sign-algorithm=sha1".to_owned(), 400, "InvalidRequest"),
        (good.replace("sha1", "sha256"), 400, "InvalidRequest"),
        (good.replace("q-ak=AKIDemulator", "q-ak="), 400, "InvalidRequest"),
        (good.replace("q-key-time=", "q-other-time="), 400, "InvalidRequest"),
        (good.replace("q-key-time=", "q-key-time=x"), 400, "InvalidRequest"),
        (format!("{good}&q-ak=AKIDemulator"), 400, "InvalidRequest"),
        (good.replace("q-ak=AKIDemulator", "q-ak=AKIDstranger"), 403, "InvalidAccessKeyId"),
        (good.replace("q-signature=", "q-signature=0"), 403, "SignatureDoesNotMatch"),
        (good.replace("content-length;host", "host;content-length"), 403, "SignatureDoesNotMatch"),
    ] {
        let mut request = x().unsigned();
        request.headers_mut().insert("authorization", authorization.parse().expect("a value"));
        Answer::of(emulator.handle(NOW, request)).refuses(status, code);
    }
    let mut wrong = x();
    wrong.account.secret_key = "other".to_owned();
    let answer = wrong.send(&emulator).refuses(403, "SignatureDoesNotMatch");
    assert_eq!(answer.text("FormatString"), format!("put\n/a\n\ncontent-length=1&host={HOST}\n"));
    assert_eq!(answer.text("Resource"), format!("{HOST}/a"));
    assert_eq!(stored(&emulator, "a"), None);
    x().send(&emulator).succeeds();
}

#[test]
fn a_bucket_that_is_not_there() {
    let emulator = emulator();
    let host = "nobodys-1250000000.cos.ap-guangzhou.myqcloud.com";
    let answer = x().at(host, "").send(&emulator).refuses(404, "NoSuchBucket");
    assert_eq!(answer.text("Resource"), format!("{host}/a"));
}

#[test]
fn what_has_to_be_signed() {
    for (switch, unlisted, is_good) in [
        (MustSign::Everything, "x-cos-meta-n", false),
        (MustSign::Everything, "uploads", false),
        (MustSign::Everything, "host", false),
        (MustSign::Everything, "content-length", true),
        (MustSign::AllButHost, "host", true),
        (MustSign::AllButHost, "uploads", false),
        (MustSign::Nothing, "x-cos-meta-n", true),
        (MustSign::Nothing, "uploads", true),
    ] {
        let emulator = with(|config| config.cos_xml.switches.must_sign = switch);
        let ask = ask("POST", "a").query("uploads", "").header("x-cos-meta-n", "1").unlisted(unlisted);
        let answer = ask.send(&emulator);
        if is_good {
            answer.succeeds();
            continue;
        }
        let refused = answer.refuses(403, "AccessDenied");
        assert_eq!(refused.text("Message"), format!("These have to be signed, and are not: {unlisted}."));
    }
}

#[test]
fn a_signature_is_good_from_its_start_to_its_end() {
    let emulator = emulator();
    for (start, end, is_good) in [
        (0, 0, true),
        (-10, -1, false),
        (-10, 0, true),
        (900, 1000, true),
        (901, 1000, false),
        (0, 1_500_000_000, true),
    ] {
        let answer = x().time(start, end).send(&emulator);
        if is_good {
            answer.succeeds();
        } else {
            assert_eq!(answer.refuses(403, "AccessDenied").text("Message"), "Request has expired");
        }
    }
    let strict = with(|config| config.cos_xml.limits.future_start = 0);
    x().time(1, 9).send(&strict).refuses(403, "AccessDenied");
}

#[test]
fn how_an_old_signature_is_refused() {
    for (switch, code) in [
        (ExpiredAs::AccessDenied, "AccessDenied"),
        (ExpiredAs::Code, "Request has expired"),
        (ExpiredAs::Skewed, "RequestTimeTooSkewed"),
    ] {
        let emulator = with(|config| config.cos_xml.switches.expired_as = switch);
        let answer = x().time(-20, -1).send(&emulator).refuses(403, code);
        assert_eq!(answer.header("date"), "Thu, 01 Jan 2026 00:00:00 GMT");
        let expected =
            if code == "RequestTimeTooSkewed" { vec!["2026-01-01T00:00:00Z".to_owned()] } else { Vec::new() };
        assert_eq!(answer.all("ServerTime"), expected);
    }
}

#[test]
fn whether_the_time_is_judged_at_start_or_end() {
    for (switch, is_good) in [(JudgeTime::AtStart, true), (JudgeTime::AtEnd, false)] {
        let emulator = with(|config| config.cos_xml.switches.judge_time = switch);
        let key = emulator.cos_xml().grant(NOW.saturating_sub(Duration::from_secs(1795)));
        for (ask, status, code) in [(x().time(0, 5), 403, "AccessDenied"), (x().temporary(&key), 400, "ExpiredToken")] {
            let (head, body) = ask.request().into_parts();
            let mut exchange = emulator.begin(NOW, head);
            exchange.feed(&body);
            let answer = Answer::of(exchange.end(NOW + Duration::from_secs(9)));
            answer.succeeds_or_refuses(is_good, status, code);
        }
    }
}

#[test]
fn a_bad_head_is_refused_before_the_body_or_after_it() {
    for (switch, is_early) in [(Refused::AtStart, true), (Refused::AtEnd, false)] {
        let emulator = with(|config| config.cos_xml.switches.refused = switch);
        let (head, body) = x().time(-9, -1).request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        assert_eq!(exchange.is_decided(), is_early);
        exchange.feed(&body);
        Answer::of(exchange.end(NOW)).refuses(403, "AccessDenied");
    }
}

#[test]
fn the_case_of_the_lists() {
    for (switch, is_good) in [(ListCase::Lower, false), (ListCase::Any, true)] {
        let emulator = with(|config| config.cos_xml.switches.list_case = switch);
        let ask = ask("POST", "a").query("uploads", "");
        let mut request = ask.request();
        let authorization = ask.authorization().replace("q-url-param-list=uploads", "q-url-param-list=Uploads");
        request.headers_mut().insert("authorization", authorization.parse().expect("a value"));
        let answer = Answer::of(emulator.handle(NOW, request));
        answer.succeeds_or_refuses(is_good, 403, "SignatureDoesNotMatch");
    }
}

#[test]
fn what_is_signed_of_a_host_with_a_port() {
    for (switch, is_good) in [(SignedHost::WithPort, false), (SignedHost::Either, true)] {
        let emulator = with(|config| config.cos_xml.switches.signed_host = switch);
        let ask = x().at("127.0.0.1", &format!("{BUCKET}/"));
        let mut request = ask.request();
        request.headers_mut().insert("host", "127.0.0.1:8800".parse().expect("a value"));
        let answer = Answer::of(emulator.handle(NOW, request));
        answer.succeeds_or_refuses(is_good, 403, "SignatureDoesNotMatch");
        x().at("127.0.0.1:8800", &format!("{BUCKET}/")).send(&emulator).succeeds();
    }
}

#[test]
fn the_bucket_may_stand_in_the_host_in_the_path_or_behind_a_domain() {
    let emulator = with(|config| {
        config.cos_xml.domains.insert("files.example.com".to_owned(), BUCKET.to_owned());
    });
    let folder = format!("{BUCKET}/");
    for (host, folder) in [
        (HOST, ""),
        ("examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn", ""),
        ("examplebucket-1250000000.cos.accelerate.myqcloud.com", ""),
        ("examplebucket-1250000000.localhost:8800", ""),
        ("files.example.com", ""),
        ("127.0.0.1:8800", folder.as_str()),
        ("cos.ap-guangzhou.myqcloud.com", folder.as_str()),
    ] {
        let key = format!("at/{host}");
        ask("PUT", &key).body(b"x").at(host, folder).send(&emulator).succeeds();
        assert_eq!(stored(&emulator, &key), Some(b"x".to_vec()), "{host}");
    }
}

#[test]
fn a_request_in_a_proxys_form() {
    let emulator = emulator();
    let mut request = x().request();
    *request.uri_mut() = format!("http://{HOST}/a").parse().expect("a URI");
    request.headers_mut().remove("host");
    Answer::of(emulator.handle(NOW, request)).succeeds();
}

#[test]
fn a_temporary_key_needs_its_token_and_no_other_key_has_one() {
    let emulator = emulator();
    let (first, second) = (emulator.cos_xml().grant(NOW), emulator.cos_xml().grant(NOW));
    x().temporary(&first).send(&emulator).succeeds();
    x().temporary(&second).unlisted("x-cos-security-token").send(&emulator).succeeds();
    let without = Ask { headers: Vec::new(), ..x().temporary(&first) };
    without.send(&emulator).refuses(403, "InvalidAccessKeyId");
    without.clone().header("x-cos-security-token", "").send(&emulator).refuses(403, "InvalidAccessKeyId");
    without.header("x-cos-security-token", &second.security_token).send(&emulator).refuses(403, "AccessDenied");
    x().header("x-cos-security-token", &first.security_token).send(&emulator).refuses(403, "AccessDenied");
    let mut wrong = x().temporary(&first);
    wrong.account.secret_key = "other".to_owned();
    let told = wrong.send(&emulator).refuses(403, "SignatureDoesNotMatch");
    assert!(!told.body.contains(&encoded(&first.security_token)) && !told.body.contains(&first.security_token));
}

#[test]
fn a_temporary_key_expires_with_a_status_of_400_and_is_then_forgotten() {
    let emulator = emulator();
    let key = emulator.cos_xml().grant(NOW);
    let at = |seconds| x().temporary(&key).time(0, 9999).send_at(&emulator, NOW + Duration::from_secs(seconds));
    at(1799).succeeds();
    at(1800).refuses(400, "ExpiredToken");
    at(5399).refuses(400, "ExpiredToken");
    at(5400).refuses(403, "InvalidAccessKeyId");
}

#[test]
fn temporary_keys_may_stand_in_the_settings() {
    let json = r#"{"cos_xml": {"temporary_keys": [
        {"secret_id": "AKIDtmp", "secret_key": "s", "security_token": "t+/=", "expires": 1767225601}]}}"#;
    let config: Config = serde_json::from_str(json).expect("settings");
    assert!(!format!("{config:?}").contains("t+/="));
    let emulator = Emulator::new(config, Box::new(MemoryStorage::new())).expect("an emulator");
    let key = TemporaryKey {
        secret_id: "AKIDtmp".to_owned(),
        secret_key: "s".to_owned(),
        security_token: "t+/=".to_owned(),
        expires: 0,
    };
    x().temporary(&key).send(&emulator).succeeds();
    x().temporary(&key).send_at(&emulator, NOW + Duration::from_secs(1)).refuses(400, "ExpiredToken");
}

#[test]
fn requests_that_are_signed_for_cos_are_its_own() {
    let emulator = emulator();
    let service = |request: http::Request<bytes::Bytes>| {
        emulator.handle(NOW, request);
        emulator.log().last().map(|entry| entry.service).expect("an entry")
    };
    let plain = |uri: &str| http::Request::post(uri).body(bytes::Bytes::new()).expect("a request");
    assert_eq!(service(ask("PUT", "files/v2/10055004/accesslog/a").request()), "cos-xml");
    assert_eq!(service(ask("PUT", "a").at("127.0.0.1", "nobodys-1/").request()), "cos-xml");
    assert_eq!(service(plain("/x?q-sign-algorithm=sha1")), "cos-xml");
    assert_eq!(service(plain(&format!("/{BUCKET}/a"))), "cos-xml");
    assert_eq!(service(ask("PUT", "a").unsigned()), "cos-xml");
    let marked = http::Request::post("/x").header("x-cos-meta-n", "1").body(bytes::Bytes::new()).expect("a request");
    assert_eq!(service(marked), "cos-xml");
    assert_eq!(service(plain("/files/v2/10055004/accesslog/a")), "cos-v2");
    assert_eq!(service(plain("/files/v1/10055004/accesslog/a")), "cos-v1");
    assert_eq!(service(plain("/file/upload")), "xfyun");
    assert_eq!(service(plain("/open/upload/init")), "115");
    assert_eq!(service(plain("/examplebucket/a")), "oss");
}

#[test]
fn the_ready_line_tells_what_a_client_needs() {
    let ready = |base_url: &str| emulator().ready_line(base_url)["cos-xml"].clone();
    let mut expected = serde_json::json!({
        "endpoint": "http://127.0.0.1:8800",
        "bucket": BUCKET,
        "secret_id": "AKIDemulator",
        "secret_key": "emulator-secret-key",
        "addressing": "path",
    });
    assert_eq!(ready("http://127.0.0.1:8800"), expected);
    assert_eq!(ready("https://[::1]:8800")["addressing"], "path");
    expected["endpoint"] = "http://cos.example".into();
    expected.as_object_mut().expect("an object").remove("addressing");
    assert_eq!(ready("http://cos.example"), expected);
}
