//! What went wrong between other clients and their vendors: first contacts, trust, waits, proxies, redirects.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use resumable_emulator::{Config, Fault, Listener, Rule, Tls};

use crate::kit::{Home, PART, Ran, Service, over_each_transport};

over_each_transport! {
    field_bug_63_a_server_that_is_not_trusted_is_told_at_once_with_what_to_change,
    field_bug_63_an_unknown_host_and_a_refused_connection_are_told_within_seconds,
    field_bug_64_the_environment_says_whom_to_trust,
    field_bug_72_a_compressed_answer_is_told_as_such,
    field_bug_94_a_redirect_is_told_at_once_without_its_secrets,
}

/// Variables that would change whom a test's command trusts, or by which way it goes.
const OURS: [&str; 8] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
];

/// Runs `put` with these variables and no other of [`OURS`].
fn put_with(home: &Home, file: &std::path::Path, variables: &[(&str, &std::ffi::OsStr)]) -> Ran {
    let mut command: Command = home.put_command(file, "/x", &[]);
    for variable in OURS {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    home.start(command).wait()
}

/// The home's emulator over TLS, too; the profile leads there. Gives the file of its authority.
fn over_tls(home: &Home) -> (Listener, std::path::PathBuf) {
    let tls = Tls::self_made(&["127.0.0.1"]).unwrap();
    let listener = Listener::bind_tls("127.0.0.1:0", Arc::new(home.emulator.clone()), &tls).unwrap();
    let ca = home.path("ca.pem");
    fs::write(&ca, tls.ca_pem().unwrap()).unwrap();
    lead_to_tls(home, listener.local_addr(), "");
    (listener, ca)
}

fn lead_to_tls(home: &Home, address: SocketAddr, lines: &str) {
    home.lead_to(address, lines);
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace("'http://", "'https://"));
}

fn field_bug_63_a_server_that_is_not_trusted_is_told_at_once_with_what_to_change(home: &Home) {
    let file = home.file("small", 5000, 1);
    let (listener, ca) = over_tls(home);
    let ran = put_with(home, &file, &[]).ends(5);
    let ran = ran.says(&["certificate is not trusted", "an authority that is not known here", "ca_file = "]);
    assert!(!ran.err.contains("retrying in"), "{ran:#?}");
    assert_eq!(home.emulator.totals().requests, 0);
    lead_to_tls(home, listener.local_addr(), &format!("ca_file = '{}'", ca.display()));
    put_with(home, &file, &[]).ends(0);
    assert!(home.holds("/x", &file));
}

fn field_bug_63_an_unknown_host_and_a_refused_connection_are_told_within_seconds(home: &mut Home) {
    let file = home.file("small", 5000, 2);
    let says = ["after 5 s without ever getting a connection", "Check endpoint", "Run the same command again"];
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace(&home.address().to_string(), "no-such-host.invalid"));
    put_with(home, &file, &[]).ends(5).says(&says).says(&["cannot find the host no-such-host.invalid"]);
    lead_to_tls(home, home.address(), "");
    put_with(home, &file, &[]).ends(5).says(&says).says(&["the server does not speak TLS on this port"]);
    home.write_config(&config);
    home.unplug();
    put_with(home, &file, &[]).ends(5).says(&says).says(&["cannot connect"]);
    home.plug_in();
    put_with(home, &file, &[]).ends(0);
    assert!(home.holds("/x", &file));
}

fn field_bug_64_the_environment_says_whom_to_trust(home: &Home) {
    let file = home.file("small", 5000, 3);
    let (_listener, ca) = over_tls(home);
    put_with(home, &file, &[("SSL_CERT_FILE", home.path("no-such.pem").as_os_str())]).ends(5).says(&["ca_file"]);
    put_with(home, &file, &[("SSL_CERT_FILE", ca.as_os_str())]).ends(0);
    assert!(home.holds("/x", &file));
    let folder = home.path("certificates");
    fs::create_dir(&folder).unwrap();
    // Named as OpenSSL names them.
    fs::copy(&ca, folder.join("0123abcd.0")).unwrap();
    let again = home.file("again", 5000, 4);
    home.put(&again, "/y", &[]).ends(5);
    put_with(home, &again, &[("SSL_CERT_DIR", folder.as_os_str())])
        .ends(6)
        .says(&["a different file already exists at that path"]);
}

/// The emulator is late by more than twice what the profile allows at first.
#[test]
fn field_bug_65_the_wait_for_an_answer_grows_until_a_slow_vendor_has_answered() {
    for transport in ["ureq", "reqwest"] {
        waits_longer_each_time(&Home::of(Service::Xfyun, Config::default()).over(transport));
    }
}

fn waits_longer_each_time(home: &Home) {
    let file = home.file("small", 5000, 5);
    home.configure("reply_timeout = '1s'");
    home.emulator.inject(Rule::once("upload", Fault::Delay { millis: 2_500 }).times(Rule::ALWAYS));
    let ran = home.put(&file, "x", &[]).ends(0).says(&["no complete reply within 1"]);
    assert_eq!(ran.result("retries"), "2", "1 s, 2 s, and then 4 s: {ran:#?}");
    assert!(home.holds_what(&ran, &file));
    home.configure("reply_timeout = '0s'");
    home.put(&file, "y", &[]).ends(2).says(&["reply_timeout must be at least 1s"]);
}

#[test]
fn field_bug_73_a_wait_beyond_patience_says_what_was_asked_for() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 6);
    home.emulator.inject(Rule::any(Fault::Throttle { retry_after_seconds: Some(7_200) }).times(Rule::ALWAYS));
    let ran = home.put(&file, "/x", &[]).ends(5);
    let ran = ran.says(&["no request for 2 h, longer than the patience of 1 h", "--patience with more than 2 h"]);
    assert!(!ran.err.contains("without progress"), "{ran:#?}");
    home.emulator.clear_faults();
    home.put(&file, "/x", &[]).ends(0);
}

#[test]
fn field_bug_75_patience_decides_about_a_page_that_is_not_the_vendors() {
    let services =
        [Service::CosV1, Service::CosV2, Service::Xfyun, Service::Oss, Service::S3, Service::CosXml, Service::P115];
    for (service, statuses) in services.map(|service| (service, [401, 403, 404, 407])) {
        let home = Home::of(service, Config::default());
        let path = if service == Service::Xfyun { "x" } else { "/x" };
        let path = if service == Service::Oss { "x" } else { path };
        let file = home.file("big.bin", 10 * PART, 7);
        // The wall in front of 115 answers pages, too: it is left alone for long.
        let wall = |status: u16| service == Service::P115 && [403, 404].contains(&status);
        for status in statuses.into_iter().filter(|status| !wall(*status)) {
            home.emulator.inject(Rule::any(Fault::Html { status }).times(Rule::ALWAYS));
            let ran = home.put(&file, path, &["--patience", "1s"]).ends(5);
            ran.says(&["after 1 s without progress", &format!("HTTP {status}"), "Run the same command again"]);
            home.emulator.clear_faults();
        }
        home.put(&file, path, &[]).ends(0);
    }
}

#[test]
fn field_bug_78_a_rate_of_nothing_is_refused_in_words() {
    let home = Home::new();
    let file = home.file("small", 5000, 8);
    for nothing in ["0", "0k"] {
        home.put(&file, "/x", &["--limit-rate", nothing]).ends(2).says(&["a rate of 0 would never send anything"]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
    home.put(&file, "/x", &["--limit-rate", "1M"]).ends(0);
}

/// A server that gives everybody this one answer; it ends with the test's process.
fn answers(head: &'static str, body: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            thread::spawn(move || client.and_then(|client| answer(client, head, body)));
        }
    });
    address
}

fn answer(mut client: TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !seen.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            count => seen.extend_from_slice(&buffer[..count]),
        }
    }
    write!(client, "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    client.write_all(body)?;
    // To the client's own end: a close with something unread would take the answer with it.
    std::io::copy(&mut client, &mut std::io::sink()).map(drop)
}

fn field_bug_94_a_redirect_is_told_at_once_without_its_secrets(home: &Home) {
    let elsewhere = "HTTP/1.1 307 Moved\r\nLocation: https://me:hunter2@portal.example/log-in?sign=s3cret";
    let file = home.file("small", 5000, 9);
    let portal = answers(elsewhere, b"<html>");
    home.lead_to(portal, "");
    let ran = put_with(home, &file, &[]).ends(5).says(&["HTTP 307", "https://portal.example/log-in", "endpoint"]);
    assert!(!ran.err.contains("retrying in") && !ran.err.contains("warning"), "{ran:#?}");
    for secret in ["hunter2", "s3cret"] {
        assert!(!ran.err.contains(secret), "{ran:#?}");
    }
    // What a proxy sees of a real vendor's address is what anybody on the way sees.
    home.configure(&format!("proxy = 'http://{portal}'"));
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&config.replace(&home.address().to_string(), "web.vendor.example"));
    let ran = put_with(home, &file, &[]).ends(5).says(&["warning:", "sends to web.vendor.example over plain http"]);
    assert_eq!(ran.err.matches("plain http").count(), 1, "{ran:#?}");
    home.configure("");
    put_with(home, &file, &[]).ends(0);
}

fn field_bug_72_a_compressed_answer_is_told_as_such(home: &Home) {
    let file = home.file("small", 5000, 10);
    home.lead_to(answers("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", b"\x1f\x8b\x08\x00..."), "");
    let ran = put_with(home, &file, &[]).ends(5).says(&["the answer is compressed (gzip)", "Something on the way"]);
    assert!(!ran.err.contains("retrying in"), "{ran:#?}");
    home.configure("");
    put_with(home, &file, &[]).ends(0);
}
