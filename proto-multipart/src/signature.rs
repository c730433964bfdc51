//! What signatures of several vendors are made of.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

/// A value for the `Authorization` header. It is as good as a password for some minutes, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization(String);

impl Authorization {
    /// Takes a value: a checked id and a signature.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself: for the wire and for tests, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The header's value, marked as sensitive.
    ///
    /// # Panics
    /// If the id of the key is no checked one.
    pub fn to_header_value(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&self.0).expect("a checked id and a signature make a header value");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization([redacted])")
    }
}

/// A header's values as a signature takes them: trimmed, several of one name joined by commas.
pub fn text_of(headers: &HeaderMap, name: &HeaderName) -> String {
    let all = headers.get_all(name).iter();
    all.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned()).collect::<Vec<_>>().join(",")
}

/// Those of these headers that are signed, sorted by name, each line with its line feed.
pub fn header_lines(headers: &HeaderMap, signed: impl Fn(&str) -> bool) -> String {
    let signed = headers.keys().filter(|name| signed(name.as_str()));
    let sorted: BTreeMap<&str, String> = signed.map(|name| (name.as_str(), text_of(headers, name))).collect();
    sorted.into_iter().flat_map(|(name, value)| [name.to_owned(), ":".to_owned(), value, "\n".to_owned()]).collect()
}
