//! `resumable abort`: cancels an upload, also when its file is gone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use resumable::file::{Folder, Key, Listed};
use resumable::machine::Remains;
use resumable::{Abandoned, ErrorKind, Event};

use crate::args::{Abort, Global};
use crate::exit::{Code, Problem};
use crate::explain::explain;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::transport::{Connection, Tuning, Upload, ask, either};
use crate::{list, printable, profile, say, state};

/// Cancels an upload.
///
/// # Errors
/// When there is no such upload, somebody holds it, or it could not be given up.
pub(crate) fn run(args: &Abort, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let folder = state::folder(global.state.as_deref())?;
    let Listed { key, content, .. } = find(&folder, &args.upload)?;
    let path = folder.join(format!("{key}.json"));
    let (label, envelope) = content.map_err(|error| Problem::new(Code::Other, printable::text(&error.to_string())))?;
    let profiles = profile::load(global.config.as_deref())?;
    let profile = profile::get(&profiles, &label.profile).map_err(|problem| {
        let path = printable::path(&path);
        problem.next(format!(
            "The upload {key} was started with it. To forget the upload on this machine only, delete {path}."
        ))
    })?;
    let connection = Connection::take(&profile, args.transport)?;
    let tuning = Tuning { patience: args.patience, window: None, limit_rate: None };
    let client = connection.client(&folder, tuning)?;
    let upload = client.put_to(&profile, &label.destination)?;
    let (target, handle) = ask!(&upload, put => (put.target(), put.handle()));
    if target != envelope.target {
        return Err(elsewhere(&label.profile, &envelope.target, &target, &path));
    }
    let progress = Arc::new(Progress::new());
    let stopping = Arc::clone(&progress);
    interrupt.arm(move || {
        handle.stop();
        stopping.note("Stopping… press Ctrl-C again to quit immediately");
    });
    let unshown = Arc::new(Mutex::new(None));
    let (events, ending) = (Arc::clone(&progress), Arc::clone(&progress));
    let (kept, of) = (Arc::clone(&unshown), key.clone());
    let upload = either!(upload, put => put.key(key.clone()).on_event(move |event| show(&events, event)));
    let abandoned = upload.abandon(move |abandoned| {
        ending.end();
        result(&of, abandoned).map_err(|problem| {
            let what = problem.to_string();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
            what
        })
    });
    progress.end();
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
fn show(progress: &Progress, event: &Event) {
    match event {
        Event::Machine(resumable::machine::Event::Progress { .. }) => {}
        Event::Machine(event) => progress.tell(event),
        _ => {}
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

fn elsewhere(profile: &str, was: &str, now: &str, path: &Path) -> Problem {
    let (was, now) = (printable::text(was), printable::text(now));
    Problem::usage(format!(
        "profile \"{}\" now points somewhere else than when this upload started",
        printable::text(profile)
    ))
    .next(format!("then: {was}"))
    .next(format!("now:  {now}"))
    .next(format!(
        "Use the old profile (--config FILE), or delete {} to forget the upload on this machine only.",
        printable::path(path)
    ))
}

/// The one upload whose key begins like this.
fn find(folder: &Path, beginning: &str) -> Result<Listed, Problem> {
    let mut listed = Folder::new(folder).list().map_err(|error| Problem::new(Code::Other, error))?;
    let found = Key::new(beginning)
        .map_err(|error| Problem::usage(format!("there is no upload \"{}\": {error}", printable::text(beginning))))
        .and_then(|beginning| {
            let fits = |one: &Listed| one.key.as_str().starts_with(beginning.as_str());
            let places: Vec<usize> = (0..listed.len()).filter(|at| fits(&listed[*at])).collect();
            match places[..] {
                [one] => Ok(one),
                [] => Err(Problem::usage(format!("there is no upload {beginning}"))),
                _ => Err(Problem::usage(format!("several uploads begin with \"{beginning}\""))),
            }
        });
    found.map(|at| listed.swap_remove(at)).map_err(|problem| {
        let lines = list::lines(&listed);
        if lines.is_empty() {
            return problem.next(format!("There are none in {}.", printable::path(folder)));
        }
        lines.iter().fold(problem, Problem::next)
    })
}
