//! What is run after each file: a program of the user's, with the result in its environment.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use resumable::profile::variable;
use resumable::vendors;

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) status: Status,
    /// As it was named.
    pub(crate) file: &'a Path,
    /// `PROFILE:PATH`.
    pub(crate) destination: &'a str,
    /// In bytes.
    pub(crate) size: Option<u64>,
    /// How it came to be complete, in one word.
    pub(crate) how: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    /// The vendor's name for the object.
    pub(crate) id: Option<&'a str>,
    /// Why it is not complete.
    pub(crate) error: Option<&'a str>,
}

impl Ended<'_> {
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let Self { status, file, destination, size, how, url, id, error } = *self;
        let text = |text: Option<&str>| OsString::from(text.unwrap_or_default());
        vec![
            ("RESUMABLE_STATUS", status.to_string().into()),
            ("RESUMABLE_FILE", file.as_os_str().to_owned()),
            ("RESUMABLE_DESTINATION", destination.into()),
            ("RESUMABLE_SIZE", size.map(|size| size.to_string()).unwrap_or_default().into()),
            ("RESUMABLE_HOW", text(how)),
            ("RESUMABLE_URL", text(url)),
            ("RESUMABLE_ID", text(id)),
            ("RESUMABLE_ERROR", text(error)),
        ]
    }
}

impl CommandLine {
    /// Runs it, and waits for its end. What it prints goes to stderr, because stdout is for results. It gets no input, and
    /// none of the secrets that may stand in this process's environment. What is not known is empty.
    ///
    /// # Errors
    /// When it cannot be run, or its exit code is not 0, in words.
    pub(crate) fn run(&self, ended: &Ended<'_>) -> Result<(), String> {
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
