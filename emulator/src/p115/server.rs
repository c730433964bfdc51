//! What the server holds, and what a test may ask it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::ResponseContext;
use super::challenges::Challenges;
use super::chance::Chance;
use super::code::Code;
use super::config::{Config, User};
use super::devices::{Devices, State};
use super::drive::{self, Drive, Entry, File};
use super::journal::{Journal, Line};
use super::op::{Family, NAME, Op};
use super::tasks::{Task, Tasks};
use super::tokens::Tokens;
use crate::faults::Plan;
use crate::oss::Oss;
use crate::service::{Service, Setup};
use crate::storage::{ObjectName, Storage};

/// The server of the 115 open platform.
pub struct P115 {
    pub(super) config: Config,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) journal: Journal,
    pub(super) chance: Chance,
    pub(super) tokens: Tokens,
    pub(super) devices: Devices,
    pub(super) challenges: Challenges,
    pub(super) tasks: Tasks,
    pub(super) drive: Drive,
    /// A callback is no request, and so draws its faults itself.
    faults: Arc<Mutex<Plan>>,
    /// Where the bytes go.
    pub(super) oss: Arc<Oss>,
}

/// A file of the drive, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriveFile {
    /// From the drive's root on, with a leading slash.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// In capitals; absent for a file that nobody uploaded, until an init asked for one of its length.
    pub sha1: Option<String>,
    /// `file_id` in answers.
    pub file_id: String,
    /// `pick_code` in answers.
    pub pick_code: String,
}

impl P115 {
    pub(crate) fn new(config: Config, setup: &Setup, oss: &Arc<Oss>) -> io::Result<Arc<P115>> {
        let server = Arc::new(P115 {
            journal: Journal::new(Arc::clone(&setup.storage)),
            chance: Chance::new(config.seed),
            tokens: Tokens::new(&config.user),
            devices: Devices::default(),
            challenges: Challenges::default(),
            tasks: Tasks::default(),
            drive: Drive::default(),
            config,
            storage: Arc::clone(&setup.storage),
            faults: Arc::clone(&setup.faults),
            oss: Arc::clone(oss),
        });
        server.restore()?;
        let target = Arc::downgrade(&server);
        oss.add_target(target);
        Ok(server)
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// Somebody scans a device code; false if there is none with this `uid`.
    pub fn scan(&self, uid: &str) -> bool {
        self.devices.reach(uid, State::Scanned)
    }

    /// Somebody confirms a device code; false if there is none with this `uid`.
    pub fn confirm(&self, uid: &str) -> bool {
        self.devices.reach(uid, State::Confirmed)
    }

    /// The access token and the refresh token that are the latest.
    pub fn tokens(&self) -> (String, String) {
        let User { access_token, refresh_token, .. } = &self.config.user;
        self.tokens.current().unwrap_or_else(|| (access_token.clone(), refresh_token.clone()))
    }

    /// The files of the drive, by path.
    pub fn files(&self) -> Vec<DriveFile> {
        let files = self.drive.files().into_iter();
        files
            .map(|(path, file)| DriveFile {
                file_id: drive::id_of(&path, &Entry::File(file.clone())),
                path: format!("/{path}"),
                size: file.size,
                sha1: file.sha1,
                pick_code: file.pick_code,
            })
            .collect()
    }

    /// A file's bytes, all at once: for tests. The path may begin with a slash.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_file(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let object = ObjectName::new(NAME, path.trim_start_matches('/'));
        object.map_or(Ok(None), |object| self.storage.read_whole(&object))
    }

    /// Puts a file into the drive as somebody else would have, with the folders above it: for tests. It replaces an older one,
    /// and shows at once.
    ///
    /// # Errors
    /// The path cannot be one, something stands in its way, or the storage cannot be written.
    pub fn put_file(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = path.trim_start_matches('/');
        let object = ObjectName::new(NAME, path).ok_or(io::ErrorKind::InvalidInput)?;
        let mut spool = self.storage.spool()?;
        spool.write(bytes)?;
        spool.into_object(&object)?;
        self.find(path, bytes.len() as u64, Duration::ZERO)
    }

    /// Makes a folder, and those above it: for tests.
    ///
    /// # Errors
    /// A file stands in its way, or the storage cannot be written.
    pub fn put_folder(&self, path: &str) -> io::Result<String> {
        let path = path.trim_matches('/');
        self.make_folder(path).map_err(|code| io::Error::other(code.message))?;
        Ok(drive::id_of(path, &Entry::Folder))
    }

    /// Takes up a file that nobody uploaded.
    fn find(&self, path: &str, size: u64, at: Duration) -> io::Result<()> {
        let (folder, _) = drive::split(path);
        if !self.drive.make_folder(folder) || self.drive.at(path) == Some(Entry::Folder) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let pick_code = self.chance.letters(at, 17);
        self.drive.put(path, File { size, sha1: None, pick_code, at });
        Ok(())
    }

    /// What an earlier process left: files count as far as the store has them.
    fn restore(&self) -> io::Result<()> {
        let lines = self.journal.lines()?;
        self.tokens.restore(lines.iter().filter_map(|line| match line {
            Line::Tokens(change) => Some(change.clone()),
            _ => None,
        }));
        let stored = self.storage.objects(NAME)?;
        for object in &stored {
            self.find(object.name.path(), object.length, object.modified)?;
        }
        lines.into_iter().for_each(|line| self.redo(line));
        Ok(())
    }

    fn redo(&self, line: Line) {
        match line {
            Line::Tokens(_) => {}
            Line::Folder { path } => drop(self.drive.make_folder(&path)),
            Line::File { path, file } => {
                // What was changed by hand meanwhile is another file.
                if matches!(self.drive.at(&path), Some(Entry::File(found)) if found.size == file.size) {
                    self.drive.put(&path, file);
                }
            }
            Line::Task { task, instead_of } => {
                if let Some(older) = instead_of {
                    self.tasks.forget(&older);
                }
                self.tasks.add(task, self.config.limits.task_life);
            }
            Line::Done { pick_code, path } => {
                let found = self.tasks.look(&pick_code);
                if let Some(task) = found.filter(|_| self.drive.at(&path).is_some()) {
                    self.tasks.add(Task { done: Some(path), ..task }, self.config.limits.task_life);
                }
            }
        }
    }

    /// Who answers a request for this operation.
    pub(super) fn context(&self, op: Option<Op>, clock: Duration) -> ResponseContext<'_> {
        ResponseContext { shape: &self.config.shape, family: op.map_or(Family::Files, Op::family), clock }
    }

    pub(super) fn note_task(&self, task: &Task, instead_of: Option<&str>) -> Result<(), Code> {
        self.journal.note(&Line::Task { task: task.clone(), instead_of: instead_of.map(str::to_owned) })
    }

    pub(super) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for P115 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("P115").field("config", &self.config).finish_non_exhaustive()
    }
}
