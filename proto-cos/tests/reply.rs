//! The envelope, and the calls that are the same in both versions, through a version with two calls.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use resumable_core::{Advice, Body, Segment};
use resumable_proto_cos::stat::StatReply;
use resumable_proto_cos::upload::{Upload, UploadReply};
use resumable_proto_cos::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Toy {
    Ask,
    Change,
}

impl fmt::Display for Toy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Ask { "ask" } else { "change" })
    }
}

impl Op for Toy {
    type Fault = BadAnswer<Self>;

    fn changes(self) -> bool {
        self == Self::Change
    }

    fn within_session(self) -> bool {
        false
    }

    fn reply_bytes(self) -> u64 {
        1000
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct V9;

impl Version for V9 {
    const NAME: &'static str = "v9";
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn place() -> Place<V9> {
    Place::new("https://h", "1", "b", ObjectPath::new("/f").unwrap()).unwrap()
}

fn signature() -> Signature {
    let credential = Credential::new("AKIDx", "k").unwrap();
    sign::multi_effect(
        &Signing::new(&credential, &place(), std::time::Duration::from_secs(1), 1),
        std::time::Duration::from_secs(9),
        "",
    )
}

fn text(request: &Request<Body>) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
    };
    request.body().segments().iter().map(piece).collect()
}

#[test]
fn the_version_stands_in_the_url() {
    assert_eq!(place().to_string(), "https://h/files/v9/1/b/f");
    assert_eq!(place().file_id(), "/1/b/f");
}

#[test]
fn upload_is_one_form() {
    let sha = Some(Sha([0xab; 20]));
    let message = Upload { filesize: 7, sha, biz_attr: Some("x=1".into()), insert_only: false };
    let request = upload::encode(&place(), &message, &signature(), &Boundary::new("B").unwrap());
    let field =
        |name: &str, value: &str| format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let fields = [
        field("op", "upload"),
        field("sha", &"ab".repeat(20)),
        field("biz_attr", "x=1"),
        field("insertOnly", "0"),
        field("filecontent", "<0..7>"),
    ];
    assert_eq!(text(&request), format!("{}--B--\r\n", fields.concat()));
    let urls = answer(200, r#"{"code":0,"message":"成功","data":{"access_url":"http://a","resource_path":"/f"}}"#);
    assert!(
        matches!(upload::decode(Toy::Change, &urls), Ok(UploadReply::Complete(urls)) if urls.best() == Some("http://a"))
    );
    assert!(matches!(upload::decode(Toy::Change, &answer(400, r#"{"code":-4018}"#)), Ok(UploadReply::Same)));
    assert!(matches!(upload::decode(Toy::Change, &answer(400, r#"{"code":-177}"#)), Ok(UploadReply::Exists)));
}

#[test]
fn stat_is_a_query() {
    let request = stat::encode(&place(), &signature());
    assert_eq!(
        (request.method().as_str(), request.uri().to_string().as_str()),
        ("GET", "https://h/files/v9/1/b/f?op=stat")
    );
    let object = answer(200, r#"{"code":0,"data":{"filelen":"5","filesize":"7","sha":"AB"}}"#);
    let Ok(StatReply::Object(stat)) = stat::decode(Toy::Ask, &object) else { panic!("no object") };
    assert_eq!((stat.filelen, stat.filesize, stat.sha.as_deref()), (Some(5), Some(7), Some("AB")));
    assert!(matches!(stat::decode(Toy::Ask, &answer(400, r#"{"code":-166}"#)), Ok(StatReply::Nothing)));
}

#[test]
fn a_bad_answer_says_whose_it_is() {
    let refused = stat::decode(Toy::Ask, &answer(403, r#"{"code":-97,"message":"NO","request_id":"r"}"#)).unwrap_err();
    assert_eq!(
        (refused.advice, refused.fault.code(), refused.fault.request_id()),
        (Advice::Reauthorize, Some(-97), Some("r"))
    );
    assert_eq!(
        refused.fault.to_string(),
        "ask was refused: the signature check failed; check the appid, the SecretId and the SecretKey, and that they \
         belong together (code -97, \"NO\", HTTP 403, request id r)"
    );
    let html = answer(502, "<html>");
    assert_eq!(stat::decode(Toy::Ask, &html).unwrap_err().advice, Advice::Unavailable);
    let refused = upload::decode(Toy::Change, &html).unwrap_err();
    assert_eq!(refused.advice, Advice::Unsure);
    assert_eq!(refused.fault.to_string(), "change: the answer (HTTP 502) is not from this API: <html>");
    let bare = upload::decode(Toy::Change, &answer(200, r#"{"code":0}"#)).unwrap_err();
    assert_eq!(bare.fault.to_string(), "change was answered with success, but without access_url");
    let long = upload::decode(Toy::Change, &answer(413, "")).unwrap_err();
    assert_eq!((long.advice, long.fault), (Advice::Fatal, BadAnswer::TooLarge { op: Toy::Change }));
}

proptest! {
    #[test]
    fn any_bytes(status in 100u16..1000, body in prop::collection::vec(any::<u8>(), 0..300)) {
        let response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
        for bad in [stat::decode(Toy::Ask, &response).err(), upload::decode(Toy::Change, &response).err()].into_iter().flatten() {
            prop_assert!(!bad.fault.to_string().contains(char::is_control));
        }
    }
}

#[test]
fn field_bug_79_an_envelope_does_not_show_its_data() {
    let body = Bytes::from_static(br#"{"code":0,"message":"SUCCESS","data":{"source_url":"http://h/f?sign=canary"}}"#);
    let envelope = reply::read(Toy::Ask, &Response::new(body)).unwrap();
    let shown = format!("{envelope:?}");
    assert!(shown.contains("SUCCESS") && !shown.contains("canary"), "{shown}");
}
