//! What the library says of an upload, for people.

use std::path::Path;

use resumable::SourceError;
use resumable::file::{Key, LoadError, LockError};
use resumable::machine::ResumeError;

use crate::exit::{Code, Problem, Stand, changed, failed};
use crate::{local_file, printable, state};

/// An error of an upload. `file` is what it uploads, `folder` the state folder.
pub(crate) fn explain(error: &resumable::Error, file: &Path, folder: &Path) -> Problem {
    let cause = error.cause();
    if let Some(failure) = error.failure() {
        let (confirmed, total) = error.confirmed().unwrap_or_default();
        return failed(failure, Stand { confirmed, total }, error.advice());
    }
    if let Some(error) = cause.downcast_ref::<SourceError>() {
        return local_file::refused(file, error);
    }
    if let Some(locked) = cause.downcast_ref::<LockError>() {
        return state::not_locked(locked, error.key(), folder);
    }
    if let Some(error) = cause.downcast_ref::<LoadError>() {
        return state::unusable(error);
    }
    match cause.downcast_ref::<ResumeError>() {
        Some(ResumeError::Changed { was, now, difference }) => changed(was, now, difference),
        Some(other) => foreign(other, error.key(), folder),
        None => Problem::from(error),
    }
}

/// The checkpoint under this upload's name is of another upload: somebody moved files.
fn foreign(error: &ResumeError, key: Option<&Key>, folder: &Path) -> Problem {
    let path = key.map(|key| format!("{}: ", printable::path(&folder.join(format!("{key}.json"))))).unwrap_or_default();
    Problem::new(Code::Other, format!("{path}{}", printable::text(&error.to_string())))
        .next("Move that file away, or add --restart to set it aside and start over.")
}
