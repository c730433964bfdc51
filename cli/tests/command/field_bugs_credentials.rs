//! Secrets as people copy them: with the line break of the file that they came from, in quotes, or not at all.

use std::fs;
use std::path::Path;

use resumable_emulator::Config;

use crate::kit::{Home, Ran, Service};

/// Each vendor's secrets, and what the configuration for the emulator calls them.
const SECRETS: [(Service, &[&str], &str); 5] = [
    (Service::CosV1, &["secret_id", "secret_key"], ""),
    (Service::CosV2, &["secret_id", "secret_key"], ""),
    (Service::Xfyun, &["api_key", "api_secret"], ""),
    (Service::Oss, &["access_key_id", "access_key_secret"], "signature = 'v1'"),
    (Service::P115, &["access_token", "refresh_token"], ""),
];

fn variable(key: &str) -> String {
    format!("RESUMABLE_{}", key.to_uppercase())
}

/// The value that the emulator's configuration has for a key.
fn right(whole: &str, key: &str) -> String {
    let line = whole.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    line.split('\'').nth(1).unwrap().to_owned()
}

/// The command with this secret in the profile, or in the environment over a wrong one in the profile.
fn put(home: &Home, whole: &str, key: &str, file: &Path, text: &str, environment: bool) -> Ran {
    let written = if environment { "written-but-not-used" } else { text };
    let quoted = format!("{key} = {}", serde_json::Value::String(written.to_owned()));
    let line = |line: &str| if line.starts_with(&format!("{key} = ")) { quoted.clone() } else { line.to_owned() };
    home.write_config(&whole.lines().map(line).collect::<Vec<_>>().join("\n"));
    let mut command = home.put_command(file, "/x", &[]);
    if environment {
        command.env(variable(key), text);
    }
    home.start(command).wait()
}

/// `echo secret > file`, and then `$(cat file; echo x)`, a Docker secret, a line of a .env file…
#[test]
fn field_bug_67_blanks_and_line_breaks_around_a_secret_are_left_out() {
    for (service, keys, lines) in SECRETS {
        let home = Home::of(service, Config::default());
        home.configure(lines);
        let file = home.file("x", 10, 67);
        let whole = fs::read_to_string(home.config()).unwrap();
        for key in keys {
            let secret = right(&whole, key);
            for text in
                [format!("{secret}\n"), format!("{secret}\r\n"), format!(" {secret}\t"), format!("\u{feff}{secret}")]
            {
                for environment in [false, true] {
                    put(&home, &whole, key, &file, &text, environment).ends(0);
                    home.emulator.clear_faults();
                }
            }
        }
    }
}

#[test]
fn field_bug_67_quotes_around_a_secret_are_named_and_so_is_what_is_empty() {
    for (service, keys, lines) in SECRETS {
        let home = Home::of(service, Config::default());
        home.configure(lines);
        let file = home.file("x", 10, 67);
        let whole = fs::read_to_string(home.config()).unwrap();
        for key in keys {
            let secret = right(&whole, key);
            let (half, rest) = secret.split_at(4);
            for (text, why) in [
                (format!("\"{secret}\""), "has quotes around it: remove them"),
                (format!("'{secret}'\n"), "has quotes around it: remove them"),
                (format!("\u{201c}{secret}"), "has quotes around it: remove them"),
                (format!("{half} {rest}"), "has a blank or a line break inside"),
                (format!("{half}\n{rest}"), "has a blank or a line break inside"),
                (String::new(), "is empty"),
                (" \n".to_owned(), "is empty"),
            ] {
                for environment in [false, true] {
                    let name = if environment { variable(key) } else { format!("profile \"emu\": {key}") };
                    let ran = put(&home, &whole, key, &file, &text, environment).ends(2);
                    let ran = ran.says(&[&format!("{name} {why}")]);
                    assert!(!ran.err.contains(half) && !ran.err.contains(rest), "{ran:?}");
                }
            }
        }
        assert_eq!(home.emulator.totals().requests, 0);
    }
}

/// What cannot even be read is not passed over in favour of the profile.
#[test]
fn field_bug_67_a_variable_that_is_no_text_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let home = Home::new();
    let file = home.file("x", 10, 67);
    let mut command = home.put_command(&file, "/x", &[]);
    command.env("RESUMABLE_SECRET_KEY", OsStr::from_bytes(b"\xff\xfe"));
    home.start(command).wait().ends(2).says(&["RESUMABLE_SECRET_KEY is not UTF-8", "takes precedence over secret_key"]);
}
