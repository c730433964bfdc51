//! What the client says of an object beside its bytes: its type, the standard headers that the vendor gives back with it, its
//! metadata, and words of the vendor's.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// What an object is if nobody said.
const OCTETS: &str = "application/octet-stream";
/// Kept, and given back as they came.
const STANDARD_HEADERS: [&str; 5] =
    ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// What stays with an object.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) content_type: String,
    /// The others, in lower case, with the values that they came with.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Which headers a vendor keeps beside the standard ones.
pub(crate) struct Headers {
    /// How the names of metadata begin.
    pub(crate) metadata: &'static str,
    /// Longest metadata in bytes, names and values together.
    pub(crate) metadata_max: usize,
    /// Whether the rest of a name may be that of metadata.
    pub(crate) is_key: fn(&str) -> bool,
    /// Headers that have to be one of a few words.
    pub(crate) words: &'static [(&'static str, &'static [&'static str])],
    /// Headers that are kept whatever they say.
    pub(crate) others: &'static [&'static str],
}

/// What a vendor does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongHeader {
    MetadataKey,
    MetadataValue,
    MetadataTooLarge,
    /// None of the words that this header may have.
    Word(&'static str),
}

impl Default for Description {
    fn default() -> Self {
        Self { content_type: OCTETS.to_owned(), headers: BTreeMap::new() }
    }
}

impl Description {
    /// What a request says of its object.
    ///
    /// # Errors
    /// A name, a value or a sum that the vendor does not take.
    pub(crate) fn of(headers: &HeaderMap, kept: &Headers) -> Result<Description, WrongHeader> {
        let mut description = Description::default();
        if let Some(kind) =
            headers.get("content-type").and_then(|value| value.to_str().ok()).filter(|it| !it.is_empty())
        {
            kind.clone_into(&mut description.content_type);
        }
        for (name, value) in headers {
            let (name, value) = (name.as_str(), value.to_str().ok().map(str::trim));
            if let Some(value) = kept.value(name, value)? {
                description.headers.insert(name.to_owned(), value.to_owned());
            }
        }
        let of_metadata = description.headers.iter().filter(|(name, _)| name.starts_with(kept.metadata));
        if of_metadata.map(|(name, value)| name.len() + value.len()).sum::<usize>() > kept.metadata_max {
            return Err(WrongHeader::MetadataTooLarge);
        }
        Ok(description)
    }

    /// Takes a word out of a header that is a list of words; the header, too, if nothing is left of it.
    pub(crate) fn without_word(&mut self, name: &str, word: &str) {
        let Some(value) = self.headers.remove(name) else { return };
        let left: Vec<&str> = value.split(',').map(str::trim).filter(|it| !it.is_empty() && *it != word).collect();
        if !left.is_empty() {
            self.headers.insert(name.to_owned(), left.join(", "));
        }
    }

    /// What was said under this name, in lower case; none of the type.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// All but the type, as it came.
    pub(crate) fn told(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.headers.iter().map(|(name, value)| (name.clone(), value.clone()))
    }
}

impl Headers {
    /// What is kept of a header; none for one that does not belong to the object.
    fn value<'a>(&self, name: &str, value: Option<&'a str>) -> Result<Option<&'a str>, WrongHeader> {
        if let Some(key) = name.strip_prefix(self.metadata) {
            if !(self.is_key)(key) {
                return Err(WrongHeader::MetadataKey);
            }
            return value.map(Some).ok_or(WrongHeader::MetadataValue);
        }
        if let Some((name, words)) = self.words.iter().find(|(known, _)| *known == name) {
            return value.filter(|value| words.contains(value)).map(Some).ok_or(WrongHeader::Word(name));
        }
        let is_kept = STANDARD_HEADERS.contains(&name) || self.others.contains(&name);
        Ok(value.filter(|value| is_kept && !value.is_empty()))
    }
}
