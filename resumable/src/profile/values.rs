//! What values can be, besides texts, flags and words. Each says what it must be as the end of a sentence that begins
//! with its key.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use toml::Value;

use super::Wiped;
use crate::limits::Window;
use crate::units::{parse_size, parse_time};

/// Puts what a profile says in the place of a default.
pub(crate) fn set<T>(option: &mut T, given: Option<impl Into<T>>) {
    if let Some(given) = given {
        *option = given.into();
    }
}

/// A number of bytes: a number, or a text like `1MiB`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Size(u64);

impl From<Size> for u64 {
    fn from(size: Size) -> Self {
        size.0
    }
}

impl TryFrom<Value> for Size {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let size = match &value {
            Value::String(text) => parse_size(text).ok(),
            other => other.as_integer().and_then(|number| u64::try_from(number).ok()),
        };
        size.map(Self).ok_or("must be a size like \"1MiB\" or 1048576")
    }
}

/// A time: a text like `90s`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Time(Duration);

impl From<Time> for Duration {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl TryFrom<Value> for Time {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let time = value.as_str().and_then(|text| parse_time(text).ok());
        time.map(Self).ok_or("must be a time like \"90s\", \"10m\" or \"2h\"")
    }
}

/// How many requests may be under way at once.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct GivenWindow(pub(crate) Window);

impl TryFrom<Value> for GivenWindow {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let text = match value {
            Value::Integer(number) => number.to_string(),
            Value::String(text) if text.chars().all(char::is_alphabetic) => text,
            _ => String::new(),
        };
        text.parse().map(Self)
    }
}

/// Texts by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

impl TryFrom<Value> for Texts {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const WANTED: &str = "must be a table of texts like { name = \"value\" }";
        let Value::Table(table) = value else { return Err(WANTED) };
        let text = |(name, value)| if let Value::String(text) = value { Ok((name, text)) } else { Err(WANTED) };
        table.into_iter().map(text).collect::<Result<_, _>>().map(Self)
    }
}

/// A secret as the vendor gave it. What stands around it came with the file that it was copied from: blanks and line breaks
/// are left out. No vendor's has quotes at its ends, or a blank within.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Secret(pub(crate) SecretString);

impl Secret {
    /// What it is.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<Value> for Secret {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const QUOTES: [char; 7] = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];
        let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
        let value = Wiped::from(value);
        let bare = value.get().as_str().ok_or("must be a text in quotes")?.trim_matches(blank);
        if bare.is_empty() {
            Err("is empty")
        } else if bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
            Err("has quotes around it: remove them")
        } else if bare.contains(blank) {
            Err("has a blank or a line break inside: too much or too little was copied")
        } else {
            Ok(Self(bare.into()))
        }
    }
}

/// A program and what it is given: a list of texts. Not `Debug`: a secret may be among them.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct CommandLine {
    /// The program.
    pub(crate) program: String,
    /// Its arguments.
    pub(crate) args: Vec<String>,
}

impl TryFrom<Value> for CommandLine {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let texts: Option<Vec<String>> =
            value.as_array().and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        let mut texts = texts.unwrap_or_default().into_iter();
        match texts.next() {
            Some(program) if !program.trim().is_empty() => Ok(Self { program, args: texts.collect() }),
            _ => Err("must be a list of texts, a program and its arguments, like [\"pass\", \"show\", \"upload\"]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::try_from(Value::from(" s3cr3t\n")).unwrap();
        assert_eq!(secret.expose(), "s3cr3t");
        assert!(!format!("{secret:?}").contains("s3cr3t"));
    }
}
