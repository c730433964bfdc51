//! What goes over the wire when all is well.

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderValue, Method, Version};
use resumable_core::{Body, Segment};

use crate::client::Verdict::{Answer, Impossible};
use crate::client::{Client, KIB, MIB, at, call, of_body, post, put};
use crate::server::{Request, Script, gate, ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

fn serve_one(reply: impl Into<String>) -> (String, Script<Request>) {
    let reply = reply.into();
    serve(move |mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        peer.say(reply);
        listener.nothing_more();
        seen
    })
}

pub(crate) fn an_upload_goes_out_byte_for_byte(subject: &dyn Subject) {
    let (place, server) = serve_one("HTTP/1.1 201 Created\r\nETag: \"x\"\r\nContent-Length: 4\r\n\r\ndone");
    let mut body = Body::empty();
    body.push(Segment::Bytes(Bytes::from_static(b"before|")));
    body.push(Segment::Source(100..900));
    body.push(Segment::Bytes(Bytes::from_static(b"|after")));
    let source = Memory::of_len(1000);
    let mut call = of_body(Method::PUT, &format!("http://{place}/a%20b/c?sign=x%2F&n=1"), body, source.clone());
    call.request.headers_mut().insert("authorization", HeaderValue::from_static("secret"));
    let sent = Client::open(subject).send(call);
    sent.answers(201, "done");
    assert_eq!(sent.headers()["etag"], "\"x\"");
    assert_eq!(source.read(), 800);
    let Request { head, body } = server.join();
    assert_eq!(head.line, "PUT /a%20b/c?sign=x%2F&n=1 HTTP/1.1");
    // The order is the client stack's own affair, and so is what it calls itself, and that it accepts whatever comes.
    let its_own = |name: &str| ["user-agent", "accept"].contains(&name);
    let mut fields: Vec<_> = head.fields.iter().filter(|(name, _)| !its_own(name)).collect();
    fields.sort();
    let expected =
        [("accept-encoding", "identity"), ("authorization", "secret"), ("content-length", "813"), ("host", &place)];
    assert_eq!(
        fields,
        expected
            .map(|(name, value)| (name.to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            .iter()
            .collect::<Vec<_>>()
    );
    assert!(head.all("user-agent").len() <= 1);
    assert_eq!(body, [b"before|".as_slice(), &Memory::bytes(100..900), b"|after"].concat());
}

pub(crate) fn a_length_is_always_sent_even_if_it_is_zero(subject: &dyn Subject) {
    for method in ["POST", "PUT", "GET", "DELETE", "HEAD"] {
        let (place, server) = serve_one("HTTP/1.1 204 No Content\r\n\r\n");
        Client::open(subject).send(call(method.parse().unwrap(), &at(&place), "")).answers(204, "");
        let head = server.join().head;
        assert!(head.line.starts_with(method) && head.length() == 0, "{head:?}");
    }
}

pub(crate) fn bodies_of_any_size_arrive_whole(subject: &dyn Subject) {
    let around = |size| [size - 1, size, size + 1];
    for size in [0, 1, 5 * MIB + 3].into_iter().chain(around(16 * KIB)).chain(around(128 * KIB)) {
        let source = Memory::of_len(size);
        let (place, server) = serve_one(ok("all"));
        Client::open(subject).send(put(&at(&place), &source)).answers(200, "all");
        let seen = server.join();
        assert_eq!(seen.head.length(), size);
        assert!(seen.body == Memory::bytes(0..size), "{size}");
        assert_eq!(source.read(), size, "it is read once");
    }
}

/// A signature covers the address: nobody may write it in another way.
pub(crate) fn the_path_and_the_query_go_out_byte_for_byte(subject: &dyn Subject) {
    let targets = [
        "/",
        "//a//b//",
        "/a%2Fb%2fc",
        "/~()+!*'a",
        "/%7e%7E%28",
        "/a.b/.c/d../...",
        "/a;b=c,d:e@f$&",
        "/x?a=/?:@&b=%2B+%20&c=~()!*&d=../.",
        "/x?&&=&",
        "/x?",
    ];
    for target in targets {
        let (place, server) = serve_one(ok(""));
        Client::open(subject).send(post(&format!("http://{place}{target}"), "hello")).answers(200, "");
        assert_eq!(server.join().head.line, format!("POST {target} HTTP/1.1"));
    }
}

/// What browsers write in another way, and so the URL types of many clients do. A client that cannot help it sends
/// nothing, rather than what nobody signed.
pub(crate) fn dots_and_quotes_go_out_byte_for_byte_or_not_at_all(subject: &dyn Subject) {
    for target in ["/a/./b/../c/..", "/..", "/%2e%2e/%2E/x", "/x?q='a'"] {
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.caller_before(&gate)?;
            let seen = peer.request();
            peer.say(ok(""));
            Some(seen.head.line)
        });
        let sent = Client::open(subject).send(post(&format!("http://{place}{target}"), "hello"));
        drop(done);
        let line = (sent.must_be(&[Answer(200), Impossible]) == Answer(200)).then(|| format!("POST {target} HTTP/1.1"));
        assert_eq!(server.join(), line);
    }
}

pub(crate) fn fields_go_out_byte_for_byte(subject: &dyn Subject) {
    let values: [&[u8]; 5] = [b"plain", "grün 上传".as_bytes(), b"\xff\xfe\x80 not UTF-8", b"a,b;c=\"d\"  e", b""];
    let (place, server) = serve_one(ok(""));
    let mut call = post(&at(&place), "hello");
    for value in values {
        call.request.headers_mut().append("x-amz-meta", HeaderValue::from_bytes(value).unwrap());
    }
    Client::open(subject).send(call).answers(200, "");
    assert_eq!(server.join().head.all("x-amz-meta"), values);
}

/// Some vendors sign the host, and some ask who is there.
pub(crate) fn a_host_and_a_user_agent_that_are_given_are_kept(subject: &dyn Subject) {
    let (place, server) = serve_one(ok(""));
    let mut call = post(&at(&place), "hello");
    call.request.headers_mut().insert(HOST, HeaderValue::from_static("upload.vendor.example"));
    call.request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("mine/1"));
    Client::open(subject).send(call).answers(200, "");
    let head = server.join().head;
    assert_eq!((head.text("host"), head.text("user-agent")), (Some("upload.vendor.example"), Some("mine/1")));
}

/// A compressed answer has another tag than the vendor gave, and nothing here could read it.
pub(crate) fn field_bug_72_only_a_plain_answer_is_accepted(subject: &dyn Subject) {
    for given in [None, Some("gzip, deflate")] {
        let (place, server) = serve_one(ok(""));
        let mut call = post(&at(&place), "hello");
        if let Some(given) = given {
            call.request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(given));
        }
        Client::open(subject).send(call).answers(200, "");
        assert_eq!(server.join().head.all("accept-encoding"), [&b"identity"[..]]);
    }
}

pub(crate) fn framing_is_the_transports_own_affair(subject: &dyn Subject) {
    let (place, server) = serve_one(ok(""));
    let mut call = post(&at(&place), "hello");
    let headers = call.request.headers_mut();
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
    headers.insert(EXPECT, HeaderValue::from_static("100-continue"));
    *call.request.version_mut() = Version::HTTP_2;
    Client::open(subject).send(call).answers(200, "");
    let Request { head, body } = server.join();
    assert_eq!((head.line.as_str(), head.length()), ("POST /x?sign=s3cret HTTP/1.1", 5));
    assert_eq!(body, b"hello");
}
