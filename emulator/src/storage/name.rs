//! Where an object is in a store.

use std::fmt;

/// File systems take no longer names.
const LONGEST: usize = 255;

/// An object's name in a store: a service, and a path below it whose segments are safe as names of folders and files.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName {
    service: &'static str,
    path: String,
}

impl ObjectName {
    /// A name, if every segment of the path may be the name of a file: not empty, not `.` or `..`, no control character
    /// or backslash, at most 255 bytes. The path has no leading slash.
    pub fn new(service: &'static str, path: &str) -> Option<ObjectName> {
        let good = path.split('/').all(is_file_name);
        good.then(|| ObjectName { service, path: path.to_owned() })
    }

    /// The service it belongs to.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The path below the service, without a leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.path)
    }
}

pub(crate) fn is_file_name(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.len() <= LONGEST
        && !segment.contains(['/', '\\'])
        && !segment.chars().any(char::is_control)
}
