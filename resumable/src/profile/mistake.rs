//! What can be wrong with a profile. No value is in it, because it may be a secret.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Mistake {
    /// A key that has to be there is not.
    Missing(&'static str),
    /// The value of a key makes no sense.
    Wrong {
        /// The key.
        key: &'static str,
        /// Why, as a sentence.
        why: String,
        /// What to write instead.
        next: Option<String>,
    },
    /// Something that is none of the profile's keys, as a sentence; or what is wrong with a value whose key is not known
    /// yet, as the end of one.
    Other(String),
}

impl Mistake {
    /// The value of `key` makes no sense, because of this sentence.
    pub(crate) fn wrong(key: &'static str, why: impl Display) -> Self {
        Self::Wrong { key, why: why.to_string(), next: None }
    }

    /// No object can be at this path.
    pub(crate) fn path(path: &str, why: impl Display) -> Self {
        Self::Other(format!("{path}: {why}"))
    }

    /// The key of the value that this was said of, and the name that it is known by.
    pub(crate) fn of_value(self, key: &'static str, name: &str) -> Self {
        match self {
            Self::Other(why) => Self::wrong(key, format!("{name} {why}")),
            other => other,
        }
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::Wrong { why, .. } | Self::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: Display>(why: T) -> Self {
        Self::Other(why.to_string())
    }

    fn missing_field(key: &'static str) -> Self {
        Self::Missing(key)
    }

    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::Other(format!("must be {wanted}"))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::Other(format!("must be {wanted}"))
    }
}
