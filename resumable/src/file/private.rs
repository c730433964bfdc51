//! Files and folders for their owner alone, changed so that a loss of power leaves the old state or the new one.
//!
//! No file is opened through a symbolic link, and none that is no regular file: whoever could put one there would say
//! what is read and what is overwritten.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::disk;
use super::system::System;

/// Makes a folder, and whatever is missing above it; what is made is for its owner alone where the system knows that.
///
/// # Errors
/// When it cannot be made, or might not survive a loss of power.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    disk::make_folder(&System, folder)
}

/// Puts `bytes` in place of what the file holds, for its owner's eyes: written aside, synced, renamed, and the folder
/// synced. One at a time: whatever is at [`aside`], be it what a killed process left, goes away.
///
/// # Errors
/// When any step of it fails; then the file is what it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk::replace(&System, path, bytes)
}

/// Removes a file; it does not come back after a loss of power once this returns. One that is not there is no error.
///
/// # Errors
/// When it cannot be removed, or might come back.
pub fn remove(path: &Path) -> io::Result<()> {
    disk::remove(&System, path)
}

/// Gives a file another name, in place of whatever has that one; after a loss of power it has the old name or the new one.
/// Both are in the same folder.
///
/// # Errors
/// When it has the old name still, or might have it again.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    disk::rename(&System, from, to)
}

/// Where the next content of a file is written before it is renamed.
pub fn aside(path: &Path) -> PathBuf {
    disk::aside(path)
}

/// What a file of at most so many bytes holds.
///
/// # Errors
/// When it is not there or cannot be read; of kind [`ErrorKind::InvalidData`] when it is longer, or no regular file.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path, OpenOptions::new().read(true))?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(no_use(format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}

/// Opens a file whose system lock stands for something, and makes it if it is not there.
///
/// # Errors
/// When it is no regular file, or cannot be opened.
pub fn open_lock(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// Opens a regular file, and nothing else, without waiting; a new one is for its owner alone.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Where the system cannot be told to look while it opens.
    if cfg!(not(unix)) {
        fs::symlink_metadata(path).map_or(Ok(()), |metadata| regular(&metadata))?;
    }
    let file = no_link(options).open(path).map_err(|error| {
        let link = error.kind() != ErrorKind::AlreadyExists && path.is_symlink();
        if link { no_use("it is a symbolic link, which is not followed here") } else { error }
    })?;
    regular(&file.metadata()?)?;
    Ok(file)
}

fn regular(found: &Metadata) -> io::Result<()> {
    if found.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    if found.is_file() { Ok(()) } else { Err(no_use("it is no regular file")) }
}

/// What is there is nothing that this program wrote.
fn no_use(why: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why.into())
}

#[cfg(unix)]
fn no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

#[cfg(not(unix))]
fn no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Whether this lock is still the file at its path.
#[cfg(unix)]
pub(super) fn is_at(lock: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let place = |metadata: Metadata| (metadata.dev(), metadata.ino());
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        there => there.and_then(|there| Ok(place(lock.metadata()?) == place(there))),
    }
}

/// Removes a lock that is held, if it is still the file at its path.
#[cfg(unix)]
pub(super) fn remove_lock(lock: &File, path: &Path) {
    if is_at(lock, path).unwrap_or(false) {
        let _ = fs::remove_file(path);
    }
}

/// Where the system does not say which file is at a path, locks stay.
#[cfg(not(unix))]
pub(super) fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(not(unix))]
pub(super) fn remove_lock(lock: &File, _: &Path) {
    let _ = lock.set_len(0);
}

/// Who besides the user of this process can change what is in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Exposure {
    /// Everybody.
    #[error("every user of this machine can write to it (mode {mode:03o})")]
    Everybody {
        /// Its permissions.
        mode: u32,
    },
    /// The members of its group.
    #[error("its group can write to it (mode {mode:03o})")]
    Group {
        /// Its permissions.
        mode: u32,
    },
    /// Another user, who is not root.
    #[error("it belongs to another user (number {owner})")]
    Owner {
        /// Its owner's number.
        owner: u32,
    },
}

/// Who else can change what is in a folder; nobody where the system does not say, or where there is no folder but
/// something else.
///
/// # Errors
/// When it cannot be looked at.
#[cfg(unix)]
pub fn exposure(folder: &Path) -> io::Result<Option<Exposure>> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(folder)?;
    let (mode, owner) = (metadata.mode() & 0o7777, metadata.uid());
    Ok(if !metadata.is_dir() {
        None
    } else if mode & 0o002 != 0 {
        Some(Exposure::Everybody { mode })
    } else if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        Some(Exposure::Owner { owner })
    } else if mode & 0o020 != 0 {
        Some(Exposure::Group { mode })
    } else {
        None
    })
}

/// Who else can change what is in a folder; nobody where the system does not say, or where there is no folder but
/// something else.
///
/// # Errors
/// When it cannot be looked at.
#[cfg(not(unix))]
pub fn exposure(folder: &Path) -> io::Result<Option<Exposure>> {
    fs::metadata(folder).map(|_| None)
}

impl Exposure {
    /// True if the folder is not to be used. One that a group can write to is common where each user has a group of
    /// their own, and root uses folders of others in containers: both are worth a warning.
    pub fn is_refused(self) -> bool {
        match self {
            Self::Everybody { .. } => true,
            Self::Group { .. } => false,
            Self::Owner { .. } => !is_root(),
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod power_cuts {
    use std::collections::BTreeSet;

    use std::io;
    use std::path::Path;

    use super::super::disk::{above, make_folder, remove, rename, replace};
    use super::super::power::Model;

    const PATH: &str = "/state/resumable/k.json";
    const OLD: &[u8] = b"the old checkpoint";
    const NEW: &[u8] = b"another one, which is longer";

    /// What may be there after a loss of power.
    type MayBe = &'static [Option<&'static [u8]>];

    /// A run of the store, until the power goes; a step that has returned holds.
    fn run(disk: &Model) -> MayBe {
        let path = Path::new(PATH);
        let steps: [(MayBe, &dyn Fn() -> io::Result<()>); 4] = [
            (&[None], &|| make_folder(disk, above(path))),
            (&[None, Some(OLD)], &|| replace(disk, path, OLD)),
            (&[Some(OLD), Some(NEW)], &|| replace(disk, path, NEW)),
            (&[Some(NEW), None], &|| remove(disk, path)),
        ];
        let cut = steps.into_iter().find(|(_, step)| step().is_err());
        cut.map_or(&[None], |(may_be, _)| may_be)
    }

    #[test]
    fn field_bug_91_a_power_cut_leaves_the_old_checkpoint_or_the_new_one_and_none_that_was_removed() {
        let mut seen = 0;
        for calls in 0.. {
            let disk = Model::new();
            disk.power_for(calls);
            let may_be = run(&disk);
            for found in disk.after_a_cut() {
                let held = found.read(Path::new(PATH));
                assert!(may_be.contains(&held.as_deref()), "after {calls} calls: {held:?}, and may be {may_be:?}");
                next_run(&found);
                seen += 1;
            }
            if !disk.is_off() {
                break;
            }
        }
        assert!(seen > 40, "{seen} disks");
    }

    #[test]
    fn a_power_cut_leaves_a_checkpoint_under_its_old_name_or_its_new_one() {
        let (path, other) = (Path::new(PATH), Path::new("/state/resumable/other.json"));
        let mut seen = BTreeSet::new();
        for calls in 0.. {
            let disk = Model::new();
            make_folder(&disk, above(path)).unwrap();
            replace(&disk, path, OLD).unwrap();
            disk.power_for(calls);
            let is_renamed = rename(&disk, path, other).is_ok();
            for found in disk.after_a_cut() {
                let names = (found.read(path), found.read(other));
                let is_old = names == (Some(OLD.to_vec()), None);
                assert!(is_old || names == (None, Some(OLD.to_vec())), "after {calls} calls: {names:?}");
                assert!(!(is_renamed && is_old), "it has its old name again");
                seen.insert(is_old);
            }
            if !disk.is_off() {
                break;
            }
        }
        assert_eq!(seen.len(), 2, "either was seen");
    }

    /// Whatever was left aside, the next process saves and removes as ever.
    fn next_run(disk: &Model) {
        let path = Path::new(PATH);
        make_folder(disk, above(path)).unwrap();
        replace(disk, path, NEW).unwrap();
        for found in disk.after_a_cut() {
            assert_eq!(found.read(path).as_deref(), Some(NEW));
        }
        remove(disk, path).unwrap();
        for found in disk.after_a_cut() {
            assert_eq!(found.read(path), None);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path().join("a/b");
        make_folder(&folder).unwrap();
        let path = folder.join("c.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_what_it_was() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("c");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("in it"), "x").unwrap();
        assert!(replace(&path, b"two").is_err());
        assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_lies_where_the_next_content_is_written_is_not_written_to() {
        let room = tempfile::tempdir().unwrap();
        let (path, victim) = (room.path().join("c"), room.path().join("victim"));
        fs::write(&victim, "precious").unwrap();
        symlink(&victim, aside(&path)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&victim).unwrap()), (b"two".to_vec(), b"precious".to_vec()));
    }

    #[test]
    fn only_a_file_of_some_length_is_read() {
        let room = tempfile::tempdir().unwrap();
        let (path, link) = (room.path().join("c"), room.path().join("link"));
        fs::write(&path, "1234").unwrap();
        symlink(&path, &link).unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"1234");
        assert!(read(&path, 3).unwrap_err().to_string().contains("longer than 3 bytes"));
        assert!(read(&link, 4).unwrap_err().to_string().contains("symbolic link"));
        assert!(read(room.path(), 4).unwrap_err().to_string().contains("a folder"));
        assert_eq!(read(&room.path().join("none"), 4).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn who_else_may_write_to_a_folder_is_known() {
        let room = tempfile::tempdir().unwrap();
        for (mode, exposed) in [
            (0o700, None),
            (0o755, None),
            (0o775, Some(Exposure::Group { mode: 0o775 })),
            (0o777, Some(Exposure::Everybody { mode: 0o777 })),
            (0o1777, Some(Exposure::Everybody { mode: 0o1777 })),
            (0o702, Some(Exposure::Everybody { mode: 0o702 })),
        ] {
            fs::set_permissions(room.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(exposure(room.path()).unwrap(), exposed);
            assert_eq!(exposed.is_some_and(Exposure::is_refused), mode & 0o002 != 0);
        }
        fs::set_permissions(room.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}
