//! `--dry-run`: what would be done. No request is made, and nothing is written.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use resumable::file::Folder;
use resumable::machine::{Comparison, SourceInfo};
use resumable::units::{show_count, show_number, show_size};
use resumable::{FileSource, Key, Outline, Source as _, SourceError};
use serde_json::{Value, json};

use super::Run;
use super::sources::{Job, Jobs};
use crate::exit::{Code, Problem};
use crate::explain::explain;
use crate::transport::{Upload, ask};
use crate::{json, local_file, printable, say};

/// What would become of a file.
#[derive(Debug)]
enum Step {
    Send(Outline),
    /// So many bytes are at the vendor.
    Resume(u64, Outline),
    /// It was sent before. Where its times leave a doubt, its content is read first.
    Skip {
        reads: bool,
    },
    Fail(Problem),
}

/// All of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    sent: u64,
    resumed: u64,
    skipped: u64,
    failed: u64,
    /// Bytes to send.
    bytes: u64,
    requests: u64,
    /// Files that are read to their end before they are sent, or to know whether they are.
    reads: u64,
}

/// How far the unfinished uploads are, by their keys.
type Unfinished = HashMap<Key, (SourceInfo, u64)>;

impl Run<'_> {
    /// Shows what would be done with each file.
    pub(super) fn plan(&self, jobs: &Jobs) -> Result<(), Problem> {
        let unfinished = self.unfinished();
        let (mut totals, mut lines) = (Totals::default(), Vec::new());
        let mut codes = Vec::new();
        for unusable in &jobs.unusable {
            totals.failed += 1;
            codes.push(unusable.problem.code());
            lines.push(self.line("fail", &printable::path(&unusable.listed), None, &unusable.problem.to_string()));
        }
        for job in &jobs.list {
            let step = self.step(job, &unfinished).unwrap_or_else(Step::Fail);
            totals.count(&step, job.len);
            let (word, what) = step.words(job.len);
            lines.push(self.line(word, &printable::path(&job.path), Some(&job.to), &what));
            if let Step::Fail(problem) = step {
                codes.push(problem.code());
            }
        }
        lines.push(if self.json() { totals.object() } else { totals.line() });
        say::result(&lines)?;
        match codes.first() {
            None => Ok(()),
            Some(first) => {
                let code = if codes.iter().all(|code| code == first) { *first } else { Code::Other };
                Err(Problem::new(code, format!("{} of {} files cannot be uploaded", totals.failed, totals.files())))
            }
        }
    }

    fn json(&self) -> bool {
        self.output.json
    }

    fn line(&self, word: &str, file: &str, to: Option<&str>, what: &str) -> String {
        let to = to.map(|to| printable::text(&self.shown(to)));
        if self.json() {
            return json::object("planned", json!({ "file": file, "destination": to, "step": word, "what": what }));
        }
        let to = to.map(|to| format!(" -> {to}")).unwrap_or_default();
        format!("{word:<7} {file}{to} ({what})")
    }

    fn step(&self, job: &Job, unfinished: &Unfinished) -> Result<Step, Problem> {
        let missing = |error: &SourceError| local_file::refused(&job.path, error);
        let info = FileSource::open(&job.path).and_then(|source| source.info()).map_err(|error| missing(&error))?;
        let name = fs::canonicalize(&job.path).map_err(|error| missing(&error.into()))?;
        let upload = self.upload(&job.to)?;
        let (key, outline) = ask!(upload, put => {
            let put = put.file(&job.path);
            (Folder::key(put.protocol(), &put.target(), &name), put.outline())
        });
        let outline = outline.map_err(|error| explain(&error, &job.path, &self.folder))?;
        if let Some(reads) = self.is_sent(&key, &info) {
            return Ok(Step::Skip { reads });
        }
        Ok(match unfinished.get(&key) {
            Some((was, stored)) if !matches!(was.compare(&info), Comparison::Changed(_)) => {
                Step::Resume(*stored, outline)
            }
            Some((was, _)) if *was != info && !self.args.again.restart => {
                return Err(Problem::new(Code::Source, "the file changed since its upload began")
                    .next("To upload the file as it is now, add --restart."));
            }
            _ => Step::Send(outline),
        })
    }

    /// Whether it was sent before; and if so, whether that takes reading it.
    fn is_sent(&self, key: &Key, info: &SourceInfo) -> Option<bool> {
        let again = &self.args.again;
        let record = self.record.as_ref().filter(|_| !self.args.existing.force && !again.restart)?;
        let sent = record.find(key).ok().flatten()?;
        match sent.source.compare(info) {
            Comparison::Changed(_) => None,
            Comparison::Same if !again.checksum => Some(false),
            _ => sent.digest.is_some().then_some(true),
        }
    }

    fn unfinished(&self) -> Unfinished {
        let listed = Folder::new(&self.folder).list().unwrap_or_default();
        let known = listed.into_iter().filter_map(|one| {
            let (_, envelope) = one.content.ok()?;
            Some((one.key, (envelope.source, envelope.confirmed)))
        });
        known.collect()
    }
}

impl Step {
    fn words(&self, len: u64) -> (&'static str, String) {
        match self {
            Self::Send(outline) => ("send", format!("{}, {}", show_size(len), effort(outline))),
            Self::Resume(stored, outline) => {
                let (stored, len) = (show_size(*stored), show_size(len));
                ("resume", format!("{stored} of {len} already there, {}", effort(outline)))
            }
            Self::Skip { reads: false } => ("skip", "sent before, and not changed since".to_owned()),
            Self::Skip { reads: true } => {
                ("skip", "sent before, if its content is the same: it is read first".to_owned())
            }
            Self::Fail(problem) => ("fail", problem.to_string()),
        }
    }
}

/// What it takes from its beginning to its end.
fn effort(outline: &Outline) -> String {
    let parts = if outline.parts == 1 { "in one request".to_owned() } else { format!("in {} parts", outline.parts) };
    let requests = if outline.requests == 1 { String::new() } else { format!(", {} requests", outline.requests) };
    let reads = if outline.reads_all_first { ", read to its end first" } else { "" };
    format!("{parts}{requests}{reads}")
}

impl Totals {
    fn count(&mut self, step: &Step, len: u64) {
        let outline = match step {
            Step::Send(outline) => {
                self.sent += 1;
                self.bytes = self.bytes.saturating_add(len);
                outline
            }
            Step::Resume(stored, outline) => {
                self.resumed += 1;
                self.bytes = self.bytes.saturating_add(len.saturating_sub(*stored));
                outline
            }
            Step::Skip { reads } => {
                self.skipped += 1;
                self.reads += u64::from(*reads);
                return;
            }
            Step::Fail(_) => {
                self.failed += 1;
                return;
            }
        };
        self.requests = self.requests.saturating_add(outline.requests);
        self.reads += u64::from(outline.reads_all_first);
    }

    fn files(&self) -> u64 {
        self.sent + self.resumed + self.skipped + self.failed
    }

    fn line(&self) -> String {
        let mut line = format!("{} to send", show_number(self.sent));
        for (count, words) in
            [(self.resumed, "to resume"), (self.skipped, "to skip"), (self.failed, "that cannot be uploaded")]
        {
            if count > 0 {
                line = format!("{line}, {} {words}", show_number(count));
            }
        }
        let (bytes, requests) = (show_size(self.bytes), show_count(self.requests, "request", "requests"));
        line = format!("{line}: {bytes} in {requests} or less");
        if self.reads > 0 {
            line = format!("{line}; {} read to their end first", show_number(self.reads));
        }
        format!("{line}. Nothing was sent.")
    }

    fn object(&self) -> String {
        let Self { sent, resumed, skipped, failed, bytes, requests, reads } = self;
        let fields: Value = json!({
            "send": sent,
            "resume": resumed,
            "skip": skipped,
            "fail": failed,
            "bytes": bytes,
            "requests": requests,
            "reads": reads,
        });
        json::object("planned_totals", fields)
    }
}

/// The files of a dry run that has one source or a list.
impl Run<'_> {
    pub(super) fn plan_one(&self, file: &Path, path: String) -> Result<(), Problem> {
        let len = fs::metadata(file).map_or(0, |metadata| metadata.len());
        let job = Job { path: file.to_owned(), to: path, len, listed: file.to_owned() };
        self.plan(&Jobs { list: vec![job], ..Jobs::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_say_what_there_is() {
        let mut totals = Totals::default();
        totals.count(&Step::Send(Outline::new(3, 5, true)), 3 << 20);
        totals.count(&Step::Resume(1 << 20, Outline::new(3, 5, false)), 2 << 20);
        assert_eq!(
            totals.line(),
            "1 to send, 1 to resume: 4.0 MiB in 10 requests or less; 1 read to their end first. Nothing was sent."
        );
        totals.count(&Step::Skip { reads: true }, 9);
        totals.count(&Step::Fail(Problem::usage("x")), 9);
        assert_eq!((totals.skipped, totals.failed, totals.reads, totals.files()), (1, 1, 2, 4));
    }
}
