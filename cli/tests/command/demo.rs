//! `resumable demo`.

use std::fs;

use crate::kit::Home;

#[test]
fn the_demo_breaks_resumes_and_verifies_and_cleans_up() {
    let home = Home::new();
    let temporary = home.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let output = home.command().args(["demo", "--size", "16MiB"]).env("TMPDIR", &temporary).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().count(), 11, "{text}");
    assert!(text.lines().skip(1).all(|line| line.ends_with("yes")), "{text}");
    for transport in ["ureq ", "reqwest "] {
        assert_eq!(text.lines().filter(|line| line.starts_with(transport)).count(), 5, "{text}");
    }
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "temporary files are gone");
    assert!(!home.state().exists());
}

#[test]
fn a_demo_that_could_not_be_broken_off_is_refused() {
    Home::new().run(&["demo", "--size", "1MiB"]).ends(2).says(&["at least 16.0 MiB"]);
}
