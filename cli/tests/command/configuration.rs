//! The configuration file, and mistakes in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::kit::Home;

#[test]
fn a_mistake_is_named_by_line_and_key() {
    let home = Home::new();
    let file = home.file("x", 10, 1);
    let name = home.config().display().to_string();
    for (line, says) in [
        ("windwo = 4", "line 8, profile \"emu\": there is no key \"windwo\""),
        ("window = 0", "line 8, profile \"emu\": window must be a number from 1 to 128"),
        ("window = 'four'", "line 8, profile \"emu\": window must be"),
        ("integrity = 'md5'", "line 8, profile \"emu\": integrity must be \"chain\" or \"sha1\" or \"none\""),
        ("insert_only = 'yes'", "line 8, profile \"emu\": insert_only must be true or false"),
        ("slice_size = '7MiB'", "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB"),
        ("one_request_max = '1GiB'", "one_request_max may be 20000000 bytes at most"),
        ("ca_file = '/no/such.pem'", "/no/such.pem"),
        ("proxy = 'socks5://h'", "proxy"),
        ("window", "line 8: "),
        ("[profile.typo]", "line 8: unknown field `profile`"),
    ] {
        home.configure(line);
        let ran = home.put(&file, "/x", &[]).ends(2).says(&[says]);
        assert!(ran.err.contains(&name) || says.contains("pem") || says == "proxy", "{ran:?}");
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn a_mistyped_key_that_is_needed_is_named_with_its_line() {
    let home = Home::new();
    let file = home.file("x", 10, 2);
    let whole = fs::read_to_string(home.config()).unwrap();
    for (key, typo) in [("bucket", "buckt"), ("secret_key", "secretkey"), ("appid", "app_id")] {
        home.write_config(&whole.replace(&format!("\n{key} "), &format!("\n{typo} ")));
        let line = whole.lines().position(|line| line.starts_with(&format!("{key} "))).unwrap() + 1;
        let says = format!("Line {line} has \"{typo}\"");
        home.put(&file, "/x", &[]).ends(2).says(&[&format!("{key} is missing"), &says]);
    }
}

#[test]
fn what_is_missing_is_named() {
    let home = Home::new();
    let file = home.file("x", 10, 2);
    let whole = fs::read_to_string(home.config()).unwrap();
    for key in ["protocol", "endpoint", "appid", "bucket", "secret_id", "secret_key"] {
        let lines: Vec<&str> = whole.lines().filter(|line| !line.starts_with(key)).collect();
        home.write_config(&lines.join("\n"));
        home.put(&file, "/x", &[]).ends(2).says(&[&format!("profile \"emu\": {key} is missing")]);
    }
    home.write_config(&whole.replace("cos-v2", "cos-v9"));
    home.put(&file, "/x", &[]).ends(2).says(&["line 2", "protocol must be \"cos-v2\""]);
    home.write_config(&whole.replace("http://", "ftp://"));
    home.put(&file, "/x", &[]).ends(2).says(&["profile \"emu\": the endpoint must be http"]);
    fs::remove_file(home.config()).unwrap();
    home.put(&file, "/x", &[]).ends(2).says(&["there is no configuration file", "--config"]);
}

#[test]
fn the_configuration_file_may_be_named() {
    let home = Home::new();
    let file = home.file("x", 10, 3);
    let other = home.path("other.toml");
    fs::rename(home.config(), &other).unwrap();
    home.put(&file, "/a", &["--config", other.to_str().unwrap()]).ends(0);
    let mut command = home.put_command(&file, "/b", &[]);
    assert!(command.env("RESUMABLE_CONFIG", &other).output().unwrap().status.success());
}

#[test]
fn credentials_may_come_from_the_environment_and_win() {
    let home = Home::new();
    let file = home.file("x", 10, 4);
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("AKIDemulator", "wrong").replace("emulator-secret-key", "wrong"));
    let mut command = home.put_command(&file, "/x", &[]);
    command.env("RESUMABLE_SECRET_ID", "AKIDemulator").env("RESUMABLE_SECRET_KEY", "emulator-secret-key");
    assert!(command.output().unwrap().status.success());
}

#[test]
fn secrets_that_others_can_read_are_warned_of() {
    let home = Home::new();
    let file = home.file("x", 10, 5);
    let quiet = home.put(&file, "/a", &[]).ends(0);
    assert!(!quiet.err.contains("warning"), "{quiet:?}");
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o644)).unwrap();
    home.put(&file, "/b", &[]).ends(0).says(&["warning:", "mode 644", "chmod 600"]);
}
