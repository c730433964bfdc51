//! Files and folders for their owner alone, changed so that a loss of power leaves the old state or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder, and whatever is missing above it; what is made is for its owner alone where the system knows that.
///
/// # Errors
/// When it cannot be made, or might not survive a loss of power.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    make(folder)?;
    // A folder that was made is there after a loss of power only if its parent was synced.
    missing
        .iter()
        .filter_map(|made| made.parent())
        .try_for_each(|parent| sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }))
}

/// Puts `bytes` in place of what the file holds, for its owner's eyes: written aside, synced, renamed, and the folder
/// synced. What a killed process leaves beside it begins with the file's stem and ends in `.part`.
///
/// # Errors
/// When any step of it fails; then the file is what it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = path.file_stem().unwrap_or_default();
    let mut aside = tempfile::Builder::new().prefix(stem).suffix(".part").tempfile_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    aside.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

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
}
