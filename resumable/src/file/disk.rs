//! How files are changed so that a loss of power leaves the old state or the new one: the few calls that this makes of a
//! file system, and their order. The simulator compiles this file, too, and cuts the power among the calls.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A file system. What is written is durable once the file was synced; that a name is there or gone, once its folder was.
pub(super) trait Disk {
    type File;

    /// Makes a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    fn sync(&self, file: &Self::File) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    fn is_folder(&self, path: &Path) -> bool;
    /// Makes a folder in one that is there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// Makes a folder, and whatever is missing above it.
pub(super) fn make_folder<D: Disk>(disk: &D, folder: &Path) -> io::Result<()> {
    if disk.is_folder(folder) {
        return Ok(());
    }
    let above = above(folder);
    if above != folder {
        make_folder(disk, above)?;
    }
    match disk.make_folder(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists || !disk.is_folder(folder) => return Err(error),
        _ => {}
    }
    // A folder that was made is there after a loss of power only if the one above was synced.
    disk.sync_folder(above)
}

/// Puts `bytes` in place of what the file holds: written aside, synced, renamed, and the folder synced.
pub(super) fn replace<D: Disk>(disk: &D, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = aside(path);
    if let Err(error) = write(disk, &aside, bytes).and_then(|()| disk.rename(&aside, path)) {
        let _ = disk.remove(&aside);
        return Err(error);
    }
    disk.sync_folder(above(path))
}

/// Gives a file another name in the same folder.
pub(super) fn rename<D: Disk>(disk: &D, from: &Path, to: &Path) -> io::Result<()> {
    disk.rename(from, to)?;
    disk.sync_folder(above(to))
}

fn write<D: Disk>(disk: &D, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = match disk.create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            disk.remove(path)?;
            disk.create(path)?
        }
        other => other?,
    };
    disk.write(&mut file, bytes)?;
    disk.sync(&file)
}

/// Removes a file, for good; one that is not there is no error.
pub(super) fn remove<D: Disk>(disk: &D, path: &Path) -> io::Result<()> {
    let missing = |error: &io::Error| error.kind() == ErrorKind::NotFound;
    match disk.remove(path) {
        Err(error) if !missing(&error) => return Err(error),
        _ => {}
    }
    match disk.sync_folder(above(path)) {
        Err(error) if !missing(&error) => Err(error),
        _ => Ok(()),
    }
}

/// The folder that a file or folder is in.
pub(super) fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// Where the next content of a file is written before it is renamed.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
