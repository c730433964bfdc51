//! What carries the requests: which, by which proxy, and from one to the other.

use std::fs;

use crate::kit::{Home, PART, over_each_transport};
use crate::liar::Liar;

over_each_transport! {
    a_proxy_of_the_profile_is_used,
    a_proxy_of_the_environment_is_used_unless_the_profile_says_none,
    a_ca_file_or_a_proxy_that_is_of_no_use_is_2,
}

fn a_proxy_of_the_profile_is_used(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let proxy = Liar::watches(home, "");
    home.configure(&format!("proxy = 'http://{}'", proxy.address()));
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
    let seen = proxy.seen();
    let to = |method| format!("{method} http://{}/files/", home.address());
    assert!(seen[0].text.starts_with(&to("GET")), "the question what is there: {seen:?}");
    assert!(seen.len() == 13 && seen[1..].iter().all(|request| request.text.starts_with(&to("POST"))), "{seen:?}");
}

/// This machine itself is never reached through a proxy of the environment, so the name is one that nobody has.
fn a_proxy_of_the_environment_is_used_unless_the_profile_says_none(home: &Home) {
    let file = home.file("small", 5000, 2);
    let proxy = Liar::watches(home, "");
    let elsewhere = |lines: &str| {
        home.configure(lines);
        let config = fs::read_to_string(home.config()).unwrap();
        home.write_config(&config.replace(&home.address().to_string(), "no-such-host.invalid"));
        let mut command = home.put_command(&file, "/x", &["--patience", "0s", "--force"]);
        for variable in ["NO_PROXY", "no_proxy", "HTTP_PROXY"] {
            command.env_remove(variable);
        }
        command.env("http_proxy", format!("http://{}", proxy.address()));
        home.start(command).wait()
    };
    elsewhere("").ends(0);
    assert!(home.holds("/x", &file) && proxy.seen().len() == 1);
    elsewhere("proxy = 'none'").ends(5).says(&["cannot find the host no-such-host.invalid"]);
    assert_eq!(proxy.seen().len(), 1);
}

fn a_ca_file_or_a_proxy_that_is_of_no_use_is_2(home: &Home) {
    let file = home.file("small", 5000, 3);
    let (missing, empty) = (home.path("no-such.pem"), home.file("empty.pem", 0, 0));
    for (line, says) in [
        (format!("ca_file = '{}'", missing.display()), "no-such.pem"),
        (format!("ca_file = '{}'", empty.display()), "empty.pem"),
        ("proxy = 'socks4://h'".to_owned(), "socks4 proxies are not supported"),
    ] {
        home.configure(&line);
        home.put(&file, "/x", &[]).ends(2).says(&[says]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

/// They differ in one header that means nothing: one accepts anything, the other says nothing of it.
#[test]
fn the_transport_is_the_command_lines_or_the_profiles_or_ureq() {
    let home = Home::new();
    let accepts = |lines: &str, options: &[&str]| {
        let watch = Liar::watches(&home, lines);
        home.put(&home.file("small", 5000, 3), "/x", options).ends(0);
        watch.seen()[0].text.to_ascii_lowercase().contains("\naccept: */*\r\n")
    };
    assert!(!accepts("", &[]));
    assert!(accepts("", &["--transport", "reqwest"]));
    assert!(accepts("transport = 'reqwest'", &[]));
    assert!(!accepts("transport = 'reqwest'", &["--transport", "ureq"]));
}

#[test]
fn an_upload_begun_over_one_transport_goes_on_over_the_other_and_is_aborted_over_either() {
    for (first, second) in [("ureq", "reqwest"), ("reqwest", "ureq")] {
        let home = Home::new().over(first);
        let file = home.file("big.bin", 12 * PART, 4);
        home.break_off(&file, "/x");
        let stored = home.emulator.totals().file_bytes;
        let ran = home.put(&file, "/x", &["--transport", second]).ends(0).says(&["resuming "]);
        assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
        assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
        let other = home.file("other.bin", 12 * PART, 5);
        home.break_off(&other, "/y");
        home.run(&["abort", &home.key(), "--transport", second]).ends(0);
        assert!(home.checkpoints().is_empty());
    }
}

#[test]
fn an_abort_over_a_dead_line_keeps_the_upload() {
    let mut home = Home::new().over("reqwest");
    let file = home.file("big.bin", 12 * PART, 6);
    home.break_off(&file, "/x");
    home.unplug();
    let key = home.key();
    home.run(&["abort", &key, "--patience", "0s"]).ends(5).says(&["cannot connect"]);
    assert_eq!(home.key(), key);
    home.plug_in();
    home.run(&["abort", &key]).ends(0);
    assert!(home.checkpoints().is_empty());
}
