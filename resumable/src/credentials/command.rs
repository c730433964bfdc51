//! Credentials that another program prints.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use resumable_transport::CancelFlag;
use zeroize::{Zeroize as _, Zeroizing};

use super::{BoxError, CredentialSource, Credentials, Issued};
use crate::printable;

/// How often somebody looks whether the program has ended, or nobody waits for it any more.
const LOOK: Duration = Duration::from_millis(20);
/// How long what a program wrote may take to arrive once it has ended.
const REST: Duration = Duration::from_secs(5);
/// Credentials take a few KiB at most.
const LONGEST: u64 = 64 * 1024;
/// How much of a program's complaint is shown.
const SHOWN: usize = 200;

impl<C: Clone + PartialEq + Send + Sync + 'static> Credentials<C> {
    /// From a program that prints a credential each time it is run: first when an upload starts, then ahead of the end that
    /// `parse` tells ([`Issued::lasting`]), or when the vendor refuses the last one. It has nothing on its standard input, and
    /// is killed when nobody waits for it any more, unless this process has ended by then.
    ///
    /// An error names the program's exit code and the first line that it wrote to standard error. What it wrote to standard
    /// output is given to `parse` alone: no error should repeat it.
    ///
    /// ```
    /// use resumable::{Credentials, Issued};
    ///
    /// let token = |printed: &str| -> Result<_, String> { Ok(Issued::from(printed.trim().to_owned())) };
    /// let credentials: Credentials<String> = Credentials::command("pass", ["show", "upload/token"], token);
    /// # drop(credentials);
    /// ```
    pub fn command<A, E>(
        program: impl Into<OsString>,
        args: impl IntoIterator<Item = A>,
        parse: impl Fn(&str) -> Result<Issued<C>, E> + Send + Sync + 'static,
    ) -> Self
    where
        A: Into<OsString>,
        E: Into<BoxError>,
    {
        Self::from_source(Program {
            name: "the credential command",
            path: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            parse: move |printed: &str| parse(printed).map_err(Into::into),
        })
    }
}

/// A program that prints credentials.
pub(crate) struct Program<F> {
    /// What errors call it.
    pub(crate) name: &'static str,
    /// Its path, or its name where the system looks for programs.
    pub(crate) path: OsString,
    /// What it is given.
    pub(crate) args: Vec<OsString>,
    /// Reads what it has printed.
    pub(crate) parse: F,
}

impl<C, F: Fn(&str) -> Result<Issued<C>, BoxError> + Send + Sync> CredentialSource<C> for Program<F> {
    fn issue(&self, _: Option<&C>, cancel: &CancelFlag) -> Result<Issued<C>, BoxError> {
        let named = |error: BoxError| BoxError::from(CommandError { name: self.name, error });
        let printed = Zeroizing::new(self.run(cancel).map_err(|error| named(error.into()))?);
        (self.parse)(&printed).map_err(named)
    }
}

/// What is wrong, and with which program.
#[derive(Debug)]
struct CommandError {
    name: &'static str,
    error: BoxError,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.error)
    }
}

impl std::error::Error for CommandError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.error)
    }
}

impl<F> Program<F> {
    /// What it prints.
    fn run(&self, cancel: &CancelFlag) -> Result<String, String> {
        let mut command = Command::new(&self.path);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = Running(command.spawn().map_err(|error| format!("it cannot be run: {error}"))?);
        let read = |piped: io::Result<_>| piped.map_err(|error| format!("it cannot be read from: {error}"));
        let printed = read(pipe(running.0.stdout.take(), Rest::Unread))?;
        let complaint = read(pipe(running.0.stderr.take(), Rest::Skipped))?;
        let status = running.ended(cancel)?;
        let until = Instant::now() + REST;
        let printed = taken(&printed, until);
        if printed.len() as u64 > LONGEST {
            return Err(format!("it printed more than {LONGEST} bytes"));
        }
        if !status.success() {
            return Err(format!("it failed, {status}{}", first_line(&taken(&complaint, until))));
        }
        String::from_utf8(printed).map_err(|_| "its output is not UTF-8".to_owned())
    }
}

/// Is killed when it is dropped.
struct Running(Child);

impl Running {
    fn ended(&mut self, cancel: &CancelFlag) -> Result<ExitStatus, String> {
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if cancel.is_set() => return Err(CANCELLED.to_owned()),
                Ok(None) => thread::sleep(LOOK),
                Err(error) => return Err(format!("waiting for it failed: {error}")),
            }
        }
    }
}

const CANCELLED: &str = "nobody waits for it any more";

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What becomes of what is more than anybody needs.
#[derive(PartialEq)]
enum Rest {
    /// The pipe is closed, which ends the program.
    Unread,
    /// It is read, so that the program goes on.
    Skipped,
}

/// Reads a pipe on a thread, so that the program never waits for a reader; gives at most a byte more than is allowed.
fn pipe(pipe: Option<impl Read + Send + 'static>, rest: Rest) -> io::Result<Receiver<Vec<u8>>> {
    let (give, given) = channel();
    thread::Builder::new().name("credential command".to_owned()).spawn(move || {
        if let Some(mut pipe) = pipe {
            let _ = io::copy(&mut (&mut pipe).take(LONGEST + 1), &mut Giver(give));
            if rest == Rest::Skipped {
                let _ = io::copy(&mut pipe, &mut io::sink());
            }
        }
    })?;
    Ok(given)
}

/// Gives each piece at once.
struct Giver(Sender<Vec<u8>>);

impl Write for Giver {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a program wrote that has ended. Another one that it has started may hold the pipe open for as long as it likes.
fn taken(pipe: &Receiver<Vec<u8>>, until: Instant) -> Vec<u8> {
    // Room for all of it: what is moved to another place leaves a copy behind.
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default() + 1);
    while let Ok(mut piece) = pipe.recv_timeout(until.saturating_duration_since(Instant::now())) {
        bytes.extend_from_slice(&piece);
        piece.zeroize();
    }
    bytes
}

/// What it complains of, for an error.
fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let shown = |line: &str| printable::text(&line.chars().take(SHOWN).collect::<String>());
    line.map(|line| format!(": {}", shown(line))).unwrap_or_default()
}
