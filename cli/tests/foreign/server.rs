//! A server in a process of its own, on a port of this machine that it chose itself.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

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
    /// The one of this process, which all its tests share, or `None` where it cannot be had: said once.
    pub(crate) fn server(self) -> Option<&'static Server> {
        static MOTO: OnceLock<Option<Server>> = OnceLock::new();
        static RCLONE: OnceLock<Option<Server>> = OnceLock::new();
        static SWIFT: OnceLock<Option<Server>> = OnceLock::new();
        let place = match self {
            Self::Moto => &MOTO,
            Self::Rclone => &RCLONE,
            Self::Swift => &SWIFT,
        };
        place.get_or_init(|| Server::start(self)).as_ref()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
            Self::Rclone => "rclone",
            Self::Swift => "swift",
        }
    }
}

/// A server that runs, with a bucket, as long as this process.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    python: String,
    ready: Value,
    folder: PathBuf,
    /// It ends with its input, and cleans up.
    _child: (Child, ChildStdin),
}

impl Server {
    fn start(kind: Kind) -> Option<Self> {
        let python = python_with(kind)?;
        let folder = tempfile::tempdir().unwrap();
        let errors = File::create(log(folder.path())).unwrap();
        let mut child = script(&python, "server.py")
            .args([kind.name().as_ref(), folder.path().as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).unwrap();
        let said = |folder: &TempDir| fs::read_to_string(log(folder.path())).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no {kind:?}: {}", said(&folder)));
        let server = Self { kind, python, ready, folder: folder.keep(), _child: (child, input) };
        server.ask("bucket", &[]);
        Some(server)
    }

    /// What its line says of it.
    pub(crate) fn ready(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// What the vendor's SDK says, as JSON.
    #[track_caller]
    pub(crate) fn tells(&self, what: &str, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.ask(what, arguments)).unwrap()
    }

    /// What the vendor's SDK prints.
    #[track_caller]
    pub(crate) fn ask(&self, what: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = script(&self.python, "s3.py");
        command.args([&self.ready.to_string(), what]);
        command.args(arguments.iter().map(|it| Value::from(*it).to_string()));
        let output = command.output().unwrap();
        let log = || fs::read_to_string(log(&self.folder)).unwrap();
        let said = || format!("{}\n{}", String::from_utf8_lossy(&output.stderr), log());
        assert!(output.status.success(), "{what} {arguments:?} of {:?}: {}", self.kind, said());
        output.stdout
    }
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
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
