//! Odd requests: each is answered with a refusal or dropped, and the next good one finds the server as it was.

use std::iter;

use http::Request;

use crate::client::*;

/// Signed like any other, whatever else is odd about them.
fn signed() -> Vec<(&'static str, Ask, u16)> {
    let long = "x".repeat(30_000);
    let id = |ask: Ask| ask.query("uploadId", "u");
    let nested = format!("<CompleteMultipartUpload>{}", "<a>".repeat(100_000));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"xx\">]><CompleteMultipartUpload><Part><PartNumber>1</PartNumber>\
                <ETag>&b;</ETag></Part></CompleteMultipartUpload>";
    let many = list_xml(&iter::repeat_n((1, "x"), 40_000).collect::<Vec<_>>());
    vec![
        ("a long upload id", ask("GET", "a").query("uploadId", &long), 404),
        ("a long prefix", ask("GET", "").query("prefix", &long).query("delimiter", &long), 200),
        ("a delimiter in the middle of a character", ask("GET", "").query("delimiter", "\u{fffd}"), 200),
        ("a range beyond all numbers", ask("GET", "good").header("range", "bytes=0-18446744073709551615"), 200),
        ("a range that ends before it begins", ask("GET", "good").header("range", "bytes=18446744073709551615-0"), 200),
        ("metadata without an end", ask("PUT", "a").header("x-cos-meta-a", &long), 400),
        ("two lengths of digests", ask("PUT", "a").header("content-md5", &long), 400),
        ("a part number beyond all numbers", id(ask("PUT", "a").query("partNumber", "4294967297")), 400),
        ("elements without an end", id(ask("POST", "a")).body(nested.as_bytes()), 400),
        ("entities of its own", id(ask("POST", "a")).body(bomb.as_bytes()), 400),
        ("a list of parts that are all the same", id(ask("POST", "a")).body(&many), 404),
        ("more text than is read", id(ask("POST", "a")).body(&vec![b' '; 5 << 20]), 400),
        ("a body where none belongs", ask("GET", "good").body(&vec![b'x'; 1 << 20]), 200),
        ("a key of dots", ask("PUT", "../../../etc/passwd"), 200),
        ("a key of slashes", ask("PUT", "a//////"), 200),
        ("a key that ends the string to sign", ask("PUT", "a\n\nhost=x\n"), 200),
    ]
}

#[test]
fn odd_requests_that_are_signed() {
    let emulator = emulator();
    put(&emulator, "good", b"x").succeeds();
    for (what, ask, status) in signed() {
        assert_eq!(ask.send(&emulator).status, status, "{what}");
        assert_eq!(head(&emulator, "good").succeeds().etag(), tag(b"x"), "{what}");
    }
    assert_eq!(emulator.cos_xml().read_object(BUCKET, "../../../etc/passwd").expect("readable"), Some(Vec::new()));
}

#[test]
fn odd_signatures() {
    let emulator = emulator();
    let times =
        ["0;0", ";", "18446744073709551615;18446744073709551615", "18446744073709551616;1", "-1;9", "9;1", "1;2;3"];
    let names = "a;".repeat(20_000);
    let lists = ["", ";", ";;;", names.as_str(), "host;host;host", "%zz", "\u{7f}"];
    for time in times {
        for list in lists {
            let authorization = format!(
                "q-sign-algorithm=sha1&q-ak=AKIDemulator&q-sign-time={time}&q-key-time={time}&q-header-list={list}\
                 &q-url-param-list={list}&q-signature=00"
            );
            for in_query in [false, true] {
                let query = if in_query {
                    format!("?{}", authorization.replace(['%', '\u{7f}'], "%25"))
                } else {
                    String::new()
                };
                let mut request = Request::put(format!("/a{query}")).header("host", HOST).header("content-length", 1);
                if !in_query {
                    let value = http::HeaderValue::from_bytes(authorization.as_bytes());
                    let Ok(value) = value else { continue };
                    request = request.header("authorization", value);
                }
                let Ok(request) = request.body(bytes::Bytes::from_static(b"x")) else { continue };
                let status = emulator.handle(NOW, request).response.status().as_u16();
                assert!(status == 400 || status == 403, "{status}: {time} {list:.20}");
            }
        }
    }
    assert_eq!(stored(&emulator, "a"), None);
}

#[test]
fn odd_heads() {
    let emulator = emulator();
    let good = ask("PUT", "a").body(b"x");
    let mut cases: Vec<(&str, Request<bytes::Bytes>)> = Vec::new();
    for uri in ["*", "/%", "/%zz", "/%00", "/a?%zz=%", "/?&&&=&", "/a?uploads&uploads&uploads", "//", "/."] {
        let mut request = good.request();
        *request.uri_mut() = uri.parse().expect("a URI");
        cases.push((uri, request));
    }
    for (name, value) in
        [("host", &b"\xff"[..]), ("host", b""), ("host", b":"), ("content-length", b"-1"), ("x-cos-acl", b"\xff")]
    {
        let mut request = good.request();
        request.headers_mut().insert(name, http::HeaderValue::from_bytes(value).expect("a value"));
        cases.push((name, request));
    }
    let mut twice = good.request();
    twice.headers_mut().append("host", "other.example".parse().expect("a value"));
    cases.push(("two hosts", twice));
    for (what, request) in cases {
        let status = emulator.handle(NOW, request).response.status();
        assert!(status.is_client_error(), "{what}: {status}");
    }
    good.send(&emulator).succeeds();
}

#[cfg(feature = "listener")]
#[test]
fn odd_bytes_on_a_socket() {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::Arc;

    let emulator = Arc::new(emulator());
    let listener = resumable_emulator::Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let head = |rest: &str| format!("PUT /{BUCKET}/a HTTP/1.1\r\nx-cos-meta-a: 1\r\n{rest}");
    for sent in [
        "\r\n\r\n".to_owned(),
        "q-sign-algorithm=sha1\r\n\r\n".to_owned(),
        head("\r\n"),
        head("host: a\r\nhost: b\r\n\r\n"),
        head("content-length: 99999999999999999999999\r\n\r\n"),
        head("content-length: 5\r\ncontent-length: 6\r\n\r\n"),
        head("content-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        head("transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
        head(&format!("x-cos-meta-b: {}\r\n\r\n", "x".repeat(300_000))),
        head(&"x-cos-meta-c: 1\r\n".repeat(5000)),
        head("authorization: q-sign-algorithm=\0\r\n\r\n"),
        format!("OPTIONS * HTTP/1.1\r\nhost: {HOST}\r\n\r\n"),
        format!("CONNECT {HOST}:80 HTTP/1.1\r\nhost: {HOST}\r\n\r\n"),
        format!("GET http://{HOST}/a HTTP/1.0\r\n\r\n"),
    ] {
        let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
        // The server may have gone away in the middle.
        let _ = stream.write_all(sent.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let is_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(is_refused, "{sent:.80}: {answer}");
    }
    put(&emulator, "a", b"x").succeeds();
}
