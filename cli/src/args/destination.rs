//! Where an upload leads, as it is written on the command line.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// A profile, and a path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The profile's name.
    pub(crate) profile: String,
    /// The path, as the vendor is to know it.
    pub(crate) path: String,
}

impl Destination {
    /// True if it is a place for files that keep their names.
    pub(crate) fn keeps_names(&self) -> bool {
        self.path.is_empty() || self.path.ends_with('/')
    }

    /// What stands before the names of files; every vendor takes `/` for the root.
    pub(crate) fn prefix(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }

    /// The path of the object that this file becomes: like `cp FILE DIR/`, a path that ends in `/` gets the file's name.
    ///
    /// # Errors
    /// When the file's name can be none at the vendor.
    pub(crate) fn path_of(&self, file: &Path) -> Result<String, &'static str> {
        if !self.keeps_names() {
            return Ok(self.path.clone());
        }
        let name = file.file_name().and_then(OsStr::to_str);
        let name = name.ok_or("the destination ends with '/', but the file has no name that the vendor could take")?;
        Ok(format!("{}{name}", self.prefix()))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.profile, self.path)
    }
}

impl FromStr for Destination {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((profile, path)) if !profile.is_empty() => {
                Ok(Self { profile: profile.to_owned(), path: path.to_owned() })
            }
            _ => Err("a destination is PROFILE:PATH, like work:/dir/big.bin"),
        }
    }
}

/// A word of the command line.
///
/// # Errors
/// When it is no destination.
pub(super) fn parse(given: &OsStr) -> Result<Destination, &'static str> {
    given.to_str().ok_or("paths at the vendor must be UTF-8")?.parse()
}

/// Not clap's own for texts: it does not say which argument is no UTF-8.
pub(super) fn parser() -> impl TypedValueParser<Value = Destination> {
    OsStringValueParser::new().try_map(|given| parse(&given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_split_at_its_first_colon() {
        let parsed: Destination = "work:/dir/a:b".parse().unwrap();
        assert_eq!(parsed, Destination { profile: "work".to_owned(), path: "/dir/a:b".to_owned() });
        let root: Destination = "work:".parse().unwrap();
        assert_eq!((root.prefix(), root.keeps_names()), ("/", true));
        for bad in ["", "work", ":/x", ":", "/dir/file"] {
            assert!(bad.parse::<Destination>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_that_ends_in_a_slash_gets_the_files_name() {
        for (path, file, whole) in [
            ("/dir/", "a/b.bin", "/dir/b.bin"),
            ("/", "b.bin", "/b.bin"),
            ("", "b.bin", "/b.bin"),
            ("dir/", "./b.bin", "dir/b.bin"),
            ("/dir/x", "b.bin", "/dir/x"),
        ] {
            let destination = Destination { profile: "work".to_owned(), path: path.to_owned() };
            assert_eq!(destination.path_of(Path::new(file)).as_deref(), Ok(whole));
        }
        let destination: Destination = "work:/dir/".parse().unwrap();
        assert!(destination.path_of(Path::new("..")).is_err());
    }
}
