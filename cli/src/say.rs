//! Writing lines: the one place that writes to the terminal, so that what is redrawn there and what stays never mix.
//!
//! That nobody reads progress any more (a closed pipe, a closed terminal) stops no upload; a result that nobody got is an
//! error.

mod log;
mod screen;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::builder::styling::{AnsiColor, Style};

use self::log::Log;
use self::screen::Screen;
use crate::args;
use crate::exit::{Code, Problem};
use crate::json;

/// What all lines of this process go through.
static SINK: Mutex<Sink> = Mutex::new(Sink { screen: Screen::new(), log: None, chat: Chat::Words });

struct Sink {
    screen: Screen,
    log: Option<Log>,
    chat: Chat,
}

/// What becomes of notes and warnings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chat {
    /// They are lines on stderr.
    Words,
    /// They are objects on stdout.
    Json,
    /// Nobody wants them.
    Quiet,
}

fn sink() -> MutexGuard<'static, Sink> {
    SINK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does what the command line says about output, from now on.
///
/// # Errors
/// When the log file cannot be opened.
pub(crate) fn open(output: &args::Output) -> Result<(), Problem> {
    let log = output.log_file.as_deref().map(Log::open).transpose()?;
    let mut sink = sink();
    sink.log = log;
    sink.chat = match output {
        args::Output { quiet: true, .. } => Chat::Quiet,
        args::Output { json: true, .. } => Chat::Json,
        _ => Chat::Words,
    };
    Ok(())
}

/// The whole result, to stdout. Where stdout takes nothing, stderr gets it, too.
///
/// # Errors
/// When it could not be written; stderr has it then, if that takes it.
pub(crate) fn result(lines: &[String]) -> Result<(), Problem> {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let mut sink = sink();
    lines.iter().for_each(|line| sink.log(line));
    let written = sink.above(|| print_out(&text));
    if written.is_ok() && !is_closed() {
        return Ok(());
    }
    let told = sink.above(|| anstream::stderr().lock().write_all(text.as_bytes()));
    drop(sink);
    let Err(error) = written.and(told) else { return Ok(()) };
    Err(Problem::new(Code::Other, format!("the result could not be written to standard output: {error}"))
        .next("It is shown above."))
}

/// A line for programs, to stdout.
///
/// # Errors
/// When it could not be written.
pub(crate) fn object(line: &str) -> io::Result<()> {
    sink().above(|| print_out(&format!("{line}\n")))
}

fn print_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A line of trouble, or of what a person asked for, to stderr.
pub(crate) fn err(line: impl Display) {
    let line = line.to_string();
    let mut sink = sink();
    sink.log(&line);
    sink.print_err(&line);
}

/// What the command ends with, to stderr.
pub(crate) fn problem(problem: &Problem) {
    let (word, color) = match problem.code() {
        Code::Interrupted => ("interrupted", AnsiColor::Yellow),
        _ => ("error", AnsiColor::Red),
    };
    err(announced(word, color, problem.what()));
    problem.advice().iter().for_each(|line| err(format!("  {line}")));
}

fn announced(word: &str, color: AnsiColor, text: &str) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{word}:{style:#} {text}")
}

/// A line that tells what happens, unless nobody wants to know.
pub(crate) fn note(text: &str) {
    let mut sink = sink();
    sink.log(text);
    match sink.chat {
        Chat::Words => sink.print_err(text),
        Chat::Json => sink.print_object(&json::said("note", text)),
        Chat::Quiet => {}
    }
}

/// Like [`note`], for what a person should know although it stops nothing.
pub(crate) fn warn(text: &str) {
    let line = &announced("warning", AnsiColor::Yellow, text);
    let mut sink = sink();
    sink.log(line);
    match sink.chat {
        Chat::Words => sink.print_err(line),
        Chat::Json => sink.print_object(&json::said("warning", text)),
        Chat::Quiet => {}
    }
}

/// A request, as a line and as an object. `shown`: not in the log file alone.
pub(crate) fn request(line: &str, object: &str, shown: bool) {
    let mut sink = sink();
    sink.log(line);
    match sink.chat {
        Chat::Words if shown => sink.print_err(line),
        Chat::Json if shown => sink.print_object(object),
        _ => {}
    }
}

/// A line that is for the log file alone.
pub(crate) fn log(text: &str) {
    sink().log(text);
}

/// Draws these lines in place of the last ones; the terminal has so many columns.
pub(crate) fn draw(lines: Vec<String>, columns: usize) {
    let _ = sink().screen.draw(lines, columns, &mut io::stderr().lock());
}

/// Takes away what was drawn.
pub(crate) fn clear() {
    let _ = sink().screen.clear(columns(), &mut io::stderr().lock());
}

fn columns() -> usize {
    console::Term::stderr().size().1.into()
}

impl Sink {
    fn log(&mut self, text: &str) {
        let Some(log) = &mut self.log else { return };
        if let Err(error) = log.line(&anstream::adapter::strip_str(text).to_string()) {
            self.log = None;
            self.print_err(&format!("warning: the log file cannot be written any more: {error}"));
        }
    }

    fn print_err(&mut self, line: &str) {
        let _ = self.above(|| writeln!(anstream::stderr().lock(), "{line}"));
    }

    fn print_object(&mut self, line: &str) {
        let _ = self.above(|| print_out(&format!("{line}\n")));
    }

    /// Prints something that stays, above what is redrawn.
    fn above(&mut self, print: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if self.screen.is_empty() {
            return print();
        }
        let mut printed = Ok(());
        let _ = self.screen.above(columns(), &mut io::stderr().lock(), |_| {
            printed = print();
            Ok(())
        });
        printed
    }
}

/// Whether this process was started with stdout closed: then the standard library has put `/dev/null` there, open for
/// reading, too. Some programs start others like that to hear nothing of them, so it is no failure.
#[cfg(unix)]
fn is_closed() -> bool {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
    let (Ok(out), Ok(null)) = (fstat(io::stdout()), stat("/dev/null")) else { return false };
    let device = FileType::from_raw_mode(out.st_mode) == FileType::CharacterDevice && out.st_rdev == null.st_rdev;
    device && fcntl_getfl(io::stdout()).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
}

#[cfg(not(unix))]
fn is_closed() -> bool {
    false
}
