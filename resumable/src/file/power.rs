//! A disk in memory that loses its power after so many calls. The simulator compiles this file, too.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::Disk;

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
pub(super) struct Model {
    inside: RefCell<Inside>,
    calls_left: Cell<usize>,
}

impl Model {
    /// An empty disk, whose folder `/` is there.
    pub(super) fn new() -> Self {
        let durable = BTreeMap::from([(PathBuf::from("/"), Entry::Folder)]);
        Self { inside: RefCell::new(Inside { durable, ..Inside::default() }), calls_left: Cell::new(usize::MAX) }
    }

    /// From now on there is power for so many calls.
    pub(super) fn power_for(&self, calls: usize) {
        self.calls_left.set(calls);
    }

    pub(super) fn is_off(&self) -> bool {
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
    pub(super) fn read(&self, path: &Path) -> Option<Vec<u8>> {
        match self.at(path)? {
            Entry::File(number) => Some(self.inside.borrow().contents[number].now.clone()),
            Entry::Folder => None,
        }
    }

    /// Every disk that may be found once the power is back.
    pub(super) fn after_a_cut(&self) -> Vec<Self> {
        let (mut all, mut choices) = (Vec::new(), Vec::new());
        loop {
            let mut at = 0;
            all.push(self.cut(&mut |among| {
                if at == choices.len() {
                    choices.push((0, among));
                }
                at += 1;
                choices[at - 1].0
            }));
            while choices.pop_if(|(choice, among)| *choice + 1 == *among).is_some() {}
            match choices.last_mut() {
                Some((choice, _)) => *choice += 1,
                None => return all,
            }
        }
    }

    /// One of them, by choices of one thing among so many: any of the names that were not synced may be there or not, and
    /// of what was not synced in a file any part may be missing, or be another one.
    pub(super) fn cut(&self, choose: &mut dyn FnMut(usize) -> usize) -> Self {
        let inside = self.inside.borrow();
        let mut durable = inside.durable.clone();
        for change in &inside.pending {
            if choose(2) == 1 {
                apply(change, &mut durable);
            }
        }
        let contents = inside.contents.iter().map(|content| content.torn(choose)).collect();
        let inside = Inside { contents, durable: within_folders(&durable), pending: Vec::new() };
        Self { inside: RefCell::new(inside), calls_left: Cell::new(usize::MAX) }
    }
}

impl Content {
    fn torn(&self, choose: &mut dyn FnMut(usize) -> usize) -> Self {
        let Self { now, durable } = self;
        let held = match if now == durable { 0 } else { choose(4) } {
            0 => durable.clone(),
            1 => now.clone(),
            2 => now[..now.len() / 2].to_vec(),
            _ => vec![0; now.len()],
        };
        Self { now: held.clone(), durable: held }
    }
}

impl Inside {
    /// What no name leads to is gone.
    fn forget_unnamed(&mut self) {
        let pending = self.pending.iter().flatten().filter_map(|(_, entry)| entry.as_ref());
        let named: Vec<Entry> = self.durable.values().chain(pending).copied().collect();
        for (number, content) in self.contents.iter_mut().enumerate() {
            if !named.contains(&Entry::File(number)) {
                *content = Content::default();
            }
        }
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
        inside.forget_unnamed();
        Ok(())
    }
}
