//! `resumable put`: uploads files, or resumes their uploads.
//!
//! | file | |
//! |---|---|
//! | `sources` | which files, and what each is called at its destination |
//! | `one` | one file, or standard input |
//! | `many` | several files, side by side |
//! | `outcome` | what came of many, and the exit code |
//! | `told` | what an upload tells the display |
//! | `dry_run` | what would be done |

mod dry_run;
mod many;
mod one;
mod outcome;
mod sources;
mod told;

use std::path::{Path, PathBuf};

use resumable::profile::Profile;
use resumable::{Error, Receipt, SentRecord};

use self::told::Told;
use crate::args::{Destination, Global, Output, Put};
use crate::display::Display;
use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::on_done::{Queue, Runs};
use crate::rate::RateControl;
use crate::say::warn;
use crate::transport::{Client, Connection, Tuning, Upload, either};
use crate::{printable, profile, state};

/// The word for standard input.
const STDIN: &str = "-";

/// Uploads or resumes.
///
/// # Errors
/// Whatever kept an object from being complete.
pub(crate) fn run(args: &Put, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let (sources, destination) = args.words().map_err(Problem::usage)?;
    let display = Display::open(&global.output);
    let profile = profile::get(&profile::load(global.config.as_deref())?, &destination.profile)?;
    let profile = args.object.apply(profile);
    let folder = state::folder(global.state.as_deref())?;
    let record = record(&folder);
    let rate = RateControl::new(&args.rate)?;
    let tuning = Tuning { patience: args.patience, window: args.window, limits: Some(rate.limits()) };
    let client = Connection::take(&profile, args.transport)?.client(&folder, tuning, record.clone())?;
    let note = |display: &Display| {
        let display = display.clone();
        move |text: &str| display.note(text)
    };
    let (_watch, runs) = (rate.watch(note(&display))?, Runs::start(args.on_done.on_done.as_ref(), note(&display))?);
    let done = runs.queue();
    let run = Run { args, output: &global.output, display, profile, folder, record, client, interrupt, done };
    let ended = match &sources[..] {
        [source] if source == Path::new(STDIN) => run.stdin(&destination),
        [source] if !source.is_dir() => run.one(source, &destination),
        _ => run.many(&sources, &destination),
    };
    ended.and(runs.end())
}

/// What all uploads of a command share.
struct Run<'a> {
    args: &'a Put,
    output: &'a Output,
    display: Display,
    profile: Profile,
    /// The state folder.
    folder: PathBuf,
    record: Option<SentRecord>,
    client: Client,
    interrupt: &'a Interrupt,
    /// Where files that are over go.
    done: Option<Queue>,
}

impl Run<'_> {
    /// An upload to this path, as the command line wants it.
    fn upload(&self, path: &str) -> Result<Upload<'_>, Problem> {
        let (again, existing) = (&self.args.again, &self.args.existing);
        let upload = self.client.put_to(&self.profile, path)?.existing(existing.if_exists, existing.force);
        Ok(either!(upload, put => put.start_over(again.restart).checksum(again.checksum)))
    }

    /// A file is over.
    fn over(&self, told: &Told, file: &Path, result: &Result<Receipt, Error>) {
        self.done.iter().zip(told.ended(file, result)).for_each(|(done, ended)| done.push(ended));
    }

    /// A destination as people write it.
    fn shown(&self, path: &str) -> String {
        format!("{}:{path}", self.profile.name())
    }
}

/// What was sent before. Without it more is sent than must be, and nothing is wrong.
fn record(folder: &Path) -> Option<SentRecord> {
    match SentRecord::open(folder.join("sent")) {
        Ok(record) => {
            let damaged = record.damaged();
            if damaged > 0 {
                let (lines, files) =
                    if damaged == 1 { ("a line", "its file is") } else { ("lines", "their files are") };
                let count = if damaged == 1 { String::new() } else { format!("{damaged} ") };
                let place = printable::path(record.folder());
                warn(&format!(
                    "{count}{lines} of the record of sent files in {place} cannot be read: {files} sent again"
                ));
            }
            Some(record)
        }
        Err(error) => {
            warn(&format!("{}; files that were sent before are sent again", printable::text(&error.to_string())));
            None
        }
    }
}

/// A destination of one file.
fn path_for(destination: &Destination, file: &Path) -> Result<String, Problem> {
    destination.path_of(file).map_err(|why| {
        Problem::usage(format!("{}: {why}", printable::path(file))).next("Write the full path of the object.")
    })
}
