//! `resumable config`: adds a profile to the configuration file, or changes one.

mod answers;
mod document;

use std::env;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use resumable::profile::Profiles;
use resumable::vendors::{self, Entry};

use self::answers::{Answers, Terminal};
use self::document::Document;
use crate::args::{Check, Config, Global, Place};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::rate::RateControl;
use crate::transport::{Connection, Tuning};
use crate::{check, printable, say, state};

/// Asks for what is not said, looks whether a profile can be made of it, and writes it. What else stands in the file stays as
/// it is, comments too.
///
/// # Errors
/// When no profile can be made of it, or the file cannot be written. It is unchanged then.
pub(crate) fn run(args: &Config, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let path = global.config.clone().map_or_else(state::default_config, Ok)?;
    let mut document = Document::read(&path)?;
    let mut given = args.set.clone();
    for (key, file) in &args.set_from {
        given.push((key.clone(), contents(file)?));
    }
    let asked = Answers { profile: args.profile.clone(), protocol: args.protocol.clone(), given };
    let Answers { profile, protocol, given } = if args.non_interactive {
        asked
    } else if io::stdin().is_terminal() {
        asked.complete(&document, &mut Terminal)?
    } else {
        return Err(Problem::usage("standard input is no terminal, so nobody can be asked")
            .next("Say everything with --protocol, --set and --set-from, and add --non-interactive."));
    };
    let name = profile.ok_or_else(|| Problem::usage("no profile is named: resumable config NAME"))?;
    let protocol = protocol.or_else(|| document.text(&name, "protocol"));
    let vendor = entry(protocol.as_deref().ok_or_else(|| Problem::usage("no vendor is named: --protocol PROTOCOL"))?)?;
    document.set(&vendor, &name, &given)?;
    is_usable(&path, &document.to_string(), &name, &state::folder(global.state.as_deref())?)?;
    write(&path, &document.to_string())
        .map_err(|error| Problem::new(Code::Other, format!("{} cannot be written: {error}", printable::path(&path))))?;
    say::result(&[format!("profile {name} is in {}", printable::path(&path))])?;
    let shown = printable::text(&name);
    if vendor.page.contains("resumable login") {
        return say::result(&[format!("Log in: resumable login {shown}")]);
    }
    if args.non_interactive {
        return say::result(&[format!("Try it: resumable check {shown}")]);
    }
    let place = Place { profile: name, path: None };
    check::run(&Check { profile: place, write: false, transport: None }, global, interrupt)
        .map_err(|problem| problem.next(format!("The profile is written. To change it: resumable config {shown}")))
}

fn entry(protocol: &str) -> Result<Entry, Problem> {
    vendors::entries()
        .find(|vendor| vendor.name == protocol)
        .ok_or_else(|| Problem::usage(format!("\"{}\" is no vendor of this program", printable::text(protocol))))
}

/// What a file holds, without the line break at its end.
fn contents(file: &Path) -> Result<String, Problem> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|error| Problem::usage(format!("{}: {error}", printable::path(file))))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Whether uploads can be made with the profile. Nothing is sent.
fn is_usable(path: &Path, text: &str, name: &str, folder: &Path) -> Result<(), Problem> {
    let checked = || {
        let profile = Profiles::parse(text, path)?.get(name)?.with_environment(|variable| env::var_os(variable))?;
        let connection = Connection::take(&profile, None)?;
        let rate = RateControl::new(&crate::args::RateOptions::default())?;
        let tuning = Tuning { patience: Duration::ZERO, window: None, limits: Some(rate.limits()) };
        connection.client(folder, tuning, None)?.put_to(&profile, "/name").map(drop)
    };
    checked().map_err(|problem: Problem| problem.next("Nothing was written."))
}

/// Puts the file in place of the older one, for its owner's eyes alone. A link stays a link.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_owned);
    make(&folder)?;
    // Such a file can be read and written by its owner alone.
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|error| error.error)
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
