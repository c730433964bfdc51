//! The checks and chores of this workspace, one program for CI and for a laptop:
//!
//! ```text
//! cargo xtask ci              every step, in order, until one fails
//! cargo xtask ci fmt pure   these steps only
//! cargo xtask ci --full       the slow ones, too
//! cargo xtask ci --list       what steps there are
//! cargo xtask sim ARGS…       the simulator, in release mode
//! cargo xtask fuzz ARGS…      the fuzz targets, from their corpora
//! cargo xtask bench ARGS…     what an upload costs the client
//! cargo xtask planted ARGS…   plants bugs, and tells what finds them
//! cargo xtask kill ARGS…      uploads by a command that is killed, against an emulator that is killed, too
//! cargo xtask kill-folder ARGS…  uploads a folder with a command that is killed again and again
//! cargo xtask public-api      compares the public items with the lists; --write changes the lists
//! ```

#[cfg(unix)]
mod bench;
mod ci;
mod clean_clone;
mod deb;
mod deny;
mod examples;
mod features;
mod field_bugs;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod fuzz;
mod independence;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod kill_folder;
mod lean;
mod msrv;
mod named_tests;
mod package;
mod planted;
#[cfg(unix)]
mod private;
mod public_api;
mod pure;
mod readme;
mod security;
mod targets;
mod verdict;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask ci [--list] [--full] [STEP…]
       cargo xtask sim --cases N --seed S --protocol P [--case K] [--faults FILE]
       cargo xtask sim --pairs --protocol P
       cargo xtask fuzz [TARGET…] [--seconds 60] [--write]
       cargo xtask bench [--size 1GiB] [--runs 3] [--only WORD]
       cargo xtask bench link [--size 4GiB] [--windows auto,4,16] [--total 100MiB] [--connection 8MiB] [--lost 5] [--runs 5]
       cargo xtask bench many [--files 2000] [--bytes 20000] [--delay-ms 20] [--runs 3]
       cargo xtask planted [NAME…] [--cases N]
       cargo xtask kill [--rounds 5] [--protocol all] [--seed S] [--first 0]
       cargo xtask kill-folder [--rounds 50] [--files 5000] [--protocol oss] [--seed S]
       cargo xtask public-api [--write]";

fn main() -> ExitCode {
    if let Some(rustdoc) = std::env::var_os(public_api::RUSTDOC) {
        return told(public_api::stand_in(rustdoc));
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["ci", rest @ ..] if rest.contains(&"--list") => {
            ci::list();
            Ok(())
        }
        ["ci", names @ ..] => Workspace::find().and_then(|workspace| ci::run(&workspace, names)),
        ["sim", args @ ..] => Workspace::find().and_then(|workspace| ci::simulate(&workspace, args)),
        ["planted", args @ ..] => Workspace::find().and_then(|workspace| planted::run(&workspace, args)),
        ["public-api"] => Workspace::find().and_then(|workspace| public_api::step(&workspace).map(|_| ())),
        ["public-api", "--write"] => Workspace::find().and_then(|workspace| public_api::write(&workspace)),
        #[cfg(unix)]
        ["fuzz", args @ ..] => Workspace::find().and_then(|workspace| fuzz::run(&workspace, args)),
        #[cfg(unix)]
        ["kill", args @ ..] => Workspace::find().and_then(|workspace| kill::run(&workspace, args)),
        #[cfg(unix)]
        [kill::CHILD, words @ ..] => kill::child(words),
        #[cfg(unix)]
        ["kill-folder", args @ ..] => Workspace::find().and_then(|workspace| kill_folder::run(&workspace, args)),
        #[cfg(unix)]
        ["bench", args @ ..] => Workspace::find().and_then(|workspace| bench::run(&workspace, args)),
        #[cfg(unix)]
        [bench::CHILD, words @ ..] => bench::child(words),
        #[cfg(unix)]
        [bench::FLOOR, way, file, address] => bench::floor(way, file, address),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    told(done)
}

fn told(done: workspace::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
