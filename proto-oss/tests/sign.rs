//! Signatures: the vendor's published vectors, and those of requests as this crate makes them.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use resumable_proto_oss::sign::{Subject, v1, v4};
use resumable_proto_oss::*;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn v1_signature(id: &str, secret: &str, subject: &Subject<'_>) -> String {
    let credential = Credential::new(id, secret).unwrap();
    let text = v1::authorization(&credential, &v1::string_to_sign(subject)).reveal().to_owned();
    text.strip_prefix(&format!("OSS {id}:")).unwrap().to_owned()
}

#[test]
fn v1_signs_as_the_vendors_classic_example() {
    let headers = headers(&[
        ("Content-MD5", "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="),
        ("Content-Type", "text/html"),
        ("Date", "Thu, 17 Nov 2005 18:49:58 GMT"),
        ("X-OSS-Meta-Author", "foo@bar.com"),
        ("X-OSS-Magic", "abracadabra"),
    ]);
    let subject = Subject { method: &Method::PUT, bucket: "oss-example", key: "nelson", query: &[], headers: &headers };
    let signature = v1_signature("44CF9590006BF252F707", "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV", &subject);
    assert_eq!(signature, "26NBxoKdsyly4EDv6inkoDft/yA=");
}

#[test]
fn v1_signs_as_the_vendors_second_library() {
    let headers = headers(&[
        ("Content-MD5", "eB5eJF1ptWaXm4bijSPyxw=="),
        ("Content-Type", "text/html"),
        ("x-oss-date", "Wed, 28 Dec 2022 10:27:41 GMT"),
        ("x-oss-meta-author", "alice"),
        ("x-oss-meta-magic", "abracadabra"),
    ]);
    for (query, signature) in
        [(vec![], "kSHKmLxlyEAKtZPkJhG9bZb5k7M="), (vec![("acl", String::new())], "/afkugFbmWDQ967j1vr6zygBLQk=")]
    {
        let subject =
            Subject { method: &Method::PUT, bucket: "examplebucket", key: "nelson", query: &query, headers: &headers };
        assert_eq!(v1_signature("ak", "sk", &subject), signature);
    }
}

/// What names a sub-resource is signed, in order of its name; other parameters are not.
#[test]
fn v1_signs_the_parameters_that_name_something() {
    let query: Vec<(&str, String)> =
        ["x-oss-process", "uploads", "response-expires", "prefix", "partNumber", "x-other", "responses"]
            .map(|name| (name, if name == "uploads" { String::new() } else { "1".to_owned() }))
            .into();
    let headers = HeaderMap::new();
    let subject = Subject { method: &Method::PUT, bucket: "b", key: "k", query: &query, headers: &headers };
    let text = v1::string_to_sign(&subject);
    assert_eq!(text.lines().last(), Some("/b/k?partNumber=1&response-expires=1&uploads&x-oss-process=1"));
}

/// The vector of the vendor's second library, at a time, with a token, with additional headers.
fn v4_authorization(unix: u64, token: Option<&str>, additional: &[&str]) -> (String, String) {
    let date = v4::date(Duration::from_secs(unix));
    let mut pairs = vec![
        ("x-oss-head1", "value"),
        ("abc", "value"),
        ("ZAbc", "value"),
        ("XYZ", "value"),
        ("content-type", "text/plain"),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-oss-date", &date),
    ];
    pairs.extend(token.map(|token| ("x-oss-security-token", token)));
    let headers = headers(&pairs);
    let query = [
        ("param1", "value1".to_owned()),
        ("+param1", "value3".to_owned()),
        ("|param1", "value4".to_owned()),
        ("+param2", String::new()),
        ("|param2", String::new()),
        ("param2", String::new()),
    ];
    let subject =
        Subject { method: &Method::PUT, bucket: "bucket", key: "1234+-/123/1.txt", query: &query, headers: &headers };
    let request = v4::canonical_request(&subject, additional);
    let credential = Credential::new("ak", "sk").unwrap();
    let authorization = v4::authorization(&credential, &date, "cn-hangzhou", &request, additional);
    (request, authorization.reveal().to_owned())
}

#[test]
fn v4_signs_as_the_vendors_second_library() {
    let (request, authorization) = v4_authorization(1_702_743_657, None, &[]);
    assert_eq!(
        request,
        "PUT\n/bucket/1234%2B-/123/1.txt\n\
         %2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2&param1=value1&param2\n\
         content-type:text/plain\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20231216T162057Z\n\
         x-oss-head1:value\n\n\nUNSIGNED-PAYLOAD"
    );
    assert_eq!(
        authorization,
        "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,\
         Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"
    );
    let (_, with_token) = v4_authorization(1_702_784_856, Some("token"), &[]);
    assert!(with_token.ends_with("b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"));
    let (_, with_more) = v4_authorization(1_702_747_512, None, &["zabc", "abc"]);
    assert!(with_more.contains(",AdditionalHeaders=abc;zabc,"), "{with_more}");
    assert!(with_more.ends_with("4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"));
}

/// Every vector of the 115-shaped table, text by text.
#[test]
fn both_versions_sign_as_the_vendors_libraries_do_for_every_message() {
    let data: serde_json::Value = serde_json::from_str(include_str!("data/vectors.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let credential = Credential::new(text(&data["access_key_id"]), text(&data["access_key_secret"])).unwrap();
    let vectors = data["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let (name, method, bucket, key) =
            (text(&vector["name"]), text(&vector["method"]), text(&vector["bucket"]), text(&vector["key"]));
        let method: Method = method.parse().unwrap();
        let query = vector["query"].as_object().unwrap();
        let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let headers_of = |version: &str| -> HeaderMap {
            let signed = vector[version]["headers_signed"].as_object().unwrap();
            let pairs: Vec<(&str, String)> = signed.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
            headers(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
        };
        let subject = |headers| Subject { method: &method, bucket: &bucket, key: &key, query: &query, headers };

        let headers = headers_of("v1");
        let signed = v1::string_to_sign(&subject(&headers));
        assert_eq!(signed, text(&vector["v1"]["string_to_sign"]), "{name}");
        assert_eq!(v1::authorization(&credential, &signed).reveal(), text(&vector["v1"]["authorization"]), "{name}");

        let headers = headers_of("v4");
        let (at, region) = (text(&vector["v4"]["x_oss_date"]), text(&vector["v4"]["region"]));
        let request = v4::canonical_request(&subject(&headers), &[]);
        assert_eq!(request, text(&vector["v4"]["canonical_request"]), "{name}");
        let signed = v4::string_to_sign(&at, &region, &request);
        assert_eq!(signed, text(&vector["v4"]["string_to_sign"]), "{name}");
        let authorization = v4::authorization(&credential, &at, &region, &request, &[]);
        assert_eq!(authorization.reveal(), text(&vector["v4"]["authorization"]), "{name}");
    }
}

#[test]
fn a_date_in_the_vendors_own_header_takes_the_place_of_the_date() {
    let headers = headers(&[
        ("x-oss-date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("x-oss-security-token", "CAISEmuSecurityToken+/==0001"),
    ]);
    let query = [("uploadId", "0004B9894A22E5B1888A1E29F8230001".to_owned())];
    let key = "69558480a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let subject = Subject { method: &Method::DELETE, bucket: "emubucket", key, query: &query, headers: &headers };
    let secret = "EmuSecretKey0000000000000000000000000001";
    assert_eq!(v1_signature("STS.NEmu0000000000000001", secret, &subject), "KS/UB8fzasyh9oK6ddjgKjgfqe8=");
}
