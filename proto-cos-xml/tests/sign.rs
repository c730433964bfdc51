//! Signatures: the vectors of the vendor's libraries, and what must not be taken for one.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use resumable_proto_cos_xml::Credential;
use resumable_proto_cos_xml::sign::{Subject, authorization, format_string, key_time, sign_key, string_to_sign};
use serde_json::Value;

fn data() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What a vector signs.
struct Vector {
    id: String,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    key_time: String,
    credential: Credential,
}

impl Vector {
    fn read(vector: &Value, common: &Value) -> Self {
        let own = |name: &str| text(vector.get(name).unwrap_or(&common[name])).to_owned();
        let key = text(&vector["key"]);
        let host = text(&vector["url"]).split('/').nth(2).unwrap().to_owned();
        let host = Some(("host".to_owned(), host)).filter(|_| vector["host_signed"].as_bool().unwrap());
        let pairs = vector["headers"].as_object().unwrap().iter();
        let pairs = pairs.map(|(name, value)| (name.to_owned(), text(value).to_owned())).chain(host);
        let header = |(name, value): (String, String)| {
            (HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let query = vector["params"].as_object().unwrap().iter();
        Self {
            id: own("id"),
            method: own("method").parse().unwrap(),
            path: if key == "/" { key.to_owned() } else { format!("/{key}") },
            query: query.map(|(name, value)| (name.to_owned(), text(value).to_owned())).collect(),
            headers: pairs.map(header).collect(),
            key_time: text(&vector["string_to_sign"]).lines().nth(1).unwrap().to_owned(),
            credential: Credential::new(own("secret_id"), own("secret_key")).unwrap(),
        }
    }

    fn with_subject<T>(&self, then: impl FnOnce(&Subject<'_>) -> T) -> T {
        let query: Vec<(&str, String)> =
            self.query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        then(&Subject { method: &self.method, path: &self.path, query: &query, headers: &self.headers })
    }

    fn signature(&self) -> String {
        let signed = self.with_subject(|subject| authorization(&self.credential, &self.key_time, subject));
        signed.reveal().rsplit_once("q-signature=").unwrap().1.to_owned()
    }
}

#[test]
fn every_vector_is_signed_as_the_vendors_libraries_do() {
    let data = data();
    let vectors = data["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 30);
    for vector in vectors {
        let read = Vector::read(vector, &data["common"]);
        let (id, key_time) = (&read.id, &read.key_time);
        let format = read.with_subject(format_string);
        assert_eq!(format, text(&vector["format_string"]), "{id}");
        assert_eq!(string_to_sign(key_time, &format), text(&vector["string_to_sign"]), "{id}");
        assert_eq!(sign_key(&read.credential, key_time).reveal(), text(&vector["sign_key"]), "{id}");
        let signed = read.with_subject(|subject| authorization(&read.credential, key_time, subject));
        assert_eq!(signed.reveal(), text(&vector["authorization"]), "{id}");
    }
}

#[test]
fn the_key_of_a_signature_is_the_one_of_the_vendors_page() {
    let page = &data()["sign_key_from_the_docs"];
    let credential = Credential::new("id", text(&page["secret_key"])).unwrap();
    assert_eq!(sign_key(&credential, text(&page["key_time"])).reveal(), text(&page["sign_key"]));
}

#[test]
fn what_the_vendor_refuses_is_not_what_is_signed() {
    let data = data();
    let vectors = data["vectors"].as_array().unwrap().iter();
    let ours: BTreeMap<String, String> =
        vectors.map(|vector| Vector::read(vector, &data["common"])).map(|it| (it.id.clone(), it.signature())).collect();
    let refused = data["must_be_refused"].as_array().unwrap();
    assert_eq!(refused.len(), 7);
    for row in refused {
        let why = text(&row["why"]);
        let of = ours.iter().find(|(id, _)| why.starts_with(&format!("{id} "))).unwrap_or_else(|| panic!("{why}"));
        assert_ne!(of.1, text(&row["signature"]), "{why}");
    }
}

#[test]
fn a_name_is_lower_case_with_its_escapes_and_a_value_keeps_its_case() {
    let data = data();
    let (raw, encoded) = (text(&data["url_encode"]["raw"]), text(&data["url_encode"]["encoded"]));
    let query = [(raw, raw.to_owned())];
    let subject = Subject { method: &Method::GET, path: "/", query: &query, headers: &HeaderMap::new() };
    assert_eq!(format_string(&subject), format!("get\n/\n{}={encoded}\n\n", encoded.to_lowercase()));
}

#[test]
fn a_signature_is_good_from_a_minute_ago_for_an_hour() {
    let at = std::time::Duration::from_millis;
    assert_eq!(key_time(at(1_767_225_660_999)), "1767225600;1767229260");
    assert_eq!(key_time(at(0)), "0;3600");
}
