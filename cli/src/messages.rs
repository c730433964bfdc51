//! Every text that people read, on one page: `docs/messages.md`. So a change of wording is seen in a diff, and a reviewer can
//! read all of it at once.

mod failures;
mod files;
mod helps;
mod profiles;
mod vendors;

use std::env;
use std::fmt::Write as _;
use std::fs;

use crate::exit::Problem;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/messages.md");

const HEAD: &str = "\
# Messages

Every help text and every message of the command, with sample values, as a test renders them. Do not edit this page: change
the words in the code, then run `UPDATE=1 cargo test -p resumable-cli messages`.
";

#[test]
fn the_page_shows_what_the_command_says() {
    let said = page();
    if env::var_os("UPDATE").is_some() {
        fs::write(PAGE, &said).unwrap();
    }
    let shown = fs::read_to_string(PAGE).unwrap_or_default();
    let differs = said.lines().zip(shown.lines()).find(|(said, shown)| said != shown);
    assert!(
        said == shown,
        "docs/messages.md shows other words than the command says ({} lines, {}; first: {differs:?}). If the command's are \
         right: UPDATE=1 cargo test -p resumable-cli messages",
        said.lines().count(),
        shown.lines().count()
    );
}

fn page() -> String {
    let sections = [
        ("Help", helps::all()),
        ("How an upload can fail", failures::all()),
        ("Files and folders", files::all()),
        ("Profiles", profiles::all()),
        ("What the vendors say", vendors::all()),
    ];
    let mut page = HEAD.to_owned();
    for (title, text) in sections {
        let _ = write!(page, "\n## {title}\n\n{text}");
    }
    page
}

/// A text under the name of what it belongs to.
fn block(name: &str, text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    format!("### {name}\n\n```text\n{}\n```\n\n", lines.join("\n"))
}

/// Problems under the name of what they are about, each with its exit code.
fn problems(name: &str, problems: impl IntoIterator<Item = Problem>) -> String {
    let shown: Vec<String> =
        problems.into_iter().map(|it| format!("{}\nexit code {}\n", it.shown(), it.code() as u8)).collect();
    block(name, &shown.join("\n"))
}
