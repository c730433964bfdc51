//! The tasks of uploads that need bytes, until their time is over.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::code::Code;

/// What was promised at init, and where the bytes are to go.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) pick_code: String,
    /// As it was sent.
    pub(super) target: String,
    /// The folder that the file is to stand in.
    pub(super) folder: String,
    pub(super) name: String,
    pub(super) size: u64,
    /// In capitals.
    pub(super) sha1: String,
    pub(super) bucket: String,
    pub(super) object: String,
    /// When it began, in seconds since the Unix epoch.
    pub(super) begun: u64,
    /// The path of its file, once that is in the drive.
    pub(super) done: Option<String>,
}

/// All tasks. Locks are taken in this order: a task, then the index; the index only for moments.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    by_code: HashMap<String, Arc<Mutex<Task>>>,
    /// In the order in which they began.
    begun: VecDeque<(u64, String)>,
}

impl Tasks {
    /// Adds one, and forgets those that are older than `life` in seconds.
    pub(super) fn add(&self, task: Task, life: u64) {
        let mut index = lock(&self.index);
        while let Some((begun, code)) = index.begun.front()
            && begun.saturating_add(life) <= task.begun
        {
            let code = code.clone();
            index.begun.pop_front();
            index.by_code.remove(&code);
        }
        index.begun.push_back((task.begun, task.pick_code.clone()));
        index.by_code.insert(task.pick_code.clone(), Arc::new(Mutex::new(task)));
    }

    /// Does something with a task that nobody else does anything with meanwhile; `None` if there is none of this name, or it
    /// is older than `life` in seconds.
    pub(super) fn with<T>(
        &self,
        pick_code: &str,
        clock: Duration,
        life: u64,
        work: impl FnOnce(&mut Task) -> Result<T, Code>,
    ) -> Option<Result<T, Code>> {
        let known = lock(&self.index).by_code.get(pick_code).cloned()?;
        let mut task = lock(&known);
        if task.begun.saturating_add(life) <= clock.as_secs() {
            return None;
        }
        let done = work(&mut task);
        if task.pick_code != pick_code {
            let mut index = lock(&self.index);
            index.by_code.remove(pick_code);
            index.begun.push_back((task.begun, task.pick_code.clone()));
            index.by_code.insert(task.pick_code.clone(), Arc::clone(&known));
        }
        Some(done)
    }

    pub(super) fn look(&self, pick_code: &str) -> Option<Task> {
        let known = lock(&self.index).by_code.get(pick_code).cloned()?;
        let task = lock(&known).clone();
        Some(task)
    }

    pub(super) fn forget(&self, pick_code: &str) {
        lock(&self.index).by_code.remove(pick_code);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
