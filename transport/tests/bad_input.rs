//! Configurations that no transport can be made of.
#![cfg(feature = "net")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use resumable_transport::net::{Config, ConfigError, Proxy, Routes, client_config};

const CANARY: &str = "hunter2canary";

fn refused<T>(argument: &str, given: &str, made: Result<T, ConfigError>) {
    let Err(error) = made else { panic!("{given:?} was taken as {argument}") };
    let said = error.to_string();
    assert!(said.contains(argument), "{given:?}: {argument} is not named: {said}");
    assert!(!format!("{said} {error:?} {:?}", error.source()).contains(CANARY), "{given:?} is repeated: {said}");
}

#[test]
fn times_that_nothing_could_be_waited_for_are_refused() {
    for time in [Duration::ZERO, Duration::from_secs(24 * 60 * 60 + 1), Duration::MAX] {
        refused("connect_timeout", "a time", client_config(&Config::default().connect_timeout(time)));
        refused("stall_timeout", "a time", client_config(&Config::default().stall_timeout(time)));
    }
    for time in [Duration::from_nanos(1), Duration::from_secs(24 * 60 * 60)] {
        assert!(client_config(&Config::default().connect_timeout(time).stall_timeout(time)).is_ok());
    }
    for max_idle in [0, usize::MAX] {
        assert!(client_config(&Config::default().max_idle(max_idle)).is_ok());
    }
}

#[test]
fn a_ca_file_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, noise) = (folder.path().join("empty.pem"), folder.path().join("noise.pem"));
    fs::write(&empty, "").unwrap();
    fs::write(&noise, [0, 255, 10, 13]).unwrap();
    let missing = folder.path().join("missing.pem");
    for path in [folder.path().to_owned(), empty, noise, missing, PathBuf::new(), PathBuf::from("a\0b")] {
        let config = Config::default().system_certificates(false).ca_file(path.clone());
        refused("CA file", &format!("{path:?}"), client_config(&config));
    }
}

#[test]
fn a_proxy_that_is_none_is_refused_and_its_login_not_repeated() {
    for given in [
        "",
        " ",
        "\n",
        "http://",
        "http:///",
        "//p",
        "https://p",
        "socks4://hunter2canary@p",
        "http://user:hunter2canary@",
        "http://user:hunter2canary@p:0",
        "http://user:hunter2canary@p:65536",
        "http://user:hunter2canary@p:port",
        "http://p:",
        "http://p/path",
        "http://hunter2canary@p/?query",
        "http://p p",
        "http://user:hunter2canary@p\nx",
        "http://user:hunter2canary@p\0",
        "http://[::1",
    ] {
        refused("proxy", given, Routes::new(&Proxy::Url(given.to_owned())));
    }
    for given in ["p", "p:3128", "http://p", "http://p:3128/", "http://[::1]:3128", "http://me:word@[::1]"] {
        assert!(Routes::new(&Proxy::Url(given.to_owned())).is_ok(), "{given}");
    }
}

#[test]
fn a_login_is_not_shown() {
    let proxy = Proxy::Url(format!("http://user:{CANARY}@p:3128"));
    let config = Config::default().proxy(proxy.clone());
    assert!(!format!("{proxy:?} {config:?} {:?}", Routes::new(&proxy).unwrap()).contains(CANARY));
}
