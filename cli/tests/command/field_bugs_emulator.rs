//! What the emulator's own command owes its users.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use crate::kit::Home;

/// All that `resumable emulator` writes to stderr until it is ready, and until it is stopped then.
fn said(home: &Home, listen: &str, settings: Option<&str>) -> String {
    let mut command = home.command();
    command.args(["emulator", "--null", "--listen", listen]);
    if let Some(settings) = settings {
        let file = home.path("settings.json");
        fs::write(&file, settings).unwrap();
        command.arg("--settings").arg(file);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert!(ready.contains("endpoint"), "{ready}");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

#[test]
fn field_bug_92_public_keys_on_an_address_that_others_reach_are_warned_of() {
    let home = Home::new();
    let warned = said(&home, "0.0.0.0:0", None);
    for word in
        ["warning", "0.0.0.0:0", "cos-v2, cos-v1, xfyun, oss, s3, cos-xml, 115", "public", "127.0.0.1", "--settings"]
    {
        assert!(warned.contains(word), "no {word} in {warned}");
    }
    let one_of_mine = r#"{"services": ["cos-v2", "xfyun"], "xfyun": {"accounts": [
        {"app_id": "mine", "api_key": "mine", "api_secret": "mine"}]}}"#;
    let warned = said(&home, "0.0.0.0:0", Some(one_of_mine));
    assert!(warned.contains("the keys of cos-v2 are") && !warned.contains("xfyun"), "{warned}");
}

#[test]
fn field_bug_92_an_emulator_that_only_this_machine_reaches_says_nothing() {
    let home = Home::new();
    assert_eq!(said(&home, "127.0.0.1:0", None), "");
    let mine = r#"{"services": ["xfyun"], "xfyun": {"accounts": [
        {"app_id": "mine", "api_key": "mine", "api_secret": "mine"}]}}"#;
    assert_eq!(said(&home, "0.0.0.0:0", Some(mine)), "");
}
