//! A profile that is read: structs are taken out of it, each with the keys that it has fields for. A key that none of them
//! has is a mistake.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::Value;

use super::table::TableDeserializer;
use super::{Connection, Field, Mistake, Place, Profile, ProfileError, variable};

/// A profile, and which of its keys were taken.
pub(crate) struct Reading {
    profile: Profile,
    /// What was asked for, and where it was found.
    known: Vec<(&'static str, Option<Place>)>,
}

impl Reading {
    /// A profile of which nothing was taken yet.
    pub(crate) fn new(profile: &Profile) -> Self {
        Self { profile: profile.clone(), known: Vec::new() }
    }

    /// The profile's name.
    pub(crate) fn name(&self) -> &str {
        &self.profile.name
    }

    /// How to connect.
    ///
    /// # Errors
    /// When a value makes no sense.
    pub(crate) fn connection(&mut self) -> Result<Connection, ProfileError> {
        Connection::take(self)
    }

    /// Takes a struct, with the keys that it has fields for. A tuple of structs gets the keys of each.
    ///
    /// # Errors
    /// When a key has to be there and is not, or its value is none for it.
    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Result<T, ProfileError> {
        T::deserialize(TableDeserializer(self)).map_err(|mistake| self.explain(mistake))
    }

    /// The profile's `protocol`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn protocol(&mut self) -> Result<String, ProfileError> {
        #[derive(Deserialize)]
        struct Which {
            protocol: String,
        }
        self.take().map(|Which { protocol }| protocol)
    }

    /// Takes the value of one key.
    pub(super) fn find(&mut self, key: &'static str) -> Option<Field> {
        let field = self.profile.fields.remove(key);
        self.known.push((key, field.as_ref().map(|field| field.place)));
        field
    }

    /// Says that everything that is understood was taken. `protocol`: whose profile it is.
    ///
    /// # Errors
    /// When something is left: a key that nobody knows.
    pub(crate) fn done(&self, protocol: &str) -> Result<(), ProfileError> {
        if let Some((key, _)) = self.profile.fields.iter().find(|(_, field)| field.place == Place::Program) {
            return Err(ProfileError::new(format!("{protocol} takes no {key}")).next(self.known_keys()));
        }
        let left = self.profile.fields.iter().filter_map(|(key, field)| match field.place {
            Place::Line(line) => Some((line, key)),
            Place::Environment | Place::Variable(_) | Place::Program => None,
        });
        let Some((line, key)) = left.min() else { return Ok(()) };
        let error = self.error(Some(line), &format!("there is no key \"{key}\""));
        let meant = self.known.iter().map(|(name, _)| name).find(|name| alike(key, name));
        let error = meant.into_iter().fold(error, |it, name| it.next(format!("Did you mean \"{name}\"?")));
        Err(error.next(self.known_keys()))
    }

    fn known_keys(&self) -> String {
        let names: Vec<&str> = self.known.iter().map(|(name, _)| *name).collect();
        format!("Keys of this profile: {}.", names.join(", "))
    }

    /// What is wrong, with the file, the line, and what may have been meant.
    pub(crate) fn explain(&self, mistake: Mistake) -> ProfileError {
        match mistake {
            Mistake::Missing(key) => self.missing(key),
            Mistake::Wrong { key, why, next } => {
                let place = self.known.iter().find(|(name, _)| *name == key).and_then(|(_, place)| *place);
                let error = match place {
                    Some(Place::Line(line)) => self.error(Some(line), &why),
                    Some(Place::Environment) => wins(ProfileError::new(why), key),
                    Some(Place::Variable(variable)) => ProfileError::new(why)
                        .next(format!("It comes from {variable}, because the profile does not say {key}.")),
                    // What the profile says is not wrong: this came with the upload.
                    Some(Place::Program) => ProfileError::new(why),
                    None => self.error(None, &why),
                };
                next.into_iter().fold(error, ProfileError::next)
            }
            Mistake::Other(why) => ProfileError::new(why),
        }
    }

    fn error(&self, line: Option<usize>, why: &str) -> ProfileError {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let (file, name) = (self.profile.file.display(), &self.profile.name);
        ProfileError::new(format!("{file}{line}, profile \"{name}\": {why}"))
    }

    /// A key that has to be there is not.
    fn missing(&self, key: &str) -> ProfileError {
        let mut error = self.error(None, &format!("{key} is missing"));
        let mistyped = self.profile.fields.iter().find(|(there, _)| alike(there, key));
        if let Some((there, Field { place: Place::Line(line), .. })) = mistyped {
            error = error.next(format!("Line {line} has \"{there}\"; did you mean \"{key}\"?"));
        }
        if self.profile.secrets.contains(&key) {
            error = error.next(format!("Or set {}.", variable(key)));
        }
        error
    }
}

/// Takes a struct out of an object of JSON, as it would be taken out of a profile. No value is in a mistake.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    let object: BTreeMap<String, Json> =
        serde_json::from_str(text).map_err(|_| Mistake::Other("it is not a JSON object".to_owned()))?;
    let value = |value| match value {
        Json::Null => None,
        Json::String(text) => Some(Value::String(text)),
        // Whatever it is, it is no text.
        _ => Some(Value::Boolean(false)),
    };
    let field = |value: Value| Field { place: Place::Line(1), value: value.into() };
    let fields = object.into_iter().filter_map(|(key, given)| Some((key, field(value(given)?)))).collect();
    let profile = Profile { name: String::new(), file: PathBuf::new(), fields, secrets: &[] };
    T::deserialize(TableDeserializer(&mut Reading::new(&profile)))
}

pub(super) fn wins(error: ProfileError, key: &str) -> ProfileError {
    error.next(format!("It comes from the environment, which takes precedence over {key} in the profile."))
}

/// Whether `there` may be a mistyped `key`.
fn alike(there: &str, key: &str) -> bool {
    let there = there.to_ascii_lowercase().replace('-', "_");
    strsim::damerau_levenshtein(&there, key) <= 2
}
