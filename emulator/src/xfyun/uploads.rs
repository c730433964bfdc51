//! The uploads that were begun, until their time is over.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::code::{self, Code};
use super::slices::{Restored, Slices};
use crate::date;
use crate::storage::Storage;

/// All uploads. Locks are taken in this order: an upload, then the index; the index only for moments.
#[derive(Debug)]
pub(super) struct Uploads {
    /// How long an upload id is good for.
    life: Duration,
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    by_id: HashMap<String, Arc<Mutex<Upload>>>,
    /// In the order in which their time is over.
    ends: VecDeque<(Duration, String)>,
    serial: u64,
}

/// One upload, from init on.
#[derive(Debug)]
pub(super) struct Upload {
    app_id: String,
    ends: Duration,
    pub(super) phase: Phase,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// The moment when the last slice was complete is told in ticks.
    Open {
        slices: Slices,
        last_slice: u64,
    },
    Complete {
        url: String,
    },
    /// Cancelled, forgotten or too old.
    Gone,
}

impl Uploads {
    pub(super) fn new(life: Duration) -> Uploads {
        Uploads { life, index: Mutex::default() }
    }

    /// Begins an upload; its id.
    pub(super) fn begin(&self, app_id: &str, clock: Duration, storage: &dyn Storage) -> io::Result<String> {
        self.sweep(clock, storage);
        let id = lock(&self.index).fresh_id(clock);
        let slices = Slices::begin(&id, app_id, clock.as_secs(), storage)?;
        lock(&self.index).put(id.clone(), app_id.to_owned(), clock.saturating_add(self.life), slices);
        Ok(id)
    }

    /// Takes up what an earlier process left.
    pub(super) fn restore(&self, restored: Restored) {
        let Restored { upload_id, app_id, created, slices } = restored;
        lock(&self.index).put(upload_id, app_id, Duration::from_secs(created).saturating_add(self.life), slices);
    }

    /// Does something with an upload that nobody else does anything with meanwhile.
    pub(super) fn with<T>(
        &self,
        id: &str,
        app_id: &str,
        clock: Duration,
        storage: &dyn Storage,
        work: impl FnOnce(&mut Upload) -> Result<T, Code>,
    ) -> Result<T, Code> {
        let known = lock(&self.index).by_id.get(id).cloned().ok_or(code::EXPIRED)?;
        let mut upload = lock(&known);
        if upload.app_id != app_id {
            return Err(code::EXPIRED);
        }
        if upload.ends <= clock {
            upload.leave(storage);
        }
        let done = work(&mut upload);
        if matches!(upload.phase, Phase::Gone) {
            lock(&self.index).by_id.remove(id);
        }
        done
    }

    /// Loses an upload, if there is one.
    pub(super) fn forget(&self, id: &str, storage: &dyn Storage) {
        let known = lock(&self.index).by_id.remove(id);
        if let Some(upload) = known {
            lock(&upload).leave(storage);
        }
    }

    /// Looks at an upload that is open.
    pub(super) fn look<T>(&self, id: &str, look: impl FnOnce(&Slices) -> T) -> Option<T> {
        let known = lock(&self.index).by_id.get(id).cloned()?;
        match &lock(&known).phase {
            Phase::Open { slices, .. } => Some(look(slices)),
            Phase::Complete { .. } | Phase::Gone => None,
        }
    }

    /// The uploads that are open, sorted.
    pub(super) fn open_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = lock(&self.index).by_id.keys().cloned().collect();
        ids.retain(|id| self.look(id, |_| ()).is_some());
        ids.sort();
        ids
    }

    fn sweep(&self, clock: Duration, storage: &dyn Storage) {
        let old = lock(&self.index).take_old(clock);
        old.iter().for_each(|id| self.forget(id, storage));
    }
}

impl Index {
    /// `up_`, the time in Beijing to the second, its microseconds, a node, a counter.
    fn fresh_id(&mut self, clock: Duration) -> String {
        loop {
            self.serial += 1;
            let (digits, micros) = (date::digits_beijing(clock), clock.subsec_micros());
            let id = format!("up_{digits}{micros:06}001{:03}", self.serial % 1000);
            if !self.by_id.contains_key(&id) {
                return id;
            }
            // All of this microsecond may be taken; a counter without bound never is.
            let id = format!("up_{digits}{micros:06}001{:03}", self.serial);
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }

    fn put(&mut self, id: String, app_id: String, ends: Duration, slices: Slices) {
        self.ends.push_back((ends, id.clone()));
        let upload = Upload { app_id, ends, phase: Phase::Open { slices, last_slice: 0 } };
        self.by_id.insert(id, Arc::new(Mutex::new(upload)));
    }

    fn take_old(&mut self, clock: Duration) -> Vec<String> {
        let old = self.ends.iter().take_while(|(ends, _)| *ends <= clock).count();
        self.ends.drain(..old).map(|(_, id)| id).collect()
    }
}

impl Upload {
    /// It is gone, with all that came.
    pub(super) fn leave(&mut self, storage: &dyn Storage) {
        if let Phase::Open { slices, .. } = &self.phase {
            slices.drop_draft(storage);
        }
        self.phase = Phase::Gone;
    }

    /// What came, as long as more may come; and when the last of it was complete.
    pub(super) fn open(&mut self) -> Result<(&mut Slices, &mut u64), Code> {
        match &mut self.phase {
            Phase::Open { slices, last_slice } => Ok((slices, last_slice)),
            Phase::Complete { .. } | Phase::Gone => Err(code::EXPIRED),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStorage;

    #[test]
    fn an_id_is_shaped_as_the_vendors_and_nobody_elses() {
        // The vendor's sample, but for its node and its counter.
        let clock = Duration::new(0x172_fd87_1c41 / 1000, 761_716_000);
        let uploads = Uploads::new(Duration::from_secs(9));
        let storage = MemoryStorage::new();
        let ids: Vec<String> = (0..1500).map(|_| uploads.begin("a", clock, &storage).expect("memory")).collect();
        assert_eq!(ids[0], "up_200629084309761716001001");
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
    }

    #[test]
    fn old_uploads_are_swept_by_an_init() {
        let uploads = Uploads::new(Duration::from_secs(9));
        let storage = MemoryStorage::new();
        let first = uploads.begin("a", Duration::from_secs(1), &storage).expect("memory");
        uploads.begin("a", Duration::from_secs(9), &storage).expect("memory");
        assert!(uploads.look(&first, |_| ()).is_some());
        uploads.begin("a", Duration::from_secs(10), &storage).expect("memory");
        assert!(uploads.look(&first, |_| ()).is_none());
        assert_eq!(lock(&uploads.index).by_id.len(), 2);
    }
}
