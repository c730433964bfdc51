//! The process that is killed in the middle of its upload.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use clap::ValueEnum as _;
use resumable::blocking::Client;
use resumable::file::Folder;
use resumable::profile::Profile;

use crate::args::{Global, Live};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long it may take until something is stored.
const LONGEST: Duration = Duration::from_secs(600);

/// Uploads until some of the file is stored, and then waits to be killed. It ends with the process that started it.
///
/// # Errors
/// Whatever ended the upload.
pub(super) fn run(client: &Client, profile: &Profile, file: &Path, path: &str) -> Result<(), Problem> {
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(i32::from(Code::Interrupted as u8));
    });
    let put = client.put_to(profile, path)?.file(file);
    let handle = put.handle();
    let put = put.on_progress(move |progress| {
        if progress.confirmed > 0 && progress.confirmed < progress.total {
            handle.pause();
        }
    });
    put.send().map(drop).map_err(Problem::from)
}

/// It, as the process that kills it has it. Killed when it is dropped.
pub(super) struct Victim {
    child: Child,
    checkpoints: PathBuf,
}

impl Victim {
    /// Starts it.
    pub(super) fn start(
        args: &Live,
        global: &Global,
        file: &Path,
        path: &str,
        checkpoints: &Path,
    ) -> Result<Self, Problem> {
        let start = || {
            let mut command = Command::new(env::current_exe()?);
            global.config.iter().for_each(|config| {
                command.arg("--config").arg(config);
            });
            global.state.iter().for_each(|state| {
                command.arg("--state").arg(state);
            });
            command.arg("live").arg(&args.profile).arg("--victim").arg(file).arg(path).arg(checkpoints);
            if let Some(kind) = args.transport.and_then(|kind| kind.to_possible_value()) {
                command.arg("--transport").arg(kind.get_name());
            }
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn()
        };
        let child = start().map_err(|error| failed(&error))?;
        Ok(Self { child, checkpoints: checkpoints.to_owned() })
    }

    /// Kills it once some of the file is stored, and says how many bytes. `None` if it had ended before.
    pub(super) fn kill_half_way(mut self, interrupt: &Interrupt) -> Result<Option<u64>, Problem> {
        let begun = Instant::now();
        loop {
            if let Some(stored) = self.stored() {
                self.kill()?;
                return Ok(Some(stored));
            }
            if self.child.try_wait().map_err(|error| failed(&error))?.is_some() {
                return Ok(None);
            }
            super::go_on(interrupt)?;
            if begun.elapsed() > LONGEST {
                return Err(Problem::new(Code::Other, "nothing was stored within 10 minutes"));
            }
            thread::sleep(LOOK);
        }
    }

    fn stored(&self) -> Option<u64> {
        let listed = Folder::new(&self.checkpoints).list().ok()?;
        let confirmed = listed.iter().filter_map(|one| Some(one.content.as_ref().ok()?.1.confirmed));
        confirmed.filter(|confirmed| *confirmed > 0).max()
    }

    /// At once: SIGKILL.
    fn kill(&mut self) -> Result<(), Problem> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|error| failed(&error))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn failed(error: &io::Error) -> Problem {
    Problem::new(Code::Other, format!("the process that is to be killed cannot be run: {error}"))
}
