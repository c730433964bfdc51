//! Through a proxy.

mod scripted;

use resumable_transport_ureq::{Config, ConfigError, Proxy, UreqTransport};
use scripted::{accept, bytes, field, ok, serve, transport};

#[test]
fn a_proxy_gets_http_requests_in_absolute_form() {
    let (place, proxy) = serve(|listener| {
        let mut peer = accept(&listener);
        ["one", "two"].map(|reply| {
            let seen = peer.request();
            peer.say(ok(reply));
            seen
        })
    });
    let transport = transport(|config| config.proxy = Proxy::Url(format!("http://me:pass@{place}")));
    let url = "http://vendor.example:8080/a/b?sign=x";
    assert_eq!(bytes("POST", url, "hello").send(&transport).text(), "one");
    assert_eq!(bytes("PUT", url, "again").send(&transport).text(), "two");
    let [(head, body), (again, _)] = proxy.join().unwrap();
    assert!(head.starts_with("POST http://vendor.example:8080/a/b?sign=x HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "host"), Some("vendor.example:8080"));
    assert_eq!(field(&head, "proxy-authorization"), Some("Basic bWU6cGFzcw=="));
    assert_eq!(body, b"hello");
    assert!(again.starts_with("PUT http://vendor.example:8080/a/b?sign=x HTTP/1.1\r\n"), "{again}");
}

#[test]
fn a_refused_tunnel_is_not_sent() {
    let refusals =
        [("HTTP/1.1 403 No\r\n\r\n", "403"), ("HTTP/1.1 407 Login\r\n\r\n", "407"), ("what?\r\n\r\n", "CONNECT")];
    for (reply, expected) in refusals {
        let (place, proxy) = serve(move |listener| {
            let mut peer = accept(&listener);
            let connect = peer.head();
            peer.say(reply);
            (connect, peer.rest())
        });
        let transport = transport(|config| config.proxy = Proxy::Url(format!("http://me:s3cret@{place}")));
        let text = bytes("POST", "https://vendor.example/x", "hello").send(&transport).not_sent();
        assert!(text.contains("proxy") && text.contains(expected) && !text.contains("s3cret"), "{text}");
        let (connect, more) = proxy.join().unwrap();
        assert!(connect.starts_with("CONNECT vendor.example:443 "), "{connect}");
        assert!(more.is_empty());
    }
}

#[test]
fn a_proxy_that_is_down_is_not_sent() {
    let (place, server) = serve(drop);
    server.join().unwrap();
    let transport = transport(|config| config.proxy = Proxy::Url(format!("http://me:s3cret@{place}")));
    let text = bytes("POST", "http://vendor.example/x", "hello").send(&transport).not_sent();
    assert!(text.contains(&place) && !text.contains("s3cret"), "{text}");
}

#[test]
fn a_proxy_that_is_none_is_an_error_without_its_secrets() {
    let mut config = Config::default();
    config.proxy = Proxy::Url("socks5://me:s3cret@host".to_owned());
    assert!(!format!("{config:?}").contains("s3cret"));
    let error = UreqTransport::new(config).unwrap_err();
    assert!(matches!(error, ConfigError::Proxy { .. }));
    assert!(error.to_string().contains("socks5") && !error.to_string().contains("s3cret"), "{error}");
}
