//! What can be uploaded besides a file: bytes in memory, anything that can be read and sought, and what is only a stream.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use resumable_core::{SAMPLE_BYTES, SourceInfo};
use resumable_transport::{Source, SourceError};
use sha2::{Digest as _, Sha256};

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

    fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
        self.read_at(offset, buffer).map(Some)
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

/// Writes a stream to a temporary file, because its length is not known before its end, and gives that to be uploaded:
/// recognised after a restart by a digest of all of it. The file has no name where the system allows that, so nothing is
/// left of it however the process ends. `None` if nobody wants it any more; that is looked at between reads.
pub(crate) fn spool(
    reader: &mut dyn Read,
    is_wanted: impl Fn() -> bool,
) -> Result<Option<ReaderSource<File>>, SourceError> {
    let (mut file, mut digest, mut buffer) = (tempfile::tempfile()?, Sha256::new(), vec![0; 256 * 1024]);
    while is_wanted() {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(Some(ReaderSource::new(file).with_version(hex::encode(digest.finalize())))),
            Ok(count) => {
                digest.update(&buffer[..count]);
                file.write_all(&buffer[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
