//! How a file comes into the drive.

use std::time::Duration;

use super::code::{self, Code};
use super::drive::{Entry, File, Spot};
use super::journal::Line;
use super::op::NAME;
use super::server::P115;
use crate::storage::ObjectName;

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// There are none.
    Nothing,
    /// In another object, which stays.
    Copy(ObjectName),
}

/// A file that is in the drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) path: String,
    pub(super) file: File,
}

impl P115 {
    /// Puts a file into a folder, under its name or one that is free.
    pub(super) fn register(
        &self,
        folder: &str,
        name: &str,
        sha1: &str,
        size: u64,
        source: &Source,
        clock: Duration,
    ) -> Result<Registered, Code> {
        let spot = match self.drive.spot(folder, name, sha1, size, &self.config.switches) {
            Spot::At(spot) => spot,
            Spot::There(path) => return self.registered(&path),
        };
        let object = ObjectName::new(NAME, &spot.path);
        let object = object.ok_or(Code { number: self.config.names.code, message: "the name is too long" })?;
        match source {
            Source::Nothing => self.storage.spool().and_then(|spool| spool.into_object(&object)),
            Source::Copy(from) => self.storage.copy_object(from, &object),
        }
        .map_err(|_| code::FAILED)?;
        let pick_code = self.chance.letters(clock, 17);
        let file = File { size, sha1: Some(sha1.to_owned()), pick_code, at: clock };
        self.journal.note(&Line::File { path: spot.path.clone(), file: file.clone() })?;
        self.drive.put(&spot.path, file.clone());
        Ok(Registered { path: spot.path.clone(), file })
    }

    /// What is known of a file that is there.
    pub(super) fn registered(&self, path: &str) -> Result<Registered, Code> {
        match self.drive.at(path) {
            Some(Entry::File(file)) => Ok(Registered { path: path.to_owned(), file }),
            Some(Entry::Folder) | None => Err(code::FAILED),
        }
    }

    /// Makes a folder, and those above it.
    pub(super) fn make_folder(&self, path: &str) -> Result<(), Code> {
        self.journal.note(&Line::Folder { path: path.to_owned() })?;
        let made = self.drive.make_folder(path);
        made.then_some(()).ok_or(code::FOLDER_EXISTS)
    }
}

/// By its name alone.
pub(super) fn is_video(name: &str) -> bool {
    const VIDEOS: [&str; 8] = ["avi", "flv", "mkv", "mov", "mp4", "ts", "webm", "wmv"];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| VIDEOS.contains(&extension.as_str()))
}
