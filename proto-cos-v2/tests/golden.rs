//! The vendor's own samples, byte for byte.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{Body, HashKind, Hasher, Segment};
use resumable_proto_cos_v2::upload_slice_data::{DataReply, UploadSliceData};
use resumable_proto_cos_v2::upload_slice_list::{ListPart, ListReply};
use resumable_proto_cos_v2::uploadparts::uploadparts;
use resumable_proto_cos_v2::*;

fn place() -> Place {
    let path = ObjectPath::new("/testfolder/111.txt").unwrap();
    Place::new("http://sh.file.myqcloud.com", "10055004", "accesslog", path).unwrap()
}

fn signature() -> Signature {
    let (credential, place) = (Credential::new("AKIDtestid", "testsecretkey").unwrap(), place());
    let signing = Signing::new(&credential, &place, Duration::from_secs(1), 1);
    sign::multi_effect(&signing, Duration::from_secs(1), "")
}

/// The body with the bytes of the source in their places.
fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => all.extend_from_slice(bytes),
            Segment::Source(range) => {
                all.extend_from_slice(
                    &source[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()],
                );
            }
        }
    }
    assert_eq!(all.len() as u64, body.len());
    all
}

fn ok(body: &str) -> Response<Bytes> {
    Response::new(Bytes::copy_from_slice(body.as_bytes()))
}

const DATA_SESSION: &str =
    "58ccd1b3120e85c4ebb7b786154408df4fe22230cb8f328d41599b237661855d6242793ba2481c1ac0b1277051003cab";
const LIST_SESSION: &str =
    "4331155f7e26e5fc7f032e7d1dac56644b68681d6c4260e39db441604773c883ca2b5ed5f44ab5bd44f81f9ee383165f";

#[test]
fn the_list_request_of_154_bytes() {
    for dashes in ["----------------------------2b804029035c", "----------------------------72e1396a1d85"] {
        let request = upload_slice_list::encode(&place(), &signature(), &Boundary::new(dashes).unwrap());
        let body = flat(request.body(), b"");
        let expected = format!(
            "--{dashes}\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nupload_slice_list\r\n--{dashes}--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
        assert_eq!(request.body().len(), 154);
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), "/files/v2/10055004/accesslog/testfolder/111.txt");
        assert_eq!(request.uri().host(), Some("sh.file.myqcloud.com"));
        assert_eq!(request.headers()["content-type"], format!("multipart/form-data; boundary={dashes}"));
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(request.headers().len(), 2);
    }
}

#[test]
fn the_data_request_of_37406_bytes() {
    let dashes = "----------------------------adb78d5a54eb";
    let source: Vec<u8> = (0..36_864u32).map(|i| (i % 251) as u8).collect();
    let slice = UploadSliceData { session: DATA_SESSION, offset: 0, datalen: 36_864, sha: None };
    let request = upload_slice_data::encode(&place(), &slice, &signature(), &Boundary::new(dashes).unwrap());
    let head = format!(
        "--{dashes}\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nupload_slice_data\r\n\
         --{dashes}\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n{DATA_SESSION}\r\n\
         --{dashes}\r\nContent-Disposition: form-data; name=\"offset\"\r\n\r\n0\r\n\
         --{dashes}\r\nContent-Disposition: form-data; name=\"filecontent\"\r\n\r\n"
    );
    let expected = [head.as_bytes(), &source, format!("\r\n--{dashes}--\r\n").as_bytes()].concat();
    assert!(flat(request.body(), &source) == expected);
    assert_eq!(request.body().len(), 37_406);
}

#[test]
fn the_data_reply_of_175_bytes() {
    let body =
        format!(r#"{{"code":0,"data":{{"datalen":36864,"offset":0,"session":"{DATA_SESSION}"}},"message":"SUCCESS"}}"#);
    assert_eq!(body.len(), 175);
    let reply = upload_slice_data::decode(0, 36_864, &ok(&body)).unwrap();
    assert_eq!(reply, DataReply { offset: 0, datalen: 36_864, session: Some(DATA_SESSION.to_owned()) });
    assert_eq!(reply.check_session(DATA_SESSION), Ok(()));
}

#[test]
fn the_list_reply_of_304_bytes() {
    let body = format!(
        "{{\"code\":0,\"data\":{{\"filesize\":104857600,\"listparts\":[{{\"datalen\":524288,\"offset\":0}},\
         {{\"datalen\":524288,\"offset\":524288}},{{\"datalen\":524288,\"offset\":1048576}}],\
         \"session\":\"{LIST_SESSION}\",\"slice_size\":524288}},\"message\":\"SUCCESS\"}}"
    );
    assert_eq!(body.len(), 304);
    let part = |offset| ListPart { offset, datalen: 524_288 };
    let expected = ListReply::Unfinished {
        session: LIST_SESSION.to_owned(),
        slice_size: 524_288,
        filesize: Some(104_857_600),
        listparts: vec![part(0), part(524_288), part(1_048_576)],
        sha: None,
    };
    assert_eq!(upload_slice_list::decode(&ok(&body)).unwrap(), expected);
}

#[test]
fn the_finished_list_reply_of_434_bytes() {
    let body = concat!(
        r#"{"code":0,"data":{"access_url":"http://accesslog-10055004.file.myqcloud.com/testfolder/111.txt","#,
        r#""preview_url":"http://accesslog-10055004.preview.myqcloud.com/testfolder/111.txt?cmd=txt_preview","#,
        r#""resource_path":"/10055004/accesslog/testfolder/111.txt","#,
        r#""source_url":"http://accesslog-10055004.cossh.myqcloud.com/testfolder/111.txt","#,
        r#""url":"http://sh.file.myqcloud.com/files/v2/10055004/accesslog/testfolder/111.txt"},"message":"SUCCESS"}"#,
    );
    assert_eq!(body.len(), 434);
    let ListReply::Finished(urls) = upload_slice_list::decode(&ok(body)).unwrap() else { panic!("not finished") };
    assert_eq!(urls.best(), Some("http://accesslog-10055004.file.myqcloud.com/testfolder/111.txt"));
    assert_eq!(
        urls.preview_url.as_deref(),
        Some("http://accesslog-10055004.preview.myqcloud.com/testfolder/111.txt?cmd=txt_preview")
    );
    assert_eq!(urls.resource_path.as_deref(), Some("/10055004/accesslog/testfolder/111.txt"));
    assert_eq!(urls.source_url.as_deref(), Some("http://accesslog-10055004.cossh.myqcloud.com/testfolder/111.txt"));
    assert_eq!(urls.url.as_deref(), Some("http://sh.file.myqcloud.com/files/v2/10055004/accesslog/testfolder/111.txt"));
}

const P: &str = "/10055004/accesslog/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~%281%29.txt";

#[test]
fn a_place_gives_the_file_id_of_the_vectors() {
    let path = ObjectPath::new("/测试 dir/a b+c~(1).txt").unwrap();
    let place = Place::new("https://sh.file.myqcloud.com/", "10055004", "accesslog", path).unwrap();
    assert_eq!(place.file_id(), P);
    assert_eq!(place.uri().to_string(), format!("https://sh.file.myqcloud.com/files/v2{P}"));
}

/// The `datasha` values of an `uploadparts` text, whose offsets and lengths are checked on the way.
fn datashas(data: &[u8], every: u64) -> Vec<String> {
    let mut hasher = Hasher::new(HashKind::Sha1Chain { every }).unwrap();
    hasher.update(data);
    let text = uploadparts(every, data.len() as u64, &hasher.finish()).unwrap();
    let parts: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut offset = 0;
    for part in &parts {
        assert_eq!(part["offset"], offset);
        let datalen = part["datalen"].as_u64().unwrap();
        assert!(datalen == every || offset + datalen == data.len() as u64);
        offset += datalen;
    }
    assert_eq!(offset, data.len() as u64);
    parts.iter().map(|part| part["datasha"].as_str().unwrap().to_owned()).collect()
}

fn big_bin() -> Vec<u8> {
    (0..2_109_497u32).map(|i| ((7 * i + 13 * (i >> 8) + 29 * (i >> 16)) & 255) as u8).collect()
}

#[test]
fn datasha_vectors() {
    let a = |n| vec![b'a'; n];
    let ramp: Vec<u8> = (0..2_621_440u32).map(|i| (i & 255) as u8).collect();
    let rows: [(Vec<u8>, u64, &[&str]); 8] = [
        (a(64), 64, &["0098ba824b5c16427bd7a1122a5a442a25ec644d"]),
        (a(128), 64, &["eb6849da1f7c372e528f4e88eb4b5283bdbd4ee7", "ad5b3fdbcb526778c2839d2f151ea753995e26a0"]),
        (
            a(130),
            64,
            &[
                "eb6849da1f7c372e528f4e88eb4b5283bdbd4ee7",
                "4929a00b382871dee5769e6881f85b884434ba17",
                "e1cd437ec3e8a60db34e1d150a4fc73882d83b41",
            ],
        ),
        (
            vec![0; 131_072],
            65_536,
            &["5798e16fa93942d6e1b76c6ca8217f1761bf95cb", "67dfd19f3eb3649d6f3f6631e44d0bd36b8d8d19"],
        ),
        (
            vec![0; 1_048_577],
            524_288,
            &[
                "a9a367b44b8ffd0c81c3425071a7fb52861c3834",
                "99c460eef9b1336489cc206bcde3f3a58b5a6466",
                "a84d35eda74338bd79a432f77d73f8ab5eb91902",
            ],
        ),
        (
            vec![0; 2 << 20],
            1 << 20,
            &["99c460eef9b1336489cc206bcde3f3a58b5a6466", "7d76d48d64d7ac5411d714a4bb83f37e3e5b8df6"],
        ),
        (
            ramp,
            1 << 20,
            &[
                "bde3d5f0c937a8eb2abe70b069324a7b259193e8",
                "b8d8619566388433f1c4164bb5e2097a6cd86191",
                "99f2acc2b3e259a99e3f17a6c733de11200acbf9",
            ],
        ),
        (
            big_bin(),
            1 << 20,
            &[
                "574cdf712583672e44a640868e4f971283846b55",
                "bc7649ffd38e699ad57b3934e6b937c52d8032d4",
                "823d1503c550938f90f01fceddc9bcffc916908d",
            ],
        ),
    ];
    for (data, every, expected) in rows {
        assert_eq!(datashas(&data, every), expected, "{} bytes every {every}", data.len());
    }
}

#[test]
fn the_uploadparts_text_of_the_dialogue() {
    let mut hasher = Hasher::new(HashKind::Sha1Chain { every: 1 << 20 }).unwrap();
    hasher.update(&big_bin());
    assert_eq!(
        uploadparts(1 << 20, 2_109_497, &hasher.finish()).unwrap(),
        concat!(
            r#"[{"offset":0,"datalen":1048576,"datasha":"574cdf712583672e44a640868e4f971283846b55"},"#,
            r#"{"offset":1048576,"datalen":1048576,"datasha":"bc7649ffd38e699ad57b3934e6b937c52d8032d4"},"#,
            r#"{"offset":2097152,"datalen":12345,"datasha":"823d1503c550938f90f01fceddc9bcffc916908d"}]"#,
        )
    );
}
