//! Every ordinary reply, every tolerance, and every way in which an answer can be no success.

use bytes::Bytes;
use http::Response;
use resumable_core::Advice;
use resumable_proto_cos_v1::stat::StatReply;
use resumable_proto_cos_v1::upload::UploadReply;
use resumable_proto_cos_v1::upload_slice_init::{InitReply, Opened};
use resumable_proto_cos_v1::*;

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn success(data: &str) -> Response<Bytes> {
    answer(200, &format!(r#"{{"code":0,"message":"成功","data":{data}}}"#))
}

fn code(code: i64) -> Response<Bytes> {
    answer(400, &format!(r#"{{"code":{code},"message":"ERROR_X"}}"#))
}

const URLS: &str =
    r#"{"access_url":"http://a/f","resource_path":"/1/b/f","source_url":"http://s/f","url":"http://u/f"}"#;

fn urls() -> ObjectUrls {
    serde_json::from_str(URLS).unwrap()
}

fn opened(data: &str) -> Opened {
    match upload_slice_init::decode(&success(data)).unwrap() {
        InitReply::Opened(opened) => opened,
        other => panic!("{other:?}"),
    }
}

#[test]
fn upload_replies() {
    assert_eq!(upload::decode(&success(URLS)).unwrap(), UploadReply::Complete(urls()));
    assert_eq!(upload::decode(&code(-177)).unwrap(), UploadReply::Exists);
    assert_eq!(upload::decode(&code(-4018)).unwrap(), UploadReply::Same);
}

#[test]
fn init_replies() {
    let whole = opened(r#"{"session":"s+1==","offset":"524288","slice_size":"1048576"}"#);
    let expected = Opened { session: "s+1==".into(), offset: 524_288, slice_size: Some(1 << 20), urls: None };
    assert_eq!(whole, expected);
    assert_eq!(opened(r#"{"session":"s","offset":0}"#).slice_size, None);
    assert_eq!(upload_slice_init::decode(&success(URLS)).unwrap(), InitReply::Complete(urls()));
    let empty = r#"{"session":"","offset":0,"slice_size":0,"url":"http://u/f"}"#;
    assert!(matches!(upload_slice_init::decode(&success(empty)), Ok(InitReply::Complete(_))));
    let both = opened(r#"{"session":"s","offset":7,"slice_size":5,"url":"http://u/f"}"#);
    assert_eq!(both.urls.unwrap().best(), Some("http://u/f"));
    assert_eq!(upload_slice_init::decode(&code(-177)).unwrap(), InitReply::Exists);
    assert_eq!(upload_slice_init::decode(&code(-4018)).unwrap(), InitReply::Same);
}

#[test]
fn slice_replies() {
    for data in [r#"{"offset":"5","session":"s"}"#, r#"{"offset":5,"session":"s","datalen":9}"#] {
        let reply = upload_slice::decode(&success(data)).unwrap();
        assert_eq!((reply.offset, reply.session.as_deref(), reply.urls), (Some(5), Some("s"), None));
    }
    assert_eq!(upload_slice::decode(&success(URLS)).unwrap().urls, Some(urls()));
}

#[test]
fn a_resource_path_of_any_form_is_kept_and_proves_nothing() {
    for path in ["/10055004/accesslog/d/f.bin", "/d/f.bin", "d/f.bin"] {
        let bare = success(&format!(r#"{{"offset":5,"session":"s","resource_path":"{path}"}}"#));
        assert_eq!(upload_slice::decode(&bare).unwrap().urls, None);
        let whole = success(&format!(r#"{{"resource_path":"{path}","url":"http://u"}}"#));
        let InitReply::Complete(urls) = upload_slice_init::decode(&whole).unwrap() else { panic!("not complete") };
        assert_eq!(urls.resource_path.as_deref(), Some(path));
    }
}

#[test]
fn stat_replies() {
    let data = r#"{"access_url":"http://a/f","sha":"823D","filesize":"7","filelen":"7","name":"f","ctime":"1"}"#;
    let StatReply::Object(stat) = stat::decode(&success(data)).unwrap() else { panic!("nothing") };
    assert_eq!((stat.sha.as_deref(), stat.filesize, stat.filelen), (Some("823D"), Some(7), Some(7)));
    for gone in [-166, -197] {
        assert_eq!(stat::decode(&code(gone)).unwrap(), StatReply::Nothing);
    }
}

// ── answers that are no success

fn refused<T: std::fmt::Debug>(decoded: Result<T, Refused>) -> (Fault, Advice) {
    let refused = decoded.expect_err("a success");
    (refused.fault, refused.advice)
}

type Decoder = fn(&Response<Bytes>) -> (Fault, Advice);

fn after(response: &Response<Bytes>) -> [(Op, Fault, Advice); 4] {
    let decoders: [Decoder; 4] = [
        |r| refused(upload::decode(r)),
        |r| refused(upload_slice_init::decode(r)),
        |r| refused(upload_slice::decode(r)),
        |r| refused(stat::decode(r)),
    ];
    let mut decoders = decoders.into_iter();
    Op::ALL.map(|op| {
        let (fault, advice) = decoders.next().unwrap()(response);
        (op, fault, advice)
    })
}

#[test]
fn what_cannot_be_read_keeps_status_and_excerpt() {
    for body in ["<html>\u{1b}oops\n</html>", "", "[]", "{}", r#"{"code":0,"data":{"access_url":"http://a"#] {
        for status in [200, 400, 502] {
            for (op, fault, advice) in after(&answer(status, body)) {
                let Fault::Answer(BadAnswer::Unreadable { op: of, status: kept, excerpt }) = &fault else {
                    panic!("{fault:?}")
                };
                assert_eq!((*of, *kept), (op, status));
                assert!(!excerpt.contains(char::is_control));
                assert_eq!(advice, if op.changes() { Advice::Unsure } else { Advice::Unavailable });
            }
        }
    }
}

#[test]
fn a_success_without_what_the_call_needs_is_none() {
    for data in ["{}", "[]", "null", "7", r#"{"session":"","access_url":""}"#, r#"{"session":[],"url":{}}"#] {
        for (op, fault, advice) in after(&success(data)) {
            assert!(matches!(fault, Fault::Answer(BadAnswer::Incomplete { .. })), "{op} {data}: {fault:?}");
            assert_eq!(advice, if op.changes() { Advice::Unsure } else { Advice::Unavailable });
        }
    }
    for offset in ["", r#","offset":-1"#, r#","offset":"x""#, r#","offset":null"#] {
        let data = success(&format!(r#"{{"session":"s","slice_size":5{offset}}}"#));
        for (fault, _) in [refused(upload_slice_init::decode(&data)), refused(upload_slice::decode(&data))] {
            assert!(matches!(fault, Fault::Answer(BadAnswer::Incomplete { missing: "offset", .. })), "{offset}");
        }
    }
}

#[test]
fn a_slice_size_that_cannot_be_meant_is_refused() {
    for slice_size in [0, (64 << 20) + 1, u64::MAX] {
        let data = success(&format!(r#"{{"session":"s","offset":0,"slice_size":{slice_size}}}"#));
        assert_eq!(refused(upload_slice_init::decode(&data)), (Fault::BadSliceSize { slice_size }, Advice::Retry));
    }
    for slice_size in [1, 4096, 64 << 20] {
        let data = format!(r#"{{"session":"s","offset":0,"slice_size":{slice_size}}}"#);
        assert_eq!(opened(&data).slice_size, Some(slice_size));
    }
}

#[test]
fn a_session_that_cannot_be_kept_is_refused() {
    for session in ["a\r\nb".to_owned(), "s".repeat(1025)] {
        let data = serde_json::json!({"session": session, "offset": 0, "slice_size": 64}).to_string();
        let fault = Fault::BadSession { len: session.len() };
        assert_eq!(refused(upload_slice_init::decode(&success(&data))), (fault, Advice::Retry));
    }
}

#[test]
fn an_html_page_to_a_body_too_large_is_final() {
    for (op, fault, advice) in after(&answer(413, "<html>413</html>")) {
        assert_eq!((fault, advice), (Fault::Answer(BadAnswer::TooLarge { op }), Advice::Fatal));
    }
}

#[test]
fn a_refusal_names_the_form_of_the_call() {
    let texts = after(&code(-180)).map(|(_, fault, _)| fault.to_string());
    let said = "was refused: the path is not allowed; choose another path (code -180, \"ERROR_X\", HTTP 400)";
    let names = ["upload", "upload_slice (init)", "upload_slice (slice)", "stat"];
    assert_eq!(texts, names.map(|name| format!("{name} {said}")));
}
