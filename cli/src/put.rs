//! `resumable put`: uploads a file, or goes on with its upload.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use resumable::Credentials;
use resumable::file::{CheckpointGuard, Folder, Label, LoadError};
use resumable::units::{show_size, show_time};
use resumable::vendors::{Task, Vendor};
use resumable_core::{
    Budget, Checkpoint, Digest, Failure, HashKind, How, Last, Output, Receipt, Remains, ResumeError, SourceInfo, Stats,
    Upload,
};

use crate::args::{Global, Put};
use crate::clock::clock;
use crate::exit::{Code, Problem, Stand, changed, failed, warn};
use crate::interrupt::Interrupt;
use crate::job::{Ended, Job, options};
use crate::local_file::LocalFile;
use crate::progress::Progress;
use crate::transport::Connection;
use crate::{abort, elsewhere, printable, profile, say, state};

/// Uploads or resumes.
///
/// # Errors
/// Whatever kept the object from being complete.
pub(crate) fn run(args: &Put, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let profile = profile::get(&profile::load(global.config.as_deref())?, &args.destination.profile)?;
    let connection = Connection::take(&profile, args.transport)?;
    let folder = state::folder(global.state.as_deref())?;
    let window = args.window.or(connection.window());
    let destination = args.destination.path_of(&args.file).map_err(|why| {
        Problem::usage(format!("{}: {why}", printable::path(&args.file))).next("Write the object's whole path.")
    })?;
    let path = destination.clone();
    let command = Command { args, destination, folder: &folder, connection: &connection, window, interrupt };
    profile.with(&path, &connection.context(&folder, args.patience), command)?
}

struct Command<'a> {
    args: &'a Put,
    /// The whole path of the object.
    destination: String,
    folder: &'a Path,
    connection: &'a Connection,
    window: Option<usize>,
    interrupt: &'a Interrupt,
}

impl Task for Command<'_> {
    type Out = Result<(), Problem>;

    fn run<P: Vendor>(self, protocol: P, credentials: Credentials<P::Credential>) -> Result<(), Problem> {
        let begun = Instant::now();
        let file = LocalFile::open(&self.args.file)?;
        let transport = self.connection.transport()?;
        let guard = state::lock(self.folder, &Folder::key(P::ID, &protocol.target(), &file.path))?;
        let label = Label {
            profile: self.args.destination.profile.clone(),
            path: file.path.display().to_string(),
            destination: self.destination,
        };
        let job = Job {
            protocol,
            credentials,
            transport,
            guard: Arc::new(guard),
            label,
            options: options::<P>(self.args.patience, self.window, self.connection)?,
            limit_rate: self.args.limit_rate,
            progress: Arc::new(Progress::new()),
            interrupt: self.interrupt,
        };
        let ended = job.upload(&file, self.args.restart, self.folder);
        job.progress.end();
        job.hand_over(&ended?, &file, begun.elapsed())
    }
}

/// A finished upload.
struct Done<P: Vendor> {
    receipt: Receipt,
    stats: Stats,
    last: Checkpoint<P>,
}

impl<P: Vendor> Job<'_, P> {
    fn upload(&self, file: &LocalFile, restart: bool, folder: &Path) -> Result<Done<P>, Problem> {
        let saved = if restart { self.forget()? } else { self.guard.load::<P>().map_err(|e| state::unusable(&e))? };
        let fresh = saved.is_none();
        let mut upload = if let Some((_, saved)) = saved {
            self.go_on(file, saved)?
        } else {
            elsewhere::warn(folder, &self.protocol, &self.label);
            self.note("uploading", &file.info, None);
            self.start(file.info.clone())
        };
        let Ended { result, last, stand } = self.run(&mut upload, Arc::clone(&file.source));
        match result {
            Ok(outcome) => Ok(Done { receipt: outcome.into(), stats: upload.stats(), last }),
            Err(failure) => {
                if fresh && matches!(failure, Failure::Refused(_)) && self.left_nothing(upload.stats(), last) {
                    let _ = self.guard.remove();
                }
                Err(told::<P>(&failure, stand, upload.source(), file, &self.label))
            }
        }
    }

    /// The result first, then the checkpoint may go: it holds what the vendor may never say again.
    fn hand_over(&self, done: &Done<P>, file: &LocalFile, time: Duration) -> Result<(), Problem> {
        let told = say::result(&lines(done, file, time));
        warn_of_orphans(done.receipt.orphans);
        told.map_err(|problem| self.keep(&done.last, problem, "The upload is complete."))?;
        if let Err(error) = self.guard.remove() {
            warn(&format!("{error}; the upload is complete, and the next run will find it so"));
        }
        Ok(())
    }

    fn go_on(&self, file: &LocalFile, saved: Checkpoint<P>) -> Result<Upload<P>, Problem> {
        let confirmed = saved.confirmed();
        let upload = self.resume(file.info.clone(), saved).map_err(|error| match error {
            ResumeError::Changed { was, now, difference } => changed(&was, &now, difference),
            other => foreign(&self.guard, &other),
        })?;
        self.note("resuming", &file.info, Some(confirmed));
        Ok(upload)
    }

    fn note(&self, doing: &str, info: &SourceInfo, confirmed: Option<u64>) {
        let Label { profile, path, destination } = &self.label;
        let stored = confirmed.map(|confirmed| format!(", {} are stored", show_size(confirmed))).unwrap_or_default();
        self.progress.note(&format!("{doing} {path} to {profile}:{destination} ({}{stored})", show_size(info.len)));
    }

    /// Removes what is left of an earlier upload, here and as far as possible at the vendor.
    ///
    /// Nothing is begun while the vendor cannot be asked: what is left there would be forgotten.
    fn forget(&self) -> Result<Option<(Label, Checkpoint<P>)>, Problem> {
        let upload = match self.guard.load::<P>() {
            Ok(None) => return Ok(None),
            Ok(Some((_, saved))) => self.abandon(saved).map_err(|error| error.to_string()),
            Err(error @ LoadError::Io { .. }) => return Err(state::unusable(&error)),
            Err(error) => Err(error.to_string()),
        };
        let mut upload = match upload {
            Ok(upload) => upload,
            Err(why) => return self.set_aside(&why).map(|()| None),
        };
        self.progress.note("removing what is left of the earlier upload");
        let Ended { result, stand, .. } = self.give_up(&mut upload);
        let left = match result {
            Ok(outcome) => {
                let url = outcome.into().url.map(|url| format!(" at {url}")).unwrap_or_default();
                format!("the earlier upload turned out to be complete{url}: it is left there")
            }
            Err(Failure::Abandoned(remains)) => {
                format!("left of the earlier upload at the vendor: {}", abort::words(remains))
            }
            Err(failure) if keeps_the_old(&failure) => {
                return Err(failed(&failure, stand, P::credential_help(&self.label.profile))
                    .next("The earlier upload is kept, and nothing was begun."));
            }
            Err(failure) => format!("the earlier upload could not be removed, parts may be left: {failure}"),
        };
        self.progress.note(&left);
        self.guard.remove().map_err(|error| Problem::new(Code::Other, error))?;
        Ok(None)
    }

    /// A checkpoint that nobody can read is kept, under a name that is not looked for.
    fn set_aside(&self, why: &str) -> Result<(), Problem> {
        let (from, aside) = (self.guard.path(), self.guard.path().with_extension("damaged"));
        fs::rename(&from, &aside).map_err(|error| {
            Problem::new(Code::Other, format!("{} could not be set aside: {error}", printable::path(&from)))
        })?;
        let aside = aside.display();
        self.progress.note(&format!("{why}; it is now {aside}, and parts of its upload may be left at the vendor"));
        Ok(())
    }

    /// True if every call was answered, and giving the upload up would need none: then a refusal leaves nothing at the
    /// vendor, and need not leave anything here.
    fn left_nothing(&self, stats: Stats, last: Checkpoint<P>) -> bool {
        let smooth = stats.retries == 0 && stats.restarts == 0 && stats.rehashes == 0;
        let Ok(mut upload) = self.abandon(last) else { return false };
        let now = clock().now();
        loop {
            match upload.poll(now) {
                Output::Tell(_) => {}
                Output::Finished(Err(Failure::Abandoned(Remains::Nothing | Remains::Unknown))) => return smooth,
                _ => return false,
            }
        }
    }
}

/// A failure in words. If the file changed, that is what happened, whatever came of it.
fn told<P: Vendor>(
    failure: &Failure<P::Fault>,
    stand: Stand,
    was: &SourceInfo,
    file: &LocalFile,
    label: &Label,
) -> Problem {
    let about_content = matches!(failure, Failure::Refused(_) | Failure::Integrity(_) | Failure::Source(_));
    if let Some((now, what)) = file.changed_since(was).filter(|_| about_content) {
        return changed(was, &now, what).next(printable::text(&format!("It was noticed by this: {failure}")));
    }
    let credential_help = P::credential_help(&label.profile);
    let hint = match failure {
        Failure::Refused(fault) | Failure::Exhausted { last: Last::Vendor(fault), .. } => P::hint(fault),
        _ => None,
    };
    hint.into_iter().fold(failed(failure, stand, credential_help), Problem::next)
}

/// Failures after which a restart is better tried again later.
fn keeps_the_old<F>(failure: &Failure<F>) -> bool {
    matches!(
        failure,
        Failure::Stopped
            | Failure::Credential(_)
            | Failure::Authorize(_)
            | Failure::Store(_)
            | Failure::Impossible(_)
            | Failure::Untrusted(_)
            | Failure::Redirected { .. }
            | Failure::Compressed { .. }
            | Failure::Exhausted { budget: Budget::Patience(_) | Budget::FirstContact(_) | Budget::Wait { .. }, .. }
    )
}

/// The checkpoint under this upload's name is of another upload: somebody moved files.
fn foreign(guard: &CheckpointGuard, error: &ResumeError) -> Problem {
    let path = printable::path(&guard.path());
    Problem::new(Code::Other, format!("{path}: {}", printable::text(&error.to_string())))
        .next("Move it away, or add --restart: it is set aside then, and the upload begins anew.")
}

fn lines<P: Vendor>(done: &Done<P>, file: &LocalFile, time: Duration) -> Vec<String> {
    let Done { receipt, stats, .. } = done;
    let url = printable::text(receipt.url.as_deref().unwrap_or("the vendor gave none"));
    let (kind, digest) = digest(receipt.digest.as_ref());
    let mut lines = vec![format!("url:        {url}")];
    lines.extend(receipt.id.iter().map(|id| format!("id:         {}", printable::text(id))));
    lines.push(format!("{kind:<11} {digest}"));
    lines.extend(
        receipt.rows.iter().map(|(name, text)| format!("{:<11} {}", format!("{name}:"), printable::text(text))),
    );
    lines.extend([
        format!("size:       {} bytes", file.info.len),
        format!("bytes sent: {}", stats.bytes_sent),
        format!("instant:    {}", instant(receipt.how)),
        format!("requests:   {}", stats.requests),
        format!("retries:    {}", stats.retries),
        format!("time:       {}", show_time(time)),
    ]);
    lines
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
