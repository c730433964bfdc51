//! The configuration file, and mistakes in it: each is 2, with the file, the line and the key, before anything is sent.

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
        ("window = 0", "line 8, profile \"emu\": window must be \"auto\" or a number from 1 to 128"),
        ("window = 'four'", "line 8, profile \"emu\": window must be"),
        ("integrity = 'md5'", "line 8, profile \"emu\": integrity must be \"chain\" or \"sha1\" or \"none\""),
        ("insert_only = 'yes'", "line 8, profile \"emu\": insert_only must be true or false"),
        ("slice_size = '7MiB'", "line 8, profile \"emu\": slice_size must be 512KiB, 1MiB, 2MiB or 3MiB"),
        ("one_request_max = '1GiB'", "line 8, profile \"emu\": one_request_max must be at most 20000000 bytes"),
        ("one_request_max = -1", "line 8, profile \"emu\": one_request_max must be a size like"),
        ("transport = 'curl'", "line 8, profile \"emu\": transport must be \"ureq\" or \"reqwest\""),
        ("ca_file = '/no/such.pem'", "/no/such.pem"),
        ("proxy = 'socks4://h'", "proxy"),
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
fn a_mistyped_key_is_told_the_one_that_was_probably_meant() {
    let home = Home::new();
    let file = home.file("x", 10, 1);
    for (typo, meant) in
        [("windwo", "window"), ("insertonly", "insert_only"), ("slice-size", "slice_size"), ("Proxy", "proxy")]
    {
        home.configure(&format!("{typo} = 'x'"));
        let meant = format!("Did you mean \"{meant}\"?");
        home.put(&file, "/x", &[])
            .ends(2)
            .says(&[&format!("line 8, profile \"emu\": there is no key \"{typo}\""), &meant]);
    }
    home.configure("nothing_like_it = 1");
    let ran = home
        .put(&file, "/x", &[])
        .ends(2)
        .says(&["Keys of this profile: ca_file, proxy, transport, reply_timeout, window, protocol"]);
    assert!(!ran.err.contains("should be"), "{ran:?}");
}

/// The whole file is this; the mistake is in this line, and is this.
#[track_caller]
fn is_wrong(home: &Home, text: &str, line: u32, says: &[&str]) {
    home.write_config(text);
    let place = format!("error: {} line {line}", home.config().display());
    home.put(&home.file("x", 10, 1), "/x", &[]).ends(2).says(&[&place]).says(says);
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(!home.state().exists());
}

#[test]
fn a_mistyped_section_is_told_what_sections_are_like() {
    let home = Home::new();
    for section in ["profile.emu", "Profiles.emu", "emu"] {
        let name = section.split('.').next().unwrap();
        let says = format!(": unknown field `{name}`, expected `profiles`");
        is_wrong(&home, &format!("\n[{section}]\nprotocol = 'cos-v2'"), 2, &[&says, "like [profiles.work]"]);
    }
}

/// Somebody forgot the profile's name, or the section: what stands there may be a secret.
#[test]
fn a_value_in_the_place_of_a_section_is_not_repeated() {
    let home = Home::new();
    for text in ["[profiles]\nsecret_key = 's3cr3t'", "[profiles]\nemu = ['s3cr3t']", "\nprofiles = 's3cr3t'"] {
        is_wrong(&home, text, 2, &["a value of this type is not allowed here", "like [profiles.work]"]);
        assert!(!home.put(&home.path("x"), "/x", &[]).err.contains("s3cr3t"));
    }
}

#[test]
fn mistakes_of_syntax_are_named_by_line() {
    let home = Home::new();
    for (text, line, says) in [
        ("[profiles.emu\nprotocol = 'cos-v2'", 1, ": unclosed table, expected `]`"),
        ("[profiles.emu]\nprotocol 'cos-v2'", 2, ": key with no value, expected `=`"),
        ("[profiles.emu]\nprotocol = cos-v2", 2, ": string values must be quoted"),
        ("[profiles.emu]\nprotocol = 'cos-v2", 2, ": invalid literal string"),
        ("[profiles.emu]\n= 'cos-v2'", 2, ": "),
        ("\0", 1, ": "),
    ] {
        is_wrong(&home, text, line, &[says]);
    }
}

#[test]
fn a_key_or_a_profile_that_stands_there_twice_is_named() {
    let home = Home::new();
    is_wrong(&home, "[profiles.emu]\nappid = '1'\nbucket = 'b'\nappid = '2'", 4, &[": duplicate key"]);
    is_wrong(&home, "[profiles.emu]\nappid = '1'\n[profiles.emu]\nappid = '2'", 3, &[": duplicate key"]);
}

#[test]
fn a_profile_that_is_not_there_is_told_those_that_are() {
    let home = Home::new();
    let file = home.file("x", 10, 1);
    let ran = home.run(&["put", file.to_str().unwrap(), "work:/x"]).ends(2);
    ran.says(&["there is no profile \"work\" in ", &home.config().display().to_string(), "Profiles there: emu."]);
    home.write_config("");
    home.put(&file, "/x", &[]).ends(2).says(&["there is no profile \"emu\"", "Profiles there: none."]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let home = Home::new();
    let file = home.file("x", 10, 1);
    let name = home.config().display().to_string();
    fs::write(home.config(), b"[profiles.\xff]").unwrap();
    home.put(&file, "/x", &[]).ends(2).says(&[&name, "cannot be read", "UTF-8"]);
    fs::remove_file(home.config()).unwrap();
    fs::create_dir(home.config()).unwrap();
    home.put(&file, "/x", &[]).ends(2).says(&[&name, "cannot be read: Is a directory"]);
    home.put(&file, "/x", &["--config", file.join("below").to_str().unwrap()]).ends(2).says(&["cannot be read"]);
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
        let ran = home.put(&file, "/x", &[]).ends(2).says(&[&format!("profile \"emu\": {key} is missing")]);
        assert_eq!(ran.err.contains(&format!("RESUMABLE_{}", key.to_uppercase())), key.starts_with("secret_"));
    }
    for key in ["secret_id", "secret_key"] {
        let empty = |line: &str| if line.starts_with(key) { format!("{key} = ''") } else { line.to_owned() };
        home.write_config(&whole.lines().map(empty).collect::<Vec<_>>().join("\n"));
        home.put(&file, "/x", &[]).ends(2).says(&[&format!("profile \"emu\": {key} is empty")]);
    }
    home.write_config(&whole.replace("cos-v2", "cos-v9"));
    home.put(&file, "/x", &[]).ends(2).says(&["line 2, profile \"emu\": protocol must be one of \"cos-v2\""]);
    fs::remove_file(home.config()).unwrap();
    home.put(&file, "/x", &[]).ends(2).says(&["there is no configuration file", "--config"]);
}

#[test]
fn the_version_is_shown_by_an_option_and_by_a_command() {
    let home = Home::new();
    let shown = home.run(&["--version"]).ends(0).out;
    assert!(shown.starts_with("resumable ") && shown.ends_with(&format!("{}\n", env!("CARGO_PKG_VERSION"))), "{shown}");
    assert_eq!(home.run(&["version"]).ends(0).out, shown);
}

#[test]
fn an_option_that_makes_no_sense_is_named() {
    let home = Home::new();
    let file = home.file("x", 10, 5);
    for (option, says) in [
        ("--limit-rate=0", "a rate of 0 would never send anything"),
        ("--limit-rate=5", "a rate needs a unit: 5k, 5M or 5MiB"),
        ("--limit-rate=1.5", "a rate needs a unit: 1.5k, 1.5M"),
        ("--limit-rate=fast", "a rate is like 500k"),
        ("--patience=90", "a time is like 90s"),
        ("--window=0", "the number of parallel requests must be \"auto\" or a number from 1 to 128"),
        ("--window=fast", "the number of parallel requests must be \"auto\" or a number"),
        ("--window=129", "the number of parallel requests must be"),
        ("--windw=4", "--window"),
        ("--transport=curl", "possible values: ureq, reqwest"),
    ] {
        home.put(&file, "/x", &[option]).ends(2).says(&[option.split('=').next().unwrap(), says]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn what_can_stand_in_a_profile_is_shown_for_each_vendor_or_for_one() {
    let home = Home::new();
    let protocols = |options: &[&str]| {
        let ran = home.run(options).ends(0);
        assert!(ran.out.contains("\nwindow = "), "{ran:?}");
        let lines =
            ran.out.lines().filter_map(|line| Some(line.strip_prefix("protocol = ")?.trim_matches('"').to_owned()));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(protocols(&["profiles"]), ["cos-v2", "cos-v1", "cos-xml", "xfyun", "oss", "s3", "115"]);
    assert_eq!(protocols(&["profiles", "oss"]), ["oss"]);
    home.run(&["profiles", "osss"]).ends(2).says(&["possible values: cos-v2", "'oss'"]);
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
