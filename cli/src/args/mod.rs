//! What can be written on the command line.
#![expect(clippy::doc_markdown, reason = "these comments are the help texts, shown as they are")]

mod abort;
mod check;
mod completions;
mod config;
mod demo;
mod destination;
mod emulator;
mod existing;
mod hash;
mod list;
mod live;
mod login;
mod object;
mod on_done;
mod output;
mod profiles;
mod put;
mod rate;
mod remote;
mod stat;
mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::abort::Abort;
pub(crate) use self::check::{Check, Place};
pub(crate) use self::completions::{Completions, Man};
pub(crate) use self::config::Config;
pub(crate) use self::demo::Demo;
pub(crate) use self::destination::Destination;
pub(crate) use self::emulator::Emulator;
pub(crate) use self::hash::Hash;
pub(crate) use self::list::List;
pub(crate) use self::live::Live;
pub(crate) use self::login::Login;
pub(crate) use self::output::{Output, Progress};
pub(crate) use self::profiles::Profiles;
pub(crate) use self::put::{Links, Put, Sources};
pub(crate) use self::rate::RateOptions;
pub(crate) use self::remote::Bucket;
pub(crate) use self::stat::Stat;
pub(crate) use self::verify::Verify;
use crate::exit;

/// What stands below the help of the whole command.
fn epilogue() -> String {
    let codes: Vec<String> = exit::MEANINGS.iter().map(|(code, meaning)| format!("  {code:>3}  {meaning}\n")).collect();
    format!(
        "Exit codes:\n{}\nProfiles are sections of the configuration file. `resumable profiles` shows all keys of each vendor.",
        codes.concat()
    )
}

/// Upload big files, and resume after any interruption.
#[derive(Debug, Parser)]
#[command(name = "resumable", version, after_long_help = epilogue(), max_term_width = 100)]
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
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Configuration file [default: ~/.config/resumable/config.toml]
    #[arg(long, global = true, env = "RESUMABLE_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for checkpoints [default: ~/.local/state/resumable]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// What it shows.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload files and folders; run the same command again to resume
    #[command(
        after_help = "`resumable profiles` shows the keys that a profile can have; `resumable --help` the exit codes.",
        after_long_help = put::AFTER
    )]
    Put(Put),
    /// List unfinished uploads
    List(List),
    /// Cancel an upload and delete its parts at the vendor
    Abort(Abort),
    /// Show what is at a destination
    Stat(Stat),
    /// Compare a file with what is at a destination, by length and digest
    Verify(Verify),
    /// Check whether a profile works: connection, clock, keys, bucket
    Check(Check),
    /// Show the keys that a profile in the configuration file can have
    Profiles(Profiles),
    /// Log in to 115: scan a QR code with the 115 app and confirm
    Login(Login),
    /// Add a profile to the configuration file, or change one: asks for what its vendor needs
    Config(Config),
    /// Show the digests of files, as vendors ask for them
    Hash(Hash),
    /// Print a script that completes this command in a shell
    Completions(Completions),
    /// Write the manual pages
    #[command(hide = true)]
    Man(Man),
    /// Test a real account with small files: upload, kill, resume, cancel; write a report
    Live(Live),
    /// Run an offline copy of the vendors' servers until interrupted
    Emulator(Emulator),
    /// Upload, kill, resume and verify against the built-in emulator; needs no network and no configuration
    Demo(Demo),
    /// Print the version
    #[command(hide = true)]
    Version,
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
