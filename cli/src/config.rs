//! The configuration file: a table of profiles.
//!
//! Errors name the file, the line and the key, and never a value: it may be a secret.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::exit::{Problem, warn};
use crate::profile::{Field, Place, Profile};
use crate::{printable, state, vendors};

/// A configuration file that was read.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    profiles: BTreeMap<String, BTreeMap<String, Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: BTreeMap<String, BTreeMap<String, Spanned<Value>>>,
}

impl Config {
    /// Reads the file that was given, or the one in its usual place.
    ///
    /// # Errors
    /// When it is not there, not readable, or not understood.
    pub(crate) fn load(given: Option<&Path>) -> Result<Self, Problem> {
        let path = given.map_or_else(state::default_config, |given| Ok(given.to_owned()))?;
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let config = Self::parse(path, &text)?;
        config.warn_of_readers();
        Ok(config)
    }

    pub(crate) fn parse(path: PathBuf, text: &str) -> Result<Self, Problem> {
        let file: File = toml::from_str(text).map_err(|error| not_understood(&path, text, &error))?;
        let field = |value: Spanned<Value>| {
            let place = Place::Line(line_of(text, value.span().start));
            Field { place, value: value.into_inner() }
        };
        let fields = |table: BTreeMap<_, _>| table.into_iter().map(|(key, value)| (key, field(value))).collect();
        let profiles = file.profiles.into_iter().map(|(name, table)| (name, fields(table))).collect();
        Ok(Self { path, profiles })
    }

    /// One of its profiles.
    ///
    /// # Errors
    /// When there is none of that name; the error names those that are there.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile, Problem> {
        let fields = self.profiles.get(name).ok_or_else(|| self.unknown(name))?;
        Ok(Profile::new(name, &self.path, fields.clone()))
    }

    fn unknown(&self, name: &str) -> Problem {
        let names: Vec<String> = self.profiles.keys().map(|name| printable::text(name)).collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Problem::usage(format!("there is no profile \"{}\" in {}", printable::text(name), printable::path(&self.path)))
            .next(format!("Profiles there: {there}."))
    }

    #[cfg(unix)]
    fn warn_of_readers(&self) {
        use std::os::unix::fs::PermissionsExt as _;
        let holds_secrets =
            self.profiles.values().flat_map(BTreeMap::keys).any(|key| vendors::secrets().any(|secret| secret == key));
        let Ok(mode) = fs::metadata(&self.path).map(|metadata| metadata.permissions().mode()) else { return };
        let (path, open) = (printable::path(&self.path), mode & 0o777);
        if holds_secrets && mode & 0o077 != 0 {
            warn(&format!("{path} holds secrets and is open to other users (mode {open:03o}): chmod 600 {path}"));
        } else if mode & 0o022 != 0 {
            warn(&format!("{path} can be changed by other users (mode {open:03o}): chmod go-w {path}"));
        }
    }

    #[cfg(not(unix))]
    fn warn_of_readers(&self) {}
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let shown = printable::path(path);
    match error.kind() {
        ErrorKind::NotFound => Problem::usage(format!("there is no configuration file {shown}"))
            .next("Write one (`resumable profiles` shows what can stand in it), or name another with --config FILE."),
        _ => Problem::usage(format!("the configuration file {shown} cannot be read: {error}")),
    }
}

/// The parser repeats a value whose type is wrong.
fn not_understood(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map(|span| format!(" line {}", line_of(text, span.start))).unwrap_or_default();
    let (why, about_sections) = match error.message() {
        said if said.starts_with("invalid type") => ("a value of this type is not possible here", true),
        said => (said, said.starts_with("unknown field")),
    };
    let problem = Problem::usage(printable::text(&format!("{}{line}: {why}", path.display())));
    if about_sections {
        problem.next("A profile is a section like [profiles.work], with its keys below it.")
    } else {
        problem
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "s3cr3t-canary";

    fn problem(text: &str) -> String {
        Config::parse(PathBuf::from("c.toml"), text).unwrap_err().what().to_owned()
    }

    #[test]
    fn mistakes_are_named_by_line_without_the_value() {
        for (text, says) in [
            (format!("\n[profile.work]\nsecret_key = '{CANARY}'"), "c.toml line 2: unknown field `profile`"),
            (format!("[profiles.work]\nsecret_key = {CANARY}"), "c.toml line 2: "),
            (format!("[profiles.work]\n\nsecret_key = '{CANARY}"), "c.toml line 3: "),
            (format!("[profiles.work]\na = 1\nsecret_key '{CANARY}'"), "c.toml line 3: "),
            (
                format!("[profiles.work]\nsecret_key = '{CANARY}'\nsecret_key = '{CANARY}'"),
                "c.toml line 3: duplicate key",
            ),
            (format!("secret_key = '{CANARY}'"), "c.toml line 1: unknown field `secret_key`"),
            (format!("[[profiles]]\nsecret_key = '{CANARY}'"), "c.toml line 1: "),
            (
                format!("[profiles]\nsecret_key = '{CANARY}'"),
                "c.toml line 2: a value of this type is not possible here",
            ),
            (format!("profiles = '{CANARY}'"), "c.toml line 1: a value of this type is not possible here"),
        ] {
            let problem = problem(&text);
            assert!(problem.starts_with(says), "{text}: {problem}");
            assert!(!problem.contains(CANARY), "{text}: {problem}");
        }
    }

    #[test]
    fn an_unknown_profile_is_told_the_known_ones() {
        let config = Config::parse(PathBuf::from("c.toml"), "[profiles.a]\n[profiles.b]").unwrap();
        let problem = config.profile("work").unwrap_err();
        assert!(format!("{problem:?}").contains("a, b"), "{problem:?}");
    }
}
