//! A bug: a patch, and what stands above it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::Result;

#[derive(Debug)]
pub(super) struct Bug {
    /// The file's, without its ending.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// The rule, or the row of a table.
    pub(super) breaks: String,
    pub(super) finder: Finder,
    /// Why nothing finds it.
    pub(super) missed: Option<String>,
}

/// What is to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finder {
    /// The simulator, with these protocols.
    Simulator(Vec<String>),
    /// What `cargo test` is given.
    Test(Vec<String>),
}

impl Bug {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self::parse(name, path, &text).map_err(|why| format!("{}: {why}", path.display()))
    }

    fn parse(name: String, path: &Path, text: &str) -> Result<Self> {
        let (head, _) = text.split_once("\ndiff --git ").ok_or("it has no patch")?;
        let said = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(str::trim);
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let finder = match (said("run"), said("test")) {
            (Some(protocols), None) => Finder::Simulator(words(protocols)),
            (None, Some(args)) => Finder::Test(words(args)),
            _ => return Err("it says neither `run: PROTOCOL…` nor `test: ARGS…`, or both".to_owned()),
        };
        let breaks = said("breaks").ok_or("it does not say what it breaks (`breaks: …`)")?.to_owned();
        let missed = said("missed").map(str::to_owned);
        Ok(Self { name, path: path.to_owned(), breaks, finder, missed })
    }

    /// By its name, with the number in front or without.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.name.split_once('-').is_some_and(|(_, short)| short == name)
    }
}

impl Finder {
    /// The same with one protocol each.
    pub(super) fn each(&self) -> Vec<Self> {
        match self {
            Self::Simulator(protocols) => protocols.iter().map(|it| Self::Simulator(vec![it.clone()])).collect(),
            Self::Test(_) => vec![self.clone()],
        }
    }
}

impl fmt::Display for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulator(protocols) => write!(f, "the simulator with {}", protocols.join(", ")),
            Self::Test(args) => write!(f, "cargo test {}", args.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bug(head: &str) -> Result<Bug> {
        Bug::parse(
            "07-x-y".to_owned(),
            Path::new("07-x-y.patch"),
            &format!("What it does.\n\n{head}\n\ndiff --git a/f b/f\n"),
        )
    }

    #[test]
    fn what_stands_above_the_patch_says_what_finds_it() {
        let simulated = bug("breaks: rule 8 (b)\nrun: s3 cos-v2").unwrap();
        assert_eq!(simulated.breaks, "rule 8 (b)");
        assert_eq!(simulated.finder.to_string(), "the simulator with s3, cos-v2");
        assert_eq!(simulated.finder.each().len(), 2);
        let tested = bug("breaks: store\ntest: -p resumable --test store\nmissed: for a reason").unwrap();
        assert_eq!(tested.finder.to_string(), "cargo test -p resumable --test store");
        assert_eq!(tested.missed.as_deref(), Some("for a reason"));
        assert!(tested.is_called("07-x-y") && tested.is_called("x-y") && !tested.is_called("y"));
    }

    #[test]
    fn a_bug_that_does_not_say_all_of_it_is_none() {
        for (head, why) in [
            ("breaks: rule 1", "neither"),
            ("breaks: rule 1\nrun: s3\ntest: -p x", "or both"),
            ("run: s3", "what it breaks"),
        ] {
            assert!(bug(head).unwrap_err().contains(why), "{head}");
        }
        assert!(Bug::parse(String::new(), Path::new("x"), "breaks: a\nrun: s3\n").unwrap_err().contains("no patch"));
    }
}
