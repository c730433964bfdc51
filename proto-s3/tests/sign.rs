//! Signatures: 29 vectors that the vendor's own library made.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use resumable_proto_s3::sign::{Signer, Subject, payload};
use resumable_proto_s3::*;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn uri(vector: &Value) -> Uri {
    let scheme = if text(vector, "style") == "path" { "http" } else { "https" };
    let url = format!("{scheme}://{}{}", text(vector, "host"), text(vector, "raw_path"));
    let query = text(vector, "raw_query");
    if query.is_empty() { url } else { format!("{url}?{query}") }.parse().unwrap()
}

fn headers(vector: &Value) -> HeaderMap {
    let given = vector["headers"].as_object().unwrap().iter().filter(|(name, _)| *name != "host");
    let pair = |(name, value): (&String, &Value)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.as_str().unwrap()).unwrap())
    };
    given.map(pair).collect()
}

#[test]
fn requests_are_signed_as_by_the_vendors_library() {
    let all = vectors();
    let of_one = |vector: &Value| {
        let (method, uri, headers) = (text(vector, "method").parse::<Method>().unwrap(), uri(vector), headers(vector));
        let subject = Subject { method: &method, uri: &uri, headers: &headers };
        let signer = Signer {
            access_key_id: text(&all, "access_key_id"),
            secret: text(&all, "secret_access_key"),
            region: text(vector, "region"),
            date: text(&all, "x_amz_date"),
        };
        let request = subject.canonical_request();
        assert_eq!(request, text(vector, "canonical_request"), "{}", vector["id"]);
        assert_eq!(payload(request.as_bytes()), text(vector, "canonical_request_sha256"), "{}", vector["id"]);
        assert_eq!(signer.string_to_sign(&request), text(vector, "string_to_sign"), "{}", vector["id"]);
        assert_eq!(signer.authorization(&subject).reveal(), text(vector, "authorization"), "{}", vector["id"]);
    };
    let vectors = all["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 29);
    vectors.iter().for_each(of_one);
}

#[test]
fn a_bare_name_is_signed_with_an_equals_sign_and_the_query_in_order() {
    let (method, headers) = (Method::POST, HeaderMap::new());
    let uri: Uri = "http://h/b/k?uploads&partNumber=2&max-parts=1".parse().unwrap();
    let request = Subject { method: &method, uri: &uri, headers: &headers }.canonical_request();
    assert_eq!(request.lines().nth(2), Some("max-parts=1&partNumber=2&uploads="));
}

#[test]
fn keys_are_encoded_as_the_vectors_have_them() {
    for vector in vectors()["vectors"].as_array().unwrap() {
        let (key, path) = (text(vector, "key"), text(vector, "raw_path"));
        match ObjectKey::new(key) {
            Ok(key) => assert!(path.ends_with(&format!("/{}", key.encoded())), "{path}"),
            // What cannot be sent through every transport, or listed, is refused.
            Err(InvalidKey::Dots | InvalidKey::Control) => {}
            Err(InvalidKey::Length(0)) => assert_eq!(vector["id"], "H1"),
            Err(error) => panic!("{key}: {error}"),
        }
    }
}
