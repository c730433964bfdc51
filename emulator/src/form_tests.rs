use std::sync::Arc;

use super::*;
use crate::MemoryStorage;
use crate::cos::code::Code;

fn sink() -> BodySink {
    BodySink::new(Arc::new(MemoryStorage::new()), Arc::default(), Some(u64::MAX))
}

/// Those of COS.
fn rules(longest: usize) -> Rules {
    Rules {
        kinds: &[Kind::Json, Kind::Multipart],
        file: Some(FileField { name: "filecontent", needs_file_name: false }),
        any_case: true,
        texts: &[],
        longest,
        repeated: RepeatedField::Refuse,
    }
}

struct Read {
    fields: Fields,
    outcome: Result<(), FormError>,
    file: Vec<u8>,
}

fn read_by(kind: &str, body: &[u8], step: usize) -> Read {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
    let (mut form, mut sink) = (Form::new(&headers, rules(1 << 20)), sink());
    for chunk in body.chunks(step) {
        form.feed(chunk, Some(&mut sink));
    }
    form.close(Some(&mut sink));
    let mut file = Vec::new();
    if let Some(mut received) = sink.finish().expect("memory") {
        file.resize(usize::try_from(received.length).expect("a length"), 0);
        received.spool.read(0, &mut file).expect("memory");
    }
    let outcome = form.outcome().map(drop);
    Read { fields: form.fields, outcome, file }
}

/// Reads a form in one piece and byte by byte.
fn read(boundary: &str, body: &str) -> Read {
    let kind = format!("multipart/form-data; boundary={boundary}");
    let whole = read_by(&kind, body.as_bytes(), usize::MAX);
    for step in [1, 2, 3, 7] {
        let pieces = read_by(&kind, body.as_bytes(), step);
        assert_eq!(pieces.outcome, whole.outcome, "by {step}");
        assert_eq!(pieces.file, whole.file, "by {step}");
        assert_eq!(pieces.fields.texts, whole.fields.texts, "by {step}");
    }
    whole
}

fn part(head: &str, value: &str) -> String {
    format!("--B\r\n{head}\r\n\r\n{value}\r\n")
}

fn plain(name: &str, value: &str) -> String {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), value)
}

fn whole(parts: &[String]) -> Read {
    let read = read("B", &(parts.concat() + "--B--\r\n"));
    assert_eq!(read.outcome, Ok(()));
    read
}

#[test]
fn op_first_in_the_middle_and_last() {
    let op = plain("op", "upload");
    let sha = plain("sha", "x");
    let file = plain("filecontent", "bytes");
    for order in [[&op, &sha, &file], [&sha, &op, &file], [&sha, &file, &op]] {
        let read = whole(&order.map(Clone::clone));
        assert_eq!(read.fields.text("op"), Some("upload"));
        assert_eq!(read.fields.text("sha"), Some("x"));
        assert_eq!(read.file, b"bytes");
    }
}

#[test]
fn a_filename_says_nothing() {
    for filename in ["op", "blob", "data", "C:\\dir\\f.bin", "/home/me/f \\\"1\\\".bin", "测试"] {
        let head = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"");
        let read = whole(&[part(&head("filecontent"), "bytes"), part(&head("op"), "upload")]);
        assert_eq!(read.fields.text("op"), Some("upload"), "{filename}");
        assert_eq!(read.file, b"bytes");
    }
}

#[test]
fn names_in_any_case_and_headers_too() {
    let read = whole(&[
        part("content-disposition: form-data; name=\"fileContent\"", "bytes"),
        part("CONTENT-DISPOSITION:form-data; name=\"fileSize\"", "5"),
        part("Content-Disposition: form-data; name=insertOnly", "0"),
    ]);
    assert_eq!(read.file, b"bytes");
    assert_eq!(read.fields.text("filesize"), Some("5"));
    assert_eq!(read.fields.text("insertonly"), Some("0"));
}

#[test]
fn every_content_type_of_a_part_in_the_wild() {
    for kind in [
        "application/octet-stream",
        "text/plain",
        "filecontent",
        "text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit",
    ] {
        let head = format!("Content-Disposition: form-data; name=\"op\"\r\nContent-Type: {kind}\r\nContent-Length: 6");
        assert_eq!(whole(&[part(&head, "upload")]).fields.text("op"), Some("upload"));
    }
}

#[test]
fn empty_values_and_a_preamble() {
    let body = format!("\r\n{}{}{}--B--\r\n", plain("biz_attr", ""), plain("op", "upload"), plain("filecontent", ""));
    let read = read("B", &body);
    assert_eq!(read.outcome, Ok(()));
    assert_eq!(read.fields.text("biz_attr"), None);
    assert_eq!(read.fields.text("op"), Some("upload"));
    assert!(read.fields.has_file() && read.file.is_empty());
}

#[test]
fn every_style_of_boundary() {
    for boundary in [
        "----------------------------adb78d5a54eb",
        "0123456789abcdef0123456789abcdef",
        "Ab-_cD3_-x",
        "----RubyFormBoundaryQx7",
        "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "\"quoted one\"",
    ] {
        let bare = boundary.trim_matches('"');
        let body = format!("--{bare}\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nstat\r\n--{bare}--\r\n");
        let read = read(boundary, &body);
        assert_eq!(read.outcome, Ok(()), "{boundary}");
        assert_eq!(read.fields.text("op"), Some("stat"));
    }
}

#[test]
fn the_vendors_body_of_154_bytes() {
    let boundary = "----------------------------2b804029035c";
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nupload_slice_list\r\n--{boundary}--\r\n"
    );
    assert_eq!(body.len(), 154);
    assert_eq!(read(boundary, &body).fields.text("op"), Some("upload_slice_list"));
}

#[test]
fn bytes_that_look_like_a_delimiter() {
    for tricky in ["\r\n--", "\r\n--C", "\r\n-", "\r", "--B", "\r\n\r\n--\r\n--A\r\n"] {
        let read = whole(&[plain("filecontent", tricky), plain("op", "upload")]);
        assert_eq!(read.file, tricky.as_bytes());
    }
}

#[test]
fn broken_bodies_are_refused_not_feared() {
    let good = plain("op", "upload");
    for body in [
        String::new(),
        "no delimiter at all".to_owned(),
        good.clone(),
        good.clone() + "--B",
        "--B\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nupl".to_owned(),
        part("X: y", "no name") + "--B--\r\n",
        good.clone() + &good + "--B--\r\n",
        plain("op", "upload").replace("upload", "\u{0}") + "junk",
    ] {
        let refused = read("B", &body).outcome.expect_err(&body);
        assert_eq!(Code::from(refused).number, -5999, "{body}");
    }
    let kind = "multipart/form-data; boundary=B";
    let not_text = [plain("op", "").as_bytes(), b""].concat();
    let at = not_text.len() - 2;
    let mut not_text = [&not_text[..at], b"\xff\xfe", &not_text[at..]].concat();
    not_text.extend_from_slice(b"--B--\r\n");
    assert!(read_by(kind, &not_text, 100).outcome.is_err());
}

#[test]
fn text_is_bounded_and_so_is_silence() {
    let kind = "multipart/form-data; boundary=B";
    let long = plain("uploadparts", &"x".repeat(1 << 21)) + "--B--\r\n";
    assert!(read_by(kind, long.as_bytes(), 5000).outcome.is_err());
    let fits = plain("uploadparts", &"x".repeat(1 << 20)) + "--B--\r\n";
    assert_eq!(read_by(kind, fits.as_bytes(), 5000).outcome, Ok(()));
    for endless in ["x".repeat(1 << 20), "--B\r\nA: ".to_owned() + &"x".repeat(1 << 20)] {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
        let mut form = Form::new(&headers, rules(1 << 20));
        form.feed(endless.as_bytes(), None);
        assert!(matches!(form.state, State::Over(Err(_))));
    }
    let many: String = (0..100).map(|n| plain(&format!("f{n}"), "")).collect();
    assert!(read_by(kind, (many + "--B--").as_bytes(), 100).outcome.is_err());
}

#[test]
fn json_bodies() {
    let read = read_by("application/json", br#"{"Op":"upload_slice_list","n":5}"#, 4);
    assert_eq!(read.outcome, Ok(()));
    assert!(read.fields.is_json());
    assert_eq!(read.fields.text("op"), Some("upload_slice_list"));
    assert_eq!(read.fields.text("n"), Some("5"));
    for broken in ["", "[]", "{", "\u{0}"] {
        let read = read_by("application/json; charset=utf-8", broken.as_bytes(), 4);
        assert!(read.outcome.is_err(), "{broken}");
    }
    let endless = " ".repeat(1 << 20);
    assert!(read_by("application/json", endless.as_bytes(), 999).outcome.is_err());
}

#[test]
fn other_content_types() {
    for kind in ["text/plain", "multipart/form-data", "multipart/mixed; boundary=B", "\u{7f}".trim()] {
        let Ok(value) = kind.parse() else { continue };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, value);
        let mut form = Form::new(&headers, rules(100));
        form.feed(b"--B\r\n", None);
        form.close(None);
        assert!(form.outcome().is_err(), "{kind}");
    }
}

/// A body that one vendor takes and another does not.
#[test]
fn the_table_of_a_vendor_decides() {
    let read = |change: fn(&mut Rules), kind: &str, body: &str| {
        let (mut headers, mut rules) = (HeaderMap::new(), rules(100));
        headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
        change(&mut rules);
        let mut form = Form::new(&headers, rules);
        form.feed(body.as_bytes(), None);
        form.close(None);
        form.outcome().map(|fields| (fields.text("a").map(str::to_owned), fields.has_file()))
    };
    let (text, encoded) = (|text: &str| Some(text.to_owned()), "application/x-www-form-urlencoded");
    assert_eq!(read(|_| {}, "", ""), Err(FormError::Missing));
    assert_eq!(read(|rules| rules.kinds = &[Kind::Empty], "", ""), Ok((None, false)));
    assert_eq!(read(|rules| rules.kinds = &[Kind::Empty], "", "x"), Err(FormError::Kind));
    assert_eq!(read(|_| {}, encoded, "a=1"), Err(FormError::Kind));
    assert_eq!(read(|rules| rules.kinds = &[Kind::Encoded], encoded, "b&a=%2B+1&A=2"), Err(FormError::Twice));
    let exact = |rules: &mut Rules| (rules.kinds, rules.any_case) = (&[Kind::Encoded], false);
    assert_eq!(read(exact, encoded, "b&a=%2B+1&A=2"), Ok((text("+ 1"), false)));
    assert_eq!(read(|_| {}, "application/json", r#"{"a":1}"#), Ok((text("1"), false)));
    assert_eq!(read(|rules| rules.texts = &["a"], "application/json", r#"{"a":1}"#), Err(FormError::MalformedJson));
    let (form, body) = ("multipart/form-data; boundary=B", plain("filecontent", "x") + "--B--\r\n");
    let named = |rules: &mut Rules| rules.file = Some(FileField { name: "filecontent", needs_file_name: true });
    assert_eq!((read(|_| {}, form, &body), read(named, form, &body)), (Ok((None, true)), Ok((None, false))));
}
