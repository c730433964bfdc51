//! `resumable`: uploads big files, and resumes after any interruption.
//!
//! | command | |
//! |---|---|
//! | `put FILE PROFILE:PATH` | uploads a file, or resumes its upload |
//! | `list` | unfinished uploads |
//! | `abort UPLOAD` | cancels one, and deletes its parts at the vendor |
//! | `stat PROFILE:PATH` | what is at a destination |
//! | `verify FILE PROFILE:PATH` | whether a file is what is there |
//! | `check PROFILE` | whether a profile works |
//! | `profiles` | the keys that a profile can have |
//! | `login PROFILE` | logs in to 115 |
//! | `config` | adds a profile to the configuration file, or changes one |
//! | `hash FILE...` | digests of files |
//! | `completions SHELL`, `man DIR` | for packages |
//! | `live PROFILE` | tests a real account, and writes a report |
//! | `emulator` | the vendors' servers, offline |
//! | `demo` | uploads, kills, resumes and verifies against the emulator |
//!
//! Results go to stdout, progress and errors to stderr; the exit code is one of [`exit::Code`].

mod abort;
mod args;
mod asking;
mod check;
mod clock;
mod columns;
mod completions;
mod config;
mod date;
mod demo;
mod display;
mod elsewhere;
mod emulator;
mod exit;
mod explain;
mod hash;
mod interrupt;
mod json;
mod list;
mod live;
mod local_file;
mod login;
#[cfg(test)]
mod messages;
mod on_done;
mod profile;
mod profiles;
mod put;
mod rate;
mod remote;
mod say;
mod stat;
mod state;
mod transport;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use resumable::printable;

use crate::args::{Args, Command};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(told) => return explain(&told),
    };
    let interrupt = match Interrupt::watch() {
        Ok(interrupt) => interrupt,
        Err(problem) => return failed(&problem, None),
    };
    match run(&args, &interrupt) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => failed(&problem, Some(&interrupt)),
    }
}

fn failed(problem: &Problem, interrupt: Option<&Interrupt>) -> ExitCode {
    say::problem(problem);
    match (problem.code(), interrupt) {
        (Code::Interrupted, Some(interrupt)) => interrupt.code().into(),
        (code, _) => code.into(),
    }
}

/// The help, the version, or what is wrong with the command line.
fn explain(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(_) if !told.use_stderr() => Code::Other.into(),
        _ => u8::try_from(told.exit_code()).map_or(Code::Usage.into(), ExitCode::from),
    }
}

fn run(args: &Args, interrupt: &Interrupt) -> Result<(), Problem> {
    say::open(&args.global.output)?;
    display::watch_requests(&args.global.output);
    match &args.command {
        Command::Put(put) => put::run(put, &args.global, interrupt),
        Command::List(list) => list::run(list, &args.global, interrupt),
        Command::Abort(abort) => abort::run(abort, &args.global, interrupt),
        Command::Stat(stat) => stat::run(stat, &args.global, interrupt),
        Command::Verify(verify) => verify::run(verify, &args.global, interrupt),
        Command::Check(check) => check::run(check, &args.global, interrupt),
        Command::Profiles(profiles) => profiles::run(profiles),
        Command::Login(login) => login::run(login, &args.global, interrupt),
        Command::Config(config) => config::run(config, &args.global, interrupt),
        Command::Hash(hash) => hash::run(hash, &args.global),
        Command::Completions(completions) => completions::run(completions),
        Command::Man(man) => completions::man(man),
        Command::Live(live) => live::run(live, &args.global, interrupt),
        Command::Emulator(emulator) => emulator::run(emulator, interrupt),
        Command::Demo(demo) => demo::run(demo, interrupt),
        Command::Version => say::result(&[Args::command().render_version().trim_end().to_owned()]),
    }
}
