//! Where this transport promises more than the list of hostile servers asks: its words, and what is left of a request
//! whose future was dropped.

mod subject;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{Either, join_all, select};
use resumable_core::SendError;
use resumable_hostile::client::{Client, MIB, MUCH, SHORT, at, post, put};
use resumable_hostile::server::{PATIENCE, gate, ok, refuse, serve};
use resumable_hostile::{Call, Identity, Memory};
use resumable_transport::asynchronous::{Outgoing, Transport};
use resumable_transport_reqwest::{Config, ConfigError, Proxy, ReqwestTransport};
use subject::Reqwest;
use tokio::runtime::{Builder, Runtime};

fn transport(change: impl FnOnce(&mut Config)) -> ReqwestTransport {
    let mut config = Config::default();
    config.proxy = Proxy::None;
    change(&mut config);
    ReqwestTransport::new(config).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

type Answer = Result<http::Response<bytes::Bytes>, SendError>;

async fn send(transport: &ReqwestTransport, call: Call) -> Answer {
    let (body, _) = Outgoing::new(call.request.body().clone(), Arc::clone(&call.source) as _, call.cancel.clone());
    transport.send(call.head(), body, &call.limits).await
}

/// Drops the future once `when` is true.
async fn drop_when(work: impl Future<Output = Answer>, mut when: impl FnMut() -> bool) {
    let due = async {
        while !when() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if let Either::Right((answer, _)) = select(pin!(due), pin!(work)).await {
        panic!("it should not end: {answer:?}");
    }
}

/// Waits until no task of the runtime is left: no connection, and nobody who waits for one.
async fn nothing_is_left(source: &Arc<Memory>) {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let since = Instant::now();
    while tasks() > 0 || Arc::strong_count(source) > 1 {
        assert!(since.elapsed() < PATIENCE / 2, "{} tasks, {} readers", tasks(), Arc::strong_count(source) - 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_future_that_is_dropped_leaves_nothing_even_if_the_server_takes_nothing() {
    for secure in [false, true] {
        let identity = Identity::of("localhost");
        let (tls, (done, gate)) = (identity.tls(), gate());
        let (place, server) = serve(move |mut listener| {
            let stream = listener.accept_tcp();
            if secure {
                let mut peer = tls(stream);
                peer.head();
                gate.wait();
            } else {
                gate.wait();
                drop(stream);
            }
        });
        let transport = transport(|config| config.ca_file = Some(identity.ca_file.path().to_owned()));
        let source = Memory::of_len(MUCH);
        let url = if secure { at(&place).replace("http://127.0.0.1", "https://localhost") } else { at(&place) };
        runtime().block_on(async {
            let call = put(&url, &source);
            let mut seen = (0, Instant::now());
            // The sender is blocked once nothing more is read.
            drop_when(send(&transport, call), || {
                if seen.0 != source.read() {
                    seen = (source.read(), Instant::now());
                }
                seen.0 > 0 && seen.1.elapsed() > Duration::from_millis(300)
            })
            .await;
            assert!(source.read() < MUCH);
            nothing_is_left(&source).await;
        });
        drop(done);
        server.join();
    }
}

#[test]
fn a_future_that_is_dropped_ends_its_connection_and_harms_no_other_request() {
    let partial = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
    for (size, begun) in [(MUCH, ""), (5, ""), (5, partial), (0, ""), (0, partial)] {
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.head();
            peer.body(size.min(MIB));
            peer.say(begun);
            gate.wait();
            peer.rest();
            let mut peer = listener.caller();
            let next = peer.request();
            peer.say(ok("next"));
            (next.body, listener)
        });
        let transport = transport(|_| ());
        let source = Memory::of_len(size);
        runtime().block_on(async {
            let since = Instant::now();
            let call = put(&at(&place), &source);
            drop_when(send(&transport, call), || source.read() >= size.min(MIB) && since.elapsed() > SHORT).await;
            assert!(size < MUCH || source.read() < MUCH);
            drop(done);
            let answer = send(&transport, post(&at(&place), "next")).await.unwrap();
            assert_eq!(answer.body(), "next");
            // The connection that is kept ends with the transport.
            drop(transport);
            nothing_is_left(&source).await;
        });
        let (next, mut listener) = server.join();
        assert_eq!(next, b"next");
        listener.nothing_more();
    }
}

#[test]
fn a_future_that_is_dropped_before_it_is_connected_sends_nothing() {
    // It accepts, and never says a word of TLS.
    let (place, server) = serve(|mut listener| (listener.accept().rest(), listener));
    let transport = transport(|_| ());
    let source = Memory::of_len(5);
    runtime().block_on(async {
        let since = Instant::now();
        let call = put(&at(&place).replace("http:", "https:"), &source);
        drop_when(send(&transport, call), || since.elapsed() > SHORT).await;
        drop(transport);
        nothing_is_left(&source).await;
    });
    assert_eq!(source.read(), 0);
    server.join().1.nothing_more();
}

#[test]
fn no_more_connections_are_kept_than_told() {
    let (place, server) = serve(|mut listener| {
        let mut peers: Vec<_> = (0..3).map(|_| listener.accept()).collect();
        peers.iter_mut().for_each(|peer| drop(peer.request()));
        peers.iter_mut().for_each(|peer| peer.say(ok("")));
        peers.into_iter().map(|mut peer| peer.rest().len()).sum::<usize>()
    });
    let transport = transport(|config| config.max_idle = 0);
    runtime().block_on(async {
        let calls = (0..3).map(|_| send(&transport, post(&at(&place), "hello")));
        assert!(join_all(calls).await.iter().all(Result::is_ok));
        // All end while the transport lives.
        nothing_is_left(&Memory::of_len(0)).await;
    });
    drop(transport);
    assert_eq!(server.join(), 0);
}

#[test]
fn a_path_that_would_be_rewritten_is_refused_in_words() {
    for target in ["/a/../b?sign=s3cret", "/%2E/x", "/x?sign=s3cret&q='a'"] {
        let text = Client::open(&Reqwest).send(post(&format!("http://127.0.0.1:9{target}"), "hello")).impossible();
        assert!(text.contains("would rewrite the path") && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_failed_connection_is_named_with_its_request_and_its_place() {
    let (place, _held) = refuse();
    let text = Client::open(&Reqwest).send(post(&at(&place), "hello")).not_sent();
    assert!(text.contains(&format!("POST http://{place}/x: cannot connect to {place}: ")), "{text}");
    let through = Client::with(&Reqwest, |setup| setup.proxy = Some(format!("http://{place}")));
    for url in ["http://vendor.example/x", "https://vendor.example/x"] {
        let text = through.send(post(url, "hello")).not_sent();
        assert!(text.contains(&format!("POST {url}: cannot connect to {place}: ")), "{text}");
    }
}

#[test]
fn a_name_that_is_not_found_is_told_as_such() {
    let text = Client::open(&Reqwest).send(post("http://no-such-host.invalid/x", "hello")).not_sent();
    assert!(text.contains("cannot find the host no-such-host.invalid: "), "{text}");
}

#[test]
fn a_server_that_is_not_trusted_is_told_as_such() {
    let tls = Identity::of("127.0.0.1").tls();
    let (place, server) = serve(move |mut listener| tls(listener.accept_tcp()).rest());
    let text = Client::open(&Reqwest).send(post(&format!("https://{place}/x"), "hello")).untrusted();
    assert!(text.contains("certificate is not trusted: it is signed by an authority that is not known here"), "{text}");
    assert!(server.join().is_empty());
}

#[test]
fn a_handshake_that_takes_too_long_is_told_with_its_time() {
    let (place, server) = serve(|mut listener| listener.accept().rest());
    let client = Client::with(&Reqwest, |setup| setup.connect_timeout = Duration::from_millis(300));
    let text = client.send(post(&format!("https://{place}/x"), "hello")).not_sent();
    assert!(text.contains(&format!("no connection to {place} within 0.3 s")), "{text}");
    server.join();
}

#[test]
fn a_connection_that_fails_is_told_from_a_reply_that_is_cut() {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.body(MIB);
    });
    let text = Client::open(&Reqwest).send(put(&at(&place), &Memory::of_len(MUCH))).unsure();
    assert!(text.contains("while the request was sent"), "{text}");
    server.join();
    for begun in ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
        let text = after(begun, |_| ()).unsure();
        assert!(text.contains("closed before the reply was complete"), "{text}");
    }
}

#[test]
fn a_reply_that_is_none_is_told_as_such() {
    let text = after("SSH-2.0-OpenSSH\r\n\r\n", |_| ()).unsure();
    assert!(text.contains("the reply is not valid HTTP: "), "{text}");
    let text = after("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456", |call| call.limits.reply_bytes = 5).unsure();
    assert!(text.contains("longer than 5 bytes"), "{text}");
}

/// What becomes of a small request that is answered like this, and the connection closed.
fn after(reply: &'static str, change: impl FnOnce(&mut Call)) -> resumable_hostile::client::Sent {
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.request();
        peer.say(reply);
    });
    let mut call = post(&at(&place), "hello");
    change(&mut call);
    let sent = Client::open(&Reqwest).send(call);
    server.join();
    sent
}

#[test]
fn time_limits_are_told_with_their_time() {
    let stalled = "stalled: no data for 0.5 s";
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
    for (begun, expected) in [("", "no complete reply within 0.5 s"), (begun, stalled)] {
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.request();
            peer.say(begun);
            gate.wait();
        });
        let mut call = post(&at(&place), "hello");
        let client = Client::with(&Reqwest, |setup| {
            if begun.is_empty() { call.limits.reply_within = SHORT } else { setup.stall_timeout = SHORT }
        });
        let text = client.send(call).unsure();
        assert!(text.contains(expected), "{text}");
        drop(done);
        server.join();
    }
}

#[test]
fn a_proxys_refusal_is_told_as_such() {
    let refusals = [
        ("HTTP/1.1 403 No\r\n\r\n", "opened no tunnel to the server"),
        ("HTTP/1.1 407 Login\r\n\r\n", "wants a user name and password"),
        ("what?\r\n\r\n", "opened no tunnel to the server"),
    ];
    for (reply, expected) in refusals {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.any_head();
            peer.say(reply);
            peer.rest();
        });
        let client = Client::with(&Reqwest, |setup| setup.proxy = Some(format!("http://{place}")));
        let text = client.send(post("https://vendor.example/x", "hello")).not_sent();
        assert!(text.contains("the proxy") && text.contains(expected), "{text}");
        proxy.join();
    }
}

#[test]
fn an_early_success_is_the_answer_even_if_the_rest_is_not_taken() {
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.say(ok("fine"));
        gate.wait();
    });
    let client = Client::with(&Reqwest, |setup| setup.stall_timeout = SHORT);
    client.send(put(&at(&place), &Memory::of_len(MUCH))).answers(200, "fine");
    drop(done);
    server.join();
}

#[test]
fn a_proxy_that_is_none_is_an_error_without_its_secrets() {
    let mut config = Config::default();
    config.proxy = Proxy::Url("socks4://me:s3cret@host".to_owned());
    let error = ReqwestTransport::new(config).unwrap_err();
    assert!(matches!(error, ConfigError::Proxy { .. }));
    assert!(error.to_string().contains("socks5") && !error.to_string().contains("s3cret"), "{error}");
    let usable = transport(|config| config.proxy = Proxy::Url("http://me:s3cret@host".to_owned()));
    assert!(!format!("{usable:?}").contains("s3cret"));
}
