//! Each promise in `SECURITY.md` names what holds it: tests, as `path::name`, or steps of CI.

use std::fs;

use crate::ci;
use crate::named_tests::{cells, defines, quoted};
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace};

const PAGE: &str = "SECURITY.md";
/// Whom the page has to speak of: each has a section, and each section has promises.
const ATTACKERS: [&str; 5] = [
    "A hostile vendor",
    "A hostile network",
    "Other users of the machine",
    "Hostile file names",
    "A hostile or damaged checkpoint or profile",
];
/// What a word in backticks begins with that is no test but a step.
const STEP: &str = "cargo xtask ci ";

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let read = |path: &str| fs::read_to_string(workspace.root().join(path)).map_err(|e| format!("{path}: {e}"));
    let faults = faults(&read(PAGE)?, |path| read(path).unwrap_or_default());
    if faults.is_empty() { Ok(Verdict::Passed) } else { Err(format!("{PAGE}:\n{}", faults.join("\n"))) }
}

fn faults(page: &str, file: impl Fn(&str) -> String) -> Vec<String> {
    let mut faults = Vec::new();
    for attacker in ATTACKERS {
        let promises = section(page, attacker).filter_map(promise).count();
        if promises == 0 {
            faults.push(format!("no promise in a section \"{attacker}\""));
        }
    }
    for (promise, holds) in page.lines().filter_map(promise) {
        check(promise, holds, &file, &mut faults);
    }
    faults
}

/// The lines of a section, without its heading.
fn section<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let heading = format!("## {name}");
    let lines = page.lines().skip_while(move |line| *line != heading).skip(1);
    lines.take_while(|line| !line.starts_with("## "))
}

/// What is promised, and what holds it; the head of a table and the line below it are none.
fn promise(line: &str) -> Option<(&str, &str)> {
    cells(line).filter(|(promise, _)| *promise != "promise" && !promise.starts_with("---"))
}

fn check(promise: &str, holds: &str, file: impl Fn(&str) -> String, faults: &mut Vec<String>) {
    let mut count = 0;
    for word in quoted(holds) {
        count += 1;
        let is_there = match (word.strip_prefix(STEP), word.split_once("::")) {
            (Some(step), _) => ci::has(step),
            (None, Some((path, name))) => defines(&file(path), name),
            (None, None) => false,
        };
        if !is_there {
            faults.push(format!("\"{promise}\": there is no {word}"));
        }
    }
    if count == 0 {
        faults.push(format!("\"{promise}\" names nothing that holds it"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        fs::read_to_string(Workspace::find().unwrap().root().join(path)).unwrap()
    }

    #[test]
    fn no_crate_may_have_unsafe_code() {
        let workspace = text("Cargo.toml");
        assert!(workspace.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"));
        let members = workspace.split_once("members = [").unwrap().1.split_once(']').unwrap().0;
        let members: Vec<&str> = members.split('"').skip(1).step_by(2).collect();
        assert!(members.contains(&"core") && members.contains(&"cli"), "{members:?}");
        for member in members {
            let manifest = text(&format!("{member}/Cargo.toml"));
            assert!(manifest.contains("[lints]\nworkspace = true\n"), "{member}");
        }
    }

    #[test]
    fn a_release_checks_its_sums() {
        let manifest = text("Cargo.toml");
        let release = manifest.split_once("[profile.release]\n").unwrap().1.split_once("\n[").unwrap().0;
        assert!(release.contains("overflow-checks = true"), "{release}");
        assert!(manifest.contains("[profile.dist]\ninherits = \"release\"\n"));
    }

    fn file(path: &str) -> String {
        if path == "a.rs" { "fn holds() {}".to_owned() } else { String::new() }
    }

    #[test]
    fn each_way_to_be_wrong_is_told() {
        let head = "| promise | held by |\n|---|---|\n";
        let sections = ATTACKERS.map(|it| format!("## {it}\n\n{head}| {it} gets nothing | `a.rs::holds` |\n"));
        let right = sections.concat();
        assert_eq!(faults(&right, file), [""; 0]);
        for (from, to, told) in [
            ("`a.rs::holds`", "`b.rs::holds`", "\"A hostile vendor gets nothing\": there is no b.rs::holds"),
            ("`a.rs::holds`", "`a.rs::hold`", "\"A hostile vendor gets nothing\": there is no a.rs::hold"),
            ("`a.rs::holds`", "`a.rs`", "\"A hostile vendor gets nothing\": there is no a.rs"),
            ("`a.rs::holds`", "a.rs::holds", "\"A hostile vendor gets nothing\" names nothing that holds it"),
            ("`a.rs::holds`", "`cargo xtask ci pure`", ""),
            (
                "`a.rs::holds`",
                "`cargo xtask ci pur`",
                "\"A hostile vendor gets nothing\": there is no cargo xtask ci pur",
            ),
            ("## A hostile network", "## The network", "no promise in a section \"A hostile network\""),
            ("| A hostile vendor gets nothing | `a.rs::holds` |", "", "no promise in a section \"A hostile vendor\""),
        ] {
            assert_eq!(faults(&right.replacen(from, to, 1), file).join("; "), told, "{from} -> {to}");
        }
    }
}
