//! The configuration file as a document: what is not changed stays as it was written.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use resumable::vendors::Entry;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

use crate::exit::Problem;
use crate::printable;

/// The file.
#[derive(Default)]
pub(super) struct Document(DocumentMut);

impl Document {
    /// Reads a file; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or is no TOML.
    pub(super) fn read(path: &Path) -> Result<Self, Problem> {
        match text_of(path) {
            Ok(text) => Self::parse(&text).map_err(|line| {
                let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
                Problem::usage(format!("{}{line}: it is not understood", printable::path(path)))
                    .next("Correct it by hand, or name another file with --config FILE.")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Problem::usage(format!("{}: {error}", printable::path(path)))),
        }
    }

    /// Reads a text; the error is the line. No value is in it, because it may be a secret.
    pub(super) fn parse(text: &str) -> Result<Self, Option<usize>> {
        let line = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        text.parse().map(Self).map_err(|error: toml_edit::TomlError| error.span().map(|span| line(span.start)))
    }

    /// A text in a profile.
    pub(super) fn text(&self, profile: &str, key: &str) -> Option<String> {
        Some(self.0.get("profiles")?.as_table_like()?.get(profile)?.as_table_like()?.get(key)?.as_str()?.to_owned())
    }

    /// Sets keys of a profile, which is added where there is none.
    ///
    /// # Errors
    /// When a value is none of its key's kind.
    pub(super) fn set(&mut self, vendor: &Entry, profile: &str, given: &[(String, String)]) -> Result<(), Problem> {
        let table = table(&mut self.0, profile)?;
        put(table, "protocol", vendor.name.into());
        for (key, text) in given {
            put(table, key, read(vendor, key, text)?);
        }
        Ok(())
    }
}

/// The table of a profile.
fn table<'a>(document: &'a mut DocumentMut, profile: &str) -> Result<&'a mut dyn TableLike, Problem> {
    let no_table = |what: &str| Problem::usage(format!("{what} in the configuration file is no table"));
    let mut none = Table::new();
    none.set_implicit(true);
    let profiles = document.entry("profiles").or_insert(Item::Table(none));
    let is_inline = profiles.is_inline_table();
    let profiles = profiles.as_table_like_mut().ok_or_else(|| no_table("profiles"))?;
    let empty = || if is_inline { value(toml_edit::InlineTable::new()) } else { Item::Table(Table::new()) };
    let table = profiles.entry(profile).or_insert_with(empty);
    table.as_table_like_mut().ok_or_else(|| no_table(&printable::text(profile)))
}

/// Puts a value in the place of another, whose comment stays.
fn put(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(there) => {
            *new.decor_mut() = there.decor().clone();
            *there = new;
        }
        None => drop(table.insert(key, value(new))),
    }
}

/// A value of the kind that the vendor's page shows for the key.
fn read(vendor: &Entry, key: &str, text: &str) -> Result<Value, Problem> {
    let shown = vendor.keys().find(|known| known.name == key);
    let is_text = shown.as_ref().is_none_or(|known| known.example.starts_with(['"', '\'']));
    if is_text {
        return Ok(text.into());
    }
    let wrong = || {
        let example = shown.map(|known| known.example).unwrap_or_default();
        Problem::usage(format!("{key} must be written like {example}"))
    };
    text.parse().map_err(|_| wrong())
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is longer, such as a device, is no configuration.
const LONGEST: u64 = 4 << 20;

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let len = File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    if len as u64 == LONGEST { Err(io::Error::other("it is too long for a configuration file")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use resumable::vendors;

    use super::*;

    fn oss() -> Entry {
        vendors::entries().find(|vendor| vendor.name == "oss").unwrap()
    }

    fn set(text: &str, profile: &str, given: &[(&str, &str)]) -> Result<String, Problem> {
        let mut document = Document::parse(text).unwrap();
        let given: Vec<_> = given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        document.set(&oss(), profile, &given)?;
        Ok(document.to_string())
    }

    #[test]
    fn what_is_not_changed_stays_as_it_was_written() {
        const TEXT: &str =
            "# mine\n[profiles.a]   # work\nprotocol = 'oss'\nbucket  =  'b' # old\n\n[profiles.b]\nx = 1\n";
        assert_eq!(
            set(TEXT, "a", &[("bucket", "new")]).unwrap(),
            TEXT.replace("'oss'", "\"oss\"").replace("'b' #", "\"new\" #")
        );
        let added = set(TEXT, "c d", &[("bucket", "q\"")]).unwrap();
        assert_eq!(added, format!("{TEXT}\n[profiles.\"c d\"]\nprotocol = \"oss\"\nbucket = 'q\"'\n"));
    }

    #[test]
    fn an_empty_file_gets_a_profile_and_one_of_inline_tables_too() {
        assert_eq!(set("", "a", &[]).unwrap(), "[profiles.a]\nprotocol = \"oss\"\n");
        let inline = set("profiles = { a = { protocol = 'oss' } }", "b", &[("bucket", "x")]).unwrap();
        assert!(inline.parse::<DocumentMut>().unwrap()["profiles"]["b"]["bucket"].is_str(), "{inline}");
        assert!(set("profiles = 1", "b", &[]).is_err());
    }

    #[test]
    fn values_are_of_the_kind_that_the_page_shows() {
        let given = [("sequential", "true"), ("part_size", "16MiB"), ("credential_command", "['pass', 'x']")];
        let text = set("", "a", &given).unwrap();
        assert!(
            text.contains("sequential = true\npart_size = \"16MiB\"\ncredential_command = ['pass', 'x']"),
            "{text}"
        );
        let problem = set("", "a", &[("sequential", "yes it is")]).unwrap_err();
        assert!(problem.to_string().contains("like false"), "{problem}");
    }

    #[test]
    fn a_mistake_is_told_by_its_line_and_without_the_value() {
        assert!(matches!(Document::parse("[profiles.a]\nsecret_key = 's3cr3t"), Err(Some(2))));
    }
}
