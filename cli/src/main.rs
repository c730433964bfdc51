//! `resumable`: uploads big files to vendors whose uploads can be taken up again, and takes them up again.
//!
//! | command | |
//! |---|---|
//! | `put FILE PROFILE:PATH` | uploads, or goes on with an upload |
//! | `list` | the uploads that are not finished |
//! | `abort UPLOAD` | gives one up, and removes what is left of it at the vendor |
//! | `profiles` | what can stand in a profile |
//! | `login PROFILE` | gets credentials, where a vendor gives them out |
//! | `live PROFILE` | tries a real account, and writes down what the vendor does |
//! | `emulator` | the vendors' servers, offline |
//! | `demo` | uploads, breaks, resumes and verifies against the emulator |
//!
//! Results go to stdout, progress and errors to stderr; the exit code is one of [`exit::Code`].

mod abort;
mod args;
mod clock;
mod columns;
mod date;
mod demo;
mod elsewhere;
mod emulator;
mod exit;
mod explain;
mod interrupt;
mod list;
mod live;
mod local_file;
mod login;
mod profile;
mod profiles;
mod progress;
mod put;
mod say;
mod state;
mod transport;

use std::process::ExitCode;

use clap::Parser as _;
use resumable::printable;

use crate::args::{Args, Command};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(told) => return explain(&told),
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            problem.print();
            problem.code().into()
        }
    }
}

/// The help, the version, or what is wrong with the command line.
fn explain(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(_) if !told.use_stderr() => Code::Other.into(),
        _ => u8::try_from(told.exit_code()).map_or(Code::Usage.into(), ExitCode::from),
    }
}

fn run(args: &Args) -> Result<(), Problem> {
    let interrupt = Interrupt::watch()?;
    match &args.command {
        Command::Put(put) => put::run(put, &args.global, &interrupt),
        Command::List => list::run(&args.global),
        Command::Abort(abort) => abort::run(abort, &args.global, &interrupt),
        Command::Profiles(profiles) => profiles::run(profiles),
        Command::Login(login) => login::run(login, &args.global, &interrupt),
        Command::Live(live) => live::run(live, &args.global, &interrupt),
        Command::Emulator(emulator) => emulator::run(emulator, &interrupt),
        Command::Demo(demo) => demo::run(demo, &interrupt),
    }
}
