//! The file to upload.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use resumable::file::FileSource;
use resumable_core::{Comparison, SourceInfo};
use resumable_transport::{Source as _, SourceError};

use crate::exit::{Code, Problem};
use crate::printable;

/// A regular file, and what it was when it was opened.
pub(crate) struct LocalFile {
    /// Its canonical path: what the upload is known by.
    pub(crate) path: PathBuf,
    /// What it was when it was opened.
    pub(crate) info: SourceInfo,
    /// Its bytes.
    pub(crate) source: Arc<FileSource>,
}

impl LocalFile {
    /// Opens it.
    ///
    /// # Errors
    /// When it is missing, unreadable, or no regular file.
    pub(crate) fn open(given: &Path) -> Result<Self, Problem> {
        Self::at(given).map_err(|error| refused(given, &error))
    }

    /// The path that was given is opened first, so that an error names it.
    fn at(given: &Path) -> Result<Self, SourceError> {
        FileSource::open(given)?;
        let path = fs::canonicalize(given)?;
        let source = FileSource::open(&path)?;
        let info = source.info()?;
        Ok(Self { path, info, source: Arc::new(source) })
    }

    /// What it is now, if it was written to since, and what tells.
    pub(crate) fn changed_since(&self, was: &SourceInfo) -> Option<(SourceInfo, String)> {
        let now = FileSource::open(&self.path).and_then(|source| source.info()).ok()?;
        match was.compare(&now) {
            Comparison::Changed(difference) => Some((now, difference.to_string())),
            Comparison::Doubt(_) if was.modified != now.modified => Some((now, "it was written to".to_owned())),
            _ => None,
        }
    }
}

fn refused(given: &Path, error: &SourceError) -> Problem {
    let (name, words) = (printable::path(given), printable::text(&error.to_string()));
    let (what, next) = match error {
        SourceError::Missing(_) if given.is_symlink() => {
            (format!("{name} is a symbolic link, and what it leads to is not there"), "Correct the link.")
        }
        SourceError::Missing(_) => (words, "Check the file's name."),
        SourceError::NotRegular(_) if given.is_dir() => {
            (words, "Upload what is in the folder file by file, or pack it into one file first.")
        }
        SourceError::NotRegular(_) | SourceError::FalseLength(_) => (words, "Write what it holds into a file first."),
        SourceError::Written => (format!("{name} is being written to"), "Wait until that is done."),
        SourceError::Read(why) => (format!("{name} could not be read: {why}"), "Check the file's name and its disk."),
        _ => (words, "Check the file's permissions."),
    };
    Problem::new(Code::Source, what).next(format!("{next} Nothing was sent."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_written_to_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, "0123456789").unwrap();
        let file = LocalFile::open(&path).unwrap();
        assert!(file.changed_since(&file.info).is_none());
        fs::write(&path, "012345678").unwrap();
        assert!(file.changed_since(&file.info).is_some_and(|(now, what)| now.len == 9 && what == "its length differs"));
    }
}
