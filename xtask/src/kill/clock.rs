//! A wall clock that jumps under the command: a small library that is loaded ahead of the C library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::workspace::Result;

/// The variable that names the file with the offset.
const FILE: &str = "RESUMABLE_KILL_CLOCK";

/// The library, built.
#[derive(Clone, Debug)]
pub(super) struct Clock(PathBuf);

impl Clock {
    /// Builds it, and makes sure that it works.
    ///
    /// # Errors
    /// Why it cannot be had here.
    pub(super) fn build(folder: &Path) -> Result<Self> {
        if !cfg!(all(target_os = "linux", target_env = "gnu")) {
            return Err("only programs that are linked to glibc can be given another clock".to_owned());
        }
        let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
        fs::write(&source, include_str!("clock.c")).map_err(|error| error.to_string())?;
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source);
        let done = compiler.output().map_err(|error| format!("cc: {error}"))?;
        if !done.status.success() {
            return Err(format!("cc: {}", String::from_utf8_lossy(&done.stderr).trim_end()));
        }
        let clock = Self(library);
        clock.try_out(&folder.join("offset"))?;
        Ok(clock)
    }

    /// Runs a command with this clock, which follows a file.
    pub(super) fn give(&self, command: &mut Command, offset: &Path) {
        command.env("LD_PRELOAD", &self.0).env(FILE, offset);
    }

    fn try_out(&self, offset: &Path) -> Result<()> {
        const DAY: i64 = 86_400;
        set(offset, -DAY)?;
        let mut date = Command::new("date");
        date.arg("+%s").stdin(Stdio::null());
        self.give(&mut date, offset);
        let told = date.output().map_err(|error| format!("date: {error}"))?;
        let told: i64 = String::from_utf8_lossy(&told.stdout).trim().parse().map_err(|_| "date tells no time")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let expected = i64::try_from(now).map_err(|error| error.to_string())? - DAY;
        if (told - expected).abs() < 60 { Ok(()) } else { Err("date is not deceived".to_owned()) }
    }
}

/// From now on the clocks that follow this file are off by so many seconds.
pub(super) fn set(offset: &Path, seconds: i64) -> Result<()> {
    let aside = offset.with_extension("new");
    let written = fs::write(&aside, seconds.to_string()).and_then(|()| fs::rename(&aside, offset));
    written.map_err(|error| format!("{}: {error}", offset.display()))
}
