//! What packages bring beside the command, and what needs no vendor: completions, manual pages, digests.

use std::fs;
use std::process::Command;

use crate::kit::{Home, PART};

#[test]
fn a_shell_can_complete_the_command() {
    let home = Home::new();
    for (shell, says) in
        [("bash", "complete -F _resumable"), ("zsh", "#compdef resumable"), ("fish", "complete -c resumable")]
    {
        let ran = home.run(&["completions", shell]).ends(0);
        assert!(ran.out.contains(says) && ran.out.contains("limit-rate-file"), "{shell}");
    }
    home.run(&["completions", "cmd.exe"]).ends(2);
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let home = Home::new();
    let folder = home.path("man");
    home.run(&["man", folder.to_str().unwrap()]).ends(0);
    for page in ["resumable.1", "resumable-put.1", "resumable-config.1", "resumable-hash.1"] {
        let text = fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    assert!(!folder.join("resumable-man.1").exists(), "what is hidden has no page");
}

/// Compared with the system's own programs.
#[test]
fn digests_are_those_of_other_programs() {
    let home = Home::new();
    let (one, two) = (home.file("one", 3 * PART + 7, 1), home.file("two", 0, 1));
    let names = [one.to_str().unwrap(), two.to_str().unwrap()];
    let ran = home.run(&["hash", names[0], names[1], "--json"]).ends(0);
    let objects: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    for (object, name) in objects.iter().zip(names) {
        assert_eq!(object["file"], name);
        for (program, key) in [("sha1sum", "sha1"), ("md5sum", "md5"), ("sha256sum", "sha256")] {
            let output = Command::new(program).arg(name).output().unwrap();
            let theirs = String::from_utf8(output.stdout).unwrap();
            assert_eq!(object[key].as_str(), theirs.split(' ').next(), "{program}");
        }
    }
    assert_eq!((&objects[0]["size"], &objects[1]["crc64"]), (&(3 * PART + 7).into(), &"0".into()));
    home.run(&["hash", names[0]]).ends(0).says(&[]);
    let ran = home.run(&["hash", "/not/there", names[1]]).ends(3);
    assert!(ran.out.contains("da39a3ee5e6b4b0d3255bfef95601890afd80709"), "the other one is read all the same");
}
