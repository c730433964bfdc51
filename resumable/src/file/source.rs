//! A regular file as source.

use std::fs::{File, Metadata};
#[cfg(target_os = "linux")]
use std::io::IoSliceMut;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use resumable_core::{Modified, SAMPLE_BYTES, SourceInfo};
use resumable_transport::{Clock, Source, SourceError};

/// A regular file, opened once for reading. A read fails if the file was written to since it was last looked at, so that
/// no mixture of two versions is sent; [`Source::info`] looks at the path anew, and fails if another file is there than
/// is read from. A change of attributes alone (`chmod`, `ln`) is no write.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    path: PathBuf,
    last_look: Mutex<Version>,
    clock: Clock,
    /// The file system can read what is in memory alone.
    #[cfg(target_os = "linux")]
    has_now: AtomicBool,
}

/// What a write changes: length and time.
type Version = (u64, Option<SystemTime>);

impl FileSource {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// When it is missing, unreadable, or no regular file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SourceError> {
        Self::open_by(Clock::start(), path)
    }

    /// The same, and what says when it was looked at.
    pub(crate) fn open_by(clock: Clock, path: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let path = path.into();
        let file = open_regular(&path)?;
        let last_look = Mutex::new(version(&file.metadata()?));
        Ok(Self {
            file,
            path,
            last_look,
            clock,
            #[cfg(target_os = "linux")]
            has_now: AtomicBool::new(true),
        })
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Source for FileSource {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        let mut file = open_regular(&self.path)?;
        // Before the look: what changes after it must not seem to have changed before.
        let looked_at = modified(UNIX_EPOCH + self.clock.now().unix);
        let metadata = file.metadata()?;
        if place(&metadata) != place(&self.file.metadata()?) {
            return Err(SourceError::Written);
        }
        let Some(sample) = sample(&mut file, metadata.len())? else {
            let written = file.metadata()?.len() != metadata.len();
            let path = || self.path.display().to_string();
            return Err(if written { SourceError::Written } else { SourceError::FalseLength(path()) });
        };
        *self.last_look.lock().unwrap_or_else(PoisonError::into_inner) = version(&metadata);
        Ok(SourceInfo {
            modified: metadata.modified().ok().and_then(modified),
            changed: changed(&metadata),
            looked_at,
            id: id(&metadata),
            ..SourceInfo::new(metadata.len(), sample)
        })
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let count = loop {
            match read_at(&self.file, offset, buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.is_unwritten().map(|()| count)
    }

    #[cfg(target_os = "linux")]
    fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};
        if !self.has_now.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match preadv2(&self.file, &mut [IoSliceMut::new(buffer)], offset, ReadWriteFlags::NOWAIT) {
            Ok(count) => self.is_unwritten().map(|()| Some(count)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            // What is wrong, if anything is, the other way to read says.
            Err(_) => {
                self.has_now.store(false, Ordering::Relaxed);
                Ok(None)
            }
        }
    }
}

impl FileSource {
    /// After a read: what was read is of the version that was last looked at.
    fn is_unwritten(&self) -> Result<(), SourceError> {
        let last_look = *self.last_look.lock().unwrap_or_else(PoisonError::into_inner);
        if version(&self.file.metadata()?) == last_look { Ok(()) } else { Err(SourceError::Written) }
    }
}

fn version(metadata: &Metadata) -> Version {
    (metadata.len(), metadata.modified().ok())
}

/// The kind is looked at before the file is opened, for to open a pipe blocks.
fn open_regular(path: &Path) -> Result<File, SourceError> {
    let explain = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::Missing(path.display().to_string()),
        ErrorKind::PermissionDenied => SourceError::Denied(path.display().to_string()),
        _ => SourceError::Read(error),
    };
    if !std::fs::metadata(path).map_err(explain)?.is_file() {
        return Err(SourceError::NotRegular(path.display().to_string()));
    }
    File::open(path).map_err(explain)
}

/// `None` if the file holds more or less than its length.
fn sample(file: &mut File, len: u64) -> Result<Option<[u8; 32]>, SourceError> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    file.by_ref().take(SAMPLE_BYTES).read_to_end(&mut head)?;
    if head.len() as u64 != len.min(SAMPLE_BYTES) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(len.saturating_sub(SAMPLE_BYTES)))?;
    file.by_ref().take(SAMPLE_BYTES).read_to_end(&mut tail)?;
    Ok(Some(SourceInfo::sample_of(&head, &tail)))
}

/// The time that the kernel keeps of the last change, which no program can set back.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<Modified> {
    use std::os::unix::fs::MetadataExt as _;
    Some(Modified { secs: metadata.ctime(), nanos: u32::try_from(metadata.ctime_nsec()).ok()? })
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> Option<Modified> {
    None
}

fn modified(at: SystemTime) -> Option<Modified> {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => Some(Modified { secs: i64::try_from(since.as_secs()).ok()?, nanos: since.subsec_nanos() }),
        Err(before) => {
            let until = before.duration();
            let borrow = i64::from(until.subsec_nanos() > 0);
            let nanos = (1_000_000_000 - until.subsec_nanos()) % 1_000_000_000;
            Some(Modified { secs: -i64::try_from(until.as_secs()).ok()? - borrow, nanos })
        }
    }
}

/// Which file it is, on a machine that was not rebooted meanwhile.
#[cfg(unix)]
fn place(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

/// Not told: all are alike.
#[cfg(not(unix))]
fn place(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such number")]
fn id(metadata: &Metadata) -> Option<u64> {
    Some(std::os::unix::fs::MetadataExt::ino(metadata))
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> Option<u64> {
    None
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;
    use resumable_core::{Comparison, Difference, Doubt};

    fn file(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    #[test]
    fn reads_at_any_offset_and_ends_with_zero() {
        let (_folder, path) = file(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(source.read_at(8, &mut buffer).unwrap(), 2);
        assert_eq!(&buffer[..2], b"89");
        assert_eq!(source.read_at(10, &mut buffer).unwrap(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_in_memory_is_read_at_once_and_a_write_is_seen() {
        let (_folder, path) = file(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        // Not every file system can.
        if let Some(count) = source.read_now(8, &mut buffer).unwrap() {
            assert_eq!(&buffer[..count], b"89");
            assert_eq!(source.read_now(10, &mut buffer).unwrap(), Some(0));
            fs::write(&path, b"other").unwrap();
            assert!(matches!(source.read_now(0, &mut buffer), Err(SourceError::Written)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_number_that_the_system_gives_it() {
        use std::os::unix::fs::MetadataExt as _;
        let (_folder, path) = file(b"x");
        let info = FileSource::open(&path).unwrap().info().unwrap();
        assert_eq!(info.id, Some(fs::metadata(&path).unwrap().ino()));
    }

    /// Changes one byte and puts the time back, as `touch -r` does.
    fn change_in_secret(path: &Path, content: &mut [u8], at: usize) {
        let time = fs::metadata(path).unwrap().modified().unwrap();
        content[at] ^= 1;
        fs::write(path, content).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_changed_byte_is_seen_even_if_the_time_is_put_back() {
        let mut content = vec![7; usize::try_from(SAMPLE_BYTES).unwrap() * 3];
        let (last, middle) = (content.len() - 1, content.len() / 2);
        let (_folder, path) = file(&content);
        let source = FileSource::open(&path).unwrap();
        for at in [0, last] {
            let before = source.info().unwrap();
            assert_eq!(before.compare(&source.info().unwrap()), Comparison::Doubt(Doubt::Fresh));
            change_in_secret(&path, &mut content, at);
            let after = source.info().unwrap();
            assert_eq!(before.modified, after.modified);
            assert_eq!(before.compare(&after), Comparison::Changed(Difference::Ends), "byte {at}");
        }
        // As if the file had been left alone for a while.
        let looked_at = Some(Modified { secs: i64::MAX, nanos: 0 });
        let before = SourceInfo { looked_at, ..source.info().unwrap() };
        assert_eq!(before.compare(&source.info().unwrap()), Comparison::Same);
        std::thread::sleep(Duration::from_millis(20));
        change_in_secret(&path, &mut content, middle);
        let seen = before.compare(&source.info().unwrap());
        let tells = if cfg!(unix) { Comparison::Doubt(Doubt::Touched) } else { Comparison::Doubt(Doubt::Timeless) };
        assert_eq!(seen, tells);
    }

    #[test]
    fn a_file_is_read_on_after_another_look_and_after_a_change_of_attributes() {
        let (_folder, path) = file(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(source.read_at(0, &mut [0; 4]).unwrap(), 4);
        File::open(&path).unwrap().set_modified(UNIX_EPOCH).unwrap();
        assert!(matches!(source.read_at(0, &mut [0; 4]), Err(SourceError::Written)));
        source.info().unwrap();
        assert_eq!(source.read_at(0, &mut [0; 4]).unwrap(), 4, "whoever looked knows, and has to compare");
    }

    #[test]
    fn a_file_that_was_written_to_is_not_read_on() {
        let (_folder, path) = file(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(source.read_at(8, &mut buffer).unwrap(), 2);
        File::options().write(true).open(&path).unwrap().set_modified(UNIX_EPOCH).unwrap();
        assert!(matches!(source.read_at(0, &mut buffer), Err(SourceError::Written)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_does_not_know_its_length_is_refused() {
        let source = FileSource::open("/proc/self/status").unwrap();
        assert_eq!(fs::metadata(source.path()).unwrap().len(), 0, "and yet it holds something");
        assert!(matches!(source.info(), Err(SourceError::FalseLength(_))));
    }

    #[test]
    fn a_file_that_was_replaced_under_the_same_name_is_seen() {
        let (folder, path) = file(b"old");
        let source = FileSource::open(&path).unwrap();
        fs::write(folder.path().join("new"), b"old").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert!(matches!(source.info(), Err(SourceError::Written)));
    }

    #[test]
    fn a_time_before_1970_is_a_time() {
        let (_folder, path) = file(b"x");
        let time = UNIX_EPOCH - Duration::from_millis(1_500);
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        let info = FileSource::open(&path).unwrap().info().unwrap();
        assert_eq!(info.modified, Some(Modified { secs: -2, nanos: 500_000_000 }));
    }

    #[test]
    fn what_is_no_regular_file_is_named() {
        let (folder, path) = file(b"x");
        assert!(matches!(FileSource::open(folder.path()), Err(SourceError::NotRegular(_))));
        assert!(matches!(FileSource::open(folder.path().join("no")), Err(SourceError::Missing(_))));
        assert!(matches!(FileSource::open(path.join("below")), Err(SourceError::Missing(_))));
    }
}
