//! What a callback target hears.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::*;
use crate::oss::callback::{CallbackAnswer, CallbackTarget};
use crate::oss::config::Config;
use crate::service::Setup;
use crate::storage::Storage;
use crate::{DiskStorage, MemoryStorage};

const NOW: Duration = Duration::from_secs(1_767_225_600);
const URL: &str = "http://heard.example/";

/// Keeps what it hears, and says how many times it heard something.
#[derive(Default)]
struct Ear(Mutex<Vec<(Duration, String, String)>>);

impl Ear {
    fn heard(&self) -> Vec<(Duration, String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn last(&self) -> String {
        self.heard().pop().map(|(_, _, body)| body).unwrap_or_default()
    }
}

impl CallbackTarget for Ear {
    fn claims(&self, url: &str) -> bool {
        url == URL
    }

    fn receive(&self, clock: Duration, content_type: &str, body: &str) -> CallbackAnswer {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push((clock, content_type.to_owned(), body.to_owned()));
        CallbackAnswer { status: 200, body: format!("{{\"heard\":{}}}", heard.len()).into() }
    }
}

fn server(ear: &Arc<Ear>, storage: Arc<dyn Storage>) -> Arc<Oss> {
    let setup = Setup { storage, counters: Arc::default(), faults: Arc::default(), roots: Vec::new() };
    let server = Oss::new(Config::default(), &setup).expect("a server");
    let target = Arc::downgrade(ear);
    server.add_target(target);
    server
}

fn answer(server: &Arc<Oss>, request: http::Request<&[u8]>, fault: Option<&Fault>) -> (u16, String) {
    let (head, body) = request.into_parts();
    let mut handler = Arc::clone(server).begin(NOW, &head);
    handler.feed(body);
    let outcome = handler.work(NOW, fault);
    (outcome.response.status().as_u16(), String::from_utf8_lossy(outcome.response.body()).into_owned())
}

/// Signs what the server says is to be signed.
fn send(
    server: &Arc<Oss>,
    method: &str,
    uri: &str,
    body: &[u8],
    callback: bool,
    fault: Option<&Fault>,
) -> (u16, String) {
    let request = |signature: &str| {
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header("date", "Thu, 01 Jan 2026 00:00:00 GMT")
            .header("content-length", body.len())
            .header("authorization", format!("OSS LTAIemulator:{signature}"));
        let asked =
            format!(r#"{{"callbackUrl":"{URL}","callbackBody":"k=${{object}}&n=${{size}}&s=${{sha1}}&c=${{crc64}}"}}"#);
        let request = if callback { request.header("x-oss-callback", STANDARD.encode(asked)) } else { request };
        request.body(body).expect("a request")
    };
    let (_, refusal) = answer(server, request("?"), None);
    let text = refusal.split_once("<StringToSign>").and_then(|(_, rest)| rest.split_once("</StringToSign>"));
    let text = text.expect("what to sign").0.replace("&amp;", "&");
    let mac = Hmac::<Sha1>::new_from_slice(b"emulator-access-key-secret").expect("any key").chain_update(text);
    answer(server, request(&STANDARD.encode(mac.finalize().into_bytes())), fault)
}

fn begin(server: &Arc<Oss>, flags: &str) -> String {
    let (status, body) = send(server, "POST", &format!("/examplebucket/a%20b?uploads{flags}"), b"", false, None);
    assert_eq!(status, 200, "{body}");
    let id = body.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>"));
    id.expect("an id").0.to_owned()
}

fn part(server: &Arc<Oss>, id: &str, number: u32, body: &[u8]) {
    let uri = format!("/examplebucket/a%20b?partNumber={number}&uploadId={id}");
    assert_eq!(send(server, "PUT", &uri, body, false, None).0, 200);
}

fn complete(server: &Arc<Oss>, id: &str, bodies: &[&[u8]]) -> (u16, String) {
    let parts: String = (1..).zip(bodies).fold(String::new(), |text, (number, body)| {
        let tag = hex::encode_upper(md5::Md5::digest(body));
        text + &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>")
    });
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    send(server, "POST", &format!("/examplebucket/a%20b?uploadId={id}"), body.as_bytes(), true, None)
}

fn sha1(bytes: &[u8]) -> String {
    hex::encode_upper(Sha1::digest(bytes))
}

fn pieces() -> (Vec<u8>, Vec<u8>) {
    (vec![7; 102_400], b"the end".to_vec())
}

#[test]
fn a_put_and_an_upload_in_order_tell_the_sha1_and_any_other_does_not() {
    let ear = Arc::new(Ear::default());
    let server = server(&ear, Arc::new(MemoryStorage::new()));
    let put = send(&server, "PUT", "/examplebucket/a%20b", b"123456789", true, None);
    assert_eq!(put, (200, r#"{"heard":1}"#.to_owned()));
    let expected = format!("k=a%20b&n=9&s={}&c=11051210869376104954", sha1(b"123456789"));
    assert_eq!(ear.heard(), [(NOW, "application/x-www-form-urlencoded".to_owned(), expected)]);
    let (one, two) = pieces();
    for (flags, sha1) in [("&sequential", sha1(&[one.clone(), two.clone()].concat())), ("", String::new())] {
        let id = begin(&server, flags);
        part(&server, &id, 1, &one);
        part(&server, &id, 2, &two);
        assert_eq!(complete(&server, &id, &[&one, &two]).0, 200);
        assert!(ear.last().starts_with(&format!("k=a%20b&n=102407&s={sha1}&c=")), "{}", ear.last());
    }
    assert_eq!(ear.heard().len(), 3);
}

#[test]
fn the_sha1_of_an_upload_in_order_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let ear = Arc::new(Ear::default());
    let (one, two) = pieces();
    let id = {
        let server = server(&ear, Arc::new(DiskStorage::open(folder.path()).expect("a folder")));
        let id = begin(&server, "&sequential=1");
        part(&server, &id, 1, &one);
        id
    };
    let server = server(&ear, Arc::new(DiskStorage::open(folder.path()).expect("a folder")));
    part(&server, &id, 2, &two);
    assert_eq!(complete(&server, &id, &[&one, &two]), (200, r#"{"heard":1}"#.to_owned()));
    assert!(ear.last().contains(&sha1(&[one, two].concat())), "{}", ear.last());
}

#[test]
fn a_callback_that_fails_on_a_plan_is_heard_if_the_plan_says_so() {
    for delivered in [false, true] {
        let ear = Arc::new(Ear::default());
        let server = server(&ear, Arc::new(MemoryStorage::new()));
        let fault = Fault::CallbackFailed { delivered };
        let (status, _) = send(&server, "PUT", "/examplebucket/a", b"x", true, Some(&fault));
        assert_eq!((status, ear.heard().len()), (203, usize::from(delivered)));
        assert_eq!(server.read_object("examplebucket", "a").expect("readable"), Some(b"x".to_vec()));
    }
}

#[test]
fn nothing_is_told_of_what_was_refused() {
    let ear = Arc::new(Ear::default());
    let server = server(&ear, Arc::new(MemoryStorage::new()));
    let id = begin(&server, "&sequential");
    part(&server, &id, 1, b"x");
    assert_eq!(complete(&server, &id, &[b"y"]).0, 400);
    assert_eq!(complete(&server, "0004B9894A22E5B1888A1E29F8230001", &[b"x"]).0, 404);
    assert_eq!(ear.heard().len(), 0);
}
