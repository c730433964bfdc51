//! The upload under another key that one continues: it stays where it is until its content is known to be the same.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use resumable_core::{Cause, SourceInfo, StoreError};

use crate::file::{InvalidKey, Key};
use crate::foreign_code::of_store;
use crate::store::StoreGuard;

/// What an upload is told to continue.
pub(crate) enum Origin {
    /// This one, or it is an error.
    Only(Result<Key, InvalidKey>),
    /// This one if it is of the same content, or none.
    IfSame(Result<Key, InvalidKey>),
}

/// The place where an upload is kept until it moves to its own.
#[derive(Default)]
pub(crate) struct Place(Mutex<Option<Kept>>);

struct Kept {
    guard: Box<dyn StoreGuard>,
    /// The key that it moves to.
    to: Key,
    /// How the source looked then, as long as it is in doubt that it is the same.
    doubt: Option<SourceInfo>,
}

impl Place {
    pub(crate) fn set(&self, guard: Box<dyn StoreGuard>, to: Key, doubt: Option<SourceInfo>) {
        *self.kept() = Some(Kept { guard, to, doubt });
    }

    /// True if it has not moved.
    pub(crate) fn is_set(&self) -> bool {
        self.kept().is_some()
    }

    /// Nobody holds it any more; it is as it was.
    pub(crate) fn release(&self) {
        self.kept().take();
    }

    /// Moves it if a source of these looks is no longer in doubt. False as long as it is.
    pub(crate) fn settle(&self, source: &SourceInfo) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let Some(Kept { guard, to, doubt }) = &*kept else { return Ok(true) };
        if doubt.as_ref() == Some(source) {
            return Ok(false);
        }
        of_store(|| Ok(guard.rename(to)?)).map_err(|error| StoreError(Cause(error)))?;
        *kept = None;
        Ok(true)
    }

    /// Removes it, if it has not moved.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match &*self.kept() {
            Some(Kept { guard, .. }) => guard.remove(),
            None => Ok(()),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
