//! Any request, whatever it asks for.

use crate::client::*;

#[test]
fn a_body_over_the_limit_is_settled_before_it_ends() {
    let emulator = with(|config| config.cos_v2.limits.body = 2000);
    let head = || post(URL, &multi(), Vec::new()).into_parts().0;
    let mut exchange = emulator.begin(NOW, head());
    exchange.feed(&[b'x'; 2000]);
    assert!(!exchange.is_decided());
    exchange.feed(b"x");
    assert!(exchange.is_decided());
    assert_eq!(exchange.end(NOW).response.status(), 413);
    let mut announced = head();
    announced.headers.insert("content-length", http::HeaderValue::from(2001));
    assert!(emulator.begin(NOW, announced).is_decided());
}

#[test]
fn operations_nobody_knows() {
    let emulator = emulator();
    call(&emulator, &[Text("op", "upload_slice")]).is(400, -5999);
    call(&emulator, &[Text("op", "")]).is(400, -5999);
    call(&emulator, &[]).is(400, -5999);
    let other = "/files/v3/10055004/accesslog/x";
    assert_eq!(upload(&emulator, other, b"x").status, 404);
    let put = |mut request: http::Request<bytes::Bytes>| {
        *request.method_mut() = http::Method::PUT;
        Answer::of(emulator.handle(NOW, request))
    };
    put(post(URL, &multi(), form(&[Text("op", "upload"), File(b"x")]))).is(400, -5999);
}

#[test]
fn a_request_that_is_cut_leaves_nothing_but_its_count() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(64), 64).session();
    let body =
        form(&[Text("op", "upload_slice_data"), Text("session", &session), Text("offset", "0"), File(&bytes(64))]);
    let (head, ()) = post(URL, &multi(), Vec::new()).map(|_| ()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    let cut = body.len() - 60;
    exchange.feed(&body[..cut]);
    drop(exchange);
    let totals = emulator.totals();
    assert_eq!((totals.requests, totals.cut), (1, 1));
    assert_eq!(totals.file_bytes, 0);
    assert_eq!(totals.received_file_bytes, 64 - 12);
    assert_eq!(list(&emulator).data()["listparts"], serde_json::json!([]));
}

#[test]
fn the_log_keeps_the_last_exchanges() {
    let emulator = with(|config| config.log_entries = 2);
    upload(&emulator, URL, b"abc").is(200, 0);
    let session = init_sha(&emulator, "/files/v2/10055004/accesslog/z", &bytes(64), 64, 64).session();
    data(&emulator, &session, 0, b"x").is(404, -197);
    let log = emulator.log();
    assert_eq!(log.len(), 2);
    let last = &log[1];
    assert_eq!((last.op.as_str(), last.status, last.code.clone()), ("upload_slice_data", 404, Some((-197).into())));
    assert_eq!((last.offset, last.body_bytes, last.received_bytes), (Some(0), 0, 1));
    assert_eq!(last.path, URL);
    assert_eq!(emulator.totals().requests, 3);
}
