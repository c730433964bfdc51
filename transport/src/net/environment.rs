//! The variables of the environment: the one place where they are read.

use std::env;
use std::ffi::OsString;

/// A variable that is a text.
pub(crate) fn text(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// A variable that may be a path.
pub(crate) fn path(name: &str) -> Option<OsString> {
    env::var_os(name)
}
