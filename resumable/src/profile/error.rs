//! What is wrong with a file of profiles, in words.

use std::error::Error;
use std::{fmt, io};

use crate::printable;

/// Why a profile cannot be used: the file, the line, the profile and the key, as far as they are known. No value is in it,
/// because it may be a secret. Control characters are escaped.
///
/// Where the file could not be read, its [`source`](Error::source) is the [`io::Error`].
#[derive(Debug)]
pub struct ProfileError {
    what: String,
    advice: Vec<String>,
    source: Option<io::Error>,
}

impl ProfileError {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self { what: printable::text(&what.to_string()), advice: Vec::new(), source: None }
    }

    /// Adds a sentence: what to do next.
    pub(crate) fn next(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(printable::text(&advice.into()));
        self
    }

    pub(super) fn with_source(mut self, source: io::Error) -> Self {
        self.source = Some(source);
        self
    }

    /// What to do about it: sentences, none if the error says all. What may have been meant is among them.
    pub fn advice(&self) -> &[String] {
        &self.advice
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for ProfileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}
