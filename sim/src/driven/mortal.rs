//! The folder of checkpoints, with a process that may die, or a disk that may fail, between two steps of it.

use std::io;
use std::sync::Arc;

use resumable::file::LockError;
use resumable::{Folder, Key, Store, StoreGuard};

use super::plight::Step;
use super::world::World;

/// The library's own folder, watched.
pub(super) struct Mortal {
    folder: Folder,
    world: Arc<World>,
}

struct Guard {
    guard: Box<dyn StoreGuard>,
    world: Arc<World>,
}

impl Mortal {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self { folder: Folder::new(world.home.folder("state")), world: Arc::clone(world) }
    }
}

impl Store for Mortal {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        let guard = Store::lock(&self.folder, key)?;
        Ok(Box::new(Guard { guard, world: Arc::clone(&self.world) }))
    }
}

impl Guard {
    /// Does one step, unless this is the one that something happens to.
    fn step(&self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let fate = self.world.step();
        let failed = || Err(io::Error::other("the disk is full"));
        match fate {
            None => work(),
            Some(Step::DiesBefore) => {
                self.world.kill();
                failed()
            }
            Some(Step::DiesAfter) => {
                let done = work();
                self.world.kill();
                done
            }
            Some(Step::Fails) => failed(),
            Some(Step::FailsAfter) => work().and_then(|()| failed()),
        }
    }
}

impl StoreGuard for Guard {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.guard.load()
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.step(|| self.guard.save(record))
    }

    fn remove(&self) -> io::Result<()> {
        self.step(|| self.guard.remove())
    }

    fn set_aside(&self) -> io::Result<Option<String>> {
        self.guard.set_aside()
    }

    fn rename(&self, to: &Key) -> io::Result<()> {
        self.step(|| self.guard.rename(to))
    }

    fn place(&self) -> Option<String> {
        self.guard.place()
    }
}
