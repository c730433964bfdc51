//! The vendors' own SDKs, each in a script that drives the listener.
//!
//! `RESUMABLE_PYTHON` names a Python that has those of `requirements.txt`, `RESUMABLE_NODE` a folder whose `node_modules` has
//! the ones for Node; then they have to be there. Without that, `python3` and `node` are asked, and if they have no such SDK
//! the tests say so and do nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use resumable_emulator::{Config, DiskStorage, Emulator, Listener};
use serde_json::Value;

#[derive(Clone, Copy)]
pub(crate) enum Sdk {
    /// A package of `requirements.txt`.
    Python(&'static str),
    /// A package.
    #[allow(dead_code, reason = "not every vendor has one that is driven here")]
    Node(&'static str),
}

impl Sdk {
    fn variable(self) -> &'static str {
        match self {
            Self::Python(_) => "RESUMABLE_PYTHON",
            Self::Node(_) => "RESUMABLE_NODE",
        }
    }

    /// The program that runs its scripts.
    fn program(self, named: Option<&str>) -> Command {
        match (self, named) {
            (Self::Python(_), named) => Command::new(named.unwrap_or("python3")),
            (Self::Node(_), None) => Command::new("node"),
            (Self::Node(_), Some(folder)) => {
                let mut node = Command::new("node");
                node.env("NODE_PATH", Path::new(folder).join("node_modules"));
                node
            }
        }
    }

    /// What is named for it, or `Err` if it cannot be had, which is said.
    fn find(self) -> Result<Option<String>, ()> {
        let variable = self.variable();
        let named = std::env::var(variable).ok().filter(|name| !name.is_empty());
        let mut look = self.program(named.as_deref());
        let name = match self {
            Self::Python(package) => {
                look.args(["-c", &check_of(package)]);
                package
            }
            Self::Node(package) => {
                look.args(["-e", &format!("require('{package}')")]);
                package
            }
        };
        let why = match look.output() {
            Ok(output) if output.status.success() => return Ok(named),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(named, None, "{variable} has no {name}: {why}");
        let program = look.get_program().display();
        println!("SKIPPED: `{program}` has no such {name} ({}); name what has it in {variable}", why.trim());
        Err(())
    }
}

/// A program that fails unless this very version is there: others were not tried.
fn check_of(package: &str) -> String {
    let pins = include_str!("requirements.txt").lines().filter_map(|line| line.split_once("=="));
    let version = pins.into_iter().find(|(name, _)| *name == package).expect("it is in the list").1;
    format!(
        "import importlib.metadata as m; v = m.version('{package}'); assert v == '{version}', v + ' is not {version}'"
    )
}

/// A listener, an SDK, and a folder for both.
pub(crate) struct Served {
    sdk: Sdk,
    named: Option<String>,
    pub(crate) emulator: Arc<Emulator>,
    listener: Listener,
    folder: tempfile::TempDir,
}

impl Served {
    /// An emulator that is told this, if the SDK can be had.
    pub(crate) fn to(sdk: Sdk, config: Config) -> Option<Self> {
        let named = sdk.find().ok()?;
        let folder = tempfile::tempdir().expect("a folder");
        let storage = DiskStorage::open(folder.path().join("data")).expect("a folder");
        let emulator = Arc::new(Emulator::new(config, Box::new(storage)).expect("an emulator"));
        let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
        Some(Self { sdk, named, emulator, listener, folder })
    }

    /// A service's part of the ready line.
    pub(crate) fn ready(&self, service: &str) -> Value {
        self.emulator.ready_line(&self.listener.base_url())[service].clone()
    }

    /// Runs a script, told what to do and where.
    #[track_caller]
    pub(crate) fn run(&self, script: &str, what: &str, ready: &Value) {
        let mut command = self.sdk.program(self.named.as_deref());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
        command.arg(script).arg(what).arg(ready.to_string()).arg(self.folder.path());
        command.env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A path in the folder; what the emulator keeps is below `data`.
    #[allow(dead_code, reason = "some look through the SDK alone")]
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How often this was asked.
    pub(crate) fn count(&self, op: &str) -> usize {
        self.emulator.log().iter().filter(|entry| entry.op == op).count()
    }
}
