//! How the command ends: a code for programs, words for people.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;
use std::process::ExitCode;

use resumable::ErrorKind;
use resumable::machine::{AuthError, Budget, Cause, Digest, Failure, SourceInfo, StoreError};
use resumable::p115::{NoCredential, Reason};
use resumable::units::{percent, show_count, show_part, show_time};

use crate::date::show_modified;
use crate::printable;

/// The exit codes that are not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// Another failure: the state folder, a damaged checkpoint, a defect.
    Other = 1,
    /// Usage or configuration.
    Usage = 2,
    /// The file is missing, cannot be read, or changed.
    Source = 3,
    /// The vendor refused the credentials.
    Credential = 4,
    /// Gave up for now; the same command resumes.
    GaveUp = 5,
    /// The vendor refused.
    Refused = 6,
    /// The content at the vendor does not match.
    Integrity = 7,
    /// Another process is working on this upload.
    Held = 8,
    /// Interrupted; the same command resumes. After another signal than Ctrl-C the process ends with that one's code.
    Interrupted = 130,
}

/// Every exit code and what it means: the one wording, for the help and the docs.
pub(crate) const MEANINGS: [(u8, &str); 12] = [
    (0, "done"),
    (Code::Other as u8, "other failure, such as a full disk"),
    (Code::Usage as u8, "wrong usage or configuration"),
    (Code::Source as u8, "the file is missing, unreadable or changed"),
    (Code::Credential as u8, "the credentials were refused"),
    (Code::GaveUp as u8, "gave up for now; run the same command to resume"),
    (Code::Refused as u8, "refused by the vendor"),
    (Code::Integrity as u8, "the content at the vendor does not match"),
    (Code::Held as u8, "another process is working on this upload"),
    (129, "the terminal was closed (SIGHUP); run the same command to resume"),
    (Code::Interrupted as u8, "interrupted; run the same command to resume"),
    (143, "ended by SIGTERM; run the same command to resume"),
];

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Code {
    /// What programs call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Usage => "usage",
            Self::Source => "source",
            Self::Credential => "credential",
            Self::GaveUp => "gave_up",
            Self::Refused => "refused",
            Self::Integrity => "integrity",
            Self::Held => "held",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Which code a failed upload ends with.
pub(crate) fn code_of<F>(failure: &Failure<F>) -> Code {
    match failure {
        Failure::Refused(_) => Code::Refused,
        Failure::Authorize(AuthError(cause)) => match reason(cause) {
            Some(Reason::ForNow | Reason::Untrusted) => Code::GaveUp,
            Some(Reason::Folder | Reason::NewerFile) => Code::Other,
            Some(Reason::Cancelled) => Code::Interrupted,
            Some(_) | None => Code::Credential,
        },
        Failure::Credential(_) | Failure::Clock { .. } => Code::Credential,
        Failure::Integrity(_) => Code::Integrity,
        Failure::Exhausted { .. } | Failure::Untrusted(_) | Failure::Redirected { .. } | Failure::Compressed { .. } => {
            Code::GaveUp
        }
        Failure::Source(_) | Failure::Changed { .. } => Code::Source,
        Failure::Impossible(_) => Code::Usage,
        Failure::Stopped => Code::Interrupted,
        _ => Code::Other,
    }
}

/// Why the command ends without having done what it was asked: what happened, and what to do next.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    what: String,
    next: Vec<String>,
}

impl Problem {
    /// A problem in these words.
    pub(crate) fn new(code: Code, what: impl fmt::Display) -> Self {
        Self { code, what: what.to_string(), next: Vec::new() }
    }

    /// Wrong usage or configuration.
    pub(crate) fn usage(what: impl fmt::Display) -> Self {
        Self::new(Code::Usage, what)
    }

    /// Adds a line: what to do next.
    #[must_use]
    pub(crate) fn next(mut self, line: impl fmt::Display) -> Self {
        self.next.push(line.to_string());
        self
    }

    /// What happened.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// What to do next, a sentence or two each.
    pub(crate) fn advice(&self) -> &[String] {
        &self.next
    }

    /// The exit code.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// What is shown, without colours.
    #[cfg(test)]
    pub(crate) fn shown(&self) -> String {
        let word = if self.code == Code::Interrupted { "interrupted" } else { "error" };
        self.next.iter().fold(format!("{word}: {}", self.what), |shown, line| format!("{shown}\n  {line}"))
    }

    /// The same without the name of a folder that is another one each time.
    #[cfg(test)]
    pub(crate) fn with_shorter(mut self, folder: &str) -> Self {
        self.what = self.what.replace(folder, "");
        self.next.iter_mut().for_each(|line| *line = line.replace(folder, ""));
        self
    }
}

/// Helps where a disk is full.
pub(crate) const ROOM: &str = "Free some space on that disk, or use a folder on another one with --state DIR";

/// Whether a disk is full, or the user's share of it.
pub(crate) fn is_full(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What helps against longer outages.
const LONGER: &str = "To keep trying longer, add --patience 6h.";
/// Helps where there was never a connection.
const UNREACHABLE: &str =
    "Check endpoint in the profile (host name, port, http or https), its proxy, and this machine's network.";
/// Helps where the certificate is not trusted.
pub(crate) const AUTHORITY: &str = "If it is the right server, add the certificate of its authority to the profile: \
    ca_file = \"/path/to/ca.pem\". The system's certificates are trusted too, or those in SSL_CERT_FILE.";

/// Helps where a newer version was here.
pub(crate) const UPDATE: &str = "Update this program, or use another folder (--state DIR) and log in there.";

/// How far an upload was when it ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stand {
    /// Bytes that the vendor has acknowledged.
    pub(crate) confirmed: u64,
    /// Bytes in all.
    pub(crate) total: u64,
}

impl fmt::Display for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { confirmed, total } = *self;
        write!(f, "{} ({} %)", show_part(confirmed, total), percent(confirmed, total))
    }
}

impl From<&resumable::Error> for Problem {
    fn from(error: &resumable::Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Argument | ErrorKind::Profile | ErrorKind::Unsupported => Code::Usage,
            ErrorKind::Exists => Code::Refused,
            ErrorKind::Source | ErrorKind::Changed => Code::Source,
            ErrorKind::Held => Code::Held,
            _ => Code::Other,
        };
        error.advice().iter().fold(Self::new(code, printable::text(&error.cause().to_string())), Self::next)
    }
}

impl From<resumable::Error> for Problem {
    fn from(error: resumable::Error) -> Self {
        Self::from(&error)
    }
}

/// What a failed upload is to be told like: whose fault it is stands in the failure's own words. `advice`: what the
/// vendor's part knows to do about it; it comes first.
pub(crate) fn failed<F>(failure: &Failure<F>, stand: Stand, advice: &[String]) -> Problem
where
    Failure<F>: fmt::Display,
{
    let problem = |text: String| {
        let problem = Problem::new(code_of(failure), printable::text(&text));
        advice.iter().fold(problem, |problem, line| problem.next(printable::text(line)))
    };
    let again = again(stand);
    match failure {
        Failure::Stopped => problem(format!("{stand} stored")).next("Run the same command again to resume."),
        Failure::Changed { was, now, difference } => {
            let lines = advice.iter().map(|line| printable::text(line));
            lines.fold(changed(was, now, difference), Problem::next)
        }
        Failure::Exhausted { budget: Budget::FirstContact(_), .. } => {
            problem(failure.to_string()).next(UNREACHABLE).next(again)
        }
        Failure::Exhausted { budget: Budget::Wait { asked, .. }, .. } => problem(failure.to_string())
            .next(again)
            .next(format!("To wait that long, add --patience with more than {}.", show_time(*asked))),
        Failure::Exhausted { .. } => problem(failure.to_string()).next(again).next(LONGER),
        Failure::Untrusted(_) => problem(failure.to_string()).next(AUTHORITY).next(again),
        Failure::Redirected { .. } => problem(failure.to_string())
            .next("If the vendor moved there, set endpoint in the profile to that address.")
            .next("Otherwise something on the way answers in its place, such as a network's login page.")
            .next(again),
        Failure::Compressed { .. } => problem(failure.to_string())
            .next("Something on the way compresses the answers: check proxy and endpoint in the profile.")
            .next(again),
        Failure::Authorize(AuthError(cause)) => {
            // What the vendor's part advises is for those who have to log in.
            let bare = || Problem::new(code_of(failure), printable::text(&cause.to_string()));
            match reason(cause) {
                Some(Reason::ForNow) => bare().next(again).next(LONGER),
                Some(Reason::Untrusted) => bare().next(AUTHORITY).next(again),
                Some(Reason::NewerFile) => bare().next(UPDATE).next(again),
                Some(Reason::Folder) => bare().next("Make the state folder writable, or free some space there.").next(again),
                Some(Reason::AtVendor | Reason::Cancelled) => bare().next(again),
                Some(_) => problem(cause.to_string()).next(again),
                None => problem(failure.to_string()).next(again),
            }
        }
        Failure::Credential(_) | Failure::Source(_) => problem(failure.to_string()).next(again),
        Failure::Clock { .. } => problem(failure.to_string())
            .next("If this machine's clock is wrong, set it.")
            .next("If it is right, something on the way changes the answers; an https endpoint in the profile prevents that.")
            .next(again),
        Failure::Integrity(_) => problem(failure.to_string())
            .next("Something changes the bytes on the way, or the file while it is being read. Find out what it is first.")
            .next("Then run the same command again."),
        Failure::Impossible(_) => {
            problem(failure.to_string()).next("The other HTTP client may be able to: see --transport.").next(again)
        }
        Failure::Store(StoreError(cause)) => {
            let is_full = io_kind(cause).is_some_and(is_full);
            let next = if is_full { ROOM } else { "Make the state folder writable, or free some space there" };
            problem(failure.to_string()).next(format!("{next}. Nothing is lost at the vendor.")).next(again)
        }
        Failure::Defect(_) => problem(failure.to_string()).next("This is a bug in this program: please report it."),
        _ => problem(failure.to_string()),
    }
}

/// What the system said about a file.
fn io_kind(cause: &Cause) -> Option<io::ErrorKind> {
    let mut causes = successors(Some(&*cause.0 as &(dyn Error + 'static)), |error| (*error).source());
    causes.find_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// What the same command does when it is run again.
fn again(stand: Stand) -> String {
    match stand.confirmed {
        0 => "Run the same command again to retry.".to_owned(),
        _ => format!("Run the same command again to resume: {stand} stored."),
    }
}

/// Why there is no other credential, where that was found out here.
fn reason(cause: &Cause) -> Option<Reason> {
    let mut causes = successors(Some(&*cause.0 as &(dyn Error + 'static)), |error| (*error).source());
    causes.find_map(|error| error.downcast_ref::<NoCredential>()).map(NoCredential::reason)
}

/// The file is not the one whose upload was begun.
pub(crate) fn changed(was: &SourceInfo, now: &SourceInfo, what: impl fmt::Display) -> Problem {
    Problem::new(Code::Source, format!("the file changed since its upload began: {what}"))
        .next(format!("then: {}", version(was)))
        .next(format!("now:  {}", version(now)))
        .next("To upload the file as it is now, add --restart; the old upload is deleted first.")
        .next("To resume the old upload, restore the old file with its old modification time.")
}

/// A version of a file: length, time, content.
fn version(info: &SourceInfo) -> String {
    let modified = info.modified.map(|at| format!(", modified {}", show_modified(at))).unwrap_or_default();
    let sample = Digest::new(&info.sample[..6]).to_hex();
    format!("{}{modified}, sample {sample}", show_count(info.len, "byte", "bytes"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resumable::machine::{AuthError, Cause, Difference, Last, Modified, Remains, SourceFailure, SourceFailureKind};

    use super::*;

    fn info(len: u64) -> SourceInfo {
        let modified = Some(Modified { secs: 1_000_000_000, nanos: 5 });
        SourceInfo { modified, ..SourceInfo::new(len, [7; 32]) }
    }

    fn exhausted(budget: Budget) -> Failure<String> {
        Failure::Exhausted { budget, last: Last::Nothing }
    }

    #[test]
    fn every_failure_has_its_code() {
        let cause = || Cause::text("x");
        let source = |kind| Failure::Source(SourceFailure { kind, cause: cause() });
        let rows: Vec<(Failure<String>, u8)> = vec![
            (Failure::Refused("no".to_owned()), 6),
            (Failure::Credential("no".to_owned()), 4),
            (Failure::Authorize(AuthError(cause())), 4),
            (Failure::Clock { ours: Duration::ZERO, theirs: Duration::MAX, fault: "no".to_owned() }, 4),
            (Failure::Integrity("no".to_owned()), 7),
            (exhausted(Budget::Patience(Duration::from_secs(1))), 5),
            (exhausted(Budget::FirstContact(Duration::from_secs(1))), 5),
            (exhausted(Budget::Wait { asked: Duration::from_secs(2), patience: Duration::from_secs(1) }), 5),
            (Failure::Untrusted(cause()), 5),
            (Failure::Redirected { status: 307, to: "http://h/".to_owned() }, 5),
            (Failure::Compressed { coding: "gzip".to_owned() }, 5),
            (exhausted(Budget::Attempts(6)), 5),
            (exhausted(Budget::Restarts(3)), 5),
            (exhausted(Budget::Answers(64)), 5),
            (source(SourceFailureKind::Missing), 3),
            (source(SourceFailureKind::Denied), 3),
            (source(SourceFailureKind::NotRegular), 3),
            (source(SourceFailureKind::Ended), 3),
            (source(SourceFailureKind::Read), 3),
            (Failure::Changed { was: Box::new(info(1)), now: Box::new(info(2)), difference: Difference::Length }, 3),
            (Failure::Store(StoreError(cause())), 1),
            (Failure::Impossible(cause()), 2),
            (Failure::Stopped, 130),
            (Failure::Abandoned(Remains::Nothing), 1),
            (Failure::Defect("x".to_owned()), 1),
        ];
        for (failure, code) in rows {
            assert_eq!(code_of(&failure) as u8, code, "{failure:?}");
        }
    }

    #[test]
    fn codes_that_no_failure_has() {
        assert_eq!([Code::Usage as u8, Code::Held as u8], [2, 8]);
    }

    #[test]
    fn the_page_has_the_same_codes_in_the_same_words() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command.md")).unwrap();
        let (_, section) = page.split_once("## Exit codes\n").unwrap();
        let shown: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(shown, MEANINGS.map(|(code, meaning)| format!("| {code} | {meaning} |")));
    }

    #[test]
    fn a_changed_file_is_named_in_both_versions() {
        let failure: Failure<String> =
            Failure::Changed { was: Box::new(info(1)), now: Box::new(info(2)), difference: Difference::Length };
        let problem = failed(&failure, Stand { confirmed: 0, total: 1 }, &[]);
        let lines = problem.next.join("\n");
        assert!(lines.contains("then: 1 byte, modified 2001-09-09 01:46:40.000000005 UTC, sample 070707070707"));
        assert!(lines.contains("now:  2 bytes"), "{lines}");
        assert!(lines.contains("--restart"), "{lines}");
    }

    #[test]
    fn who_can_resume_is_told_how() {
        let stand = Stand { confirmed: 1 << 20, total: 4 << 20 };
        let problem = failed(&exhausted(Budget::Attempts(6)), stand, &[]);
        assert!(problem.next.join("\n").contains("again to resume: 1.0 of 4.0 MiB (25 %) stored."));
        let problem = failed(&exhausted(Budget::Attempts(6)), Stand { confirmed: 0, total: 1 }, &[]);
        assert!(problem.next.contains(&"Run the same command again to retry.".to_owned()), "{:?}", problem.next);
    }
}
