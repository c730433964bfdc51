//! `resumable put`: uploads a file, or resumes its upload.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use resumable::machine::{Digest, HashKind};
use resumable::units::{show_size, show_time};
use resumable::{ErrorKind, Event, Handle, How, Label, Receipt};

use crate::args::{Global, Put};
use crate::elsewhere::Unfinished;
use crate::exit::{Problem, warn};
use crate::explain::explain;
use crate::interrupt::{Interrupt, Pace};
use crate::progress::Progress;
use crate::transport::{Connection, Tuning, Upload, ask, either};
use crate::{abort, printable, profile, say, state};

/// Uploads or resumes.
///
/// # Errors
/// Whatever kept the object from being complete.
pub(crate) fn run(args: &Put, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let begun = Instant::now();
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
    let told = Arc::new(Told {
        label,
        others,
        handle,
        begun,
        progress: Progress::new(),
        pace: Pace::new(),
        stage: Mutex::default(),
    });
    arm(interrupt, &told);
    let (shown, delivered) = (Arc::clone(&told), Arc::clone(&told));
    let upload = either!(upload, put => put
        .on_event(move |event| shown.show(event))
        .deliver(move |receipt| delivered.deliver(receipt)));
    let result = upload.send();
    told.progress.end();
    result.map(drop).map_err(|error| told.explain(&error, &args.file, &folder))
}

/// The first Ctrl-C ends it so that it can be resumed, once what is in flight has arrived.
fn arm(interrupt: &Interrupt, told: &Arc<Told>) {
    let told = Arc::clone(told);
    interrupt.arm_with(move |signal| {
        let (within, text) = told.pace.stopping(signal);
        told.handle.drain(within);
        told.progress.note(&text);
    });
}

/// What a person is told of an upload.
struct Told {
    label: Label,
    others: Unfinished,
    handle: Handle,
    begun: Instant,
    progress: Progress,
    pace: Pace,
    stage: Mutex<Stage>,
}

#[derive(Default)]
struct Stage {
    /// An earlier upload is being given up: how far that is says nothing.
    removing: bool,
    /// Why the result could not be shown.
    unshown: Option<Problem>,
}

impl Told {
    fn show(&self, event: &Event) {
        let note = |text: &str| self.progress.note(text);
        self.pace.note(event);
        match event {
            Event::Began { resumed_from, total } => self.began(*resumed_from, *total),
            Event::Machine(resumable::machine::Event::Progress { .. }) if self.stage().removing => {}
            Event::Machine(event) => self.progress.tell(event),
            Event::NotContinued { why, .. } => self.others.tell_not_continued(why),
            Event::SetAside { why, to } => {
                let now = to.as_deref().map(|to| format!("; it is now {to}")).unwrap_or_default();
                note(&format!("{why}{now}, and parts of its upload may be left at the vendor"));
            }
            Event::Removing => {
                self.stage().removing = true;
                note("removing what is left of the earlier upload");
            }
            Event::Removed(remains) => {
                note(&format!("left of the earlier upload at the vendor: {}", abort::words(*remains)));
            }
            Event::WasComplete(receipt) => {
                let url = receipt.url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default();
                note(&format!("the earlier upload turned out to be complete{url}: it is left there"));
            }
            Event::NotRemoved { why } => {
                note(&format!("the earlier upload could not be removed, parts may be left: {why}"));
            }
            Event::CheckpointStays { why } => {
                warn(&format!("{why}; the upload is complete, and the next run will find it so"));
            }
            _ => {}
        }
    }

    fn began(&self, resumed_from: Option<u64>, total: u64) {
        self.stage().removing = false;
        self.others.tell(resumed_from.is_some(), &self.label);
        let Label { profile, path, destination } = &self.label;
        let doing = if resumed_from.is_some() { "resuming" } else { "uploading" };
        let stored = resumed_from.map(|confirmed| format!(", {} are stored", show_size(confirmed))).unwrap_or_default();
        self.progress.note(&format!("{doing} {path} to {profile}:{destination} ({}{stored})", show_size(total)));
    }

    /// The result first, then the checkpoint may go: it holds what the vendor may never say again.
    fn deliver(&self, receipt: &Receipt) -> Result<(), String> {
        self.progress.end();
        let shown = say::result(&self.lines(receipt, self.begun.elapsed()));
        warn_of_orphans(receipt.orphans);
        shown.map_err(|problem| {
            let what = problem.to_string();
            self.stage().unshown = Some(problem);
            what
        })
    }

    fn lines(&self, receipt: &Receipt, time: Duration) -> Vec<String> {
        let progress = self.handle.progress();
        let url = printable::text(receipt.url.as_deref().unwrap_or("the vendor gave none"));
        let (kind, digest) = digest(receipt.digest.as_ref());
        let mut lines = vec![format!("url:        {url}")];
        lines.extend(receipt.id.iter().map(|id| format!("id:         {}", printable::text(id))));
        lines.push(format!("{kind:<11} {digest}"));
        lines.extend(
            receipt.rows.iter().map(|(name, text)| format!("{:<11} {}", format!("{name}:"), printable::text(text))),
        );
        lines.extend([
            format!("size:       {} bytes", progress.total),
            format!("bytes sent: {}", progress.stats.bytes_sent),
            format!("instant:    {}", instant(receipt.how)),
            format!("requests:   {}", progress.stats.requests),
            format!("retries:    {}", progress.stats.retries),
            format!("time:       {}", show_time(time)),
        ]);
        lines
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

fn warn_of_orphans(orphans: u32) {
    if orphans > 0 {
        let calls = if orphans == 1 { "a call".to_owned() } else { format!("{orphans} calls") };
        warn(&format!(
            "{calls} had no answer, and may have left another copy or an open upload at the vendor, where nobody can name it"
        ));
    }
}

/// In the form in which the vendors show it.
fn digest(taken: Option<&(HashKind, Digest)>) -> (&'static str, String) {
    match taken {
        Some((HashKind::Sha1, digest)) => ("sha1:", digest.to_hex()),
        Some((HashKind::Crc64, digest)) => {
            let crc64 = <[u8; 8]>::try_from(digest.as_bytes()).map(u64::from_be_bytes);
            ("crc64:", crc64.map_or_else(|_| digest.to_hex(), |crc64| crc64.to_string()))
        }
        _ => ("sha1:", "not taken".to_owned()),
    }
}

fn instant(how: How) -> &'static str {
    match how {
        How::Instant => "yes, the vendor had the content already",
        How::OneRequest => "no, sent in one request",
        How::Parts => "no, sent in parts",
        How::AlreadyThere => "no, it was found complete at its place",
        _ => "no",
    }
}
