//! A disk of its own for the state folder, so that it can be full.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::{Result, output};

/// Enough for a checkpoint or two, and quickly filled.
const SIZE: &str = "size=256k";

/// What this thread mounts from now on is seen by it and by what it starts, and is gone when all of these have ended, however
/// they end.
///
/// # Errors
/// Why that cannot be done here.
#[cfg(target_os = "linux")]
pub(super) fn mount_for_this_thread_only() -> Result<()> {
    use nix::sched::{CloneFlags, unshare};
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| format!("no mounts of its own: {error}"))?;
    output(Command::new("mount").args(["--make-rprivate", "/"]).stdin(Stdio::null())).map(drop)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn mount_for_this_thread_only() -> Result<()> {
    Err("it needs Linux".to_owned())
}

/// A small file system in memory; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Disk(PathBuf);

impl Disk {
    /// Mounts one at a folder that is there.
    ///
    /// # Errors
    /// Why that cannot be done here.
    pub(super) fn mount(at: &Path) -> Result<Self> {
        let mut mount = Command::new("mount");
        output(mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(at).stdin(Stdio::null()))?;
        Ok(Self(at.to_owned()))
    }

    /// Whether one can be mounted.
    pub(super) fn try_out(folder: &Path) -> Result<()> {
        let at = folder.join("disk");
        fs::create_dir(&at).map_err(|error| format!("{}: {error}", at.display()))?;
        let disk = Self::mount(&at)?;
        disk.fill()?;
        disk.empty()
    }

    /// Leaves no room for another byte.
    pub(super) fn fill(&self) -> Result<()> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.0.display());
        let mut file = File::create(self.filler()).map_err(failed)?;
        for size in [4096, 1] {
            loop {
                match file.write(&[0; 4096][..size]) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(failed(error)),
                }
            }
        }
        Ok(())
    }

    /// Has room again.
    pub(super) fn empty(&self) -> Result<()> {
        fs::remove_file(self.filler()).map_err(|error| format!("{}: {error}", self.0.display()))
    }

    /// Writes down at another place what is on it.
    pub(super) fn copy(&self, to: &Path) -> Result<()> {
        output(Command::new("cp").arg("-r").arg(&self.0).arg(to).stdin(Stdio::null())).map(drop)
    }

    /// Whether it was filled.
    pub(super) fn is_full(&self) -> bool {
        self.filler().exists()
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(why) = output(Command::new("umount").arg("-l").arg(&self.0).stdin(Stdio::null())) {
            eprintln!("note: {why}");
        }
    }
}
