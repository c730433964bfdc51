use serde_json::Value;

use super::*;
use crate::cos_xml::config::Account;

/// Thu, 01 Jan 2026 00:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_767_225_600);

/// Computed for the reference, and compared with the vendor's SDKs for Python and Node and the unit test of that for Go.
fn reference() -> Value {
    serde_json::from_str(include_str!("vectors.json")).expect("JSON")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn vectors(reference: &Value) -> impl Iterator<Item = &Value> {
    reference["vectors"].as_array().expect("vectors").iter()
}

fn vector<'a>(reference: &'a Value, id: &str) -> &'a Value {
    vectors(reference).find(|vector| text(vector, "id") == id).unwrap_or_else(|| panic!("no vector {id}"))
}

fn head(vector: &Value) -> Parts {
    let url: http::Uri = text(vector, "url").parse().expect("a URL");
    let (host, target) = (url.authority().expect("a host"), url.path_and_query().expect("a target"));
    let mut request = http::Request::builder()
        .method(text(vector, "method"))
        .uri(target.as_str())
        .header("host", host.as_str())
        .header("authorization", text(vector, "authorization"));
    for (name, value) in vector["headers"].as_object().expect("headers") {
        let value = http::HeaderValue::from_bytes(value.as_str().expect("a text").as_bytes()).expect("a value");
        request = request.header(name.as_str(), value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn with_signature(vector: &Value, signature: &str) -> Parts {
    let mut head = head(vector);
    let signed = text(vector, "authorization").replace(text(vector, "signature"), signature);
    head.headers.insert("authorization", signed.parse().expect("a value"));
    head
}

struct Server {
    config: Config,
    grants: Grants,
}

impl Server {
    /// The key of the vectors, and the same once more as a temporary one.
    fn new(reference: &Value, change: impl FnOnce(&mut Config)) -> Server {
        let common = &reference["common"];
        let (id, secret_key) = (text(common, "secret_id"), text(common, "secret_key").to_owned());
        let of_go = vector(reference, "GO");
        let accounts = vec![
            Account { secret_id: id.to_owned(), secret_key: secret_key.clone() },
            Account {
                secret_id: text(of_go, "secret_id").to_owned(),
                secret_key: text(of_go, "secret_key").to_owned(),
            },
        ];
        let mut config = Config { accounts, ..Config::default() };
        change(&mut config);
        Server { config, grants: Grants::default() }
    }

    fn temporary(reference: &Value) -> Server {
        let mut server = Server::new(reference, |_| {});
        let common = &reference["common"];
        let key = TemporaryKey {
            secret_id: text(common, "secret_id").to_owned(),
            secret_key: text(common, "secret_key").to_owned(),
            security_token: text(common, "token").to_owned(),
            expires: NOW.as_secs() + 60,
        };
        server.config.accounts.clear();
        server.grants = Grants::of_settings(&[key]);
        server
    }

    fn of(reference: &Value, vector: &Value) -> Server {
        if vector["headers"].get(TOKEN).is_some() {
            return Server::temporary(reference);
        }
        Server::new(reference, |config| {
            if text(vector, "id") == "L" {
                config.switches.must_sign = MustSign::AllButHost;
            }
        })
    }

    fn check(&self, head: &Parts, clock: Duration) -> Result<Signer, Error> {
        check(head, &Target::of(head, &self.config), &self.config, &self.grants, clock)
    }
}

fn clock_of(vector: &Value) -> Duration {
    if text(vector, "id") == "GO" { Duration::from_secs(1_480_932_292) } else { NOW }
}

#[test]
fn every_vector_of_the_reference_holds() {
    let reference = reference();
    assert_eq!(vectors(&reference).count(), 30);
    for vector in vectors(&reference) {
        let got = Server::of(&reference, vector).check(&head(vector), clock_of(vector));
        assert!(got.is_ok(), "{}: {got:?}", text(vector, "id"));
    }
}

#[test]
fn a_mismatch_tells_what_was_to_be_signed_but_not_the_token() {
    let reference = reference();
    let token = encoded(text(&reference["common"], "token"));
    for vector in vectors(&reference) {
        let wrong = with_signature(vector, &"0".repeat(40));
        let error = Server::of(&reference, vector).check(&wrong, clock_of(vector)).expect_err("a wrong signature");
        assert_eq!(error.code, "SignatureDoesNotMatch");
        let told = |name| error.details.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        assert_eq!(told("StringToSign").as_deref(), vector["string_to_sign"].as_str(), "{}", text(vector, "id"));
        assert_eq!(told("FormatString"), Some(text(vector, "format_string").replace(&token, "***")));
    }
}

#[test]
fn whatever_must_be_refused_is_refused() {
    let reference = reference();
    let refused = reference["must_be_refused"].as_array().expect("a list");
    assert_eq!(refused.len(), 7);
    for case in refused {
        let of = text(case, "why").split(' ').next().expect("a vector's name");
        let vector = vector(&reference, of);
        let wrong = with_signature(vector, text(case, "signature"));
        let error = Server::new(&reference, |_| {}).check(&wrong, NOW).expect_err(text(case, "id"));
        assert_eq!(error.code, "SignatureDoesNotMatch", "{}", text(case, "id"));
    }
}

#[test]
fn no_vector_holds_for_another_method_path_parameter_header_or_host() {
    let reference = reference();
    for vector in vectors(&reference) {
        let id = text(vector, "id");
        let (good, server) = (head(vector), Server::of(&reference, vector));
        let mut others = vec![good.clone(), good.clone()];
        others[0].method = http::Method::PATCH;
        others[1].uri = format!("/x{}", good.uri).parse().expect("a target");
        for (at, name) in text(vector, "header_list").split(';').enumerate() {
            let mut other = good.clone();
            other.headers.insert(http::HeaderName::try_from(name).expect("a name"), "12".parse().expect("a value"));
            others.push(other);
            assert!(at < 10);
        }
        if !text(vector, "param_list").is_empty() {
            let mut other = good.clone();
            other.uri = format!("{}9", good.uri).parse().expect("a target");
            others.push(other);
        }
        for (at, other) in others.iter().enumerate() {
            let error = server.check(other, clock_of(vector)).expect_err(id);
            let of_token = error.code == "AccessDenied" && error.message.contains("token");
            assert!(error.code == "SignatureDoesNotMatch" || of_token, "{id} {at}: {error:?}");
        }
    }
}

#[test]
fn a_token_need_not_be_signed() {
    let reference = reference();
    let vector = vector(&reference, "A");
    let mut head = head(vector);
    head.headers.insert(TOKEN, text(&reference["common"], "token").parse().expect("a value"));
    assert!(Server::temporary(&reference).check(&head, NOW).is_ok_and(|signer| signer.temporary.is_some()));
    let error = Server::new(&reference, |_| {}).check(&head, NOW).expect_err("the key is none of these");
    assert_eq!(error.code, "AccessDenied");
}

#[test]
fn the_documented_example_of_the_first_step() {
    let example = &reference()["sign_key_from_the_docs"];
    let (secret, key_time) = (text(example, "secret_key"), text(example, "key_time"));
    assert_eq!(hmac(secret.as_bytes(), key_time.as_bytes()), text(example, "sign_key"));
    let encoding = &reference()["url_encode"];
    assert_eq!(encoded(text(encoding, "raw")), text(encoding, "encoded"));
}

#[test]
fn a_signature_may_stand_in_the_query() {
    let reference = reference();
    let vector = vector(&reference, "H");
    let mut head = head(vector);
    head.headers.remove("authorization");
    let fields: Vec<String> = text(vector, "authorization")
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    head.uri = format!("{}&{}", head.uri, fields.join("&")).parse().expect("a target");
    assert!(Server::new(&reference, |_| {}).check(&head, NOW).is_ok());
}
