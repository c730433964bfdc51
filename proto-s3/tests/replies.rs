//! Replies of the vendor's pages and of servers that resemble it, and what is made of them.

use bytes::Bytes;
use http::Response;
use resumable_core::{Advice, Answer, Observed, Protocol};
use resumable_proto_s3::codes::{CODES, find};
use resumable_proto_s3::head_object::AtKey;
use resumable_proto_s3::stage::{Call, Reply};
use resumable_proto_s3::*;

fn s3(preset: &str) -> S3 {
    let object = Object::new("http://127.0.0.1:9000", "emubucket", ObjectKey::new("k").unwrap(), Addressing::Path);
    S3::new(object.unwrap(), Options::of(*Preset::named(preset).unwrap())).unwrap()
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

/// What a service's answer means; each answer of Amazon's has a request id.
fn read(
    preset: &str,
    call: &Call,
    status: u16,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Result<Reply, Refused> {
    let id = [("x-amz-request-id", "4442587FB7D0A2F9")];
    let headers: Vec<_> = headers.iter().chain(if preset == "aws" { &id[..] } else { &[] }).copied().collect();
    s3(preset).decode(call, &Answer { response: answer(status, &headers, body), observed: Observed::none() })
}

const PART: Call = Call::Part { number: 1 };
const LIST: Call = Call::List { after: 0 };

#[test]
fn a_create_names_the_upload_whatever_its_document_is_called() {
    let long = "ab+/=%&amp;".repeat(100);
    for (root, id) in [
        ("InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"", "VXBsb2Fk"),
        ("InitiateMultipartUpload", "a"),
        ("InitiateMultipartUploadResponse", long.as_str()),
    ] {
        let name = root.split(' ').next().unwrap();
        let body = format!("<?xml version=\"1.0\"?>\n<{root}><Bucket>b</Bucket><UploadId>{id}</UploadId></{name}>");
        let Ok(Reply::Opened(opened)) = read("aws", &Call::Initiate, 200, &[], &body) else { panic!("{root}") };
        assert_eq!(opened.upload_id, id.replace("&amp;", "&"));
    }
    for bad in [
        "",
        "<html><UploadId>a</UploadId></html>",
        "<Other><UploadId>a</UploadId></Other>",
        "<InitiateMultipartUploadResult><UploadId></UploadId></InitiateMultipartUploadResult>",
        "<InitiateMultipartUploadResult/>",
    ] {
        let refused = read("aws", &Call::Initiate, 200, &[], bad).unwrap_err();
        assert_eq!(refused.advice, Advice::Unsure, "{bad}");
    }
}

#[test]
fn a_list_is_read_from_servers_of_all_kinds() {
    for body in [
        "<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</IsTruncated>\
         <ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><Part><PartNumber>1</PartNumber>\
         <LastModified>2026-01-01T00:00:10.000Z</LastModified><ETag>\"4c28640dc8df1933aaea192100d50ae0\"</ETag>\
         <Size>5242880</Size><ChecksumCRC64NVME>bgp1IS1VSZg=</ChecksumCRC64NVME></Part></ListPartsResult>",
        "<ListPartsResponse><Part><ETag>&quot;4c28640dc8df1933aaea192100d50ae0&quot;</ETag><Size>5242880</Size>\
         <PartNumber>1</PartNumber><ChecksumCRC64NVME>bgp1IS1VSZg=</ChecksumCRC64NVME></Part></ListPartsResponse>",
        "<x:ListPartsResult xmlns:x=\"y\"><x:Part><x:PartNumber>1</x:PartNumber><x:Size>5242880</x:Size>\
         <x:ETag>&#34;4c28640dc8df1933aaea192100d50ae0&#34;</x:ETag>\
         <x:ChecksumCRC64NVME>bgp1IS1VSZg=</x:ChecksumCRC64NVME></x:Part></x:ListPartsResult>",
    ] {
        let Ok(Reply::Page(page)) = read("aws", &LIST, 200, &[], body) else { panic!("{body}") };
        assert_eq!((page.parts.len(), page.next), (1, None));
        let part = &page.parts[0];
        assert_eq!((part.part_number, part.size), (1, 5_242_880));
        assert_eq!(part.etag.as_str(), "4c28640dc8df1933aaea192100d50ae0");
        let sum = part.checksum.unwrap();
        assert_eq!((sum.kind, sum.value), (ChecksumKind::Crc64Nvme, 0x6e0a_7521_2d55_4998));
    }
    let more = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1001</NextPartNumberMarker></ListPartsResult>";
    let Ok(Reply::Page(page)) = read("aws", &LIST, 200, &[], more) else { panic!() };
    assert_eq!(page.next, Some(1001), "the server's own marker, whatever parts the page has");
    for stuck in [more.replace("1001", "0"), more.replace("NextPartNumberMarker", "Other")] {
        assert!(matches!(read("aws", &LIST, 200, &[], &stuck).unwrap_err().fault, Fault::StuckMarker { .. }));
    }
}

#[test]
fn a_success_of_complete_is_one_only_with_its_document() {
    let whole = "<CompleteMultipartUploadResult><Location>x</Location><ETag>\"46e9ec4f6e6936c8ce2b5be7b5fad9c1-2\"</ETag>\
                 <ChecksumCRC64NVME>/PCLBfvKYl8=</ChecksumCRC64NVME></CompleteMultipartUploadResult>";
    for before in
        ["", "\n   \n", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<?xml version=\"1.0\"?>\n    \n  \n", "  "]
    {
        let Ok(Reply::Completed(completed)) = read("aws", &Call::Complete, 200, &[], &format!("{before}{whole}"))
        else {
            panic!("{before:?}")
        };
        assert_eq!(completed.etag.unwrap().as_str(), "46e9ec4f6e6936c8ce2b5be7b5fad9c1-2");
        assert_eq!(completed.checksum.unwrap().value, 0xfcf0_8b05_fbca_625f);
    }
    for cut in ["", "    ", "<?xml version=\"1.0\"?>\n   ", &whole[..120], "<CompleteMultipartUploadResult/>"] {
        let refused = read("aws", &Call::Complete, 200, &[], cut).unwrap_err();
        assert_eq!(refused.advice, Advice::Unsure, "{cut:?}");
    }
    let error = |code: &str| format!("<?xml version=\"1.0\"?>\n   \n<Error><Code>{code}</Code></Error>");
    let refused = |code| read("aws", &Call::Complete, 200, &[], &error(code)).unwrap_err();
    assert_eq!(refused("InternalError").advice, Advice::Unsure);
    assert!(matches!(refused("SlowDown").advice, Advice::Throttled { .. }));
    assert_eq!(refused("AccessDenied").advice, Advice::Fatal);
    // A key that is called like an error is none.
    let odd = whole.replace("<Location>x", "<Location>http://h/InternalError/SlowDown");
    assert!(matches!(read("aws", &Call::Complete, 200, &[], &odd), Ok(Reply::Completed(_))));
    assert!(matches!(read("aws", &Call::Complete, 200, &[], &error("InvalidPart")), Ok(Reply::InvalidPart(_))));
}

#[test]
fn a_part_is_stored_when_its_tag_is_there_and_nothing_else() {
    let tag = ("etag", "\"4c28640dc8df1933aaea192100d50ae0\"");
    let sum = ("x-amz-checksum-crc64nvme", "bgp1IS1VSZg=");
    let Ok(Reply::Part { stored, .. }) = read("aws", &PART, 200, &[tag, sum], "") else { panic!() };
    assert_eq!(stored.checksum.unwrap().value, 0x6e0a_7521_2d55_4998);
    assert!(!stored.opaque_tags);
    // A sum of sums is none of the content.
    for other in ["Mivv6w==-2", "CatQ4g==", "nonsense", ""] {
        let Ok(Reply::Part { stored, .. }) = read("aws", &PART, 200, &[tag, (sum.0, other)], "") else { panic!() };
        assert_eq!(stored.checksum, None, "{other}");
    }
    for (name, value) in [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption", "aws:kms:dsse"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    ] {
        let Ok(Reply::Part { stored, .. }) = read("aws", &PART, 200, &[tag, (name, value)], "") else { panic!() };
        assert!(stored.opaque_tags, "{name}: {value}");
    }
    let Ok(Reply::Part { stored, .. }) =
        read("aws", &PART, 200, &[tag, ("x-amz-server-side-encryption", "AES256")], "")
    else {
        panic!()
    };
    assert!(!stored.opaque_tags);
    for (status, headers, body) in [(200, &[tag][..], "<html>"), (200, &[], ""), (206, &[tag], ""), (302, &[tag], "")] {
        assert_eq!(read("aws", &PART, status, headers, body).unwrap_err().advice, Advice::Unsure, "{status} {body}");
    }
}

#[test]
fn a_head_tells_an_object_with_its_sum_and_name() {
    let headers = [
        ("content-length", "5242884"),
        ("etag", "\"46e9ec4f6e6936c8ce2b5be7b5fad9c1-2\""),
        ("x-amz-checksum-crc64nvme", "/PCLBfvKYl8="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("x-amz-meta-resumable-id", "0123456789abcdef0123456789abcdef"),
    ];
    for preset in ["aws", "b2"] {
        let Ok(Reply::Head(AtKey::Object(head))) = read(preset, &Call::Head, 200, &headers, "") else { panic!() };
        assert_eq!((head.size, head.checksum.unwrap().value), (5_242_884, 0xfcf0_8b05_fbca_625f));
        assert_eq!(head.name.as_deref(), Some("0123456789abcdef0123456789abcdef"));
        assert!(matches!(read(preset, &Call::Head, 404, &[], ""), Ok(Reply::Head(AtKey::Nothing))), "{preset}");
        assert!(matches!(read(preset, &Call::Head, 403, &[], ""), Ok(Reply::Head(AtKey::Hidden(_)))), "{preset}");
    }
    // A proxy's page is neither an object nor none, where the vendor names each answer.
    let page = |status| {
        let response = answer(status, &headers[..2], "");
        s3("aws").decode(&Call::Head, &Answer { response, observed: Observed::none() })
    };
    assert!(page(200).is_err() && page(404).is_err() && page(403).is_err());
}

#[test]
fn a_bare_refusal_may_say_where_the_bucket_is() {
    for status in [301, 400] {
        let region = [("x-amz-bucket-region", "eu-west-1")];
        let Ok(Reply::Elsewhere { region, .. }) = read("aws", &Call::Head, status, &region, "") else {
            panic!("{status}")
        };
        assert_eq!(region, "eu-west-1");
    }
    for (code, more) in [
        ("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
        ("PermanentRedirect", "<Endpoint>emubucket.s3.eu-west-1.amazonaws.com</Endpoint><Bucket>emubucket</Bucket>"),
        ("IllegalLocationConstraintException", "<Region>eu-west-1</Region>"),
    ] {
        let body = format!("<Error><Code>{code}</Code><Message>m</Message>{more}</Error>");
        let Ok(Reply::Elsewhere { region, .. }) = read("aws", &PART, 400, &[], &body) else { panic!("{code}") };
        assert_eq!(region, "eu-west-1", "{code}");
    }
}

#[test]
fn each_code_leads_where_the_page_says() {
    let page = include_str!("../../docs/s3.md");
    for code in CODES {
        assert!(page.contains(&format!("`{}`", code.code)), "{} is not in docs/s3.md", code.code);
        assert_eq!(CODES.iter().filter(|other| other.code == code.code).count(), 1, "{}", code.code);
        let body = format!("<Error><Code>{}</Code></Error>", code.code);
        let told = read("aws", &LIST, 400, &[], &body);
        let advice = match (code.class, told) {
            (Class::NoSuchUpload, Ok(Reply::Gone(_))) => continue,
            (_, Err(refused)) => refused.advice,
            other => panic!("{}: {other:?}", code.code),
        };
        let expected = match code.class {
            Class::Refused | Class::FileAlreadyExists | Class::NoSuchKey | Class::Region => Advice::Fatal,
            Class::Again | Class::Digest | Class::Conflict | Class::InvalidPart => Advice::Retry,
            Class::Unable => Advice::Unavailable,
            Class::Throttled => Advice::throttled(),
            Class::Clock => Advice::Clock,
            Class::Credential | Class::Signature => Advice::Reauthorize,
            other => panic!("{other:?}"),
        };
        assert_eq!(advice, expected, "{}", code.code);
    }
    let row = find("KeyTooLongError").unwrap();
    assert_eq!((row.meaning, row.remedy), ("the object's key is too long", "choose a shorter one"));
}

#[test]
fn codes_that_are_not_in_the_table_go_by_their_status() {
    let told = |status, body: &str| read("aws", &PART, status, &[], body).unwrap_err().advice;
    let own = "<Error><Code>Unheard</Code></Error>";
    assert_eq!((told(400, own), told(500, own), told(503, own)), (Advice::Fatal, Advice::Unsure, Advice::Unsure));
    assert!(matches!(told(429, own), Advice::Throttled { .. }));
    // A proxy's page is like a lost reply.
    for status in [400, 403, 404, 502, 503, 504] {
        assert!(!matches!(told(status, "<html>"), Advice::Fatal), "{status}");
    }
}

#[test]
fn an_upload_is_gone_only_by_the_vendors_word() {
    let gone = "<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>";
    for call in [PART, LIST, Call::Complete, Call::Abort] {
        assert!(matches!(read("aws", &call, 404, &[], gone), Ok(Reply::Gone(_))), "{call:?}");
        for other in ["<html>", "", "<Error><Code>NoSuchKey</Code></Error>"] {
            assert!(!matches!(read("aws", &call, 404, &[], other), Ok(Reply::Gone(_))), "{call:?} {other}");
        }
    }
}

#[test]
fn services_that_say_little_are_understood() {
    // Backblaze: a code and a message. Others: no request id.
    let body = "<Error><Code>InvalidArgument</Code><Message>Unsupported header</Message></Error>";
    let refused = read("b2", &PART, 400, &[], body).unwrap_err();
    assert_eq!(refused.advice, Advice::Fatal);
    let text = refused.fault.to_string();
    assert!(text.contains("Unsupported header") && text.contains("preset"), "{text}");
    let tag = [("etag", "opaque-tag")];
    let Ok(Reply::Part { stored, .. }) = read("swift", &PART, 200, &tag, "") else { panic!() };
    assert_eq!(stored.etag.as_str(), "opaque-tag");
}
