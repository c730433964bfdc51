//! A source for requests that carry nothing of a file.

use resumable_core::SourceInfo;
use resumable_transport::{Source, SourceError};

/// Whoever reads it finds nothing there.
pub(crate) struct NoSource;

impl Source for NoSource {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Err(SourceError::Missing("the file".to_owned()))
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, SourceError> {
        Err(SourceError::Missing("the file".to_owned()))
    }
}
