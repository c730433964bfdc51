//! `resumable abort`: cancels an upload, also when its file is gone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use resumable::file::{Folder, Key, Label, Listed};
use resumable::machine::{Envelope, Remains};
use resumable::units::show_size;
use resumable::{Abandoned, ErrorKind, Event};

use crate::args::{Abort, Global};
use crate::display::{Display, Names, Shown};
use crate::exit::{Code, Problem};
use crate::explain::explain;
use crate::interrupt::Interrupt;
use crate::transport::{Connection, Tuning, Upload, ask, either};
use crate::{list, printable, profile, remote, say, state};

/// Cancels an upload.
///
/// # Errors
/// When there is no such upload, somebody holds it, or it could not be given up.
pub(crate) fn run(args: &Abort, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let upload = match (&args.remote, &args.upload) {
        (Some(bucket), _) => return remote::abort(args, bucket, global, interrupt),
        (None, upload) => upload.as_deref().unwrap_or_default(),
    };
    let folder = state::folder(global.state.as_deref())?;
    let Listed { key, content, .. } = find(&folder, upload)?;
    if args.local {
        return forget(&folder, &key, content.as_ref().ok());
    }
    let (label, envelope) = content
        .map_err(|error| Problem::new(Code::Other, printable::text(&error.to_string())).next(only_here(&key)))?;
    let profiles = profile::load(global.config.as_deref())?;
    let profile = profile::get(&profiles, &label.profile)
        .map_err(|problem| problem.next(format!("The upload {key} was started with it. {}", only_here(&key))))?;
    let connection = Connection::take(&profile, args.transport)?;
    let tuning = Tuning { patience: args.patience, window: None, limits: None };
    let client = connection.client(&folder, tuning, None)?;
    let upload = client.put_to(&profile, &label.destination)?;
    let (target, leads_there) = ask!(&upload, put => (put.target(), put.goes_to(&envelope.target)));
    let handle = ask!(&upload, put => put.handle());
    if !leads_there {
        return Err(elsewhere(&label.profile, &envelope.target, &target, &key));
    }
    let display = Display::open(&global.output);
    let names = Names { file: label.path.clone(), destination: format!("{}:{}", label.profile, label.destination) };
    let shown = display.upload(names);
    let stopping = display.clone();
    interrupt.arm(move || {
        handle.stop();
        stopping.note("Stopping… press Ctrl-C again to quit immediately");
    });
    let unshown = Arc::new(Mutex::new(None));
    let ending = display.clone();
    let (kept, of) = (Arc::clone(&unshown), key.clone());
    let upload = either!(upload, put => put.key(key.clone()).on_event(move |event| show(&shown, event)));
    let abandoned = upload.abandon(move |abandoned| {
        ending.end();
        result(&of, abandoned).map_err(|problem| {
            let what = problem.to_string();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
            what
        })
    });
    display.end();
    let unshown = unshown.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (abandoned, unshown) {
        (Ok(Abandoned::NotFound), _) => Err(Problem::usage(format!("the upload {key} has just ended"))),
        (Ok(_), _) => Ok(()),
        (Err(error), Some(problem)) => Err(kept_for_later(problem, &error, "The upload is cancelled.")),
        (Err(error), None) => Err(explain(&error, Path::new(&label.path), &folder)),
    }
}

fn result(key: &Key, abandoned: &Abandoned) -> Result<(), Problem> {
    let left = match abandoned {
        Abandoned::Left(remains) => words(*remains).to_owned(),
        Abandoned::Complete(receipt) => {
            let url = receipt.url.as_ref().map(|url| format!(": {}", printable::text(url))).unwrap_or_default();
            format!("the finished object, because the upload turned out to be complete{url}")
        }
        _ => words(Remains::Unknown).to_owned(),
    };
    say::result(&[format!("aborted:            {key}"), format!("left at the vendor: {left}")])
}

/// How far it is says nothing while an upload is given up.
fn show(shown: &Shown, event: &Event) {
    if matches!(event, Event::Removing | Event::Machine(_)) {
        shown.event(event);
    }
}

/// Nobody may have got the result: the same command has it again, if its checkpoint could be kept. `end`: what it ended in.
pub(crate) fn kept_for_later(problem: Problem, error: &resumable::Error, end: &str) -> Problem {
    problem.next(match error.kind() {
        ErrorKind::Delivery => format!("{end} Run the same command again to have its result once more."),
        _ => format!("{end} That could not be saved: {}", printable::text(&error.to_string())),
    })
}

/// What is left at the vendor, in words.
pub(crate) fn words(remains: Remains) -> &'static str {
    match remains {
        Remains::Nothing => "nothing",
        Remains::Parts => "the parts sent so far; this API cannot delete them, the vendor expires them",
        Remains::Object => "the finished object; it is never deleted",
        _ => "unknown; the vendor could not say",
    }
}

fn elsewhere(profile: &str, was: &str, now: &str, key: &Key) -> Problem {
    let (was, now) = (printable::text(was), printable::text(now));
    Problem::usage(format!(
        "profile \"{}\" now points somewhere else than when this upload started",
        printable::text(profile)
    ))
    .next(format!("then: {was}"))
    .next(format!("now:  {now}"))
    .next("Use the old profile (--config FILE).")
    .next(only_here(key))
}

/// How to be rid of an upload that cannot be cancelled at the vendor.
fn only_here(key: &Key) -> String {
    format!("To forget it on this machine only: resumable abort --local {key}")
}

/// Removes a checkpoint, whatever is in it. The vendor is not asked.
fn forget(folder: &Path, key: &Key, known: Option<&(Label, Envelope)>) -> Result<(), Problem> {
    let guard = Folder::new(folder).lock(key).map_err(|error| state::not_locked(&error, Some(key), folder))?;
    let left = match known {
        Some((_, envelope)) if envelope.confirmed == 0 => "nothing, as far as this machine knows".to_owned(),
        Some((_, envelope)) => {
            let (stored, target) = (show_size(envelope.confirmed), printable::text(&envelope.target));
            format!("{stored}, for {target}; the vendor expires or bills it")
        }
        None => "unknown; its checkpoint could not be read".to_owned(),
    };
    // First the result, as ever: what was not told can be asked for again.
    say::result(&[format!("forgotten:          {key}"), format!("left at the vendor: {left}")])?;
    guard.remove().map_err(|error| Problem::new(Code::Other, printable::text(&error.to_string())))
}

/// The one upload whose key begins like this.
pub(crate) fn find(folder: &Path, beginning: &str) -> Result<Listed, Problem> {
    let mut listed = Folder::new(folder).list().map_err(|error| Problem::new(Code::Other, error))?;
    let none = |why: String| Problem::usage(format!("there is no upload {why}"));
    let key = match Key::new(beginning) {
        Ok(key) => key,
        Err(error) => return Err(among(none(format!("\"{}\": {error}", printable::text(beginning))), folder, listed)),
    };
    if let Some(at) = listed.iter().position(|one| one.key == key) {
        return Ok(listed.swap_remove(at));
    }
    let (mut found, others): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|one| one.key.as_str().starts_with(key.as_str()));
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(one), false) => {
            found.push(one);
            Err(among(Problem::usage(format!("several uploads begin with \"{key}\"")), folder, found))
        }
        (None, _) => Err(among(none(key.to_string()), folder, others)),
    }
}

/// A problem with the uploads that may be meant.
fn among(problem: Problem, folder: &Path, listed: Vec<Listed>) -> Problem {
    if listed.is_empty() {
        return problem.next(format!("There are none in {}.", printable::path(folder)));
    }
    list::lines(listed).iter().fold(problem, Problem::next)
}
