//! Requests as they leave, and what their signatures cover.

mod far;

use std::collections::BTreeMap;

use bytes::Bytes;
use far::{Fate, PART, Rig, content, lose, md5, one_request, parts, temporary};
use http::{HeaderValue, Method, Request};
use resumable_core::{Body, HashKind, Segment};
use resumable_proto_cos_xml::*;

const HOST: &str = "emubucket-1250000000.cos.ap-guangzhou.myqcloud.com";

/// What is sent of one upload with these options.
fn sent(len: u64, options: Options) -> BTreeMap<String, Request<Body>> {
    let mut rig = Rig::new(len, options);
    let verdict = rig.run();
    rig.complete(verdict);
    rig.asked.into_iter().zip(rig.requests).collect()
}

/// The fields of the `Authorization` header.
fn signed(request: &Request<Body>) -> BTreeMap<&str, &str> {
    let text = request.headers()["authorization"].to_str().unwrap();
    text.split('&').map(|field| field.split_once('=').unwrap()).collect()
}

fn header<'a>(request: &'a Request<Body>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn each_call_has_its_method_and_its_url() {
    let all = sent(2 * PART, parts());
    let upload = "17672256000b1f381";
    for (name, method, query) in [
        ("initiate", Method::POST, "uploads".to_owned()),
        ("part 2", Method::PUT, format!("partNumber=2&uploadId={upload}")),
        ("complete", Method::POST, format!("uploadId={upload}")),
    ] {
        let request = &all[name];
        assert_eq!((request.method(), request.uri().to_string()), (&method, format!("https://{HOST}/dir/f?{query}")));
    }
    let put = &sent(9, one_request())["put"];
    assert_eq!((put.method(), put.uri().to_string()), (&Method::PUT, format!("https://{HOST}/dir/f")));
    let mut rig = Rig::new(10 * PART, parts());
    assert!(rig.run_until(6, false, |_, _| Fate::Fine).is_none());
    rig.go_on();
    let verdict = rig.run_with(lose("complete", Fate::LostAfter));
    rig.complete(verdict);
    let find = |name: &str| &rig.requests[rig.asked.iter().position(|asked| asked == name).unwrap()];
    let query = format!("max-parts=1000&part-number-marker=0&uploadId={upload}");
    assert_eq!((find("list 0").method(), find("list 0").uri().query()), (&Method::GET, Some(query.as_str())));
    assert_eq!((find("head").method(), find("head").uri().query()), (&Method::HEAD, None));
}

#[test]
fn every_signature_covers_the_host_the_query_the_length_and_all_that_is_the_vendors() {
    let headers = ObjectHeaders::default().metadata("author", "me").unwrap();
    let headers = headers.header("x-cos-storage-class", "STANDARD_IA").unwrap();
    let headers = headers.header("Cache-Control", "no-cache").unwrap();
    let options = parts().forbid_overwrite(true).traffic_limit(100 << 10).headers(headers);
    let all = sent(2 * PART, options.clone());
    let put = &sent(9, options.one_request_max(1000))["put"];
    let described = "x-cos-forbid-overwrite;x-cos-meta-author;x-cos-storage-class";
    for (request, headers, query) in [
        (put, format!("cache-control;content-length;content-type;host;{described};x-cos-traffic-limit"), ""),
        (&all["initiate"], format!("cache-control;content-length;host;{described}"), "uploads"),
        (&all["part 1"], "content-length;content-type;host;x-cos-traffic-limit".to_owned(), "partnumber;uploadid"),
        (
            &all["complete"],
            "content-length;content-md5;content-type;host;x-cos-forbid-overwrite".to_owned(),
            "uploadid",
        ),
    ] {
        let fields = signed(request);
        assert_eq!((fields["q-header-list"], fields["q-url-param-list"]), (headers.as_str(), query));
        assert_eq!(fields["q-sign-time"], fields["q-key-time"]);
        assert!(request.headers().keys().all(|name| headers.contains(name.as_str()) || name == "authorization"));
        assert_eq!(far::signed_again(request, HOST), request.headers()["authorization"].to_str().unwrap());
    }
    assert_eq!(header(&all["part 1"], "x-cos-traffic-limit"), Some("819200"));
    assert_eq!(header(&all["complete"], "x-cos-forbid-overwrite"), Some("true"));
}

#[test]
fn a_token_is_sent_and_signed_with_every_call() {
    let mut rig = Rig::new(10 * PART, parts());
    rig.server.token = Some("EmuSessionToken+/==0001".into());
    rig.restart(temporary("EmuSessionToken+/==0001"));
    let verdict = rig.run_with(lose("complete", Fate::LostAfter));
    rig.complete(verdict);
    for request in &rig.requests {
        assert_eq!(header(request, "x-cos-security-token"), Some("EmuSessionToken+/==0001"));
        assert!(signed(request)["q-header-list"].split(';').any(|name| name == "x-cos-security-token"));
        assert!(request.headers()["x-cos-security-token"].is_sensitive());
    }
    assert_eq!((rig.count("head"), rig.count("list")), (2, 1));
}

#[test]
fn bodies_are_ranges_of_the_source_and_the_list_of_parts() {
    let all = sent(2 * PART + 1, parts());
    assert_eq!(all["part 3"].body().segments(), [Segment::Source(2 * PART..2 * PART + 1)]);
    assert_eq!(all["part 3"].body().observe(), [HashKind::Crc64]);
    assert!(all["initiate"].body().is_empty());
    let content = content(2 * PART + 1);
    let part = |(number, part): (u32, &[u8])| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{}\"</ETag></Part>", md5(part))
    };
    let tags: Vec<String> = (1..).zip(content.chunks(16)).map(part).collect();
    let tags = tags.concat();
    let xml = Bytes::from(format!("<CompleteMultipartUpload>{tags}</CompleteMultipartUpload>"));
    assert_eq!(all["complete"].body().segments(), [Segment::Bytes(xml)]);
    assert_eq!(header(&all["complete"], "content-type"), Some("application/xml"));
}

#[test]
fn the_list_of_parts_is_the_one_of_the_vectors() {
    let data: serde_json::Value = serde_json::from_str(include_str!("data/vectors.json")).unwrap();
    let hashes = &data["hashes"];
    let source: Vec<u8> = (0..3_145_745_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
    let mut rig = Rig::of(source, Options::default().part_size(1 << 20).one_request_max(0));
    let verdict = rig.run();
    let uploaded = rig.complete(verdict);
    assert_eq!(uploaded.crc64.unwrap().to_string(), hashes["whole"]["crc64"].as_str().unwrap());
    let complete = rig.requests.last().unwrap();
    let body = Bytes::from(hashes["complete_body"].as_str().unwrap().to_owned());
    assert_eq!(complete.body().segments(), [Segment::Bytes(body)]);
    assert_eq!(header(complete, "content-md5"), hashes["complete_content_md5"].as_str());
}

#[test]
fn the_type_of_content_is_said_when_an_upload_begins() {
    let options = parts().content_type(HeaderValue::from_static("video/mp4"));
    let all = sent(PART, options.clone());
    assert_eq!(header(&all["initiate"], "content-type"), Some("video/mp4"));
    let put = sent(9, options.one_request_max(1000));
    assert_eq!(header(&put["put"], "content-type"), Some("video/mp4"));
    assert_eq!(header(&sent(9, one_request())["put"], "content-type"), Some("application/octet-stream"));
}

#[test]
fn keys_of_the_vectors_go_out_as_the_vendors_library_sends_them() {
    let data: serde_json::Value = serde_json::from_str(include_str!("data/vectors.json")).unwrap();
    for vector in data["vectors"].as_array().unwrap() {
        let (id, key) = (vector["id"].as_str().unwrap(), vector["key"].as_str().unwrap());
        if id == "GO" || id == "H" || id.starts_with('N') {
            continue;
        }
        let url = vector["url"].as_str().unwrap().split('?').next().unwrap();
        let to = at("ap-guangzhou", "emubucket-1250000000", key).unwrap();
        assert_eq!(to.object().url(), url, "{id}");
    }
}

#[test]
fn the_host_is_signed_with_its_port_where_that_is_not_the_usual_one() {
    for (endpoint, host) in [
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://files.example.com:80", "files.example.com"),
        ("https://cos.ap-guangzhou.myqcloud.com:443", HOST),
    ] {
        let to = at_endpoint(endpoint, "emubucket-1250000000", "dir/f").unwrap();
        let request = far::first_request(to);
        assert_eq!(
            far::signed_again(&request, host),
            request.headers()["authorization"].to_str().unwrap(),
            "{endpoint}"
        );
        assert_eq!(request.uri().authority().unwrap(), host);
    }
}
