use std::time::Duration;

use super::*;
use crate::cos::answer::{ResponseContext, success};

const SESSION_1: &str =
    "58ccd1b3120e85c4ebb7b786154408df4fe22230cb8f328d41599b237661855d6242793ba2481c1ac0b1277051003cab";
const SESSION_2: &str =
    "4331155f7e26e5fc7f032e7d1dac56644b68681d6c4260e39db441604773c883ca2b5ed5f44ab5bd44f81f9ee383165f";

fn context() -> ResponseContext {
    ResponseContext {
        date: crate::date::asctime_beijing(Duration::from_secs(1_472_647_600)),
        request_id: None,
        success: "SUCCESS",
        refusals: None,
    }
}

/// A sample as the vendor's page prints it, without the white space between its tokens.
fn compact(sample: &str) -> String {
    sample.lines().map(str::trim).collect::<String>().replace("\": ", "\":")
}

fn is_golden(data: &Data, sample: &str, length: usize) {
    let response = success(Some(data), &context());
    let body = std::str::from_utf8(response.body()).expect("text");
    assert_eq!(body, compact(sample));
    assert_eq!(body.len(), length);
    let headers = response.headers();
    assert_eq!(headers["content-length"], length.to_string().as_str());
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(headers["server"], "tencent-cos");
    assert_eq!(headers["date"], "Wed Aug 31 20:46:40 2016");
    assert!(!headers.contains_key("x-cos-request-id"));
}

#[test]
fn slice_data_of_175_bytes() {
    let data = Data::Slice(SliceData { datalen: 36_864, offset: 0, session: SESSION_1.to_owned() });
    let sample = r#"{
        "code": 0,
        "message": "SUCCESS",
        "data": {
        "datalen": 36864,
        "offset": 0,
        "session": "58ccd1b3120e85c4ebb7b786154408df4fe22230cb8f328d41599b237661855d6242793ba2481c1ac0b1277051003cab"
        }
    }"#;
    is_golden(&data, sample, 175);
}

#[test]
fn list_of_304_bytes() {
    let part = |offset| ListPart { datalen: 524_288, offset };
    let data = Data::List(ListData {
        filesize: 104_857_600,
        listparts: [0, 524_288, 1_048_576].map(part).to_vec(),
        session: SESSION_2.to_owned(),
        sha: None,
        slice_size: 524_288,
    });
    let sample = r#"{
        "code": 0,
        "message": "SUCCESS",
        "data": {
            "filesize": 104857600,
            "listparts": [
                {
                    "datalen": 524288,
                    "offset": 0
                },
                {
                    "datalen": 524288,
                    "offset": 524288
                },
                {
                    "datalen": 524288,
                    "offset": 1048576
                }
            ],
            "session": "4331155f7e26e5fc7f032e7d1dac56644b68681d6c4260e39db441604773c883ca2b5ed5f44ab5bd44f81f9ee383165f",
            "slice_size": 524288
        }
    }"#;
    is_golden(&data, sample, 304);
}

#[test]
fn finished_list_of_434_bytes() {
    let data = Data::Urls(Urls {
        access_url: "http://accesslog-10055004.file.myqcloud.com/testfolder/111.txt".to_owned(),
        preview_url: Some(
            "http://accesslog-10055004.preview.myqcloud.com/testfolder/111.txt?cmd=txt_preview".to_owned(),
        ),
        resource_path: "/10055004/accesslog/testfolder/111.txt".to_owned(),
        source_url: Some("http://accesslog-10055004.cossh.myqcloud.com/testfolder/111.txt".to_owned()),
        url: Some("http://sh.file.myqcloud.com/files/v2/10055004/accesslog/testfolder/111.txt".to_owned()),
    });
    is_golden(&data, FINISHED, 434);
}

const FINISHED: &str = r#"{
    "code": 0,
    "message": "SUCCESS",
    "data": {
        "access_url": "http://accesslog-10055004.file.myqcloud.com/testfolder/111.txt",
        "preview_url": "http://accesslog-10055004.preview.myqcloud.com/testfolder/111.txt?cmd=txt_preview",
        "resource_path": "/10055004/accesslog/testfolder/111.txt",
        "source_url": "http://accesslog-10055004.cossh.myqcloud.com/testfolder/111.txt",
        "url": "http://sh.file.myqcloud.com/files/v2/10055004/accesslog/testfolder/111.txt"
    }
}"#;
