//! `resumable demo`.

use std::fs;

use crate::kit::Home;

/// Runs it, and gives its table without the head, and what stands below.
#[track_caller]
fn demo(options: &[&str]) -> (Vec<String>, String) {
    let home = Home::new();
    let temporary = home.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let output = home.command().arg("demo").args(options).env("TMPDIR", &temporary).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "temporary files are gone");
    assert!(!home.state().exists());
    let (table, below) = text.split_once("\n\n").unwrap();
    let lines: Vec<String> = table.lines().skip(1).map(str::to_owned).collect();
    assert!(lines.iter().all(|line| line.ends_with("yes")), "{text}");
    (lines, below.to_owned())
}

#[test]
fn the_demo_breaks_and_resumes_each_vendor_once_and_says_what_came_of_it() {
    let (lines, below) = demo(&["--size", "16MiB"]);
    let runs: Vec<[&str; 3]> = lines.iter().map(|line| run(line)).collect();
    let once = ["cos-v2", "cos-v1", "xfyun", "oss", "s3", "cos-xml", "115"].map(|vendor| [vendor, "ureq", "lost"]);
    assert_eq!(runs, once);
    assert!(lines.iter().all(|line| line.contains(" % ")), "each was killed: {lines:?}");
    for column in ["killed at: ", "sent ÷ size: ", "retries: ", "verified: "] {
        assert!(below.contains(column), "{below}");
    }
    assert!(below.ends_with("All 7 runs ended with the whole file stored; none sent more than allowed.\n"));
}

#[test]
fn the_whole_demo_makes_every_run_over_each_transport() {
    let (lines, below) = demo(&["--all", "--size", "16MiB"]);
    let runs: Vec<[&str; 3]> = lines.iter().map(|line| run(line)).collect();
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
        ("s3", &plain[..]),
        ("cos-xml", &plain[..]),
        ("115", &known[..]),
    ] {
        assert_eq!(runs_of(vendor, "ureq"), all, "{lines:#?}");
        let but_throttled: Vec<&str> = all.iter().copied().filter(|run| *run != "throttled").collect();
        assert_eq!(runs_of(vendor, "reqwest"), but_throttled, "{lines:#?}");
    }
    assert_eq!(runs.len(), 9 + 9 + 7 + 7 + 7 + 7 + 9, "{lines:#?}");
    assert!(below.contains("All 55 runs"), "{below}");
}

/// A line's vendor, transport, and the first word of its run.
fn run(line: &str) -> [&str; 3] {
    let mut words = line.split_whitespace();
    std::array::from_fn(|_| words.next().unwrap())
}

#[test]
fn a_demo_that_could_not_be_broken_off_is_refused() {
    Home::new().run(&["demo", "--size", "1MiB"]).ends(2).says(&["--size must be at least 16 MiB"]);
}
