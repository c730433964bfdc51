//! Several files, side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use resumable::file::Listed;
use resumable::{ErrorKind, Label, Receipt};

use super::outcome::Outcome;
use super::sources::{self, Job, Jobs};
use super::told::Told;
use super::{Run, STDIN};
use crate::args::Destination;
use crate::display::{Names, Plan};
use crate::elsewhere::{self, Unfinished};
use crate::exit::Problem;
use crate::interrupt::Pace;
use crate::printable;
use crate::transport::{Upload, ask, either};

/// A file that is uploaded, and what is told of it.
struct Row {
    job: Job,
    told: Arc<Told>,
}

impl Run<'_> {
    /// Uploads them all, and says what came of them.
    pub(super) fn many(&self, sources: &[PathBuf], destination: &Destination) -> Result<(), Problem> {
        if !destination.keeps_names() {
            return Err(self.needs_a_folder(sources, destination));
        }
        if sources.iter().any(|source| source == Path::new(STDIN)) {
            return Err(Problem::usage("standard input (-) is uploaded alone, to a path of its own"));
        }
        if self.args.again.continue_from.is_some() {
            return Err(Problem::usage("--continue names one upload, so it goes with one file"));
        }
        let jobs = sources::find(sources, &self.args.sources, destination)?;
        if self.args.dry_run {
            return self.plan(&jobs);
        }
        self.send(jobs)
    }

    fn needs_a_folder(&self, sources: &[PathBuf], destination: &Destination) -> Problem {
        if let Some(folder) = sources.iter().find(|source| source.is_dir() && !self.args.sources.recursive) {
            return sources::without_r(folder);
        }
        let what = match sources {
            [source] if source.is_dir() => format!("{} is a folder, and", printable::path(source)),
            _ => "for several files".to_owned(),
        };
        let path = printable::text(&destination.path);
        Problem::usage(format!("{what} the destination has to end with '/'"))
            .next(format!("Write {}/", self.shown(&path)))
    }

    fn send(&self, jobs: Jobs) -> Result<(), Problem> {
        let failed_to = self.args.sources.failed_to.as_deref();
        let mut outcome = Outcome::begin(failed_to, self.args.sources.null, &jobs)?;
        self.display.plan(Plan { files: (jobs.list.len() + jobs.unusable.len()) as u64, bytes: jobs.bytes() });
        for unusable in jobs.unusable {
            self.fails(&unusable.listed, "", &unusable.problem);
            outcome.failed(unusable.listed, unusable.problem);
        }
        let unfinished = elsewhere::list(&self.folder);
        let (mut rows, mut uploads) = (Vec::new(), Vec::new());
        for job in jobs.list {
            match self.prepare(&job, &unfinished) {
                Ok((told, upload)) => {
                    rows.push(Row { job, told });
                    uploads.push(upload);
                }
                Err(problem) => {
                    self.fails(&job.path, &job.to, &problem);
                    outcome.failed(job.listed, problem);
                }
            }
        }
        let uploads = self.client.put_all(uploads);
        let handle = uploads.handle();
        let (end, display, pace) = (handle.clone(), self.display.clone(), Arc::new(Pace::new()));
        let moves = Arc::clone(&pace);
        self.interrupt.arm_with(move |signal| {
            let (within, text) = pace.stopping(signal);
            end.drain(within);
            display.note(&text);
        });
        let uploads = uploads.on_progress(move |total| moves.moved(total.confirmed, total.in_flight));
        let outcome = Arc::new(Mutex::new(outcome));
        let (ended, folder, done) = (Arc::clone(&outcome), self.folder.clone(), self.done.clone());
        uploads.send(move |at, result| {
            let Row { job, told } = &rows[at];
            done.iter().zip(told.ended(&job.path, result)).for_each(|(done, ended)| done.push(ended));
            let mut outcome = ended.lock().unwrap_or_else(PoisonError::into_inner);
            if rows[at].ended(result, &folder, &mut outcome) {
                handle.stop();
            }
        });
        self.display.end();
        let outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
        outcome.end(&self.display, self.interrupt.asked())
    }

    /// It fails before it is begun.
    fn fails(&self, file: &Path, to: &str, problem: &Problem) {
        let names = Names { file: file.display().to_string(), destination: self.shown(to) };
        self.display.upload(names).failed(problem);
    }

    fn prepare(&self, job: &Job, unfinished: &[Listed]) -> Result<(Arc<Told>, Upload<'_>), Problem> {
        let upload = self.upload(&job.to)?;
        let name = fs::canonicalize(&job.path).unwrap_or_else(|_| job.path.clone());
        let label = Label {
            profile: self.profile.name().to_owned(),
            path: name.display().to_string(),
            destination: job.to.clone(),
        };
        let upload = either!(upload, put => put.file(&job.path));
        let others = ask!(&upload, put => Unfinished::among(unfinished, put, &name, self.args.again.restart));
        let upload = others.applied_to(upload);
        let told =
            Told::new(job.path.display().to_string(), label, others, ask!(&upload, put => put.handle()), &self.display);
        let (shown, delivered) = (Arc::clone(&told), Arc::clone(&told));
        let upload = either!(upload, put => put
            .on_event(move |event| shown.show(event))
            .deliver(move |receipt| delivered.deliver(receipt)));
        Ok((told, upload))
    }
}

impl Row {
    /// Counts what came of it; true if no other one can succeed either.
    fn ended(&self, result: &Result<Receipt, resumable::Error>, folder: &Path, outcome: &mut Outcome) -> bool {
        let Self { job, told } = self;
        let error = match result {
            Ok(receipt) => {
                outcome.done(receipt, told.was_resumed());
                return false;
            }
            Err(error) if error.is_skipped() => {
                told.leave(job.len);
                outcome.left();
                return false;
            }
            Err(error) => error,
        };
        if error.kind() == ErrorKind::Stopped {
            if told.has_begun() {
                told.shown().stopped();
            }
            outcome.unfinished(job.listed.clone());
            return false;
        }
        let problem = told.explain(error, &job.path, folder);
        let hopeless = outcome.is_hopeless(error);
        if hopeless {
            // It is the reason that the command ends with, and is told there.
            if told.has_begun() {
                told.shown().stopped();
            }
            outcome.stopped_by(job.listed.clone(), problem);
        } else {
            told.shown().failed(&problem);
            outcome.failed(job.listed.clone(), problem);
        }
        hopeless
    }
}
