//! One profile of the configuration file. Structs are taken out of it, each with the keys that it has fields for; a key
//! that none of them has is a mistake.

mod mistake;
mod table;
mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Value;

pub(crate) use self::mistake::Mistake;
use self::table::TableDeserializer;
pub(crate) use self::values::{Secret, Size, Time, Window, set};
use crate::exit::Problem;
use crate::printable;

/// The variable in the environment that a secret may stand in; it wins over the profile.
pub(crate) fn variable(key: &str) -> String {
    format!("RESUMABLE_{}", key.to_uppercase())
}

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this line of the file, from 1.
    Line(usize),
    /// In the environment.
    Environment,
}

/// A value, and where it was found.
#[derive(Clone)]
pub(crate) struct Field {
    /// Where.
    pub(crate) place: Place,
    /// The value.
    pub(crate) value: Value,
}

// The value may be a secret.
impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Field").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A profile that structs are taken out of.
#[derive(Debug)]
pub(crate) struct Profile {
    name: String,
    file: PathBuf,
    fields: BTreeMap<String, Field>,
    /// What was asked for, and where it was found.
    known: Vec<(&'static str, Option<Place>)>,
    secrets: &'static [&'static str],
}

impl Profile {
    /// A profile of which nothing was taken yet.
    pub(crate) fn new(name: &str, file: &Path, fields: BTreeMap<String, Field>) -> Self {
        Self { name: name.to_owned(), file: file.to_owned(), fields, known: Vec::new(), secrets: &[] }
    }

    /// Takes a struct, with the keys that it has fields for. A tuple of structs gets the keys of each.
    ///
    /// # Errors
    /// When a key has to be there and is not, or its value is none for it.
    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        T::deserialize(TableDeserializer(self)).map_err(|mistake| self.explain(mistake))
    }

    /// Puts what the environment has of these secrets in place of what the profile says.
    ///
    /// # Errors
    /// When it is no text.
    pub(crate) fn apply_environment(
        &mut self,
        secrets: &'static [&'static str],
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<(), Problem> {
        self.secrets = secrets;
        for key in secrets {
            let Some(given) = environment(&variable(key)) else { continue };
            let Ok(text) = given.into_string() else {
                return Err(wins(Problem::usage(format!("{} is no UTF-8", variable(key))), key));
            };
            self.fields.insert((*key).to_owned(), Field { place: Place::Environment, value: text.into() });
        }
        Ok(())
    }

    /// A text as it was written, without taking it.
    pub(crate) fn peek(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.value.as_str()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Takes the value of one key.
    fn find(&mut self, key: &'static str) -> Option<Field> {
        let field = self.fields.remove(key);
        self.known.push((key, field.as_ref().map(|field| field.place)));
        field
    }

    /// Says that everything that is understood was taken.
    ///
    /// # Errors
    /// When something is left: a key that nobody knows.
    pub(crate) fn done(&self) -> Result<(), Problem> {
        let left = self.fields.iter().filter_map(|(key, field)| match field.place {
            Place::Line(line) => Some((line, key)),
            Place::Environment => None,
        });
        let Some((line, key)) = left.min() else { return Ok(()) };
        let problem = self.problem(Some(line), &format!("there is no key \"{}\"", printable::text(key)));
        let names: Vec<&str> = self.known.iter().map(|(name, _)| *name).collect();
        let meant = names.iter().find(|name| alike(key, name));
        let problem = meant.into_iter().fold(problem, |it, name| it.next(format!("Is \"{name}\" what it should be?")));
        Err(problem.next(format!("Keys of this profile: {}.", names.join(", "))))
    }

    /// What is wrong, with the file, the line, and what may have been meant.
    pub(crate) fn explain(&self, mistake: Mistake) -> Problem {
        match mistake {
            Mistake::Missing(key) => self.missing(key),
            Mistake::Wrong { key, why, next } => {
                let place = self.known.iter().find(|(name, _)| *name == key).and_then(|(_, place)| *place);
                let problem = match place {
                    Some(Place::Line(line)) => self.problem(Some(line), &why),
                    Some(Place::Environment) => wins(Problem::usage(why), key),
                    None => self.problem(None, &why),
                };
                next.into_iter().fold(problem, Problem::next)
            }
            Mistake::Other(why) => Problem::usage(printable::text(&why)),
        }
    }

    fn problem(&self, line: Option<usize>, why: &str) -> Problem {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let (file, name) = (printable::path(&self.file), printable::text(&self.name));
        Problem::usage(format!("{file}{line}, profile \"{name}\": {why}"))
    }

    /// A key that has to be there is not.
    fn missing(&self, key: &str) -> Problem {
        let mut problem = self.problem(None, &format!("{key} is missing"));
        let mistyped = self.fields.iter().find(|(there, _)| alike(there, key));
        if let Some((there, Field { place: Place::Line(line), .. })) = mistyped {
            let there = printable::text(there);
            problem = problem.next(format!("Line {line} has \"{there}\": is that what it should be?"));
        }
        if self.secrets.contains(&key) {
            problem = problem.next(format!("It may also stand in the environment, as {}.", variable(key)));
        }
        problem
    }
}

fn wins(problem: Problem, key: &str) -> Problem {
    problem.next(format!("It is in the environment, and wins over {key} in the profile."))
}

/// Whether `there` may be a mistyped `key`.
fn alike(there: &str, key: &str) -> bool {
    let there = there.to_ascii_lowercase().replace('-', "_");
    strsim::damerau_levenshtein(&there, key) <= 2
}
