//! The second process: this program's `put`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::{env, io};

use resumable::profile::variable;
use resumable::vendors;
use serde_json::Value;

use super::environment::Environment;
use crate::exit::{Code, Problem};

/// A `put` in a process of its own; killed when it is dropped.
pub(super) struct Put {
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

impl Put {
    /// Starts to upload the file `file` to `path`, at most `rate` bytes per second.
    pub(super) fn start(
        environment: &Environment<'_>,
        file: &str,
        path: &str,
        rate: Option<u64>,
    ) -> Result<Self, Problem> {
        let (output, errors) = (environment.file("put.out"), environment.file("put.err"));
        let start = || {
            let mut command = Command::new(env::current_exe()?);
            command.arg("--config").arg(environment.config()).arg("--state").arg(environment.state());
            command.args(["--json", "put"]);
            command.arg(environment.file(file)).arg(environment.destination(path));
            command.arg("--transport").arg(environment.transport);
            // What a kill may cost is bounded by it.
            command.arg("--window").arg(environment.vendor.window.to_string());
            if let Some(rate) = rate {
                command.arg("--limit-rate").arg(format!("{rate}B"));
            }
            for secret in vendors::secrets() {
                command.env_remove(variable(secret));
            }
            command.stdin(Stdio::null()).stdout(File::create(&output)?).stderr(File::create(&errors)?);
            command.spawn()
        };
        let child = start().map_err(|error| failed(&error))?;
        Ok(Self { child, output, errors })
    }

    /// Whether it has ended, and how.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Problem> {
        self.child.try_wait().map_err(|error| failed(&error))
    }

    /// Ends it at once: SIGKILL.
    pub(super) fn kill(&mut self) -> Result<(), Problem> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|error| failed(&error))
    }

    /// What it said went wrong.
    pub(super) fn trouble(&self, status: ExitStatus) -> Problem {
        let said = fs::read_to_string(&self.errors).unwrap_or_default();
        let problem = Problem::new(Code::Other, format!("the uploading process failed ({status})"));
        said.lines().fold(problem, Problem::next)
    }

    /// A fact of its result.
    pub(super) fn result(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(&self.output).ok()?;
        let mut objects = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        match objects.find(|object| object["event"] == "result")?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn failed(error: &io::Error) -> Problem {
    Problem::new(Code::Other, format!("the uploading process cannot be run: {error}"))
}
