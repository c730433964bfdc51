//! Writing lines. That nobody reads them any more (a closed pipe, a closed terminal) stops no upload.

use std::fmt::Display;
use std::io::Write as _;

/// A line of the result, to stdout.
pub(crate) fn out(line: impl Display) {
    let _ = writeln!(anstream::stdout().lock(), "{line}");
}

/// A line of progress or trouble, to stderr.
pub(crate) fn err(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
