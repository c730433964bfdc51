//! One profile of the configuration file: keys that are taken one by one; what nobody took is a mistake.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use resumable_core::MAX_WINDOW;
use secrecy::SecretString;
use toml::Value;

use crate::exit::Problem;
use crate::printable;
use crate::units::{parse_size, parse_time};

/// A secret's two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// The key in a profile.
    pub(crate) key: &'static str,
    /// The variable in the environment, which wins.
    pub(crate) variable: &'static str,
}

/// A value, and where it stands.
#[derive(Clone)]
pub(crate) struct Field {
    /// The line in the file, from 1.
    pub(crate) line: usize,
    /// The value.
    pub(crate) value: Value,
}

// The value may be a secret.
impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Field").field("line", &self.line).finish_non_exhaustive()
    }
}

/// A profile whose keys are being taken.
#[derive(Debug)]
pub(crate) struct Profile {
    name: String,
    file: PathBuf,
    fields: BTreeMap<String, Field>,
    /// What was asked for, and where it stood.
    known: Vec<(&'static str, Option<usize>)>,
}

impl Profile {
    /// A profile of which nothing was taken yet.
    pub(crate) fn new(name: &str, file: &Path, fields: BTreeMap<String, Field>) -> Self {
        Self { name: name.to_owned(), file: file.to_owned(), fields, known: Vec::new() }
    }

    /// Takes a text that has to be there.
    pub(crate) fn needed(&mut self, key: &'static str) -> Result<String, Problem> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// Takes a text.
    pub(crate) fn text(&mut self, key: &'static str) -> Result<Option<String>, Problem> {
        self.take(key, "a text in quotes", |value| value.as_str().map(str::to_owned))
    }

    /// Takes `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Result<Option<bool>, Problem> {
        self.take(key, "true or false", Value::as_bool)
    }

    /// Takes a number of bytes: a number, or a text like `1MiB`.
    pub(crate) fn size(&mut self, key: &'static str) -> Result<Option<u64>, Problem> {
        self.take(key, "a size like \"1MiB\" or 1048576", |value| match value {
            Value::String(text) => parse_size(text).ok(),
            other => u64::try_from(other.as_integer()?).ok(),
        })
    }

    /// Takes a time: a text like `90s`.
    pub(crate) fn time(&mut self, key: &'static str) -> Result<Option<Duration>, Problem> {
        self.take(key, "a time like \"90s\", \"10m\" or \"2h\"", |value| parse_time(value.as_str()?).ok())
    }

    /// Takes how many requests may be under way at once.
    pub(crate) fn window(&mut self) -> Result<Option<usize>, Problem> {
        let within = |window: &usize| (1..=MAX_WINDOW).contains(window);
        let wanted = format!("a number from 1 to {MAX_WINDOW}");
        self.take("window", &wanted, |value| usize::try_from(value.as_integer()?).ok().filter(within))
    }

    /// Takes one of a few words.
    pub(crate) fn one_of<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let names: Vec<String> = words.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let find = |value: &Value| Some(words.iter().find(|(name, _)| value.as_str() == Some(name))?.1);
        self.take(key, &names.join(" or "), find)
    }

    /// Takes what the environment has, or else the text in the profile; one of them has to be there.
    pub(crate) fn secret(&mut self, secret: Secret) -> Result<SecretString, Problem> {
        let found = self.secret_if_any(secret)?;
        let also = || format!("It may also stand in the environment, as {}.", secret.variable);
        found.ok_or_else(|| self.missing(secret.key).next(also()))
    }

    /// The same, where neither has to be there.
    pub(crate) fn secret_if_any(&mut self, Secret { key, variable }: Secret) -> Result<Option<SecretString>, Problem> {
        let written = self.text(key)?;
        if let Some(given) = env::var_os(variable) {
            let given = given.to_str().map_or(Err("is no UTF-8"), bare).map_err(|why| {
                let problem = Problem::usage(format!("{variable} {why}"));
                problem.next(format!("It is in the environment, and wins over {key} in the profile."))
            });
            return given.map(|given| Some(SecretString::from(given)));
        }
        let written = written.map(|written| bare(&written).map(SecretString::from)).transpose();
        written.map_err(|why| self.wrong(key, &format!("{key} {why}")))
    }

    /// A text as it was written, whoever takes it later.
    pub(crate) fn peek(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.value.as_str()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Takes a value that `read` understands.
    pub(crate) fn take<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let field = self.fields.remove(key);
        self.known.push((key, field.as_ref().map(|field| field.line)));
        let Some(field) = field else { return Ok(None) };
        match read(&field.value) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(key, &format!("{key} must be {wanted}"))),
        }
    }

    /// Says that everything that is understood was taken.
    ///
    /// # Errors
    /// When something is left: a key that nobody knows.
    pub(crate) fn done(&self) -> Result<(), Problem> {
        let Some((key, field)) = self.fields.iter().min_by_key(|(_, field)| field.line) else { return Ok(()) };
        let problem = self.problem(Some(field.line), &format!("there is no key \"{}\"", printable::text(key)));
        let names: Vec<&str> = self.known.iter().map(|(name, _)| *name).collect();
        let meant = names.iter().find(|name| alike(key, name));
        let problem = meant.into_iter().fold(problem, |it, name| it.next(format!("Is \"{name}\" what it should be?")));
        Err(problem.next(format!("Keys of this profile: {}.", names.join(", "))))
    }

    /// What was taken under `key` makes no sense, for this reason.
    pub(crate) fn wrong(&self, key: &str, why: &str) -> Problem {
        let line = self.known.iter().find(|(name, _)| *name == key).and_then(|(_, line)| *line);
        self.problem(line, why)
    }

    fn problem(&self, line: Option<usize>, why: &str) -> Problem {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let (file, name) = (printable::path(&self.file), printable::text(&self.name));
        Problem::usage(format!("{file}{line}, profile \"{name}\": {why}"))
    }

    /// A key that has to be there is not.
    pub(crate) fn missing(&self, key: &str) -> Problem {
        let problem = self.problem(None, &format!("{key} is missing"));
        let mistyped = self.fields.iter().find(|(there, _)| alike(there, key));
        match mistyped {
            Some((there, field)) => problem.next(format!(
                "Line {} has \"{}\": is that what it should be?",
                field.line,
                printable::text(there)
            )),
            None => problem,
        }
    }
}

/// A secret as the vendor gave it. What stands around it came with the file that it was copied from: blanks and line breaks
/// are left out. No vendor's has quotes at its ends, or a blank within.
///
/// # Errors
/// Why it cannot be one, as the end of a sentence that begins with its name: it is never shown.
fn bare(text: &str) -> Result<&str, &'static str> {
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let bare = text.trim_matches(blank);
    if bare.is_empty() {
        Err("is empty")
    } else if bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        Err("has quotes around it: take them off")
    } else if bare.contains(blank) {
        Err("has a blank or a line break within: part of it, or more than it, was copied")
    } else {
        Ok(bare)
    }
}

const QUOTES: [char; 7] = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];

/// Whether somebody who wrote `there` may have meant `key`.
fn alike(there: &str, key: &str) -> bool {
    let there = there.to_ascii_lowercase().replace('-', "_");
    strsim::damerau_levenshtein(&there, key) <= 2
}
