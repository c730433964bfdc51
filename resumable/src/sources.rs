//! What can be uploaded besides a file: bytes in memory, anything that can be read and sought, and what is only a stream.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use resumable_core::{SAMPLE_BYTES, SourceInfo};
use resumable_transport::{Source, SourceError};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::file::FileSource;

/// Bytes in memory. Recognised after a restart by a digest of all of them.
pub struct MemorySource {
    bytes: Bytes,
    info: SourceInfo,
}

impl MemorySource {
    /// These bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let end = usize::try_from(SAMPLE_BYTES).unwrap_or(usize::MAX).min(bytes.len());
        let sample = SourceInfo::sample_of(&bytes[..end], &bytes[bytes.len() - end..]);
        let version = Some(hex::encode(Sha256::digest(&bytes)));
        let info = SourceInfo { version, ..SourceInfo::new(bytes.len() as u64, sample) };
        Self { bytes, info }
    }
}

impl fmt::Debug for MemorySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySource").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Source for MemorySource {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(self.info.clone())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Anything that can be read and sought; one thread reads at a time.
///
/// Its length is asked anew at each look. Nothing tells when its content changes, so after a restart what was sent is
/// read again and compared, unless it has a [version](Self::with_version).
pub struct ReaderSource<R> {
    reader: Mutex<R>,
    version: Option<String>,
}

impl<R: Read + Seek + Send> ReaderSource<R> {
    /// What this reader reads, from its beginning to its end.
    pub fn new(reader: R) -> Self {
        Self { reader: Mutex::new(reader), version: None }
    }

    /// The same, with a name of this very content: a digest, a generation, an `ETag`. It must change whenever the content
    /// does. Sources with equal versions count as equal, and nothing is read again.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    fn reader(&self) -> MutexGuard<'_, R> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> fmt::Debug for ReaderSource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderSource").field("version", &self.version).finish_non_exhaustive()
    }
}

impl<R: Read + Seek + Send> Source for ReaderSource<R> {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        let mut reader = self.reader();
        let len = reader.seek(SeekFrom::End(0))?;
        let mut end = |from| -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            reader.seek(SeekFrom::Start(from))?;
            reader.by_ref().take(len.min(SAMPLE_BYTES)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let (head, tail) = (end(0)?, end(len.saturating_sub(SAMPLE_BYTES))?);
        if head.len() as u64 != len.min(SAMPLE_BYTES) || tail.len() != head.len() {
            return Err(SourceError::FalseLength("the reader".to_owned()));
        }
        let version = self.version.clone();
        Ok(SourceInfo { version, ..SourceInfo::new(len, SourceInfo::sample_of(&head, &tail)) })
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let mut reader = self.reader();
        reader.seek(SeekFrom::Start(offset))?;
        loop {
            match reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return Ok(other?),
            }
        }
    }
}

/// For an upload that reads nothing, because it is given up.
pub(crate) struct NoSource;

impl Source for NoSource {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Err(SourceError::Missing("the source".to_owned()))
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, SourceError> {
        Err(SourceError::Missing("the source".to_owned()))
    }
}

/// What is being written down, because its length is not known before its end.
pub(crate) struct Spool {
    file: NamedTempFile,
    digest: Sha256,
}

impl Spool {
    /// In the system's folder for temporary files, readable by its owner alone.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::Builder::new().prefix("resumable-").tempfile()?, digest: Sha256::new() })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.file.write_all(bytes)
    }

    pub(crate) fn finish(mut self) -> Result<SpoolSource, SourceError> {
        self.file.flush()?;
        let version = hex::encode(self.digest.finalize());
        Ok(SpoolSource { source: FileSource::open(self.file.path())?, version, _file: self.file })
    }

    pub(crate) fn copy(mut self, reader: &mut dyn Read) -> Result<SpoolSource, SourceError> {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return self.finish(),
                Ok(count) => self.write(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// A stream that was written to a temporary file, which goes when this does. Recognised after a restart by a digest of
/// all of it.
#[derive(Debug)]
pub(crate) struct SpoolSource {
    source: FileSource,
    version: String,
    _file: NamedTempFile,
}

impl Source for SpoolSource {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo { version: Some(self.version.clone()), ..self.source.info()? })
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        self.source.read_at(offset, buffer)
    }
}
