//! What an upload tells the display.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use resumable::{ErrorKind, Event, Handle, Label, Receipt};

use crate::abort;
use crate::display::{Display, Names, Shown};
use crate::elsewhere::Unfinished;
use crate::exit::Problem;
use crate::explain::explain;
use crate::interrupt::Pace;
use crate::on_done::{Ended, Status};

/// What a person is told of an upload.
pub(super) struct Told {
    /// The file, as it was given.
    file: String,
    pub(super) label: Label,
    pub(super) others: Unfinished,
    pub(super) handle: Handle,
    pub(super) display: Display,
    pub(super) pace: Pace,
    /// On the display as soon as there is something to show.
    shown: OnceLock<Shown>,
    stage: Mutex<Stage>,
}

#[derive(Default)]
struct Stage {
    /// An earlier upload is being given up.
    removing: bool,
    resumed: bool,
    /// Why the result could not be shown.
    unshown: Option<Problem>,
}

impl Told {
    pub(super) fn new(file: String, label: Label, others: Unfinished, handle: Handle, display: &Display) -> Arc<Self> {
        let (display, shown) = (display.clone(), OnceLock::new());
        Arc::new(Self { file, label, others, handle, display, pace: Pace::new(), shown, stage: Mutex::default() })
    }

    pub(super) fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let Label { profile, destination, .. } = &self.label;
            self.display.upload(Names { file: self.file.clone(), destination: format!("{profile}:{destination}") })
        })
    }

    /// Whether anything of it was ever shown.
    pub(super) fn has_begun(&self) -> bool {
        self.shown.get().is_some()
    }

    pub(super) fn was_resumed(&self) -> bool {
        self.stage().resumed
    }

    pub(super) fn show(&self, event: &Event) {
        self.pace.note(event);
        match event {
            Event::Began { resumed_from, .. } => {
                self.stage().removing = false;
                self.stage().resumed = resumed_from.is_some();
                self.others.tell(resumed_from.is_some(), &self.label);
            }
            Event::NotContinued { why, .. } => self.others.tell_not_continued(why),
            Event::Removing => self.stage().removing = true,
            _ => {}
        }
        self.shown().event(event);
    }

    /// The result first, then the checkpoint may go: it holds what the vendor may never say again.
    pub(super) fn deliver(&self, receipt: &Receipt) -> Result<(), String> {
        self.shown().result(receipt, &self.handle.progress()).map_err(|problem| {
            let what = problem.to_string();
            self.stage().unshown = Some(problem);
            what
        })
    }

    /// Something else is there, and was to be left.
    pub(super) fn leave(&self, bytes: u64) {
        self.shown().skipped("something else is there already", bytes);
    }

    /// What a command that is run afterwards is told. Nothing of an upload that was stopped: it is not over.
    pub(super) fn ended(&self, file: &Path, result: &Result<Receipt, resumable::Error>) -> Option<Ended> {
        let (receipt, error) = (result.as_ref().ok(), result.as_ref().err());
        if error.is_some_and(|error| error.kind() == ErrorKind::Stopped) {
            return None;
        }
        let Label { profile, destination, .. } = &self.label;
        let how = |receipt: &Receipt| serde_json::to_value(receipt.how).ok()?.as_str().map(str::to_owned);
        Some(Ended {
            status: if receipt.is_some() { Status::Done } else { Status::Failed },
            file: file.to_owned(),
            destination: format!("{profile}:{destination}"),
            size: receipt.map(|_| self.handle.progress().total),
            how: receipt.and_then(how),
            url: receipt.and_then(|receipt| receipt.url.clone()),
            id: receipt.and_then(|receipt| receipt.id.clone()),
            error: error.map(|error| error.cause().to_string()),
        })
    }

    pub(super) fn explain(&self, error: &resumable::Error, file: &Path, folder: &Path) -> Problem {
        let (removing, unshown) = {
            let mut stage = self.stage();
            (stage.removing, stage.unshown.take())
        };
        if let Some(problem) = unshown {
            return abort::kept_for_later(problem, error, "The upload is complete.");
        }
        if let Some(problem) = self.others.explain(error) {
            return problem;
        }
        let problem = self.pace.read_in_vain(error).into_iter().fold(explain(error, file, folder), Problem::next);
        if removing && error.kind() != ErrorKind::Source {
            return problem.next("The earlier upload is kept, and nothing was begun.");
        }
        problem
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
