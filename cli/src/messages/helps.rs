//! The help of every command.

use clap::{Command, CommandFactory as _};

use super::block;
use crate::args::Args;

/// Of the command, and of each command in it.
pub(super) fn all() -> String {
    let mut command = Args::command().term_width(100);
    command.build();
    of(&mut command)
}

fn of(command: &mut Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let own = block(&format!("`{name} --help`"), &command.render_long_help().to_string());
    let seen = |below: &&mut Command| !below.is_hide_set() && below.get_name() != "help";
    command.get_subcommands_mut().filter(seen).map(of).fold(own, |all, one| all + &one)
}
