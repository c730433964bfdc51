//! The list of open uploads: what is asked, and how pages are read.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, Uri};
use resumable_proto_multipart::dialect::{BareRefusals, Documents};
use resumable_proto_multipart::list_multipart_uploads::{Marker, decode, encode};
use resumable_proto_multipart::{Dialect, Draft, Fault, Op, Said, Wire};

const STORE: Dialect = Dialect {
    vendor: "STORE",
    create: Op::CreateMultipartUpload,
    codes: &[],
    request_id: None,
    bare_refusals: BareRefusals::ByStatus,
    bucket_region: None,
    region_of: |_| None,
    sums: &[],
    opaque_tags: &[],
    upload_name: None,
    documents: Documents::Strict,
    completes_within: Duration::from_secs(600),
    upload_id_bytes: 1024,
};

struct Bucket;

impl Wire for Bucket {
    fn dialect(&self) -> &'static Dialect {
        &STORE
    }

    fn uri(&self, query: &[(&str, String)]) -> Uri {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("http://store/?{}", query.join("&")).parse().unwrap()
    }

    fn describe(&self, said: &Said<'_>, _: &mut HeaderMap) {
        assert_eq!(said.op, Op::ListMultipartUploads);
    }

    fn sign(&self, _: &Draft<'_>, _: &mut HeaderMap) -> Result<(), Fault> {
        Ok(())
    }
}

fn marker(key: &str, upload_id: &str) -> Marker {
    Marker { key: key.into(), upload_id: upload_id.into() }
}

fn page(inside: &str) -> Response<Bytes> {
    let body = format!("<ListMultipartUploadsResult>{inside}</ListMultipartUploadsResult>");
    Response::new(Bytes::from(body))
}

#[test]
fn parameters_are_sorted_and_stand_there_only_where_they_say_something() {
    let query =
        |prefix, after: &Marker| encode(prefix, after, 1000, &Bucket).unwrap().uri().query().unwrap().to_owned();
    assert_eq!(query("", &Marker::default()), "encoding-type=url&max-uploads=1000&uploads=");
    assert_eq!(
        query("dir/", &marker("k", "u")),
        "encoding-type=url&key-marker=k&max-uploads=1000&prefix=dir/&upload-id-marker=u&uploads="
    );
    assert_eq!(query("", &marker("k", "")), "encoding-type=url&key-marker=k&max-uploads=1000&uploads=");
}

#[test]
fn keys_are_decoded_where_the_page_says_that_they_are_encoded() {
    let upload = "<Upload><Key>a%2Fb+c%2B</Key><UploadId>u</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>\
                  <IsTruncated>false</IsTruncated>";
    for (element, key) in [
        ("<EncodingType>url</EncodingType>", "a/b c+"),
        ("<Encoding-Type>url</Encoding-Type>", "a/b c+"),
        ("<EncodingType></EncodingType>", "a%2Fb+c%2B"),
        ("", "a%2Fb+c%2B"),
    ] {
        let read = decode(&STORE, &Marker::default(), &page(&format!("{element}{upload}"))).unwrap();
        assert_eq!((read.uploads[0].key.as_str(), read.uploads[0].upload_id.as_str()), (key, "u"), "{element}");
        assert_eq!(read.uploads[0].initiated, Some(Duration::from_secs(1_767_225_600)));
        assert_eq!(read.next, None);
    }
}

#[test]
fn a_page_leads_to_a_later_one() {
    let next =
        "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>v</NextUploadIdMarker>";
    assert_eq!(decode(&STORE, &Marker::default(), &page(next)).unwrap().next, Some(marker("k", "v")));
    assert_eq!(decode(&STORE, &marker("k", "u"), &page(next)).unwrap().next, Some(marker("k", "v")));
    for (after, inside) in [
        (marker("k", "v"), next),
        (Marker::default(), "<IsTruncated>true</IsTruncated>"),
        (Marker::default(), "<IsTruncated>true</IsTruncated><NextKeyMarker></NextKeyMarker>"),
    ] {
        let refused = decode(&STORE, &after, &page(inside)).unwrap_err();
        assert_eq!(refused.fault, Fault::StuckUploads, "{inside}");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for inside in
        ["", "<IsTruncated>maybe</IsTruncated>", "<Upload><Key>k</Key></Upload><IsTruncated>false</IsTruncated>"]
    {
        assert!(decode(&STORE, &Marker::default(), &page(inside)).is_err(), "{inside}");
    }
    let other =
        Response::new(Bytes::from_static(b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
    assert!(decode(&STORE, &Marker::default(), &other).is_err());
    let error = Response::builder().status(403).body(Bytes::from_static(b"<Error><Code>AccessDenied</Code></Error>"));
    assert!(matches!(decode(&STORE, &Marker::default(), &error.unwrap()).unwrap_err().fault, Fault::Vendor { .. }));
}
