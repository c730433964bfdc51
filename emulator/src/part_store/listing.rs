//! What lists have in common: which entries a page holds, and how keys are written.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Vendor;
use super::parts::{Part, Purpose};
use super::xml::Xml;
use crate::faults::Fault;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How an answer writes the keys in it: as they are, or with percent signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStyle {
    Plain,
    Url,
}

impl KeyStyle {
    /// By the parameter `encoding-type`; the error is its value.
    pub(crate) fn of(parameter: Option<&str>) -> Result<KeyStyle, String> {
        match parameter {
            None | Some("") => Ok(KeyStyle::Plain),
            Some(kind) if kind.eq_ignore_ascii_case("url") => Ok(KeyStyle::Url),
            Some(other) => Err(other.to_owned()),
        }
    }

    pub(crate) fn key(self, key: &str) -> String {
        match self {
            KeyStyle::Plain => key.to_owned(),
            KeyStyle::Url => utf8_percent_encode(key, RESERVED).to_string(),
        }
    }

    /// Says so, where keys are not as they are.
    pub(crate) fn tell(self, xml: &mut Xml) {
        if self == KeyStyle::Url {
            xml.leaf("EncodingType", "url");
        }
    }
}

/// Some entries of a list, and whether there are more behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) is_truncated: bool,
}

impl<T> Page<T> {
    /// The first ones, as many as there may be.
    pub(crate) fn of(mut all: impl Iterator<Item = T>, most: usize) -> Page<T> {
        let entries = all.by_ref().take(most).collect();
        Page { entries, is_truncated: all.next().is_some() }
    }
}

impl Page<(u32, Part)> {
    /// Some faults are in the entries; `behind` is the number before the first one wanted.
    pub(crate) fn lie(&mut self, fault: Option<&Fault>, behind: u32, clock: Duration) {
        let entries = &mut self.entries;
        let first = entries.first().cloned();
        match (fault, first) {
            (Some(Fault::DuplicatePart), Some(first)) => entries.insert(0, first),
            (Some(Fault::MissingPart), Some(_)) => drop(entries.remove(0)),
            (Some(Fault::ExtraPart), first) => {
                let number = entries.last().map_or(behind, |(number, _)| *number) + 1;
                let nobodys = Part::of_nobody(first.map_or(0, |(_, part)| part.length) + 1, clock);
                entries.push((number, nobodys));
            }
            _ => {}
        }
    }
}

/// Where a page of unfinished uploads begins, and what it may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadsFrom<'a> {
    pub(crate) prefix: &'a str,
    /// Empty for the first page.
    pub(crate) key: &'a str,
    /// Empty for none of the key's own.
    pub(crate) id: &'a str,
}

impl UploadsFrom<'_> {
    /// A page of uploads that are sorted by key and id.
    pub(crate) fn page<V: Vendor>(
        self,
        all: Vec<(Arc<Purpose<V>>, String)>,
        most: usize,
    ) -> Page<(Arc<Purpose<V>>, String)> {
        let is_behind = |key: &str, id: &str| match key.cmp(self.key) {
            _ if self.key.is_empty() => true,
            Ordering::Equal => !self.id.is_empty() && id > self.id,
            order => order.is_gt(),
        };
        Page::of(all.into_iter().filter(|(it, id)| it.key.starts_with(self.prefix) && is_behind(&it.key, id)), most)
    }
}

/// An entry of a list of objects: an object, or all whose keys begin alike up to the delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Object(String),
    Prefix(String),
}

impl Entry {
    /// The key, or what keys begin with.
    pub(crate) fn text(&self) -> &str {
        match self {
            Entry::Object(text) | Entry::Prefix(text) => text,
        }
    }
}

/// Keys that begin with `prefix` and are sorted, as entries behind `behind`; without a delimiter each is one of its own.
pub(crate) fn entries(keys: Vec<String>, prefix: &str, delimiter: &str, behind: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for key in keys {
        let rest = &key[prefix.len()..];
        let Some(end) = rest.find(delimiter).filter(|_| !delimiter.is_empty()) else {
            entries.push(Entry::Object(key));
            continue;
        };
        let common = key[..prefix.len() + end + delimiter.len()].to_owned();
        let is_there = matches!(entries.last(), Some(Entry::Prefix(last)) if *last == common);
        if !is_there && common.as_str() > behind {
            entries.push(Entry::Prefix(common));
        }
    }
    entries
}

/// Whose everything is.
pub(crate) fn owner(xml: &mut Xml) {
    xml.nest("Owner", |xml| {
        xml.leaf("ID", "emulator");
        xml.leaf("DisplayName", "emulator");
    });
}
