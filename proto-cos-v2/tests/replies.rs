//! Every ordinary reply, every tolerance, and every way in which an answer can be no success.

use bytes::Bytes;
use http::Response;
use resumable_core::{Advice, Body, Segment};
use resumable_proto_cos_v2::delete::DeleteReply;
use resumable_proto_cos_v2::stat::StatReply;
use resumable_proto_cos_v2::upload::{Upload, UploadReply};
use resumable_proto_cos_v2::upload_slice_data::{DataReply, UploadSliceData};
use resumable_proto_cos_v2::upload_slice_finish::{FinishReply, UploadSliceFinish};
use resumable_proto_cos_v2::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v2::upload_slice_list::{ListPart, ListReply};
use resumable_proto_cos_v2::*;

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn success(data: &str) -> Response<Bytes> {
    answer(200, &format!(r#"{{"code":0,"message":"SUCCESS","request_id":"NWEx","data":{data}}}"#))
}

fn code(status: u16, code: i64) -> Response<Bytes> {
    answer(status, &format!(r#"{{"code":{code},"message":"ERROR_X","request_id":"NWEx"}}"#))
}

const URLS: &str =
    r#"{"access_url":"http://a/f","resource_path":"/1/b/f","source_url":"http://s/f","url":"http://u/f"}"#;

fn urls() -> ObjectUrls {
    serde_json::from_str(URLS).unwrap()
}

const OFFSET: u64 = 1_048_576;
const DATALEN: u64 = 12_345;

// ── what each call answers when all is well

#[test]
fn upload_replies() {
    assert_eq!(upload::decode(&success(URLS)).unwrap(), UploadReply::Complete(urls()));
    assert_eq!(upload::decode(&code(409, -177)).unwrap(), UploadReply::Exists);
    assert_eq!(upload::decode(&code(400, -4018)).unwrap(), UploadReply::Same);
}

#[test]
fn init_replies() {
    let opened = |serial_upload| InitReply::Opened { session: "s1".into(), slice_size: 1 << 20, serial_upload };
    let data = |rest: &str| success(&format!(r#"{{"session":"s1","slice_size":1048576{rest}}}"#));
    assert_eq!(upload_slice_init::decode(&data("")).unwrap(), opened(None));
    for serial in ["1", "\"1\"", "true", "2"] {
        let reply = upload_slice_init::decode(&data(&format!(r#","serial_upload":{serial}"#))).unwrap();
        assert_eq!(reply, opened(Some(true)), "{serial}");
    }
    for parallel in ["0", "\"0\"", "false"] {
        let reply = upload_slice_init::decode(&data(&format!(r#","serial_upload":{parallel}"#))).unwrap();
        assert_eq!(reply, opened(Some(false)), "{parallel}");
    }
    assert_eq!(upload_slice_init::decode(&success(URLS)).unwrap(), InitReply::Complete(urls()));
    assert_eq!(upload_slice_init::decode(&code(409, -4019)).unwrap(), InitReply::Unfinished);
    assert_eq!(upload_slice_init::decode(&code(409, -4020)).unwrap(), InitReply::OtherUnfinished);
    assert_eq!(upload_slice_init::decode(&code(409, -177)).unwrap(), InitReply::Exists);
    assert_eq!(upload_slice_init::decode(&code(400, -4018)).unwrap(), InitReply::Same);
}

#[test]
fn a_session_outweighs_addresses() {
    let both = r#"{"session":"s1","slice_size":1048576,"listparts":[],"access_url":"http://a/f"}"#;
    assert!(matches!(upload_slice_init::decode(&success(both)), Ok(InitReply::Opened { .. })));
    assert!(matches!(upload_slice_list::decode(&success(both)), Ok(ListReply::Unfinished { .. })));
    let empty = r#"{"session":"","access_url":"http://a/f"}"#;
    assert!(matches!(upload_slice_init::decode(&success(empty)), Ok(InitReply::Complete(_))));
    assert!(matches!(upload_slice_list::decode(&success(empty)), Ok(ListReply::Finished(_))));
}

#[test]
fn data_replies() {
    for (data, session) in [
        (r#"{"datalen":12345,"offset":1048576,"session":"s1"}"#, Some("s1")),
        (r#"{"datalen":"12345","offset":"1048576","session":""}"#, None),
        (r#"{"datalen":12345,"offset":1048576,"session":null,"datamd5":"x"}"#, None),
    ] {
        let reply = upload_slice_data::decode(OFFSET, DATALEN, &success(data)).unwrap();
        assert_eq!(reply, DataReply { offset: OFFSET, datalen: DATALEN, session: session.map(str::to_owned) });
        assert_eq!(reply.check_session("s1"), Ok(()));
    }
}

#[test]
fn list_replies() {
    let unfinished = |listparts| ListReply::Unfinished {
        session: "s1".into(),
        slice_size: 524_288,
        filesize: Some(2_000_000),
        listparts,
        sha: Some("823d15".into()),
    };
    let data = |parts: &str| {
        success(&format!(r#"{{"filesize":"2000000","session":"s1","slice_size":"524288","sha":"823d15_17"{parts}}}"#))
    };
    let two = || vec![ListPart { offset: 0, datalen: 5 }, ListPart { offset: 9, datalen: 7 }];
    for parts in [
        r#","listparts":[{"datalen":5,"offset":0},{"offset":"9","datalen":"7","datasha":"x"}]"#,
        r#","listparts":"[{\"datalen\":5,\"offset\":0},{\"datalen\":7,\"offset\":9}]""#,
    ] {
        assert_eq!(upload_slice_list::decode(&data(parts)).unwrap(), unfinished(two()), "{parts}");
    }
    for none in ["", r#","listparts":[]"#, r#","listparts":null"#, r#","listparts":"""#, r#","listparts":"[]""#] {
        assert_eq!(upload_slice_list::decode(&data(none)).unwrap(), unfinished(vec![]), "{none}");
    }
    assert_eq!(upload_slice_list::decode(&success(URLS)).unwrap(), ListReply::Finished(urls()));
    assert_eq!(upload_slice_list::decode(&code(404, -197)).unwrap(), ListReply::Nothing);
    assert_eq!(upload_slice_list::decode(&code(400, -166)).unwrap(), ListReply::Nothing);
}

#[test]
fn finish_replies() {
    assert_eq!(upload_slice_finish::decode(&success(URLS)).unwrap(), FinishReply::Complete(urls()));
    assert_eq!(upload_slice_finish::decode(&code(400, -175)).unwrap(), FinishReply::SlicesMissing);
    assert_eq!(upload_slice_finish::decode(&code(409, -4019)).unwrap(), FinishReply::SlicesMissing);
    assert_eq!(upload_slice_finish::decode(&code(409, -177)).unwrap(), FinishReply::Exists);
    assert_eq!(upload_slice_finish::decode(&code(400, -4018)).unwrap(), FinishReply::Same);
}

#[test]
fn delete_replies() {
    assert_eq!(delete::decode(&answer(200, r#"{"code":0,"message":"SUCCESS"}"#)).unwrap(), DeleteReply::Deleted);
    assert_eq!(delete::decode(&code(404, -197)).unwrap(), DeleteReply::Nothing);
}

#[test]
fn stat_replies() {
    let data = r#"{"access_url":"http://a/f","sha":"823D","filesize":"7","filelen":7,"biz_attr":"","ctime":1}"#;
    let StatReply::Object(stat) = stat::decode(&success(data)).unwrap() else { panic!("nothing") };
    assert_eq!((stat.sha.as_deref(), stat.filesize, stat.filelen), (Some("823D"), Some(7), Some(7)));
    assert_eq!(stat.urls.best(), Some("http://a/f"));
    assert!(matches!(stat::decode(&success(r#"{"filesize":0}"#)), Ok(StatReply::Object(_))));
    assert_eq!(stat::decode(&code(404, -197)).unwrap(), StatReply::Nothing);
}

// ── the requests that the vendor gives no sample for

fn text(body: &Body) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
    };
    let all: String = body.segments().iter().map(piece).collect();
    all.replace("--B\r\nContent-Disposition: form-data; name=\"", "|").replace("\"\r\n\r\n", "=").replace("\r\n", "")
}

fn place() -> Place {
    Place::new("http://h", "1", "b", ObjectPath::new("/f").unwrap()).unwrap()
}

fn signature() -> Signature {
    let (credential, place) = (Credential::new("id", "key").unwrap(), place());
    sign::once_effect(&Signing::new(&credential, &place, std::time::Duration::from_secs(1), 1), &place.file_id())
}

#[test]
fn requests_hold_the_vendors_fields_in_order() {
    let (place, signature, boundary) = (place(), signature(), Boundary::new("B").unwrap());
    let sha = Some(Sha([0xab; 20]));
    let hex = "ab".repeat(20);
    let request = Upload { filesize: 7, sha, biz_attr: Some("é".into()), insert_only: false };
    let body = text(upload::encode(&place, &request, &signature, &boundary).body());
    assert_eq!(body, format!("|op=upload|sha={hex}|biz_attr=é|insertOnly=0|filecontent=<0..7>--B--"));
    let request = UploadSliceInit {
        filesize: 9,
        slice_size: 4,
        sha,
        uploadparts: Some("[]".into()),
        biz_attr: None,
        insert_only: true,
    };
    let body = text(upload_slice_init::encode(&place, &request, &signature, &boundary).body());
    assert_eq!(
        body,
        format!("|op=upload_slice_init|sha={hex}|slice_size=4|filesize=9|uploadparts=[]|insertOnly=1--B--")
    );
    let request = UploadSliceData { session: "s", offset: 5, datalen: 3, sha };
    let body = text(upload_slice_data::encode(&place, &request, &signature, &boundary).body());
    assert_eq!(body, format!("|op=upload_slice_data|session=s|offset=5|sha={hex}|filecontent=<5..8>--B--"));
    let request = UploadSliceFinish { session: "s", filesize: 9, sha };
    let body = text(upload_slice_finish::encode(&place, &request, &signature, &boundary).body());
    assert_eq!(body, format!("|op=upload_slice_finish|session=s|filesize=9|sha={hex}--B--"));
}

#[test]
fn requests_without_a_sha_do_not_name_it() {
    let (place, signature, boundary) = (place(), signature(), Boundary::new("B").unwrap());
    let request =
        UploadSliceInit { filesize: 9, slice_size: 4, sha: None, uploadparts: None, biz_attr: None, insert_only: true };
    let body = text(upload_slice_init::encode(&place, &request, &signature, &boundary).body());
    assert_eq!(body, "|op=upload_slice_init|slice_size=4|filesize=9|insertOnly=1--B--");
}

#[test]
fn delete_is_json_and_stat_is_a_get() {
    let request = delete::encode(&place(), &signature());
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/files/v2/1/b/f"));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(text(request.body()), r#"{"op":"delete"}"#);
    let request = stat::encode(&place(), &signature());
    assert_eq!(
        (request.method().as_str(), request.uri().to_string().as_str()),
        ("GET", "http://h/files/v2/1/b/f?op=stat")
    );
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
}

#[test]
fn the_longest_place_leaves_room_for_a_query() {
    let longest = |n| Place::new("http://h", "1", "b", ObjectPath::new(format!("/{}", "a".repeat(n))).unwrap());
    let n = (65_450..65_550).rev().find(|n| longest(*n).is_ok()).unwrap();
    assert!(stat::encode(&longest(n).unwrap(), &signature()).uri().to_string().ends_with("?op=stat"));
}

// ── answers that are no success

type Decoded = Result<(), (Fault, Advice)>;

/// One decoder for each call, in the order of [`Op::ALL`].
fn decoders() -> [fn(&Response<Bytes>) -> Decoded; 7] {
    [
        |r| plain(upload::decode(r)),
        |r| plain(upload_slice_init::decode(r)),
        |r| plain(upload_slice_data::decode(OFFSET, DATALEN, r)),
        |r| plain(upload_slice_list::decode(r)),
        |r| plain(upload_slice_finish::decode(r)),
        |r| plain(delete::decode(r)),
        |r| plain(stat::decode(r)),
    ]
}

fn plain<T>(decoded: Result<T, Refused>) -> Decoded {
    decoded.map(drop).map_err(|refused| (refused.fault, refused.advice))
}

fn after(response: &Response<Bytes>) -> [(Op, Fault, Advice); 7] {
    let mut decoders = decoders().into_iter();
    Op::ALL.map(|op| {
        let (fault, advice) = decoders.next().unwrap()(response).expect_err("a success");
        (op, fault, advice)
    })
}

#[test]
fn an_html_page_to_a_body_too_large_is_final() {
    let page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n</html>";
    for (op, fault, advice) in after(&answer(413, page)) {
        assert_eq!((fault, advice), (Fault::TooLarge { op }, Advice::Fatal));
    }
}

#[test]
fn what_cannot_be_read_keeps_status_and_excerpt() {
    let cut = r#"{"code":0,"message":"SUCCESS","data":{"access_url":"http://a"#;
    let bodies = [
        "<html>\u{1b}oops\n</html>",
        "",
        "[]",
        "null",
        "{}",
        "[{\"code\":0}]",
        cut,
        "{\"code\":0}{}",
        "{\"code\":\"x\"}",
        "{\"code\":null,\"message\":\"no\"}",
    ];
    for body in bodies {
        for status in [200, 302, 404, 500, 502] {
            for (op, fault, advice) in after(&answer(status, body)) {
                let Fault::Unreadable { op: of, status: kept, excerpt } = &fault else { panic!("{fault:?}") };
                assert_eq!((*of, *kept), (op, status));
                assert!(!excerpt.contains(char::is_control) && excerpt.chars().count() <= 200);
                assert_eq!(excerpt.is_empty(), body.is_empty());
                let expected = if op.changes() { Advice::Unsure } else { Advice::Unavailable };
                assert_eq!(advice, expected, "{status} {body}");
            }
        }
    }
}

#[test]
fn a_success_without_what_the_call_needs_is_none() {
    for data in ["{}", "[]", "null", "\"x\"", "7", r#"{"session":"","access_url":""}"#, r#"{"session":[],"url":{}}"#] {
        for (op, fault, advice) in after_all_but_delete(&success(data)) {
            assert!(matches!(fault, Fault::Incomplete { .. }), "{op} {data}: {fault:?}");
            assert_eq!(fault.request_id(), Some("NWEx"));
            assert_eq!(advice, if op.changes() { Advice::Unsure } else { Advice::Unavailable });
        }
    }
    for missing in [r#"{"session":"s"}"#, r#"{"session":"s","slice_size":-1}"#, r#"{"session":"s","slice_size":"x"}"#] {
        assert!(matches!(
            plain(upload_slice_init::decode(&success(missing))),
            Err((Fault::Incomplete { missing: "slice_size", .. }, _))
        ));
        assert!(matches!(
            plain(upload_slice_list::decode(&success(missing))),
            Err((Fault::Incomplete { missing: "slice_size", .. }, _))
        ));
    }
}

fn after_all_but_delete(response: &Response<Bytes>) -> Vec<(Op, Fault, Advice)> {
    let decoded = Op::ALL.into_iter().zip(decoders()).filter(|(op, _)| *op != Op::Delete);
    decoded
        .map(|(op, decode)| (op, decode(response)))
        .map(|(op, result)| {
            let (fault, advice) = result.expect_err("a success");
            (op, fault, advice)
        })
        .collect()
}

#[test]
fn the_body_decides_whatever_the_status() {
    for status in [200, 201, 302, 400, 404, 500] {
        assert!(matches!(
            upload::decode(&answer(status, &format!(r#"{{"code":"0","data":{URLS}}}"#))),
            Ok(UploadReply::Complete(_))
        ));
        for (_, fault, _) in after(&code(status, -48)) {
            assert_eq!(fault.code(), Some(-48));
        }
    }
}

#[test]
fn a_refusal_keeps_what_the_vendor_said() {
    let body =
        "\u{feff} {\"code\":\"-133\",\"message\":\"ERROR_CMD\\u0007_BUCKET\\nNOTEXIST\",\"extra\":{\"a\":[1]}}\n";
    let mut response = answer(404, body);
    response.headers_mut().insert("x-cos-request-id", "NTk5YzExMjI=".parse().unwrap());
    for (op, fault, advice) in after(&response) {
        let message = "ERROR_CMD_BUCKET NOTEXIST".to_owned();
        let request_id = Some("NTk5YzExMjI=".to_owned());
        assert_eq!(fault, Fault::Vendor { op, code: Some(-133), message, request_id, status: 404 });
        assert_eq!(advice, Advice::Fatal);
    }
}

#[test]
fn text_that_is_not_utf8_is_read_all_the_same() {
    let body = [&b"{\"code\":-197,\"message\":\""[..], &[0xc9, 0xb9], &b"\"}"[..]].concat();
    let response = Response::builder().status(404).body(Bytes::from(body)).unwrap();
    assert_eq!(upload_slice_list::decode(&response).unwrap(), ListReply::Nothing);
}

#[test]
fn messages_about_signatures_count_without_a_number() {
    for (status, body, expected) in [
        (403, r#"{"message":"ERROR_PROXY_AUTH_SIGN_EMPTY"}"#, Advice::Reauthorize),
        (200, r#"{"message":"PROXY_AUTH_SECRETID_NOEXIST"}"#, Advice::Reauthorize),
        (403, "ERROR_PROXY_AUTH_APPID", Advice::Reauthorize),
        (403, "ERROR_PROXY_AUTH_EXPIRED", Advice::Clock),
    ] {
        for (_, fault, advice) in after(&answer(status, body)) {
            assert!(matches!(fault, Fault::Vendor { code: None, .. }), "{fault:?}");
            assert_eq!(advice, expected, "{body}");
        }
    }
    let page = answer(502, "<html>the upstream said ERROR_PROXY_AUTH_FAILED</html>");
    assert!(after(&page).iter().all(|(_, fault, _)| matches!(fault, Fault::Unreadable { .. })));
}

#[test]
fn a_reply_beyond_the_limit_is_not_read() {
    let padding = " ".repeat(usize::try_from(Op::Stat.reply_bytes()).unwrap());
    let long = answer(200, &format!(r#"{{"code":0,"data":{{"filesize":1,"sha":"{padding}"}}}}"#));
    assert!(matches!(plain(stat::decode(&long)), Err((Fault::Unreadable { .. }, _))));
}

// ── echoes and lists that cannot be right

#[test]
fn a_wrong_echo_is_no_success() {
    for (data, expected) in [
        (r#"{"datalen":12345,"offset":0,"session":"s1"}"#, ("offset", "1048576", "0")),
        (r#"{"datalen":12344,"offset":1048576,"session":"s1"}"#, ("datalen", "12345", "12344")),
    ] {
        let (fault, advice) = plain(upload_slice_data::decode(OFFSET, DATALEN, &success(data))).unwrap_err();
        let Fault::WrongEcho { what, sent, answered } = &fault else { panic!("{fault:?}") };
        assert_eq!((*what, sent.as_str(), answered.as_str()), expected);
        assert_eq!(advice, Advice::Retry);
    }
    for data in [r#"{"offset":1048576}"#, r#"{"datalen":12345}"#, r#"{"datalen":12345,"offset":-1}"#] {
        let (fault, _) = plain(upload_slice_data::decode(OFFSET, DATALEN, &success(data))).unwrap_err();
        assert!(matches!(fault, Fault::Incomplete { .. }), "{data}");
    }
}

#[test]
fn a_slice_of_another_session_is_no_success() {
    let reply = DataReply { offset: 0, datalen: 5, session: Some(format!("{}\u{1b}", "x".repeat(50))) };
    let (sent, answered) = ("s1".to_owned(), format!("{}…", "x".repeat(20)));
    assert_eq!(reply.check_session("s1"), Err(Fault::WrongEcho { what: "session", sent, answered }));
}

#[test]
fn slice_sizes_that_cannot_be_meant_are_refused() {
    for slice_size in [0, 1, 63, 65, 1_000_001, (64 << 20) + 64, u64::MAX] {
        let data = success(&format!(r#"{{"session":"s","slice_size":{slice_size}}}"#));
        let expected = Err((Fault::BadSliceSize { slice_size }, Advice::Retry));
        assert_eq!(plain(upload_slice_init::decode(&data)), expected);
        assert_eq!(plain(upload_slice_list::decode(&data)), expected);
    }
    for slice_size in [64, 65_536, 64 << 20] {
        let data = success(&format!(r#"{{"session":"s","slice_size":{slice_size}}}"#));
        assert!(upload_slice_init::decode(&data).is_ok() && upload_slice_list::decode(&data).is_ok());
    }
}

#[test]
fn lists_that_contradict_themselves_are_refused() {
    for parts in [
        r#"[{"offset":0,"datalen":0}]"#,
        r#"[{"offset":-1,"datalen":5}]"#,
        r#"[{"offset":0,"datalen":-5}]"#,
        r#"[{"offset":0}]"#,
        r#"[{"datalen":5}]"#,
        r"[{}]",
        r#"[{"offset":96,"datalen":5}]"#,
        r#"[{"offset":18446744073709551615,"datalen":5}]"#,
        r#"[{"offset":0,"datalen":18446744073709551616}]"#,
        r#"{"offset":0,"datalen":5}"#,
        "7",
        "-7",
        "7.5",
        "true",
        "\"7\"",
        r#""[{]""#,
        r#""\"[]\"""#,
    ] {
        let data = success(&format!(r#"{{"session":"s","slice_size":64,"filesize":100,"listparts":{parts}}}"#));
        let (fault, advice) = plain(upload_slice_list::decode(&data)).unwrap_err();
        assert!(matches!(fault, Fault::BadList { .. }), "{parts}: {fault:?}");
        assert_eq!(advice, Advice::Retry);
    }
    let exact = success(r#"{"session":"s","slice_size":64,"filesize":100,"listparts":[{"offset":95,"datalen":5}]}"#);
    assert!(upload_slice_list::decode(&exact).is_ok());
}

#[test]
fn sessions_that_cannot_be_kept_are_refused() {
    let of = |session: &str| success(&serde_json::json!({"session": session, "slice_size": 64}).to_string());
    for session in ["a\r\nb".to_owned(), "s".repeat(1025)] {
        let (fault, advice) = plain(upload_slice_init::decode(&of(&session))).unwrap_err();
        assert_eq!((fault, advice), (Fault::BadSession { len: session.len() }, Advice::Retry));
    }
    assert!(upload_slice_init::decode(&of(&"s".repeat(1024))).is_ok());
}
