//! A file of profiles: a TOML file with a table of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Spanned, Value};
use zeroize::Zeroizing;

use super::{Field, Place, Profile, ProfileError};
use crate::{printable, vendors};

/// What is longer, such as a device, is no configuration; in bytes.
const LONGEST: u64 = 4 << 20;

/// The profiles of a file.
#[derive(Clone, Debug)]
pub struct Profiles {
    file: PathBuf,
    profiles: BTreeMap<String, BTreeMap<String, Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: BTreeMap<String, BTreeMap<String, Spanned<Value>>>,
}

impl Profiles {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, not readable, or not understood.
    pub fn load(file: impl AsRef<Path>) -> Result<Self, ProfileError> {
        let file = file.as_ref();
        let mut text = Zeroizing::new(String::new());
        let read = fs::File::open(file).and_then(|opened| opened.take(LONGEST).read_to_string(&mut text));
        if read.map_err(|error| unreadable(file, error))? as u64 == LONGEST {
            return Err(unreadable(file, io::Error::other("it is too long for a configuration file")));
        }
        Self::parse(&text, file)
    }

    /// Reads the text of a file; `file` is what errors call it.
    ///
    /// # Errors
    /// When it is not understood.
    pub fn parse(text: &str, file: impl Into<PathBuf>) -> Result<Self, ProfileError> {
        let path = file.into();
        let file: File = toml::from_str(text).map_err(|error| not_understood(&path, text, &error))?;
        let field = |value: Spanned<Value>| {
            let place = Place::Line(line_of(text, value.span().start));
            Field { place, value: value.into_inner().into() }
        };
        let fields = |table: BTreeMap<_, _>| table.into_iter().map(|(key, value)| (key, field(value))).collect();
        let profiles = file.profiles.into_iter().map(|(name, table)| (name, fields(table))).collect();
        Ok(Self { file: path, profiles })
    }

    /// One of the profiles.
    ///
    /// # Errors
    /// When there is none of that name; the error's advice names those that are there.
    pub fn get(&self, name: &str) -> Result<Profile, ProfileError> {
        let fields = self.profiles.get(name).ok_or_else(|| self.unknown(name))?;
        Ok(Profile { name: name.to_owned(), file: self.file.clone(), fields: fields.clone(), secrets: &[] })
    }

    /// The names of the profiles, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    fn unknown(&self, name: &str) -> ProfileError {
        let names: Vec<&str> = self.names().collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        ProfileError::new(format!("there is no profile \"{name}\" in {}", self.file.display()))
            .next(format!("Profiles there: {there}."))
    }

    /// What a person should know although it stops nothing: other users can read secrets in the file, or change it. `None`
    /// where the file is not one of this machine, or the system does not say. Made to be shown as it is; control characters
    /// are escaped.
    #[cfg(unix)]
    pub fn exposure_warning(&self) -> Option<String> {
        use std::os::unix::fs::PermissionsExt as _;
        let holds_secrets =
            self.profiles.values().flat_map(BTreeMap::keys).any(|key| vendors::secrets().any(|secret| secret == key));
        let mode = fs::metadata(&self.file).ok()?.permissions().mode();
        let (path, open) = (printable::path(&self.file), mode & 0o777);
        if holds_secrets && mode & 0o077 != 0 {
            Some(format!("{path} contains secrets and other users can read it (mode {open:03o}): chmod 600 {path}"))
        } else if mode & 0o022 != 0 {
            Some(format!("{path} can be changed by other users (mode {open:03o}): chmod go-w {path}"))
        } else {
            None
        }
    }

    /// What a person should know although it stops nothing: nothing on this system.
    #[cfg(not(unix))]
    pub fn exposure_warning(&self) -> Option<String> {
        None
    }
}

fn unreadable(file: &Path, error: io::Error) -> ProfileError {
    let shown = file.display();
    let what = match error.kind() {
        ErrorKind::NotFound => format!("there is no configuration file {shown}"),
        _ => format!("the configuration file {shown} cannot be read: {error}"),
    };
    ProfileError::new(what).with_source(error)
}

/// The parser repeats a value whose type is wrong.
fn not_understood(path: &Path, text: &str, error: &toml::de::Error) -> ProfileError {
    let line = error.span().map(|span| format!(" line {}", line_of(text, span.start))).unwrap_or_default();
    let (why, about_sections) = match error.message() {
        said if said.starts_with("invalid type") => ("a value of this type is not allowed here", true),
        said => (said, said.starts_with("unknown field")),
    };
    let error = ProfileError::new(format!("{}{line}: {why}", path.display()));
    if about_sections {
        error.next("A profile is a section like [profiles.work], with its keys below it.")
    } else {
        error
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
        Profiles::parse(text, "c.toml").unwrap_err().to_string()
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
            (format!("[profiles]\nsecret_key = '{CANARY}'"), "c.toml line 2: a value of this type is not allowed here"),
            (format!("profiles = '{CANARY}'"), "c.toml line 1: a value of this type is not allowed here"),
        ] {
            let problem = problem(&text);
            assert!(problem.starts_with(says), "{text}: {problem}");
            assert!(!problem.contains(CANARY), "{text}: {problem}");
        }
    }

    #[test]
    fn an_unknown_profile_is_told_the_known_ones() {
        let profiles = Profiles::parse("[profiles.a]\n[profiles.b]", "c.toml").unwrap();
        let problem = profiles.get("work").unwrap_err();
        assert!(format!("{problem:?}").contains("a, b"), "{problem:?}");
    }
}
