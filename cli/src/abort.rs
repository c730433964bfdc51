//! `resumable abort`: gives an upload up, also when its file is gone.

use std::path::Path;
use std::sync::Arc;

use resumable::Credentials;
use resumable::file::{Folder, Key, Label, Listed};
use resumable::vendors::{Task, Vendor};
use resumable_core::{Failure, Receipt, Remains};

use crate::args::{Abort, Global};
use crate::exit::{Code, Problem, failed};
use crate::interrupt::Interrupt;
use crate::job::{Ended, Job, options};
use crate::progress::Progress;
use crate::transport::Connection;
use crate::{list, printable, profile, say, state};

/// Gives an upload up.
///
/// # Errors
/// When there is no such upload, somebody holds it, or it could not be given up.
pub(crate) fn run(args: &Abort, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let folder = state::folder(global.state.as_deref())?;
    let key = find(&folder, &args.upload)?;
    let guard = state::lock(&folder, &key)?;
    let found = guard.envelope().map_err(|error| Problem::new(Code::Other, printable::text(&error.to_string())))?;
    let (label, envelope) = found.ok_or_else(|| Problem::usage(format!("the upload {key} has just ended")))?;
    let profiles = profile::load(global.config.as_deref())?;
    let profile = profile::get(&profiles, &label.profile).map_err(|problem| {
        let path = printable::path(&guard.path());
        problem.next(format!("The upload {key} was begun with it. To forget the upload here alone, remove {path}."))
    })?;
    let connection = Connection::take(&profile, args.transport)?;
    let window = connection.window();
    let destination = label.destination.clone();
    let command = Command { args, guard, label, target: envelope.target, connection: &connection, window, interrupt };
    profile.with(&destination, &connection.context(&folder, args.patience), command)?
}

struct Command<'a> {
    args: &'a Abort,
    guard: resumable::file::CheckpointGuard,
    label: Label,
    target: String,
    connection: &'a Connection,
    window: Option<usize>,
    interrupt: &'a Interrupt,
}

impl Task for Command<'_> {
    type Out = Result<(), Problem>;

    fn run<P: Vendor>(self, protocol: P, credentials: Credentials<P::Credential>) -> Result<(), Problem> {
        if protocol.target() != self.target {
            return Err(elsewhere(&self.label.profile, &self.target, &protocol.target(), &self.guard.path()));
        }
        let loaded =
            self.guard.load::<P>().map_err(|error| Problem::new(Code::Other, printable::text(&error.to_string())))?;
        let (_, saved) = loaded.ok_or_else(|| Problem::usage("the upload has just ended"))?;
        let job = Job {
            protocol,
            credentials,
            transport: self.connection.transport()?,
            guard: Arc::new(self.guard),
            label: self.label,
            options: options::<P>(self.args.patience, self.window, self.connection)?,
            limit_rate: None,
            progress: Arc::new(Progress::new()),
            interrupt: self.interrupt,
        };
        let mut upload = job.abandon(saved).map_err(|error| Problem::new(Code::Other, error))?;
        let Ended { result, stand, last } = job.give_up(&mut upload);
        job.progress.end();
        let left = match result {
            Err(Failure::Abandoned(remains)) => words(remains).to_owned(),
            Ok(outcome) => {
                let Receipt { url, .. } = outcome.into();
                let url = url.map(|url| format!(": {}", printable::text(&url))).unwrap_or_default();
                format!("the finished object, for the upload turned out to be complete{url}")
            }
            Err(failure) => return Err(failed(&failure, stand, P::credential_help(&job.label.profile))),
        };
        let key = job.guard.key();
        // A url may be in it that nobody will say again.
        say::result(&[format!("aborted:            {key}"), format!("left at the vendor: {left}")])
            .map_err(|problem| job.keep(&last, problem, "The upload is given up."))?;
        job.guard.remove().map_err(|error| Problem::new(Code::Other, error))
    }
}

/// What is left at the vendor, in words.
pub(crate) fn words(remains: Remains) -> &'static str {
    match remains {
        Remains::Nothing => "nothing",
        Remains::Parts => "the parts that were sent; they cannot be deleted and stay until the vendor clears them away",
        Remains::Object => "the finished object; it is never deleted",
        _ => "unknown; the vendor could not tell",
    }
}

fn elsewhere(profile: &str, was: &str, now: &str, path: &Path) -> Problem {
    let (was, now) = (printable::text(was), printable::text(now));
    Problem::usage(format!("the profile \"{}\" leads elsewhere than when the upload began", printable::text(profile)))
        .next(format!("then: {was}"))
        .next(format!("now:  {now}"))
        .next(format!(
            "Name a configuration file that leads there with --config, or remove {} to forget the upload here alone.",
            printable::path(path)
        ))
}

/// The one key that begins like this.
fn find(folder: &Path, beginning: &str) -> Result<Key, Problem> {
    let listed = Folder::new(folder).list().map_err(|error| Problem::new(Code::Other, error))?;
    let fits = |beginning: &Key| -> Vec<&Listed> {
        listed.iter().filter(|one| one.key.as_str().starts_with(beginning.as_str())).collect()
    };
    let found = Key::new(beginning)
        .map_err(|error| Problem::usage(format!("there is no upload \"{}\": {error}", printable::text(beginning))))
        .and_then(|beginning| match fits(&beginning)[..] {
            [one] => Ok(one.key.clone()),
            [] => Err(Problem::usage(format!("there is no upload {beginning}"))),
            _ => Err(Problem::usage(format!("several uploads begin with \"{beginning}\""))),
        });
    found.map_err(|problem| {
        let lines = list::lines(&listed);
        if lines.is_empty() {
            return problem.next(format!("There are none in {}.", printable::path(folder)));
        }
        lines.iter().fold(problem, Problem::next)
    })
}
