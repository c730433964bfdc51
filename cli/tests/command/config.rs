//! `resumable config`: a profile is added to the file, or changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::kit::{Home, PART, Service};

/// What a profile of this home's emulator has, as options of the command.
fn assignments(home: &Home) -> Vec<String> {
    let config = fs::read_to_string(home.config()).unwrap();
    let lines = config.lines().filter_map(|line| line.split_once(" = ")).filter(|(key, _)| *key != "protocol");
    lines.flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={}", value.trim_matches('\''))]).collect()
}

fn config(home: &Home, name: &str, protocol: &str, rest: &[String]) -> Vec<String> {
    let first = ["config", name, "--protocol", protocol, "--non-interactive"].map(str::to_owned);
    let _ = home;
    first.into_iter().chain(rest.iter().cloned()).collect()
}

fn run(home: &Home, arguments: &[String]) -> crate::kit::Ran {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    home.run(&arguments)
}

#[test]
fn a_profile_that_it_wrote_uploads_and_only_its_owner_can_read_it() {
    for (service, protocol) in [(Service::CosV2, "cos-v2"), (Service::Oss, "oss"), (Service::Xfyun, "xfyun")] {
        let home = Home::of(service, resumable_emulator::Config::default());
        let given = assignments(&home);
        fs::remove_dir_all(home.config().parent().unwrap()).unwrap();
        let ran = run(&home, &config(&home, "mine", protocol, &given)).ends(0);
        assert!(ran.out.contains("resumable check mine"), "{ran:?}");
        assert_eq!(fs::metadata(home.config()).unwrap().permissions().mode() & 0o777, 0o600);
        let file = home.file("f", PART, 1);
        home.run(&["put", file.to_str().unwrap(), "mine:/dir/f"]).ends(0);
    }
}

#[test]
fn what_else_stands_in_the_file_stays_and_a_link_stays_a_link() {
    let home = Home::new();
    let given = assignments(&home);
    let before = format!(
        "# mine\n{}\n[profiles.other]\nprotocol = \"oss\" # half\n",
        fs::read_to_string(home.config()).unwrap()
    );
    let elsewhere = home.path("dotfiles.toml");
    fs::write(&elsewhere, &before).unwrap();
    fs::remove_file(home.config()).unwrap();
    symlink(&elsewhere, home.config()).unwrap();
    run(&home, &config(&home, "new", "cos-v2", &given)).ends(0);
    let after = fs::read_to_string(&elsewhere).unwrap();
    assert!(after.starts_with(&before), "{after}");
    assert!(fs::symlink_metadata(home.config()).unwrap().is_symlink());
    run(&home, &config(&home, "new", "cos-v2", &["--set".to_owned(), "slice_size=3MiB".to_owned()])).ends(0);
    let changed = fs::read_to_string(&elsewhere).unwrap();
    assert_eq!(changed, format!("{after}slice_size = \"3MiB\"\n"));
}

#[test]
fn a_profile_that_no_upload_can_be_made_with_is_not_written() {
    let home = Home::new();
    let before = fs::read_to_string(home.config()).unwrap();
    let given = assignments(&home);
    for (name, protocol, rest, says) in [
        ("new", "cos-v2", &given[2..], "endpoint is missing"),
        ("new", "oss", &given[..], "cannot tell the region"),
        ("emu", "cos-v2", &["--set".to_owned(), "slice_size=5MiB".to_owned()], "slice_size must be"),
        ("emu", "cos-v2", &["--set".to_owned(), "secret_keys=x".to_owned()], "there is no key \"secret_keys\""),
        (
            "emu",
            "cos-v2",
            &["--set".to_owned(), "insert_only=perhaps".to_owned()],
            "insert_only must be written like true",
        ),
    ] {
        run(&home, &config(&home, name, protocol, rest)).ends(2).says(&[says]);
        assert_eq!(fs::read_to_string(home.config()).unwrap(), before);
    }
    home.run(&["config", "new"]).ends(2).says(&["standard input is no terminal"]);
}

#[test]
fn a_secret_may_come_from_a_file() {
    let home = Home::new();
    let given = assignments(&home);
    let (secret, others): (Vec<_>, Vec<_>) = given.chunks(2).partition(|pair| pair[1].starts_with("secret_key="));
    let value = secret[0][1].strip_prefix("secret_key=").unwrap();
    let held = home.path("secret");
    fs::write(&held, format!("{value}\n")).unwrap();
    let mut rest: Vec<String> = others.concat();
    rest.extend(["--set-from".to_owned(), format!("secret_key={}", held.display())]);
    run(&home, &config(&home, "mine", "cos-v2", &rest)).ends(0);
    let file = home.file("f", PART, 1);
    home.run(&["put", file.to_str().unwrap(), "mine:/f"]).ends(0);
    assert!(home.holds("/f", &file));
}
