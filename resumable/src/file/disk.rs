//! The few calls that the store makes of a file system, so that a test can cut the power after each of them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::private;

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

/// The system's.
pub(super) struct System;

impl Disk for System {
    type File = File;

    fn create(&self, path: &Path) -> io::Result<File> {
        private::open(path, fs::OpenOptions::new().write(true).create_new(true))
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    #[cfg(unix)]
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().mode(0o700).create(path)
    }

    #[cfg(not(unix))]
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    #[cfg(unix)]
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// A disk in memory that loses its power after so many calls.
#[cfg(test)]
pub(super) mod model {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    /// What is there at a name: a file by its number, or a folder.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Entry {
        File(usize),
        Folder,
    }

    #[derive(Clone, Debug, Default)]
    struct Content {
        now: Vec<u8>,
        /// What was there when it was last synced.
        durable: Vec<u8>,
    }

    /// Names that come and go at once: those of a file that is renamed. `None` takes a name away.
    type Change = Vec<(PathBuf, Option<Entry>)>;

    #[derive(Clone, Debug, Default)]
    struct Inside {
        contents: Vec<Content>,
        durable: BTreeMap<PathBuf, Entry>,
        /// Changes since, in order. The disk may keep any of them and lose the others.
        pending: Vec<Change>,
    }

    #[derive(Clone, Debug)]
    pub(in crate::file) struct Model {
        inside: RefCell<Inside>,
        calls_left: Cell<usize>,
    }

    impl Model {
        /// An empty disk, whose folder `/` is there.
        pub(in crate::file) fn new() -> Self {
            let durable = BTreeMap::from([(PathBuf::from("/"), Entry::Folder)]);
            Self { inside: RefCell::new(Inside { durable, ..Inside::default() }), calls_left: Cell::new(usize::MAX) }
        }

        /// From now on there is power for so many calls.
        pub(in crate::file) fn power_for(&self, calls: usize) {
            self.calls_left.set(calls);
        }

        pub(in crate::file) fn is_off(&self) -> bool {
            self.calls_left.get() == 0
        }

        fn call(&self) -> io::Result<()> {
            let left = self.calls_left.get().checked_sub(1).ok_or_else(|| io::Error::other("no power"))?;
            self.calls_left.set(left);
            Ok(())
        }

        fn at(&self, path: &Path) -> Option<Entry> {
            let inside = self.inside.borrow();
            let pending = inside.pending.iter().rev().flatten().find(|(changed, _)| changed == path);
            pending.map_or_else(|| inside.durable.get(path).copied(), |(_, entry)| *entry)
        }

        fn set(&self, path: &Path, entry: Option<Entry>) {
            self.change(vec![(path.to_owned(), entry)]);
        }

        fn change(&self, change: Change) {
            self.inside.borrow_mut().pending.push(change);
        }

        /// What a file holds now.
        pub(in crate::file) fn read(&self, path: &Path) -> Option<Vec<u8>> {
            match self.at(path)? {
                Entry::File(number) => Some(self.inside.borrow().contents[number].now.clone()),
                Entry::Folder => None,
            }
        }

        /// Every disk that may be found once the power is back: any of the names that were not synced may be there or
        /// not, and of what was not synced in a file any part may be missing, or be another one.
        pub(in crate::file) fn after_a_cut(&self) -> Vec<Self> {
            let inside = self.inside.borrow();
            let names = (0..1_usize << inside.pending.len()).map(|kept| {
                let mut durable = inside.durable.clone();
                let kept = inside.pending.iter().enumerate().filter(|(at, _)| kept & (1 << at) != 0);
                kept.for_each(|(_, change)| apply(change, &mut durable));
                within_folders(&durable)
            });
            let contents = torn(&inside.contents);
            names
                .flat_map(|durable| {
                    contents.iter().map(move |contents| Self {
                        inside: RefCell::new(Inside {
                            contents: contents.clone(),
                            durable: durable.clone(),
                            pending: Vec::new(),
                        }),
                        calls_left: Cell::new(usize::MAX),
                    })
                })
                .collect()
        }
    }

    fn apply(change: &Change, durable: &mut BTreeMap<PathBuf, Entry>) {
        for (path, entry) in change {
            match entry {
                Some(entry) => drop(durable.insert(path.clone(), *entry)),
                None => drop(durable.remove(path)),
            }
        }
    }

    /// With a folder, everything in it is lost.
    fn within_folders(names: &BTreeMap<PathBuf, Entry>) -> BTreeMap<PathBuf, Entry> {
        let held = |path: &Path| path.ancestors().all(|above| names.contains_key(above));
        names.iter().filter(|(path, _)| held(path)).map(|(path, entry)| (path.clone(), *entry)).collect()
    }

    /// Everything that files may hold of which not all was synced.
    fn torn(contents: &[Content]) -> Vec<Vec<Content>> {
        let mut all = vec![Vec::new()];
        for content in contents {
            let (now, durable) = (&content.now, &content.durable);
            let mut may_be = vec![durable.clone()];
            if now != durable {
                may_be.extend([now.clone(), now[..now.len() / 2].to_vec(), vec![0; now.len()]]);
            }
            all = all
                .iter()
                .flat_map(|before: &Vec<Content>| {
                    may_be.iter().map(|held| {
                        let found = Content { now: held.clone(), durable: held.clone() };
                        before.iter().cloned().chain([found]).collect()
                    })
                })
                .collect();
        }
        all
    }

    impl Disk for Model {
        type File = usize;

        fn create(&self, path: &Path) -> io::Result<usize> {
            self.call()?;
            if self.at(path).is_some() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            if path.parent().is_some_and(|folder| self.at(folder) != Some(Entry::Folder)) {
                return Err(io::ErrorKind::NotFound.into());
            }
            self.inside.borrow_mut().contents.push(Content::default());
            let number = self.inside.borrow().contents.len() - 1;
            self.set(path, Some(Entry::File(number)));
            Ok(number)
        }

        fn write(&self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
            self.call()?;
            self.inside.borrow_mut().contents[*file].now.extend_from_slice(bytes);
            Ok(())
        }

        fn sync(&self, file: &usize) -> io::Result<()> {
            self.call()?;
            let content = &mut self.inside.borrow_mut().contents[*file];
            content.durable.clone_from(&content.now);
            Ok(())
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.call()?;
            let entry = self.at(from).ok_or(io::ErrorKind::NotFound)?;
            self.change(vec![(to.to_owned(), Some(entry)), (from.to_owned(), None)]);
            Ok(())
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.call()?;
            self.at(path).ok_or(io::ErrorKind::NotFound)?;
            self.set(path, None);
            Ok(())
        }

        fn is_folder(&self, path: &Path) -> bool {
            self.at(path) == Some(Entry::Folder)
        }

        fn make_folder(&self, path: &Path) -> io::Result<()> {
            self.call()?;
            self.set(path, Some(Entry::Folder));
            Ok(())
        }

        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            self.call()?;
            let mut inside = self.inside.borrow_mut();
            let (synced, pending): (Vec<_>, Vec<_>) = std::mem::take(&mut inside.pending)
                .into_iter()
                .partition(|change| change.iter().all(|(changed, _)| changed.parent() == Some(path)));
            inside.pending = pending;
            synced.iter().for_each(|change| apply(change, &mut inside.durable));
            Ok(())
        }
    }
}
