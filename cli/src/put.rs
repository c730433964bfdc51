//! `resumable put`: uploads a file, or resumes its upload.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use resumable::{ErrorKind, Event, Handle, Label, Receipt};

use crate::args::{Global, Put};
use crate::display::{Display, Names, Plan, Shown};
use crate::elsewhere::Unfinished;
use crate::exit::Problem;
use crate::explain::explain;
use crate::interrupt::{Interrupt, Pace};
use crate::transport::{Connection, Tuning, Upload, ask, either};
use crate::{abort, printable, profile, state};

/// Uploads or resumes.
///
/// # Errors
/// Whatever kept the object from being complete.
pub(crate) fn run(args: &Put, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let display = Display::open(&global.output);
    let profile = profile::get(&profile::load(global.config.as_deref())?, &args.destination.profile)?;
    let connection = Connection::take(&profile, args.transport)?;
    let folder = state::folder(global.state.as_deref())?;
    let path = args.destination.path_of(&args.file).map_err(|why| {
        Problem::usage(format!("{}: {why}", printable::path(&args.file))).next("Write the full path of the object.")
    })?;
    let tuning = Tuning { patience: args.patience, window: args.window, limit_rate: args.limit_rate };
    let client = connection.client(&folder, tuning)?;
    let upload = client.put_to(&profile, &path)?;
    let file = fs::canonicalize(&args.file).unwrap_or_else(|_| args.file.clone());
    let label =
        Label { profile: args.destination.profile.clone(), path: file.display().to_string(), destination: path };
    let upload = either!(upload, put => put.file(&args.file).start_over(args.restart));
    let handle = ask!(&upload, put => put.handle());
    let (asked, restarts) = (args.continue_from.as_deref(), args.restart);
    let others = ask!(&upload, put => Unfinished::of(put, &file, &folder, asked, restarts))?;
    let upload = others.applied_to(upload);
    let names = Names { file: label.path.clone(), destination: format!("{}:{}", label.profile, label.destination) };
    let shown = display.upload(names);
    let told = Arc::new(Told {
        label,
        others,
        handle,
        display: display.clone(),
        shown,
        pace: Pace::new(),
        stage: Mutex::default(),
    });
    arm(interrupt, &told);
    let (shown, delivered) = (Arc::clone(&told), Arc::clone(&told));
    let upload = either!(upload, put => put
        .on_event(move |event| shown.show(event))
        .deliver(move |receipt| delivered.deliver(receipt)));
    let result = upload.send();
    display.end();
    let ended = result.map(drop).map_err(|error| {
        let problem = told.explain(&error, &args.file, &folder);
        told.shown.failed(&problem);
        problem
    });
    display.summary(&display.counted()).and(ended)
}

/// The first Ctrl-C ends it so that it can be resumed, once what is in flight has arrived.
fn arm(interrupt: &Interrupt, told: &Arc<Told>) {
    let told = Arc::clone(told);
    interrupt.arm_with(move |signal| {
        let (within, text) = told.pace.stopping(signal);
        told.handle.drain(within);
        told.display.note(&text);
    });
}

/// What a person is told of an upload.
struct Told {
    label: Label,
    others: Unfinished,
    handle: Handle,
    display: Display,
    shown: Shown,
    pace: Pace,
    stage: Mutex<Stage>,
}

#[derive(Default)]
struct Stage {
    /// An earlier upload is being given up.
    removing: bool,
    /// Why the result could not be shown.
    unshown: Option<Problem>,
}

impl Told {
    fn show(&self, event: &Event) {
        self.pace.note(event);
        match event {
            Event::Began { resumed_from, total } => {
                self.display.plan(Plan { files: 1, bytes: *total });
                self.stage().removing = false;
                self.others.tell(resumed_from.is_some(), &self.label);
            }
            Event::NotContinued { why, .. } => self.others.tell_not_continued(why),
            Event::Removing => self.stage().removing = true,
            _ => {}
        }
        self.shown.event(event);
    }

    /// The result first, then the checkpoint may go: it holds what the vendor may never say again.
    fn deliver(&self, receipt: &Receipt) -> Result<(), String> {
        self.shown.result(receipt, &self.handle.progress()).map_err(|problem| {
            let what = problem.to_string();
            self.stage().unshown = Some(problem);
            what
        })
    }

    fn explain(&self, error: &resumable::Error, file: &Path, folder: &Path) -> Problem {
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

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
