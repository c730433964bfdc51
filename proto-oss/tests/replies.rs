//! Replies of the vendor's pages, and what is made of them.

use bytes::Bytes;
use http::Response;
use resumable_core::Advice;
use resumable_proto_oss::codes::{CODES, Class};
use resumable_proto_oss::head_object::{AtKey, Head};
use resumable_proto_oss::list_parts::ListedPart;
use resumable_proto_oss::*;

const INITIATED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<InitiateMultipartUploadResult xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com">
  <EncodingType>url</EncodingType>
  <Bucket>emubucket</Bucket>
  <Key>69558480a1b2c3d4e5f60718293a4b5c6d7e8f90</Key>
  <UploadId>0004B9894A22E5B1888A1E29F8230001</UploadId>
</InitiateMultipartUploadResult>"#;

const LISTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult>
  <Bucket>emubucket</Bucket>
  <UploadId>0004B9894A22E5B1888A1E29F8230001</UploadId>
  <StorageClass>Standard</StorageClass>
  <PartNumberMarker>0</PartNumberMarker>
  <NextPartNumberMarker>2</NextPartNumberMarker>
  <MaxParts>1000</MaxParts>
  <IsTruncated>false</IsTruncated>
  <Part>
    <PartNumber>1</PartNumber>
    <LastModified>2026-01-01T00:00:10.000Z</LastModified>
    <ETag>"1A0F81547E5BA2E9C4A4B94A74731993"</ETag>
    <HashCrc64ecma>5409316634556368277</HashCrc64ecma>
    <Size>102400</Size>
  </Part>
  <Part><Size>95200</Size><ETag>&quot;AACA58A51837FDB4E57B8BED8C7DBF0D&quot;</ETag><PartNumber>3</PartNumber></Part>
</ListPartsResult>"#;

const CALLBACK_FAILED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>CallbackFailed</Code>
  <Message>Error status : 502.</Message>
  <RequestId>695584A0EMU0000000000001</RequestId>
  <HostId>emubucket.oss-cn-shenzhen.aliyuncs.com</HostId>
  <EC>0007-00000203</EC>
  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0007-00000203</RecommendDoc>
</Error>"#;

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn error(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>no</Message></Error>")
}

fn crc64(value: u64) -> Checksum {
    Checksum { kind: ChecksumKind::Crc64, value }
}

#[test]
fn an_initiate_names_the_upload() {
    let opened = initiate_multipart_upload::decode(&answer(200, &[], INITIATED)).unwrap();
    assert_eq!(opened.upload_id, "0004B9894A22E5B1888A1E29F8230001");
    let nameless = INITIATED.replace("0004B9894A22E5B1888A1E29F8230001", "");
    let long = INITIATED.replace("0004B9894A22E5B1888A1E29F8230001", &"a".repeat(257));
    for bad in [&nameless, &long, &INITIATED.replace("Initiate", "Other"), &INITIATED[..200], ""] {
        let refused = initiate_multipart_upload::decode(&answer(200, &[], bad)).unwrap_err();
        assert_eq!(refused.advice, Advice::Unsure, "{bad}");
    }
}

#[test]
fn a_part_is_stored_when_its_tag_is_there_and_nothing_else() {
    let headers = [("etag", "\"1A0F81547E5BA2E9C4A4B94A74731993\""), ("x-oss-hash-crc64ecma", "5409316634556368277")];
    let stored = upload_part::decode(&answer(200, &headers, "")).unwrap();
    assert_eq!(
        (stored.etag.as_str(), stored.checksum.map(|sum| sum.value)),
        ("1A0F81547E5BA2E9C4A4B94A74731993", Some(5_409_316_634_556_368_277))
    );
    assert_eq!(upload_part::decode(&answer(200, &headers[..1], "")).unwrap().checksum, None);
    for bad in [
        answer(200, &headers, "<html>"),
        answer(200, &headers[1..], ""),
        answer(203, &headers, ""),
        answer(206, &headers, ""),
        answer(302, &headers, ""),
    ] {
        assert_eq!(upload_part::decode(&bad).unwrap_err().advice, Advice::Unsure, "{bad:?}");
    }
}

#[test]
fn a_page_tells_parts_by_name_and_whether_there_is_another() {
    let page = list_parts::decode(0, &answer(200, &[], LISTED)).unwrap();
    let first = ListedPart {
        part_number: 1,
        size: 102_400,
        etag: Etag::new("1a0f81547e5ba2e9c4a4b94a74731993").unwrap(),
        checksum: Some(crc64(5_409_316_634_556_368_277)),
    };
    assert_eq!((page.parts.len(), &page.parts[0], page.next), (2, &first, None));
    assert_eq!((page.parts[1].part_number, page.parts[1].size, page.parts[1].checksum), (3, 95_200, None));
    let truncated = LISTED.replace("false</IsTruncated>", "true</IsTruncated>");
    assert_eq!(list_parts::decode(0, &answer(200, &[], &truncated)).unwrap().next, Some(2));
    let missing = truncated.replace("NextPartNumberMarker", "Other");
    for (after, text, next) in [(2, &truncated, Some(2)), (3, &truncated, Some(2)), (0, &missing, None)] {
        let refused = list_parts::decode(after, &answer(200, &[], text)).unwrap_err();
        assert_eq!(refused.fault, Fault::StuckMarker { after, next });
    }
    for bad in [LISTED.replace("95200", "x"), LISTED.replace("IsTruncated", "X"), "<html/>".into(), String::new()] {
        assert_eq!(list_parts::decode(0, &answer(200, &[], &bad)).unwrap_err().advice, Advice::Unavailable, "{bad}");
    }
}

#[test]
fn a_complete_is_a_success_by_its_document_or_by_the_callbacks_answer() {
    let headers =
        [("etag", "\"3579E39A1324C2788D22AB4FA35C4918-3\""), ("x-oss-hash-crc64ecma", "10356266839035167742")];
    let xml = "<CompleteMultipartUploadResult><ETag>\"3579E39A1324C2788D22AB4FA35C4918-3\"</ETag></CompleteMultipartUploadResult>";
    let completed = complete_multipart_upload::decode(false, &answer(200, &headers, xml)).unwrap();
    assert_eq!((completed.checksum, completed.callback), (Some(crc64(10_356_266_839_035_167_742)), None));
    assert_eq!(completed.etag, Etag::new("3579E39A1324C2788D22AB4FA35C4918-3"));
    let json = r#"{"state":false,"code":10002}"#;
    let completed = complete_multipart_upload::decode(true, &answer(200, &headers, json)).unwrap();
    assert_eq!(completed.callback.as_deref(), Some(json.as_bytes()));
    for (called, body) in [(false, json), (false, ""), (true, ""), (true, "<html>"), (false, "<html/>")] {
        let refused = complete_multipart_upload::decode(called, &answer(200, &headers, body)).unwrap_err();
        assert_eq!(refused.advice, Advice::Unsure, "{called} {body}");
    }
    let refused = complete_multipart_upload::decode(true, &answer(200, &headers, &error("InternalError"))).unwrap_err();
    assert_eq!((refused.fault.class(), refused.advice), (Some(Class::Unable), Advice::Unsure));
}

#[test]
fn http_203_is_no_success() {
    for called in [false, true] {
        for refused in [
            complete_multipart_upload::decode(called, &answer(203, &[], CALLBACK_FAILED)).unwrap_err(),
            put_object::decode(called, &answer(203, &[], CALLBACK_FAILED)).unwrap_err(),
        ] {
            assert_eq!((refused.fault.class(), refused.advice), (Some(Class::CallbackFailed), Advice::Fatal));
            let error = refused.fault.error().unwrap();
            assert_eq!((error.message.as_str(), error.ec.as_deref()), ("Error status : 502.", Some("0007-00000203")));
            assert_eq!(refused.fault.request_id(), Some("695584A0EMU0000000000001"));
        }
    }
}

#[test]
fn a_put_is_stored_when_a_digest_is_there() {
    let headed = [("x-oss-hash-crc64ecma", "7")];
    assert_eq!(put_object::decode(false, &answer(200, &headed, "")).unwrap().checksum, Some(crc64(7)));
    for bad in [answer(200, &[], ""), answer(200, &headed, "x"), answer(204, &headed, "")] {
        assert_eq!(put_object::decode(false, &bad).unwrap_err().advice, Advice::Unsure);
    }
    assert!(put_object::decode(true, &answer(200, &headed, " {}")).unwrap().callback.is_some());
}

#[test]
fn an_abort_is_http_204() {
    assert!(abort_multipart_upload::decode(&answer(204, &[], "")).is_ok());
    for status in [200, 202, 301, 500] {
        assert_eq!(abort_multipart_upload::decode(&answer(status, &[], "")).unwrap_err().advice, Advice::Unsure);
    }
}

#[test]
fn a_head_tells_of_an_object_or_of_none() {
    let id = [("x-oss-request-id", "695584A0EMU0000000000001")];
    let etag = ("etag", "\"3579E39A1324C2788D22AB4FA35C4918-3\"");
    let headers = [("content-length", "300000"), etag, id[0], ("x-oss-hash-crc64ecma", "10356266839035167742")];
    let head = Head {
        size: 300_000,
        etag: Etag::new("3579E39A1324C2788D22AB4FA35C4918-3"),
        checksum: Some(crc64(10_356_266_839_035_167_742)),
        name: None,
    };
    assert_eq!(head_object::decode(&answer(200, &headers, "")).unwrap(), AtKey::Object(head.clone()));
    let head = Head { checksum: None, ..head };
    assert_eq!(head_object::decode(&answer(200, &headers[..3], "")).unwrap(), AtKey::Object(head), "an old object");
    // Whatever answers every request with a page: its length is no object's.
    for missing in 0..3 {
        let mut some = headers.to_vec();
        some.remove(missing);
        assert_eq!(head_object::decode(&answer(200, &some, "")).unwrap_err().advice, Advice::Unavailable, "{some:?}");
    }
    // <Error><Code>NoSuchKey</Code></Error>
    let none = [("x-oss-err", "PEVycm9yPjxDb2RlPk5vU3VjaEtleTwvQ29kZT48L0Vycm9yPg==")];
    assert_eq!(head_object::decode(&answer(404, &none, "")).unwrap(), AtKey::Nothing);
    assert_eq!(head_object::decode(&answer(404, &id, "")).unwrap(), AtKey::Nothing);
    // <Error><Code>NoSuchBucket</Code></Error>
    let bucket = [("x-oss-err", "PEVycm9yPjxDb2RlPk5vU3VjaEJ1Y2tldDwvQ29kZT48L0Vycm9yPg=="), id[0]];
    assert_eq!(head_object::decode(&answer(404, &bucket, "")).unwrap_err().advice, Advice::Fatal);
    assert_eq!(head_object::decode(&answer(404, &[], "")).unwrap_err().advice, Advice::Unavailable, "any proxy's");
}

#[test]
fn a_refusal_without_a_body_is_read_from_the_headers() {
    // <Error><Code>AccessDenied</Code><EC>0003-1</EC></Error>
    let err = "PEVycm9yPjxDb2RlPkFjY2Vzc0RlbmllZDwvQ29kZT48RUM+MDAwMy0xPC9FQz48L0Vycm9yPg==";
    let refused = head_object::decode(&answer(403, &[("x-oss-err", err)], "")).unwrap_err();
    assert_eq!((refused.fault.class(), refused.advice), (Some(Class::Refused), Advice::Fatal));
    assert_eq!(refused.fault.error().unwrap().ec.as_deref(), Some("0003-1"));
    let refused = head_object::decode(&answer(403, &[("x-oss-ec", "0003-00000001")], "")).unwrap_err();
    assert_eq!((refused.fault.class(), refused.advice), (None, Advice::Retry));
    assert!(refused.fault.to_string().contains("EC 0003-00000001"), "{}", refused.fault);
}

#[test]
fn a_part_that_is_there_already_tells_its_tag() {
    let xml = "<Error><ETag>\"DDD151E78EF9F976E3E80A227AF56180\"</ETag><PartNumber>2</PartNumber><Code>PartAlreadyExist</Code></Error>";
    let refused = upload_part::decode(&answer(409, &[], xml)).unwrap_err();
    let error = refused.fault.error().unwrap();
    assert_eq!((error.etag.clone(), error.part_number), (Etag::new("ddd151e78ef9f976e3e80a227af56180"), Some(2)));
}

#[test]
fn every_code_is_advised_by_its_class_whatever_the_call() {
    let names: Vec<&str> = CODES.iter().map(|row| row.code).collect();
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for row in CODES {
        for op in Op::ALL {
            let status = http::StatusCode::from_u16(400).unwrap();
            assert_eq!(codes::advice(Some(row.code), status, op), row.class.advice(op));
        }
    }
    let advice = |code, op| codes::advice(Some(code), http::StatusCode::FORBIDDEN, op);
    for code in ["SecurityTokenExpired", "InvalidAccessKeyId", "InvalidSecurityToken"] {
        assert_eq!(advice(code, Op::UploadPart), Advice::Reauthorize);
    }
    assert_eq!(advice("RequestTimeTooSkewed", Op::ListParts), Advice::Clock);
    assert_eq!(advice("AccessDenied", Op::ListParts), Advice::Fatal);
    assert_eq!(
        (advice("InternalError", Op::ListParts), advice("InternalError", Op::UploadPart)),
        (Advice::Unavailable, Advice::Unsure)
    );
    assert!(matches!(advice("SlowDown", Op::UploadPart), Advice::Throttled { .. }));
    assert_eq!(
        (advice("NoSuchUpload", Op::UploadPart), advice("NoSuchUpload", Op::PutObject)),
        (Advice::Restart, Advice::Retry)
    );
}

#[test]
fn a_code_that_nobody_knows_is_advised_by_the_status() {
    let advice = |status, op| codes::advice(Some("New"), http::StatusCode::from_u16(status).unwrap(), op);
    for status in [301, 307, 400, 403, 404, 409, 412] {
        assert!(Op::ALL.into_iter().all(|op| advice(status, op) == Advice::Fatal), "{status}");
    }
    assert_eq!(advice(200, Op::UploadPart), Advice::Retry);
    assert_eq!((advice(500, Op::UploadPart), advice(500, Op::HeadObject)), (Advice::Unsure, Advice::Unavailable));
    assert_eq!((advice(408, Op::UploadPart), advice(413, Op::UploadPart)), (Advice::Unsure, Advice::Fatal));
    assert!(matches!(advice(429, Op::ListParts), Advice::Throttled { .. }));
    let refused = upload_part::decode(&answer(413, &[], "<html>")).unwrap_err();
    assert_eq!(refused.fault, Fault::TooLarge { op: Op::UploadPart });
    assert_eq!(upload_part::decode(&answer(404, &[], "<html>")).unwrap_err().advice, Advice::Unsure);
}
