//! What is wrong with the file to upload.

use std::path::Path;

use resumable::SourceError;

use crate::exit::{Code, Problem};
use crate::printable;

/// It could not be opened. `given`: its name as it was given.
pub(crate) fn refused(given: &Path, error: &SourceError) -> Problem {
    let (name, words) = (printable::path(given), printable::text(&error.to_string()));
    let (what, next) = match error {
        SourceError::Missing(_) if given.is_symlink() => {
            (format!("{name} is a symbolic link to a file that does not exist"), "Fix the link.")
        }
        SourceError::Missing(_) => (words, "Check the file's name."),
        SourceError::NotRegular(_) if given.is_dir() => {
            (words, "Upload what is in the folder file by file, or pack it into one file first.")
        }
        SourceError::NotRegular(_) | SourceError::FalseLength(_) => (words, "Save its content to a file first."),
        SourceError::Ended { .. } => (words, "Wait until nothing writes to it."),
        SourceError::Written => (format!("{name} is being written to"), "Wait until the writing is done."),
        SourceError::Read(why) => (format!("cannot read {name}: {why}"), "Check the file's name and its disk."),
        _ => (words, "Check the file's permissions."),
    };
    Problem::new(Code::Source, what).next(format!("{next} Nothing was sent."))
}
