//! Profiles, as a program uses them that lets people choose the vendor while it runs.

use std::error::Error as _;
use std::ffi::OsString;
use std::time::Duration;
use std::{fs, io};

use resumable::profile::{Profile, ProfileError, Profiles, variable};
use resumable::transports::TransportKind;

const CANARY: &str = "s3cr3t-canary";

fn profile(text: &str) -> Profile {
    Profiles::parse(&format!("[profiles.p]\n{text}"), "p.toml").unwrap().get("p").unwrap()
}

fn wrong(text: &str) -> ProfileError {
    profile(text).connection().unwrap_err()
}

#[test]
fn a_file_is_loaded_and_its_profiles_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profiles.toml");
    fs::write(&file, "[profiles.b]\n[profiles.a]\nwindow = 3\n").unwrap();
    let profiles = Profiles::load(&file).unwrap();
    assert_eq!(profiles.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(profiles.get("a").unwrap().name(), "a");
    let error = profiles.get("c").unwrap_err();
    assert_eq!(error.advice(), ["Profiles there: a, b."]);
}

#[test]
fn a_file_that_is_not_there_is_told_with_the_systems_own_error() {
    let error = Profiles::load("/no/such/file.toml").unwrap_err();
    assert!(error.to_string().contains("/no/such/file.toml"), "{error}");
    let cause = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::NotFound);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_an_end_is_not_read_for_ever() {
    let error = Profiles::load("/dev/zero").unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}

#[test]
fn a_profile_says_how_to_connect_and_what_it_leaves_open_is_none() {
    let said = profile(
        "transport = 'reqwest'\nproxy = 'http://user:pass@proxy:3128'\nca_file = 'ca.pem'\nreply_timeout = '90s'\nwindow = 9",
    );
    let connection = said.connection().unwrap();
    assert_eq!(connection.transport, Some(TransportKind::Reqwest));
    assert_eq!(
        (connection.reply_timeout, connection.window),
        (Some(Duration::from_secs(90)), Some(resumable::Window::Fixed(9)))
    );
    assert_eq!(connection.config.ca_file.as_deref(), Some("ca.pem".as_ref()));
    assert!(!format!("{connection:?}").contains("pass"), "{connection:?}");
    let open = profile("").connection().unwrap();
    assert!(open.transport.is_none() && open.reply_timeout.is_none() && open.window.is_none());
}

#[test]
fn what_is_wrong_with_a_connection_names_file_line_profile_and_key() {
    for (text, says) in [
        ("window = 0", "window must be \"auto\" or a number from 1 to 128"),
        ("window = 'fast'", "window must be"),
        ("window = 4.0", "window must be"),
        ("window = 129", "window must be"),
        ("window = -1", "window must be"),
        ("window = '4'", "window must be"),
        ("reply_timeout = '10ms'", "reply_timeout must be at least 1s"),
        ("reply_timeout = '90'", "reply_timeout must be a time like"),
        ("reply_timeout = 90", "reply_timeout must be a time like"),
        ("transport = 'curl'", "transport must be \"ureq\" or \"reqwest\""),
        ("proxy = 5", "proxy must be a text"),
        ("ca_file = []", "ca_file must be"),
    ] {
        let error = wrong(text).to_string();
        assert!(error.starts_with(&format!("p.toml line 2, profile \"p\": {says}")), "{text}: {error}");
    }
}

#[test]
fn no_value_is_shown_by_debug() {
    let profiles = Profiles::parse(&format!("[profiles.p]\nsecret_kee = '{CANARY}'"), "p.toml").unwrap();
    let profile = profiles.get("p").unwrap();
    for shown in [format!("{profiles:?}"), format!("{profile:?}")] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn control_characters_of_the_file_are_escaped_in_errors() {
    let profiles = Profiles::parse("[profiles.\"a\\u001b[2J\"]\n", "p\x1b[2J.toml").unwrap();
    let error = profiles.get("x\x07").unwrap_err();
    let shown = format!("{error} {}", error.advice().join(" "));
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(shown.contains("\\u{1b}[2J") && shown.contains("\\u{7}"), "{shown}");
}

#[test]
fn plain_http_to_another_machine_is_warned_of() {
    let warning = profile("endpoint = 'http://files.example:8080/x'").plain_http_warning().unwrap();
    assert!(warning.contains("\"p\"") && warning.contains("files.example over plain http"), "{warning}");
    for quiet in ["http://127.0.0.1:9000", "http://localhost", "https://files.example", "files.example", "http://"] {
        assert_eq!(profile(&format!("endpoint = '{quiet}'")).plain_http_warning(), None, "{quiet}");
    }
}

#[test]
fn the_environment_is_read_only_through_what_the_program_gives() {
    let asked = std::cell::RefCell::new(Vec::new());
    let lookup = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        None
    };
    profile("protocol = 'unheard-of'").with_environment(lookup).unwrap();
    profile("").with_environment(lookup).unwrap();
    assert!(asked.borrow().is_empty(), "no secrets are known: {asked:?}");
    for vendor in resumable::vendors::entries() {
        asked.borrow_mut().clear();
        profile(&format!("protocol = '{}'", vendor.name)).with_environment(lookup).unwrap();
        let variables: Vec<String> = vendor.secrets.iter().map(|key| variable(key)).collect();
        let asked = asked.borrow();
        let (own, others) = asked.split_at(variables.len());
        assert_eq!(own, variables);
        // S3's keys may stand where Amazon's own tools look for them.
        let amazons = |name: &String| name.starts_with("AWS_") || ["HOME", "USERPROFILE"].contains(&name.as_str());
        assert!(others.is_empty() != (vendor.name == "s3") && others.iter().all(amazons), "{others:?}");
    }
}

#[cfg(all(unix, feature = "oss"))]
#[test]
fn a_variable_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let error = profile("protocol = 'oss'").with_environment(|_| Some(OsString::from_vec(vec![0xff]))).unwrap_err();
    assert_eq!(error.to_string(), "RESUMABLE_ACCESS_KEY_ID is not UTF-8");
}
