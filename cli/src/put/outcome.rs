//! What came of many uploads: counts, a list of those that failed, one exit code.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use resumable::{ErrorKind, How, Receipt};

use super::sources::Jobs;
use crate::display::{Display, Summary};
use crate::exit::{Code, Problem};
use crate::printable;

/// So many uploads in a row that gave up, without one that was complete: the vendor is not to be had.
const IN_A_ROW: usize = 8;

/// What came of them so far.
#[derive(Default)]
pub(super) struct Outcome {
    list: Option<List>,
    /// Codes of those that failed.
    codes: Vec<Code>,
    /// The first of their problems.
    first: Option<Problem>,
    /// Those that were stopped, or not begun.
    unfinished: u64,
    done: u64,
    resumed: u64,
    gave_up_in_a_row: usize,
    /// Why no other upload was begun.
    reason: Option<Problem>,
    left_out: (u64, u64),
}

/// The file that the paths of those go to that were not sent.
struct List {
    path: PathBuf,
    null: bool,
    listed: Vec<PathBuf>,
}

impl Outcome {
    /// # Errors
    /// When the list of those that fail could not be written in the end.
    pub(super) fn begin(failed_to: Option<&Path>, null: bool, jobs: &Jobs) -> Result<Self, Problem> {
        let list = match failed_to {
            None => None,
            Some(path) => {
                // Now, and not after hours. What is in it may be what is read as well.
                File::options().create(true).append(true).open(path).map_err(|error| unwritable(path, &error))?;
                Some(List { path: path.to_owned(), null, listed: Vec::new() })
            }
        };
        Ok(Self { list, left_out: (jobs.links, jobs.special), ..Self::default() })
    }

    pub(super) fn done(&mut self, receipt: &Receipt, resumed: bool) {
        self.done += 1;
        self.resumed += u64::from(resumed);
        if receipt.how != How::SentBefore {
            self.gave_up_in_a_row = 0;
        }
    }

    /// Something else is at its place, and was to be left there.
    pub(super) fn left(&mut self) {
        self.done += 1;
    }

    /// It failed.
    pub(super) fn failed(&mut self, listed: PathBuf, problem: Problem) {
        self.list(listed);
        self.codes.push(problem.code());
        self.first.get_or_insert(problem);
    }

    /// It failed for a reason that no other one can succeed with.
    pub(super) fn stopped_by(&mut self, listed: PathBuf, problem: Problem) {
        self.unfinished(listed);
        self.reason.get_or_insert(problem);
    }

    /// It was stopped, or not begun.
    pub(super) fn unfinished(&mut self, listed: PathBuf) {
        self.list(listed);
        self.unfinished += 1;
    }

    fn list(&mut self, listed: PathBuf) {
        if let Some(list) = &mut self.list {
            list.listed.push(listed);
        }
    }

    /// Whether no other upload can succeed either. One that was never reached says so only while none was complete.
    pub(super) fn is_hopeless(&mut self, error: &resumable::Error) -> bool {
        if error.kind() != ErrorKind::GaveUp {
            // Nobody would get the result of another one either.
            return error.kind() == ErrorKind::Delivery || error.concerns_all();
        }
        self.gave_up_in_a_row += 1;
        self.gave_up_in_a_row >= IN_A_ROW || error.concerns_all() && self.done == 0
    }

    /// Shows it, writes the list, and says what the command ends with.
    pub(super) fn end(self, display: &Display, interrupted: bool) -> Result<(), Problem> {
        self.tell_of_left_out(display);
        let (unfinished, resumed) = (self.unfinished, self.resumed);
        display.summary(&Summary { unfinished, resumed, ..display.counted() })?;
        let listed = self.list.as_ref().map(List::write).transpose()?;
        match self.problem(interrupted) {
            None => Ok(()),
            Some(problem) => Err(listed.into_iter().fold(problem, Problem::next)),
        }
    }

    fn tell_of_left_out(&self, display: &Display) {
        let (links, special) = self.left_out;
        if links > 0 {
            let them =
                if links == 1 { "a symbolic link was".to_owned() } else { format!("{links} symbolic links were") };
            display.note(&format!("{them} left out; --links follow uploads what they lead to"));
        }
        if special > 0 {
            let them = if special == 1 { "1 is" } else { "are" };
            let count = if special == 1 { String::new() } else { format!("{special} ") };
            display.note(&format!("left out, because {count}{them} no file: pipes, sockets, devices"));
        }
    }

    /// One exit code: the one that all failures have, or else 1.
    fn problem(self, interrupted: bool) -> Option<Problem> {
        let total = self.done + self.unfinished + self.codes.len() as u64;
        let missing = total - self.done;
        let files = if total == 1 { "file" } else { "files" };
        let were = if missing == 1 { "was" } else { "were" };
        let what = format!("{missing} of {total} {files} {were} not uploaded");
        let again = "Run the same command again: files that were sent are skipped.";
        if let Some(reason) = self.reason {
            return Some(reason.next(format!("No other file was tried: {what}. {again}")));
        }
        if interrupted && self.unfinished > 0 {
            return Some(Problem::new(Code::Interrupted, what).next(again));
        }
        if total == 1 && self.first.is_some() {
            return self.first;
        }
        let first = *self.codes.first()?;
        let code = if self.codes.iter().all(|code| *code == first) { first } else { Code::Other };
        Some(Problem::new(code, what).next(again))
    }
}

impl List {
    /// A line that says where it is.
    fn write(&self) -> Result<String, Problem> {
        let end: &[u8] = if self.null { b"\0" } else { b"\n" };
        let odd = self
            .listed
            .iter()
            .filter(|path| !self.null && path.as_os_str().as_encoded_bytes().contains(&b'\n'))
            .count();
        let written = fs::File::create(&self.path).and_then(|mut file| {
            let mut text = Vec::new();
            for path in &self.listed {
                text.extend(path.as_os_str().as_encoded_bytes());
                text.extend(end);
            }
            file.write_all(&text)?;
            file.sync_data()
        });
        written.map_err(|error| unwritable(&self.path, &error))?;
        let odd = if odd == 0 { String::new() } else { format!(" (--null keeps apart the {odd} with line breaks)") };
        let null = if self.null { " --null" } else { "" };
        Ok(format!("To send these alone: --files-from {}{null}{odd}", printable::path(&self.path)))
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(Code::Other, format!("--failed-to {}: {error}", printable::path(path)))
}
