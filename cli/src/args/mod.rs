//! What can be written on the command line.
#![expect(clippy::doc_markdown, reason = "these comments are the help texts, shown as they are")]

mod abort;
mod demo;
mod destination;
mod emulator;
mod existing;
mod login;
mod profiles;
mod put;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::abort::Abort;
pub(crate) use self::demo::Demo;
pub(crate) use self::emulator::Emulator;
pub(crate) use self::existing::Existing;
pub(crate) use self::login::Login;
pub(crate) use self::profiles::Profiles;
pub(crate) use self::put::Put;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  other failure
    2  usage or configuration
    3  the file is missing, unreadable or changed
    4  the credentials were refused
    5  gave up; the same command goes on
    6  refused by the vendor
    7  the content does not match at the vendor
    8  another process holds this upload
  130  interrupted; the same command goes on

Profiles are sections of the configuration file, $XDG_CONFIG_HOME/resumable/config.toml:
`resumable profiles` shows what can stand in one, for each vendor.";

/// Uploads big files, and goes on after an interruption.
#[derive(Debug, Parser)]
#[command(name = "resumable", version, after_long_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Args {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// The configuration file, in place of $XDG_CONFIG_HOME/resumable/config.toml
    #[arg(long, global = true, env = "RESUMABLE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of checkpoints, in place of $XDG_STATE_HOME/resumable
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload a file, or go on with its upload: the same command again resumes
    Put(Put),
    /// List the uploads that are not finished
    List,
    /// Give an upload up, and remove what is left of it at the vendor
    Abort(Abort),
    /// Show what can stand in a profile of the configuration file
    Profiles(Profiles),
    /// Log in where a vendor gives out credentials: scan a code with its app, and agree there
    Login(Login),
    /// Run the vendors' servers offline, until interrupted
    Emulator(Emulator),
    /// Upload, break, resume and verify against the embedded emulator; needs no network and no configuration
    Demo(Demo),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
