//! Writing lines. That nobody reads progress any more (a closed pipe, a closed terminal) stops no upload; a result that
//! nobody got is an error.

use std::fmt::Display;
use std::io::{self, Write as _};

use crate::exit::{Code, Problem};

/// The whole result, to stdout. Where stdout is closed, stderr gets it.
///
/// # Errors
/// When it could not be written; stderr has it then, if that takes it.
pub(crate) fn result(lines: &[String]) -> Result<(), Problem> {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if written.is_ok() && !is_closed() {
        return Ok(());
    }
    let told = anstream::stderr().lock().write_all(text.as_bytes());
    let Err(error) = written.and(told) else { return Ok(()) };
    Err(Problem::new(Code::Other, format!("the result could not be written to standard output: {error}"))
        .next("It is shown above."))
}

/// A line of progress or trouble, to stderr.
pub(crate) fn err(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
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
