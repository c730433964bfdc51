use serde_json::Value;

use super::*;
use crate::s3::config::Account;

/// Thu, 01 Jan 2026 00:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_767_225_600);

/// Made with botocore 1.44.8 at a frozen date.
fn reference() -> Value {
    serde_json::from_str(include_str!("vectors.json")).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn of_vector(vector: &Value) -> Parts {
    let query = text(&vector["raw_query"]);
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("{}{mark}{query}", text(&vector["raw_path"]));
    let mut request = http::Request::builder().method(text(&vector["method"])).uri(uri);
    for (name, value) in vector["headers"].as_object().expect("headers") {
        request = request.header(name, text(value));
    }
    let request = request.header("authorization", text(&vector["authorization"]));
    request.body(()).expect("a request").into_parts().0
}

/// Knows the key of the vectors, with the token where the request has one.
fn verdict(head: &Parts, region: &str, reference: &Value) -> Result<Payload, Error> {
    let (id, secret) = (text(&reference["access_key_id"]), text(&reference["secret_access_key"]));
    let grants = Grants::new("ASIA");
    let mut config = Config { region: region.to_owned(), accounts: Vec::new(), ..Config::default() };
    if head.headers.contains_key(TOKEN) {
        let sts = Sts {
            access_key_id: id.to_owned(),
            access_key_secret: secret.to_owned(),
            security_token: text(&reference["session_token"]).to_owned(),
            expiration: NOW + Duration::from_secs(3600),
        };
        grants.admit(sts, NOW + Duration::from_secs(3700));
    } else {
        config.accounts = vec![Account { access_key_id: id.to_owned(), access_key_secret: secret.to_owned() }];
    }
    check(head, &Target::of(head, &config), &config, &grants, NOW)
}

fn vectors(reference: &Value) -> &Vec<Value> {
    let vectors = reference["vectors"].as_array().expect("vectors");
    assert_eq!(vectors.len(), 29);
    vectors
}

#[test]
fn every_vector_of_the_reference_holds() {
    let reference = reference();
    for vector in vectors(&reference) {
        let head = of_vector(vector);
        let got = verdict(&head, text(&vector["region"]), &reference);
        let payload = text(&vector["headers"]["x-amz-content-sha256"]);
        let expected = match payload {
            "UNSIGNED-PAYLOAD" => Payload::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Payload::Chunked,
            hash => Payload::Sha256(hash.to_owned()),
        };
        assert_eq!(got, Ok(expected), "{}", vector["id"]);
        let target = Target::of(&head, &Config::default());
        assert_eq!(target.bucket.as_deref(), vector["bucket"].as_str(), "{}", vector["id"]);
        assert_eq!(Some(target.key.as_str()), vector["key"].as_str(), "{}", vector["id"]);
    }
}

#[test]
fn a_mismatch_tells_what_was_to_be_signed() {
    let reference = reference();
    for vector in vectors(&reference) {
        let mut head = of_vector(vector);
        let authorization = text(&vector["authorization"]);
        let wrong = format!("{}0000", &authorization[..authorization.len() - 4]);
        head.headers.insert("authorization", wrong.parse().expect("a value"));
        let error = verdict(&head, text(&vector["region"]), &reference).expect_err("a wrong signature");
        assert_eq!(error.code, SIGNATURE_DOES_NOT_MATCH.name);
        let told = |name| error.details.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(told("StringToSign"), vector["string_to_sign"].as_str(), "{}", vector["id"]);
        assert_eq!(told("CanonicalRequest"), vector["canonical_request"].as_str(), "{}", vector["id"]);
        assert!(told("StringToSignBytes").expect("bytes").starts_with("41 57 53 34 2d"));
        assert!(told("CanonicalRequestBytes").is_some());
        assert_eq!(told("AWSAccessKeyId"), reference["access_key_id"].as_str());
        assert!(told("SignatureProvided").expect("a signature").ends_with("0000"));
    }
}

#[test]
fn no_vector_holds_for_another_method_path_parameter_header_or_body() {
    let reference = reference();
    for vector in vectors(&reference) {
        let good = of_vector(vector);
        let mut others: Vec<Parts> = (0..6).map(|_| good.clone()).collect();
        let (path, query) = (text(&vector["raw_path"]), text(&vector["raw_query"]));
        others[0].method = http::Method::PATCH;
        others[1].uri = format!("{path}x?{query}").parse().expect("a URI");
        others[2].uri = format!("{path}?{query}&more").parse().expect("a URI");
        others[3].headers.insert("host", "other.example".parse().expect("a value"));
        others[4].headers.insert(HASH, "0".repeat(64).parse().expect("a value"));
        others[5].headers.insert(DATE, "20260101T000001Z".parse().expect("a value"));
        for other in others {
            let error = verdict(&other, text(&vector["region"]), &reference).expect_err("another request");
            assert_eq!(error.code, SIGNATURE_DOES_NOT_MATCH.name, "{}", vector["id"]);
        }
    }
}

#[test]
fn a_path_without_its_dots_and_slashes_is_another() {
    let reference = reference();
    for (id, path) in [
        ("K2", "/emubucket/a/b"),
        ("K3", "/emubucket/b"),
        ("K4", "/emubucket/a/b"),
        ("K5", "/emubucket/lead"),
        ("K6", "/emubucket/end"),
        ("K7", "/emubucket/a%2Fb"),
        ("K9", "/emubucket/%C3%A9"),
        ("K1", "/emubucket/dir+a/%E6%96%87%E4%BB%B6%2B1~.mkv"),
    ] {
        let vector = vectors(&reference).iter().find(|it| it["id"] == id).expect("a vector");
        let mut head = of_vector(vector);
        head.uri = format!("{path}?{}", text(&vector["raw_query"])).parse().expect("a URI");
        let error = verdict(&head, "us-east-1", &reference).expect_err("another path");
        assert_eq!(error.code, SIGNATURE_DOES_NOT_MATCH.name, "{id}");
    }
}
