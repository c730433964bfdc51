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
    assert!(text.lines().skip(1).all(|line| line.ends_with("yes")), "{text}");
    let runs: Vec<[&str; 3]> = text.lines().skip(1).map(run).collect();
    let (known, plain) = (["kill", "lost", "throttled", "small", "instant"], ["kill", "lost", "throttled", "small"]);
    let runs_of = |vendor: &str, transport: &str| {
        let theirs = runs.iter().filter(|[of, over, _]| *of == vendor && *over == transport);
        theirs.map(|[_, _, run]| *run).collect::<Vec<_>>()
    };
    for (vendor, all) in [
        ("cos-v2", &known[..]),
        ("cos-v1", &known[..]),
        ("xfyun", &plain[..]),
        ("oss", &plain[..]),
        ("115", &known[..]),
    ] {
        assert_eq!(runs_of(vendor, "ureq"), all, "{text}");
        let but_throttled: Vec<&str> = all.iter().copied().filter(|run| *run != "throttled").collect();
        assert_eq!(runs_of(vendor, "reqwest"), but_throttled, "{text}");
    }
    assert_eq!(runs.len(), 9 + 9 + 7 + 7 + 9, "{text}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "temporary files are gone");
    assert!(!home.state().exists());
}

/// A line's vendor, transport, and the first word of its run.
fn run(line: &str) -> [&str; 3] {
    let mut words = line.split_whitespace();
    std::array::from_fn(|_| words.next().unwrap())
}

#[test]
fn a_demo_that_could_not_be_broken_off_is_refused() {
    Home::new().run(&["demo", "--size", "1MiB"]).ends(2).says(&["at least 16.0 MiB"]);
}
