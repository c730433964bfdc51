//! The file to upload.

use std::fs;
use std::path::{Path, PathBuf};

use resumable_core::file::FileSource;
use resumable_core::{Source as _, SourceError, SourceInfo};

use crate::exit::{Code, Problem};
use crate::printable;

/// A regular file, and what it was when it was opened.
pub(crate) struct LocalFile {
    /// Its canonical path: what the upload is known by.
    pub(crate) path: PathBuf,
    /// What it was when it was opened.
    pub(crate) info: SourceInfo,
    /// Its bytes.
    pub(crate) source: FileSource,
}

impl LocalFile {
    /// Opens it.
    ///
    /// # Errors
    /// When it is missing, unreadable, or no regular file.
    pub(crate) fn open(given: &Path) -> Result<Self, Problem> {
        Self::at(given).map_err(|error| {
            let problem = Problem::new(Code::Source, printable::text(&error.to_string()));
            match error {
                SourceError::NotRegular(_) => problem.next("Write what it holds into a file first. Nothing was sent."),
                _ => problem.next("Check the file's name and its permissions. Nothing was sent."),
            }
        })
    }

    /// The path that was given is opened first, so that an error names it.
    fn at(given: &Path) -> Result<Self, SourceError> {
        FileSource::open(given)?;
        let path = fs::canonicalize(given)?;
        let source = FileSource::open(&path)?;
        let info = source.info()?;
        Ok(Self { path, info, source })
    }

    /// What it is now, if that is not what it was.
    pub(crate) fn changed_since(&self, was: &SourceInfo) -> Option<SourceInfo> {
        let now = FileSource::open(&self.path).and_then(|source| source.info());
        now.ok().filter(|now| !was.same_content(now))
    }
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
        assert!(file.changed_since(&file.info).is_some_and(|now| now.len == 9));
    }
}
