//! `docs/field-bugs.md` has a row for every number, and each row names a test that exists.

use std::fs;

use crate::named_tests::{cells, defines, quoted};
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace};

const PAGE: &str = "docs/field-bugs.md";
/// The number of the last row.
const LAST: usize = 120;

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let read = |path: &str| fs::read_to_string(workspace.root().join(path)).map_err(|e| format!("{path}: {e}"));
    let faults = faults(&read(PAGE)?, LAST, |path| read(path).unwrap_or_default());
    if faults.is_empty() { Ok(Verdict::Passed) } else { Err(format!("{PAGE}:\n{}", faults.join("\n"))) }
}

fn faults(page: &str, last: usize, file: impl Fn(&str) -> String) -> Vec<String> {
    let rows: Vec<(usize, &str)> = page.lines().filter_map(row).collect();
    let mut faults = Vec::new();
    for number in 1..=last {
        let count = rows.iter().filter(|(it, _)| *it == number).count();
        if count != 1 {
            faults.push(format!("{count} rows have the number {number}"));
        }
    }
    for (number, tests) in rows.into_iter().filter(|(_, tests)| *tests != "open") {
        check(number, tests, &file, &mut faults);
    }
    faults
}

/// The number in the first cell and the text of the last one.
fn row(line: &str) -> Option<(usize, &str)> {
    let (number, tests) = cells(line)?;
    Some((number.parse().ok()?, tests))
}

/// In backticks: names of tests, then the files in which each of them stands; then perhaps more names.
fn check(number: usize, tests: &str, file: impl Fn(&str) -> String, faults: &mut Vec<String>) {
    let (mut names, mut files) = (Vec::new(), 0);
    for word in quoted(tests) {
        if word.starts_with("field_bug_") {
            if files > 0 {
                (names, files) = (Vec::new(), 0);
            }
            if !word.contains(&format!("_{number:02}_")) {
                faults.push(format!("row {number} names a test of another row: {word}"));
            }
            names.push(word);
        } else {
            let text = file(word);
            let missing = names.iter().filter(|name| !defines(&text, name));
            faults.extend(missing.map(|name| format!("row {number}: no {name} in {word}")));
            files += 1;
        }
    }
    if names.is_empty() || files == 0 {
        faults.push(format!("row {number} names no test with its file"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_be_wrong_is_told() {
        let file =
            |path: &str| if path == "a.rs" { "fn field_bug_01_x() fn field_bug_02_and_03_y(" } else { "" }.into();
        let right = "|1|`field_bug_01_x` in `a.rs`|\n| 2 | | `field_bug_02_and_03_y` in `a.rs` |\n|3|open|";
        assert_eq!(faults(right, 3, file), [""; 0]);
        for (from, to, told) in [
            ("|3|", "|2|", "2 rows have the number 2; 0 rows have the number 3"),
            ("`a.rs`", "`b.rs`", "row 1: no field_bug_01_x in b.rs"),
            ("_01_x", "_01_z", "row 1: no field_bug_01_z in a.rs"),
            (
                "|1|",
                "|1|`field_bug_02_and_03_y` in `a.rs`, ",
                "row 1 names a test of another row: field_bug_02_and_03_y",
            ),
            ("open", "…", "row 3 names no test with its file"),
            (" in `a.rs`", "", "row 1 names no test with its file"),
        ] {
            assert_eq!(faults(&right.replacen(from, to, 1), 3, file).join("; "), told, "{from} -> {to}");
        }
    }
}
