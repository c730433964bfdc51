//! A file that everything is appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use resumable::printable;

use crate::clock::clock;
use crate::date;
use crate::exit::{Code, Problem};

/// A log file. That it cannot be written any more (a full disk) stops no upload.
#[derive(Debug)]
pub(crate) struct Log(File);

impl Log {
    /// Opens it for appending. A new one can be read by nobody else.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            Problem::new(Code::Usage, format!("the log file {} cannot be opened: {error}", printable::path(path)))
        })?;
        Ok(Self(file))
    }

    /// Appends a line, in one write, so that two processes may share a file.
    ///
    /// # Errors
    /// When it could not be written.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        let line = format!("{} {text}\n", date::show_stamp(clock().now().unix));
        self.0.write_all(line.as_bytes())
    }
}
