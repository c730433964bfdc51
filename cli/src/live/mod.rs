//! `resumable live`: tries a real account with small files, and writes down what the vendor does.
//!
//! ```text
//! cost, and a yes ─► put ─► put in parts, kill -9 ─► resume ─► verify ─► the same content ─► the same name ─► abort ─► report
//! ```
//!
//! Checkpoints are in a temporary folder. Tokens of 115 stay where they are: a refresh token works once.

mod recorder;
mod report;
mod vendors;
mod victim;

use std::error::Error;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs};

use resumable::blocking::{Client, Put};
use resumable::file::private;
use resumable::machine::Remains;
use resumable::profile::{Profile, Profiles};
use resumable::transports::{TransportKind, blocking_transport};
use resumable::units::show_size;
use resumable::{Abandoned, ErrorKind, Event, How, Receipt};
use tempfile::TempDir;

use self::recorder::{Facts, Recorder};
use self::report::Step;
use self::vendors::Vendor;
use self::victim::Victim;
use crate::args::{Global, Live};
use crate::clock::clock;
use crate::exit::{Code, Problem, code_of};
use crate::interrupt::Interrupt;
use crate::{abort, printable, profile, say, state};

/// The length of a small file, in bytes.
const SMALL: u64 = 4096;
/// For how long an outage is sat out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries it.
///
/// # Errors
/// When a step failed, or the report could not be written.
pub(crate) fn run(args: &Live, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let (name, root) = args.profile.split_once(':').unwrap_or((&args.profile, ""));
    let profile = profile::get(&profile::load(global.config.as_deref())?, name)?;
    let tokens = state::folder(global.state.as_deref())?.join("tokens");
    let vendor = vendor_of(&profile, &tokens)?;
    let profile = with_small_parts(vendor, name, global)?;
    let facts = Facts::default();
    if let Some([file, path, checkpoints]) = args.victim.as_deref() {
        let client = client(vendor, &profile, args, &tokens, checkpoints, &facts)?;
        return victim::run(&client, &profile, file, &path.to_string_lossy());
    }
    agree(vendor, name, args.yes)?;
    let made = || {
        let folder = tempfile::Builder::new().prefix("resumable-live-").tempdir()?;
        private::make_folder(&folder.path().join("state"))?;
        Ok(folder)
    };
    let folder: TempDir =
        made().map_err(|error: io::Error| Problem::new(Code::Other, format!("no temporary folder: {error}")))?;
    let seed = RandomState::new().build_hasher().finish();
    let root = format!("{}/resumable-live-{:08x}", root.trim_end_matches('/'), seed & 0xffff_ffff);
    let client = client(vendor, &profile, args, &tokens, &folder.path().join("state"), &facts)?;
    let trial = Trial { args, global, interrupt, vendor, profile: &profile, client, facts, folder, root, seed };
    interrupt.arm(|| say::err("Stopping after this step… press Ctrl-C again to quit immediately"));
    trial.run(name)
}

/// Fails once it was interrupted.
fn go_on(interrupt: &Interrupt) -> Result<(), Problem> {
    if interrupt.asked() { Err(Problem::new(Code::Interrupted, "stopped")) } else { Ok(()) }
}

fn vendor_of(profile: &Profile, tokens: &Path) -> Result<&'static Vendor, Problem> {
    let nowhere = Client::builder().store(resumable::MemoryStore::new()).tokens(tokens).build()?;
    let protocol = nowhere.put_to(profile, "/resumable-live")?.protocol();
    Vendor::of(protocol).ok_or_else(|| Problem::usage(format!("{protocol} cannot be tried yet")))
}

/// The same profile, with parts that are as small as the vendor lets them be. Nothing of it is written anywhere.
fn with_small_parts(vendor: &Vendor, name: &str, global: &Global) -> Result<Profile, Problem> {
    let file = global.config.clone().map_or_else(state::default_config, Ok)?;
    let unusable = |error: &dyn Error| Problem::usage(format!("{}: {error}", printable::path(&file)));
    let text = fs::read_to_string(&file).map_err(|error| unusable(&error))?;
    let mut config: toml::Table = text.parse().map_err(|error: toml::de::Error| unusable(&error))?;
    let profiles = config.get_mut("profiles").and_then(toml::Value::as_table_mut);
    if let Some(profile) = profiles.and_then(|profiles| profiles.get_mut(name)?.as_table_mut()) {
        profile.extend(vendor.keys.iter().map(|(key, text)| ((*key).to_owned(), toml::Value::from(*text))));
    }
    let profile = Profiles::parse(&config.to_string(), &file)?.get(name)?;
    Ok(profile.with_environment(|variable| env::var_os(variable))?)
}

/// What it costs, and whether a person wants that.
fn agree(vendor: &Vendor, name: &str, yes: bool) -> Result<(), Problem> {
    let most = 4 * vendor.parts_len + 4 * SMALL;
    say::err(format!(
        "This sends up to {} to the account of profile \"{}\" ({}), in about {} requests, and leaves a few small files there.",
        show_size(most),
        printable::text(name),
        vendor.name,
        vendor.requests,
    ));
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Problem::usage("nobody is here to agree").next("Add --yes to agree."));
    }
    say::err("Continue? [y/N]");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Problem::new(Code::Interrupted, "nothing was sent")),
    }
}

fn client(
    vendor: &Vendor,
    profile: &Profile,
    args: &Live,
    tokens: &Path,
    checkpoints: &Path,
    facts: &Facts,
) -> Result<Client, Problem> {
    let connection = profile.connection()?;
    let kind = args.transport.map(TransportKind::from).or(connection.transport).unwrap_or_default();
    let carrier = blocking_transport(connection.config.clone(), kind).map_err(Problem::usage)?;
    let builder = Client::builder().connection(&connection).checkpoints(checkpoints).tokens(tokens);
    let recorder = Recorder::new(carrier, vendor.observe, facts.clone());
    Ok(builder.transport(recorder).window(1).patience(PATIENCE).clock(clock()).build()?)
}

/// One run.
struct Trial<'a> {
    args: &'a Live,
    global: &'a Global,
    interrupt: &'a Interrupt,
    vendor: &'static Vendor,
    profile: &'a Profile,
    client: Client,
    facts: Facts,
    folder: TempDir,
    /// The folder of this run at the vendor.
    root: String,
    seed: u64,
}

/// A step: its name, and what it does.
type Work<'a> = (&'static str, fn(&Trial<'a>) -> Result<String, Problem>);

impl<'a> Trial<'a> {
    fn run(&self, name: &str) -> Result<(), Problem> {
        let mut steps = Vec::new();
        let mut failed = None;
        for (name, work) in self.steps() {
            let result = go_on(self.interrupt).and_then(|()| work(self));
            say::note(&match &result {
                Ok(what) => format!("{name}: {what}"),
                Err(problem) => format!("{name}: failed: {problem}"),
            });
            let told = result.as_ref().map(String::clone).map_err(|problem| printable::text(&problem.to_string()));
            steps.push(Step { name, result: told });
            if let Err(problem) = result {
                failed = Some(problem);
                break;
            }
        }
        let path = self.args.report.clone().unwrap_or_else(|| PathBuf::from(format!("resumable-live-{name}.md")));
        let text = report::text(self.vendor, &steps, &self.facts.settled(), &self.stays());
        let written = fs::write(&path, text);
        let shown = printable::path(&path);
        written.map_err(|error| Problem::new(Code::Other, format!("{shown} cannot be written: {error}")))?;
        say::result(&[format!("report:   {shown}"), format!("requests: {}", self.facts.requests())])?;
        failed.map_or(Ok(()), Err)
    }

    fn steps(&self) -> Vec<Work<'a>> {
        let mut steps: Vec<Work<'a>> = vec![
            ("upload a small file", Self::small),
            ("upload in parts, kill, resume", Self::kill_and_resume),
            ("verify", Self::verify),
            ("upload the same content again", Self::again),
        ];
        if self.vendor.has_places {
            steps.push(("upload other content under the same name", Self::taken));
            steps.push(("upload an empty file", Self::empty));
        }
        steps.push(("cancel an upload in the middle", Self::cancel));
        steps
    }

    /// A file of random bytes, the same in each run for the same number.
    fn file(&self, len: u64, number: u64) -> Result<PathBuf, Problem> {
        let unusable = |error| Problem::new(Code::Other, format!("a temporary file cannot be written: {error}"));
        let path = self.folder.path().join(format!("{number}.bin"));
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        fastrand::Rng::with_seed(self.seed ^ number).fill(&mut bytes);
        fs::write(&path, bytes).map_err(unusable)?;
        Ok(path)
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.root)
    }

    fn put(&self, file: &Path, name: &str) -> Result<Put, Problem> {
        Ok(self.client.put_to(self.profile, &self.path(name))?.file(file))
    }

    fn small(&self) -> Result<String, Problem> {
        let receipt = self.put(&self.file(SMALL, 1)?, "small.bin")?.send().map_err(|error| told(&error))?;
        Ok(format!("{}, {}", show_size(SMALL), how(&receipt)))
    }

    fn kill_and_resume(&self) -> Result<String, Problem> {
        let (len, file) = (self.vendor.parts_len, self.file(self.vendor.parts_len, 2)?);
        let path = self.path("parts.bin");
        let victim = Victim::start(self.args, self.global, &file, &path, &self.folder.path().join("state"))?;
        let killed = victim.kill_half_way(self.interrupt)?;
        let restarted = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&restarted);
        let put = self.put(&file, "parts.bin")?.on_event(move |event| {
            if matches!(event, Event::Machine(resumable::machine::Event::Restarting { .. })) {
                seen.store(true, Ordering::Relaxed);
            }
        });
        let handle = put.handle();
        let receipt = put.send().map_err(|error| told(&error))?;
        let progress = handle.progress();
        let Some(stored) = killed else { return Ok(format!("{}; it was too fast to be killed", how(&receipt))) };
        let anew = restarted.load(Ordering::Relaxed);
        self.facts.settle("resume_object", if anew { "fresh" } else { "same" });
        let sent = progress.stats.bytes_sent;
        let end = if anew { ", begun anew" } else { "" };
        Ok(format!(
            "killed with {} of {} stored; {} sent after that{end}",
            show_size(stored),
            show_size(len),
            show_size(sent)
        ))
    }

    fn verify(&self) -> Result<String, Problem> {
        let verified = match self.put(&self.folder.path().join("2.bin"), "parts.bin")?.verify() {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                return Ok("this vendor cannot be asked".to_owned());
            }
            verified => verified.map_err(|error| told(&error))?,
        };
        match verified.map(|verified| verified.is_same()) {
            Some(Some(true)) => Ok("the same content".to_owned()),
            Some(Some(false)) => Err(Problem::new(Code::Integrity, "the content differs")),
            Some(None) => Ok("it is there; the vendor tells no digest".to_owned()),
            None => Ok("the vendor does not show it yet".to_owned()),
        }
    }

    fn again(&self) -> Result<String, Problem> {
        let receipt = self.put(&self.folder.path().join("2.bin"), "again.bin")?.send().map_err(|error| told(&error))?;
        let instant = receipt.how == How::Instant;
        self.facts.settle("instant_upload", instant.to_string());
        if instant {
            // Where there is one, it was seen by now.
            self.facts.settle("challenge", "never");
        }
        Ok(how(&receipt))
    }

    fn taken(&self) -> Result<String, Problem> {
        match self.put(&self.file(SMALL, 3)?, "small.bin")?.send() {
            Ok(receipt) => {
                let name = receipt.rows.iter().find(|(row, _)| row == "name").map(|(_, name)| name.as_str());
                if let Some(name) = name {
                    self.facts.settle("name_taken", if name == "small.bin" { "replace" } else { "number" });
                }
                Ok(format!("{}; its name: {}", how(&receipt), printable::text(name.unwrap_or("small.bin"))))
            }
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Exists) => {
                Ok("refused: something is there".to_owned())
            }
            Err(error) => Err(told(&error)),
        }
    }

    fn empty(&self) -> Result<String, Problem> {
        match self.put(&self.file(0, 4)?, "empty.bin")?.send() {
            Ok(receipt) => {
                self.facts.settle("empty_file", if receipt.how == How::Instant { "instant" } else { "bytes" });
                Ok(how(&receipt))
            }
            Err(error) if error.kind() == ErrorKind::Refused => Ok("refused".to_owned()),
            Err(error) => Err(told(&error)),
        }
    }

    fn cancel(&self) -> Result<String, Problem> {
        let file = self.file(self.vendor.parts_len, 5)?;
        let put = self.put(&file, "cancelled.bin")?;
        let handle = put.handle();
        let put = put.on_progress(move |progress| {
            if progress.confirmed > 0 && progress.confirmed < progress.total {
                handle.stop();
            }
        });
        match put.send() {
            Err(error) if error.kind() == ErrorKind::Stopped => {}
            Err(error) => return Err(told(&error)),
            Ok(_) => return Ok("it was too fast to be cancelled".to_owned()),
        }
        let left = match self.put(&file, "cancelled.bin")?.abandon().map_err(|error| told(&error))? {
            Abandoned::Left(remains) => abort::words(remains),
            Abandoned::Complete(_) => abort::words(Remains::Object),
            _ => abort::words(Remains::Nothing),
        };
        Ok(format!("left at the vendor: {left}"))
    }

    /// What nobody can delete with this program.
    fn stays(&self) -> String {
        let where_it_is = if self.vendor.has_places {
            format!("in the folder `{}`", printable::text(&self.root))
        } else {
            "where the vendor keeps them; it gives files names of its own".to_owned()
        };
        format!("This program deletes no finished files. The ones of this run are {where_it_is}.")
    }
}

/// What went wrong, with the exit code that `put` would have. Nobody can resume what is kept in a temporary folder.
fn told(error: &resumable::Error) -> Problem {
    let Some(failure) = error.failure() else { return Problem::from(error) };
    let what = printable::text(&error.cause().to_string());
    error.advice().iter().fold(Problem::new(code_of(failure), what), Problem::next)
}

fn how(receipt: &Receipt) -> String {
    match receipt.how {
        How::Instant => "instant: the vendor had the content",
        How::OneRequest => "in one request",
        How::Parts => "in parts",
        How::AlreadyThere => "it was there already",
        _ => "done",
    }
    .to_owned()
}
