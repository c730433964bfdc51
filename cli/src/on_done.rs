//! What is run after each file: a program of the user's, with the result in its environment.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use resumable::profile::variable;
use resumable::units::show_count;
use resumable::vendors;

use crate::exit::{Code, Problem};
use crate::printable;

/// A program and its arguments. No shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    program: String,
    arguments: Vec<String>,
}

impl FromStr for CommandLine {
    type Err = &'static str;

    /// Words as a shell would cut them: quotes and backslashes keep blanks. Nothing is expanded.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = shlex::split(text).ok_or("a quote is not closed")?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or("it names no program")?;
        Ok(Self { program, arguments: words.collect() })
    }
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is complete at the vendor, whether or not bytes were sent for it.
    Done,
    /// It is not.
    Failed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Failed => "failed",
        })
    }
}

/// What is known of a file that is over.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// As it was named.
    pub(crate) file: PathBuf,
    /// `PROFILE:PATH`.
    pub(crate) destination: String,
    /// In bytes.
    pub(crate) size: Option<u64>,
    /// How it came to be complete, in one word.
    pub(crate) how: Option<String>,
    pub(crate) url: Option<String>,
    /// The vendor's name for the object.
    pub(crate) id: Option<String>,
    /// Why it is not complete.
    pub(crate) error: Option<String>,
}

impl Ended {
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let Self { status, file, destination, size, how, url, id, error } = self;
        let text = |text: &Option<String>| OsString::from(text.as_deref().unwrap_or_default());
        vec![
            ("RESUMABLE_STATUS", status.to_string().into()),
            ("RESUMABLE_FILE", file.clone().into()),
            ("RESUMABLE_DESTINATION", destination.into()),
            ("RESUMABLE_SIZE", size.map(|size| size.to_string()).unwrap_or_default().into()),
            ("RESUMABLE_HOW", text(how)),
            ("RESUMABLE_URL", text(url)),
            ("RESUMABLE_ID", text(id)),
            ("RESUMABLE_ERROR", text(error)),
        ]
    }
}

/// Runs the command for one file after the other, beside the uploads.
pub(crate) struct Runs(Option<(Queue, JoinHandle<u64>)>);

/// Takes files that are over.
#[derive(Clone)]
pub(crate) struct Queue(Sender<Option<Ended>>);

impl Runs {
    /// Each failure is told as it comes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(command: Option<&CommandLine>, tell: impl Fn(&str) + Send + 'static) -> Result<Self, Problem> {
        let Some(command) = command.cloned() else { return Ok(Self(None)) };
        let (queue, files) = channel::<Option<Ended>>();
        let run = move || {
            let mut failures = 0;
            while let Ok(Some(ended)) = files.recv() {
                if let Err(why) = command.run(&ended) {
                    tell(&format!("warning: after {}: {why}", printable::path(&ended.file)));
                    failures += 1;
                }
            }
            failures
        };
        let thread = thread::Builder::new().name("on-done".to_owned()).spawn(run);
        let thread = thread.map_err(|error| Problem::new(Code::Other, format!("no thread can be started: {error}")))?;
        Ok(Self(Some((Queue(queue), thread))))
    }

    /// Where files that are over go, if a command is to be run.
    pub(crate) fn queue(&self) -> Option<Queue> {
        self.0.as_ref().map(|(queue, _)| queue.clone())
    }

    /// Waits until it was run for all of them.
    ///
    /// # Errors
    /// When it failed.
    pub(crate) fn end(self) -> Result<(), Problem> {
        let Some((queue, thread)) = self.0 else { return Ok(()) };
        queue.send(None);
        match thread.join() {
            Ok(0) => Ok(()),
            Ok(failures) => {
                let times = show_count(failures, "file", "files");
                Err(Problem::new(Code::Other, format!("the --on-done command failed after {times}")))
            }
            Err(_) => Err(Problem::new(Code::Other, "--on-done: a defect of this command")),
        }
    }
}

impl Queue {
    pub(crate) fn push(&self, ended: Ended) {
        self.send(Some(ended));
    }

    fn send(&self, what: Option<Ended>) {
        // Nobody takes it only if the thread has ended, which `Runs::end` tells.
        let _ = self.0.send(what);
    }
}

impl CommandLine {
    /// Runs it, and waits for its end. What it prints goes to stderr, because stdout is for results. It gets no input, and
    /// none of the secrets that may stand in this process's environment. What is not known is empty.
    ///
    /// # Errors
    /// When it cannot be run, or its exit code is not 0, in words.
    fn run(&self, ended: &Ended) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(ended.variables());
        for secret in vendors::secrets() {
            command.env_remove(variable(secret));
        }
        let status = command.stdin(Stdio::null()).stdout(io::stderr()).stderr(Stdio::inherit()).status();
        let what = |why: &dyn fmt::Display| format!("--on-done {}: {why}", printable::text(&self.program));
        match status {
            Err(error) => Err(what(&format_args!("it cannot be run: {error}"))),
            Ok(status) if !status.success() => Err(what(&status)),
            Ok(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them_and_nothing_is_expanded() {
        let command: CommandLine = "sh -c 'echo $RESUMABLE_URL; exit 3' a\\ b \"c d\" $HOME *".parse().unwrap();
        assert_eq!(command.program, "sh");
        assert_eq!(command.arguments, ["-c", "echo $RESUMABLE_URL; exit 3", "a b", "c d", "$HOME", "*"]);
        for (text, why) in [("", "no program"), ("  ", "no program"), ("'' x", "no program"), ("a 'b", "not closed")] {
            assert!(text.parse::<CommandLine>().unwrap_err().contains(why), "{text}");
        }
    }
}
