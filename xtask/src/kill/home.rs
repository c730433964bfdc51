//! A home for the command: its file, its configuration, its state; and its runs.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::clock::{self, Clock};
use super::disk::Disk;
use super::draw::Round;
use super::server::signal_to;
use super::vendor::Vendor;
use crate::private;
use crate::workspace::Result;

/// How much faster the command's own clock is: its pauses and its pace need not be waited for. Its wall clock is the real one.
const RATE: &str = "20";
/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(180);
const LOOKED: Duration = Duration::from_millis(1);
/// A younger file may be written to within the tick of its time, so no record of it is believed without a look into it.
const AGE: Duration = Duration::from_millis(2500);
/// Where the file goes.
pub(super) const OBJECT: &str = "kill/file.bin";

pub(super) struct Home {
    /// Dropped before the folder that it is in.
    pub(super) disk: Option<Disk>,
    folder: TempDir,
    program: PathBuf,
    transport: &'static str,
    arguments: Vec<String>,
    clock: Option<Clock>,
    /// How many runs there were.
    runs: u64,
    made: Instant,
}

/// A command that runs; killed when it is dropped.
pub(super) struct Run {
    child: Child,
    output: PathBuf,
    errors: PathBuf,
    pub(super) begun: Instant,
}

impl Home {
    /// A home with the round's file. With `full` its state is on a disk that can be full, with a clock its wall clock can jump.
    pub(super) fn make(folder: &Path, program: &Path, round: &Round, full: bool, clock: Option<Clock>) -> Result<Self> {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        let home = tempfile::Builder::new().prefix("round-").tempdir_in(folder).map_err(failed)?;
        for name in ["disk", "tmp", "data"] {
            fs::create_dir(home.path().join(name)).map_err(failed)?;
        }
        let disk = full.then(|| Disk::mount(&home.path().join("disk"))).transpose()?;
        let mut content = vec![0; usize::try_from(round.size).map_err(|error| error.to_string())?];
        Rng::with_seed(round.content).fill(&mut content);
        fs::write(home.path().join("file.bin"), content).map_err(failed)?;
        clock::set(&home.path().join("offset"), 0)?;
        let mut arguments = vec!["--json".to_owned(), "--window".to_owned(), round.window.to_string()];
        if let Some(rate) = round.rate {
            arguments.extend(["--limit-rate".to_owned(), format!("{}k", rate.div_ceil(1000))]);
        }
        let transport = round.transport;
        Ok(Self {
            disk,
            folder: home,
            program: program.to_owned(),
            transport,
            arguments,
            clock,
            runs: 0,
            made: Instant::now(),
        })
    }

    /// Waits until the file has been left alone for long enough.
    pub(super) fn ripen(&self) {
        thread::sleep(AGE.saturating_sub(self.made.elapsed()));
    }

    /// Writes the profile `emu`, which leads to this emulator.
    pub(super) fn configure(&self, vendor: &Vendor, round: &Round, endpoint: &str, ca: Option<&Path>) -> Result<()> {
        let ca = ca.map(|path| format!("ca_file = '{}'\n", path.display())).unwrap_or_default();
        let (name, account, choice) = (vendor.name, vendor.profile(), round.choice);
        let text = format!("[profiles.emu]\nprotocol = '{name}'\nendpoint = '{endpoint}'\n{account}{ca}{choice}\n");
        private::write(&self.path("config.toml"), &text).map_err(|error| format!("config.toml: {error}"))
    }

    /// Starts the upload.
    pub(super) fn put(&mut self) -> Result<Run> {
        let mut words = vec!["put".to_owned(), self.path("file.bin").display().to_string(), format!("emu:/{OBJECT}")];
        words.extend(self.arguments.iter().cloned());
        words.extend(["--transport".to_owned(), self.transport.to_owned()]);
        self.start(&words)
    }

    /// Starts any command.
    pub(super) fn start(&mut self, words: &[String]) -> Result<Run> {
        self.runs += 1;
        let (output, errors) = (self.path(&format!("out-{}", self.runs)), self.path(&format!("err-{}", self.runs)));
        let create = |path: &Path| File::create(path).map_err(|error| format!("{}: {error}", path.display()));
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.path("config.toml")).arg("--state").arg(self.state()).args(words);
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("RESUMABLE_") {
                command.env_remove(variable);
            }
        }
        command.env("RESUMABLE_TEST_CLOCK_RATE", RATE).env("TMPDIR", self.path("tmp"));
        if let Some(clock) = &self.clock {
            clock.give(&mut command, &self.path("offset"));
        }
        command.stdin(Stdio::null()).stdout(create(&output)?).stderr(create(&errors)?);
        let child = command.spawn().map_err(|error| format!("{} did not start: {error}", self.program.display()))?;
        Ok(Run { child, output, errors, begun: Instant::now() })
    }

    /// Whether its wall clock can jump.
    pub(super) fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// From now on the command's wall clock is off by so many seconds.
    pub(super) fn jump(&self, seconds: i64) -> Result<()> {
        clock::set(&self.path("offset"), seconds)
    }

    /// What the runs printed, as far as they came: the JSON objects of this event.
    pub(super) fn events(&self, name: &str) -> Vec<Value> {
        let texts = (1..=self.runs).filter_map(|run| fs::read_to_string(self.path(&format!("out-{run}"))).ok());
        let all: Vec<String> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        all.iter().filter_map(|line| serde_json::from_str(line).ok()).filter(|it: &Value| it["event"] == name).collect()
    }

    /// What any of the runs said on standard error.
    pub(super) fn errors(&self) -> String {
        let texts = (1..=self.runs).filter_map(|run| fs::read_to_string(self.path(&format!("err-{run}"))).ok());
        texts.collect()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.path("disk/state")
    }

    /// Leaves the folder where it is, for a person to look at.
    pub(super) fn keep(self) -> PathBuf {
        if let Some(disk) = &self.disk {
            let _ = disk.copy(&self.path("disk-at-end"));
        }
        self.folder.keep()
    }
}

impl Run {
    /// Whether it has ended.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|error| error.to_string())
    }

    /// Waits for its end.
    pub(super) fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            self.must_not_hang()?;
            thread::sleep(LOOKED);
        }
    }

    /// # Errors
    /// When it has run for longer than anything takes.
    pub(super) fn must_not_hang(&self) -> Result<()> {
        if self.begun.elapsed() < LONGEST {
            return Ok(());
        }
        Err(format!("the command hangs for {LONGEST:?}: {}", self.said()))
    }

    /// Ends it as the system does when memory is short.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.child.kill().map_err(|error| error.to_string())?;
        self.child.wait().map(drop).map_err(|error| error.to_string())
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        signal_to(&self.child, signal)
    }

    /// The last of what it said, on both outputs.
    pub(super) fn said(&self) -> String {
        let tail = |path: &Path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(4)..].join("\n")
        };
        format!("{}\n{}", tail(&self.output), tail(&self.errors))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
