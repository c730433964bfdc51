//! What is run after a file.

use std::fs;

use crate::kit::{Home, PART, over_each_transport};

over_each_transport! {
    it_gets_the_result_and_no_secret,
}

fn it_gets_the_result_and_no_secret(home: &mut Home) {
    let file = home.file("big file.bin", 3 * PART, 1);
    let seen = home.path("seen");
    let script = format!("sh -c 'env > {} ; echo on stdout'", seen.display());
    let mut command = home.put_command(&file, "/x y", &["--on-done", &script]);
    // Other values than the profile's would be refused.
    let config = fs::read_to_string(home.config()).unwrap();
    let value = |key: &str| {
        let line = config.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_start_matches(" = ").trim_matches('\'').to_owned()
    };
    command.env("RESUMABLE_SECRET_ID", value("secret_id")).env("RESUMABLE_SECRET_KEY", value("secret_key"));
    command.env("RESUMABLE_ACCESS_TOKEN", "t0ken").env("OTHERS", "stay");
    let ran = home.start(command).wait().ends(0).says(&["on stdout"]);
    let seen = fs::read_to_string(&seen).unwrap();
    let variable = |name: &str| seen.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned);
    for (name, is) in [
        ("RESUMABLE_STATUS", "done"),
        ("RESUMABLE_FILE", file.to_str().unwrap()),
        ("RESUMABLE_DESTINATION", "emu:/x y"),
        ("RESUMABLE_SIZE", "3145728"),
        ("RESUMABLE_HOW", "one_request"),
        ("RESUMABLE_URL", ran.result("url")),
        ("RESUMABLE_ID", ran.result("id")),
        ("RESUMABLE_ERROR", ""),
        ("OTHERS", "stay"),
    ] {
        assert_eq!(variable(name).as_deref(), Some(is), "{name}");
    }
    for secret in ["SECRET_ID", "SECRET_KEY", "ACCESS_TOKEN"] {
        assert_eq!(variable(&format!("RESUMABLE_{secret}")), None);
    }
}

#[test]
fn its_failure_is_told_and_is_the_commands_when_nothing_else_failed() {
    let home = Home::new();
    let file = home.file("f", PART, 1);
    home.put(&file, "/x", &["--on-done", "sh -c 'exit 3'"]).ends(1).says(&["--on-done sh: exit status: 3"]);
    assert!(home.holds("/x", &file));
    assert!(home.checkpoints().is_empty(), "the upload is complete all the same");
    home.put(&file, "/y", &["--on-done", "/not/there x"]).ends(1).says(&["--on-done /not/there: it cannot be run"]);
    home.put(&file, "/y", &["--on-done", "sh 'open"]).ends(2).says(&["a quote is not closed"]);
}

#[test]
fn it_is_run_after_a_failure_too_which_keeps_its_code() {
    let home = Home::new();
    let seen = home.path("seen");
    let script =
        format!("sh -c 'echo $RESUMABLE_STATUS/$RESUMABLE_SIZE/$RESUMABLE_ERROR > {}; exit 3'", seen.display());
    home.configure("file_max = '1MiB'");
    let file = home.file("f", 2 * PART, 1);
    let ran = home.put(&file, "/x", &["--on-done", &script]);
    assert_ne!(ran.code, 0);
    assert_ne!(ran.code, 1);
    let seen = fs::read_to_string(&seen).unwrap();
    assert!(seen.starts_with("failed//") && seen.len() > "failed//\n".len(), "{seen}");
}
