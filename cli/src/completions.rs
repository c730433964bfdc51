//! What packages bring beside the command: completions for shells, and manual pages. Both are made of the arguments.

use std::fs;

use clap::CommandFactory as _;

use crate::args::{Args, Completions, Man};
use crate::exit::{Code, Problem};
use crate::{printable, say};

/// The command's name.
const NAME: &str = "resumable";

/// Prints the script that makes a shell complete this command.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn run(args: &Completions) -> Result<(), Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), NAME, &mut script);
    say::result(&[String::from_utf8_lossy(&script).trim_end().to_owned()])
}

/// Writes a manual page for the command, and one for each of its subcommands, into a folder.
///
/// # Errors
/// When the folder cannot be made or written to.
pub(crate) fn man(args: &Man) -> Result<(), Problem> {
    let folder = &args.folder;
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Args::command(), folder));
    written.map_err(|error| Problem::new(Code::Other, format!("{}: {error}", printable::path(folder))))
}
