//! The user's drive: folders and files by their paths, which are also where the bytes are in the store.
//!
//! Ids come from the paths, so that they are the same in the next process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::digest;
use super::op::NAME;
use super::switches::{NameTaken, SameContent, Switches};
use crate::storage::{ObjectName, Storage};

/// The id of the drive itself.
pub(super) const ROOT: &str = "0";

/// A file of the drive.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct File {
    pub(super) size: u64,
    /// In capitals. Not known for a file that nobody uploaded, until somebody asks.
    pub(super) sha1: Option<String>,
    pub(super) pick_code: String,
    /// When it was registered, since the Unix epoch.
    pub(super) at: Duration,
}

/// A folder of the drive, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Folder,
    File(File),
}

/// Where a new file goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    /// To this path, which nobody else gets as long as this is here.
    At(Reserved<'a>),
    /// Nowhere: the very same is here.
    There(String),
}

/// A path that is kept free.
pub(super) struct Reserved<'a> {
    drive: &'a Drive,
    pub(super) path: String,
}

#[derive(Debug, Default)]
pub(super) struct Drive {
    paths: Mutex<Paths>,
}

/// Paths have no leading slash; the drive itself is the empty one.
#[derive(Debug, Default)]
struct Paths {
    entries: BTreeMap<String, Entry>,
    by_id: HashMap<String, String>,
    reserved: BTreeSet<String>,
}

impl Drive {
    /// The folder with this id.
    pub(super) fn folder(&self, id: &str) -> Option<String> {
        if id == ROOT {
            return Some(String::new());
        }
        let paths = self.lock();
        let path = paths.by_id.get(id)?;
        (paths.entries.get(path) == Some(&Entry::Folder)).then(|| path.clone())
    }

    /// Whatever has this id, and its path.
    pub(super) fn by_id(&self, id: &str) -> Option<(String, Entry)> {
        let paths = self.lock();
        let path = paths.by_id.get(id)?;
        Some((path.clone(), paths.entries.get(path)?.clone()))
    }

    pub(super) fn at(&self, path: &str) -> Option<Entry> {
        self.lock().entries.get(path).cloned()
    }

    /// What stands directly in a folder, by name.
    pub(super) fn children(&self, folder: &str) -> Vec<(String, Entry)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let paths = self.lock();
        let below = paths.entries.range(start.clone()..).take_while(|(path, _)| path.starts_with(&start));
        let direct = below.filter(|(path, _)| !path[start.len()..].contains('/'));
        direct.map(|(path, entry)| (path.clone(), entry.clone())).collect()
    }

    /// All files, by path.
    pub(super) fn files(&self) -> Vec<(String, File)> {
        let paths = self.lock();
        paths.files().map(|(path, file)| (path.to_owned(), file.clone())).collect()
    }

    pub(super) fn used(&self) -> u64 {
        self.lock().files().fold(0, |sum: u64, (_, file)| sum.saturating_add(file.size))
    }

    /// Makes a folder and those above it; false if a file stands in the way.
    pub(super) fn make_folder(&self, path: &str) -> bool {
        self.lock().make_folder(path)
    }

    /// Puts a file where nothing is, or in place of another.
    pub(super) fn put(&self, path: &str, file: File) {
        self.lock().put(path, file);
    }

    /// A file with this content, worked out for those of this length that nobody knows the SHA-1 of. A file that somebody took
    /// out of the store is none.
    pub(super) fn twin(&self, sha1: &str, size: u64, storage: &dyn Storage) -> io::Result<Option<String>> {
        let candidates: Vec<(String, File)> = {
            let paths = self.lock();
            let long = paths.files().filter(|(_, file)| file.size == size);
            let like = long.filter(|(_, file)| file.sha1.as_deref().is_none_or(|known| known == sha1));
            like.map(|(path, file)| (path.to_owned(), file.clone())).collect()
        };
        if !storage.keeps_bytes() {
            return Ok(candidates.into_iter().find(|(_, file)| file.sha1.is_some()).map(|(path, _)| path));
        }
        let mut twin = None;
        for (path, file) in candidates {
            match sha1_at(storage, &path, &file) {
                Ok(found) => {
                    let is_twin = found == sha1;
                    self.lock().learn(&path, found);
                    twin = twin.or(is_twin.then_some(path));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.lock().forget(&path),
                Err(error) => return Err(error),
            }
        }
        Ok(twin)
    }

    /// Finds a place for a file in a folder.
    pub(super) fn spot(&self, folder: &str, name: &str, sha1: &str, size: u64, switches: &Switches) -> Spot<'_> {
        let mut paths = self.lock();
        let wanted = join(folder, name);
        let is_file = match paths.entries.get(&wanted) {
            Some(Entry::File(file)) => {
                let is_same = file.size == size && file.sha1.as_deref() == Some(sha1);
                if is_same && switches.same_content == SameContent::Same {
                    return Spot::There(wanted);
                }
                !is_same && switches.name_taken == NameTaken::Replace
            }
            Some(Entry::Folder) | None => false,
        };
        let path = if is_file && !paths.reserved.contains(&wanted) { wanted } else { paths.free(folder, name) };
        paths.reserved.insert(path.clone());
        Spot::At(Reserved { drive: self, path })
    }

    fn lock(&self) -> MutexGuard<'_, Paths> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Paths {
    fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::File(file) => Some((path.as_str(), file)),
            Entry::Folder => None,
        })
    }

    fn make_folder(&mut self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let above: Vec<&str> = ends.map(|end| &path[..end]).filter(|path| !path.is_empty()).collect();
        if above.iter().any(|path| matches!(self.entries.get(*path), Some(Entry::File(_)))) {
            return false;
        }
        for path in above {
            self.by_id.insert(id_of(path, &Entry::Folder), path.to_owned());
            self.entries.insert(path.to_owned(), Entry::Folder);
        }
        true
    }

    fn put(&mut self, path: &str, file: File) {
        let entry = Entry::File(file);
        self.by_id.insert(id_of(path, &entry), path.to_owned());
        self.entries.insert(path.to_owned(), entry);
    }

    fn learn(&mut self, path: &str, sha1: String) {
        if let Some(Entry::File(file)) = self.entries.get_mut(path) {
            file.sha1 = Some(sha1);
        }
    }

    fn forget(&mut self, path: &str) {
        if let Some(entry) = self.entries.remove(path) {
            self.by_id.remove(&id_of(path, &entry));
        }
    }

    /// The name, or the name with the lowest number that makes it new.
    fn free(&self, folder: &str, name: &str) -> String {
        let is_free = |path: &String| !self.entries.contains_key(path) && !self.reserved.contains(path);
        let (stem, extension) = match name.rfind('.').filter(|at| *at > 0) {
            Some(at) => name.split_at(at),
            None => (name, ""),
        };
        let plain = join(folder, name);
        if is_free(&plain) {
            return plain;
        }
        let mut number = 1_u64;
        loop {
            let path = join(folder, &format!("{stem}({number}){extension}"));
            if is_free(&path) {
                return path;
            }
            number += 1;
        }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.drive.lock().reserved.remove(&self.path);
    }
}

impl std::fmt::Debug for Reserved<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reserved").field(&self.path).finish()
    }
}

impl PartialEq for Reserved<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for Reserved<'_> {}

/// The SHA-1 of a file, if it is still there.
fn sha1_at(storage: &dyn Storage, path: &str, file: &File) -> io::Result<String> {
    let name = ObjectName::new(NAME, path).ok_or(io::ErrorKind::InvalidInput)?;
    storage.read_object(&name, 0, &mut [])?;
    file.sha1.clone().map_or_else(|| digest::sha1_of(storage, &name, 0, file.size), Ok)
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folder that something stands in, and its name there.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// 19 digits, as the vendor's ids have.
pub(super) fn id_of(path: &str, entry: &Entry) -> String {
    const SPAN: u64 = 900_000_000_000_000_000;
    let base = match entry {
        Entry::Folder if path.is_empty() => return ROOT.to_owned(),
        Entry::Folder => 2_000_000_000_000_000_000,
        Entry::File(_) => 3_000_000_000_000_000_000,
    };
    let digest = Sha256::digest(path.as_bytes());
    let number = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    (base + number % SPAN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStorage;

    fn file(sha1: &str, size: u64) -> File {
        File { size, sha1: Some(sha1.to_owned()), pick_code: "p".to_owned(), at: Duration::ZERO }
    }

    fn path_of(spot: &Spot<'_>) -> String {
        match spot {
            Spot::At(reserved) => reserved.path.clone(),
            Spot::There(path) => format!("there: {path}"),
        }
    }

    #[test]
    fn a_name_that_is_taken_or_kept_free_for_another_gets_a_number() {
        let (drive, switches) = (Drive::default(), Switches::default());
        drive.put("a.tar.gz", file("A", 1));
        let spots = [(); 3].map(|()| drive.spot("", "a.tar.gz", "B", 1, &switches));
        assert_eq!(spots.each_ref().map(path_of), ["a.tar(1).gz", "a.tar(2).gz", "a.tar(3).gz"]);
        drop(spots);
        assert_eq!(path_of(&drive.spot("", "a.tar.gz", "A", 1, &switches)), "a.tar(1).gz");
        assert!(drive.make_folder("d/.x"));
        assert_eq!(path_of(&drive.spot("d", ".x", "A", 1, &switches)), "d/.x(1)");
        assert!(drive.lock().reserved.is_empty());
    }

    #[test]
    fn the_same_content_and_another_are_told_apart() {
        let drive = Drive::default();
        drive.put("a", file("A", 1));
        let switches =
            Switches { same_content: SameContent::Same, name_taken: NameTaken::Replace, ..Switches::default() };
        assert_eq!(path_of(&drive.spot("", "a", "A", 1, &switches)), "there: a");
        assert_eq!(path_of(&drive.spot("", "a", "A", 2, &switches)), "a");
        assert_eq!(path_of(&drive.spot("", "a", "B", 1, &switches)), "a");
    }

    #[test]
    fn a_folder_lists_what_stands_directly_in_it() {
        let drive = Drive::default();
        assert!(drive.make_folder("d/e"));
        for path in ["d/a", "d/e/b", "d-c", "dd"] {
            drive.put(path, file("A", 1));
        }
        let names = |folder: &str| drive.children(folder).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert_eq!(names(""), ["d", "d-c", "dd"]);
        assert_eq!(names("d"), ["d/a", "d/e"]);
        assert!(!drive.make_folder("d/a/f"), "through a file");
    }

    #[test]
    fn ids_are_those_of_paths_and_nobody_elses() {
        let entry = Entry::File(file("A", 1));
        assert_eq!(id_of("", &Entry::Folder), "0");
        assert_ne!(id_of("a", &Entry::Folder), id_of("a", &entry));
        assert_eq!(id_of("a", &entry).len(), 19);
        let drive = Drive::default();
        drive.put("a", file("A", 1));
        assert_eq!(drive.by_id(&id_of("a", &entry)), Some(("a".to_owned(), entry.clone())));
        assert_eq!((drive.folder("0"), drive.folder(&id_of("a", &entry))), (Some(String::new()), None));
    }

    #[test]
    fn content_is_found_by_hash_and_length_as_long_as_it_is_there() {
        let (drive, storage) = (Drive::default(), MemoryStorage::new());
        let name = ObjectName::new(NAME, "a").expect("a name");
        storage.spool().and_then(|spool| spool.into_object(&name)).expect("memory");
        drive.put("a", file("A", 0));
        drive.put("b", File { sha1: None, ..file("", 0) });
        let find = |sha1, size| drive.twin(sha1, size, &storage).expect("memory");
        assert_eq!([find("A", 0), find("A", 2), find("B", 0)], [Some("a".to_owned()), None, None]);
        assert_eq!(drive.at("b"), None, "nobody stored it");
        storage.remove_object(&name).expect("memory");
        assert_eq!((find("A", 0), drive.at("a")), (None, None));
    }
}
