//! What the client has on its machine: real folders and a real file, in a temporary folder of the case's own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use tempfile::TempDir;

use super::plight::Change;

/// What the client writes to: checkpoints, the record of what was sent, tokens.
const FOLDERS: [&str; 3] = ["state", "sent", "tokens"];
/// A disk that is none, where a sync costs nothing.
const MEMORY: &str = "/dev/shm";

/// One case's folder.
pub(super) struct Home {
    root: TempDir,
    versions: Mutex<Vec<Vec<u8>>>,
    /// When the first version was written, by its own time.
    first: SystemTime,
}

/// Every file that the client has written, as it was at a moment.
pub(super) struct Snapshot(Vec<(PathBuf, Vec<u8>)>);

impl Home {
    /// A home with this file, written at this time.
    pub(super) fn new(content: &[u8], wall: Duration) -> io::Result<Self> {
        let mut maker = tempfile::Builder::new();
        maker.prefix("driven");
        let root = maker.tempdir_in(MEMORY).or_else(|_| maker.tempdir())?;
        fs::create_dir(root.path().join("files"))?;
        let first = UNIX_EPOCH + wall.saturating_sub(Duration::from_secs(24 * 3600));
        let home = Self { root, versions: Mutex::new(vec![content.to_vec()]), first };
        write(&home.file(), content, first)?;
        Ok(home)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.root.path().join("files/f.bin")
    }

    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A text that may name files of this home, as it is the same for each home.
    pub(super) fn anonymous(&self, text: &str) -> String {
        text.replace(&self.root.path().display().to_string(), "HOME")
    }

    pub(super) fn versions(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the version that is current.
    pub(super) fn latest(&self) -> usize {
        self.versions().len() - 1
    }

    /// Something happens to the file, at this time by the client's clock.
    pub(super) fn change(&self, what: Change, wall: Duration, chance: &mut Rng) -> io::Result<()> {
        let (path, now) = (self.file(), UNIX_EPOCH + wall);
        match what {
            Change::Written => {
                let bytes = rewritten(&fs::read(&path)?, chance);
                write(&path, &bytes, now)?;
                self.versions().push(bytes);
            }
            Change::Restored => {
                let bytes = self.versions()[0].clone();
                write(&path, &bytes, self.first)?;
                self.versions().push(bytes);
            }
            Change::Touched => OpenOptions::new().write(true).open(&path)?.set_modified(now)?,
            Change::Copied => {
                let (copy, time) = (self.root.path().join("files/copy"), fs::metadata(&path)?.modified()?);
                write(&copy, &fs::read(&path)?, time)?;
                fs::rename(copy, path)?;
            }
        }
        Ok(())
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot(
            self.written().into_iter().filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes))).collect(),
        )
    }

    /// What was done since then was not done.
    pub(super) fn restore(&self, to: &Snapshot) {
        let is_kept = |path: &Path| to.0.iter().any(|(kept, _)| kept == path);
        self.written().iter().filter(|path| !is_kept(path)).for_each(|path| drop(fs::remove_file(path)));
        for (path, bytes) in &to.0 {
            if fs::read(path).ok().as_ref() != Some(bytes) {
                write_privately(path, bytes);
            }
        }
    }

    /// The process was just writing a checkpoint aside.
    pub(super) fn tear(&self, left: &Snapshot) {
        let locks = left.0.iter().map(|(path, _)| path).filter(|path| path.extension().is_some_and(|it| it == "lock"));
        locks.filter(|path| path.starts_with(self.folder("state"))).for_each(|lock| {
            write_privately(&lock.with_extension("json.part"), b"{\"label\":{\"pro");
        });
    }

    /// The names of what is in the folder of checkpoints.
    pub(super) fn checkpoints(&self) -> Vec<String> {
        let folder = self.folder("state");
        let inside = |path: &PathBuf| path.strip_prefix(&folder).ok().map(|name| name.display().to_string());
        self.written().iter().filter_map(inside).collect()
    }

    /// True if a file that is only written aside is left anywhere.
    pub(super) fn has_half_written(&self) -> bool {
        self.written().iter().any(|path| path.extension().is_some_and(|it| it == "part" || it == "tmp"))
    }

    fn written(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = FOLDERS
            .iter()
            .filter_map(|name| fs::read_dir(self.folder(name)).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()).filter(|path| path.is_file()))
            .collect();
        all.sort();
        all
    }
}

fn write(path: &Path, bytes: &[u8], time: SystemTime) -> io::Result<()> {
    fs::write(path, bytes)?;
    OpenOptions::new().write(true).open(path)?.set_modified(time)
}

/// As the library does it, so that it trusts the file.
fn write_privately(path: &Path, bytes: &[u8]) {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file: File| file.write_all(bytes));
    written.expect("a file in the case's own folder");
}

fn rewritten(old: &[u8], chance: &mut Rng) -> Vec<u8> {
    let mut bytes = old.to_vec();
    match chance.u8(0..4) {
        0 => bytes.push(chance.u8(..)),
        1 if bytes.len() > 1 => bytes.truncate(bytes.len() - 1),
        _ if bytes.is_empty() => bytes.push(1),
        _ => {
            let at = chance.usize(0..bytes.len());
            bytes[at] ^= 0x55;
        }
    }
    bytes
}
