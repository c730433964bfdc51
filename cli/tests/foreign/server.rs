//! A server in a process of its own, on a port of this machine that it chose itself.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const VARIABLE: &str = "RESUMABLE_FOREIGN";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Moto,
    Rclone,
    Swift,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
            Self::Rclone => "rclone",
            Self::Swift => "swift",
        }
    }
}

/// A server that runs until this is dropped, or this process ends.
pub(crate) struct Server {
    kind: Kind,
    python: String,
    ready: Value,
    child: Child,
    /// It ends with its standard input.
    input: Option<ChildStdin>,
    folder: TempDir,
}

impl Server {
    /// Starts one with an empty bucket, or says why it cannot be had.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let python = python_with(kind)?;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut child = script(&python, "server.py")
            .args([kind.name().as_ref(), folder.path().join("data").as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut server = Self { kind, python, ready: Value::Null, child, input, folder };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).unwrap();
        server.ready =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{kind:?} did not start: {}", server.log()));
        server.ask("bucket", &[]);
        Some(server)
    }

    /// A folder for whatever a test needs besides.
    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the vendor's SDK prints.
    #[track_caller]
    pub(crate) fn ask(&self, what: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = script(&self.python, "s3.py");
        command.args([&self.ready.to_string(), what]);
        command.args(arguments.iter().map(|it| Value::from(*it).to_string()));
        let output = command.output().unwrap();
        let said = || format!("{}\n{}", String::from_utf8_lossy(&output.stderr), self.log());
        assert!(output.status.success(), "{what} {arguments:?} of {:?}: {}", self.kind, said());
        output.stdout
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A Python that has this server.
fn python_with(kind: Kind) -> Option<String> {
    let named = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let found = script(&python, "server.py").arg(kind.name()).output();
    let why = match found {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(named, None, "{VARIABLE} has no {}: {why}", kind.name());
    println!("SKIPPED: `{python}` has no {} ({why}); name one that has in {VARIABLE}", kind.name());
    None
}

fn script(python: &str, name: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-W", "ignore"]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(name));
    command.env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    command.stdin(Stdio::null());
    command
}
