use std::time::Duration;

use http::request::Parts;
use serde_json::Value;

use super::*;
use crate::oss::error::SIGNATURE_DOES_NOT_MATCH;
use crate::oss::{Account, Config};

/// Thu, 01 Jan 2026 00:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_767_225_600);
const V1_F2: &str = "OSS STS.NEmu0000000000000001:KS/UB8fzasyh9oK6ddjgKjgfqe8=";

/// Reproduced with oss2 2.19.1, and in part with alibabacloud-oss-v2 1.4.1.
fn reference() -> Value {
    serde_json::from_str(include_str!("vectors.json")).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn head(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn of_vector(vector: &Value, version: &str) -> Parts {
    let signed = &vector[version];
    let headers =
        signed["headers"].as_object().expect("headers").iter().map(|(name, value)| (name.as_str(), text(value)));
    let headers: Vec<_> = headers.chain([("authorization", text(&signed["authorization"]))]).collect();
    head(text(&vector["method"]), text(&vector["uri"]), &headers)
}

fn server(reference: &Value) -> (Config, Grants) {
    let config = Config { sts_bucket: "emubucket".to_owned(), region: "cn-shenzhen".to_owned(), ..Config::default() };
    let sts = Sts {
        access_key_id: text(&reference["access_key_id"]).to_owned(),
        access_key_secret: text(&reference["access_key_secret"]).to_owned(),
        security_token: text(&reference["security_token"]).to_owned(),
        expiration: NOW + Duration::from_secs(3600),
    };
    let grants = Grants::new("STS.N");
    grants.admit(sts, NOW + Duration::from_secs(3700));
    (config, grants)
}

fn verdict(head: &Parts, reference: &Value, clock: Duration) -> Result<Signer, Error> {
    let (config, grants) = server(reference);
    check(head, &Target::of(head, &config), &config, &grants, clock)
}

#[test]
fn every_vector_of_the_reference_holds_in_both_versions() {
    let reference = reference();
    let vectors = reference["vectors"].as_array().expect("vectors");
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        for version in ["v1", "v4"] {
            let got = verdict(&of_vector(vector, version), &reference, NOW);
            assert!(matches!(got, Ok(Signer::Temporary(_))), "{} {version}: {got:?}", vector["name"]);
        }
    }
    let f2 = head(
        "DELETE",
        "/emubucket/69558480a1b2c3d4e5f60718293a4b5c6d7e8f90?uploadId=0004B9894A22E5B1888A1E29F8230001",
        &[
            ("x-oss-date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("x-oss-security-token", "CAISEmuSecurityToken+/==0001"),
            ("authorization", V1_F2),
        ],
    );
    assert!(verdict(&f2, &reference, NOW).is_ok());
}

#[test]
fn a_mismatch_tells_what_was_to_be_signed() {
    let reference = reference();
    for vector in reference["vectors"].as_array().expect("vectors") {
        for version in ["v1", "v4"] {
            let mut head = of_vector(vector, version);
            let authorization = text(&vector[version]["authorization"]);
            let wrong = format!("{}{}", &authorization[..authorization.len() - 4], "AAA=");
            head.headers.insert("authorization", wrong.parse().expect("a value"));
            let error = verdict(&head, &reference, NOW).expect_err("a wrong signature");
            assert_eq!(error.code, SIGNATURE_DOES_NOT_MATCH.name);
            let told = |name| error.details.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            assert_eq!(told("StringToSign"), vector[version]["string_to_sign"].as_str(), "{}", vector["name"]);
            assert_eq!(told("CanonicalRequest"), vector[version]["canonical_request"].as_str());
            let bytes = told("StringToSignBytes").expect("bytes");
            assert!(bytes.starts_with(if version == "v4" { "4F 53 53 34" } else { "" }), "{bytes}");
            assert_eq!(told("OSSAccessKeyId"), reference["access_key_id"].as_str());
        }
    }
}

#[test]
fn no_vector_holds_for_another_method_path_parameter_header_or_key() {
    let reference = reference();
    for vector in reference["vectors"].as_array().expect("vectors") {
        for version in ["v1", "v4"] {
            let good = of_vector(vector, version);
            let mut others = vec![good.clone(), good.clone(), good.clone(), good.clone()];
            others[0].method = http::Method::PATCH;
            others[1].uri = format!("{}x", text(&vector["uri"]).replace('?', "x?")).parse().expect("a URI");
            others[2].headers.insert("x-oss-forbid-overwrite", "true".parse().expect("a value"));
            others[3].headers.insert("content-type", "text/x-other".parse().expect("a value"));
            for other in others {
                let error = verdict(&other, &reference, NOW).expect_err("another request");
                assert_eq!(error.code, SIGNATURE_DOES_NOT_MATCH.name, "{} {version}", vector["name"]);
            }
        }
    }
}

/// The vendor's own, for long-lived keys.
#[test]
fn the_published_vectors_hold() {
    let v1 = [
        (
            "/oss-example/nelson",
            "44CF9590006BF252F707",
            "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV",
            "26NBxoKdsyly4EDv6inkoDft/yA=",
            "date",
            "Thu, 17 Nov 2005 18:49:58 GMT",
            1_132_253_398,
            "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=",
            ("x-oss-meta-author", "foo@bar.com"),
            ("x-oss-magic", "abracadabra"),
        ),
        (
            "/examplebucket/nelson",
            "ak",
            "sk",
            "kSHKmLxlyEAKtZPkJhG9bZb5k7M=",
            "x-oss-date",
            "Wed, 28 Dec 2022 10:27:41 GMT",
            1_672_223_261,
            "eB5eJF1ptWaXm4bijSPyxw==",
            ("x-oss-meta-author", "alice"),
            ("x-oss-meta-magic", "abracadabra"),
        ),
        (
            "/examplebucket/nelson?acl",
            "ak",
            "sk",
            "/afkugFbmWDQ967j1vr6zygBLQk=",
            "x-oss-date",
            "Wed, 28 Dec 2022 10:27:41 GMT",
            1_672_223_261,
            "eB5eJF1ptWaXm4bijSPyxw==",
            ("x-oss-meta-author", "alice"),
            ("x-oss-meta-magic", "abracadabra"),
        ),
    ];
    for (uri, id, secret, signature, date_name, date, clock, md5, first, second) in v1 {
        let authorization = format!("OSS {id}:{signature}");
        let headers = [
            ("content-md5", md5),
            ("content-type", "text/html"),
            (date_name, date),
            first,
            second,
            ("authorization", &authorization),
        ];
        let head = head("PUT", uri, &headers);
        assert_eq!(of_account(&head, id, secret, clock), Ok(Signer::Account), "{uri}");
    }
}

#[test]
fn the_published_vector_of_version_4_holds_with_and_without_additional_headers() {
    let uri =
        "/bucket/1234%2B-/123/1.txt?param1=value1&%2Bparam1=value3&%7Cparam1=value4&%2Bparam2=&%7Cparam2=&param2=";
    for (clock, moment, additional, signature) in [
        (1_702_743_657, "20231216T162057Z", "", "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"),
        (
            1_702_747_512,
            "20231216T172512Z",
            "AdditionalHeaders=abc;zabc,",
            "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f",
        ),
    ] {
        let authorization = format!(
            "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,{additional}Signature={signature}"
        );
        let headers = [
            ("x-oss-head1", "value"),
            ("abc", "value"),
            ("ZAbc", "value"),
            ("XYZ", "value"),
            ("content-type", "text/plain"),
            ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-oss-date", moment),
            ("authorization", &authorization),
        ];
        let mut head = head("PUT", uri, &headers);
        assert_eq!(of_account(&head, "ak", "sk", clock), Ok(Signer::Account), "{moment}");
        head.headers.insert("abc", "other".parse().expect("a value"));
        assert_eq!(of_account(&head, "ak", "sk", clock).is_ok(), additional.is_empty(), "{moment}");
    }
}

#[track_caller]
fn of_account(head: &Parts, id: &str, secret: &str, clock: u64) -> Result<Signer, Error> {
    let account = Account { access_key_id: id.to_owned(), access_key_secret: secret.to_owned() };
    let buckets = vec!["bucket".to_owned(), "examplebucket".to_owned(), "oss-example".to_owned()];
    let config = Config { accounts: vec![account], buckets, ..Config::default() };
    check(head, &Target::of(head, &config), &config, &Grants::new("STS.N"), Duration::from_secs(clock))
}
